"""Outputs of running commands as they come (`--follow`): `7@web[1-3] | line` of stdout, `7@web1 ! line` of stderr.

In: output events of runners, which may lie or babble. Out: whole lines for the screen, without secrets, folded where
many commands say the same at about the same time, and no more than somebody can read; the rest is counted.
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
    """screen: screen.Screen. secrets: secret.Secrets. alone: is there no other command that could say the same?"""

    def __init__(
        self,
        screen: Screen,
        secrets: Masker,
        alone: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.screen, self.secrets, self.alone, self.clock = screen, secrets, alone, clock
        self._voices: dict[_Key, OutputLines] = {}
        self._spoke: dict[_Key, None] = {}  # those with something to show, as an ordered set
        self._kept = 0  # lines that wait
        self._due: float | None = None  # until when
        self._since, self._shown = 0.0, 0

    def heard(self, request: Request, event: Event) -> None:
        """A runner passes on what a command says."""
        key = request["id"], event["stream"]
        voice = self._voices.get(key)
        if voice is None:
            voice = self._voices[key] = OutputLines(request, event["stream"], self.secrets.stream)
        text = event["text"]
        if gap := event.get("left_out", 0):
            self._kept += voice.gap(gap)
        self._kept += voice.say(text[:AT_ONCE].encode(), max(0, WAITING - self._kept))
        if len(text) > AT_ONCE:
            self._kept += voice.gap(len(text) - AT_ONCE)
        voice.latest = self.clock()
        self._expect(key)

    def ended(self, request: Request) -> bool:
        """Its result is there. True when something of its output has been seen."""
        seen = False
        for stream in _SIGNS:
            key = request["id"], stream
            if key in self._voices:
                seen = True
                self._kept += self._voices[key].end()
                self._expect(key, ended=True)
        return seen

    def _expect(self, key: _Key, ended: bool = False) -> None:
        self._spoke[key] = None
        voice = self._voices[key]
        wait = SILENCE if not (voice.lines or voice.missing or ended) else 0.0 if self.alone() and not ended else WINDOW
        due = self.clock() + wait
        self._due = due if self._due is None else min(due, self._due)

    def due(self) -> list[float]:
        """When to call `tick` (monotonic seconds), as a list."""
        return [] if self._due is None else [self._due]

    def tick(self) -> None:
        if self._due is not None and self.clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Show what there is, equal lines together."""
        now, self._due = self.clock(), None
        if not self._spoke:
            return
        keys, self._spoke = list(self._spoke), {}
        for key in keys:
            voice = self._voices[key]
            if not voice.lines and now - voice.latest >= SILENCE:
                self._kept += voice.break_off()
        voices = [self._voices[key] for key in keys]
        if self.screen.form == "jsonl":
            self._documents(voices)
        else:
            self._lines(voices, now)
        self._kept = 0
        for key in keys:
            if self._voices[key].ended:
                del self._voices[key]
            elif self._voices[key].partial:
                self._expect(key)

    def _documents(self, voices: Iterable[OutputLines]) -> None:
        for voice in voices:
            text = "".join(f"{line}\n" for line in voice.taken())
            if not text and not voice.missing:
                continue
            where: Document = {key: voice.request[key] for key in ("id", "task", "hostname") if key in voice.request}
            gap = {"left_out": voice.counted()} if voice.missing else {}  # bytes
            self.screen.event({"do": "output", **where, "stream": voice.stream, "text": text, **gap})

    def _lines(self, voices: Sequence[OutputLines], now: float) -> None:
        if now - self._since >= 1.0:
            self._since, self._shown = now, 0
        made, hidden = [], 0
        for sign, those, line in _together(voices):
            if self._shown < LINES:
                made.append(f"{task_label(those)} {sign} {printable(line)}")
                self._shown += 1
            else:
                hidden += 1
        if hidden:
            made.append(
                f"({hidden:,} {plural(hidden, 'more line')}: the log and the report have both ends of each output)"
            )
        for size, those in _gaps(voices).items():
            made.append(f"{task_label(those)} ({size:,} {plural(size, 'byte')} left out)")
        self.screen.output(made)


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


def _together(voices: Iterable[OutputLines]) -> Iterator[tuple[str, list[Request], str]]:
    """(sign, requests, line) of all lines: each voice's in their order, with those of others that say it next too."""
    left = {id(voice): iter(voice.taken()) for voice in voices}
    heads: dict[tuple[str, str], list[OutputLines]] = {}  # (stream, line): the voices that say it next
    waiting = list(voices)
    while waiting or heads:
        for voice in waiting:
            if (line := next(left[id(voice)], None)) is not None:
                heads.setdefault((voice.stream, line), []).append(voice)
        if not heads:
            return
        stream, line = next(iter(heads))
        waiting = heads.pop((stream, line))
        yield _SIGNS[stream], [voice.request for voice in waiting], line


def _gaps(voices: Iterable[OutputLines]) -> dict[int, list[Request]]:
    made: dict[int, list[Request]] = {}
    for voice in voices:
        if voice.missing:
            made.setdefault(voice.counted(), []).append(voice.request)
    return made
