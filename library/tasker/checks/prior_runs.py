"""What has run before, on some path and on every path: sets of tasks, carried along the graph.

A set is one integer with a bit for each task in question, so that one step along the graph is one operation.
"""

from __future__ import annotations

from tasker.checks.flow_graph import FlowGraph
from tasker.text.graphs import explore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable

    from tasker.checks.context import CheckContext
else:
    from _collections import deque  # the C part: `collections` takes 2 ms of the start

TASKS_AT_ONCE = 4096  # bits of one integer: more are slow
MAX_SWEEPS = 60  # over the graph; two are enough except with many jumps
MAX_EXAMPLE_NODES = 100_000  # for all examples of paths together


class PriorRunWalk:
    """The paths from one start.

    groups: the nodes that lead back to each other, in the order of the flow. order: all nodes in that order.
    reached: the nodes, and tasks: the tasks, that the flow can arrive at. nodes_left: how many more may be looked at
    for examples.
    """

    def __init__(self, context: CheckContext, start: int) -> None:
        self.graph = FlowGraph(context, start)
        self.after = self.graph.after
        if self.graph.maybe:
            self.after = [list(others) for others in self.after]
            for past, arrival in self.graph.maybe:
                self.after[past].append(arrival)
        groups, finished = explore(self.after, [self.graph.start])
        self.groups, self.order = groups[::-1], finished[::-1]
        self.reached = set(finished)
        arrivals = self.graph.arrivals.items()
        self.tasks = {number for number, nodes in arrivals if not self.reached.isdisjoint(nodes)}
        self.nodes_left = MAX_EXAMPLE_NODES

    def is_cycle(self, group: list[int]) -> bool:
        """Is this group a cycle?"""
        return len(group) > 1 or group[0] in self.after[group[0]]

    def prior_runs_of(self, asked: list[int]) -> PriorRuns:
        """What has run before, for up to TASKS_AT_ONCE tasks."""
        bits = {number: 1 << place for place, number in enumerate(asked)}
        gains = [0 if number is None else bits.get(number, 0) for number in self.graph.left]
        return PriorRuns(bits, self._ran_on_some_path(gains), self._ran_on_every_path(gains, (1 << len(asked)) - 1))

    def _ran_on_some_path(self, gains: list[int]) -> list[int]:
        """Node -> the tasks that some path to it has run. In a cycle, everything comes before everything."""
        there = [0] * len(gains)
        for group in self.groups:
            value = 0
            for node in group:
                value |= there[node]
            if self.is_cycle(group):
                for node in group:
                    value |= gains[node]
            for node in group:
                there[node] = value
                passed = value | gains[node]
                for other in self.after[node]:
                    there[other] |= passed
        return there

    def _ran_on_every_path(self, gains: list[int], everything: int) -> list[int]:
        """Node -> the tasks that every path to it has run; at a join, the tasks of all of its paths."""
        there = [everything] * len(gains)
        there[self.graph.start] = 0
        before = [[one for one in others if one in self.reached] for others in self.graph.before]
        for _ in range(MAX_SWEEPS):
            changed = False
            for node in self.order[1:]:
                values = [there[one] | gains[one] for one in before[node]]
                value = _union(values) if node in self.graph.joins else _common(values, everything)
                if value != there[node]:
                    there[node], changed = value, True
            if not changed or len(self.order) == len(self.groups):
                break
        return there

    def path_without(self, node: int, known: PriorRuns, task: int) -> list[int]:
        """The tasks on a path to a node that does not run this task; an empty list if the search takes too long."""
        came = {self.graph.start: self.graph.start}
        todo, bit = deque([self.graph.start]), known.bits[task]
        while todo and node not in came and self.nodes_left > 0:
            one = todo.popleft()
            self.nodes_left -= 1
            for other in self.graph.after[one]:
                # every node of such a path can be reached without the task
                if other not in came and not known.all[other] & bit and self.graph.left[one] != task:
                    came[other] = one
                    todo.append(other)
        if node not in came:
            return []
        way = [node]
        while way[-1] != self.graph.start:
            way.append(came[way[-1]])
        numbers = [self.graph.number[one] for one in reversed(way)]
        return [number for place, number in enumerate(numbers) if place == 0 or numbers[place - 1] != number]


class PriorRuns:
    """bits: task -> its bit. some, all: node -> the tasks that have run before it, on some path and on every path."""

    def __init__(self, bits: dict[int, int], some: list[int], everywhere: list[int]) -> None:
        self.bits, self.some, self.all = bits, some, everywhere

    def may_have_run(self, task: int, nodes: Iterable[int]) -> bool:
        return any(self.some[node] & self.bits[task] for node in nodes)

    def node_without(self, task: int, nodes: Iterable[int]) -> int | None:
        """A node that some path reaches without the task."""
        return next((node for node in nodes if not self.all[node] & self.bits[task]), None)


def _common(values: Iterable[int], everything: int) -> int:
    for value in values:
        everything &= value
    return everything


def _union(values: Iterable[int]) -> int:
    made = 0
    for value in values:
        made |= value
    return made
