"""Answers that wait next to the journal of a run: its owner's, or signed ones that the owner has put there.

The folder of a run is private, so another user can put nothing into it; what is there is checked all the same. An
answer without a signature is worth as much as the word of the owner: the login uid is not known from a file.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

from tasker.approval.answer import LEFT, YES, Answer, Who
from tasker.approval.received import received_answer
from tasker.system.private_files import private_folder, sync_folder, write_all
from tasker.system.trust import is_own
from tasker.text.json_codec import decode_json, encode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.approval.question import Question
    from tasker.approval.received import Check
    from tasker.protocol.types import Document

FOLDER = "answers"
SUFFIX = ".json"
LARGEST, MOST = 64 * 1024, 1000  # bytes of an answer; answers of a run

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def leave(run_folder: str, doc: Document) -> str:
    """Put an answer next to the journal; its path. It is there as a whole or not at all. Raises OSError."""
    folder = private_folder(run_folder, FOLDER, kept=True)
    name = f"{time.time_ns():020}_{os.urandom(4).hex()}"
    hidden = os.path.join(folder, f".{name}")
    descriptor = os.open(hidden, _NEW, 0o600)
    try:
        write_all(descriptor, encode_json(doc).encode() + b"\n", hidden)
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(hidden)
        raise
    finally:
        os.close(descriptor)
    path = os.path.join(folder, name + SUFFIX)
    os.rename(hidden, path)
    sync_folder(folder)
    return path


def take(
    run_folder: str,
    question: Question,
    check: Check | None = None,
) -> list[tuple[Answer, str]]:
    """(answer, its path) of each that was left: rejections before approvals, then the oldest first. Those that cannot
    be trusted or read have a fault, so they are recorded and do not count. check: see received.received_answer. Raises
    OSError where there is no list."""
    folder = os.path.join(run_folder, FOLDER)
    try:
        names = sorted(os.listdir(private_folder(folder))) if os.path.isdir(folder) else []
    except FileNotFoundError:
        return []
    paths = [os.path.join(folder, name) for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
    made = [(_answer_in(path, question, check), path) for path in paths[:MOST]]
    # nothing was decided while they waited, so whoever has approved could still reject
    return sorted(made, key=lambda one: one[0].answer == YES)


def remove(path: str) -> None:
    """An answer is in the journal: it is not taken again."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def withdraw(path: str) -> bool:
    """Take back what was left. False: a driver has it already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _answer_in(path: str, question: Question, check: Check | None) -> Answer:
    doc, uid, fault = _read(path)
    return received_answer(doc, question, check, Who(uid), LEFT, fault=fault)


def _read(path: str) -> tuple[Document, int, str]:
    """(document, owner of the file, what is wrong with it)."""
    uid = os.geteuid()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        return {}, uid, f"'{os.path.basename(path)}' cannot be read: {(error.strerror or str(error)).lower()}"
    try:
        found = os.fstat(descriptor)
        uid = found.st_uid
        if not stat.S_ISREG(found.st_mode) or not is_own(found) or found.st_nlink != 1 or found.st_mode & 0o022:
            return {}, uid, f"'{os.path.basename(path)}' is not a private file of the owner of the run"
        data = os.read(descriptor, LARGEST + 1)
    except OSError as error:
        return {}, uid, f"'{os.path.basename(path)}' cannot be read: {(error.strerror or str(error)).lower()}"
    finally:
        os.close(descriptor)
    try:
        doc = decode_json(data.decode("utf-8")) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        doc = None
    if not isinstance(doc, dict):
        return {}, uid, f"'{os.path.basename(path)}' is not an answer"
    return doc, uid, ""
