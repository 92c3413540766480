"""A conditional block: its condition chooses a branch, whose tasks run one after another (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import blocks, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import Finished
from tasker.flow.task_result import BRANCH_ENDED, SKIPPED, record_not_started
from tasker.flow.values import verdict_of
from tasker.language.fields import TASK, has_command
from tasker.language.transitions import STOP, after_unhandled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

BRANCHES: dict[bool | None, list[str]] = {True: ["if_true_tasks"], False: ["if_false_tasks"], None: []}


def run_conditional(run: RunState, task: Task, iteration: int, in_handler: bool = False) -> CoroutineOf[TaskRecord]:
    """Run the block once; return its record. A coroutine. in_handler: see sequence.run_with_loop."""
    number = task["task"]
    verdict = verdict_of(run, number, "condition")
    fields = BRANCHES[verdict.truth]
    if run.dry_run and verdict.truth is None:
        fields = ["if_true_tasks", "if_false_tasks"]
    how = f"conditional: {' and '.join(fields) or 'neither branch'}"
    text = f"{blocks.block_title(run, task, how)}: {verdict.because}"
    branches = [run.index.members(task, field) for field in fields]
    reached: list[int] = []
    left_out: list[int] = []
    members = list(dict.fromkeys(member for branch in branches for member in branch))
    run.note("INFO", text, "start", task=number, because=verdict.because, branch=fields, members=members)
    seconds, problem = blocks.block_timeout(run, task)
    if not fields:
        problem = f"its condition cannot be decided: {verdict.because}"
    if problem:
        return blocks.end_block(run, task, blocks.count_records([]), iteration, failed=problem)
    waves = [{"branches": _branches(run, branches, number, reached, left_out, in_handler)}]
    ended, stopped = yield from blocks.run_members(run, number, waves, seconds)
    failed = ended["branches"]
    if isinstance(failed, Finished):
        raise failed
    holds_handler = not run.index.handlers.isdisjoint(reached)
    if holds_handler:
        run.in_handler = True
    for member in left_out:
        record_not_started(run, member, {"block": number}, f"{BRANCH_ENDED}: {failed}")
    counted = blocks.count_members(run, [*reached, *left_out])
    if holds_handler:
        counted["in_handler"] = True
    return blocks.end_block(run, task, counted, iteration, failed=failed, stopped=stopped)


def _branches(
    run: RunState, branches: list[list[int]], block: int, reached: list[int], left_out: list[int], in_handler: bool
) -> CoroutineOf[str | Finished]:
    """Run the branch, or in a dry run both. A coroutine.

    reached, left_out: the tasks that the flow comes to, and those after the one with which the branch failed, are added
    to these. Returns why the branch failed, or '', or Finished if every branch ends the workflow.
    """
    why = ""
    ends: list[Finished] = []
    for members in branches:
        try:
            why = yield from _branch(run, members, block, reached, left_out, in_handler)
        except Finished as finished:
            ends.append(finished)
    return ends[-1] if ends and len(ends) == len(branches) else why


def _branch(
    run: RunState, members: list[int], block: int, reached: list[int], left_out: list[int], in_handler: bool
) -> CoroutineOf[str]:
    """Run the tasks of a branch; return why it failed, or ''. A coroutine."""
    failed = ""
    for place, number in enumerate(members):
        task, before = run.index.tasks[number], run.records.get(number)
        reached.append(number)
        in_handler = in_handler or number in run.index.handlers
        try:
            why = yield from _member(run, task, block, in_handler)
        except Stopped as stopped:
            if run.records.get(number) is before:
                record_not_started(run, number, {"block": block}, stopped.reason)
            continue  # the next task stops as well, and is recorded in the same way
        if why and run.index.rules > 1 and run.scheduler.current.stopped:
            failed = failed or f"task {number}: {why}"
            continue  # the rest is not started for the reason that stopped this one
        if why:
            if run.index.rules > 1:
                left_out += [one for one in members[place + 1 :] if one not in reached]
            return f"task {number}: {why}"
        in_handler = in_handler or run.records.get(number, {}).get("in_handler", False)
    return failed


def _member(run: RunState, task: Task, block: int, in_handler: bool) -> CoroutineOf[str]:
    """Run one task of a branch; return why the branch ends here, or ''. A coroutine."""
    run.check()
    left = sequence.record_without_run(run, task, block)
    if left is None and run.index.kind(task) == TASK and not has_command(task):
        raise Finished(sequence.end_by_return(run, task))
    record = left or (yield from sequence.run_with_loop(run, task, block, in_handler=in_handler))
    if record.get("outcome") == SKIPPED:
        return ""
    why = sequence.stop_reason(run, task, record)
    if run.index.failures_stop and sequence.is_unhandled(run, task, record):
        if after_unhandled(run.index, task, in_handler) != STOP:
            if (end := sequence.end_in_handler(run, task, why)) is not None:
                raise Finished(end)
            why = ""
    elif not why and run.index.next_kind(task) == "never":
        raise Finished(sequence.end_by_never(run, task))
    elif not why and "return" in task and (left is None or sequence.lets_failure_pass(run, task)):
        raise Finished(sequence.end_by_return(run, task))
    yield from sequence.sleep_after(run, task, record)
    return why
