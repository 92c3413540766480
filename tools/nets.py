#!/usr/bin/env python3
"""Write the figures of docs/how-it-is-tested.md from a run of the nets: `make nets`, some minutes.

The text of the page is written by hand. Between the two marks stands what this program has seen. `--no-model` leaves
out the model, which needs spin, and keeps its line.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/how-it-is-tested.md"
BEGIN, END = "<!-- made by tools/nets.py: `make nets` -->\n", "<!-- until here -->\n"
sys.path.insert(0, str(ROOT / "tests/support"))

from lanes import LANE_OF  # noqa: E402

Rows = list[tuple[str, str]]


def output(*words: str, **more: str) -> str:
    """What a command prints. Raises CalledProcessError."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, **more})
    return done.stdout


def tests() -> Rows:
    """How many tests each lane has."""
    listed = output(sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    lanes = Counter(LANE_OF.get(line.split("/")[1], "") for line in listed.splitlines() if line.startswith("tests/"))
    parts = ", ".join(f"{lane} {count:,}" for lane, count in sorted(lanes.items()) if lane)
    return [("tests", f"{sum(lanes.values()):,} ({parts})")]


def worlds() -> Rows:
    """What the simulated worlds and the power cuts went through, and in which seed each planted fault is found."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "nets.xml"
        files = ["tests/whole/test_world.py", "tests/whole/test_power_cuts.py"]
        output(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *files)
        cases = list(ElementTree.parse(report).iter("testcase"))
    found: dict[str, list[float]] = {}
    for case in cases:
        for one in case.iter("property"):
            found.setdefault(one.get("name", ""), []).append(float(one.get("value", "nan")))
    seeds = found["seed of a planted fault"]
    return [
        (
            "simulated worlds in `make check`",
            f"{sum(found['worlds']):,.0f}, {min(found['worlds a second']):.0f} a second",
        ),
        ("planted faults that they find", f"{len(seeds)}, each in the first {max(seeds) + 1:,.0f} worlds"),
        (
            "power cuts",
            f"{sum(found['states of the disk']):,.0f} states of the disk at {sum(found['syncs']):,.0f} syncs",
        ),
    ]


def model() -> Rows:
    """What spin saw."""
    said = output(sys.executable, "tools/model.py")
    states = re.search(r"([\d,]+) states", said)
    faults = len(re.findall(r"^ \*   [A-Z_]+ ", (ROOT / "models/run.pml").read_text(), re.MULTILINE))
    return [("model", f"{states[1] if states else '?'} states without an error; {faults} planted faults found")]


def mutants() -> Rows:
    """What the last `make mutants` saw."""
    page = ROOT / "docs/mutants.md"
    said = re.search(r"Of (\d+) places (\d+) were drawn.*?\*\*(.*?)\*\*", page.read_text()) if page.exists() else None
    return [("mutants", f"{said[3]} of {said[2]} drawn from {said[1]} places")] if said else []


def table(rows: Rows) -> str:
    """The part of the page between the marks."""
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    head = f"\nSeen on {datetime.date.today():%-d %B %Y} ({machine}):\n\n| net | last run |\n| --- | --- |\n"
    return head + "".join(f"| {name} | {seen} |\n" for name, seen in rows) + "\n"


def main() -> int:
    """The exit code."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    made, _, after = rest.partition(END)
    kept = [("model", line.split("|")[2].strip()) for line in made.splitlines() if line.startswith("| model |")]
    rows = tests() + worlds() + (kept if "--no-model" in sys.argv else model()) + mutants()
    PAGE.write_text(before + BEGIN + table(rows) + END + after, encoding="utf-8")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
