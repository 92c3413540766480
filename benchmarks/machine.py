"""How busy the machine is with other things, since a figure of a busy machine is none."""

import os
import time
from pathlib import Path

QUIET = 0.10  # the share of all processors that others may use
WATCHED = 1.0  # seconds of a look
PATIENCE = 60.0  # seconds to wait for a quiet machine


def ticks():
    """(used, all) of all processors since the start, in ticks; what a host takes from a virtual machine is used."""
    words = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, idle, waiting, interrupts, soft, stolen = words
    used = user + nice + system + interrupts + soft + stolen
    return used, used + idle + waiting


def share(before, after):
    """The share of the processors that was used between two calls of `ticks`, from 0 to 1."""
    every = after[1] - before[1]
    return (after[0] - before[0]) / every if every else 0.0


def look(seconds=WATCHED):
    """The share that others use now, while this process sleeps."""
    before = ticks()
    time.sleep(seconds)
    return share(before, ticks())


class Others:
    """What others used before each work. look: how to find out."""

    def __init__(self, say=print, look=look, clock=time.monotonic):
        self.say, self._look, self._clock = say, look, clock
        self.seen: dict[str, float] = {}  # work: the share

    def before(self, work, patience=PATIENCE):
        """Wait for a quiet machine, for as long as that; keep what it was in the end."""
        until, asked = self._clock() + patience, False
        while (used := self._look()) > QUIET and self._clock() < until:
            if not asked:
                self.say(f"others use {used:.0%} of the processors: waiting up to {patience:.0f} s for a quiet machine")
                asked = True
        self.seen[work] = used

    def line(self):
        """For the results."""
        busy = {work: used for work, used in self.seen.items() if used > QUIET}
        if not busy:
            most = max(self.seen.values(), default=0.0)
            return f"the machine was quiet: before each work, others used {most:.0%} of the processors at most"
        shares = ", ".join(f"{work} {used:.0%}" for work, used in busy.items())
        load = os.getloadavg()[0]
        return f"**the machine was not quiet** (others used of the processors: {shares}; load {load:.1f} at the end)"
