"""Reads journals: the whole, verified (`read_journal`); the ends (`read_ends`); record by record (`read_records`).

A journal whose last line was cut off, as a full disk does it, or that ends in zeros, as a loss of power does it, is a
clean prefix. Anything else that is wrong with one means that it was changed, or that the disk lost something: then it
cannot be said what is missing.
"""

from __future__ import annotations

import os

from tasker.journal.format import (
    NAME,
    RECORD_KINDS,
    Damaged,
    NotARecord,
    NothingRecorded,
    OtherVersion,
    Unreadable,
    read_line,
    record_in_line,
)
from tasker.journal.record_store import MANY, RecordStore
from tasker.journal.run_folder import open_journal
from tasker.system.digest import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tasker.journal.format import Digest, Record
    from tasker.protocol.types import Document

_ZEROS = bytes(2)  # what a loss of power leaves of a page; one alone can be a bit that has flipped
LARGE = 4 * 1024 * 1024  # bytes of a journal from which OpenSSL, three times as fast, makes up for its import
TAIL = 256 * 1024  # bytes at the end of a journal that are read at first to know how it ends


class RunHistory:
    """The records of a run. run: its id. torn: bytes after the last whole record. size: bytes of the whole records."""

    def __init__(self, folder: str, records: list[Record], size: int, torn: int) -> None:
        self.folder, self.run = folder, os.path.basename(folder)
        self.records, self.size, self.torn = records, size, torn
        self._sessions: list[list[Record]] | None = None
        self._rare: list[tuple[int, Record]] | None = None

    def rare(self, start: int = 0) -> list[Record]:
        """The records from this place on, without the kinds in MANY."""
        if self._rare is None:
            self._rare = [(place, one) for place, one in enumerate(self.records) if one["what"] not in MANY]
        return [record for place, record in self._rare if place >= start]

    @property
    def start(self) -> Document:
        """The document of the first record: what runs, by whom, where and how. Empty if nothing was recorded."""
        return self.records[0]["doc"] if self.records else {}

    def require_records(self) -> None:
        """Raises NothingRecorded if the run ended before it began."""
        if not self.records:
            raise NothingRecorded(self.folder)

    def sessions(self) -> list[list[Record]]:
        """The records of each time that the run was driven: a list for its start, and one for each resume."""
        if self._sessions is None:
            self.rare()
            places = [place for place, record in self._rare or () if begins_session(record)]
            ends = [*places[1:], len(self.records)]
            self._sessions = [self.records[start:end] for start, end in zip(places, ends, strict=False)]
        return self._sessions

    def newest(self, key: str) -> Any:  # Any: the value of a key that only the caller knows
        """What the newest record that begins a session has under this key, of those that have it. Raises KeyError."""
        firsts = [session[0]["doc"] for session in self.sessions()]
        for doc in reversed(firsts):
            if key in doc:
                return doc[key]
        raise KeyError(key)

    def exit(self) -> Document | None:
        """The exit step with which the last session ended, or None if it did not come to an end."""
        return next((record["doc"] for record in self._rare_of_last_session() if record["what"] == "exit"), None)

    def interrupted(self) -> bool:
        """Did a signal, or a stage that broke, end the last session, instead of the task file?"""
        return any(cuts_short(record) for record in self._rare_of_last_session())

    def closed(self) -> bool:
        """Was everything done that comes after the end: log, summary?"""
        return bool(self.records) and self.records[-1]["what"] == "closed"

    def finished(self) -> bool:
        """Is there nothing to resume?"""
        return self.exit() is not None and not self.interrupted()

    def _rare_of_last_session(self) -> list[Record]:
        sessions = self.sessions()
        return self.rare(len(self.records) - len(sessions[-1])) if sessions else []


class JournalEnds:
    """The first record of a journal, and the last ones. first: None if nothing was recorded. last: in order; all
    records of the last session if it was interrupted, and one at least if there is one."""

    def __init__(self, first: Record | None, last: list[Record]) -> None:
        self.first, self.last = first, last


def begins_session(record: Record) -> bool:
    """Does a session of a run begin with this record?"""
    kind = RECORD_KINDS.get(record["what"])
    return kind is not None and kind.begins


def cuts_short(record: Record) -> bool:
    """Does this record end a session before its time?"""
    kind = RECORD_KINDS.get(record["what"])
    return kind is not None and kind.cuts_short


def read_journal(folder: str, descriptor: int | None = None) -> RunHistory:
    """All records of the journal in the folder of a run, verified. descriptor: the journal, if it is open already.

    Raises Unreadable; Damaged, which is one, if the journal was changed.
    """
    path = os.path.join(folder, NAME)
    own = None
    try:
        if descriptor is None:
            descriptor = own = open_journal(folder)
        digest: Callable[[bytes], Digest] = sha256
        if os.fstat(descriptor).st_size >= LARGE:
            from hashlib import sha256 as digest
        with open(os.dup(descriptor), "rb") as file:
            file.seek(0)
            store, size = RecordStore(path, descriptor, digest), 0
            for line, record, is_verbatim in _verified(path, file, digest):
                if record is None:
                    return RunHistory(folder, store.records, size, os.fstat(descriptor).st_size - size)
                store.add(line, size, record, is_verbatim)
                size += len(line)
            return RunHistory(folder, store.records, size, 0)
    except OSError as error:
        raise Unreadable(f"cannot read '{path}': {error.strerror}") from None
    finally:
        if own is not None:
            os.close(own)


def read_records(path: str, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Record | None]]:
    """(line, its record) for each line of a journal, from the first. What was cut off at its end has None.

    path: for messages. Raises Unreadable; Damaged, which is one, if the journal was changed.
    """
    return ((line, record) for line, record, _ in _verified(path, lines))


def _verified(
    path: str, lines: Iterable[bytes], digest: Callable[[bytes], Digest] = sha256
) -> Iterator[tuple[bytes, Record | None, bool]]:
    """The same, and whether the record is exactly what stands in the line. digest: SHA-256, of any library."""
    before, numbered = "", enumerate(lines, 1)
    for number, line in numbered:
        if not line.endswith(b"\n") or _ZEROS in line:
            if _is_whole(line) or any(_is_whole(rest) for _, rest in numbered):
                raise Damaged(path, number, "records follow what is missing there")
            yield line, None, False
            return
        try:
            record, is_verbatim = read_line(line, digest)
        except OtherVersion as other:
            raise Unreadable(f"the journal '{path}' has {other}, in line {number}") from None
        except NotARecord as wrong:
            raise Damaged(path, number, str(wrong)) from None
        if record["seq"] != number - 1 or record["before"] != before:
            raise Damaged(path, number, "it does not follow the record before it")
        if (record["what"] == "start") != (number == 1):
            raise Damaged(path, number, "a run begins with 'start', once")
        before = record["hash"]
        yield line, record, is_verbatim


def _is_whole(line: bytes) -> bool:
    """Is this a record, or are these zeros and then one?"""
    try:
        return bool(record_in_line(line.rpartition(b"\0")[2]))
    except (OtherVersion, NotARecord):
        return False


def read_ends(folder: str) -> JournalEnds:
    """How the run in a folder began and ended, without reading what is between.

    Each record that is read is whole and as it was written; that nothing is missing between them is not checked. Raises
    Unreadable.
    """
    path = os.path.join(folder, NAME)
    try:
        descriptor = open_journal(folder)
        with open(descriptor, "rb") as file:
            line = file.readline()
            if not line.endswith(b"\n"):
                return JournalEnds(None, [])
            first = record_in_line(line)
            if first["what"] != "start":
                raise NotARecord("a run begins with 'start', once")
            size, wanted = file.seek(0, os.SEEK_END), TAIL
            while True:
                last = _tail(descriptor, max(0, size - wanted), size)
                if wanted >= size or _is_enough(last):
                    return JournalEnds(first, last)
                wanted *= 4  # a long record, or a session that was interrupted long before its end
    except NotARecord as wrong:
        raise Unreadable(f"the journal '{path}' is damaged: {wrong}") from None
    except OSError as error:
        raise Unreadable(f"cannot read '{path}': {error.strerror}") from None


def _tail(descriptor: int, start: int, end: int) -> list[Record]:
    """The whole records between two places of a file. Raises NotARecord, OSError."""
    data = b""
    while len(data) < end - start and (piece := os.pread(descriptor, end - start - len(data), start + len(data))):
        data += piece
    lines = data.split(b"\n")[:-1]  # what has no newline was cut off
    if start:
        del lines[:1]  # which began before
    hole = next((place for place, line in enumerate(lines) if _ZEROS in line), len(lines))
    if not any(_is_whole(line + b"\n") for line in lines[hole:]):
        del lines[hole:]
    return [record_in_line(line + b"\n") for line in lines]


def _is_enough(records: list[Record]) -> bool:
    """Do the last records of a journal say how it ended? What was interrupted says so anywhere in its last session."""
    if not records:
        return False
    what, doc = records[-1]["what"], records[-1]["doc"]
    if what not in ("exit", "closed") or doc.get("finished") is True:
        return True
    return any(begins_session(record) or cuts_short(record) for record in records)
