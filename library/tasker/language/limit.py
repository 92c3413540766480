"""`--limit`: which hosts of a workflow are left, and which tasks are left out (docs/language.md §6)."""

from __future__ import annotations

from tasker.language.fields import FIELDS, hosts_of_task
from tasker.language.findings import finding
from tasker.language.host_list import HostList, HostSet
from tasker.language.variables import Globals, Missing
from tasker.language.workflow_index import WorkflowIndex
from tasker.text.host_ranges import fold_hosts, number_ranges
from tasker.text.plural import count_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.language.host_list import Sources
    from tasker.protocol.types import Finding, SettingsLimit, Task, Workflow, WorkflowLimit

SKIP, RUN = "skip", "run"
NO_HOST = "--limit leaves none of its hosts"


def apply_limit(workflow: Workflow, sources: Sources, runs_here: Callable[[Task], bool]) -> None:
    """Keep of the `targets` of each task those that are in the limit; add `limit`, and findings.

    runs_here: does a task run on this machine, whatever its host?
    """
    settings = workflow["settings"]["limit"]
    found: list[Finding] = []
    wanted = _wanted(workflow, sources, settings, found)
    if wanted is None:
        _add(workflow, found)
        return
    limit: WorkflowLimit = {"written": settings["written"], "of": {}, "skip": {}, "hosts": 0}
    texts = Globals.of(workflow)
    free = _members_of_chains(workflow)
    kept: dict[str, None] = {}
    listed = {task["task"] for task in workflow["tasks"] if "targets" in task}
    touched, asked = False, []
    for task in workflow["tasks"]:
        number = str(task["task"])
        if "targets" in task:
            hosts = task["targets"]
            task["targets"] = limited(hosts, wanted)
            if len(task["targets"]) < len(hosts) and _reads_places(texts, task):
                place = {name: number for number, name in enumerate(hosts)}
                limit.setdefault("places", {})[number] = [place[name] for name in task["targets"]]
            limit["of"][number] = len(hosts)
            kept |= dict.fromkeys(task["targets"])
            if not task["targets"]:
                limit["skip"][number] = NO_HOST
            touched = touched or bool(task["targets"])
        elif "hosts" in task:
            limit["names"] = list(wanted.names.values())
            # the run knows, unless it can only be hosts of a task that is touched or not
            touched = touched or hosts_of_task(task["hosts"]) not in listed
        elif task.get("hostname") and task["task"] not in free and not runs_here(task):
            host = _hostname(texts, task)
            if host and limited([host], wanted):
                touched = True
                kept[host] = None
            elif word := settings["outside"].get(number) or settings["outside"].get(""):
                if word == SKIP:
                    limit["skip"][number] = f"{host or 'its host'} is outside of --limit"
            else:
                asked.append(task)
    for task in asked:
        host, one = _hostname(texts, task), task["task"]
        what = f"runs on {host}, which is" if host else f"runs on {task['hostname']}, which can be"
        fix = f"add --outside {one}={SKIP} or --outside {one}={RUN}; --outside {SKIP} is for all such tasks"
        found.append(_finding(workflow, "N014", f"task {one} {what} outside of --limit", fix, task))
    for number in settings["outside"]:
        if number and all(str(task["task"]) != number for task in workflow["tasks"]):
            found.append(
                _finding(workflow, "N013", f"--outside: there is no task {number}", "correct the number", None)
            )
    if not touched and not any(one["severity"] == "error" for one in found):
        message = f"--limit touches no task: no task has any of {shorten(fold_hosts(wanted.names.values()), 200)}"
        found.append(_finding(workflow, "N013", message, "name hosts of this file", None))
    limit["hosts"] = len(kept)
    workflow["limit"] = limit
    _add(workflow, found)


def _wanted(workflow: Workflow, sources: Sources, settings: SettingsLimit, found: list[Finding]) -> HostSet | None:
    """The hosts of the limit; None if it cannot be read."""
    wanted = HostSet()
    for written in settings["written"]:
        read = HostList(sources, settings["runs"]).read(written)
        for problem in read.problems:
            message = f"--limit {shorten(written, 100)}: {problem.message}"
            found.append(_finding(workflow, "N013", message, problem.fix or "correct it", None))
        for name in read.names:
            wanted.add(name)
    if any(one["code"] == "N013" for one in found):
        return None
    if not wanted.names:
        message = f"--limit {' '.join(settings['written'])} names no host"
        found.append(_finding(workflow, "N013", message, "name at least one", None))
        return None
    return wanted


def _reads_places(texts: Globals, task: Task) -> bool:
    """May a task read `@task@`, the place of its host?"""
    return any("@task" in text for text in texts.texts.values()) or any(
        "@task" in str(value) for field, value in task.items() if field in FIELDS
    )


def limited(hosts: Iterable[str], wanted: HostSet) -> list[str]:
    """Those of these hosts that are in a limit, in their order."""
    made = HostSet()
    for name in hosts:
        made.add(name)
    made.keep(wanted)
    return list(made.names.values())


def _hostname(texts: Globals, task: Task) -> str:
    """The host of a task; "" where only the run knows it."""
    try:
        return texts.text(task["hostname"])
    except Missing:
        return ""


def _members_of_chains(workflow: Workflow) -> set[int]:
    """The tasks that run for the hosts of a chain, wherever they run."""
    chains = [task for task in workflow["tasks"] if task.get("type") == "chain"]
    if not chains:
        return set()
    return set(WorkflowIndex(workflow).chains())


def _finding(workflow: Workflow, code: str, message: str, fix: str, task: Task | None) -> Finding:
    at = [0, 0] if task is None else task.get("at", {}).get("hostname", [task.get("line", 0), 0])
    return finding(
        code,
        printable(message),
        printable(fix),
        file=workflow.get("file", ""),
        line=at[0],
        column=at[1],
        task=None if task is None else task["task"],
        field=None if task is None else "hostname",
    )


def _add(workflow: Workflow, found: list[Finding]) -> None:
    workflow.setdefault("findings", []).extend(found)
    if any(one["severity"] == "error" for one in found):
        workflow["ok"] = False


def limit_cell(counts: str, limit: WorkflowLimit) -> str:
    """The counts of a project summary, which are those of a part of the hosts."""
    mark = f"limit: {shorten(' '.join(limit['written']), 100)}"
    return f"{counts} ({mark})" if counts else mark


def limit_line(limit: WorkflowLimit) -> str:
    """One line for log and plan."""
    before = sum(limit["of"].values())
    text = f"Limit: {', '.join(limit['written'])}: {count_of(limit['hosts'], 'host')}"
    if len(limit["of"]) == 1:
        text += f" of {before}"
    if limit["skip"]:
        numbers = number_ranges(sorted(map(int, limit["skip"])))
        text += f"; skipped: task{'s' if len(limit['skip']) > 1 else ''} {numbers}"
    return printable(shorten(text, 300))
