"""One stream of one command as it comes, in pieces: whole lines of it, without secrets, for follow.py."""

from __future__ import annotations

from tasker.text.excerpt import WIDEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.protocol.types import Request
    from tasker.text.masking import StreamMasker

_LONGEST_LINE = 8 * WIDEST  # bytes of a line


class OutputLines:
    """One stream of one command. `lines`: those that are not shown yet. masks: makes what masks the stream, or None."""

    def __init__(self, request: Request, stream: str, masks: Callable[[], StreamMasker | None]) -> None:
        self.request, self.stream, self._masks = request, stream, masks
        self.lines: list[str] = []
        self.partial, self.missing = b"", 0
        self.latest, self.ended = 0.0, False
        self._mask, self._in_long_line = masks(), False

    def feed(self, data: bytes, room: int) -> int:
        """Add output; the number of new lines. room: the number of lines that are split off at most."""
        before = len(self.lines)
        self._split(data if self._mask is None else self._mask.feed(data), room)
        return len(self.lines) - before

    def _split(self, data: bytes, room: int) -> None:
        if self._in_long_line:  # its beginning has been shown
            _, found, rest = data.partition(b"\n")
            self._in_long_line, data = not found, rest
        lines = (self.partial + data).split(b"\n", room)
        self.partial = lines.pop()
        self.lines += map(_text, lines)
        if len(lines) == room and self.partial:  # the rest is counted, not split
            self.missing += len(self.partial)
            self.partial, self._in_long_line = b"", not self.partial.endswith(b"\n")
        elif len(self.partial) > _LONGEST_LINE:
            self.lines.append(_text(self.partial))
            self.partial, self._in_long_line = b"", True

    def skip(self, size: int) -> int:
        """`size` bytes are missing here; the number of new lines. Masking starts again: half a secret may be held."""
        before = len(self.lines)
        self.end_line()
        self.missing += size
        self._mask, self._in_long_line = self._masks(), False
        return len(self.lines) - before

    def end_line(self) -> int:
        """Take the text after the last newline for a line; the number of new lines."""
        if not self.partial:
            return 0
        self.lines.append(_text(self.partial))
        self.partial = b""
        return 1

    def end(self) -> int:
        """The stream has ended; the number of new lines."""
        before, self.ended = len(self.lines), True
        if self._mask is not None:
            self._split(self._mask.end(), 1)
        self.end_line()
        return len(self.lines) - before

    def take_lines(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines

    def take_missing(self) -> int:
        missing, self.missing = self.missing, 0
        return missing


def _text(line: bytes) -> str:
    text = line.removesuffix(b"\r").decode("utf-8", "backslashreplace")
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}…"
