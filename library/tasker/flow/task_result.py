"""What a task leaves: its record, whether it succeeded, and the line in the log (docs/language.md §4, §6).

A record has the names of the variables as keys: @7_exit_code@ is record["exit_code"]. A variable without a value, such
as the stdout of a command that was never started, has no key.
"""

from __future__ import annotations

from tasker.flow.values import fill_field, verdict_of
from tasker.language.fields import CHAIN, HOSTED, MEMBERS, REBOOT, SETTLED, SINGLE
from tasker.language.output_split import parse_split
from tasker.language.variables import Missing
from tasker.protocol import exit_codes
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.flow.run_state import RunState
    from tasker.flow.types import Kept, LastStarted, NoteFacts, Place, Stream, TaskRecord
    from tasker.protocol.types import Result, Task

STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
_OF_STREAMS = frozenset(f"{name}{sign}" for name in STREAMS for sign in ("", "_cut", "_end", "_lines", "_escaped"))
KEPT: tuple[Kept, ...] = ("outcome", "exit_code", "reason", "retryable", "decided", "settled")
SKIPPED = "skipped"  # by its condition, or by the operator, because its outcome was unknown
WHY = {"interrupt": "the run was interrupted", "timeout": "the timeout of its block has passed"}
BRANCH_ENDED = "its branch has ended"  # why the rest of it was not started
NOT_RUN: dict[str, tuple[Stream, ...]] = {
    "not_started": ("stdout",),
    "unknown": STREAMS,
}  # without a value; if it was not started, stderr has the reason


class Attempt(NamedTuple):
    """How an attempt ended. result: None if the operator skips it. started: what was started, or None. absent: has
    its probe said, before, that the effect is not there? already: was it there, so that nothing was started? again: may
    another attempt follow one that a probe has settled?"""

    result: Result | None
    started: LastStarted | None = None
    absent: bool = False
    already: bool = False
    again: bool = False


def skipped_record(run: RunState, task: Task) -> TaskRecord:
    """The record of a task that its condition, or the operator, skipped."""
    made = _hostname(run, task)
    made["outcome"] = SKIPPED
    made["success"], made["exit_code"], made["stdout"], made["stderr"] = False, exit_codes.SKIPPED, "", ""
    if run.index.rules > 1:
        made["iteration"], made["attempts"], made["duration"], made["command"] = 0, 0, "0.000", ""
        _count_nothing(run, task, made)
    return made


def undecided_record(run: RunState, task: Task, place: Place, because: str) -> TaskRecord:
    """Record a task that was not started because its condition cannot be decided, with a note; return the record."""
    made = record_not_started(run, task["task"], place, f"its condition cannot be decided: {because}")
    made.update(_hostname(run, task))
    _count_nothing(run, task, made)
    return made


def _count_nothing(run: RunState, task: Task, made: TaskRecord) -> None:
    """Add the values of a block none of whose members ran. If it was skipped, so were they."""
    kind = run.index.kind(task)
    if kind in SINGLE:
        return
    made["success_count"] = made["failed_count"] = made["timeout_count"] = made["total_count"] = 0
    members = (
        task.get("targets", ())
        if kind in HOSTED
        else {one for field in MEMBERS for one in run.index.members(task, field)}
    )
    made["skipped_count"] = len(members) if made["exit_code"] == exit_codes.SKIPPED else 0
    made["failed_tasks"] = ""
    if kind in HOSTED:
        made["failed_hosts"] = made["success_hosts"] = ""
    if kind == CHAIN:
        made["failed_at"] = made["touched_hosts"] = ""


def skip_by_operator(run: RunState, task: Task, place: Place) -> TaskRecord:
    """Record a task whose outcome is unknown as skipped, since the operator decided so; return the record."""
    number = task["task"]
    made = run.records[number] = skipped_record(run, task)
    facts: NoteFacts = {"task": number, "because": "the operator decided so"}
    if "host" in place:
        facts["host"] = place["host"]
    if "inherited" in place:
        facts["inherited"] = place["inherited"]
    run.note("WARN", f"{task_label(place, number)} skipped: the operator decided so", "skip", **facts)
    return made


def not_started_result(reason: str) -> Result:
    """The result of a command that could not be started."""
    made: Result = {
        "tasker": 1,
        "kind": "result",
        "ok": False,
        "outcome": "not_started",
        "exit_code": exit_codes.CANNOT_START,
    }
    made["stderr"] = made["reason"] = reason
    return made


def record_not_started(run: RunState, number: int, place: Place, reason: str) -> TaskRecord:
    """Record what was never started, with a note. place: {"block": …} or {"host": …} of a member, else {}."""
    why = WHY.get(reason, reason)
    if run.host is not None:
        place = {**place, "host": run.host}
    record: TaskRecord = {"outcome": "not_started", "exit_code": exit_codes.CANNOT_START, "stderr": why, "reason": why}
    record["success"], record["attempts"] = False, 0
    run.records[number] = record
    facts: NoteFacts = {
        "task": number,
        "outcome": "not_started",
        "exit_code": exit_codes.CANNOT_START,
        "success": False,
        "because": why,
    }
    if "block" in place:
        facts["block"] = place["block"]
    if "host" in place:
        facts["host"] = place["host"]
    run.note("ERROR", f"{task_label(place, number)} was not started (exit_code=126): {why}", "end", **facts)
    return record


def task_record(run: RunState, task: Task, result: Result, iteration: int, attempt: int) -> TaskRecord:
    """The record of one attempt, without its success."""
    made = _hostname(run, task)
    made["iteration"], made["attempts"] = iteration, attempt
    gone = NOT_RUN.get(result["outcome"], ())
    for key in KEPT:
        if key in result:
            made[key] = result[key]
    made["duration"] = f"{result.get('seconds', 0):.3f}"
    copy_streams(result, made, gone)
    if keep := run.index.keeps(task["task"]):
        _add_paths(run, result, made, [stream for stream in keep if stream not in gone])
    for stream in STREAMS if "stdout_split" in task or "stderr_split" in task else ():
        if f"{stream}_split" in task and stream in made and result["outcome"] != "not_started" and not run.dry_run:
            _split(run, task, stream, made)
    return made


def _add_paths(run: RunState, result: Result, made: TaskRecord, streams: Sequence[str]) -> None:
    """Add where the whole streams are, if they were kept."""
    folder = run.settings.get("output_folder")
    if folder and "stdout" in streams and (name := result.get("stdout_file")):
        made["stdout_file"] = f"{folder}/{name}"
    if folder and "stderr" in streams and (name := result.get("stderr_file")):
        made["stderr_file"] = f"{folder}/{name}"


def copy_streams(result: Result, made: TaskRecord, gone: Sequence[Stream] = ()) -> None:
    """Put the streams of a result into a record, without those in `gone`."""
    without = tuple(gone)
    for name, value in result.items():
        if name in _OF_STREAMS and not name.startswith(without):
            made[name] = value  # type: ignore[literal-required]  # both have these keys of a stream


def _hostname(run: RunState, task: Task) -> TaskRecord:
    """A record with the hostname only, or without it if it has no value."""
    try:
        name = fill_field(run, task, "hostname")
        return {} if not name and "hostname" in task and run.index.rules > 1 else {"hostname": name or "localhost"}
    except Missing:
        return {}


def _split(run: RunState, task: Task, stream: Stream, made: TaskRecord) -> None:
    """Keep one piece of a stream, as `stdout_split` or `stderr_split` says."""
    delimiter, index = parse_split(run.index.text(task, f"{stream}_split"))
    if made.get(f"{stream}_cut"):
        made[f"{stream}_unsplit"] = True  # type: ignore[literal-required]  # each stream has this key
        return
    text = made[stream].rstrip("\n")
    pieces = text.split() if delimiter is None else text.split(delimiter)
    if index < len(pieces):
        made[stream] = pieces[index]
        made.pop(f"{stream}_lines", None)  # type: ignore[misc]  # each stream has this key
    else:
        message = f"{stream}_split: there is no piece {index}, only {len(pieces)}: the whole {stream} is kept"
        run.note("WARN", f"{run.called(task['task'])}: {message}", "split", task=task["task"])


def judge_result(run: RunState, task: Task, made: TaskRecord, place: Place) -> None:
    """Decide whether the attempt succeeded, and note it."""
    number, outcome = task["task"], made["outcome"]
    if run.dry_run and "inherited" not in place:
        made["success"], why = True, made.get("reason", "")
    elif outcome in NOT_RUN:
        made["success"], why = False, made.get("reason") or "its outcome is unknown"
    elif made.get("decided") in SETTLED:
        made["success"], why = outcome == "ok", made.get("reason", "")
    elif made.get("stdout_unsplit") or made.get("stderr_unsplit"):
        made["success"], why = False, "its output is over 1 MiB, too large to be split"
    else:
        made["success"], why = _succeeded(run, task, made)
        if not made["success"] and why:
            made["because"] = why
    if outcome == "unknown" and made.get("decided") in (None, REBOOT, "receipt"):  # else the operator has decided
        run.unknown.append(number)
    _note_end(run, number, made, place, why)


def _succeeded(run: RunState, task: Task, made: TaskRecord) -> tuple[bool, str]:
    number = task["task"]
    for field, wanted in (("success", True), ("failure", False)):
        if field in task and run.index.condition(number, field) is not None:
            if run.index.judges_block(number):
                continue  # about all hosts together: blocks.end_block
            found = verdict_of(run, number, field, made)
            return found.truth is wanted, f"{field}: {found.because}"
    return made["exit_code"] == 0, made.get("reason", "")


def task_label(place: Place, number: int) -> str:
    """The name in the log: Task 7, Task 5-7 of a block, Task 7@web1 of a fan-out, Task 5-7 on web1 of a chain, Task 5-7
    attempt 2 of 3."""
    inside = place.get("block") is not None
    called = f"Task {place['block']}-{number}" if inside else f"Task {number}"
    called += f"{' on ' if inside else '@'}{place['host']}" if "host" in place else ""
    return called if place.get("attempt", 1) == 1 else f"{called} attempt {place['attempt']} of {place['attempts']}"


def _note_end(run: RunState, number: int, made: TaskRecord, place: Place, why: str) -> None:
    called, code = task_label(place, number), made.get("exit_code")
    facts: NoteFacts = {"task": number, "outcome": made["outcome"], "exit_code": code, "success": made["success"]}
    facts["because"] = why
    if "decided" in made:
        facts["decided"] = made["decided"]
    if made.get("already"):
        facts["already"] = True
    if place.get("attempts", 1) > 1:
        facts["attempt"], facts["attempts"] = place["attempt"], place["attempts"]
    if "host" in place:
        facts["host"] = place["host"]
    if "inherited" in place:
        called, facts["inherited"] = f"{called}, inherited,", place["inherited"]
    because = f": {why}" if why else ""
    if made.get("decided") == "receipt":
        because = f", says its receipt{because}"
    if run.dry_run and "inherited" not in place:
        if made["outcome"] == "not_started":
            run.note("WARN", f"{called} would not be started{because}", "end", **facts)
    elif made.get("already"):
        run.note("INFO", f"{called} already done (exit_code=0){because}", "end", **facts)
    elif made["success"]:
        shown = because if code or "decided" in made else ""
        run.note("INFO", f"{called} completed successfully (exit_code={code}){shown}", "end", **facts)
    elif made["outcome"] == "unknown":
        run.note("ERROR", f"{called}: outcome unknown{because}", "end", **facts)
    elif made["outcome"] == "not_started":
        run.note("ERROR", f"{called} was not started (exit_code={code}){because}", "end", **facts)
    else:
        run.note("WARN", f"{called} failed (exit_code={code}){because}", "end", **facts)
