"""Decisions: what may be tested in one, and where one can stand (docs/language.md §6)."""

from __future__ import annotations

from tasker.checks.context import CheckContext
from tasker.language.fields import CHAIN, DECISION, FIELDS, PARALLEL
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.language.conditions.predicates import Predicate
    from tasker.protocol.types import Task

STREAM = Pattern(r"(?is)(stdout|stderr)\s*(:\w+)?\s*([~=!<>].*)")
NOWHERE = ("hostname", "hosts", "exec", "may_be_down", "become", "become_password", "become_direct", "reboot")


def fix_of_field(field: str) -> str:
    """What to do about a field that a decision may not have."""
    if field in NOWHERE:
        return "remove it: a decision runs nothing, so it has no host and no exec type"
    if field == "timeout":
        return "remove it: a decision takes no time"
    if field.startswith(("retry_", "loop")):
        return "remove it: the same values decide the same; on_failure can jump back to a task that runs again"
    if field.startswith(("std", "probe")) or field == "idempotent":
        return "remove it: a decision has no command"
    where = "a task before it" if FIELDS[field].holds in ("words", "path", "mode", "owner", "size", "check") else ""
    return f"remove it: a decision runs nothing; write it into {where or 'a task of its own'}"


def check_decision(context: CheckContext, task: Task) -> None:
    """A decision where nothing can follow from it."""
    number = task["task"]
    if context.kinds[number] != DECISION:
        return
    for block, field in context.owners().get(number, ()):
        kind = context.kinds[block]
        if kind == PARALLEL:
            message = f"decision {number} is a member of parallel block {block}, where no task comes after another"
            fix = f"move it before or after task {block}; a member runs only if its condition= is true"
        elif kind == CHAIN and field == "finally":
            message = f"decision {number} is in 'finally' of chain {block}, whose tasks run in every case"
            fix = "remove it, and write condition= into each task of finally that may be left out"
        else:
            continue
        context.report("T094", message, fix, task, "type")
        return


def check_test(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """A test of a decision about a result that it does not have."""
    number = task["task"]
    if context.kinds[number] != DECISION:
        return False
    if field in ("success", "failure"):
        own = [ref for ref in test.refs if ref.task == number]
        if test.reads not in ("result", "block") and not own:
            return False
        message = f"'{test.text}' cannot be tested in '{field}' of decision {number}: it has no result before that"
        context.report("T021", message, _fix_of_test(test), task, field, offset=offset)
        return True
    if field == "next" and test.text.lower().startswith(("stdout", "stderr")):
        message = f"'{test.text}' cannot be tested in 'next' of decision {number}: it has no output"
        context.report("T021", message, _fix_of_test(test), task, field, offset=offset)
        return True
    return False


def _fix_of_test(test: Predicate) -> str:
    """The same test of the result of an earlier task."""
    written = ""
    low = test.text.lower()
    if low in ("success", "failure"):
        written = f"@N_success@={'true' if low == 'success' else 'false'}"
    elif low.startswith("exit_not_"):
        written = f"@N_exit_code@!={test.text[9:]}"
    elif low.startswith("exit_"):
        written = f"@N_exit_code@={test.text[5:]}"
    elif found := STREAM.fullmatch(test.text):
        written = f"@N_{found[1].lower()}{found[2] or ''}@{found[3]}"
    if written:
        return f"write {written}, with the number of the task that is meant"
    return "test a value of an earlier task, as in @0_exit_code@=0"
