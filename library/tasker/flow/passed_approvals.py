"""The approvals that --start-from passes, and those before the task at which `tasker again` continues a run: each is
asked again before anything starts (docs/language.md §6).

An approval is passed if a run from the beginning comes to the task only by its approval: not by its rejection, and not
around it. One in a branch is passed if every way leads through its block, whichever branch that would have chosen.
Where every way leads through one of several, each of these is passed: which one a run would have come to is not known.
"""

from __future__ import annotations

from tasker.flow.approval import run_approval
from tasker.flow.run_state import Finished, FlowEnd
from tasker.language import transitions
from tasker.language.fields import APPROVAL
from tasker.protocol.exit_codes import STOPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.inherited_units import InheritedUnits
    from tasker.flow.run_state import RunState
    from tasker.language.workflow_index import WorkflowIndex


def ask_passed(run: RunState, number: int) -> CoroutineOf[None]:
    """Ask each approval that a start from task `number` passes. A coroutine. Ends the workflow (Finished) where one is
    not approved."""
    for passed in passed_approvals(run.index, number):
        text = f"Task {passed} is passed by --start-from {number}: its approval is asked for first"
        run.note("INFO", text, "route", task=passed, to=number)
        record = yield from run_approval(run, run.index.tasks[passed], 1, run.index.owned.get(passed), passing=number)
        if not record["success"]:
            why = f"stopped before task {number}: task {passed} was not approved: {record['reason']}"
            raise Finished(FlowEnd(STOPPED, why, failed=passed))


def ask_again(run: RunState, inherited: InheritedUnits, number: int) -> CoroutineOf[None]:
    """Ask each approval on the way to task `number`, at which the run continues another one, as no answer is inherited.
    A coroutine. Ends the workflow (Finished) where one is not approved."""
    inherited.asking = True
    before, visit = inherited.again["run"], len(run.visited)
    for count, (asked, past) in enumerate(list(inherited.approvals.items()), 1):
        text = f"Task {asked} was approved in run {before}, and no approval is inherited: it is asked for again first"
        run.note("INFO", text, "route", task=asked, to=number)
        task = run.index.tasks[asked]
        record = yield from run_approval(
            run, task, past.iteration, past.block, passing=number, again=f"{visit}.{count}"
        )
        if not record["success"]:
            why = f"stopped before task {number}: task {asked} was not approved again: {record['reason']}"
            raise Finished(FlowEnd(STOPPED, why, failed=asked))
    inherited.asking = False


def passed_approvals(index: WorkflowIndex, number: int) -> list[int]:
    """The approvals that a start from task `number` passes, in the order of their numbers."""
    asked = [one for one in index.order if index.kind(index.tasks[one]) == APPROVAL]
    if not asked or not _comes_to(index, number):
        return []
    roots = {one: _outermost(index, one) for one in asked}
    others = [one for one in asked if number not in roots[one]]
    needed = {one for one in others if not _comes_to(index, number, roots[one])}
    others = [one for one in others if one not in needed]
    if others and not _comes_to(index, number, {root for one in others for root in roots[one]}):  # not without any
        needed |= {one for one in others if any(_leads_to(index, root, number) for root in roots[one])}
    return [one for one in asked if one in needed]


def _outermost(index: WorkflowIndex, number: int) -> set[int]:
    """The task itself, or the blocks that it is in and that are in no other block."""
    made: set[int] = set()
    todo = [number]
    for one in todo:
        blocks = index.blocks_with(one)
        todo += blocks.difference(todo)
        made |= set() if blocks else {one}
    return made


def _leads_to(index: WorkflowIndex, number: int, target: int) -> bool:
    """Can a run from the beginning come to a task, and from there to another?"""
    return _comes_to(index, number) and any(_comes_to(index, target, (), (number, state)) for state in (False, True))


def _comes_to(
    index: WorkflowIndex, target: int, without: Collection[int] = (), begin: tuple[int, bool] | None = None
) -> bool:
    """Can a run come to a task? without: approvals that are never approved, and blocks that are never left. begin: the
    (task, is it in a handler?) where it begins, if that is not the beginning."""
    start = index.start()
    if start is None:
        return False
    todo = [begin or (start, False)]
    seen = {*todo}
    for number, in_handler in todo:
        if number == target:
            return True
        for state in _after(index, number, in_handler, number in without):
            if state not in seen:
                seen.add(state)
                todo.append(state)
    return False


def _after(index: WorkflowIndex, number: int, in_handler: bool, rejected: bool) -> Iterator[tuple[int, bool]]:
    """The (task, is it in a handler?) that can follow. rejected: the task is an approval that is not approved, or a
    block with one."""
    task = index.tasks[number]
    ways = transitions.transitions_of(index, task)
    if rejected:
        may_fail = index.kind(task) == APPROVAL and transitions.decided_by(index, task) == "success"
        ways = ways[-1:] if may_fail else []
    for way in ways:
        if way in (transitions.SUCCESS, transitions.FAILURE):
            target = index.number(task, way)
            if target in index.tasks:
                yield target, transitions.in_handler_after(index, task, way, in_handler)
            continue
        goes_on = way in (transitions.SKIP, transitions.NEXT)
        if way == transitions.UNHANDLED:
            goes_on = transitions.after_unhandled(index, task, in_handler) == transitions.NEXT
        following, crossed = index.after(number, in_handler) if goes_on else (None, False)
        if following is not None:
            yield following, in_handler and not (crossed and following not in index.handlers)
