"""What parallel and conditional blocks have in common: timeout, members, verdict (docs/language.md §6)."""

from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.request import check_sleep, request_timeout
from tasker.flow.task_result import not_started_record, task_label
from tasker.flow.values import verdict_of
from tasker.language.variables import Missing
from tasker.text.host_ranges import fold_hosts, number_ranges

WHY = {"interrupt": "the run was interrupted", "timeout": "the time of its block was over"}


def block_bounds(run, task):
    """(seconds that the block has, or None; why it cannot be started, or '')."""
    try:
        check_sleep(run, task)
        return (request_timeout(run, task) if "timeout" in task and not run.dry_run else None), ""
    except (Missing, ValueError) as error:
        return None, f"it was not started: {error}"


def gather(run, number, waves, seconds, brake=None):
    """Run the children of block `number`: waves of {key: generator}, the next when all of the one before have ended.

    Gives ({key: value}, Stopped or None: why the block was, by others). An activity. seconds: after which what runs is
    ended and what waits is not started. brake: counts those that end, and says whether more may be started.
    """
    family, timer, made, stopped, held = TaskGroup(run.machine), None, {}, None, False
    if seconds is not None:
        timer = run.identity("timer")
        run.emit("timer", id=timer, seconds=seconds)
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
    run.machine.waiting.pop(timer, None)
    return made, Stopped("interrupt") if run.stopping else stopped


def leave_out(run, number, place, reason):
    """Record and note of a member that was never started. place: {"block": …} or {"host": …}."""
    why = WHY.get(reason, reason)
    record = run.records[number] = {**not_started_record(why), "success": False, "attempts": 0}
    facts = {"task": number, **place, "outcome": "not_started", "exit_code": 126, "success": False, "because": why}
    run.note("ERROR", f"{task_label(place, number)} was not started (exit_code=126): {why}", "end", **facts)
    return record


def close_block(run, task, counted, iteration, failed="", stopped=None):
    """The record of a block whose members have ended.

    counted: what `counts` gives. failed: why it failed, whatever they did. stopped: why it was ended from
    outside, raised again here.
    """
    number = task["task"]
    record = run.records[number] = {"iteration": iteration, **counted}
    good = record["failed_count"] == 0
    record["success"], record["exit_code"], why = good, 0 if good else 1, ""
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


def count_outcomes(run, members):
    """What the members of a block came to, under the names of its variables."""
    return counts([(member, run.records.get(member, {})) for member in members])


def counts(records, what="tasks"):
    """What came of (member, record) pairs, under the names of a block's variables."""
    skipped = sum(record.get("exit_code") == -1 for _, record in records)
    failed = [member for member, record in records if not record.get("success") and record.get("exit_code") != -1]
    good = len(records) - skipped - len(failed)
    made = {"success_count": good, "failed_count": len(failed), "skipped_count": skipped, "total_count": len(records)}
    made["timeout_count"] = sum(record.get("outcome") == "timeout" for _, record in records)
    made["failed_tasks"] = ",".join(str(member) for member in failed)
    made["stdout"] = f"{good} of {len(records)} {what} succeeded" + (f", {skipped} skipped" if skipped else "")
    made["stderr"] = (
        f"failed: {number_ranges(sorted(failed)) if what == 'tasks' else fold_hosts(failed)}" if failed else ""
    )
    return {**made, "hostname": "localhost", "attempts": 1}


def _say(run, number, record, why):
    if run.dry_run:
        return
    summary = "; ".join(text for text in (record["stdout"], record["stderr"], why) if text)
    facts = {"task": number, "success": record["success"], "exit_code": record["exit_code"], "because": why}
    if record["success"]:
        run.note("INFO", f"Task {number} completed successfully (exit_code=0): {summary}", "end", **facts)
    else:
        run.note("WARN", f"Task {number} failed (exit_code=1): {summary}", "end", **facts)


def block_title(task, how):
    """How the log calls a block when it begins."""
    return f"Executing Task {task['task']}: {task['title'] + ' ' if task.get('title') else ''}({how})"
