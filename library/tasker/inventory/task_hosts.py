"""What the inventories say about the hosts of a workflow: `host_connections`, `host_variables`, findings."""

from __future__ import annotations

from tasker.inventory.facts import HostFacts, facts_of, hides, not_understood
from tasker.language.findings import finding
from tasker.language.host_list import host_key
from tasker.language.template import is_host, refs_of
from tasker.language.variables import Globals, Missing
from tasker.protocol.discovery import exec_type_in, known_about, served_by
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tasker.inventory.inventories import Inventories
    from tasker.protocol.types import Finding, SettingsResumed, Task, Workflow

FIELDS = ("hostname", "hosts")
SHOWN = 3  # variables that a message names
OVER_SSH = ("ssh", "ssh2", "openssh", "fleet")  # runners that are given what an inventory says about a connection


def add_facts(workflow: Workflow, inventories: Inventories, resumed: SettingsResumed | None = None) -> None:
    """Add what the inventories say about the hosts of the tasks, and findings. resumed: what the run has already."""
    used = used_variables(workflow)
    texts = Globals.of(workflow)
    mapped = workflow.get("settings", {}).get("runners_map")
    known: dict[str, HostFacts] = {}
    all_hosts: list[str] | None = None
    found: list[Finding] = []
    for task in workflow.get("tasks", []):
        names = hosts_of_task(task, texts)
        if names is None:  # an output names them: it can be any
            if all_hosts is None:
                all_hosts = list(inventories.hosts())
            names = all_hosts
        runner = served_by(_exec_type(workflow, task, texts), mapped)
        about = known_about(runner) or {}
        faults: dict[tuple[str, str], list[str]] = {}
        for name in names:
            key = plain_key(name)
            if key not in known:
                known[key] = facts_of(inventories, key, used)
            facts = known[key]
            if about.get("host") != "none" and names is not all_hosts:
                _note_faults(faults, facts, name, key, runner)
        for (message, fix), hosts in faults.items():
            more = f" (and of {len(hosts) - 1} more hosts)" if len(hosts) > 1 else ""
            found.append(task_finding(workflow, task, "N011", message + more, fix))
    if not inventories.faults:
        found += _without_effect(workflow, inventories, used)
    found += [fault_finding(workflow, one.at, one.message, one.fix) for one in inventories.faults]
    connections = {key: facts.connection for key, facts in known.items() if facts.connection}
    variables = {key: facts.values for key, facts in known.items() if facts.values}
    if resumed is not None and inventories.left_out:  # what a program answered when the run began
        connections = {**resumed["host_connections"], **connections}
        variables = {key: {**resumed["host_variables"].get(key, {}), **values} for key, values in variables.items()}
        variables = {**resumed["host_variables"], **variables}
    if played := workflow.get("settings", {}).get("played_hosts"):
        connections = {**played["hosts"].get("connections", {}), **connections}
    if connections:
        workflow["host_connections"] = connections
    if variables:
        workflow["host_variables"] = variables
    if found:
        workflow.setdefault("findings", []).extend(found)
        if any(one["severity"] == "error" for one in found):
            workflow["ok"] = False


def add_listing(workflow: Workflow, inventories: Inventories, groups: Mapping[str, Iterable[str]]) -> None:
    """Add where each host of the tasks comes from, `host_places`, and all of its variables. groups: [groups]."""
    from tasker.configuration.groups import group_hosts

    of_groups: dict[str, list[str]] = {}
    for group, members in groups.items():
        for host in group_hosts(group, members):
            of_groups.setdefault(host.lower(), []).append(f"[groups] {group}")
    places: dict[str, list[str]] = {}
    values: dict[str, dict[str, str]] = {}
    for task in workflow["tasks"]:
        for name in task.get("targets", ()):
            key = plain_key(name)
            places[name] = [*of_groups.get(key, ()), *inventories.places(key)]
            found, _ = inventories.values_of(key)
            values[key] = {one: value.text for one, value in found.items() if value.text is not None and not hides(one)}
    workflow["host_places"], workflow["host_variables"] = places, values


def used_variables(workflow: Workflow) -> list[str]:
    """The names of the host variables that the fields and globals of a workflow use."""
    texts = [entry.get("value", "") for entry in workflow.get("variables", {}).values()]
    texts += [text for task in workflow.get("tasks", []) for text in task.values() if isinstance(text, str)]
    refs = [ref for text in texts if "@host." in text for ref in refs_of(text)]
    return list(dict.fromkeys(ref.name.partition(".")[2] for ref in refs if is_host(ref) and "." in ref.name))


def plain_key(name: str) -> str:
    """A host without user and port, in small letters."""
    key = host_key(name)
    return key if isinstance(key, str) else key[1]


def hosts_of_task(task: Task, texts: Globals) -> Sequence[str] | None:
    """The hosts of a task; None where only a run can know them."""
    if "hosts" in task:
        return task.get("targets")
    if not task.get("hostname"):
        return ()
    try:
        return (texts.text(task["hostname"]),)
    except Missing as missing:
        return None if missing.kind == "output" else ()


def _exec_type(workflow: Workflow, task: Task, texts: Globals) -> str:
    try:
        given = texts.text(task.get("exec", ""))
    except Missing:
        given = ""
    return exec_type_in(workflow.get("settings", {}), given)


def _note_faults(faults: dict[tuple[str, str], list[str]], facts: HostFacts, name: str, key: str, runner: str) -> None:
    """Note what is wrong with a host for the tasks of a runner: the same of many hosts once."""
    for at, message, fix in facts.faults:
        same = next((entry for entry in faults if entry[1] == fix), None)
        faults.setdefault(same or (f"{at}: {message}", fix), []).append(name)
    address = facts.connection.get("options", {}).get("address", "")
    if runner not in OVER_SSH and address and address.lower() != key:
        fix = "use exec=openssh or ssh, or name the address itself"
        message = f"an inventory says that a host is somewhere else, and exec type {runner} cannot use that"
        first = next((entry for entry in faults if entry[1] == fix), (f"{message}: {name} is at {address}", fix))
        faults.setdefault(first, []).append(name)


def _without_effect(workflow: Workflow, inventories: Inventories, used: Iterable[str]) -> list[Finding]:
    """One hint about what of the inventories has no effect here."""
    made = [
        finding("N012", printable(text), _NO_EFFECT, file=workflow.get("file", "")) for text in inventories.reports()
    ]
    if names := not_understood(inventories.value_names(), list(used)):
        listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        message = f"variables of Ansible's that have no effect here: {printable(shorten(listed, 200))}"
        made.append(finding("N012", message, _NO_EFFECT, file=workflow.get("file", "")))
    return made


_NO_EFFECT = "nothing, if these tasks do not need it"


def fault_finding(workflow: Workflow, at: str, message: str, fix: str) -> Finding:
    """The finding about a source that cannot be read. at: FILE:LINE."""
    fix = fix or "correct it"
    return finding("N010", printable(shorten(f"{at}: {message}", 400)), printable(fix), file=workflow.get("file", ""))


def task_finding(workflow: Workflow, task: Task, code: str, message: str, fix: str) -> Finding:
    """A finding about the hosts of a task."""
    field = "hosts" if "hosts" in task else "hostname"
    line, column = task.get("at", {}).get(field, (task.get("line", 0), 0))
    return finding(
        code,
        printable(shorten(message, 400)),
        printable(fix),
        task=task["task"],
        field=field,
        file=workflow.get("file", ""),
        line=line,
        column=column,
    )
