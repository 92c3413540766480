"""The files of this machine, for a copy."""

from __future__ import annotations

import contextlib
import os
import stat

from tasker.execution.copying.specification import CopyFault
from tasker.execution.copying.tree import Entry, kind_of, shown
from tasker.system.private_files import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PIECE = 1 << 18  # bytes
END = 2000  # characters of what a command printed


@contextlib.contextmanager
def naming(path: bytes, doing: str) -> Iterator[None]:
    """Raise what the system refuses as a CopyFault."""
    try:
        yield
    except OSError as error:
        raise CopyFault(f"cannot {doing} {shown(path)}: {(error.strerror or str(error)).lower()}") from None


class LocalTree:
    """See tree.FileTree."""

    place = ""

    def status(self, path: bytes, follow: bool = False) -> Entry | None:
        with naming(path, "look at"):
            try:
                found = os.stat(path) if follow else os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _entry(found)

    def entries(self, path: bytes) -> Iterator[tuple[bytes, Entry]]:
        with naming(path, "list"), os.scandir(path) as found:
            for one in found:
                yield one.name, _entry(one.stat(follow_symlinks=False))

    def read(self, path: bytes, follow: bool) -> Iterator[bytes]:
        with naming(path, "read"):
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
            descriptor = os.open(path, flags)
        try:
            with naming(path, "read"):
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise CopyFault(f"{shown(path)} is no regular file")
                left = status.st_size
                while left > 0:
                    piece = os.read(descriptor, min(PIECE, left))
                    if not piece:
                        raise CopyFault(f"{shown(path)} became shorter while it was read")
                    left -= len(piece)
                    yield piece
        finally:
            os.close(descriptor)

    def digest(self, path: bytes, size: int) -> str:
        import hashlib

        hashed = hashlib.sha256()
        for piece in self.read(path, follow=True):
            hashed.update(piece)
        return hashed.hexdigest()

    def write(self, path: bytes, pieces: Iterable[bytes], mode: int, owner: tuple[int, int] | None) -> None:
        with naming(path, "write"):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            for piece in pieces:
                with naming(path, "write"):
                    write_all(descriptor, piece, os.fsdecode(path))
            with naming(path, "give its owner to"):
                if owner is not None:
                    os.fchown(descriptor, *owner)
            with naming(path, "write"):
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read_link(self, path: bytes) -> bytes:
        with naming(path, "read the link"):
            return os.readlink(path)

    def make_link(self, path: bytes, leads_to: bytes) -> None:
        with naming(path, "make the link"):
            os.symlink(leads_to, path)

    def make_folder(self, path: bytes, mode: int) -> None:
        with naming(path, "make the folder"):
            try:
                os.mkdir(path, mode)
            except FileExistsError:  # another copy was faster
                if not os.path.isdir(path):
                    raise

    def replace(self, path: bytes, target: bytes) -> None:
        with naming(target, "replace"):
            os.rename(path, target)
        folder = os.path.dirname(target) or b"."
        with contextlib.suppress(OSError):  # a folder that may be written to and not be read
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def remove(self, path: bytes) -> None:
        with naming(path, "remove"):
            os.unlink(path)

    def numbers_of(self, owner: str) -> tuple[int, int]:
        import grp
        import pwd

        user, _, group = owner.partition(":")
        try:
            uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
            gid = -1 if not group else int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
        except KeyError:
            raise CopyFault(f"no such owner: '{owner}'") from None
        return uid, gid

    def run(self, words: Sequence[bytes]) -> tuple[int, str]:
        import subprocess

        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
        except OSError as error:
            raise CopyFault(f"cannot start {shown(words[0])}: {(error.strerror or '').lower()}") from None
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return code, done.stdout.decode("utf-8", "backslashreplace").strip()[-END:]


def _entry(found: os.stat_result) -> Entry:
    mode = found.st_mode
    return Entry(kind_of(mode), found.st_size, mode & 0o7777, found.st_uid, found.st_gid, int(found.st_mtime))
