"""The log of a run, and the summary of a project."""

from __future__ import annotations

import fcntl
import os
import stat

from tasker.configuration.limits import LEVELS
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK
from tasker.system.private_files import private_folder
from tasker.system.trust import distrust_reason
from tasker.text.lazy_regex import Pattern
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.system.clock import Clock
    from tasker.system.disk import Disk

FIRST_HEADER = (
    "timestamp",
    "task file",
    "final task",
    "final host",
    "final command",
    "exit code",
    "status",
    "log file",
)
HEADER = (*FIRST_HEADER, "counts", "commands", "failed hosts", "first failure", "run")
NO_RUN = "-"  # in place of the id of a run that was refused before it had one
LOG, RUN = HEADER.index("log file"), HEADER.index("run")
_RUN = Pattern(rb"[0-9]{8}_[0-9]{6}_[0-9a-f]{6}")
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
        self._wanted, self._screen = frozenset(LEVELS[LEVELS.index(level) :]), screen
        self._second, self._time = -1, ""  # the time in words, made once a second
        self._held: list[str] | None = None  # lines that are written together

    def takes(self, level: str) -> bool:
        """Is this level one that is wanted?"""
        return level in self._wanted

    def __call__(self, level: str, text: str) -> None:
        """Write a line, if its level is one that is wanted."""
        if level not in self._wanted:
            return
        if (second := int(self.clock.wall())) != self._second:
            self._second, self._time = second, self.clock.local("%Y-%m-%d %H:%M:%S")
        line = f"[{self._time}] [{level}] {printable(text)}"
        if self._screen is not None:
            self._screen(line, level)
        if self._held is None:
            self._write((line,))
        else:
            self._held.append(line)

    def hold(self) -> None:
        """Keep the lines from now on, to write them together."""
        self._held = []

    def release(self) -> None:
        """Write what is held, and each line by itself from now on. Raises OSError."""
        held, self._held = self._held, None
        if held:
            self._write(held)

    def _write(self, lines: Iterable[str]) -> None:
        text = "".join([f"{line}\n" for line in lines])
        self.disk.write(self._file, text.encode("utf-8", "backslashreplace"), self.path)

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

    A resume replaces the row of its run. Rows that an older version wrote have the first eight cells. Opened before the
    run, so that a file that cannot be used is known before anything is executed. Raises OSError.
    """

    def __init__(self, base: str, project: str, disk: Disk = DISK) -> None:
        self.folder = private_folder(base, "logs")
        self.path = os.path.join(self.folder, f"project_{project}_summary.log")
        self.disk = disk
        self._file = self._open()

    def _open(self) -> int:
        descriptor: int = self.disk.open_own(self.path, os.O_RDWR | os.O_APPEND)
        return descriptor

    def add(self, row: Iterable[object], resumed: bool = False) -> None:
        """Add a row: a cell for each of HEADER. resumed: in place of the row of the same run, if there is one. Raises
        OSError."""
        made = _line(row)
        self._lock()
        try:
            size = self.disk.status(self._file).st_size
            first = self.disk.read_at(self._file, len(_line(FIRST_HEADER)), 0)
            if size and (resumed or first == _line(FIRST_HEADER)):
                self._rewrite(self.disk.read_at(self._file, size, 0), made, resumed)
            else:
                self._append(made)
        finally:
            self.disk.lock(self._file, fcntl.LOCK_UN)

    def _lock(self) -> None:
        """Lock the file that has the name now: a resume of another run puts a new one in its place."""
        while True:
            self.disk.lock(self._file, fcntl.LOCK_EX)
            ours = self.disk.status(self._file)
            try:
                named = os.stat(self.path, follow_symlinks=False)
                if (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino):
                    return
            except FileNotFoundError:
                pass
            replaced, self._file = self._file, self._open()
            self.disk.close(replaced)

    def _append(self, made: bytes) -> None:
        data = self._with_what_comes_before(made)
        size = self.disk.status(self._file).st_size
        try:
            self.disk.write(self._file, data, self.path)
            self.disk.sync(self._file)
        except OSError as error:
            try:
                self.disk.truncate(self._file, size)  # no half of a row stays: nothing has been reported of it
            except OSError:
                pass
            raise OSError(error.errno, error.strerror, self.path) from None

    def _rewrite(self, before: bytes, made: bytes, resumed: bool) -> None:
        """Put a new file in place of this one: with the header of today, and with the row."""
        header, *rows = before.split(b"\n")
        last = rows.pop() if rows else b""
        is_old = header == _line(FIRST_HEADER).rstrip(b"\n")
        rows += [last] if _is_whole(last) or (is_old and _is_whole_old(last)) else []
        new = made.rstrip(b"\n")
        places = [place for place, one in enumerate(rows) if resumed and _is_same_run(one, new)]
        if places:
            rows[places[0]] = new
            rows = [one for place, one in enumerate(rows) if place not in places[1:]]
        else:
            rows.append(new)
        header = _line(HEADER).rstrip(b"\n") if is_old or not header else header
        data = b"".join(one + b"\n" for one in (header, *rows))
        try:
            os.unlink(f"{self.path}.new")  # of one that was killed: we have the lock
        except FileNotFoundError:
            pass
        path, descriptor = self.disk.create(self.folder, os.path.basename(self.path), ".new", data)
        try:
            self.disk.sync(descriptor)
            os.replace(path, self.path)
            self.disk.sync_folder(self.folder)
        finally:
            self.disk.close(descriptor)

    def _with_what_comes_before(self, made: bytes) -> bytes:
        """The bytes of a row, after the header or a newline where one is missing. A row that a killed writer left
        unfinished is cut off, unless only its newline is missing."""
        size = self.disk.status(self._file).st_size
        rest = self.disk.read_at(self._file, TORN, max(0, size - TORN))
        if rest and not rest.endswith(b"\n"):
            torn = rest.rpartition(b"\n")[2]
            if len(torn) == len(rest) == TORN or _is_whole(torn):
                made = b"\n" + made
            else:
                self.disk.truncate(self._file, size - len(torn))
                size -= len(torn)
        return made if size else _line(HEADER) + made


def _line(row: Iterable[object]) -> bytes:
    return b"\t".join(printable(str(cell)).encode("utf-8", "backslashreplace") for cell in row) + b"\n"


def _is_whole(row: bytes) -> bool:
    """Is only the newline of this row missing? What killed its writer may have left any part of it."""
    cells = row.split(b"\t")
    return len(cells) == len(HEADER) and (cells[-1] == NO_RUN.encode() or _RUN.fullmatch(cells[-1]) is not None)


def _is_whole_old(row: bytes) -> bool:
    return row.count(b"\t") == len(FIRST_HEADER) - 1 and row.endswith(b".log")


def _is_same_run(row: bytes, new: bytes) -> bool:
    """Are both rows of one run? The log of a run is its own too: rows of older versions have no other mark."""
    cells, ours = row.split(b"\t"), new.split(b"\t")
    if len(cells) > RUN:
        return cells[RUN] == ours[RUN] and cells[RUN] != NO_RUN.encode()
    return len(cells) == len(FIRST_HEADER) and cells[LOG] == ours[LOG] != b""
