"""Who can answer an approval, by the configuration of the run."""

from __future__ import annotations

from tasker.language.approvers import approvers_of
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task


def check_who_can_answer(context: CheckContext, task: Task) -> None:
    """Of a task of type=approval: it needs other people than the owner, and no other can answer; or nobody can."""
    settings, number = context.settings.get("approval", {}), task["task"]
    if settings.get("signed_only") and "allowed_signers" not in settings:
        message = f"no answer to approval {number} can count: signed_only is set, and there are no allowed_signers"
        context.report("T073", message, "set allowed_signers in [approval] of tasker.toml", task, "type")
        return
    if "folder" in settings or "allowed_signers" in settings:
        return
    wanted = context.texts.known_text(task.get("approvals", "")) or ""
    several = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
    named = approvers_of(context.texts.known_text(task.get("approvers", "")) or "")
    if several < 2 and not named:
        return
    needs = count_of(several, "person") if several > 1 else f"one of {', '.join(named[:5])}"
    message = (
        f"only the owner of the run can answer approval {number}, which needs {needs.replace('persons', 'people')}"
    )
    fix = "set folder or allowed_signers in [approval] of tasker.toml, so that others can answer"
    context.report("T073", message, fix, task, "approvals" if several > 1 else "approvers")
