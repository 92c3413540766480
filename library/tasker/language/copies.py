"""Copies of files, `put=` and `get=`: what they are called, and what their fields may hold (docs/language.md §2)."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Copy

PUT, GET = "put", "get"
TIMEOUT = 3600  # seconds, of a copy whose task has no timeout
MODE = Pattern(r"0?[0-7]{3}")
SPECIAL_MODE = Pattern(r"0?[1-7][0-7]{3}")  # setuid, setgid or sticky
OWNER = Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?")
WILD = Pattern(r"[*?]|\[[^\]]*\]")  # a pattern of a shell
_SIZE = Pattern(r"([1-9][0-9]{0,14})([kKMGT]?)")
_UNITS = {"": 0, "k": 10, "K": 10, "M": 20, "G": 30, "T": 40}


def copy_words(copy: Copy) -> list[str]:
    """A copy as people see it, in place of the words of a command."""
    return [copy["what"], copy["source"], copy["target"]]


def parse_size(text: str) -> int:
    """Bytes: a whole number, perhaps with k, M, G or T after it. Raises ValueError."""
    found = _SIZE.fullmatch(text)
    if found is None or (size := int(found[1]) << _UNITS[found[2]]) >= 1 << 60:
        raise ValueError("must be a number of bytes above 0, such as 500000, 200M or 2G")
    return size
