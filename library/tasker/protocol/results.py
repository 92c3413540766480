"""Results: those that runners send are checked before they are used; those of our own are made here."""

from __future__ import annotations

from tasker.protocol.document import document
from tasker.protocol.exit_codes import CANNOT_START
from tasker.text.masking import RESULT, masker_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tasker.protocol.types import Document, Event, Request, Result

OUTCOMES = ("ok", "failed", "signalled", "timeout", "not_started", "unknown")
_TEXTS = ("stdout", "stderr", "stdout_end", "stderr_end", "reason", "stdout_file", "stderr_file", "class")
_KINDS: dict[str, tuple[type, ...]] = {**dict.fromkeys(_TEXTS, (str,)), "seconds": (int, float)}
_SWITCHES = ("ok", "storage", "stdout_cut", "stderr_cut", "stdout_escaped", "stderr_escaped", "retryable")
_MOST = 2**63  # of anything that is counted: a number with thousands of digits could not be printed
_COUNTS = ("stdout_bytes", "stdout_lines", "stderr_bytes", "stderr_lines", "left_behind")


class InvalidResult(Exception):
    """A document that breaks the protocol. The text names the runner and the key."""


def check_result(name: str, doc: Document, dry_run: bool = False) -> Result:
    """The result in a document of a runner, with optional keys filled in. Raises InvalidResult."""
    if doc["kind"] == "error":
        reason = f"{name}: {doc.get('message', 'no reason given')}"
        again = bool(doc.get("retryable"))
        keys = {
            "outcome": "not_started",
            "exit_code": CANNOT_START,
            "reason": reason,
            "stderr": reason,
            "retryable": again,
        }
        return _as_result(document("result", False, id=doc["id"], **keys))
    if doc["kind"] != "result":
        raise InvalidResult(f"{name} broke its contract: '{doc['kind']}' is not a result")
    for key, kind in _KINDS.items():
        if key in doc and (not isinstance(doc[key], kind) or isinstance(doc[key], bool)):
            raise InvalidResult(f"{name} broke its contract: '{key}' has a value of the wrong type")
    for key in _COUNTS:
        if key in doc and not _is_count(doc[key]):
            raise InvalidResult(f"{name} broke its contract: '{key}' is not a count")
    for key in _SWITCHES:
        if not isinstance(doc.get(key, False), bool):
            raise InvalidResult(f"{name} broke its contract: '{key}' is neither true nor false")
    argv = doc.get("argv", [])
    if not (isinstance(argv, list) and all(isinstance(word, str) for word in argv)):
        raise InvalidResult(f"{name} broke its contract: 'argv' is not a list of words")
    code, outcome = doc.get("exit_code"), doc.get("outcome")
    if outcome is None:
        outcome = "ok" if code is None and dry_run else outcome_of(code)
    elif outcome == "failed" and outcome_of(code) == "signalled":
        outcome = "signalled"
    if outcome not in OUTCOMES:
        raise InvalidResult(f"{name} broke its contract: '{outcome}' is not an outcome")
    if not (type(code) is int and 0 <= code <= 255) and not (code is None and (dry_run or outcome == "unknown")):
        raise InvalidResult(f"{name} broke its contract: '{code}' is not an exit code")
    if (outcome == "ok") != (code == 0) and not (dry_run and code is None):
        raise InvalidResult(f"{name} broke its contract: '{outcome}' with exit code {code}")
    return _as_result({**doc, "outcome": outcome, "stdout": doc.get("stdout", ""), "stderr": doc.get("stderr", "")})


def check_output(name: str, event: Document) -> Event:
    """An event with output of a running command. Raises InvalidResult."""
    if event.get("stream") not in ("stdout", "stderr") or not isinstance(event.get("text"), str):
        raise InvalidResult(f"{name} broke its contract: an output event without 'stream' and 'text'")
    if not _is_count(event.get("left_out", 0)):
        raise InvalidResult(f"{name} broke its contract: 'left_out' is not a count")
    return event  # type: ignore[return-value] # a document of this kind that was checked


def _as_result(doc: Document) -> Result:
    return doc  # type: ignore[return-value] # a document of this kind that was made or checked here


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST


def without_unread_streams(result: Result, needs: Collection[str] | None) -> Result:
    """The result for flow, without the streams that are not in `needs`, so that 10,000 hosts do not fill its memory."""
    unread = {"argv"}
    if needs is not None:
        unread |= {f"{stream}{part}" for stream in ("stdout", "stderr") if stream not in needs for part in ("", "_end")}
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
