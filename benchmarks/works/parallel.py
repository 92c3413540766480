"""Parallel: commands that do nothing, 50 at once, on this machine."""

from bench import Beside
from rivals import FLOOR, LIGHT, OTHERS, local

COMMAND = ["true"]
REST = "Python and JSON in driver, flow and runner; the start"


def measure(bench):
    many, few, at_once = bench.count(1000, 6), bench.count(20, 2), bench.count(50, 3)
    title = f"{many:,} × true, {at_once} at once"
    seen = bench.compare(title, local((*LIGHT, FLOOR), COMMAND, many, at_once), rounds=9, budget=35)
    more, wider = bench.count(10_000, 12), bench.count(500, 6)
    wide = local(("TASKER", "posix_spawn"), COMMAND, more, wider)
    larger = bench.compare(f"{more:,} × true, {wider} at once", wide, rounds=3, least=2, budget=60)
    peer = ""
    if bench.scale != "short":
        others = local(("TASKER", *OTHERS), COMMAND, many, at_once)
        peer = bench.compare(f"{title}, with other tools", others, rounds=3, budget=35).named(*OTHERS)
        slow = local(("TASKER", "ansible"), COMMAND, few, max(2, few))
        bench.compare(f"{few} × true, {few} at once, with other tools", slow, rounds=3, least=2, budget=25)
    beside = Beside(seen.named(FLOOR), seen.named("posix_spawn"), peer, REST)
    bench.goal("1,000 × `true`, 50 at once, in the bare spawn loop", 1.4, seen.ratio("posix_spawn"), beside=beside)
    bench.figure("the same, in CPU time of that loop", seen.ratio("posix_spawn", what="cpu"), "×")
    ours, theirs = larger.median("TASKER"), seen.median("TASKER")
    linear = ours / theirs * many / more if ours and theirs else None
    bench.goal("10,000 × `true`, 500 at once, a task, in 1,000 at 50 (linear: 1)", 1.1, linear)
