"""Output of commands while they run, for a driver that asks for it (`follow` in a request): `output` events.

In: the bytes of their streams, as they come and without secrets, perhaps in other threads. Out: documents.
Each stream and all of them together are bounded: what is more than people can read is counted, and not kept.
"""

from __future__ import annotations

import codecs
import collections
import time

from tasker.protocol.document import document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import TypeAlias

    from tasker.protocol.types import Document

    Send: TypeAlias = Callable[[Document], object]

SECOND, PAUSE = 1.0, 0.1  # what the bounds hold for; between two events of a stream
BYTES, LINES = 64 * 1024, 1000  # of one stream
ALL = 1024 * 1024  # bytes of all streams


class LiveOutput:
    """send: takes an event that is to be sent. has_room: may something be sent now? wake: called, in whatever thread,
    when `flush` has something to do."""

    def __init__(
        self, send: Send, has_room: Callable[[], bool] = lambda: True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.send, self.has_room, self.clock = send, has_room, clock
        self.wake: Callable[[], object] = lambda: None
        self._commands: dict[Hashable, FollowedAttempt] = {}
        self._ready: collections.deque[StreamTap] = collections.deque()  # taps with output that was not sent
        self._next, self._since, self._sent = 0.0, 0.0, 0

    def follow(self, key: Hashable, identity: object) -> FollowedAttempt:
        """Follow the output of one command. key: for `ended`. identity: the id of its request."""
        made = self._commands[key] = FollowedAttempt(identity, self)
        return made

    def add(self, tap: StreamTap) -> None:
        """A tap has output."""
        self._ready.append(tap)
        self.wake()

    def patience(self, longest: float) -> float:
        """Seconds until `flush` is due, at most `longest`."""
        return max(0.0, min(longest, self._next - self.clock())) if self._ready else longest

    def flush(self) -> None:
        """Send what there is, when it is time."""
        now = self.clock()
        if not self._ready or now < self._next:
            return
        self._next = now + PAUSE
        for _ in range(len(self._ready)):
            tap = self._ready.popleft()
            tap.listed = False  # before it is emptied, so that what comes meanwhile is not forgotten
            self._send(tap, now)

    def ended(self, key: Hashable) -> None:
        """A result is about to be sent: send the rest of the output before it."""
        if followed := self._commands.pop(key, None):
            for tap in followed.taps:
                self._send(tap, self.clock(), last=True)

    def _send(self, tap: StreamTap, now: float, last: bool = False) -> None:
        if now - self._since >= SECOND:
            self._since, self._sent = now, 0
        for gap, piece in tap.emptied(last):
            tap.missing += gap
            if piece and (self._sent > ALL or not self.has_room()):
                tap.missing += len(piece)
                continue
            text = tap.decoded(piece, tap.missing > 0, last and not piece)
            if text or (last and tap.missing):
                self._sent += len(piece)
                more: Document = {"left_out": tap.missing} if tap.missing else {}
                tap.missing = 0
                self.send(document("event", event="output", id=tap.identity, stream=tap.name, text=text, **more))


class FollowedAttempt:
    """One command."""

    def __init__(self, identity: object, live: LiveOutput) -> None:
        self.identity, self.live = identity, live
        self.taps: list[StreamTap] = []

    def tap(self, name: str) -> StreamTap:
        """What is to be called with each piece of this stream."""
        self.taps.append(StreamTap(self.identity, name, self.live))
        return self.taps[-1]


class StreamTap:
    """One stream. It is called in one thread and emptied in another, and only a deque is between the two."""

    def __init__(self, identity: object, name: str, live: LiveOutput) -> None:
        self.identity, self.name, self.live = identity, name, live
        self.listed = False
        self.missing = 0  # bytes that were left out since the last event that was sent
        self._pieces: collections.deque[tuple[int, bytes]] = collections.deque()  # (bytes left out before it, piece)
        self._since, self._bytes, self._lines = 0.0, BYTES, LINES
        self._gap, self._cut = 0, False  # bytes left out since the last piece; are we inside of what is left out?
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def __call__(self, piece: bytes) -> None:
        now = self.live.clock()
        if now - self._since >= SECOND:
            self._since, self._bytes, self._lines = now, BYTES, LINES
        if self._cut and self._bytes and (start := piece.find(b"\n") + 1):  # after a gap, continue with a whole line
            self._cut, self._gap, piece = False, self._gap + start, piece[start:]
        fits = b"" if self._cut else self._fitting(piece)
        if fits:
            self._pieces.append((self._gap, fits))
            self._gap = 0
            if not self.listed:
                self.listed = True
                self.live.add(self)
        self._gap += len(piece) - len(fits)

    def _fitting(self, piece: bytes) -> bytes:
        """The lines at its beginning for which there is room."""
        newlines = piece.count(b"\n")
        if len(piece) <= self._bytes and newlines <= self._lines:
            self._bytes -= len(piece)
            self._lines -= newlines
            return piece
        end = min(len(piece), self._bytes)
        if piece.count(b"\n", 0, end) > self._lines:
            end = len(piece) - len(piece.split(b"\n", self._lines)[-1])
        self._bytes, self._cut = 0, True
        return piece[: piece.rfind(b"\n", 0, end) + 1 or end]

    def emptied(self, last: bool) -> Iterator[tuple[int, bytes]]:
        """(bytes left out before it, piece) of what has come."""
        while self._pieces:
            yield self._pieces.popleft()
        if last:
            yield self._gap, b""

    def decoded(self, piece: bytes, after_gap: bool, last: bool) -> str:
        if after_gap:
            self._decoder.reset()
        return self._decoder.decode(piece, last)
