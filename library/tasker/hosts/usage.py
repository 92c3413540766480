"""Which task uses which host: the host names of a workflow, with its global variables expanded."""

from __future__ import annotations

from tasker.language import hostname
from tasker.language.findings import ERROR, finding
from tasker.language.variables import Globals, Missing, value_of_hosts
from tasker.protocol.discovery import exec_type_in, known_about, served_by
from tasker.protocol.document import Problem
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tasker.protocol.types import Document, Finding, HostConnection, Settings, SettingsOption, Task, Workflow

# several names with commas or blanks, a range, a group: what `hosts` takes
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.@:-]*"
_RANGE = r"[A-Za-z0-9_.@-]+\[[0-9,-]+\][A-Za-z0-9_.-]*"
_LIST = Pattern(rf"{_NAME}(?:[ \t]*[, \t][ \t]*{_NAME})+|{_RANGE}|@[A-Za-z0-9_.-]+")
DOES = ("command", "put", "get")  # fields of a task that has something to do on its host
BY_JUMP_HOSTS = ("ssh", "ssh2")  # runners with the option `jump_hosts`
TEXTS = ("hostname", "hosts", "exec")  # fields of a task that are read here


class HostUse(NamedTuple):
    """A host of a task: its exec type, the expanded name, and the parts of the name."""

    task: Task
    exec: str
    name: str
    host: str  # lower case
    port: int | None  # from the name, or from the options of its runner
    runner: str  # name of the runner that serves the exec type
    proxied: bool = False  # another host leads to it: it has no address here
    may_be_down: bool = False  # it need not answer


def read_uses(
    workflow: Workflow, exec_type: str | None = None
) -> tuple[list[HostUse], set[str], set[str], list[Finding]]:
    """Read the hosts of a workflow: (uses to check now, texts that wait for an output, invalid texts, findings).

    exec_type: for tasks without `exec`, where the workflow's settings have none. Raises Problem for a document that
    is not a workflow.
    """
    settings = _checked_settings(workflow)
    known = Globals.of(workflow)
    default = exec_type_in(settings, settings.get("exec") or exec_type or "")

    rules, mapped = settings.get("options", []), settings.get("runners_map")
    connections = workflow.get("host_connections", {})
    of_chains = _exec_types_of_chains(workflow, known, settings, default)
    uses: list[HostUse] = []
    later: set[str] = set()
    bad: set[str] = set()
    found: list[Finding] = []
    for task in workflow.get("tasks", []):
        if "hostname" not in task and "targets" not in task:
            if "hosts" in task and workflow.get("rules", 1) > 1 and value_of_hosts(known, task["hosts"]):
                later.add(task["hosts"])  # the run knows them
            elif "hosts" in task and not _has_error(workflow, task):  # in a pipe without `expand`
                bad.add(task["hosts"])
                fix = "pass the workflow through 'tasker expand' first: parse … | expand | tasks | hosts"
                found.append(
                    task_finding(workflow, task, "H009", "cannot check 'hosts': it was not expanded to names", fix)
                )
            continue
        try:
            names = _names(task, known, settings)
            own_type = _exec_type(task, known, settings) or default
        except Missing as missing:
            if missing.kind in ("output", "not_given"):  # parse has reported that it is not given
                later.add(task.get("hostname", ""))
                continue
            bad.add(task.get("hostname", ""))
            if not _has_error(workflow, task):
                fix = "define it before the first task, as NAME=value"
                found.append(task_finding(workflow, task, "H007", f"cannot determine the host: {missing.reason}", fix))
            continue
        may_be_down = "may_be_down" in task and _switch(task["may_be_down"], known)
        kinds = (of_chains and of_chains.get(task.get("task", 0))) or (own_type,)
        authored = not settings.get("hosts_are_data") and not known.has_parameter(task.get("hostname", ""))
        for name in names:
            problem = hostname.hostname_problem(name, authored=authored)
            if problem:
                bad.add(name)
                if _has_error(workflow, task):
                    continue
                fix = "write the name as DNS knows it, or the address"
                if "hostname" in task.get("at", {}) and _LIST.fullmatch(name):
                    problem, fix = f"'hostname' is one host, and '{name}' is a list", f"write hosts={name}"
                found.append(task_finding(workflow, task, "H001", problem, fix))
                continue
            _, host, port = hostname.split_hostname(name)
            for kind in kinds:
                runner = served_by(kind, mapped)
                options, seen = _options(rules, runner, name, connections), connections.get(host.lower(), {})
                at = options.get("address") or seen.get("options", {}).get("address") or seen.get("address") or host
                own_port = port or options.get("port") or _port_of_inventory(seen, runner)
                proxied = bool(seen.get("proxy") or (options.get("jump_hosts") and runner in BY_JUMP_HOSTS))
                uses.append(HostUse(task, kind, name, at.lower(), own_port, runner, proxied, may_be_down))
    return uses, later, bad, found


def _names(task: Task, known: Globals, settings: Settings) -> list[str]:
    """The host names of a task: one, or all targets of a fan-out. Raises Missing."""
    if "hostname" not in task:
        return task["targets"]
    return [task["hostname"] if settings.get("hosts_are_data") else known.text(task["hostname"])]


def _switch(text: str, known: Globals) -> bool:
    """Is it `true`? What cannot be read is an error of the tasks' validator."""
    try:
        return known.text(text) == "true"
    except Missing:
        return False


def _exec_types_of_chains(workflow: Workflow, known: Globals, settings: Settings, default: str) -> dict[int, list[str]]:
    """Chain -> the exec types by which its members reach its hosts; without those that run here."""
    if not any("targets" in task and task.get("type") == "chain" for task in workflow.get("tasks", [])):
        return {}
    from tasker.language.workflow_index import WorkflowIndex  # here: most workflows have no chain

    made: dict[int, list[str]] = {}
    index = WorkflowIndex(workflow)
    for number, chain in index.chains().items():
        member = index.tasks.get(number)
        if member is None or "hostname" in member or not any(name in member for name in DOES):
            continue
        try:
            kind = _exec_type(member, known, settings) or default
        except Missing:
            continue
        about = known_about(kind, settings.get("runners_map"))
        if kind not in made.setdefault(chain, []) and (about is None or about.get("host") != "none"):
            made[chain].append(kind)
    return made


def _exec_type(task: Task, known: Globals, settings: Settings) -> str:
    """The exec type that a task names, or ''. Raises Missing."""
    text = task.get("exec", "")
    text = known.text(text) if "@" in text else text
    return exec_type_in(settings, text) if text else ""


def tasks_by_exec_type(workflow: Workflow, exec_type: str | None = None) -> dict[str, list[Task]]:
    """Exec type -> its tasks with a command. exec_type: as in `read_uses`.

    Left out: exec types that are not known before the run, and tasks with neither host nor exec type.
    """
    known = Globals.of(workflow)
    made: dict[str, list[Task]] = {}
    settings = workflow.get("settings", {})
    default = exec_type_in(settings, settings.get("exec") or exec_type or "")
    for task in workflow.get("tasks", []):
        if any(name in task for name in DOES) and ("exec" in task or "hostname" in task or "targets" in task):
            try:
                made.setdefault(_exec_type(task, known, settings) or default, []).append(task)
            except Missing:
                pass
    return made


def task_finding(
    workflow: Workflow, task: Task, code: str, message: str, fix: str, field: str | None = None
) -> Finding:
    """A finding at a field of a task (default: its host name), or at the task if it does not have that field."""
    field = field or ("hosts" if "hosts" in task or "targets" in task else "hostname")
    at = task.get("at", {})
    line, column = at.get(field) or at.get("task") or (task.get("line", 0), 0)
    file = workflow.get("file", "")
    return finding(code, message, fix, task=task.get("task"), field=field, file=file, line=line, column=column)


def uses_of_names(names: Sequence[str], exec_type: str | None = None) -> Workflow:
    """A workflow with a task for each of these hosts, in order."""
    tasks: list[Task] = [{"task": number, "line": number + 1, "hostname": name} for number, name in enumerate(names)]
    if exec_type:
        tasks = [{**task, "exec": exec_type} for task in tasks]
    return {"tasker": 1, "kind": "workflow", "ok": True, "variables": {}, "tasks": tasks, "findings": []}


def _has_error(workflow: Workflow, task: Task) -> bool:
    """Has an earlier stage reported an error about this host name?"""
    return any(
        one.get("severity") == ERROR
        and one.get("task") == task.get("task")
        and one.get("field") in ("hostname", "hosts")
        for one in workflow.get("findings", [])
    )


def _options(
    rules: Sequence[SettingsOption], runner: str, name: str, connections: Mapping[str, HostConnection]
) -> Document:
    if not (rules or connections):
        return {}
    from tasker.language.runner_options import options_for  # here: most workflows have neither

    return options_for(rules, runner, name, connections)


def _port_of_inventory(seen: HostConnection, runner: str) -> int | None:
    if not seen:
        return None
    from tasker.language.runner_options import OF_INVENTORIES

    return seen.get("port") if runner in OF_INVENTORIES else None


def _checked_settings(workflow: Mapping[str, Any]) -> Settings:  # Any: nothing of it has been checked
    """The settings of a workflow. Raises Problem if the document does not have the shape that is read here."""
    if workflow.get("kind") != "workflow":
        kind = ascii(workflow.get("kind"))
        raise Problem("wrong_kind", f"cannot check the hosts of a document of kind {kind}: send a workflow")
    for key, shape in (("tasks", list), ("variables", dict), ("findings", list), ("settings", dict)):
        if not isinstance(workflow.get(key, shape()), shape):
            raise _bad_document(f"'{key}' is not a {shape.__name__}")
    for key, good, says in (
        ("tasks", _is_task, "an object with texts as 'hostname' and 'exec', and places as numbers"),
        ("findings", lambda one: isinstance(one, dict) and "severity" in one, "an object with a severity"),
    ):
        if not all(map(good, workflow.get(key, []))):
            raise _bad_document(f"something in '{key}' is not {says}")
    variables = workflow.get("variables", {}).values()
    if not all(isinstance(one, dict) and isinstance(one.get("value"), str) for one in variables):
        raise _bad_document("something in 'variables' does not have a text as its value")
    settings: Settings = workflow.get("settings", {})
    if not isinstance(settings.get("exec", ""), str):
        raise _bad_document("'exec' in 'settings' is not a text")
    mapped = settings.get("runners_map", {})
    if not isinstance(mapped, dict) or not all(map(_is_served, mapped.values())):
        raise _bad_document("'runners_map' in 'settings' does not map exec types to paths or tables")
    if not isinstance(settings.get("options", []), list) or not all(map(_is_rule, settings.get("options", []))):
        raise _bad_document("'options' in 'settings' is not a list of rules")
    return settings


def _is_served(value: object) -> bool:
    if isinstance(value, dict):  # a table, which its runner checks
        return value.get("kind") == "exec" and isinstance(value.get("name"), str)
    return isinstance(value, str)


def _is_rule(rule: object) -> bool:
    if not isinstance(rule, dict) or not isinstance(rule.get("options"), dict):
        return False
    matched = rule.get("match", [])
    known = isinstance(matched, list) and all(isinstance(one, str) for one in matched)
    known = known and isinstance(rule.get("hosts", {}), dict)
    return known and isinstance(rule["options"].get("port", 0), int)


def _bad_document(why: str) -> Problem:
    return Problem("bad_document", f"cannot read the workflow: {why}")


def _is_task(task: object) -> bool:
    if not (isinstance(task, dict) and isinstance(task.get("line", 0), int) and isinstance(task.get("at", {}), dict)):
        return False
    places, targets = task.get("at", {}), task.get("targets", [])
    return (
        all(_is_place(places[field]) for field in (*TEXTS, "task") if field in places)
        and isinstance(targets, list)
        and all(isinstance(name, str) for name in targets)
        and all(isinstance(task[field], str) for field in TEXTS if field in task)
    )


def _is_place(at: object) -> bool:
    return isinstance(at, list) and len(at) == 2 and isinstance(at[0], int) and isinstance(at[1], int)
