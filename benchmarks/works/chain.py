"""Chain: five steps in order on each of many hosts, over a runner that does nothing: what a step costs us."""

import os
import sys
from pathlib import Path

from bench import Beside
from rivals import LOOPS, run_of
from timing import Contestant

STEPS = 5


def measure(bench):
    many, at_once = bench.count(10_000, 5), bench.count(200, 3)
    Path("site/runners").mkdir(parents=True)
    runner = Path("site/runners/idle")
    runner.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {LOOPS / "idle.py"} "$@"\n')
    runner.chmod(0o755)
    Path("site").chmod(0o755)
    environment = {"TASKER_PATH": str(Path("site").absolute()), "PATH": os.environ["PATH"]}
    ways = {"one wave": "", "waves": "waves=1,5,10%\n", "all hosts at once": f"max_parallel={many}\n"}
    for way, lines in ways.items():
        lines += "" if "max_parallel" in lines else f"max_parallel={at_once}\n"
        text = f"task=0\ntype=chain\nhosts=web[1-{many}]\ntasks=1-{STEPS}\n{lines}"
        text += "".join(f"\ntask={number}\nexec=idle\ncommand=step {number}\n" for number in range(1, STEPS + 1))
        title = f"{many:,} hosts × {STEPS} steps, {way}"
        who = {"TASKER": Contestant(run_of(text, "--skip-host-validation"), environment)}
        seen = bench.compare(title, who, rounds=3, least=1, budget=45, watched=("TASKER",))
        cpu, largest = seen.median("TASKER", "cpu"), seen.median("TASKER", "peak")
        if way == "one wave":
            beside = Beside(rest="JSON and Python in driver and flow")
            figure = cpu and cpu / (many * STEPS) * 1e3
            bench.goal(f"{title}: CPU a step, with the runner", 0.2, figure, "ms", beside=beside)
        else:
            bench.figure(f"{title}: CPU a step, with the runner", cpu and cpu / (many * STEPS) * 1e3, "ms")
        for process in ("driver", "flow"):
            bench.figure(f"{title}: memory of the {process}", largest and seen.peak("TASKER", process), "MB")
