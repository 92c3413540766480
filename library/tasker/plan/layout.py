"""The places of boxes: in layers from top to bottom, each below all boxes that lead to it, with edges in the gaps.

Edges lead from a box to one in a lower layer. One that passes layers gets a place in each of them; edges of one meaning
to the same box share these places, so that ten ways to an alarm are one line. What leads up is for others to draw.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Place: TypeAlias = tuple[str, int, str, int]  # where an edge passes a layer
    Node: TypeAlias = int | Place  # a box, or such a place
    Link: TypeAlias = tuple[int, int, str]
    Row: TypeAlias = list[Node]

GAP_X, GAP_Y, LANE = 36, 64, 10
SWEEPS = 12


class Layout:
    """sizes: box -> (width, height). links: (from, to, meaning), from a lower number to a higher one.

    centre: box or place -> x of its middle; top: box -> y. ways: link -> its places in between, [(x, y of the top of
    the layer, y of its bottom), …]. width, height: of everything.
    """

    def __init__(self, sizes: Mapping[int, tuple[float, float]], links: Sequence[Link]) -> None:
        self.sizes: dict[Node, tuple[float, float]] = dict(sizes.items())
        self.layer = dict.fromkeys(sizes, 0)
        for source, to, _ in sorted(links, key=lambda link: link[0]):
            self.layer[to] = max(self.layer[to], self.layer[source] + 1)
        last, joined = max(self.layer.values(), default=0), {box for link in links for box in link[:2]}
        self.layer.update(
            {box: last for box in sizes if box not in joined}
        )  # boxes without edges do not belong at the top
        self.rows: list[Row] = [[] for _ in range(max(self.layer.values(), default=0) + 1)]
        for box in sizes:
            self.rows[self.layer[box]].append(box)
        self.near: dict[Node, set[Node]] = {box: set() for box in sizes}
        self.centre: dict[Node, float] = {}
        self.top: dict[Node, float] = {}
        self.bottom: dict[Node, float] = {}
        self._chains = {link: self._chain(*link) for link in links}
        for _ in range(SWEEPS):
            self._order()
        self._place()

    def _chain(self, source: int, to: int, meaning: str) -> list[Place]:
        """The places between two boxes. Edges of one meaning to the same box share them."""
        places: list[Place] = []
        before: Node = source
        for layer in range(self.layer[source] + 1, self.layer[to]):
            place = ("place", to, meaning, layer)
            if place not in self.sizes:
                self.sizes[place] = (LANE, 0)
                self.near[place] = set()
                self.rows[layer].append(place)
            self._join(before, place)
            places.append(place)
            before = place
        self._join(before, to)
        return places

    def _join(self, one: Node, other: Node) -> None:
        self.near[one].add(other)
        self.near[other].add(one)

    def _order(self) -> None:
        """Order each row by the neighbours of its boxes, so that fewer edges cross."""
        at = {box: place / max(len(row), 1) for row in self.rows for place, box in enumerate(row)}
        for rows in (self.rows, self.rows[::-1]):
            for row in rows:
                near = {box: self.near[box] for box in row if self.near[box]}
                wish = {box: sum(at[one] for one in others) / len(others) for box, others in near.items()}
                order = {box: wish.get(box, at[box]) for box in row}
                row.sort(key=order.__getitem__)
                at.update({box: place / len(row) for place, box in enumerate(row)})

    def _place(self) -> None:
        for row in self.rows:
            edge = 0.0
            for box in row:
                self.centre[box] = edge + self.sizes[box][0] / 2
                edge += self.sizes[box][0] + GAP_X
        for turn in range(2 * SWEEPS):
            for row in self.rows if turn % 2 else self.rows[::-1]:
                self._pull(row)
        left = min((self.centre[box] - self.sizes[box][0] / 2 for box in self.centre), default=0)
        for box in self.centre:
            self.centre[box] -= left
        self.width = max((self.centre[box] + self.sizes[box][0] / 2 for box in self.centre), default=0)
        self._down()

    def _pull(self, row: Row) -> None:
        """Move the boxes of a row to the middle of their neighbours, without overlaps."""
        wish = {}
        for box in row:
            others = [self.centre[one] for one in self.near[box]]
            wish[box] = sum(others) / len(others) if others else self.centre[box]
        right: dict[Node, float] = {}
        left: dict[Node, float] = {}
        edge = float("-inf")
        for box in row:
            half = self.sizes[box][0] / 2
            right[box] = max(wish[box], edge + half)
            edge = right[box] + half + GAP_X
        edge = float("inf")
        for box in reversed(row):
            half = self.sizes[box][0] / 2
            left[box] = min(wish[box], edge - half)
            edge = left[box] - half - GAP_X
        for box in row:  # the mean of two placements without overlaps has none
            self.centre[box] = (right[box] + left[box]) / 2

    def _down(self) -> None:
        y: float = 0
        for row in self.rows:
            high = max((self.sizes[box][1] for box in row), default=0)
            for box in row:
                self.top[box] = y
                self.bottom[box] = y + (high if isinstance(box, tuple) else self.sizes[box][1])
            y += high + GAP_Y
        self.height = y - GAP_Y
        self.ways = {
            link: [(self.centre[one], self.top[one], self.bottom[one]) for one in places]
            for link, places in self._chains.items()
        }
