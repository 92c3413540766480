"""Circles in a graph, in one pass over it and without recursion (Tarjan's algorithm)."""

from collections.abc import Iterable


def circles(after: list[list[int]]) -> list[list[int]]:
    """The nodes in groups, each of which can be left and come back to; what a group leads to stands before it.

    after: the nodes that each node leads to. A node that is in no circle is a group of its own.
    """
    return explored(after, range(len(after)))[0]


def explored(after: list[list[int]], roots: Iterable[int]) -> tuple[list[list[int]], list[int]]:
    """The groups of all nodes that the roots lead to, and these nodes, each after all that it leads to first."""
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


def _taken(stack, node, held):
    """Everything on the stack down to this node."""
    group = []
    while not group or group[-1] != node:
        group.append(stack.pop())
        held[group[-1]] = False
    return group
