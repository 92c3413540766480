"""The ways out of a task, whatever its command does (LANGUAGE.md §6)."""

from tasker.checks.sheet import Sheet
from tasker.fields import CONDITIONAL, TASK

SKIP, NEXT, SUCCESS, FAILURE, STOP, END = "skip", "next", "on_success", "on_failure", "stop", "end"


def ways(sheet: Sheet, task: dict) -> list[str]:
    """How the flow can leave a task: skipped, on to the next number, along on_success or on_failure, or out.

    STOP is not going on where no on_failure leads further, END is never and return. A target that is not there
    counts as such a way out.
    """
    kind = sheet.kinds[task["task"]]
    made = [SKIP] if "condition" in task and kind != CONDITIONAL else []
    if not sheet.has_run(task):
        return [*made, END if "return" in task else _onward(sheet, task)]
    how = sheet.book.next_kind(task)
    if how == "never":
        return [*made, END]
    made.append(_onward(sheet, task))
    routed = "on_success" in task or "on_failure" in task
    if how == "condition" or (how == "" and kind != TASK) or (how in ("", "loop") and routed):
        made.append(_target(sheet, task, FAILURE, STOP))
    return made


def _onward(sheet, task):
    if "on_success" in task:
        return _target(sheet, task, SUCCESS, END)
    return END if "return" in task else NEXT


def _target(sheet, task, field, otherwise):
    return field if sheet.book.number(task, field) in sheet.book.tasks else otherwise


def repeats(sheet: Sheet, task: dict) -> bool:
    """May it run more than once when the flow comes by once?"""
    if sheet.book.next_kind(task) == "loop":
        return True
    blocks = (sheet.book.tasks[block] for block, _ in sheet.owners().get(task["task"], ()))
    return any(sheet.static(one.get("retry_failed", "")) == "true" for one in (task, *blocks))


def sooner(sheet: Sheet, task: dict, members: list[int]):
    """Which subtasks of a parallel block may be over when another starts: pairs of places in its list.

    Those before it where not all start at once; every one where there are retries.
    """
    again = any(repeats(sheet, sheet.book.tasks[member]) for member in members)
    most = sheet.static(task.get("max_parallel", "")) or ""
    if again or ("max_parallel" in task and not (most.isdecimal() and int(most[:9]) >= len(members))):
        yield from ((place, place + 1) for place in range(len(members) - 1))
    if again and len(members) > 1:
        yield len(members) - 1, 0
