"""Which runs continue an ended one (`tasker again`): the file `continued_by` next to the journal of the ended run.

A line for each, written and synced under the lock of that journal before the new run exists. So a line whose run has no
journal, or one in which nothing was recorded, is what a death in between left: nothing was executed, and it does not
count.
"""

from __future__ import annotations

import errno
import os
from itertools import islice

from tasker.journal.format import NAME as JOURNAL
from tasker.journal.format import Unreadable
from tasker.journal.reader import read_records
from tasker.journal.run_folder import open_journal
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK
from tasker.system.private_files import read_regular
from tasker.text.json_codec import decode_json, encode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.journal.format import Record
    from tasker.protocol.types import Document
    from tasker.system.clock import Clock
    from tasker.system.disk import Disk

NAME = "continued_by"  # in the folder of a run
LARGEST = 1 << 20  # bytes of such a file


def continuing_runs(folder: str) -> list[str]:
    """The ids of the runs that continue the run in a folder, the oldest first. Raises Unreadable."""
    return [line["run"] for line in _lines(folder) if _has_begun(os.path.join(folder, line["folder"]))]


def note_continued(folder: str, run: str, where: str, clock: Clock = CLOCK, disk: Disk = DISK) -> None:
    """Write and sync that a run will continue the one in a folder, whose journal is locked. where: the folder that the
    new run will have. Raises OSError."""
    path = os.path.join(folder, NAME)
    line = {"run": run, "folder": os.path.relpath(where, folder), "at": round(clock.wall(), 3)}
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = disk.open(path, flags, 0o600)
    try:
        size = disk.status(descriptor).st_size
        torn = size > 0 and disk.read_at(descriptor, 1, size - 1) != b"\n"  # what a death left of a line
        disk.write(descriptor, (b"\n" if torn else b"") + encode_json(line).encode() + b"\n", path)
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    disk.sync_folder(folder)


def incomplete(records: Sequence[Record]) -> str:
    """The id of the run that a run was to continue, if it has not all that it inherits: nothing was executed in it. ''
    of any other run. records: of its journal."""
    again = records[0]["doc"].get("again", {}) if records else {}
    count = again.get("events", 0)
    inherited = sum(record["what"] == "inherited" for record in records[1 : 1 + count])
    return str(again.get("run", "")) if inherited < count else ""


def _lines(folder: str) -> list[Document]:
    """The whole lines. Raises Unreadable."""
    path = os.path.join(folder, NAME)
    try:
        data = read_regular(path, LARGEST)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unreadable(
            f"cannot read '{path}': {error.strerror or errno.errorcode.get(error.errno or 0, '')}"
        ) from None
    made = []
    for line in data.split(b"\n")[:-1]:
        try:
            doc = decode_json(line.decode("ascii"))
        except (ValueError, RecursionError):
            continue  # cut off: its run was never made
        if isinstance(doc, dict) and isinstance(doc.get("run"), str) and isinstance(doc.get("folder"), str):
            made.append(doc)
    return made


def _has_begun(folder: str) -> bool:
    """Has the run in this folder a journal with all that it inherits? One that cannot be read can have had any."""
    path = os.path.join(folder, JOURNAL)
    try:
        with open(open_journal(folder), "rb") as file:
            first = next(read_records(path, file), (b"", None))[1]
            if first is None:
                return False
            count = first["doc"].get("again", {}).get("events", 0)
            file.seek(0)
            found = [record for _, record in islice(read_records(path, file), 1 + count) if record is not None]
            return not incomplete(found)
    except (OSError, Unreadable):
        return os.path.lexists(path)
