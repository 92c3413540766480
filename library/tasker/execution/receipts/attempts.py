"""What the runners `ssh` and `openssh` make of a request with a receipt, and of a question.

Either is one session of the far script after another; a command has one, a question as many as it takes.
"""

from __future__ import annotations

import math
import time

from tasker.execution.receipts import far_script, verdicts
from tasker.execution.receipts.far_call import FarCall
from tasker.execution.ssh.remote_script import LONGEST, is_built_in
from tasker.protocol.results import result_document
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.execution.executor import Startable
    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.protocol.types import Request, Result

    # of a runner: an attempt for a session of the far script, which may take that many seconds
    Build: TypeAlias = Callable[[FarCall, float], Startable]
    Next: TypeAlias = tuple[FarCall, Startable] | Result

TIMEOUT = 30.0  # seconds, for a request that gives none
SLACK = 15.0  # seconds after its deadline in which a host has to report that it has ended a command
AFTERWARDS = 10.0  # seconds after the deadline of a command in which its receipt may still be read
ENDING = 8.0  # seconds to end a command through its receipt
_NAME = Pattern(r"[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,119}")  # of a folder over there
_MOST_DONE = 500  # deliveries whose streams are removed with one command


def attempt_for(request: Request, argv: list[str], marker: str, build: Build) -> Delivery | Question:
    if "ask" in request:
        return Question(request, argv, build, time.monotonic())
    return Delivery(request, argv, build, is_built_in(request["words"][0]), marker)


class Delivery:
    """A command with a receipt: one session."""

    def __init__(self, request: Request, argv: list[str], build: Build, is_builtin: bool, marker: str) -> None:
        self.request, self.argv, self._build = request, argv, build
        self._is_builtin, self._marker = is_builtin, marker
        self.follow: FollowedAttempt | None = None
        self.until = 0.0
        self.why = ""  # why it is being ended: timeout or interrupt

    def next(self, _now: float) -> Next:
        receipt, timeout = self.request["receipt"], math.ceil(self.request.get("timeout", TIMEOUT))
        run, place = receipt["run"], f"{receipt['request']}.{receipt['delivery']}"
        if not (_NAME.fullmatch(run) and _NAME.fullmatch(place)):
            return verdicts.no_receipts(self.request, self.argv, "the run and the request have no names for a folder")
        done = [f"{one[0]}.{one[1]}" for one in receipt.get("done", [])[:_MOST_DONE] if len(one) == 2]
        kept = "none" if receipt.get("output") is False else "kept"
        rest = [str(timeout), kept, " ".join(filter(_NAME.fullmatch, done))]
        rest += ["builtin" if self._is_builtin else "exec", self._marker, *self.request["words"]]
        call = FarCall(far_script.RUN, run, place, rest)
        if len(call.text.encode()) > LONGEST:
            return verdicts.no_receipts(self.request, self.argv, "the command is too long for one")
        return call, self._build(call, timeout + SLACK)

    def end(self, _now: float, why: str) -> None:
        """It is to be ended."""
        self.why = why

    def heard_running(self, _now: float, _seconds: float) -> bool:
        return False

    def verdict(self, call: FarCall, raw: Result) -> Result | None:
        return verdicts.of_delivery(call, self.request, raw, self.why)

    def unanswered(self, raw: Result) -> Result:
        return raw


class Question:
    """A question: as many sessions as it takes until the host has answered, up to `until` (monotonic seconds).

    running: the command was seen running.
    """

    def __init__(self, request: Request, argv: list[str], build: Build, now: float) -> None:
        self.request, self.argv, self._build, self._ask = request, argv, build, request["ask"]
        self.follow: FollowedAttempt | None = None
        self.why = ""  # why its command is being ended: timeout or interrupt
        self.running = False
        self._most = now + self.request.get("timeout", TIMEOUT)
        self.until = min(self._most, now + self._ask.get("patience", self._most - now))

    def next(self, now: float) -> Next:
        ask, run = self._ask, self._ask["run"]
        place = f"{ask.get('request', '-')}.{ask.get('delivery', 0)}"
        mode = far_script.END if self.why and ask["do"] == far_script.SETTLE else ask["do"]
        rest: list[str] = []
        if mode in (far_script.SETTLE, far_script.END):
            rest = [str(math.floor(ask["since"])) if "since" in ask else "-"]
        elif mode == far_script.CLEAN:
            rest = [str(max(1, math.ceil(ask.get("older", 0.0) / 60)))]
        if not (_NAME.fullmatch(run) and _NAME.fullmatch(place)):
            return self._unknown("the run and the request have no names for a folder", verdicts.NO_RECEIPTS)
        call = FarCall(mode, run, place, rest)
        return call, self._build(call, max(1.0, self._most - now))

    def end(self, now: float, why: str) -> None:
        """Its command is to be ended."""
        self.why, self.until = why, min(self.until, now + ENDING)

    def heard_running(self, now: float, seconds: float) -> bool:
        """The host reports that it runs, for that long. True the first time."""
        first, self.running = not self.running, True
        left = self._ask.get("timeout", 0.0) - seconds
        if not self.why:
            self.until = min(max(self.until, now + max(0.0, left) + AFTERWARDS), self._most)
        return first and self._ask["do"] == far_script.SETTLE

    def verdict(self, call: FarCall, raw: Result) -> Result | None:
        """The answer, or None where this session has brought none."""
        if raw.get("retryable") is False:  # the same would come again
            return self.unanswered(raw)
        return verdicts.of_question(call, self.request, raw, self.why)

    def unanswered(self, raw: Result) -> Result:
        """The answer where no session has brought one in time. raw: of the last one."""
        if self.running:
            return self._unknown("its end was not seen", "", verdicts.RUNNING)
        return self._unknown(raw.get("reason", "the host was not reached"), raw.get("class", verdicts.UNREACHABLE))

    def _unknown(self, reason: str, name: str, settled: str = "") -> Result:
        nothing = result_document(self.request, "unknown", None, self.argv)
        return verdicts.unknown(self.request, nothing, reason, name, settled)
