#!/usr/bin/env python3
"""Expand `hosts=`: a workflow in, the same workflow out with `targets` in the tasks that have hosts.

`web1,db1` is a list; `web[1-100]` and `@group` are ClusterShell's NodeSet syntax, read by that library; `file:LIST` is
a file with one such text a line. Flow opens no file, so the hosts have to be known before it starts.
"""

from __future__ import annotations

import os

from tasker import stage
from tasker.language.findings import finding
from tasker.language.variables import Globals, Missing
from tasker.system.private_files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Workflow

ABOUT = {"accepts": "workflow", "returns": "workflow", "name": "expand", "parallel": False}
USAGE = """
usage: tasker parse t.txt | tasker expand | tasker tasks     which hosts each `hosts=` names
       tasker expand --lines | --about                       see docs/PROTOCOL.md
"""
MOST_HOSTS = 100_000
LARGEST_FILE = 16 << 20


class InvalidHosts(Exception):
    """A `hosts=` that cannot be expanded: the code, message and fix of its finding."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(code, message, fix)
        self.code, self.message, self.fix = code, message, fix


def expand(workflow: Workflow) -> Workflow:
    """Add `targets` (host names, in order, each once) to every task with `hosts`, or a finding; return the workflow."""
    texts = Globals.of(workflow)
    findings = workflow.setdefault("findings", [])
    for task in workflow.get("tasks", []):
        if "hosts" not in task:
            continue
        try:
            task["targets"] = targets(texts.text(task["hosts"]), os.path.dirname(workflow.get("file", "")))
        except Missing as missing:
            found = InvalidHosts(
                "N001", f"'hosts' cannot be known before the run: {missing.reason}", "use globals only"
            )
        except InvalidHosts as error:
            found = error
        else:
            continue
        line, column = task.get("at", {}).get("hosts", (task.get("line", 0), 0))
        file, text = workflow.get("file", ""), found.message
        findings.append(
            finding(found.code, text, found.fix, task=task["task"], field="hosts", file=file, line=line, column=column)
        )
        workflow["ok"] = False
    return workflow


def targets(text: str, folder: str = "") -> list[str]:
    """The host names in a text. folder: for a relative file:LIST. Raises InvalidHosts."""
    names: dict[str, None] = {}
    for part in _read_list(text, folder) if text.startswith("file:") else [text]:
        names.update(dict.fromkeys(_expand_node_set(part) if _needs_library(part) else _split_list(part)))
        if len(names) > MOST_HOSTS:
            raise InvalidHosts("N004", f"more than {MOST_HOSTS} hosts", "split the task")
    if not names:
        raise InvalidHosts("N002", f"'{text}' names no host", "name at least one")
    return list(names)


def _split_list(part: str) -> list[str]:
    return [name for name in part.replace(",", " ").split() if name]


def _needs_library(part: str) -> bool:
    return any(sign in part for sign in "[]@!&^*")


def _expand_node_set(part: str) -> list[str]:
    try:
        from ClusterShell.NodeSet import NodeSet, NodeSetException
        from ClusterShell.NodeUtils import GroupResolverError, GroupSourceError
    except ImportError:
        fix = "pip install 'tasker[hosts]', or list the hosts with commas"
        raise InvalidHosts("N003", f"'{part}' needs the library ClusterShell, which is not installed", fix) from None
    try:
        nodes = NodeSet(part)
        if len(nodes) > MOST_HOSTS:
            raise InvalidHosts("N004", f"more than {MOST_HOSTS} hosts", "split the task")
        return list(nodes)
    except (NodeSetException, GroupResolverError, GroupSourceError, OSError, ValueError) as error:
        what = "no such source of groups: " if isinstance(error, GroupResolverError) else ""
        raise InvalidHosts(
            "N002", f"'{part}' names no hosts: {what}{error}", "see ClusterShell's NodeSet syntax"
        ) from None


def _read_list(text: str, folder: str) -> list[str]:
    """The lines of file:LIST, without comments."""
    path = os.path.join(folder, text.removeprefix("file:").strip())
    try:
        data = read_regular(path, LARGEST_FILE)
    except OSError as error:
        raise InvalidHosts("N002", f"cannot read '{path}': {error.strerror}", "check the name") from None
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        fix = "one host or NodeSet a line, UTF-8"
        raise InvalidHosts("N002", f"cannot read '{path}' as a list of hosts", fix) from None
    return [line.split("#", 1)[0].strip() for line in lines if line.split("#", 1)[0].strip()]


def main(arguments: list[str] | None = None) -> int:
    return stage.serve(expand, ABOUT, USAGE, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
