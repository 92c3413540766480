"""A report as CI systems read it: one suite, a case for each task on each host, and one for the run itself.

A failure that the workflow went on from to exit code 0 is a skipped case with the reason: it makes no build red, and
stays visible.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from tasker.report.attempts import changed_files, with_unchanged_files
from tasker.report.lanes import chains_of_report
from tasker.report.text import clock_text, end_text, last_line
from tasker.text.excerpt import excerpt
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tasker.protocol.types import Report, ReportAttempt, ReportTask

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LAYOUT = re.compile("([\n\t])")
PROPERTIES = ("run", "state", "exit_code", "reason", "user", "log", "left_out")  # keys of a report document
ERRORS = ("unknown", "not_started", "running", "unfinished")


def junit_text(doc: Report) -> str:
    """The XML of a report document."""
    titles = {task["task"]: task["title"] for task in doc["tasks"]}
    cases = [_run(doc), *(_case(doc, titles, attempts) for attempts in _grouped(doc)), *_lanes(doc), *_others(doc)]
    kinds = [kind for kind, _ in cases]
    keys: dict[str, object] = {"name": doc["file"], "tests": len(cases), "failures": kinds.count("failure")}
    keys |= {"errors": kinds.count("error"), "skipped": kinds.count("skipped"), "time": f"{doc['seconds']:.3f}"}
    keys |= {"timestamp": clock_text(doc["began"], "%Y-%m-%dT%H:%M:%S"), "hostname": doc.get("host", "")}
    properties = [
        f"    <property{_keys({'name': key, 'value': value})}/>" for key, value in doc.items() if key in PROPERTIES
    ]
    suite = [f"  <testsuite{_keys(keys)}>", "   <properties>", *properties, "   </properties>"]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suite, *(case for _, case in cases)]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def clean_xml(text: object) -> str:
    """A text in which the characters that XML 1.0 forbids are written as \\x1b, and those that turn text around or
    move a cursor, as people are shown them; newlines and tabs stay."""
    allowed = _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", str(text))
    return "".join(one if one in "\n\t" else printable(one) for one in _LAYOUT.split(allowed))


def _keys(keys: Mapping[str, object]) -> str:
    return "".join(f" {key}={quoteattr(clean_xml(value))}" for key, value in keys.items())


def _grouped(doc: Report) -> Iterator[list[ReportAttempt]]:
    """The attempts of each task on each host in each iteration of a loop."""
    made: dict[tuple[int, str | None, int], list[ReportAttempt]] = {}
    inside = chains_of_report(doc)
    for one in doc["attempts"]:
        if one["task"] in inside and one.get("host"):
            continue
        made.setdefault((one["task"], one.get("host"), one.get("iteration", 1)), []).append(one)
    # a task that the flow came to twice has its iterations numbered twice: each first attempt begins a case
    for attempts in made.values():
        starts = [place for place, one in enumerate(attempts) if one.get("attempt", 1) == 1] or [0]
        yield from (attempts[start:end] for start, end in zip(starts, [*starts[1:], len(attempts)], strict=True))


def _lanes(doc: Report) -> Iterator[tuple[str, str]]:
    """(failure, error, skipped or "", the XML) of each host of each chain."""
    inside = chains_of_report(doc)
    seconds: dict[tuple[int, str], float] = {}
    bad: dict[tuple[int, str], list[str]] = {}
    for one in doc["attempts"]:
        if one["task"] in inside and "host" in one:
            key = inside[one["task"]], one["host"]
            seconds[key] = seconds.get(key, 0) + one.get("seconds", 0)
            if one["outcome"] != "ok" and one["task"] != inside[one["task"]]:
                text = f": {line}" if (line := last_line(one)) else ""
                bad.setdefault(key, []).append(f"task {one['task']}: {one['outcome'].replace('_', ' ')}{text}")
    for task in doc["tasks"]:
        for lane in task.get("lanes", ()):
            time = f"{seconds.get((task['task'], lane['host']), 0):.3f}"
            keys = {"classname": doc["file"], "name": f"{task['task']} {task['title']} @{lane['host']}", "time": time}
            kind, message = "", lane["outcome"] + (f" {lane['because']}" if lane.get("because") else "")
            if lane["outcome"] == "skipped":
                kind = "skipped"
            elif lane["outcome"] != "ok":
                kind = "error" if lane["outcome"] in ERRORS else "failure"
                if doc.get("exit_code") == 0 and kind == "failure":
                    kind, message = "skipped", f"{message}; the workflow went on from it"
            elif "inherited" in lane:
                kind, message = "skipped", f"inherited from run {lane['inherited']}: ok"
            inner = f"\n    <{kind}{_keys({'message': message})}/>" if kind else ""
            if lines := bad.get((task["task"], lane["host"])):
                inner += f"\n    <system-err>{escape(clean_xml(chr(10).join(lines)))}</system-err>"
            yield kind, f"   <testcase{_keys(keys)}>{inner}{inner and chr(10) + '   '}</testcase>"


def _run(doc: Report) -> tuple[str, str]:
    """(failure, error or "", the XML) of the run itself."""
    kind = "" if doc.get("exit_code") == 0 and doc["state"] == "finished" else "error"
    kind = "failure" if kind and "exit_code" in doc else kind
    inner = f"\n    <{kind}{_keys({'type': doc['state'], 'message': end_text(doc)})}/>\n   " if kind else ""
    keys = {"classname": doc["file"], "name": "the run", "time": f"{doc['seconds']:.3f}"}
    return kind, f"   <testcase{_keys(keys)}>{inner}</testcase>"


def _case(doc: Report, titles: Mapping[int, str], attempts: Sequence[ReportAttempt]) -> tuple[str, str]:
    """(failure, error, skipped or "", the XML) of a task on a host: its last attempt decides."""
    last = attempts[-1]
    name = f"{last['task']} {titles.get(last['task'], '')}" + (f" @{last['host']}" if last.get("host") else "")
    name += f" (run {last['iteration']})" if last.get("iteration", 1) > 1 else ""
    keys = {"classname": doc["file"], "name": name, "time": f"{sum(one.get('seconds', 0) for one in attempts):.3f}"}
    kind, inner = "", []
    if last["outcome"] != "ok":
        kind = "error" if last["outcome"] in ERRORS else "failure"
        message = _message(last)
        if doc.get("exit_code") == 0 and kind == "failure":
            kind, message = "skipped", f"{message}; the workflow went on from it"
        what = {} if kind == "skipped" else {"type": last["outcome"]}
        inner.append(f"    <{kind}{_keys({**what, 'message': message})}/>")
    elif "inherited" in last:
        kind = "skipped"
        inner.append(f"    <skipped{_keys({'message': 'inherited from run ' + last['inherited'] + ': ok'})}/>")
    earlier = [f"attempt {one.get('attempt', 1)}: {_message(one)}" for one in attempts[:-1]]
    changed = {stream: f"(its file output/{name} {why})" for stream, name, why in changed_files(last)}
    for stream, tag in (("stdout", "system-out"), ("stderr", "system-err")):
        lines = (earlier if stream == "stdout" else []) + excerpt(with_unchanged_files(last), stream)
        lines += [changed[stream]] if stream in changed else []
        if lines:
            inner.append(f"    <{tag}>{escape(clean_xml(chr(10).join(lines)))}</{tag}>")
    return kind, "\n".join([f"   <testcase{_keys(keys)}>", *inner, "   </testcase>"])


def _message(one: ReportAttempt) -> str:
    code = f", exit code {one['exit_code']}" if "exit_code" in one else ""
    why = one.get("because") or one.get("reason")
    return f"{one['outcome']}{code}{f': {why}' if why else ''}"


def _others(doc: Report) -> Iterator[tuple[str, str]]:
    """Tasks without an attempt: skipped, or never reached. Blocks are no cases of their own."""
    inside = chains_of_report(doc)
    for task in doc["tasks"]:
        if inside.get(task["task"], task["task"]) != task["task"]:  # a member: the hosts have the cases
            continue
        if task.get("type") == "approval" and task["outcome"] not in ("skipped", "not_reached"):
            yield _approval(doc, task)
        elif task.get("type") == "decision" and task["outcome"] not in ("skipped", "not_reached"):
            yield _decision(doc, task)
        elif task["outcome"] in ("skipped", "not_reached") and "attempts" not in task and not task.get("lanes"):
            why = "the flow did not come to it" if task["outcome"] == "not_reached" else _skipped(task)
            keys = {"classname": doc["file"], "name": f"{task['task']} {task['title']}", "time": "0.000"}
            inner = f"\n    <skipped{_keys({'message': why})}/>\n   "
            yield "skipped", f"   <testcase{_keys(keys)}>{inner}</testcase>"


def _approval(doc: Report, task: ReportTask) -> tuple[str, str]:
    """An approval: it failed where it was rejected or not answered in time, and who answered is its output."""
    keys = {"classname": doc["file"], "name": f"{task['task']} {task['title']}"}
    keys["time"] = f"{task.get('seconds', 0):.3f}"
    said = [one["text"] for one in task["why"] if one["what"] in ("answer", "ask")]
    kind, inner = "", []
    if task["outcome"] != "ok":
        kind = "error" if task["outcome"] in ERRORS else "failure"
        message = f"{task['outcome']}: {said[-1] if said else 'not approved'}"
        if doc.get("exit_code") == 0 and kind == "failure":
            kind, message = "skipped", f"{message}; the workflow went on from it"
        what = {} if kind == "skipped" else {"type": task["outcome"]}
        inner.append(f"    <{kind}{_keys({**what, 'message': message})}/>")
    if said:
        inner.append(f"    <system-out>{escape(clean_xml(chr(10).join(said)))}</system-out>")
    return kind, "\n".join([f"   <testcase{_keys(keys)}>", *inner, "   </testcase>"])


def _decision(doc: Report, task: ReportTask) -> tuple[str, str]:
    """A decision: it failed only where the run stopped at it. Any other that is false did what it is there for."""
    keys = {"classname": doc["file"], "name": f"{task['task']} {task['title']}", "time": "0.000"}
    said = [one["text"] for one in task["why"] if one["what"] in ("verdict", "unknown")][-1:]
    kind, inner = "", ""
    if task["outcome"] != "ok" and doc.get("reason", "").startswith(f"stopped at task {task['task']}:"):
        kind = "failure"
        inner += f"\n    <failure{_keys({'type': task['outcome'], 'message': doc['reason']})}/>"
    if said:
        inner += f"\n    <system-out>{escape(clean_xml(said[0]))}</system-out>"
    return kind, f"   <testcase{_keys(keys)}>{inner}{inner and chr(10) + '   '}</testcase>"


def _skipped(task: ReportTask) -> str:
    return next((one["text"] for one in task["why"] if one["what"] == "skip"), "skipped")
