"""What a task is called."""


def task_title(task):
    return task.get("title") or " ".join(task[f] for f in ("command", "arguments") if task.get(f))
