"""What every path has run before, found fast: one walk along the graph, however many questions there are.

Most values are read where the flow only comes after it has run their task. All nodes of a task are one node here, so
a yes is sure and a no means nothing: prior_runs.py looks closer then.
"""

from __future__ import annotations

from tasker.checks.flow_graph import WITHOUT_BODY, FlowGraph
from tasker.language.fields import PARALLEL
from tasker.text.graphs import dominators


class Dominators:
    """The tasks that no path from the start can avoid."""

    def __init__(self, paths: FlowGraph) -> None:
        self.context = paths.context
        self._names = {name: place for place, name in enumerate(dict.fromkeys(paths.names))}
        self._merged = [self._names[name] for name in paths.names]
        after: list[list[int]] = [[] for _ in self._names]
        for node, others in enumerate(paths.after):
            after[self._merged[node]] += [self._merged[other] for other in others]
        # the tree of dominators, numbered so that everything below a place comes directly after it
        order, above = dominators(after, self._merged[paths.start])
        self._size = [0] * len(after)
        for place in reversed(order):
            self._size[place] += 1
            if above[place] >= 0:
                self._size[above[place]] += self._size[place]
        self._begin, free = [0] * len(after), [1] * len(after)
        for place in order[1:]:
            self._begin[place] = free[above[place]]
            free[place] = self._begin[place] + 1
            free[above[place]] += self._size[place]

    def surely_ran(self, task: int, nodes: list[int]) -> bool:
        """Has every path to each of these nodes run the task before? False if that is not sure."""
        places = {self._merged[node] for node in nodes}
        return any(all(self._is_above(one, place) for place in places) for one in self._places_of(task))

    def _is_above(self, one: int, other: int) -> bool:
        begin, place = self._begin[one], self._begin[other]
        return self._size[other] > 0 and begin < place < begin + self._size[one]

    def _places_of(self, task: int) -> list[int]:
        """Places that the flow leaves only after the task has run: its own, and the end of a block that waits."""
        ends = [("left", task)]
        if self.context.kinds[task] in WITHOUT_BODY:
            owners = self.context.owners().get(task, ())
            ends += [("over", block) for block, _ in owners if self.context.kinds[block] == PARALLEL]
        return [self._names[name] for name in ends if name in self._names]
