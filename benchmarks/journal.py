"""What the journal costs: 1,000 commands of 0.1 s, 50 at once, two records each, with and without it.

Without is a copy of the project in which no record is written and nothing synced. By turns, so that a busy machine is
busy for both; medians, and the least of all, of wall time and of the processor time of all of it.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = ",".join(f"127.{a}.{b}.1" for a in range(1, 11) for b in range(100))
WORK = f"task=0\nhosts={HOSTS}\nmax_parallel=50\nexec=local\ncommand=sleep 0.1\nnext=all_success\n"
ADD = "    def add(self, what, doc):\n"
LEFT_OUT = (".git", "__pycache__", ".venv")


def without_journal(folder):
    """A copy of the project whose journal takes nothing."""
    made = Path(folder) / "copy"
    shutil.copytree(ROOT, made, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    path = made / "library/tasker/journal/writer.py"
    text = path.read_text()
    assert text.count(ADD) == 1
    path.write_text(text.replace(ADD, ADD + "        return\n"))
    return made


def once(tree):
    """(wall, processor) seconds of a run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "work.txt"
        file.write_text(WORK)
        words = [sys.executable, "-I", tree / "bin/tasker", "-r", "--skip-host-validation", "--output", "json"]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*words, "-l", folder + "/base", file], check=True, stdout=subprocess.DEVNULL)
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds=7):
    with tempfile.TemporaryDirectory() as folder:
        trees = {"with": ROOT, "without": without_journal(folder)}
        seen: dict = {name: [] for name in trees}
        for number in range(rounds):
            for name in sorted(trees, reverse=bool(number % 2)):
                seen[name].append(once(trees[name]))
    for place, what in enumerate(("wall time", "processor time")):
        for how, reckoned in (("median", statistics.median), ("least", min)):
            cost, free = (reckoned([one[place] for one in seen[name]]) for name in ("with", "without"))
            said = f"{cost:.2f} s with the journal, {free:.2f} s without: {cost / free - 1:+.1%}"
            print(f"{what}, {how} of {rounds}: {said}")


if __name__ == "__main__":
    os.umask(0o077)
    main(*map(int, sys.argv[1:]))
