"""The splits of outputs: stdout_split, stderr_split."""

from __future__ import annotations

from tasker.language.fields import DELIMITERS, OTHER_DELIMITERS
from tasker.text.characters import DIGITS


def parse_split(text: str) -> tuple[str | None, int]:
    """(delimiter, index) of a split such as 'comma,1'; delimiter None: runs of blanks. Raises ValueError."""
    word, comma, index = text.rpartition(",")
    word, index = word.strip() if word.strip() else word[:1], index.strip()
    word = OTHER_DELIMITERS.get(word, word)
    if not comma or index.strip(DIGITS) or not 1 <= len(index) <= 6:
        raise ValueError(f"invalid split '{text}': must be DELIMITER,INDEX, as in space,0")
    if word not in DELIMITERS and len(word) != 1:
        raise ValueError(f"invalid delimiter '{word}': must be one character, or one of {', '.join(DELIMITERS)}")
    return DELIMITERS.get(word, word), int(index)
