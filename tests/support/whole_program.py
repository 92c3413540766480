"""Drive the whole program as a user does: a task file, a folder of its own, and what came of it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TASKER = ROOT / "bin/tasker"
PROGRAM = (sys.executable, "-I", TASKER)  # what its first line asks for, without a look-up
OWN = ("TASK_EXECUTOR_TYPE", "TASK_EXECUTOR_LOG", "TASK_EXECUTOR_TIMEOUT", "TASKER_PATH", "TASKER_ATTEMPT")
OWN += ("TASKER_ENV", "XDG_CONFIG_HOME")
HELLO = "task=0\ncommand=echo\narguments=hello\nexec=local\n"


class Place:
    """A folder with a home in it, where task files are written and run."""

    def __init__(self, folder):
        self.folder, self.base = folder, folder / "base"
        self.tampered = False  # does the test change a journal?
        (folder / "home").mkdir()

    def environment(self, **extra):
        kept = {name: value for name, value in os.environ.items() if name not in OWN}
        return {**kept, "HOME": str(self.folder / "home"), "TASKER_PATH": str(ROOT / "tests/data"), **extra}

    def file(self, text=HELLO, name="t.txt"):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def start(self, *arguments, env=None, program=PROGRAM, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        options.setdefault("cwd", self.folder)
        words = [str(word) for word in (*program, *arguments)]
        return subprocess.Popen(words, env=self.environment(**(env or {})), text=True, **options)

    def run(self, *arguments, timeout=120, **options):
        """What a call of `tasker` came to: returncode, stdout, stderr."""
        process = self.start(*arguments, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            end(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def really(self, text, *arguments, **options):
        """The same for a real run of this task file, with its files below `base`."""
        return self.run("-r", "-l", self.base, *arguments, self.file(text), **options)

    def begin(self, text, *arguments, **options):
        """A real run that goes on."""
        return self.start("-r", "-l", self.base, *arguments, self.file(text), **options)

    def log(self):
        return "".join(path.read_text() for path in sorted(self.base.glob("logs/tasker_*.log")))

    def rows(self, project="P"):
        return (self.base / f"logs/project_{project}_summary.log").read_text().splitlines()

    def verify(self):
        """Fails when flow, fed with what a journal says, does not lead where the run has been."""
        from tasker.modules.verify import verify_run

        for path in () if self.tampered else self.folder.rglob("journal.jsonl"):
            good, said = verify_run(str(path.parent))
            assert good, f"{path}: {said}"

    def journal(self):
        (path,) = self.base.glob("runs/*/journal.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]


def bare(folder):
    """A Python in whose environment nothing is installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "bare"], check=True)
    return folder / "bare/bin/python"


def local(*commands):
    """A task file that runs these one after another; a number between them is a sleep after the one before."""
    made, number = [], 0
    for command in commands:
        if isinstance(command, str):
            made.append(f"\ntask={number}\ncommand={command}\nexec=local")
            number += 1
        else:
            made.append(f"sleep={command}")
    return "\n".join(made) + "\n"


def _called(folder):
    """The command line of a process; of a stage that was forked from its driver, that of one that was not."""
    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    name = (folder / "comm").read_text().strip()
    forked = f" {TASKER} " in line and not name.startswith(("python", "pytest"))
    return f"__main__.py {name}" if forked else line


def children(pid):
    """{pid: command line} of the living children of a process."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_bytes().rpartition(b") ")[2].split()
            if folder.name.isdigit() and int(fields[1]) == pid and fields[0] != b"Z":
                found[int(folder.name)] = _called(folder)
        except (OSError, IndexError):
            continue
    return found


def lives(pid):
    """Is there such a process, and no zombie that nobody has reaped?"""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def stage(process, words, within=60.0):
    """The pid of a stage of this driver, by the beginning of its arguments, as soon as it is there."""
    return eventually(
        lambda: next((p for p, line in children(process.pid).items() if f"__main__.py {words}" in line), 0), within
    )


def carrying(text):
    """Pids of processes with this in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            other = folder.name.isdigit() and int(folder.name) != os.getpid()
            if other and text.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def eventually(fact, within=60.0):
    """What fact() says as soon as it is true. Fails when that takes too long."""
    until = time.monotonic() + within
    while not (said := fact()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)
    return said


def finished(process, timeout=120):
    """(exit code, stdout, stderr) of a run that has begun."""
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        end(process)
    return process.returncode, out, err


def end(process):
    """Kill it if it still runs, and reap it: no other test finds a child that is not its own."""
    process.kill()
    process.wait()
