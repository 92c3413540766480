"""RESULTS.md: where and when this was, the goals, and a section for each work."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

from bench import head
from rivals import PYTHON, TASKER, versions

GOALS = [
    "| goal | bound | figure | reached | floor | bare loop | best other tool | what holds the rest |",
    "| --- " * 8 + "|",
]


def facts():
    text = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{date.today()}, load before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}"
    yield f"{os.cpu_count()} × {model}, {memory:.1f} GiB, {platform.system()} {platform.release()}"
    version = first_line([PYTHON, "-c", "import sys; print(sys.version)"]).split()[0]
    yield f"Python {version} ({PYTHON}); where a library is needed, and for other tools, {platform.python_version()}"
    yield f"files on {filesystem(tempfile.gettempdir())}; fdatasync of a few bytes there: {syncing() * 1e6:.0f} µs"
    yield first_line([*TASKER, "--version"])
    yield from versions()


def filesystem(folder):
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    around = [(len(place), kind) for place, kind in mounts if Path(folder).is_relative_to(place)]
    return max(around, default=(0, "?"))[1]


def syncing():
    """Median seconds of an fdatasync after a line of a journal: a task costs two of them."""
    took = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(50):
            file.write(b"x" * 300)
            began = time.perf_counter()
            os.fdatasync(file)
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def first_line(argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout.partition("\n")[0].strip()


def goals(bench):
    return [*GOALS, *(goal.row() for goal in bench.goals)]


def page(bench, facts):
    lines = ["# Results", "", "How to read this: [README.md](README.md).", "", *(f"- {fact}" for fact in facts), ""]
    lines += ["## Goals", "", *goals(bench), ""]
    for work, tables in bench.rows.items():
        lines += [f"## {work}", ""]
        for kind, rows in tables.items():
            lines += [*head(kind), *rows, ""]
    if bench.failed:
        lines += ["## Failed", "", *(f"- {one}" for one in bench.failed), ""]
    return "\n".join(lines)
