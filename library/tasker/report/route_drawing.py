"""The plan of a run as a drawing: boxes show how each task ended, edges whether they were taken."""

from __future__ import annotations

from tasker.plan.drawing import draw
from tasker.plan.facts import plan_document
from tasker.plan.graph import BAD, GOOD, SKIPPED
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, UNHANDLED
from tasker.report.text import duration_text
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tasker.protocol.types import Document, Report, ReportTask
    from tasker.report.trace_protocol import Trace

_ENDED_AT = Pattern(r"(?:stopped at )?task ([0-9]{1,6}): ")  # with which the reason of an end begins
# outcomes that look like another one; what was not reached has no look
LOOKS = {
    "timeout": "failed",
    "signalled": "failed",
    "unfinished": "running",
    "not_reached": "",
}


def route_drawing(trace: Trace, doc: Report) -> tuple[str | None, str]:
    """(SVG or None, why there is none)."""
    try:
        plan = plan_document(trace.workflow)
        mark_route(plan, trace, doc)  # type: ignore[arg-type]  # it adds keys that only the drawing has
        return draw(plan, "svg"), ""
    except Problem as problem:
        return None, problem.message


def mark_route(plan: Document, trace: Trace, doc: Report) -> None:
    """Add `came` and `said` to the tasks of a plan, and `taken` to their ways."""
    tasks = {task["task"]: task for task in doc["tasks"]}
    arrivals = _arrivals(trace)
    steps = {(one[0], other[0], one[1]) for one, other in zip(arrivals, arrivals[1:], strict=False)}
    last = _last(arrivals, doc) if doc["state"] == "finished" else None
    for entry in plan["tasks"]:
        task = tasks[entry["task"]]
        entry["came"] = LOOKS.get(task["outcome"], task["outcome"])
        if entry["came"]:
            entry["said"] = _outcome_text(task)
        for way in entry["ways"]:
            way["taken"] = False
        _mark_ways(entry, steps)
        if last is not None and entry["task"] == last[0]:
            _mark_exit(entry, doc, last[1])


def _last(arrivals: Sequence[tuple[int, str]], doc: Report) -> tuple[int, str] | None:
    """(task, how the flow left it) of the task at which the run ended: the reason names it, if it is not the last."""
    named = _ENDED_AT.match(doc.get("reason", ""))
    if named and (not arrivals or int(named[1]) != arrivals[-1][0]):
        return int(named[1]), BAD if doc["reason"].startswith("stopped") else GOOD
    return arrivals[-1] if arrivals else None


def _arrivals(trace: Trace) -> list[tuple[int, str]]:
    """[(task, how the flow left it)] of all tasks that it came to outside of blocks."""
    made: list[tuple[int, str]] = []
    for event in trace.events:
        if event.block is not None or event.host is not None or event.task is None:
            continue
        if event.what == "skip" and made and made[-1][0] == event.task:  # cut short, and skipped by the operator
            made[-1] = (event.task, SKIPPED)
        elif event.what in ("start", "skip") and event.is_arrival():
            made.append((event.task, SKIPPED if event.what == "skip" else GOOD))
        elif event.what == "route" and "(on_failure)" in event.text and made:
            made[-1] = (made[-1][0], BAD)
    return made


def _mark_ways(entry: Document, steps: Collection[tuple[int, int, str]]) -> None:
    """Mark the ways of a task that were taken: of several to one place, the one that fits how the flow left it."""
    for source, to, how in steps:
        if source == entry["task"]:
            _mark_fitting([way for way in entry["ways"] if way["to"] == to], how)


def _mark_exit(entry: Document, doc: Report, how: str) -> None:
    """Mark the way by which the run ended, with the exit code that it had; add one if the plan has none."""
    code, stopped = doc["exit_code"], doc["reason"].startswith("stopped")
    ends = [way for way in entry["ways"] if way["to"] == "end"]
    fitting = [way for way in ends if way["exit"] == str(code)]
    if not fitting and code in (UNHANDLED, OUTCOME_UNKNOWN):  # in place of the exit code that the way has
        fitting = [way for way in ends if way["exit"] == ("10" if stopped else "0")]
    fitting = fitting or [way for way in ends if not way["exit"].isdigit()]  # a return of an output
    if not fitting:
        entry["ways"].append({"when": "stopped" if stopped else "always", "to": "end", "exit": "", "taken": False})
        fitting = entry["ways"][-1:]
    for way in _mark_fitting(fitting, BAD if stopped else how):
        way["exit"] = str(code)


def _mark_fitting(ways: Sequence[Document], how: str) -> Sequence[Document]:
    """Mark one of these ways; gives it as a list."""
    kinds = [
        SKIPPED if way["when"].startswith("not ") else BAD if way["when"].startswith("else") else GOOD for way in ways
    ]
    fitting = [way for way, kind in zip(ways, kinds, strict=True) if kind == how] or ways
    for way in fitting[:1]:
        way["taken"] = True
    return fitting[:1]


def _outcome_text(task: ReportTask) -> str:
    attempts, hosts = task.get("attempts", 0), task.get("hosts", 0)
    many = f", {hosts} hosts" if hosts > 1 else f", {attempts} attempts" if attempts > 1 else ""
    took = f", {duration_text(task['seconds'])}" if task["outcome"] != "skipped" and "seconds" in task else ""
    return f"{task['outcome'].replace('_', ' ')}{took}{many}"
