"""What a journal says, read back: the records up to where it can be trusted (journal.py writes them).

A journal that was cut off in the middle of its last line, as a power cut does it, is a clean prefix. Whatever else is
wrong with one means that it was changed, or that the disk lost something: nobody can say what is missing then.
"""

import errno
import fcntl
import json
import os
import stat

from tasker.journal.writer import NAME
from tasker.system.digest import sha256
from tasker.text.lazy_regex import Pattern

_IDENTITY = Pattern(r"[0-9A-Za-z_]{1,64}")
_TAIL = 1024  # bytes: more than the last record of a finished run has
LAST = "last"  # what stands for the newest run; ids begin with a digit
_KEYS = ("seq", "at", "up", "what", "doc", "before", "hash")


class Unreadable(Exception):
    """A run of which there is no journal that could be read; the text says why."""


class Damaged(Unreadable):
    """A journal that was changed. line: the first bad one, from 1."""

    def __init__(self, path, line, why):
        super().__init__(f"the journal '{path}' is damaged in line {line}: {why}")
        self.path, self.line, self.why = path, line, why


class History:
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


def runs(base):
    """The ids of the runs below a folder, the oldest first."""
    try:
        names = os.listdir(os.path.join(base, "runs"))
    except OSError:
        return []
    return sorted(name for name in names if _IDENTITY.fullmatch(name) and os.path.exists(path_of(base, name)))


def path_of(base, run):
    """Where the journal of a run is."""
    return os.path.join(base, "runs", run, NAME)


def folder_of(base, word):
    """The folder of the run that a person means: by its id, the beginning of it, a path, or `last` for the newest.
    Raises Unreadable."""
    if os.sep in word:
        folder = os.path.abspath(word.removesuffix(NAME))
        if os.path.exists(os.path.join(folder, NAME)):
            return folder
        raise Unreadable(f"there is no journal in '{folder}'")
    known = runs(base)
    if word == LAST and known:
        return os.path.join(base, "runs", known[-1])
    meant = [word] if word in known else [run for run in known if run.startswith(word)]
    if len(meant) > 1:
        raise Unreadable(f"'{word}' can mean {len(meant)} runs, from {meant[0]} to {meant[-1]}")
    if not meant or not word:
        raise Unreadable(f"there is no run '{word}' in '{os.path.join(base, 'runs')}'; tasker runs lists them")
    return os.path.join(base, "runs", meant[0])


def read(folder, descriptor=None):
    """The History in the folder of a run. descriptor: its journal, where it is open already.

    Raises Unreadable; Damaged, which is one, when the journal was changed.
    """
    path = os.path.join(folder, NAME)
    own = descriptor is None
    try:
        descriptor = opened(folder) if own else descriptor
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
            return History(folder, records, size, len(line))
        record = _record(path, number, line, before)
        before, size = record["hash"], size + len(line)
        records.append(record)
    return History(folder, records, size, 0)


def _record(path, number, line, before):
    """The record in a line. Raises Damaged."""
    body, _, end = line.rpartition(b',"hash":"')
    if end != sha256(body).hexdigest().encode() + b'"}\n':
        raise Damaged(path, number, "its hash is not that of what it says")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or tuple(record) != _KEYS or not isinstance(record["doc"], dict):
        raise Damaged(path, number, "it is no record")
    if record["seq"] != number - 1 or record["before"] != before:
        raise Damaged(path, number, "it does not follow the record before it")
    if (record["what"] == "start") != (number == 1):
        raise Damaged(path, number, "a run begins with 'start', once")
    return record


def opened(folder, write=False):
    """A descriptor of the journal in a folder, which has to be a file of the user's own. Raises OSError."""
    flags = (os.O_RDWR | os.O_APPEND) if write else os.O_RDONLY
    descriptor = os.open(os.path.join(folder, NAME), flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.getuid()) or (write and found.st_nlink != 1):
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "its journal is no file of yours")
    return descriptor


def demand_own(folder):
    """Raises OSError where somebody else could put a journal, or output, into the folder of a run."""
    found = os.lstat(folder)
    if stat.S_ISLNK(found.st_mode):
        raise PermissionError(errno.EPERM, "its folder is a symbolic link", folder)
    if found.st_uid not in (0, os.getuid()) or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "somebody else may change its folder", folder)


def done(folder):
    """Does the last record say that there is nothing to go on with? Cheap: nothing else is read."""
    try:
        descriptor = opened(folder)
    except OSError:
        return False
    try:
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, _TAIL, max(0, size - _TAIL))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    body, _, end = tail[tail.rfind(b"\n", 0, -1) + 1 :].rpartition(b',"hash":"')
    says = b'"what":"closed","doc":{"finished":true}' in body
    return says and end == sha256(body).hexdigest().encode() + b'"}\n'


def running(folder):
    """Does somebody drive this run now? The kernel knows: the journal is locked as long as they live."""
    try:
        descriptor = opened(folder)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)
