"""Host names folded: web1, web2, web3 and db1 are `db1,web[1-3]`, in the syntax that ClusterShell reads back.

Our own, since a log should not need an extra: one pass over the sorted names, however many there are.
"""

import re
import time

WINDOW = 2.0  # seconds that a result waits for others that are equal
_WORDS = {"timeout": "timed out", "not_started": "not started", "unknown": "unknown"}

_NUMBERED = re.compile(r"(.*?)([0-9]{1,9})([^0-9]*)", re.DOTALL)


def folded(names):
    """One text for many names."""
    plain, groups = set(), {}
    for name in names:
        found = _NUMBERED.fullmatch(name)
        # 007 and 7 are different names: numbers fold only with those that are written as wide
        if found is None or _is_address(name):
            plain.add(name)
        else:
            padded = len(found[2]) if found[2].startswith("0") else 0
            groups.setdefault((found[1], found[3], padded), set()).add(int(found[2]))
    made = sorted(plain)
    for (before, behind, width), numbers in sorted(groups.items()):
        made += [before + _ranges(part, width) + behind for part in _same_width(sorted(numbers), width)]
    return ",".join(sorted(made))


def _is_address(name):
    return ":" in name or re.fullmatch(r"[0-9.]+", name) is not None


def _same_width(numbers, width):
    """Numbers without leading zeros fold together; padded ones only while they keep their width."""
    if not width:
        return [numbers]
    fit = [number for number in numbers if len(str(number)) <= width]
    return [fit, *[[number] for number in numbers if len(str(number)) > width]] if fit else [[n] for n in numbers]


def ranges(numbers):
    """'1-3,7' for sorted numbers."""
    return _ranges(numbers, 0).strip("[]")


def _ranges(numbers, width):
    """'7' for one number, '[1-3,7]' for more."""
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [f"{low:0{width}d}" if low == high else f"{low:0{width}d}-{high:0{width}d}" for low, high in runs]
    return texts[0] if len(numbers) == 1 else f"[{','.join(texts)}]"


class Folds:
    """Equal results of many hosts, told together: `Task 7 on web[1-98]: ok`, then what they said.

    tell: called with a line. Nothing waits longer than WINDOW: call `tick` when `due` says so.
    """

    def __init__(self, tell, clock=time.monotonic):
        self.tell, self.clock = tell, clock
        self._groups = {}  # (task, outcome, lines): hosts
        self._since = None  # when the oldest came

    def add(self, task, host, result, lines):
        """lines: what is to be told of its output."""
        self._since = self.clock() if self._since is None else self._since
        self._groups.setdefault((task, outcome(result), tuple(lines)), []).append(host)

    def due(self):
        """When to tell what there is (monotonic seconds): nothing when there is none."""
        return [] if self._since is None else [self._since + WINDOW]

    def tick(self):
        if self._since is not None and self.clock() >= self._since + WINDOW:
            self.flush()

    def flush(self):
        """Tell all that there is, the largest group first."""
        groups, self._groups, self._since = self._groups, {}, None
        for (task, word, lines), hosts in sorted(groups.items(), key=lambda group: -len(group[1])):
            called = f"Task {task} on {folded(hosts)}"
            self.tell(f"{called}: {word}")
            for line in lines:
                self.tell(f"{called} {line}")


def outcome(result):
    """What became of a command, in a word: ok, exit 1, signal 9, timed out."""
    code = result["exit_code"]
    if code is not None and result["outcome"] == "signalled":
        return f"signal {code - 128}"
    return _WORDS.get(result["outcome"]) or ("ok" if not code else f"exit {code}")
