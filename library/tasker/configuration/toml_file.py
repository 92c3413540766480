"""A configuration file: read with care, since what it says decides which programs are started, and where each key is.

tomllib says what stands in a file, not on which line; `lines` looks that up, for messages and --show-config.
"""

import os
import re
import tomllib

from tasker.configuration.model import Misuse
from tasker.protocol.discovery import distrust_reason
from tasker.system.private_files import read_regular
from tasker.text.named_tuple import NamedTuple

LARGEST = 1 << 20  # bytes
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_ONE = re.compile(_PART)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class File(NamedTuple):
    """path: absolute. doc: what tomllib makes of it. lines: path of keys -> line."""

    path: str
    doc: dict
    lines: dict

    def at(self, keys):
        """'path:line' of a key, or of the nearest table around it."""
        keys = tuple(keys)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return f"{self.path}:{self.lines.get(keys, 1)}"


def read(path):
    """The File at a path. Raises Misuse."""
    path = os.path.abspath(path)
    try:
        data = _bytes(path)
    except OSError as error:
        raise Misuse(f"cannot read the configuration '{path}': {error.strerror.lower()}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Misuse(f"{path}:{line}: not UTF-8 text") from None
    try:
        doc = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError also for a number of 5,000 digits
        raise Misuse(_no_toml(path, str(error))) from None
    return File(path, doc, lines(text))


def _bytes(path):
    """What is in a regular file that no other user could have written. Raises OSError, Misuse."""

    def require_trust(status):
        if why := distrust_reason(path, status):
            raise Misuse(f"cannot trust the configuration '{path}': {why}")

    return read_regular(path, LARGEST, require_trust)


def _no_toml(path, said):
    """tomllib names the place behind what is wrong; we name it first, as compilers do."""
    place = _PLACE.search(said)
    at = f"{path}:{place[1]}:{place[2]}" if place and place[1] else path
    what = said[: place.start()] if place else said
    end = " at the end of the file" if place and not place[1] else ""
    return f"{at}: no TOML: {what[:1].lower()}{what[1:]}{end}"


def lines(text):
    """Path of keys -> the line where it is written first. Tables of an array have their place in it as a key."""
    made, table, counts, closing = {}, (), {}, ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:  # inside a text of several lines
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            _place(made, table, number)
        elif key := _KEY.match(line):
            _place(made, (*table, *_parts(key[1])), number)
        closing = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return made


def _parts(dotted):
    return tuple(part.strip("\"'") for part in _ONE.findall(dotted))


def _place(made, keys, number):
    for end in range(1, len(keys) + 1):
        made.setdefault(keys[:end], number)
