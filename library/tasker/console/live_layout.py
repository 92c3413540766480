"""The lines of the live view, laid out by rich. Nothing else imports rich, and this is imported late."""

from __future__ import annotations

import heapq
import io

from tasker.console.colours import MEANS
from tasker.console.end_summary import duration_text
from tasker.console.note_words import ENDED
from tasker.language.durations import write_duration
from tasker.language.fields import DECIDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console
    from rich.text import Text

    from tasker.console.tally import Tally
    from tasker.protocol.types import Request

    _Clean = Callable[[str], str]
    _Part = str | tuple[str, str]  # text, its colour

BAR = 24  # columns
SLOWEST = 3  # hosts that are named
_SIGNS = {"ok": "━", "failed": "╳", "unknown": "?", "not_started": "○", "skipped": "·", "running": "╌", "waiting": " "}


def layout_lines(tally: Tally, columns: int, rows: int, coloured: bool, clean: _Clean) -> list[tuple[str, int]]:
    """(text with colours, its width) for each line of the picture. clean: see LiveView."""
    now = tally.clock()
    made = _blocks(tally, now, columns, clean) + _alone(tally, now, columns, clean)
    if not made and tally.resting:
        text, since = tally.resting
        made.append(_text((clean(text), MEANS["waiting"]), f" · {duration_text(now - since)}"))
    if len(made) > rows:
        made[rows - 1 :] = [_text((f"… and {len(made) - rows + 1} more", MEANS["waiting"]))]
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, width=columns, legacy_windows=False, highlight=False)
    console.no_color = not coloured
    return [_laid_out(console, text, columns, coloured) for text in made]


def _text(*parts: _Part) -> Text:
    """Text of parts, each plain or (text, colour); nothing in it is markup."""
    from rich.text import Text

    return Text.assemble(*parts)


def _laid_out(console: Console, text: Text, columns: int, coloured: bool) -> tuple[str, int]:
    text.truncate(columns, overflow="ellipsis")
    if not coloured:
        return text.plain, text.cell_len
    with console.capture() as caught:
        console.print(text, end="", no_wrap=True, crop=False)
    return caught.get(), text.cell_len


def _blocks(tally: Tally, now: float, columns: int, clean: _Clean) -> list[Text]:
    """A line with a bar for each block, and its slowest hosts below."""
    made = []
    for number, block in list(tally.blocks.items()):
        counts = {state: block.count(state) for state in _SIGNS}
        line = _text(f"Task {number} ")
        if columns >= 70:
            line.append_text(_bar(counts, block.total)).append(" ")
        line.append(f"{sum(counts[state] for state in ENDED)}/{block.total}")
        for state, count in counts.items():
            if count:
                line.append(" ").append(f"{count} {state.replace('_', ' ')}", MEANS[state])
        if title := block.called.partition(": ")[2]:
            line.append(f" · {clean(title)}", MEANS["waiting"])
        time = f" · {duration_text(now - block.since)}"
        if (left := block.left(now)) is not None and left >= 1:
            time += f", about {duration_text(left)} left"
        made.append(_with_time(line, time, columns))
        made += [
            *_where_hosts_are(tally, number, block.wave),
            *_decided(block.decided),
            *_slowest(tally, number, now, clean),
        ]
    return made


def _with_time(line: Text, time: str, columns: int) -> Text:
    """The line and then the time. Where there is not enough room, the end of the line goes first, the time last."""
    line.truncate(max(1, columns - len(time)), overflow="ellipsis")
    return line.append(time)


def _bar(counts: Mapping[str, int], total: int) -> Text:
    """As many columns of each sign as its share; a state that occurs has at least one."""
    bar, drawn, passed = _text(), 0, 0
    for state, count in counts.items():
        passed += count
        upto = max(round(BAR * passed / max(1, total)), drawn + (count > 0))
        upto = min(upto, BAR)
        bar.append(_SIGNS[state] * (upto - drawn), MEANS[state])
        drawn = upto
    return bar.append(" " * (BAR - drawn))


def _where_hosts_are(tally: Tally, number: int, wave: str) -> list[Text]:
    """The wave of a block; of a chain also how many hosts are at which member."""
    counts: dict[int, int] = {}
    for request, _ in tally.running.values():
        if "host" in request and request["task"] != number and _block(tally, request) == number:
            counts[request["task"]] = counts.get(request["task"], 0) + 1
    parts = [wave] if wave else []
    if counts:
        parts.append("at " + ", ".join(f"{member}: {count}" for member, count in sorted(counts.items())))
    return [_text("  ", (" · ".join(parts), MEANS["waiting"]))] if parts else []


def _decided(by: Mapping[str, int]) -> list[Text]:
    """Who decided about outcomes that were open, as in the report."""
    parts = [f"{by[who]} by {text}" for who, text in DECIDERS.items() if who in by]
    return [_text("  settled: ", (", ".join(parts), MEANS["waiting"]))] if parts else []


def _slowest(tally: Tally, number: int, now: float, clean: _Clean) -> list[Text]:
    running = [(since, request) for request, since in tally.running.values() if _block(tally, request) == number]
    oldest = heapq.nsmallest(SLOWEST, running, key=lambda pair: pair[0])
    if not oldest:
        return []
    names = ", ".join(f"{_where(request)} {duration_text(now - since)}" for since, request in oldest)
    return [_text("  slowest: ", (clean(names), MEANS["running"]))]


def _alone(tally: Tally, now: float, columns: int, clean: _Clean) -> list[Text]:
    """A line for each command that belongs to no block."""
    made = []
    for request, since in list(tally.running.values()):
        if _block(tally, request) not in tally.blocks:
            called = tally.titles.get(request["task"], f"Task {request['task']}")
            called = f"Probe of {called}" if "probe" in request else called
            where = f" on {request['hostname']}" if "hostname" in request else ""
            time = f" · {duration_text(now - since)}" + (
                f" of at most {write_duration(request['timeout'])}" if columns >= 40 else ""
            )
            made.append(_with_time(_text((clean(f"{called}{where}"), MEANS["running"])), time, columns))
    return made


def _block(tally: Tally, request: Request) -> int | None:
    if "host" in request and request["task"] in tally.blocks:
        return request["task"]
    return tally.members.get(request["task"])  # of a chain too


def _where(request: Request) -> str:
    """The host, of a task on many; the member of a block, as `tasker explain` takes it."""
    if "host" in request and request.get("block") is not None:  # of a chain: at which member it is
        return f"{request['host']} at {request['task']}"
    if "hostname" not in request:
        return f"task {request['task']}"
    return request["hostname"] if "host" in request else f"{request['task']}@{request['hostname']}"
