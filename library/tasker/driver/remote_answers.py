"""Answers from elsewhere: through the socket of the run, and those that were left while no driver had it."""

from __future__ import annotations

import os

from tasker.approval import left_answers, places
from tasker.approval.door import Door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.approval.answer import Answer
    from tasker.approval.places import Place
    from tasker.approval.question import Question
    from tasker.approval.received import Check
    from tasker.approval.rules import Weighed
    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.protocol.types import ApprovalSettings


class DoorSource:
    """The socket of the run, while a question is open."""

    __slots__ = ("door",)

    def __init__(self, door: Door) -> None:
        self.door = door

    def fileno(self) -> int | None:
        return self.door.fileno()

    def is_ready_to_ask(self) -> bool:
        return True

    def answers(self) -> Iterator[Answer]:
        return self.door.answers()

    def reply(self, answer: Answer, weighed: Weighed, more: int) -> None:
        self.door.reply(answer, weighed, more)

    def close(self) -> None:
        self.door.close()


class LeftSource:
    """What was left next to the journal: all of it is there when the question is asked."""

    __slots__ = ("check", "folder", "paths", "question", "taken")

    def __init__(self, folder: str, question: Question, check: Check | None) -> None:
        self.folder, self.question, self.check = folder, question, check
        self.paths: list[str] = []
        self.taken = False

    def fileno(self) -> int | None:
        return None

    def is_ready_to_ask(self) -> bool:
        return True

    def answers(self) -> Iterator[Answer]:
        if self.taken:
            return
        self.taken = True
        for answer, path in left_answers.take(self.folder, self.question, self.check):
            self.paths.append(path)
            yield answer._replace(token=len(self.paths) - 1)

    def reply(self, answer: Answer, weighed: Weighed, more: int) -> None:
        """It is on the disk: it is not taken again."""
        left_answers.remove(self.paths[answer.token])

    def close(self) -> None:
        pass


def open_remote(
    context: RunContext, observers: Observers, question: Question, closed: bool
) -> list[DoorSource | LeftSource]:
    """What was left, and the socket of the run. What is not possible is reported: the run can be answered otherwise.
    closed: without the socket, for a run that ends now."""
    settings: ApprovalSettings = context.workflow["settings"].get("approval", {})
    check = signature_check(settings)
    made: list[DoorSource | LeftSource] = [LeftSource(context.folder, question, check)]
    if closed:
        return list(made)
    shared = settings.get("folder")
    if shared:
        why = places.shared_folder_fault(shared)
        place = places.shared_place(shared, question.run, os.geteuid())
        door = None if why else _open_door(place, question, check, observers)
        if door is not None:
            return [*made, door]
        if why:
            observers.report("WARN", f"[approval] folder cannot be used: {why}")
        observers.report("WARN", "Only you can answer this question")
    door = _open_door(places.own_place(context.folder), question, check, observers)
    return made if door is None else [*made, door]


def _open_door(place: Place, question: Question, check: Check | None, observers: Observers) -> DoorSource | None:
    try:
        return DoorSource(Door(place, question, check))
    except OSError as error:
        reason = error.strerror or str(error)
        observers.report("WARN", f"No answer can be taken through '{place.path}': {reason}")
        return None


def signature_check(settings: ApprovalSettings) -> Check | None:
    """What checks a signature, as the configuration of a run has it."""
    allowed = settings.get("allowed_signers")
    if allowed is None:
        return None
    from tasker.approval import signing  # here: few configurations have signers

    return lambda question, doc: signing.check(question, doc, allowed)
