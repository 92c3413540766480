"""A plan as SVG that needs no program, script or font."""

from __future__ import annotations

from tasker.plan import graph
from tasker.plan.boxes import SMALL, make_box, text_width, wrap_text
from tasker.plan.layout import Layout
from tasker.protocol.document import Problem
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tasker.plan.boxes import Box
    from tasker.plan.types import PlanFacts
    from tasker.protocol.types import PlanTask

MOST = 400  # boxes
MARGIN, SIDE = 24, 16
COLOURS = {graph.GOOD: "#2e7d32", graph.BAD: "#c62828", graph.SKIPPED: "#757575"}
MEANINGS = {graph.GOOD: "goes on", graph.BAD: "does not go on: failed, or not met", graph.SKIPPED: "was skipped"}
# below .plan, so that a page with a drawing keeps its own style
STYLE = """
.plan text { font-family: sans-serif; fill: #202124 }
.plan .title { font-size: 13px; font-weight: bold }
.plan .small { font-size: 11.5px; fill: #455a64 }
.plan text.good { font-size: 11.5px; fill: #2e7d32 }
.plan text.bad { font-size: 11.5px; fill: #c62828 }
.plan text.skipped { font-size: 11.5px; fill: #616161 }
.plan .halo { font-size: 11.5px; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
.plan .edge { fill: none; stroke-width: 1.6 }
.plan .edge.taken { stroke-width: 2.6 }
.plan .idle { opacity: .4 }
.plan text.taken { font-weight: bold }
.plan .said { font-size: 11.5px; font-weight: bold }
.plan .box.ok { stroke: #2e7d32; stroke-width: 2.5 }
.plan .box.failed { stroke: #c62828; stroke-width: 2.5 }
.plan .box.unknown { stroke: #8e24aa; stroke-width: 2.5 }
.plan .box.not_started { stroke: #9a5b00; stroke-width: 2.5; stroke-dasharray: 6 4 }
.plan .box.running { stroke: #00718a; stroke-width: 2.5 }
.plan .box.skipped { stroke: #757575; stroke-width: 2 }
.plan text.ok { fill: #2e7d32 }
.plan text.failed { fill: #c62828 }
.plan text.unknown { fill: #8e24aa }
.plan text.not_started { fill: #9a5b00 }
.plan text.running { fill: #00718a }
"""


class BoxEdge(NamedTuple):
    """An edge between two boxes. look: its classes."""

    source: int
    to: int
    label: str
    meaning: str
    look: str


def svg_text(plan: PlanFacts) -> str:
    """The SVG document. Raises Problem if there are too many boxes to read."""
    tops = graph.top_level_tasks(plan)
    if len(tops) > MOST:
        message = f"cannot draw {len(tops)} boxes: {MOST} at most; --graph dot has no limit"
        raise Problem("too_large", message)
    tasks = {entry["task"]: entry for entry in plan["tasks"]}
    boxes = {entry["task"]: make_box(entry, tasks) for entry in tops}
    ways = [
        _to_box(way, way.to, boxes, tasks)
        for entry in plan["tasks"]
        for way in graph.edges(entry)
        if way.source in boxes and isinstance(way.to, int) and way.to in tasks
    ]
    down = [way for way in ways if way.to > way.source]
    up = [way for way in ways if way.to <= way.source]
    made = Layout(
        {number: (one.width, one.height) for number, one in sorted(boxes.items())},
        list(dict.fromkeys((way.source, way.to, way.meaning) for way in down)),
    )
    drawing = [line for way in _ports(down, made, boxes) for line in way]
    side, loops = _upwards(up, made, boxes)
    for number, one in boxes.items():
        drawing += one.draw(made.centre[number] - one.width / 2, made.top[number])
    labels = [line for line in [*drawing, *loops] if isinstance(line, Label)]
    shapes = [line for line in [*loops, *drawing] if not isinstance(line, Label)]
    legend = list(_legend(made.height + 40))
    width = max(made.width + side, 560) + 2 * MARGIN
    return _document(width, made.height + 70 + 2 * MARGIN, [*shapes, *labels, *legend])


def _to_box(way: graph.Edge, target: int, boxes: Mapping[int, Box], tasks: Mapping[int, PlanTask]) -> BoxEdge:
    """The edge to the outermost box around the target; the label names the target if that is another one."""
    to = target
    while to not in boxes:
        to = tasks[to]["block"]
    label = way.label if to == target else f"{way.label or 'then'} → {target}"
    return BoxEdge(way.source, to, label, way.meaning, way.look)


class Label(str):
    """The text next to an edge, drawn above all lines."""


def _label(text: str, x: float, y: float, look: str) -> Label:
    """With a white copy below it: not every viewer of SVG can draw an outline around text."""
    return Label(wrap_text(text, x, y, "halo") + wrap_text(text, x, y, look))


def _document(width: float, height: float, lines: Sequence[str]) -> str:
    markers = "".join(
        f'<marker id="{meaning}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
        for meaning, colour in COLOURS.items()
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="plan" width="{width:.0f}" height="{height:.0f}"'
    head += f' viewBox="{-MARGIN} {-MARGIN} {width:.0f} {height:.0f}">'
    paper = (
        f'<rect class="paper" x="{-MARGIN}" y="{-MARGIN}" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", f"<defs>{markers}</defs>", paper, *lines, "</svg>"]) + "\n"


def _stroke(meaning: str, look: str | None = None) -> str:
    dashes = ' stroke-dasharray="5 4"' if meaning == graph.SKIPPED else ""
    return f'class="edge{(look or meaning).removeprefix(meaning)}" stroke="{COLOURS[meaning]}"{dashes}'


def _ports(ways: Sequence[BoxEdge], made: Layout, boxes: Mapping[int, Box]) -> Iterator[Iterator[str]]:
    """The SVG lines of each edge that leads down. Edges leave a box side by side, in the order of their targets."""
    by_source: dict[int, list[BoxEdge]] = {}
    for way in ways:
        by_source.setdefault(way.source, []).append(way)
    for source, some in by_source.items():
        some.sort(key=lambda way: _first(way, made))
        for place, way in enumerate(some):
            start = made.centre[source] + (place - (len(some) - 1) / 2) * min(110, boxes[source].width / len(some))
            yield _edge(way, start, made, boxes, place)


def _first(way: BoxEdge, made: Layout) -> float:
    places = made.ways[way.source, way.to, way.meaning]
    return places[0][0] if places else made.centre[way.to]


def _edge(way: BoxEdge, start: float, made: Layout, boxes: Mapping[int, Box], place: int) -> Iterator[str]:
    """A curve through the places of an edge, its head and its label."""
    x, y = start, made.top[way.source] + boxes[way.source].height
    path = [f"M{x:.1f} {y:.1f}"]
    for middle, top, bottom in made.ways[way.source, way.to, way.meaning]:
        path.append(_curve(x, y, middle, top) + f" L{middle:.1f} {bottom:.1f}")
        x, y = middle, bottom
    # green arrives in the middle, the others next to it, so that no head hides another
    aside = {graph.GOOD: 0, graph.BAD: 14, graph.SKIPPED: -14}[way.meaning]
    path.append(_curve(x, y, made.centre[way.to] + aside, made.top[way.to] - 1))
    yield f'<path d="{" ".join(path)}" {_stroke(way.meaning, way.look)} marker-end="url(#{way.meaning})"/>'
    if way.label:
        below = made.top[way.source] + boxes[way.source].height + 15 + 13 * (place % 3)
        yield _label(way.label, start + 5, below, way.look)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (to_y - y) / 2
    return f"C{x:.1f} {y + half:.1f} {to_x:.1f} {to_y - half:.1f} {to_x:.1f} {to_y:.1f}"


def _upwards(ways: Sequence[BoxEdge], made: Layout, boxes: Mapping[int, Box]) -> tuple[float, list[str]]:
    """(width that they need at the right, SVG lines) of the edges that lead up, each in its own lane."""
    lines: list[str] = []
    most = 0.0
    for lane, way in enumerate(sorted(ways, key=lambda way: made.top[way.source] - made.top[way.to])):
        edge = made.width + 14 + SIDE * lane
        sides = [made.centre[one] + boxes[one].width / 2 for one in (way.source, way.to)]
        y = made.top[way.source] + boxes[way.source].height - 14
        to_y = made.top[way.to] + 14 + 4 * (lane % 3)
        path = f"M{sides[0]:.1f} {y:.1f} H{edge - 8:.1f} Q{edge:.1f} {y:.1f} {edge:.1f} {y - 8:.1f} "
        path += f"V{to_y + 8:.1f} Q{edge:.1f} {to_y:.1f} {edge - 8:.1f} {to_y:.1f} H{sides[1] + 1:.1f}"
        lines.append(f'<path d="{path}" {_stroke(way.meaning, way.look)} marker-end="url(#{way.meaning})"/>')
        if way.label:
            lines.append(_label(way.label, sides[0] + 5, y - 5, way.look))
        most = max(most, edge + 12 - made.width, sides[0] + 10 + text_width(way.label, SMALL) - made.width)
    return most, lines


def _legend(y: float) -> Iterator[str]:
    x = 0
    for meaning, words in MEANINGS.items():
        yield f'<path d="M{x} {y - 4} h26" {_stroke(meaning)} marker-end="url(#{meaning})"/>'
        yield wrap_text(words, x + 34, y, "small")
        x += 60 + int(text_width(words, SMALL))
    yield wrap_text("a frame: the tasks of a block · dashed frame: never reached", 0, y + 20, "small")
