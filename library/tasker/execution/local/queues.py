"""Attempts that wait: to be started, as the machine allows, and for their time to be up."""

import collections
import heapq
import time

BURST = 16  # started before those that run get their turn
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 1.0  # seconds before a start is tried again that the machine refused


class StartQueue:
    """A queue. begin(attempt) -> bool: False puts it back, since there is no room for it now."""

    def __init__(self, begin):
        self._begin = begin
        self._queue = collections.deque()
        self._pause = self._resume = 0.0

    def add(self, attempt) -> None:
        self._queue.append(attempt)

    def freed(self) -> None:
        """Something has ended, so there may be room."""
        self._resume = 0.0

    def due(self) -> list[float]:
        """When to go on (monotonic seconds): nothing when nobody waits."""
        return [self._resume] if self._queue else []

    def go_on(self) -> None:
        for _ in range(BURST):
            if not self._queue or time.monotonic() < self._resume:
                return
            attempt = self._queue.popleft()
            if self._begin(attempt):
                self._pause = 0.0
                continue
            self._queue.appendleft(attempt)
            self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self._resume = time.monotonic() + self._pause


class Timers:
    """When time is up for which attempt. Each has one time at most, its `due`, which is None when it waits for nothing.

    attempts: {serial: attempt}, of all that can be waiting; the owner takes out what is over.
    """

    def __init__(self, attempts):
        self._attempts = attempts
        self._heap = []  # (when, serial); one that is not its attempt's `due` any more means nothing

    def set(self, attempt, when: float) -> None:
        attempt.due = when
        heapq.heappush(self._heap, (when, attempt.serial))
        if len(self._heap) > 4 * len(self._attempts) + 1000:  # mostly of attempts that are over
            self._heap = [(one.due, one.serial) for one in self._attempts.values() if one.due is not None]
            heapq.heapify(self._heap)

    def due(self) -> list[float]:
        """When the next is up (monotonic seconds): nothing when there is none."""
        while self._heap and not self._counts(*self._heap[0]):
            heapq.heappop(self._heap)
        return [self._heap[0][0]] if self._heap else []

    def expired(self):
        """Each attempt whose time is up now."""
        now = time.monotonic()
        while self._heap and self._heap[0][0] <= now:
            when, serial = heapq.heappop(self._heap)
            if self._counts(when, serial):
                attempt = self._attempts[serial]
                attempt.due = None
                yield attempt

    def _counts(self, when, serial):
        attempt = self._attempts.get(serial)
        return attempt is not None and attempt.due == when
