"""Large: files of 100,000 tasks, a run over 10,000 and 100,000 hosts, a folder with 10,000 runs.

CPU time, and memory as the sum of what each process came to. The runs are made once, over a runner that starts nothing.
"""

import os
import re
import shlex
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench import Beside
from rivals import LOOPS, TASKER, run_of, written
from timing import SAID, Contestant, once

from works import growth

CALLS = {"plain": 344, "blocks": 840, "chain": 732}  # counted at 2,000 tasks: tests/project/test_growth.py
PAGE, LIMIT = "page.html", 16 << 20  # bytes of a task file
CHROMIUM = shutil.which("chromium")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIET += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
# to ask for a height makes the browser lay out all that it has
CLOCK = """addEventListener("load", () => {
  document.body.getBoundingClientRect();
  document.body.dataset.milliseconds = performance.now();
});"""


def measure(bench):
    tasks(bench)
    largest_file(bench)
    many_runs(bench)
    hosts(bench, bench.count(10_000, 5), 2)
    hosts(bench, bench.count(100_000, 9), 10, 300)
    records(bench, bench.count(100_000, 20) // 2)


def tasks(bench):
    count = bench.count(100_000, 20)
    for name, text in {"plain": plain, "blocks": blocks, "chain": growth.text}.items():
        file = written(text(count), ".txt")
        stages = [shlex.join([*TASKER, *words]) for words in (("parse", file), ("tasks",), ("plan",))]
        who = {"TASKER": Contestant(["bash", "-c", f"set -o pipefail; {' | '.join(stages)} >document"])}
        cpu = bench.compare(f"parse, tasks, plan of {count:,} tasks, {name}", who, 2, 1).median("TASKER", "cpu")
        figure, beside = cpu and cpu / count * 1e6, Beside(rest=f"{CALLS[name]} calls of functions a task")
        bench.goal(f"parse, validate and plan 100,000 tasks, {name}: CPU a task", 120, figure, "µs", beside=beside)


def plain(count):
    return "".join(f"\ntask={n}\nexec=local\ncommand=echo\narguments={n}\n" for n in range(count))


def blocks(count):
    """A parallel block of five and a conditional block of three, again and again."""
    made = []
    for n in range(0, count - 9, 10):
        after = f"on_success={n + 10}\non_failure={n + 10}\n" if n + 20 <= count else ""
        kept = f"on_success={n + 6}\non_failure={n + 6}\n"
        made.append(f"\ntask={n}\ntype=parallel\ntasks={n + 1}-{n + 5}\nmax_parallel=3\nnext=min_success=3\n{kept}")
        made.append(f"\ntask={n + 6}\ntype=conditional\ncondition=@NAME@=x\nif_true_tasks={n + 7},{n + 8}\n")
        made.append(f"if_false_tasks={n + 9}\n{after}")
        made += [f"\ntask={n + m}\nexec=local\ncommand=echo\n" for m in (1, 2, 3, 4, 5, 7, 8, 9)]
    return "NAME=x\n" + "".join(made)


def largest_file(bench):
    size = bench.count(LIMIT, 2000)
    one = plain(1).replace("arguments=0", f"arguments={'x' * 60}")
    text = "".join(one.replace("task=0", f"task={n}") for n in range(size // (len(one) + 6)))
    who = {"TASKER": Contestant([*TASKER, "plan", written(text, ".txt")])}
    seen = bench.compare(f"tasker plan of a file of {len(text) >> 10:,} KiB", who, 1, 1, watched=("TASKER",))
    beside = Beside(rest="places of all fields; the peaks of processes that are not large at the same time")
    bench.goal("plan of a file of 16 MiB: memory of all processes", 800, memory(seen), "MB", beside=beside)


def memory(seen):
    """Megabytes of all processes together, if each came to its most at the same moment."""
    runs = seen.runs.get("TASKER")
    return max(sum(one.peak for one in run.processes.values()) for run in runs) / 1e6 if runs else None


def many_runs(bench):
    count = bench.count(10_000, 5)
    once(Contestant([*TASKER, "-r", "-l", "many", written("task=0\nexec=local\ncommand=true\n", ".txt")]))
    (first,) = Path("many/runs").iterdir()
    for n in range(1, count):
        folder = first.with_name(f"20200101_{n:06}_{first.name[-6:]}")
        folder.mkdir(mode=0o700)
        shutil.copy2(first / "journal.jsonl", folder)
    title = f"tasker runs, {count:,} runs in the folder"
    cpu = bench.compare(title, {"TASKER": Contestant([*TASKER, "runs", "-l", "many"])}).median("TASKER", "cpu")
    bench.goal("`tasker runs` with 10,000 runs: CPU", 0.3, cpu, "s")


def hosts(bench, count, seconds, megabytes=None):
    """Report of a run over this many hosts, and its page; where there is a bound for its memory, resume instead."""
    base, title = f"over{count}", f"a run over {count:,} hosts"
    run_over(count, base)
    call = [*TASKER, "report", "-l", base, "--output", "text", "last"]
    seen = bench.compare(f"report of {title}", {"TASKER": Contestant(call)}, 3, 1, watched=("TASKER",))
    beside = Beside(rest="each record is read, verified, and replayed through flow")
    bench.goal(f"report of {title}: CPU", seconds, seen.median("TASKER", "cpu"), "s", beside=beside)
    if megabytes:
        bench.goal(f"report of {title}: memory", megabytes, memory(seen), "MB", beside=beside)
        resumed(bench, title, base, seconds, megabytes)
    else:
        page(bench, title, base)
    shutil.rmtree(base)


def records(bench, count):
    base = f"over{count}"
    run_over(count, base)
    resumed(bench, f"a run with {2 * count:,} records", base, 3)
    shutil.rmtree(base)


def resumed(bench, title, base, seconds, megabytes=None):
    """Its driver died before it had written that the run was over."""
    (journal,) = Path(base).glob("runs/*/journal.jsonl")
    *lines, _, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines))
    who = {"TASKER": Contestant([*TASKER, "--resume", "-l", base, "last"], environment())}
    seen = bench.compare(f"resume of {title}", who, 1, 1, watched=("TASKER",))
    beside = Beside(rest="11 µs to read and verify a record, 40 µs to replay an event")
    bench.goal(f"resume of {title}", seconds, seen.median("TASKER"), "s", beside=beside)
    if megabytes:
        bench.goal(f"resume of {title}: memory of all processes", megabytes, memory(seen), "MB", beside=beside)


def run_over(count, base):
    """A run over this many hosts, in the folder `base`."""
    text = f"task=0\nhosts=web[1-{count}]\nexec=idle\ncommand=uptime\nmax_parallel=200\n"
    words = run_of(text, "--skip-host-validation")
    words[words.index("base")] = base
    once(Contestant(words, environment()))


def environment():
    """With the runner that starts nothing."""
    runner = Path("site/runners/idle")
    if not runner.exists():
        runner.parent.mkdir(parents=True)
        runner.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {LOOPS / "idle.py"} "$@"\n')
        runner.chmod(0o755)
        Path("site").chmod(0o755)
    return {"TASKER_PATH": str(Path("site").absolute()), "PATH": os.environ["PATH"]}


def page(bench, title, base):
    """The HTML page of a run: its size, and how long chromium takes to load it and to lay it out."""
    call = shlex.join([sys.executable, *TASKER[1:], "report", "-l", base, "--html", "last"]).replace("-I -S", "-I")
    seen = bench.compare(f"page of {title}", {"TASKER": Contestant(["sh", "-c", f"{call} >{PAGE}"])}, 3, 1)
    if seen.median("TASKER") is None:
        return
    bench.goal(f"page of {title}: CPU", 2, seen.median("TASKER", "cpu"), "s")
    bench.goal(f"page of {title}: size", 15, Path(PAGE).stat().st_size / 1e6, "MB")
    if CHROMIUM and bench.scale != "tiny":
        opened = statistics.median(seconds_to_open(Path(PAGE)) for _ in range(3))
        bench.goal(f"page of {title}: opens in", 2, opened, "s")


def seconds_to_open(page):
    """From the start of the navigation until `load` and the layout after it, by the clock of the page itself.

    A copy of it is opened, with a script that its policy does not allow.
    """
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"), count=1)
    copy = Path("timed.html")
    copy.write_text(text.replace("</body>", f"<script>{CLOCK}</script></body>"), "utf-8")
    with tempfile.TemporaryDirectory() as profile:
        words = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--dump-dom", copy.absolute().as_uri()]
        once(Contestant(words))
    return float(re.search(rb'data-milliseconds="([0-9.]+)"', SAID.read_bytes())[1]) / 1000
