/* A run that ended, and what may continue it: two calls of `tasker again`, and a resume of the old run, at once.
 *
 * Small, and apart from run.pml: what happens inside of a run is there. Here a run starts commands or does not. The order
 * of the steps is that of driver/again_run.py: lock, look, continued_by, sync, journal, sync, let go of the lock, start.
 * A death may come before and after every step, with the power or without. What was not synced may be lost, in part too.
 *
 * Promised: of the old run and those that continue it at most one starts commands, and none without all that it inherits.
 *
 * A fault is planted with -DNAME; `make model` checks that each one is found, and that without any nothing is.
 *   LOOK_BEFORE_LOCK     a call looks for continued_by before it has the lock
 *   MARK_IS_LATE         continued_by is written when commands have started
 *   MARK_IS_NOT_SYNCED   continued_by is not synced before the new journal
 *   START_BEFORE_SYNC    commands start before the new journal is on the disk
 *   LOCK_IS_GIVEN_EARLY  the lock is given back before the new journal is there
 *   RESUME_DOES_NOT_LOOK a resume of the old run does not look for continued_by
 *   HALF_COUNTS          a new run without all that it inherits is resumed
 */
#ifndef DEATHS
#define DEATHS 3
#endif
#define K 2                               /* new runs */
#define OLD K                             /* the resume of the old run, as a process and as a run */
#define FREE 255

mtype = { Idle, Looks, Marks, SyncsMark, Writes, Completes, SyncsJournal, LetsGo, Starts, Late, Over };
mtype at[K + 1];                          /* where each process is: a call of again each, and the resume of the old run */
byte mark[K], journal[K];                 /* mark: 0, 1 written, 2 on disk. journal: 0, 1 a part, 2 whole, 3 whole on disk */
byte holder = FREE, started = FREE, deaths;
bool looked[K + 1];

#define COUNTS(k) (mark[k] > 0 && journal[k] >= 2)
#define CONTINUED (COUNTS(0) || COUNTS(1))

inline start(who) { assert(started == FREE || started == who); started = who }
inline let_go(p) { if :: holder == p -> holder = FREE :: else fi }

#ifdef MARK_IS_LATE
#define AFTER_LOOK Writes
#define AFTER_START Late
#else
#define AFTER_LOOK Marks
#define AFTER_START Over
#endif
#ifdef MARK_IS_NOT_SYNCED
#define AFTER_MARK Writes
#else
#define AFTER_MARK SyncsMark
#endif
#ifdef START_BEFORE_SYNC
#define AFTER_WHOLE LetsGo
#else
#define AFTER_WHOLE SyncsJournal
#endif
#ifdef HALF_COUNTS
#define LEAST 1
#else
#define LEAST 2
#endif

#ifdef LOOK_BEFORE_LOCK
#define TAKE(p) \
  :: atomic { at[p] == Idle && !looked[p] -> if :: CONTINUED -> at[p] = Over :: else -> looked[p] = true fi } \
  :: atomic { at[p] == Idle && looked[p] && holder == FREE -> holder = p; at[p] = Looks }
#define REFUSED false
#else
#define TAKE(p) :: atomic { at[p] == Idle && holder == FREE -> holder = p; at[p] = Looks }
#define REFUSED CONTINUED
#endif
#ifdef RESUME_DOES_NOT_LOOK
#define OLD_REFUSED false
#else
#define OLD_REFUSED REFUSED
#endif

#define AGAIN(k) \
  TAKE(k) \
  :: atomic { at[k] == Looks -> if :: REFUSED -> at[k] = Over; let_go(k) :: else -> at[k] = AFTER_LOOK fi } \
  :: atomic { at[k] == Marks -> mark[k] = 1; at[k] = AFTER_MARK } \
  :: atomic { at[k] == SyncsMark -> mark[k] = 2; at[k] = Writes } \
  :: atomic { at[k] == Writes -> journal[k] = 1; at[k] = Completes; early(k) } \
  :: atomic { at[k] == Completes -> journal[k] = 2; at[k] = AFTER_WHOLE } \
  :: atomic { at[k] == SyncsJournal -> journal[k] = 3; at[k] = LetsGo } \
  :: atomic { at[k] == LetsGo -> let_go(k); at[k] = Starts } \
  :: atomic { at[k] == Starts -> has_all(k); start(k); at[k] = AFTER_START } \
  :: atomic { at[k] == Late -> mark[k] = 2; at[k] = Over } \
  :: atomic { at[k] == Over && journal[k] >= LEAST && holder != k -> \
       journal[k] = (journal[k] >= 2 -> 3 : journal[k]); has_all(k); start(k) }  /* a resume of the new run syncs first */

#ifdef LOCK_IS_GIVEN_EARLY
#define early(k) let_go(k)
#else
#define early(k) skip
#endif
inline has_all(k) { assert(journal[k] >= 2) }

/* With the power goes what was not synced, or a part of it, or nothing. */
inline lose(k) {
  if :: mark[k] == 1 -> mark[k] = 0 :: mark[k] == 1 -> mark[k] = 2 :: else fi;
  if :: journal[k] == 1 || journal[k] == 2 -> journal[k] = 0
     :: journal[k] == 2 -> journal[k] = 1
     :: journal[k] == 2 -> journal[k] = 3
     :: else fi
}
/* A call of again that died is over: its new run may be resumed, and another call makes another new run. */
inline die(p) { if :: at[p] != Idle -> at[p] = Over :: else fi; let_go(p) }

active proctype world() {
  at[0] = Idle; at[1] = Idle; at[OLD] = Idle;
  do
  AGAIN(0) AGAIN(1)
  TAKE(OLD)
  :: atomic { at[OLD] == Looks -> if :: OLD_REFUSED -> at[OLD] = Over; let_go(OLD) :: else -> at[OLD] = Starts fi }
  :: atomic { at[OLD] == Starts -> start(OLD); at[OLD] = Late }            /* it works, and keeps the lock */
  :: atomic { at[OLD] == Late -> let_go(OLD); at[OLD] = Over; break }      /* it has ended: what continues it then is another run of this model */
  :: atomic { deaths < DEATHS && at[0] != Over -> deaths++; die(0) }
  :: atomic { deaths < DEATHS && at[1] != Over -> deaths++; die(1) }
  :: atomic { deaths < DEATHS && at[OLD] == Looks -> deaths++; let_go(OLD); at[OLD] = Idle }
  :: atomic { deaths < DEATHS -> deaths++; die(0); die(1);
       if :: at[OLD] == Late -> at[OLD] = Over; break :: at[OLD] != Late && at[OLD] != Over -> at[OLD] = Idle :: else fi;
       holder = FREE; lose(0); lose(1); looked[0] = false; looked[1] = false; looked[OLD] = false }
  :: atomic { at[0] == Over && at[1] == Over && at[OLD] == Over -> break }
  od
}
