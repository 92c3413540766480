#!/usr/bin/env python3
"""Expand `hosts=`: a workflow in, the same workflow out with `targets` in the tasks that have hosts.

The list is read by language/host_list.py. Groups are those of [groups] in tasker.toml, those of the inventories, then
ClusterShell's, if that library is installed; `file:LIST` is a file with one such list a line, `run:PATH` an executable
inventory. Flow opens no file, so the hosts have to be known before it starts. What the inventories say about the hosts
is added as `host_connections` and `host_variables`.
"""

from __future__ import annotations

import os

from tasker import stage
from tasker.language.findings import finding
from tasker.language.host_hints import names_like_ranges
from tasker.language.host_list import ALL, HostList, HostProblem, InvalidHosts
from tasker.language.template import parse_template
from tasker.language.variables import Globals, Missing, value_of_hosts
from tasker.protocol.discovery import exec_type_in, known_about

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tasker.inventory.inventories import Inventories
    from tasker.protocol.types import PlayedHosts, RecordedHosts, Settings, Task, Workflow

    Names = Sequence[str]

ABOUT = {"accepts": "workflow", "returns": "workflow", "name": "expand", "parallel": False}
USAGE = """
usage: tasker parse t.txt | tasker expand | tasker tasks     which hosts each `hosts=` names
       tasker expand --lines | --about                       see docs/PROTOCOL.md
"""
_ALONE = "use globals only, or one output as the whole value: hosts=@0_stdout@"
SOURCES = ("file:", "run:")  # what only the task file may read hosts from
COMPARED = 20  # missing groups that are compared with all that there are
SHOWN = 5  # hosts or groups that a finding names
# the groups of the example configuration that ClusterShell installs: their hosts do not exist
EXAMPLES = frozenset(("adm", "all", "compute", "gpu", "io", "mds", "oss"))


def expand(workflow: Workflow) -> Workflow:
    """Add `targets` (host names, in order, each once) to every task with `hosts`, or a finding; return the workflow."""
    texts = Globals.of(workflow)
    sources = HostSources(os.path.dirname(workflow.get("file", "")), lambda: _settings_of(workflow))
    asks: list[str] = []
    for task in workflow.get("tasks", []):
        if "hosts" not in task:
            continue
        if (kept := sources.kept_targets(task)) is not None:
            task["targets"] = kept
            continue
        if (played := sources.played()) and task["hosts"] in (known := played["hosts"].get("targets", {})):
            task["targets"] = known[task["hosts"]]
            continue
        try:
            text = texts.text(task["hosts"])
            if outside := _not_from_outside(texts, task["hosts"]):
                _report(workflow, task, outside)
                continue
        except Missing as missing:
            if missing.kind == "not_given":
                continue  # parse has reported it
            if missing.kind == "output" and value_of_hosts(texts, task["hosts"]) and workflow.get("rules", 1) > 1:
                continue  # the run knows them
            message = f"'hosts' cannot be known before the run: {missing.reason}"
            _report(workflow, task, HostProblem("N001", message, _ALONE, 0))
            continue
        read = HostList(sources).read(text)
        for problem in read.problems:
            _report(workflow, task, problem if text == task["hosts"] else problem._replace(offset=0))
        if read.problems:
            continue
        task["targets"] = read.names
        for group in read.empty_groups:
            _report(
                workflow,
                task,
                HostProblem("N006", f"the group '{group}' is empty", "leave it out, or give it hosts", 0),
            )
        if read.repeated:
            message = f"named twice and counted once: {_some(read.repeated)}"
            _report(workflow, task, HostProblem("N007", message, "name each host once", 0))
        for offset, name, meant in names_like_ranges(text):
            message = f"'{name}' is one host, and looks like a range of hosts"
            problem = HostProblem("N009", message, f"did you mean '{meant}'?", offset if text == task["hosts"] else 0)
            _report(workflow, task, problem)
        if read.names_all:
            asks.append(f"task {task['task']} runs on every known host (@{ALL})")
            message = f"every known host ('@{ALL}'): a real run asks first, or needs --yes"
            _report(workflow, task, HostProblem("N008", message, "name groups instead, to run without confirmation", 0))
    if "limit" in workflow.get("settings", {}):
        from tasker.language.limit import apply_limit  # here: few runs have one

        apply_limit(workflow, sources, lambda task: _runs_here(workflow, texts, task))
    if asks:
        workflow["confirm"] = asks
    if sources.has_inventories():
        from tasker.inventory.task_hosts import add_facts  # here: few runs have an inventory

        add_facts(workflow, sources.inventories(), sources.settings().get("resumed"))
    if workflow.get("settings", {}).get("record_hosts"):
        workflow["recorded_hosts"] = sources.record(workflow)
    if workflow.get("settings", {}).get("list_hosts"):
        from tasker.inventory.task_hosts import add_listing

        add_listing(workflow, sources.inventories(), sources.settings().get("groups", {}))
    return workflow


def _runs_here(workflow: Workflow, texts: Globals, task: Task) -> bool:
    """Does a task run on this machine, whatever its host?"""
    settings = workflow.get("settings", {})
    try:
        exec_type = exec_type_in(settings, texts.text(task.get("exec", "")))
    except Missing:
        return False
    about = known_about(exec_type, settings.get("runners_map"))
    return about is not None and about.get("host") == "none"


def _not_from_outside(texts: Globals, written: str) -> HostProblem | None:
    """What a value from outside may not name: it is a list of names, ranges and groups."""
    if not texts.has_parameter(written):
        return None
    for part in texts.expand(parse_template(written)):
        if isinstance(part, str):
            continue
        for one in (part.given or "").replace(",", " ").replace("!", " ").replace("&", " ").split():
            if one.startswith(SOURCES) or "@" in one[1:]:
                from tasker.language.parse.source import quote_name  # here: few values are wrong

                message = f"{quote_name(one)} in @{part.name}@: a value from outside lists names, ranges and groups"
                return HostProblem("N002", message, "write what else it takes into the task file", 0)
    return None


def _report(workflow: Workflow, task: Task, problem: HostProblem) -> None:
    """Add a finding about `hosts` of a task."""
    line, column = task.get("at", {}).get("hosts", (task.get("line", 0), 0))
    one = finding(
        problem.code,
        problem.message,
        problem.fix,
        task=task["task"],
        field="hosts",
        file=workflow.get("file", ""),
        line=line,
        column=column and column + problem.offset,
    )
    workflow.setdefault("findings", []).append(one)
    if one["severity"] == "error":
        workflow["ok"] = False


def _some(names: Iterable[str]) -> str:
    """The first few of these names."""
    listed = [f"'{name}'" for name in names]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def _settings_of(workflow: Workflow) -> Settings:
    """The settings of a run, with those of the configuration. Raises Problem for an invalid configuration."""
    from tasker.configuration.load import with_settings  # here: few runs name a group

    return with_settings(workflow).get("settings", {})


class HostSources:
    """Groups, files and programs for HostList. folder: for a relative path. settings: gives those of the run, once
    they are needed."""

    def __init__(self, folder: str, settings: Callable[[], Settings]) -> None:
        self.folder, self._load = folder, settings
        self._loaded: Settings | None = None
        self._inventories: Inventories | None = None
        self._known: dict[str, Names] = {}
        self._missing = 0
        self._lists: dict[str, list[tuple[int, str]]] = {}
        self._clusters: dict[str, Names] = {}

    def group(self, name: str) -> Names:
        """The hosts of a group; none for a group that is known and empty. Raises InvalidHosts."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Names:
        from tasker.configuration.groups import group_hosts

        groups: Mapping[str, Names] = self.settings().get("groups", {})
        if name in groups:
            return group_hosts(name, groups[name])
        inventories = self.inventories() if self.has_inventories() else None
        if name == ALL and (groups or inventories):
            made = dict.fromkeys(host for group, members in groups.items() for host in group_hosts(group, members))
            made.update(dict.fromkeys(inventories.group(name) or () if inventories else ()))
            made.update(dict.fromkeys(self._cluster_group(name) or ()))
            return list(made)
        if inventories and (found := inventories.group(name)) is not None:
            return found
        if (nodes := self._cluster_group(name)) is not None:
            return nodes
        if played := self.played():
            there = [*groups, *(inventories.group_names() if inventories else ()), *played["hosts"]["clusters"]]
            raise _not_recorded(f"there is no group '{name}'", played, name, there)
        if inventories and inventories.faults:
            raise InvalidHosts(f"there is no group '{name}' in the inventories that can be read", "correct the others")
        self._missing += 1
        there = [*groups, *(inventories.group_names() if inventories else ())]
        raise _missing_group(name, there if self._missing <= COMPARED else ())

    def _cluster_group(self, name: str) -> Names | None:
        if played := self.played():
            found: Names | None = played["hosts"]["clusters"].get(name)
        else:
            found = _cluster_group(name)
        if found is not None:
            self._clusters[name] = found
        return found

    def played(self) -> PlayedHosts | None:
        """In a replay, what the recording has: nothing else is read."""
        return self.settings().get("played_hosts")

    def record(self, workflow: Workflow) -> RecordedHosts:
        """What a replay needs instead of all that was read here."""
        from tasker.inventory.facts import READ, hides
        from tasker.inventory.recorded import empty_record
        from tasker.inventory.task_hosts import used_variables

        made = empty_record()
        if self.has_inventories():
            kept = {*READ, *used_variables(workflow)}
            made["sources"] = self.inventories().record(lambda name: name in kept and not hides(name))
        made["lists"] = {path: {str(number): line for number, line in lines} for path, lines in self._lists.items()}
        made["clusters"] = {name: list(hosts) for name, hosts in self._clusters.items()}
        return made

    def settings(self) -> Settings:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def has_inventories(self) -> bool:
        """Is there anything that knows hosts and their variables?"""
        if self._inventories is not None:
            return True
        if (played := self.played()) and (played["hosts"]["sources"] or "connections" in played["hosts"]):
            return True
        return "host_vars" in self.settings() or (not played and "inventory" in self.settings())

    def inventories(self) -> Inventories:
        if self._inventories is None:
            from tasker.inventory.inventories import Inventories  # here: few runs have any

            settings = self.settings()
            resumed = "resumed" in settings
            given, rules = settings.get("inventory", ()), settings.get("host_vars", ())
            self._inventories = Inventories(given, rules, resumed, self.played())
            self._inventories.resolve_matches(settings.get("options", ()))
        return self._inventories

    def kept_targets(self, task: Task) -> list[str] | None:
        """Where a resume reads a changed file: the hosts that the run has for the same list, if a program that is not
        asked again may know them. None elsewhere."""
        if (resumed := self.settings().get("resumed")) is None:
            return None
        before = resumed["tasks"].get(str(task["task"]))
        if before is None or before["hosts"] != task["hosts"]:
            return None
        asks = "run:" in task["hosts"] or (self.has_inventories() and self.inventories().left_out_any())
        return before["targets"] if asks else None

    def program(self, path: str) -> list[str]:
        """The hosts of run:PATH. Raises InvalidHosts."""
        whole = os.path.abspath(os.path.join(self.folder, path))
        return self.inventories().program(whole, path)

    def lines(self, path: str) -> list[tuple[int, str]]:
        """The lines of file:LIST with their numbers, without comments. Raises InvalidHosts."""
        from tasker.hosts.list_file import read_lines  # here: few runs have one

        if played := self.played():
            if path not in played["hosts"]["lists"]:
                raise _not_recorded(f"there is no list '{path}'", played, path, played["hosts"]["lists"])
            lines = [(int(number), line) for number, line in played["hosts"]["lists"][path].items()]
        else:
            lines = read_lines(path, os.path.join(self.folder, path))
        self._lists[path] = lines
        return lines


def _not_recorded(message: str, played: PlayedHosts, name: str, there: Iterable[str]) -> InvalidHosts:
    """What a replay cannot know."""
    from tasker.inventory.inventories import NOT_RECORDED
    from tasker.language.fields import did_you_mean

    return InvalidHosts(f"{message} in the recording '{played['path']}'", did_you_mean(name, [*there]) or NOT_RECORDED)


def _missing_group(name: str, groups: Iterable[str]) -> InvalidHosts:
    from tasker.language.fields import did_you_mean

    there = [*groups, *_cluster_groups()]
    fix = did_you_mean(name, there)
    if not fix and there:
        fix = f"there are {', '.join('@' + one for one in there[:SHOWN])}{', …' if len(there) > SHOWN else ''}"
    if fix or _has_clustershell():
        return InvalidHosts(f"there is no group '{name}'", fix or "define it in [groups] of tasker.toml")
    message = f"there is no group '{name}', and the library ClusterShell, which may know it, is not installed"
    from tasker.system.missing_library import install_command

    fix = f"define it in [groups] of tasker.toml, or install that library ({install_command('ClusterShell')})"
    return InvalidHosts(message, fix, "N003")


def _has_clustershell() -> bool:
    try:
        import ClusterShell.NodeSet  # noqa: F401
    except ImportError:
        return False
    return True


def _cluster_group(name: str) -> list[str] | None:
    """The hosts of a group of ClusterShell; None where it does not know the group. Raises InvalidHosts."""
    if not _has_clustershell():
        return None
    from ClusterShell.NodeSet import NodeSet, NodeSetException
    from ClusterShell.NodeUtils import GroupResolverError, GroupSourceError

    source, _, group = name.rpartition(":")
    try:
        nodes = list(NodeSet.fromall(groupsource=source or None) if group == ALL else NodeSet("@" + name))
    except (NodeSetException, GroupResolverError, GroupSourceError, OSError, ValueError) as error:
        if not source and (group == ALL or isinstance(error, GroupResolverError) or group not in _cluster_groups()):
            return None  # it has no groups, or not this one
        what = "no such source of groups: " if isinstance(error, GroupResolverError) else ""
        raise InvalidHosts(f"ClusterShell cannot read '@{name}': {what}{error}", "see its groups.conf") from None
    if not nodes:
        return [] if group in _cluster_groups(source) else None
    return None if group in EXAMPLES and all(map(_is_example, nodes)) else nodes


def _is_example(node: str) -> bool:
    return node.startswith("example") and node.removeprefix("example").isdecimal()


def _cluster_groups(source: str = "") -> list[str]:
    """The names of ClusterShell's groups; none where they cannot be listed."""
    if not _has_clustershell():
        return []
    from ClusterShell.NodeSet import std_group_resolver

    try:
        names = list(std_group_resolver().grouplist(source or None))
    except Exception:  # whatever a source of a site raises
        return []
    return [] if EXAMPLES.issuperset(names) else names


def main(arguments: list[str] | None = None) -> int:
    return stage.serve(expand, ABOUT, USAGE, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
