"""A parallel block: its members at once, at most `max_parallel`, started in the order given (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import blocks, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import Finished
from tasker.flow.slots import MOST, Slots
from tasker.flow.stop_rules import StopRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task


def run_parallel(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    """Run the block once; gives its record. An activity."""
    number, members = task["task"], list(dict.fromkeys(run.book.members(task, "tasks")))
    most = run.book.number(task, "max_parallel") or MOST
    how = f"parallel: {len(members)} tasks, {min(most, len(members))} at once"
    run.note("INFO", blocks.block_title(task, how), "start", task=number, members=members)
    seconds, wrong = blocks.block_bounds(run, task)
    if wrong:
        return blocks.close_block(run, task, blocks.counts([]), iteration, failed=wrong)
    brake = StopRule(run, task, len(members))
    slots = Slots(most, brake)
    children = {member: _member(run, member, number, slots) for member in members}
    ended, stopped = yield from blocks.gather(run, number, brake.waves(children), seconds, brake)
    for value in ended.values():
        if isinstance(value, Finished):
            raise value
    for member in members:
        if member not in ended:
            blocks.leave_out(run, member, {"block": number}, brake.why)
    counted = blocks.count_outcomes(run, members)
    return blocks.close_block(run, task, counted, iteration, failed=brake.verdict(), stopped=stopped)


def _member(run: RunState, number: int, block: int, slots: Slots) -> CoroutineOf[TaskRecord | Finished]:
    """One member from waiting for its slot to its end; gives its record, or Finished when it ends the workflow."""
    task, held, before = run.book.tasks[number], False, run.records.get(number)
    try:
        yield from slots.take(run)
        held = True
        if sequence.may_enter(run, task, block):
            record = yield from sequence.repeat(run, task, block, slots)
            slots.brake.after(record)
            yield from sequence.sleep_after(run, task, record)
        else:
            slots.brake.after(run.records[number])
    except Stopped as stopped:
        held = held and not stopped.waiting
        if run.records.get(number) is before:
            blocks.leave_out(run, number, {"block": block}, stopped.reason)
    except Finished as finished:
        slots.brake.stop("the workflow ends")
        return finished
    finally:
        if held:
            slots.give(run)
    return run.records[number]
