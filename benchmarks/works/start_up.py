"""Start-up: one local task, and --help, beside a Python that does nothing, and beside what others need for one echo."""

import sys

from rivals import LIGHT, MAKERS, TASKER, local
from timing import Contestant

COMMAND = ["echo", "hello"]


def measure(bench):
    nothing = {
        "python3 -c pass": Contestant([sys.executable, "-c", "pass"]),
        "python3 -I -S -c pass": Contestant([sys.executable, "-I", "-S", "-c", "pass"]),
    }
    who = LIGHT if bench.scale == "short" else MAKERS
    task = bench.compare("one local task", {**local(who, COMMAND, 1, 1), **nothing}, rounds=15, budget=40)
    usage = bench.compare("--help", {"TASKER": Contestant([*TASKER, "--help"]), **nothing}, rounds=21, budget=10)
    bench.goal("one local task, in `python3 -c pass`", 4, task.ratio("python3 -c pass"))
    bench.goal("`tasker --help`, in `python3 -c pass`", 2.5, usage.ratio("python3 -c pass"))
