"""Files that are private, and files that people name.

What TASKER keeps (logs, project summaries, copies of task files, runs; docs/language.md §9) is private: folders 0700,
files 0600, each created by us and never through a symbolic link. What people name is read as a regular file of limited
size, so that a FIFO or a device cannot hang us.
"""

from __future__ import annotations

import errno
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


_PIECE = 1 << 20  # bytes of one read of a file that grows


class IrregularFile(OSError):
    """A folder, FIFO, socket or device where a regular file is needed."""


class FileTooLarge(OSError):
    """A file over the limit."""


def private_folder(base: str, *parts: str, kept: bool = False) -> str:
    """The path of a private folder below `base`, created if it is missing. Raises OSError, also if another user could
    change it or a folder between. kept: is its name, if it is new, to survive a loss of power? That of `base` is."""
    from tasker.system.trust import require_trust  # here: of the programs of a run, only the driver makes folders

    path = os.path.join(base, *parts)
    require_trust(path, missing=True)  # before anything is created where another user could want it
    for part in range(len(parts) + 1):
        _make(os.path.join(base, *parts[:part]), kept or not part)
    if not stat.S_ISDIR(os.stat(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", path)
    require_trust(path)
    return path


def _make(path: str, kept: bool) -> None:
    """Create a folder of mode 0700, whatever the umask, and the missing ones above it; kept: see private_folder."""
    if os.path.isdir(path):
        return
    if (above := os.path.dirname(path)) != path:
        _make(above, kept)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    os.chmod(path, 0o700)
    if kept:
        sync_folder(above or ".")


def sync_folder(path: str) -> None:
    """Bring the entries of a folder to the disk: what is new in it can be lost otherwise. Raises OSError, with the
    path."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)


def create_private(directory: str, name: str, ending: str, data: bytes = b"") -> tuple[str, int]:
    """Create a private file, with a number after its name if that is taken; (path, descriptor). Raises OSError."""
    for count in range(1000):
        # three digits, so that the names are in the order of creation
        path = os.path.join(directory, f"{name}{f'_{count:03}' if count else ''}{ending}")
        try:
            descriptor = os.open(path, _NEW, 0o600)
        except FileExistsError:
            continue
        try:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            write_all(descriptor, data, path)
        except OSError:
            os.close(descriptor)
            raise
        return path, descriptor
    raise FileExistsError(errno.EEXIST, "a thousand files have this name", os.path.join(directory, name + ending))


def write_some(descriptor: int, data: bytes | memoryview) -> int:
    """Write what one call takes; how many bytes, at least 1. Raises OSError.

    A write that wrote nothing is an error: in a loop it would go on for ever, and no signal would end it.
    """
    if not (written := os.write(descriptor, data)):
        raise OSError(errno.EIO, "a write wrote nothing")
    return written


def write_all(descriptor: int, data: bytes, path: str) -> None:
    """Write all of it. Raises OSError, with the path."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[write_some(descriptor, rest) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def open_own(path: str, flags: int) -> int:
    """Open or create a private file that no other user can have put there or can change by another name; its
    descriptor. Raises OSError, with the path."""
    from tasker.system.trust import is_own  # here: as above

    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise (_refused("a symbolic link", path) if error.errno == errno.ELOOP else error) from None
    found = os.fstat(descriptor)
    wrong = "not a regular file" if not stat.S_ISREG(found.st_mode) else ""
    wrong = wrong or ("a file with a second name (a hard link)" if found.st_nlink != 1 else "")
    wrong = wrong or ("another user's" if not is_own(found) else "")
    if wrong:
        os.close(descriptor)
        raise _refused(wrong, path)
    os.fchmod(descriptor, 0o600)  # whatever the umask
    return descriptor


def open_regular(path: str, *, follow: bool = True) -> int:
    """Open a regular file for reading; its descriptor. Raises OSError, IrregularFile if it is not a regular file.

    Never waits: neither for the other end of a FIFO nor for a device. follow: may it be a symbolic link?
    """
    try:
        # to open a FIFO or a device can already do something
        _require_regular(os.stat(path, follow_symlinks=follow), path)
    except ValueError:  # a NUL
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
    # a file that was swapped meanwhile neither hangs us nor becomes our terminal
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    try:
        _require_regular(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read_regular(path: str, limit: int, check: Callable[[os.stat_result], None] | None = None) -> bytes:
    """The bytes of a regular file, at most `limit`. Raises OSError; IrregularFile and FileTooLarge are such.

    check: called with the status of the open file before anything is read; it may raise.
    """
    descriptor = open_regular(path)
    try:
        status = os.fstat(descriptor)
        if check is not None:
            check(status)
        pieces = [os.read(descriptor, min(status.st_size, limit) + 1)]
        size = len(pieces[0])
        while pieces[-1] and size <= limit:
            pieces.append(os.read(descriptor, min(limit + 1 - size, _PIECE)))
            size += len(pieces[-1])
    finally:
        os.close(descriptor)
    if size > limit:
        raise FileTooLarge(errno.EFBIG, f"larger than {limit} bytes", path)
    return b"".join(pieces)


def _require_regular(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise IrregularFile(errno.EINVAL, "not a regular file", path)


def is_null_device(path: str) -> bool:
    """Does it name /dev/null, which stands for an empty file?"""
    return os.path.realpath(path) == os.devnull


def plain_name(text: str) -> str:
    """A name as part of a file's name: letters, digits and `_.+-` stay, at most 50 characters."""
    return "".join(sign if sign.isalnum() or sign in ".+-" else "_" for sign in text[:50]) or "task_file"


def stamped_name(name: str) -> str:
    """A file's name with the time in it, to the second."""
    return f"{name}_{time.strftime('%Y%m%d_%H%M%S')}"


def _refused(what: str, path: str) -> OSError:
    return PermissionError(errno.EPERM, f"it is {what}", path)
