"""A workflow of which only the ways through it are left: no hosts, words, waits or numbers that change no way."""

from __future__ import annotations

from collections import Counter

from tasker.language.fields import FANOUT, PARALLEL, ROUTE, fields_read_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Settings, Task, Workflow

SIMPLIFIED = ("command", "loop", "return", "hosts")  # on the route, but whatever they hold
KEPT = ("task", "title", *(name for name in fields_read_by(ROUTE) if name not in SIMPLIFIED))
MANY_ONLY = ("max_parallel", "canary", "stop_on", "max_failed_percent")
COUNTING = ("canary", "stop_on", "max_failed_percent")  # how many have failed so far
MEMBERS = ("tasks", "if_true_tasks", "if_false_tasks")
NEEDED, PLAIN = {"task", "command"}, {"task", "title", "command"}


def skeleton(workflow: Workflow, book: WorkflowIndex) -> tuple[Workflow, dict[int, list[int]]]:
    """The same workflow, to be walked quickly, and what was left out: {task: [those that do just the same]}.

    A retry ends well or badly, so it is one run; a loop goes round once more or not; of many hosts one is left, and
    of a parallel block one member, where all do the same.
    """
    tasks = {task["task"]: _bare(task, book) for task in workflow["tasks"]}
    alike: dict[int, list[int]] = {}
    for number, members in _uniform(tasks, book):
        tasks[number]["tasks"] = str(members[0])
        alike[members[0]] = members[1:]
        for member in members[1:]:
            del tasks[member]
    settings: Settings = {"dry_run": False, "skip_hosts": True, "exec": "local", "runners": {}}
    bare = workflow.copy()
    bare["tasks"], bare["settings"] = list(tasks.values()), workflow.get("settings", {}) | settings
    return bare, alike


def _uniform(tasks: Mapping[int, Task], book: WorkflowIndex) -> Iterator[tuple[int, list[int]]]:
    """The parallel blocks whose members do nothing but end well or badly: (number, members)."""
    blocks = [task for task in book.tasks.values() if "type" in task]
    listed = {task["task"]: [one for field in MEMBERS for one in book.members(task, field)] for task in blocks}
    times = Counter(one for members in listed.values() for one in members)

    def is_plain(number: int) -> bool:
        return NEEDED <= tasks[number].keys() <= PLAIN and times[number] == 1 and number not in book.named

    for block in blocks:
        members = listed[block["task"]]
        counts = any(field in block for field in COUNTING)
        if book.kind(block) == PARALLEL and len(members) > 1 and not counts and all(map(is_plain, members)):
            yield block["task"], members


def _bare(task: Task, book: WorkflowIndex) -> Task:
    kept = {field: task[field] for field in KEPT if field in task}  # type: ignore[literal-required]  # of a task
    made: Task = kept  # type: ignore[assignment]  # a task of which some fields are left out
    if task.get("command"):
        made["command"] = "true"
    if "loop" in task:
        made["loop"] = str(min(int(book.text(task, "loop") or 0), 1))
    if "return" in task:
        made["return"] = "0"  # what it is in the end, walk.py says
    if book.kind(task) == FANOUT:
        for field in MANY_ONLY:
            made.pop(field, None)  # type: ignore[misc]  # all of them are fields of a task
        made["hosts"], made["targets"] = "localhost", ["localhost"]
    return made
