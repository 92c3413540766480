"""The record of a run: what was intended before it was done, and what came of it before anybody acted on it.

One line a record: `seq`, `at` (seconds since 1970, for people), `up` (seconds since the machine started, for timers),
`what`, the document, `before` (the hash of the record before) and `hash` (SHA-256 of all that stands before it in the
line). What is ready together shares one fdatasync. The file is locked as long as the run lives, so a lock tells a
running run from a dead one.
"""

import errno
import fcntl
import os
import time

from tasker.journal.format import NAME, chained_line


class Journal:
    """`journal.jsonl` in the folder of a run. Raises OSError, with its path, where it cannot be written.

    A new run makes it; one that goes on (`resume`) brings its descriptor, locked, and seq and hash of what is in it.
    failed: a write or a sync went wrong, so that nobody knows how far the file goes. Nothing is written behind that.
    """

    def __init__(self, folder):
        path = os.path.join(folder, NAME)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)  # whatever the umask
        if not lock_journal(descriptor):
            raise BlockingIOError(errno.EAGAIN, "somebody else has locked it", path)
        for place in (folder, os.path.dirname(folder)):  # else the file could be gone after a crash, with all in it
            sync_folder(place)
        self._begin(path, descriptor, 0, "")

    @classmethod
    def resumed(cls, path, descriptor, seq, before):
        """One to which more is added. descriptor: open for appending, and locked."""
        journal = cls.__new__(cls)
        journal._begin(path, descriptor, seq, before)
        return journal

    def _begin(self, path, descriptor, seq, before):
        self.path, self.failed = path, False
        self._file, self._seq, self._before, self._waiting = descriptor, seq, before, []
        self._unsynced = False  # was something written since the last sync?

    def add(self, what, doc):
        """Keep a document for the next `sync`. what: start, intent, result, skip, fired, host, signal, broken, resume,
        exit, closed."""
        up = time.clock_gettime(time.CLOCK_BOOTTIME)
        record = {"seq": self._seq, "at": round(time.time(), 3), "up": round(up, 3), "what": what, "doc": doc}
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
            self._write(os.fdatasync)
            self._unsynced = False

    def close(self, finished):
        """Say that all is done that comes after the end. A resume does it once more where this record got lost.

        finished: is there nothing to go on with, so that whoever looks for such a run need read no more than this?
        """
        self.add("closed", {"finished": True} if finished else {})
        self._write()

    def _write(self, then=lambda descriptor: None):
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._unsynced = True
        try:
            if self.failed:
                raise OSError(errno.EIO, "it could not be written before")
            while data:
                data = data[os.write(self._file, data) :]
            then(self._file)
        except OSError as error:
            self.failed = True
            raise OSError(error.errno, error.strerror, self.path) from None


def lock_journal(descriptor, patience=1.0):
    """Lock a journal, for life. False where somebody else has it for longer than a look at it takes."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:  # who asks whether the run lives has it for a moment
            if time.monotonic() >= until:
                return False
        time.sleep(0.01)


def sync_folder(path):
    """Raises OSError, with the path."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)
