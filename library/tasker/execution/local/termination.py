"""End attempts for good: TERM to all that belongs to them, KILL after two seconds, until nothing is left.

One scan of /proc serves all attempts that are being ended at that moment.
"""

import contextlib
import os
import signal
import time

from tasker.system import processes

GRACE = 2.0  # seconds between TERM and KILL
FIRST_LOOK, LONGEST_PAUSE = 0.01, 0.2  # seconds between two looks: they grow, since what ignores TERM takes its time
AT_ONCE = 1.0  # seconds that `end_at_once` may take


class Termination:
    """What is being ended."""

    def __init__(self, grace: float = GRACE):
        self.grace = grace
        self._due: float | None = None
        self._attempts: dict = {}  # serial: (attempt, when it gets KILL, whom it has told)
        self._pause = FIRST_LOOK
        self._earliest = 0.0

    def due(self) -> list[float]:
        """When to look again (monotonic seconds): nothing when there is nothing to end."""
        return [] if self._due is None else [self._due]

    def add(self, attempt) -> None:
        now = time.monotonic()
        self._attempts[attempt.serial] = (attempt, now + self.grace, set())
        self._pause = FIRST_LOOK
        self._due = now if self._due is None else min(self._due, now)

    def hurry(self) -> None:
        """Something has ended: look soon, though not so often that looking is all we do."""
        if self._due is not None:
            self._due = min(self._due, max(time.monotonic(), self._earliest))

    def look(self) -> list:
        """Tell what is left to end. Returns the attempts of which nothing is left, or that cannot be ended."""
        began = time.monotonic()
        found = owned_processes((attempt, told) for attempt, _, told in self._attempts.values())
        gone = []
        for attempt, deadline, told in list(self._attempts.values()):
            left = found.get(attempt.serial, [])
            attempt.hard = attempt.hard or bool(left and began >= deadline)
            _tell(attempt, left, told)
            over = began > deadline + processes.STUBBORN
            if over or (not left and attempt.status is not None):
                attempt.left = len(left)
                attempt.seconds = attempt.seconds or began - attempt.began
                gone.append(attempt)
                del self._attempts[attempt.serial]
        self._plan(began)
        return gone

    def _plan(self, began):
        now = time.monotonic()
        self._earliest = now + min(3 * (now - began), LONGEST_PAUSE)
        if not self._attempts:
            self._due = None
            return
        first_kill = min((deadline for _, deadline, _ in self._attempts.values() if deadline > now), default=now + 60)
        self._due = max(min(now + self._pause, first_kill), self._earliest)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def owned_processes(attempts) -> dict:
    """What belongs to attempts now: {serial: [Seen, …]}. attempts: (attempt, processes known to be its own)."""
    wanted = {a.serial: processes.Wanted(a.marker, a.pid, a.status is not None, known, a.mark) for a, known in attempts}
    return processes.owned_processes(processes.scan_processes(marks=True), wanted) if wanted else {}


def end_at_once(attempts) -> None:
    """KILL all that belongs to these attempts, and come back when it is gone: within a second, or it cannot be done."""
    known: list = [(attempt, set()) for attempt in attempts]
    began = time.monotonic()
    while time.monotonic() < began + AT_ONCE:
        # before any of them is gone, since one that is known through its parent alone would be lost with it
        found = owned_processes(known)
        for attempt, told in known:
            attempt.hard = True
            _tell(attempt, found.get(attempt.serial, []), told)
        if not found:
            return
        time.sleep(FIRST_LOOK)


def _tell(attempt, left, told):
    number = signal.SIGKILL if attempt.hard else signal.SIGTERM
    if not left and not told:
        _tell_group(attempt, number)  # /proc could not be read
    for seen in left:
        if attempt.hard or seen.process not in told:  # a second TERM often means: leave everything as it is
            processes.send_signal(seen.process, number)
            if seen.stopped:
                processes.send_signal(seen.process, signal.SIGCONT)
        told.add(seen.process)


def _tell_group(attempt, number):
    if attempt.status is not None:  # its number may be somebody else's by now
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(attempt.pid, number)
