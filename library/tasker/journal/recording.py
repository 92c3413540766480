"""The record of a run (`--record FILE`): requests and their results, to be replayed (docs/REFERENCE.md).

One document of kind `record` a line: the first says of which task file, the others hold a request and its result. Each
is written as soon as the result is there, so what a kill leaves is a record of what had ended by then. The journal of
a run can be read in its stead.
"""

import json
import os

from tasker.protocol.document import LARGEST, Problem, decode, document, encode
from tasker.system.digest import sha256
from tasker.text.named_tuple import NamedTuple

_PRIVATE = ("marker", "output", "options", "secrets", "follow")  # of one run alone, and nobody's business in another
JOURNAL = "journal.jsonl"


class RecordingWriter:
    """A new file, 0600. Raises OSError, also when there is one of that name: a record is never overwritten."""

    def __init__(self, path, **header):
        self.path, self.count = path, 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)  # whatever the umask
        self._write(document("record", **header))

    def add(self, request, result):
        """Keep a pair. Raises OSError."""
        kept = {key: value for key, value in request.items() if key not in _PRIVATE}
        self._write(document("record", request=kept, result=result))
        self.count += 1

    def _write(self, doc):
        data = encode(doc)
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from None


class RecordedPair(NamedTuple):
    """A request with the place of its result in the file: (offset, bytes) of a line."""

    request: dict
    place: tuple[int, int]


class RecordingReader:
    """A record, or the journal of a run, or its folder. Results stay in the file until they are asked for.

    header: `file`, `sha256`, `run`, `runners` (exec type -> what is known of its `about`). Raises Problem.
    """

    def __init__(self, path):
        self.path = os.path.join(path, JOURNAL) if os.path.isdir(path) else path
        try:
            self._file = open(self.path, "rb")  # noqa: SIM115 (closed with the process: results are read until its end)
            first = self._file.readline(LARGEST + 1)
            self._file.seek(0)
        except OSError as error:
            raise Problem("no_record", f"cannot read record '{path}': {error.strerror.lower()}") from None
        self.header: dict = {}
        self.pairs: list[RecordedPair] = []
        digest = sha256()
        take = self._journal() if first.startswith(b'{"seq":0,') else self._record()
        next(take)
        for number, offset, line in self._lines(digest):
            try:
                take.send((offset, line))
            except (ValueError, KeyError, TypeError, AttributeError, Problem) as error:
                self._wrong(number, getattr(error, "message", "no record of a run"))
        if not self.header:
            self._wrong(1, "it is empty")
        self.sha256 = digest.hexdigest()

    def _wrong(self, number, why):
        raise Problem("bad_record", f"cannot read record '{self.path}', line {number}: {why}")

    def _lines(self, digest):
        """(number, offset, line) of every whole line: what follows the last newline was cut off by a kill."""
        offset = 0
        for number, line in enumerate(iter(lambda: self._file.readline(LARGEST + 1), b""), start=1):
            digest.update(line)
            if not line.endswith(b"\n"):
                if len(line) > LARGEST:
                    self._wrong(number, f"larger than {LARGEST} bytes")
                return
            yield number, offset, line
            offset += len(line)

    def _record(self):
        while True:
            offset, line = yield
            doc = decode(line)
            if doc["kind"] != "record":
                raise Problem("bad_record", f"a {doc['kind']} instead of a record")
            if self.header:
                self._check(doc["request"], doc["result"])
                self.pairs.append(RecordedPair(doc["request"], (offset, len(line))))
            else:
                keys = ("file", "sha256", "run", "runners")
                self.header = {key: doc[key] for key in keys if key in doc} | {"file": doc["file"]}

    def _journal(self):
        """Intents and results belong together by their id."""
        open_requests = {}
        while True:
            offset, line = yield
            entry = json.loads(line)
            what, doc = entry["what"], entry["doc"]
            if what == "start":
                self.header = {"file": doc["file"], "sha256": doc.get("sha256"), "runners": {}}
                self.header["run"] = os.path.basename(os.path.dirname(os.path.abspath(self.path)))
            elif what == "intent":
                open_requests[doc["request"]["id"]] = doc["request"]
                self.header["runners"][doc["exec"]] = {"words": "script"} if "script" in doc["request"] else {}
            elif what == "result" and doc.get("id") in open_requests:
                request = open_requests.pop(doc["id"])
                self._check(request, doc)
                kept = {key: value for key, value in request.items() if key not in _PRIVATE}
                self.pairs.append(RecordedPair(kept, (offset, len(line))))

    def _check(self, request, result):
        if not (isinstance(request, dict) and isinstance(result, dict)) or result.get("kind") != "result":
            raise Problem("bad_record", "no request with its result")

    def mark(self) -> dict:
        """What a journal, or a record, says of a run whose results came from here."""
        return {"replay": {"record": self.path, "sha256": self.sha256}}

    def result(self, pair) -> dict:
        """The result of a pair, as its runner gave it."""
        offset, size = pair.place
        doc = json.loads(os.pread(self._file.fileno(), size, offset))
        result = doc["result"] if "result" in doc else self._whole(doc["doc"])
        return {key: value for key, value in result.items() if not key.endswith("_file")}

    def _whole(self, result):
        """A result of a journal, with the streams that are in the output folder of its run."""
        folder = os.path.join(os.path.dirname(self.path), "output")
        for stream in ("stdout", "stderr"):
            if stream not in result and f"{stream}_file" in result:
                path = os.path.join(folder, os.path.basename(result[f"{stream}_file"]))
                try:
                    with open(path, "rb") as file:
                        result[stream] = file.read().decode("utf-8", "backslashreplace")
                except OSError as error:
                    raise Problem("bad_record", f"cannot read '{path}': {error.strerror.lower()}") from None
        return result


def open_recording(path, workflow, replay=None):
    """The Writer for the record of a run; replay: the Reader that its results come from, if any. Raises OSError."""
    settings, marks = workflow["settings"], replay.mark() if replay else {}
    keys = {"file": workflow["file"], "sha256": workflow.get("sha256"), "run": settings["run"]}
    return RecordingWriter(path, **keys, runners=settings["runners"], **marks)
