#!/usr/bin/env python3
"""Look for branches of flow, conditions and journal that no test takes: `make branches`, some minutes.

A branch is each way out of an `if`, a `while` and a `for`, each handler of an exception, and the body of each function.
It counts as taken if a test takes it, in its own process or in one that it starts. The line of a branch that no test
can take ends with `# no branch: REASON`. The exit code is 1 if a branch without such a mark was never taken, or one
with a mark was.
"""

from __future__ import annotations

import ast
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mutants import TESTS
from traced_tests import LIBRARY, ROOT, Step, copied, traced

TARGETS = ("flow", "language/conditions", "journal")
MARK = re.compile(r"# no branch:(.*)")


class Branch(NamedTuple):
    """Out of these lines of a file. into: the lines where it begins; None is everywhere else than in `other`."""

    file: str
    line: int
    what: str
    out: range | None
    into: range | None
    other: range

    def is_taken(self, steps: set[Step]) -> bool:
        return any(
            step.file == self.file
            and (self.out is None or step.before in self.out)
            and (step.line in self.into if self.into else step.line not in self.other)
            for step in steps
        )


def sources() -> list[str]:
    """The files of TARGETS, from the root of the project."""
    found = [path for target in TARGETS for path in sorted((ROOT / LIBRARY / target).rglob("*.py"))]
    return [str(path.relative_to(ROOT)) for path in found]


def branches(file: str) -> Iterator[Branch]:
    """Those of a file, in the order of `ast`. What is there for types alone has none."""
    waiting: list[ast.AST] = [ast.parse((ROOT / file).read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases):
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.If | ast.While | ast.For):
            header = node.iter if isinstance(node, ast.For) else node.test
            out = range(node.lineno, (header.end_lineno or 0) + 1)
            inside = _start(node.body)
            if not (isinstance(header, ast.Constant) and header.value):
                # back to the header is a way out of a loop's body, and within a condition of several lines none of it
                yield Branch(file, node.lineno, "not entered", out, None, range(out.start, inside.stop))
            yield Branch(file, node.lineno, "entered", out, inside, inside)
        elif isinstance(node, ast.ExceptHandler):
            inside = _start(node.body)
            yield Branch(file, node.lineno, "exception", None, inside, inside)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                yield Branch(file, node.lineno, "called", None, _start(body), _start(body))


def _start(body: list[ast.stmt]) -> range:
    """The lines on which a body may begin: a call of several lines begins with its arguments."""
    silent = (ast.Global, ast.Nonlocal)  # no code is made of them, nor of a type alone
    first = next(
        one for one in body if not isinstance(one, silent) and not (isinstance(one, ast.AnnAssign) and not one.value)
    )
    if isinstance(first, ast.If | ast.While):
        end = first.test.end_lineno
    elif isinstance(first, ast.For):
        end = first.iter.end_lineno
    elif isinstance(first, ast.With):
        end = first.items[-1].context_expr.end_lineno
    elif isinstance(first, ast.Try):
        return range(first.lineno, _start(first.body).stop)
    elif isinstance(first, ast.FunctionDef):
        end = first.lineno
    else:
        end = first.end_lineno
    return range(first.lineno, (end or first.lineno) + 1)


def marks(file: str) -> dict[int, str]:
    """line -> the reason why a branch of it is not taken."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = {number: MARK.search(line) for number, line in enumerate(lines, start=1)}
    return {number: mark[1].strip() for number, mark in found.items() if mark}


def main() -> int:
    """The exit code. With a file as argument, the tests that mutants.py has traced are taken from it."""
    if sys.argv[1:]:
        tests = pickle.loads(Path(sys.argv[1]).read_bytes())
    else:
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        with tempfile.TemporaryDirectory(prefix="tasker-branches-", dir=memory) as name:
            tests = traced(copied(Path(name) / "0"), TESTS, TARGETS, lambda line: print(line, flush=True))
    of_file: dict[str, set[Step]] = {}
    for test in tests:
        for step in test.steps:
            of_file.setdefault(step.file, set()).add(step)
    count = taken = marked = wrong = 0
    for file in sources():
        reasons, used = marks(file), set()
        for branch in sorted(branches(file), key=lambda one: one.line):
            count += 1
            if branch.is_taken(of_file.get(file, set())):
                taken += 1
            elif branch.line in reasons:
                marked += 1
                used.add(branch.line)
            else:
                wrong += 1
                print(f"{file}:{branch.line}: {branch.what}: never")
        for line in sorted(set(reasons) - used):
            wrong += 1
            print(f"{file}:{line}: every branch of a line with a mark was taken")
    print(f"{count} branches, {taken} taken, {marked} with a reason why not")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
