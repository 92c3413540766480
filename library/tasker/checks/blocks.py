"""Blocks: fields of members, nested blocks, and tasks that would run twice at the same time (docs/language.md §6)."""

from __future__ import annotations

from tasker.checks.context import MEMBERS, CheckContext
from tasker.language.fields import APPROVAL, AT_ONCE, BLOCKS, CHAIN, CONDITIONAL, DECISION, FIELDS, MANY, PARALLEL
from tasker.text.graphs import find_cycles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task

FORBIDDEN = {
    PARALLEL: ("next", "on_success", "on_failure", "loop", "loop_break", "return"),
    CONDITIONAL: ("on_success", "on_failure"),
    CHAIN: ("return",),
}
NOT_IN_BLOCKS = tuple({field: None for forbidden in FORBIDDEN.values() for field in forbidden})
MAX_STEPS = 200_000  # steps up through the blocks, all tasks together


def check_members(context: CheckContext, task: Task) -> None:
    """Fields that a member may not have, because its block decides where the flow goes."""
    number = task["task"]
    for block, _ in context.owners().get(number, ())[:1]:
        kind = context.kinds[block]
        for field in FORBIDDEN[kind]:
            if (
                field in task
                and (number, field) not in context.notes.without_meaning
                and not _decides_success(context, task, field)
            ):
                called = f"chain {block}" if kind == CHAIN else f"{kind} block {block}"
                message = f"'{field}' does not apply to task {number}, a member of {called}"
                context.report("T052", message, f"remove it, or move it to task {block}", task, field)


def _decides_success(context: CheckContext, task: Task, field: str) -> bool:
    """The `next` of a block decides whether the block succeeded, so it has a meaning inside another block."""
    return field == "next" and context.kinds[task["task"]] in BLOCKS and context.index.next_kind(task) == "condition"


def check_chains(context: CheckContext, task: Task) -> None:
    """Chains and waves, and jumps between a chain and the rest of the workflow."""
    if context.index.chains() or "waves" in task or context.kinds[task["task"]] == CHAIN:
        from tasker.checks import chains  # here, because few files have any

        chains.check_chain(context, task)
        chains.check_jumps(context, task)


def check_approval(context: CheckContext, task: Task) -> None:
    """An approval where several tasks run at once, also one between waves, and one without a question."""
    number = task["task"]
    is_task = context.kinds[number] == APPROVAL
    if not is_task and ("wave_approval" not in task or (number, "wave_approval") in context.notes.without_meaning):
        return
    from tasker.checks import approvals  # here: few task files have one

    approvals.check_who_can_answer(context, task)
    called, field = (f"approval {number}", "type") if is_task else (f"task {number} asks people, and", "wave_approval")
    if is_task and not task.get("title"):
        message = f"approval {number} has no question"
        context.report("T055", message, "write it as a comment above the task: # Deploy to production?", task, "type")
    todo, seen = [number], {number}
    for below in todo:
        for block, _ in context.owners().get(below, ()):
            if context.kinds[block] in (PARALLEL, CHAIN):
                inside = f"parallel block {block}, whose tasks run"
                if context.kinds[block] == CHAIN:
                    inside = f"chain {block}, whose hosts run"
                message = f"{called} is inside {inside} at the same time"
                context.report("T054", message, f"move it before or after task {block}", task, field)
                return
            if block not in seen:
                seen.add(block)
                todo.append(block)


def check_decisions(context: CheckContext, task: Task) -> None:
    """Decisions that stand where nothing can be decided."""
    if context.kinds[task["task"]] == DECISION:
        from tasker.checks import decisions  # here: few files have one

        decisions.check_decision(context, task)


def check_timeouts(context: CheckContext, task: Task) -> None:
    """A timeout longer than that of the block, which ends the task first."""
    owners = context.owners().get(task["task"])
    own = _seconds(context, task) if owners else None
    for block, _ in owners if owners and own else ():
        bound = _seconds(context, context.index.tasks[block])
        if bound and own and bound < own:
            from tasker.language.durations import write_duration

            longest = write_duration(bound)
            message = f"timeout={write_duration(own)} has no effect: block {block} ends after {longest}"
            fix = f"lower it to {longest}, or raise the timeout of task {block}"
            context.report("T053", message, fix, task, "timeout")
            return


def _seconds(context: CheckContext, task: Task) -> float | None:
    if "timeout" not in task:
        return None
    from tasker.language.durations import parse_duration

    try:
        return parse_duration(context.texts.known_text(task.get("timeout", "")) or "", 0, FIELDS["timeout"].high)
    except ValueError:
        return None


def check_nesting(context: CheckContext) -> None:
    """A block that is a member of itself, or of one of its own members."""
    blocks = [number for number in context.index.order if context.kinds[number] in BLOCKS]
    index = {number: place for place, number in enumerate(blocks)}
    inner = [[index[member] for member in _all_members(context, block) if member in index] for block in blocks]
    for group in find_cycles(inner):
        if len(group) > 1 or group[0] in inner[group[0]]:
            numbers = sorted(blocks[place] for place in group)
            context.notes.nested_blocks.update(numbers)
            task = context.index.tasks[numbers[0]]
            way = "itself" if len(numbers) == 1 else f"itself, through {_listed(numbers[1:])}"
            field = next(field for field in MEMBERS[context.kinds[numbers[0]]] if field in task)
            context.report("T050", f"block {numbers[0]} is inside {way}", "remove it from the list", task, field)


def _all_members(context: CheckContext, block: int) -> list[int]:
    return [number for field in MEMBERS[context.kinds[block]] for number in context.members(block, field)]


def _listed(numbers: list[int], most: int = 5) -> str:
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(map(str, numbers[:most])) + more


def check_concurrency(context: CheckContext) -> None:
    """A task that two blocks can run at the same time: a parallel block above it reaches it on two paths."""
    steps_left = MAX_STEPS
    for number, owners in context.owners().items():
        if len(owners) < 2 or context.notes.nested_blocks or steps_left < 0:
            continue
        ways: dict[int, set[int]] = {}
        todo = [number]
        for below in todo:
            for block, _ in context.owners().get(below, ()):
                steps_left -= 1
                if block not in ways:
                    ways[block] = set()
                    todo.append(block)
                ways[block].add(below)
        for block, through in ways.items():
            if context.kinds[block] == PARALLEL and len(through) > 1:
                names = " and ".join(map(str, sorted({one for one, _ in owners})[:2]))
                message = f"task {number} belongs to blocks {names}, which block {block} can run at the same time"
                fix = "give each block its own task"
                context.report("T051", message, fix, context.index.tasks[max(one for one, _ in owners)], "tasks")
                break


def check_slots(context: CheckContext) -> None:
    """More members, or hosts, than run at once without max_parallel: said once."""
    if context.index.rules < 2:
        return
    for task in context.tasks:
        if "max_parallel" in task or "waves" in task or context.kinds[task["task"]] not in MANY:
            continue
        count = len(task.get("targets", ())) if "hosts" in task else len(context.index.members(task, "tasks"))
        if count > AT_ONCE:
            what, field = ("hosts", "hosts") if "hosts" in task else ("members", "tasks")
            message = f"of {count} {what}, {AT_ONCE} run at once without max_parallel"
            context.report(
                "T096", message, f"add max_parallel={AT_ONCE} if that is meant, or a number up to 10000", task, field
            )
            return
