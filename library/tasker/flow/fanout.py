"""Fan-out: one command on many hosts, as a parallel block without a task for each (`hosts=`, docs/REFERENCE.md)."""

from __future__ import annotations

from tasker.flow import blocks
from tasker.flow.coroutines import Stopped
from tasker.flow.sequence import skip_task
from tasker.flow.slots import Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task import run_task
from tasker.flow.task_result import WHY, record_not_started
from tasker.language.task_title import task_title
from tasker.protocol.exit_codes import SKIPPED
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task


IN_WAVES = frozenset(("waves", "wave_next", "wave_sleep", "wave_approval", "start_until"))


def run_fanout(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    """Run the task on all of its hosts once; return the record of the block. A coroutine."""
    number = task["task"]
    if "targets" in task:
        hosts = task["targets"]
    else:
        from tasker.flow import hosts_of_value  # here, because few lists come from a value

        hosts, skipped, why = yield from hosts_of_value.hosts_from_value(run, task)
        if skipped:
            return skip_task(run, task, None, skipped)
        if why:
            counted = blocks.count_records([], "hosts")
            add_hosts(run, counted, [], {})
            return blocks.end_block(run, task, counted, iteration, failed=why)
    most = run.index.at_once(task)
    how = f"on {count_of(len(hosts), 'host')}, {min(most, len(hosts))} at once"
    text = f"Executing Task {number}: {task_title(task)} ({how})"
    run.note("INFO", text, "start", task=number, hosts=len(hosts))
    if run.index.rules > 1 and (problem := blocks.sleep_problem(run, task)):
        counted = blocks.count_records([], "hosts")
        add_hosts(run, counted, (), {})
        return blocks.end_block(run, task, counted, iteration, failed=problem)
    if run.inherited is not None and run.inherited.ran:
        from tasker.flow.inherited import drop_changed  # here, because few runs continue another one

        drop_changed(run, task, hosts)
    stop_rule = StopRule(run, task, len(hosts))
    slots = Slots(most, stop_rule)
    slots.follow_pace(run, task)
    if not IN_WAVES.isdisjoint(task) or ("canary" in task and any(_is_kept(run, task, host) for host in hosts)):
        records, stopped = yield from _in_waves(run, task, hosts, iteration, slots, stop_rule)
    else:
        children = {host: _host(run, task, host, iteration, slots) for host in hosts}
        records, stopped = yield from blocks.run_members(run, number, stop_rule.waves(children), None, stop_rule)
    for host in hosts:
        if host not in records:
            records[host] = record_not_started(run, number, {"host": host}, stop_rule.reason)
    counted = blocks.count_records([(host, records[host]) for host in hosts], "hosts")
    add_hosts(run, counted, hosts, records)
    made = blocks.end_block(run, task, counted, iteration, failed=stop_rule.failure(), stopped=stopped)
    if stop_rule.end_of_run is not None:
        raise stop_rule.end_of_run
    return made


def _in_waves(
    run: RunState, task: Task, hosts: Sequence[str], iteration: int, slots: Slots, stop_rule: StopRule
) -> CoroutineOf[tuple[dict[str, TaskRecord], Stopped | None]]:
    """Run the task on the hosts of one wave after another; see blocks.run_members. A coroutine."""
    from tasker.flow.waves import Waves  # here, because few tasks have waves

    kept = [host for host in hosts if _is_kept(run, task, host)]
    left = [host for host in hosts if not _is_kept(run, task, host)] if kept else hosts
    waves = Waves(run, task, left, stop_rule, len(hosts))
    records: dict[str, TaskRecord] = {}
    stopped: Stopped | None = None
    failed: list[str] = []
    if kept:  # before the first wave: waves are of the hosts on which it runs
        known = {host: _host(run, task, host, iteration, slots) for host in kept}
        records, stopped = yield from blocks.run_members(run, task["task"], [known], None, stop_rule)
        failed = failed_hosts(kept, records)
    try:
        yield from waves.watch_clock()
        for place, some in enumerate(waves.groups(), 1):
            if not (yield from waves.begin(place, some, failed)):
                break
            wave = {host: _host(run, task, host, iteration, slots) for host in some}
            ended, stopped = yield from blocks.run_members(run, task["task"], [wave], None, stop_rule)
            records |= ended
            failed = failed_hosts(some, ended)
            if stopped:
                break
    except Stopped as reason:  # between two waves
        stopped = reason
    waves.end()
    if stopped:
        stop_rule.reason = stop_rule.reason or WHY.get(stopped.reason, stopped.reason)
    return records, stopped


def failed_hosts(hosts: Sequence[str], records: Mapping[str, TaskRecord]) -> list[str]:
    """Those of the hosts that have failed, in their order."""
    return [
        host
        for host in hosts
        if host in records and not records[host].get("success") and records[host].get("exit_code") != SKIPPED
    ]


def add_hosts(run: RunState, counted: TaskRecord, hosts: Sequence[str], records: Mapping[str, TaskRecord]) -> None:
    """Add the names of the hosts that failed and that succeeded, in the order of the task, as values of the block.

    A run that an older version began keeps the order in which they ended, and a skipped host as one that failed: its
    later tasks were started with these values.
    """
    if run.index.rules > 1:
        records = {host: records[host] for host in hosts if records[host].get("exit_code") != SKIPPED}
    failed = [host for host, record in records.items() if not record["success"]]
    counted["failed_hosts"] = ",".join(failed)
    counted["success_hosts"] = ",".join(host for host, record in records.items() if record["success"])
    counted["failed_tasks"] = ""


def _is_kept(run: RunState, task: Task, host: str) -> bool:
    """Has the run what the task did on this host from the run that it continues?"""
    return run.inherited is not None and run.inherited.has(len(run.visited), task["task"], host)


def _host(run: RunState, task: Task, host: str, iteration: int, slots: Slots) -> CoroutineOf[TaskRecord]:
    """Run the command on one host, once it has a slot; return its record. A coroutine."""
    has_slot, run.host = False, host
    kept = _is_kept(run, task, host)
    try:
        if not kept:
            yield from slots.take(run)
            has_slot = True
        doc = task.copy()  # now, since its pace may have changed meanwhile
        doc["hostname"] = host
        doc.pop("hosts", None)
        doc.pop("targets", None)
        doc.pop("sleep", None)
        record = yield from run_task(run, doc, iteration, None, slots, host)
        slots.stop_rule.count(record)
        return record
    except Stopped as stopped:
        has_slot = has_slot and not stopped.waiting_for_slot
        return stopped.record or record_not_started(run, task["task"], {"host": host}, stopped.reason)
    finally:
        if has_slot:
            slots.give(run)
