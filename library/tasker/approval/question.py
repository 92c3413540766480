"""A question of a run: its facts, and the text that people see. Pure.

What is signed, and what a client sends back, is the hash of that text: nothing can be approved that was not shown.
"""

from __future__ import annotations

import time

from tasker.approval.answer import Who
from tasker.system.digest import sha256
from tasker.text.named_tuple import NamedTuple
from tasker.text.plural import count_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.protocol.types import Document

LARGEST_TEXT = 12_000  # characters: a door sends it in one piece
LONGEST_LINE = 300


class Question(NamedTuple):
    """run: its id. id, task: of the step that asks; number: of the question, from 1 in each run. nonce: made
    for this question. text: what people see, shown: its hash. approvals: how many different people have to say yes.
    approvers: login names or principals, of which one has to be theirs; empty: anyone. asked: seconds since 1970.
    owner: the uid of the driver. starter: who started the run."""

    run: str
    id: str
    task: int
    number: int
    nonce: str
    title: str
    text: str
    shown: str
    approvals: int
    approvers: tuple[str, ...]
    asked: float
    owner: int
    starter: Who

    def document(self) -> Document:
        """It as a document, for a client."""
        names = ("run", "id", "task", "number", "nonce", "title", "text", "shown", "approvals", "asked", "owner")
        return {name: getattr(self, name) for name in names} | {"approvers": list(self.approvers)}


def text_hash(text: str) -> str:
    """The hash of a text that is shown, in hexadecimal."""
    return str(sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def question_text(
    run: str,
    task: int,
    title: str,
    *,
    file: str,
    file_hash: str,
    owner: str,
    started: float,
    follows: Sequence[str] = (),
    so_far: Sequence[str] = (),
    approvals: int = 1,
    approvers: Sequence[str] = (),
) -> str:
    """The text of a question: lines without a last newline, each printable, together at most LARGEST_TEXT.

    file, file_hash: the task file, and the SHA-256 of what runs of it. owner: whose run it is. started: seconds since
    1970. follows: what comes next, a line each; so_far: what came before.
    """
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(started))  # the same text wherever it is resumed
    needs = f"needs {count_of(approvals, 'approval')}"
    needs += f" from {', '.join(approvers)}" if approvers else " of different people" if approvals > 1 else ""
    lines = [
        f"Task {task}: {title or 'approval'}",
        f"Run {run} of {file}, started by {owner} at {when}; it {needs}",
        f"SHA-256 of the task file: {file_hash}",
    ]
    lines += [f"So far: {line}" for line in so_far]
    lines += [f"Follows: {line}" for line in follows]
    return _limited([shorten(printable(line), LONGEST_LINE) for line in lines])


def _limited(lines: list[str]) -> str:
    """The lines as far as there is room, and how many there are more."""
    room = LARGEST_TEXT - 40
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*kept, f"… and {count_of(len(lines) - len(kept), 'line')} more"])
        kept.append(line)
    return "\n".join(kept)


def is_plain_text(text: str) -> bool:
    """Can a terminal show it as it is, line by line?"""
    return all(printable(line) == line for line in text.split("\n"))


def question_of_document(doc: Document) -> Question | None:
    """The question in a document from a door or a file, which anyone can have made; None where it is not one.

    The hash is made here, of the text: what a door says it to be has no effect.
    """
    texts = ("run", "id", "nonce", "title", "text")
    numbers = ("task", "number", "approvals", "owner")
    if not all(isinstance(doc.get(name), str) and len(doc[name]) <= LARGEST_TEXT * 2 for name in texts):
        return None
    if not all(type(doc.get(name)) is int and 0 <= doc[name] < 1 << 32 for name in numbers):
        return None
    approvers, asked = doc.get("approvers"), doc.get("asked")
    if not isinstance(approvers, list) or not all(isinstance(one, str) for one in approvers):
        return None
    if not isinstance(asked, int | float) or isinstance(asked, bool) or not 0 <= asked < 1 << 40:
        return None
    if not is_plain_text(doc["text"]):
        return None
    facts = {name: doc[name] for name in (*texts, *numbers)}
    owner = doc["owner"]
    return Question(
        **facts, shown=text_hash(doc["text"]), approvers=tuple(approvers), asked=float(asked), starter=Who(owner)
    )
