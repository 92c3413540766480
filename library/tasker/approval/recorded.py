"""The open question of a run, as its journal has it. Pure: records in, question out."""

from __future__ import annotations

from tasker.approval.answer import NO, YES, Who, answer_of_record
from tasker.approval.question import Question
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.approval.answer import Answer
    from tasker.protocol.types import Document


class OpenQuestion(NamedTuple):
    """counted: the answers to it that count. parked: has its driver left it to a resume? until: when its time is up
    (seconds since 1970), None where it may wait for ever. seconds: how long that was after it was asked first."""

    question: Question
    counted: list[Answer]
    parked: bool
    until: float | None = None
    seconds: float = 0.0


def open_question(run: str, records: Iterable[tuple[str, Document]]) -> OpenQuestion | None:
    """The question that a journal ends with, None where it is decided, or none was asked. records: `what` and `doc`
    of each, in their order."""
    asked: Document | None = None
    counted: list[Answer] = []
    owner, parked, first = 0, False, 0.0
    for what, doc in records:
        if what == "start":
            owner = doc["user"] if type(doc.get("user")) is int else 0
        elif what == "question":
            first = doc["asked"] if asked is None or doc["id"] != asked["id"] else first
            if asked is None or doc["nonce"] != asked["nonce"]:
                counted = []
            asked, parked = doc, False
        elif what == "parked":
            parked = True
        elif what == "resume":
            parked = False
        elif asked is not None and what == "answer" and doc["counts"] and doc["id"] == asked["id"]:
            counted.append(answer_of_record(doc))
            if doc["answer"] != YES or len(counted) >= asked["approvals"]:
                asked = None
        elif what == "exit" or (asked is not None and what == "fired" and doc["id"] == asked.get("timer")):
            asked = None
    if asked is None:
        return None
    seconds = asked.get("seconds")
    until = None if seconds is None else first + seconds
    return OpenQuestion(_question(run, asked, owner), counted, parked, until, seconds or 0.0)


def _question(run: str, doc: Document, owner: int) -> Question:
    names = ("id", "task", "number", "nonce", "title", "text", "shown", "approvals", "asked")
    facts = {name: doc[name] for name in names}
    starter = Who(doc["starter"]["uid"], doc["starter"]["login_uid"])
    return Question(run=run, owner=owner, approvers=tuple(doc["approvers"]), starter=starter, **facts)


def answer_document(question: Question, yes: bool, reason: str) -> Document:
    """An answer to a question, as a door takes it."""
    made = {"id": question.id, "nonce": question.nonce, "shown": question.shown}
    return {"answer": YES if yes else NO, "reason": reason, **made}
