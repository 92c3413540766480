"""From task to task: conditions, loops, routes and the end (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow.coroutines import Stopped
from tasker.flow.request import return_code, sleep_seconds
from tasker.flow.run_state import Finished, FlowEnd
from tasker.flow.task_result import SKIPPED, skipped_record, task_label, undecided_record
from tasker.flow.values import is_satisfied, verdict_of
from tasker.language.fields import CONDITIONAL, TASK
from tasker.language.transitions import decided_by
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import STOPPED, SUCCESS, UNHANDLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.idle_cycle import Arrival, IdleCycle
    from tasker.flow.run_state import RunState
    from tasker.flow.slots import Slots
    from tasker.flow.types import Place, TaskRecord
    from tasker.protocol.types import Task


def run_sequence(run: RunState, most_steps: int) -> CoroutineOf[NoReturn]:
    """The whole run: the first coroutine. Ends with Finished or Stopped."""
    number = run.settings.get("start_from")
    if number is None:
        number = run.index.start()
    else:
        run.in_handler = number in run.index.handlers
    arrivals: dict[int, Arrival] = {}  # the last one at each task, the oldest first
    idle: IdleCycle | None = None
    for _ in range(most_steps):
        if number is None:
            raise Finished(FlowEnd(UNHANDLED if run.failed else SUCCESS, "reached the end"))
        if number in arrivals:
            if run.dry_run:
                run.note("INFO", f"Task {number} again: a dry run shows each task once", "route", task=number)
                raise Finished(FlowEnd(SUCCESS, "dry run"))
            if idle is None:
                from tasker.flow.idle_cycle import IdleCycle  # here, because few runs jump back

                idle = IdleCycle(run)
            if why := idle.stop_reason(number, arrivals):
                raise Finished(FlowEnd(STOPPED, f"stopped at task {number}: {why}"))
            del arrivals[number]
        arrivals[number] = (run.started, run.checked, run.in_handler)
        number = yield from visit(run, run.index.tasks[number])
    raise Finished(FlowEnd(STOPPED, f"stopped after {most_steps} tasks: the workflow does not leave a cycle"))


def visit(run: RunState, task: Task) -> CoroutineOf[int | None]:
    """Run a task and decide where the flow goes: return the next number, or None at the normal end. A coroutine."""
    number = task["task"]
    left = record_without_run(run, task)
    if left is None and run.index.kind(task) == TASK and not task.get("command"):
        target = next_in_sequence(run, task)
    else:
        record = left or (yield from run_with_loop(run, task))
        if record.get("outcome") == SKIPPED:
            return follow_success(run, number)
        target = route(run, task, record)
        if isinstance(target, FlowEnd) and target.returned and left and not lets_failure_pass(run, task):
            target = follow_success(run, number)  # what did not run returns nothing
        if isinstance(target, int):
            yield from sleep_after(run, task, record)
    if isinstance(target, FlowEnd):
        raise Finished(target)
    return target


def record_without_run(run: RunState, task: Task, block: int | None = None) -> TaskRecord | None:
    """The record of a task that its `condition` keeps from running, with a note; None if it may run.

    It is skipped if the condition is false, and not started if it cannot be decided. block: that it is a member of.
    The condition of a conditional block chooses a branch instead.
    """
    number = task["task"]
    if run.index.kind(task) == CONDITIONAL or run.index.condition(number, "condition") is None:
        return None
    found = verdict_of(run, number, "condition")
    if is_satisfied(run, found):
        return None
    place: Place = {} if block is None else {"block": block}
    if found.truth is None and run.index.rules > 1:
        return undecided_record(run, task, place, found.because)
    run.records[number] = record = skipped_record(run, task)
    text = f"{task_label(place, number)} skipped: {found.because}"
    run.note("INFO", text, "skip", task=number, because=found.because)
    return record


def lets_failure_pass(run: RunState, task: Task) -> bool:
    """Does the `next` of a task let the flow go on after it failed, so that its `return` counts?"""
    return run.index.next_kind(task) in ("always", "never", "condition")


def run_with_loop(
    run: RunState, task: Task, block: int | None = None, slots: Slots | None = None
) -> CoroutineOf[TaskRecord]:
    """Run a task or block as often as its loop says; return the record of the last run. A coroutine.

    block, slots: if the task is a member of a block, the number of the block and its slots.
    """
    times = int(run.index.text(task, "loop") or 0) if run.index.next_kind(task) == "loop" else 0
    kind = run.index.kind(task)
    place = (block, slots) if kind == TASK else ()
    iteration = 0
    while True:
        run.check()
        iteration += 1
        record = yield from run.engines[kind](run, task, iteration, *place)
        if run.stopping:
            raise Stopped("interrupt")
        over = iteration > times or run.dry_run or record.get("outcome") == SKIPPED
        if over or not loop_continues(run, task, record):
            return record
        yield from sleep_after(run, task, record)


def loop_continues(run: RunState, task: Task, record: TaskRecord) -> bool:
    """Do the conditions of the loop ask for another iteration? The caller counts."""
    number = task["task"]
    for field, wanted in (("loop_break", False), ("next", True)):
        if run.index.condition(number, field) is not None:
            found = verdict_of(run, number, field, record)
            if is_satisfied(run, found) is not wanted:
                run.note("INFO", f"Task {number}: loop ended: {found.because}", "loop", task=number)
                return False
    return True


def sleep_after(run: RunState, task: Task, record: TaskRecord) -> CoroutineOf[None]:
    """Sleep as the task says. A coroutine. An invalid number ends the workflow, because the sleep was asked for."""
    if "sleep" not in task or record.get("outcome") == SKIPPED:
        return
    try:
        seconds = sleep_seconds(run, task)
    except (Missing, ValueError) as error:
        if record.get("outcome") == "not_started":  # perhaps for this reason
            return
        raise Finished(FlowEnd(STOPPED, f"stopped at task {task['task']}: {error}")) from None
    if seconds:
        from tasker.language.durations import write_duration  # here: many runs never sleep

        text = f"Task {task['task']}: sleeping {write_duration(seconds)}"
        run.note("INFO", text, "sleep", task=task["task"], seconds=seconds)
    yield from run.pause(seconds, asleep=True)


def route(run: RunState, task: Task, record: TaskRecord) -> int | FlowEnd | None:
    """Where the flow goes after the last run of a task: a number, None for the normal end, or a FlowEnd."""
    _remember(run, task["task"], record)
    if run.index.next_kind(task) == "never":
        return end_by_never(run, task)
    why = stop_reason(run, task, record)
    return follow_failure(run, task, why) if why else next_in_sequence(run, task)


def stop_reason(run: RunState, task: Task, record: TaskRecord) -> str:
    """Why the flow stops after this task, or ''."""
    kind, is_block = run.index.next_kind(task), run.index.kind(task) != TASK
    if kind == "condition" and not is_block:
        found = verdict_of(run, task["task"], "next", record)
        return "" if is_satisfied(run, found) else f"next is not satisfied: {found.because}"
    if record["success"] or kind == "always":
        return ""
    if kind == "condition":  # its `next` was evaluated when the block ended
        return f"next is not satisfied: {record['reason']}"
    why = record.get("reason") or f"exit code {record.get('exit_code')}"
    return f"it failed: {why}" if decided_by(run.index, task) else ""


def end_by_never(run: RunState, task: Task) -> FlowEnd:
    """The end of the run by next=never."""
    return end_by_return(run, task) if "return" in task else FlowEnd(SUCCESS, f"task {task['task']}: next=never")


def _remember(run: RunState, number: int, record: TaskRecord) -> None:
    """Keep the tasks with an unhandled failure. The last run of a task counts."""
    run.failed.pop(number, None)
    if not record["success"] and not run.index.is_handled(number):
        run.failed[number] = record.get("reason") or f"exit code {record.get('exit_code')}"


def next_in_sequence(run: RunState, task: Task) -> int | FlowEnd | None:
    """Where the flow goes on: on_success, else return, else the next number."""
    number = task["task"]
    target = run.index.number(task, "on_success")
    if target is not None:
        run.in_handler = False
        run.note("DEBUG", f"Task {number}: on to task {target} (on_success)", "route", task=number, to=target)
        return target
    return end_by_return(run, task) if "return" in task else follow_success(run, number)


def follow_success(run: RunState, number: int) -> int | None:
    """The next number (docs/language.md §6); None at the normal end."""
    target, crossed = run.index.after(number, run.in_handler)
    if crossed and target is not None and target not in run.index.handlers:
        run.in_handler = False
    return target


def follow_failure(run: RunState, task: Task, why: str) -> int | FlowEnd:
    """Where the flow goes if it does not go on: on_failure, else the end."""
    number, target = task["task"], run.index.number(task, "on_failure")
    if target is None:
        return FlowEnd(STOPPED, f"stopped at task {number}: {why}")
    run.in_handler = True
    run.note("INFO", f"Task {number}: on to task {target} (on_failure): {why}", "route", task=number, to=target)
    return target


def end_by_return(run: RunState, task: Task) -> FlowEnd:
    """The end of the run by `return`; exit code 1 with the reason if it has no valid exit code."""
    number = task["task"]
    try:
        return FlowEnd(status := return_code(run, task), f"task {number}: return={status}", True)
    except (Missing, ValueError) as error:
        return FlowEnd(1, f"task {number}: return: {error}")
