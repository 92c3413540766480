"""A workflow reduced to the paths through it: without hosts, words, waits, and numbers that change no path."""

from __future__ import annotations

from collections import Counter

from tasker.language.fields import COPIES, HOSTED, MEMBERS, PARALLEL, ROUTE, fields_read_by, has_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Settings, Task, Workflow

SIMPLIFIED = (*COPIES, "command", "loop", "return", "hosts")  # on the route, but whatever they hold
KEPT = ("task", "title", *(name for name in fields_read_by(ROUTE) if name not in SIMPLIFIED))
MANY_ONLY = ("max_parallel", "canary", "stop_on", "max_failed_percent")
COUNTING = ("canary", "stop_on", "max_failed_percent")  # these depend on how many have failed
NAMES_A_HOST = " names a host"
NEEDED, PLAIN = {"task", "command"}, {"task", "title", "command"}


def skeleton(workflow: Workflow, index: WorkflowIndex) -> tuple[Workflow, dict[int, list[int]]]:
    """(the workflow, reduced; which tasks were left out: {task: [tasks that do the same]}).

    A command with retries succeeds or fails, so it is one attempt. A loop runs once more or not. Of many hosts one is
    left, and of a parallel block one member, if all members do the same.
    """
    tasks = {task["task"]: _reduced_task(task, index) for task in workflow["tasks"]}
    represented: dict[int, list[int]] = {}
    for number, members in _uniform(tasks, index):
        tasks[number]["tasks"] = str(members[0])
        represented[members[0]] = members[1:]
        for member in members[1:]:
            del tasks[member]
    settings: Settings = {"dry_run": False, "skip_hosts": True, "exec": "local", "runners": {}}
    bare = workflow.copy()
    bare["tasks"], bare["settings"] = list(tasks.values()), workflow.get("settings", {}) | settings
    return bare, represented


def _uniform(tasks: Mapping[int, Task], index: WorkflowIndex) -> Iterator[tuple[int, list[int]]]:
    """The parallel blocks whose members only succeed or fail: (number, members)."""
    blocks = [task for task in index.tasks.values() if "type" in task]
    listed = {task["task"]: [one for field in MEMBERS for one in index.members(task, field)] for task in blocks}
    times = Counter(one for members in listed.values() for one in members)

    def is_plain(number: int) -> bool:
        return NEEDED <= tasks[number].keys() <= PLAIN and times[number] == 1 and number not in index.named

    for block in blocks:
        members = listed[block["task"]]
        counts = any(field in block for field in COUNTING)
        if index.kind(block) == PARALLEL and len(members) > 1 and not counts and all(map(is_plain, members)):
            yield block["task"], members


def _reduced_task(task: Task, index: WorkflowIndex) -> Task:
    kept = {field: task[field] for field in KEPT if field in task}  # type: ignore[literal-required]  # of a task
    made: Task = kept  # type: ignore[assignment]  # a task of which some fields are left out
    if has_command(task):
        made["command"] = "true"
    if "loop" in task:
        made["loop"] = str(min(int(index.text(task, "loop") or 0), 1))
    if "return" in task:
        # walk.py finds the real one; only 0 cannot end a run in which this task failed
        made["return"] = "0" if index.text(task, "return").strip() == "0" else "1"
    if index.kind(task) in HOSTED:
        for field in MANY_ONLY:
            made.pop(field, None)  # type: ignore[misc]  # all of them are fields of a task
        made["hosts"], made["targets"] = "localhost", ["localhost"]
        if index.hosts_value(task) is not None and "condition" not in task:
            made["condition"] = f"{task['hosts'].strip()}{NAMES_A_HOST}"  # without a host it is skipped
    return made
