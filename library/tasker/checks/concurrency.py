"""Which tasks may run again, and which members of a block may end before others start (docs/language.md §6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task


def may_repeat(context: CheckContext, task: Task) -> bool:
    """May a task run more than once each time the flow reaches it?"""
    if context.index.next_kind(task) == "loop":
        return True
    blocks = (context.index.tasks[block] for block, _ in context.owners().get(task["task"], ()))
    return any(context.index.is_retried(one) for one in (task, *blocks))


def may_end_before(context: CheckContext, task: Task, members: list[int]) -> Iterator[tuple[int, int]]:
    """Which members of a parallel block may end before others start: pairs of places in its list.

    If not all start at once: each before the next one. With retries or loops: also the last before the first.
    """
    again = any(may_repeat(context, context.index.tasks[member]) for member in members)
    known = "max_parallel" not in task or context.index.number(task, "max_parallel") is not None
    if again or not known or context.index.at_once(task) < len(members):
        yield from ((place, place + 1) for place in range(len(members) - 1))
    if again and len(members) > 1:
        yield len(members) - 1, 0
