"""Documents on the standard streams of a stage: stdin and stdout."""

from __future__ import annotations

import os
import sys

from tasker.protocol.document import LARGEST, Problem, bad_document, decode, encode
from tasker.protocol.exit_codes import BAD, GOOD, MAY_PASS, MISUSED, WRONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasker.protocol.types import Document


class Output:
    """Stdout for documents alone. Stray prints, ours or a library's, go to stderr instead."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self.descriptor = os.dup(1)
        os.dup2(2, 1)

    def say(self, doc: Mapping[str, object]) -> int:
        """Write one document; returns the exit status that goes with it."""
        self.write(encode(doc))
        return exit_status(doc)

    def write(self, data: bytes) -> None:
        """Write bytes, such as a drawing, to the real stdout. Raises SystemExit if it fails or the reader is gone."""
        try:
            written = os.write(self.descriptor, data)
        except OSError:
            written = 0  # tried once more, and reported
        if written < len(data):  # a pipe nearly always takes all at once
            from tasker.system.standard_output import write_output

            if not write_output(data[written:], self.descriptor):
                raise SystemExit(GOOD)


def exit_status(doc: Mapping[str, object]) -> int:
    """The exit status that goes with a document."""
    if doc["kind"] == "error":
        return MAY_PASS if doc.get("retryable") else WRONG
    return GOOD if doc["ok"] else BAD


def print_usage(text: str) -> int:
    """Print how a stage is called to stderr; returns the exit status for invalid arguments."""
    print(text.strip(), file=sys.stderr)
    return MISUSED


def read_once(text: str) -> Document:
    """The one document on stdin. Prints the usage `text` and exits with 2 if stdin is a terminal."""
    return decode(_read_all(text))


def read_several(text: str) -> list[bytes]:
    """The documents on stdin, as bytes: one, in whatever lines, or several with a line each. Else as `read_once`."""
    data = _read_all(text)
    lines = [line for line in data.split(b"\n") if line.strip()] if data.rstrip().count(b"\n") else []
    return lines if len(lines) > 1 and _is_document(lines[0]) else [data]


def _is_document(line: bytes) -> bool:
    """Is this line a document by itself? The first line of a document that has many lines is not."""
    try:
        decode(line)
    except Problem:
        return False
    return True


def _read_all(text: str) -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise SystemExit(print_usage(text))
    return sys.stdin.buffer.read(LARGEST + 1)


def read_lines() -> Iterator[bytes]:
    """Every line on stdin, as bytes, until its end. Raises Problem for a line that is too long."""
    while line := sys.stdin.buffer.readline(LARGEST + 1):
        if len(line) > LARGEST:
            raise bad_document(f"a line over {LARGEST} bytes")
        if line.strip():
            yield line
