"""Use TASKER as a person does: `tasker` on PATH, started with the interpreter of the tests, and a home for logs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUBS = ROOT / "tests/data/stubs"


def home(folder: Path) -> dict[str, str]:
    """Make a home with `tasker` in its bin/; gives the environment of somebody who lives there."""
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    (binaries / "tasker").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/bin/tasker" "$@"\n')
    (binaries / "tasker").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TASK", "STUB_", "XDG_"))}
    kept |= {"HOME": str(folder), "TASKER_SYSTEM_CONFIG": ""}
    return {**kept, "LC_ALL": "C.UTF-8", "PATH": f"{binaries}:{os.environ['PATH']}"}


def run(argv: Sequence[object], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What a command prints on both streams, in order, and its exit status."""
    return subprocess.run(
        [str(word) for word in argv],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )


def executed(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The tasks that the log says were started, in order: '5' for a task or block, '5-6' for task 6 of block 5."""
    return re.findall(r"\] Executing Task ([0-9-]+)", done.stdout)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the tasks wrote to stdout, one entry a line."""
    return re.findall(r"\] Task [0-9]+ stdout: (.*)", done.stdout)


def out_of_order(lines: Sequence[str], text: str) -> str | None:
    """The first of these lines that is in no line of the text behind the one before it; None when all are there.

    The hosts of one task may have ended in any order.
    """
    shown = iter(_with_hosts_sorted(text.splitlines()))
    return next((line for line in _with_hosts_sorted(lines) if not any(line in there for there in shown)), None)


def _with_hosts_sorted(lines: Sequence[str]) -> list[str]:
    groups = groupby(lines, lambda line: (found := re.search(r"\[INFO\] Task \S+ on (?=\S+: )", line)) and found[0])
    return [line for task, group in groups for line in (sorted(group, key=_after_the_time) if task else group)]


def _after_the_time(line: str) -> str:
    return line[line.index("[INFO]") :]
