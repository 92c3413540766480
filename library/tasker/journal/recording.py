"""The file of `--record`: requests and their results, to be played back (docs/REFERENCE.md).

A document of kind `record` a line: the first says of which task file, each other holds a request and its result. It is
written as soon as the result is there, so what a kill leaves is a recording of everything that had ended by then. The
journal of a run can be read instead.
"""

from __future__ import annotations

import os

from tasker.journal.format import NAME, NotARecord, Unreadable, is_journal, record_in_line
from tasker.journal.reader import read_records
from tasker.journal.stored_streams import with_stored_streams, without_stream_hashes
from tasker.protocol.document import LARGEST, Problem, decode, document, encode
from tasker.system.digest import sha256
from tasker.system.private_files import open_regular, write_all
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO, NoReturn

    from tasker.protocol.types import Document, RecordedHosts, RecordedValue

TIMEOUT = "timeout"
ANSWERS = ("yes", "no", "stop", TIMEOUT)
# keys of a request that matter in its own run alone
_PRIVATE = ("marker", "output", "options", "secrets", "follow", "receipt")
# keys of a result that say how the driver knows of it
_OF_DRIVER = ("decided", "settled")
OUTPUT_SIGN = "{output}"  # in a recorded request, for the folder of kept outputs of its run
_HEADER = ("file", "sha256", "run", "runners", "hosts")  # keys of the first line of a recording


def as_recorded(request: Document) -> Document:
    """What of a request is the same in every run: the paths of kept outputs, which have the run in them, are not."""
    kept = {key: value for key, value in request.items() if key not in _PRIVATE}
    folder = request.get("output")
    if isinstance(folder, str) and folder:
        for key in ("words", "environment"):
            if key in kept and any(folder in text for text in _texts(kept[key])):
                kept[key] = _without(kept[key], folder)
    return kept


def _texts(values: list[str] | dict[str, str]) -> Iterable[str]:
    return values.values() if isinstance(values, dict) else values


def _without(values: list[str] | dict[str, str], folder: str) -> list[str] | dict[str, str]:
    if isinstance(values, dict):
        return {name: text.replace(folder, OUTPUT_SIGN) for name, text in values.items()}
    return [text.replace(folder, OUTPUT_SIGN) for text in values]


class RecordingWriter:
    """A new file, 0600. count: pairs in it. Raises OSError, also if the file exists: it is never overwritten."""

    def __init__(self, path: str, **header: object) -> None:
        self.path, self.count = path, 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)  # whatever the umask
        self._write(document("record", True, **header))

    def add(self, request: Document, result: Document) -> None:
        """Append a request with its result. Raises OSError."""
        self._write(document("record", True, request=as_recorded(request), result=result))
        self.count += 1

    def add_answer(self, asked: Document, answer: Document) -> None:
        """Append an answer that counts to a question. asked: the step of flow; answer: its event. Raises OSError."""
        kept = {key: asked[key] for key in ("task", "title", "approvals", "approvers")}
        self._write(document("record", True, asked=kept, answer=answer))
        self.count += 1

    def _write(self, doc: Document) -> None:
        write_all(self._file, encode(doc), self.path)


class RecordedPair(NamedTuple):
    """A request, and where its result is in the file: (offset, bytes) of a line."""

    request: Document
    place: tuple[int, int]


class RecordingReader:
    """A recording, the journal of a run, or the folder of one. Results stay in the file until they are asked for.

    answers: (task, answer) of each that counted, in order; `timeout` where a question was not answered in time.

    header: `file`, `sha256`, `run`, `runners` (exec type → what is known of its `about`), `hosts`. pairs: in the
    order of their results. sha256: of the file. Raises Problem.
    """

    def __init__(self, path: str) -> None:
        self.path = os.path.join(path, NAME) if os.path.isdir(path) else path
        self.header: Document = {}
        self.pairs: list[RecordedPair] = []
        self.answers: list[tuple[int, Document]] = []
        self._digest = sha256()
        try:
            self._file: BinaryIO = open(open_regular(self.path), "rb")  # noqa: SIM115 (closed with the process: results are read until its end)
            self._is_journal = is_journal(self._file.readline(LARGEST + 1))
            self._file.seek(0)
            if self._is_journal:
                self._read_journal()
            else:
                self._read_recording()
        except OSError as error:
            message = f"cannot read record '{path}': {(error.strerror or 'no reason given').lower()}"
            raise Problem("no_record", message) from None
        if not self.header:
            self._refuse(1, "it is empty")
        self.sha256 = str(self._digest.hexdigest())

    def _refuse(self, number: int, why: str) -> NoReturn:
        raise Problem("bad_record", f"cannot read record '{self.path}', line {number}: {why}")

    def _lines(self) -> Iterator[bytes]:
        """Every line, the last one too if it was cut off."""
        for number, line in enumerate(iter(lambda: self._file.readline(LARGEST + 1), b""), start=1):
            self._digest.update(line)
            if len(line) > LARGEST:
                self._refuse(number, f"larger than {LARGEST} bytes")
            yield line

    def _read_recording(self) -> None:
        offset = 0
        for number, line in enumerate(self._lines(), start=1):
            if not line.endswith(b"\n"):  # cut off by a kill
                return
            try:
                self._take_document(decode(line), (offset, len(line)))
            except Problem as problem:
                self._refuse(number, problem.message)
            offset += len(line)

    def _take_document(self, doc: Document, place: tuple[int, int]) -> None:
        """Take one line of a recording. Raises Problem."""
        if doc["kind"] != "record":
            raise Problem("bad_record", f"a {doc['kind']} instead of a record")
        if self.header and "asked" in doc:
            task, answer = _checked_answer(doc.get("asked"), doc.get("answer"))
            self.answers.append((task, answer))
            return
        if self.header:
            _check_pair(doc.get("request"), doc.get("result"))
            self.pairs.append(RecordedPair(doc["request"], place))
            return
        self.header = {key: doc[key] for key in _HEADER if key in doc}
        if not isinstance(doc.get("file"), str) or not isinstance(doc.get("runners", {}), dict):
            raise Problem("bad_record", "not a recording of a run")

    def _read_journal(self) -> None:
        """Take the intents with their results: they belong together by their id."""
        open_requests: dict[str, Document] = {}
        asked: dict[object, Document] = {}  # id of a question -> its record
        offset = 0
        try:
            for number, (line, record) in enumerate(read_records(self.path, self._lines()), start=1):
                if record is None:
                    return
                what, doc = record["what"], record["doc"]
                if what == "start":
                    self.header = {"file": doc["file"], "sha256": doc.get("sha256"), "runners": {}}
                    self.header["hosts"] = _hosts_of_run(doc["workflow"], self.path)
                    self.header["run"] = os.path.basename(os.path.dirname(os.path.abspath(self.path)))
                elif what == "question":
                    asked[doc["id"]] = doc
                elif what == "answer" and doc["id"] in asked and doc["counts"]:
                    self.answers.append(_checked_answer(asked[doc["id"]], doc))
                    left = asked[doc["id"]].get("approvals", 1) - 1 if doc["answer"] == "yes" else 0
                    asked[doc["id"]] = {**asked[doc["id"]], "approvals": left, **({} if left else {"timer": ""})}
                elif what == "fired" and (late := [one for one in asked.values() if one.get("timer") == doc["id"]]):
                    self.answers.append(_checked_answer(late[0], {"answer": TIMEOUT, "by": "", "reason": ""}))
                elif what == "intent":
                    open_requests[doc["request"]["id"]] = doc["request"]
                    known = {"words": "script"} if "script" in doc["request"] else {}
                    self.header["runners"][str(doc.get("exec"))] = known
                elif what == "result" and doc["id"] in open_requests:
                    request = open_requests.pop(doc["id"])
                    try:
                        _check_pair(request, doc)
                    except Problem as problem:
                        self._refuse(number, problem.message)
                    self.pairs.append(RecordedPair(as_recorded(request), (offset, len(line))))
                offset += len(line)
        except Unreadable as unreadable:
            raise Problem("bad_record", f"cannot read record: {unreadable}") from None

    def hosts(self) -> RecordedHosts | None:
        """What inventories, lists of hosts and ClusterShell gave. None: an older recording, which has none of it."""
        found: RecordedHosts | None = self.header.get("hosts")
        return found

    def mark(self) -> Document:
        """What the journal, or the recording, of a run has that was answered from here."""
        return {"replay": {"record": self.path, "sha256": self.sha256}}

    def result(self, pair: RecordedPair) -> Document:
        """The result of a pair, as its runner gave it, with all its streams. Raises Problem."""
        offset, size = pair.place
        line = os.pread(self._file.fileno(), size, offset)
        result: Document
        try:
            if self._is_journal:
                folder = os.path.dirname(self.path)
                result = without_stream_hashes(with_stored_streams(folder, record_in_line(line)["doc"]))
            else:
                result = decode(line)["result"]
        except (NotARecord, Unreadable) as changed:
            raise Problem("bad_record", f"cannot read record '{self.path}': {changed}") from None
        return {key: value for key, value in result.items() if not key.endswith("_file") and key not in _OF_DRIVER}


def _checked_answer(asked: object, answer: object) -> tuple[int, Document]:
    """(task, answer). Raises Problem if these are not a question and its answer."""
    if not (isinstance(asked, dict) and isinstance(answer, dict) and type(asked.get("task")) is int):
        raise Problem("bad_record", "not a question with its answer")
    made = {key: answer.get(key) for key in ("answer", "by", "reason")}
    if made["answer"] not in ANSWERS or not all(isinstance(one, str) for one in made.values()):
        raise Problem("bad_record", "not a question with its answer")
    return asked["task"], made


def _check_pair(request: object, result: object) -> None:
    """Raises Problem if these are not a request and its result."""
    if not (isinstance(request, dict) and isinstance(result, dict)) or result.get("kind") != "result":
        raise Problem("bad_record", "not a request with its result")


def _hosts_of_run(workflow: Document, path: str) -> RecordedHosts:
    """What a journal has of the hosts: those of each list, and the variables and connections of each."""
    targets = {task["hosts"]: task["targets"] for task in workflow["tasks"] if "hosts" in task and "targets" in task}
    variables: dict[str, dict[str, str]] = workflow.get("host_variables", {})
    made: RecordedHosts = {"sources": [], "lists": {}, "clusters": {}, "targets": targets}
    if "host_connections" in workflow:
        made["connections"] = workflow["host_connections"]
    if variables:
        hosts = dict.fromkeys((*variables, *(host for names in targets.values() for host in names)))
        kept: dict[str, dict[str, RecordedValue]] = {
            host: {name: {"text": text} for name, text in of.items()} for host, of in variables.items()
        }
        made["sources"] = [{"name": path, "hosts": list(hosts), "groups": {}, "variables": kept}]
    return made


def open_recording(
    path: str, workflow: Document, hosts: RecordedHosts | None = None, replay: RecordingReader | None = None
) -> RecordingWriter:
    """The writer for the recording of a run. hosts: what inventories gave. replay: where its results come from, if
    anywhere. Raises OSError."""
    marks: Document = {"hosts": hosts or {"sources": [], "lists": {}, "clusters": {}}}
    settings, marks = workflow["settings"], marks | (replay.mark() if replay else {})
    keys = {"file": workflow["file"], "sha256": workflow.get("sha256"), "run": settings["run"]}
    return RecordingWriter(path, **keys, runners=settings["runners"], **marks)
