#!/usr/bin/env python3
"""What a start costs here and in another checkout, by turns: beside.py OTHER_CHECKOUT [--rounds 100].

Each round starts each of the WAYS once here and once there, every second round the other way round. The table has the
least of all rounds, since what disturbs a program only ever adds to it, and the ratio of the medians next to that.
CPU time and page faults are those of all processes that a call has started. Modules are counted in a further call.
"""

import argparse
import ctypes
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import timing

ROOT = Path(__file__).resolve().parent.parent
TASK = "task=0\ncommand=true\nexec=local\n"
FILE, BASE = "task.txt", "base"
WAYS = {
    "one local task": ["-r", "-l", BASE, FILE],
    "--help": ["--help"],
    "dry run of one task": ["-l", BASE, FILE],
}
HEAD = ["| way | what | here | other | here ÷ other | of the medians |", "| --- | --- | --- | --- | --- | --- |"]
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
PATIENCE = 10.0  # seconds in which what a call has left has to end

# Runs bin/tasker and, as each of its processes ends, writes its pid, its name and its modules to a file. A forked stage
# ends with os._exit; its name is in /proc.
COUNTING = """
import os, sys
to, program, main, leave = sys.argv[1], sys.argv[2], os.getpid(), os._exit

def count():
    with open("/proc/self/comm") as file:
        name = "driver" if os.getpid() == main else file.read().strip()
    ours = sum(one.partition(".")[0] == "tasker" for one in sys.modules)
    with open(to, "a") as file:
        file.write(f"{name}\\t{len(sys.modules)}\\t{ours}\\n")

def counted(status):
    count()
    leave(status)

os._exit = counted
sys.argv[:] = sys.argv[2:]
with open(program) as file:
    code = compile(file.read(), program, "exec")
try:
    exec(code, {"__name__": "__main__", "__file__": program})
finally:
    count()
"""


@dataclass(frozen=True)
class Cost:
    """Of one call: seconds on the clock, CPU seconds and page faults of all its processes."""

    wall: float
    cpu: float
    faults: float


MEASURES: dict[str, tuple[Callable[[Cost], float], Callable[[float], str]]] = {
    "wall, ms": (lambda cost: cost.wall * 1000, "{:.2f}".format),
    "CPU, ms": (lambda cost: cost.cpu * 1000, "{:.2f}".format),
    "page faults": (lambda cost: cost.faults, "{:,.0f}".format),
}


def program(checkout: Path) -> list[str]:
    return [sys.executable, "-I", "-S", str(checkout / "bin/tasker")]


def spent(argv: list[str]) -> Cost:
    """What one call costs. Raises timing.Failed."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv,
            env=timing.surroundings({}),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with timing.bounded(process):
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise timing.Failed(f"exit {process.returncode}: {said.read().decode(errors='replace').strip()[-300:]}")
    usages = [usage, *left()]
    cpu = sum(one.ru_utime + one.ru_stime for one in usages)
    return Cost(wall, cpu, sum(one.ru_minflt + one.ru_majflt for one in usages))


def left() -> Iterator[resource.struct_rusage]:
    """What the processes cost that a call has not waited for, and that have become our children."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            yield usage
        elif time.monotonic() > until:
            raise timing.Failed("a process that it has left does not end")
        else:
            time.sleep(0.001)


def modules(checkout: Path, words: list[str]) -> dict[str, tuple[int, int]]:
    """For each process of a call that ends by itself: how many modules it has, and how many of them are of TASKER."""
    path = Path("modules")
    path.unlink(missing_ok=True)
    spent([sys.executable, "-I", "-S", "-c", COUNTING, str(path.resolve()), str(checkout / "bin/tasker"), *words])
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    return {name: (int(every), int(ours)) for name, every, ours in sorted(rows, key=lambda row: row[0] != "driver")}


def compared(way: str, checkouts: list[Path], rounds: int) -> Iterator[str]:
    """The rows of one way. checkouts: this one and the other."""
    costs: list[list[Cost]] = [[] for _ in checkouts]
    for turn in range(-1, rounds):
        for number in (0, 1)[:: -1 if turn % 2 else 1]:
            cost = spent([*program(checkouts[number]), *WAYS[way]])
            shutil.rmtree(BASE, ignore_errors=True)
            if turn >= 0:  # the one before compiles, and fills the caches
                costs[number].append(cost)
    for what, (measure, shown) in MEASURES.items():
        figures = [list(map(measure, some)) for some in costs]
        here, other = map(min, figures)
        middle = [statistics.median(some) for some in figures]
        yield row(way, what, shown(here), shown(other), here / other, middle[0] / middle[1])
    counts = [modules(checkout, WAYS[way]) for checkout in checkouts]
    for name in dict.fromkeys([*counts[0], *counts[1]]):
        for place, what in enumerate(("modules", "modules of TASKER")):
            found = [one[name][place] if name in one else 0 for one in counts]
            ratio = found[0] / found[1] if found[1] else None
            yield row(way, f"{what}: {name}", str(found[0]), str(found[1]), ratio)
    shutil.rmtree(BASE, ignore_errors=True)


def row(way: str, what: str, here: str, other: str, least: float | None, middle: float | None = None) -> str:
    ratios = ["" if one is None else f"{one:.3f}" for one in (least, middle)]
    return f"| {' | '.join([way, what, here, other, *ratios])} |"


def commit(checkout: Path) -> str:
    words = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip() or "no commit"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, metavar="OTHER_CHECKOUT")
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args()
    checkouts = [ROOT, given.other.resolve()]
    if not (checkouts[1] / "bin/tasker").is_file():
        parser.error(f"there is no bin/tasker in '{given.other}'")
    if given.rounds < 1:
        parser.error("--rounds takes a number from 1 on")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or a folder would be left
    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become the reaper of what a call leaves")
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"Python {sys.version.split()[0]}, {given.rounds} rounds, load before: {load}")
    for name, checkout in zip(("here", "other"), checkouts):
        print(f"{name}: {checkout} ({commit(checkout)})")
    print("\n".join(["", *HEAD]))
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        os.chdir(folder)
        try:
            Path(FILE).write_text(TASK)
            for way in WAYS:
                for line in compared(way, checkouts, given.rounds):
                    print(line, flush=True)
        except timing.Failed as failed:
            print(f"failed: {failed}")
            return 1
        finally:
            os.chdir("/")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
