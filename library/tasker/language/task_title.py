"""The title of a task for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task


def task_title(task: Task) -> str:
    return task.get("title") or " ".join(text for text in (task.get("command"), task.get("arguments")) if text)
