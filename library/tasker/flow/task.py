"""One task on its way: its attempts, one after another, each with a result (LANGUAGE.md §6)."""

from tasker.flow import retry_policy
from tasker.flow.coroutines import Stopped
from tasker.flow.request import has_output, request, spoken
from tasker.flow.task_result import (
    judge,
    name,
    not_started,
    passed_over,
    record,  # checks/values.py knows it from here
)
from tasker.language.task_title import title
from tasker.language.variables import Missing

BREATH = 10_000  # steps that flow makes before it lets the driver take them


def run_task(run, task, iteration, block=None, slots=None):
    """Run a task once, with its retries; gives its record. An activity.

    block: the number of the block that it belongs to. slots: where it has a slot, which others get while it waits.
    """
    number = task["task"]
    policy, attempt, made = retry_policy.policy(run, task, block), 0, None
    place = {} if block is None else {"block": block}
    place |= {"host": task["hostname"]} if "fanout" in task else {}
    try:
        while True:
            run.check()
            attempt += 1
            place |= {"iteration": iteration, "attempt": attempt, "attempts": policy.attempts}
            if "fanout" in task:  # its command may name the host that it is for
                run.records[number] = {"hostname": task["hostname"]}
            result = yield from _attempt(run, task, place)
            if result is None:
                return passed_over(run, task, place)
            made = run.records[number] = record(run, task, result, iteration, attempt)
            judge(run, task, made, place)
            delay = policy.delay(attempt, made)
            if delay is None:
                return made
            run.check()
            at = {"host": place["host"]} if "host" in place else {}
            run.note("INFO", f"{name(place, number)}: again in {delay:g} s", "retry", task=number, **at)
            yield from _wait(run, delay, slots)
    except Stopped as stopped:
        stopped.record = made
        raise


def _wait(run, delay, slots):
    if slots is None:
        yield from run.pause(delay)
        return
    slots.give(run)
    try:
        yield from run.pause(delay)
    except Stopped as stopped:
        stopped.waiting = True
        raise
    yield from slots.take(run)


def _attempt(run, task, place):
    """One attempt: its result document, or None where the operator says to pass it over. An activity."""
    number = task["task"]
    try:
        exec_type, doc = request(run, task, place)
    except (Missing, ValueError) as error:
        yield from run.breathe(BREATH)
        return not_started(str(error))
    if not (run.dry_run or run.settings.get("skip_hosts")) and has_output(run, task, "hostname"):
        identity = run.identity("host")
        run.emit("check_host", id=identity, hostname=doc["hostname"], exec=exec_type, task=number)
        event = yield identity
        if event.get("ok") is not True:
            return not_started(event.get("message") or f"host '{doc['hostname']}' was not accepted")
    doc["id"] = identity = run.identity(str(number))
    run.note("INFO", _starting(task, place), "start", task=number, **place)
    run.last = {"task": number, "hostname": doc.get("hostname", "localhost"), "command": spoken(doc)}
    run.machine.send(exec_type, doc)
    last = {key: run.last[key] for key in ("hostname", "command")}
    event = yield identity
    return None if event["event"] == "skip" else {**event["result"], **last}


def _starting(task, place):
    called = name(place, task["task"])
    again = f" (run {place['iteration']})" if place["iteration"] > 1 else ""
    return f"Executing {called}: {title(task)}{again}"
