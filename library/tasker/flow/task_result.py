"""What a task leaves behind: its record, whether it succeeded, and what the log says of it (docs/language.md §4, §6).

A record is a dict by the names of the variables: @7_exit_code@ is record["exit_code"]. A value that is not there, as
the stdout of what was never started, is not in it: who asks for it learns that it has none.
"""

from tasker.flow.values import fill, verdict_of
from tasker.language.output_split import parse_split
from tasker.language.variables import Missing

STREAMS = ("stdout", "stderr")
SKIPPED = "skipped"  # by the operator, after its outcome was unknown
NOT_RUN = {"not_started": ("stdout",), "unknown": STREAMS}  # stderr of what was not started is the reason


def skip(run, task):
    """The record of a task that its condition did not let run."""
    return {"success": False, "exit_code": -1, "stdout": "", "stderr": "", **_hostname(run, task)}


def skip_by_operator(run, task, place):
    """The record of a task whose outcome nobody knows, and which the operator says to take as skipped."""
    number = task["task"]
    made = run.records[number] = {**skip(run, task), "outcome": SKIPPED}
    facts = {"task": number, "because": "the operator says so"} | {key: place[key] for key in ("host",) if key in place}
    run.note("WARN", f"{task_label(place, number)} skipped: the operator says so", "skip", **facts)
    return made


def not_started_record(reason):
    """The result of what could not be started."""
    return {"outcome": "not_started", "exit_code": 126, "stderr": reason, "reason": reason}


def task_record(run, task, result, iteration, attempt):
    """The record of one attempt, before anybody has judged it."""
    made = {"iteration": iteration, "attempts": attempt, **_hostname(run, task)}
    gone = NOT_RUN.get(result["outcome"], ())
    for key in ("outcome", "exit_code", "hostname", "command", "reason", "retryable", "decided"):
        if key in result:
            made[key] = result[key]
    made["duration"] = f"{result.get('seconds', 0):.3f}"
    for stream in STREAMS:
        for key in (stream, *(f"{stream}_{sign}" for sign in ("cut", "end", "lines", "escaped"))):
            if key in result and stream not in gone:
                made[key] = result[key]
        if f"{stream}_split" in task and stream in made and result["outcome"] != "not_started" and not run.dry_run:
            _split(run, task, stream, made)
    return made


def _hostname(run, task):
    """Where it would have run, as far as that is known."""
    try:
        return {"hostname": fill(run, task, "hostname") or "localhost"}
    except Missing:
        return {}


def _split(run, task, stream, made):
    """Keep one piece of a stream, as its split says."""
    delimiter, index = parse_split(run.book.text(task, f"{stream}_split"))
    if made.get(f"{stream}_cut"):
        made[f"{stream}_unsplit"] = True
        return
    text = made[stream].rstrip("\n")
    pieces = text.split() if delimiter is None else text.split(delimiter)
    if index < len(pieces):
        made[stream] = pieces[index]
        made.pop(f"{stream}_lines", None)
    else:
        message = f"{stream}_split: there is no piece {index}, only {len(pieces)}: the whole {stream} is kept"
        run.note("WARN", f"Task {task['task']}: {message}", "split", task=task["task"])


def judge_result(run, task, made, place):
    """Decide whether the attempt succeeded, and say so."""
    number, outcome = task["task"], made["outcome"]
    if run.dry_run:
        made["success"], why = True, made.get("reason", "")
    elif outcome in NOT_RUN:
        made["success"], why = False, made.get("reason") or "its outcome is unknown"
    elif any(made.get(f"{stream}_unsplit") for stream in STREAMS):
        made["success"], why = False, "its output is over 1 MiB, too large to be split"
    else:
        made["success"], why = _succeeded(run, task, made)
    if outcome == "unknown" and "decided" not in made:
        run.unknown.append(number)
    _say(run, number, made, place, why)


def _succeeded(run, task, made):
    number = task["task"]
    for field, wanted in (("success", True), ("failure", False)):
        if run.book.condition(number, field) is not None:
            found = verdict_of(run, number, field, made)
            return found.truth is wanted, f"{field}: {found.because}"
    return made["exit_code"] == 0, made.get("reason", "")


def task_label(place, number):
    """How a log calls it: Task 7, Task 5-7 of a block, Task 7@web1 of a fan-out, Task 5-7 attempt 2 of 3."""
    called = f"Task {place['block']}-{number}" if place.get("block") is not None else f"Task {number}"
    called += f"@{place['host']}" if "host" in place else ""
    return called if place.get("attempt", 1) == 1 else f"{called} attempt {place['attempt']} of {place['attempts']}"


def _say(run, number, made, place, why):
    called, code = task_label(place, number), made.get("exit_code")
    facts = {"task": number, "outcome": made["outcome"], "exit_code": code, "success": made["success"], "because": why}
    facts |= {"host": place["host"]} if "host" in place else {}
    because = f": {why}" if why else ""
    if run.dry_run:
        if made["outcome"] == "not_started":
            run.note("WARN", f"{called} would not be started{because}", "end", **facts)
    elif made["success"]:
        told = because if code else ""
        run.note("INFO", f"{called} completed successfully (exit_code={code}){told}", "end", **facts)
    elif made["outcome"] == "unknown":
        run.note("ERROR", f"{called}: what became of it is unknown{because}", "end", **facts)
    elif made["outcome"] == "not_started":
        run.note("ERROR", f"{called} was not started (exit_code={code}){because}", "end", **facts)
    else:
        run.note("WARN", f"{called} failed (exit_code={code}){because}", "end", **facts)
