"""Flow's own engine, made to visit one task with chosen results and verdicts."""

from __future__ import annotations

from tasker.flow import sequence
from tasker.flow.coroutines import Scheduler
from tasker.flow.run import ENGINES, FlowRun
from tasker.flow.run_state import Finished, FlowEnd
from tasker.flow.task import run_task
from tasker.flow.task_result import SKIPPED, judge_result
from tasker.language.fields import APPROVAL, CHAIN, FANOUT, TASK
from tasker.protocol.exit_codes import STOPPED
from tasker.simulation.guessing import APPROVED, Guesses, GuessingIndex
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


class Visit(NamedTuple):
    """What a visit led to. to: the next task or None; in_handler: is the flow in a handler then? end: how the run
    ended, or None; failed: is there an unhandled failure? choices: all choices that were made."""

    to: int | None
    in_handler: bool
    end: FlowEnd | None
    failed: bool
    choices: list[Choice]


class Trial(FlowRun):
    """One engine for many visits. Each visit begins without records: whatever it could read of them is guessed.

    index: of the whole workflow.
    """

    def __init__(self, skeleton: Workflow, index: WorkflowIndex) -> None:
        self.guessing = GuessingIndex(skeleton, index)
        super().__init__(
            skeleton,
            engines={
                **ENGINES,
                TASK: self.run_reduced_task,
                APPROVAL: self.run_guessed_approval,
                **dict.fromkeys((FANOUT, CHAIN), self.run_hosted),
            },
            index=self.guessing,
        )

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        """Notes are dropped: a trial has no log."""

    def run_reduced_task(
        self, run: RunState, task: Task, iteration: int, block: int | None = None, slots: Slots | None = None
    ) -> CoroutineOf[TaskRecord]:
        """Replaces `run_task` for a reduced task, which has no words, host or retries. A coroutine.

        A member of a block needs `run_task`, because others run at the same time.
        """
        if block is not None:
            return (yield from run_task(run, task, iteration, block, slots))
        number = task["task"]
        run.started += 1
        outcome, code = RESULTS[self.guessing.succeeds(number)]
        made: TaskRecord = {"iteration": iteration, "outcome": outcome, "exit_code": code, "stdout": "", "stderr": ""}
        run.records[number] = made
        judge_result(run, task, made, {"attempt": 1})
        return made

    def run_guessed_approval(
        self, run: RunState, task: Task, iteration: int, block: int | None = None, in_handler: bool = False
    ) -> CoroutineOf[TaskRecord]:
        """Replaces `run_approval`. A coroutine."""
        yield from ()
        number, answer = task["task"], self.guessing.approved(task["task"])
        outcome, code = RESULTS[answer is True]
        made: TaskRecord = {"iteration": iteration, "outcome": outcome, "exit_code": code, "stdout": "", "stderr": ""}
        made["success"] = code == 0
        run.records[number] = made
        if answer is None:
            raise Finished(FlowEnd(STOPPED, f"stopped at task {number}: stop", failed=number))
        return made

    def run_hosted(self, run: RunState, task: Task, iteration: int, *place: object) -> CoroutineOf[TaskRecord]:
        """Runs a fan-out or a chain, in which people can end the run between two waves. A coroutine."""
        number = task["task"]
        made: TaskRecord = yield from ENGINES[run.index.kind(task)](run, task, iteration, *place)
        is_asked = "wave_approval" in task and made.get("outcome") != SKIPPED
        if is_asked and self.guessing.guess(number, APPROVED, (True, None)) is None:  # a no is a failure of the block
            raise Finished(FlowEnd(STOPPED, f"stopped at task {number}: stop", failed=number))
        return made

    def visit(self, number: int, in_handler: bool, script: Script) -> Visit:
        """Run a task. script: see Guesses."""
        self.scheduler = Scheduler()
        self.emit, self.new_id = self.scheduler.emit, self.scheduler.new_id
        self.records, self.failed, self.in_handler = {}, {}, in_handler
        guesses = self.guessing.guesses = Guesses(script)
        self.guessing.condition(number, "condition")  # counts the task as reached, whatever kind it is
        steps = self.scheduler.begin(sequence.visit(self, self.index.tasks[number]))
        while self.scheduler.outcome is None:
            for step in steps:
                self._answer(step)
            steps = self.scheduler.turn()
        to, failure = self.scheduler.outcome
        if failure is not None and not isinstance(failure, Finished):
            raise failure
        end = None if failure is None else failure.end
        return Visit(to if isinstance(to, int) else None, self.in_handler, end, bool(self.failed), guesses.choices)

    def _answer(self, step: Step) -> None:
        if step["do"] == "run":
            outcome, code = RESULTS[self.guessing.succeeds(step["request"]["task"])]
            result: Result = {"tasker": 1, "kind": "result", "ok": code == 0, "outcome": outcome, "exit_code": code}
            result["stdout"] = result["stderr"] = ""
            event: Event = {"tasker": 1, "kind": "event", "event": "result", "result": result}
            self.scheduler.deliver(str(step["request"]["id"]), event)
        elif step["do"] == "timer":
            self.scheduler.deliver(str(step["id"]), {"tasker": 1, "kind": "event", "event": "fired"})
