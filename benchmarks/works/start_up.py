"""Start-up: one local task from a clone and as pip installs it, a dry run, --help; beside a bare Python."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench import Beside
from rivals import OTHERS, PYTHON, ROOT, SLOW, TASKER, local, run_of, task_file, tasker, written
from timing import Contestant

COMMAND = ["echo", "hello"]
NOTHING = "python3 -c pass"
REST = "imports of 100 modules, two forks and their page faults, two syncs"


def measure(bench):
    nothing = {
        NOTHING: Contestant([PYTHON, "-c", "pass"]),
        "python3 -I -S -c pass": Contestant([PYTHON, "-I", "-S", "-c", "pass"]),
    }
    dry = Contestant([*TASKER, "-l", "base", written(task_file(COMMAND, 1, 1), ".txt")])
    who = {"TASKER": tasker(COMMAND, 1, 1), "TASKER: dry run": dry, **nothing}
    if bench.scale == "full" and (script := installed()):
        who["TASKER: as pip installs it"] = Contestant([script, *run_of(task_file(COMMAND, 1, 1))[len(TASKER) :]])
    task = bench.compare("one local task", who, rounds=31, budget=15)
    usage = bench.compare("--help", {"TASKER": Contestant([*TASKER, "--help"]), **nothing}, rounds=31, budget=10)
    peers = None
    if bench.scale != "short":
        others = ("TASKER", "subprocess.run", "posix_spawn", "xargs -P", "make", *OTHERS, *SLOW)
        peers = bench.compare("one echo, with other tools", local(others, COMMAND, 1, 1), rounds=7, budget=25)
    beside = Beside(
        task.named(NOTHING),
        peers.named("subprocess.run") if peers else "",
        peers.named(*OTHERS, *SLOW) if peers else "",
        REST,
    )
    bench.goal(f"one local task, in `{NOTHING}`", 3, task.ratio(NOTHING), beside=beside)
    bench.goal(f"one local task, CPU, in `{NOTHING}`", 4, task.ratio(NOTHING, what="cpu"), beside=beside)
    pip = task.ratio(NOTHING, "TASKER: as pip installs it")
    bench.goal(f"one local task, as pip installs it, in `{NOTHING}`", 3.5, pip, beside=beside)
    bench.goal("a dry run of one task, in a run of it", 1, task.ratio("TASKER", "TASKER: dry run"), beside=beside)
    bench.goal(f"`tasker --help`, in `{NOTHING}`", 1.5, usage.ratio(NOTHING), beside=Beside(usage.named(NOTHING)))


def installed():
    """The script of a virtual environment of the system's Python in which pip has installed TASKER; None where it
    cannot."""
    place, copy = Path("installed").absolute(), Path("source").absolute()
    ours = shutil.ignore_patterns(".git", ".venv*", ".bench-venv", "build", "dist", "tests", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, copy, symlinks=True, ignore=ours)  # pip builds where the source is
    calls = (
        [PYTHON, "-m", "venv", "--without-pip", place],
        [sys.executable, "-m", "pip", "--python", place / "bin/python", "install", "-q", "--no-deps", copy],
    )
    for call in calls:
        if subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return None
    return place / "bin/tasker"
