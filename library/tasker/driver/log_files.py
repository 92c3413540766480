"""The log of a run, and the summary of a project."""

import contextlib
import fcntl
import os
import stat
import time

from tasker.configuration.limits import LEVELS
from tasker.system.private_files import create_private, open_own, private_folder, stamped_name, write_all
from tasker.text.printable import printable

HEADER = ("timestamp", "task file", "final task", "final host", "final command", "exit code", "status", "log file")
TORN = 256 * 1024  # bytes: more than a row has


class Log:
    """The log of a run: every record one line, in a file and on the screen.

    screen: a function that takes a line and its level, or None. path: the log of a run that goes on, where it is still
    there. Raises OSError when the file cannot be made or written.
    """

    def __init__(self, base, level, screen=None, path=None):
        self.path, self._file = _again(path) or create_private(
            private_folder(base, "logs"), stamped_name("tasker"), ".log"
        )
        self._least, self._screen = LEVELS.index(level), screen

    def __call__(self, level, text):
        if LEVELS.index(level) < self._least:
            return
        line = f"[{time.strftime('%Y-%m-%d %H:%M:%S')}] [{level}] {printable(text)}"
        if self._screen is not None:
            self._screen(line, level)
        write_all(self._file, line.encode("utf-8", "backslashreplace") + b"\n", self.path)


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
        self.path = os.path.join(private_folder(base, "logs"), f"project_{project}_summary.log")
        self._file = open_own(self.path, os.O_RDWR | os.O_APPEND)

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
                write_all(self._file, data, self.path)
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
