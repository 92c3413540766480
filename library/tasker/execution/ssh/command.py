"""One command on a far side: from its request to its result. Its conversation has a thread, so there is a `lock`."""

from __future__ import annotations

import signal
import threading
import time

from tasker.execution.connection_faults import CLASSES, result_keys, with_class
from tasker.execution.local.attempt import CAP, TIMEOUT
from tasker.execution.local.stream_capture import PIECE, WHOLE, CapturedStream, file_stem
from tasker.execution.ssh.remote_script import OpeningReader
from tasker.protocol.exit_codes import TIMED_OUT
from tasker.protocol.results import not_started, outcome_of, result_document
from tasker.system.signals import signal_name
from tasker.text.masking import masker_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.execution.ssh.client import Channel
    from tasker.execution.ssh.target import Target
    from tasker.protocol.types import Document, Request, Result

NAMES = ("stdout", "stderr")
GONE, KILLED, LEFT = "gone", "killed", "left"  # what the far side says of what it was asked to end


class SshCommand:
    """words, place, marker: what, where (place.Place), and what its processes carry. timeout, budget: seconds from the
    moment it is sent, and until then. at_once: how many connections may be being set up."""

    place: Target  # set before it is started

    def __init__(self, request: Request, argv: list[str], words: list[str], marker: str, timeout: float) -> None:
        self.request, self.argv, self.words, self.marker = request, argv, words, marker
        self.timeout, self.budget, self.at_once = timeout, timeout, 1
        self.serial: int | None = None
        self.lock = threading.Lock()
        self.answered = False
        self.queued = False  # was it said that it waits?
        self.follow: FollowedAttempt | None = None  # what hears its output as it comes (live.Followed)
        self.channel: Channel | None = None
        self.sent = False  # from here on the far side may have run it
        self.began = self.seconds = 0.0
        self.opening = OpeningReader(f"tasker-{marker_sum(marker)}-")
        self.streams: list[CapturedStream] = []
        self.let_go = False  # it has its answer: nothing more of its output is read
        self.why: str | None = None  # why it is being ended
        self.end: str | None = None  # GONE, KILLED, LEFT, or in words why nobody knows
        self.spoken = False  # has its conversation ended?

    def send(self, channel: Channel) -> bool:
        """It is about to be sent. False when it has its answer already."""
        with self.lock:
            if self.answered:
                return False
            folder, name = self.request.get("output"), file_stem(self.request.get("id", "request"))
            masks = masker_for(tuple(self.request.get("secrets", ())))
            self.streams = [
                CapturedStream(kind, None, folder, name, masks.stream(), self.follow.tap(kind) if self.follow else None)
                for kind in NAMES
            ]
            self.channel, self.sent, self.began = channel, True, time.monotonic()
            return True

    def take(self, number: int, piece: bytes) -> int:
        """Keep what came on stdout (0) or stderr (1). Gives how long that stream is."""
        with self.lock:
            if not self.answered and (piece := self.opening.take(piece) if number == 1 else piece):
                self.streams[number].take(piece)
            return self.streams[number].size

    def lose(self, number: int, why: str) -> None:
        with self.lock:
            if not self.answered:
                self.streams[number].lose(why)

    def claim(self, unsent: bool = False) -> bool:
        """Who gets True answers it; nobody else will. unsent: only if it has not been sent."""
        with self.lock:
            if self.answered or (unsent and self.sent):
                return False
            self.answered = True
            return True

    def result(self, status: int, signalled: str, lost: str) -> Result:
        """The answer, for who has claimed it. status: -1 without one. signalled: "KILL". lost: its class, if so."""
        if rest := self.opening.end():
            self.streams[1].take(rest)
        self.seconds = self.seconds or time.monotonic() - self.began
        made: Document = {}
        needs: Sequence[str] = self.request.get("needs", NAMES)
        for stream in self.streams:
            made |= stream.result(WHOLE if stream.name in needs else PIECE)
        outcome, code, reason = self._ended() if self.why else self._verdict(status, signalled, lost)
        if gap := next((stream.lost for stream in self.streams if stream.lost), None):
            made["lost"] = gap
            reason = reason or gap
            if any(stream.storage for stream in self.streams):
                made["storage"] = True
        if reason:
            made["reason"] = reason
        if outcome == "unknown":
            made |= result_keys(lost)
        return result_document(self.request, outcome, code, self.argv, self.seconds, **made)

    def _verdict(self, status: int, signalled: str, lost: str) -> tuple[str, int | None, str | None]:
        if signalled:
            number = getattr(signal, f"SIG{signalled}", None)
            return "signalled", 128 + int(number or 127), f"ended by SIG{signalled}" if number else "ended by a signal"
        if status < 0:
            return "unknown", None, f"{lost}: {CLASSES[lost]}"
        code = status if status <= 255 else 255
        outcome = outcome_of(code)
        return outcome, code, f"ended by {signal_name(code - 128)}" if outcome == "signalled" else None

    def _ended(self) -> tuple[str, int | None, str | None]:
        how = {GONE: "", KILLED: " (it took KILL)", LEFT: f"; not all of it could be ended on {self.place.name}"}.get(
            self.end or "", f"; nobody knows whether it has ended on {self.place.name}: {self.end}"
        )
        if self.why == TIMEOUT:
            return "timeout", TIMED_OUT, f"ended after {self.seconds:.3g} seconds{how}"
        words = "cancelled"
        if self.why == CAP:
            words = next((f"ended: {stream.lost}" for stream in self.streams if stream.lost), "ended: too much output")
        return "signalled", 128 + (signal.SIGKILL if self.end == KILLED else signal.SIGTERM), words + how


def refusal_result(command: SshCommand, name: str, reason: str) -> Result:
    """The answer of one that was never sent. name: its class."""
    return with_class(not_started(command.request, command.argv, reason), name)


def marker_sum(marker: str) -> str:
    """What nothing else will print by chance."""
    import hashlib

    return hashlib.sha256(marker.encode()).hexdigest()[:16]
