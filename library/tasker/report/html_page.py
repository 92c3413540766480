"""The values that fill the HTML page of a report: page.html, page.css and page.js next to this file."""

from __future__ import annotations

import base64
import hashlib

from tasker.language.limit import limit_line
from tasker.plan import svg
from tasker.report.attempts import changed_files, with_unchanged_files
from tasker.report.document import stored_stream_path
from tasker.report.lanes import lane_groups
from tasker.report.route_drawing import route_drawing
from tasker.report.text import (
    chain_line,
    clock_text,
    count_text,
    decided_text,
    duration_text,
    end_text,
    failure_groups,
    person_text,
)
from tasker.report.timeline import Axis, timeline_rows
from tasker.system import resources
from tasker.text.excerpt import excerpt
from tasker.text.host_ranges import fold_hosts
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.protocol.types import Document, Report, ReportAttempt, ReportTask
    from tasker.report.trace_protocol import Trace

SHOWN, OF_TASK = 600, 60  # attempts that are shown with their output: of all tasks, of one
LINES, ROOM = 80, 3 * 1024 * 1024  # lines of a stream, characters of all output
WORDS = 4000  # characters of a command line
LONG = 40  # rows of a time line that is folded
# outcomes that look like another one
LOOKS = {"timeout": "failed", "signalled": "failed", "unfinished": "unknown"}
MAY_MISS = ("project", "secrets", "torn", "sha256", "version", "left_out")  # keys of a report document


class Markup(str):
    """HTML of our own making, which jinja2 does not escape."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return self


def template_values(trace: Trace, doc: Report) -> Document:
    """The names that page.html uses, with their values."""
    style, script = html_file("page.css"), html_file("page.js")
    picture, why = route_drawing(trace, doc)
    axis = Axis(doc["sessions"])
    lines, left = timeline_rows(trace, doc, axis)
    for row in lines:
        row["label"] = shorten(printable(row["label"]), 80)
    made: Document = {
        "doc": {**dict.fromkeys(MAY_MISS), **doc},
        "csp": _policy([style, svg.STYLE], script),
        "style": Markup(style),
        "script": Markup(script),
    }
    made |= {"picture": Markup(picture) if picture else None, "no_picture": why}
    made |= {"rows": lines, "rows_left_out": left, "breaks": list(axis.breaks()), "ticks": axis.ticks()}
    made |= {"tasks": list(_tasks(doc)), "ending": printable(end_text(doc)), "people": printable(person_text(doc))}
    made |= {"failures": list(_failures(doc)), "long": len(lines) + left > LONG}
    made |= {"limit": limit_line(doc["limit"]).removeprefix("Limit: ") if "limit" in doc else ""}
    made |= {"counted": count_text(doc["counts"]), "events": _events(trace), "look": _look(doc)}
    made |= {"printable": lambda text: printable(str(text)), "duration": duration_text, "clock": clock_text}
    return made | {"unknown": _unknown(doc), "limits": {"lines": LINES, "shown": SHOWN, "of_task": OF_TASK}}


def html_file(name: str) -> str:
    """The text of one of the files next to this one: page.html, page.css or page.js."""
    return resources.read_data("report", name).decode()


def _policy(styles: Sequence[str], script: str) -> str:
    """A Content-Security-Policy that allows these styles and this script, and nothing else."""

    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    looks = " ".join(map(source, styles))
    return f"default-src 'none'; style-src {looks}; script-src {source(script)}; base-uri 'none'; form-action 'none'"


def _look(doc: Report) -> str:
    if doc["state"] == "running":
        return "running"
    if doc["state"] != "finished":
        return "unknown"
    return "ok" if doc["exit_code"] == 0 else "failed"


def _unknown(doc: Report) -> list[str]:
    """Names of the attempts whose outcome is unknown."""
    return [
        f"task {one['task']}" + (f" on {printable(one['hostname'])}" if "hostname" in one else "")
        for one in doc["attempts"]
        if one["outcome"] == "unknown"
    ][:OF_TASK]


def _failures(doc: Report) -> Iterator[dict[str, object]]:
    """What did not go well: equal ones of one task together, with a link to it."""
    titles = {task["task"]: task["title"] for task in doc["tasks"]}
    for group in failure_groups(doc)[:OF_TASK]:
        title = shorten(printable(titles.get(group.task, "")), 80)
        text, look = printable(group.text), LOOKS.get(group.outcome, group.outcome)
        yield {"task": group.task, "title": title, "hosts": printable(group.hosts), "text": text, "look": look}


def _events(trace: Trace) -> list[dict[str, str]]:
    """What happened from outside."""
    return [
        {"at": clock_text(event.at), "text": printable(event.text)}
        for event in trace.events
        if event.what in ("signal", "resume", "pace", "broken", "question", "answer", "parked") and event.text
    ][:OF_TASK]


def _tasks(doc: Report) -> Iterator[Document]:
    """Each task with those of its attempts that are shown: what did not go well first."""
    by_task: dict[int, list[ReportAttempt]] = {}
    for one in doc["attempts"]:
        by_task.setdefault(one["task"], []).append(one)
    left, room = SHOWN, ROOM
    for task in doc["tasks"]:
        own = by_task.get(task["task"], [])
        first = sorted(own, key=lambda one: one["outcome"] == "ok")[: min(OF_TASK, left)]
        left -= len(first)
        shown = []
        for one in sorted(first, key=lambda one: one["began"]):
            values, room = _attempt(doc, one, room)
            shown.append(values)
        known = {id(one) for one in first}
        hidden = [one for one in own if id(one) not in known]
        fields = [(name, printable(text)) for name, text in task["fields"].items()]
        why = [
            {**one, "text": printable(one["text"]), "clock": clock_text(one["at"], "%H:%M:%S")} for one in task["why"]
        ]
        made = {**task, "title": printable(task["title"]), "look": _outcome_look(task), "fields": fields, "why": why}
        yield {**made, "shown": shown, "hidden": _hidden(hidden), **_lanes(task)}


def _lanes(task: ReportTask) -> dict[str, object]:
    """Of a chain: how it ended on its hosts, those that ended alike together."""
    if "lanes" not in task:
        return {}
    groups = [
        {
            "look": LOOKS.get(group.outcome, group.outcome),
            "text": printable(group.text),
            "count": group.count,
            "hosts": shorten(printable(group.hosts), 2000),
        }
        for group in lane_groups(task)
    ]
    return {"chain": chain_line(task), "groups": groups[:OF_TASK], "groups_left_out": max(0, len(groups) - OF_TASK)}


def _outcome_look(one: ReportTask | ReportAttempt) -> str:
    """The class of an outcome in the style sheet."""
    return LOOKS.get(one["outcome"], one["outcome"])


def _hidden(attempts: Sequence[ReportAttempt]) -> str:
    """What is not shown, in words."""
    if not attempts:
        return ""
    counts: dict[str, int] = {}
    for one in attempts:
        counts[one["outcome"]] = counts.get(one["outcome"], 0) + 1
    hosts = fold_hosts({one["host"] for one in attempts if "host" in one})
    return f"{count_text(counts)}" + (f": {shorten(printable(hosts), 2000)}" if hosts else "")


def _attempt(doc: Report, one: ReportAttempt, room: int) -> tuple[Document, int]:
    """(values of an attempt, the room for output that is left)."""
    made: Document = {**one, "words": shorten(printable(one.get("words", "")), WORDS), "streams": []}
    made["because"] = printable(one.get("because") or one.get("reason", ""))
    if who := decided_text(one):
        made["because"] += who if made["because"] else who.removeprefix(", ")
    made["hostname"] = printable(one.get("hostname", ""))
    made["become"] = printable(one.get("become", ""))
    made["look"] = _outcome_look(one)
    changed = {stream: why for stream, _, why in changed_files(one)}
    for stream in ("stdout", "stderr"):
        lines = excerpt(with_unchanged_files(one), stream, most=LINES)
        size = sum(map(len, lines))
        note = ""
        if size > room:
            lines, size = [], 0
            note = "left out here, since the page has reached its size: tasker report --json has it"
        if left_out := made.get(f"{stream}_left_out"):
            note = f"{left_out} more characters are left out: the journal has them"
        room -= size
        if path := stored_stream_path(doc, one, stream):
            note = f"the whole is in {printable(path)}"
            if stream in changed:
                note = f"not as it was recorded: {printable(path)} {printable(changed[stream])}"
        if lines or note:
            text = "\n".join(map(printable, lines))
            made["streams"].append({"name": stream, "text": text, "note": note, "bytes": made.get(f"{stream}_bytes")})
    return made, room
