/* One run of TASKER: driver, runner, disk, and resumes. docs/how-it-is-tested.md says what this leaves out.
 *
 * Two driver slots, since two resumes may come at once; each has a runner of its own. All of it is one loop of guarded
 * steps, so spin tries every interleaving. A death may come before and after every step. The names of the steps are those
 * of the code: write_ahead (intent, log, sync, announce), runner_pool (send, receive, broken), takeover (lock, silence).
 *
 * A fault is planted with -DNAME; `make model` checks that each one is found, and that without any nothing is.
 *   SEND_BEFORE_SYNC     a request goes to its runner before its intent is on disk
 *   ANNOUNCE_BEFORE_SYNC people hear of a result before it is on disk
 *   DROP_ON_DEATH        a result that lies in the pipe is dropped when its runner has died
 *   RESUME_REPEATS       a resume takes an intent without a result for one that never ran
 *   NO_LOCK              two resumes may work on one journal
 *   VOID_WITHOUT_SILENCE the operator's order is carried out while the run that died still has a runner or commands
 *   RESULT_BEFORE_INTENT a result is written for a command whose intent is not in the journal
 */
#ifndef N
#define N 2             /* commands: they may be in flight at once, or one after the other */
#endif
#ifndef DEATHS
#define DEATHS 3
#endif
#ifndef RESUMES
#define RESUMES 3
#endif
#ifndef ORDERS
#define ORDERS 1        /* of the operator, for each command */
#endif
#define K 2             /* driver slots */
#define LONGEST 14      /* records of the journal */

mtype = { Intent, Result, Order };                       /* records */
mtype = { Off, Locked, Live, Dead, Stopped, Ended };     /* a driver */
mtype = { Todo, Kept, Sent, Answered, Logged, Done, Unknown };  /* a command, as a driver sees it */
mtype = { Nothing, Asked, Running, Said };               /* a command, as a runner has it */

mtype what[LONGEST]; byte whose[LONGEST]; byte length, synced;   /* the journal: what is written, what is on disk */
mtype driver[K]; byte holder = K;                        /* holder of the lock, K: free */
mtype seen[K * N]; mtype pipe[K * N]; bool runner[K];
byte effects[N], orders[N], alive[N]; bool announced[N], completed[N];
byte deaths, resumes;

#define SEEN(k, c) seen[(k) * N + (c)]
#define PIPE(k, c) pipe[(k) * N + (c)]

inline last_of(c, found) {  /* the kind of the last record of a command, 0: none */
  found = 0; i = 0;
  do :: i < length && whose[i] == c -> found = what[i]; i++
     :: i < length && whose[i] != c -> i++
     :: else -> break
  od; i = 0
}
inline is_on_disk(kind, c, yes) {  /* is the last record of a command of this kind, and synced? */
  yes = false; i = 0;
  do :: i < length && whose[i] == c -> yes = (what[i] == kind && i < synced); i++
     :: i < length && whose[i] != c -> i++
     :: else -> break
  od; i = 0
}
#ifdef TRACE   /* the records that a real journal has, in order: only these may be written, and all of them have to be */
#include "trace.h"
#define MAY_WRITE(kind, c) (length < TRACE_LENGTH && trace_kind[length] == kind && trace_command[length] == c)
#else
#define MAY_WRITE(kind, c) (length < LONGEST)
#endif
inline append(kind, c) { what[length] = kind; whose[length] = c; length++ }

inline let_go(k) { if :: holder == k -> holder = K :: else -> skip fi }
inline forget(k) { j = 0; do :: j < N -> SEEN(k, j) = Todo; j++ :: else -> break od; j = 0 }

/* The faults, as parts of the steps below. */
#ifdef SEND_BEFORE_SYNC
#define INTENT_ON_DISK(c) yes = true
#else
#define INTENT_ON_DISK(c) is_on_disk(Intent, c, yes)
#endif
#ifdef ANNOUNCE_BEFORE_SYNC
#define RESULT_ON_DISK(c) yes = true
#else
#define RESULT_ON_DISK(c) is_on_disk(Result, c, yes)
#endif
#ifdef DROP_ON_DEATH
#define NOTHING_SAID(k, c) true
#else
#define NOTHING_SAID(k, c) (PIPE(k, c) != Said)
#endif
#ifdef NO_LOCK
#define LOCK_IS_FREE true
#else
#define LOCK_IS_FREE (holder == K)
#endif
#ifdef VOID_WITHOUT_SILENCE
#define SILENCE true
#else
#define SILENCE (!runner[0] && !runner[1] && all_quiet)
#endif
#ifdef RESUME_REPEATS
#define ORDERED(c) skip
#else
#define ORDERED(c) orders[c]++
#endif
#ifdef RESULT_BEFORE_INTENT
#define FIRST Answered
#else
#define FIRST Kept
#endif

#define WORKS(k) (driver[k] == Live || driver[k] == Locked)
#define SETTLED(k, c) (SEEN(k, c) == Done || SEEN(k, c) == Unknown)
#define IN_FLIGHT(k, c) (SEEN(k, c) == Kept || SEEN(k, c) == Sent || SEEN(k, c) == Answered || SEEN(k, c) == Logged)

/* What driver k and its runner may do about command c. */
#define STEPS(k, c) \
  :: atomic { driver[k] == Live && SEEN(k, c) == Todo && MAY_WRITE(Intent, c) -> \
       if :: FIRST == Kept -> append(Intent, c) :: else fi; SEEN(k, c) = FIRST } \
  :: atomic { driver[k] == Live && SEEN(k, c) == Kept && runner[k] -> INTENT_ON_DISK(c); \
       if :: yes -> PIPE(k, c) = Asked; SEEN(k, c) = Sent :: else fi; yes = false } \
  :: atomic { driver[k] == Live && SEEN(k, c) == Sent && PIPE(k, c) == Said -> PIPE(k, c) = Nothing; SEEN(k, c) = Answered } \
  :: atomic { driver[k] == Live && SEEN(k, c) == Answered && MAY_WRITE(Result, c) -> \
       last_of(c, kind); assert(kind == Intent); append(Result, c); SEEN(k, c) = Logged; kind = 0 } \
  :: atomic { driver[k] == Live && SEEN(k, c) == Logged -> RESULT_ON_DISK(c); \
       if :: yes -> announced[c] = true; SEEN(k, c) = Done :: else fi; yes = false } \
  :: atomic { driver[k] == Live && !runner[k] && SEEN(k, c) == Sent && NOTHING_SAID(k, c) -> \
       assert(PIPE(k, c) != Said); SEEN(k, c) = Unknown; PIPE(k, c) = Nothing; alive[c] = 0 } \
  :: atomic { driver[k] == Live && !runner[k] && SEEN(k, c) == Kept -> SEEN(k, c) = Unknown } \
  :: atomic { runner[k] && PIPE(k, c) == Asked -> effects[c]++; alive[c]++; PIPE(k, c) = Running; \
       assert(effects[c] <= 1 + orders[c]); assert(alive[c] <= 1) } \
  :: atomic { runner[k] && PIPE(k, c) == Running -> alive[c]--; completed[c] = true; PIPE(k, c) = Said } \
  :: atomic { driver[k] == Live && resumes > 0 && runner[k] && orders[c] < ORDERS && SEEN(k, c) == Unknown && MAY_WRITE(Order, c) -> \
       last_of(c, kind); if :: kind == Intent -> ORDERED(c); append(Order, c); SEEN(k, c) = Todo :: else fi; kind = 0 }

/* What driver k does as a whole: sync, end, stop with 75, take over; what ends its runner; the deaths of both. */
#define SESSION(k) \
  :: atomic { driver[k] == Live && synced < length -> synced = length } \
  :: atomic { driver[k] == Live && SETTLED(k, 0) && SETTLED(k, N - 1) -> driver[k] = Ended; let_go(k); skip } \
  :: atomic { runner[k] && driver[k] != Live -> end_of_input(k) } \
  :: atomic { !WORKS(k) && driver[0] != Ended && driver[1] != Ended && LOCK_IS_FREE && resumes < RESUMES -> \
       resumes++; holder = k; driver[k] = Locked; forget(k); j = 0 } \
  :: atomic { driver[k] == Locked && SILENCE -> synced = length; read(k); driver[k] = Live; runner[k] = true } \
  :: atomic { driver[k] == Live && resumes > 0 && resumes < RESUMES && !IN_FLIGHT(k, 0) && !IN_FLIGHT(k, N - 1) && \
       (SEEN(k, 0) == Unknown || SEEN(k, N - 1) == Unknown) -> driver[k] = Stopped; let_go(k); skip } \
  :: atomic { deaths < DEATHS && WORKS(k) -> deaths++; driver[k] = Dead; let_go(k); skip } \
  :: atomic { deaths < DEATHS && runner[k] -> deaths++; runner[k] = false; lose_pipe(k); skip }

#define all_quiet (alive[0] == 0 && alive[N - 1] == 0)

/* End of input: the runner ends what it started, and itself. */
inline end_of_input(k) {
  j = 0;
  do :: j < N -> if :: PIPE(k, j) == Running && alive[j] > 0 -> alive[j]-- :: else fi; PIPE(k, j) = Nothing; j++
     :: else -> break
  od; j = 0; runner[k] = false
}
/* A killed runner: what it had not read is lost, what it had started goes on by itself, what it had said can be read. */
inline lose_pipe(k) {
  j = 0;
  do :: j < N -> if :: PIPE(k, j) == Asked || PIPE(k, j) == Running -> PIPE(k, j) = Nothing :: else fi; j++
     :: else -> break
  od; j = 0
}
/* The journal, read by a resume: a result is done, an intent without one is unknown. */
inline read(k) {
  j = 0;
  do :: j < N -> last_of(j, kind);
          if :: kind == Result -> SEEN(k, j) = Done
             :: kind == Intent -> SEEN(k, j) = Unknown
             :: else -> SEEN(k, j) = Todo
          fi; PIPE(k, j) = Nothing; j++
     :: else -> break
  od; j = 0; kind = 0
}
/* The machine dies: records that were not synced may be gone, from the end on, since each has the hash of the one before. */
inline power_cut() {
  do :: length > synced -> length--; what[length] = 0; whose[length] = 0 :: break od;
  synced = length; holder = K; j = 0;
  do :: j < K -> if :: WORKS(j) -> driver[j] = Dead :: else fi; runner[j] = false; j++ :: else -> break od; j = 0;
  do :: j < N -> PIPE(0, j) = Nothing; PIPE(1, j) = Nothing; alive[j] = 0;
          if :: announced[j] -> is_on_disk(Result, j, yes); assert(yes) :: else fi; j++
     :: else -> break
  od; j = 0; yes = false
}
#define ORPHAN(c) :: atomic { alive[c] > 0 && PIPE(0, c) != Running && PIPE(1, c) != Running -> alive[c]-- }

active proctype one_run() {
  byte i, j; mtype kind; bool yes;
#ifdef TRACE
  set_trace();
#endif
  atomic {
    do :: j < N -> SEEN(0, j) = Todo; SEEN(1, j) = Todo; PIPE(0, j) = Nothing; PIPE(1, j) = Nothing; j++ :: else -> break od;
    j = 0; driver[1] = Off; driver[0] = Live; holder = 0; runner[0] = true
  }
  do
  STEPS(0, 0) STEPS(1, 0) SESSION(0) SESSION(1) ORPHAN(0)
#if N > 1
  STEPS(0, 1) STEPS(1, 1) ORPHAN(1)
#endif
  :: atomic { deaths < DEATHS && (WORKS(0) || WORKS(1)) -> deaths++; power_cut() }
#ifdef TRACE
  :: atomic { length == TRACE_LENGTH -> assert(false) }  /* for spin to find: the model can write this journal */
#endif
  /* a driver has ended, or nobody is left to resume: a run that is waiting has an operator who has not come yet */
  :: atomic { (driver[0] == Ended || driver[1] == Ended || resumes == RESUMES) && !WORKS(0) && !WORKS(1) &&
              !runner[0] && !runner[1] ->
       j = 0;
       do :: j < N -> if :: announced[j] -> assert(completed[j]) :: else fi; j++ :: else -> break od;
       break }
  od
}
