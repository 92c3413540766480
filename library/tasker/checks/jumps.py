"""Where a run begins, jumps into blocks, and gaps that pass over something (docs/language.md §6)."""

from __future__ import annotations

from bisect import bisect_right

from tasker.language.transitions import NEXT, SKIP, transitions_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task


def check_start(sheet: CheckContext) -> None:
    """There must be a task to begin with, and --start-from must be able to begin with its own."""
    if sheet.tasks and sheet.book.start() is None and not sheet.nested:
        message = "there is no task to begin with: each belongs to a block"
        sheet.say("T044", message, "take one out of its block", sheet.tasks[0])
    asked = sheet.settings.get("start_from")
    if asked is None:
        return
    if asked not in sheet.book.tasks:
        message = f"cannot start from task {asked}: there is no such task"
        sheet.say("T043", message, sheet.nearest(asked))
    elif asked in sheet.book.owned:
        block = sheet.book.owned[asked]
        message = f"cannot start from task {asked}: it belongs to block {block}"
        sheet.say("T043", message, f"start from task {block}", sheet.book.tasks[asked])


def check_jumps_into_blocks(sheet: CheckContext, task: Task) -> None:
    """A jump to a task that belongs to a block."""
    for field in ("on_success", "on_failure"):
        target = sheet.book.number(task, field)
        if (task["task"], field) not in sheet.wrong and target in sheet.book.tasks and target in sheet.book.owned:
            block = sheet.book.owned[target]
            message = f"'{field}' jumps into block {block}: task {target} belongs to it, and runs without it"
            sheet.say("T041", message, f"jump to task {block}, or to a task of its own", task, field)


def check_gaps(sheet: CheckContext) -> None:
    """Gaps that the flow crosses, and in which there is a task that it does not run."""
    order, roots, handlers = sheet.book.order, _roots(sheet), sorted(sheet.book.handlers)
    # place -> the next place whose task belongs elsewhere, so that a large block is passed in one step
    elsewhere = list(range(1, len(order) + 1))
    for place in range(len(order) - 2, -1, -1):
        if roots[order[place]] == roots[order[place + 1]]:
            elsewhere[place] = elsewhere[place + 1]
    for number in order:
        inside = number in sheet.book.owned and number not in sheet.book.named
        target, crossed = sheet.book.after(number)
        if (
            inside
            or not crossed
            or target is None
            or not {NEXT, SKIP} & set(transitions_of(sheet.book, sheet.book.tasks[number], sheet.kinds[number]))
        ):
            continue
        place = bisect_right(order, number)
        if roots[order[place]] == roots[number]:
            place = elsewhere[place]
        passed = order[place] if place < len(order) else target
        if passed < target:
            block = sheet.book.owned.get(passed)
            why = "is reached by jumps alone" if block is None else f"belongs to block {block}"
            message = f"the flow goes from task {number} on to task {target}, past task {passed}, which {why}"
            fix = "nothing, if that is meant; else give it another number, or take it out of its block"
            handler = _handler_on_the_way(sheet, number, target, handlers)
            if handler is not None:
                message = f"a run without failures goes from task {number} on to task {target}, past handler {handler}"
                fix = f"if {target} is for failures alone, end task {number} with next=never"
            sheet.say("T042", message, fix, sheet.book.tasks[number])


def _handler_on_the_way(sheet: CheckContext, number: int, target: int, handlers: list[int]) -> int | None:
    """A handler between the two that leads to the same task: its second half, perhaps, which a good run would enter."""
    place = bisect_right(handlers, number)
    if number in sheet.book.handlers or place == len(handlers) or handlers[place] >= target:
        return None
    return handlers[place] if sheet.book.after(handlers[place], True)[0] == target else None


def _roots(sheet: CheckContext) -> dict[int, int]:
    """Task -> the outermost block that it belongs to, or itself."""
    roots: dict[int, int] = {}
    for number in sheet.book.order:
        way: dict[int, None] = {}  # a block inside itself would have no end
        while number not in roots and number in sheet.book.owned and number not in way:
            way[number] = None
            number = sheet.book.owned[number]
        root = roots.setdefault(number, number)
        for one in way:
            roots[one] = root
    return roots
