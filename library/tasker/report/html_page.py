"""What the HTML page of a report is filled with. The page is page.html, page.css and page.js beside this file."""

import base64
import hashlib

from tasker.plan import svg
from tasker.report.document import whole_stream
from tasker.report.route_drawing import route_drawing
from tasker.report.text import clock_text, count_text, duration_text, end_text, person_text
from tasker.report.timeline import Axis, timeline_rows
from tasker.system import resources
from tasker.text.excerpt import excerpt
from tasker.text.host_ranges import fold_hosts
from tasker.text.printable import printable, shorten

SHOWN, OF_TASK = 600, 60  # attempts that are shown with their output: of all tasks, of one
LINES, ROOM = 80, 3 * 1024 * 1024  # lines of a stream, characters of all output
WORDS = 4000  # characters of a command line
MAY_MISS = ("project", "secrets", "torn", "sha256", "version", "left_out")  # keys of a report document


class TemplateValues(str):
    """HTML of our own making, which jinja2 does not escape."""

    def __html__(self):
        return self


def template_values(story, doc):
    """The names that page.html uses."""
    style, script = html_file("page.css"), html_file("page.js")
    picture, why = route_drawing(story, doc)
    axis = Axis(doc["sessions"])
    lines, left = timeline_rows(story, doc, axis)
    for row in lines:
        row["label"] = shorten(printable(row["label"]), 80)
    made = {
        "doc": {**dict.fromkeys(MAY_MISS), **doc},
        "csp": _policy([style, svg.STYLE], script),
        "style": TemplateValues(style),
        "script": TemplateValues(script),
    }
    made |= {"picture": TemplateValues(picture) if picture else None, "no_picture": why}
    made |= {"rows": lines, "rows_left_out": left, "breaks": list(axis.breaks()), "ticks": axis.ticks()}
    made |= {"tasks": list(_tasks(doc)), "ending": printable(end_text(doc)), "people": person_text(doc)}
    made |= {"tallied": count_text(doc["counts"]), "events": _events(story), "look": _look(doc)}
    made |= {"printable": lambda text: printable(str(text)), "duration": duration_text, "clock": clock_text}
    return made | {"unknown": _unknown(doc), "limits": {"lines": LINES, "shown": SHOWN, "of_task": OF_TASK}}


def html_file(name):
    """The text of one of the files beside this: page.html, page.css or page.js."""
    return resources.read_data("report", name).decode()


def _policy(styles, script):
    """A Content-Security-Policy that lets nothing in but these."""

    def source(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    looks = " ".join(map(source, styles))
    return f"default-src 'none'; style-src {looks}; script-src {source(script)}; base-uri 'none'; form-action 'none'"


def _look(doc):
    if doc["state"] != "finished":
        return "unknown"
    return "ok" if doc["exit_code"] == 0 else "failed"


def _unknown(doc):
    """Names of what nobody knows the outcome of."""
    return [
        f"task {one['task']}" + (f" on {printable(one['hostname'])}" if "hostname" in one else "")
        for one in doc["attempts"]
        if one["outcome"] == "unknown"
    ][:OF_TASK]


def _events(story):
    """What happened from outside."""
    return [
        {"at": clock_text(moment.at), "text": printable(moment.text)}
        for moment in story.moments
        if moment.what in ("signal", "resume", "broken") and moment.text
    ][:OF_TASK]


def _tasks(doc):
    """Each task with those of its attempts that are shown: what did not go well first."""
    by_task: dict = {}
    for one in doc["attempts"]:
        by_task.setdefault(one["task"], []).append(one)
    left, room = SHOWN, ROOM
    for task in doc["tasks"]:
        own = by_task.get(task["task"], [])
        first = sorted(own, key=lambda one: one["outcome"] == "ok")[: min(OF_TASK, left)]
        left -= len(first)
        shown = []
        for one in sorted(first, key=lambda one: one["began"]):
            made, room = _attempt(doc, one, room)
            shown.append(made)
        known = {id(one) for one in first}
        hidden = [one for one in own if id(one) not in known]
        fields = [(name, printable(text)) for name, text in task["fields"].items()]
        why = [
            {**one, "text": printable(one["text"]), "clock": clock_text(one["at"], "%H:%M:%S")} for one in task["why"]
        ]
        made = {**task, "title": printable(task["title"]), "look": _task_look(task), "fields": fields, "why": why}
        yield {**made, "shown": shown, "hidden": _hidden(hidden)}


def _task_look(task):
    looks = {"timeout": "failed", "signalled": "failed", "not_started": "failed", "running": "unknown"}
    return looks.get(task["outcome"], "unknown" if task["outcome"] == "unfinished" else task["outcome"])


def _hidden(some):
    """What is not shown, in words."""
    if not some:
        return ""
    counts: dict = {}
    for one in some:
        counts[one["outcome"]] = counts.get(one["outcome"], 0) + 1
    hosts = fold_hosts({one["host"] for one in some if "host" in one})
    return f"{count_text(counts)}" + (f": {shorten(printable(hosts), 2000)}" if hosts else "")


def _attempt(doc, one, room):
    """(values of an attempt, how much room is left)."""
    made = {**one, "words": shorten(printable(one.get("words", "")), WORDS), "streams": []}
    made["because"] = printable(one.get("because") or one.get("reason", ""))
    made["hostname"] = printable(one.get("hostname", ""))
    made["look"] = _task_look(one)
    for stream in ("stdout", "stderr"):
        lines = excerpt(one, stream, most=LINES)
        size = sum(map(len, lines))
        told = ""
        if size > room:
            lines, size = [], 0
            told = "left out here, since the page has reached its size: tasker report --json has it"
        if one.get(f"{stream}_left_out"):
            told = f"{one[f'{stream}_left_out']} more characters are left out: the journal has them"
        room -= size
        where = whole_stream(doc, one, stream)
        told = f"the whole is in {printable(where)}" if where else told
        if lines or told:
            text = "\n".join(map(printable, lines))
            made["streams"].append({"name": stream, "text": text, "told": told, "bytes": one.get(f"{stream}_bytes")})
    return made, room
