"""Growth: parse, validation and plan of ever larger files; and the run of ever more tasks that do nothing."""

import shlex

from bench import Beside
from rivals import TASKER, tasker, written
from timing import Contestant

SIZES = {100: 5, 1000: 5, 10_000: 3, 100_000: 1}  # tasks: rounds
RUNS = {100: 5, 1000: 3, 10_000: 1}


def measure(bench):
    each = {}
    for count, rounds in (SIZES if bench.scale == "full" else {10: 1, 40: 1}).items():
        if count < 100_000:
            part(bench, count, ("parse",), rounds)
            part(bench, count, ("parse", "tasks"), rounds)
        each[count] = part(bench, count, ("parse", "tasks", "plan"), rounds)
    largest, before = max(each), sorted(each)[-2]
    beside = Beside(rest="730 calls of functions a task, none of which stands out")
    bench.goal("parse, validate and plan 100,000 tasks, a task", 120, each[largest], "µs", beside=beside)
    linear = each[largest] / each[before] if each[largest] and each[before] else None
    bench.goal("the same, a task, in that of 10,000 tasks (linear: 1)", 1.2, linear)
    for count, rounds in (RUNS if bench.scale == "full" else {3: 1, 6: 1}).items():
        title = f"run of {count:,} × true, one after another"
        took = bench.compare(title, {"TASKER": tasker(["true"], count, 1)}, rounds, min(3, rounds)).median("TASKER")
        bench.figure(f"{title}: a task", took and took / count * 1e3, "ms")


def part(bench, count, stages, rounds):
    """Microseconds a task for these stages in a pipe, start included; None if it failed."""
    title = f"{', '.join(stages)} of {count:,} tasks"
    who = {"TASKER": Contestant(piped(count, stages))}
    took = bench.compare(title, who, rounds, min(3, rounds), budget=20).median("TASKER")
    value = took and took / count * 1e6
    bench.figure(f"{title}: a task", value, "µs")
    return value


def piped(count, stages):
    file = written(text(count), ".txt")
    calls = [shlex.join([*TASKER, stage]) for stage in stages]
    return ["bash", "-c", f"set -o pipefail; {calls[0]} {file} | {' | '.join([*calls[1:], 'cat'])} >document"]


def text(count):
    """Tasks that each test, jump back, and use what the one before has left."""
    tasks = ["NAME=x", "task=0", "exec=local", "command=true"]
    for n in range(1, count):
        tasks += ["", f"task={n}", "exec=local", "command=echo", f"arguments=@{n - 1}_stdout@ @NAME@", "timeout=60"]
        tasks += [f"next=exit_0&stdout~{n}", f"on_failure={max(n - 7, 0)}"]
    return "\n".join(tasks)
