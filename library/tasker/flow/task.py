"""One task: its attempts, one after another, each with a result (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow import retry_policy
from tasker.flow.coroutines import Stopped
from tasker.flow.request import command_line, has_output, make_request, send_command
from tasker.flow.task_result import (
    Attempt,
    judge_result,
    not_started_result,
    skip_by_operator,
    task_label,
    task_record,
)
from tasker.language.fields import REBOOT, is_copy
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.slots import Slots
    from tasker.flow.types import LastStarted, NoteFacts, Place, TaskRecord
    from tasker.protocol.types import Event, Request, Task

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
    number, task = task["task"], run.task_here(task)
    made: TaskRecord | None
    run.known.discard(number)
    policy, attempt, made = retry_policy.policy_of(run, task, block), 0, None
    place = run.place(block)
    if host is not None:
        place["host"] = host
    absent = False
    try:
        while True:
            run.check()
            attempt += 1
            place["iteration"], place["attempt"], place["attempts"] = iteration, attempt, policy.attempts
            if run.inherited is not None and (event := run.inherited.next(len(run.visited), number, host)) is not None:
                from tasker.flow.inherited import inherit_unless_changed  # here: few runs continue another one

                if (inherited := inherit_unless_changed(run, task, event, place)) is not None:
                    return inherited
            if host is not None:  # its command may use @N_hostname@ of this host
                run.records[number] = {"hostname": host}
            done = yield from _attempt(run, task, place, absent)
            if done.result is None:
                return skip_by_operator(run, task, place)
            absent = absent or done.absent
            made = run.records[number] = task_record(run, task, done.result, iteration, attempt)
            if done.already:
                made["already"], made["attempts"] = True, 0
            if done.started is not None:
                made["hostname"], made["command"] = done.started["hostname"], done.started["command"]
            judge_result(run, task, made, place)
            delay = policy.delay(attempt, made) if _may_repeat(run, task, made, done.again) else None
            if delay is None:
                return made
            run.check()
            yield from _wait_for_retry(run, task, place, made, delay, slots)
    except Stopped as stopped:
        stopped.record = made
        raise


def _may_repeat(run: RunState, task: Task, made: TaskRecord, again: bool) -> bool:
    """May another attempt follow at all? Never a second start while the command of this one may still run, unless the
    task is idempotent. again: of one that a probe has settled."""
    if made.get("decided") == "probe":
        return again
    if made.get("decided") == REBOOT:  # its host may have rebooted, or still be about to
        return False
    if made["outcome"] in retry_policy.OPEN:
        open_still = made.get("decided") in (None, "receipt") and made.get("settled") != "running"
        return run.index.is_idempotent(task) and open_still
    return True


def _wait_for_retry(
    run: RunState, task: Task, place: Place, made: TaskRecord, delay: float, slots: Slots | None
) -> CoroutineOf[None]:
    """Wait for the next attempt. A coroutine. Where the outcome of this one is open, the next one settles it."""
    number, is_open = task["task"], made["outcome"] in retry_policy.OPEN
    facts: NoteFacts = {"task": number, "host": place["host"]} if "host" in place else {"task": number}
    if is_open:
        facts["decided"] = "idempotent"
    why = ", because it is idempotent" if is_open else ""
    run.note("INFO", f"{task_label(place, number)}: retry in {delay:g} s{why}", "retry", **facts)
    yield from _wait(run, delay, slots)
    if made["outcome"] == "unknown":
        run.unknown.remove(number)


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


def _attempt(run: RunState, task: Task, place: Place, absent: bool) -> CoroutineOf[Attempt]:
    """One attempt. A coroutine. absent: its probe has said so before, and need not be asked again."""
    number = task["task"]
    probe: Request | None = None
    try:
        exec_type, doc = make_request(run, task, place)
        if "probe" in task:
            from tasker.flow.request import probe_request  # with the values that the command gets

            probe = probe_request(run, task, exec_type, doc)
    except (Missing, ValueError) as error:
        yield from run.yield_when_long(STEPS_WITHOUT_YIELD)
        return Attempt(not_started_result(str(error)))
    if not (run.dry_run or run.settings.get("skip_hosts")) and has_output(run, task, "hostname"):
        identity = run.new_id("host")
        run.checked += 1
        run.emit(do="check_host", id=identity, hostname=doc["hostname"], exec=exec_type, task=number)
        event: Event = yield identity
        if event.get("ok") is not True:
            return Attempt(not_started_result(event.get("message") or f"host '{doc['hostname']}' was not accepted"))
    if "may_be_down" in task:
        from tasker.flow import down_hosts  # here: few tasks have such hosts

        if down_hosts.is_looked_at(run, task, doc.get("hostname", "")):
            why = yield from down_hosts.look_at(run, task, doc["hostname"], exec_type)
            if why:
                return Attempt(not_started_result(why))
    doc["needs"] = run.index.needs(number)
    if keep := run.index.keeps(number):
        doc["keep"] = keep
    started: LastStarted
    started = {"task": number, "hostname": doc.get("hostname", "localhost"), "command": command_line(doc)}
    if probe is not None or "idempotent" in task or is_copy(task) or "reboot" in task:
        from tasker.flow import settling  # here: few tasks have a probe

        asked = settling.Asked(task, place, exec_type, doc, probe)
        if run.index.text(task, "reboot") == "true":
            from tasker.flow import reboot  # here: few tasks reboot their host

            return (yield from reboot.attempt(run, asked, started))
        return (yield from settling.attempt(run, asked, started, absent))
    identity = yield from send_command(run, task, place, exec_type, doc, started)
    event = yield identity
    return Attempt(None if event["event"] == "skip" else event["result"], started)
