"""The report document of a run: what was run, how it ended, every task and every attempt."""

import os

from tasker.language.secrets import declared_secrets
from tasker.language.task_title import task_title
from tasker.protocol import document as documents
from tasker.report import attempts as tries

FIELDS = ("condition", "success", "failure", "next", "loop_break", "on_success", "on_failure", "return")
WHY = ("verdict", "unknown", "route", "skip", "loop", "retry", "sleep", "brake", "block_timeout", "split")
MOST_WHY = 60  # of a task: half of them from its beginning, half from its end


def report_document(story, running=False):
    """The report document. running: does somebody drive this run now?"""
    history, start = story.history, story.history.start
    made = {"run": history.run, "folder": history.folder, "state": run_state(history, running)}
    made |= {"file": start["file"], "user": start.get("user"), "host": start.get("host", "")}
    made |= {"project": start.get("settings", {}).get("project"), "sha256": start.get("sha256")}
    made |= {"log": start.get("log"), "version": start.get("version"), "torn": history.torn or None}
    sessions = [_session(records) for records in history.sessions()]
    made |= {"began": sessions[0]["began"], "ended": sessions[-1]["ended"], "sessions": sessions}
    made["seconds"] = round(sum(one["ended"] - one["began"] for one in sessions), 3)
    if (end := history.exit()) is not None:
        made |= {"exit_code": end["code"], "reason": end["reason"], "status": end["status"]}
        made["unhandled"] = end.get("failed")
    found = tries.attempts_of(story, running)
    made["secrets"] = sorted(declared_secrets(story.workflow)) or None
    made["tasks"] = _tasks(story, found)
    made["counts"] = count_states(found)
    made["attempts"], made["left_out"] = tries.attempt_documents(found)
    return documents.document("report", **{key: value for key, value in made.items() if value is not None})


def run_state(history, running):
    if running:
        return "running"
    if history.exit() is None:
        return "unfinished"
    return "interrupted" if history.interrupted() else "finished"


def _session(records):
    return {"began": records[0]["at"], "ended": records[-1]["at"], "user": records[0]["doc"].get("user")}


def count_states(some):
    """How many attempts came to what."""
    made: dict = {}
    for one in some:
        made[one.outcome] = made.get(one.outcome, 0) + 1
    return made


def _tasks(story, found):
    """An entry for each task: those that the flow came to in that order, then the others."""
    by_task, moments, blocks = {}, {}, {}
    for one in found:
        by_task.setdefault(one.task, []).append(one)
    for moment in story.moments:
        if moment.task is not None:
            moments.setdefault(moment.task, []).append(moment)
            if moment.block is not None:
                blocks[moment.task] = moment.block
    order = [*moments, *(number for number in story.tasks if number not in moments)]
    return [
        _task(story.tasks[number], moments.get(number, []), by_task.get(number, []), blocks.get(number))
        for number in order
        if number in story.tasks
    ]


def _task(task, moments, own, block):
    number = task["task"]
    made = {"task": number, "title": task_title(task) or task.get("type", ""), "line": task["line"]}
    made |= {"type": task["type"]} if "type" in task else {"type": "fanout"} if "hosts" in task else {}
    made |= {"block": block} if block is not None else {}
    made["outcome"] = _outcome(task, moments, own)
    if moments:
        made |= {"began": moments[0].at, "ended": moments[-1].at}
        made["seconds"] = round(moments[-1].at - moments[0].at, 3)
    if own:
        made["counts"] = count_states(own)
        made["attempts"] = len(own)
        made["hosts"] = len({one.host or one.hostname for one in own})
    made["fields"] = {name: task[name] for name in FIELDS if name in task}
    why = [moment for moment in moments if moment.what in WHY]
    half, hidden = MOST_WHY // 2, max(0, len(why) - MOST_WHY)
    shown = why if not hidden else [*why[:half], *why[-half:]]
    made["why"] = [_reason(task, moment) for moment in shown]
    return {**made, "why_left_out": hidden} if hidden else made


def _reason(task, moment):
    made = {"at": moment.at, "what": moment.what, "text": moment.text}
    place = task.get("at", {}).get(moment.facts.get("field"))
    return {**made, "line": place[0]} if place else made


def _outcome(task, moments, own):
    """What became of it in the end, in one word."""
    last = next((one for one in reversed(moments) if one.what in ("end", "skip", "start") and one.host is None), None)
    if last is None:
        return own[-1].outcome if own else "not_reached"
    if last.what == "skip":
        return "skipped"
    if last.what == "start":
        return own[-1].outcome if own and own[-1].outcome in ("unknown", "running") else "unfinished"
    if last.facts.get("success"):
        return "ok"
    return last.facts.get("outcome") if last.facts.get("outcome") in tries.BAD else "failed"


def whole_stream(doc, attempt, stream):
    """Where all of a stream is, or '' where nobody kept more than is shown."""
    name = attempt.get(f"{stream}_file")
    return os.path.join(doc["folder"], "output", os.path.basename(name)) if name else ""
