"""Where TASKER keeps its files: logs, project summaries, copies of task files, runs (docs/language.md §9).

All of it is private: folders 0700, files 0600, each made anew and never through a symbolic link.
"""

import contextlib
import errno
import fcntl
import os
import re
import stat
import time

from tasker.pattern import Pattern
from tasker.printable import printable

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
PROJECT = Pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
HEADER = ("timestamp", "task file", "final task", "final host", "final command", "exit code", "status", "log file")
TORN = 256 * 1024  # bytes: more than a row has
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def default_folder():
    return os.path.join(os.path.expanduser("~"), "TASKER")


def folder(base, *parts):
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


def _make(path):
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


def create(directory, name, ending, data=b""):
    """A new private file, under the name with a suffix where that is taken; gives (path, descriptor)."""
    for count in range(1000):
        path = os.path.join(directory, f"{name}{f'_{count}' if count else ''}{ending}")
        try:
            descriptor = os.open(path, _NEW, 0o600)
        except FileExistsError:
            continue
        try:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            write(descriptor, data, path)
        except OSError:
            os.close(descriptor)
            raise
        return path, descriptor
    raise FileExistsError(errno.EEXIST, "a thousand files have this name", os.path.join(directory, name + ending))


def write(descriptor, data, path):
    """All of it. Raises OSError, with the path."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def own(path, flags):
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


def plain_name(text):
    """What of a name goes into the name of a file: no control character, no blank, not too long."""
    return re.sub(r"[^\w.+-]", "_", text)[:50] or "task_file"


def stamped(name):
    """A file's name with the time in it, to the second."""
    return f"{name}_{time.strftime('%Y%m%d_%H%M%S')}"


def new_run(base):
    """(run id, its folder): a new folder under runs/, with `output` in it."""
    runs = folder(base, "runs")
    while True:
        identity = f"{time.strftime('%Y%m%d_%H%M%S')}_{os.urandom(3).hex()}"
        path = os.path.join(runs, identity)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        os.chmod(path, 0o700)  # whatever the umask
        folder(path, "output")
        return identity, path


class Log:
    """The log of a run: every record one line, in a file and on the screen.

    screen: a function that takes a line and its level, or None. path: the log of a run that goes on, where it is still
    there. Raises OSError when the file cannot be made or written.
    """

    def __init__(self, base, level, screen=None, path=None):
        self.path, self._file = _again(path) or create(folder(base, "logs"), stamped("tasker"), ".log")
        self._least, self._screen = LEVELS.index(level), screen

    def __call__(self, level, text):
        if LEVELS.index(level) < self._least:
            return
        line = f"[{time.strftime('%Y-%m-%d %H:%M:%S')}] [{level}] {printable(text)}"
        if self._screen is not None:
            self._screen(line, level)
        write(self._file, line.encode("utf-8", "backslashreplace") + b"\n", self.path)


def _again(path):
    """(path, descriptor) of a log to which more is added; None where there is none that we could trust."""
    try:
        descriptor = os.open(path or "", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and found.st_nlink == 1:
        return path, descriptor
    os.close(descriptor)
    return None


class Summary:
    """The summary of a project: a row for each run, appended under a lock in one write, never half of it.

    Opened before the run, so that a file that cannot be used is known before anything is executed. Raises OSError.
    """

    def __init__(self, base, project):
        self.path = os.path.join(folder(base, "logs"), f"project_{project}_summary.log")
        self._file = own(self.path, os.O_RDWR | os.O_APPEND)

    def has(self, started, log):
        """Is there a row of the run that began then and has this log? Raises OSError."""
        with open(self.path, "rb") as file:
            cells = [line.rstrip(b"\n").split(b"\t") for line in file]
        wanted = [printable(text).encode("utf-8", "backslashreplace") for text in (started, log)]
        return any([row[0], row[-1]] == wanted for row in cells)

    def add(self, row):
        """Append a row. Raises OSError."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            data = self._behind(row)
            size = os.fstat(self._file).st_size
            try:
                write(self._file, data, self.path)
                os.fdatasync(self._file)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, size)  # no half of a row stays; nobody has been told of it
                raise OSError(error.errno, error.strerror, self.path) from None
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _behind(self, row):
        """The bytes of a row, with what has to stand before it. What a writer that was killed left of its row is cut
        off, unless it is a whole one but for its end."""
        data = b"\t".join(printable(str(cell)).encode("utf-8", "backslashreplace") for cell in row) + b"\n"
        size = os.fstat(self._file).st_size
        start = max(0, size - TORN)
        rest = os.pread(self._file, TORN, start)
        if rest and not rest.endswith(b"\n"):
            torn = rest.rpartition(b"\n")[2]
            if len(torn) == len(rest) == TORN or (torn.count(b"\t") == len(HEADER) - 1 and torn.endswith(b".log")):
                data = b"\n" + data
            else:
                os.ftruncate(self._file, size - len(torn))
                size -= len(torn)
        return data if size else "\t".join(HEADER).encode() + b"\n" + data


def _refused(what, path):
    return PermissionError(errno.EPERM, f"it is {what}", path)
