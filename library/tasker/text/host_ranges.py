"""Host names folded: web1, web2, web3 and db1 are `db1,web[1-3]`, in the syntax that ClusterShell reads back.

Our own, since a log should not need an extra: one pass over the sorted names, however many there are.
"""

import re
import time

from tasker.text.lazy_regex import Pattern

WINDOW = 2.0  # seconds that a result waits for others that are equal
_WORDS = {"timeout": "timed out", "unknown": "unknown"}

_NUMBERED = Pattern(r"(?s)(.*?)([0-9]{1,9})([^0-9]*)")


def folded(names):
    """One text for many names."""
    plain, groups = set(), {}
    for name in names:
        found = _NUMBERED.fullmatch(name)
        # 007 and 7 are different names: numbers fold only with those that are written as wide
        if found is None or _is_address(name):
            plain.add(name)
        else:
            padded = len(found[2]) if found[2].startswith("0") and found[2] != "0" else 0
            groups.setdefault((found[1], found[3], padded), set()).add(int(found[2]))
    for before, behind, width in [key for key in groups if key[2]]:
        wide = {number for number in groups.get((before, behind, 0), ()) if len(str(number)) == width}
        if wide:  # 100 is as wide as 099
            groups[before, behind, width] |= wide
            groups[before, behind, 0] -= wide
    made = sorted(plain)
    for (before, behind, width), numbers in sorted(groups.items()):
        if numbers:
            made.append(before + _bracketed(sorted(numbers), width) + behind)
    return ",".join(sorted(made))


def _is_address(name):
    return ":" in name or re.fullmatch(r"[0-9.]+", name) is not None


def ranges(numbers, width=0):
    """'1-3,7' for sorted numbers, each at least `width` digits wide."""
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low:0{width}d}" if low == high else f"{low:0{width}d}-{high:0{width}d}" for low, high in runs)


def _bracketed(numbers, width):
    text = ranges(numbers, width)
    return text if len(numbers) == 1 else f"[{text}]"


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
        self._groups.setdefault((note["task"], outcome(note), lines, meaning(note)), []).append(note["host"])
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
            called = f"Task {task} on {folded(hosts)}"
            self.tell(f"{called}: {word}", means)
            for line in lines:
                self.tell(f"{called} {line}", "")


def meaning(note):
    """What the colour of an ended attempt says."""
    return "ok" if note.get("success") else "unknown" if note.get("outcome") == "unknown" else "failed"


def outcome(note):
    """What became of an attempt, in a few words: ok, exit 1, signal 9, timed out, not started: why."""
    code = note.get("exit_code")
    if note.get("success"):
        return f"ok (exit {code})" if code else "ok"
    if note["outcome"] == "not_started":
        return f"not started: {note['because']}" if note.get("because") else "not started"
    if note["outcome"] in _WORDS:
        return _WORDS[note["outcome"]]
    if note["outcome"] == "signalled" and code is not None:
        return f"signal {code - 128}"
    return f"exit {code}" if code else "failed (exit 0)"
