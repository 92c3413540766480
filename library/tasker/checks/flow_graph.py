"""All paths that the flow can take through a workflow, as a graph (docs/language.md §6).

A node is an arrival at a task: in the sequence or at a place of a block, in a handler or not. A block has more nodes:
its members are between its arrival and the node where the block is over.
"""

from __future__ import annotations

from tasker.checks.concurrency import may_end_before
from tasker.checks.context import MEMBERS, CheckContext
from tasker.language.fields import APPROVAL, CHAIN, DECISION, PARALLEL, RUNS
from tasker.language.transitions import (
    END,
    FAILURE,
    NEXT,
    SKIP,
    STOP,
    SUCCESS,
    UNHANDLED,
    after_unhandled,
    can_be_unknown,
    decided_by,
    in_handler_after,
    transitions_of,
)
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from tasker.language.chains import ChainOrder

    NodeKey: TypeAlias = tuple[str, *tuple[object, ...]]  # what kind of node it is, and what tells it apart

MAX_NODES = 400_000
WITHOUT_BODY = frozenset((*RUNS, APPROVAL, DECISION, ""))  # kinds of tasks without members


class FlowNode(NamedTuple):
    """A place in a block: the field that names its members, and which of them. handler: entered in a handler?"""

    block: int
    field: str
    turn: int
    handler: bool


class BlockBody(NamedTuple):
    """The inside of a block. firsts: its first nodes. arrivals: the arrivals at it, (node, place). ends: where it is
    over, (node, handler, has it surely failed?)."""

    firsts: list[int]
    arrivals: list[tuple[int, FlowNode | None]]
    ends: list[tuple[int, bool, bool | None]]


# Over 150 lines and 15 attributes: one algorithm, whose result is a list or set for each question about the graph.
class FlowGraph:
    """The graph from one start.

    For each node: `number`: of its task. `left`: the task that has run once the flow leaves the node, or None. `names`:
    what it is; nodes that differ only in how the flow came there have the same name. `after`, `before`: the nodes that
    it leads to, and those that lead to it.
    `maybe`: pairs of nodes between which values can pass without the flow. `joins`: nodes that wait for all nodes
    before them. `ends`: nodes where the workflow can end. `arrivals`, `results`: task -> its nodes before, and after,
    its run. complete: False if the graph would have more than MAX_NODES nodes.
    """

    def __init__(self, context: CheckContext, start: int) -> None:
        self.context, self.index = context, context.index
        self.number: list[int] = []
        self.left: list[int | None] = []
        self.names: list[tuple[str, int]] = []
        self.after: list[list[int]] = []
        self.before: list[list[int]] = []
        self.maybe: list[tuple[int, int]] = []
        self.joins: set[int] = set()
        self.ends: set[int] = set()
        self.arrivals: dict[int, list[int]] = {}
        self.results: dict[int, list[int]] = {}
        self._nodes: dict[NodeKey, int] = {}
        self._bodies: dict[tuple[int, bool], BlockBody] = {}
        self._chains: dict[int, ChainOrder] = {}
        self._transitions = {
            task["task"]: transitions_of(context.index, task, context.kinds[task["task"]]) for task in context.tasks
        }
        # a list instead of recursion: blocks may be nested deeply. The functions take different arguments
        self._todo: list[tuple[Callable[..., None], tuple[object, ...]]] = []
        # a normal start is not in a handler, even if an on_failure jumps back to it
        self.start = self._arrive(start, None, start in self.index.handlers and start != self.index.start())
        while self._todo and len(self.number) < MAX_NODES:
            expand, what = self._todo.pop()
            expand(*what)
        self.complete = not self._todo

    # -- nodes

    def _node(self, key: NodeKey, number: int, left: int | None = None) -> int:
        """The node with this key, made if it does not exist yet."""
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = len(self.number)
            self.number.append(number)
            self.left.append(left)
            self.names.append((key[0] if left is None else "left", number))
            self.after.append([])
            self.before.append([])
        return node

    def _link(self, node: int, other: int) -> None:
        self.after[node].append(other)
        self.before[other].append(node)

    def _arrive(self, number: int, place: FlowNode | None, handler: bool) -> int:
        key = ("arrive", number, place, handler)
        known = self._nodes.get(key)
        if known is not None:
            return known
        plain = self.context.kinds[number] in WITHOUT_BODY
        node = self._node(key, number, number if plain else None)
        self.arrivals.setdefault(number, []).append(node)
        if plain:
            self.results.setdefault(number, []).append(node)
        self._todo.append((self._expand, (node, number, place, handler)))
        return node

    # -- where they lead

    def _expand(self, node: int, number: int, place: FlowNode | None, handler: bool) -> None:
        if self.context.kinds[number] in WITHOUT_BODY:
            if self.context.kinds[number] == APPROVAL:
                self.ends.add(node)  # the answer may be `stop`
            self._leave(node, number, place, handler, self._transitions[number])
            return
        if SKIP in self._transitions[number]:
            skipped = self._node(("skipped", number, place, handler), number, number)
            self._link(node, skipped)
            self._leave(skipped, number, place, handler, (SKIP,))
        body = self._body(number, handler)
        body.arrivals.append((node, place))
        for first in body.firsts:
            self._link(node, first)
        for over in body.ends:
            self._finish_block(number, node, place, *over)

    def _finish_block(
        self, number: int, node: int, place: FlowNode | None, over: int, handler: bool, failed: bool | None
    ) -> None:
        """A block that was entered at this node is over: continue from its result."""
        known = len(self.number)
        result = self._node(("result", number, place, handler, failed), number, number)
        self._link(over, result)
        if result == known:
            self.results.setdefault(number, []).append(result)
            leads = [way for way in self._transitions[number] if way != SKIP]
            decided = decided_by(self.index, self.index.tasks[number], self.context.kinds[number])
            judged = "success" in self.index.tasks[number]  # then `next` decides whether or not the block failed
            if failed and decided and not (judged and decided == "next"):
                leads = leads[-1:]
            elif failed is None and decided == "success" and not judged:  # there was nothing that could fail
                leads = leads[:-1]
            self._leave(result, number, place, handler, leads)
            if self.index.next_kind(self.index.tasks[number]) == "loop":
                self._link(result, node)

    def _leave(self, node: int, number: int, place: FlowNode | None, handler: bool, leads: Iterable[str]) -> None:
        for way in leads:
            if way == UNHANDLED and place is None:
                way = after_unhandled(self.index, self.index.tasks[number], handler)
            if place is not None:
                self._leave_member(node, place, handler, way)
            elif way in (SKIP, NEXT):
                self._go_to_next(node, number, handler)
            elif way in (SUCCESS, FAILURE):
                target = self.index.number(self.index.tasks[number], way)
                if target is not None:  # always: transitions_of gives no transition to a task that does not exist
                    self._link(node, self._arrive(target, None, self._in_handler_after(number, way, handler)))
            else:
                self.ends.add(node)

    def _in_handler_after(self, number: int, way: str, handler: bool) -> bool:
        return in_handler_after(self.index, self.index.tasks[number], way, handler)

    def _go_to_next(self, node: int, number: int, handler: bool) -> None:
        """To the next number."""
        target, crossed = self.index.after(number, handler)
        if target is None:
            self.ends.add(node)
        else:
            handler = handler and not (crossed and target not in self.index.handlers)
            self._link(node, self._arrive(target, None, handler))

    def _leave_member(self, node: int, place: FlowNode, handler: bool, way: str) -> None:
        """From one member of a block to the next, or to where the block is over."""
        block, field, turn, came = place
        if self.context.kinds[block] == CHAIN:
            self._leave_step(node, place, handler, way)
        elif self.context.kinds[block] == PARALLEL:
            self._link(node, self._nodes["past", place])
            self._end_block(self._nodes["over", block, field, came], block, came, handler)
        elif way == UNHANDLED:
            way = after_unhandled(self.index, self.index.tasks[self.number[node]], handler)
            self._leave_member(node, place, handler, way)
        elif way == END:
            self.ends.add(node)
        elif way not in (FAILURE, STOP) and turn + 1 < len(self.context.members(block, field)):
            self._link(node, self._arrive_at_member(FlowNode(block, field, turn + 1, came), handler))
        else:
            failed = way in (FAILURE, STOP)
            over = self._node(("over", block, field, came, handler, failed), block)
            self._link(node, over)
            self._end_block(over, block, came, handler, failed)

    # -- blocks

    def _body(self, block: int, handler: bool) -> BlockBody:
        """The inside of a block that the flow enters in a handler or not."""
        key = (block, handler)
        if key not in self._bodies:
            body = self._bodies[key] = BlockBody([], [], [])
            insides = {PARALLEL: self._parallel, CHAIN: self._chain}
            inside = insides.get(self.context.kinds[block], self._branches)
            body.firsts.extend(inside(block, handler))
        return self._bodies[key]

    def _end_block(self, over: int, block: int, came: bool, handler: bool, failed: bool | None = False) -> None:
        """The block can be over here. handler: is the flow in a handler then? failed: has the block surely failed?"""
        body = self._bodies[block, came]
        if (over, handler, failed) not in body.ends:
            body.ends.append((over, handler, failed))
            self._todo += [
                (self._finish_block, (block, node, place, over, handler, failed)) for node, place in body.arrivals
            ]

    def _arrive_at_member(self, place: FlowNode, handler: bool) -> int:
        """The arrival at a member of a branch. If the member is a handler, the flow is in a handler from there."""
        member = self.context.members(place.block, place.field)[place.turn]
        return self._arrive(member, place, handler or member in self.index.handlers)

    # -- chains: the way of one host, which stands for all

    def _chain(self, block: int, handler: bool) -> Iterable[int]:
        from tasker.language.chains import ChainOrder  # here, because few files have a chain

        order = self._chains[block] = ChainOrder(self.index, self.index.tasks[block])
        if order.first is None:
            return [self._end_chain(block, handler)]
        return [self._arrive_at_step(block, order.first, handler, False)]

    def _arrive_at_step(self, block: int, number: int, came: bool, handler: bool) -> int:
        turn = self.context.members(block, "tasks").index(number)
        return self._arrive(number, FlowNode(block, "tasks", turn, came), handler)

    def _arrive_at_last(self, block: int, turn: int, came: bool) -> int:
        """The arrival at a task of `finally`, or where the chain is over."""
        last = self._chains[block].last
        if turn < len(last):
            return self._arrive(last[turn], FlowNode(block, "finally", turn, came), False)
        return self._end_chain(block, came)

    def _end_chain(self, block: int, came: bool) -> int:
        over = self._node(("over", block, "tasks", came), block)
        self._end_block(over, block, came, came)
        return over

    def _leave_step(self, node: int, place: FlowNode, handler: bool, way: str) -> None:
        """From one member of a chain to the next, to where it jumps, or to the end of the chain."""
        block, field, turn, came = place
        if field == "finally":
            self._link(node, self._arrive_at_last(block, turn + 1, came))
            return
        number = self.context.members(block, field)[turn]
        task = self.index.tasks[number]
        if way == UNHANDLED:
            way = after_unhandled(self.index, task, handler)
        target = self.index.number(task, way) if way in (SUCCESS, FAILURE) else None
        if target is not None and target in self._chains[block].members:
            inside = self._in_handler_after(number, way, handler)
            self._link(node, self._arrive_at_step(block, target, came, inside))
        elif way in (SKIP, NEXT) and (after := self._chains[block].after(number)) is not None:
            self._link(node, self._arrive_at_step(block, after, came, False))
        else:
            self._link(node, self._arrive_at_last(block, 0, came))

    def _branches(self, block: int, handler: bool) -> Iterator[int]:
        for field in MEMBERS[self.context.kinds[block]]:
            if self.context.members(block, field):
                yield self._arrive_at_member(FlowNode(block, field, 0, handler), handler)
            else:
                over = self._node(("over", block, field, handler, handler, None), block)
                self._end_block(over, block, handler, handler, failed=None)
                yield over
        if can_be_unknown(self.index, block):  # then neither branch is run
            over = self._node(("neither", block, handler), block)
            self._end_block(over, block, handler, handler, failed=True)
            yield over

    def _parallel(self, block: int, handler: bool) -> list[int]:
        task, members = self.index.tasks[block], self.context.members(block, "tasks")
        over = self._node(("over", block, "tasks", handler), block)
        self._end_block(over, block, handler, handler)
        places = [FlowNode(block, "tasks", turn, handler) for turn in range(len(members))]
        pasts = [self._node(("past", place), member) for place, member in zip(places, members, strict=True)]
        arrivals = [self._arrive(member, place, handler) for place, member in zip(places, members, strict=True)]
        self.maybe.extend((pasts[one], arrivals[other]) for one, other in may_end_before(self.context, task, members))
        if self.context.texts.known_text(task.get("max_parallel", "")) == "1" and members:
            for past, following in zip(pasts, [*arrivals[1:], over], strict=True):
                self._link(past, following)
            return arrivals[:1]
        self.joins.add(over)
        for past in pasts:
            self._link(past, over)
        return arrivals or [over]
