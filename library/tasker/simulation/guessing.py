"""The choices of one trial. Every question that is asked gets an answer, and can be asked again with another one."""

from __future__ import annotations

from tasker.language.conditions.expression import Verdict
from tasker.language.fields import CONDITIONAL, PARALLEL
from tasker.language.transitions import can_be_unknown
from tasker.language.workflow_index import WorkflowIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from tasker.language.conditions.expression import Condition, Context
    from tasker.protocol.types import Workflow

    Answer: TypeAlias = str | bool | None  # OK or FAILED for a result; what a condition comes out as
    Place: TypeAlias = int | tuple[str, int]  # a task, or all members of a block together
    Key: TypeAlias = tuple[Place, str, int]  # place, field, and the how many-th time that it is asked
    Script: TypeAlias = Mapping[Key, Answer]

RESULT, OK, FAILED = "result", "ok", "failed"


class Choice:
    """What was asked in a trial: the task, its field (or RESULT), all answers there are, and the one given."""

    __slots__ = ("answer", "answers", "field", "key", "task")

    def __init__(self, key: Key, task: int, field: str, answers: Sequence[Answer], answer: Answer) -> None:
        self.key, self.task, self.field, self.answers, self.answer = key, task, field, answers, answer

    def words(self) -> str:
        """How it came out, for people; '' for what goes without saying."""
        if self.answer == self.answers[0]:
            return ""
        return str(self.answer) if self.field == RESULT else f"{self.field} {_NAMES[self.answer]}"


_NAMES: dict[Answer, str] = {False: "false", None: "unknown", True: "true"}


class Guesses:
    """script: key -> answer, for what is to be answered in a certain way; all else gets its first answer."""

    made: list[Choice]
    _times: dict[tuple[Place, str], int]
    _once: dict[Key, Answer]

    def __init__(self, script: Script) -> None:
        self.script, self.made, self._times, self._once = script, [], {}, {}

    def answer(self, place: Place, task: int, field: str, answers: Sequence[Answer], again: bool = True) -> Answer:
        """again: is each time that this is asked a question of its own?"""
        times = self._times[place, field] = self._times.get((place, field), 0) + 1
        key = (place, field, times if again else 1)
        if key not in self._once:
            self._once[key] = self.script.get(key, answers[0])
            self.made.append(Choice(key, task, field, answers, self._once[key]))
        return self._once[key]


class GuessBook(WorkflowIndex):
    """A book whose conditions are not evaluated but guessed. arrived: the tasks that the flow came to.

    real: the book of the workflow, which has read the conditions already.
    The members of a parallel block all do the same: that some do this and others that leads to no other place.
    """

    def __init__(self, skeleton: Workflow, real: WorkflowIndex) -> None:
        super().__init__(skeleton)
        self.guesses, self.real = Guesses({}), real
        self.arrived: set[int] = set()

    def condition(self, number: int, field: str) -> Condition | None:
        if field == "condition":
            self.arrived.add(number)
        real = self.real.condition(number, field) if field in self.tasks[number] else None
        # stop_on counts what has ended, and that is known
        # type: a condition is asked for nothing but `evaluate` here
        return real if real is None or field == "stop_on" else Guessed(self, number, field)  # type: ignore[return-value]

    def result(self, number: int) -> Answer:
        """OK or FAILED: what the next run of a task comes to."""
        return self.guess(number, RESULT, (OK, FAILED))

    def guess(self, number: int, field: str, answers: Sequence[Answer]) -> Answer:
        block, kind = self.owned.get(number), self.kind(self.tasks[number])
        apart = field == "next" or (field == "condition" and kind == CONDITIONAL)  # of blocks inside
        if not apart and block is not None and self.kind(self.tasks[block]) == PARALLEL:
            return self.guesses.answer(("in", block), number, field, answers, again=False)
        return self.guesses.answer(number, number, field, answers)


class Guessed:
    """A condition that comes out as it is guessed."""

    def __init__(self, book: GuessBook, number: int, field: str) -> None:
        self.book, self.number, self.field = book, number, field

    def evaluate(self, context: Context) -> Verdict:
        chooses = self.field == "condition" and self.book.kind(self.book.tasks[self.number]) == CONDITIONAL
        answers = (True, False, None) if chooses and can_be_unknown(self.book.real, self.number) else (True, False)
        # the first answer is the good one: with it everywhere, everything succeeds
        truth = self.book.guess(self.number, self.field, answers[::-1] if self.field == "failure" else answers)
        return Verdict(
            None if truth is None else truth is True, f"{self.book.tasks[self.number][self.field]} is {_NAMES[truth]}"
        )
