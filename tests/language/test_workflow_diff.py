"""What a resume takes for a change of the task file."""

from __future__ import annotations

from tasker.modules.expand import expand

from tasker.language.parse.taskfile import parse_workflow
from tasker.language.workflow_diff import changed_fields, keep_order_of_hosts
from tasker.protocol.types import Workflow


def workflow(hosts: str, targets: list[str] | None = None, rules: int = 2) -> Workflow:
    made = expand(parse_workflow(f"task=0\nhosts={hosts}\ncommand=x\n".encode(), "t.txt"))
    made["rules"] = rules
    if targets is not None:
        made["tasks"][0]["targets"] = targets
    return made


def changed(old: Workflow, new: Workflow) -> list[int]:
    keep_order_of_hosts(old, new)
    return list(changed_fields(old, new))


def test_a_run_of_an_older_version_keeps_the_order_of_its_hosts() -> None:
    sorted_then = workflow("web[3,1],Web1", ["web1", "web3", "Web1"], rules=1)
    new = workflow("web[3,1],Web1", rules=1)

    assert changed(sorted_then, new) == []
    assert new["tasks"][0]["targets"] == ["web1", "web3", "Web1"]


def test_other_hosts_are_a_change_for_it() -> None:
    assert changed(workflow("web[3,1]", ["web1", "web3"], rules=1), workflow("web[4,1]", rules=1)) == [0]
    assert changed(workflow("file:x", ["web1", "web3"], rules=1), workflow("web[3,1]", rules=1)) == [0]


def test_the_order_is_a_change_for_a_run_of_now() -> None:
    assert changed(workflow("web[3,1]", ["web1", "web3"]), workflow("web[3,1]")) == [0]
