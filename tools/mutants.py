#!/usr/bin/env python3
"""Change the code at random places, one change at a time, and see whether a test notices: `make mutants`.

The sample is drawn from every place in TARGETS at which something can be changed. The tests that are run for a place
are those that execute its line, the quickest first. Survivors are written to docs/mutants.md, with the reason from
REASONS where there is one; the exit code is 1 if fewer than GOAL percent are killed.

`--count 600 --seed 1 --jobs 2`. Needs root: what is run is a program that does something else than it should, so each
run has a copy, a PID namespace and a view of the file system of its own (traced_tests.py).
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import pickle
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, takewhile
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import pytest
from traced_tests import LIBRARY, ROOT, Chosen, Test, copied, session, traced

TARGETS = (
    "flow",
    "language/conditions",
    "journal",
    "driver/write_ahead.py",
    "driver/resumed_run.py",
    "execution/local",
)
TESTS = ("tests/flow", "tests/language", "tests/simulation", "tests/system", "tests/report")
TESTS += ("tests/execution/test_supervise.py", "tests/execution/test_event_loop.py", "tests/execution/test_command.py")
TESTS += ("tests/execution/test_local_parts.py",)
TESTS += ("tests/driver/test_resume.py", "tests/driver/test_resume_hostile.py", "tests/whole/test_world.py")
TESTS += (
    "tests/driver/test_write_ahead.py",
    "tests/driver/test_secrets.py",
    "tests/journal",
    "tests/whole/test_power_cuts.py",
)
TESTS += ("tests/execution/test_replay.py", "tests/console/test_follow.py", "tests/protocol/test_arguments.py")
# for a place: seconds of the tests that are run first, and from how many files, as collecting one takes its time too;
# if these notice nothing, seconds of the next quickest, and then of the files that take few seconds as a whole and of
# some tests of each other file
FIRST, FILES, SECOND, THIRD, WHOLE = 1.0, 3, 6.0, 30.0, 3.0
SLOW = 0.5  # seconds
PAGE = "docs/mutants.md"
GOAL = 90
SWAPPED = {ast.Eq: ast.NotEq, ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.In: ast.NotIn, ast.Is: ast.IsNot}
SWAPPED |= {new: old for old, new in SWAPPED.items()}
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd}
# of survivors that were looked at: (file, how the line begins, what is there instead, why no test can notice)
REASONS = (
    (
        "execution/local/launcher.py",
        "self._set_limits(self._limit.caller",
        "(1)",
        "without a mark this limit is not set",
    ),
    ("execution/local/stream_capture.py", "folder = os.open", "(os.O_RDONLY & os.O_DIRECTORY)", "it is a folder"),
    (
        "execution/local/supervisor.py",
        "stream.drain(to_the_end=True)",
        "(False)",
        "a pipe that gives a short piece is empty",
    ),
    ("flow/coroutines.py", "self.sleeping.discard(identity)", "pass", "no id is used twice"),
    ("flow/coroutines.py", "super().__init__(reason)", "pass", "an exception keeps its arguments by itself"),
    (
        "flow/idle_cycle.py",
        "if number not in inside and",
        "(number not in inside or number in index.tasks)",
        "a member that two blocks have is gone through twice",
    ),
    ("flow/idle_cycle.py", "self._age, self._patience = 0, 1", "(2)", "a cycle is noticed some turns later"),
    ("flow/idle_cycle.py", "self._age, self._patience = 0, 2", "(3)", "a cycle is noticed some turns later"),
    ("flow/preconditions.py", "if not (type(rules", "(2)", "both numbers are valid rules"),
    ("flow/request.py", "return 0", "(1)", "a dry run ends with 0 whatever it returns"),
    ("flow/task.py", "STEPS_WITHOUT_YIELD", "(10001)", "when flow hands over its steps changes none of them"),
    ("flow/task.py", "run.checked += 1", "(2)", "only whether it has changed is read"),
    ("flow/task.py", "run.checked += 1", "run.checked -= 1", "only whether it has changed is read"),
    ("flow/task.py", "stopped.waiting_for_slot = True", "(False)", "when a delay is ended, no slot is given any more"),
    ("flow/values.py", "parts = run.index", "(True)", "nothing reads this key there"),
    ("journal/reader.py", "while len(data)", "(end + start)", "a read of no bytes ends the loop as well"),
    ("journal/stored_streams.py", "_LARGE", "(4 * 1024 // 1024)", "both implementations give the same hash"),
    ("journal/stored_streams.py", "_LARGE", "(5)", "both implementations give the same hash"),
    ("journal/trace.py", "return place[0]", "(1)", "both numbers of a place are whole numbers"),
    ("language/conditions/decimals.py", "return -1 if", "(first[0] <= second[0])", "the two are not equal there"),
    ("language/conditions/decimals.py", "return first[0] if", "(first[1] >= second[1])", "the two are not equal there"),
    ("language/conditions/predicate_parser.py", "code = int(", "(257)", "each number above 255 is refused"),
)

Key = tuple[str, str, str, int]


class Mutant(NamedTuple):
    """A change: of this file, from one offset to another, and the text that is there instead. line: where it is."""

    file: str
    line: int
    begin: int
    end: int
    text: str
    what: str


class Verdict(NamedTuple):
    """Of a place. there: the line; number: of the same changes in such lines of the file, from 0.

    by: the test that failed, or what else ended the tests; "" if none did; None if it was not tried yet.
    """

    file: str
    line: int
    there: str
    text: str
    what: str
    number: int
    by: str | None

    @property
    def key(self) -> Key:
        return self.file, self.there, self.text, self.number


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


class Choice:
    """Which tests are run for a place: those that execute its line, the quickest first."""

    def __init__(self, tests: list[Test], brief: bool) -> None:
        self.brief = brief
        self.seconds = {test.name: test.seconds for test in tests if test.name}
        self.whole = Counter[str]()  # seconds of each test file
        for name, seconds in self.seconds.items():
            self.whole[name.partition("::")[0]] += seconds  # type: ignore[assignment]  # a Counter takes any number
        self.passes: dict[str, bool] = {}  # does a test pass on an unchanged copy? Of those that have failed
        self.of_line: dict[tuple[str, int], set[str]] = {}
        self.of_file: dict[str, set[str]] = {}
        for test in tests:
            for file, _, line in test.steps:
                self.of_line.setdefault((file, line), set()).add(test.name)
                self.of_file.setdefault(file, set()).add(test.name)

    def parts(self, mutant: Mutant) -> Iterator[list[str]]:
        """Tests to run, one list after the other. What runs at import concerns every test of the file.

        The first are the quickest; of the rest, each test file has its turn, since its tests resemble each other.
        """
        found = self.of_line.get((mutant.file, mutant.line), set())
        if "" in found or not found:
            found = found | self.of_file.get(mutant.file, set())
        found = {name for name in found if name and self.passes.get(name, True)}
        waiting = sorted(found, key=lambda name: self.seconds[name])
        files: set[str] = set()
        for name in waiting:
            files |= {name.partition("::")[0]} if len(files) < FILES else set()
        if first := self._within(FIRST, [name for name in waiting if name.partition("::")[0] in files]):
            yield first
        waiting = [name for name in waiting if name not in first]
        if second := self._within(SECOND, waiting):
            yield second
        if self.brief:
            return
        turns = Counter[str]()
        placed = []
        for name in waiting[len(second) :]:
            file = name.partition("::")[0]
            turns[file] += 1
            placed.append((turns[file] * (self.whole[file] > WHOLE), self.seconds[name], name))
        if third := self._within(THIRD, [name for _, _, name in sorted(placed)]):
            yield third

    def _within(self, budget: float, names: list[str]) -> list[str]:
        """The first of these tests, as many as take that many seconds, and one at least."""
        sums = accumulate(self.seconds[name] for name in names)
        return names[: max(1, sum(1 for _ in takewhile(lambda seconds: seconds < budget, sums)))]

    def limit(self, names: list[str]) -> float:
        """Seconds. Measured under the tracer, which is slower: a change that makes a test hang ends here."""
        return 20 + 2 * sum(self.seconds[name] for name in names)


def killer(place: Path, mutant: Mutant, choice: Choice, number: int) -> str:
    """The test that notices, "a time limit" or such; "" for a survivor.

    A slow test may fail for other reasons: it notices nothing if it fails on the unchanged copy as well.
    """
    while choice.seconds.get(by := _failed(place, mutant, choice, number), 0.0) > SLOW:
        if by not in choice.passes:
            choice.passes[by] = session(place, [by], choice.limit([by]), [], isolated=True) == 0
        if choice.passes[by]:
            break
        print(f"{by} fails without a change", flush=True)
    return by


def _failed(place: Path, mutant: Mutant, choice: Choice, number: int) -> str:
    """The test that fails with the change, or what else ended the tests."""
    path = place / mutant.file
    before, times = path.read_bytes(), path.stat()
    path.write_bytes(before[: mutant.begin] + mutant.text.encode() + before[mutant.end :])
    # bytecode is known by the time and the size of its source: no two changes have the same time
    os.utime(path, (times.st_atime, times.st_mtime + 10 * number))
    try:
        for names in choice.parts(mutant):
            noted = Noted(place.with_name(f"{place.name}.failed"))
            files = sorted({name.partition("::")[0] for name in names})
            status = session(place, files, choice.limit(names), [Chosen(names), noted], isolated=True)
            if status is None:
                return "a time limit"
            if status:
                return noted.name() or f"status {status}"
        return ""
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


class Noted:
    """A plugin of pytest: writes down which test failed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.path.write_text(report.nodeid)

    def name(self) -> str:
        return self.path.read_text()


def read_verdicts(files: list[Path]) -> tuple[list[Verdict], int]:
    """(the last verdict of each place, how many places survived at least once)."""
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    verdicts = [Verdict(*json.loads(line)) for line in lines]
    return list({one.key: one for one in verdicts}.values()), len({one.key for one in verdicts if one.by == ""})


def keys(places: list[Mutant]) -> dict[Mutant, Key]:
    """How each place is known after lines were added and removed."""
    made: dict[Mutant, Key] = {}
    count = Counter[tuple[str, str, str]]()
    for place in sorted(places, key=lambda one: (one.file, one.begin)):
        same = (place.file, line_of(place), place.text)
        made[place] = (*same, count[same])
        count[same] += 1
    return made


def line_of(mutant: Mutant) -> str:
    """The line of a place, as it is written, without its comment."""
    return (ROOT / mutant.file).read_text(encoding="utf-8").splitlines()[mutant.line - 1].partition("  # ")[0].strip()


def page(verdicts: list[Verdict], places: int, seed: str, how: str) -> str:
    """docs/mutants.md. how: sentences about how it was run."""
    survivors = sorted(one for one in verdicts if not one.by)
    drawn, killed = len(verdicts), len(verdicts) - len(survivors)
    lines = [
        "# Mutants that survived",
        "",
        "<!-- made by tools/mutants.py: `make mutants` -->",
        "",
        "`make mutants` changes the code at random places, one change at a time, and runs the tests that execute the "
        "line. What no test notices is listed here: a test is missing, or the change changes nothing.",
        "",
        f"Of {places} places {drawn} were drawn (seed {seed}): **{killed} killed, {100 * killed / drawn:.1f} %**.{how}",
        "",
        "| file | line | there | instead | reason |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in survivors:
        there, text = (words.replace("|", "\\|") for words in (one.there, " ".join(one.text.split())))
        lines.append(
            f"| {one.file.removeprefix(LIBRARY + '/')} | {one.line} | `{there}` | `{text}` | {reason_of(one)} |"
        )
    return "\n".join(lines) + "\n"


def reason_of(verdict: Verdict) -> str:
    """Why no test can notice it, or ""."""
    file = verdict.file.removeprefix(LIBRARY + "/")
    found = (
        why
        for name, there, text, why in REASONS
        if (name, text) == (file, verdict.text) and verdict.there.startswith(there)
    )
    return next(found, "")


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--verdicts", type=Path, default=ROOT / "build/mutants.jsonl", help="where they are kept")
    again = "verdicts of an earlier sample, perhaps unfinished: what was not killed is taken again"
    parser.add_argument("--again", type=Path, nargs="+", help=again)
    parser.add_argument("--tests", type=Path, help="what tests execute: is read if it is there, and written")
    parser.add_argument("--retrace", nargs="+", default=[], help="test files that have changed since --tests")
    parser.add_argument("--brief", action="store_true", help="without the last part of the tests of a survivor")
    asked = parser.parse_args()
    began = time.monotonic()
    places = [mutant for file in sources() for mutant in mutants(file)]
    named = keys(places)
    if asked.again:
        read, survived = read_verdicts(asked.again)
        verdicts = {one.key: one for one in read}
    else:
        drawn = random.Random(asked.seed).sample(places, min(asked.count, len(places)))
        verdicts, survived = {named[one]: verdict_of(one, named[one], None) for one in drawn}, 0
    known = {key: place for place, key in named.items()}
    earlier = [one for one in verdicts.values() if one.by == ""]
    gone = [one for one in verdicts.values() if not one.by and one.key not in known]
    waiting = [known[one.key] for one in verdicts.values() if one.by is None and one.key in known]
    waiting += [known[one.key] for one in earlier if one.key in known]
    for one in gone:
        del verdicts[one.key]
    asked.verdicts.parent.mkdir(exist_ok=True)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="tasker-mutants-", dir=memory) as name:
        first = copied(Path(name) / "0")
        choice = Choice(tests_of(first, asked.tests, asked.retrace), asked.brief)
        print(f"{len(places)} places, {len(waiting)} to be tried", flush=True)
        copies: Queue[Path] = Queue()
        for number in range(asked.jobs):
            copies.put(copied(Path(name) / str(number), first) if number else first)

        def taken(numbered: tuple[int, Mutant]) -> Verdict:
            number, mutant = numbered
            place = copies.get()
            try:
                return verdict_of(mutant, named[mutant], killer(place, mutant, choice, number))
            finally:
                copies.put(place)

        alive = 0
        with ThreadPoolExecutor(asked.jobs) as pool, open(asked.verdicts, "w", encoding="utf-8") as file:
            for verdict in verdicts.values():
                print(json.dumps(verdict), file=file)
            for done, one in enumerate(pool.map(taken, enumerate(waiting, start=1)), start=1):
                verdicts[one.key] = one
                print(json.dumps(one), file=file, flush=True)
                if not one.by:
                    alive += 1
                    print(f"survived: {one.file}:{one.line}: {one.what}: {one.text!r:.90}", flush=True)
                if done % 25 == 0:
                    seconds = time.monotonic() - began
                    print(f"{done} of {len(waiting)}: {done - alive} killed, {seconds:.0f} s", flush=True)
    minutes = (time.monotonic() - began) / 60
    how = ""
    if survived:
        how = f" {survived} of the places that were drawn had survived at first, and were tried again after tests had "
        how += "been added."
    if gone:
        how += f" The code of {len(gone)} more is no longer there, and they do not count."
    made = list(verdicts.values())
    (ROOT / PAGE).write_text(page(made, len(places), asked.seed, how), encoding="utf-8")
    killed = sum(bool(one.by) for one in made)
    print(f"{killed} of {len(made)} killed ({100 * killed / len(made):.1f} %), in {minutes:.0f} minutes")
    return 0 if 100 * killed >= GOAL * len(made) else 1


def verdict_of(mutant: Mutant, key: Key, by: str | None) -> Verdict:
    return Verdict(mutant.file, mutant.line, key[1], mutant.text, mutant.what, key[3], by)


def tests_of(place: Path, kept: Path | None, changed: list[str]) -> list[Test]:
    """What tests execute. kept: a file that has it, or gets it. changed: test files of which it is out of date."""
    tests: list[Test] = []
    if kept and kept.exists():
        tests = [one for one in pickle.loads(kept.read_bytes()) if one.name.partition("::")[0] not in changed]
    if changed or not tests:
        tests += traced(place, changed or TESTS, TARGETS, lambda line: print(line, flush=True), isolated=True)
    if kept:
        kept.write_bytes(pickle.dumps(tests))
    return tests


if __name__ == "__main__":
    raise SystemExit(main())
