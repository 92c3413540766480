"""Version numbers, compared as Debian's `dpkg --compare-versions` compares them (docs/language.md §4).

Besides, a leading `v` is cut, and `-alpha`, `-beta` and `-rc` sort before the release: they are read as `~alpha` …,
Debian's own sign for that.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import TypeAlias

    Piece: TypeAlias = tuple[tuple[int, ...], tuple[int, str]]  # order of characters; a number without leading zeros

_FORM = Pattern(r"[ \t\r]*(?:[vV](?=[0-9]))?(?:([0-9]+):)?((?=[^0-9]*[0-9])[A-Za-z0-9.+~_-]+)[ \t\r]*")
_BEFORE_RELEASE = Pattern(r"(?i)-(alpha|beta|rc)(?![a-z])")
_PIECE = Pattern(r"([^0-9]*)([0-9]*)")
_END: Piece = ((0,), (0, ""))


def is_version(text: str) -> bool:
    """Can the text be compared as a version? It has a digit, and only letters, digits and `. + ~ _ - :`."""
    return _FORM.fullmatch(text) is not None


def compare_versions(one: str, other: str) -> int | None:
    """-1, 0 or 1 if the first is older than, the same as or newer than the other; None unless both are versions."""
    found = _FORM.fullmatch(one), _FORM.fullmatch(other)
    if found[0] is None or found[1] is None:
        return None
    first, second = ((one[1] or "", _BEFORE_RELEASE.sub(_tilde, one[2])) for one in found if one)
    parts = [first[0], second[0]], *_revisions(first[1], second[1])
    return next((order for pair in parts if (order := _compare(*pair))), 0)


def _tilde(found: re.Match[str]) -> str:
    return "~" + found[1].lower()


def _revisions(one: str, other: str) -> tuple[list[str], list[str]]:
    """[versions before the last `-`], [what comes after it, or ""]."""
    cut = [text.rpartition("-") if "-" in text else (text, "", "") for text in (one, other)]
    return [cut[0][0], cut[1][0]], [cut[0][2], cut[1][2]]


def _compare(one: str, other: str) -> int:
    first, second = _pieces(one), _pieces(other)
    longest = max(len(first), len(second))
    for pieces in (first, second):
        pieces += [_END] * (longest - len(pieces))
    return (first > second) - (first < second)


def _pieces(text: str) -> list[Piece]:
    """Letters and numbers in turn. The end of letters counts 0, so `~`, which is less, sorts before it."""
    made: list[Piece] = []
    for found in _PIECE.finditer(text):
        digits = found[2].lstrip("0")
        made.append(((*map(_order, found[1]), 0), (len(digits), digits)))
    return made


def _order(sign: str) -> int:
    return -1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 256
