"""Sequence: commands one after another, on this machine."""

from rivals import PLAIN, local

COMMAND = ["echo", "hello"]
SLOW = ("TASKER", "subprocess.run", "invoke", "pyinfra", "ansible")


def measure(bench):
    many, few = bench.count(1000, 3), bench.count(50, 2)
    seen = bench.compare(f"{many:,} × echo, one after another", local(PLAIN, COMMAND, many, 1), rounds=5, budget=75)
    bench.compare(f"{few} × echo, one after another", local(SLOW, COMMAND, few, 1), rounds=3, least=2, budget=30)
    bench.goal("1,000 sequential local tasks, in a `subprocess.run` loop", 1.8, seen.ratio("subprocess.run"))
