"""The record of a run: what was intended before it was done, and what came of it before anybody acted on it.

One line a record: `seq`, `at` (seconds since 1970, for people), `up` (seconds since the machine started, for timers),
`what`, the document, `before` (the hash of the record before) and `hash` (SHA-256 of all that stands before it in the
line). What is ready together shares one fdatasync. The file is locked as long as the run lives, so a lock tells a
running run from a dead one.
"""

import errno
import fcntl
import os

from tasker.journal.format import NAME, chained_line
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK


class Journal:
    """`journal.jsonl` in the folder of a run. Raises OSError, with its path, where it cannot be written.

    A new run makes it; one that goes on (`resume`) brings its descriptor, locked, and seq and hash of what is in it.
    failed: a write or a sync went wrong, so that nobody knows how far the file goes. Nothing is written behind that.
    """

    def __init__(self, folder, clock=CLOCK, disk=DISK):
        path = os.path.join(folder, NAME)
        descriptor = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        disk.set_mode(descriptor, 0o600)  # whatever the umask
        if not lock_journal(descriptor, clock=clock, disk=disk):
            raise BlockingIOError(errno.EAGAIN, "somebody else has locked it", path)
        for place in (folder, os.path.dirname(folder)):  # else the file could be gone after a crash, with all in it
            disk.sync_folder(place)
        self._begin(path, descriptor, 0, "", clock, disk)

    @classmethod
    def resumed(cls, path, descriptor, seq, before, clock=CLOCK, disk=DISK):
        """One to which more is added. descriptor: open for appending, and locked."""
        journal = cls.__new__(cls)
        journal._begin(path, descriptor, seq, before, clock, disk)
        return journal

    def _begin(self, path, descriptor, seq, before, clock, disk):
        self.path, self.failed, self.clock, self.disk = path, False, clock, disk
        self._file, self._seq, self._before, self._waiting = descriptor, seq, before, []
        self._unsynced = False  # was something written since the last sync?

    def add(self, what, doc):
        """Keep a document for the next `sync`. what: start, intent, result, skip, fired, host, signal, broken, resume,
        exit, closed."""
        at, up = self.clock.wall(), self.clock.since_boot()
        record = {"seq": self._seq, "at": round(at, 3), "up": round(up, 3), "what": what, "doc": doc}
        line, self._before = chained_line(record, self._before)
        self._seq += 1
        self._waiting.append(line)

    def write(self):
        """Hand all that was added to the kernel: it outlives us, but not the machine. Raises OSError."""
        if self._waiting:
            self._write()

    def sync(self):
        """Bring all that was added to the disk. Raises OSError."""
        if self._waiting or self._unsynced:
            self._write(sync=True)
            self._unsynced = False

    def close(self, finished):
        """Say that all is done that comes after the end. A resume does it once more where this record got lost.

        finished: is there nothing to go on with, so that whoever looks for such a run need read no more than this?
        """
        self.add("closed", {"finished": True} if finished else {})
        self._write()

    def _write(self, sync=False):
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


def lock_journal(descriptor, patience=1.0, clock=CLOCK, disk=DISK):
    """Lock a journal, for life. False where somebody else has it for longer than a look at it takes."""
    until = clock.monotonic() + patience
    while True:
        try:
            disk.lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:  # who asks whether the run lives has it for a moment
            if clock.monotonic() >= until:
                return False
        clock.sleep(0.01)
