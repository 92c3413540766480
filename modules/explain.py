#!/usr/bin/env python3
"""Explain why a task of a run did, or did not, what it did: its conditions with the values seen, and the path to it."""

from __future__ import annotations

import re
import sys
import time

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import format, reader, run_folder
from tasker.journal.flow_replay import Disagreement
from tasker.journal.trace import Trace
from tasker.language.fields import BOOT, DECIDERS
from tasker.language.parameters import parameter_lines, parameter_values
from tasker.language.quoting import quote, shown_words
from tasker.language.runner_options import user_of_request
from tasker.language.task_title import task_title
from tasker.protocol import arguments as stage_arguments
from tasker.protocol import document as documents
from tasker.protocol import exit_codes, stage_io
from tasker.system.login_names import user_text
from tasker.system.standard_output import print_text
from tasker.text.excerpt import excerpt
from tasker.text.host_ranges import fold_hosts, number_ranges
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.journal.trace import TracedAttempt, TraceEvent
    from tasker.protocol.types import Document, Explanation, ExplanationMoment

ABOUT = {"accepts": "arguments", "returns": "explanation", "name": "explain", "parallel": False}
USAGE = """
examples:
  tasker explain 20260115_1430          the path of the run, and why it went there
  tasker explain 20260115_1430 7        why task 7 ran or did not, how often, and how it ended
  tasker explain last 7@web1            the same on one host, of the newest run
  tasker explain last 10-12@web1        the same of task 12 in chain 10, as the log calls it
  tasker explain                        the path of the newest run

usage: tasker explain [-l DIR] [--output text|json] [RUN [[BLOCK-]TASK[@HOST]]]
  RUN: its id, the beginning of it, its folder, or last; tasker runs lists them
"""
_WHICH = re.compile(r"(?:[0-9]{1,6}-)?([0-9]{1,6})(?:@(.+))?")
FROM_OUTSIDE = ("signal", "resume", "pace", "broken")
# the notes of flow that explain a task
NOTES = (
    *("start", "skip", "end", "verdict", "unknown", "route", "loop", "fork"),
    *("retry", "sleep", "brake", "block_timeout", "split", "probe", "probed", "rerun", "reboot"),
    *("wave", "host_end"),
    *("ask", "question", "answer", "parked", "window"),
)
FACTS = (
    "field",
    "truth",
    "because",
    "outcome",
    "exit_code",
    "success",
    "to",
    "decided",
    "already",
    "probe",
)  # of an event, in the document
EACH_HOST = 10  # hosts of a fan-out up to which each is shown with its command and output
FIELDS = ("condition", "success", "failure", "next", "loop_break", "on_success", "on_failure")


def explanation_lines(trace: Trace, task: int | None = None, host: str | None = None) -> list[str]:
    """The lines for people. Raises LookupError for a task that the file does not have."""
    if task is None:
        return [*_head(trace), "", *_path(trace), "", *_end(trace)]
    if task not in trace.tasks:
        raise LookupError(f"there is no task {task} in '{trace.workflow['file']}'")
    return [*_task(trace, task), *_way(trace, task), *_what_happened(trace, task, host), *_waits(trace, task, host)]


def _head(trace: Trace) -> list[str]:
    start = trace.history.start
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(trace.history.records[0]["at"]))
    who = f"{user_text(start.get('user'), start.get('host'))} on {start.get('host')}"
    head = f"run {trace.history.run}: {start['file']}, started {when} by {who}"
    return [head, *_again(trace), *_options(trace), *parameter_lines(parameter_values(trace.workflow))]


def _options(trace: Trace) -> list[str]:
    """What the head of the task file has set."""
    if not (lines := trace.workflow.get("head_options")):
        return []
    from tasker.language.parse.head_options import shown_options  # here: few runs have any

    return [shown_options(lines, trace.history.start["settings"].get("head_overruled", ()))]


def _again(trace: Trace) -> list[str]:
    """What the run has from the one that it continues."""
    again = trace.workflow.get("settings", {}).get("again")
    if again is None:
        return []
    tasks = number_ranges(again.get("tasks", []))
    inherited = f"; inherited, and not executed here: {f'tasks {tasks}' if tasks else 'nothing before it'}"
    return [f"it continues run {again['run']} from task {again['task']}{inherited}"]


def _path(trace: Trace) -> list[str]:
    """A line for each arrival at a task, and after it why the flow went on where it did."""
    made = []
    for event in trace.events:
        inside = event.block is not None or event.host is not None
        if event.what in FROM_OUTSIDE or (
            not inside and event.what in ("start", "skip", "end", "route", "wave", "fork")
        ):
            made.append(_line(event, event.text))
    return made


def _end(trace: Trace) -> list[str]:
    found = [event.text for event in trace.events if event.what == "exit"]
    return [found[-1]] if found else ["it has not come to an end: tasker --resume continues it"]


def _task(trace: Trace, number: int) -> list[str]:
    task = trace.tasks[number]
    title = task_title(task) or task.get("type", "")
    made = [f"task {number}: {title} ({trace.workflow['file']}, line {task['line']})"]
    fields: dict[str, object] = {**task}
    for field in FIELDS:
        if field in fields:
            line = task.get("at", {}).get(field, [task["line"]])[0]
            made.append(f"  line {line}: {field}={fields[field]}")
    return made


def _way(trace: Trace, number: int) -> list[str]:
    """How the flow came to a task, or that it did not."""
    events = trace.events
    first = next((place for place, event in enumerate(events) if number in (event.task, event.block)), None)
    path = trace.path(first) + ([] if first is None else [number])
    shown = " → ".join(map(str, path if len(path) <= 30 else [*path[:10], "…", *path[-10:]])) or "nowhere"
    if first is not None:
        return [f"  the flow came to it by {shown}"]
    why = [_line(event, event.text) for event in events if event.what in ("route", "skip", "exit")]
    return [f"  the flow never came to it: it went {shown}", *why[-10:]]


def _what_happened(trace: Trace, number: int, host: str | None) -> list[str]:
    """Everything that happened to a task, in order: the notes of flow, its commands and their outputs."""
    made = []
    if trace.tasks[number].get("type") == "chain" and host is None:
        return _chain(trace, number)
    if host is None and (chain := _chain_of(trace, number)) is not None:
        return _member(trace, chain, number)
    if host is None and len({event.host for event in trace.events_of(number) if event.host is not None}) > EACH_HOST:
        return _fan_out(trace, number)
    for event in trace.events_of(number, host):
        if event.what == "result" and event.attempt is not None:
            if event.attempt.request.get("probe") == BOOT:  # flow says what came of them
                continue
            made += _result(trace, event, event.attempt)
        elif event.what in NOTES:
            line = trace.line_of(event)
            made.append(_line(event, event.text if line is None else f"{event.text} (line {line})"))
    for attempt in trace.attempts:
        if attempt.is_probe or attempt.decided:
            continue
        if attempt.result is None and attempt.request["task"] == number and host in (None, attempt.request.get("host")):
            made.append(f"  {_command(attempt.request)}")
            made.append("  the outcome of its last command is unknown: it was started, and no result is recorded")
    return made


def _waits(trace: Trace, number: int, host: str | None) -> list[str]:
    """Which of its hosts wait for a slot of their runner."""
    found: dict[str, list[str]] = {}
    for request, words in trace.waiting:
        if number in (request["task"], request.get("block")) and host in (None, request.get("host")):
            found.setdefault(words, []).append(request.get("host", ""))
    made = []
    for words, hosts in found.items():
        named = list(dict.fromkeys(filter(None, hosts)))
        made.append(f"  {fold_hosts(named) or 'it'} {'waits' if len(named) < 2 else 'wait'} {words}")
    return made


def _chain(trace: Trace, number: int) -> list[str]:
    """What happened to a chain as a whole, and how it ended on its hosts, those that ended alike together."""
    made: list[str] = []
    ends: dict[str, str] = {}
    at: dict[str, int] = {}  # the member that began last on each host
    for event in trace.events_of(number, None):
        if event.host is None and event.task == number and event.what in NOTES:
            if event.what == "start":  # it runs once more
                ends, at = {}, {}
            line = trace.line_of(event)
            made.append(_line(event, event.text if line is None else f"{event.text} (line {line})"))
        elif event.host is not None and event.task == number and "outcome" in event.facts:
            because, word = event.facts.get("because", ""), event.facts["outcome"].replace("_", " ")
            why = f" {because}" if because.startswith("at task ") else f": {because}" if because else ""
            ends[event.host] = f"{word}{why}"
        elif event.host is not None and event.what == "start" and event.task is not None:
            at[event.host] = event.task
    for host, member in at.items():
        ends.setdefault(host, f"not at its end: task {member} was the last to begin")
    made += [f"  {fold_hosts(hosts)}: {text}" for text, hosts in _alike(ends)]
    bad = next((host for host, text in ends.items() if text != "ok" and host in at), None) or next(iter(at), None)
    if bad is not None:
        made.append(f"  {number}@{bad} in place of {number} explains one host, with its commands")
    return made


def _chain_of(trace: Trace, number: int) -> int | None:
    """The chain that a task is a member of, itself or in a block."""
    blocks = {event.task: event.block for event in trace.events_of(number) if event.host is not None}
    block = blocks.get(number)
    while block is not None and trace.tasks[block].get("type") != "chain":
        block = next((event.block for event in trace.events_of(block) if event.task == block), None)
    return block


def _member(trace: Trace, chain: int, number: int) -> list[str]:
    """How a member of a chain last ended on its hosts, those where it ended alike together."""
    ends: dict[str, str] = {}
    for event in trace.events_of(number):
        if event.host is None or event.task != number:
            continue
        prefix = f"Task {event.block}-{number} on {event.host} "
        if event.what == "start":
            ends[event.host] = "not at its end"
        elif event.what in ("end", "skip"):
            ends[event.host] = event.text.removeprefix(prefix)
        elif event.what == "verdict" and event.facts.get("field") == "next" and event.facts.get("truth") is False:
            ends[event.host] += f"; {event.text.removeprefix(prefix[:-1] + ': ')}"
    made = [f"  {fold_hosts(hosts)}: {text}" for text, hosts in _alike(ends)]
    first = next((host for host, text in ends.items() if text.partition(" (")[0] != "completed successfully"), None)
    shown = f"{chain}-{number}@{first or next(iter(ends))}"
    return [*made, f"  {shown} in place of {number} explains one host, with its commands"]


def _fan_out(trace: Trace, number: int) -> list[str]:
    """What happened to a task on many hosts as a whole, and how it last ended on each, alike ends together."""
    made: list[str] = []
    ends: dict[str, str] = {}
    for event in trace.events_of(number):
        if event.what not in NOTES:
            continue
        if event.host is None:
            line = trace.line_of(event)
            made.append(_line(event, event.text if line is None else f"{event.text} (line {line})"))
        elif event.what == "start":
            ends[event.host] = "it was started, and no result is recorded"
        elif event.what in ("end", "skip", "unknown"):
            ends[event.host] = event.text.removeprefix(f"Task {number}@{event.host} ")
    made += [f"  {fold_hosts(hosts)}: {text}" for text, hosts in _alike(ends)]
    good = "completed successfully"
    first = next((host for host, text in ends.items() if not text.startswith(good)), next(iter(ends), None))
    if first is not None:
        made.append(f"  {number}@{first} in place of {number} explains one host, with its command and output")
    return made


def _alike(ends: dict[str, str]) -> list[tuple[str, list[str]]]:
    """(how it ended, hosts), what went well last."""
    groups: dict[str, list[str]] = {}
    for host, text in ends.items():
        groups.setdefault(text, []).append(host)
    good = ("ok", "completed successfully (exit_code=0)")
    return sorted(groups.items(), key=lambda one: (one[0] in good, len(one[1])))


def _result(trace: Trace, event: TraceEvent, attempt: TracedAttempt) -> list[str]:
    request, result = attempt.request, event.facts
    reason = f", {result['reason']}" if result.get("reason") else ""
    who = DECIDERS.get(result.get("decided", ""), "")
    who = f", decided by {who}" if who else ""
    ended = f"{result['outcome']}, exit code {result.get('exit_code')}, {result.get('seconds', 0):.3f} s{who}{reason}"
    changed = trace.changed_streams(result)
    shown = {key: value for key, value in result.items() if key not in {f"{stream}_file" for stream, _, _ in changed}}
    lines = [_command(request, result.get("argv")), ended]
    if attempt.inherited:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(attempt.happened))
        lines.insert(0, f"inherited from run {attempt.inherited}, in which it ended {when}")
    lines += [f"  {stream}: {line}" for stream in format.STREAMS for line in excerpt(shown, stream)]
    lines += [f"  {stream}: its file '{path}' {why}" for stream, path, why in changed]
    return [_line(event, line) for line in lines]


def _command(request: Document, argv: Sequence[str] | None = None) -> str:
    """What was started, and where. argv: of the result, which has the client program too."""
    words = " ".join(map(quote, argv or shown_words(request))) or request.get("script", "")
    user = user_of_request(request)
    where = f" as {user}" if user else ""
    where += f" on {request['hostname']}" if "hostname" in request else ""
    return f"{'probe' if 'probe' in request else 'command'}{where}: {words}"


def _line(event: TraceEvent, text: str) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    return f"  {clock}.{int(event.at * 1000) % 1000:03d} {text}"


def explanation_document(trace: Trace, task: int | None = None, host: str | None = None) -> Explanation:
    """The same for programs: the events, each with its facts."""
    events = trace.events if task is None else trace.events_of(task, host)
    shown = (*NOTES, "result", "exit", *FROM_OUTSIDE)
    moments = [_moment(trace, event) for event in events if event.what in shown]
    values = parameter_values(trace.workflow)
    more: Document = {"parameters": values} if values else {}
    if lines := trace.workflow.get("head_options"):
        more["head_options"] = lines
        if overruled := trace.history.start["settings"].get("head_overruled"):
            more["head_overruled"] = overruled
    made: Explanation
    made = documents.document(  # type: ignore[assignment]  # a test holds it to its schema
        "explanation", run=trace.history.run, file=trace.history.start["file"], moments=moments, **more
    )
    return made


def _moment(trace: Trace, event: TraceEvent) -> ExplanationMoment:
    made: Document = {"at": event.at, "what": event.what, "text": event.text}
    made |= {key: getattr(event, key) for key in ("task", "block", "host") if getattr(event, key) is not None}
    made |= {key: event.facts[key] for key in FACTS if key in event.facts}
    if event.what == "result" and (changed := trace.changed_streams(event.facts)):
        made["changed"] = [stream for stream, _, _ in changed]
    if event.attempt is not None and event.attempt.inherited:
        made["inherited"] = event.attempt.inherited
    found: ExplanationMoment = made  # type: ignore[assignment]  # a test holds it to its schema
    return found


def main(arguments: list[str] | None = None) -> int:
    """The exit status of `tasker explain`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        read = stage_arguments.read_run_options(arguments, forms=("text", "json"), words=(0, 2))
        base = base_folder(read.options.get("log-dir"))
        word, *which = read.words or [_newest(base)]
        task, host = _which(which[0]) if which else (None, None)
        trace = Trace(reader.read_journal(run_folder.run_folder_of(base, word)))
        if read.form == "json":
            return stage_io.Output().say(explanation_document(trace, task, host))
        lines = explanation_lines(trace, task, host)
    except LookupError as error:
        return stage_io.print_usage(f"explain: {error.args[0]}")
    except ValueError as error:
        return stage_io.print_usage(f"explain: {error}\n{USAGE}")
    except (format.Unreadable, Disagreement, documents.Problem) as error:
        return stage_io.print_usage(f"explain: {printable(str(error))}")
    print_text("\n".join(map(printable, lines)))
    return exit_codes.GOOD


def _newest(base: str) -> str:
    """What stands for the newest run. Raises ValueError where a person can mean another one."""
    runs = run_folder.list_run_ids(base)
    running = [run for run in runs if run_folder.is_running(run_folder.run_folder_of(base, run))]
    if not runs:
        raise ValueError(f"no run is named, and there is none in '{base}'")
    if len(running) > 1 or (running and running[0] != runs[-1]):
        raise ValueError(f"no run is named, and {len(running)} are in progress: {', '.join(running[-5:])}")
    return runs[-1]


def _which(text: str) -> tuple[int, str | None]:
    """(task, host or None). Raises ValueError."""
    found = _WHICH.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is neither a task nor TASK@HOST")
    return int(found[1]), found[2]


if __name__ == "__main__":
    raise SystemExit(main())
