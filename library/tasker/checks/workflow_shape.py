"""Is a document a workflow? The rules rely on its shape."""

from __future__ import annotations

from tasker.language.fields import FIELDS
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tasker.protocol.types import Document, Workflow


def require_shape(workflow: Document) -> Workflow:
    """The document as a Workflow. Raises Problem if it is not one: another program may have written it."""
    if workflow["kind"] != "workflow":
        raise Problem("bad_document", f"cannot check a document of kind '{workflow['kind']}': a workflow is needed")
    for good, what in SHAPE:
        try:
            right = good(workflow)
        except (AttributeError, KeyError, TypeError, ValueError):
            right = False
        if not right:
            raise Problem("bad_document", f"invalid workflow: {what}")
    return workflow  # type: ignore[return-value]  # it has the shape of one


def _tasks(workflow: Document) -> bool:
    for task in workflow["tasks"]:
        if type(task["task"]) is not int:
            return False
        for field, text in task.items():
            if field in FIELDS and not isinstance(text, str):
                return False
        for line, column in task.get("at", {}).values():  # _is_place, without a call for each: a task has eight
            if type(line) is not int or type(column) is not int:
                return False
    return True


def _is_place(at: Any) -> bool:  # Any: another program may have written anything here
    line, column = at
    return type(line) is int and type(column) is int


def _variables(workflow: Document) -> bool:
    entries = workflow.get("variables", {}).values()
    return all(isinstance(one["value"], str) and _is_place(one.get("at", (0, 0))) for one in entries)


def _settings(workflow: Document) -> bool:
    settings = workflow.get("settings", {})
    names = settings.get("available")
    right = names is None or (isinstance(names, list) and all(isinstance(name, str) for name in names))
    right = right and isinstance(settings.get("exec", ""), str) and isinstance(settings.get("runners", {}), dict)
    return right and (settings.get("start_from") is None or type(settings["start_from"]) is int)


def _findings(workflow: Document) -> bool:
    found = workflow.get("findings", [])
    return isinstance(found, list) and all(
        isinstance(one["severity"], str) and _is_place((one.get("line", 0), one.get("column", 0))) for one in found
    )


SHAPE: tuple[tuple[Callable[[Document], bool], str], ...] = (
    (_tasks, "'tasks' must be a list of objects with a number 'task' and texts"),
    (_variables, "'variables' must be an object of objects with a text 'value'"),
    (_settings, "'settings' must be an object; exec a text, start_from a number, available a list of texts"),
    (_findings, "'findings' must be a list of objects with a text 'severity' and places"),
)
