"""What a task is called."""


def title(task):
    return task.get("title") or " ".join(task[f] for f in ("command", "arguments") if task.get(f))
