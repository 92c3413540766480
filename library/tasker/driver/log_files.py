"""The log of a run, and the summary of a project."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat

from tasker.configuration.limits import LEVELS
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK
from tasker.system.private_files import private_folder
from tasker.system.trust import distrust_reason
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.system.clock import Clock
    from tasker.system.disk import Disk

HEADER = ("timestamp", "task file", "final task", "final host", "final command", "exit code", "status", "log file")
TORN = 256 * 1024  # bytes: more than a row has


class Log:
    """The log of a run: a record a line, in a file and on the screen.

    screen: called with each line and its level, or None. path: of the log of a run that is resumed; where that is not
    there any more, a new one is made. Raises OSError when the file cannot be made or written.
    """

    def __init__(
        self,
        base: str,
        level: str,
        screen: Callable[[str, str], None] | None = None,
        path: str | None = None,
        clock: Clock = CLOCK,
        disk: Disk = DISK,
    ) -> None:
        self.clock, self.disk = clock, disk
        self.path, self._file = self._existing(path) or disk.create(
            private_folder(base, "logs"), clock.local("tasker_%Y%m%d_%H%M%S"), ".log"
        )
        self._least, self._screen = LEVELS.index(level), screen

    def __call__(self, level: str, text: str) -> None:
        """Write a line, if its level is one that is wanted."""
        if LEVELS.index(level) < self._least:
            return
        line = f"[{self.clock.local('%Y-%m-%d %H:%M:%S')}] [{level}] {printable(text)}"
        if self._screen is not None:
            self._screen(line, level)
        self.disk.write(self._file, line.encode("utf-8", "backslashreplace") + b"\n", self.path)

    def _existing(self, path: str | None) -> tuple[str, int] | None:
        """(path, descriptor) of a log that is continued; None where there is none that can be trusted."""
        if not path:
            return None
        try:
            descriptor = self.disk.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        found = self.disk.status(descriptor)
        try:
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and not distrust_reason(path, found):
                return path, descriptor
        except OSError:  # it was moved since
            pass
        self.disk.close(descriptor)
        return None


class Summary:
    """The summary of a project: a row for each run, appended under a lock in one write, never half of it.

    Opened before the run, so that a file that cannot be used is known before anything is executed. Raises OSError.
    """

    def __init__(self, base: str, project: str, disk: Disk = DISK) -> None:
        self.path = os.path.join(private_folder(base, "logs"), f"project_{project}_summary.log")
        self.disk = disk
        self._file = disk.open_own(self.path, os.O_RDWR | os.O_APPEND)

    def has(self, started: str, log: str) -> bool:
        """Is there a row of the run that began then and has this log? Raises OSError."""
        rest = self.disk.read_at(self._file, self.disk.status(self._file).st_size, 0)
        cells = [line.split(b"\t") for line in rest.split(b"\n")]
        wanted = [printable(text).encode("utf-8", "backslashreplace") for text in (started, log)]
        return any([row[0], row[-1]] == wanted for row in cells)

    def add(self, row: Iterable[object]) -> None:
        """Append a row: a cell for each of HEADER. Raises OSError."""
        self.disk.lock(self._file, fcntl.LOCK_EX)
        try:
            data = self._with_what_comes_before(row)
            size = self.disk.status(self._file).st_size
            try:
                self.disk.write(self._file, data, self.path)
                self.disk.sync(self._file)
            except OSError as error:
                with contextlib.suppress(OSError):
                    self.disk.truncate(self._file, size)  # no half of a row stays: nothing has been reported of it
                raise OSError(error.errno, error.strerror, self.path) from None
        finally:
            self.disk.lock(self._file, fcntl.LOCK_UN)

    def _with_what_comes_before(self, row: Iterable[object]) -> bytes:
        """The bytes of a row, after the header or a newline where one is missing. A row that a killed writer left
        unfinished is cut off, unless only its newline is missing."""
        data = b"\t".join(printable(str(cell)).encode("utf-8", "backslashreplace") for cell in row) + b"\n"
        size = self.disk.status(self._file).st_size
        rest = self.disk.read_at(self._file, TORN, max(0, size - TORN))
        if rest and not rest.endswith(b"\n"):
            torn = rest.rpartition(b"\n")[2]
            if len(torn) == len(rest) == TORN or (torn.count(b"\t") == len(HEADER) - 1 and torn.endswith(b".log")):
                data = b"\n" + data
            else:
                self.disk.truncate(self._file, size - len(torn))
                size -= len(torn)
        return data if size else "\t".join(HEADER).encode() + b"\n" + data
