"""The plan of a run with the way that it went: entries say what became of them, ways whether they were taken."""

from tasker.plan.drawing import draw
from tasker.plan.facts import plan_document
from tasker.plan.graph import BAD, GOOD, SKIPPED
from tasker.protocol.document import Problem
from tasker.report.text import duration_text

LOOKS = {
    "timeout": "failed",
    "signalled": "failed",
    "not_started": "failed",
    "unfinished": "running",
    "not_reached": "",
}


def route_drawing(story, doc):
    """(SVG or None, why there is none)."""
    try:
        plan = plan_document(story.workflow)
        mark_route(plan, story, doc)
        return draw(plan, "svg"), ""
    except Problem as problem:
        return None, problem.message


def mark_route(plan, story, doc):
    """Puts `came`, `said` and `taken` into a plan."""
    tasks = {task["task"]: task for task in doc["tasks"]}
    arrivals = _arrivals(story)
    steps = {(one[0], other[0], one[1]) for one, other in zip(arrivals, arrivals[1:], strict=False)}
    last = arrivals[-1] if arrivals and doc["state"] == "finished" else None
    for entry in plan["tasks"]:
        task = tasks[entry["task"]]
        entry["came"] = LOOKS.get(task["outcome"], task["outcome"])
        if entry["came"]:
            entry["said"] = _said(task)
        for way in entry["ways"]:
            way["taken"] = False
        _take(entry, steps, last)


def _arrivals(story):
    """[(task, how the flow left it)] of all that it came to outside of blocks."""
    made = []
    for moment in story.moments:
        if moment.block is not None or moment.host is not None:
            continue
        again = moment.facts.get("attempt", 1) > 1 or moment.facts.get("iteration", 1) > 1
        if moment.what == "skip" and made and made[-1][0] == moment.task:  # cut short, and skipped by the operator
            made[-1] = (moment.task, SKIPPED)
        elif moment.what in ("start", "skip") and not again:
            made.append((moment.task, SKIPPED if moment.what == "skip" else GOOD))
        elif moment.what == "route" and "(on_failure)" in moment.text and made:
            made[-1] = (made[-1][0], BAD)
    return made


def _take(entry, steps, last):
    """Mark the ways of a task that were taken: of several to one place, the one that fits how the flow left it."""
    for source, to, how in steps:
        if source == entry["task"]:
            _fitting([way for way in entry["ways"] if way["to"] == to], how)
    if last and last[0] == entry["task"]:
        ends = [way for way in entry["ways"] if way["to"] == "end"]
        _fitting(ends, last[1])


def _fitting(ways, how):
    kinds = [SKIPPED if way["when"].startswith("not ") else BAD if way["when"] == "else" else GOOD for way in ways]
    fitting = [way for way, kind in zip(ways, kinds, strict=True) if kind == how] or ways
    for way in fitting[:1]:
        way["taken"] = True


def _said(task):
    tries = task.get("attempts", 0)
    many = f", {task['hosts']} hosts" if task.get("hosts", 0) > 1 else f", {tries} tries" if tries > 1 else ""
    took = f", {duration_text(task['seconds'])}" if task["outcome"] != "skipped" else ""
    return f"{task['outcome'].replace('_', ' ')}{took}{many}"
