"""Chains: what may be a member, where a member may lead, and waves (docs/language.md §6)."""

from __future__ import annotations

from tasker.checks.context import CheckContext
from tasker.language.chains import ChainOrder
from tasker.language.fields import CHAIN, CONDITIONAL, FANOUT, PARALLEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task

WHY_NOT = {
    FANOUT: ("it has hosts of its own", "remove hosts=: it runs on the host of the chain"),
    PARALLEL: ("it is a parallel block", "name its tasks as members: they run in order on each host"),
    CHAIN: ("it is a chain itself", "name its tasks as members, or let this chain come after the other"),
}
JUMPS = ("on_success", "on_failure")


def check_chain(context: CheckContext, task: Task) -> None:
    """The members of a chain, its `finally` and its waves."""
    if "waves" in task and "canary" in task:
        fix = f"remove canary: it is waves={task['canary']},100%"
        context.report("T059", "'waves' and 'canary' cannot both be given", fix, task, "canary")
    if context.kinds[task["task"]] != CHAIN:
        return
    number = task["task"]
    members = dict.fromkeys(context.members(number, "tasks"))
    for member in members:
        _check_member(context, task, member, "tasks")
    for member in dict.fromkeys(context.members(number, "finally")):
        if member in members:
            message = f"task {member} is in 'tasks' and in 'finally' of chain {number}"
            context.report("T056", message, "name it in one of them: finally runs last in every case", task, "finally")
        else:
            _check_member(context, task, member, "finally")
            _check_last(context, task, member)
    if members and ChainOrder(context.index, task).first is None:
        message = f"no member of chain {number} is reached: an on_failure names each of them"
        context.report("T056", message, "let the chain begin with a member that no on_failure names", task, "tasks")


def _check_member(context: CheckContext, chain: Task, number: int, field: str) -> None:
    if number in context.notes.nested_blocks or number == chain["task"]:  # T050 says that
        return
    kind = context.kinds[number]
    if kind in WHY_NOT:
        why, fix = WHY_NOT[kind]
        context.report("T056", f"task {number} cannot be a member of chain {chain['task']}: {why}", fix, chain, field)
    elif kind == CONDITIONAL:
        _check_branches(context, chain, number)
    others = [block for block, _ in context.owners().get(number, ()) if block != chain["task"]]
    if others:
        message = f"task {number} belongs to chain {chain['task']} and to block {others[0]}"
        context.report("T056", message, "give each its own task", chain, field)


def _check_branches(context: CheckContext, chain: Task, block: int) -> None:
    """What is in a conditional block of a chain: as what is in the chain itself."""
    todo, seen = [block], {block}
    for one in todo:
        for field in ("if_true_tasks", "if_false_tasks"):
            for number in context.members(one, field):
                if number in seen:
                    continue
                seen.add(number)
                task, kind = context.index.tasks[number], context.kinds[number]
                if kind in WHY_NOT:
                    why, fix = WHY_NOT[kind]
                    message = f"task {number} cannot be inside chain {chain['task']}: {why}"
                    context.report("T056", message, fix, context.index.tasks[one], field)
                elif kind == CONDITIONAL:
                    todo.append(number)
                if "return" in task:
                    message = f"'return' does not apply to task {number}, which is inside chain {chain['task']}"
                    context.report("T052", message, "remove it: a host ends with next=never", task, "return")


def _check_last(context: CheckContext, chain: Task, number: int) -> None:
    """A task of `finally` runs in every case, so it has no way to choose."""
    task = context.index.tasks[number]
    if context.kinds[number] == CONDITIONAL:
        message = f"task {number} cannot be in 'finally' of chain {chain['task']}: it is a block"
        context.report("T056", message, "name plain tasks, each with condition= where it needs one", chain, "finally")
    for field in JUMPS:
        if field in task:
            message = f"'{field}' does not apply to task {number}, which is in 'finally' of chain {chain['task']}"
            context.report("T057", message, "remove it: the tasks of finally run one after another", task, field)


def check_jumps(context: CheckContext, task: Task) -> None:
    """A jump between a chain and the rest of the workflow."""
    number = task["task"]
    here = context.index.chain_of(number)
    for field in JUMPS:
        target = context.index.number(task, field)
        if target is None or target not in context.index.tasks or (number, field) in context.notes.without_meaning:
            continue
        there = context.index.chain_of(target)
        if here is None and there is None:
            continue
        direct = here is not None and context.index.owned.get(number) == here
        if not direct and here is not None:
            continue  # a member of a block in the chain has no jumps: T052
        if here == there and target in context.members(there or 0, "tasks"):
            continue
        if there is None or (here is not None and here != there):
            message = f"'{field}' leads out of chain {here}: task {target} is not one of its members"
            fix = f"give it to task {here}, which leads on when all hosts have ended"
        elif target in context.members(there, "finally"):
            message = f"'{field}' leads to task {target}, which is in 'finally' of chain {there}"
            fix = "remove it: finally runs last in every case"
        elif here == there:
            message = f"'{field}' leads to task {target}, which is inside a block of chain {there}"
            fix = f"jump to task {context.index.owned[target]}"
        else:
            message = f"'{field}' leads into chain {there}: task {target} runs once for each of its hosts"
            fix = f"jump to task {there}"
        context.report("T057", message, fix, task, field)
        context.notes.paths_incomplete = True
