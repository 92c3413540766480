"""One thread that waits for all it has to do: ready descriptors, points in time, signals, calls of other threads.

Every executor holds one, and the request server turns it. Times are monotonic seconds.
"""

from __future__ import annotations

import _heapq as heapq  # the C part: `heapq` takes 0.3 ms of the start
import os
import select
import time

from tasker.system import signals
from tasker.system.limits import DescriptorLimit
from tasker.system.signal_calls import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
else:
    from _collections import deque  # the C part: `collections` takes 2 ms of the start

ENDING: tuple[int, ...] = (
    signal.SIGTERM,
    signal.SIGHUP,
)  # signals that end a runner; SIGINT of a terminal is for the driver alone
LONGEST = 3600.0  # seconds that a turn waits
_FEW = 1000  # cancelled timers that are not worth cleaning up


class Timer:
    """A call that is due at a point in time. `call` is None once it was made or cancelled."""

    __slots__ = ("call", "when")

    def __init__(self, when: float, call: Callable[[], object]) -> None:
        self.when = when
        self.call: Callable[[], object] | None = call


class EventLoop:
    """ends: signals that ask for the end. `signalled` is the number of the one that came, or 0.

    unlike_caller: signals that we ignore and our caller did not. blocked: signals that our caller had blocked. What is
    started for the caller must find both as the caller had them.
    """

    def __init__(self, ends: Iterable[int] = ENDING) -> None:
        self.signalled = 0
        self.on_child: Callable[[], object] = lambda: None  # called when children have ended
        self.limit = DescriptorLimit()
        ends = tuple(ends)
        numbers = (signal.SIGCHLD, *ends)
        self._signals = signals.wakeup_pipe(numbers)
        signals.ignore_signals({signal.SIGINT}.difference(ends))
        self.unlike_caller = signals.ignored_here
        self.blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        self._epoll = select.epoll()
        self._watched: dict[int, Callable[[int], object]] = {}  # descriptor: what to call
        self.watch(self._signals, select.EPOLLIN, self._read_signals)
        self._timers: list[tuple[float, int, Timer]] = []  # a heap; the number keeps the order of equal times
        self._number = self._cancelled = 0
        self._calls: deque[Callable[[], object]] = deque()  # from other threads
        self._bell = -1  # a descriptor that other threads write to
        self._rung = False

    def watch(self, descriptor: int, events: int, call: Callable[[int], object]) -> bool:
        """Call `call(events)` whenever the descriptor is ready. False for one that is always ready, as files are.

        Raises OSError where the system has no room for another one.
        """
        if descriptor not in self._watched:
            try:
                self._epoll.register(descriptor, events)
            except PermissionError:
                return False
        self._watched[descriptor] = call
        return True

    def change(self, descriptor: int, events: int) -> None:
        """Watch a descriptor that is watched for other events from now on."""
        self._epoll.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Stop watching; to be called before the descriptor is closed."""
        if self._watched.pop(descriptor, None):
            self._epoll.unregister(descriptor)

    def forget_closed(self, descriptor: int) -> None:
        """The same for one that the caller closes now, and of which no other process has a copy: the kernel then stops
        watching it."""
        self._watched.pop(descriptor, None)

    def at(self, when: float, call: Callable[[], object]) -> Timer:
        """Call this once, as soon as the time has come."""
        self._number += 1
        timer = Timer(when, call)
        heapq.heappush(self._timers, (when, self._number, timer))
        return timer

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        return self.at(time.monotonic() + seconds, call)

    def cancel(self, timer: Timer | None) -> None:
        """Never make this call. None, and a timer whose call was made, are left alone."""
        if timer is None or timer.call is None:
            return
        timer.call = None
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled > len(self._timers) * 3 // 4:
            self._timers = [entry for entry in self._timers if entry[2].call is not None]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def open_to_threads(self) -> None:
        """Allow `call_from_thread`."""
        if self._bell >= 0:
            return
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.watch(self._bell, select.EPOLLIN, self._make_calls)

    def call_from_thread(self, call: Callable[[], object]) -> None:
        """From any thread: have this called in `turn`."""
        self._calls.append(call)
        if not self._rung:  # two threads may ring at once; what counts is that none relies on a bell that was answered
            self._rung = True
            os.eventfd_write(self._bell, 1)

    def turn(self, longest: float = LONGEST) -> None:
        """Wait until something happens, at most `longest` seconds, and make the calls that belong to it."""
        for descriptor, events in self._epoll.poll(self._patience(longest)):
            if call := self._watched.get(descriptor):  # none: a call before this one has closed it
                call(events)
        now = time.monotonic()
        due = []  # first all, since a call may set a timer that is due at once: that is for the next turn
        while self._timers and self._timers[0][0] <= now:
            due.append(heapq.heappop(self._timers)[2])
        for timer in due:
            if (made := timer.call) is None:
                self._cancelled -= 1
            else:
                timer.call = None
                made()

    def _patience(self, longest: float) -> float:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
            self._cancelled -= 1
        return max(0.0, min(longest, self._timers[0][0] - time.monotonic())) if self._timers else longest

    def _read_signals(self, _events: int) -> None:
        numbers = os.read(self._signals, 4096)
        for number in numbers:
            if number != signal.SIGCHLD:
                self.signalled = number
        if signal.SIGCHLD in numbers:
            self.on_child()

    def _make_calls(self, _events: int) -> None:
        os.eventfd_read(self._bell)
        self._rung = False  # before the first call is taken: what is appended from now on rings, or is found here
        while self._calls:
            self._calls.popleft()()
