"""Hosts that are reached by way of others, and hosts of a chain: which of them are resolved, pinged and tested."""

from __future__ import annotations

from typing import Any

import pytest
from tasker.validators import hosts

from tasker.hosts.reachability import Reached
from tasker.hosts.resolver import Resolution

Doc = dict[str, Any]  # Any: a workflow, and what is asked of runners


def checked(tasks: list[Doc], **settings: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """(names that were resolved, (exec type, host) of each connection test)."""
    resolved, tested = list[str](), list[tuple[str, str]]()

    def resolve(names: Any, watch: Any = None) -> dict[str, Resolution]:
        resolved.extend(names)
        return {one: Resolution(((2, ("192.0.2.1", 0)),), one, seconds=0.1) for one in names}

    def reach(places: Any, watch: Any = None) -> Reached:
        return Reached(dict.fromkeys(places, ("192.0.2.1", "")), "icmp", "")

    def ask(requests: Any) -> list[Doc]:
        tested.extend((kind, request["hostname"]) for kind, request in requests)
        return [{"kind": "result", "ok": True} for _ in requests]

    workflow: Doc = {"tasker": 1, "kind": "workflow", "ok": True, "variables": {}, "tasks": tasks, "findings": []}
    workflow["settings"] = {"exec": "openssh", **settings}
    hosts.check(workflow, test=True, resolve=resolve, reach=reach, ask=ask)
    return sorted(set(resolved)), sorted(tested)


@pytest.mark.parametrize("kind", ["ssh", "ssh2"])
def test_a_host_behind_jump_hosts_is_tested_alone(kind: str) -> None:
    tasks = [{"task": n, "line": n, "hostname": f"web{n}", "exec": kind, "command": "x"} for n in (1, 2)]
    rules = [
        {"runner": kind, "options": {"jump_hosts": ["g1", "g2"]}},
        {"match": ["web2"], "options": {"jump_hosts": []}},
    ]

    assert checked(tasks, options=rules) == (["web2"], [(kind, "web1"), (kind, "web2")])


def test_an_exec_type_without_that_option_resolves_them() -> None:
    tasks = [{"task": 1, "line": 1, "hostname": "web1", "exec": "openssh", "command": "x"}]
    rules = [{"options": {"jump_hosts": ["g1", "g2"]}}]

    assert checked(tasks, options=rules)[0] == ["web1"]


def test_the_hosts_of_a_chain_are_tested_by_the_exec_types_of_its_members() -> None:
    chain = {"task": 10, "line": 1, "type": "chain", "hosts": "web[1-2]", "tasks": "11-14", "targets": ["web1", "web2"]}
    kinds = {11: {"exec": "ssh"}, 12: {"exec": "ssh"}, 13: {"exec": "local"}, 14: {"exec": "ssh2", "hostname": "db1"}}
    tasks = [chain, *({"task": n, "line": n, "command": "x", **more} for n, more in kinds.items())]
    rules = [{"runner": "ssh", "options": {"jump_hosts": ["g1"]}}]

    assert checked(tasks) == (["db1", "web1", "web2"], [("ssh", "web1"), ("ssh", "web2"), ("ssh2", "db1")])
    assert checked(tasks, options=rules)[0] == ["db1"]


def test_the_hosts_of_a_chain_whose_members_run_here_are_checked_as_before() -> None:
    chain = {"task": 10, "line": 1, "type": "chain", "hosts": "web1", "tasks": "11", "targets": ["web1"]}
    tasks = [chain, {"task": 11, "line": 2, "command": "x", "exec": "local"}]

    assert checked(tasks)[0] == ["web1"]
