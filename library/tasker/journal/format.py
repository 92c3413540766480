"""The format of a journal: file names, kinds of records, and how a record becomes a line that is chained to the last.

A line is one JSON object in ASCII: `seq` (from 0), `at` (seconds since 1970, for people), `up` (seconds since the
machine started, for timers), `what` (the kind), `doc`, `before` (the hash of the record before, or "") and `hash`
(SHA-256 of everything before `,"hash":` in the line).
"""

from __future__ import annotations

from tasker.system.digest import sha256
from tasker.text.json_codec import decode_json, encode_json
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol, TypedDict

    from tasker.protocol.types import Document

    class Digest(Protocol):
        """What a hash function of `hashlib` makes."""

        def digest(self) -> bytes: ...
        def hexdigest(self) -> str: ...

    class UnchainedRecord(TypedDict):
        """A record before it is written: `chained_line` adds `before` and `hash`."""

        seq: int
        at: float
        up: float
        what: str
        doc: Document

    class Record(UnchainedRecord):
        """One line of a journal."""

        before: str
        hash: str


_KEYS_OF_REQUEST = {"id": str, "task": int}
RECORD_KEYS = ("seq", "at", "up", "what", "doc", "before", "hash")  # of a line, in this order

NAME = "journal.jsonl"  # in the folder of a run
OUTPUT = "output"  # the folder next to it, with the streams that are not in the journal
STREAMS = ("stdout", "stderr")
STREAM_INLINE_LIMIT = 64 * 1024  # characters of a stream that go into a record; more is in output/

_LATEST = 253_402_300_800  # seconds since 1970: the year 10000, which no calendar function takes
_BEGINNING = Pattern(rb'\{"seq":0,"at":([0-9]{1,12}(?:\.[0-9]{1,9})?),')
BEGINNING_SIZE = 48  # bytes of a journal that `time_of_beginning` needs


class RecordKind:
    """What a kind of record holds, and what flow gets of it."""

    __slots__ = ("begins", "cuts_short", "event", "keys")  # not a NamedTuple: making one takes a start 0.1 ms

    def __init__(
        self,
        keys: Mapping[str, type],
        event: tuple[str, ...] | None = None,
        cuts_short: bool = False,
        begins: bool = False,
    ) -> None:
        self.keys = keys  # what its document has in any case, each with its type
        self.event = event  # the keys of the event that flow gets of it, or None
        self.cuts_short = cuts_short  # does it end a session before its time? A resume leaves it out
        self.begins = begins  # does a session begin with it?


RECORD_KINDS = {
    # the first record: what runs, by whom, where and how; its workflow is that of the run
    "start": RecordKind({"file": str, "settings": dict, "workflow": dict}, begins=True),
    # a resume: by whom, what the operator decided of unknown outcomes; a workflow only if the file was changed; `pace`,
    # which a record of its own has once flow got it
    "resume": RecordKind({}, begins=True),
    # a runner was started: while its process lives, it may still start what was sent to it
    "runner": RecordKind({"exec": str, "pid": int, "start": int}),
    # a request is about to be sent to its runner
    "intent": RecordKind({"request": dict}),
    # a delivery of a request never started and never will: its receipt says so, or none could be kept
    "never_started": RecordKind({"id": str, "delivery": int, "because": str}),
    # the answer of a runner, masked, without the streams that are in output/, but with the hashes of their files
    "result": RecordKind({"id": str, "outcome": str}, event=("id", "result")),
    # the operator decided that a request counts as skipped
    "skip": RecordKind({"id": str}, event=("id",)),
    # a resume asks flow what settles a request that was sent and has no result
    "lost": RecordKind({"id": str}, event=("id",)),
    # its probe, or that the task is idempotent, has settled it
    "settled": RecordKind({"id": str, "by": str, "verdict": str}, event=("id", "by", "verdict")),
    # a timer has expired
    "fired": RecordKind({"id": str}, event=("id", "parks")),
    # a resume opens a new window to a run that was parked at its `start_until`; `since`: when
    "window": RecordKind({"id": str, "since": str}, event=("id", "since")),
    # a host name was looked up
    "host": RecordKind({"id": str, "ok": bool, "message": str}, event=("id", "ok", "message", "down")),
    # a question is about to be shown; `void`: it shows another text than before, so no answer until now counts
    "question": RecordKind({"id": str, "task": int, "nonce": str, "shown": str, "void": bool}, event=("id",)),
    # somebody answered it; flow gets it only if it `counts`
    "answer": RecordKind(
        {"id": str, "answer": str, "by": str, "reason": str, "seconds": float, "counts": bool},
        event=("id", "answer", "by", "reason", "seconds"),
    ),
    # the driver ended, because the run waits for people alone, or for its next window (--park)
    "parked": RecordKind({"id": str, "task": int}),
    # a signal came to the driver
    "signal": RecordKind({"signal": str}, event=("signal",), cuts_short=True),
    # a stage broke
    "broken": RecordKind({"message": str}, event=("message",), cuts_short=True),
    # a resume changed fields that set the pace, for what has not started
    "pace": RecordKind({"pace": dict}, event=("pace",)),
    # `tasker again`: what happened in the run that this one continues, as an event of that name for flow, with the id
    # of the run in which it happened, and the hash of its record there; of a result also the request
    "inherited": RecordKind({"event": str, "run": str, "record": str}, event=()),
    # the exit step of flow
    "exit": RecordKind({"code": int, "reason": str}),
    # log and summary are written; `finished` is true if there is nothing to resume
    "closed": RecordKind({}),
}


# the keys of an inherited event: those of its kind, and those of a unit (flow/inherited.py)
INHERITED = {what: kind.event for what, kind in RECORD_KINDS.items() if kind.event and not kind.cuts_short}
INHERITED["inherit"] = ("id", "unit", "result")
INHERITED["caught"] = ("lanes",)  # of a signal
INHERITED["void"] = INHERITED.pop("question")


class Unreadable(Exception):
    """A run without a journal that could be read; the text says why."""


class NothingRecorded(Unreadable):
    """The journal of a run that ended before its first record was whole."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"nothing was recorded in '{folder}': the run ended before it began")


class Damaged(Unreadable):
    """A journal that was changed. line: the first bad one, from 1."""

    def __init__(self, path: str, line: int, why: str) -> None:
        super().__init__(f"the journal '{path}' is damaged in line {line}: {why}")
        self.path, self.line, self.why = path, line, why


class NotARecord(ValueError):
    """A line that is not a record, or not as it was written; the text says why."""


class OtherVersion(NotARecord):
    """A whole record whose document is not as this version of TASKER writes it; the text says what is missing."""


def chained_line(record: UnchainedRecord, before: str) -> tuple[bytes, str]:
    """(the line of a record, its hash). before: the hash of the record before, or ""."""
    body = encode_json({**record, "before": before}).encode()[:-1]
    found = sha256(body).hexdigest()
    return body + b',"hash":"' + found.encode() + b'"}\n', found


def record_in_line(line: bytes) -> Record:
    """The record in a whole line of a journal. Raises NotARecord; OtherVersion, which is one, for a whole record.

    Its own hash is checked, its shape, and that its document has the keys of its kind. A kind that is not known is
    taken: only a reader that has to know what happened cares.
    """
    return read_line(line)[0]


def read_line(line: bytes, digest: Callable[[bytes], Digest] = sha256) -> tuple[Record, bool]:
    """(the same, is it exactly what stands in the line). digest: SHA-256, of whichever library. Raises as above."""
    body, _, end = line.rpartition(b',"hash":"')
    if end != digest(body).hexdigest().encode() + b'"}\n':
        raise NotARecord("its hash does not match its content")
    try:
        record = decode_json(line.decode("ascii"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or tuple(record) != RECORD_KEYS or not _is_shaped(record):
        raise NotARecord("it is not a record")
    written = record["doc"]
    record["doc"] = _checked_document(record["what"], written)
    made: Record = record  # type: ignore[assignment]  # its keys and their types were checked
    return made, made["doc"] is written


def _is_shaped(record: Document) -> bool:
    """Do the values of a record have their types? Times have to be such that a calendar can show them."""
    return (
        type(record["seq"]) is int
        and type(at := record["at"]) in (int, float)
        and type(up := record["up"]) in (int, float)
        and 0 <= at < _LATEST
        and 0 <= up < _LATEST
        and isinstance(record["what"], str)
        and isinstance(record["doc"], dict)
        and isinstance(record["before"], str)
    )


def _checked_document(what: str, doc: Document) -> Document:
    """The document of a record, as readers can use it. Raises OtherVersion if it lacks a key of its kind."""
    from tasker.journal.record_shapes import readable_document  # here: what only writes needs none

    kind = RECORD_KINDS.get(what)
    if kind is not None:
        _require_keys(what, doc, kind.keys)
    if what == "intent":
        _require_keys(what, doc["request"], _KEYS_OF_REQUEST)
    try:
        return readable_document(what, doc)
    except ValueError as unreadable:
        raise OtherVersion(f"a '{what}' that this version of TASKER cannot read: {unreadable}") from None


def _require_keys(what: str, doc: Document, keys: Mapping[str, type]) -> None:
    for key, value in keys.items():
        if not isinstance(doc.get(key), value):
            raise OtherVersion(f"a '{what}' without a '{key}' that this version of TASKER can read")


def time_of_beginning(beginning: bytes) -> float | None:
    """When a run began (seconds since 1970), by the first bytes of its journal; None if they do not say it."""
    found = _BEGINNING.match(beginning)
    return float(found[1]) if found else None


def event_keys(what: str, doc: Document) -> tuple[str, ...] | None:
    """The keys of the event that flow gets of a record, or None."""
    if what != "inherited":
        return RECORD_KINDS[what].event
    return INHERITED.get(doc["event"], ())


def event_name(what: str, doc: Document) -> str:
    """The name of the event that flow gets of a record."""
    return doc["event"] if what == "inherited" else what


def counts_as_result(inherited: Document) -> bool:
    """Does this document of an `inherited` record say how a command ended, and not a probe?"""
    if inherited["event"] == "settled":
        return bool(inherited["verdict"] != "rerun")
    if "end" in inherited.get("unit", {}):  # of a chain on a host, which is no command
        return False
    request = inherited.get("request") or {}
    return inherited["event"] in ("result", "inherit") and "probe" not in request


def recorded_result(record: Record) -> Document | None:
    """The result in a record, also an inherited one; None if it has none."""
    what, doc = record["what"], record["doc"]
    if what == "result":
        return doc
    return doc.get("result") if what == "inherited" else None


def is_journal(beginning: bytes) -> bool:
    """Are these the first bytes of a journal? Otherwise a file can be a recording."""
    return beginning.startswith(b'{"seq":0,')


def without_stored_streams(result: Document) -> Document:
    """A result without the streams that are whole in its output folder and too long for a record."""
    large = [name for name in STREAMS if f"{name}_file" in result and len(result.get(name, "")) > STREAM_INLINE_LIMIT]
    return {key: value for key, value in result.items() if key not in large} if large else result
