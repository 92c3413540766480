"""Outputs of running commands as they come (`--follow`): `7@web[1-3] | line` of stdout, `7@web1 ! line` of stderr.

In: output events of runners, which may be wrong or far too many. Out: whole lines for the screen, without secrets.
Lines that many commands print at about the same time are folded. At most LINES a second are shown; the rest is counted.
"""

from __future__ import annotations

import time

from tasker.console.output_lines import OutputLines
from tasker.text.host_ranges import fold_hosts, number_ranges
from tasker.text.plural import plural
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tasker.console.screen import Screen
    from tasker.protocol.types import Document, Event, Request
    from tasker.text.masking import Masker

    _Key = tuple[object, str]  # id of a request, stream

WINDOW = 0.3  # seconds that a line waits for others that are equal, where there may be others
SILENCE = 1.0  # seconds after which a line without an end is shown
LINES = 1000  # in a second, on the screen
WAITING = 10_000  # lines that are kept for the next window
AT_ONCE = 256 * 1024  # characters of one event
_SIGNS = {"stdout": "|", "stderr": "!"}


class Follow:
    """Shows the output of running commands. secrets: what masks it. alone: called; is no other command running?"""

    def __init__(
        self,
        screen: Screen,
        secrets: Masker,
        alone: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.screen, self.secrets, self.alone, self.clock = screen, secrets, alone, clock
        self._outputs: dict[_Key, OutputLines] = {}
        self._pending: dict[_Key, None] = {}  # requests with something to show, as an ordered set
        self._waiting_lines = 0  # lines that are not shown yet
        self._due: float | None = None  # until when
        self._since, self._shown = 0.0, 0

    def heard(self, request: Request, event: Event) -> None:
        """A runner reports output of a command."""
        key = request["id"], event["stream"]
        output = self._outputs.get(key)
        if output is None:
            output = self._outputs[key] = OutputLines(request, event["stream"], self.secrets.stream)
        text = event["text"]
        if gap := event.get("left_out", 0):
            self._waiting_lines += output.skip(gap)
        self._waiting_lines += output.feed(text[:AT_ONCE].encode(), max(0, WAITING - self._waiting_lines))
        if len(text) > AT_ONCE:
            self._waiting_lines += output.skip(len(text) - AT_ONCE)
        output.latest = self.clock()
        self._schedule(key)

    def ended(self, request: Request) -> bool:
        """The result of a request has come. True if some of its output came before."""
        seen = False
        for stream in _SIGNS:
            key = request["id"], stream
            if key in self._outputs:
                seen = True
                self._waiting_lines += self._outputs[key].end()
                self._schedule(key, ended=True)
        return seen

    def _schedule(self, key: _Key, ended: bool = False) -> None:
        self._pending[key] = None
        output = self._outputs[key]
        if not (output.lines or output.missing or ended):
            wait = SILENCE
        else:
            wait = 0.0 if self.alone() and not ended else WINDOW
        due = self.clock() + wait
        self._due = due if self._due is None else min(due, self._due)

    def due(self) -> list[float]:
        """When to call `tick` (monotonic seconds), as a list."""
        return [] if self._due is None else [self._due]

    def tick(self) -> None:
        if self._due is not None and self.clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Show all lines that wait, equal ones together."""
        now, self._due = self.clock(), None
        if not self._pending:
            return
        keys, self._pending = list(self._pending), {}
        for key in keys:
            output = self._outputs[key]
            if not output.lines and now - output.latest >= SILENCE:
                self._waiting_lines += output.end_line()
        outputs = [self._outputs[key] for key in keys]
        if self.screen.form == "jsonl":
            self._documents(outputs)
        else:
            self._lines(outputs, now)
        self._waiting_lines = 0
        for key in keys:
            if self._outputs[key].ended:
                del self._outputs[key]
            elif self._outputs[key].partial:
                self._schedule(key)

    def _documents(self, outputs: Iterable[OutputLines]) -> None:
        for output in outputs:
            text = "".join(f"{line}\n" for line in output.take_lines())
            if not text and not output.missing:
                continue
            where: Document = {key: output.request[key] for key in ("id", "task", "hostname") if key in output.request}
            gap = {"left_out": output.take_missing()} if output.missing else {}  # bytes
            self.screen.event({"do": "output", **where, "stream": output.stream, "text": text, **gap})

    def _lines(self, outputs: Sequence[OutputLines], now: float) -> None:
        if now - self._since >= 1.0:
            self._since, self._shown = now, 0
        lines, hidden = [], 0
        for sign, requests, line in _equal_lines(outputs):
            if self._shown < LINES:
                lines.append(f"{task_label(requests)} {sign} {printable(line)}")
                self._shown += 1
            else:
                hidden += 1
        if hidden:
            lines.append(
                f"({hidden:,} {plural(hidden, 'more line')}: the log and the report have both ends of each output)"
            )
        for size, requests in _missing_bytes(outputs).items():
            lines.append(f"{task_label(requests)} ({size:,} {plural(size, 'byte')} left out)")
        self.screen.output(lines)


def task_label(requests: Iterable[Request]) -> str:
    """The tasks and hosts of some commands, as `tasker explain` takes them: 7@web1, 7@web[1-3], [1-3], 4@db1."""
    places = {(request["task"], request.get("hostname")) for request in requests}
    hosts = {host for _, host in places if host is not None}
    there = _numbers(task for task, host in places if host is not None)
    here = _numbers(task for task, host in places if host is None)
    return ",".join(([f"{there}@{printable(fold_hosts(hosts))}"] if hosts else []) + ([here] if here else []))


def _numbers(tasks: Iterable[int]) -> str:
    text = number_ranges(sorted(set(tasks)))
    return text if text.isdigit() or not text else f"[{text}]"


def _equal_lines(outputs: Iterable[OutputLines]) -> Iterator[tuple[str, list[Request], str]]:
    """(sign, requests, line) of all lines, in the order of each output. requests: all whose next line this is."""
    left = {id(output): iter(output.take_lines()) for output in outputs}
    next_lines: dict[tuple[str, str], list[OutputLines]] = {}  # (stream, line): the outputs whose next line it is
    waiting = list(outputs)
    while waiting or next_lines:
        for output in waiting:
            if (line := next(left[id(output)], None)) is not None:
                next_lines.setdefault((output.stream, line), []).append(output)
        if not next_lines:
            return
        stream, line = next(iter(next_lines))
        waiting = next_lines.pop((stream, line))
        yield _SIGNS[stream], [output.request for output in waiting], line


def _missing_bytes(outputs: Iterable[OutputLines]) -> dict[int, list[Request]]:
    """Number of bytes -> the requests of whose output that many are missing."""
    missing: dict[int, list[Request]] = {}
    for output in outputs:
        if output.missing:
            missing.setdefault(output.take_missing(), []).append(output.request)
    return missing
