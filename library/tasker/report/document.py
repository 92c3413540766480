"""The report document of a run: what was run, how it ended, every task and every attempt."""

from __future__ import annotations

import os

from tasker.language.parameters import parameter_values
from tasker.language.secrets import declared_secrets
from tasker.language.task_title import task_title
from tasker.protocol import document as documents
from tasker.report import attempts as attempt_views
from tasker.report import lanes
from tasker.system.login_names import login_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasker.protocol.types import (
        Document,
        Report,
        ReportApproval,
        ReportAttempt,
        ReportSession,
        ReportTask,
        ReportTaskLane,
        ReportTaskWhy,
        Task,
    )
    from tasker.report.attempts import AttemptView
    from tasker.report.trace_protocol import Record, RunHistory, Trace, TraceEvent

FIELDS = ("condition", "success", "failure", "next", "loop_break", "on_success", "on_failure", "return")
WHY = (
    "verdict",
    "unknown",
    "route",
    "skip",
    "loop",
    "retry",
    "sleep",
    "brake",
    "block_timeout",
    "split",
    "wave",
)  # notes
WHY_OF_PEOPLE = ("ask", "question", "answer", "parked", "window")
MOST_WHY = 60  # of a task: half of them from its beginning, half from its end


def _waits_for(parked: Document) -> str:
    return f"waits to be resumed: {parked['reason']}" if "reason" in parked else "waits for an answer"


def report_document(trace: Trace, running: bool = False) -> Report:
    """The report document. running: is the run driven now?"""
    history, start = trace.history, trace.history.start
    made: Document = {"run": history.run, "folder": history.folder, "state": run_state(history, running)}
    made |= {"file": start["file"], "user": start.get("user"), "host": start.get("host", "")}
    made["login"] = login_of(start.get("user"), start.get("host")) or None
    if (again := trace.workflow.get("settings", {}).get("again")) is not None:
        made["continues"] = {"run": again["run"], "task": again["task"]}
    made |= {"project": start.get("settings", {}).get("project"), "sha256": start.get("sha256")}
    made |= {"log": start.get("log"), "version": start.get("version"), "torn": history.torn or None}
    sessions = [_session(records) for records in history.sessions()]
    made |= {"began": sessions[0]["began"], "ended": sessions[-1]["ended"], "sessions": sessions}
    made["seconds"] = round(sum(one["ended"] - one["began"] for one in sessions), 3)
    if (end := history.exit()) is not None:
        made |= {"exit_code": end["code"], "reason": end["reason"], "status": end.get("status")}
        made["unhandled"] = end.get("failed")
    elif (
        not running
        and (parked := [one for one in trace.events if one.what == "parked"])
        and parked[-1] is trace.events[-1]
    ):
        made["reason"] = f"task {parked[-1].task} {_waits_for(parked[-1].facts)}"
    made["limit"] = trace.workflow.get("limit")
    found = attempt_views.attempts_of(trace, running)
    made["secrets"] = sorted(declared_secrets(trace.workflow)) or None
    made["head_options"] = trace.workflow.get("head_options")
    made["head_overruled"] = start.get("settings", {}).get("head_overruled")
    made["parameters"] = parameter_values(trace.workflow) or None
    made["tasks"] = _tasks(trace, found, running)
    made["counts"] = count_outcomes(found)
    made["approvals"] = _approvals(trace) or None
    made["attempts"], made["left_out"] = attempt_views.attempt_documents(trace, found)
    report: Report
    report = documents.document(  # type: ignore[assignment]  # built key by key; tests hold it to the schema
        "report", **{key: value for key, value in made.items() if value is not None}
    )
    return report


def run_state(history: RunHistory, running: bool) -> str:
    """running, unfinished, interrupted or finished."""
    if running:
        return "running"
    if history.exit() is None:
        return "unfinished"
    return "interrupted" if history.interrupted() else "finished"


def _session(records: Sequence[Record]) -> ReportSession:
    made: ReportSession = {"began": records[0]["at"], "ended": records[-1]["at"]}
    if (user := records[0]["doc"].get("user")) is not None:
        made["user"] = user
        if login := login_of(user, records[0]["doc"].get("host")):
            made["login"] = login
    return made


def count_outcomes(attempts: Iterable[AttemptView]) -> dict[str, int]:
    """outcome → number of attempts."""
    made: dict[str, int] = {}
    for one in attempts:
        made[one.outcome] = made.get(one.outcome, 0) + 1
    return made


def _approvals(trace: Trace) -> list[ReportApproval]:
    """Every answer to an approval."""
    made: list[ReportApproval] = []
    for event in trace.events:
        if event.what == "answer" and event.task is not None:
            doc = event.facts
            one: ReportApproval = {
                "task": event.task,
                "at": event.at,
                "answer": doc["answer"],
                "by": doc["by"],
                "counts": doc["counts"],
            }
            if doc.get("via"):
                one["via"] = doc["via"]
            if doc.get("reason"):
                one["reason"] = doc["reason"]
            if doc.get("principal"):
                one["principal"] = doc["principal"]
            if doc.get("why"):
                one["why"] = doc["why"]
            made.append(one)
    return made


def _tasks(trace: Trace, attempts: Sequence[AttemptView], running: bool) -> list[ReportTask]:
    """An entry for each task: those that the flow came to in that order, then the others."""
    by_task: dict[int, list[AttemptView]] = {}
    events: dict[int, list[TraceEvent]] = {}
    blocks: dict[int, int] = {}
    for one in attempts:
        by_task.setdefault(one.task, []).append(one)
    for event in trace.events:
        if event.task is not None:
            events.setdefault(event.task, []).append(event)
            if event.block is not None:
                blocks[event.task] = event.block
    order = [*events, *(number for number in trace.tasks if number not in events)]
    made = [
        _task(trace, trace.tasks[number], events.get(number, []), by_task.get(number, []), blocks.get(number))
        for number in order
        if number in trace.tasks
    ]
    chains = [one["task"] for one in made if one.get("type") == "chain"]
    at = lanes.members_last_started(trace.events, lanes.chain_of_members(chains, blocks)) if chains else {}
    runs = _runs_inherited_from(trace) if chains else {}
    for entry in made:
        if entry.get("type") == "chain":
            ended = lanes.lanes_of_chain(events.get(entry["task"], []), at.get(entry["task"], {}), running, runs)
            _add_lanes(entry, events.get(entry["task"], []), ended)
    return made


def _runs_inherited_from(trace: Trace) -> dict[object, str]:
    """The id of each end of a host that was inherited -> the run that it is from."""
    made: dict[object, str] = {}
    for record in trace.history.records:
        if record["what"] == "inherited" and "end" in record["doc"].get("unit", {}):
            made[record["doc"].get("id")] = record["doc"]["run"]
    return made


def _add_lanes(made: ReportTask, events: Sequence[TraceEvent], ended: list[ReportTaskLane]) -> None:
    """Add what a chain has: how it ended on each host, and which wave began last."""
    made["lanes"] = ended
    made["hosts"] = len(made["lanes"])
    made["counts"] = {}
    for lane in made["lanes"]:
        made["counts"][lane["outcome"]] = made["counts"].get(lane["outcome"], 0) + 1
    made.pop("attempts", None)  # the members have those
    if waves := [event.facts for event in events if event.what == "wave" and "waves" in event.facts]:
        made["wave"], made["waves"] = waves[-1]["wave"], waves[-1]["waves"]


def _task(trace: Trace, task: Task, events: list[TraceEvent], own: list[AttemptView], block: int | None) -> ReportTask:
    number = task["task"]
    made: Document = {"task": number, "title": task_title(task) or task.get("type", ""), "line": task["line"]}
    made |= {"type": task["type"]} if "type" in task else {"type": "fanout"} if "hosts" in task else {}
    made |= {"block": block} if block is not None else {}
    made["outcome"] = _outcome(events, own)
    if events:
        made |= {"began": events[0].at, "ended": events[-1].at}
        made["seconds"] = round(events[-1].at - events[0].at, 3)
    if own:
        made["counts"] = count_outcomes(own)
        made["attempts"] = sum(one.outcome != "not_started" and not one.already for one in own)
        made["hosts"] = len({one.host or one.hostname for one in own})
    fields: dict[str, object] = {**task}
    made["fields"] = {name: fields[name] for name in FIELDS if name in fields}
    why = [event for event in events if event.what in (*WHY, *WHY_OF_PEOPLE)]
    half, hidden = MOST_WHY // 2, max(0, len(why) - MOST_WHY)
    shown = why if not hidden else [*why[:half], *why[-half:]]
    made["why"] = [_reason(trace, event) for event in shown]
    made |= {"why_left_out": hidden} if hidden else {}
    found: ReportTask = made  # type: ignore[assignment]  # built key by key; tests hold it to the schema
    return found


def _reason(trace: Trace, event: TraceEvent) -> ReportTaskWhy:
    made: ReportTaskWhy = {"at": event.at, "what": event.what, "text": event.text}
    if (line := trace.line_of(event)) is not None:
        made["line"] = line
    return made


def _outcome(events: Sequence[TraceEvent], own: Sequence[AttemptView]) -> str:
    """How a task ended, in one word."""
    last = next((one for one in reversed(events) if one.what in ("end", "skip", "start") and one.host is None), None)
    if last is None:
        return lanes.member_outcome(events, own)
    if last.what == "skip":
        return "skipped"
    if last.what == "start":
        return own[-1].outcome if own and own[-1].outcome in ("unknown", "running") else "unfinished"
    if last.facts.get("success"):
        return "ok"
    outcome = last.facts.get("outcome")
    return outcome if outcome in attempt_views.BAD else "failed"


def stored_stream_path(doc: Report, attempt: ReportAttempt, stream: str) -> str:
    """Where the whole of a stream is, or '' if no more was kept than is shown."""
    name = attempt.get("stdout_file") if stream == "stdout" else attempt.get("stderr_file")
    return os.path.join(doc["folder"], "output", os.path.basename(name)) if name else ""
