"""A parallel block: its members at once, at most `max_parallel`, started in the order given (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import blocks, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import Finished
from tasker.flow.slots import Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task_result import record_not_started
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task


def run_parallel(run: RunState, task: Task, iteration: int, in_handler: bool = False) -> CoroutineOf[TaskRecord]:
    """Run the block once; return its record. A coroutine. in_handler: see sequence.run_with_loop."""
    number, members = task["task"], list(dict.fromkeys(run.index.members(task, "tasks")))
    most = run.index.at_once(task)
    how = f"parallel: {count_of(len(members), 'task')}, {min(most, len(members))} at once"
    run.note("INFO", blocks.block_title(run, task, how), "start", task=number, members=members)
    seconds, problem = blocks.block_timeout(run, task)
    if problem:
        return blocks.end_block(run, task, blocks.count_records([]), iteration, failed=problem)
    stop_rule = StopRule(run, task, len(members))
    slots = Slots(most, stop_rule)
    slots.follow_pace(run, task)
    children = {member: _member(run, member, number, slots, in_handler) for member in members}
    ended, stopped = yield from blocks.run_members(run, number, stop_rule.waves(children), seconds, stop_rule)
    for value in ended.values():
        if isinstance(value, Finished):
            raise value
    for member in members:
        if member not in ended:
            record_not_started(run, member, {"block": number}, stop_rule.reason)
    counted = blocks.count_members(run, members)
    return blocks.end_block(run, task, counted, iteration, failed=stop_rule.failure(), stopped=stopped)


def _member(
    run: RunState, number: int, block: int, slots: Slots, in_handler: bool
) -> CoroutineOf[TaskRecord | Finished]:
    """Run one member, once it has a slot; return its record, or Finished if it ends the workflow. A coroutine."""
    task, has_slot, before = run.index.tasks[number], False, run.records.get(number)
    try:
        yield from slots.take(run)
        has_slot = True
        left = sequence.record_without_run(run, task, block)
        if left is None:
            record = yield from sequence.run_with_loop(run, task, block, slots, in_handler)
            slots.stop_rule.count(record)
            yield from sequence.sleep_after(run, task, record)
        else:
            slots.stop_rule.count(left)
    except Stopped as stopped:
        has_slot = has_slot and not stopped.waiting_for_slot
        if run.records.get(number) is before:
            record_not_started(run, number, {"block": block}, stopped.reason)
    except Finished as finished:
        slots.stop_rule.stop("the workflow ends")
        return finished
    finally:
        if has_slot:
            slots.give(run)
    return run.records[number]
