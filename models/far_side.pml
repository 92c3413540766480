/* One command that is delivered with a receipt: the drivers and their journals here, the host, its disk and its reboots.
 *
 * Two drivers: the second works on a copy of the first one's journal, from any moment on, so no lock here protects the
 * host. A driver and its runner are one process, which may die after each step and is resumed; then it asks the host.
 * A starter is what a delivery becomes on the host: a keeper, which holds the lock and writes the result, and its child,
 * which makes the decision and becomes the command. Each may be killed alone; what links for a child outlives that. All of it is one loop of guarded steps, as
 * in run.pml. The names in brackets are those in library/tasker/execution/receipts/far_script.py.
 *
 * Why a claim cannot be voided while its child still comes to the lock: nobody voids a claim. What starts and what voids
 * make the same name, `decision`, by link(2), which only one of them can, and both read it back. The child does that as
 * its last step before exec, however long it took to come there and whether or not its keeper still lives. A child that
 * reads anything but its own nonce ends. The lock protects no start: it shows that a keeper lives that will write a
 * result, also after its child has ended, and so it is held before there can be a decision.
 *
 * Assumed: link(2) is atomic, and a name that was synced outlives a power cut where the home does. A killed process
 * loses its lock. A pid with the start time of its process is never used again within a boot. All starters and questions
 * of a delivery reach the same home (a name that leads to several hosts needs receipts = "never"). A command ends: the
 * host keeps its deadline. An unknown is final: no operator orders another start. A delivery in flight may arrive at any
 * later time, also after a reboot of a host whose home outlives it.
 * Two copies of a run are not resumed over a reboot of a host whose home does not outlive it.
 *
 * A fault is planted with -DNAME; `make model` checks that each one is found, and that without any nothing is.
 *   VOID_IN_TWO_STEPS     who voids looks, and then writes; who starts does so too: the draft that doubled 42 of 600
 *   EXEC_BEFORE_DECISION  the command begins before the decision
 *   EXEC_BEFORE_SYNC      the command begins before the decision is on the host's disk
 *   VOID_NOT_SYNCED       who voids answers before the void is on the host's disk
 *   DECIDE_BEFORE_LOCK    the decision is made before the keeper holds the lock
 *   NO_NONCE              who reads a start back takes it for its own
 *   TOLD_BEFORE_RESULT    the result is sent before it is on the host's disk
 *   DENIED_BEFORE_VOID    a keeper whose child ended without a decision says that nothing started, and does not void
 *   LOOK_ONCE             who asks reads the result, then tries the lock, and does not read the result again
 *   RESULT_BEFORE_SYNC    the result of a child that was killed is kept before its decision is on the host's disk
 *   ONE_BOOT              who asks looks for decisions of the present boot alone
 *   FORGETFUL_HOME        who asks takes a home that was lost with a reboot for one in which nothing was decided
 *   PID_ALONE             a process counts as alive by its pid, which another one may have by now
 *   VOIDED_SENT_AGAIN     a voided delivery is sent again
 *   SEND_BEFORE_SYNC      the next delivery is sent before the void and its intent are on disk here
 */
#ifndef DEATHS
#define DEATHS 3        /* of drivers */
#endif
#ifndef KILLS
#define KILLS 2         /* of processes on the host */
#endif
#ifndef REBOOTS
#define REBOOTS 1
#endif
#define D 2             /* deliveries that a journal may come to */

mtype = { None, Start, Void };                                    /* the decision of a delivery */
mtype = { Off, Live, Dead, Done, Stopped };                       /* a driver */
mtype = { Idle, Intent, Ready, Sent, Heard, Logged, Ask, NoResult, LockFree, Saw, Voided, Wait, Next }; /* what it is about */
mtype = { Nowhere, Flying, Came, Locked, Decided, Synced, Runs, Ended, Kept, Gone, Cut, Refused };   /* a starter: its child */

mtype driver[2]; mtype about[2];
byte made[2], made_synced[2]; bool result[2], result_synced[2];   /* the journals: deliveries and a result; what is on disk */
mtype starter[4]; bool keeper[4], locks[4], sent[4];                        /* S(d, k): of delivery d, sent by driver k */
bool late[4];               /* its child is dead, but the program that links for it is still on its way */
mtype decision[D]; byte nonce[D]; byte boot_of[D]; bool decision_synced[D], kept[D];   /* the disk there */
byte effects; bool begun[D], denied[D], told[D], cut_short[D], reused[D];    /* what is true */
bool persists;              /* does the home outlive a reboot? */
bool marked, token;         /* is there something of ours in the home? of an earlier boot? */
bool seen_here[D];          /* an intent of this delivery was made in the present boot */
byte boot, deaths, kills;

#define S(d, k) ((d) * 2 + (k))
#define OF(k) (made[k] - 1)                                       /* the delivery that a driver is about */
#define HOLDS(s) (keeper[s] && locks[s])
#define HELD(d) (HOLDS(S(d, 0)) || HOLDS(S(d, 1)))
#define LIVES(s) (starter[s] == Decided || starter[s] == Synced || starter[s] == Runs)
#define CHILD_LIVES(d) (LIVES(S(d, 0)) || LIVES(S(d, 1)))

/* The faults, as parts of the steps below. */
#ifdef NO_NONCE
#define MINE(d, k) (decision[d] == Start)
#else
#define MINE(d, k) (decision[d] == Start && nonce[d] == k)
#endif
#ifdef DECIDE_BEFORE_LOCK
#define LATE_LOCK(s) \
  :: atomic { starter[s] == Came && keeper[s] -> starter[s] = Locked } \
  :: atomic { starter[s] != Came && keeper[s] && !locks[s] -> locks[s] = true }
#else
#define LATE_LOCK(s)
#endif
#ifdef TOLD_BEFORE_RESULT
#define CAN_TELL(s) (starter[s] == Kept || (starter[s] == Ended && keeper[s]))
#else
#define CAN_TELL(s) (starter[s] == Kept)
#endif
#ifdef EXEC_BEFORE_SYNC
#define MAY_RUN(s) (starter[s] == Decided || starter[s] == Synced)
#else
#define MAY_RUN(s) (starter[s] == Synced)
#endif
#ifdef PID_ALONE
#define SEEMS_ALIVE(d) (CHILD_LIVES(d) || reused[d])
#else
#define SEEMS_ALIVE(d) CHILD_LIVES(d)
#endif
#ifdef RESULT_BEFORE_SYNC
#define MAY_KEEP(d) true
#else
#define MAY_KEEP(d) decision_synced[d]
#endif
#ifdef DENIED_BEFORE_VOID
#define MAY_REFUSE(d) (decision[d] == None || decision[d] == Void)
#else
#define MAY_REFUSE(d) (decision[d] == Void)
#endif
#ifdef LOOK_ONCE
#define KEPT_NOW(d) false
#else
#define KEPT_NOW(d) kept[d]
#endif
#ifdef ONE_BOOT
#define NOTHING(d) (decision[d] == None || boot_of[d] != boot)
#else
#define NOTHING(d) (decision[d] == None)
#endif
#ifdef FORGETFUL_HOME
#define HOME_IS_WHOLE(d) true
#else
#define HOME_IS_WHOLE(d) (seen_here[d] || token)
#endif
#ifdef VOID_NOT_SYNCED
#define VOID_SYNC(k) skip
#else
#define VOID_SYNC(k) decision_synced[OF(k)] = true
#endif
#ifdef SEND_BEFORE_SYNC
#define IS_READY(k) (about[k] == Ready || (about[k] == Intent && made[k] > 1))
#else
#define IS_READY(k) (about[k] == Ready)
#endif

inline begins(d) { effects++; begun[d] = true; assert(effects <= 1) }
/* What driver k does. A verdict is an assert: it has to be true. */
inline is_never(d, k) { denied[d] = true; assert(!begun[d]); assert(!told[d] || boot > 0); about[k] = Next }
inline is_ended(d, k) { assert(!CHILD_LIVES(d)); result[k] = true; about[k] = Logged }
inline is_running(d, k) { assert(CHILD_LIVES(d) || HELD(d)); about[k] = Wait }
inline is_unknown(d, k) { assert(cut_short[d] || boot > 0); assert(!told[d] || boot > 0); driver[k] = Stopped; about[k] = Idle }

#ifdef VOID_IN_TWO_STEPS
#define VOIDS(k) \
  :: atomic { ASKS(k) && decision[OF(k)] == None -> about[k] = Saw } \
  :: atomic { driver[k] == Live && about[k] == Saw -> decision[OF(k)] = Void; is_never(OF(k), k) }
#define DECIDES(d, k) \
  :: atomic { starter[S(d, k)] == Locked && decision[d] != None -> starter[S(d, k)] = Gone; keeper[S(d, k)] = false } \
  :: atomic { starter[S(d, k)] == Locked && decision[d] == None -> starter[S(d, k)] = Decided } \
  :: atomic { starter[S(d, k)] == Decided -> decision[d] = Start; nonce[d] = k; boot_of[d] = boot; decision_synced[d] = true; \
       starter[S(d, k)] = Synced }
#else
#define VOIDS(k) \
  :: atomic { ASKS(k) && NOTHING(OF(k)) && HOME_IS_WHOLE(OF(k)) -> /* [void] */ \
       decision[OF(k)] = Void; boot_of[OF(k)] = boot; decision_synced[OF(k)] = false; marked = true; about[k] = Voided } \
  :: atomic { ASKS(k) && NOTHING(OF(k)) && !HOME_IS_WHOLE(OF(k)) -> is_unknown(OF(k), k) /* [home] */ }
#define DECIDES(d, k) \
  :: atomic { starter[S(d, k)] == Locked -> /* [decide] */ \
       if :: decision[d] == None -> decision[d] = Start; nonce[d] = k; boot_of[d] = boot; decision_synced[d] = false \
          :: else fi; \
       if :: MINE(d, k) -> starter[S(d, k)] = Decided \
          :: else -> starter[S(d, k)] = Gone; keeper[S(d, k)] = false fi } \
  :: atomic { starter[S(d, k)] == Decided -> decision_synced[d] = true; starter[S(d, k)] = Synced /* [sync] */ }
#endif

#define ASKS(k) (driver[k] == Live && about[k] == Ask)
#define DRIVER(k) \
  :: atomic { driver[k] == Live && (about[k] == Idle || about[k] == Next) && made[k] < D -> made[k]++; \
       if :: sent[S(OF(k), 0)] || sent[S(OF(k), 1)] :: else -> seen_here[OF(k)] = true fi; about[k] = Intent } \
  :: atomic { driver[k] == Live && about[k] == Next && made[k] == D -> driver[k] = Stopped; about[k] = Idle } \
  :: atomic { driver[k] == Live && about[k] == Intent -> made_synced[k] = made[k]; about[k] = Ready } \
  :: atomic { driver[k] == Live && IS_READY(k) -> assert(!sent[S(OF(k), k)]); sent[S(OF(k), k)] = true; \
       starter[S(OF(k), k)] = Flying; about[k] = Sent } \
  :: atomic { driver[k] == Live && about[k] == Sent && CAN_TELL(S(OF(k), k)) -> told[OF(k)] = true; about[k] = Heard } \
  :: atomic { driver[k] == Live && about[k] == Sent && starter[S(OF(k), k)] == Refused -> is_never(OF(k), k) } \
  :: atomic { driver[k] == Live && about[k] == Sent -> about[k] = Ask /* the line is lost, or another decision was found */ } \
  :: atomic { driver[k] == Live && about[k] == Heard -> is_ended(OF(k), k) } \
  :: atomic { driver[k] == Live && about[k] == Logged -> result_synced[k] = true; driver[k] = Done; about[k] = Idle } \
  VOIDS(k) \
  :: atomic { ASKS(k) && decision[OF(k)] == Void -> about[k] = Voided } \
  :: atomic { driver[k] == Live && about[k] == Voided -> VOID_SYNC(k); is_never(OF(k), k) /* [sync] */ } \
  :: atomic { ASKS(k) && decision[OF(k)] == Start && !NOTHING(OF(k)) -> /* [look] */ \
       if :: kept[OF(k)] -> is_ended(OF(k), k) \
          :: !kept[OF(k)] && boot_of[OF(k)] != boot -> is_unknown(OF(k), k) \
          :: else -> about[k] = NoResult fi } \
  :: atomic { driver[k] == Live && about[k] == NoResult -> /* [alive] */ \
       if :: HELD(OF(k)) -> is_running(OF(k), k) :: else -> about[k] = LockFree fi } \
  :: atomic { driver[k] == Live && about[k] == LockFree -> \
       if :: KEPT_NOW(OF(k)) -> is_ended(OF(k), k) \
          :: !KEPT_NOW(OF(k)) && SEEMS_ALIVE(OF(k)) -> is_running(OF(k), k) \
          :: else -> is_unknown(OF(k), k) fi } \
  :: atomic { driver[k] == Live && about[k] == Wait && !HELD(OF(k)) && !SEEMS_ALIVE(OF(k)) -> about[k] = Ask /* [wait] */ } \
  AGAIN(k) \
  :: atomic { deaths < DEATHS && driver[k] == Live -> deaths++; driver[k] = Dead; about[k] = Idle; \
       if :: made[k] = made_synced[k] :: skip fi; if :: result[k] = result_synced[k] :: skip fi } \
  :: atomic { driver[k] == Dead -> made_synced[k] = made[k]; result_synced[k] = result[k]; driver[k] = Live; \
       if :: result[k] -> driver[k] = Done \
          :: !result[k] && made[k] > 0 -> about[k] = Ask \
          :: else -> about[k] = Idle fi }
#ifdef VOIDED_SENT_AGAIN
#define AGAIN(k) :: atomic { driver[k] == Live && about[k] == Next -> about[k] = Ready }
#else
#define AGAIN(k)
#endif

/* What a delivery becomes on the host. */
#ifdef EXEC_BEFORE_DECISION
#define EXEC(d, k) \
  :: atomic { starter[S(d, k)] == Locked -> begins(d); starter[S(d, k)] = Runs } \
  :: atomic { starter[S(d, k)] == Runs && decision[d] == None -> decision[d] = Start; nonce[d] = k; boot_of[d] = boot; \
       decision_synced[d] = true } \
  :: atomic { MAY_RUN(S(d, k)) -> begins(d); starter[S(d, k)] = Runs }
#else
#define EXEC(d, k) \
  :: atomic { MAY_RUN(S(d, k)) -> assert(!denied[d]); begins(d); starter[S(d, k)] = Runs /* [exec] */ }
#endif
#define STARTER(d, k) \
  :: atomic { starter[S(d, k)] == Flying -> starter[S(d, k)] = Came; keeper[S(d, k)] = true; marked = true /* [come] */ } \
  :: atomic { starter[S(d, k)] == Flying -> starter[S(d, k)] = Gone /* it never arrives */ } \
  :: atomic { starter[S(d, k)] == Came && keeper[S(d, k)] -> /* [lock] */ \
       if :: !HELD(d) -> starter[S(d, k)] = Locked; locks[S(d, k)] = true \
          :: else -> starter[S(d, k)] = Gone; keeper[S(d, k)] = false fi } \
  LATE_LOCK(S(d, k)) \
  DECIDES(d, k) \
  EXEC(d, k) \
  :: atomic { late[S(d, k)] -> late[S(d, k)] = false; \
       if :: decision[d] == None -> decision[d] = Start; nonce[d] = k; boot_of[d] = boot; decision_synced[d] = false \
          :: else fi } \
  :: atomic { starter[S(d, k)] == Cut && keeper[S(d, k)] && decision[d] == None -> /* [none] */ \
       decision[d] = Void; boot_of[d] = boot; decision_synced[d] = false; marked = true } \
  :: atomic { starter[S(d, k)] == Cut && keeper[S(d, k)] && decision[d] == Start -> \
       if :: nonce[d] == k -> starter[S(d, k)] = Ended :: else -> starter[S(d, k)] = Gone; keeper[S(d, k)] = false fi } \
  :: atomic { starter[S(d, k)] == Cut && keeper[S(d, k)] && MAY_REFUSE(d) -> \
       decision_synced[d] = (decision[d] == Void); starter[S(d, k)] = Refused; keeper[S(d, k)] = false } \
  :: atomic { starter[S(d, k)] == Locked && !keeper[S(d, k)] && decision[d] == None -> /* [watch] */ \
       decision[d] = Void; boot_of[d] = boot; decision_synced[d] = false; marked = true } \
  :: atomic { starter[S(d, k)] == Runs -> if :: keeper[S(d, k)] -> starter[S(d, k)] = Ended \
                                            :: else -> starter[S(d, k)] = Gone; reused[d] = true fi } \
  :: atomic { starter[S(d, k)] == Ended && keeper[S(d, k)] && !decision_synced[d] -> decision_synced[d] = true /* its child was killed before */ } \
  :: atomic { starter[S(d, k)] == Ended && keeper[S(d, k)] && MAY_KEEP(d) -> kept[d] = true; starter[S(d, k)] = Kept /* [result] */ } \
  :: atomic { starter[S(d, k)] == Kept && keeper[S(d, k)] -> keeper[S(d, k)] = false; reused[d] = true /* [end] */ } \
  :: atomic { kills < KILLS && keeper[S(d, k)] -> kills++; keeper[S(d, k)] = false; \
       if :: starter[S(d, k)] == Came -> starter[S(d, k)] = Gone \
          :: starter[S(d, k)] == Ended -> starter[S(d, k)] = Gone; cut_short[d] = true; reused[d] = true \
          :: starter[S(d, k)] == Cut -> starter[S(d, k)] = Gone; cut_short[d] = true \
          :: starter[S(d, k)] == Kept -> skip \
          :: else -> cut_short[d] = true fi } \
  :: atomic { kills < KILLS && (starter[S(d, k)] == Locked || LIVES(S(d, k))) -> kills++; \
       if :: LIVES(S(d, k)) && keeper[S(d, k)] -> starter[S(d, k)] = Ended \
          :: LIVES(S(d, k)) && !keeper[S(d, k)] -> starter[S(d, k)] = Gone; reused[d] = true \
          :: !LIVES(S(d, k)) && keeper[S(d, k)] -> starter[S(d, k)] = Cut; if :: late[S(d, k)] = true :: skip fi \
          :: else -> starter[S(d, k)] = Gone; if :: late[S(d, k)] = true :: skip fi fi }

/* The host loses its power, or reboots. Whoever was asking asks again. */
inline dies(s) { if :: starter[s] != Nowhere && !(starter[s] == Flying && persists) -> starter[s] = Gone :: else fi; keeper[s] = false; late[s] = false }
inline loses(d) {
  seen_here[d] = false; reused[d] = false;
  if :: !persists || !decision_synced[d] -> decision[d] = None; nonce[d] = 0; boot_of[d] = 0
     :: persists -> skip
  fi;
  if :: !persists || decision[d] == None -> kept[d] = false :: persists -> skip :: persists -> kept[d] = false fi
}
inline reboots() {
  dies(0); dies(1); dies(2); dies(3); loses(0); loses(1); marked = marked && persists; token = marked; boot++;
  if :: about[0] == NoResult || about[0] == LockFree || about[0] == Saw || about[0] == Voided || about[0] == Wait -> about[0] = Ask :: else fi;
  if :: about[1] == NoResult || about[1] == LockFree || about[1] == Saw || about[1] == Voided || about[1] == Wait -> about[1] = Ask :: else fi
}
#define OVER(k) (driver[k] == Off || driver[k] == Done || driver[k] == Stopped)

active proctype far_side() {
  atomic {
    if :: persists = false :: persists = true fi;
    starter[0] = Nowhere; starter[1] = Nowhere; starter[2] = Nowhere; starter[3] = Nowhere;
    decision[0] = None; decision[1] = None; driver[1] = Off; about[0] = Idle; about[1] = Idle; driver[0] = Live
  }
  do
  DRIVER(0) DRIVER(1)
  STARTER(0, 0) STARTER(0, 1) STARTER(1, 0) STARTER(1, 1)
  :: atomic { driver[1] == Off && made_synced[0] > 0 && persists -> /* a resume on another machine, with a copy of the run */
       made[1] = made_synced[0]; made_synced[1] = made[1]; driver[1] = Live; about[1] = Ask }
  :: atomic { boot < REBOOTS -> reboots() }
  :: atomic { OVER(0) && OVER(1) && !keeper[0] && !keeper[1] && !keeper[2] && !keeper[3] -> break }
  od
}
