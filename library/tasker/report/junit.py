"""A report as CI systems read it: one suite, a case for each task on each host, and one for the run itself.

A failure that the workflow went on from to exit code 0 is a skipped case with the reason: it makes no build red, and
stays visible.
"""

import re
import time
from xml.sax.saxutils import escape, quoteattr

from tasker.report.text import end_text
from tasker.text.excerpt import excerpt

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ERRORS = ("unknown", "not_started", "running", "unfinished")
WORST = {"failed": "failure", "timeout": "failure", "signalled": "failure"}


def junit_text(doc):
    """The XML of a report document."""
    titles = {task["task"]: task["title"] for task in doc["tasks"]}
    cases = [_run(doc), *(_case(doc, titles, some) for some in _grouped(doc)), *_others(doc)]
    kinds = [kind for kind, _ in cases]
    keys = {"name": doc["file"], "tests": len(cases), "failures": kinds.count("failure")}
    keys |= {"errors": kinds.count("error"), "skipped": kinds.count("skipped"), "time": f"{doc['seconds']:.3f}"}
    keys |= {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(doc["began"])), "hostname": doc["host"]}
    known = ("run", "state", "exit_code", "reason", "user", "log", "left_out")
    properties = [f"    <property{_keys({'name': key, 'value': doc[key]})}/>" for key in known if key in doc]
    suite = [f"  <testsuite{_keys(keys)}>", "   <properties>", *properties, "   </properties>"]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suite, *(case for _, case in cases)]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def clean_xml(text):
    """The text with what XML 1.0 forbids as \\x1b."""
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", str(text))


def _keys(keys):
    return "".join(f" {key}={quoteattr(clean_xml(value))}" for key, value in keys.items())


def _grouped(doc):
    """The attempts of each task on each host in each turn of a loop."""
    made: dict = {}
    for one in doc["attempts"]:
        made.setdefault((one["task"], one.get("host"), one.get("iteration", 1)), []).append(one)
    # a task that the flow came to twice has its turns numbered twice: each first attempt begins a case
    for some in made.values():
        starts = [place for place, one in enumerate(some) if one.get("attempt", 1) == 1] or [0]
        yield from (some[start:end] for start, end in zip(starts, [*starts[1:], len(some)], strict=True))


def _run(doc):
    kind = "" if doc.get("exit_code") == 0 and doc["state"] == "finished" else "error"
    kind = "failure" if kind and "exit_code" in doc else kind
    inner = f"\n    <{kind}{_keys({'type': doc['state'], 'message': end_text(doc)})}/>\n   " if kind else ""
    keys = {"classname": doc["file"], "name": "the run", "time": f"{doc['seconds']:.3f}"}
    return kind, f"   <testcase{_keys(keys)}>{inner}</testcase>"


def _case(doc, titles, some):
    """(failure, error, skipped or "", the XML) of a task on a host: its last attempt decides."""
    last = some[-1]
    name = f"{last['task']} {titles.get(last['task'], '')}" + (f" @{last['host']}" if last.get("host") else "")
    name += f" (run {last['iteration']})" if last.get("iteration", 1) > 1 else ""
    keys = {"classname": doc["file"], "name": name, "time": f"{sum(one.get('seconds', 0) for one in some):.3f}"}
    kind, inner = "", []
    if last["outcome"] != "ok":
        kind = "error" if last["outcome"] in ERRORS else "failure"
        message = _message(last)
        if doc.get("exit_code") == 0 and kind == "failure":
            kind, message = "skipped", f"{message}; the workflow went on from it"
        what = {} if kind == "skipped" else {"type": last["outcome"]}
        inner.append(f"    <{kind}{_keys({**what, 'message': message})}/>")
    earlier = [f"attempt {one.get('attempt', 1)}: {_message(one)}" for one in some[:-1]]
    for stream, tag in (("stdout", "system-out"), ("stderr", "system-err")):
        lines = (earlier if stream == "stdout" else []) + excerpt(last, stream)
        if lines:
            inner.append(f"    <{tag}>{escape(clean_xml(chr(10).join(lines)))}</{tag}>")
    return kind, "\n".join([f"   <testcase{_keys(keys)}>", *inner, "   </testcase>"])


def _message(one):
    code = f", exit code {one['exit_code']}" if "exit_code" in one else ""
    why = one.get("because") or one.get("reason")
    return f"{one['outcome']}{code}{f': {why}' if why else ''}"


def _others(doc):
    """Tasks without an attempt: skipped, or never reached. Blocks are no cases of their own."""
    for task in doc["tasks"]:
        if task["outcome"] in ("skipped", "not_reached") and "attempts" not in task:
            why = "the flow did not come to it" if task["outcome"] == "not_reached" else _skipped(task)
            keys = {"classname": doc["file"], "name": f"{task['task']} {task['title']}", "time": "0.000"}
            inner = f"\n    <skipped{_keys({'message': why})}/>\n   "
            yield "skipped", f"   <testcase{_keys(keys)}>{inner}</testcase>"


def _skipped(task):
    return next((one["text"] for one in task["why"] if one["what"] == "skip"), "skipped")
