"""The pages of the documentation as something to do: their boxes, and a shell that does what a page tells its reader.

A page is read from top to bottom, in one shell. What begins with ``` is a box, and its first word says what it is:

task NAME, toml NAME, sh NAME, …   a file that the reader writes, where the shell is then (example.txt, tasker.toml)
console                            `$ command` lines, each with what it prints; ^C is where the reader presses that
output                             what the command above it prints; below a task, `tasker -r` with it

A box `task` without a name begins a new folder and a new shell.
"""

import os
import pwd
import re
import shlex
import subprocess
import sys
from typing import NamedTuple

from documentation_runner import ROOT, home

BOX = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = {"task": "example.txt", "toml": "tasker.toml"}
END = "\x1eend of a command\x1e"
PRESSED = "^C"
RUN = r"\b\d{8}_\d{6}_[0-9a-f]{6}\b"  # in a command it is that of the newest run: each reader has another
NEWEST = "$(ls -t ~/TASKER/runs | head -n 1)"
SHOWN_HOME = "/home/ops"  # where the reader lives, in what is shown
VARYING = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "DATE"),
    (r"(?<!\d)\d{8}_\d{6}(_[0-9a-f]{6}|_\d+)?", "RUN"),
    (r"\b\d\d:\d\d:\d\d(\.\d+)?", "TIME"),
    (r"\b\d+\.\d{3}\b|\b\d+(\.\d+)?(?= s\b)", "N"),
    (r"by user \d+( \(\w+\))?( on \S+)?", "by USER"),
    (rf"\b(ops|{pwd.getpwuid(os.getuid()).pw_name}) \(\d+\)", "USER"),
    (r"\bpid \d+", "pid N"),
    (r"\b3\.\d+\.\d[^\s)]*", "VERSION"),
    (r" +", " "),
)


class Box(NamedTuple):
    line: int
    kind: str
    name: str
    text: str


class Step(NamedTuple):
    """A command of a page, and what stands below it there."""

    line: int
    command: str
    shown: list


def boxes(page):
    for found in BOX.finditer(page):
        kind, _, name = found[1].strip().partition(" ")
        yield Box(page[: found.start()].count("\n") + 1, kind, name, found[2])


def sessions(page):
    """Lists of what one shell does, in order: files to write (Box) and commands (Step)."""
    found = [[]]
    for box in boxes(page):
        done = found[-1]
        if box.kind == "task" and not box.name:
            done = []
            found.append(done)
        if box.kind == "console":
            done.extend(_commands(box))
        elif box.kind == "output":
            _shown(done, box)
        elif box.name or box.kind in NAMES:
            done.append(box._replace(name=box.name or NAMES[box.kind]))
    return [done for done in found if any(isinstance(one, Step) for one in done)]


def _commands(box):
    lines = box.text.splitlines()
    assert lines[0].startswith("$ "), f"line {box.line}: a console box begins with a command"
    steps = []
    for number, line in enumerate(lines, box.line + 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:], []))
        elif steps[-1].command.endswith("\\"):
            steps[-1] = steps[-1]._replace(command=f"{steps[-1].command}\n{line}")
        else:
            steps[-1].shown.append(line)
    return steps


def _shown(done, box):
    if isinstance(done[-1], Step):
        done[-1].shown.extend(box.text.splitlines())
    else:
        done.append(Step(box.line, f"tasker -r {done[-1].name}", box.text.splitlines()))


def _pressing(step):
    """A command that runs until its output has the line above each ^C, and then gets SIGINT, as from a terminal."""
    lines = [f"{{ set -m; {step.command} >.printed 2>&1 & job=$!"]
    for before, line in zip(step.shown, step.shown[1:]):
        if line == PRESSED:
            text = re.sub(r"^\[.*?\] ", "", before)
            lines.append(f"until grep -qF -- {shlex.quote(text)} .printed || ! kill -0 $job; do sleep 0.05; done")
            lines.append("kill -INT -$job")
    lines.append("wait $job; status=$?; set +m; } 2>/dev/null; cat .printed; rm .printed; (exit $status)")
    return "\n".join(lines)


def script(done):
    """What bash is given. A prompt changes no exit status, so `echo $?` is what it is for a reader."""
    lines = []
    for one in done:
        if isinstance(one, Box):
            lines.append(f"cat >{shlex.quote(one.name)} <<'end of the box'\n{one.text}end of the box")
        else:
            one = one._replace(command=re.sub(RUN, NEWEST, one.command))
            lines.append(_pressing(one) if PRESSED in one.shown else one.command)
            lines.append(f"{{ status=$?; printf '{END}%s{END}' $status; (exit $status); }}")
    return "\n".join(lines) + "\n"


def do(done, folder, start, stubs):
    """[(Step, what it printed on both streams, exit status), …]. The reader lives in `folder`; a clone is in tasker/.

    start: where in it the shell begins. stubs: a folder with the clients of the site, or None.
    """
    environment = home(folder)
    clone = folder / "tasker"
    clone.mkdir()
    for path in ROOT.iterdir():
        if not path.name.startswith("."):
            (clone / path.name).symlink_to(path)
    python = folder / "bin/python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (folder / start).mkdir(exist_ok=True)
    (folder / "tmp").mkdir()
    environment["TMPDIR"] = str(folder / "tmp")
    if stubs:
        first, _, others = environment["PATH"].partition(":")
        environment["PATH"] = f"{first}:{stubs}:{others}"  # before clients that this machine has
    done_by_bash = subprocess.run(
        ["bash", "-c", script(done)],
        cwd=folder / start,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=110,
    )
    steps = [one for one in done if isinstance(one, Step)]
    *parts, rest = done_by_bash.stdout.split(END)
    assert len(steps) * 2 == len(parts), f"the shell ended early: {rest}"
    return list(zip(steps, parts[::2], map(int, parts[1::2])))


def plain(line, folder):
    """A line without what is another each time."""
    line = line.replace(str(folder), SHOWN_HOME)
    for pattern, word in VARYING:
        line = re.sub(pattern, word, line)
    return line.strip()


def difference(step, printed, folder):
    """How what is printed is not what the page shows, or None. A line `…` is any lines, `…` in a line any text."""
    shown = [plain(line, folder) for line in step.shown if line != PRESSED]
    there = [plain(line, folder) for line in printed.splitlines()]
    shown, there = [line for line in shown if line], [line for line in there if line]
    parts = [r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in shown]
    text = "".join(f"{line}\n" for line in there)
    if re.fullmatch("".join(parts), text):
        return None
    fits = max(count for count in range(len(parts) + 1) if re.match("".join(parts[:count]), text))
    lost = shown[fits] if fits < len(shown) else "no more"
    return f"line {step.line}: $ {step.command}\n{printed}\nthe page has here: {lost}"
