"""Where a run begins, jumps into blocks, and gaps in which a task is skipped (docs/language.md §6)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from tasker.language.transitions import NEXT, SKIP, transitions_of

JUMPS = ("on_success", "on_failure")
FAR = 90  # from here on are, by custom, the tasks that handle failures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task


def check_start(context: CheckContext) -> None:
    """There must be a task to start with, and --start-from must name one that a run can start from."""
    if context.tasks and context.index.start() is None and not context.notes.nested_blocks:
        message = "no task to start with: every task belongs to a block"
        context.report("T044", message, "remove one from its block", context.tasks[0])
    asked = context.settings.get("start_from")
    if asked is None:
        return
    if asked not in context.index.tasks:
        message = f"cannot start from task {asked}: it does not exist"
        context.report("T043", message, context.nearest_task(asked))
    elif asked in context.index.owned:
        block = context.index.owned[asked]
        message = f"cannot start from task {asked}: it belongs to block {block}"
        context.report("T043", message, f"start from task {block}", context.index.tasks[asked])


def check_jumps_into_blocks(context: CheckContext, task: Task) -> None:
    """A jump to a task that belongs to a block."""
    for field in JUMPS:
        if field not in task:
            continue
        target = context.index.number(task, field)
        if (
            (task["task"], field) not in context.notes.without_meaning
            and target in context.index.tasks
            and target in context.index.owned
            and context.index.chain_of(target) is None  # that is an error: checks/chains.py
        ):
            block = context.index.owned[target]
            message = f"'{field}' jumps into block {block}: task {target} runs without its block"
            context.report(
                "T041",
                message,
                f"if that is not intended, jump to task {block}, or to a task outside of blocks",
                task,
                field,
            )


def check_gaps(context: CheckContext) -> None:
    """Gaps that the flow crosses and in which it skips a task."""
    order, roots, handlers = context.index.order, _roots(context), sorted(context.index.handlers)
    reported = _check_far_task(context) if order and order[-1] >= FAR else None
    # place -> the next place whose task belongs elsewhere, so that a large block is skipped in one step
    elsewhere = list(range(1, len(order) + 1))
    for place in range(len(order) - 2, -1, -1):
        if roots[order[place]] == roots[order[place + 1]]:
            elsewhere[place] = elsewhere[place + 1]
    for number in order:
        inside = number in context.index.owned and number not in context.index.named
        target, crossed = context.index.after(number)
        if (
            inside
            or number == reported
            or not crossed
            or target is None
            or not {NEXT, SKIP} & set(transitions_of(context.index, context.index.tasks[number], context.kinds[number]))
        ):
            continue
        place = bisect_right(order, number)
        if roots[order[place]] == roots[number]:
            place = elsewhere[place]
        passed = order[place] if place < len(order) else target
        if passed < target:
            block = context.index.owned.get(passed)
            why = "only jumps reach" if block is None else f"belongs to block {block}"
            message = f"the flow continues from task {number} to task {target} and skips task {passed}, which {why}"
            fix = "if that is not intended, give it another number, or remove it from its block"
            handler = _handler_on_the_way(context, number, target, handlers)
            if handler is not None:
                message = (
                    f"a run without failures continues from task {number} to task {target} and skips handler {handler}"
                )
                fix = f"if task {target} is for failures only, end task {number} with next=never"
            context.report("T042", message, fix, context.index.tasks[number])


def _check_far_task(context: CheckContext) -> int | None:
    """A handler by its number alone: TASKER 2 ended the run at the gap before it, and here the flow goes on to it.

    Returns the task before the gap, if there is a finding. Gaps that are no wider than those before, as in a file that
    is numbered by tens, are none.
    """
    index = context.index
    free = [number for number in index.order if number not in index.owned]
    ordinary = [number for number in free if number not in index.named]
    far = next((number for number in ordinary if number >= FAR), None)
    near = [number for number in free if far is not None and number < min(FAR, far)]
    if far is None or not near:
        return None
    usual = max((two - one for one, two in pairwise(ordinary) if two != far), default=1)
    for number in reversed([one for one in near if one not in index.handlers]):
        task = index.tasks[number]
        leads = {NEXT, SKIP} & set(transitions_of(index, task, context.kinds[number]))
        if leads and far - number > usual and index.after(number)[0] == far:
            message = f"the flow comes to task {far} across the gap after task {number}, also if nothing failed"
            fix = f"if that is meant, name it: on_success={far} in task {number}; next=never there ends the run"
            context.report("T099", message, fix, index.tasks[far])
            return number
    return None


def _handler_on_the_way(context: CheckContext, number: int, target: int, handlers: list[int]) -> int | None:
    """A handler between the two that leads to the same task. The target may be its second half, for failures only."""
    place = bisect_right(handlers, number)
    if number in context.index.handlers or place == len(handlers) or handlers[place] >= target:
        return None
    return handlers[place] if context.index.after(handlers[place], True)[0] == target else None


def _roots(context: CheckContext) -> dict[int, int]:
    """Task -> the outermost block that it belongs to, or itself."""
    roots: dict[int, int] = {}
    for number in context.index.order:
        way: dict[int, None] = {}  # a block inside itself would be an endless loop
        while number not in roots and number in context.index.owned and number not in way:
            way[number] = None
            number = context.index.owned[number]
        root = roots.setdefault(number, number)
        for one in way:
            roots[one] = root
    return roots


def check_what_handles_failures(context: CheckContext) -> None:
    """Conditions that handle the failure of a task which says itself what a failure is."""
    if any("success" in task or "failure" in task for task in context.index.tasks.values()):
        from tasker.checks import handled_failures  # here: few files have one

        handled_failures.check_handled_failures(context)
