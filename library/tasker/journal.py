"""The record of a run: what was intended before it was done, and what came of it before anybody acted on it.

One line a record: `seq`, `at` (seconds since 1970, for people), `up` (seconds since the machine started, for timers),
`what`, the document, `before` (the hash of the record before) and `hash` (SHA-256 of all that stands before it in the
line). What is ready together shares one fdatasync. The file is locked as long as the run lives, so a lock tells a
running run from a dead one.
"""

import fcntl
import hashlib
import json
import os
import time

LARGE = 64 * 1024  # characters of a stream that go into a record; more is in output/
NAME = "journal.jsonl"


class Journal:
    """`journal.jsonl` in the folder of a run. Raises OSError where it cannot be written.

    A new run makes it; one that goes on (`resume`) brings its descriptor, locked, and seq and hash of what is in it.
    """

    def __init__(self, folder):
        path = os.path.join(folder, NAME)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)  # whatever the umask
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for place in (folder, os.path.dirname(folder)):  # else the file could be gone after a crash, with all in it
            sync_folder(place)
        self._seq, self._before, self._waiting = 0, "", []

    @classmethod
    def resumed(cls, descriptor, seq, before):
        """One to which more is added. descriptor: open for appending, and locked."""
        journal = cls.__new__(cls)
        journal._file, journal._seq, journal._before, journal._waiting = descriptor, seq, before, []
        return journal

    def add(self, what, doc):
        """Keep a document for the next `sync`. what: start, intent, result, skip, fired, host, signal, broken, resume,
        exit, closed."""
        up = time.clock_gettime(time.CLOCK_BOOTTIME)
        record = {"seq": self._seq, "at": round(time.time(), 3), "up": round(up, 3), "what": what, "doc": doc}
        line, self._before = sealed(record, self._before)
        self._seq += 1
        self._waiting.append(line)

    def sync(self):
        """Bring all that was added to the disk. Raises OSError."""
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        while data:
            data = data[os.write(self._file, data) :]
        os.fdatasync(self._file)

    def close(self):
        """Say that all is done that comes after the end. A resume does it once more where this record got lost."""
        self.add("closed", {})
        while self._waiting:
            os.write(self._file, self._waiting.pop())


def sealed(record, before):
    """(the line of a record, its hash)."""
    body = json.dumps({**record, "before": before}, separators=(",", ":")).encode()[:-1]
    found = hashlib.sha256(body).hexdigest()
    return body + b',"hash":"' + found.encode() + b'"}\n', found


def sync_folder(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def slim(result):
    """A result without the streams that its output folder has whole."""
    large = [s for s in ("stdout", "stderr") if f"{s}_file" in result and len(result.get(s, "")) > LARGE]
    return {key: value for key, value in result.items() if key not in large} if large else result
