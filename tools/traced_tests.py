"""Which lines of the library a test executes, in its own process and in those that it starts.

`traced` runs test files in a copy of the project whose library writes down every step from one line to another of the
files that are asked for. mutants.py chooses tests by it, branches.py looks for branches that no test takes.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = "library/tasker"
PACKAGE = f"{LIBRARY}/__init__.py"
STEPS = "traced"  # folder of the copy: steps of test 7 in the file 7; `now` has the number of the test that runs
NEW_MOUNTS, NEW_PIDS, DIE_WITH_PARENT = 0x00020000, 0x20000000, 1  # of unshare and prctl
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18  # of mount
GIGABYTE = 1 << 30
NOT_ISOLATED = 97  # exit status
SLOWEST = 150.0  # seconds of a test file under the tracer: what has not run by then is not known
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "hypothesis", "jsonschema"])

# Goes into tasker/__init__.py of the copy. A step is written at once, for processes that are killed, and once a test.
# `now` is mapped, not read: a runner serves several tests. A generator that yields does not leave: its code goes on.
HOOK = """

def _trace():
    import mmap, opcode, os, sys, threading
    top = {top!r}
    steps, targets = top + "/{steps}/", {targets!r}
    descriptor = os.open(steps + "now", os.O_RDONLY)
    now = mmap.mmap(descriptor, 4, access=mmap.ACCESS_READ)
    os.close(descriptor)
    wanted, seen, returns = {{}}, [b"", set()], opcode.opmap["RETURN_VALUE"]
    within = ("<lambda>", "<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")  # their end leaves no function

    def step(name, before, line):
        if seen[0] != now[:]:
            seen[:] = now[:], set()
        if (name, before, line) not in seen[1]:
            seen[1].add((name, before, line))
            try:
                number = int.from_bytes(now[:], "little")
                descriptor = os.open(f"{{steps}}{{number}}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
                os.write(descriptor, f"{{name}} {{before}} {{line}}\\n".encode())
                os.close(descriptor)
            except OSError:  # a test has taken rights or descriptors away
                pass

    def enter(frame, event, argument):
        name = frame.f_code.co_filename
        if name not in wanted:
            path = os.path.realpath(name)
            wanted[name] = path[len(top) + 1 :] if path.startswith(targets) else ""
        if not (short := wanted[name]):
            return None
        before = frame.f_lineno

        def follow(frame, event, argument):
            nonlocal before
            if event == "line":
                step(short, before, frame.f_lineno)
                before = frame.f_lineno
            elif event == "exception" and not issubclass(argument[0], StopIteration):
                before = -1
            elif event == "return" and before > 0 and frame.f_code.co_name not in within:
                if frame.f_code.co_code[frame.f_lasti] == returns:
                    step(short, before, 0)
            return follow

        return follow

    threading.settrace(enter)
    sys.settrace(enter)

_trace()
"""


class Step(NamedTuple):
    """From one line of a file to another. before: -1 after an exception; line: 0 is the end of the function."""

    file: str
    before: int
    line: int


class Test(NamedTuple):
    """A test that passed. seconds: under the tracer."""

    name: str
    seconds: float
    steps: frozenset[Step]


class Recorder:
    """A plugin of pytest: numbers the tests, and writes `number passed seconds name` of each."""

    def __init__(self, folder: Path, first: int) -> None:
        self.folder = folder
        self.number = first
        self.began = 0.0
        self.passed = False

    def set_now(self, number: int) -> None:
        with open(self.folder / "now", "r+b") as file:
            file.write(number.to_bytes(4, "little"))

    def pytest_runtest_logstart(self) -> None:
        self.number += 1
        self.began, self.passed = time.monotonic(), True
        self.set_now(self.number)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed &= report.passed

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.set_now(0)
        with open(self.folder / "ended", "a") as file:
            file.write(f"{self.number} {int(self.passed)} {time.monotonic() - self.began:.3f} {nodeid}\n")


class Chosen:
    """A plugin of pytest: of what is collected, only these tests are run."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.names]


def copied(folder: Path, source: Path = ROOT) -> Path:
    """A copy of the project, without what tests do not need; a copy of a copy has its bytecode."""
    left = [".git", ".venv*", "build", "dist", ".pytest_cache", ".mypy_cache", ".hypothesis"]
    left += ["__pycache__"] if source == ROOT else []
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*left), symlinks=True)
    return folder


def session(
    place: Path,
    words: list[str],
    seconds: float,
    plugins: list[object],
    *,
    isolated: bool,
    keeps_bytecode: bool = False,
) -> int | None:
    """The exit status of pytest, None after that many seconds.

    isolated: it runs in a PID namespace of its own, in which it can signal nothing else and with which all that it
    started ends, and can write to the copy and to folders for temporary files alone. A program that was changed may do
    anything: `kill -1`, for example, is one change away.
    """
    process = FORKS.Process(target=_pytest, args=(place, words, plugins, isolated, keeps_bytecode))
    process.start()
    process.join(seconds)
    ended = process.exitcode
    if ended is None:
        process.kill()  # with which a namespace ends
        process.join()
    if ended == NOT_ISOLATED:
        raise SystemExit("namespaces of their own for the tests need root, and a kernel that allows them")
    return ended


def _pytest(place: Path, words: list[str], plugins: list[object], isolated: bool, keeps_bytecode: bool) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    output = os.open(place.with_name(f"{place.name}.output"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, descriptor in enumerate((nothing, output, output)):
        os.dup2(descriptor, number)
    os.closerange(3, 256)
    try:
        if isolated:
            _isolate(place.parent)
    except OSError:
        os._exit(NOT_ISOLATED)
    os.setpgid(0, 0)  # what a test sends to its group reaches nothing of ours
    resource.setrlimit(resource.RLIMIT_AS, (8 * GIGABYTE, 8 * GIGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (GIGABYTE, GIGABYTE))
    os.chdir(place)
    sys.dont_write_bytecode = not keeps_bytecode
    os.environ["PYTHONPATH"] = str(place)
    if not keeps_bytecode:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.path.insert(0, str(place))
    fixed = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", f"--basetemp={place}.tests", "--tb=short"]
    status = pytest.main([*fixed, *words], plugins)
    sys.stdout.flush()
    os._exit(int(status))


def _isolate(kept: Path) -> None:
    """Go on in a new PID and mount namespace, in which only `kept` and new folders for temporary files can be written.

    Needs root. Raises OSError. What returns is neither the process that called nor the first one in the namespace.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def call(function: str, *words: object) -> None:
        if getattr(libc, function)(*words):
            raise OSError(ctypes.get_errno(), f"{function}: {os.strerror(ctypes.get_errno())}")

    def mount(source: str, target: str, kind: str, flags: int) -> None:
        call("mount", source.encode(), target.encode(), kind.encode(), flags, None)

    call("unshare", NEW_MOUNTS | NEW_PIDS)
    if pid := os.fork():
        _exit_like(pid)
    call("prctl", DIE_WITH_PARENT, signal.SIGKILL)
    mount("none", "/", "none", PRIVATE | RECURSIVE)
    mount("proc", "/proc", "proc", 0)
    folder = os.open(kept, os.O_PATH)
    for place in ("/tmp", "/dev/shm"):
        if os.path.isdir(place):
            mount("tmpfs", place, "tmpfs", 0)
            os.chmod(place, 0o1777)
    os.makedirs(kept, exist_ok=True)
    mount(f"/proc/self/fd/{folder}", str(kept), "none", BIND)
    os.close(folder)
    mount("none", "/", "none", REMOUNT | BIND | READ_ONLY)
    if pid := os.fork():
        _exit_like(pid)


def _exit_like(pid: int) -> None:
    """End as this child ends, and reap all others until then."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            os._exit(abs(os.waitstatus_to_exitcode(status)))


def traced(
    place: Path,
    tests: Iterable[str],
    targets: Iterable[str],
    report: Callable[[str], None] = lambda line: None,
    isolated: bool = False,
) -> list[Test]:
    """The tests that pass in a copy, by what they execute of the targets (folders and files below LIBRARY).

    Steps at import are those of a test without a name.
    """
    folder, package = place / STEPS, place / PACKAGE
    folder.mkdir()
    folder.chmod(0o777)  # tests become other users
    (folder / "now").write_bytes(bytes(4))
    before = package.read_text()
    wanted = tuple(str(place / LIBRARY / target) for target in targets)
    package.write_text(before + HOOK.format(top=str(place), steps=STEPS, targets=wanted))
    files = [path for name in tests for path in sorted((place / name).rglob("test_*.py")) or [place / name]]
    for number, path in enumerate(files, start=1):
        began, name = time.monotonic(), str(path.relative_to(place))
        recorder = Recorder(folder, number * 10_000)
        status = session(place, [name, "--maxfail=1000"], SLOWEST, [recorder], isolated=isolated, keeps_bytecode=True)
        (folder / "now").write_bytes(bytes(4))
        shown = {0: "", 1: ", some tests failed", None: ", stopped"}.get(status, f", status {status}")
        report(f"{name}: {time.monotonic() - began:.0f} s{shown}")
    package.write_text(before)
    found = [Test("", 0.0, frozenset(_steps(folder / "0")))]
    ended = folder / "ended"
    for line in ended.read_text().splitlines() if ended.exists() else ():
        number_, passed, seconds, nodeid = line.split(" ", 3)
        steps = frozenset(_steps(folder / number_))
        # what fails under the tracer, as it is slower, may pass without
        if steps and (passed == "1" or session(place, [nodeid], 60.0, [], isolated=isolated, keeps_bytecode=True) == 0):
            found.append(Test(nodeid, float(seconds), steps))
    shutil.rmtree(folder)
    return found


def _steps(path: Path) -> Iterator[Step]:
    for line in path.read_text().splitlines() if path.exists() else ():
        file, before, there = line.rsplit(" ", 2)
        yield Step(file, int(before), int(there))
