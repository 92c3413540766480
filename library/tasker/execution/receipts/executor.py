"""The executor of a runner whose hosts keep receipts: what has none goes on as it is; the rest is sessions of the far
script, which the runner's own executor runs as it runs commands."""

from __future__ import annotations

import time

from tasker.execution.request_server import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Protocol

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.execution.receipts.attempts import Delivery, Question
    from tasker.execution.receipts.far_call import FarCall
    from tasker.protocol.types import Request, Result

    class Own(Protocol):
        """The runner's own executor (execution/executor.py), which takes attempts of its own kind alone."""

        @property
        def start(self) -> Callable[..., int]: ...
        def cancel(self, serial: int, why: str, /) -> None: ...
        def end_everything(self) -> None: ...

    class Requested(Protocol):
        """An attempt of the runner, or one of receipts."""

        request: Request
        follow: FollowedAttempt | None


_STARTING = -1
PAUSE, LONGEST_PAUSE = 0.5, 5.0  # seconds between two attempts to reach a host


class ReceiptExecutor:
    """make: makes the runner's own executor, of (loop, answer, notify)."""

    def __init__(
        self,
        loop: EventLoop,
        answer: Answer,
        notify: Notify,
        make: Callable[[EventLoop, Answer, Notify], Own],
        call: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        """call: has something called in the loop, from any thread; by default at once."""
        self.loop, self._report, self._notify = loop, answer, notify
        self.own = make(loop, self._answered, self._notice)
        self._sessions: dict[Hashable, Session] = {}  # by the id of the request
        self._numbers: dict[int, Session] = {}
        self._count = 0
        self.call = call or (lambda what: what())

    def start(self, attempt: Requested) -> int:
        request = attempt.request
        if "receipt" not in request and "ask" not in request:
            return self.own.start(attempt)
        from tasker.execution.receipts.attempts import Delivery, Question  # here, as few commands have one

        assert isinstance(attempt, Delivery | Question)  # a backend makes nothing else of these
        self._count -= 1  # below 0, so that it is no number of the other one
        session = Session(self, attempt, self._count)
        self._sessions[key_of(request)] = self._numbers[self._count] = session
        session.begin()
        return session.number

    def cancel(self, serial: int, why: str) -> None:
        if serial >= 0:
            self.own.cancel(serial, why)
        elif session := self._numbers.get(serial):
            session.cancel(why)

    def end_everything(self) -> None:
        """Commands with a receipt go on over there."""
        self.own.end_everything()

    # -- for the sessions

    def finish(self, session: Session, result: Result) -> None:
        del self._sessions[key_of(session.attempt.request)], self._numbers[session.number]
        self._report(result)

    def running(self, request: Request, seconds: float) -> None:
        self._notify(request, "running", seconds)

    # -- for the other one

    def _answered(self, result: Result) -> None:
        session = self._sessions.get(key_of(result)) if self._sessions else None
        if session is None:
            self._report(result)
        else:
            session.answered(result)

    def _notice(self, request: Request, event: str, _seconds: float | None = None, /) -> None:
        if "ask" not in request:
            self._notify(request, event)


class Session:
    """The sessions of one attempt, one after another."""

    def __init__(self, owner: ReceiptExecutor, attempt: Delivery | Question, number: int) -> None:
        self._owner, self.attempt, self.number = owner, attempt, number
        self._call: FarCall | None = None
        self._serial = 0  # of its attempt in the other executor; 0 between two
        self._pause = PAUSE
        self._timer: Timer | None = None

    def begin(self) -> None:
        found = self.attempt.next(time.monotonic())
        if isinstance(found, dict):
            self._finish(found)
            return
        self._call, made = found
        made.follow, self._call.on_report = self.attempt.follow, self._heard
        self._serial = _STARTING
        serial = self._owner.own.start(made)
        if self._serial == _STARTING:  # else it is over already
            self._serial = serial
        self._limit()

    def cancel(self, why: str) -> None:
        """End the command through its receipt."""
        if self.attempt.why:
            return
        self.attempt.end(time.monotonic(), why)
        if self._call is not None and self._serial:
            self._call.wanted = True
            self._owner.own.cancel(self._serial, why)

    def answered(self, raw: Result) -> None:
        """A session is over."""
        call, self._serial = self._call, 0
        assert call is not None  # a session has one
        self._owner.loop.cancel(self._timer)
        verdict = self.attempt.verdict(call, raw)
        if verdict is None and time.monotonic() + self._pause < self.attempt.until:
            self._timer = self._owner.loop.after(self._pause, self.begin)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        else:
            self._finish(verdict or self.attempt.unanswered(raw))

    def _heard(self, report: list[str]) -> None:
        """A report has come; in the thread that reads the stream."""
        if report[0] == "running" and len(report) > 1 and report[1].isdigit():
            self._owner.call(lambda: self._running(int(report[1]) / 100))

    def _running(self, seconds: float) -> None:
        if self.attempt.heard_running(time.monotonic(), seconds) and self._serial:
            self._owner.running(self.attempt.request, seconds)
        self._limit()

    def _limit(self) -> None:
        """The session of a question ends when its time is over."""
        if self._serial and self.attempt.until:
            self._owner.loop.cancel(self._timer)
            self._timer = self._owner.loop.at(self.attempt.until, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if self._serial and self._call is not None:
            self._call.given_up = True
            self._owner.own.cancel(self._serial, "timeout")

    def _finish(self, result: Result) -> None:
        self._owner.loop.after(0.0, lambda: self._owner.finish(self, result))  # not before `start` has returned
