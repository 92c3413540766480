"""JSON with the C parts of the standard library alone.

Encoder and decoder are made once: `json.dumps` and `json.loads` make new ones for each call, which takes longer than a
small document, and importing the Python parts of `json` takes longer than some stages. They are imported for errors.
"""

from __future__ import annotations

import sys
from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn, TypeGuard

_INFINITE = (float("inf"), float("-inf"))
_MANY = 1000  # tasks of a document that is encoded by parts
_AT_ONCE = 100  # tasks of a part


def encode_json(value: object) -> str:
    """One line of ASCII text. Raises ValueError for NaN and infinities, TypeError for types that JSON does not have."""
    return "".join(_parts(value)) if _has_many_tasks(value) else "".join(_encode(value, 0))


def encode_json_line(value: object) -> bytes:
    """The same as bytes, with a newline at the end."""
    if not _has_many_tasks(value):
        return "".join(_encode(value, 0)).encode("ascii") + b"\n"
    return b"".join([part.encode("ascii") for part in _parts(value, "\n")])


def _has_many_tasks(value: object) -> TypeGuard[dict[str, object]]:
    return type(value) is dict and type(tasks := value.get("tasks")) is list and len(tasks) > _MANY


def _parts(value: dict[str, object], end: str = "") -> Iterator[str]:
    """The text of a document with many tasks, in parts. All pieces at once would take five times the memory of it."""
    before = "{"
    for key, one in value.items():
        yield f"{before}{encode_basestring_ascii(key)}:"
        before = ","
        if type(one) is not list or len(one) <= _AT_ONCE:
            yield "".join(_encode(one, 0))
            continue
        yield "["
        for begin in range(0, len(one), _AT_ONCE):
            yield ("," if begin else "") + "".join(_encode(one[begin : begin + _AT_ONCE], 0))[1:-1]
        yield "]"
    yield "}" + end


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
    """The same for a text that `decode_json` has read before, or that is ours, in half of the time: it looks for no
    key that is there twice. Raises also StopIteration and SystemError for what is not JSON."""
    text = text.lstrip(" \t\r\n")
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
