"""Can the runner on a gateway start anything? One that fails at once always has room: it would get all commands."""

from __future__ import annotations

FAILURES = 5  # in a row
AT_ONCE = 2.0  # seconds: a failure that takes longer attracts nothing
PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds without a command; it then gets one


class StartRecord:
    """fails: its last commands could not be started. is_paused: it gets none, if another gateway can take them.

    started: how many commands it has started.
    """

    def __init__(self) -> None:
        self._failures, self._next_pause = 0, PAUSE
        self.is_paused, self.started = False, 0

    @property
    def fails(self) -> bool:
        return self._failures >= FAILURES

    def add(self, started: bool, seconds: float) -> float:
        """Count an answer that came after these seconds. Returns for how many seconds it is to be paused from now on:
        0.0 if it is not. The owner ends the pause."""
        if started:
            self._failures, self._next_pause = 0, PAUSE
            self.started += 1
            return 0.0
        if seconds > AT_ONCE:
            return 0.0
        self._failures += 1
        if self.is_paused or not self.fails:
            return 0.0
        self.is_paused = True
        pause, self._next_pause = self._next_pause, min(LONGEST_PAUSE, self._next_pause * 2)
        return pause

    def take_back(self, seconds: float, started: int) -> None:
        """Take back a failure that was not due to this gateway. seconds, started: as when it was counted."""
        if seconds <= AT_ONCE and started == self.started and self._failures:
            self._failures -= 1
