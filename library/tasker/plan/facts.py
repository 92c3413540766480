"""The facts of a plan: what each task would run, where the flow can go from it, how the run can end."""

from __future__ import annotations

import math

from tasker.flow.chain_host import HostState
from tasker.flow.preconditions import FIX
from tasker.flow.request import command_line, make_request, probe_request
from tasker.flow.run import FlowRun
from tasker.language import quoting
from tasker.language.approvers import approvers_of
from tasker.language.chains import ChainOrder
from tasker.language.fields import APPROVAL, CHAIN, CONDITIONAL, FANOUT, MANY, PARALLEL, has_command, hosts_of_task
from tasker.language.parameters import parameter_values
from tasker.language.runner_options import options_for, user_of_command
from tasker.language.variables import Missing
from tasker.plan import times, ways
from tasker.protocol.discovery import served_by
from tasker.protocol.document import Problem
from tasker.simulation.walk import Simulation
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias

    from tasker.flow.run_state import RunState
    from tasker.plan.types import PlanFacts
    from tasker.protocol.types import PlanTask, Task, Workflow

    AsWritten: TypeAlias = Literal[
        "max_parallel",
        "canary",
        "stop_on",
        "max_failed_percent",
        "waves",
        "wave_next",
        "wave_sleep",
        "start_until",
        "wave_approval",
        "approval_timeout",
        "may_be_down",
        "success",
        "failure",
        "sleep",
        "loop_break",
        "probe_success",
        "probe_first",
        "idempotent",
        "mode",
        "owner",
        "validate",
        "max_bytes",
        "become",
        "become_direct",
        "reboot",
    ]

MOST_CHOICES = 30_000  # of the simulation: takes a few seconds
AS_WRITTEN: tuple[AsWritten, ...]
AS_WRITTEN = (
    *("max_parallel", "canary", "stop_on", "max_failed_percent", "waves", "wave_next", "wave_sleep", "start_until"),
    *("wave_approval", "approval_timeout", "may_be_down"),
    *("success", "failure", "sleep", "loop_break"),
    *("probe_success", "probe_first", "idempotent", "reboot"),
    *("mode", "owner", "validate", "max_bytes"),
    *("become", "become_direct"),
)
SHOWN = frozenset(AS_WRITTEN)


def plan_document(workflow: Workflow) -> PlanFacts:
    """The keys of a plan document, without its text. Raises Problem for a workflow that flow cannot walk."""
    if not isinstance(workflow.get("tasks"), list):
        raise Problem("bad_document", "cannot plan a workflow without 'tasks'")
    try:
        return _facts(workflow)
    except (ValueError, LookupError, Missing) as error:
        raise Problem("bad_workflow", f"cannot plan: {error}; {FIX}") from None


def _facts(workflow: Workflow) -> PlanFacts:
    found = Simulation(workflow, MOST_CHOICES)
    dry = workflow.copy()
    dry["settings"] = workflow.get("settings", {}) | {"dry_run": True}
    run = FlowRun(dry, index=found.index)  # an index does not depend on whether it is a dry run
    seconds = times.worst_duration(run)
    tasks = [_plan_task(run, found, number, seconds[number]) for number in run.index.order]
    known: set[str] = set()
    from_outputs: set[str] = set()
    again = run.settings.get("again")
    for entry in tasks:
        if again is not None and entry["task"] in again.get("tasks", ()):
            entry["inherited"] = True
            continue
        for host in entry.get("targets", [entry["hostname"]] if "hostname" in entry else []):
            (from_outputs if "@" in host and "_" in host.partition("@")[2] else known).add(host)
    lists = {entry["targets_written"] for entry in tasks if "@" in entry.get("targets_written", "")}
    from_outputs |= {written for written in lists if hosts_of_task(written) is None}  # else its hosts are counted
    exits, duration = found.exit_codes(), times.task_duration(found, seconds)
    made: PlanFacts
    made = {"tasks": tasks, "hosts": len(known), "exits": exits, "duration": duration, "on_error": ""}
    made["file"], made["on_error"] = workflow.get("file", ""), "stop" if run.index.failures_stop else "continue"
    if again is not None:
        made["continues"] = {"run": again["run"], "task": again["task"]}
    if parameters := parameter_values(workflow):
        made["parameters"] = parameters
    if head := workflow.get("head_options"):
        made["head_options"] = head
    if limit := workflow.get("limit"):
        made["limit"] = limit
        for entry in tasks:
            if number := limit["of"].get(str(entry["task"])):
                entry["of"] = number
            if why := limit["skip"].get(str(entry["task"])):
                entry["skipped"] = why
    if from_outputs:
        made["hosts_from_outputs"] = len(from_outputs)
    if found.cut:
        made["cut"] = found.cut
    return made


def _plan_task(run: RunState, found: Simulation, number: int, seconds: float) -> PlanTask:
    index, task = run.index, run.index.tasks[number]
    kind = index.kind(task)
    entry: PlanTask = {"task": number, "type": kind, "ways": ways.ways_of_task(index, task, found), "seconds": seconds}
    if task.get("title"):
        entry["title"] = task["title"]
    if number in index.owned:
        entry["block"] = index.owned[number]
    if number not in found.reached and not found.cut:
        entry["reached"] = False
    if not SHOWN.isdisjoint(task):
        for field in AS_WRITTEN:
            if field in task:
                entry[field] = index.text(task, field) or task[field]
    if kind in MANY and "max_parallel" not in task and _count_at_once(run, task) > index.at_once(task):
        entry["max_parallel"] = str(index.at_once(task))
    if index.next_kind(task) == "loop":
        entry["loop"] = int(index.text(task, "loop") or 0)
    if "condition" in task:
        entry["condition"] = task["condition"]
    attempts, waits = times.attempts_of(run, task)
    if attempts > 1:
        entry["attempts"], entry["waits"] = attempts, waits
    if kind == CHAIN:
        order = ChainOrder(index, task)
        entry["runs"], entry["last"] = order.members, order.last
        if "targets" in task:
            entry["targets"] = task["targets"]
        else:
            entry["targets_written"] = index.text(task, "hosts") or task["hosts"].strip()
    elif kind == PARALLEL:
        entry["runs"] = index.members(task, "tasks")
    elif kind == CONDITIONAL:
        entry["if_true"], entry["if_false"] = (index.members(task, f"if_{word}_tasks") for word in ("true", "false"))
    elif kind == APPROVAL:
        _add_people(entry, run, task)
        if "timeout" in task:
            entry["timeout"] = seconds if seconds else task["timeout"]
    elif has_command(task):
        _add_command(entry, run, task)
    if "wave_approval" in task:
        _add_people(entry, run, task)
    return entry


def _add_user(made: PlanTask, run: RunState, task: Task, exec_type: str, hostnames: Sequence[str | None]) -> None:
    """As whom it runs, where an option of its runner says so."""
    if "become" in task:
        return
    found = [user_of_command(task, exec_type, name, run.settings, run.host_connections) for name in hostnames]
    users = [who["become"] for who in found if who]
    if not users:
        return
    is_same = len(set(users)) == 1 and len(users) == len(found)
    on_some = [f"{user} on {count_of(users.count(user), 'host')}" for user in dict.fromkeys(users)]
    made["become"], made["become_from"] = users[0] if is_same else ", ".join(on_some), "configuration"
    if any(who.get("become_direct") for who in found):
        made["become_direct"] = "true"


def _add_people(entry: PlanTask, run: RunState, task: Task) -> None:
    entry["approvals"] = run.index.number(task, "approvals") or 1
    if approvers := approvers_of(run.index.text(task, "approvers")):
        entry["approvers"] = approvers


def _count_at_once(run: RunState, task: Task) -> float:
    """How many members or hosts a block has; more than any number if its hosts are not known yet."""
    if "hosts" in task:
        return len(task["targets"]) if "targets" in task else math.inf
    return len(run.index.members(task, "tasks"))


def _add_command(made: PlanTask, run: RunState, task: Task) -> None:
    targets = task.get("targets", [])
    chain = run.index.chain_of(task["task"])
    if chain is not None:  # as on one of its hosts
        run = HostState(run, chain, "HOST")
        task = run.task_here(task)
    try:
        task = task | {"hostname": targets[0]} if targets else task
        exec_type, doc = make_request(run, task, {})
        probe = probe_request(run, task, exec_type, doc)
    except (Missing, ValueError) as error:
        made["problem"] = str(error)
        return
    about = run.settings.get("runners", {}).get(exec_type)
    template = about.get("argv") if about else None
    made["exec"], made["timeout"], made["command"] = exec_type, doc["timeout"], command_line(doc)
    on_hosts = targets or (run.index.tasks[chain].get("targets", []) if chain is not None else [])
    _add_user(made, run, task, exec_type, on_hosts or [doc.get("hostname")])
    if probe is not None:
        made["probe"] = command_line(probe)
    hostname = doc.get("hostname", "")
    if targets:  # one command for all of them
        made["targets"] = targets
        hostname = "HOST"
    elif run.index.kind(task) == FANOUT:  # not expanded
        made["targets_written"] = hostname = run.index.text(task, "hosts") or task["hosts"].strip()
    elif "hostname" in doc and hostname != run.host:
        made["hostname"] = hostname
    if "copy" in doc:
        made["argv"] = quoting.shown_words(doc)
        return
    if template is None:
        made["argv"] = doc["words"] if "words" in doc else [doc["script"]]
        return
    options = None
    rules, connections = run.settings.get("options", []), run.host_connections
    if rules or connections:
        served = served_by(exec_type, run.settings.get("runners_map"))
        options = options_for(rules, served, doc.get("hostname"), connections)
    words, script = doc.get("words", []), doc.get("script", "")
    made["argv"] = quoting.fill_template(quoting.parse_template(template), hostname, words, script, options)
