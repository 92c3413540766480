"""Checks of receipts, for a runner whose `about` has `receipts`."""

from __future__ import annotations

import os

from tasker.conformance.check import check, require_same
from tasker.conformance.verdicts import Fault, Inapplicable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject
    from tasker.protocol.types import Document


def _run_of(subject: Subject) -> str:
    """A run of its own, as the far side may remember those before it."""
    if not isinstance(subject.about.get("receipts"), dict):
        raise Inapplicable("its 'about' has no 'receipts'")
    return f"kit-{os.urandom(8).hex()}"


def _deliver(subject: Subject, run: str, words: list[str]) -> Document:
    doc = subject.request(words, receipt={"run": run, "request": "1.1", "delivery": 1})
    return _possible(subject.once(doc)[0])


def _ask(subject: Subject, run: str, what: str) -> Document:
    ask: Document = {"do": what, "run": run}
    if what != "close":
        ask |= {"request": "1.1", "delivery": 1, "timeout": 10, "patience": 10, "since": 0}
    doc = subject.request(["true"], ask=ask, timeout=20)
    for key in ("words", "script", "environment"):
        doc.pop(key, None)
    return _possible(subject.once(doc)[0])


def _possible(answer: Document) -> Document:
    if answer.get("class") == "no_receipts":
        raise Inapplicable(f"no receipts can be kept there: {answer.get('reason')}")
    return answer


def _word(answer: Document) -> tuple[object, object]:
    return answer.get("outcome"), answer.get("settled")


@check("receipts", "can be asked how a command ended that had a receipt")
def receipts(subject: Subject) -> None:
    run = _run_of(subject)
    try:
        code = _deliver(subject, run, ["sh", "-c", "echo kept; exit 3"]).get("exit_code")
        require_same("exit_code of the command", 3, code)
        answer = _ask(subject, run, "settle")
        seen = (*_word(answer), answer.get("exit_code"), answer.get("stdout"))
        require_same("(outcome, settled, exit code, stdout) of the question", ("failed", "ended", 3, "kept\n"), seen)
    finally:
        _ask(subject, run, "close")


@check("receipts: void", "never starts a command that was asked about before it came")
def receipts_void(subject: Subject) -> None:
    run = _run_of(subject)
    wanted = ("not_started", "never_started")
    try:
        require_same("(outcome, settled) of the question", wanted, _word(_ask(subject, run, "settle")))
        answer = _deliver(subject, run, ["echo", "started"])
        require_same("(outcome, settled) of the command", wanted, _word(answer))
        if "started" in str(answer.get("stdout")):
            raise Fault("the command ran")
    finally:
        _ask(subject, run, "close")


@check("receipts: once", "starts a delivery once, whatever comes twice")
def receipts_once(subject: Subject) -> None:
    run = _run_of(subject)
    try:
        _deliver(subject, run, ["true"])
        answer = _deliver(subject, run, ["echo", "twice"])
        if "twice" in str(answer.get("stdout")):
            raise Fault("the second one ran too")
    finally:
        _ask(subject, run, "close")
