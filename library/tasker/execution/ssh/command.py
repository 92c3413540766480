"""One command on a remote host: from its request to its result. Its channel has a thread, so there is a `lock`."""

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
    from collections.abc import Callable, Sequence

    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.execution.local.stream_capture import Mask
    from tasker.execution.receipts.far_call import FarCall
    from tasker.execution.ssh.client import Channel
    from tasker.execution.ssh.target import Target
    from tasker.protocol.types import Document, Request, Result

NAMES = ("stdout", "stderr")
GONE, KILLED, LEFT = "gone", "killed", "left"  # what the remote script reports of the commands that it was asked to end


class SshCommand:
    """words: what to run. place: where. marker: in the environment of its processes. timeout: seconds from when it is
    sent. budget: seconds until it must be sent. at_once: the number of connections that may be set up at a time."""

    place: Target  # set before it is started
    # what its thread does, if that is not channel.run_command: (command, transport, report of channel.py)
    work: Callable[..., object] | None = None
    far: FarCall | None = None  # it is the script of receipts

    def __init__(self, request: Request, argv: list[str], words: list[str], marker: str, timeout: float) -> None:
        self.request, self.argv, self.words, self.marker = request, argv, words, marker
        self.timeout, self.budget, self.at_once = timeout, timeout, 1
        self.sudo: SudoDialogue | None = None  # through which it runs as another user
        self.serial: int | None = None
        self.lock = threading.Lock()
        self.answered = False
        self.queued = False  # was `queued` reported?
        self.follow: FollowedAttempt | None = None  # takes its output as it comes
        self.channel: Channel | None = None
        self.sent = False  # from here on the host may have run it
        self.began = self.seconds = 0.0
        self.sum = marker_sum(marker)
        self.opening = OpeningReader(f"tasker-{self.sum}-")
        self.streams: list[CapturedStream] = []
        self.let_go = False  # it was answered: no more of its output is read
        self.why: str | None = None  # why it is being ended
        self.end: str | None = None  # GONE, KILLED, LEFT, or why that is unknown
        self.spoken = False  # has its thread reported its end?
        self.jump = ""  # the jump host that leads to its host

    def send(self, channel: Channel) -> bool:
        """Mark it as sent, just before that happens. False if it was answered already."""
        with self.lock:
            if self.answered:
                return False
            folder, name = self.request.get("output"), file_stem(self.request.get("id", "request"))
            sudo = self.sudo
            masker = masker_for((*self.request.get("secrets", ()), *(sudo.secrets if sudo else ())))
            masks: list[Mask | None] = [masker.stream() for _ in NAMES]
            far = self.far.filters if self.far else list
            changed = sudo.filters if sudo else far
            self.streams = [
                CapturedStream(kind, None, folder, name, mask, self.follow.tap(kind) if self.follow else None)
                for kind, mask in zip(NAMES, changed(masks), strict=True)
            ]
            self.channel, self.sent, self.began = channel, True, time.monotonic()
            return True

    def is_sent_far(self, far: FarCall) -> SshCommand:
        """It is a session of the script of receipts, which reports no process number and is ended by a word."""
        self.far = far
        self.opening.end()
        return self

    def take(self, number: int, piece: bytes) -> int:
        """Store a piece of stdout (0) or stderr (1). Returns the length of that stream, in bytes."""
        with self.lock:
            if not self.answered and (piece := self.opening.take(piece) if number == 1 else piece):
                self.streams[number].take(piece)
            return self.streams[number].size

    def lose(self, number: int, why: str) -> None:
        with self.lock:
            if not self.answered:
                self.streams[number].lose(why)

    def claim(self, unsent: bool = False) -> bool:
        """Claim the right to answer it: the caller that gets True must do so. unsent: only if it has not been sent."""
        with self.lock:
            if self.answered or (unsent and self.sent):
                return False
            self.answered = True
            return True

    def result(self, status: int, signalled: str, lost: str) -> Result:
        """The result, to be called after `claim`. status: -1 if none came. signalled: as "KILL". lost: a class."""
        if rest := self.opening.end():
            self.streams[1].take(rest)
        if self.far:
            self.far.is_complete = status >= 0
        self.seconds = self.seconds or time.monotonic() - self.began
        made: Document = {}
        needs: Sequence[str] = self.request.get("needs", NAMES)
        for stream in self.streams:
            made |= stream.result(WHOLE if stream.name in needs else PIECE)
        if self.sudo and not self.sudo.started and (status >= 0 or signalled):
            from tasker.execution.become.starting import denied

            return denied(self.request, self.argv, self.sudo, made, (self._ended()[2] or "") if self.why else "")
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
            way = f" (by way of the jump host {self.jump})" if self.jump and lost == "lost" else ""
            return "unknown", None, f"{lost}: {CLASSES[lost]}{way}"
        code = status if status <= 255 else 255
        outcome = outcome_of(code)
        return outcome, code, f"ended by {signal_name(code - 128)}" if outcome == "signalled" else None

    def _ended(self) -> tuple[str, int | None, str | None]:
        how = {GONE: "", KILLED: " (it took KILL)", LEFT: f"; not all of it could be ended on {self.place.name}"}.get(
            self.end or "", f"; not confirmed by {self.place.name}: {self.end}"
        )
        if self.why == TIMEOUT:
            return "timeout", TIMED_OUT, f"timed out after {self.seconds:.3g} seconds{how}"
        words = "cancelled"
        if self.why == CAP:
            words = next((f"ended: {stream.lost}" for stream in self.streams if stream.lost), "ended: too much output")
        return "signalled", 128 + (signal.SIGKILL if self.end == KILLED else signal.SIGTERM), words + how


def refusal_result(command: SshCommand, name: str, reason: str) -> Result:
    """The result of a command that was never sent. name: the class of the fault."""
    return with_class(not_started(command.request, command.argv, reason), name)


def marker_sum(marker: str) -> str:
    """A text that no other output contains by chance."""
    import hashlib

    return hashlib.sha256(marker.encode()).hexdigest()[:16]
