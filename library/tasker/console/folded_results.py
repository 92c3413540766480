"""Equal results of many hosts, shown together."""

from __future__ import annotations

import time

from tasker.console.note_words import meaning_of, outcome_text
from tasker.text.host_ranges import fold_hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.protocol.types import Step

WINDOW = 2.0  # seconds that a result waits for others that are equal


class Folds:
    """Equal results of many hosts, told together: `Task 7 on web[1-98]: ok`, then what they said.

    tell: called with a line, and what its colour says (colours.MEANS). Nothing waits longer than WINDOW: call `tick`
    when `due` says so.
    """

    def __init__(self, tell: Callable[[str, str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.tell, self.clock = tell, clock
        self._heard: dict[
            tuple[int, str], tuple[str, ...]
        ] = {}  # (task, host): lines of a result that flow has not judged yet
        self._groups: dict[
            tuple[int, str, tuple[str, ...], str], list[str]
        ] = {}  # (task, what became of it, lines, meaning): hosts
        self._since: float | None = None  # when the oldest came

    def heard(self, task: int, host: str, lines: Iterable[str]) -> None:
        """What a command said. Whether that is a success, flow will say."""
        self._heard[task, host] = tuple(lines)
        self._began()

    def judged(self, note: Step) -> None:
        """The end of an attempt on a host, as flow notes it."""
        task, host = note["task"] or 0, note["host"]  # only an exit step has no task
        lines = self._heard.pop((task, host), ())
        self._groups.setdefault((task, outcome_text(note), lines, meaning_of(note)), []).append(host)
        self._began()

    def _began(self) -> None:
        self._since = self.clock() if self._since is None else self._since

    def due(self) -> list[float]:
        """When to tell what there is (monotonic seconds): nothing when there is none."""
        return [] if self._since is None else [self._since + WINDOW]

    def tick(self) -> None:
        if self._since is not None and self.clock() >= self._since + WINDOW:
            self._tell()
            self._since = self.clock() if self._heard else None  # of those flow is about to say what they are

    def flush(self) -> None:
        """Tell all that there is, the largest group first."""
        for (task, host), lines in self._heard.items():
            self._groups.setdefault((task, "ended", lines, ""), []).append(host)
        self._heard, self._since = {}, None
        self._tell()

    def _tell(self) -> None:
        groups, self._groups = self._groups, {}
        for (task, word, lines, means), hosts in sorted(groups.items(), key=lambda group: -len(group[1])):
            called = f"Task {task} on {fold_hosts(hosts)}"
            self.tell(f"{called}: {word}", means)
            for line in lines:
                self.tell(f"{called} {line}", "")
