"""The record of a run: what was intended before it was done, and what came of it before anybody acted on it.

One line a record: `seq`, `before` (the SHA-256 of the line before) and the document. What is ready together shares one
fdatasync. The file is locked as long as the run lives, so a lock tells a running run from a dead one.
"""

import fcntl
import hashlib
import json
import os

LARGE = 64 * 1024  # characters of a stream that go into a record; more is in output/


class Journal:
    """`journal.jsonl` of a new run in its folder. Raises OSError where it cannot be written."""

    def __init__(self, folder):
        path = os.path.join(folder, "journal.jsonl")
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)  # whatever the umask
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for place in (folder, os.path.dirname(folder)):  # else the file could be gone after a crash, with all in it
            _sync_folder(place)
        self._seq, self._before, self._waiting = 0, "", []

    def add(self, what, doc):
        """Keep a document for the next `sync`. what: start, intent, result, fired, host, signal, broken, exit."""
        record = {"seq": self._seq, "before": self._before, "what": what, "doc": doc}
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        self._seq, self._before = self._seq + 1, hashlib.sha256(line).hexdigest()
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


def _sync_folder(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def slim(result):
    """A result without the streams that its output folder has whole."""
    large = [s for s in ("stdout", "stderr") if f"{s}_file" in result and len(result.get(s, "")) > LARGE]
    return {key: value for key, value in result.items() if key not in large} if large else result
