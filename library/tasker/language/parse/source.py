"""The text of a task file: bytes to text, text to the lines with a key and a value (docs/language.md §1).

`read_file` and `read_stream` return the bytes, `decode_text` the text, each with findings about what is wrong;
`read_entries` yields the lines. All of it is linear in the size of the file, whatever its content.
"""

from __future__ import annotations

from tasker.language.fields import CONDITIONS
from tasker.language.findings import finding
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO, TypeAlias

    from tasker.protocol.types import Finding

    Comment: TypeAlias = tuple[str, int]  # the comment at the end of a line, and its column
    Entry: TypeAlias = tuple[int, str, str | None, int, Comment | None, list[str]]

LARGEST = 16 * 1024 * 1024  # bytes in a file
LONGEST = 1024 * 1024  # bytes in a line
MOST_LINES = 1_000_000  # more would not fit into one document
BOM = "\ufeff"
BLANKS = " \t"

_ENDED_BY_MARK = Pattern(r"[ \t](#)")
# A comment, or what it cannot begin in: quotes that are closed on the line, and escaped quotes. An unclosed quote is
# searched for only once: escapes pair up inside and outside of quotes alike, so no later quote can be unclosed again.
_IN_CONDITION = Pattern(r'(?:"[^"\\]*(?:\\.[^"\\]*)*"|\\["\\])+|[ \t](#)')
_ELSEWHERE = Pattern(r"""(?x) (?: "[^"\\]*(?:\\.[^"\\]*)*" | '[^']*' | \\['"\\] )+ | [\x20\t](\#) """)
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def read_file(path: str, file: str) -> tuple[bytes | None, list[Finding]]:
    """The bytes of a regular file, read once, or None; and findings. file: what the findings call it."""
    # here: the validator needs this module, and reads no file
    from tasker.system.private_files import FileTooLarge, IrregularFile, read_regular

    try:
        return read_regular(path, LARGEST), []
    except IrregularFile:
        return None, [_irregular(file)]
    except FileTooLarge:
        return None, [_over_the_limit(file)]
    except (FileNotFoundError, NotADirectoryError):
        return None, [finding("P001", f"cannot find {quote_name(file)}", "check the name and the folder", file=file)]
    except OSError as error:
        return None, [_unreadable(file, error)]


def read_stream(stream: BinaryIO, file: str) -> tuple[bytes | None, list[Finding]]:
    """All bytes of an open binary stream, or None; and findings."""
    try:
        data = stream.read(LARGEST + 1) or b""
    except OSError as error:
        return None, [_unreadable(file, error)]
    if len(data) > LARGEST:
        return None, [_over_the_limit(file)]
    return data, []


def decode_text(data: bytes, file: str) -> tuple[str | None, list[Finding]]:
    """The exact text (with BOM and CR), or None if it is not UTF-8; and the findings about it as a text."""
    if data.startswith(_WIDE) or data[:2].count(0) == 1:
        fix = "save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8"
        message = f"{quote_name(file)} is not UTF-8: it looks like UTF-16"
        return None, [finding("P005", message, fix, file=file, line=1, column=1)]
    text, wrong = None, []
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} is not valid UTF-8"
        wrong.append(
            (error.start, "P005", message, "save the file as UTF-8, for example with iconv -f LATIN1 -t UTF-8")
        )
    if (null := data.find(b"\0")) >= 0:
        wrong.append((null, "P006", f"NUL bytes in the file: {data.count(0)}, the first one here", "remove them"))
    if (long := _long_line(data)) >= 0:
        wrong.append((long, "P007", f"the line is longer than {LONGEST} bytes", "put the data into a separate file"))
    findings = [_located(data, file, *one) for one in sorted(wrong)]
    if (count := data.count(b"\n")) > MOST_LINES:
        findings.append(too_large(file, f"{count} lines, at most {MOST_LINES}"))
    return text, findings


def read_entries(text: str, with_options: bool = False) -> Iterator[Entry]:
    """The lines that are neither blank nor comment, as (line, key, value, column, comment, above).

    key: the text before the `=`, with its blanks; the whole text if there is no `=`, and value is None then.
    column: of the value. comment: (the comment at the end of the line, its column) or None. above: the comment lines
    directly above. Lines and columns count from 1; a BOM does not count.
    with_options: a line that begins with an option, such as -t, is its key alone, with whatever it holds.
    """
    above: list[str] = []
    for number, line in enumerate(_lines(text), 1):
        bare = line.strip(BLANKS)
        if not bare:
            above = []
        elif bare[0] == "#":
            above.append(bare)
        elif with_options and bare[0] == "-" and begins_option(bare):
            yield number, line, None, 0, None, above
            above = []
        else:
            key, sign, rest = line.partition("=")
            comment = None
            if "#" in line:
                key, sign, rest, comment = _split_comment(key, sign, rest)
            value = rest.strip(BLANKS)
            column = len(key) + 2
            if value:
                column += len(rest) - len(rest.lstrip(BLANKS))
            yield number, key, value if sign else None, column, comment, above
            above = []


def begins_option(bare: str) -> bool:
    """Does a text begin with an option, such as -t or --type? `- name:`, `---` and `-5` do not."""
    start = bare[1:].removeprefix("-") if bare[:1] == "-" else ""
    return start[:1].isalpha() and start[:1].isascii()


def quote_name(text: str, most: int = 60) -> str:
    """Text for a message: in quotes, on one line, control characters escaped, cut to `most` characters."""
    shown = text[:most]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return f"'{shown}…'" if len(text) > most else f"'{shown}'"


def _lines(text: str) -> list[str]:
    lines = text.removeprefix(BOM).replace("\r\n", "\n").split("\n")
    lines[-1] = lines[-1].removesuffix("\r")
    return lines


def _split_comment(key: str, sign: str, rest: str) -> tuple[str, str, str, Comment | None]:
    """The three parts of a line without its comment, and the comment."""
    if found := _ENDED_BY_MARK.search(key):
        start = found.start(1)
        return key[: start - 1], "", "", (key[start:] + sign + rest, start + 1)
    pattern = _IN_CONDITION if key.strip(BLANKS) in CONDITIONS else _ELSEWHERE
    for found in pattern.finditer(rest):
        if (start := found.start(1)) >= 0:
            return key, sign, rest[:start], (rest[start:], len(key) + 2 + start)
    return key, sign, rest, None


def _long_line(data: bytes) -> int:
    """The offset of the first line that is too long, or -1."""
    start = 0
    while len(data) - start > LONGEST:
        end = data.rfind(b"\n", start, start + LONGEST + 1)
        if end < 0:
            return start
        start = end + 1
    return -1


def _located(data: bytes, file: str, offset: int, code: str, message: str, fix: str) -> Finding:
    begin = data.rfind(b"\n", 0, offset) + 1
    column = len(data[begin:offset].decode(errors="replace").removeprefix(BOM)) + 1
    line = data.count(b"\n", 0, offset) + 1
    return finding(code, message, fix, file=file, line=line, column=column)


def too_large(file: str, why: str) -> Finding:
    return finding("P004", f"{quote_name(file)} is too large: {why}", "split it into several task files", file=file)


def _over_the_limit(file: str) -> Finding:
    return too_large(file, f"over {LARGEST} bytes")


def _irregular(file: str) -> Finding:
    message = f"cannot read {quote_name(file)}: it is not a regular file"
    return finding("P003", message, "give the name of a regular file", file=file)


def _unreadable(file: str, error: OSError) -> Finding:
    message = f"cannot read {quote_name(file)}: {(error.strerror or str(error)).lower()}"
    return finding("P002", message, "check that it is a file that you are allowed to read", file=file)
