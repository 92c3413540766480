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
PIP = "TASKER: as pip installs it, with the pip of this Python"
NEW_PIP = "TASKER: as pip 25 or later installs it"  # whose script does not import `re`
REST = "imports of 100 modules, two forks and their page faults, two syncs"


def measure(bench):
    nothing = {
        NOTHING: Contestant([PYTHON, "-c", "pass"]),
        "python3 -I -S -c pass": Contestant([PYTHON, "-I", "-S", "-c", "pass"]),
    }
    dry = Contestant([*TASKER, "-l", "base", written(task_file(COMMAND, 1, 1), ".txt")])
    who = {"TASKER": tasker(COMMAND, 1, 1), "TASKER: dry run": dry, **nothing}
    ways = {PIP: sys.executable, NEW_PIP: ROOT / ".bench-venv/bin/python"} if bench.scale == "full" else {}
    for number, (way, python) in enumerate(ways.items()):
        if script := installed(f"installed{number}", python):
            who[way] = Contestant([script, *run_of(task_file(COMMAND, 1, 1))[len(TASKER) :]])
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
    for way in (PIP, NEW_PIP):
        title = f"one local task, {way.removeprefix('TASKER: ')}, in `{NOTHING}`"
        bench.goal(title, 3.5, task.ratio(NOTHING, way), beside=beside)
    bench.goal("a dry run of one task, in a run of it", 1, task.ratio("TASKER", "TASKER: dry run"), beside=beside)
    bench.goal(f"`tasker --help`, in `{NOTHING}`", 1.5, usage.ratio(NOTHING), beside=Beside(usage.named(NOTHING)))


def installed(name, pip):
    """The script of a virtual environment of the system's Python in which the pip of another Python has installed
    TASKER; None where it cannot."""
    place, copy = Path(name).absolute(), Path(f"{name}_source").absolute()
    ours = shutil.ignore_patterns(".git", ".venv*", ".bench-venv", "build", "dist", "tests", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, copy, symlinks=True, ignore=ours)  # pip builds where the source is
    if not Path(pip).exists():
        return None
    calls = (
        [PYTHON, "-m", "venv", "--without-pip", place],
        [pip, "-m", "pip", "--python", place / "bin/python", "install", "-q", "--no-deps", copy],
    )
    for call in calls:
        if subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return None
    return place / "bin/tasker"
