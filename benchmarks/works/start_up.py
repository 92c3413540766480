"""Start-up: one local task, and --help, beside a Python that does nothing, and beside what others need for one echo."""

import sys

from rivals import OTHERS, SLOW, TASKER, local, tasker
from timing import Contestant

COMMAND = ["echo", "hello"]


def measure(bench):
    nothing = {
        "python3 -c pass": Contestant([sys.executable, "-c", "pass"]),
        "python3 -I -S -c pass": Contestant([sys.executable, "-I", "-S", "-c", "pass"]),
    }
    who = {"TASKER": tasker(COMMAND, 1, 1), **nothing}
    task = bench.compare("one local task", who, rounds=21, budget=10)
    usage = bench.compare("--help", {"TASKER": Contestant([*TASKER, "--help"]), **nothing}, rounds=21, budget=10)
    if bench.scale != "short":
        others = ("TASKER", "subprocess.run", "posix_spawn", "xargs -P", "make", *OTHERS, *SLOW)
        bench.compare("one echo, with other tools", local(others, COMMAND, 1, 1), rounds=7, budget=25)
    bench.goal("one local task, in `python3 -c pass`", 4, task.ratio("python3 -c pass"))
    bench.goal("`tasker --help`, in `python3 -c pass`", 2.5, usage.ratio("python3 -c pass"))
