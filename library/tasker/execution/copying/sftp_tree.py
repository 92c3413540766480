"""The files of a host that offers SFTP, for a copy. What SFTP cannot do, the shell of the host does."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re

from tasker.execution.copying.sftp_client import HAS_MODE, MKDIR, REMOVE, SYMLINK, Refused, SftpClient
from tasker.execution.copying.specification import CopyFault
from tasker.execution.copying.tree import FOLDER, Entry, no_option, shown
from tasker.language.quoting import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    Shell: TypeAlias = Callable[[bytes], tuple[int, bytes]]  # a command line: its exit code, and what it printed

SMALL = 1 << 18  # bytes of a file that is read to compare it, since a command over there costs more
END = 2000  # characters of what a command printed
FULL = 1 << 20  # bytes: less is free where a disk is full
SAYS = b"tasker-says:"  # before the answer of a command, since a start-up file may print something first


class SftpTree:
    """See tree.FileTree. host: its name, for messages; "" for this machine. shell: runs a command line there; raises
    CopyFault."""

    def __init__(self, client: SftpClient, host: str, shell: Shell) -> None:
        self._client, self._shell = client, shell
        self.place = f" on {host}" if host else ""

    @contextlib.contextmanager
    def _naming(self, path: bytes, doing: str) -> Iterator[None]:
        """Raise what the server refuses as a CopyFault."""
        try:
            yield
        except Refused as refused:
            text = refused.text
            if text == "failure" and doing == "write":
                free = self._client.free_bytes(posixpath.dirname(path) or b".")
                text = "no space left there" if free is not None and free < FULL else "its server gives no reason"
            raise CopyFault(f"cannot {doing} {shown(path)}{self.place}: {text}") from None

    def status(self, path: bytes, follow: bool = False) -> Entry | None:
        with self._naming(path, "look at"):
            return self._client.status(path, follow)

    def entries(self, path: bytes) -> Iterator[tuple[bytes, Entry]]:
        with self._naming(path, "list"):
            yield from self._client.entries(path)

    def read(self, path: bytes, follow: bool) -> Iterator[bytes]:
        with self._naming(path, "read"):
            yield from self._client.read(path)

    def digest(self, path: bytes, size: int) -> str:
        if size > SMALL:
            line = b"sha256sum < %b || shasum -a 256 < %b || openssl dgst -sha256 -r < %b"
            text = self._said(line.replace(b"%b", quoted(path)))
            if found := re.match(rb"\\?([0-9a-f]{64})\b", text):
                return found[1].decode()
        hashed = hashlib.sha256()  # it has none of these programs, or no session for them
        for piece in self.read(path, follow=False):
            hashed.update(piece)
        return hashed.hexdigest()

    def write(self, path: bytes, pieces: Iterable[bytes], mode: int, owner: tuple[int, int] | None) -> None:
        with self._naming(path, "write"):
            self._client.write(path, pieces, mode, owner)

    def read_link(self, path: bytes) -> bytes:
        with self._naming(path, "read the link"):
            return self._client.read_link(path)

    def make_link(self, path: bytes, leads_to: bytes) -> None:
        with self._naming(path, "make the link"):
            self._client.ask(SYMLINK, leads_to, path)  # in OpenSSH's order, which others follow

    def make_folder(self, path: bytes, mode: int) -> None:
        with self._naming(path, "make the folder"):
            try:
                self._client.ask(MKDIR, path, HAS_MODE, mode)
            except Refused:
                there = self._client.status(path, follow=True)
                if there is None or there.kind != FOLDER:  # no other copy was faster
                    raise

    def replace(self, path: bytes, target: bytes) -> None:
        with self._naming(target, "replace"):
            if self._client.rename(path, target):
                return
        code, printed = self._shell(b"mv -f " + quoted(no_option(path)) + b" " + quoted(no_option(target)) + b" 2>&1")
        if code:
            raise CopyFault(f"cannot replace {shown(target)}{self.place}: {text_of(printed)}")

    def remove(self, path: bytes) -> None:
        with self._naming(path, "remove"):
            self._client.ask(REMOVE, path)

    def numbers_of(self, owner: str) -> tuple[int, int]:
        user, _, group = owner.partition(":")
        if user.isdigit() and (group.isdigit() or not group):
            return int(user), int(group) if group else -1
        uid = user if user.isdigit() else f"$(id -u {quote(user)})"
        gid = group or "-1"
        if group and not group.isdigit():
            gid = f"$({{ getent group {quote(group)} || grep ^{quote(group)}: /etc/group; }} | head -n 1 | cut -d: -f3)"
        text = self._said(f"echo {uid}:{gid}".encode())
        found = re.match(rb"([0-9]+):(-?[0-9]+)", text)
        if found is None:
            raise CopyFault(f"no such owner{self.place}: '{owner}'")
        return int(found[1]), int(found[2])

    def run(self, words: Sequence[bytes]) -> tuple[int, str]:
        code, printed = self._shell(b" ".join(map(quoted, words)) + b" 2>&1")
        return code, text_of(printed.rpartition(SAYS)[2])

    def _said(self, line: bytes) -> bytes:
        """What a command prints on stdout; b"" where it could not be run."""
        try:
            _, printed = self._shell(b"printf %s " + SAYS + b"; { " + line + b"; } 2>/dev/null")
        except CopyFault:
            return b""
        return printed.rpartition(SAYS)[2]


def quoted(text: bytes) -> bytes:
    """A word for a POSIX shell, of any bytes."""
    return b"'" + text.replace(b"'", b"'\\''") + b"'"


def text_of(printed: bytes) -> str:
    return printed.decode("utf-8", "backslashreplace").strip()[-END:]
