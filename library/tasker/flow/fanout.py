"""Fan-out: one command on many hosts, as a parallel block without a task for each (`hosts=`, docs/REFERENCE.md)."""

from __future__ import annotations

from tasker.flow import blocks
from tasker.flow.coroutines import Stopped
from tasker.flow.slots import MOST, Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task import run_task
from tasker.language.task_title import task_title

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task


def run_fanout(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    """Run the task on all of its hosts once; gives the record of the block. An activity."""
    number, hosts = task["task"], task["targets"]
    most = run.book.number(task, "max_parallel") or MOST
    text = f"Executing Task {number}: {task_title(task)} (on {len(hosts)} hosts, {min(most, len(hosts))} at once)"
    run.note("INFO", text, "start", task=number, hosts=len(hosts))
    brake = StopRule(run, task, len(hosts))
    slots = Slots(most, brake)
    children = {host: _host(run, task, host, iteration, slots) for host in hosts}
    made, stopped = yield from blocks.gather(run, number, brake.waves(children), None, brake)
    for host in hosts:
        if host not in made:
            made[host] = blocks.leave_out(run, number, {"host": host}, brake.why)
    counted = blocks.counts([(host, made[host]) for host in hosts], "hosts")
    add_hosts(counted, made)
    return blocks.close_block(run, task, counted, iteration, failed=brake.verdict(), stopped=stopped)


def add_hosts(counted: TaskRecord, made: Mapping[str, TaskRecord]) -> None:
    """Add the names of the hosts that failed and that succeeded, as values of the block."""
    counted["failed_hosts"] = ",".join(host for host, record in made.items() if not record["success"])
    counted["success_hosts"] = ",".join(host for host, record in made.items() if record["success"])
    counted["failed_tasks"] = ""


def _host(run: RunState, task: Task, host: str, iteration: int, slots: Slots) -> CoroutineOf[TaskRecord]:
    """The command on one host, from waiting for its slot to its end; gives its record. An activity."""
    doc = task.copy()
    doc["hostname"] = host
    doc.pop("hosts", None)
    doc.pop("targets", None)
    doc.pop("sleep", None)
    held = False
    try:
        yield from slots.take(run)
        held = True
        record = yield from run_task(run, doc, iteration, None, slots, host)
        slots.brake.after(record)
        return record
    except Stopped as stopped:
        held = held and not stopped.waiting
        return stopped.record or blocks.leave_out(run, task["task"], {"host": host}, stopped.reason)
    finally:
        if held:
            slots.give(run)
