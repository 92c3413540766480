"""Large output of one command: zeros without a line end, and lines; time, and the memory of each process."""

from pathlib import Path

from bench import Beside
from rivals import LIGHT, local

LINES = (*LIGHT, "GNU parallel", "doit", "pdsh")
REST = "the file is synced, then hashed: both before its result is recorded"
SLOW = ("TASKER", "clush", "pyinfra", "ansible")  # clush takes half a minute for 100 MB
LINE = b"2026-11-27 12:00:00 host service[1234]: what a program says of what it does, one hundred bytes a line\n"


def measure(bench):
    size, small = bench.count(100_000_000, 100_000), bench.count(10_000_000, 10_000)
    megabytes = f"{size / 1e6:g} MB"
    Path("lines").write_bytes(LINE * (size // len(LINE)))
    zeros, lines = ["head", "-c", str(size), "/dev/zero"], ["cat", "lines"]
    rows = {
        "zeros": (f"{megabytes} of zeros", local(LIGHT, zeros, 1, 1)),
        "lines": (f"{megabytes} in lines", local(LIGHT if bench.scale == "short" else LINES, lines, 1, 1)),
    }
    for what, (title, who) in rows.items():
        seen = bench.compare(title, who, rounds=7, budget=30)
        beside = Beside(seen.named("posix_spawn"), seen.named("subprocess.run"), seen.named("xargs -P", "make"), REST)
        ratio = seen.ratio("subprocess.run")
        bench.goal(f"100 MB of output ({what}), in Python's capture", 1.3, ratio, beside=beside)
    if bench.scale == "short":
        return
    for what, (title, who) in rows.items():
        seen = bench.memory(title, who)
        for process in ("driver", "flow", "runner"):
            bench.goal(f"100 MB of output ({what}), memory of the {process}", 40, seen.peak("TASKER", process), "MB")
    Path("few").write_bytes(LINE * (small // len(LINE)))
    bench.compare(f"{small / 1e6:g} MB in lines", local(SLOW, ["cat", "few"], 1, 1), rounds=2, least=1, budget=20)
