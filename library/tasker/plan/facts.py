"""The facts of a plan: what each task would run, where the flow can go from it, how it can all end."""

from tasker.configuration.model import options_for
from tasker.flow.preconditions import FIX
from tasker.flow.request import command_line, make_request
from tasker.flow.run import Run
from tasker.language import quoting
from tasker.language.fields import CONDITIONAL, FANOUT, PARALLEL
from tasker.language.variables import Missing
from tasker.plan import times, ways
from tasker.protocol.discovery import served_by
from tasker.protocol.document import Problem
from tasker.simulation.walk import Simulation

MOST_CHOICES = 30_000  # of the simulation: a few seconds
AS_WRITTEN = ("max_parallel", "canary", "stop_on", "max_failed_percent", "success", "failure", "sleep", "loop_break")


def plan_document(workflow):
    """The keys of a plan document, but for its text. Raises Problem for what flow cannot walk."""
    if not isinstance(workflow.get("tasks"), list):
        raise Problem("bad_document", "cannot plan a workflow without 'tasks'")
    try:
        return _facts(workflow)
    except (ValueError, LookupError, Missing) as error:
        raise Problem("bad_workflow", f"cannot plan: {error}; {FIX}") from None


def _facts(workflow):
    found = Simulation(workflow, MOST_CHOICES)
    run = Run({**workflow, "settings": {**workflow.get("settings", {}), "dry_run": True}})
    run.book.needs = lambda number: []  # no request goes out, so nobody has to find out who reads what comes back
    seconds = times.worst_duration(run)
    tasks = [_entry(run, found, number, seconds[number]) for number in run.book.order]
    known, open_ = set(), set()
    for entry in tasks:
        for host in entry.get("targets", [entry["hostname"]] if "hostname" in entry else []):
            (open_ if "@" in host and "_" in host.partition("@")[2] else known).add(host)
    made = {"file": workflow.get("file", ""), "tasks": tasks, "hosts": len(known)}
    made |= {"hosts_from_outputs": len(open_)} if open_ else {}
    made |= {"exits": found.exit_codes(), "duration": times.task_duration(found, seconds)}
    return made | ({"cut": found.cut} if found.cut else {})


def _entry(run, found, number, seconds):
    book, task = run.book, run.book.tasks[number]
    kind = book.kind(task)
    entry = {"task": number, "type": kind, "ways": ways.ways_out(book, task, found), "seconds": seconds}
    if task.get("title"):
        entry["title"] = task["title"]
    if number in book.owned:
        entry["block"] = book.owned[number]
    if number not in found.arrived and not found.cut:
        entry["reached"] = False
    entry |= {field: book.text(task, field) or task[field] for field in AS_WRITTEN if field in task}
    if book.next_kind(task) == "loop":
        entry["loop"] = int(book.text(task, "loop") or 0)
    if "condition" in task:
        entry["condition"] = task["condition"]
    entry |= times.attempts_of(run, task)
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
        exec_type, doc = make_request(run, {**task, "hostname": targets[0]} if targets else task, {})
    except (Missing, ValueError) as error:
        return {"problem": str(error)}
    template = run.settings.get("runners", {}).get(exec_type, {}).get("argv")
    made = {"exec": exec_type, "timeout": doc["timeout"], "command": command_line(doc)}
    values = {key: doc[key] for key in ("hostname", "words", "script") if key in doc}
    if run.settings.get("options"):
        served = served_by(exec_type, run.settings.get("runners_map"))
        values["options"] = options_for(run.settings["options"], served, doc.get("hostname"))
    if targets:  # one command for all of them
        made["targets"] = targets
        values["hostname"] = "HOST"
    elif run.book.kind(task) == FANOUT:  # nobody has looked up which hosts these are
        made["targets_written"] = values["hostname"] = run.book.text(task, "hosts")
    elif "hostname" in doc:
        made["hostname"] = doc["hostname"]
    made["argv"] = (
        quoting.fill_template(quoting.parse_template(template), **values)
        if template
        else doc.get("words") or [doc["script"]]
    )
    return made
