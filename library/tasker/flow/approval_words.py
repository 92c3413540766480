"""What a person reads who is asked: the results so far, and where the flow goes after each answer."""

from __future__ import annotations

from tasker.flow.task_result import SKIPPED
from tasker.language import transitions
from tasker.language.fields import PARALLEL
from tasker.language.task_title import task_title
from tasker.protocol.exit_codes import STOPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

MOST = 20  # results that are shown
BRANCHES = ("if_true_tasks", "if_false_tasks")


def results_so_far(run: RunState, without: int | None = None) -> list[str]:
    """A line for each task that has a result, in the order in which they came to it first; the members of parallel
    blocks are in the line of their block. without: a task on many hosts that is not over."""
    made: list[str] = []
    for number, record in run.records.items():
        block = run.index.owned.get(number)
        if number == without or ("outcome" not in record and "total_count" not in record):
            continue
        if block is None or run.index.kind(run.index.tasks[block]) != PARALLEL:
            made.append(f"{named_task(run, number)}: {_result(record)}")
    return made if len(made) <= MOST else [f"{len(made) - MOST} results before these", *made[-MOST:]]


def named_task(run: RunState, number: int) -> str:
    title = task_title(run.index.tasks[number])
    return f"task {number} ({title})" if title else f"task {number}"


def _result(record: TaskRecord) -> str:
    if record.get("outcome") == SKIPPED:
        return SKIPPED
    if "total_count" in record and record.get("stdout"):
        return "; ".join(filter(None, (record["stdout"], record.get("stderr", ""))))
    if record.get("success"):
        return "ok"
    outcome = record.get("outcome", "failed").replace("_", " ")
    return f"{outcome} (exit code {record.get('exit_code')})"


def follow_text(run: RunState, task: Task, block: int | None, in_handler: bool, approved: bool) -> str:
    """Where the flow goes after this approval. block: the conditional block that it is a member of."""
    index, number = run.index, task["task"]
    decided = transitions.decided_by(index, task)
    if decided == "next":
        return f"next={task['next']} decides where the flow goes"
    ways = [way for way in transitions.transitions_of(index, task) if way != transitions.SKIP]
    way = ways[-1] if decided and not approved else ways[0]
    if way == transitions.UNHANDLED:
        way = transitions.after_unhandled(index, task, in_handler)
    if way in (transitions.SUCCESS, transitions.FAILURE):
        return _on_to(run, index.number(task, way))
    if way == transitions.STOP:
        return f"the branch of block {block} fails" if block is not None else f"the run stops with exit code {STOPPED}"
    if way == transitions.END:
        return f"the run ends with return={task['return']}" if "return" in task else "the run ends"
    if block is None:
        return _on_to(run, index.after(number, in_handler)[0])
    for field in BRANCHES:
        members = index.members(index.tasks[block], field)
        if number in members[:-1]:
            return _on_to(run, members[members.index(number) + 1])
    return f"on to the end of block {block}"


def _on_to(run: RunState, number: int | None) -> str:
    return "the run ends" if number is None else f"on to {named_task(run, number)}"
