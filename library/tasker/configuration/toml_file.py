"""Read a configuration file that can be trusted, since it decides which programs are started.

tomllib gives no line numbers; `line_numbers` finds them, for messages and --show-config.
"""

from __future__ import annotations

import os
import re
import tomllib

from tasker.configuration.model import Misuse
from tasker.system.private_files import read_regular
from tasker.system.trust import distrust_reason
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.configuration.model import Keys
    from tasker.protocol.types import Document

LARGEST = 1 << 20  # bytes
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_ONE = re.compile(_PART)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlFile(NamedTuple):
    """path: absolute. doc: its contents. lines: path of keys -> line number."""

    path: str
    doc: Document
    lines: dict[Keys, int]

    def at(self, keys: Iterable[str | int]) -> str:
        """'path:line' of a key, or of the innermost table around it that has a line."""
        keys = tuple(keys)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return f"{self.path}:{self.lines.get(keys, 1)}"


def read_toml(path: str) -> TomlFile:
    """Read and parse a file. Raises Misuse if it cannot be read, trusted or parsed."""
    path = os.path.abspath(path)
    try:
        data = read_trusted(path)
    except OSError as error:
        raise Misuse(f"cannot read the configuration '{path}': {(error.strerror or str(error)).lower()}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Misuse(f"{path}:{line}: not UTF-8 text") from None
    try:
        doc = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError also for a number of 5,000 digits
        raise Misuse(_syntax_error(path, str(error))) from None
    return TomlFile(path, doc, line_numbers(text))


def read_trusted(path: str, what: str = "configuration") -> bytes:
    """The bytes of a regular file that only root or the user can write. Raises OSError, Misuse."""

    def require_trust(status: os.stat_result) -> None:
        if why := distrust_reason(path, status):
            raise Misuse(f"cannot trust the {what} '{path}': {why}")

    return read_regular(path, LARGEST, require_trust)


def _syntax_error(path: str, message: str) -> str:
    """An error of tomllib with its place first, as compilers print it; tomllib has it last."""
    place = _PLACE.search(message)
    at = f"{path}:{place[1]}:{place[2]}" if place and place[1] else path
    what = message[: place.start()] if place else message
    end = " at the end of the file" if place and not place[1] else ""
    return f"{at}: invalid TOML: {what[:1].lower()}{what[1:]}{end}"


def line_numbers(text: str) -> dict[Keys, int]:
    """Path of keys -> the line of its first use. A table of an array has its index as a key."""
    found: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    table: Keys = ()
    closing = ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:  # inside a text of several lines
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            table = _split_key(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            _note_line(found, table, number)
        elif key := _KEY.match(line):
            _note_line(found, (*table, *_split_key(key[1])), number)
        closing = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return found


def _split_key(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _ONE.findall(dotted))


def _note_line(found: dict[Keys, int], keys: Keys, number: int) -> None:
    for end in range(1, len(keys) + 1):
        found.setdefault(keys[:end], number)
