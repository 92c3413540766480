"""Fan-out: one command on many hosts, as a parallel block without a task for each (`hosts=`, docs/REFERENCE.md)."""

from tasker.flow import blocks
from tasker.flow.coroutines import Stopped
from tasker.flow.parallel import MOST, Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task import run_task
from tasker.language.task_title import task_title


def run_fanout(run, task, iteration):
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
    counted = {**blocks.counts([(host, made[host]) for host in hosts], "hosts"), **results_by_host(made)}
    return blocks.close_block(run, task, counted, iteration, failed=brake.verdict(), stopped=stopped)


def results_by_host(made):
    """The names of those that failed and that succeeded, as values of the block."""
    return {
        "failed_hosts": ",".join(host for host, record in made.items() if not record["success"]),
        "success_hosts": ",".join(host for host, record in made.items() if record["success"]),
        "failed_tasks": "",
    }


def _host(run, task, host, iteration, slots):
    """The command on one host, from waiting for its slot to its end; gives its record. An activity."""
    doc = {key: value for key, value in task.items() if key not in ("hosts", "targets", "sleep")}
    doc |= {"hostname": host, "fanout": True}
    held = False
    try:
        yield from slots.take(run)
        held = True
        record = yield from run_task(run, doc, iteration, None, slots)
        slots.brake.after(record)
        return record
    except Stopped as stopped:
        held = held and not stopped.waiting
        return stopped.record or blocks.leave_out(run, task["task"], {"host": host}, stopped.reason)
    finally:
        if held:
            slots.give(run)
