"""The format of a journal: names of its files, kinds of records, the chain of hashes."""

from tasker.system.digest import sha256
from tasker.text.json_codec import encode_json

RECORD_KEYS = ("seq", "at", "up", "what", "doc", "before", "hash")

STREAM_INLINE_LIMIT = 64 * 1024  # characters of a stream that go into a record; more is in output/
NAME = "journal.jsonl"


def chained_line(record, before):
    """(the line of a record, its hash)."""
    body = encode_json({**record, "before": before}).encode()[:-1]
    found = sha256(body).hexdigest()
    return body + b',"hash":"' + found.encode() + b'"}\n', found


def without_stored_streams(result):
    """A result without the streams that its output folder has whole."""
    large = [s for s in ("stdout", "stderr") if f"{s}_file" in result and len(result.get(s, "")) > STREAM_INLINE_LIMIT]
    return {key: value for key, value in result.items() if key not in large} if large else result


class Unreadable(Exception):
    """A run of which there is no journal that could be read; the text says why."""


class Damaged(Unreadable):
    """A journal that was changed. line: the first bad one, from 1."""

    def __init__(self, path, line, why):
        super().__init__(f"the journal '{path}' is damaged in line {line}: {why}")
        self.path, self.line, self.why = path, line, why
