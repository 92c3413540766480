"""One end of a link that can break: each line arrives once and in order, over as many connections as it takes.

A frame is a line of bytes: NUMBER ACKNOWLEDGED LINE. The number counts the lines of its sender from 1; 0 is a frame
without a line. ACKNOWLEDGED is the number of the last line that its sender has from the other end.
"""

from __future__ import annotations

import collections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_DIGITS = 18


class InvalidFrame(Exception):
    """The other end does not follow the rules: nothing that it sends can be used any more."""


def is_number(text: bytes) -> bool:
    """Is it one that a sender can have counted to? Python refuses to read thousands of digits."""
    return text.isdigit() and len(text) <= _MOST_DIGITS


class Mailbox:
    """`got`: number of the last line that was taken. `kept`: bytes that were posted and not acknowledged."""

    def __init__(self) -> None:
        self.got = 0
        self.kept = 0
        self._posted = 0
        self._unacknowledged: collections.deque[tuple[int, bytes]] = collections.deque()

    def post(self, line: bytes) -> bytes:
        """The frame for a line, which is kept until the other end acknowledges it. line: without a newline."""
        self._posted += 1
        self._unacknowledged.append((self._posted, line))
        self.kept += len(line)
        return self._frame(self._posted, line)

    def note(self) -> bytes:
        """A frame without a line: it acknowledges, and shows that this end lives."""
        return self._frame(0, b"")

    def take(self, frame: bytes) -> bytes | None:
        """The line of a frame, or None if it has none, or one that was taken before. Raises InvalidFrame."""
        parts = frame.split(b" ", 2)
        if len(parts) != 3 or not (is_number(parts[0]) and is_number(parts[1])):
            raise InvalidFrame("a line that is no frame")
        self.acknowledge(int(parts[1]))
        number = int(parts[0])
        if number <= self.got:  # 0, or sent again although it had come
            return None
        if number != self.got + 1:
            raise InvalidFrame(f"line {number} after line {self.got}")
        self.got = number
        return parts[2]

    def acknowledge(self, number: int) -> None:
        """The other end has all lines up to this one. Raises InvalidFrame."""
        if number > self._posted:
            raise InvalidFrame(f"it acknowledges line {number} of {self._posted}")
        while self._unacknowledged and self._unacknowledged[0][0] <= number:
            self.kept -= len(self._unacknowledged.popleft()[1])

    def again(self, got: int) -> Iterator[bytes]:
        """The frames that the other end lacks, over a new connection. got: the number that it has. Raises
        InvalidFrame."""
        self.acknowledge(got)
        for number, line in list(self._unacknowledged):
            yield self._frame(number, line)

    def _frame(self, number: int, line: bytes) -> bytes:
        return b"%d %d %b\n" % (number, self.got, line)


class Lines:
    """Bytes, as they come, to lines without their newlines. longest: bytes of a line. Raises InvalidFrame."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._data = bytearray()

    def add(self, data: bytes) -> list[bytes]:
        self._data += data
        if b"\n" not in data:
            if len(self._data) > self._longest:
                raise InvalidFrame(f"a line over {self._longest} bytes")
            return []
        *whole, rest = bytes(self._data).split(b"\n")
        self._data = bytearray(rest)
        if any(len(line) > self._longest for line in whole):
            raise InvalidFrame(f"a line over {self._longest} bytes")
        return whole
