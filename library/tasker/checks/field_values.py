"""The values of fields that are not plain text: numbers, switches, splits, tasks (docs/language.md §2, §6).

A value that depends on outputs, or on globals that cannot be expanded, is not checked here: variables.py reports
what is wrong with variables, and flow checks the value during the run.
"""

from __future__ import annotations

from bisect import bisect_left

from tasker.language.fields import APPROVAL, CHAIN, FIELDS, LARGEST_TASK, PARALLEL, TYPES, field_text
from tasker.language.output_split import parse_split
from tasker.language.parse.source import quote_name
from tasker.language.variables import parse_decimal
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

WHOLE = Pattern(r"[0-9]{1,9}")
PART = Pattern(r"\s*([0-9]{1,6})\s*(?:-\s*([0-9]{1,6})\s*)?")
SWITCHES = ("true", "false")
MAX_LISTED = 20  # tasks that a fix names one by one


def check_values(context: CheckContext, task: Task) -> None:
    """Every field that is not plain text."""
    for field, text in context.fields_of(task, CHECKED):
        if (known := context.texts.known_text(text)) is not None:
            CHECKED[field](context, task, field, known)


def _fix(field: str, text: str) -> str:
    from tasker.language import meant  # here: most files have no wrong value

    return meant.value_fix(field, text)


def _fix_of_timeout(task: Task, field: str, text: str) -> str:
    """An approval alone can be without a timeout."""
    from tasker.language import meant

    asks = field == "approval_timeout" or (field == "timeout" and task.get("type") == APPROVAL)
    return f"remove it: without {field} the run waits until it is answered" if asks and meant.is_endless(text) else ""


def check_seconds(context: CheckContext, task: Task, field: str, text: str) -> None:
    from tasker.language import durations  # here: many tasks have none

    low, high = FIELDS[field].low, FIELDS[field].high
    try:
        durations.parse_duration(text, low, high)
    except ValueError:
        bounds = durations.bounds_text(low, high)
        message = f"invalid value {quote_name(text)} for '{field}': must be {durations.FORM}, from {bounds}"
        context.report("T006", message, _fix_of_timeout(task, field, text) or _fix(field, text), task, field)


def check_count(context: CheckContext, task: Task, field: str, text: str) -> None:
    low, high = FIELDS[field].low, FIELDS[field].high
    if not (WHOLE.fullmatch(text) and low <= int(text) <= high):
        message = f"invalid value {quote_name(text)} for '{field}': must be a whole number from {low} to {high}"
        context.report("T006", message, _fix(field, text), task, field)


def check_factor(context: CheckContext, task: Task, field: str, text: str) -> None:
    low, high = FIELDS[field].low, FIELDS[field].high
    try:
        parse_decimal(text, low, high)
    except ValueError:
        message = f"invalid value {quote_name(text)} for '{field}': must be a number from {low:g} to {high:g}"
        context.report("T006", message, _fix(field, text), task, field)


def check_switch(context: CheckContext, task: Task, field: str, text: str) -> None:
    if text not in SWITCHES:
        message = f"invalid value {quote_name(text)} for '{field}': must be true or false"
        context.report("T009", message, _fix(field, text), task, field)


def check_split(context: CheckContext, task: Task, field: str, text: str) -> None:
    try:
        parse_split(text)
    except ValueError as error:
        context.report("T010", str(error), _fix(field, text), task, field)


def check_target(context: CheckContext, task: Task, field: str, text: str) -> None:
    """A task to jump to must exist."""
    if not (WHOLE.fullmatch(text) and int(text) <= LARGEST_TASK):
        context.notes.paths_incomplete = True
        message = f"invalid value {quote_name(text)} for '{field}': must be the number of a task"
        context.report("T006", message, _fix(field, text), task, field)
    elif int(text) not in context.index.tasks:
        _report_absent(context, task, field, int(text), 0)


def check_targets(context: CheckContext, task: Task, field: str, text: str) -> None:
    """The members of a block: numbers and ranges, each of which names a task that exists."""
    place, known = 0, text == field_text(task, field)
    seen: set[int] = set()
    for part in text.split(","):
        _check_member(context, task, field, part, place + len(part) - len(part.lstrip()) if known else 0, seen)
        place += len(part) + 1


def _check_member(context: CheckContext, task: Task, field: str, part: str, offset: int, seen: set[int]) -> None:
    found = PART.fullmatch(part)
    if not found:
        message = f"invalid task {quote_name(part.strip())} in '{field}'"
        fix = _fix(field, context.texts.known_text(field_text(task, field)) or "")
        context.report("T011", message, fix, task, field, offset=offset)
        return
    low = int(found[1])
    if found[2] is not None:
        _check_range(context, task, field, low, int(found[2]), offset)
        return
    if low not in context.index.tasks:
        _report_absent(context, task, field, low, offset)
        return
    if low in seen and context.kinds[task["task"]] == PARALLEL:
        message = f"task {low} is named twice: it cannot run twice at the same time"
        context.report("T051", message, "name it once", task, field, offset=offset)
    elif low in seen and context.kinds[task["task"]] == CHAIN:
        message = f"task {low} is named twice: a chain has each member once"
        context.report("T011", message, "name it once; next=loop repeats a member", task, field, offset=offset)
    seen.add(low)


def _check_range(context: CheckContext, task: Task, field: str, low: int, high: int, offset: int) -> None:
    if low > high:
        message = f"invalid range {low}-{high}: it ends before it begins"
        fix = f"write {_backwards(context, task, low, high)}"
        context.report("T011", message, fix, task, field, offset=offset)
    elif not context.has_task_in(low, high):
        context.notes.paths_incomplete = True
        message = f"no task from {low} to {high} exists"
        context.report("T040", message, context.nearest_task(low), task, field, offset=offset)


def _backwards(context: CheckContext, task: Task, high: int, low: int) -> str:
    """What was meant by a range that ends before it begins: for a branch, which has an order, the tasks one by one."""
    order = context.index.order
    inside = order[bisect_left(order, low) : bisect_left(order, high + 1)]
    in_order = context.kinds[task["task"]] != PARALLEL and len(inside) <= MAX_LISTED
    return ",".join(map(str, reversed(inside))) if in_order and inside else f"{low}-{high}"


def _report_absent(context: CheckContext, task: Task, field: str, number: int, offset: int) -> None:
    context.notes.paths_incomplete = True
    context.report("T040", f"task {number} does not exist", context.nearest_task(number), task, field, offset=offset)


def check_type(context: CheckContext, task: Task) -> None:
    """An unknown `type`."""
    if "type" in task and not context.kinds[task["task"]] and task["type"]:
        known = context.texts.known_text(task["type"])
        if known is not None:
            fix = (
                context.suggest(known.lower(), TYPES)
                or "write type=parallel, type=conditional, type=chain, type=approval or type=decision"
            )
            context.report(
                "T009",
                f"invalid value {quote_name(known)} for 'type': "
                "must be parallel, conditional, chain, approval or decision",
                fix,
                task,
                "type",
            )


def check_exit_code(context: CheckContext, task: Task, field: str, text: str) -> None:
    """A `return` that is known now; flow checks one that comes from an output."""
    check_count(context, task, field, text)


def check_waves(context: CheckContext, task: Task, field: str, text: str) -> None:
    """The sizes of waves."""
    from tasker.language import waves  # here: few tasks have waves

    try:
        waves.parse_waves(text)
    except ValueError as error:
        message = f"invalid value {quote_name(text)} for '{field}': {error}"
        context.report("T006", message, _fix(field, text), task, field)


def check_clock(context: CheckContext, task: Task, field: str, text: str) -> None:
    """A time of day."""
    from tasker.language import waves  # here: few tasks have one

    try:
        waves.parse_clock(text)
    except ValueError as error:
        message = f"invalid value {quote_name(text)} for '{field}': {error}"
        context.report("T006", message, _fix(field, text), task, field)


def check_moment(context: CheckContext, task: Task, field: str, text: str) -> None:
    """When people are asked between waves."""
    from tasker.language.waves import MOMENTS  # here: few tasks have waves

    if text not in MOMENTS:
        message = f"invalid value {quote_name(text)} for '{field}': must be first or each"
        context.report("T009", message, _fix(field, text), task, field)


def check_people(context: CheckContext, task: Task, field: str, text: str) -> None:
    """The names of people, each once, and enough of them for the approvals that are asked for."""
    from tasker.language.approvers import APPROVER, approvers_of  # here: few tasks are approvals
    from tasker.text.plural import count_of

    names = approvers_of(text)
    for name in dict.fromkeys(names):
        if not APPROVER.fullmatch(name):
            message = f"invalid name {quote_name(name)} in '{field}': must be a login name, or the name of a signer"
            context.report("T009", message, _fix(field, text), task, field)
            return
        if names.count(name) > 1:
            message = f"{quote_name(name)} is named twice in '{field}': nobody approves twice"
            context.report("T009", message, "name each person once", task, field)
            return
    if not names:
        context.report("T009", f"'{field}' names nobody", _fix(field, text), task, field)
    wanted = context.texts.known_text(task.get("approvals", "")) or ""
    if names and WHOLE.fullmatch(wanted) and int(wanted) > len(names):
        message = f"'approvals' can never be met: '{field}' names {count_of(len(names), 'person')}"
        context.report("T023", message, f"write approvals={len(names)}, or name more people", task, "approvals")


def check_mode(context: CheckContext, task: Task, field: str, text: str) -> None:
    """Permissions of a new file, in octal digits; never setuid, setgid or sticky."""
    from tasker.language.copies import MODE, SPECIAL_MODE  # here: few tasks copy files

    if not MODE.fullmatch(text):
        special = SPECIAL_MODE.fullmatch(text) is not None
        why = "setuid, setgid and sticky bits are never set" if special else "must be three octal digits, as in 640"
        context.report("T009", f"invalid value {quote_name(text)} for '{field}': {why}", _fix(field, text), task, field)


def check_owner(context: CheckContext, task: Task, field: str, text: str) -> None:
    """USER or USER:GROUP."""
    from tasker.language.copies import OWNER  # here: few tasks copy files

    if not OWNER.fullmatch(text):
        message = f"invalid value {quote_name(text)} for '{field}': must be a user, or a user and a group"
        context.report("T009", message, _fix(field, text), task, field)


def check_size(context: CheckContext, task: Task, field: str, text: str) -> None:
    """A number of bytes."""
    from tasker.language.copies import parse_size  # here: few tasks copy files

    try:
        parse_size(text)
    except ValueError as error:
        context.report(
            "T009", f"invalid value {quote_name(text)} for '{field}': {error}", _fix(field, text), task, field
        )


CHECKS: dict[str, Callable[[CheckContext, Task, str, str], None]] = {
    "seconds": check_seconds,
    "count": check_count,
    "code": check_exit_code,
    "switch": check_switch,
    "factor": check_factor,
    "split": check_split,
    "target": check_target,
    "targets": check_targets,
    "waves": check_waves,
    "clock": check_clock,
    "moment": check_moment,
    "people": check_people,
    "mode": check_mode,
    "owner": check_owner,
    "size": check_size,
}
CHECKED = {name: CHECKS[field.holds] for name, field in FIELDS.items() if field.holds in CHECKS}
