"""What the paths show: tasks never reached, circles never left, values that are not there (docs/language.md §4, §6)."""

from __future__ import annotations

from tasker.checks.concurrency import repeats
from tasker.checks.context import CheckContext, VariableUse
from tasker.checks.dominators import Dominators
from tasker.checks.prior_runs import AT_ONCE, PriorRuns, PriorRunWalk
from tasker.language.transitions import FAILURE, SUCCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tasker.protocol.types import Task

    Question: TypeAlias = tuple[int, VariableUse]  # the task that uses a value, and where

BEFORE = ("condition", "hostname", "command", "arguments", "timeout")
LONGEST = 8  # tasks of a path that a message names


def check_paths(sheet: CheckContext) -> None:
    """Everything that needs the paths of the whole workflow."""
    start, asked = sheet.book.start(), sheet.settings.get("start_from")
    if sheet.nested or start is None:
        return
    normal = PriorRunWalk(sheet, start)
    if not normal.paths.complete:
        sheet.say("T064", "too many paths: values and circles are not checked", "use fewer blocks in blocks")
        return
    walks = [normal]
    if asked is not None and asked != start and asked in sheet.book.tasks and asked not in sheet.book.owned:
        walks.append(PriorRunWalk(sheet, asked))
    check_unreached(sheet, set().union(*(walk.tasks for walk in walks)))
    check_endless(sheet, walks)
    wanting = check_missing_values(sheet, normal)
    for walk in walks[1:]:
        check_skipped_values(sheet, walk, wanting)


def check_unreached(sheet: CheckContext, reached: set[int]) -> None:
    """Tasks that no path reaches; of a block that is not reached, only the block."""
    for number in sheet.book.order:
        block = sheet.book.owned.get(number)
        if number in reached or sheet.lost or (block is not None and block not in reached):
            continue
        fix = f"jump to it with on_success={number} or on_failure={number}, or take it out"
        if block is not None:
            fix = f"look at the tasks before it in block {block}, or take it out"
        sheet.say("T060", f"task {number} is never reached", fix, sheet.book.tasks[number])


def check_endless(sheet: CheckContext, walks: list[PriorRunWalk]) -> None:
    """Circles that no condition, loop counter or return can leave."""
    told: set[int] = set()
    for walk in walks:
        for group in walk.groups:
            if walk.returning(group) and not _can_leave(walk, set(group)):
                numbers = sorted({walk.paths.number[node] for node in group})
                if numbers[0] not in told:
                    _endless(sheet, numbers)
                told.update(numbers)


def _can_leave(walk: PriorRunWalk, inside: set[int]) -> bool:
    onward = (other for node in inside for other in walk.paths.after[node] if other not in inside)
    return not inside.isdisjoint(walk.paths.ends) or next(onward, None) is not None


def _endless(sheet: CheckContext, numbers: list[int]) -> None:
    where, field, inside = sheet.book.tasks[numbers[-1]], None, set(numbers)
    for number in reversed(numbers):
        task = sheet.book.tasks[number]
        back = [one for one in (SUCCESS, FAILURE) if sheet.book.number(task, one) in inside]
        if back:
            where, field = task, back[0]
            break
    way = "task" if len(numbers) == 1 else "tasks"
    message = f"nothing can leave the circle of {way} {_listed(numbers)}"
    sheet.say("T061", message, "give one of them a condition in next, or a return", where, field)


def _listed(numbers: list[int]) -> str:
    shown = numbers if len(numbers) <= LONGEST else [*numbers[:4], "…", *numbers[-3:]]
    return " → ".join(map(str, shown))


def _questions(sheet: CheckContext, walk: PriorRunWalk) -> Iterator[tuple[PriorRuns, list[Question]]]:
    """(what is known, the uses that it answers), for all uses in tasks that are reached: (task, use) each.

    Those that are plainly there are left out.
    """
    uses = [
        (number, use)
        for number in walk.tasks
        for use in sheet.uses.get(number, ())
        if not _own(sheet, sheet.book.tasks[number], use)
    ]
    if uses:
        trunk = Dominators(walk.paths)
        uses = [(number, use) for number, use in uses if not trunk.passes(use.task, _nodes(walk, number, use))]
    asked = sorted({use.task for _, use in uses})
    for begin in range(0, len(asked), AT_ONCE):
        some = asked[begin : begin + AT_ONCE]
        chosen = set(some)
        yield walk.known(some), [one for one in uses if one[1].task in chosen]


def _nodes(walk: PriorRunWalk, number: int, use: VariableUse) -> list[int]:
    """Where a use takes place: before the run of its task, or after it."""
    places = walk.paths.arrivals if use.field in BEFORE else walk.paths.results
    return [node for node in places.get(number, ()) if node in walk.reached]


def check_missing_values(sheet: CheckContext, walk: PriorRunWalk) -> set[tuple[int, VariableUse]]:
    """Values that are never there, or not on every path. Gives those of which something was said."""
    said = set()
    for known, uses in _questions(sheet, walk):
        for number, use in uses:
            nodes, task = _nodes(walk, number, use), sheet.book.tasks[number]
            if not _can(sheet, task, use, known, nodes):
                _never(sheet, walk, task, use)
            elif (node := _lacking(sheet, task, use, known, nodes)) is not None:
                _not_always(sheet, task, use, walk.without(node, known, use.task) if sheet.shows("T063") else [])
            else:
                continue
            said.add((number, use))
    return said


def _own(sheet: CheckContext, task: Task, use: VariableUse) -> bool:
    """Does it read its own run?"""
    return use.task == task["task"] and use.field not in BEFORE and sheet.has_run(task)


def _can(sheet: CheckContext, task: Task, use: VariableUse, known: PriorRuns, nodes: list[int]) -> bool:
    if _own(sheet, task, use) or (use.task == task["task"] and use.field != "condition" and repeats(sheet, task)):
        return True
    return not nodes or known.may(use.task, nodes)


def _lacking(sheet: CheckContext, task: Task, use: VariableUse, known: PriorRuns, nodes: list[int]) -> int | None:
    return None if _own(sheet, task, use) else known.lacking(use.task, nodes)


def _never(sheet: CheckContext, walk: PriorRunWalk, task: Task, use: VariableUse) -> None:
    if use.task == task["task"]:
        why, fix = "the task has not run yet", "use it after the run (in next, success, sleep), or in a later task"
    elif use.task not in walk.tasks:
        why, fix = f"task {use.task} is never reached", f"let the flow reach task {use.task} before"
    else:
        why = f"no path runs task {use.task} before task {task['task']}"
        fix = f"use it in a task that runs after task {use.task}"
    sheet.say("T062", f"@{use.name}@ never has a value here: {why}", fix, task, use.field, offset=use.offset)


def _not_always(sheet: CheckContext, task: Task, use: VariableUse, way: list[int]) -> None:
    if use.task == task["task"]:
        message = f"@{use.name}@ has no value in the first run of task {use.task}"
        fix = "use it after the run, or in a later task"
    else:
        path = f": {_listed(way)} without {use.task}" if way else f": some path comes here without task {use.task}"
        message = f"@{use.name}@ may have no value here{path}"
        fix = f"run task {use.task} on every way to task {task['task']}"
    sheet.say("T063", message, fix, task, use.field, offset=use.offset)


def check_skipped_values(sheet: CheckContext, walk: PriorRunWalk, said: set[tuple[int, VariableUse]]) -> None:
    """Values that are not there because the run starts in the middle."""
    for known, uses in _questions(sheet, walk):
        for number, use in uses:
            task, nodes = sheet.book.tasks[number], _nodes(walk, number, use)
            if (number, use) in said or _lacking(sheet, task, use, known, nodes) is None:
                continue
            never = "has" if not known.may(use.task, nodes) else "may have"
            message = f"@{use.name}@ {never} no value here when the run starts from task {sheet.settings['start_from']}"
            fix = f"start from task {use.task} or before"
            sheet.say("T065", message, fix, task, use.field, offset=use.offset)
