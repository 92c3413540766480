"""A chain in which a run that continues an ended one forks: how far each of its hosts came, and where it goes on.

A host goes on at the member that failed first. Where `finally` or a way back (`on_failure`) has run since, it begins at
its first member: they may have undone what the members before did (docs/decisions/0045).
"""

from __future__ import annotations

from tasker.flow.task_result import BRANCH_ENDED, WHY
from tasker.journal.forked_node import Node
from tasker.language.fields import CHAIN, CONDITIONAL, TASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Document


class HostLane(Node):
    """One host in one run of a chain. Its children are its commands, and last how the chain ended there, if it did.

    decisions: decision -> how many commands came before it. undone: was a command of `finally` or of a way back sent?
    turned: is the host on a way back? finals: its commands that are of `finally`.
    """

    __slots__ = ("decisions", "end", "failed_at", "finals", "turned", "undone")

    def __init__(self, chain: int, host: str) -> None:
        super().__init__(chain, host)
        self.end: HostLaneEnd | None = None
        self.turned = self.undone = False
        self.failed_at: int | None = None
        self.finals: list[Node] = []
        self.decisions: dict[int, int] = {}

    def leaves(self) -> Iterator[Node]:
        yield from self.children

    def commands(self) -> list[Node]:
        return [one for one in self.children if one is not self.end]

    def close(self, outcome: str, exit_code: int, because: str, success: bool = False) -> HostLaneEnd:
        """The chain has ended here like this."""
        self.end = HostLaneEnd(self, {"outcome": outcome, "success": success, "exit_code": exit_code})
        self.end.facts |= {"because": because} if because else {}
        self.children.append(self.end)
        return self.end


class HostLaneEnd(Node):
    """How a chain ended on a host. It is inherited if nothing runs there. facts: of the unit, without what the commands
    say."""

    __slots__ = ("facts", "lane")

    def __init__(self, lane: HostLane, facts: Document) -> None:
        super().__init__(lane.task, lane.host)
        self.lane, self.facts = lane, facts

    def unit_end(self) -> Document:
        made = dict(self.facts)
        if self.lane.failed_at is not None and not made["success"]:
            made["failed_at"] = self.lane.failed_at
        if any(one.identity or one.inherited for one in self.lane.commands()):
            made["touched"] = True
        if self.lane.undone:
            made["undone"] = True
        return made


class ForkedChain:
    """Reads what flow says of the hosts of chains. blocks: the last run of each block. asked: the ids of the requests
    that were sent. ends: id of a unit -> its document."""

    def __init__(
        self, index: WorkflowIndex, blocks: Mapping[int, Node], asked: Container[str], units: Mapping[str, Document]
    ) -> None:
        self.index, self.blocks, self.asked, self.units = index, blocks, asked, units
        self._current: dict[tuple[int, str], Node] = {}  # (member, host) -> its last command

    def chain_of(self, number: int | None) -> int | None:
        """The chain that a task is, or is inside of."""
        while number is not None and self.index.kind(self.index.tasks[number]) != CHAIN:
            number = self.index.owned.get(number)
        return number

    def take(self, step: Document) -> bool:
        """Take what flow says of a host of a chain. False if it is about something else."""
        request = step["request"] if step["do"] == "run" else step
        number, host = request.get("task"), request.get("host")
        if number not in self.index.tasks or host is None or (chain := self.chain_of(number)) is None:
            return False
        lane = self._lane(chain, host)
        if step["do"] == "run":
            if "probe" not in request:  # which stands for no command
                node = self._current[number, host]
                node.identity, node.attempt = request["id"], request.get("attempt", 1)
                if request["id"] in self.asked and (lane.turned or node in lane.finals):
                    lane.undone = True
        elif step["do"] == "note":
            self._note(step, lane, number)
        return True

    def _lane(self, chain: int, host: str) -> HostLane:
        block = self.blocks[chain]
        for one in reversed(block.children):
            if one.host == host and isinstance(one, HostLane):
                return one
        made = HostLane(chain, host)
        block.children.append(made)
        return made

    def _note(self, step: Document, lane: HostLane, number: int) -> None:
        what, because = step["what"], step.get("because", "")
        if number == lane.task:
            if what in ("end", "host_end"):
                self._close(step, lane)
        elif what == "route" and "field" in step:
            lane.turned = step["field"] == "on_failure"
            lane.undone = lane.undone and lane.turned
        elif self.index.kind(self.index.tasks[number]) != TASK:
            if what == "end" and self.index.is_decision(number):
                lane.decisions[number] = len(lane.children)
        elif what == "start":
            if step.get("attempt", 1) == 1 or (number, lane.host) not in self._current:
                self._begin(lane, number)
        elif what == "end" and because.startswith("loop_break not met"):
            self._current[number, str(lane.host)].loop_failed = True
            self._current[number, str(lane.host)].success = False
        elif what == "end" and not self._never_came(number, because):
            self._end(step, lane, number)
        elif what == "skip" and because == "the operator decided so":
            node = self._end(step, lane, number)
            node.skipped = True

    def _never_came(self, number: int, because: str) -> bool:
        owner = self.index.owned.get(number)
        in_branch = owner is not None and self.index.kind(self.index.tasks[owner]) == CONDITIONAL
        return in_branch and (because in WHY.values() or because.startswith(BRANCH_ENDED))

    def _begin(self, lane: HostLane, number: int) -> Node:
        node = self._current[number, str(lane.host)] = Node(number, lane.host)
        lane.children.append(node)
        if number in self.index.members(self.index.tasks[lane.task], "finally"):
            lane.finals.append(node)
        return node

    def _end(self, step: Document, lane: HostLane, number: int) -> Node:
        node = self._current.get((number, str(lane.host)))
        if node is None or node.ended or "inherited" in step:
            node = self._begin(lane, number)
        node.take_end(step)
        if node.inherited and (lane.turned or node in lane.finals):
            lane.undone = True
        return node

    def _close(self, step: Document, lane: HostLane) -> None:
        lane.ended, lane.success, lane.skipped = True, bool(step["success"]), step["outcome"] == "skipped"
        lane.failed_at, lane.inherited = step.get("failed_at"), step.get("inherited", "")
        if lane.inherited and self.units.get(lane.inherited, {}).get("end", {}).get("undone"):
            lane.undone = True
        end = lane.close(step["outcome"], step["exit_code"], step.get("because", ""), lane.success)
        end.ended, end.success, end.inherited = True, lane.success or lane.skipped, lane.inherited

    def take_left(self, chain: int, host: str, identities: Sequence[str]) -> None:
        """A host has commands from an earlier run, by the ids of their units, and never began in this one: it keeps
        them."""
        if chain not in self.blocks:
            return
        lane = self._lane(chain, host)
        made: list[Node] = []
        for identity in identities:
            unit = self.units[identity]
            node = Node(unit["task"], host)
            node.ended = node.success = True  # the host had left it behind
            node.inherited, node.attempt = identity, unit.get("attempt", 1)
            made.append(node)
        lane.children[:0] = made

    # -- where a host goes on

    def again(self, lane: HostLane) -> list[Node]:
        """What of a host runs again, if it does. The rest comes before that, and is inherited."""
        commands = lane.commands()
        first = 0 if lane.undone or lane.success or lane.skipped else self._first(lane, commands)
        return [*commands[first:], *([lane.end] if lane.end is not None else [])]

    def _first(self, lane: HostLane, commands: list[Node]) -> int:
        """The place of the first command that runs again."""
        if lane.failed_at is None:  # it was stopped on its way
            last = commands[-1] if commands else None
            return len(commands) - (last is not None and not (last.success or last.skipped))
        tops = [self._top(one.task) for one in commands]
        found = [place for place, top in enumerate(tops) if top == lane.failed_at]
        if not found:  # a decision: what it depends on is inherited, and it is taken again
            return lane.decisions.get(lane.failed_at, 0)
        failed = [place for place in found if not (commands[place].success or commands[place].skipped)]
        begin = last_place = (failed or found)[-1]
        while begin and tops[begin - 1] == lane.failed_at:
            begin -= 1
        if self.index.kind(self.index.tasks[lane.failed_at]) == TASK:
            return begin if commands[last_place].loop_failed else last_place
        return min((place for place in failed if place >= begin), default=begin)

    def _top(self, number: int) -> int:
        """The member of the chain that a task is, or is inside of."""
        while (owner := self.index.owned.get(number)) is not None:
            if self.index.kind(self.index.tasks[owner]) == CHAIN:
                break
            number = owner
        return number
