"""JSON with the C parts of the standard library alone.

Encoder and decoder are made once: `json.dumps` and `json.loads` make new ones for each call, which takes longer than a
small document, and importing the Python parts of `json` takes longer than some stages. They are imported for errors.
"""

from __future__ import annotations

import sys
from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_INFINITE = (float("inf"), float("-inf"))
_MANY = 1000  # tasks of a document that is encoded by parts


def encode_json(value: object) -> str:
    """One line of ASCII text. Raises ValueError for NaN and infinities, TypeError for types that JSON does not have."""
    if type(value) is dict and type(tasks := value.get("tasks")) is list and len(tasks) > _MANY:
        return _encode_by_parts(value)
    return "".join(_encode(value, 0))


def _encode_by_parts(value: dict[str, object]) -> str:
    """The same of a document with many tasks. All its pieces at once would take five times the memory of the text."""
    made = []
    for key, one in value.items():
        parts = ["".join(_encode(part, 0)) for part in one] if type(one) is list else None
        text = "".join(_encode(one, 0)) if parts is None else f"[{','.join(parts)}]"
        made.append(f"{encode_basestring_ascii(key)}:{text}")
    return f"{{{','.join(made)}}}"


def decode_json(text: str) -> Any:  # Any: whatever value the text holds
    """The value in a text. Raises ValueError if it is not JSON, if a key is there twice, for NaN and for numbers out of
    range; RecursionError."""
    text = text.strip(" \t\r\n")
    try:
        value, end = _decode(text, 0)
    except StopIteration as nothing:
        raise _wrong("Expecting value", text, nothing.value) from None
    except SystemError:  # before Python 3.12 the C part has its class of errors only once json.decoder is imported
        if "json.decoder" in sys.modules:
            raise
        import json.decoder  # noqa: F401

        return decode_json(text)
    if end != len(text):
        raise _wrong("Extra data", text, end)
    return value


def decode_known_json(text: str) -> Any:  # Any: as above
    """The same of a text that `decode_json` has read before, or that is ours, in half of the time: that no key is there
    twice is not checked once more. Raises also StopIteration and SystemError for what is no JSON."""
    value, end = _decode_known(text, 0)
    if text[end:].strip():
        raise ValueError("more than one value")
    return value


def _wrong(what: str, text: str, place: int) -> ValueError:
    from json import JSONDecodeError

    return JSONDecodeError(what, text, place)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is given twice")
    return made


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in _INFINITE:
        raise ValueError("a number is out of range")
    return number


def _no_form(value: object) -> NoReturn:
    raise TypeError(f"JSON has no form for {type(value).__name__}")


class _Rules:
    strict, object_hook, object_pairs_hook = True, None, staticmethod(_unique)
    parse_float, parse_int, parse_constant = staticmethod(_finite), int, staticmethod(_constant)


class _NoRules:
    strict, object_hook, object_pairs_hook = True, None, None
    parse_float, parse_int, parse_constant = float, int, staticmethod(_constant)


# classes that only have the rules
_decode, _decode_known = make_scanner(_Rules), make_scanner(_NoRules)  # type: ignore[arg-type]  # as said above
# markers (none: a RecursionError finds circles), default, strings, indent, separators, sort_keys, skipkeys, allow_nan
_encode = make_encoder(None, _no_form, encode_basestring_ascii, None, ":", ",", False, False, False)
