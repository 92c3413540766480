"""A parallel block: its members at once, at most `max_parallel`, started in the order given (docs/language.md §6)."""

from collections import deque

from tasker.flow import blocks, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_end import Finished
from tasker.flow.stop_rules import StopRule

MOST = 10_000  # at once, when max_parallel is not given


class Slots:
    """How many may run at once. Who waits is served in order, unless the brake is on."""

    def __init__(self, number, brake):
        self.free, self.queue, self.brake = number, deque(), brake

    def take(self, run):
        """Wait for a slot. An activity."""
        if self.free:
            self.free -= 1
            return
        identity = run.identity("slot")
        self.queue.append(identity)
        yield identity

    def give(self, run):
        """Give a slot back: to the first who still waits."""
        while self.queue and not self.brake.why:
            if run.machine.fire(self.queue.popleft(), None):
                return
        self.free += 1


def run_parallel(run, task, iteration):
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


def _member(run, number, block, slots):
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
