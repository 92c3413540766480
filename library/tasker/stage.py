"""The skeleton of every Python stage: documents in on stdin, documents out on stdout.

A document is one JSON object on one line that says what it is: ``{"tasker": 1, "kind": "verdict", "ok": true}``.
docs/PROTOCOL.md describes every kind, and the three ways to call a stage: once, ``--lines`` and ``--about``.
Documents come from programs that we did not write, so `decode` trusts nothing about them.
"""

import os
import sys

from tasker.text.json_codec import decoded, encoded
from tasker.text.lazy_regex import Pattern

PROTOCOL = 1
LARGEST = 64 * 1024 * 1024  # bytes in one document
DEEPEST = 64  # objects and arrays inside each other
GOOD, BAD, WRONG, MAY_PASS, MISUSED = 0, 1, 100, 111, 2  # exit statuses: execline's 100 and 111

_NESTS = (dict, list)
_SURROGATE = Pattern(rb"\\u[dD][89a-fA-F]")


class Problem(Exception):
    """A stage cannot answer: one code word, a sentence for people, and whether asking again may help."""

    def __init__(self, code, message, *, retryable=False, **details):
        super().__init__(message)
        self.code, self.message, self.retryable, self.details = code, message, retryable, details

    def document(self, **keys):
        return document(
            "error", False, code=self.code, message=self.message, retryable=self.retryable, details=self.details, **keys
        )


def document(kind, ok=True, **keys):
    """A new document of this kind."""
    return {"tasker": PROTOCOL, "kind": kind, "ok": ok, **keys}


def encode(doc):
    """One line of ASCII: what is not ASCII is escaped, so no locale and no line separator can break it."""
    return encoded(doc).encode("ascii") + b"\n"


def decode(line):
    """The document in a line of bytes. Raises Problem("bad_document") for anything that is not surely one."""
    if len(line) > LARGEST:
        raise _bad(f"larger than {LARGEST} bytes")
    try:
        doc = decoded(_text(line))
        # whoever has so few brackets cannot be deep; what is too deep for the C part is a RecursionError
        if line.count(b"[") + line.count(b"{") > DEEPEST and not shallow(doc):
            raise RecursionError
        if b"\\u" in line and _SURROGATE.search(line):
            _encodable(doc)
    except UnicodeError:
        raise _bad("not UTF-8 text") from None
    except RecursionError:
        raise _bad(f"nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise _bad(str(error)) from None
    if not isinstance(doc, dict):
        raise _bad("not an object")
    if type(doc.get("tasker")) is not int or not isinstance(doc.get("kind"), str):
        raise _bad("without 'tasker' and 'kind'")
    if doc["tasker"] != PROTOCOL:
        raise Problem("wrong_protocol", f"cannot read protocol {doc['tasker']}: this speaks {PROTOCOL}")
    return doc


def shallow(value):
    """Is nothing in this value nested deeper than DEEPEST? Linear."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            one for outer in level for one in (outer.values() if type(outer) is dict else outer) if type(one) in _NESTS
        ]
        if not level:
            return True
    return False


def _bad(why):
    return Problem("bad_document", f"cannot read the document: {why}")


def _text(line):
    if line.isascii() and b"\0" not in line:
        return line.decode("ascii")
    from json import detect_encoding

    return line.decode(detect_encoding(line), "surrogatepass")


def _encodable(doc):
    """Raises UnicodeError where half of a surrogate pair stands alone."""
    from json import dumps

    dumps(doc, ensure_ascii=False).encode()


class Output:
    """Stdout for documents alone. Stray prints, ours or a library's, go to stderr instead."""

    def __init__(self):
        sys.stdout.flush()
        self.descriptor = os.dup(1)
        os.dup2(2, 1)

    def say(self, doc):
        """Write one document. A reader that has gone is no error of ours: there is nobody left to tell."""
        self.write(encode(doc))
        return status(doc)

    def write(self, data):
        """Write bytes, such as a drawing, to the real stdout."""
        try:
            while data:
                data = data[os.write(self.descriptor, data) :]
        except BrokenPipeError:
            raise SystemExit(GOOD) from None


def status(doc):
    """The exit status that goes with a document."""
    if doc["kind"] == "error":
        return MAY_PASS if doc.get("retryable") else WRONG
    return GOOD if doc["ok"] else BAD


def usage(text):
    """Say how a stage is called, and give the status for being called wrongly."""
    print(text.strip(), file=sys.stderr)
    return MISUSED


def read_once(text):
    """The one document on stdin. From a terminal none will come: prints the usage `text` and exits 2."""
    if sys.stdin is None or sys.stdin.isatty():
        raise SystemExit(usage(text))
    return decode(sys.stdin.buffer.read(LARGEST + 1))


def read_lines():
    """Every line on stdin, as bytes, until its end. One that is too long ends the reading with a Problem."""
    while line := sys.stdin.buffer.readline(LARGEST + 1):
        if len(line) > LARGEST:
            raise _bad(f"a line over {LARGEST} bytes")
        if line.strip():
            yield line


def serve(answer, about, text, arguments=None):
    """Be a stage: call `answer(document)` as the arguments say, and return the exit status.

    answer: gives the answering document, or raises Problem.
    about: what the stage says of itself, without the common keys.
    text: the usage, for --help and wrong arguments.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        print(text.strip())
        return GOOD
    if arguments not in ([], ["--lines"], ["--about"]):
        return usage(text)
    output = Output()
    greeting = document("about", protocols=[PROTOCOL], **about)
    if arguments == ["--about"]:
        return output.say(greeting)
    if arguments == []:
        return output.say(_answered(answer, lambda: read_once(text)))
    output.say(greeting)
    try:
        for line in read_lines():
            output.say(_answered(answer, lambda line=line: decode(line)))
    except Problem as problem:  # a line without end: what follows it cannot be told apart any more
        return output.say(problem.document())
    return GOOD


def _answered(answer, read):
    """What the stage answers, with the asker's id; a Problem becomes its error document."""
    asked = {}
    try:
        asked = read()
        doc = answer(asked)
    except Problem as problem:
        doc = problem.document()
    if "id" in asked:
        doc["id"] = asked["id"]
    return doc
