"""From task to task: conditions, loops, routes and the end (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow.coroutines import Stopped
from tasker.flow.request import return_code, sleep_seconds
from tasker.flow.run_state import NEVER, RETURN, Finished, FlowEnd
from tasker.flow.task_result import SKIPPED, skipped_record, task_label, undecided_record
from tasker.flow.values import is_satisfied, verdict_of
from tasker.language.fields import APPROVAL, CONDITIONAL, DECISION, FANOUT, SINGLE, TASK, has_command
from tasker.language.transitions import STOP, after_unhandled, decided_by
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import STOPPED, SUCCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.idle_cycle import Arrival, IdleCycle, IdleLoop
    from tasker.flow.run_state import RunState
    from tasker.flow.slots import Slots
    from tasker.flow.types import NoteFacts, TaskRecord
    from tasker.protocol.types import Task


def run_sequence(run: RunState, most_steps: int) -> CoroutineOf[NoReturn]:
    """The whole run: the first coroutine. Ends with Finished or Stopped."""
    number = run.settings.get("start_from")
    if number is None:
        number = run.index.start()
    else:
        run.in_handler = number in run.index.handlers
        if any("type" in task for task in run.index.tasks.values()):
            from tasker.flow.passed_approvals import ask_passed  # here, because few runs start there

            yield from ask_passed(run, number)
    arrivals: dict[int, Arrival] = {}  # the last one at each task, the oldest first
    idle: IdleCycle | None = None
    for _ in range(most_steps):
        if number is None:
            raise Finished(FlowEnd(SUCCESS, "reached the end"))
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
        run.visited.append(number)
        if run.inherited is not None:
            from tasker.flow.inherited import fork  # here, because few runs continue another one

            yield from fork(run, run.inherited, number)
        number = yield from visit(run, run.index.tasks[number])
    raise Finished(FlowEnd(STOPPED, f"stopped after {most_steps} tasks: the workflow does not leave a cycle"))


def visit(run: RunState, task: Task) -> CoroutineOf[int | None]:
    """Run a task and decide where the flow goes: return the next number, or None at the normal end. A coroutine."""
    number = task["task"]
    left = record_without_run(run, task)
    if left is None and run.index.kind(task) == TASK and not has_command(task):
        target = next_in_sequence(run, task)
    else:
        record = left or (yield from run_with_loop(run, task, in_handler=run.in_handler))
        if record.get("outcome") == SKIPPED:
            return follow_success(run, number)
        target = route(run, task, record)
        if isinstance(target, FlowEnd) and target.by == RETURN and left and not lets_failure_pass(run, task):
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
    if run.left_out and (why := run.left_out.get(str(number))):
        return skip_task(run, task, block, why)
    if run.index.kind(task) == CONDITIONAL or run.index.condition(number, "condition") is None:
        return None
    found = verdict_of(run, number, "condition")
    if is_satisfied(run, found):
        return None
    place, task = run.place(block), run.task_here(task)
    if found.truth is None and run.index.rules > 1:
        return undecided_record(run, task, place, found.because)
    return skip_task(run, task, block, found.because)


def skip_task(run: RunState, task: Task, block: int | None, because: str) -> TaskRecord:
    """Record a task as skipped, with a note; return the record."""
    number = task["task"]
    run.records[number] = record = skipped_record(run, task)
    text = f"{task_label(run.place(block), number)} skipped: {because}"
    run.note("INFO", text, "skip", task=number, because=because)
    return record


def lets_failure_pass(run: RunState, task: Task) -> bool:
    """Does the `next` of a task let the flow go on after it failed, so that its `return` counts?"""
    return run.index.next_kind(task) in ("always", "never", "condition")


def run_with_loop(
    run: RunState,
    task: Task,
    block: int | None = None,
    slots: Slots | None = None,
    in_handler: bool = False,
    begun: TaskRecord | None = None,
) -> CoroutineOf[TaskRecord]:
    """Run a task or block as often as its loop says; return the record of the last run. A coroutine.

    block, slots: if the task is a member of a block, the number of the block and its slots. in_handler: is the flow in
    a handler when it comes to the task? begun: the record of the run after which the loop continues here.
    """
    looping, kind = run.index.next_kind(task) == "loop", run.index.kind(task)
    times = int(run.index.text(task, "loop") or 0) if looping else 0
    place: tuple[object, ...] = (block, slots) if kind == TASK else () if kind == FANOUT else (in_handler,)
    if kind == APPROVAL:
        place = (block, in_handler)
    elif kind == DECISION:
        place = (block,)
    iteration = 0 if begun is None else begun.get("iteration", 1)
    idle: IdleLoop | None = None
    while True:
        done = run.started, run.checked
        if begun is None:
            run.check()
            iteration += 1
            record = yield from run.engines[kind](run, task, iteration, *place)
            if run.stopping:
                raise Stopped("interrupt")
        else:
            record, begun = begun, None
        over = iteration > times
        if run.dry_run or record.get("outcome") == SKIPPED or (over and (not looping or run.index.rules < 2)):
            return record
        if not loop_continues(run, task, record) or over:
            break
        if done == (run.started, run.checked) and run.index.rules > 1:
            idle = idle or _watch_loop(run, task)
            if idle.repeats():
                text = f"{run.called(task['task'])}: loop ended: nothing in it can start ({failure_text(record)})"
                run.note("WARN", text, "loop", task=task["task"])
                break
        yield from sleep_after(run, task, record)
    if run.index.rules > 1 and "loop_break" in task and not record.get("loop_met"):
        fail_loop(run, task, record, iteration, block)
    return record


def _watch_loop(run: RunState, task: Task) -> IdleLoop:
    from tasker.flow.idle_cycle import IdleLoop  # here, because few loops have a run without a command

    return IdleLoop(run, task["task"])


def loop_continues(run: RunState, task: Task, record: TaskRecord) -> bool:
    """Do the conditions of the loop ask for another iteration? The caller counts.

    A loop that its own condition ended has record["loop_met"]; with loop_break, that has to be the one.
    """
    number = task["task"]
    for field, wanted in (("loop_break", False), ("next", True)):
        if run.index.condition(number, field) is not None:
            found = verdict_of(run, number, field, record)
            if is_satisfied(run, found) is not wanted:
                run.note("INFO", f"{run.called(number)}: loop ended: {found.because}", "loop", task=number)
                if field == "loop_break" or (found.truth is False and "loop_break" not in task):
                    record["loop_met"] = True
                return False
    return True


def fail_loop(run: RunState, task: Task, record: TaskRecord, iteration: int, block: int | None) -> None:
    """The loop is over and its loop_break was never met, so the task has failed, whatever its last run did."""
    from tasker.text.plural import count_of  # here, because few loops fail

    number, why = task["task"], f"loop_break not met after {count_of(iteration, 'run')}"
    if record.get("outcome", "ok") not in ("ok", "failed"):  # a timeout, for example: this is the more important fact
        why += f"; the last one: {failure_text(record)}"
    else:
        record["outcome"] = "failed"
    record["success"], record["reason"] = False, why
    facts: NoteFacts = {"task": number, "exit_code": record["exit_code"], "success": False, "because": why}
    if run.index.kind(task) in SINGLE:  # only commands have an outcome in the notes
        facts["outcome"] = record["outcome"]
    elif record["outcome"] != "not_started":  # that keeps its 126
        record["exit_code"] = facts["exit_code"] = 1
    called = task_label(run.place(block), number)
    run.note("WARN", f"{called} failed (exit_code={record['exit_code']}): {why}", "end", **facts)


def sleep_after(run: RunState, task: Task, record: TaskRecord) -> CoroutineOf[None]:
    """Sleep as the task says. A coroutine. An invalid number ends the workflow, because the sleep was asked for."""
    if "sleep" not in task or record.get("outcome") == SKIPPED:
        return
    if "inherited" in record and run.inherited is not None and run.inherited.units:
        return  # what follows has happened too
    try:
        seconds = sleep_seconds(run, task)
    except (Missing, ValueError) as error:
        if record.get("outcome") == "not_started":  # perhaps for this reason
            return
        raise Finished(FlowEnd(STOPPED, f"stopped at task {task['task']}: {error}")) from None
    if seconds:
        from tasker.language.durations import write_duration  # here: many runs never sleep

        text = f"{run.called(task['task'])}: sleeping {write_duration(seconds)}"
        run.note("INFO", text, "sleep", task=task["task"], seconds=seconds)
    yield from run.pause(seconds, asleep=True)


def route(run: RunState, task: Task, record: TaskRecord) -> int | FlowEnd | None:
    """Where the flow goes after the last run of a task: a number, None for the normal end, or a FlowEnd."""
    number = task["task"]
    run.failed.pop(number, None)  # the last run of a task counts
    why = stop_reason(run, task, record)
    if is_unhandled(run, task, record):
        run.failed[number] = failure_text(record)
        if run.index.failures_stop:
            if after_unhandled(run.index, task, run.in_handler) == STOP:
                return FlowEnd(STOPPED, f"stopped at task {number}: {why}", failed=number)
            end = end_in_handler(run, task, why)
            return follow_success(run, number) if end is None else end
    if why:
        return follow_failure(run, task, why)
    return end_by_never(run, task) if run.index.next_kind(task) == "never" else next_in_sequence(run, task)


def stop_reason(run: RunState, task: Task, record: TaskRecord) -> str:
    """Why the flow stops after this task, or ''."""
    kind, is_block = run.index.next_kind(task), run.index.kind(task) not in SINGLE
    if kind == "condition" and (not is_block or run.index.judges_block(task["task"])):
        found = verdict_of(run, task["task"], "next", record)
        return "" if is_satisfied(run, found) else f"next is not satisfied: {found.because}"
    if record["success"] or kind == "always":
        return ""
    if kind == "condition":  # its `next` was evaluated when the block ended
        return f"next is not satisfied: {record['reason']}"
    if _ended_well(task, record) or not decided_by(run.index, task):
        return ""
    if run.index.is_decision(task["task"]) and record.get("outcome") != "not_started":
        return failure_text(record)
    return f"it failed: {failure_text(record)}"


def is_unhandled(run: RunState, task: Task, record: TaskRecord) -> bool:
    """Has the task failed, and does nothing handle that? (docs/language.md §6)"""
    return not (record["success"] or run.index.is_handled(task["task"]) or _ended_well(task, record))


def _ended_well(task: Task, record: TaskRecord) -> bool:
    """Was its loop ended by its own condition? With on_success or on_failure, the success of the last run decides."""
    return record.get("loop_met", False) and "on_success" not in task and "on_failure" not in task


def failure_text(record: TaskRecord) -> str:
    """Why a task failed."""
    return record.get("reason") or record.get("because") or f"exit code {record.get('exit_code')}"


def end_in_handler(run: RunState, task: Task, why: str) -> FlowEnd | None:
    """In a handler the flow goes on after an unhandled failure, with a note: how `return` ends the run, else None."""
    number = task["task"]
    text = f"{run.called(number)}: {why}; the flow continues, because it is in a handler"
    run.note("WARN", text, "route", task=number)
    if "return" not in task:
        return None
    end = end_by_return(run, task)
    return FlowEnd(STOPPED, f"stopped at task {number}: {why}", failed=number) if end.code == SUCCESS else end


def end_by_never(run: RunState, task: Task) -> FlowEnd:
    """The end of the run by next=never."""
    return end_by_return(run, task) if "return" in task else FlowEnd(SUCCESS, f"task {task['task']}: next=never", NEVER)


def next_in_sequence(run: RunState, task: Task) -> int | FlowEnd | None:
    """Where the flow goes on: on_success, else return, else the next number."""
    number = task["task"]
    target = run.index.number(task, "on_success")
    if target is not None:
        if not run.index.is_decision(number):
            run.in_handler, run.turned = False, None
        run.note("DEBUG", f"Task {number}: on to task {target} (on_success)", "route", task=number, to=target)
        return target
    return end_by_return(run, task) if "return" in task else follow_success(run, number)


def follow_success(run: RunState, number: int) -> int | None:
    """The next number (docs/language.md §6); None at the normal end."""
    target, crossed = run.index.after(number, run.in_handler)
    if crossed and target is not None and target not in run.index.handlers:
        run.in_handler, run.turned = False, None
    return target


def follow_failure(run: RunState, task: Task, why: str) -> int | FlowEnd:
    """Where the flow goes if it does not go on: on_failure, else the end."""
    number, target = task["task"], run.index.number(task, "on_failure")
    if target is None:
        return FlowEnd(STOPPED, f"stopped at task {number}: {why}")
    if not run.index.is_decision(number):
        run.in_handler, run.turned = True, run.turned or len(run.visited)
    run.note("INFO", f"Task {number}: on to task {target} (on_failure): {why}", "route", task=number, to=target)
    return target


def end_by_return(run: RunState, task: Task) -> FlowEnd:
    """The end of the run by `return`; exit code 1 with the reason if it has no valid exit code."""
    number = task["task"]
    try:
        return FlowEnd(status := return_code(run, task), f"task {number}: return={status}", RETURN)
    except (Missing, ValueError) as error:
        return FlowEnd(1, f"task {number}: return: {error}")
