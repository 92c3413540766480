"""Flow's own engine, made to visit one task with results and verdicts of our choice."""

from __future__ import annotations

from tasker.flow import sequence
from tasker.flow.coroutines import Scheduler
from tasker.flow.run import ENGINES, Run
from tasker.flow.run_state import Finished, FlowEnd
from tasker.flow.task import run_task
from tasker.flow.task_result import judge_result
from tasker.language.fields import TASK
from tasker.simulation.guessing import OK, GuessBook, Guesses
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.slots import Slots
    from tasker.flow.types import NoteFacts, TaskRecord
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Event, Result, Step, Task, Workflow
    from tasker.simulation.guessing import Choice, Script

RESULTS = {True: ("ok", 0), False: ("failed", 1)}


class Seen(NamedTuple):
    """What a visit came to. to: the next task or None; handler: is the flow in one then? end: how the run ended, or
    None; failed: did a task fail that nothing handles? choices: all that was asked."""

    to: int | None
    handler: bool
    end: FlowEnd | None
    failed: bool
    choices: list[Choice]


class Trial(Run):
    """One engine for many visits. Nothing that a visit leaves behind is there in the next: all that a later one could
    read of it is guessed. book: that of the workflow that the skeleton is of."""

    def __init__(self, skeleton: Workflow, book: WorkflowIndex) -> None:
        self.guessing = GuessBook(skeleton, book)
        super().__init__(skeleton, engines={**ENGINES, TASK: self.run_alone}, book=self.guessing)

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        """Nobody reads what happened here."""

    def run_alone(
        self, run: RunState, task: Task, iteration: int, block: int | None = None, slots: Slots | None = None
    ) -> CoroutineOf[TaskRecord]:
        """What `run_task` comes to for a task of a skeleton: it has no words, host or retries. An activity.

        In a block the engine's own is needed, since others run beside it.
        """
        if block is not None:
            return (yield from run_task(run, task, iteration, block, slots))
        number = task["task"]
        outcome, code = RESULTS[self.guessing.result(number) == OK]
        made: TaskRecord = {"iteration": iteration, "outcome": outcome, "exit_code": code, "stdout": "", "stderr": ""}
        run.records[number] = made
        judge_result(run, task, made, {"attempt": 1})
        return made

    def visit(self, number: int, handler: bool, script: Script) -> Seen:
        """Arrive at a task; script: see Guesses."""
        self.machine = Scheduler()
        self.emit, self.identity = self.machine.emit, self.machine.identity
        self.records, self.failed, self.in_handler = {}, {}, handler
        guesses = self.guessing.guesses = Guesses(script)
        self.guessing.condition(number, "condition")  # the flow has come here, whatever kind of task it is
        steps = self.machine.begin(sequence.visit(self, self.book.tasks[number]))
        while self.machine.outcome is None:
            for step in steps:
                self._answer(step)
            steps = self.machine.turn()
        to, failure = self.machine.outcome
        if failure is not None and not isinstance(failure, Finished):
            raise failure
        end = None if failure is None else failure.end
        return Seen(to if isinstance(to, int) else None, self.in_handler, end, bool(self.failed), guesses.made)

    def _answer(self, step: Step) -> None:
        if step["do"] == "run":
            outcome, code = RESULTS[self.guessing.result(step["request"]["task"]) == OK]
            result: Result = {"tasker": 1, "kind": "result", "ok": code == 0, "outcome": outcome, "exit_code": code}
            result["stdout"] = result["stderr"] = ""
            event: Event = {"tasker": 1, "kind": "event", "event": "result", "result": result}
            self.machine.fire(str(step["request"]["id"]), event)
        elif step["do"] == "timer":
            self.machine.fire(str(step["id"]), {"tasker": 1, "kind": "event", "event": "fired"})
