"""How long TASKER takes, beside what people use instead, for the same work: `make bench`.

run.py [--short | --tiny] [WORK...]: all works, or these; --list names them. Everything runs several times, by turns,
so that a busy machine is busy for all; the ratio is the median of the ratios of pairs. Before each work it waits up to
a minute for a quiet machine (--busy: not at all), and the results say where it was not. All works, in full, write
RESULTS.md beside this file.
--short: three rounds of what is quickest to time; --tiny: counts so small that only whether it works can be seen.
"""

import argparse
import importlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import results
from bench import Bench
from machine import PATIENCE, Others

HERE = Path(__file__).resolve().parent
WORKS = ("start-up", "sequence", "parallel", "sleeping", "output", "hosts", "ssh", "growth", "fleet", "chain")
WORKS += ("gateways", "large")
SHORT = ("start-up", "parallel", "output")


def measure(work, bench):
    """In a folder of its own, which is gone afterwards."""
    bench.begin(work)
    module = importlib.import_module(f"works.{work.replace('-', '_')}")
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        os.chdir(folder)
        try:
            module.measure(bench)
        finally:
            os.chdir(before)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--short", dest="scale", action="store_const", const="short", default="full")
    scale.add_argument("--tiny", dest="scale", action="store_const", const="tiny")
    parser.add_argument("--busy", action="store_true", help="do not wait for a quiet machine")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if unknown := [work for work in given.works if work not in WORKS]:
        parser.error(f"no work is called {', '.join(unknown)}; there are {', '.join(WORKS)}")
    return given


def main():
    given = arguments()
    if given.list:
        print("\n".join(WORKS))
        return 0
    sys.stdout.reconfigure(line_buffering=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or a server and a folder would be left
    works = given.works or (SHORT if given.scale == "short" else WORKS)
    facts, began = list(results.facts()), time.monotonic()
    print("\n".join(facts))
    bench, others = Bench(given.scale), Others()
    for work in works:
        print(f"\n{work}, after {time.monotonic() - began:.0f} s")
        if given.scale != "tiny":
            others.before(work, 0.0 if given.busy else PATIENCE)
        measure(work, bench)
    took = f"{(time.monotonic() - began) / 60:.1f} minutes for all of it"
    facts += [others.line()] if others.seen else []
    print(
        "\n".join(
            [
                "",
                *facts[len(facts) - bool(others.seen) :],
                took,
                "",
                *results.goals(bench),
                *(f"failed: {one}" for one in bench.failed),
            ]
        )
    )
    if given.scale == "full" and set(works) == set(WORKS):
        (HERE / "RESULTS.md").write_text(results.page(bench, [*facts, took]))
    return 1 if bench.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
