"""Run many commands at once, in one thread: start, drain, bound and bury each of them (docs/architecture.md).

In: attempts (children/attempt.py). Out: one result document each, as soon as it is known. Everything happens in `turn`,
which sleeps until a pipe, a signal, a deadline or somebody who `watch`es needs it.
"""

import os
import select
import signal
import time

from tasker.execution.local.attempt import CAP, TIMEOUT, Attempt
from tasker.execution.local.child_signals import reap_children, watch_children
from tasker.execution.local.launcher import SCARCE, Launcher, refusal_reason
from tasker.execution.local.queues import StartQueue, Timers
from tasker.execution.local.stream_capture import CapturedStream, file_stem
from tasker.execution.local.termination import Termination, end_at_once, owned_processes
from tasker.protocol.results import not_started
from tasker.system import processes
from tasker.text.masking import masker_for

LARGEST_STREAM = 2 << 30  # bytes, then the command is ended
HELD = 1.0  # seconds that a pipe is read on after its command has ended
PATIENT = 1.0  # seconds that an attempt may wait to be started before `tell` hears of it


class Supervisor:
    """answer: called with each result. ends: signals that end everything; the one that came is in `signalled`.

    tell: called with (request, "queued") when the machine has had no room for a while, and (request, "started") then.
    """

    def __init__(self, answer, ends=(signal.SIGTERM, signal.SIGHUP), largest: int = LARGEST_STREAM, tell=None):
        self.answer, self.largest, self.tell = answer, largest, tell or (lambda request, event: None)
        self.signalled = None
        self._wake, ignored, blocked = watch_children(ends)
        self._launcher = Launcher(ignored, blocked)
        self._epoll = select.epoll()
        self._epoll.register(self._wake, select.EPOLLIN)
        self._watched: dict = {}  # descriptor: what to call
        self._streams: dict = {}  # descriptor: (attempt, stream)
        self._children: dict[int, Attempt] = {}  # pid: attempt, until it is reaped
        self._attempts: dict[int, Attempt] = {}  # serial: attempt, until it is answered
        self._starts = StartQueue(self._begin)
        self._timers = Timers(self._attempts)
        self._ending = Termination()
        self._leavers: list[Attempt] = []  # attempts that have ended and left something running, which is to be counted
        self._serial = 0
        self._progress = 0.0  # when a command was last started

    def start(self, attempt: Attempt) -> int:
        """Start it as soon as the machine allows. Its number is for `cancel`."""
        self._serial += 1
        attempt.serial = self._serial
        self._attempts[self._serial] = attempt
        self._starts.add(attempt)
        self._timers.set(attempt, attempt.received + min(PATIENT, attempt.timeout))
        return self._serial

    def cancel(self, serial: int, why: str) -> None:
        """End one attempt. It is answered all the same; what is answered already, or is being ended, is left alone."""
        attempt = self._attempts.get(serial)
        if attempt is None or attempt.why is not None:
            return
        if attempt.pid is None:
            self._refuse(attempt, f"cancelled before it could start: {why}")
        elif attempt.status is None:
            self._end(attempt, why)

    def allow(self, serial: int, seconds: float) -> None:
        """Give one that is running so many seconds from now, whatever it had."""
        if attempt := self._attempts.get(serial):
            attempt.timeout = seconds
            if attempt.status is None and attempt.why is None:
                self._timers.set(attempt, time.monotonic() + seconds)

    def watch(self, descriptor: int, events: int, call) -> bool:
        """Call `call()` whenever this is ready. False when it is always ready, as files are."""
        try:
            if descriptor not in self._watched:
                self._epoll.register(descriptor, events)
        except PermissionError:
            return False
        self._watched[descriptor] = call
        return True

    def forget(self, descriptor: int) -> None:
        if self._watched.pop(descriptor, None):
            self._epoll.unregister(descriptor)

    def end_everything(self) -> None:
        """KILL all that has no answer yet, and everything that belongs to it. There will be no answers."""
        end_at_once(attempt for attempt in self._attempts.values() if attempt.pid is not None)

    def turn(self, longest: float = 3600.0) -> None:
        """Wait until something happens, at most `longest` seconds, and deal with it."""
        woken, calls = False, []
        for descriptor, mask in self._epoll.poll(self._patience(longest)):
            if descriptor in self._streams:
                self._read(descriptor, mask)
            elif descriptor == self._wake:
                woken = True
            elif descriptor in self._watched:
                calls.append(self._watched[descriptor])
        if woken:
            self._woken()
        for call in calls:
            call()
        for attempt in self._timers.expired():
            self._time_is_up(attempt)
        self._starts.go_on()
        if any(when <= time.monotonic() for when in self._ending.due()):
            for attempt in self._ending.look():
                self._close(attempt)
                self._finish(attempt)
        if self._leavers:
            self._count_left()

    def _patience(self, longest):
        now = time.monotonic()
        return max(0.0, min([now + longest, *self._timers.due(), *self._ending.due(), *self._starts.due()]) - now)

    def _woken(self):
        for number in os.read(self._wake, 4096):
            if number != signal.SIGCHLD:
                self.signalled = number
        for pid, status in reap_children():
            if attempt := self._children.pop(pid, None):
                attempt.ended(status)
                self._starts.freed()
                self._settle(attempt)

    def _begin(self, attempt):
        """Start it. False when the machine has no room for it now."""
        if attempt.serial not in self._attempts:  # cancelled, or it waited too long
            return True
        argv = [word.encode() for word in attempt.argv]
        extra = {name.encode(): value.encode() for name, value in attempt.extra.items()}
        attempt.began = time.monotonic()
        try:
            attempt.mark = processes.new_mark() if self._launcher.marks else 0
            attempt.pid, readers = self._launcher.start(argv, attempt.marker, attempt.mark, extra, self._register)
        except OSError as error:
            if error.errno in SCARCE:
                attempt.scarce = os.strerror(error.errno).lower()
                return False
            code, reason = refusal_reason(error, attempt.argv[0])
            self._refuse(attempt, reason, code)
            return True
        self._children[attempt.pid] = attempt
        self._progress = attempt.began
        if attempt.queued:
            self.tell(attempt.request, "started")
        self._timers.set(attempt, attempt.began + attempt.timeout)
        folder, name = attempt.request.get("output"), file_stem(attempt.request.get("id", "request"))
        masks = masker_for(tuple(attempt.request.get("secrets", ())))
        attempt.streams = [
            CapturedStream(kind, fd, folder, name, masks.stream(), attempt.follow and attempt.follow.tap(kind))
            for kind, fd in zip(("stdout", "stderr"), readers)
        ]
        attempt.open = len(readers)
        for stream in attempt.streams:
            self._streams[stream.descriptor] = (attempt, stream)
        return True

    def _register(self, descriptor):
        self._epoll.register(descriptor, select.EPOLLIN)

    def _read(self, descriptor, mask):
        attempt, stream = self._streams[descriptor]
        if not stream.drain(to_the_end=mask & select.EPOLLHUP):
            self._shut(attempt, stream)
            self._settle(attempt)
        if stream.size > self.largest and attempt.why is None and attempt.status is None:
            stream.lose(f"{stream.name} is over {self.largest} bytes")
            self._end(attempt, CAP)

    def _shut(self, attempt, stream):
        del self._streams[stream.descriptor]
        os.close(stream.descriptor)
        stream.descriptor = None
        attempt.open -= 1

    def _close(self, attempt):
        """Take what the pipes still hold, and close them whoever has the other end."""
        for stream in attempt.streams:
            if stream.descriptor is not None:
                stream.drain(to_the_end=True)
                self._shut(attempt, stream)

    def _settle(self, attempt):
        """Its command or one of its streams has ended: is there an answer yet?"""
        if attempt.why is not None:
            self._ending.hurry()
        elif attempt.status is not None:
            for stream in attempt.streams:
                if stream.descriptor is not None and not stream.drain(to_the_end=True):
                    self._shut(attempt, stream)
            if not attempt.open:
                self._finish(attempt)
            elif not attempt.held:
                attempt.held = True
                self._timers.set(attempt, time.monotonic() + HELD)

    def _end(self, attempt, why):
        attempt.why, attempt.due = why, None
        self._ending.add(attempt)

    def _time_is_up(self, attempt):
        if attempt.pid is None:
            self._wait_longer(attempt)
        elif attempt.status is None:
            self._end(attempt, TIMEOUT)
        else:
            self._close(attempt)
            self._finish(attempt)

    def _wait_longer(self, attempt):
        """Its time runs once it is started; but when nothing at all was started for so long, nothing will be."""
        if not attempt.queued:
            attempt.queued = True
            self.tell(attempt.request, "queued")
        until = max(attempt.received, self._progress) + attempt.timeout
        if until > time.monotonic():
            self._timers.set(attempt, until)
            return
        missing = f": {attempt.scarce}" if attempt.scarce else ""
        self._refuse(attempt, f"could not be started within {attempt.timeout:g} seconds{missing}")

    def _finish(self, attempt):
        """All is known, except perhaps how many processes it left: asked only when a cheap sign says that there are."""
        attempt.due = None
        if attempt.why is None and (attempt.held or _group_lives(attempt.pid)):
            self._leavers.append(attempt)
        else:
            self._done(attempt, attempt.result())

    def _count_left(self):
        found = owned_processes((attempt, ()) for attempt in self._leavers)
        for attempt in self._leavers:
            attempt.left = len(found.get(attempt.serial, ()))
            self._done(attempt, attempt.result())
        self._leavers = []

    def _refuse(self, attempt, reason, *code):
        self._done(attempt, not_started(attempt.request, attempt.argv, reason, *code))

    def _done(self, attempt, doc):
        del self._attempts[attempt.serial]
        self.answer(doc)


def _group_lives(pid):
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
