"""A plan as a graph, for mermaid, dot and svg."""

from __future__ import annotations

from tasker.plan.text import block_members
from tasker.text.named_tuple import NamedTuple
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.plan.types import PlanFacts
    from tasker.protocol.types import PlanTask

GOOD, BAD, SKIPPED = "good", "bad", "skipped"  # meanings of an edge
LABEL = 34  # characters of a condition
TITLE = 60


class Edge(NamedTuple):
    """to: a task, or the text of an exit code. meaning: GOOD, BAD or SKIPPED. taken: did the run go there? None: the
    drawing is not of a run."""

    source: int
    to: int | str
    label: str
    meaning: str
    taken: bool | None = None

    @property
    def look(self) -> str:
        """The classes of its line and label."""
        return self.meaning + {None: "", True: " taken", False: " idle"}[self.taken]


def edges(entry: PlanTask) -> list[Edge]:
    """The edges from a task, without those to the end of its block or chain."""
    made = []
    for way in entry["ways"]:
        if way["to"] in ("block", "host"):
            continue
        to = way["to"] if way["to"] != "end" else f"exit {way['exit']}"
        meaning = (
            SKIPPED if way["when"].startswith("not ") else BAD if way["when"].startswith(("else", "stop")) else GOOD
        )
        label = "" if way["when"] == "always" else shorten(printable(way["when"]), LABEL)
        taken = way.get("taken")  # only in a plan with the route of a run
        made.append(Edge(entry["task"], to, label, meaning, taken is True if taken is not None else None))
    return made


def caption(entry: PlanTask) -> tuple[str, str]:
    """(title, the line below it) of a task."""
    title = printable(shorten(entry.get("title") or entry.get("command") or entry["type"], TITLE))
    where = f" on {entry['hostname']}" if "hostname" in entry else ""
    if "targets" in entry:
        where = f" on {len(entry['targets'])} hosts"
    below = f"{entry['exec']}{where}" if "exec" in entry else "" if entry["type"] == "task" else entry["type"]
    if entry["type"] == "parallel" and "max_parallel" in entry:
        below += f", {entry['max_parallel']} at once"
    if entry["type"] == "chain":
        below = f"chain{where}" + (f", waves {entry['waves']}" if "waves" in entry else "")
    if "wave_approval" in entry:
        below += f", approval before {'the second' if entry['wave_approval'] == 'first' else 'each'} wave"
    if entry["type"] == "approval" and entry.get("approvals", 1) > 1:
        below = f"{entry['approvals']} approvals"
    if entry["type"] == "conditional":
        below = f"if {entry.get('condition', '?')}"
    repeats = [f"{entry['loop'] + 1} runs"] if "loop" in entry else []
    repeats += [f"{entry['attempts']} attempts"] if "attempts" in entry else []
    return title, printable(shorten(", ".join(filter(None, [below, *repeats])), TITLE))


def top_level_tasks(plan: PlanFacts) -> list[PlanTask]:
    """The tasks that belong to no block of the plan."""
    there = {entry["task"] for entry in plan["tasks"]}
    return [entry for entry in plan["tasks"] if entry.get("block") not in there]


def walk_tasks(plan: PlanFacts) -> Iterator[tuple[PlanTask, int, str]]:
    """Every task below its block: (entry, depth, frame)

    A block comes twice, with frame "open" before its members and "close" after them; a task once, with "".
    """
    by_number = {entry["task"]: entry for entry in plan["tasks"]}
    todo = [(entry, 0, "open") for entry in reversed(top_level_tasks(plan))]
    seen: set[int] = set()
    while todo:
        entry, depth, what = todo.pop()
        inside = [by_number[number] for number in block_members(entry) if number in by_number]
        if what == "close" or not inside:
            if what == "close" or entry["task"] not in seen:
                seen.add(entry["task"])
                yield entry, depth, what if what == "close" else ""
            continue
        if entry["task"] in seen:
            continue
        seen.add(entry["task"])
        yield entry, depth, "open"
        todo.append((entry, depth, "close"))
        todo += [(one, depth + 1, "open") for one in reversed(inside) if one.get("block") == entry["task"]]


def branches(entry: PlanTask) -> Iterator[Edge]:
    """The edges from a conditional block to the first task of each branch."""
    for members, word in ((entry.get("if_true"), "true"), (entry.get("if_false"), "false")):
        if members:
            yield Edge(entry["task"], members[0], word, GOOD)
