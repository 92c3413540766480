"""Results: those that runners send are checked before they are used; those of our own are made here."""

from __future__ import annotations

import os
import stat

from tasker.protocol.document import LARGEST, document
from tasker.protocol.exit_codes import CANNOT_START
from tasker.text.json_codec import encode_json
from tasker.text.lazy_regex import Pattern
from tasker.text.masking import RESULT, masker_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tasker.protocol.types import Document, Event, Request, Result

    Form = tuple[Callable[[object], bool], str]  # (does a value fit?, what it has to be, in words)

OUTCOMES = ("ok", "failed", "signalled", "timeout", "not_started", "unknown")
# who decided about an outcome that was not seen; only the driver writes it. fail: before 3.2
DECIDED = ("operator", "fail", "receipt")
# what a receipt says of a command -> the outcomes with which it can say so (docs/PROTOCOL.md)
SETTLED = {
    "ended": ("ok", "failed", "signalled", "timeout"),
    "never_started": ("not_started",),
    "running": ("unknown",),
}
MOST_SECONDS = 1e9  # thirty years; a number with thousands of digits could not be printed
_MOST = 2**63  # of anything that is counted
LARGEST_RESULT = LARGEST // 2  # bytes of a result as it is sent on: ASCII, with escapes
_SURELY_SMALL = 1 << 20  # characters, of which none takes more than twelve bytes
_LONGEST_REASON = 1 << 16  # characters; it becomes a line of the log
_OF_EVERY_DOCUMENT = ("tasker", "kind", "ok", "id")
_LONGEST_NAME = 255  # bytes of a file's name
_WORD = Pattern("[a-z_]{1,64}")
_STREAMS = ("stdout", "stderr")


class InvalidResult(Exception):
    """A document that breaks the protocol. The text names the runner and the key."""


def check_runner_result(name: str, doc: Document, dry_run: bool = False, output: str | None = None) -> Result:
    """The result in a document of a runner, with optional keys filled in. Raises InvalidResult.

    output: the folder for the files of this request, where it has one. What only the driver may say is refused. Keys
    that are not of a result are left out, and what is too large: its result has to fit into the documents that the
    driver makes of it, or another stage would be blamed.
    """
    if "decided" in doc:
        raise InvalidResult(f"{name} broke its contract: only the driver may set 'decided'")
    result = check_result(name, doc, dry_run)
    settled, outcome = result.get("settled"), result.get("outcome")
    if settled is not None and outcome not in SETTLED[settled]:
        raise InvalidResult(f"{name} broke its contract: 'settled' is {settled} where the outcome is {outcome}")
    for stream in _STREAMS:
        if doc.get(f"{stream}_cut") and f"{stream}_end" not in doc:
            raise InvalidResult(f"{name} broke its contract: '{stream}_cut' without '{stream}_end'")
        if f"{stream}_file" in doc:
            _check_file(name, doc, stream, output)
    kept = {key: value for key, value in result.items() if key in _FORMS or key in _OF_EVERY_DOCUMENT}
    argv = result.get("argv", [])
    if sum(len(text) for text in (*kept.values(), *argv) if isinstance(text, str)) + 4 * len(argv) > _SURELY_SMALL:
        size = len(encode_json(kept))
        if size > LARGEST_RESULT:
            raise InvalidResult(f"{name} broke its contract: a result of {size} bytes, over {LARGEST_RESULT}")
    return _as_result(kept)


def check_result(name: str, doc: Document, dry_run: bool = False) -> Result:
    """The result in a document, with optional keys filled in. Raises InvalidResult.

    Each key that is acted upon has its type and its bounds here.
    """
    _check_forms(name, doc, _FORMS if doc["kind"] == "result" else _ERROR_FORMS)
    if doc["kind"] == "error":
        reason = f"{name}: {doc.get('message', 'no reason given')}"
        keys = {
            "outcome": "not_started",
            "exit_code": CANNOT_START,
            "reason": reason,
            "stderr": reason,
            "retryable": doc.get("retryable", False),
        }
        return _as_result(document("result", False, id=doc["id"], **keys))
    if doc["kind"] != "result":
        from tasker.text.printable import shorten  # here: a runner, which makes results, needs none

        raise InvalidResult(f"{name} broke its contract: '{shorten(doc['kind'])}' is not a result")
    outcome = _judged_outcome(name, doc, dry_run)
    return _as_result({**doc, "outcome": outcome, "stdout": doc.get("stdout", ""), "stderr": doc.get("stderr", "")})


def _judged_outcome(name: str, doc: Document, dry_run: bool = False) -> str:
    """The outcome of a result whose values have their types. Raises InvalidResult where they contradict each other."""
    code, outcome = doc.get("exit_code"), doc.get("outcome")
    if outcome is None:
        outcome = "ok" if code is None and dry_run else outcome_of(code)
    elif outcome == "failed" and outcome_of(code) == "signalled":
        outcome = "signalled"
    if code is None and not (dry_run or outcome == "unknown"):
        raise InvalidResult(f"{name} broke its contract: '{outcome}' without an exit code")
    if (outcome == "ok") != (code == 0) and not (dry_run and code is None):
        raise InvalidResult(f"{name} broke its contract: '{outcome}' with exit code {code}")
    if "decided" in doc and doc["decided"] != "receipt" and outcome != "unknown":
        raise InvalidResult(f"{name} broke its contract: 'decided' where the outcome is {outcome}")
    return str(outcome)


def readable_result(doc: Document) -> Document:
    """A recorded result without the values that are not as they have to be. Raises InvalidResult where what remains
    would not say how the command ended.

    For readers of journals, also of those that an earlier version wrote from what a runner sent. Of a stream whose file
    cannot be named, all is missing: it counts as cut, so that no condition takes it for an empty one.
    """
    unfit = []
    for key, value in doc.items():
        form = _FORMS.get(key)
        if form is not None and not form[0](value):
            unfit.append(key)
    if not unfit and doc.get("kind") == "result":
        _judged_outcome("what was recorded", doc)
        return doc
    if unfit:
        doc = {key: value for key, value in doc.items() if key not in unfit or key in _ESSENTIAL}
        for stream in _STREAMS:
            if stream in unfit or (f"{stream}_file" in unfit and stream not in doc):
                doc |= {stream: "", f"{stream}_end": "", f"{stream}_cut": True}
    kind = doc.get("kind", "result")
    check_result("what was recorded", {**doc, "kind": kind if isinstance(kind, str) else "unknown"})
    return doc


def _check_forms(name: str, doc: Document, forms: Mapping[str, Form]) -> None:
    for key, value in doc.items():  # it has few of the keys that there are
        form = forms.get(key)
        if form is not None and not form[0](value):
            raise InvalidResult(f"{name} broke its contract: '{key}' has to be {form[1]}")


def _check_file(name: str, doc: Document, stream: str, output: str | None) -> None:
    """Raises InvalidResult unless the file of a stream is in `output`, with the bytes that were counted."""
    file = doc[f"{stream}_file"]
    try:
        found = os.lstat(os.path.join(output, file)) if output else None
    except OSError:
        found = None
    if found is None or not stat.S_ISREG(found.st_mode):
        raise InvalidResult(
            f"{name} broke its contract: '{stream}_file' is '{file}', which is not a file in its output folder"
        )
    if found.st_size != doc.get(f"{stream}_bytes"):
        counted = doc.get(f"{stream}_bytes", "missing")
        raise InvalidResult(
            f"{name} broke its contract: '{stream}_bytes' is {counted}, and '{file}' has {found.st_size} bytes"
        )


def check_output(name: str, event: Document) -> Event:
    """An event with output of a running command. Raises InvalidResult."""
    if event.get("stream") not in _STREAMS or not isinstance(event.get("text"), str):
        raise InvalidResult(f"{name} broke its contract: an output event without 'stream' and 'text'")
    if not _is_count(event.get("left_out", 0)):
        raise InvalidResult(f"{name} broke its contract: 'left_out' is not a count")
    return event  # type: ignore[return-value] # a document of this kind that was checked


def _as_result(doc: Document) -> Result:
    return doc  # type: ignore[return-value] # a document of this kind that was made or checked here


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_duration(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= MOST_SECONDS  # type: ignore[operator] # a number


def _is_code(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= 255)


def _is_argv(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _is_file_name(value: object) -> bool:
    """A plain name, which is also shown to people."""
    if not isinstance(value, str) or not value.isprintable() or "/" in value or value in ("", ".", ".."):
        return False
    return len(value.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME


def _is_word(value: object) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


_TEXT: Form = (_is_text, "text")
_REASON: Form = (
    lambda value: isinstance(value, str) and len(value) <= _LONGEST_REASON,
    f"text of at most {_LONGEST_REASON} characters",
)
_SWITCH: Form = (_is_switch, "true or false")
_COUNT: Form = (_is_count, "a count")
# each key of a result that anything here acts upon; PROTOCOL.md says what they mean
_FORMS: dict[str, Form] = {
    "ok": _SWITCH,
    "outcome": (lambda value: value is None or value in OUTCOMES, f"an outcome: {', '.join(OUTCOMES)}"),
    "exit_code": (_is_code, "an exit code from 0 to 255"),
    **{
        f"{stream}{part}": form
        for stream in _STREAMS
        for part, form in {
            **dict.fromkeys(("", "_end"), _TEXT),
            **dict.fromkeys(("_bytes", "_lines"), _COUNT),
            **dict.fromkeys(("_cut", "_escaped"), _SWITCH),
            "_file": (_is_file_name, "the plain name of a file"),
        }.items()
    },
    "argv": (_is_argv, "a list of words"),
    "seconds": (_is_duration, f"a number of seconds from 0 to {MOST_SECONDS:.0f}"),
    "reason": _REASON,
    "class": (_is_word, "one word of small letters"),
    "retryable": _SWITCH,
    "left_behind": _COUNT,
    "lost": _REASON,
    "storage": _SWITCH,
    "decided": (lambda value: value in DECIDED, f"one of {', '.join(DECIDED)}"),
    "settled": (lambda value: isinstance(value, str) and value in SETTLED, f"one of {', '.join(SETTLED)}"),
}
_ESSENTIAL = ("ok", "outcome", "exit_code", "decided")
_ERROR_FORMS: dict[str, Form] = {"message": _REASON, "retryable": _SWITCH}


# keys to leave out, by (is stdout unread?, is stderr?)
_UNREAD = {
    (out, err): frozenset(("argv", *("stdout", "stdout_end")[: 2 * out], *("stderr", "stderr_end")[: 2 * err]))
    for out in (False, True)
    for err in (False, True)
}


def without_unread_streams(result: Result, needs: Collection[str] | None) -> Result:
    """The result for flow, without the streams that are not in `needs`, so that 10,000 hosts do not fill its memory."""
    unread = _UNREAD[needs is not None and "stdout" not in needs, needs is not None and "stderr" not in needs]
    return _as_result({key: value for key, value in result.items() if key not in unread})


def outcome_of(code: object) -> str:
    """What an exit code says alone. 128+N is how shells and clients report that signal N ended the command.

    One rule for every runner, since what a signal ended is not repeated: whether the command was started by a shell, by
    a client or by us must not decide that. N is 1 to 31; programs use codes above that for meanings of their own.
    """
    if code == 0:
        return "ok"
    return "signalled" if type(code) is int and 128 < code < 160 else "failed"


def result_document(
    request: Request, outcome: str, code: int | None, argv: Sequence[str], seconds: float = 0.0, **keys: object
) -> Result:
    """A result document with the secrets of its request masked. Streams that `keys` does not have are empty."""
    if "id" in request:
        keys["id"] = request["id"]
    for name in ("stdout", "stderr"):
        if name not in keys:
            keys |= {name: "", name + "_bytes": 0, name + "_lines": 0}
    made = document(
        "result", outcome == "ok", outcome=outcome, exit_code=code, argv=argv, seconds=round(seconds, 6), **keys
    )
    return _as_result(masker_for(tuple(request.get("secrets", ()))).document(made, RESULT))


def not_started(request: Request, argv: Sequence[str], reason: str, code: int = CANNOT_START) -> Result:
    """The result of a request that was not started. The reason is its stderr too, where people look for errors."""
    text = reason + "\n"
    keys: Document = {
        "stderr": text,
        "stderr_bytes": len(text.encode()),
        "stderr_lines": text.count("\n"),
        "reason": reason,
    }
    return result_document(request, "not_started", code, argv, **keys)
