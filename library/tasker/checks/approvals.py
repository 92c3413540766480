"""Approvals between waves, and who can answer an approval, by the configuration of the run."""

from __future__ import annotations

from tasker.language import waves
from tasker.language.approvers import approvers_of
from tasker.language.fields import HOSTED
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

ABOUT_ASKING = ("approvals", "approvers", "approval_timeout")


def check_who_can_answer(context: CheckContext, task: Task) -> None:
    """Of a task that asks: it needs other people than the owner, and no other can answer; or nobody can."""
    settings = context.settings.get("approval", {})
    number = task["task"] if "wave_approval" not in task else f"{task['task']} between waves"
    main = "wave_approval" if "wave_approval" in task else "type"
    if settings.get("signed_only") and "allowed_signers" not in settings:
        message = f"no answer to approval {number} can count: signed_only is set, and there are no allowed_signers"
        context.report("T073", message, "set allowed_signers in [approval] of tasker.toml", task, main)
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


def check_between_waves(context: CheckContext, task: Task) -> None:
    """Of a task with hosts: what is about wave approvals, without one; a wave approval that no wave comes after."""
    number = task["task"]
    if context.kinds[number] not in HOSTED:
        return
    for field in ABOUT_ASKING:
        if field in task and "wave_approval" not in task:
            context.notes.without_meaning.add((number, field))
            fix = "write wave_approval=first or wave_approval=each, or remove it"
            context.report("T003", f"'{field}' has no effect without wave_approval", fix, task, field)
    if "wave_approval" not in task:
        return
    if "waves" not in task and "canary" not in task:
        context.notes.without_meaning.add((number, "wave_approval"))
        message = "'wave_approval' has no effect without waves: there is no second wave to ask about"
        fix = "give it waves=, as in waves=1,25%, or write a task of type=approval before this one"
        context.report("T003", message, fix, task, "wave_approval")
        return
    try:
        sizes = waves.sizes_of(context.index.text(task, "waves"), context.index.number(task, "canary"))
    except ValueError:  # T006 says that
        return
    hosts = task.get("targets", ())
    if hosts and sizes and waves.count_waves(sizes, len(hosts)) == 1:
        message = (
            f"'wave_approval' has no effect: {count_of(len(hosts), 'host')} in one wave, and no second one to ask about"
        )
        context.report("T004", message, "give waves= a smaller first size, or remove it", task, "wave_approval")
