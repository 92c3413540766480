"""One task: its attempts, one after another, each with a result (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import retry_policy
from tasker.flow.coroutines import Stopped
from tasker.flow.request import command_line, has_output, make_request
from tasker.flow.task_result import judge_result, not_started_result, skip_by_operator, task_label, task_record
from tasker.language.task_title import task_title
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.slots import Slots
    from tasker.flow.types import LastStarted, NoteFacts, Place, TaskRecord
    from tasker.protocol.types import Event, Result, Task

STEPS_WITHOUT_YIELD = 10_000  # so that a workflow in which nothing starts does not keep them all in memory


def run_task(
    run: RunState,
    task: Task,
    iteration: int,
    block: int | None = None,
    slots: Slots | None = None,
    host: str | None = None,
) -> CoroutineOf[TaskRecord]:
    """Run a task once, with its retries; return its record. A coroutine.

    block: the block that it is a member of. slots: of its block; others get its slot while it waits for a retry.
    host: of a fan-out, the host that this is for.
    """
    number = task["task"]
    made: TaskRecord | None
    run.known.discard(number)
    policy, attempt, made = retry_policy.policy_of(run, task, block), 0, None
    place: Place = {} if block is None else {"block": block}
    if host is not None:
        place["host"] = host
    try:
        while True:
            run.check()
            attempt += 1
            place["iteration"], place["attempt"], place["attempts"] = iteration, attempt, policy.attempts
            if run.inherited is not None and (event := run.inherited.next(len(run.visited), number, host)) is not None:
                from tasker.flow.inherited import inherit_unit  # here, because few runs continue another one

                return inherit_unit(run, task, event, place)
            if host is not None:  # its command may use @N_hostname@ of this host
                run.records[number] = {"hostname": host}
            result, started = yield from _attempt(run, task, place)
            if result is None:
                return skip_by_operator(run, task, place)
            made = run.records[number] = task_record(run, task, result, iteration, attempt)
            if started is not None:
                made["hostname"], made["command"] = started["hostname"], started["command"]
            judge_result(run, task, made, place)
            delay = policy.delay(attempt, made)
            if delay is None:
                return made
            run.check()
            facts: NoteFacts = {"task": number} if host is None else {"task": number, "host": host}
            run.note("INFO", f"{task_label(place, number)}: retry in {delay:g} s", "retry", **facts)
            yield from _wait(run, delay, slots)
    except Stopped as stopped:
        stopped.record = made
        raise


def _wait(run: RunState, delay: float, slots: Slots | None) -> CoroutineOf[None]:
    if slots is None:
        yield from run.pause(delay)
        return
    slots.give(run)
    try:
        yield from run.pause(delay)
    except Stopped as stopped:
        stopped.waiting_for_slot = True
        raise
    yield from slots.take(run)


def _attempt(run: RunState, task: Task, place: Place) -> CoroutineOf[tuple[Result | None, LastStarted | None]]:
    """One attempt: (result, or None if the operator skips it; what was started). A coroutine."""
    number = task["task"]
    try:
        exec_type, doc = make_request(run, task, place)
    except (Missing, ValueError) as error:
        yield from run.yield_when_long(STEPS_WITHOUT_YIELD)
        return not_started_result(str(error)), None
    if not (run.dry_run or run.settings.get("skip_hosts")) and has_output(run, task, "hostname"):
        identity = run.new_id("host")
        run.checked += 1
        run.emit(do="check_host", id=identity, hostname=doc["hostname"], exec=exec_type, task=number)
        event: Event = yield identity
        if event.get("ok") is not True:
            return not_started_result(event.get("message") or f"host '{doc['hostname']}' was not accepted"), None
    doc["needs"] = run.index.needs(number)
    doc["id"] = identity = run.new_id(str(number))
    run.note("INFO", _starting(task, place), "start", task=number, **place)
    started: LastStarted
    started = {"task": number, "hostname": doc.get("hostname", "localhost"), "command": command_line(doc)}
    run.last, run.started = started, run.started + 1
    run.scheduler.send(identity, exec_type, doc)
    event = yield identity
    return None if event["event"] == "skip" else event["result"], started


def _starting(task: Task, place: Place) -> str:
    called = task_label(place, task["task"])
    again = f" (run {place['iteration']})" if place["iteration"] > 1 else ""
    return f"Executing {called}: {task_title(task)}{again}"
