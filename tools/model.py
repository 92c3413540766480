#!/usr/bin/env python3
"""Check the models with spin: `make model`. All interleavings, every planted fault, traces of journals.

`tools/model.py` checks the model of a run, and that of the far side, then each of their faults.
`tools/model.py JOURNAL…` checks that the model of a run can write these journals. The exit code is 1 where a model has
an error, a fault is not found, or a journal cannot be written.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models/run.pml"
AGAIN = ROOT / "models/again.pml"  # runs that continue an ended one
TAIL = ROOT / "models/tail.pml"  # the end of a journal after a loss of power
FAR_SIDE = ROOT / "models/far_side.pml"  # a command that is delivered with a receipt


def faults_of(path: Path) -> tuple[str, ...]:
    """The faults that a model can be given: its comment lists them."""
    return tuple(re.findall(r"^ \*   ([A-Z_]+) ", path.read_text(), re.MULTILINE))


FAULTS, FAR_FAULTS = faults_of(MODEL), faults_of(FAR_SIDE)
Trace = tuple[tuple[str, int], ...]  # ("Intent" | "Result" | "Order", command 0 or 1), in the order of the journal


class Outcome(NamedTuple):
    """error: what spin found, "" for nothing. states: how many it has seen. complete: were these all?"""

    error: str
    states: int
    complete: bool


def checked(
    *defines: str, trace: Trace = (), small: bool = False, seconds: float = 600.0, model: Path = MODEL
) -> Outcome:
    """Look through all states of the model with these -D names. small: they are few, so compile quickly.

    Raises subprocess.CalledProcessError, TimeoutExpired.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(model, folder)
        flags = [f"-D{define}" for define in defines]
        if trace:
            (folder / "trace.h").write_text(header(trace))
            flags.append("-DTRACE")

        def run(*command: str) -> str:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=seconds)
            return done.stdout

        run("spin", "-a", *flags, model.name)
        run("gcc", "-O0" if small else "-O2", "-w", "-DSAFETY", "-DMEMLIM=12000", "-o", "pan", "pan.c")
        # -E: a trace that has come to its end stops the model in the middle
        said = run("./pan", "-m1000000", *(["-E"] if trace else []))
    found = re.search(r"^pan:1: (.*?)(?: \(at depth \d+\))?$", said, re.MULTILINE)
    states = re.search(r"^ *(\d+) states, stored", said, re.MULTILINE)
    return Outcome(found[1] if found else "", int(states[1]) if states else 0, "Search not completed" not in said)


def header(trace: Trace) -> str:
    """What the model includes of a trace."""
    count = len(trace)
    lines = [f"#define TRACE_LENGTH {count}", f"mtype trace_kind[{count}]; byte trace_command[{count}];"]
    lines += ["inline set_trace() {"]
    for at, (kind, command) in enumerate(trace):
        lines += [f"  trace_kind[{at}] = {kind}; trace_command[{at}] = {command};"]
    return "\n".join([*lines, "}", ""])


def traces(journal: Iterable[str]) -> Iterator[Trace]:
    """What a journal says of each two commands that follow each other: their intents, results, and orders to repeat."""
    records = []
    for line in journal:
        record = json.loads(line)
        if record["what"] in ("intent", "result"):
            records.append((record["what"].capitalize(), record["doc"].get("id") or record["doc"]["request"]["id"]))
    names = list(dict.fromkeys(name for _, name in records))
    for pair in zip(names, names[1:] or names, strict=False):
        made: list[tuple[str, int]] = []
        for kind, name in records:
            if name in pair:
                command = pair.index(name)
                last = next((one for one, other in reversed(made) if other == command), "")
                made += [("Order", command)] if kind == "Intent" and last == "Intent" else []
                made.append((kind, command))
        yield tuple(made)


def can_write(trace: Trace) -> bool:
    """Is there a way through the model on which exactly these records are written, in this order?"""
    return checked("DEATHS=2", "RESUMES=2", trace=trace, small=True).error.startswith("assertion violated 0")


def main(arguments: list[str]) -> int:
    good = True
    if arguments:
        seen: set[Trace] = set()
        for name in arguments:
            for trace in set(traces(Path(name).read_text().splitlines())) - seen:
                seen.add(trace)
                accepted = can_write(trace)
                good &= accepted
                print(
                    f"{name}: {' '.join(f'{kind}{command}' for kind, command in trace)}: {'ok' if accepted else 'NO'}"
                )
        return 0 if good else 1
    for model in (MODEL, AGAIN, TAIL, FAR_SIDE):
        good &= is_right(model)
    return 0 if good else 1


def is_right(model: Path) -> bool:
    """Has a model no error, and is each of its faults found? Says what it sees."""
    began = time.monotonic()
    outcome = checked(model=model, small=model in (AGAIN, TAIL))
    good = not outcome.error and outcome.complete
    took = time.monotonic() - began
    called = "model" if model == MODEL else f"model of {model.stem}"
    print(f"{called}: {outcome.error or 'no error'} in {outcome.states:,} states, {took:.0f} s")
    for fault in faults_of(model):
        fewer = ("DEATHS=1", "KILLS=1") if model == FAR_SIDE else ()
        outcome = checked(fault, *fewer, small=True, model=model)
        good &= bool(outcome.error)
        print(f"{fault}: {f'found: {outcome.error}' if outcome.error else 'NOT FOUND'} ({outcome.states:,} states)")
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
