#!/usr/bin/env python3
"""Explain why a task of a run did, or did not, what it did: its conditions with the values seen, and the path to it."""

import re
import sys
import time

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import format, reader, run_folder
from tasker.journal.flow_replay import Disagreement
from tasker.journal.trace import Trace
from tasker.language.quoting import quote
from tasker.language.task_title import task_title
from tasker.protocol import arguments as asked
from tasker.protocol import document as documents
from tasker.protocol import stage_io
from tasker.system.standard_output import print_text
from tasker.text.excerpt import excerpt
from tasker.text.printable import printable

ABOUT = {"accepts": "arguments", "returns": "explanation", "name": "explain", "parallel": False}
USAGE = """
examples:
  tasker explain 20260115_1430          the path of the run, and why it went there
  tasker explain 20260115_1430 7        why task 7 ran or did not, how often, and what came of it
  tasker explain last 7@web1            the same on one host, of the newest run

usage: tasker explain [-l DIR] [--json] RUN [TASK[@HOST]]
  RUN: its id, the beginning of it, its folder, or last; tasker runs lists them
"""
_WHICH = re.compile(r"([0-9]{1,6})(?:@(.+))?")
TOLD = (
    "start",
    "skip",
    "end",
    "verdict",
    "unknown",
    "route",
    "loop",
    "retry",
    "sleep",
    "brake",
    "block_timeout",
    "split",
)


def explained(story, task=None, host=None):
    """The lines that people read. Raises LookupError for a task that the file does not have."""
    if task is None:
        return [*_head(story), "", *_path(story), "", *_end(story)]
    if task not in story.tasks:
        raise LookupError(f"there is no task {task} in '{story.workflow['file']}'")
    return [*_task(story, task), *_way(story, task), *_told(story, task, host)]


def _head(story):
    start = story.history.start
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(story.history.records[0]["at"]))
    return [f"run {story.history.run}: {start['file']}, started {when} by user {start['user']} on {start['host']}"]


def _path(story):
    """One line for each arrival at a task, and below it why the flow went on where it did."""
    made = []
    for moment in story.moments:
        outside = moment.what in ("signal", "resume", "broken")
        inside = moment.block is not None or moment.host is not None
        if outside or (not inside and moment.what in ("start", "skip", "end", "route")):
            made.append(_line(moment, moment.text))
    return made


def _end(story):
    found = [moment.text for moment in story.moments if moment.what == "exit"]
    if found:
        return [found[-1]]
    return ["it has not come to an end: tasker --resume goes on with it"]


def _task(story, number):
    task = story.tasks[number]
    made = [
        f"task {number}: {task_title(task) or task.get('type', '')} ({story.workflow['file']}, line {task['line']})"
    ]
    for field in ("condition", "success", "failure", "next", "loop_break", "on_success", "on_failure"):
        if field in task:
            line = task.get("at", {}).get(field, [task["line"]])[0]
            made.append(f"  line {line}: {field}={task[field]}")
    return made


def _way(story, number):
    """How the flow came here, or that it did not."""
    first = next((place for place, one in enumerate(story.moments) if number in (one.task, one.block)), None)
    path = story.path(first) + ([] if first is None else [number])
    shown = " → ".join(map(str, path if len(path) <= 30 else [*path[:10], "…", *path[-10:]])) or "nowhere"
    if first is not None:
        return [f"  the flow came to it by {shown}"]
    why = [_line(moment, moment.text) for moment in story.moments if moment.what in ("route", "skip", "exit")]
    return [f"  the flow never came to it: it went {shown}", *why[-10:]]


def _told(story, number, host):
    """All that happened to it, in order: notes of flow, and what its commands were and said."""
    made = []
    attempts = {id(one["result"]): one for one in story.attempts if one["result"]}
    results = {id(record["doc"]): attempts[key] for key, record in _results(story, attempts)}
    for moment in story.of(number, host):
        if moment.what == "result":
            made += _result(moment, results.get(id(moment.facts)))
        elif moment.what in TOLD:
            line = _at(story, moment)
            made.append(_line(moment, f"{moment.text}{line}"))
    for attempt in story.attempts:
        request = attempt["intent"]["doc"]["request"]
        if attempt["result"] is None and request["task"] == number and host in (None, request.get("host")):
            made.append("  nobody knows what became of its last command: it was started, and no result is recorded")
    return made


def _results(story, attempts):
    return [(id(one["result"]), one["result"]) for one in story.attempts if id(one["result"]) in attempts]


def _at(story, moment):
    """The line of the file that holds the condition of a verdict."""
    field = moment.facts.get("field")
    place = story.tasks.get(moment.task, {}).get("at", {}).get(field)
    return f" (line {place[0]})" if place else ""


def _result(moment, attempt):
    request, result = attempt["intent"]["doc"]["request"], moment.facts
    words = " ".join(map(quote, result.get("argv") or request.get("words") or ())) or request.get("script", "")
    where = f" on {request['hostname']}" if "hostname" in request else ""
    reason = f", {result['reason']}" if result.get("reason") else ""
    made = [
        _line(moment, f"command{where}: {words}"),
        _line(
            moment,
            f"{result['outcome']}, exit code {result.get('exit_code')}, {result.get('seconds', 0):.3f} s{reason}",
        ),
    ]
    return made + [
        _line(moment, f"  {stream}: {line}") for stream in ("stdout", "stderr") for line in excerpt(result, stream)
    ]


def _line(moment, text):
    clock = time.strftime("%H:%M:%S", time.localtime(moment.at))
    return f"  {clock}.{int(moment.at * 1000) % 1000:03d} {text}"


def document(story, task=None, host=None):
    """The same for programs: moments as they were, attempts with their requests and results."""
    moments = story.moments if task is None else story.of(task, host)
    shown = [
        {"at": one.at, "what": one.what, "text": one.text}
        | {k: getattr(one, k) for k in ("task", "block", "host") if getattr(one, k) is not None}
        | {
            key: one.facts[key]
            for key in ("field", "truth", "because", "outcome", "exit_code", "success", "to")
            if key in one.facts
        }
        for one in moments
        if one.what in TOLD or one.what in ("result", "signal", "resume", "broken", "exit")
    ]
    return documents.document("explanation", run=story.history.run, file=story.history.start["file"], moments=shown)


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        options, (word, *which), base = asked.read_arguments(arguments, ("json",), words=(1, 2))
        base = base_folder(base)
        task, host = _which(which[0]) if which else (None, None)
        story = Trace(reader.read_journal(run_folder.run_folder_of(base, word)))
        if "json" in options:
            return stage_io.Output().say(document(story, task, host))
        lines = explained(story, task, host)
    except LookupError as error:
        return stage_io.print_usage(f"explain: {error.args[0]}")
    except (ValueError, format.Unreadable, Disagreement, documents.Problem) as error:
        return stage_io.print_usage(f"explain: {error}" + (f"\n{USAGE}" if isinstance(error, ValueError) else ""))
    print_text("\n".join(map(printable, lines)))
    return 0


def _which(text):
    """(task, host or None). Raises ValueError."""
    found = _WHICH.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is neither a task nor TASK@HOST")
    return int(found[1]), found[2]


if __name__ == "__main__":
    raise SystemExit(main())
