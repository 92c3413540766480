"""What commands say while they run, for a driver that asks for it (`follow` in a request): output events.

In: the bytes of their streams, as they come and with the secrets out of them, perhaps in other threads. Out: documents.
Bounded for each stream and for all of them together: what is more than anybody reads is counted, and not kept.
"""

import codecs
import collections
import time

from tasker.protocol.document import document

SECOND, PAUSE = 1.0, 0.1  # what the bounds hold for; between two events of a stream
BYTES, LINES = 64 * 1024, 1000  # of one stream
ALL = 1024 * 1024  # bytes of all streams


class LiveOutput:
    """say: takes an event that is to go out. room: may something go out now? wake: called, in whatever thread, when
    `flush` has something to do."""

    def __init__(self, say, room=lambda: True, clock=time.monotonic):
        self.say, self.room, self.clock = say, room, clock
        self.wake = lambda: None
        self._commands: dict = {}  # what tells ids apart: the Followed of it
        self._spoke: collections.deque = collections.deque()  # taps with something that is not out yet
        self._next, self._since, self._sent = 0.0, 0.0, 0

    def follow(self, key, identity) -> "FollowedAttempt":
        made = self._commands[key] = FollowedAttempt(identity, self)
        return made

    def spoke(self, tap):
        self._spoke.append(tap)
        self.wake()

    def patience(self, longest: float) -> float:
        """Seconds until `flush` is due, at most so many."""
        return max(0.0, min(longest, self._next - self.clock())) if self._spoke else longest

    def flush(self) -> None:
        """Say what there is, when it is time."""
        now = self.clock()
        if not self._spoke or now < self._next:
            return
        self._next = now + PAUSE
        for _ in range(len(self._spoke)):
            tap = self._spoke.popleft()
            tap.listed = False  # before it is emptied, so that what comes meanwhile is not forgotten
            self._tell(tap, now)

    def ended(self, key) -> None:
        """Its result is about to go out: say the rest before it."""
        if followed := self._commands.pop(key, None):
            for tap in followed.taps:
                self._tell(tap, self.clock(), last=True)

    def _tell(self, tap, now, last=False):
        if now - self._since >= SECOND:
            self._since, self._sent = now, 0
        for gap, piece in tap.emptied(last):
            tap.missing += gap
            if piece and (self._sent > ALL or not self.room()):
                tap.missing += len(piece)
                continue
            text = tap.decoded(piece, tap.missing > 0, last and not piece)
            if text or (last and tap.missing):
                self._sent += len(piece)
                more = {"left_out": tap.missing} if tap.missing else {}
                tap.missing = 0
                self.say(document("event", event="output", id=tap.identity, stream=tap.name, text=text, **more))


class FollowedAttempt:
    """One command."""

    def __init__(self, identity, live):
        self.identity, self.live = identity, live
        self.taps: list[StreamTap] = []

    def tap(self, name: str) -> "StreamTap":
        """What is to be called with each piece of a stream of it."""
        self.taps.append(StreamTap(self.identity, name, self.live))
        return self.taps[-1]


class StreamTap:
    """One stream. It is called in one thread and emptied in another, and only a deque is between the two."""

    def __init__(self, identity, name, live):
        self.identity, self.name, self.live = identity, name, live
        self.listed = False
        self.missing = 0  # bytes that were left out since the last event, as the other side knows
        self._pieces: collections.deque = collections.deque()  # (bytes left out before it, piece)
        self._since, self._bytes, self._lines = 0.0, BYTES, LINES
        self._gap, self._cut = 0, False  # bytes left out since the last piece; are we inside of what is left out?
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def __call__(self, piece: bytes) -> None:
        now = self.live.clock()
        if now - self._since >= SECOND:
            self._since, self._bytes, self._lines = now, BYTES, LINES
        if self._cut and self._bytes and (start := piece.find(b"\n") + 1):  # behind a gap, on with a whole line
            self._cut, self._gap, piece = False, self._gap + start, piece[start:]
        fits = b"" if self._cut else self._fitting(piece)
        if fits:
            self._pieces.append((self._gap, fits))
            self._gap = 0
            if not self.listed:
                self.listed = True
                self.live.spoke(self)
        self._gap += len(piece) - len(fits)

    def _fitting(self, piece):
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

    def emptied(self, last):
        """(bytes left out before it, piece) of what has come."""
        while self._pieces:
            yield self._pieces.popleft()
        if last:
            yield self._gap, b""

    def decoded(self, piece, fresh, last):
        if fresh:
            self._decoder.reset()
        return self._decoder.decode(piece, last)
