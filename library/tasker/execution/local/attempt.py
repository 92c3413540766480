"""One attempt: a request on its way to its result (docs/PROTOCOL.md), and how its end is put in words."""

import os
import signal
import time

from tasker.execution.local.stream_capture import PIECE, WHOLE, CapturedStream
from tasker.protocol.exit_codes import TIMED_OUT
from tasker.protocol.results import outcome_of, result_document
from tasker.system.signals import signal_name

TIMEOUT, INTERRUPT, CAP = "timeout", "interrupt", "cap"  # why we end a command


class Attempt:
    """request: the document. argv: text. extra: values for the command's environment. Times are monotonic seconds."""

    __slots__ = (
        *("request", "argv", "extra", "marker", "timeout", "received", "began", "seconds", "due"),
        *(
            "serial",
            "pid",
            "status",
            "streams",
            "open",
            "why",
            "hard",
            "held",
            "left",
            "scarce",
            "queued",
            "follow",
            "mark",
        ),
    )

    def __init__(self, request: dict, argv: list[str], extra: dict[str, str], marker: str, timeout: float):
        self.request, self.argv, self.extra, self.marker, self.timeout = request, argv, extra, marker, timeout
        self.received = self.began = time.monotonic()
        self.seconds = 0.0  # from the start of the command to its end
        self.due: float | None = None  # when time is up for what it is waiting for
        self.serial: int | None = None
        self.pid: int | None = None
        self.mark = 0  # among the limits of its processes (system/processes.py)
        self.status: int | None = None  # of waitpid, once the command itself has ended
        self.streams: list[CapturedStream] = []
        self.open = 0  # streams whose end has not come
        self.why: str | None = None  # why it is being ended
        self.hard = False  # did it take KILL?
        self.held = False  # were its pipes held open by what it left?
        self.left = 0  # processes that it left
        self.scarce: str | None = None  # what was missing when it could not be started yet
        self.queued = False  # was it said that it waits for the machine?
        self.follow = None  # what hears its output as it comes (live.Followed)

    def ended(self, status: int) -> None:
        self.status, self.seconds = status, time.monotonic() - self.began

    def result(self) -> dict:
        """The document for a command that was started and has ended."""
        outcome, code, reason = self._verdict()
        needs = self.request.get("needs", ("stdout", "stderr"))
        keys: dict = {}
        for stream in self.streams:
            keys |= stream.result(WHOLE if stream.name in needs else PIECE)
        if lost := next((stream.lost for stream in self.streams if stream.lost), None):
            keys["lost"] = lost
            reason = reason or lost
            if any(stream.storage for stream in self.streams):
                keys["storage"] = True
        if reason:
            keys["reason"] = reason
        if self.left:
            keys["left_behind"] = self.left
        return result_document(self.request, outcome, code, self.argv, self.seconds, **keys)

    def _verdict(self):
        code = None if self.status is None else os.waitstatus_to_exitcode(self.status)
        if self.why is None:
            if code < 0:
                return "signalled", 128 - code, f"ended by {signal_name(-code)}"
            outcome = outcome_of(code)
            return outcome, code, f"ended by {signal_name(code - 128)}" if outcome == "signalled" else None
        how = " (it took KILL)" if self.hard else ""
        if self.left:
            how += f"; {self.left} of its processes could not be ended"
        if self.why == TIMEOUT:
            return "timeout", TIMED_OUT, f"ended after {self.seconds:.3g} seconds{how}"
        # it was asked to end, so what it says itself ("exit 0" in a trap) is no success
        sent = signal.SIGKILL if self.hard else signal.SIGTERM
        words = self._too_long() if self.why == CAP else "cancelled"
        return "signalled", 128 + sent, words + how

    def _too_long(self):
        return next((f"ended: {stream.lost}" for stream in self.streams if stream.lost), "ended: too much output")
