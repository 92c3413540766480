"""The transitions out of a task, whatever its command does (docs/language.md §6): for flow, checks and the plan."""

from __future__ import annotations

from tasker.language.conditions.context import ConditionError
from tasker.language.fields import APPROVAL, CONDITIONAL, DECISION, FANOUT, SINGLE, TASK, has_command
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.language.template import Ref
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Task

SKIP, NEXT, SUCCESS, FAILURE, STOP, END = "skip", "next", "on_success", "on_failure", "stop", "end"
UNHANDLED = "unhandled"  # a failure that nothing handles: `after_unhandled` says where it leads


def transitions_of(index: WorkflowIndex, task: Task, kind: str | None = None) -> list[str]:
    """How the flow can leave a task: SKIP, NEXT, SUCCESS, FAILURE, UNHANDLED, STOP, END.

    SUCCESS and FAILURE follow on_success and on_failure. STOP: `next` is false, or the task failed, and there is no
    on_failure. END: next=never and return. If anything decides (`decided_by`), the last one is the way after a
    failure. A target that does not exist counts as STOP or END. kind: used instead of `index.kind(task)`.
    """
    kind = index.kind(task) if kind is None else kind
    skips = ("condition" in task and kind != CONDITIONAL) or (kind == FANOUT and index.hosts_value(task) is not None)
    made = [SKIP] if skips else []
    if kind == TASK and not has_command(task):
        return [*made, END if "return" in task else next_number(index, task)]
    made.append(END if index.next_kind(task) == "never" else next_number(index, task))
    if decided := decided_by(index, task, kind):
        otherwise = UNHANDLED if index.failures_stop and decided == "success" else STOP
        made.append(_target(index, task, FAILURE, STOP) if "on_failure" in task else otherwise)
    return made


def decided_by(index: WorkflowIndex, task: Task, kind: str | None = None) -> str:
    """What decides where the flow goes after a run: 'next', the task's 'success', or '' if nothing does."""
    how = index.next_kind(task)
    if how == "condition":
        return "next"
    if how == "always":
        return ""
    if (index.kind(task) if kind is None else kind) in (APPROVAL, DECISION):
        return "success"  # under every rule: what was not approved, or is false, does not go on
    if index.failures_stop:
        return "success" if "on_failure" in task or not index.is_handled(task["task"]) else ""
    if how == "never":
        return "success" if index.rules > 1 and "on_failure" in task else ""
    if how == "" and (index.kind(task) if kind is None else kind) not in SINGLE:
        return "" if index.rules > 1 and "on_failure" not in task and index.is_handled(task["task"]) else "success"
    return "success" if "on_success" in task or "on_failure" in task else ""


def after_unhandled(index: WorkflowIndex, task: Task, in_handler: bool) -> str:
    """Where an unhandled failure leads: STOP; in a handler, where the flow goes on, NEXT, or END by `return`. After an
    approval, and a block with one, and after a decision, STOP in a handler too: what was not approved, or is false,
    does not go on.

    on_success is not followed, and `return=0` and next=never cannot make a success of it.
    """
    if not in_handler or index.asks_people(task["task"]) or index.is_decision(task["task"]):
        return STOP
    if "return" in task:
        return STOP if index.text(task, "return").strip() == "0" else END
    return STOP if index.next_kind(task) == "never" else NEXT


def in_handler_after(index: WorkflowIndex, task: Task, way: str, in_handler: bool) -> bool:
    """Is the flow in a handler after SUCCESS or FAILURE? What a decision chooses changes nothing about that.

    in_handler: is it in one when it comes to the task?
    """
    return in_handler if index.is_decision(task["task"]) else way == FAILURE


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
    """Are all of these variables texts of the file? By rules 1, such a text could still be unknown."""
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
