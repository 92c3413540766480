"""A conditional block: its condition chooses a branch, whose tasks run one after another (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import blocks, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import Finished
from tasker.flow.task_result import SKIPPED
from tasker.flow.values import verdict_of
from tasker.language.fields import TASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

BRANCHES: dict[bool | None, list[str]] = {True: ["if_true_tasks"], False: ["if_false_tasks"], None: []}


def run_conditional(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    """Run the block once; gives its record. An activity."""
    number = task["task"]
    found = verdict_of(run, number, "condition")
    fields = BRANCHES[found.truth]
    if run.dry_run and found.truth is None:
        fields = ["if_true_tasks", "if_false_tasks"]
    how = f"conditional: {' and '.join(fields) or 'neither branch'}"
    text = f"{blocks.block_title(task, how)}: {found.because}"
    branches = [run.book.members(task, field) for field in fields]
    reached: list[int] = []
    members = list(dict.fromkeys(member for branch in branches for member in branch))
    run.note("INFO", text, "start", task=number, because=found.because, branch=fields, members=members)
    seconds, wrong = blocks.block_bounds(run, task)
    if not fields:
        wrong = f"its condition cannot be decided: {found.because}"
    if wrong:
        return blocks.close_block(run, task, blocks.counts([]), iteration, failed=wrong)
    waves = [{"branches": _branches(run, branches, number, reached)}]
    ended, stopped = yield from blocks.gather(run, number, waves, seconds)
    failed = ended["branches"]
    if isinstance(failed, Finished):
        raise failed
    if run.book.handlers.intersection(reached):
        run.in_handler = True
    counted = blocks.count_outcomes(run, reached)
    return blocks.close_block(run, task, counted, iteration, failed=failed, stopped=stopped)


def _branches(run: RunState, branches: list[list[int]], block: int, reached: list[int]) -> CoroutineOf[str | Finished]:
    """The branch, or in a dry run both; gives why it failed, or '', or Finished when it ends the workflow.

    reached: gets the tasks that the flow came to. An activity. A run ends here only when every branch says so.
    """
    why = ""
    ends: list[Finished] = []
    for members in branches:
        try:
            why = yield from _branch(run, members, block, reached)
        except Finished as finished:
            ends.append(finished)
    return ends[-1] if ends and len(ends) == len(branches) else why


def _branch(run: RunState, members: list[int], block: int, reached: list[int]) -> CoroutineOf[str]:
    """The tasks of a branch; gives why it failed, or ''. An activity."""
    for number in members:
        task, before = run.book.tasks[number], run.records.get(number)
        reached.append(number)
        try:
            why = yield from _member(run, task, block)
        except Stopped as stopped:
            if run.records.get(number) is before:
                blocks.leave_out(run, number, {"block": block}, stopped.reason)
            continue  # those that come now find out that they may not start
        if why:
            return f"task {number}: {why}"
    return ""


def _member(run: RunState, task: Task, block: int) -> CoroutineOf[str]:
    """One task of a branch; gives why the branch ends here, or ''. An activity."""
    run.check()
    if not sequence.may_enter(run, task, block):
        return ""
    if run.book.kind(task) == TASK and not task.get("command"):
        raise Finished(sequence.return_code_step(run, task))
    record = yield from sequence.repeat(run, task, block)
    if record.get("outcome") == SKIPPED:
        return ""
    if run.book.next_kind(task) == "never":
        raise Finished(sequence.end_of_task(run, task))
    why = sequence.stop_reason(run, task, record)
    if not why and "return" in task:
        raise Finished(sequence.return_code_step(run, task))
    yield from sequence.sleep_after(run, task, record)
    return why
