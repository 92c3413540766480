"""Cycles in a graph, and the dominators of its nodes, each in one pass and without recursion."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def find_cycles(after: list[list[int]]) -> list[list[int]]:
    """The strongly connected components of a graph; those that a component leads to come before it.

    Tarjan's algorithm. after: the nodes that each node leads to. A node that is in no cycle is a component of its own.
    """
    return explore(after, range(len(after)))[0]


def explore(after: list[list[int]], roots: Iterable[int]) -> tuple[list[list[int]], list[int]]:
    """The components of all nodes that the roots lead to, and these nodes in depth-first postorder."""
    finished: list[int] = []
    seen: list[int] = [0] * len(after)  # in which order they were found, from 1
    lowest: list[int] = [0] * len(after)
    held = [False] * len(after)
    stack: list[int] = []
    groups: list[list[int]] = []
    found = 0
    for root in roots:
        if seen[root]:
            continue
        way = [(root, iter(after[root]))]
        while way:
            node, rest = way[-1]
            if not seen[node]:
                found += 1
                seen[node] = lowest[node] = found
                held[node] = True
                stack.append(node)
            for other in rest:
                if not seen[other]:
                    way.append((other, iter(after[other])))
                    break
                if held[other]:
                    lowest[node] = min(lowest[node], seen[other])
            else:
                way.pop()
                finished.append(node)
                if way:
                    lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[node])
                if lowest[node] == seen[node]:
                    groups.append(_taken(stack, node, held))
    return groups, finished


def _taken(stack: list[int], node: int, held: list[bool]) -> list[int]:
    """Everything on the stack down to this node."""
    group: list[int] = []
    while not group or group[-1] != node:
        group.append(stack.pop())
        held[group[-1]] = False
    return group


def dominators(after: list[list[int]], root: int) -> tuple[list[int], list[int]]:
    """The nodes that the root leads to, and of each node its immediate dominator: the last node before it that every
    path from the root passes; -1 for the root and for nodes that it does not lead to.

    The algorithm of Lengauer and Tarjan: nearly linear, even if thousands of paths lead to one node. The first node in
    the order is the root, and each node comes after its dominator.
    """
    order, parent, before = _first_ways(after, root)
    lowest = _Lowest(len(order))
    passed = [0] * len(order)
    waiting: list[list[int]] = [[] for _ in order]
    for place in range(len(order) - 1, 0, -1):
        lowest.entry[place] = min(lowest.entry[lowest.of(one)] for one in before[place])
        waiting[lowest.entry[place]].append(place)
        lowest.join(place, parent[place])
        for one in waiting[parent[place]]:
            low = lowest.of(one)
            passed[one] = low if lowest.entry[low] < lowest.entry[one] else parent[place]
        waiting[parent[place]] = []
    above = [-1] * len(after)
    for place in range(1, len(order)):
        if passed[place] != lowest.entry[place]:
            passed[place] = passed[passed[place]]
        above[order[place]] = order[passed[place]]
    return order, above


def _first_ways(after: list[list[int]], root: int) -> tuple[list[int], list[int], list[list[int]]]:
    """Depth first: the nodes in the order found; and by place in that order, the parent and the predecessors."""
    order: list[int] = []
    parent: list[int] = []
    place, todo = [-1] * len(after), [(root, -1)]
    while todo:
        node, above = todo.pop()
        if place[node] < 0:
            place[node] = len(order)
            order.append(node)
            parent.append(above)
            todo += [(other, place[node]) for other in after[node]]
    before: list[list[int]] = [[] for _ in order]
    for node in order:
        for other in after[node]:
            before[place[other]].append(place[node])
    return order, parent, before


class _Lowest:
    """A growing forest with path compression: the ancestor of a place, or itself, with the lowest `entry`.

    entry: the semidominator, the first place from which a path leads there through later places only.
    """

    def __init__(self, size: int) -> None:
        self.entry, self._best, self._above = list(range(size)), list(range(size)), [-1] * size

    def join(self, place: int, above: int) -> None:
        self._above[place] = above

    def of(self, place: int) -> int:
        above, best = self._above, self._best
        way: list[int] = []
        one = place
        if above[one] < 0:
            return one
        while above[above[one]] >= 0:
            way.append(one)
            one = above[one]
        for one in reversed(way):  # compress the path, so that the next query is short
            if self.entry[best[above[one]]] < self.entry[best[one]]:
                best[one] = best[above[one]]
            above[one] = above[above[one]]
        return best[place]
