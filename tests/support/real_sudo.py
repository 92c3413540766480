"""The real sudo, with users and sudoers of our own in a mount namespace: the files of the machine stay as they are.

`op` has a password and logs in; `web` is whom it may become. What runs in the namespace reads the files of a `Machine`
in place of those in /etc, so a test changes them by writing there.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sshd
from users import python
from whole_program import TASKER

OP, WEB = 64_001, 64_002  # numbers of the users
PASSWORD = "correct-horse 7"
HASH = (
    "$6$abcdefgh$hWOa5XrQbhELNIBZkf60hRwZjlKtJ0OyatgYgF3FLVVd8i.6KpnroGLSBOJit0PDZo8mjhF3rZtFrzisWJe5d0"  # of PASSWORD
)
NODELAY = "auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n"


class Machine:
    """folder: open to all users. Its files are those of /etc for what `inside` starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, line in (
            ("passwd", "{0}:x:{1}:{1}::{2}:/bin/sh\n"),
            ("group", "{0}:x:{1}:\n"),
            ("shadow", "{0}:{3}:19000:0:99999:7:::\n"),
        ):
            text = Path(f"/etc/{name}").read_text()
            for user, uid, word in (("op", OP, HASH), ("web", WEB, "*")):
                text += line.format(user, uid, folder, word)
            self._write(name, text, 0o640 if name == "shadow" else 0o644)
        self._write("pam", NODELAY, 0o644)
        self.allow("")

    def _write(self, name: str, text: str, mode: int) -> None:
        path = self.folder / name
        if not path.exists():
            path.touch()
        path.write_text(text)  # into the same file: a mount shows what it was made of
        path.chmod(mode)

    def allow(self, *lines: str) -> None:
        """From now on these sudoers, after what Debian has."""
        self._write("sudoers", "\n".join(["Defaults env_reset, use_pty, !fqdn", *lines, ""]), 0o440)

    def inside(self, *words: str) -> list[str]:
        """The words that start others in the namespace, as root."""
        places = {"passwd": "/etc/passwd", "shadow": "/etc/shadow", "group": "/etc/group", "sudoers": "/etc/sudoers"}
        places["pam"] = "/etc/pam.d/sudo"
        mounts = "; ".join(f"mount --bind {self.folder}/{name} {place}" for name, place in places.items())
        script = f'set -e; {mounts}; cd /; exec "$@"'
        return ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", *words]

    def local_runner(self) -> list[str]:
        """The words that start exec=local, as op."""
        who = ("setpriv", f"--reuid={OP}", f"--regid={OP}", "--clear-groups")
        return self.inside(*who, python(), "-I", str(TASKER), "runner", "local", "--lines")

    @contextmanager
    def sshd(self, address: str) -> Iterator[sshd.Server]:
        """An sshd in the namespace, for op."""
        server = sshd.Server(self.folder / "sshd", [address], 0, {})
        server.prepare()
        server.user = "op"
        wrapper = self.folder / "start-sshd"
        words = " ".join(f"'{word}'" for word in self.inside(str(sshd.SSHD)))
        wrapper.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        wrapper.chmod(0o755)
        own, sshd.SSHD = sshd.SSHD, str(wrapper)
        try:
            server.begin()
        finally:
            sshd.SSHD = own
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="tasker-sudo-"))
    folder.chmod(0o755)
    try:
        yield Machine(folder)
    finally:
        shutil.rmtree(folder)
