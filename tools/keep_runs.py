#!/usr/bin/env python3
"""Make unfinished runs and keep them in tests/data/kept_runs/COMMIT/, for tests/journal/test_kept_runs.py to resume.

They show that later versions can read the journals of the version that made them. Each is started with the program of a
checkout and killed at a point that SCENARIOS names. Kept is what a resume needs, with paths, host, user, process id and
boot id replaced and the chain of hashes computed again.

usage: keep_runs.py [--checkout FOLDER] [--to FOLDER] [NAME...]
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests/data/kept_runs"
FILE = "deploy.txt"
# where the kept journals say that everything was
WORK, BASE, CHECKOUT = "/home/ops/work", "/home/ops/TASKER", "/opt/tasker"
HOST, BOOT, USER, PID = "jump1", "00000000-0000-4000-8000-000000000000", 1000, 4711
HASH = b',"hash":"'
PATIENCE = 20.0  # seconds in which a run has to reach its point


def shell(number: int, command: str, *more: str) -> str:
    return "\n".join([f"task={number}", "exec=shell", f"command={command}", *more]) + "\n\n"


def effect(word: str) -> str:
    return f"echo {word} >>effects"


def waiting(mark: int | str) -> str:
    """The beginning of a command that goes no further until there is a file `go`."""
    return f"until [ -e go ]; do touch begun.{mark}; sleep 0.05; done"


@dataclass
class Scenario:
    """text: the task file. begun: marks of the commands that have to be in flight. log: what the log has to contain.

    results: how many results the journal has to have. ending: what ends the run, a key of ENDINGS. environment: further
    variables. resumed: the options of a resume, which is then killed with the marks of `begun_again` in flight.
    """

    text: str
    begun: tuple[str, ...] = ()
    log: str = ""
    results: int = 0
    ending: str = "killed"
    environment: dict[str, str] = field(default_factory=dict)
    resumed: tuple[str, ...] = ()
    begun_again: tuple[str, ...] = ()


LINE = shell(0, effect("zero")) + shell(1, f"{waiting(1)}; {effect('one')}") + shell(2, effect("two"))

SEQUENCE = (
    shell(0, f"{effect('zero')}; echo hello", "sleep=0.1")
    + shell(1, f"{waiting(1)}; {effect('one')}", "next=success")
    + shell(2, effect("two-@0_stdout@"))
)

BLOCK = (
    "task=10\ntype=parallel\ntasks=11-16\nmax_parallel=3\nnext=min_success=3\non_failure=90\n\n"
    + shell(11, effect("eleven"))
    + shell(12, f"{effect('twelve')}; exit 1")
    + shell(13, f"{waiting(13)}; {effect('thirteen')}")
    + shell(14, f"{waiting(14)}; {effect('fourteen')}")
    + shell(15, f"{waiting(15)}; {effect('fifteen')}")
    + shell(16, effect("sixteen"))
    + shell(20, effect("@10_success_count@-of-@10_total_count@"), "return=0")
    + shell(90, effect("handler-@10_failed_count@"), "return=1")
)

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 7))
ON_A_HOST = (
    f"{effect('@0_hostname@-begun')}; case @0_hostname@ in *.1 | *.6) ;; *.2) exit 1;; "
    f"*) {waiting('@0_hostname@')};; esac; {effect('@0_hostname@')}"
)
FAN_OUT = (
    f"task=0\nhosts={','.join(HOSTS)}\nexec=shell\ncommand={ON_A_HOST}\n"
    "canary=1\nmax_parallel=3\nnext=min_success=3\non_failure=90\n\n"
    + shell(1, effect("@0_success_count@-of-@0_total_count@"), "return=0")
    + shell(90, effect("handler-@0_failed_count@"), "return=1")
)

ASLEEP = shell(0, effect("zero"), "sleep=600") + shell(1, effect("one"))

RETRIES = (
    "task=0\ntype=parallel\ntasks=1,2\nretry_failed=true\nretry_count=2\nretry_delay=2\nnext=all_success\n"
    "on_failure=90\n\n"
    + shell(1, effect("one"))
    + shell(2, f"{effect('try')}; [ -e go ]")
    + shell(3, effect("after"), "return=0")
    + shell(90, effect("handler"), "return=1")
)

TURN = f"if [ -e turned ]; then {waiting(90)}; fi; touch turned; {effect('turn')}"
LOOP = (
    shell(0, f"{effect('zero')}; exit 3", "next=exit_0", "on_failure=90")
    + shell(1, effect("never"), "return=0")
    + shell(90, TURN, "next=loop", "loop=2")
    + shell(91, effect("cleaned-after-@0_exit@"), "return=1")
)

NESTED = (
    "task=0\ntype=parallel\ntasks=1,2\nnext=all_success\n\n"
    + shell(1, effect("one"))
    + "task=2\ntype=conditional\ncondition=true\nif_true_tasks=3,4\nif_false_tasks=5\n\n"
    + shell(3, effect("three"))
    + shell(4, f"{waiting(4)}; {effect('four')}")
    + shell(5, effect("five"))
    + shell(6, effect("six"))
)

LATE_HOST = (
    shell(0, f"{effect('zero')}; echo localhost")
    + shell(1, f"{waiting(1)}; {effect('one-on-@0_stdout@')}", "hostname=@0_stdout@")
    + shell(2, effect("two-on-@0_stdout@"), "hostname=@0_stdout@")
)

# what is longer than 64 KiB is kept in a file, and the journal names that
LARGE = (
    shell(0, f"{effect('zero')}; printf %066000d 0; echo end")
    + shell(1, f"{waiting(1)}; {effect('one')}")
    + shell(2, effect("two"), "condition=@0_stdout@~end")
)

SECRET = (
    "secret=PW\nPW=env:KEPT_PW\n\n"
    + shell(0, f"{effect('zero')}; echo it is @PW@")
    + shell(1, f"{waiting(1)}; echo @PW@ | wc -c >>effects")
    + shell(2, "echo two-@PW@ | wc -c >>effects")
)

SCENARIOS = {
    "sequence": Scenario(SEQUENCE, begun=("1",)),
    "block": Scenario(BLOCK, begun=("13", "14", "15"), results=2),
    "fan_out": Scenario(FAN_OUT, begun=HOSTS[2:5], results=2),
    "asleep": Scenario(ASLEEP, log="sleeping 600"),
    "between_retries": Scenario(RETRIES, results=2),
    "loop_in_handler": Scenario(LOOP, begun=("90",), results=2),
    "nested": Scenario(NESTED, begun=("4",), results=2),
    "late_host": Scenario(LATE_HOST, begun=("1",)),
    "large_output": Scenario(LARGE, begun=("1",)),
    "secret": Scenario(SECRET, begun=("1",), environment={"KEPT_PW": "correct horse"}),
    "resumed": Scenario(
        LINE + shell(3, f"{waiting(3)}; {effect('three')}") + shell(4, effect("four")),
        begun=("1",),
        resumed=("--unknown=skip",),
        begun_again=("3",),
    ),
    "runner_killed": Scenario(ASLEEP, log="sleeping 600", ending="runner killed"),
    "terminated": Scenario(LINE, begun=("1",), ending="terminated"),
    "not_closed": Scenario(shell(0, effect("zero")), ending="not closed"),
}


# -- making a run


class Run:
    """One run of a scenario, below a folder that is thrown away."""

    def __init__(self, checkout: Path, folder: Path, scenario: Scenario) -> None:
        self.checkout, self.folder, self.scenario = checkout, folder, scenario
        self.work, self.base = folder / WORK[1:], folder / BASE[1:]
        self.work.mkdir(parents=True)
        (self.work / FILE).write_text(scenario.text)

    def make(self) -> Path:
        """The folder of the run, once it has ended."""
        scenario = self.scenario
        process = self.start("-r", "-l", str(self.base), FILE)
        try:
            if scenario.ending != "not closed":
                self.await_point(process, scenario.begun)
            self.end(process)
            if scenario.resumed:
                process = self.start("--resume", "-l", str(self.base), *scenario.resumed)
                self.await_point(process, scenario.begun_again)
                self.end(process)
        finally:
            kill([*children(process.pid), process.pid] if process.poll() is None else [])
        return self.run_folder()

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-I", str(self.checkout / "bin/tasker"), *words],
            cwd=self.work,
            env={**kept, "HOME": str(self.work.parent), "TASKER_SYSTEM_CONFIG": "", **self.scenario.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def run_folder(self) -> Path:
        (found,) = (self.base / "runs").iterdir()
        return found

    def await_point(self, process: subprocess.Popen[bytes], begun: tuple[str, ...]) -> None:
        until = time.monotonic() + PATIENCE
        while not self.at_point(begun):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"the run did not reach its point within {PATIENCE} s, or ended before")
            time.sleep(0.005)

    def at_point(self, begun: tuple[str, ...]) -> bool:
        log = "".join(path.read_text() for path in self.base.glob("logs/tasker_*.log"))
        journal = b"".join(path.read_bytes() for path in self.base.glob("runs/*/journal.jsonl"))
        marks = all((self.work / f"begun.{mark}").exists() for mark in begun)
        return marks and self.scenario.log in log and journal.count(b'"what":"result"') >= self.scenario.results

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End the run as its scenario says, and then whatever commands it has left."""
        ENDINGS[self.scenario.ending](self, process)
        process.wait(PATIENCE)
        mark = f"TASKER_ATTEMPT={self.run_folder().name}:".encode()
        while left := carrying(mark):
            kill(left)
            time.sleep(0.01)
        for path in self.work.glob("begun.*"):
            path.unlink()


def killed(run: Run, process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the runner, the other stages and the driver, which is stopped so that it sees no end of theirs."""
    process.send_signal(signal.SIGSTOP)
    kill([*children(process.pid), process.pid])


def runner_killed(run: Run, process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the runner alone: the driver records that it broke, and ends."""
    kill([pid for pid in children(process.pid) if name(pid).startswith("runner")])


def terminated(run: Run, process: subprocess.Popen[bytes]) -> None:
    process.terminate()


def not_closed(run: Run, process: subprocess.Popen[bytes]) -> None:
    """The run reaches its end; then the last record is removed, as if it had been killed just before it."""
    process.wait(PATIENCE)
    journal = run.run_folder() / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))


ENDINGS: dict[str, Callable[[Run, subprocess.Popen[bytes]], None]] = {
    "killed": killed,
    "runner killed": runner_killed,
    "terminated": terminated,
    "not closed": not_closed,
}


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def carrying(text: bytes) -> list[int]:
    """Pids of other processes with this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def kill(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


# -- keeping it, and taking it over


def changed(journal: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A journal with each record changed as text, and its chain of hashes computed again (docs/explanation/journal.md).

    change: takes and gives a record without its hash.
    """
    before, lines = b"", []
    for line in journal.splitlines():
        body = re.sub(rb'"before":"[0-9a-f]*"$', b'"before":"%s"' % before, change(line.rpartition(HASH)[0]))
        before = hashlib.sha256(body).hexdigest().encode()
        lines.append(body + HASH + before + b'"}\n')
    return b"".join(lines)


def run_id(journal: bytes) -> str:
    found = json.loads(journal.splitlines()[0])["doc"]["workflow"]["settings"]["run"]
    assert isinstance(found, str)
    return found


def inside(path: Path | str) -> bytes:
    """A path as it stands inside a JSON string."""
    return json.dumps(str(path), ensure_ascii=False)[1:-1].encode()


def keep(run: Path, work: Path, root: Path, checkout: Path, target: Path) -> None:
    """Copy what a resume needs, without what belongs to this machine."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    texts = {inside(checkout): CHECKOUT.encode(), inside(root): b"", boot.encode(): BOOT.encode()}
    facts = rb'"user":%d,"pid":\d+,"host":%s' % (os.getuid(), re.escape(json.dumps(os.uname().nodename).encode()))

    def neutral(record: bytes) -> bytes:
        for old, new in texts.items():
            record = record.replace(old, new)
        return re.sub(facts, b'"user":%d,"pid":%d,"host":"%s"' % (USER, PID, HOST.encode()), record)

    shutil.rmtree(target, ignore_errors=True)
    (target / "work").mkdir(parents=True)
    for path in (run / "output").iterdir():
        (target / "output").mkdir(exist_ok=True)
        shutil.copyfile(path, target / "output" / path.name)
    shutil.copyfile(run / "task_file.txt", target / "task_file.txt")
    for path in work.iterdir():
        if path.name != FILE:
            shutil.copyfile(path, target / "work" / path.name)
    (target / "journal.jsonl").write_bytes(changed((run / "journal.jsonl").read_bytes(), neutral))


def take_over(kept: Path, base: Path, work: Path, ago: float) -> str:
    """Put a kept run below `base` as a run of this user, started in the folder `work`; its id.

    ago: how many seconds ago its last record was written.
    """
    journal = (kept / "journal.jsonl").read_bytes()
    shift = time.time() - ago - json.loads(journal.splitlines()[-1])["at"]

    def mine(record: bytes) -> bytes:
        record = record.replace(WORK.encode(), inside(work)).replace(BASE.encode(), inside(base))
        return re.sub(rb'(?<="at":)[0-9.]+', lambda found: b"%.3f" % (float(found[0]) + shift), record, count=1)

    run = base / "runs" / run_id(journal)
    (run / "output").mkdir(parents=True)
    work.mkdir(exist_ok=True)
    for path in kept.glob("output/*"):
        shutil.copyfile(path, run / "output" / path.name)
    for path in kept.glob("work/*"):
        shutil.copyfile(path, work / path.name)
    shutil.copyfile(kept / "task_file.txt", run / "task_file.txt")
    shutil.copyfile(kept / "task_file.txt", work / FILE)
    (run / "journal.jsonl").write_bytes(changed(journal, mine))
    # whatever the umask: a resume refuses what others may change
    for folder in (base, base / "runs", run, run / "output"):
        folder.chmod(0o700)
    for path in run.rglob("*.*"):
        path.chmod(0o600)
    return run.name


def commit(checkout: Path) -> str:
    words = ["git", "-C", str(checkout), "rev-parse", "--short=7", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="its bin/tasker makes the runs; default: this one")
    parser.add_argument("--to", type=Path, help="default: tests/data/kept_runs/ and the commit of the checkout")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SCENARIOS)} (default: all)")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SCENARIOS):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    checkout = given.checkout.resolve()
    target = given.to or KEPT / commit(checkout)
    for scenario in given.names or SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="kept") as folder:
            run = Run(checkout, Path(folder), SCENARIOS[scenario])
            keep(run.make(), run.work, Path(folder), checkout, target / scenario)
        size = sum(path.stat().st_size for path in (target / scenario).rglob("*.*"))
        print(f"{target / scenario}: {size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
