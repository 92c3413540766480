"""Run the task files in examples/ as their reader does, with the stubs that come with them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from documentation_runner import ROOT, home, run

EXAMPLES = ROOT / "examples"
HEADER_COMMAND = re.compile(r"^#   (?!\. )(.+?) +# (\d+): ", re.MULTILINE)  # in the comment at the top of a file
Play = Callable[..., "subprocess.CompletedProcess[str]"]


def environment_of(folder: Path) -> dict[str, str]:
    """That of somebody who lives in this folder, with the stubs on PATH and without checks of hosts."""
    environment = home(folder)
    path = f"{EXAMPLES / 'stubs'}:{environment['PATH']}"
    return {**environment, "PATH": path, "TASKER_SYSTEM_CONFIG": str(EXAMPLES / "try.toml")}


def player(folder: Path) -> Play:
    """A function that runs an example: play(name, *options, **environment). With None for a name: the options alone."""
    environment = environment_of(folder)

    def play(name: str | None, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        argv = ["tasker", *options, *([EXAMPLES / name] if name else [])]
        return run(argv, folder, {**environment, **more})

    return play


def effects(folder: Path) -> list[str]:
    """What the stubs did, in order, one entry an effect."""
    path = folder / "stubs.log"
    return path.read_text().splitlines() if path.exists() else []


def header_commands(name: str) -> list[tuple[str, int]]:
    """[(command, its exit code), …] of the comment at the top of an example."""
    comment = (EXAMPLES / name).read_text().partition("\n\n")[0]
    return [(command, int(code)) for command, code in HEADER_COMMAND.findall(comment)]


def exit_codes(commands: list[str], folder: Path) -> list[tuple[int, str]]:
    """(exit code, output) of each of these, typed one after another below `. examples/try.sh` at the top of a clone."""
    marks = [f"{{ {command}\n}} 2>&1 </dev/null\nprintf '\\036%s\\036' $?" for command in commands]
    script = "\n".join([". examples/try.sh", *marks])
    binaries = folder / "python"  # the interpreter of the tests, which has the libraries that retries need
    binaries.mkdir()
    (binaries / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (binaries / "python3").chmod(0o755)
    env = {"HOME": str(folder), "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=110)
    parts = done.stdout.split("\x1e")
    return list(zip(map(int, parts[1::2]), parts[::2], strict=False))
