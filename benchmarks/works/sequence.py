"""Sequence: commands one after another, on this machine."""

from bench import Beside
from rivals import FLOOR, LIGHT, ONE_SYNC, OTHERS, SLOW, TWO_SYNCS, local

COMMAND = ["echo", "hello"]
REST = "three processes that take turns: driver 30 %, runner and start 24 %, flow 11 %"
SYNCED = ("TASKER", TWO_SYNCS, ONE_SYNC, "subprocess.run", FLOOR)


def measure(bench):
    many, few = bench.count(1000, 3), bench.count(20, 2)
    title = f"{many:,} × true, one after another"
    seen = bench.compare(title, local(SYNCED, ["true"], many, 1), rounds=7, budget=35)
    bench.figure("the same, in a loop with one sync a task, as TASKER has it", seen.ratio(ONE_SYNC), "×")
    bench.figure("the same, in a loop without a sync", seen.ratio("subprocess.run"), "×")
    bench.figure("the same, in CPU time of the loop with two syncs", seen.ratio(TWO_SYNCS, what="cpu"), "×")
    bench.compare(f"{many:,} × echo, one after another", local(LIGHT, COMMAND, many, 1), rounds=7, budget=35)
    title = "{:,} × echo, with other tools".format
    peers = bench.compare(title(many), local(("TASKER", *OTHERS), COMMAND, many, 1), rounds=3, least=2, budget=50)
    bench.compare(title(few), local(("TASKER", *SLOW), COMMAND, few, 1), rounds=3, least=2, budget=50)
    beside = Beside(seen.named(FLOOR), seen.named(TWO_SYNCS), peers.named(*OTHERS), REST)
    text = "1,000 sequential local tasks, in a loop with two syncs a task"
    bench.goal(text, 1.35, seen.ratio(TWO_SYNCS), beside=beside)
