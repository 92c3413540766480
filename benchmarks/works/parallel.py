"""Parallel: commands that do nothing, 50 at once, on this machine."""

from rivals import LIGHT, PLAIN, local

COMMAND = ["true"]


def measure(bench):
    many, few, at_once = bench.count(1000, 6), bench.count(50, 2), bench.count(50, 3)
    who = LIGHT if bench.scale == "short" else PLAIN
    seen = bench.compare(f"{many:,} × true, {at_once} at once", local(who, COMMAND, many, at_once), rounds=7, budget=60)
    if bench.scale != "short":
        slow = local(("TASKER", "subprocess.run", "ansible"), COMMAND, few, max(2, few))
        bench.compare(f"{few} × true, {few} at once", slow, rounds=3, least=2, budget=30)
    bench.goal("1,000 × `true`, 50 at once, in the bare spawn loop", 1.6, seen.ratio("posix_spawn"))
