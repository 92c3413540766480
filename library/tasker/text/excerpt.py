"""The lines of a stream that people see."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

EXCERPT = 20  # lines
WIDEST = 1000  # characters of one line


def excerpt(result: Mapping[str, object], stream: str, everything: bool = False, most: int = EXCERPT) -> list[str]:
    """The lines of a stream of a result that the log shows: the first and the last, and between them how many are
    hidden. everything: all lines, however long. most: lines that are shown.
    """
    start, end = result.get(stream), result.get(f"{stream}_end")
    lines = str(start).rstrip("\n").split("\n") if start else []
    lines += ["…", *str(end).rstrip("\n").split("\n")] if end else []
    if not everything:
        lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]}… ({len(line) - WIDEST} more)" for line in lines]
    if everything or len(lines) <= most:
        return lines
    half, hidden = most // 2, len(lines) - most // 2 * 2
    where = f", whole in {result[f'{stream}_file']}" if f"{stream}_file" in result else ""
    return [*lines[:half], f"({hidden} more lines{where})", *lines[-half:]]
