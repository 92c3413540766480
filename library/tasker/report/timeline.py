"""The time line of a run: a row for each task and host, with bars of when it waited, ran and slept."""

from __future__ import annotations

from bisect import bisect_right

from tasker.report.lanes import chains_of_report
from tasker.report.text import clock_text, count_text, duration_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NotRequired, TypeAlias, TypedDict

    from tasker.protocol.types import Report, ReportAttempt, ReportSession
    from tasker.report.trace_protocol import Trace

    class Bar(TypedDict):
        """x, width: in units of a row. kind: its class in the style sheet. title: for people who point at it."""

        x: float
        width: float
        kind: str
        title: str

    class Area(TypedDict):
        """path: of an SVG. most: how many ran at once."""

        path: str
        most: int

    class Row(TypedDict):
        """label: with which it begins. depth: 1 inside a block or for one host. more: bars that are left out."""

        label: str
        task: int
        depth: int
        bars: list[Bar]
        seconds: NotRequired[float]
        area: NotRequired[Area]
        more: NotRequired[int]

    Spans: TypeAlias = dict[int, list[tuple[float, float]]]  # task → (began, ended) of each

WIDTH = 1000.0  # units of a row
GAP = 14.0  # units between two sessions, however long the run stood still
LANES, ROWS, BARS = 60, 800, 150  # hosts of one task, rows, bars of a row
SLICES = 250  # of the drawing that shows how many ran at once


class Axis:
    """Where a time is on a row. The time between two sessions is as wide as GAP."""

    def __init__(self, sessions: Sequence[ReportSession]) -> None:
        self.sessions = sessions
        self.seconds = sum(one["ended"] - one["began"] for one in sessions) or 0.001
        self.unit = (WIDTH - min(GAP * (len(sessions) - 1), WIDTH / 2)) / self.seconds
        self.gap = min(GAP, WIDTH / 2 / max(1, len(sessions) - 1))

    def x(self, at: float) -> float:
        """The place of a time (seconds since 1970), in units of a row."""
        before = 0.0
        for place, one in enumerate(self.sessions):
            if at <= one["ended"] or place == len(self.sessions) - 1:
                inside = min(max(at, one["began"]), one["ended"]) - one["began"]
                return before + inside * self.unit
            before += (one["ended"] - one["began"]) * self.unit + self.gap
        return before

    def breaks(self) -> Iterator[Bar]:
        """A bar for each time between two sessions."""
        pairs = zip(self.sessions, self.sessions[1:], strict=False)
        for one, other in pairs:
            words = (
                f"stopped at {clock_text(one['ended'])}, resumed after {duration_text(other['began'] - one['ended'])}"
            )
            yield {"x": self.x(one["ended"]), "width": self.gap, "kind": "gap", "title": words}

    def ticks(self) -> list[tuple[int, str]]:
        """(percent, words) below the rows: of the ends, and between them if there is only one session."""
        if len(self.sessions) > 1:
            return [(0, clock_text(self.sessions[0]["began"])), (100, clock_text(self.sessions[-1]["ended"]))]
        return [(part, duration_text(self.seconds * part / 100) if part else "0") for part in (0, 25, 50, 75, 100)]

    def bar(self, began: float, ended: float, kind: str, title: str) -> Bar:
        """A bar between two times (seconds since 1970)."""
        x = self.x(began)
        return {"x": round(x, 2), "width": round(max(self.x(ended) - x, 1.5), 2), "kind": kind, "title": title}


def timeline_rows(trace: Trace, doc: Report, axis: Axis) -> tuple[list[Row], int]:
    """([row], how many are left out)."""
    attempts: dict[int, list[ReportAttempt]] = {}
    for one in doc["attempts"]:
        attempts.setdefault(one["task"], []).append(one)
    inside = chains_of_report(doc)
    lanes: dict[int, list[ReportAttempt]] = {}  # of each chain: what ran on its hosts
    for one in doc["attempts"]:
        if one["task"] in inside and "host" in one:
            lanes.setdefault(inside[one["task"]], []).append(one)
    waits, spans, sleeps = _spans(trace, doc)
    made: list[Row] = []
    for task in doc["tasks"]:
        number = task["task"]
        if "began" not in task:
            continue
        own, block = attempts.get(number, []), task.get("block")
        many = any("host" in one for one in own) and "lanes" not in task
        bars = [axis.bar(*span, "block", duration_text(span[1] - span[0])) for span in spans.get(number, [])]
        bars += [axis.bar(at, end, "sleep", f"slept {duration_text(end - at)}") for at, end in sleeps.get(number, [])]
        if not many:
            bars = _attempt_bars(axis, own, [] if block is None else waits.get(block, [])) + bars
        depth, label = 0 if block is None else 1, f"{number} {task['title']}"
        row: Row = {"task": number, "depth": depth, "label": label, "bars": bars}
        if "seconds" in task:
            row["seconds"] = task["seconds"]
        made.append(row)
        if many:
            row["area"] = _area(axis, own)
        if number in lanes:
            bad = {lane["host"] for lane in task.get("lanes", ()) if lane["outcome"] != "ok"}
            made += _host_rows(axis, lanes[number], waits.get(number, []), number, bad)
        elif many and number not in inside:  # the members of a chain are in the rows of its hosts
            made += _host_rows(axis, own, waits.get(number, []), number)
    left = max(0, len(made) - ROWS)
    for row in made[:ROWS]:
        row["more"], row["bars"] = max(0, len(row["bars"]) - BARS), row["bars"][:BARS]
    return made[:ROWS], left


def _spans(trace: Trace, doc: Report) -> tuple[dict[int, list[float]], Spans, Spans]:
    """When each block whose members compete for slots began; (began, ended) of each block, and of each sleep."""
    waits: dict[int, list[float]] = {}
    spans: Spans = {}
    sleeps: Spans = {}
    open_blocks: dict[int, float] = {}
    kinds = {task["task"]: task.get("type") for task in doc["tasks"]}
    for event in trace.events:
        if event.task is None:
            continue
        number, kind = event.task, kinds.get(event.task)
        if event.what == "sleep":
            end = min(event.at + event.facts.get("seconds", 0), doc["ended"])
            sleeps.setdefault(number, []).append((event.at, end))
        elif kind and event.host is None and event.what == "start":
            open_blocks[number] = event.at
            if kind != "conditional":
                waits.setdefault(number, []).append(event.at)
        elif kind and event.host is None and event.what == "end" and number in open_blocks:
            spans.setdefault(number, []).append((open_blocks.pop(number), event.at))
    for number, at in open_blocks.items():
        spans.setdefault(number, []).append((at, doc["ended"]))
    return waits, spans, sleeps


def _attempt_bars(axis: Axis, own: Sequence[ReportAttempt], waits: Sequence[float], lane: bool = False) -> list[Bar]:
    """The bars of the attempts of one task on one host; lane: of the members of a chain on one. waits: when its block
    began."""
    made: list[Bar] = []
    before: float | None = None
    for one in own:
        began = one["began"]
        ended = one.get("ended", axis.sessions[-1]["ended"])
        if one.get("attempt", 1) > 1 and before is not None:
            made.append(axis.bar(before, began, "again", f"{duration_text(began - before)} until the retry"))
        elif lane and before is not None:
            pass  # a chain waits before its first member
        elif (place := bisect_right(waits, began)) and one.get("iteration", 1) == 1:
            waited = began - waits[place - 1]
            if waited * axis.unit > 3:
                made.append(axis.bar(waits[place - 1], began, "wait", f"{duration_text(waited)} waiting for a slot"))
        outcome, since = one["outcome"].replace("_", " "), clock_text(began, "%H:%M:%S")
        title = f"{outcome}, {duration_text(ended - began)}, from {since}"
        title = f"task {one['task']}: {title}" if lane else title
        made.append(axis.bar(began, ended, one["outcome"], title))
        before = ended
    return made


def _host_rows(
    axis: Axis, own: Sequence[ReportAttempt], waits: Sequence[float], number: int, lane: set[str] | None = None
) -> Iterator[Row]:
    """Rows of the hosts of one task: those that did not go well, the slowest, and in words the others.

    lane: of a chain the hosts on which it did not end well. Its rows have what its members ran there.
    """
    by_host: dict[str, list[ReportAttempt]] = {}
    for one in own:
        by_host.setdefault(one.get("host", ""), []).append(one)
    spent = {host: sum(one.get("seconds", 0) for one in attempts) for host, attempts in by_host.items()}
    ends = {host: attempts[-1]["outcome"] for host, attempts in by_host.items()}
    if lane is not None:
        ends = {host: "failed" if host in lane else "ok" for host in by_host}
    first = set(sorted(by_host, key=lambda host: (ends[host] == "ok", -spent[host]))[:LANES])
    shown = [host for host in by_host if host in first]
    for host in shown:
        bars = _attempt_bars(axis, by_host[host], waits, lane is not None)
        yield {"task": number, "depth": 1, "label": host, "bars": bars, "seconds": spent[host]}
    if hidden := [host for host in by_host if host not in first]:
        counts: dict[str, int] = {}
        for host in hidden:
            counts[ends[host]] = counts.get(ends[host], 0) + 1
        times = [spent[host] for host in hidden]
        ended = "ok" if set(counts) == {"ok"} else count_text(counts)
        words = (
            f"and {len(hidden)} more hosts, {ended}, {duration_text(min(times))} to {duration_text(max(times))} each"
        )
        yield {"task": number, "depth": 1, "label": words, "bars": []}


def _area(axis: Axis, own: Sequence[ReportAttempt]) -> Area:
    """How many attempts ran at once, sampled."""
    changes = [0] * (SLICES + 2)
    for one in own:
        ended = axis.x(one.get("ended", axis.sessions[-1]["ended"]))
        changes[int(axis.x(one["began"]) / WIDTH * SLICES)] += 1
        changes[min(int(ended / WIDTH * SLICES), SLICES) + 1] -= 1
    running, levels = 0, []
    for change in changes:
        running += change
        levels.append(running)
    most = max(levels) or 1
    step = WIDTH / SLICES
    path = "".join(f"L{place * step:g} {16 - 14 * level / most:.1f}" for place, level in enumerate(levels[:-1]))
    return {"path": f"M0 16{path}L{WIDTH:g} 16z", "most": most}
