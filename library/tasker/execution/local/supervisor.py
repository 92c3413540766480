"""Run many commands of this machine at once, in one thread (docs/architecture.md).

In: attempts. Out: one result each, as soon as it is known. Everything happens in the turns of the event loop.
"""

from __future__ import annotations

import os
import select
import time

from tasker.execution.local.attempt import CAP, TIMEOUT, Attempt
from tasker.execution.local.launcher import SCARCE, Launcher, StartQueue, refusal_reason
from tasker.execution.local.termination import LeftBehind, Termination, end_at_once
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.local.stream_capture import CapturedStream
    from tasker.protocol.types import Request, Result

LARGEST_STREAM = 2 << 30  # bytes, then the command is ended
HELD = 1.0  # seconds that a pipe is read on after its command has ended
PATIENT = 1.0  # seconds that an attempt may wait to be started before it is reported as queued


def notify_nobody(_request: Request, _event: str, _seconds: float | None = None, /) -> None:
    """For commands of our own."""


class Supervisor:
    """The executor of this machine (execution/executor.py)."""

    def __init__(
        self, loop: EventLoop, answer: Answer, notify: Notify = notify_nobody, largest: int = LARGEST_STREAM
    ) -> None:
        self.loop, self.answer, self.notify, self.largest = loop, answer, notify, largest
        self._launcher = Launcher(loop)
        self._starts = StartQueue(loop, self._begin)
        self._termination = Termination(loop, self._give_up)
        self._left_behind = LeftBehind(loop, self._answer)
        self._attempts: dict[int, Attempt] = {}  # serial: attempt without an answer
        self._children: dict[int, Attempt] = {}  # pid: attempt whose command was not reaped
        self._serial = 0
        self._progress = 0.0  # when a command was last started
        loop.on_child = self._reap

    # -- for its owner

    def start(self, attempt: Attempt) -> int:
        self._serial += 1
        attempt.serial = self._serial
        self._attempts[self._serial] = attempt
        self._starts.add(attempt)
        self._wait(attempt, attempt.received + min(PATIENT, attempt.timeout), self._wait_longer)
        return self._serial

    def cancel(self, serial: int, why: str) -> None:
        attempt = self._attempts.get(serial)
        if attempt is None or attempt.why:
            return
        if not attempt.pid:
            self._refuse(attempt, f"cancelled before it could start: {why}")
        elif attempt.status is None:
            self._end(attempt, why)

    def end_everything(self) -> None:
        for attempt in self._attempts.values():
            if attempt.sudo:
                attempt.sudo.end()
        end_at_once(attempt for attempt in self._attempts.values() if attempt.pid)

    def lift_deadline(self, serial: int) -> None:
        """Let a command that was started run for as long as it likes."""
        attempt = self._attempts.get(serial)
        if attempt and attempt.status is None and not attempt.why:
            self.loop.cancel(attempt.timer)

    # -- to start a command

    def _begin(self, attempt: Attempt) -> bool:
        """Start it. False when the machine has no room for it now."""
        if attempt.serial not in self._attempts:  # cancelled, or it waited too long
            return True
        attempt.began = time.monotonic()
        try:
            self._launcher.start(attempt, self._read)
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
            self.notify(attempt.request, "started")
        self._wait(attempt, attempt.began + attempt.timeout, self._time_is_up)
        return True

    def _wait_longer(self, attempt: Attempt) -> None:
        """Its time runs once it is started; but when nothing at all was started for that long, nothing will be."""
        if not attempt.queued:
            attempt.queued = True
            self.notify(attempt.request, "queued")
        until = max(attempt.received, self._progress) + attempt.timeout
        if until > time.monotonic():
            self._wait(attempt, until, self._wait_longer)
            return
        missing = f": {attempt.scarce}" if attempt.scarce else ""
        self._refuse(attempt, f"could not be started within {attempt.timeout:g} seconds{missing}")

    def _refuse(self, attempt: Attempt, reason: str, *code: int) -> None:
        self._done(attempt, not_started(attempt.request, attempt.argv, reason, *code))

    # -- while it runs, and its end

    def _read(self, attempt: Attempt, stream: CapturedStream, events: int) -> None:
        if not stream.drain(to_the_end=bool(events & select.EPOLLHUP)):
            self._launcher.close(stream)
            self._look_for_end(attempt)
            self._settle(attempt)
        if stream.size > self.largest and not attempt.why and attempt.status is None:
            stream.lose(f"{stream.name} is over {self.largest} bytes")
            self._end(attempt, CAP)

    def _look_for_end(self, attempt: Attempt) -> None:
        """A stream has ended: most commands end with their streams, and that saves a turn of the loop for each stream
        and one for the signal."""
        for stream in attempt.streams:
            if stream.descriptor is not None:
                if stream.drain(to_the_end=True):
                    return
                self._launcher.close(stream)
        if attempt.pid in self._children and (status := reap_child(attempt.pid)) is not None:
            self._take_end(self._children.pop(attempt.pid), status)

    def _take_end(self, attempt: Attempt, status: int) -> None:
        attempt.ended(status)
        self._starts.freed()

    def _reap(self) -> None:
        for pid, status in reap_children():
            if attempt := self._children.pop(pid, None):
                self._take_end(attempt, status)
                self._settle(attempt)

    def _settle(self, attempt: Attempt) -> None:
        """Its command or one of its streams has ended: is there an answer yet?"""
        if attempt.why:
            self._termination.hurry()
        elif attempt.status is not None:
            for stream in attempt.streams:
                if not stream.drain(to_the_end=True):
                    self._launcher.close(stream)
            if not attempt.is_open():
                self._finish(attempt)
            elif not attempt.held:
                attempt.held = True
                self._wait(attempt, time.monotonic() + HELD, self._give_up)

    def _time_is_up(self, attempt: Attempt) -> None:
        self._end(attempt, TIMEOUT)

    def _end(self, attempt: Attempt, why: str) -> None:
        attempt.why = why
        self.loop.cancel(attempt.timer)
        if attempt.sudo:
            attempt.sudo.end()  # its script ends what we may not
        self._termination.add(attempt)

    def _give_up(self, attempt: Attempt) -> None:
        """Take what its pipes still hold, close them whatever has the other end, and answer."""
        for stream in attempt.streams:
            stream.drain(to_the_end=True)
            self._launcher.close(stream)
        self._finish(attempt)

    def _finish(self, attempt: Attempt) -> None:
        """Answer, after a look for what it left running; but only if a cheap sign says that there is any."""
        self.loop.cancel(attempt.timer)
        if not attempt.why and (attempt.held or _group_lives(attempt.pid)):
            self._left_behind.count(attempt)
        else:
            self._answer(attempt)

    def _answer(self, attempt: Attempt) -> None:
        self._done(attempt, attempt.result())

    def _done(self, attempt: Attempt, result: Result) -> None:
        self.loop.cancel(attempt.timer)
        if attempt.sudo:
            attempt.sudo.end()
        del self._attempts[attempt.serial]
        self.answer(result)

    def _wait(self, attempt: Attempt, when: float, call: Callable[[Attempt], object]) -> None:
        """An attempt waits for one time at most."""
        self.loop.cancel(attempt.timer)
        attempt.timer = self.loop.at(when, lambda: call(attempt))


def reap_child(pid: int) -> int | None:
    """The status of this child if it has ended, which removes it from the process table; else None."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return status if found else None


def reap_children() -> list[tuple[int, int]]:
    """(pid, status) of each child that has ended, which this removes from the process table."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))


def _group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
