"""A document: one JSON object on one line that names its kind, ``{"tasker": 1, "kind": "verdict", "ok": true}``.

docs/PROTOCOL.md describes every kind. Documents come from programs of others, so `decode` assumes nothing about them.
"""

from __future__ import annotations

from tasker.text.json_codec import decode_json, decode_known_json, encode_json_line
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tasker.protocol.types import Document

PROTOCOL = 1
LARGEST = 64 * 1024 * 1024  # bytes in one document
DEEPEST = 64  # objects and arrays inside each other
_SURROGATE = Pattern(rb"\\u[dD][89a-fA-F]")


class Problem(Exception):
    """A stage cannot answer. code: one word. message: a sentence for people. retryable: may another try succeed?"""

    def __init__(self, code: str, message: str, *, retryable: bool = False, **details: object) -> None:
        super().__init__(message)
        self.code, self.message, self.retryable, self.details = code, message, retryable, details

    def document(self, **keys: object) -> Document:
        return document(
            "error", False, code=self.code, message=self.message, retryable=self.retryable, details=self.details, **keys
        )


def document(kind: str, ok: bool = True, **keys: object) -> Document:
    """A new document of this kind."""
    return {"tasker": PROTOCOL, "kind": kind, "ok": ok, **keys}


def encode(doc: Mapping[str, object]) -> bytes:
    """One line of ASCII: what is not ASCII is escaped, so no locale and no line separator can break it."""
    return encode_json_line(doc)


def decode(line: bytes) -> Document:
    """The document in a line of bytes. Raises Problem("bad_document") for anything else, Problem("wrong_protocol")."""
    if len(line) > LARGEST:
        raise bad_document(f"larger than {LARGEST} bytes")
    if not line or line.isspace():  # `strip` would copy it
        raise bad_document("there is none: the input is empty")
    try:
        doc = decode_json(_text(line))
        # few brackets cannot nest deeply; what is too deep for the C part is a RecursionError
        if line.count(b"[") + line.count(b"{") > DEEPEST and not shallow(doc):
            raise RecursionError
        if b"\\u" in line and _SURROGATE.search(line):
            _encodable(doc)
    except UnicodeError:
        raise bad_document("not UTF-8 text") from None
    except RecursionError:
        raise bad_document(f"nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise bad_document(str(error)) from None
    if not isinstance(doc, dict):
        raise bad_document("not an object")
    if type(doc.get("tasker")) is not int or not isinstance(doc.get("kind"), str):
        raise bad_document("without 'tasker' and 'kind'")
    if doc["tasker"] != PROTOCOL:
        raise Problem("wrong_protocol", f"cannot read protocol {doc['tasker']}, only {PROTOCOL}")
    return doc


def decode_own(line: bytes) -> Document:
    """The same for a line that `encode` made in one of our processes, in half of the time. Raises the same."""
    try:
        doc: Document = decode_known_json(line.decode("ascii"))
        if doc["tasker"] == PROTOCOL and type(doc["kind"]) is str:
            return doc
    except (ValueError, LookupError, TypeError, StopIteration, RecursionError, SystemError):
        pass
    return decode(line)  # it reports what is wrong


def shallow(value: object) -> bool:
    """Is nothing in this value nested deeper than DEEPEST? In linear time."""
    level: list[Any] = [value]  # Any: objects and arrays, and at first whatever it is
    for _ in range(DEEPEST):
        level = [
            one
            for outer in level
            for one in (outer.values() if type(outer) is dict else outer)
            if type(one) is dict or type(one) is list
        ]
        if not level:
            return True
    return False


def bad_document(why: str) -> Problem:
    return Problem("bad_document", f"cannot read the document: {why}")


def _text(line: bytes) -> str:
    if line.isascii() and b"\0" not in line:
        return line.decode("ascii")
    from json import detect_encoding

    return line.decode(detect_encoding(line), "surrogatepass")


def _encodable(doc: object) -> None:
    """Raises UnicodeError for half of a surrogate pair."""
    from json import dumps

    dumps(doc, ensure_ascii=False).encode()
