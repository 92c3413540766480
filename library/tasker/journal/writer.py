"""Writes the journal of a run: what was intended before it is done, and what came of it before anything follows.

Records that are ready together share one fdatasync. The file is locked as long as the run lives, so the lock tells a
running run from a dead one.
"""

from __future__ import annotations

import errno
import fcntl
import os

from tasker.journal.format import NAME, chained_line
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from tasker.journal.format import UnchainedRecord
    from tasker.protocol.types import Document
    from tasker.system.clock import Clock
    from tasker.system.disk import Disk


class Journal:
    """The journal in the folder of a run, open for writing. Raises OSError, with its path, if it cannot be written.

    A new run creates it. For a resume (`resumed`) the caller brings an open and locked descriptor, and the `seq` and
    hash to continue with. failed: a write or a sync failed, so it is not known how far the file goes; nothing is
    written after that.
    """

    def __init__(self, folder: str, clock: Clock = CLOCK, disk: Disk = DISK) -> None:
        path = os.path.join(folder, NAME)
        descriptor = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        disk.set_mode(descriptor, 0o600)  # whatever the umask
        if not lock_journal(descriptor, clock=clock, disk=disk):
            raise BlockingIOError(errno.EAGAIN, "another process has locked it", path)
        for place in (folder, os.path.dirname(folder)):  # else the file could be gone after a crash, with its content
            disk.sync_folder(place)
        self._begin(path, descriptor, 0, "", clock, disk)

    @classmethod
    def resumed(
        cls, path: str, descriptor: int, seq: int, before: str, clock: Clock = CLOCK, disk: Disk = DISK
    ) -> Self:
        """A journal to continue. descriptor: open for appending, and locked. seq, before: of the next record."""
        journal = cls.__new__(cls)
        journal._begin(path, descriptor, seq, before, clock, disk)
        return journal

    def _begin(self, path: str, descriptor: int, seq: int, before: str, clock: Clock, disk: Disk) -> None:
        self.path, self.failed, self.clock, self.disk = path, False, clock, disk
        self._file, self._seq, self._before = descriptor, seq, before
        self._waiting: list[bytes] = []
        self._unsynced = False  # was something written since the last sync?
        self._not_hashed: OSError | None = None  # why the output of a result could not be read back

    def add(self, what: str, doc: Document) -> None:
        """Keep a document for the next `write` or `sync`. what: a kind of `format.RECORD_KINDS`.

        To a result that names files in output/ their hashes are added. If one cannot be read the record is kept all
        the same, so that the result is not lost, and the next `write` or `sync` raises the error after it.
        """
        if what == "result" and ("stdout_file" in doc or "stderr_file" in doc):
            from tasker.journal.stored_streams import with_stream_hashes  # here: few results name a file

            doc, error = with_stream_hashes(os.path.dirname(self.path), doc)
            self._not_hashed = self._not_hashed or error
        at, up = self.clock.wall(), self.clock.since_boot()
        record: UnchainedRecord
        record = {"seq": self._seq, "at": round(at, 3), "up": round(up, 3), "what": what, "doc": doc}
        line, self._before = chained_line(record, self._before)
        self._seq += 1
        self._waiting.append(line)

    def write(self) -> None:
        """Hand all added records to the kernel: they outlive this process, but not a loss of power. Raises OSError."""
        if self._waiting:
            self._write(sync=False)

    def sync(self) -> None:
        """Bring all added records to the disk. Raises OSError."""
        if self._waiting or self._unsynced:
            self._write(sync=True)
            self._unsynced = False

    def close(self, finished: bool) -> None:
        """Record that log and summary were written. A resume does that again if this record was lost.

        finished: is there nothing to resume? Then this record is all that a search for runs to resume has to read.
        """
        self.add("closed", {"finished": True} if finished else {})
        self._write(sync=False)

    def _write(self, sync: bool) -> None:
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._unsynced = True
        try:
            if self.failed:
                raise OSError(errno.EIO, "it could not be written before")
            self.disk.write(self._file, data, self.path)
            if sync:
                self.disk.sync(self._file)
        except OSError as error:
            self.failed = True
            raise OSError(error.errno, error.strerror, self.path) from None
        if self._not_hashed:
            reason, self._not_hashed = self._not_hashed, None
            raise reason


def lock_journal(descriptor: int, patience: float = 1.0, clock: Clock = CLOCK, disk: Disk = DISK) -> bool:
    """Lock an open journal until it is closed. Return False if another process holds the lock for `patience` seconds.

    Whoever asks whether a run lives holds it for a moment.
    """
    until = clock.monotonic() + patience
    while True:
        try:
            disk.lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if clock.monotonic() >= until:
                return False
        clock.sleep(0.01)
