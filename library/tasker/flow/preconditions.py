"""What must hold before the first step, wherever the workflow comes from: that flow can walk it at all.

The validators report everything that is wrong with a task file, and where. This checks only what flow cannot survive.
"""

from __future__ import annotations

from tasker.flow import retry_policy
from tasker.flow.run_state import FlowEnd
from tasker.language.conditions.context import ConditionError
from tasker.language.fields import (
    CHAIN,
    CONDITION_FIELDS,
    CONDITIONAL,
    CONDITIONS,
    DECISION,
    FIELDS,
    MEMBERS,
    PARALLEL,
    TASK,
)
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import INVALID, NOT_POSSIBLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Task

JUMPS = ("on_success", "on_failure")
LEADING = frozenset((*JUMPS, *MEMBERS))
FIX = "'tasker tasks' reports what is wrong with a workflow"


def require_shape(workflow: Mapping[str, object]) -> None:
    """Raise Problem for a document that is not a workflow."""
    tasks, variables = workflow.get("tasks"), workflow.get("variables", {})
    if not (
        (isinstance(tasks, list) and isinstance(variables, dict) and isinstance(workflow.get("settings", {}), dict))
        and all(isinstance(task, dict) and type(task.get("task")) is int for task in tasks)
    ):
        raise Problem("bad_document", "cannot run a workflow without 'tasks'")
    if not (type(rules := workflow.get("rules", 1)) is int and rules in (1, 2, 3)):
        raise Problem("bad_document", "cannot run a workflow by these 'rules': this version of TASKER has 1 to 3")
    for task in tasks:
        wrong = [field for field in FIELDS.keys() & task.keys() if not isinstance(task[field], str)]
        if wrong:
            raise Problem("bad_document", f"cannot run task {task['task']}: '{wrong[0]}' is not text")
    if not all(isinstance(entry, dict) and isinstance(entry.get("value"), str) for entry in variables.values()):
        raise Problem("bad_document", "cannot run a workflow: a variable is not text")


def require_sense(index: WorkflowIndex) -> None:
    """Raise Problem if a target does not exist, a condition cannot be read or a block contains itself."""
    for number, task in index.tasks.items():
        if "hosts" in task and not _is_list(task.get("targets")) and index.hosts_value(task) is None:
            raise Problem("bad_workflow", f"the hosts of task {number} are not expanded: run 'tasker expand' first")
        if not LEADING.isdisjoint(task):
            _require_targets(index, task)
        for field in CONDITIONS if not CONDITION_FIELDS.isdisjoint(task) else ():
            try:
                if field in task:
                    index.require_condition(number, field)
            except ConditionError as error:
                raise _bad_workflow(f"cannot read '{field}' of task {number}: {error.message}") from None
        if "type" in task and index.kind(task) == CONDITIONAL and index.condition(number, "condition") is None:
            raise _bad_workflow(f"conditional block {number} has no condition")
        if "type" in task and index.kind(task) == CHAIN:
            _require_chain(index, task)
        if index.is_decision(number):
            _require_decision(index, number)
    _require_acyclic_blocks(index)


def _require_targets(index: WorkflowIndex, task: Task) -> None:
    targets = [index.number(task, field) for field in JUMPS if field in task]
    targets += [member for field in MEMBERS if field in task for member in index.members(task, field)]
    for target in targets:
        if target not in index.tasks:
            raise _bad_workflow(f"task {task['task']} leads to task {target}, which does not exist")


def _require_chain(index: WorkflowIndex, task: Task) -> None:
    """Raise Problem for a chain that flow cannot walk."""
    number, members = task["task"], index.members(task, "tasks")
    if "hosts" not in task or not members:
        raise _bad_workflow(f"chain {number} has no hosts or no tasks")
    for member in members:
        if index.kind(index.tasks[member]) not in (TASK, CONDITIONAL, DECISION):
            raise _bad_workflow(f"task {member} cannot be a member of chain {number}")
        jumps = [index.number(index.tasks[member], field) for field in JUMPS]
        if any(target is not None and target not in members for target in jumps):
            raise _bad_workflow(f"task {member} leads out of chain {number}")
    for member in index.members(task, "finally"):
        if index.kind(index.tasks[member]) != TASK or member in members:
            raise _bad_workflow(f"task {member} cannot be in 'finally' of chain {number}")


def _require_decision(index: WorkflowIndex, number: int) -> None:
    """Raise Problem for a decision that flow cannot take."""
    given = [field for field in ("success", "failure") if index.condition(number, field) is not None]
    if len(given) != 1:
        raise _bad_workflow(f"decision {number} has {'no condition' if not given else 'two conditions'}")
    if any(index.kind(index.tasks[block]) == PARALLEL for block in index.blocks_with(number)):
        raise _bad_workflow(f"decision {number} is in a parallel block")


def _is_list(targets: object) -> bool:
    return isinstance(targets, list) and all(isinstance(name, str) for name in targets)


def _require_acyclic_blocks(index: WorkflowIndex) -> None:
    inner = {number: _blocks_in(index, task) for number, task in index.tasks.items() if "type" in task}
    if not inner:
        return
    from graphlib import CycleError, TopologicalSorter  # here: many workflows have no block

    try:
        TopologicalSorter(inner).prepare()
    except CycleError as error:
        raise _bad_workflow(f"block {min(error.args[1])} is inside itself") from None


def _blocks_in(index: WorkflowIndex, task: Task) -> set[int]:
    return {member for field in MEMBERS for member in index.members(task, field) if "type" in index.tasks[member]}


def require_libraries(index: WorkflowIndex) -> None:
    """Raise Problem if a task has retries and tenacity is not installed."""
    if any(index.is_retried(task) for task in index.tasks.values()):
        retry_policy.load_tenacity()


def refusal(index: WorkflowIndex, start_from: int | None) -> FlowEnd | None:
    """The end of a run that cannot start, or None."""
    if start_from is None:
        return None if index.start() is not None else FlowEnd(INVALID, "there is no task to begin with")
    if start_from not in index.tasks:
        return FlowEnd(NOT_POSSIBLE, f"cannot start from task {start_from}: there is no such task")
    if start_from in index.owned:
        return FlowEnd(
            NOT_POSSIBLE, f"cannot start from task {start_from}: it belongs to block {index.owned[start_from]}"
        )
    return None


def _bad_workflow(message: str) -> Problem:
    return Problem("bad_workflow", f"{message}; {FIX}")
