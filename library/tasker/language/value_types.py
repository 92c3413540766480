"""The types that a value can be given, as in @0_stdout:int@ (docs/language.md §4). Imported where a type is written."""

from __future__ import annotations

from tasker.language.fields import did_you_mean
from tasker.language.versions import is_version
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BLANKS = " \t\r"
_INT = Pattern(r"0|[1-9][0-9]{0,17}")
_SIGNED = Pattern(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = Pattern(r"[+-]?(?=\.?[0-9])[0-9]*(?:\.[0-9]+)?")
_NAME = Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _is_path(text: str) -> bool:
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return text.startswith("/") and "\n" not in text and ".." not in parts and bool(parts)


# type: (is a text of it?, are blanks around it cut?, what it is, for people)
TYPES: dict[str, tuple[Callable[[str], object], bool, str]] = {
    "int": (_INT.fullmatch, True, "digits without leading zeros, 18 at most"),
    "signed": (_SIGNED.fullmatch, True, "digits without leading zeros, 18 at most, with a - or without"),
    "number": (_NUMBER.fullmatch, True, "a plain decimal number"),
    "name": (_NAME.fullmatch, False, "a letter or digit, then letters, digits, '.', '_' and '-'"),
    "path": (_is_path, False, "an absolute path without '..', not / itself"),
    "line": (lambda text: text != "" and "\n" not in text, False, "one line"),
    "lines": (lambda text: text != "", False, "one line or more"),
    "version": (is_version, True, "letters, digits and . + ~ _ - :, with a digit among them"),
}


def typed_value(name: str, text: str) -> str:
    """The text as a value of a type, without the blanks around it that the type cuts. Raises ValueError, with why."""
    if name not in TYPES:
        raise ValueError(f"there is no type '{name}'; {suggest_type(name)}")
    test, cut, what = TYPES[name]
    text = text.strip(BLANKS) if cut else text
    if not test(text):
        raise ValueError(f"not of type {name}: {what}")
    return text


def suggest_type(name: str) -> str:
    """What to write instead of a type that does not exist."""
    if name.endswith("?"):
        return "write the ? before the type, as in @0_stdout?:int@"
    return did_you_mean(name.lower(), TYPES) or f"use one of {', '.join(TYPES)}"
