"""Sequence: commands one after another, on this machine."""

from rivals import FLOOR, LIGHT, ONE_SYNC, OTHERS, SLOW, TWO_SYNCS, local

COMMAND = ["echo", "hello"]
SYNCED = ("TASKER", TWO_SYNCS, ONE_SYNC, "subprocess.run", FLOOR)


def measure(bench):
    many, few = bench.count(1000, 3), bench.count(20, 2)
    title = f"{many:,} × true, one after another"
    seen = bench.compare(title, local(SYNCED, ["true"], many, 1), rounds=7, budget=35)
    bench.goal("1,000 sequential local tasks, in a loop with two syncs a task", 1.35, seen.ratio(TWO_SYNCS))
    bench.figure("the same, in a loop with one sync a task, as TASKER has it", seen.ratio(ONE_SYNC), "×")
    bench.figure("the same, in a loop without a sync", seen.ratio("subprocess.run"), "×")
    bench.figure("the same, in CPU time of the loop with two syncs", seen.ratio(TWO_SYNCS, what="cpu"), "×")
    bench.compare(f"{many:,} × echo, one after another", local(LIGHT, COMMAND, many, 1), rounds=7, budget=35)
    for count, who in ((many, OTHERS), (few, SLOW)):
        title = f"{count:,} × echo, with other tools"
        bench.compare(title, local(("TASKER", *who), COMMAND, count, 1), rounds=3, least=2, budget=50)
