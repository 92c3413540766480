"""The choices of one trial. Each choice can be made again with another answer in a later trial."""

from __future__ import annotations

from tasker.language.conditions.expression import Verdict
from tasker.language.fields import CONDITIONAL, PARALLEL, TASK, has_command
from tasker.language.transitions import can_be_unknown
from tasker.language.workflow_index import WorkflowIndex
from tasker.simulation.skeleton import NAMES_A_HOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from tasker.language.conditions.expression import Condition, Context
    from tasker.protocol.types import Workflow

    Answer: TypeAlias = bool | None  # whether a command succeeds; the verdict of a condition
    Place: TypeAlias = int | tuple[str, int]  # a task, or all members of a block together
    Key: TypeAlias = tuple[Place, str, int]  # place, field, and how often it was asked before, from 1
    Script: TypeAlias = Mapping[Key, Answer]

RESULT = "result"
APPROVED = "answer"  # of an approval: True, False where it is rejected or not given in time, None to stop the run


class Choice:
    """A choice in a trial: the task, its field (or RESULT), all possible answers, and the chosen one."""

    __slots__ = ("answer", "answers", "field", "key", "task")

    def __init__(self, key: Key, task: int, field: str, answers: Sequence[Answer], answer: Answer) -> None:
        self.key, self.task, self.field, self.answers, self.answer = key, task, field, answers, answer

    def text(self) -> str:
        """The answer for people; '' for the first answer, which is the usual one."""
        if self.answer == self.answers[0]:
            return ""
        if self.field == APPROVED:
            return "stop" if self.answer is None else "not approved"
        return "failed" if self.field == RESULT else f"{self.field} {_NAMES[self.answer]}"


_NAMES: dict[Answer, str] = {False: "false", None: "unknown", True: "true"}


class Guesses:
    """Answers by a script: key -> answer. A choice that is not in the script gets its first answer."""

    choices: list[Choice]
    _times: dict[tuple[Place, str], int]
    _answers: dict[Key, Answer]

    def __init__(self, script: Script) -> None:
        self.script, self.choices, self._times, self._answers = script, [], {}, {}

    def answer(self, place: Place, task: int, field: str, answers: Sequence[Answer], each_time: bool = True) -> Answer:
        """Choose an answer. each_time: is it a new choice each time?"""
        times = self._times[place, field] = self._times.get((place, field), 0) + 1
        key = (place, field, times if each_time else 1)
        if key not in self._answers:
            self._answers[key] = self.script.get(key, answers[0])
            self.choices.append(Choice(key, task, field, answers, self._answers[key]))
        return self._answers[key]


class GuessingIndex(WorkflowIndex):
    """An index whose conditions are guessed, not evaluated. reached: the tasks that the flow came to.

    real: the index of the whole workflow, which has parsed the conditions.
    The members of a parallel block all get the same answers: different answers lead to no other state.
    """

    def __init__(self, skeleton: Workflow, real: WorkflowIndex) -> None:
        super().__init__(skeleton)
        self.guesses, self.real = Guesses({}), real
        self.reached: set[int] = set()

    def condition(self, number: int, field: str) -> Condition | None:
        if field == "condition":
            self.reached.add(number)
        real = self.real.condition(number, field) if field in self.tasks[number] else None
        if real is None and field == "condition" and NAMES_A_HOST in self.tasks[number].get("condition", ""):
            return GuessedCondition(self, number, field)  # type: ignore[return-value]  # it answers as a Condition does
        # stop_on counts members that ended, and these are known. The type: only `evaluate` of a condition is used.
        if real is None or field == "stop_on":
            return real
        return GuessedCondition(self, number, field)  # type: ignore[return-value]  # it answers as a Condition does

    def judges_block(self, number: int) -> bool:
        return self.real.judges_block(number)

    def succeeds(self, number: int) -> bool:
        """Does the next run of a task succeed?"""
        return self.guess(number, RESULT, (True, False)) is True

    def approved(self, number: int) -> Answer:
        """What is answered to the next question of an approval (see APPROVED)."""
        return self.guess(number, APPROVED, (True, False, None))

    def guess(self, number: int, field: str, answers: Sequence[Answer]) -> Answer:
        block, kind = self.owned.get(number), self.kind(self.tasks[number])
        apart = field == "next" or (field == "condition" and kind == CONDITIONAL)  # of a block in a block
        apart = apart or (field == "success" and self.judges_block(number))
        if not apart and block is not None and self.kind(self.tasks[block]) == PARALLEL:
            return self.guesses.answer(("in", block), number, field, answers, each_time=False)
        return self.guesses.answer(number, number, field, answers)


class GuessedCondition:
    """A condition whose verdict is guessed."""

    def __init__(self, index: GuessingIndex, number: int, field: str) -> None:
        self.index, self.number, self.field = index, number, field

    def evaluate(self, context: Context) -> Verdict:
        answers = (True, False, None) if self._differs_if_unknown() else (True, False)
        # the first answer is the one with which everything succeeds
        truth = self.index.guess(self.number, self.field, answers[::-1] if self.field == "failure" else answers)
        text = self.index.tasks[self.number][self.field]  # type: ignore[literal-required]  # one of CONDITIONS
        return Verdict(truth, f"{text} is {_NAMES[truth]}")

    def _differs_if_unknown(self) -> bool:
        """Does the flow go elsewhere if this is unknown? A task with a command has then failed, as its command can."""
        if self.field != "condition":
            return False
        task = self.index.tasks[self.number]
        only_returns = self.index.kind(task) == TASK and not has_command(task) and self.index.rules > 1
        chooses = self.index.kind(task) == CONDITIONAL
        return (chooses or only_returns) and can_be_unknown(self.index.real, self.number)
