"""What the paths show: tasks never reached, endless cycles, values that are not set (docs/language.md §4, §6)."""

from __future__ import annotations

from tasker.checks.concurrency import may_repeat
from tasker.checks.context import CheckContext, VariableUse
from tasker.checks.dominators import Dominators
from tasker.checks.prior_runs import TASKS_AT_ONCE, PriorRuns, PriorRunWalk
from tasker.language.fields import APPROVAL, CHAIN, DECISION
from tasker.language.transitions import END, FAILURE, NEXT, SKIP, SUCCESS, decided_by, transitions_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tasker.protocol.types import Task

    Question: TypeAlias = tuple[int, VariableUse]  # the task that uses a value, and where

READ_BEFORE_RUN = (
    *("condition", "hostname", "command", "arguments", "timeout", "probe", "probe_success"),
    *("put", "get", "to", "validate"),
)
MAX_TASKS_NAMED = 8  # tasks of a path that a message names


def check_paths(context: CheckContext) -> None:
    """All checks that need the paths of the workflow."""
    start, asked = context.index.start(), context.settings.get("start_from")
    if context.notes.nested_blocks or start is None:
        return
    normal = PriorRunWalk(context, start)
    if not normal.graph.complete:
        context.report("T064", "too many paths: values and cycles are not checked", "use fewer nested blocks")
        return
    walks = [normal]
    if asked is not None and asked != start and asked in context.index.tasks and asked not in context.index.owned:
        walks.append(PriorRunWalk(context, asked))
    check_unreached(context, set().union(*(walk.tasks for walk in walks)))
    check_endless(context, walks)
    wanting = check_missing_values(context, normal)
    for walk in walks[1:]:
        check_skipped_values(context, walk, wanting)


def check_unreached(context: CheckContext, reached: set[int]) -> None:
    """Tasks that no path reaches; for a block that is never reached, only the block."""
    for number in context.index.order:
        block = context.index.owned.get(number)
        if number in reached or context.notes.paths_incomplete or (block is not None and block not in reached):
            continue
        fix = f"jump to it with on_success={number} or on_failure={number}, or remove it"
        if block is not None:
            fix = f"check the tasks before it in block {block}, or remove it"
        context.report("T060", f"task {number} is never reached", fix, context.index.tasks[number])


def check_endless(context: CheckContext, walks: list[PriorRunWalk]) -> None:
    """Cycles that no condition, loop counter or return ends, and those that only a failure ends."""
    reported: set[int] = set()
    for walk in walks:
        for group in walk.groups:
            if not walk.is_cycle(group):
                continue
            numbers = sorted({walk.graph.number[node] for node in group})
            if numbers[0] in reported:
                continue
            if not _can_leave(walk, set(group)):
                _endless(context, "T061", numbers, "nothing leaves it")
            elif _only_failure_ends(context, numbers):
                _endless(context, "T066", numbers, "only a failure ends it")
            else:
                continue
            reported.update(numbers)


def _can_leave(walk: PriorRunWalk, inside: set[int]) -> bool:
    onward = (other for node in inside for other in walk.graph.after[node] if other not in inside)
    return not inside.isdisjoint(walk.graph.ends) or next(onward, None) is not None


def _only_failure_ends(context: CheckContext, numbers: list[int]) -> bool:
    """Is a failure the only way out of a cycle? Members of a block that may run in any order are no cycle."""
    index = context.index
    members = all(number in index.owned and number not in index.named for number in numbers)
    return not (members or any(_leaves_without_failure(context, number, {*numbers}) for number in numbers))


def _leaves_without_failure(context: CheckContext, number: int, inside: set[int]) -> bool:
    """Can the flow leave a cycle from this task although the task did not fail?"""
    index, task, kind = context.index, context.index.tasks[number], context.kinds[number]
    ways = transitions_of(index, task, kind)
    decided = decided_by(index, task, kind)
    if decided == "next" or kind in (APPROVAL, DECISION):
        return True  # a condition decides, whatever it tests
    for way in ways[:-1] if decided and len(ways) > 1 else ways:
        if way == END:
            return True
        if way == SUCCESS and index.number(task, way) not in inside:
            return True
        if way in (NEXT, SKIP) and kind != CHAIN and index.chain_of(number) == index.owned.get(number, -1):
            if _after_member(context, number) not in inside:
                return True
        elif way in (NEXT, SKIP) and (number not in index.owned or number in index.named):
            following = {index.after(number, handler)[0] for handler in (False, True)}
            if not following <= inside:
                return True
    return False


def _after_member(context: CheckContext, number: int) -> int | None:
    from tasker.language.chains import ChainOrder  # here, because few files have a chain

    order = ChainOrder(context.index, context.index.tasks[context.index.owned[number]])
    return order.after(number) if number in order.members else None


def _endless(context: CheckContext, code: str, numbers: list[int], why: str) -> None:
    where, field, inside = context.index.tasks[numbers[-1]], None, set(numbers)
    for number in reversed(numbers):
        task = context.index.tasks[number]
        back = [one for one in (SUCCESS, FAILURE) if context.index.number(task, one) in inside]
        if back:
            where, field = task, back[0]
            break
    what = "task" if len(numbers) == 1 else "tasks"
    message = f"endless cycle of {what} {_path_text(numbers)}: {why}"
    context.report(code, message, "give one of them a condition in next, or a return", where, field)


def _path_text(numbers: list[int]) -> str:
    shown = numbers if len(numbers) <= MAX_TASKS_NAMED else [*numbers[:4], "…", *numbers[-3:]]
    return " → ".join(map(str, shown))


def _questions(context: CheckContext, walk: PriorRunWalk) -> Iterator[tuple[PriorRuns, list[Question]]]:
    """(prior runs, the uses that they answer), for all uses in tasks that are reached. A use is (task, use).

    Uses whose value is surely set are left out.
    """
    uses = [
        (number, use)
        for number in walk.tasks
        for use in context.notes.uses.get(number, ())
        if not _reads_own_run(context, context.index.tasks[number], use)
    ]
    if uses:
        sure = Dominators(walk.graph)
        uses = [(number, use) for number, use in uses if not sure.surely_ran(use.task, _nodes(walk, number, use))]
    asked = sorted({use.task for _, use in uses})
    for begin in range(0, len(asked), TASKS_AT_ONCE):
        some = asked[begin : begin + TASKS_AT_ONCE]
        chosen = set(some)
        yield walk.prior_runs_of(some), [one for one in uses if one[1].task in chosen]


def _nodes(walk: PriorRunWalk, number: int, use: VariableUse) -> list[int]:
    """The nodes of a use: before the run of its task, or after it."""
    places = walk.graph.arrivals if use.field in READ_BEFORE_RUN else walk.graph.results
    return [node for node in places.get(number, ()) if node in walk.reached]


def check_missing_values(context: CheckContext, walk: PriorRunWalk) -> set[tuple[int, VariableUse]]:
    """Values that are never set, or not on every path. Returns the uses that were reported."""
    reported = set()
    for known, uses in _questions(context, walk):
        for number, use in uses:
            nodes, task = _nodes(walk, number, use), context.index.tasks[number]
            if not _may_have_value(context, task, use, known, nodes):
                _report_never(context, walk, task, use)
            elif (node := _node_without_value(context, task, use, known, nodes)) is not None:
                way = walk.path_without(node, known, use.task) if context.findings.will_show("T063") else []
                _report_not_always(context, task, use, way)
            else:
                continue
            reported.add((number, use))
    return reported


def _reads_own_run(context: CheckContext, task: Task, use: VariableUse) -> bool:
    """Does the task read the result of its own run?"""
    return use.task == task["task"] and use.field not in READ_BEFORE_RUN and context.has_result(task)


def _may_have_value(context: CheckContext, task: Task, use: VariableUse, known: PriorRuns, nodes: list[int]) -> bool:
    if _reads_own_run(context, task, use) or (
        use.task == task["task"] and use.field != "condition" and may_repeat(context, task)
    ):
        return True
    return not nodes or known.may_have_run(use.task, nodes)


def _node_without_value(
    context: CheckContext, task: Task, use: VariableUse, known: PriorRuns, nodes: list[int]
) -> int | None:
    return None if _reads_own_run(context, task, use) else known.node_without(use.task, nodes)


def _report_never(context: CheckContext, walk: PriorRunWalk, task: Task, use: VariableUse) -> None:
    if use.task == task["task"]:
        why, fix = "the task has not run yet", "use it after the run (in next, success, sleep), or in a later task"
    elif use.task not in walk.tasks:
        why, fix = f"task {use.task} is never reached", f"let the flow reach task {use.task} first"
    else:
        why = f"no path runs task {use.task} before task {task['task']}"
        fix = f"use it in a task that runs after task {use.task}"
    context.report("T062", f"@{use.name}@ never has a value here: {why}", fix, task, use.field, offset=use.offset)


def _report_not_always(context: CheckContext, task: Task, use: VariableUse, way: list[int]) -> None:
    if use.task == task["task"]:
        message = f"@{use.name}@ has no value in the first run of task {use.task}"
        fix = "use it after the run, or in a later task"
    else:
        path = (
            f": path {_path_text(way)} does not run task {use.task}"
            if way
            else f": some path does not run task {use.task}"
        )
        message = f"@{use.name}@ may have no value here{path}"
        fix = f"run task {use.task} on every path to task {task['task']}"
    context.report("T063", message, fix, task, use.field, offset=use.offset)


def check_skipped_values(context: CheckContext, walk: PriorRunWalk, reported: set[tuple[int, VariableUse]]) -> None:
    """Values that are not set because the run starts in the middle."""
    for known, uses in _questions(context, walk):
        for number, use in uses:
            task, nodes = context.index.tasks[number], _nodes(walk, number, use)
            if (number, use) in reported or _node_without_value(context, task, use, known, nodes) is None:
                continue
            never = "has" if not known.may_have_run(use.task, nodes) else "may have"
            message = (
                f"@{use.name}@ {never} no value here when the run starts from task {context.settings['start_from']}"
            )
            fix = f"start from task {use.task} or earlier"
            context.report("T065", message, fix, task, use.field, offset=use.offset)
