#!/usr/bin/env python3
"""Change the code at random places, one change at a time, and see whether a test notices: `make mutants`.

The sample is drawn from every place in TARGETS at which something can be changed. The tests that are run for a place
are those that execute its line, the quickest first. Survivors are written to docs/mutants.md, with the reason from
REASONS where there is one; the exit code is 1 if fewer than GOAL percent are killed.

`--count 600 --seed 1 --jobs 2`. Runs in copies below /dev/shm or the folder for temporary files. No test is run that
starts whole programs: those that are chosen take seconds.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from queue import Queue
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = "library/tasker"
TARGETS = (
    "flow",
    "language/conditions",
    "journal",
    "driver/write_ahead.py",
    "driver/resumed_run.py",
    "execution/local",
)
# what is run to see which lines a test file executes; whole programs are not followed
TESTS = ("tests/flow", "tests/language", "tests/journal", "tests/simulation", "tests/system")
TESTS += ("tests/execution/test_supervise.py", "tests/execution/test_event_loop.py")
TESTS += ("tests/whole/test_world.py", "tests/whole/test_power_cuts.py")
SWIFT = 60.0  # seconds: test files that take longer are left out
PAGE = "docs/mutants.md"
GOAL = 90
SWAPPED = {ast.Eq: ast.NotEq, ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.In: ast.NotIn, ast.Is: ast.IsNot}
SWAPPED |= {new: old for old, new in SWAPPED.items()}
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd}
# of survivors that were looked at: (file, the line as it is written) -> why no test can notice
REASONS: dict[tuple[str, str], str] = {}

# a plugin for pytest: writes the lines of the targets that a test file executes, and how long it took
TRACER = """
import json, os, sys, time
ROOT, OUT = os.environ["MUTANTS_ROOT"], os.environ["MUTANTS_OUT"]
TARGETS = tuple(json.loads(os.environ["MUTANTS_TARGETS"]))
seen, began, wanted = set(), time.monotonic(), {}

def follow(frame, event, argument):
    if event == "line":
        seen.add((frame.f_code.co_filename, frame.f_lineno))
    return follow

def enter(frame, event, argument):
    name = frame.f_code.co_filename
    if name not in wanted:
        wanted[name] = os.path.realpath(name).startswith(TARGETS)
    if wanted[name]:
        seen.add((name, frame.f_lineno))
        return follow

def pytest_sessionstart(session):
    import threading
    threading.settrace(enter)
    sys.settrace(enter)

def pytest_sessionfinish(session, exitstatus):
    sys.settrace(None)
    lines = sorted({(os.path.relpath(os.path.realpath(name), ROOT), line) for name, line in seen})
    with open(OUT, "w") as file:
        json.dump({"status": int(exitstatus), "seconds": time.monotonic() - began, "lines": lines}, file)
"""


class Mutant(NamedTuple):
    """A change: of this file, from one offset to another, and the text that is there instead. line: where it is."""

    file: str
    line: int
    begin: int
    end: int
    text: str
    what: str


class Covered(NamedTuple):
    """What a test file executes. seconds: how long it takes."""

    seconds: float
    lines: set[tuple[str, int]]


def sources() -> list[str]:
    """The files of TARGETS, from the root of the project."""
    found = []
    for target in TARGETS:
        path = ROOT / LIBRARY / target
        found += [path] if path.suffix else sorted(path.rglob("*.py"))
    return [str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py"]


def mutants(file: str) -> Iterator[Mutant]:
    """Every change of a file that is tried."""
    text = (ROOT / file).read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    data = text.encode()
    for node in _nodes(ast.parse(text)):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        for changed, what in _changes(node):
            if (new := ast.unparse(changed)) != data[begin:end].decode():
                whole = new if isinstance(node, ast.stmt) else f"({new})"
                yield Mutant(file, node.lineno, begin, end, whole, what)


def _nodes(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    """What is executed in a run: no types, docstrings, decorators, slots, nor texts of exceptions and notes."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.AnnAssign):
            waiting += [node.value] if node.value else []
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.args.defaults, *node.body]
            continue
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__slots__", "TYPE_CHECKING", "USAGE"):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        waiting += ast.iter_child_nodes(node)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """(the node as it is changed, what was done)."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPPED:
        yield ast.Compare(node.left, [SWAPPED[type(node.ops[0])]()], node.comparators), "comparison"
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values), "and, or"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, "not left out"
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right), "arithmetic"
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value), "truth value"
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1), "number"
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body), "branches of an expression"
    elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None)), "return of nothing"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass(), "call left out"
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value), "arithmetic"
    elif isinstance(node, ast.Continue | ast.Break):
        yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue(), "break, continue"


def copied(folder: Path) -> Path:
    """A copy of the project, without what tests do not need."""
    left = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "build", "dist", ".pytest_cache", ".mypy_cache")
    shutil.copytree(ROOT, folder, ignore=left, symlinks=True)
    return folder


def run_tests(place: Path, tests: list[str], seconds: float, **more: str) -> int | None:
    """The exit status of pytest, None after so many seconds."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    process = subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place), **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return None


def coverage(place: Path, jobs: int) -> dict[str, Covered]:
    """test file -> what it executes, of those that pass and are swift."""
    (place / "mutants_tracer.py").write_text(TRACER)
    files = [path for name in TESTS for path in sorted((place / name).rglob("test_*.py")) or [place / name]]
    targets = json.dumps([str(place / LIBRARY / target) for target in TARGETS])

    def covered(path: Path) -> tuple[str, Covered | None]:
        name = str(path.relative_to(place))
        out = tempfile.mktemp(dir=place)
        more = {"MUTANTS_ROOT": str(place), "MUTANTS_OUT": out, "MUTANTS_TARGETS": targets, "TASKER_SWEEP": "200"}
        began = time.monotonic()
        status = run_tests(place, ["-p", "mutants_tracer", name], SWIFT * 4, **more)
        if status != 0 or not os.path.exists(out):
            return name, None
        found = json.loads(Path(out).read_text())
        lines = {(file, line) for file, line in found["lines"]}
        return name, Covered(time.monotonic() - began, lines) if lines else None

    with ThreadPoolExecutor(jobs) as pool:
        return {name: found for name, found in pool.map(covered, files) if found}


def is_killed(place: Path, mutant: Mutant, known: dict[str, Covered]) -> bool:
    """Does a test notice? The quickest that execute the line are run."""
    path = place / mutant.file
    before = path.read_bytes()
    choice = [name for name, found in known.items() if (mutant.file, mutant.line) in found.lines]
    choice.sort(key=lambda name: known[name].seconds)
    path.write_bytes(before[: mutant.begin] + mutant.text.encode() + before[mutant.end :])
    try:
        limit = 30 + 3 * sum(known[name].seconds for name in choice)
        return bool(choice) and run_tests(place, choice, limit, TASKER_SWEEP="200") != 0
    finally:
        path.write_bytes(before)


def page(drawn: int, places: int, survivors: list[Mutant], minutes: float, seed: str) -> str:
    """docs/mutants.md."""
    killed = drawn - len(survivors)
    lines = [
        "# Mutants that survived",
        "",
        "<!-- made by tools/mutants.py: `make mutants` -->",
        "",
        "`make mutants` changes the code at random places, one change at a time, and runs the tests that execute the "
        "line. What no test notices is listed here: a test is missing, or the change changes nothing.",
        "",
        f"Of {places} places {drawn} were drawn (seed {seed}): **{killed} killed, {100 * killed / drawn:.1f} %**, "
        f"in {minutes:.0f} minutes.",
        "",
        "| file | line | change | there | reason |",
        "| --- | --- | --- | --- | --- |",
    ]
    for file, group in groupby(sorted(survivors), key=lambda one: one.file):
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()
        for one in group:
            there = text[one.line - 1].strip()
            shown = there.replace("|", "\\|")
            lines.append(f"| {file} | {one.line} | {one.what} | `{shown}` | {REASONS.get((file, there), '')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    began = time.monotonic()
    places = [mutant for file in sources() for mutant in mutants(file)]
    drawn = random.Random(asked.seed).sample(places, min(asked.count, len(places)))
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="tasker-mutants-", dir=memory) as name:
        copies: Queue[Path] = Queue()
        for number in range(asked.jobs):
            copies.put(copied(Path(name) / str(number)))
        known = coverage(copied(Path(name) / "whole"), asked.jobs)
        print(f"{len(places)} places, {len(known)} test files that execute them", flush=True)

        def survives(mutant: Mutant) -> bool:
            place = copies.get()
            try:
                return not is_killed(place, mutant, known)
            finally:
                copies.put(place)

        survivors = []
        with ThreadPoolExecutor(asked.jobs) as pool:
            for done, (mutant, alive) in enumerate(zip(drawn, pool.map(survives, drawn), strict=True), start=1):
                if alive:
                    survivors.append(mutant)
                    print(f"survived: {mutant.file}:{mutant.line}: {mutant.what}: {mutant.text!r:.60}", flush=True)
                if done % 25 == 0:
                    print(f"{done} of {len(drawn)}: {done - len(survivors)} killed", flush=True)
    minutes = (time.monotonic() - began) / 60
    (ROOT / PAGE).write_text(page(len(drawn), len(places), survivors, minutes, asked.seed), encoding="utf-8")
    killed = len(drawn) - len(survivors)
    print(f"{killed} of {len(drawn)} killed ({100 * killed / len(drawn):.1f} %), in {minutes:.0f} minutes")
    return 0 if 100 * killed >= GOAL * len(drawn) else 1


if __name__ == "__main__":
    raise SystemExit(main())
