"""One task on its way: its attempts, one after another, each with a result (docs/language.md §6)."""

from tasker.flow import retry_policy
from tasker.flow.coroutines import Stopped
from tasker.flow.request import command_line, has_output, make_request
from tasker.flow.task_result import judge_result, not_started_record, skip_by_operator, task_label, task_record
from tasker.language.task_title import task_title
from tasker.language.variables import Missing

STEPS_WITHOUT_YIELD = 10_000  # steps that flow makes before it lets the driver take them


def run_task(run, task, iteration, block=None, slots=None):
    """Run a task once, with its retries; gives its record. An activity.

    block: the number of the block that it belongs to. slots: where it has a slot, which others get while it waits.
    """
    number = task["task"]
    policy, attempt, made = retry_policy.policy_of(run, task, block), 0, None
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
                return skip_by_operator(run, task, place)
            made = run.records[number] = task_record(run, task, result, iteration, attempt)
            judge_result(run, task, made, place)
            delay = policy.delay(attempt, made)
            if delay is None:
                return made
            run.check()
            at = {"host": place["host"]} if "host" in place else {}
            run.note("INFO", f"{task_label(place, number)}: again in {delay:g} s", "retry", task=number, **at)
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
        exec_type, doc = make_request(run, task, place)
    except (Missing, ValueError) as error:
        yield from run.breathe(STEPS_WITHOUT_YIELD)
        return not_started_record(str(error))
    if not (run.dry_run or run.settings.get("skip_hosts")) and has_output(run, task, "hostname"):
        identity = run.identity("host")
        run.emit("check_host", id=identity, hostname=doc["hostname"], exec=exec_type, task=number)
        event = yield identity
        if event.get("ok") is not True:
            return not_started_record(event.get("message") or f"host '{doc['hostname']}' was not accepted")
    doc["id"] = identity = run.identity(str(number))
    run.note("INFO", _starting(task, place), "start", task=number, **place)
    run.last = {"task": number, "hostname": doc.get("hostname", "localhost"), "command": command_line(doc)}
    run.machine.send(exec_type, doc)
    last = {key: run.last[key] for key in ("hostname", "command")}
    event = yield identity
    return None if event["event"] == "skip" else {**event["result"], **last}


def _starting(task, place):
    called = task_label(place, task["task"])
    again = f" (run {place['iteration']})" if place["iteration"] > 1 else ""
    return f"Executing {called}: {task_title(task)}{again}"
