"""One stream of one command as it comes, in pieces: whole lines of it, without secrets, for follow.py."""

from __future__ import annotations

from tasker.text.excerpt import WIDEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.protocol.types import Request
    from tasker.text.masking import StreamMasker

_LONGEST = 8 * WIDEST  # bytes of a line


class OutputLines:
    """One stream of one command, which says lines of text. `lines`: those that nobody has seen."""

    def __init__(self, request: Request, stream: str, masks: Callable[[], StreamMasker | None]) -> None:
        self.request, self.stream, self._masks = request, stream, masks
        self.lines: list[str] = []
        self.partial, self.missing = b"", 0
        self.latest, self.ended = 0.0, False
        self._mask, self._long = masks(), False

    def say(self, data: bytes, room: int) -> int:
        """Take what it said; gives how many lines more there are now. room: for so many."""
        before = len(self.lines)
        self._take(data if self._mask is None else self._mask.feed(data), room)
        return len(self.lines) - before

    def _take(self, data: bytes, room: int) -> None:
        if self._long:  # of a line without end the beginning has been shown
            _, found, rest = data.partition(b"\n")
            self._long, data = not found, rest
        lines = (self.partial + data).split(b"\n", room)
        self.partial = lines.pop()
        self.lines += map(_text, lines)
        if len(lines) == room and self.partial:  # what is behind them is not looked at
            self.missing += len(self.partial)
            self.partial, self._long = b"", not self.partial.endswith(b"\n")
        elif len(self.partial) > _LONGEST:
            self.lines.append(_text(self.partial))
            self.partial, self._long = b"", True

    def gap(self, size: int) -> int:
        """So many bytes are missing here: what is held back of a secret could be half of one."""
        before = len(self.lines)
        self.break_off()
        self.missing += size
        self._mask, self._long = self._masks(), False
        return len(self.lines) - before

    def break_off(self) -> int:
        """What it said last is a line."""
        if not self.partial:
            return 0
        self.lines.append(_text(self.partial))
        self.partial = b""
        return 1

    def end(self) -> int:
        before, self.ended = len(self.lines), True
        if self._mask is not None:
            self._take(self._mask.end(), 1)
        self.break_off()
        return len(self.lines) - before

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines

    def counted(self) -> int:
        missing, self.missing = self.missing, 0
        return missing


def _text(line: bytes) -> str:
    text = line.removesuffix(b"\r").decode("utf-8", "backslashreplace")
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}…"
