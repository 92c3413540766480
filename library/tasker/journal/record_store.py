"""Records that a reader of a large journal keeps: as places in the file. Each is read again when it is needed.

As documents, 200,000 records take 800 MB; as places, 30. Those that were used last are kept as documents. What is read
again is compared with the hash of what was verified.
"""

from __future__ import annotations

import os
from sys import intern

from tasker.journal.format import Damaged
from tasker.text.json_codec import decode_known_json
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tasker.journal.format import Digest, Record
    from tasker.protocol.types import Document

AS_DOCUMENTS = 2000  # records at the beginning that stay documents: all of most journals
MANY = frozenset(("intent", "result", "fired", "host"))  # kinds of which a journal can have many
BLOCK = 64  # lines that are read again together
_LATEST = 1024  # records that are kept as documents; up to twice as many
_LATEST_BLOCKS = 128  # blocks whose lines are kept; up to twice as many


class Facts(NamedTuple):
    """What is needed of many records, without their documents.

    Of an intent: its task; probe: is it one?; receipt: has it one?; needs: the streams that flow reads, None if that is
    not known. Of a result: its outcome; stored: are streams of it in files?
    """

    task: int = -1
    probe: bool = False
    receipt: bool = False
    needs: tuple[str, ...] | None = None
    outcome: str = ""
    stored: bool = False


class StoredRecord:
    """A record, to be used like its document. what, identity, facts: its kind, the id in its document, and what is
    known of it, without reading it again."""

    __slots__ = ("_block", "_place", "facts", "identity", "what")

    def __init__(self, what: str, identity: str, facts: Facts, block: _Block, place: int) -> None:
        self.what, self.identity, self.facts, self._block, self._place = what, identity, facts, block, place

    def __getitem__(self, key: str) -> Any:  # Any: as the values of a record are
        return self.what if key == "what" else self.document()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.document())

    def keys(self) -> Iterator[str]:
        """Its keys, in their order: so `{**record}` is a document."""
        return iter(self.document())

    def document(self) -> Any:  # Any: a Record, which a type checker does not take for a Document
        """The whole record. It may be another object each time. Raises Damaged if the journal was changed since."""
        latest, number = self._block.source.latest, self._block.number + self._place
        found = latest.get(number)
        if found is None:
            found = decode_known_json(self._block.lines()[self._place].decode("ascii"))
            latest.add(number, found)
        return found


def whole_record(record: Record) -> Record:
    """The document of a record: to ask it for several keys is faster than to ask the record for each."""
    found: object = record  # a StoredRecord is used like a record, and is none for a type checker
    if not isinstance(found, StoredRecord):
        return record
    whole: Record = found.document()
    return whole


def facts_of(record: Record) -> tuple[str, Facts]:
    """(the id in the document of an intent or a result, what is known of it), whichever way the record is kept."""
    found: object = record
    if isinstance(found, StoredRecord):
        return found.identity, found.facts
    return _facts(record["what"], record["doc"])


def _facts(what: str, doc: Document) -> tuple[str, Facts]:
    if what == "intent":
        request = doc["request"]
        needs = request.get("needs")
        known = needs if needs is None else tuple(needs)
        return request["id"], Facts(request["task"], "probe" in request, bool(request.get("receipt")), known)
    stored = "stdout_file" in doc or "stderr_file" in doc
    return doc["id"], Facts(outcome=doc.get("outcome", ""), stored=stored)


class _Latest:
    """The values that were added or found last: `size` of them, and up to as many that were before."""

    __slots__ = ("_new", "_old", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._new: dict[int, object] = {}
        self._old: dict[int, object] = {}

    def get(self, key: int) -> object:
        found = self._new.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.add(key, found)
        return found

    def add(self, key: int, value: object) -> None:
        if len(self._new) >= self._size:
            self._old, self._new = self._new, {}
        self._new[key] = value


class _Source:
    """The open journal, and what was used last: records and the lines of blocks, by the number of the line.

    path: for messages. descriptor: the journal, which it opens once more. digest: SHA-256.
    """

    __slots__ = ("descriptor", "digest", "latest", "latest_blocks", "path")

    def __init__(self, path: str, descriptor: int, digest: Callable[[bytes], Digest]) -> None:
        self.path, self.digest = path, digest
        self.latest, self.latest_blocks = _Latest(_LATEST), _Latest(_LATEST_BLOCKS)
        self.descriptor = -1
        # a copy of the descriptor would keep the lock of the journal, which others may have given back since
        try:
            self.descriptor = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # no /proc here
            self.descriptor = os.dup(descriptor)

    def __del__(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)

    def read(self, start: int, size: int, expected: bytes, number: int) -> bytes:
        """These bytes of the file, which had this hash when they were verified. Raises Damaged."""
        try:
            data = os.pread(self.descriptor, size, start)
        except OSError as error:
            raise Damaged(self.path, number, f"it cannot be read again: {error.strerror}") from None
        if self.digest(data).digest() != expected:
            raise Damaged(self.path, number, "it was changed after it was verified")
        return data


class _Block:
    """Consecutive lines of the journal, from the offset `start`. number: of the first, from 1."""

    __slots__ = ("_digest", "_open", "_size", "_start", "number", "source")

    def __init__(self, source: _Source, start: int, number: int) -> None:
        self.source, self.number = source, number
        self._open: list[bytes] | None = []
        self._start, self._size, self._digest = start, 0, b""

    def add(self, line: bytes) -> int:
        """Its place in the block."""
        assert self._open is not None
        self._open.append(line)
        return len(self._open) - 1

    def close(self) -> None:
        """Forget the lines: they are in the file."""
        data = b"".join(self._open or ())
        self._size, self._digest, self._open = len(data), self.source.digest(data).digest(), None

    def lines(self) -> list[bytes]:
        if self._open is not None:
            return self._open
        found = self.source.latest_blocks.get(self.number)
        if isinstance(found, list):
            return found
        lines = self.source.read(self._start, self._size, self._digest, self.number).split(b"\n")
        self.source.latest_blocks.add(self.number, lines)
        return lines


class RecordStore:
    """Takes verified records in their order. records: what it has, each a document or a StoredRecord.

    path: of the journal, for messages. descriptor: of the journal, open as long as records are added. digest: SHA-256.
    """

    __slots__ = ("_block", "_known", "_names", "_open", "_source", "records")

    def __init__(self, path: str, descriptor: int, digest: Callable[[bytes], Digest]) -> None:
        self.records: list[Record] = []
        self._open = path, descriptor, digest
        self._source: _Source | None = None  # only a large journal needs a further descriptor
        self._block: _Block | None = None
        # equal texts and tuples are kept once: ids of requests, and what is known of the hosts of a task
        self._names: dict[str, str] = {}
        self._known: dict[Facts, Facts] = {}

    def add(self, line: bytes, start: int, record: Record, is_verbatim: bool) -> None:
        """line: of the journal, which begins at `start` there. is_verbatim: is that the document of the record, as
        readers use it?"""
        what, place = record["what"], len(self.records)
        if place < AS_DOCUMENTS or not is_verbatim or what not in MANY:
            self._close()
            self.records.append(record)
            return
        if self._block is None:
            self._source = self._source or _Source(*self._open)
            self._block = _Block(self._source, start, place + 1)
        identity, facts = _facts(what, record["doc"])
        if what == "intent":
            self._names[identity] = identity
        else:
            identity = self._names.pop(identity, identity)
        known = self._known.setdefault(facts, facts)
        row = self._block.add(line)
        stored: Any = StoredRecord(intern(what), identity, known, self._block, row)  # Any: it is used like a record
        self.records.append(stored)
        if row == BLOCK - 1:
            self._close()

    def _close(self) -> None:
        if self._block is not None:
            self._block.close()
            self._block = None
