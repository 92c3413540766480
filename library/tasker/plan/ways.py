"""Where the flow can go from a task: [{"when": …, "to": number, "end" or "block", …}, …]."""

from __future__ import annotations

from functools import partial

from tasker.language import transitions as flow
from tasker.language.chains import ChainOrder
from tasker.language.fields import APPROVAL, CHAIN, DECISION, PARALLEL, TASK, has_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import PlanTaskWay, Task
    from tasker.simulation.walk import Simulation

    Way: TypeAlias = str | int  # a transition, or the task that it jumps to
    Target: TypeAlias = tuple[PlanTaskWay, str]  # a way without its condition, and what to add to the condition

MET = {TASK: "success", APPROVAL: "approved"}  # of a block: all_success
BRANCHES = ("if_true_tasks", "if_false_tasks")


def ways_of_task(index: WorkflowIndex, task: Task, found: Simulation) -> list[PlanTaskWay]:
    """Where the flow can go from a task. found: knows where the flow can be in a handler.

    `end` has the `exit` code as it is written. `block`: on with the block that the task is in; `fails` says that its
    branch has broken off. `host`: the chain ends on this host.
    """
    number = task["task"]
    if number not in index.owned:
        return _with_conditions(index, task, lambda way: _targets(index, number, way, found.handlers(number)))
    handlers = found.handlers(_outermost(index, number))
    block = index.tasks[index.owned[number]]
    if index.kind(block) == PARALLEL:
        return []
    made: list[PlanTaskWay] = []
    if index.kind(block) == CHAIN:
        return _ways_of_member(index, task, ChainOrder(index, block))
    for field in BRANCHES:
        members = index.members(block, field)
        for place, member in enumerate(members):
            if member == number:
                after: int | str = members[place + 1] if place + 1 < len(members) else "block"
                handlers = {True} if not index.handlers.isdisjoint(members[: place + 1]) else handlers
                targets = partial(_in_branch, index, number, after, handlers)
                made += [way for way in _with_conditions(index, task, targets) if way not in made]
    return made


def _ways_of_member(index: WorkflowIndex, task: Task, order: ChainOrder) -> list[PlanTaskWay]:
    """Where one host of a chain goes from a member."""
    number = task["task"]
    if number not in order.members:  # in `finally`: on to the next of them in every case
        return []
    after = order.after(number)

    def on() -> Target:  # a new one for each way: its condition is written into it
        return _on("host" if after is None else after)

    def targets(way: Way) -> list[Target]:
        if isinstance(way, int):
            return [_on(way)]
        if way == flow.UNHANDLED and number in order.handlers and not index.is_decision(number):  # in a handler
            return [on()]
        return [({"when": "", "to": "host", "fails": True}, "") if way in (flow.STOP, flow.UNHANDLED) else on()]

    made: list[PlanTaskWay] = []
    for way in _with_conditions(index, task, targets):
        if way["to"] == "end":  # next=never ends the chain of this host
            way = {"when": way["when"], "to": "host"}
        made.append(way)
    return made


def _outermost(index: WorkflowIndex, number: int) -> int:
    """The block that the flow comes to before it comes to this member."""
    seen: set[int] = set()  # blocks that contain each other are refused, but can be planned
    while number in index.owned and number not in seen:
        seen.add(number)
        number = index.owned[number]
    return number


def _with_conditions(index: WorkflowIndex, task: Task, targets: Callable[[Way], list[Target]]) -> list[PlanTaskWay]:
    """Each way with its condition and its target. targets: way -> its targets."""
    leads, kind = flow.transitions_of(index, task), index.kind(task)
    decided = flow.decided_by(index, task)
    plain = kind == TASK and not has_command(task)
    met = "always"
    if decided and not plain:
        met = task["success"] if index.judges_block(task["task"]) else MET.get(kind, "all_success")
        met = _condition_of(task) if kind == DECISION else met
        met = task["next"] if decided == "next" else met
    made: list[PlanTaskWay] = []
    for place, way in enumerate(leads):
        when = met
        if way == flow.SKIP:
            when = _negated(task["condition"]) if "condition" in task else f"{task['hosts'].strip()} names no host"
        elif met != "always" and place == len(leads) - 1:
            when = "else"
        for target, also in [_end(task)] if way == flow.END else targets(_resolved(index, task, way)):
            target["when"] = when + also
            made.append(target)
    if decided == "success" and len(made) > 1 and made[-2] == {**made[-1], "when": met}:  # it decides nothing here
        made[-2:] = [{**made[-1], "when": "always"}]
    if kind == APPROVAL:
        made.append({"when": "stop", "to": "end", "exit": "10"})
    return made


def _condition_of(task: Task) -> str:
    """When a decision goes on."""
    return task["success"] if "success" in task else _negated(task.get("failure", "?"))


def _negated(condition: str) -> str:
    return f"not ({condition})" if any(sign in condition for sign in "&| ") else f"not {condition}"


def _end(task: Task) -> Target:
    return {"when": "", "to": "end", "exit": task.get("return", "0")}, ""


def _resolved(index: WorkflowIndex, task: Task, way: str) -> Way:
    """The way, or the task that it jumps to."""
    number = index.number(task, way) if way in (flow.SUCCESS, flow.FAILURE) else None
    return way if number is None else number


def _targets(index: WorkflowIndex, number: int, way: Way, handlers: set[bool]) -> list[Target]:
    if isinstance(way, int):
        return [_to(way)]
    if way == flow.STOP:
        return [_stopped()]
    if way == flow.UNHANDLED:
        return _after_unhandled(index, number, handlers, lambda: _to(index.after(number, True)[0], exit="1"), _stopped)
    plain, bad = index.after(number)[0], index.after(number, True)[0]
    if handlers == {True}:
        return [_to(bad)]
    return [_to(plain)] + ([_to(bad, " (in a handler)")] if plain != bad and True in handlers else [])


def _after_unhandled(
    index: WorkflowIndex, number: int, handlers: set[bool], goes_on: Callable[[], Target], stops: Callable[[], Target]
) -> list[Target]:
    """Where an unhandled failure leads, outside of handlers and in one."""
    made: list[Target] = []
    if handlers != {True}:
        made.append(stops())
    if True in handlers:
        also = " (in a handler)" if made else ""
        way = flow.after_unhandled(index, index.tasks[number], True)
        target = stops() if way == flow.STOP else _end(index.tasks[number]) if way == flow.END else goes_on()
        made += [] if target in made else [(target[0], also)]
    return made


def _stopped() -> Target:
    return {"when": "", "to": "end", "exit": "10"}, ""


def _to(number: int | None, also: str = "", exit: str = "0") -> Target:
    return ({"when": "", "to": "end", "exit": exit} if number is None else {"when": "", "to": number}), also


def _in_branch(index: WorkflowIndex, number: int, after: int | str, handlers: set[bool], way: Way) -> list[Target]:
    if way == flow.UNHANDLED:
        return _after_unhandled(index, number, handlers, lambda: _on(after), _branch_fails)
    return [_branch_fails() if way == flow.STOP or isinstance(way, int) else _on(after)]


def _branch_fails() -> Target:
    return {"when": "", "to": "block", "fails": True}, ""


def _on(after: int | str) -> Target:
    return {"when": "", "to": after}, ""
