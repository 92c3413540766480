"""One gateway: it connects, greets, notices silence, and connects again to what it left there."""

from __future__ import annotations

import os

from tasker.execution.fleet.mailbox import InvalidFrame, Lines, Mailbox, is_number
from tasker.execution.fleet.start_record import StartRecord
from tasker.protocol.document import LARGEST, Problem, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.fleet.settings import Gateway
    from tasker.protocol.types import Document

    class Carrier(Protocol):
        def send(self, data: bytes, /) -> None: ...
        def close(self) -> None: ...
        def kill(self) -> None: ...

    class Owner(Protocol):
        """Is called when a link has changed."""

        def link_ready(self, link: Link, /) -> None: ...
        def link_line(self, link: Link, line: bytes, /) -> None: ...
        def link_cut(self, link: Link, /) -> None: ...
        def link_final(self, link: Link, reason: str, /) -> None: ...
        def link_may_connect(self, link: Link, /) -> None: ...

    Program = Callable[[object], bytes]  # TASKER for the Python with this magic number (program.py)
    Hello = tuple[str, Program | None, str, float, float]  # token; program: of a new keeper; leaf, linger, silence
    Open = Callable[[EventLoop, Gateway, Hello, Callable[[bytes], object], Callable[[str], object]], Carrier]

IDLE, CONNECTING, READY, CUT = "idle", "connecting", "ready", "cut"
GREETING = 40.0  # seconds for a gateway to be ready
PAUSE, LONGEST_PAUSE = 0.25, 30.0  # seconds between two attempts to connect
TICKS = 3  # notes that are sent in the seconds of silence that end a link


class Link:
    """claims: the numbers of the requests that this gateway was given and has not answered (executor.py).

    late: those of requests that were answered without it, while it may still answer them. reason: why it is not ready.
    """

    def __init__(self, gateway: Gateway, loop: EventLoop, open_carrier: Open, program: Program, owner: Owner) -> None:
        self.gateway, self.loop, self.owner = gateway, loop, owner
        self.claims: set[int] = set()
        self.late: set[int] = set()
        self.state, self.reason, self.folder = IDLE, "", ""
        self.starts = StartRecord()
        self.about: Document = {}  # of the runner there, with what its keeper adds
        self._open_carrier, self._program = open_carrier, program
        self._carrier: Carrier | None = None
        self._timer: Timer | None = None  # to connect again
        self._deadline: Timer | None = None  # of a greeting, or of the time without a link
        self._pause, self._ending = PAUSE, False
        self._renew()
        self._tick()

    @property
    def free(self) -> int:
        """Requests that it can take now."""
        return self.gateway.window - len(self.claims) if self.state == READY and not self._ending else 0

    def want(self) -> None:
        """Connect, unless it does so already, or has failed just now."""
        if self.state == IDLE and self._timer is None and not self._ending:
            self.state = CONNECTING
            self._connect(self._program)

    def post(self, line: bytes) -> None:
        """Send a line: once, over this connection or the next one."""
        frame = self._mailbox.post(line)
        if self._greeted:
            self._send(frame)

    def violated(self, reason: str) -> None:
        """What it sent cannot be: it is believed no more."""
        self._final(f"it broke the protocol: {reason}")

    def say_goodbye(self) -> None:
        """Everything there is to end, at once. A link that was cut still tries to come back for that."""
        self._ending = True
        if self.state == CUT and self._carrier is None:  # it pauses
            self.loop.cancel(self._timer)
            self._connect(None)
        if self.state in (READY, CUT) or self._greeted:
            self.post(b"end")
            self._flush()
        else:
            self.kill()

    @property
    def is_gone(self) -> bool:
        """Has it nothing more to do?"""
        return self._carrier is None and self.state != CUT

    def kill(self) -> None:
        if self._carrier is not None:
            self._carrier.kill()
            self._carrier = None
        if self._ending:
            self.state = IDLE

    # -- connections

    def _renew(self) -> None:
        """Whatever connects from now on finds a new keeper."""
        self._token, self._mailbox = os.urandom(16).hex(), Mailbox()
        self._lines, self._greeted, self._quiet = Lines(LARGEST), False, 0
        self._waiting = bytearray()

    def _connect(self, program: Program | None) -> None:
        self._timer = None
        self._lines, self._greeted, self._quiet = Lines(LARGEST), False, 0
        self._waiting.clear()
        gateway = self.gateway
        hello = (self._token, program, gateway.leaf, gateway.linger, gateway.silence)
        # each connection has its own calls, so that what a closed one still brings is known as such
        calls: list[Carrier] = []
        try:
            self._carrier = self._open_carrier(
                self.loop,
                gateway,
                hello,
                lambda data: self._received(data) if self._carrier in calls else None,
                lambda reason: self._closed(reason) if self._carrier in calls else None,
            )
        except (RuntimeError, OSError) as error:
            reason = str(error)
            self._timer = self.loop.after(0.0, lambda: self._not_opened(reason))  # who wants it may want others first
            return
        calls.append(self._carrier)
        self._carrier.send(b"hello %d\n" % self._mailbox.got)
        if self.state == CONNECTING:
            self._deadline = self.loop.after(GREETING, lambda: self._final("it did not become ready in time"))

    def _not_opened(self, reason: str) -> None:
        """This machine has no thread or no descriptor left."""
        self._timer = None
        self._closed(reason)

    def _received(self, data: bytes) -> None:
        self._quiet = 0
        try:
            for line in self._lines.add(data):
                self._line(line)
                if self._carrier is None:
                    return
        except InvalidFrame as error:
            self.violated(str(error))

    def _line(self, line: bytes) -> None:
        if not self._greeted:
            self._greeting(line)
            return
        text = self._mailbox.take(line)
        if not text:
            return
        if text.startswith(b"ended "):
            self._final(f"the runner there ended: {text[6:200].decode('ascii', 'replace')}")
        elif self.state == CONNECTING:
            self._about(text)
        else:
            self.owner.link_line(self, text)

    def _greeting(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        if word == b"gone":
            self._final("what ran there is gone")
        elif word == b"no":
            self._final(rest[:300].decode("utf-8", "backslashreplace") or "it gave no reason")
        elif word != b"hello":
            raise InvalidFrame("no greeting")
        else:
            got, _, folder = rest.partition(b" ")
            if not is_number(got):
                raise InvalidFrame("a greeting without a number")
            self.folder = os.fsdecode(folder)
            frames = b"".join(self._mailbox.again(int(got)))
            self._greeted = True
            self._send(frames)
            if self.state == CUT:
                self._is_ready()

    def _about(self, line: bytes) -> None:
        try:
            about = decode(line)
        except Problem as problem:
            raise InvalidFrame(problem.message) from None
        if about.get("kind") != "about" or about.get("returns") != "result":
            raise InvalidFrame("the runner there is none")
        if missing := about.get("missing"):
            self._final(f"{missing}"[:300])
            return
        self.about = about
        self._is_ready()

    def _is_ready(self) -> None:
        self.loop.cancel(self._deadline)
        self.state, self.reason, self._pause = READY, "", PAUSE
        if not self._ending:
            self.owner.link_ready(self)

    def _closed(self, reason: str) -> None:
        self._carrier = None
        self._greeted = False
        if self._ending and not self._mailbox.kept:  # it got our goodbye
            self.state = IDLE
            return
        if self.state == CONNECTING:
            self._final(reason)
            return
        self.reason = reason
        if self.state == READY:
            self.state, self._pause = CUT, PAUSE
            linger = self.gateway.linger
            self._deadline = self.loop.after(
                linger, lambda: self._final(f"{reason}; it did not come back in {linger:g} s")
            )
            if not self._ending:
                self.owner.link_cut(self)
            self._connect(None)
            return
        # not so long that a link that is back would be noticed only when `linger` is over
        pause = min(self._longer_pause(), max(PAUSE, self.gateway.linger / 10))
        self._timer = self.loop.after(pause, lambda: self._connect(None))

    def _final(self, reason: str) -> None:
        """What was claimed there will have no result from there."""
        self.loop.cancel(self._deadline)
        self.loop.cancel(self._timer)
        if self._carrier is not None:
            if self._greeted:
                self.post(b"end")  # what is left there has no use any more
                self._flush()
            self._carrier.close()
            self._carrier = None
        self.state, self.reason = IDLE, reason
        self._renew()
        if self._ending:
            return
        self._timer = self.loop.after(self._longer_pause(), self._may_connect)
        self.owner.link_final(self, reason)

    def _may_connect(self) -> None:
        self._timer = None
        self.owner.link_may_connect(self)

    def _longer_pause(self) -> float:
        pause, self._pause = self._pause, min(LONGEST_PAUSE, self._pause * 2)
        return pause

    # -- bytes

    def _send(self, frames: bytes) -> None:
        if not self._waiting:
            self.loop.after(0.0, self._flush)
        self._waiting += frames

    def _flush(self) -> None:
        if self._waiting and self._carrier is not None:
            self._carrier.send(bytes(self._waiting))
            self._waiting.clear()

    def _tick(self) -> None:
        if self._greeted and self._carrier is not None:
            self._quiet += 1
            if self._quiet > TICKS:
                self._carrier.close()
                self._closed(f"no byte came for {self.gateway.silence:g} s")
            else:
                self._send(self._mailbox.note())
        self.loop.after(self.gateway.silence / TICKS, self._tick)
