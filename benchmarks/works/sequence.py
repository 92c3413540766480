"""Sequence: commands one after another, on this machine."""

from rivals import LIGHT, OTHERS, SLOW, local

COMMAND = ["echo", "hello"]


def measure(bench):
    many, few = bench.count(1000, 3), bench.count(20, 2)
    seen = bench.compare(f"{many:,} × echo, one after another", local(LIGHT, COMMAND, many, 1), rounds=7, budget=35)
    for count, who in ((many, OTHERS), (few, SLOW)):
        title = f"{count:,} × echo, with other tools"
        bench.compare(title, local(("TASKER", *who), COMMAND, count, 1), rounds=3, least=2, budget=50)
    bench.goal("1,000 sequential local tasks, in a `subprocess.run` loop", 1.8, seen.ratio("subprocess.run"))
