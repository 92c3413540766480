"""A workflow of which only the ways through it are left: no hosts, words, waits or numbers that change no way."""

from tasker.fields import FANOUT

KEPT = ("task", "title", "type", "tasks", "if_true_tasks", "if_false_tasks", "max_parallel", "canary", "stop_on")
ALSO = ("max_failed_percent", "condition", "success", "failure", "next", "on_success", "on_failure", "loop_break")
MANY_ONLY = ("max_parallel", "canary", "stop_on", "max_failed_percent")


def skeleton(workflow, book):
    """The same workflow, to be walked quickly. A retry ends well or badly, so it is one run; a loop goes round once
    more or not; of many hosts one is left."""
    tasks = [_bare(task, book) for task in workflow["tasks"]]
    settings = {**workflow.get("settings", {}), "dry_run": False, "skip_hosts": True, "exec": "local", "runners": {}}
    return {**workflow, "tasks": tasks, "settings": settings}


def _bare(task, book):
    made = {field: task[field] for field in (*KEPT, *ALSO) if field in task}
    if task.get("command"):
        made["command"] = "true"
    if "loop" in task:
        made["loop"] = str(min(int(book.text(task, "loop") or 0), 1))
    if "return" in task:
        made["return"] = "0"  # what it is in the end, walk.py says
    if book.kind(task) == FANOUT:
        made = {field: value for field, value in made.items() if field not in MANY_ONLY}
        made |= {"hosts": "localhost", "targets": ["localhost"]}
    return made
