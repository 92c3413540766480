"""Sleeping: many commands that only wait, all at once: what is left over beside them."""

from bench import Beside, number
from rivals import LIGHT, OTHERS, local


def measure(bench):
    many, second = bench.count(200, 4), bench.count(1.0, 0.1)
    who = local((*LIGHT, *OTHERS), ["sleep", f"{second:g}"], many, many)
    seen = bench.compare(f"{many} × sleep {second:g}, all at once", who, rounds=5, budget=30)
    took = seen.median("TASKER")
    rest = "the start; 200 commands that are started one after another by one runner"
    beside = Beside(f"sleep {number(second)} s", seen.named("posix_spawn"), seen.named(*OTHERS), rest)
    bench.goal("200 × `sleep 1`, 200 at once, over the second", 0.15, took and took - second, "s", beside=beside)
