"""The differences between two versions of a task file: tasks by number, with the globals that they use."""

from __future__ import annotations

from tasker.language.fields import FIELDS
from tasker.language.template import refs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from tasker.protocol.types import Task, Workflow

    Meaning: TypeAlias = tuple[dict[str, object], dict[str, str]]  # fields, and the globals in them


def changed_tasks(old: Workflow, new: Workflow) -> list[int]:
    """The numbers of the tasks that are in only one of two workflows, or differ, also by a global that they use."""
    one, other = _meanings(old), _meanings(new)
    return sorted(number for number in one.keys() | other.keys() if one.get(number) != other.get(number))


def keep_order_of_hosts(old: Workflow, new: Workflow) -> None:
    """Let the tasks of `new` have the hosts of `old` where they are the same ones.

    Version 1 of the language's rules sorted the hosts of ranges and groups; a run that it began stays with that order.
    """
    before = {task["task"]: task for task in old["tasks"] if "targets" in task}
    for task in new["tasks"] if old.get("rules", 1) < 2 else ():
        was = before.get(task["task"])
        if was and was.get("hosts") == task.get("hosts") and _cases(was["targets"]) == _cases(task.get("targets", [])):
            task["targets"] = was["targets"]


def _cases(names: list[str]) -> set[str]:
    return set(map(str.lower, names))


def _meanings(workflow: Workflow) -> dict[int, Meaning]:
    """number -> (fields, the globals that they use with their values)."""
    variables = {name: entry["value"] for name, entry in workflow.get("variables", {}).items()}
    return {task["task"]: _meaning(task, variables) for task in workflow["tasks"]}


def _meaning(task: Task, variables: dict[str, str]) -> Meaning:
    fields = {key: value for key, value in task.items() if key in FIELDS or key == "targets"}
    used: dict[str, str] = {}
    left = [text for text in fields.values() if isinstance(text, str)]
    while left:
        for ref in refs_of(left.pop()):
            if ref.task is None and ref.name in variables and ref.name not in used:
                used[ref.name] = variables[ref.name]
                left.append(variables[ref.name])
    return fields, used
