"""Records that a reader of a large journal keeps: as their packed lines, each a document again when it is asked for.

As documents, 200,000 records take 800 MB; like this 30. What was asked for last is kept as documents.
"""

from __future__ import annotations

from sys import intern

from tasker.text.json_codec import decode_known_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tasker.journal.format import Record

AS_DOCUMENTS = 2000  # records at the beginning that stay documents: all of most journals
MANY = frozenset(("intent", "result", "fired", "host"))  # kinds of which a journal can have many
BLOCK = 64  # lines that are packed together
_LATEST = 4096  # records, and blocks of lines, that are kept as they are
_LATEST_BLOCKS = 128


class StoredRecord:
    """A record, to be used like its document. what: its kind, which is known without unpacking it."""

    __slots__ = ("_block", "_place", "what")

    def __init__(self, what: str, block: _Block, place: int) -> None:
        self.what, self._block, self._place = what, block, place

    def __getitem__(self, key: str) -> Any:  # Any: as the values of a record are
        return self.what if key == "what" else self.document()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.document())

    def keys(self) -> Iterator[str]:
        """Its keys, in their order: so `{**record}` is a document."""
        return iter(self.document())

    def document(self) -> Any:  # Any: a Record, which a type checker does not take for a Document
        """The whole record. It may be another object each time."""
        latest = self._block.store.latest
        found = latest.get(self)
        if found is None:
            found = decode_known_json(self._block.lines()[self._place].decode("ascii"))
            latest.add(self, found)
        return found


def whole_record(record: Record) -> Record:
    """The document of a record: to ask it for several keys is faster than to ask the record for each."""
    found: object = record  # a StoredRecord is used like a record, and is none for a type checker
    if not isinstance(found, StoredRecord):
        return record
    whole: Record = found.document()
    return whole


class _Latest:
    """The values that were added or found last: `size` of them, and up to as many that were before."""

    __slots__ = ("_new", "_old", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._new: dict[object, object] = {}
        self._old: dict[object, object] = {}

    def get(self, key: object) -> object:
        found = self._new.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.add(key, found)
        return found

    def add(self, key: object, value: object) -> None:
        if len(self._new) >= self._size:
            self._old, self._new = self._new, {}
        self._new[key] = value


class _Block:
    """Lines that are packed together once all are there."""

    __slots__ = ("_open", "_packed", "store")

    def __init__(self, store: RecordStore) -> None:
        self.store = store
        self._open: list[bytes] | None = []
        self._packed = b""

    def add(self, line: bytes) -> int:
        """Its place in the block."""
        assert self._open is not None
        self._open.append(line)
        return len(self._open) - 1

    def pack(self) -> None:
        from zlib import compress  # here: few journals are that large

        self._packed, self._open = compress(b"".join(self._open or ()), 1), None

    def lines(self) -> list[bytes]:
        if self._open is not None:
            return self._open
        found = self.store.latest_blocks.get(self)
        if isinstance(found, list):
            return found
        from zlib import decompress

        lines = decompress(self._packed).splitlines()
        self.store.latest_blocks.add(self, lines)
        return lines


class RecordStore:
    """Takes verified records in their order. records: what it has, each a document or a StoredRecord."""

    __slots__ = ("_block", "latest", "latest_blocks", "records")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.latest, self.latest_blocks = _Latest(_LATEST), _Latest(_LATEST_BLOCKS)
        self._block = _Block(self)

    def add(self, line: bytes | None, record: Record) -> None:
        """line: of the journal, whose document this record is; None where readers do not use it as it was written."""
        if line is None or len(self.records) < AS_DOCUMENTS or record["what"] not in MANY:
            self.records.append(record)
            return
        place = self._block.add(line)
        stored: Any = StoredRecord(intern(record["what"]), self._block, place)  # Any: it is used like a record
        self.records.append(stored)
        if place == BLOCK - 1:
            self._block.pack()
            self._block = _Block(self)
