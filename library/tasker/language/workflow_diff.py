"""The differences between two versions of a task file: tasks by number, with the globals that they use."""

from __future__ import annotations

from tasker.language.fields import FIELDS, PACE, field_text
from tasker.language.template import refs_of
from tasker.language.workflow_index import WorkflowIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TypeAlias

    from tasker.protocol.types import GlobalVariable, Task, Workflow

    Meaning: TypeAlias = dict[str, tuple[object, dict[str, str]]]  # field -> (value, the globals in it)


def changed_fields(old: Workflow, new: Workflow) -> dict[int, list[str]]:
    """number -> the fields that differ, also by a global that they use, of each task that differs. No field is named
    for a task that is in only one of the two."""
    one, other = _meanings(old), _meanings(new)
    made: dict[int, list[str]] = {}
    for number in sorted(one.keys() | other.keys()):
        before, after = one.get(number), other.get(number)
        if before is None or after is None:
            made[number] = []
        elif fields := sorted(key for key in {**before, **after} if before.get(key) != after.get(key)):
            made[number] = fields
    return made


def is_pace(fields: list[str]) -> bool:
    """Do these fields only set the pace?"""
    return bool(fields) and set(fields).issubset(PACE)


def pace_of(workflow: Workflow, number: int) -> dict[str, str | None]:
    """The fields of a task that set the pace, their globals expanded; None for those that it does not have."""
    index = WorkflowIndex(workflow)
    task = index.tasks[number]
    return {key: index.text(task, key) or field_text(task, key) or None for key in sorted(PACE)}


def with_pace(task: Task, pace: dict[str, str | None]) -> Task:
    """The task with these fields."""
    kept = {key: value for key, value in task.items() if key not in pace}
    kept |= {key: value for key, value in pace.items() if value is not None}
    return kept  # type: ignore[return-value]  # a task, with other values of its fields


def keep_order_of_hosts(old: Workflow, new: Workflow) -> None:
    """Let the tasks of `new` have the hosts of `old` where they are the same ones.

    Version 1 of the language's rules sorted the hosts of ranges and groups; a run that it began stays with that order.
    """
    before = {task["task"]: task for task in old["tasks"] if "targets" in task}
    for task in new["tasks"] if old.get("rules", 1) < 2 else ():
        was = before.get(task["task"])
        if was and was.get("hosts") == task.get("hosts") and _cases(was["targets"]) == _cases(task.get("targets", [])):
            task["targets"] = was["targets"]


def keep_down(old: Workflow, new: Workflow, numbers: Collection[int] | None = None) -> None:
    """Let these tasks of `new`, or all, have the hosts that were down when `old` was checked: which of them were looked
    at again is part of what has happened."""
    before = {task["task"]: task for task in old["tasks"]}
    for task in new["tasks"]:
        was = before.get(task["task"])
        if was is None or (numbers is not None and task["task"] not in numbers):
            continue
        task.pop("down", None)
        if "down" in was:
            task["down"] = was["down"]


def _cases(names: list[str]) -> set[str]:
    return set(map(str.lower, names))


def _meanings(workflow: Workflow) -> dict[int, Meaning]:
    variables = workflow.get("variables", {})
    return {
        task["task"]: {
            key: (value, _used(value, variables)) for key, value in task.items() if key in FIELDS or key == "targets"
        }
        for task in workflow["tasks"]
    }


def _used(value: object, variables: dict[str, GlobalVariable]) -> dict[str, str]:
    """The globals in a field, with their values. One from outside is data: no other global is in it."""
    used: dict[str, str] = {}
    left = [value] if isinstance(value, str) else []
    while left:
        for ref in refs_of(left.pop()):
            if ref.task is None and ref.name in variables and ref.name not in used:
                entry = variables[ref.name]
                used[ref.name] = entry.get("set", entry["value"])
                if "set" not in entry:
                    left.append(entry["value"])
                elif entry.get("split"):
                    used[ref.name] += "\nsplit"
    return used
