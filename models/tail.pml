/* The end of a journal after a loss of power: what its reader may take for a clean prefix. docs/decisions/0064.
 *
 * A record is a block of the file. The writer hands records to the kernel, syncs them, and only then acts upon them. The
 * power fails at any point; then the kernel may have brought any part of what was not synced to the disk. A file that
 * grows has its new size when the blocks before it are there, so what is left is a prefix. In a file that was allocated
 * ahead, any blocks can be left, with zeros between them. A disk can also lose one block that it had (zeros again).
 * The reader knows no more than the blocks: at the first that is zero it takes those before it, or refuses the journal.
 *
 * A fault is planted with -DNAME; `make model` checks that each one is found, and that without any nothing is.
 *   ACT_BEFORE_SYNC   the writer acts upon what is only written
 *   CUT_AT_ANY_HOLE   the reader takes what is before the first hole, whatever follows: a block that was lost passes
 *   ALLOCATED_AHEAD   the file is allocated ahead, and its reader refuses records after a hole, as that of TASKER does
 *   AHEAD_AND_CUT     allocated ahead, and cut at any hole
 *   AHEAD_AND_MARKED  allocated ahead; the first record after a sync is marked, and a hole is refused only if a mark
 *                     follows it, which proves that it was synced: a block that was lost after the last mark passes
 */
#define LONGEST 6       /* records */

#if defined(AHEAD_AND_CUT) || defined(AHEAD_AND_MARKED)
#define ALLOCATED_AHEAD
#endif
#if defined(AHEAD_AND_CUT) || defined(CUT_AT_ANY_HOLE)
#define REFUSES false
#elif defined(AHEAD_AND_MARKED)
#define REFUSES marked_follows
#else
#define REFUSES follows
#endif
#ifdef ACT_BEFORE_SYNC
#define MAY_ACT written
#else
#define MAY_ACT synced
#endif

bool there[LONGEST], marked[LONGEST];   /* on the disk; first after a sync */
byte written, synced, acted;            /* records: handed to the kernel, on the disk, acted upon */
byte lost = LONGEST;                    /* a block that the disk has lost, LONGEST: none */
byte hole, last;                        /* of what the reader sees: the first that is missing; one after the last */
bool follows, marked_follows; /* is a record there after the hole, a marked one? */

inline lose_power() {
  i = synced;
#ifdef ALLOCATED_AHEAD
  do :: i < written -> if :: there[i] = true :: there[i] = false fi; i++ :: else -> break od;
#else
  do :: i < written -> there[i] = true; i++ :: break od;
#endif
  i = 0
}
inline read() {
  hole = 0; last = 0; follows = false; marked_follows = false; i = 0;
  do :: hole < LONGEST && there[hole] -> hole++ :: else -> break od;
  i = hole;
  do :: i < LONGEST -> if :: there[i] -> follows = true; last = i + 1; marked_follows = marked_follows || marked[i] :: else fi; i++
     :: else -> break
  od; i = 0
}

active proctype one_run() {
  byte i; bool first = false;
  do
  :: atomic { written < LONGEST -> marked[written] = first; first = false; written++ }
  :: atomic { synced < written ->
       do :: synced < written -> there[synced] = true; synced++ :: else -> break od; first = true }
  :: atomic { acted < MAY_ACT -> acted++ }
  :: atomic { lose_power(); break }
  od;
  /* the disk may lose one block of what was synced, but for the last that it has: no reader can see that it is gone */
  if
  :: atomic { synced > 1 -> lost = 0; do :: lost < synced - 2 -> lost++ :: break od; there[lost] = false }
  :: skip
  fi;
  atomic {
    read();
    if
    :: follows && REFUSES -> assert(lost < LONGEST)           /* after a loss of power alone a run can be resumed */
    :: else -> assert(lost == LONGEST); assert(hole >= acted)  /* nothing that was acted upon is missing, unseen */
    fi
  }
}
