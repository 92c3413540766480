"""The title of a task for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task


def task_title(task: Task) -> str:
    if "put" in task or "get" in task:
        both = ("put", task["put"]) if "put" in task else ("get", task["get"])
        return task.get("title") or " ".join(text for text in (*both, task.get("to")) if text)
    return task.get("title") or " ".join(text for text in (task.get("command"), task.get("arguments")) if text)
