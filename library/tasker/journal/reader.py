"""What a journal says, read back: the records up to where it can be trusted (journal.py writes them).

A journal that was cut off in the middle of its last line, as a power cut does it, is a clean prefix. Whatever else is
wrong with one means that it was changed, or that the disk lost something: nobody can say what is missing then.
"""

import json
import os

from tasker.journal.format import NAME, RECORD_KEYS, Damaged, Unreadable
from tasker.journal.run_folder import open_journal
from tasker.system.digest import sha256


class RunHistory:
    """The records of a run. run: its id. torn: bytes after the last whole record. size: bytes of the good part."""

    def __init__(self, folder, records, size, torn):
        self.folder, self.run = folder, os.path.basename(folder)
        self.records, self.size, self.torn = records, size, torn

    @property
    def start(self):
        """The document of the first record: what runs, by whom, where and how. Empty where nothing is there yet."""
        return self.records[0]["doc"] if self.records else {}

    def sessions(self):
        """The records of each time that the run was driven: a list for its start, and one for each resume."""
        made = []
        for record in self.records:
            if record["what"] in ("start", "resume"):
                made.append([])
            made[-1].append(record)
        return made

    def newest(self, key):
        """What the newest of the records that begin a session says under this key, of those that have it."""
        firsts = [session[0]["doc"] for session in self.sessions()]
        return next(doc[key] for doc in reversed(firsts) if key in doc)

    def whole(self, result, needs):
        """A result with those of its streams that flow needs and the journal leaves to output/. Raises Unreadable."""
        for stream in needs or ():
            if stream not in result and f"{stream}_file" in result:
                path = os.path.join(self.folder, "output", os.path.basename(result[f"{stream}_file"]))
                try:
                    with open(path, "rb") as file:
                        data = file.read()
                except OSError as error:
                    raise Unreadable(f"cannot read '{path}': {error.strerror}") from None
                if len(data) != result.get(f"{stream}_bytes"):
                    raise Unreadable(f"'{path}' was changed: it has {len(data)} bytes")
                result = {**result, stream: data.decode("utf-8", "backslashreplace")}
        return result

    def exit(self):
        """The exit step with which the run ended last, or None where it did not come to an end."""
        last = self.sessions()[-1] if self.records else []
        return next((record["doc"] for record in last if record["what"] == "exit"), None)

    def interrupted(self):
        """Was the last end none that the task file led to: a signal, or a stage that broke?"""
        last = self.sessions()[-1] if self.records else []
        return any(record["what"] in ("signal", "broken") for record in last)

    def closed(self):
        """Was everything done that comes after the end: log, summary?"""
        return bool(self.records) and self.records[-1]["what"] == "closed"

    def finished(self):
        """Is there nothing to go on with?"""
        return self.exit() is not None and not self.interrupted()


def read_journal(folder, descriptor=None):
    """The History in the folder of a run. descriptor: its journal, where it is open already.

    Raises Unreadable; Damaged, which is one, when the journal was changed.
    """
    path = os.path.join(folder, NAME)
    own = descriptor is None
    try:
        descriptor = open_journal(folder) if own else descriptor
        with open(os.dup(descriptor), "rb") as file:
            file.seek(0)
            return _read(folder, path, file)
    except OSError as error:
        raise Unreadable(f"cannot read '{path}': {error.strerror}") from None
    finally:
        if own and descriptor is not None:
            os.close(descriptor)


def _read(folder, path, file):
    records, before, size = [], "", 0
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):  # the last: it was being written when the power went
            return RunHistory(folder, records, size, len(line))
        record = _record(path, number, line, before)
        before, size = record["hash"], size + len(line)
        records.append(record)
    return RunHistory(folder, records, size, 0)


def _record(path, number, line, before):
    """The record in a line. Raises Damaged."""
    body, _, end = line.rpartition(b',"hash":"')
    if end != sha256(body).hexdigest().encode() + b'"}\n':
        raise Damaged(path, number, "its hash is not that of what it says")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or tuple(record) != RECORD_KEYS or not isinstance(record["doc"], dict):
        raise Damaged(path, number, "it is no record")
    if record["seq"] != number - 1 or record["before"] != before:
        raise Damaged(path, number, "it does not follow the record before it")
    if (record["what"] == "start") != (number == 1):
        raise Damaged(path, number, "a run begins with 'start', once")
    return record
