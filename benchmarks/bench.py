"""What a work asks of: compare contestants, state a goal, say a figure. It prints as it goes and keeps it all."""

import shutil
import statistics
import time
from typing import NamedTuple

from timing import Failed, once

HEADS = {
    "times": "| work | who | seconds (median) | spread | CPU seconds | rounds | TASKER takes × |",
    "memory": "| work | who | process | peak MB |",
    "figures": "| what | figure |",
}


def head(kind):
    return [HEADS[kind], "| --- " * (HEADS[kind].count("|") - 1) + "|"]


class Goal(NamedTuple):
    """figure: None when it could not be measured. least: is it a lower bound? counts: tiny ones say nothing."""

    text: str
    limit: float
    figure: float | None
    unit: str = "×"
    least: bool = False
    counts: bool = True

    beside: "Beside | None" = None

    def row(self):
        bound = f"{'≥' if self.least else '≤'} {number(self.limit)} {self.unit}"
        more = f" {self.beside.cells()} |" if self.beside else " | | | |"
        if self.figure is None:
            return f"| {self.text} | {bound} | not measured | |{more}"
        reached = self.figure >= self.limit if self.least else self.figure <= self.limit
        word = ("yes" if reached else "**no**") if self.counts else "tiny"
        return f"| {self.text} | {bound} | {number(self.figure)} {self.unit} | {word} |{more}"


class Beside(NamedTuple):
    """What a figure stands beside: what kernel or sshd alone take, the loop that people write, the best other tool, and
    what holds the rest."""

    floor: str = ""
    loop: str = ""
    peer: str = ""
    rest: str = ""

    def cells(self):
        return " | ".join(self)


class Seen:
    """What the contestants of one work came to: {name: [Run]}."""

    def __init__(self, runs):
        self.runs = runs

    def median(self, who, what="seconds"):
        """None when there is none."""
        runs = self.runs.get(who)
        return statistics.median(getattr(one, what) for one in runs) if runs else None

    def ratio(self, other, who="TASKER", what="seconds"):
        """The median of the ratios of pairs: both were run in the same round. None where there is none."""
        pairs = zip(self.runs.get(who, ()), self.runs.get(other, ()), strict=False)
        ratios = [getattr(ours, what) / getattr(theirs, what) for ours, theirs in pairs if getattr(theirs, what)]
        return statistics.median(ratios) if ratios else None

    def named(self, *who, what="seconds"):
        """The quickest of these, with its figure: "make 0.879 s"; "" where none took part."""
        found = [(median, one) for one in who if (median := self.median(one, what)) is not None]
        return f"{min(found)[1]} {number(min(found)[0])} s" if found else ""

    def peak(self, who, process):
        """Megabytes of the processes whose name begins so, at most; None when none was seen."""
        processes = (item for run in self.runs.get(who, ()) for item in run.processes.items())
        found = [one.peak for name, one in processes if name.startswith(process)]
        return max(found) / 1e6 if found else None


class Bench:
    """scale: full, short or tiny. failed: contestants that did not do their work."""

    def __init__(self, scale="full", say=print):
        self.scale, self.say = scale, say
        self.goals: list[Goal] = []
        self.rows: dict[str, dict[str, list[str]]] = {}  # work: kind of table: rows
        self.failed: list[str] = []
        self.work = ""

    def begin(self, work):
        self.work = work
        self.rows[work] = {}

    def count(self, full, tiny):
        return tiny if self.scale == "tiny" else full

    def compare(self, title, contestants, rounds=5, least=3, budget=45.0, watched=(), settle=None):
        """Everybody by turns, `least` to `rounds` times: no further round once the budget, in seconds, is used up.

        watched: who is looked at while it runs. settle: called after each, outside of the time.
        """
        runs: dict = {who: [] for who, one in contestants.items() if one}
        went_wrong: dict[str, str] = {}
        rounds, least = {"tiny": (1, 1), "short": (3, min(3, least))}.get(self.scale, (rounds, least))
        began = time.monotonic()
        for turn in range(rounds):
            if turn >= least and (time.monotonic() - began) * (turn + 1) / turn > budget:
                break
            for who in list(runs)[:: -1 if turn % 2 else 1]:
                if who not in went_wrong:
                    try:
                        runs[who].append(once(contestants[who], who in watched))
                    except Failed as error:
                        went_wrong[who] = " ".join(str(error).replace("|", "/").split())
                    shutil.rmtree("base", ignore_errors=True)
                    if settle:
                        settle()
        self.failed += [f"{title}, {who}: {why}" for who, why in went_wrong.items()]
        seen = Seen({who: some for who, some in runs.items() if who not in went_wrong})
        for who in contestants:
            why = f"failed: {went_wrong[who]}" if who in went_wrong else "not installed"
            self._add("times", _times(title, who, seen) if who in seen.runs else f"| {title} | {who} | {why} | | | | |")
        return seen

    def memory(self, title, contestants, settle=None):
        """One further run of each, which is not timed: the memory of its processes."""
        runs: dict = {}
        for who, one in contestants.items():
            if one:
                try:
                    runs[who] = [once(one, watched=True)]
                except Failed as error:
                    self.failed.append(f"{title}, {who}: {error}")
                    continue
                shutil.rmtree("base", ignore_errors=True)
                if settle:
                    settle()
                for name, process in _largest(who, runs[who][0]):
                    self._add("memory", f"| {title} | {who} | {name} | {process.peak / 1e6:.1f} |")
        return Seen(runs)

    def figure(self, what, value, unit):
        self._add("figures", f"| {what} | {'not measured' if value is None else f'{number(value)} {unit}'} |")

    def goal(self, text, limit, figure, unit="×", least=False, beside=None):
        self.goals.append(Goal(text, limit, figure, unit, least, self.scale != "tiny", beside))
        self.say(f"goal: {self.goals[-1].row()}")

    def _add(self, kind, row):
        table = self.rows[self.work].setdefault(kind, [])
        if not table:
            self.say("\n".join(head(kind)))
        table.append(row)
        self.say(row)


def number(value):
    """Three digits that count."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _times(title, who, seen):
    times = [one.seconds for one in seen.runs[who]]
    ratio = seen.ratio(who)
    spread = f"{min(times):.3f} to {max(times):.3f}" if len(times) > 1 else ""
    mine = f"{seen.median(who):.3f} | {spread} | {seen.median(who, 'cpu'):.3f} | {len(times)}"
    return f"| {title} | {who} | {mine} | {'' if ratio is None else f'{ratio:.2f}'} |"


def _largest(who, run):
    """Of TASKER each process that stays for the run; of others the largest alone."""
    processes = sorted(run.processes.items(), key=lambda item: -item[1].peak)
    if who.startswith("TASKER"):
        return [(name, one) for name, one in processes if name.split()[0] in ("driver", "flow", "runner")]
    return [("the largest", processes[0][1])] if processes else []
