"""Equal results of many hosts, shown together."""

import time

from tasker.console.note_words import meaning_of, outcome_text
from tasker.text.host_ranges import fold_hosts

WINDOW = 2.0  # seconds that a result waits for others that are equal


class Folds:
    """Equal results of many hosts, told together: `Task 7 on web[1-98]: ok`, then what they said.

    tell: called with a line, and what its colour says (colours.MEANS). Nothing waits longer than WINDOW: call `tick`
    when `due` says so.
    """

    def __init__(self, tell, clock=time.monotonic):
        self.tell, self.clock = tell, clock
        self._heard = {}  # (task, host): lines of a result that flow has not judged yet
        self._groups = {}  # (task, what became of it, lines, meaning): hosts
        self._since = None  # when the oldest came

    def heard(self, task, host, lines):
        """What a command said. Whether that is a success, flow will say."""
        self._heard[task, host] = tuple(lines)
        self._began()

    def judged(self, note):
        """The end of an attempt on a host, as flow notes it."""
        lines = self._heard.pop((note["task"], note["host"]), ())
        self._groups.setdefault((note["task"], outcome_text(note), lines, meaning_of(note)), []).append(note["host"])
        self._began()

    def _began(self):
        self._since = self.clock() if self._since is None else self._since

    def due(self):
        """When to tell what there is (monotonic seconds): nothing when there is none."""
        return [] if self._since is None else [self._since + WINDOW]

    def tick(self):
        if self._since is not None and self.clock() >= self._since + WINDOW:
            self._tell()
            self._since = self.clock() if self._heard else None  # of those flow is about to say what they are

    def flush(self):
        """Tell all that there is, the largest group first."""
        for (task, host), lines in self._heard.items():
            self._groups.setdefault((task, "ended", lines, ""), []).append(host)
        self._heard, self._since = {}, None
        self._tell()

    def _tell(self):
        groups, self._groups = self._groups, {}
        for (task, word, lines, means), hosts in sorted(groups.items(), key=lambda group: -len(group[1])):
            called = f"Task {task} on {fold_hosts(hosts)}"
            self.tell(f"{called}: {word}", means)
            for line in lines:
                self.tell(f"{called} {line}", "")
