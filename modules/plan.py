#!/usr/bin/env python3
"""What would run, and where each task can go: a workflow in, a plan out.

What is not known before the run stays as it is written, `@0_stdout@`. The argv comes from the runners' own templates
where `settings.runners` has them.
"""

from tasker import config, find, quote, stage
from tasker.fields import CONDITIONAL, PARALLEL, TASK
from tasker.flow.request import request, spoken
from tasker.flow.run import Run
from tasker.flow.task import title
from tasker.flow.variables import Missing
from tasker.fold import folded
from tasker.printable import printable

ABOUT = {"accepts": "workflow", "returns": "plan", "name": "plan", "parallel": False}
USAGE = """
usage: tasker parse t.txt | tasker plan | jq -r .text     every task, what it would run, where it can go
       tasker plan --lines | --about                      see docs/PROTOCOL.md
"""


def plan(workflow):
    """The plan document: `tasks`, each with `argv` or `runs`, and `ways`; `hosts`, how many; `text`, for people."""
    if not isinstance(workflow.get("tasks"), list):
        raise stage.Problem("bad_document", "cannot plan a workflow without 'tasks'")
    run = Run({**workflow, "settings": {**workflow.get("settings", {}), "dry_run": True}})
    tasks = [_entry(run, run.book.tasks[number]) for number in run.book.order]
    hosts = len({host for entry in tasks for host in entry.get("targets", [entry.get("hostname")]) if host})
    text = [line for entry in tasks for line in _lines(entry, run.book)]
    text.append(f"{_count(len(tasks), 'task')}, {_count(hosts, 'host')}")
    return stage.document("plan", tasks=tasks, hosts=hosts, text="\n".join(map(printable, text)))


def _entry(run, task):
    book, kind = run.book, run.book.kind(task)
    entry = {"task": task["task"], "type": kind, "ways": ways(book, task)}
    if task.get("title"):
        entry["title"] = task["title"]
    if task["task"] in book.owned:
        entry["block"] = book.owned[task["task"]]
    if kind == PARALLEL:
        entry["runs"] = book.members(task, "tasks")
    elif kind == CONDITIONAL:
        entry["if_true"], entry["if_false"] = (book.members(task, f"if_{word}_tasks") for word in ("true", "false"))
    elif task.get("command"):
        entry |= _command(run, task)
    return entry


def _command(run, task):
    targets = task.get("targets", [])
    try:
        exec_type, doc = request(run, {**task, "hostname": targets[0]} if targets else task, {})
    except (Missing, ValueError) as error:
        return {"problem": str(error)}
    template = run.settings.get("runners", {}).get(exec_type, {}).get("argv")
    made = {"exec": exec_type, "timeout": doc["timeout"], "command": spoken(doc)}
    values = {key: doc[key] for key in ("hostname", "words", "script") if key in doc}
    if run.settings.get("options"):
        served = find.served_by(exec_type, run.settings.get("runners_map"))
        values["options"] = config.options(run.settings["options"], served, doc.get("hostname"))
    if targets:  # one command for all of them
        made["targets"] = targets
        values["hostname"] = "HOST"
    elif "hostname" in doc:
        made["hostname"] = doc["hostname"]
    made["argv"] = quote.filled(quote.parsed(template), **values) if template else doc.get("words") or [doc["script"]]
    return made


def _count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def ways(book, task):
    """Where the flow can go from a task: a list of {"when": …, "to": number or "end", "exit": code}."""
    number, kind = task["task"], book.next_kind(task)
    if number in book.owned:
        return []
    made = []
    if "condition" in task and book.kind(task) != CONDITIONAL:
        made.append({"when": f"not {task['condition']}", **_to(book.after(number)[0])})
    if kind == "never":
        return [*made, {"when": "always", "to": "end", "exit": task.get("return", "0")}]
    tested = task["next"] if kind == "condition" else _tested(book, task, kind)
    made.append({"when": tested or "always", **_onward(book, task)})
    if tested:
        target = book.number(task, "on_failure")
        made.append({"when": "else", **({"to": "end", "exit": "10"} if target is None else {"to": target})})
    return made


def _tested(book, task, kind):
    if book.kind(task) != TASK:
        return "" if kind == "always" else "all_success"
    return "success" if kind != "always" and ("on_success" in task or "on_failure" in task) else ""


def _onward(book, task):
    target = book.number(task, "on_success")
    if target is not None:
        return {"to": target}
    if "return" in task:
        return {"to": "end", "exit": task["return"]}
    return _to(book.after(task["task"])[0])


def _to(number):
    return {"to": "end", "exit": "0"} if number is None else {"to": number}


def _lines(entry, book):
    """How the plan shows one task; the tasks of a block are indented."""
    indent = "    " if "block" in entry else ""
    made = [f"{indent}{entry['task']:>4}  {entry.get('title') or title(book.tasks[entry['task']]) or entry['type']}"]
    if "argv" in entry:
        where = f" on {entry['hostname']}" if "hostname" in entry else ""
        if "targets" in entry:
            where = f" on {folded(entry['targets'])} ({_count(len(entry['targets']), 'host')})"
        made.append(f"{indent}      {entry['exec']}{where}: {' '.join(map(quote.quoted, entry['argv']))}")
    for key, word in (("runs", "at once"), ("if_true", "if true"), ("if_false", "if false")):
        if entry.get(key):
            made.append(f"{indent}      {word}: {', '.join(map(str, entry[key]))}")
    if "problem" in entry:
        made.append(f"{indent}      cannot run: {entry['problem']}")
    for way in entry["ways"]:
        where = f"ends with exit code {way['exit']}" if way["to"] == "end" else f"task {way['to']}"
        made.append(f"{indent}      {way['when']} -> {where}")
    return made


def main(arguments=None) -> int:
    return stage.serve(plan, ABOUT, USAGE, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
