"""Run a program once: how long it took, what CPU time it cost, and what memory its processes came to."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LONGEST = 400.0  # seconds: who takes longer has failed
SAID = Path("said")  # what a contestant writes to its stdout, in the current folder
INTERVAL = 0.01  # seconds between two looks at the processes of one that is watched


class Failed(Exception):
    """It did not do its work."""


@dataclass
class Contestant:
    """Somebody who does a work. hellos: how often `hello` has to be in what it says."""

    argv: list
    environment: dict = field(default_factory=dict)
    hellos: int = 0


@dataclass
class Run:
    """seconds on the clock; cpu: user and system, of it and of all that it has waited for; processes: if watched."""

    seconds: float
    cpu: float
    processes: dict = field(default_factory=dict)  # name: Process

    @property
    def peak(self):
        """Bytes of the largest process."""
        return max((one.peak for one in self.processes.values()), default=0)

    @property
    def own(self):
        """CPU seconds without those of the commands, which are what the runner has reaped."""
        return self.cpu - sum(one.reaped for name, one in self.processes.items() if name.startswith("runner"))


@dataclass
class Process:
    peak: int = 0  # bytes: VmHWM
    reaped: float = 0.0  # CPU seconds of the children that it has waited for


def once(contestant, watched=False):
    """The Run of this contestant. Raises Failed."""
    environment = surroundings(contestant.environment)
    with SAID.open("wb") as said, tempfile.TemporaryFile() as complaint:
        streams = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": complaint}
        argv = list(map(str, contestant.argv))
        began = time.perf_counter()
        process = subprocess.Popen(argv, env=environment, start_new_session=True, **streams)
        with bounded(process):
            watch = Watch(process.pid) if watched else None
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        complaint.seek(0)
        words = complaint.read().decode(errors="replace")
    if process.returncode or (contestant.hellos and _hellos(words) < contestant.hellos):
        raise Failed(f"exit {process.returncode}: {words.strip()[-300:] or _end_of(SAID)}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, watch.seen() if watch else {})


@contextmanager
def bounded(process: subprocess.Popen) -> Iterator[None]:
    """End it, with all of its session, when it takes too long, or when we are interrupted."""
    clock = threading.Timer(LONGEST, os.killpg, (process.pid, signal.SIGKILL))
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)


def surroundings(extra: dict[str, str]) -> dict[str, str]:
    """The environment of everybody: what a user has set for one of them counts for none."""
    ours = ("TASK", "ANSIBLE", "PYINFRA", "INVOKE", "PYTHON", "XDG_", "SSH_", "LC_", "LANG", "PARALLEL", "MAKE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = Path("home").absolute()
    home.mkdir(exist_ok=True)
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "ANSIBLE_PYTHON_INTERPRETER": sys.executable, **extra}


def _hellos(complaint):
    return SAID.read_bytes().count(b"hello") + complaint.count("hello")  # pyinfra says it there


def _end_of(path):
    return path.read_bytes()[-300:].decode(errors="replace").strip()


class Watch(threading.Thread):
    """Looks at a process and its children, not at their children, until it has ended."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self._names, self._seen = pid, {}, {}
        self.start()

    def run(self):
        while pids := _family(self.pid):
            for pid in pids:
                self._look(pid)
            time.sleep(INTERVAL)

    def seen(self):
        """{name: Process}; of those with one name, the largest."""
        self.join()
        made: dict = {}
        for pid, process in self._seen.items():
            one = made.setdefault(self._names[pid], Process())
            one.peak, one.reaped = max(one.peak, process.peak), max(one.reaped, process.reaped)
        return made

    def _look(self, pid):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return
        words = dict(line.split(":", 1) for line in status.splitlines())
        if "VmHWM" not in words:  # it has ended, and is not reaped yet
            return
        self._names[pid] = "driver" if pid == self.pid else words["Name"].strip()
        one = self._seen.setdefault(pid, Process())
        one.peak = max(one.peak, int(words["VmHWM"].split()[0]) * 1024)
        ticks = stat.rpartition(") ")[2].split()[13:15]  # cutime, cstime
        one.reaped = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _family(pid):
    """The process and its children, those of all its threads; [] when it has ended."""
    try:
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [pid, *(int(one) for some in children for one in some)] if children else []
    except OSError:
        return []
