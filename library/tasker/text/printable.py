"""Text for people: one line a record, without characters that move the cursor or reverse the text."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

# C0 and C1 controls, DEL, line separators, marks of direction, zero-width characters, tags and lone surrogates
_UNSAFE = Pattern(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def printable(text: str) -> str:
    """The text with unsafe characters escaped: a real newline becomes the two characters ``\\n``."""
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)  # no unsafe character is printable


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    number = ord(sign)
    return _SHORT.get(sign) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")


def shorten(text: str, most: int = 60) -> str:
    """The text, cut to `most` characters with '…' at its end if it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"
