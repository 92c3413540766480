"""What parallel and conditional blocks have in common: timeout, members, verdict (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.request import check_sleep, request_timeout
from tasker.flow.task_result import task_label
from tasker.flow.values import verdict_of
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import CANNOT_START, SKIPPED
from tasker.text.host_ranges import fold_hosts, number_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeVar

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule
    from tasker.flow.types import NoteFacts, Place, TaskRecord
    from tasker.protocol.types import Task

    K = TypeVar("K")
    V = TypeVar("V")

WHY = {"interrupt": "the run was interrupted", "timeout": "the time of its block was over"}


def block_bounds(run: RunState, task: Task) -> tuple[float | None, str]:
    """(seconds that the block has, or None; why it cannot be started, or '')."""
    try:
        check_sleep(run, task)
        return (request_timeout(run, task) if "timeout" in task and not run.dry_run else None), ""
    except (Missing, ValueError) as error:
        return None, f"it was not started: {error}"


def gather(
    run: RunState,
    number: int,
    waves: Iterable[Mapping[K, CoroutineOf[V]]],
    seconds: float | None,
    brake: StopRule | None = None,
) -> CoroutineOf[tuple[dict[K, V], Stopped | None]]:
    """Run the children of block `number`: waves of {key: generator}, the next when all of the one before have ended.

    Gives ({key: value}, Stopped or None: why the block was, by others). An activity. seconds: after which what runs is
    ended and what waits is not started. brake: counts those that end, and says whether more may be started.
    """
    family, held = TaskGroup(run.machine), False
    timer: str | None = None
    stopped: Stopped | None = None
    made: dict[K, V] = {}
    if seconds is not None:
        timer = run.identity("timer")
        run.emit(do="timer", id=timer, seconds=seconds)
        family.join(timer)
    for children in waves:
        for key, generator in children.items():
            family.start(key, generator)
            if family.stopped:  # a wave that comes too late finds out that it may not start
                family.children[key].stopped = family.stopped
        while family.children or family.over:
            try:
                key, value = yield family
            except Stopped as reason:
                stopped = reason
                family.stop(reason.reason)
                continue
            if key == timer:
                run.note("WARN", f"Task {number}: the time of the block is over", "block_timeout", task=number)
                family.stop("timeout")
                continue
            made[key] = value
            if brake and brake.why and not held:
                held = True
                family.hold(brake.why)
    if timer is not None:
        run.machine.waiting.pop(timer, None)
    return made, Stopped("interrupt") if run.stopping else stopped


def leave_out(run: RunState, number: int, place: Place, reason: str) -> TaskRecord:
    """Record and note of a member that was never started. place: {"block": …} or {"host": …}."""
    why = WHY.get(reason, reason)
    record: TaskRecord = {"outcome": "not_started", "exit_code": CANNOT_START, "stderr": why, "reason": why}
    record["success"], record["attempts"] = False, 0
    run.records[number] = record
    facts: NoteFacts = {
        "task": number,
        "outcome": "not_started",
        "exit_code": CANNOT_START,
        "success": False,
        "because": why,
    }
    if "block" in place:
        facts["block"] = place["block"]
    if "host" in place:
        facts["host"] = place["host"]
    run.note("ERROR", f"{task_label(place, number)} was not started (exit_code=126): {why}", "end", **facts)
    return record


def close_block(
    run: RunState, task: Task, counted: TaskRecord, iteration: int, failed: str = "", stopped: Stopped | None = None
) -> TaskRecord:
    """The record of a block whose members have ended.

    counted: what `counts` gives. failed: why it failed, whatever they did. stopped: why it was ended from
    outside, raised again here.
    """
    number = task["task"]
    record = run.records[number] = counted
    good = counted["failed_count"] == 0
    record["iteration"], record["success"], record["exit_code"], why = iteration, good, 0 if good else 1, ""
    if failed and not counted["total_count"]:
        record["outcome"] = "not_started"
    failed = failed or (WHY[stopped.reason] if stopped else "")
    if run.dry_run:
        record["success"] = True
    elif failed:
        record["success"], why = False, failed
    elif run.book.next_kind(task) == "condition":
        found = verdict_of(run, number, "next", record)
        record["success"], why = found.truth is True, found.because
    record["exit_code"], record["reason"] = (0, "") if record["success"] else (1, why or record["stdout"])
    _say(run, number, record, why)
    if stopped:
        raise stopped
    return record


def count_outcomes(run: RunState, members: Sequence[int]) -> TaskRecord:
    """What the members of a block came to, under the names of its variables."""
    return counts([(member, run.records.get(member, {})) for member in members])


def counts(
    records: Sequence[tuple[int, TaskRecord]] | Sequence[tuple[str, TaskRecord]], what: str = "tasks"
) -> TaskRecord:
    """What came of (member, record) pairs, under the names of a block's variables."""
    skipped = sum(record.get("exit_code") == SKIPPED for _, record in records)
    failed = [member for member, record in records if not record.get("success") and record.get("exit_code") != SKIPPED]
    good = len(records) - skipped - len(failed)
    made: TaskRecord = {"success_count": good, "failed_count": len(failed), "skipped_count": skipped}
    made["total_count"] = len(records)
    made["timeout_count"] = sum(record.get("outcome") == "timeout" for _, record in records)
    made["failed_tasks"] = ",".join(str(member) for member in failed)
    made["stdout"] = f"{good} of {len(records)} {what} succeeded" + (f", {skipped} skipped" if skipped else "")
    names = number_ranges(sorted(map(int, failed))) if what == "tasks" else fold_hosts(map(str, failed))
    made["stderr"] = f"failed: {names}" if failed else ""
    made["hostname"], made["attempts"] = "localhost", 1
    return made


def _say(run: RunState, number: int, record: TaskRecord, why: str) -> None:
    if run.dry_run:
        return
    summary = "; ".join(text for text in (record["stdout"], record["stderr"], why) if text)
    facts: NoteFacts = {"task": number, "success": record["success"], "exit_code": record["exit_code"], "because": why}
    if record["success"]:
        run.note("INFO", f"Task {number} completed successfully (exit_code=0): {summary}", "end", **facts)
    else:
        run.note("WARN", f"Task {number} failed (exit_code=1): {summary}", "end", **facts)


def block_title(task: Task, how: str) -> str:
    """How the log calls a block when it begins."""
    return f"Executing Task {task['task']}: {task['title'] + ' ' if task.get('title') else ''}({how})"
