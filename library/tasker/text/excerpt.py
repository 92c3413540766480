"""The lines of a stream that people see."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

EXCERPT = 20  # lines
WIDEST = 1000  # characters of one line


def excerpt(result: Mapping[str, object], stream: str, everything: bool = False, most: int = EXCERPT) -> list[str]:
    """The lines of a stream of a result that the log shows: the first and the last, and between them how many of the
    whole stream are hidden. everything: all lines that the result has, however long. most: lines that are shown.
    """
    text = result.get(stream)
    if not text and f"{stream}_end" not in result and f"{stream}_left_out" not in result:
        return []
    first, last = _lines(text), _lines(result.get(f"{stream}_end"))
    is_cut = bool(last) or f"{stream}_left_out" in result
    there = len(first) + len(last)
    if not everything:
        first, last = (list(map(_narrow, lines)) for lines in (first, last))
        if there > most:
            half = most // 2
            first, last = first[:half], (last or first)[-half:]
    hidden = _total(result, stream, there, is_cut) - len(first) - len(last)
    if hidden <= 0:  # of a stream that is cut: inside a line
        return [*first, *(["…"] if is_cut else []), *last]
    where = f", whole in {result[f'{stream}_file']}" if f"{stream}_file" in result else ""
    return [*first, f"({hidden} more lines{where})", *last]


def _lines(text: object) -> list[str]:
    return str(text).rstrip("\n").split("\n") if text else []


def _narrow(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[:WIDEST]}… ({len(line) - WIDEST} more)"


def _total(result: Mapping[str, object], stream: str, there: int, is_cut: bool) -> int:
    """How many lines the whole stream has: as its runner counted them, where the result has not all of it."""
    counted = result.get(f"{stream}_lines")
    return max(there, counted) if is_cut and isinstance(counted, int) else there
