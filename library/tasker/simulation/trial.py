"""Flow's own engine, made to visit one task with results and verdicts of our choice."""

from tasker.flow import sequence
from tasker.flow.coroutines import Scheduler
from tasker.flow.run import Run
from tasker.flow.run_end import Finished
from tasker.flow.task import run_task
from tasker.flow.task_result import judge_result
from tasker.language.fields import TASK
from tasker.simulation.guessing import OK, GuessBook, Guesses
from tasker.text.named_tuple import NamedTuple

RESULTS = {True: {"outcome": "ok", "exit_code": 0}, False: {"outcome": "failed", "exit_code": 1}}


class Seen(NamedTuple):
    """What a visit came to. to: the next task or None; handler: is the flow in one then? end: how the run ended, or
    None; failed: did a task fail that nothing handles? choices: all that was asked."""

    to: int | None
    handler: bool
    end: object
    failed: bool
    choices: list


def run_alone(run, task, iteration, block=None, slots=None):
    """What `run_task` comes to for a task of a skeleton: it has no words, host or retries. An activity.

    In a block the engine's own is needed, since others run beside it.
    """
    if block is not None:
        return (yield from run_task(run, task, iteration, block, slots))
    number = task["task"]
    made = run.records[number] = {"iteration": iteration, "attempts": 1, **run.result(number)}
    judge_result(run, task, made, {"attempt": 1})
    return made


class Trial(Run):
    """One engine for many visits. Nothing that a visit leaves behind is there in the next: all that a later one could
    read of it is guessed. book: that of the workflow that the skeleton is of."""

    engines = {**Run.engines, TASK: run_alone}

    def __init__(self, skeleton, book):
        super().__init__(skeleton)
        self.book = GuessBook(self.book, book)

    def note(self, level, text, what, **facts):
        """Nobody reads what happened here."""

    def result(self, number):
        good = self.book.result(number) == OK
        return {"stdout": "", "stderr": "", **RESULTS[good]}

    def visit(self, number, handler, script):
        """Arrive at a task; script: see Guesses."""
        self.machine = Scheduler()
        self.emit, self.identity = self.machine.emit, self.machine.identity
        self.records, self.failed, self.in_handler = {}, {}, handler
        guesses = self.book.guesses = Guesses(script)
        self.book.condition(number, "condition")  # the flow has come here, whatever kind of task it is
        steps = self.machine.begin(sequence.visit(self, self.book.tasks[number]))
        while self.machine.outcome is None:
            for step in steps:
                self._answer(step)
            steps = self.machine.turn()
        to, failure = self.machine.outcome
        if failure is not None and not isinstance(failure, Finished):
            raise failure
        return Seen(to, self.in_handler, failure and failure.end, bool(self.failed), guesses.made)

    def _answer(self, step):
        if step["do"] == "run":
            request = step["request"]
            self.machine.fire(request["id"], {"event": "result", "result": self.result(request["task"])})
        elif step["do"] == "timer":
            self.machine.fire(step["id"], {"event": "fired"})
