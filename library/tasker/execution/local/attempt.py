"""One attempt: a request on its way to its result (docs/PROTOCOL.md), and the words for how it ended."""

from __future__ import annotations

import os
import time

from tasker.execution.local.stream_capture import PIECE, WHOLE, CapturedStream, file_stem
from tasker.protocol.exit_codes import TIMED_OUT
from tasker.protocol.results import outcome_of, result_document
from tasker.system.signal_calls import signal
from tasker.system.signals import signal_name
from tasker.text.masking import masker_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.event_loop import Timer
    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.execution.local.stream_capture import Mask
    from tasker.protocol.types import Document, Request, Result

STREAMS = ("stdout", "stderr")
TIMEOUT, INTERRUPT, CAP = "timeout", "interrupt", "cap"  # why we end a command


class Attempt:
    """request: the document. argv: text. Times are monotonic seconds.

    It has more than 15 attributes, since it holds all the facts about one attempt and does nothing by itself: the
    supervisor, the start queue and the termination write them, and `result` reads them.
    """

    __slots__ = (
        *("request", "argv", "marker", "timeout", "input", "follow", "serial", "timer", "sudo"),
        *("received", "began", "seconds", "queued", "scarce"),
        *("pid", "mark", "status", "streams", "why", "hard", "held", "left"),
    )

    def __init__(self, request: Request, argv: list[str], marker: str, timeout: float) -> None:
        self.request, self.argv, self.marker, self.timeout = request, argv, marker, timeout
        self.input = b""  # what the command reads on its stdin
        self.follow: FollowedAttempt | None = None  # takes its output as it comes
        self.sudo: SudoDialogue | None = None  # through which it runs as another user
        self.serial = 0  # its number in the executor
        self.timer: Timer | None = None  # the one thing that it waits for
        self.received = self.began = time.monotonic()
        self.seconds = 0.0  # from the start of the command to its end
        self.queued = False  # was it reported that it waits for the machine?
        self.scarce = ""  # what was missing when it could not be started yet
        self.pid = 0  # of the command; 0 until it is started
        self.mark = 0  # among the limits of its processes (system/processes.py)
        self.status: int | None = None  # of waitpid, once the command itself has ended
        self.streams: list[CapturedStream] = []
        self.why = ""  # why it is being ended
        self.hard = False  # did it take KILL?
        self.held = False  # were its pipes held open by what it left?
        self.left = 0  # processes that it left

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the command, in addition to our own."""
        return self.request.get("environment", {})

    def capture(
        self, descriptors: Iterable[int], filters: Callable[[list[Mask | None]], list[Mask | None]] | None = None
    ) -> None:
        """Capture its stdout and stderr from these descriptors. filters: puts something before their masks."""
        folder, stem = self.request.get("output"), file_stem(self.request.get("id", "request"))
        sudo = self.sudo
        masker = masker_for((*self.request.get("secrets", ()), *(sudo.secrets if sudo else ())))
        masks: list[Mask | None] = [masker.stream() for _ in STREAMS]
        changed = sudo.filters if sudo else filters or list
        self.streams = [
            CapturedStream(name, descriptor, folder, stem, mask, self.follow.tap(name) if self.follow else None)
            for name, descriptor, mask in zip(STREAMS, descriptors, changed(masks), strict=True)
        ]

    def is_open(self) -> bool:
        """Has a stream whose end has not come."""
        return any(stream.descriptor is not None for stream in self.streams)

    def ended(self, status: int) -> None:
        self.status, self.seconds = status, time.monotonic() - self.began

    def result(self) -> Result:
        """The document for a command that was started and has ended."""
        outcome, code, reason = self.verdict()
        needs = self.request.get("needs", STREAMS)
        keys: Document = {}
        for stream in self.streams:
            keys |= stream.result(WHOLE if stream.name in needs else PIECE)
        if lost := next((stream.lost for stream in self.streams if stream.lost), ""):
            keys["lost"] = lost
            reason = reason or lost
            if any(stream.storage for stream in self.streams):
                keys["storage"] = True
        if self.sudo and not self.sudo.started and self.status is not None:
            from tasker.execution.become.starting import denied

            return denied(self.request, self.argv, self.sudo, keys, reason if self.why else "")
        if reason:
            keys["reason"] = reason
        if self.left:
            keys["left_behind"] = self.left
        return result_document(self.request, outcome, code, self.argv, self.seconds, **keys)

    def verdict(self) -> tuple[str, int | None, str]:
        """(outcome, exit code, reason), the last in words or ""."""
        if self.why:
            return self._verdict_of_ours()
        code = 0 if self.status is None else os.waitstatus_to_exitcode(self.status)
        if code < 0:
            return "signalled", 128 - code, f"ended by {signal_name(-code)}"
        outcome = outcome_of(code)
        return outcome, code, f"ended by {signal_name(code - 128)}" if outcome == "signalled" else ""

    def _verdict_of_ours(self) -> tuple[str, int, str]:
        """Of a command that we ended. What it reports itself ("exit 0" in a trap) does not count as success."""
        how = " (it took KILL)" if self.hard else ""
        if self.left:
            how += f"; {self.left} of its processes could not be ended"
        if self.why == TIMEOUT:
            return "timeout", TIMED_OUT, f"timed out after {self.seconds:.3g} seconds{how}"
        sent = signal.SIGKILL if self.hard else signal.SIGTERM
        lost = next((stream.lost for stream in self.streams if stream.lost), "too much output")
        return "signalled", 128 + sent, (f"ended: {lost}" if self.why == CAP else "cancelled") + how
