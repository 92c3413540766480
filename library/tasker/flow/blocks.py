"""What parallel and conditional blocks have in common: timeout, members, verdict (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.request import check_sleep, request_timeout
from tasker.flow.task_result import WHY, record_not_started
from tasker.flow.values import verdict_of
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import SKIPPED
from tasker.text.host_ranges import fold_hosts, number_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeVar

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule
    from tasker.flow.types import NoteFacts, TaskRecord
    from tasker.protocol.types import Task

    K = TypeVar("K")
    V = TypeVar("V")


def block_timeout(run: RunState, task: Task) -> tuple[float | None, str]:
    """(seconds that the block may take, or None; why it cannot be started, or '')."""
    try:
        check_sleep(run, task)
        return (request_timeout(run, task) if "timeout" in task and not run.dry_run else None), ""
    except (Missing, ValueError) as error:
        return None, str(error)


def sleep_problem(run: RunState, task: Task) -> str:
    """Why a block cannot be started because of its sleep, or ''."""
    try:
        check_sleep(run, task)
        return ""
    except (Missing, ValueError) as error:
        return str(error)


def run_members(
    run: RunState,
    number: int,
    waves: Iterable[Mapping[K, CoroutineOf[V]]],
    seconds: float | None,
    stop_rule: StopRule | None = None,
) -> CoroutineOf[tuple[dict[K, V], Stopped | None]]:
    """Run the members of block `number`. A coroutine.

    waves: {key: coroutine} each; a wave starts when all members of the one before have ended. seconds: the timeout of
    the block; then what runs is terminated, and what waits is not started. stop_rule: when nothing more is started.

    Returns ({key: value} of the members that were begun, Stopped if the run or an outer block ended this one).
    """
    group, held = TaskGroup(run.scheduler), False
    timer: str | None = None
    stopped: Stopped | None = None
    made: dict[K, V] = {}
    if seconds is not None:
        timer = run.new_id("timer")
        run.emit(do="timer", id=timer, seconds=seconds)
        group.add_timer(timer)
    for children in waves:
        for key, generator in children.items():
            group.start(key, generator)
            if group.stopped:  # a wave after the timeout must not start its commands
                group.children[key].stopped = group.stopped
        while group.children or group.finished:
            try:
                key, value = yield group
            except Stopped as reason:
                stopped = reason
                group.stop(reason.reason)
                continue
            if key == timer:
                run.note(
                    "WARN", f"{run.called(number)}: the timeout of the block has passed", "block_timeout", task=number
                )
                group.stop("timeout")
                continue
            made[key] = value
            if stop_rule and stop_rule.reason and not held:
                held = True
                group.start_nothing_more(stop_rule.reason)
    if timer is not None:
        run.scheduler.waiting.pop(timer, None)
    return made, Stopped("interrupt") if run.stopping else stopped


def end_block(
    run: RunState, task: Task, counted: TaskRecord, iteration: int, failed: str = "", stopped: Stopped | None = None
) -> TaskRecord:
    """Record a block whose members have ended; return the record.

    counted: from `count_records`, becomes the record. failed: why the block failed whatever its members did, or ''.
    stopped: why the run or an outer block ended it; raised again here.
    """
    number = task["task"]
    record = run.records[number] = counted
    all_good = counted["failed_count"] == 0
    record["iteration"], record["success"], record["exit_code"], why = iteration, all_good, 0 if all_good else 1, ""
    if failed and not counted["total_count"]:
        record["outcome"] = "not_started"
    failed = failed or (WHY[stopped.reason] if stopped else "")
    if run.dry_run:
        record["success"] = True
    elif failed:
        record["success"], why = False, failed
    elif run.index.judges_block(number):
        found = verdict_of(run, number, "success", record)
        record["success"], why = found.truth is True, found.because
    elif run.index.next_kind(task) == "condition":
        found = verdict_of(run, number, "next", record)
        record["success"], why = found.truth is True, found.because
    record["exit_code"], record["reason"] = (0, "") if record["success"] else (1, why or record["stdout"])
    if record.get("outcome") == "not_started" and not record["success"] and run.index.rules > 1:
        record_not_started(run, number, {}, why)
        record.update(run.records[number])
        del record["stdout"]
        run.records[number] = record
    else:
        _note_end(run, number, record, why)
    if stopped:
        raise stopped
    return record


def count_members(run: RunState, members: Sequence[int]) -> TaskRecord:
    """Count the outcomes of the members of a block, under the names of its variables."""
    made = count_records([(member, run.records.get(member, {})) for member in members])
    if any(run.records.get(member, {}).get("in_handler") for member in members):
        made["in_handler"] = True
    return made


def count_records(
    records: Sequence[tuple[int, TaskRecord]] | Sequence[tuple[str, TaskRecord]], what: str = "tasks"
) -> TaskRecord:
    """Count the outcomes in (member, record) pairs, under the names of a block's variables."""
    skipped = sum(record.get("exit_code") == SKIPPED for _, record in records)
    failed = [member for member, record in records if not record.get("success") and record.get("exit_code") != SKIPPED]
    succeeded = len(records) - skipped - len(failed)
    made: TaskRecord = {"success_count": succeeded, "failed_count": len(failed), "skipped_count": skipped}
    made["total_count"] = len(records)
    made["timeout_count"] = sum(record.get("outcome") == "timeout" for _, record in records)
    made["failed_tasks"] = ",".join(str(member) for member in failed)
    idle = {member for member, record in records if record.get("outcome") == "not_started"}
    made["not_started_count"] = len(idle)
    made["stdout"] = f"{succeeded} of {len(records)} {what} succeeded" + (f", {skipped} skipped" if skipped else "")
    groups = {
        "failed": [member for member in failed if member not in idle],
        "not started": [member for member in failed if member in idle],
    }
    made["stderr"] = "; ".join(f"{word}: {_names(members, what)}" for word, members in groups.items() if members)
    made["hostname"], made["attempts"] = "localhost", 1
    return made


def _names(members: Sequence[int | str], what: str) -> str:
    if what == "tasks":
        return number_ranges(sorted(map(int, members)))
    names: str = fold_hosts(map(str, members))
    return names


def _note_end(run: RunState, number: int, record: TaskRecord, why: str) -> None:
    if run.dry_run:
        return
    summary = "; ".join(text for text in (record["stdout"], record["stderr"], why) if text)
    facts: NoteFacts = {"task": number, "success": record["success"], "exit_code": record["exit_code"], "because": why}
    if record["success"]:
        run.note("INFO", f"{run.called(number)} completed successfully (exit_code=0): {summary}", "end", **facts)
    else:
        run.note("WARN", f"{run.called(number)} failed (exit_code=1): {summary}", "end", **facts)


def block_title(run: RunState, task: Task, how: str) -> str:
    """The log line for the start of a block."""
    return f"Executing {run.called(task['task'])}: {task['title'] + ' ' if task.get('title') else ''}({how})"
