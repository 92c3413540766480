"""The transitions out of a task, whatever its command does (docs/language.md §6): for flow, checks and the plan."""

from __future__ import annotations

from tasker.language.conditions.expression import ConditionError
from tasker.language.fields import CONDITIONAL, TASK
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.language.template import Ref
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Task

SKIP, NEXT, SUCCESS, FAILURE, STOP, END = "skip", "next", "on_success", "on_failure", "stop", "end"


def transitions_of(index: WorkflowIndex, task: Task, kind: str | None = None) -> list[str]:
    """How the flow can leave a task: SKIP, NEXT, SUCCESS, FAILURE, STOP, END.

    SUCCESS and FAILURE follow on_success and on_failure. STOP: the task failed and has no on_failure. END: next=never
    and return. A target that does not exist counts as STOP or END. kind: used instead of `index.kind(task)`.
    """
    kind = index.kind(task) if kind is None else kind
    made = [SKIP] if "condition" in task and kind != CONDITIONAL else []
    if kind == TASK and not task.get("command"):
        return [*made, END if "return" in task else next_number(index, task)]
    if index.next_kind(task) == "never":
        return [*made, END]
    made.append(next_number(index, task))
    if decided_by(index, task, kind):
        made.append(_target(index, task, FAILURE, STOP))
    return made


def decided_by(index: WorkflowIndex, task: Task, kind: str | None = None) -> str:
    """What decides whether the flow continues after a run: 'next', the task's 'success', or '' if nothing does."""
    how = index.next_kind(task)
    if how == "condition":
        return "next"
    if how == "" and (index.kind(task) if kind is None else kind) != TASK:
        return "success"
    return "success" if how in ("", "loop") and ("on_success" in task or "on_failure" in task) else ""


def can_be_unknown(index: WorkflowIndex, number: int) -> bool:
    """Can the `condition` of a task be unknown? What global variables alone decide is known, or an error (T025)."""
    try:
        found = index.condition(number, "condition")
    except ConditionError:
        return True
    return found is None or any(
        test.reads not in ("constant", "variable") or not _is_known(index, test.refs) for test in found.tests()
    )


def _is_known(index: WorkflowIndex, refs: Sequence[Ref]) -> bool:
    """Are all of these variables texts of the file? In rules 1, such a text could be unknown all the same."""
    if index.rules == 1:
        return not refs
    try:
        parts = index.globals.expand(tuple(refs))
    except Missing:
        return False
    return all(isinstance(part, str) for part in parts)


def next_number(index: WorkflowIndex, task: Task) -> str:
    """The transition after success: SUCCESS with on_success, else END with return, else NEXT."""
    if "on_success" in task:
        return _target(index, task, SUCCESS, END)
    return END if "return" in task else NEXT


def _target(index: WorkflowIndex, task: Task, field: str, otherwise: str) -> str:
    return field if index.number(task, field) in index.tasks else otherwise
