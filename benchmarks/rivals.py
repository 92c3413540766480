"""Who is timed beside TASKER, where to find them, and how people call them for commands on this machine.

Each of the makers at the end takes a command (words), how many times, and how many at once; it writes what it needs
to a file of its own in the current folder and returns a Contestant.
"""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from timing import Contestant

ROOT = Path(__file__).resolve().parent.parent
LOOPS = ROOT / "benchmarks/loops"
SYSTEM = (
    "/usr/bin/python3"  # another Python with many .pth files takes three times as long to start: ratios would flatter
)


def _python():
    """The system's Python, where it can run TASKER."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        good = subprocess.run([SYSTEM, "-c", check], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        good = False
    return SYSTEM if good else sys.executable


PYTHON = _python()
TASKER = [PYTHON, "-I", "-S", str(ROOT / "bin/tasker")]
WITH_LIBRARIES = [sys.executable, *TASKER[1:]]  # for what needs paramiko or ssh2-python
# TASKER_RIVALS: another folder than the one that `make bench` fills
PLACES = f"{os.environ.get('PATH', os.defpath)}:{os.environ.get('TASKER_RIVALS', ROOT / '.bench-venv/bin')}"


_number = itertools.count()


def written(text, suffix):
    """The name of a new file with this text. A word of letters and digits, as invoke wants it."""
    path = Path(f"work{next(_number)}{suffix}")
    path.write_text(text)
    return path.name


class Rival(NamedTuple):
    """program: its name on the PATH, or in .bench-venv. package: what has it. version: how to ask."""

    program: str
    package: str
    version: tuple = ("--version",)


RIVALS = {
    "xargs -P": Rival("xargs", "Debian: findutils"),
    "make": Rival("make", "Debian: make"),
    "GNU parallel": Rival("parallel", "Debian: parallel"),
    "doit": Rival("doit", "PyPI: doit"),
    "invoke": Rival("invoke", "PyPI: invoke"),
    "go-task": Rival("go-task", "npm: @go-task/cli, which fetches a program from elsewhere"),
    "pdsh": Rival("pdsh", "Debian: pdsh", ("-V",)),
    "clush": Rival("clush", "PyPI: ClusterShell"),
    "pyinfra": Rival("pyinfra", "PyPI: pyinfra"),
    "ansible": Rival("ansible", "PyPI: ansible-core"),
}


def found(who):
    """The path of a rival's program, or None."""
    return shutil.which(RIVALS[who].program, path=PLACES)


def missing(who):
    return who in RIVALS and not found(who)


def versions():
    """A line for each rival: its version, or what would have to be installed."""
    for who, rival in RIVALS.items():
        if path := found(who):
            done = subprocess.run([path, *rival.version], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            lines = (done.stdout + done.stderr).strip().splitlines()
            yield f"{who}: {lines[0].strip() if lines else '?'}"
        else:
            yield f"{who}: not installed ({rival.package})"


def task_file(command, count, at_once):
    """A task file that runs a command so many times: one after another, or in a block."""
    tasks = "".join(f"\ntask={100 + n}\ncommand={' '.join(command)}\nexec=local\n" for n in range(count))
    if at_once == 1:
        return tasks
    return f"task=0\ntype=parallel\ntasks=100-{99 + count}\nmax_parallel={at_once}\n{tasks}"


def run_of(text, *options, program=TASKER):
    """A real run of this task file, with everything on."""
    return [*program, "-r", "-l", "base", *options, written(text, ".txt")]


def tasker(command, count, at_once):
    return Contestant(run_of(task_file(command, count, at_once)))


def capture(command, count, at_once):
    return Contestant([PYTHON, LOOPS / "capture.py", count, at_once, *command])


def spawn(command, count, at_once):
    return Contestant([PYTHON, LOOPS / "spawn.py", count, at_once, *command])


def two_syncs(command, count, _):
    return Contestant([sys.executable, LOOPS / "synced.py", count, 2, *command])


def one_sync(command, count, _):
    return Contestant([sys.executable, LOOPS / "synced.py", count, 1, *command])


def floor(command, count, at_once):
    """None where there is no compiler."""
    program = Path("floor").absolute()
    words = ["gcc", "-O2", "-o", program, LOOPS / "floor.c"]
    if not (shutil.which("gcc") and subprocess.run(words, capture_output=True).returncode == 0):
        return None
    return Contestant([program, count, at_once, shutil.which(command[0]), *command[1:]])


def xargs(command, count, at_once):
    return Contestant(["sh", "-c", f"seq {count} | xargs -P {at_once} -I NUMBER {' '.join(command)}"])


def make(command, count, at_once):
    names = " ".join(f"t{n}" for n in range(count))
    file = written(f"all: {names}\n.PHONY: all {names}\n{names}:\n\t@{' '.join(command)}\n", ".mk")
    return Contestant(["make", "-f", file, f"-j{at_once}"])


def gnu_parallel(command, count, at_once):
    return Contestant(["sh", "-c", f"seq {count} | parallel -j {at_once} -N0 {' '.join(command)}"])


def doit(command, count, at_once):
    lines = ["def task_all():", f"    for n in range({count}):"]
    lines += [f"        yield {{'name': str(n), 'actions': [{command!r}]}}"]
    more = [] if at_once == 1 else ["-n", at_once, "-P", "thread"]
    return Contestant([found("doit"), "-f", written("\n".join(lines), ".py"), "-v", "2", *more])


def invoke(command, count, _):
    text = f"from invoke import task\n\n@task\ndef all(c):\n    for n in range({count}):\n        c.run("
    file = written(text + f"{' '.join(command)!r}, in_stream=False)\n", ".py")
    return Contestant([found("invoke"), "-c", file.removesuffix(".py"), "all"])


def go_task(command, count, at_once):
    words = " ".join(command)
    one = "version: '3'\ntasks:\n"
    if at_once == 1:
        text = f"{one}  all:\n    cmds:\n" + f"      - {words}\n" * count
    else:
        text = f"{one}  all:\n    deps: [{', '.join(f't{n}' for n in range(count))}]\n"
        text += "".join(f"  t{n}:\n    cmds: ['{words}']\n" for n in range(count))
    return Contestant([found("go-task"), "-t", written(text, ".yml"), "-s", "-C", at_once, "all"])


def clush(command, count, at_once):
    return Contestant([found("clush"), "-S", "-R", "exec", "-f", at_once, "-w", f"n[1-{count}]", *command])


def pdsh(command, count, at_once):
    return Contestant([found("pdsh"), "-S", "-R", "exec", "-f", at_once, "-w", f"n[1-{count}]", *command])


def pyinfra(command, count, _):
    lines = ["from pyinfra.operations import server", f"for n in range({count}):"]
    lines += [f"    server.shell(name=str(n), commands=[{' '.join(command)!r}])"]
    return Contestant([found("pyinfra"), "-y", "@local", written("\n".join(lines), ".py")])


def ansible(command, count, at_once):
    """One after another: a play with as many tasks. At once: one task on as many hosts, all of them this machine."""
    words = " ".join(command)
    if at_once > 1:
        file = written(f"n[1:{count}] ansible_connection=local\n", ".ini")
        return Contestant([found("ansible"), "all", "-i", file, "-f", at_once, "-m", "command", "-a", words])
    play = "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n"
    file = written(play + f"    - ansible.builtin.command: {words}\n" * count, ".yml")
    return Contestant([f"{found('ansible')}-playbook", "-i", "localhost,", file])


TWO_SYNCS, ONE_SYNC = "subprocess.run, two syncs", "subprocess.run, one sync"
FLOOR = "the kernel alone"
MAKERS = {
    "TASKER": tasker,
    "subprocess.run": capture,
    "posix_spawn": spawn,
    TWO_SYNCS: two_syncs,
    ONE_SYNC: one_sync,
    FLOOR: floor,
    "xargs -P": xargs,
    "make": make,
    "doit": doit,
    "GNU parallel": gnu_parallel,
    "go-task": go_task,
    "clush": clush,
    "pdsh": pdsh,
    "invoke": invoke,
    "pyinfra": pyinfra,
    "ansible": ansible,
}
LIGHT = ("TASKER", "subprocess.run", "posix_spawn", "xargs -P", "make")  # as quick as we are, or quicker
OTHERS = ("doit", "GNU parallel", "go-task", "clush", "pdsh")
SLOW = ("invoke", "pyinfra", "ansible")  # not for a thousand commands


def local(who, command, count, at_once):
    """{name: Contestant, None for one that is not installed} for a command on this machine."""
    return {name: None if missing(name) else MAKERS[name](command, count, at_once) for name in who}
