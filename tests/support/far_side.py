"""A home over there, and the script of receipts in it, run by a shell of this machine."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasker.execution.receipts import far_script

TOOLS = ("flock", "setsid", "ln", "ls", "mkdir", "tee", "sync", "sleep", "cat")
# A tool that ends its caller before or after it has done its work, if DIE names it: TOOL:WHICH CALL:before|after.
_DEADLY = """#!/bin/sh
PATH={path}
count=$(($(cat {folder}/{tool}.count 2>/dev/null) + 1)); echo $count >{folder}/{tool}.count
[ "$DIE" = {tool}:$count:before ] && [ $PPID -gt 1 ] && kill -9 $PPID
[ "$DIE" = {tool}:$count:after ] || exec {tool} "$@"
{tool} "$@"; status=$?
[ $PPID -gt 1 ] && kill -9 $PPID
exit $status
"""


class FarSide:
    """shell: the words that start it. effects: a file to which a command of `effect` adds a line."""

    def __init__(self, folder: Path, shell: Sequence[str] = ("sh",)) -> None:
        # in memory where that can be: a sync of a busy disk takes seconds
        self.memory = tempfile.TemporaryDirectory(prefix="far-", dir="/dev/shm" if os.access("/dev/shm", 7) else folder)
        self.folder, self.shell, self.home = folder, list(shell), Path(self.memory.name) / "home"
        for path in (self.home, self.home / ".tasker", self.home / ".tasker/receipts"):
            path.mkdir(mode=0o700)
        (self.home / ".tasker/receipts/.home").write_text("an earlier boot\n")
        (self.home / ".tasker/receipts/.home").chmod(0o600)
        (self.home / ".tasker").chmod(0o755)  # as a user may have made it
        self.effects = folder / "effects"
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.token = f"TOKEN-{os.urandom(6).hex()}"
        self.started: list[subprocess.Popen[bytes]] = []

    def effect(self, *more: str) -> list[str]:
        """A command with an effect that can be counted."""
        return ["sh", "-c", f"echo done >>{self.effects}; " + "; ".join(more or ("exit 3",))]

    def count(self) -> int:
        return len(self.effects.read_text().splitlines()) if self.effects.exists() else 0

    def place(self, run: str = "run") -> Path:
        return self.home / ".tasker/receipts" / run

    def file(self, name: str, delivery: str = "1.1", run: str = "run") -> Path:
        """What is kept of a delivery."""
        return self.place(run) / f"{delivery}@{name}"

    def start(
        self, mode: str, delivery: str, *rest: str, run: str = "run", boot: str = "", **keys: Any
    ) -> Any:  # Any: a Popen of bytes
        """The script, started, with its stdin open as long as it runs."""
        nonce = os.urandom(8).hex()
        argv = [*self.shell, "-c", far_script.text(mode), "sh", mode, self.token, run, delivery, nonce, boot, *rest]
        made = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment | keys.pop("environment", {}),
            **keys,
        )
        made.nonce = nonce  # type: ignore[attr-defined] # the tests look for files of this name
        self.started.append(made)
        return made

    def deliver(
        self, words: Sequence[str], delivery: str = "1.1", deadline: int = 1000, kept: str = "kept", **keys: Any
    ) -> Any:  # Any: as above
        done, kind = keys.pop("done", ""), keys.pop("kind", "exec")
        return self.start("run", delivery, str(deadline), kept, done, kind, "R:1.1", *words, **keys)

    def run(self, words: Sequence[str], delivery: str = "1.1", **keys: Any) -> tuple[list[str], bytes, bytes]:
        return self.report(self.deliver(words, delivery, **keys))

    def ask(self, delivery: str = "1.1", mode: str = "settle", since: str = "0", **keys: Any) -> list[str]:
        return self.report(self.start(mode, delivery, since, **keys))[0]

    def report(self, process: Any) -> tuple[list[str], bytes, bytes]:
        """The words of its last report, stdout, and stderr without reports. The report is ["dead"] if there is none."""
        stdin, process.stdin = process.stdin, None
        out, err = process.communicate(timeout=60)
        stdin.close()
        reports = re.findall(rb"%b (?!here\n)([^\n]*)\n" % self.token.encode(), err)
        rest = re.sub(rb"%b [^\n]*\n" % self.token.encode(), b"", err)
        return (reports[-1].decode().split() if reports else ["dead"]), out, rest

    def first(self, process: Any) -> bytes:
        """The first line of its stderr, after the one that shows that the script runs."""
        assert process.stderr.readline() == f"{self.token} here\n".encode()
        return bytes(process.stderr.readline())

    def cut(self, process: Any) -> None:  # Any: as above
        """Lose the line, as sshd does: its input ends, and nothing reads its output. The script is not ended."""
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def end(self) -> None:
        """At the end of a test. What it left ends by itself: no command lasts long."""
        for process in self.started:
            self.cut(process)
            process.kill()
            process.wait()
        for _ in range(50):  # what is still there may make a file meanwhile
            with contextlib.suppress(OSError):
                self.memory.cleanup()
                return
            time.sleep(0.02)

    def left(self) -> list[str]:
        """Processes of the script that are still there."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self.token.encode() in (text := path.read_bytes()):
                    found.append(f"{path.parent.name}: {text[:60]!r}")
            except OSError:
                pass
        return found

    def wait_until_quiet(self) -> None:
        wait_until(lambda: not self.left())

    def deadly(self, die: str) -> dict[str, str]:
        """An environment in which a tool ends its caller."""
        folder = self.folder / f"bin-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        for tool in TOOLS:
            path = folder / tool
            path.write_text(_DEADLY.format(path=os.environ["PATH"], folder=folder, tool=tool))
            path.chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}", "DIE": die}

    def without(self, tool: str) -> dict[str, str]:
        """An environment without this tool."""
        import shutil

        folder = self.folder / f"without-{tool}"
        folder.mkdir()
        for name in (*TOOLS, "sh", "rm", "find", "rmdir"):
            if name != tool:
                (folder / name).symlink_to(str(shutil.which(name)))
        return {"PATH": str(folder)}


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not become true"
        time.sleep(0.01)
