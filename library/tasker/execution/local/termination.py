"""End attempts for good: TERM to all that belongs to them, KILL after two seconds, until nothing is left.

One scan of /proc serves all attempts that are being ended at that moment.
"""

from __future__ import annotations

import os
import time

from tasker.system import processes
from tasker.system.signal_calls import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.local.attempt import Attempt
    from tasker.system.processes import Process, Seen

GRACE = 2.0  # seconds between TERM and KILL
FIRST_LOOK, LONGEST_PAUSE = 0.01, 0.2  # seconds between two looks: they grow, since what ignores TERM takes its time
AT_ONCE = 1.0  # seconds that `end_at_once` may take


class Ending:
    """An attempt that is being ended. deadline: when it gets KILL. signalled: processes that have had a signal."""

    __slots__ = ("attempt", "deadline", "signalled")

    def __init__(self, attempt: Attempt, deadline: float) -> None:
        self.attempt, self.deadline = attempt, deadline
        self.signalled: set[Process] = set()


class Termination:
    """Ends the attempts that it is given. ended: called with each of which nothing is left, or that cannot be ended."""

    def __init__(self, loop: EventLoop, ended: Callable[[Attempt], object], grace: float = GRACE) -> None:
        self._loop, self._ended, self._grace = loop, ended, grace
        self._timer: Timer | None = None
        self._endings: dict[int, Ending] = {}  # serial: of each attempt
        self._pause = FIRST_LOOK
        self._earliest = 0.0

    def add(self, attempt: Attempt) -> None:
        now = time.monotonic()
        self._endings[attempt.serial] = Ending(attempt, now + self._grace)
        self._pause = FIRST_LOOK
        self._look_at(now)

    def hurry(self) -> None:
        """Something has ended: look soon, but not so often that looking is all we do."""
        if self._endings:
            self._look_at(max(time.monotonic(), self._earliest))

    def _look_at(self, when: float) -> None:
        """Look at this time, or earlier if that was planned."""
        if self._timer is None or self._timer.when > when:
            self._loop.cancel(self._timer)
            self._timer = self._loop.at(when, self._look)

    def _look(self) -> None:
        """Send signals to what is left of the attempts, and report those of which nothing is."""
        self._timer = None
        began = time.monotonic()
        found = owned_processes((one.attempt, one.signalled) for one in self._endings.values())
        over = []
        for one in list(self._endings.values()):
            attempt, left = one.attempt, found.get(one.attempt.serial, [])
            attempt.hard = attempt.hard or bool(left and began >= one.deadline)
            _signal_all(attempt, left, one.signalled)
            given_up = began > one.deadline + processes.STUBBORN
            if given_up or (not left and attempt.status is not None):
                attempt.left = len(left)
                attempt.seconds = attempt.seconds or began - attempt.began
                del self._endings[attempt.serial]
                over.append(attempt)
        self._plan(began)
        for attempt in over:
            self._ended(attempt)

    def _plan(self, began: float) -> None:
        """Plan the next look. began: when the last one began."""
        now = time.monotonic()
        self._earliest = now + min(3 * (now - began), LONGEST_PAUSE)
        if self._endings:
            first_kill = min((one.deadline for one in self._endings.values() if one.deadline > now), default=now + 60)
            self._look_at(max(min(now + self._pause, first_kill), self._earliest))
            self._pause = min(self._pause * 2, LONGEST_PAUSE)


class LeftBehind:
    """Counts what attempts leave running: one scan for all that end in the same turn.

    counted: called with each attempt, whose `left` is then set.
    """

    def __init__(self, loop: EventLoop, counted: Callable[[Attempt], object]) -> None:
        self._loop, self._counted = loop, counted
        self._waiting: list[Attempt] = []

    def count(self, attempt: Attempt) -> None:
        if not self._waiting:
            self._loop.at(0.0, self._look)
        self._waiting.append(attempt)

    def _look(self) -> None:
        waiting, self._waiting = self._waiting, []
        found = owned_processes((attempt, ()) for attempt in waiting)
        for attempt in waiting:
            attempt.left = len(found.get(attempt.serial, ()))
            self._counted(attempt)


def owned_processes(attempts: Iterable[tuple[Attempt, Iterable[Process]]]) -> dict[int, list[Seen]]:
    """What belongs to attempts now, by serial. attempts: (attempt, processes known to be its own)."""
    wanted = {
        attempt.serial: processes.Wanted(attempt.marker, attempt.pid, attempt.status is not None, known, attempt.mark)
        for attempt, known in attempts
    }
    return processes.owned_processes(processes.scan_processes(marks=True), wanted) if wanted else {}


def end_at_once(attempts: Iterable[Attempt]) -> None:
    """KILL all that belongs to these attempts, and return when it is gone: within a second, or it cannot be ended."""
    known: list[tuple[Attempt, set[Process]]] = [(attempt, set()) for attempt in attempts]
    began = time.monotonic()
    while time.monotonic() < began + AT_ONCE:
        # before any of them is gone, since one that is known through its parent alone would be lost with it
        found = owned_processes(known)
        for attempt, signalled in known:
            attempt.hard = True
            _signal_all(attempt, found.get(attempt.serial, []), signalled)
        if not found:
            return
        time.sleep(FIRST_LOOK)


def _signal_all(attempt: Attempt, left: list[Seen], signalled: set[Process]) -> None:
    number = signal.SIGKILL if attempt.hard else signal.SIGTERM
    if attempt.sudo and attempt.sudo.holds and not attempt.hard:
        return  # the script of the other user sends it: a second TERM often means: leave everything as it is
    if not left and not signalled:
        _signal_group(attempt, number)  # /proc could not be read
    for seen in left:
        if attempt.hard or seen.process not in signalled:  # a second TERM often means: leave everything as it is
            processes.send_signal(seen.process, number)
            if seen.stopped:
                processes.send_signal(seen.process, signal.SIGCONT)
        signalled.add(seen.process)


def _signal_group(attempt: Attempt, number: int) -> None:
    if attempt.status is not None:  # another process may have its number by now
        return
    try:
        os.killpg(attempt.pid, number)
    except (ProcessLookupError, PermissionError):
        pass
