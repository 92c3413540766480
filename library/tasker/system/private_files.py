"""Where TASKER keeps its files: logs, project summaries, copies of task files, runs (docs/language.md §9).

All of it is private: folders 0700, files 0600, each made anew and never through a symbolic link.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def private_folder(base: str, *parts: str) -> str:
    """A private folder below `base`, made when it is not there. Raises OSError, also when somebody else could change
    it or one of those between."""
    path = base
    for part in ("", *parts):
        path = os.path.join(path, part) if part else path
        _make(path)
        found = os.stat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", path)
        if found.st_uid not in (os.getuid(), 0) or (found.st_mode & 0o002 and not found.st_mode & stat.S_ISVTX):
            raise PermissionError(errno.EPERM, "somebody else may change this folder", path)
    return path


def _make(path: str) -> None:
    """A folder of mode 0700, whatever the umask, and those above it that are not there yet."""
    if os.path.isdir(path):
        return
    if (above := os.path.dirname(path)) != path:
        _make(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    os.chmod(path, 0o700)


def create_private(directory: str, name: str, ending: str, data: bytes = b"") -> tuple[str, int]:
    """A new private file, under the name with a suffix where that is taken; gives (path, descriptor)."""
    for count in range(1000):
        path = os.path.join(directory, f"{name}{f'_{count}' if count else ''}{ending}")
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


def write_all(descriptor: int, data: bytes, path: str) -> None:
    """All of it. Raises OSError, with the path."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def open_own(path: str, flags: int) -> int:
    """Open, or make, a private file that nobody else can have put there or can change by another name; its descriptor.
    Raises OSError, with the path."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise (_refused("a symbolic link", path) if error.errno == errno.ELOOP else error) from None
    found = os.fstat(descriptor)
    wrong = "no regular file" if not stat.S_ISREG(found.st_mode) else ""
    wrong = wrong or ("a file with a second name (a hard link)" if found.st_nlink != 1 else "")
    wrong = wrong or ("somebody else's" if found.st_uid not in (os.getuid(), 0) else "")
    if wrong:
        os.close(descriptor)
        raise _refused(wrong, path)
    os.fchmod(descriptor, 0o600)  # whatever the umask
    return descriptor


def plain_name(text: str) -> str:
    """What of a name goes into the name of a file: no control character, no blank, not too long."""
    return re.sub(r"[^\w.+-]", "_", text)[:50] or "task_file"


def stamped_name(name: str) -> str:
    """A file's name with the time in it, to the second."""
    return f"{name}_{time.strftime('%Y%m%d_%H%M%S')}"


def _refused(what: str, path: str) -> OSError:
    return PermissionError(errno.EPERM, f"it is {what}", path)
