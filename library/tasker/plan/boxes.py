"""The boxes of a drawing: a task, or a block as a frame around its members. First the sizes, then SVG."""

from __future__ import annotations

import unicodedata
from html import escape

from tasker.plan import graph
from tasker.plan.text import block_members
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from tasker.protocol.types import PlanTask

    Line: TypeAlias = tuple[str, str]  # text and class
    Placed: TypeAlias = tuple["Box", float, float]  # a box, x and y of its upper left corner

LETTER, SMALL, LINE, PAD = 8.2, 6.5, 17, 9  # pixels of a letter, a small letter, a line, the padding
WIDEST = 30  # letters in a line
MOST, DEEPEST, COLUMNS = 12, 4, 3  # members shown, blocks in blocks, columns of members
NOT_XML = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")  # characters that XML does not allow
FILLS = {"task": "#ffffff", "fanout": "#e8f0fe", "parallel": "#e8f0fe", "chain": "#e6f4ea", "conditional": "#fff6e0"}
FILLS["approval"] = "#f3e8fd"
FILLS["decision"] = "#fff6e0"


class Box:
    """A task in the drawing. texts: (text, class), each on its own line. inside: (Box, x, y) of members.

    If the plan has the route of a run, an entry has `came`, the class for its outcome ("" if the run did not come to
    it), and `said`, the outcome in words. Documents do not have them.
    """

    def __init__(
        self, entry: PlanTask, texts: Sequence[Line], inside: Sequence[Placed], size: tuple[float, float]
    ) -> None:
        self.entry, self.texts, self.inside, (self.width, self.height) = entry, texts, inside, size

    def draw(self, x: float, y: float) -> Iterator[str]:
        """SVG elements, with the upper left corner at (x, y)."""
        kind, came = self.entry["type"], self.entry.get("came")
        looks = f"box {kind}" if came is None else f"box {kind} {came or 'idle'}"
        if came:
            yield f'<a href="#t{self.entry["task"]}">'
        dashed = ' stroke-dasharray="5 4"' if self.entry.get("reached") is False else ""
        yield (
            f'<rect class="{looks}" x="{x:.1f}" y="{y:.1f}" width="{self.width:.1f}" height="{self.height:.1f}" rx="6" '
            f'fill="{FILLS[kind]}" stroke="#455a64"{dashed}/>'
        )
        for place, (text, look) in enumerate(self.texts):
            yield wrap_text(text, x + PAD, y + PAD + 12 + place * LINE, look)
        if came:
            yield "</a>"
        for box, left, down in self.inside:
            yield from box.draw(x + left, y + down)


def wrap_text(text: str, x: float, y: float, look: str, anchor: str = "start") -> str:
    """An SVG text, escaped."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{look}"{where}>{escape(printable(text)).translate(NOT_XML)}</text>'


def text_width(text: str, letter: float = LETTER) -> float:
    """The approximate width of a text in pixels."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text) * letter


def make_box(entry: PlanTask, tasks: Mapping[int, PlanTask], depth: int = 0) -> Box:
    """The box of a task, with its members. tasks: number -> entry."""
    title, below = graph.caption(entry)
    texts = [(line, "title") for line in _lines(f"{entry['task']} {title}", WIDEST)[:2]]
    texts += [(shorten(below, 38), "small")] if below else []
    said = entry.get("said")
    texts += [(shorten(str(said), 38), f"said {entry.get('came')}")] if said else []
    if entry.get("reached") is False:
        texts.append(("never reached", "bad"))
    texts += [(f"{way.label or 'then'} → {way.to}", way.look) for way in graph.edges(entry) if _leads_out(way)]
    texts = [(shorten(text, 38), look) for text, look in texts]
    inside, width, height = _members(entry, tasks, depth, PAD + len(texts) * LINE + 8)
    least = max(text_width(text, LETTER if look == "title" else SMALL) for text, look in texts)
    return Box(entry, texts, inside, (max(least + 2 * PAD, width, 90), height))


def _leads_out(way: graph.Edge) -> bool:
    return isinstance(way.to, str)


def _members(
    entry: PlanTask, tasks: Mapping[int, PlanTask], depth: int, top: float
) -> tuple[list[Placed], float, float]:
    """([(Box, x, y)], width, height) of the members of a block. top: y of the first."""
    columns = [entry["if_true"], entry["if_false"]] if "if_true" in entry else []
    if entry["type"] == "chain":  # one lane, in its order
        columns = [[number for number in block_members(entry) if number in tasks]]
    elif "runs" in entry:
        shown = [number for number in block_members(entry) if number in tasks]
        columns = [shown[start::COLUMNS] for start in range(COLUMNS)] if len(shown) <= MOST else [shown[:MOST:2]]
        columns += [shown[1:MOST:2]] if len(shown) > MOST else []
        columns = [column for column in columns if column]
    x, lowest = float(PAD), top
    made: list[Placed] = []
    for place, column in enumerate(columns if depth < DEEPEST else []):
        y, widest = top, 0.0
        if "if_true" in entry:
            sign = _note("if false" if place else "if true")
            made.append((sign, x, y - 6))
            y, widest = y + sign.height - 8, sign.width
        for number in column[:MOST]:
            one = make_box(tasks[number], tasks, depth + 1) if number in tasks else _note(str(number))
            made.append((one, x, y))
            y, widest = y + one.height + 8, max(widest, one.width)
        lowest, x = max(lowest, y), x + widest + 10
    hidden = len(block_members(entry)) - sum(not isinstance(one, Note) for one, _, _ in made)
    if hidden > 0:
        sign = _note(f"and {hidden} more")
        made.append((sign, PAD, lowest - 6))
        lowest += sign.height
        x = max(x, PAD + sign.width)
    return made, x, lowest if made else top


class Note(Box):
    """Words without a frame."""

    def draw(self, x: float, y: float) -> Iterator[str]:
        yield wrap_text(self.texts[0][0], x, y + PAD + 12, "small")


def _note(text: str) -> Note:
    return Note({"task": -1, "type": "task", "ways": []}, [(text, "small")], [], (text_width(text, SMALL), 28))


def _lines(text: str, most: int) -> list[str]:
    """The text in lines of at most `most` letters; a text that is too long for two lines ends in '…'."""
    made: list[str] = []
    line = ""
    for word in shorten(text, 2 * most - 4).split(" "):
        if line and len(line) + 1 + len(word) > most:
            made.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [shorten(one, most) for one in [*made, line]]
