"""The other end of a door: find the waiting runs, get the question, give the answer, hear whether it counts.

A connection is for one line each way. Whoever made the socket may be hostile: its folder, its file and its process
have to be of one user, who is named; what it sends is limited, and shown only if it is plain text.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time

from tasker.approval import places
from tasker.approval.question import question_of_document
from tasker.text.json_codec import decode_json, encode_json
from tasker.text.named_tuple import NamedTuple
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.approval.places import Place
    from tasker.approval.question import Question
    from tasker.protocol.types import Document

QUESTION_SECONDS, ANSWER_SECONDS = 10.0, 60.0  # until the run has to have replied: an answer is synced before
LARGEST = 1 << 20  # bytes of a reply


class NothingWaits(Exception):
    """No run waits for an answer there; the text says why."""


class NoReply(Exception):
    """The answer was sent, and whether it counts is not known."""


class WaitingRun(NamedTuple):
    """A run with a socket. owner: its user. why: why it cannot be trusted, or ""."""

    owner: int
    run: str
    place: Place
    why: str = ""


class Verdict(NamedTuple):
    """What the run says of an answer. more: how many approvals are missing."""

    counts: bool
    why: str
    more: int


def find_waiting(folder: str, word: str, owner: int | None = None) -> list[WaitingRun]:
    """The runs of any user that wait below the folder of the configuration, and whose id is `word` or begins with it.
    Raises NothingWaits where the folder cannot be used. owner: of this user alone."""
    if why := places.shared_folder_fault(folder):
        raise NothingWaits(f"[approval] folder cannot be used: {why}")
    try:
        found = [one for one in places.waiting_runs(folder) if owner is None or one[0] == owner]
    except OSError as error:
        raise NothingWaits(f"cannot list '{folder}': {(error.strerror or str(error)).lower()}") from None
    meant = [one for one in found if one[1] == word] or [one for one in found if one[1].startswith(word)]
    return [WaitingRun(uid, run, places.shared_place(folder, run, uid), why) for uid, run, why in meant]


def ask(waiting: WaitingRun) -> tuple[Question, str]:
    """(the question of a run, why this user may not answer it or ""). Raises NothingWaits, places.Untrusted."""
    doc = _exchange(waiting, {"ask": True}, QUESTION_SECONDS)
    if doc is None:
        raise NothingWaits(f"run {waiting.run} does not say what it asks")
    question = question_of_document(doc)
    if question is None or question.run != waiting.run:
        raise places.Untrusted(f"what '{waiting.place.path}' sends is not a question of run {waiting.run}")
    barred = doc.get("barred")
    why = shorten(printable(barred), 300) if isinstance(barred, str) else ""
    return question._replace(owner=waiting.owner), why


def answer(waiting: WaitingRun, doc: Document) -> Verdict:
    """Give an answer. Raises NothingWaits where it was not given, NoReply where that is not known, places.Untrusted."""
    reply = _exchange(waiting, doc, ANSWER_SECONDS)
    if reply is None or not isinstance(reply.get("counts"), bool):
        raise NoReply(f"run {waiting.run} has not replied: it is not known whether the answer counts")
    why, more = reply.get("why"), reply.get("more")
    said = shorten(printable(why), 500) if isinstance(why, str) else ""
    return Verdict(reply["counts"], said, more if type(more) is int and more > 0 else 0)


def _exchange(waiting: WaitingRun, doc: Document, seconds: float) -> Document | None:
    """The reply to one line; None where none came, though the line was sent."""
    until = time.monotonic() + seconds
    try:
        connection = places.connect(waiting.place, waiting.owner, seconds)
    except places.Untrusted:
        raise
    except (FileNotFoundError, ConnectionRefusedError):
        raise NothingWaits(f"run {waiting.run} waits for no answer now") from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise NothingWaits(f"run {waiting.run} cannot be reached at '{waiting.place.path}': {why}") from None
    with connection:
        # a peer that has replied already and does not read any more has a reply to be read
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            try:
                connection.sendall(encode_json(doc).encode() + b"\n", socket.MSG_NOSIGNAL)
            except TimeoutError:
                raise NothingWaits(f"run {waiting.run} takes no answer") from None
        return _decoded(_line(connection, until))


def _line(connection: socket.socket, until: float) -> bytes:
    """What comes until the end of a line; b"" where none comes in time."""
    data = b""
    while b"\n" not in data and len(data) <= LARGEST:
        connection.settimeout(max(0.001, until - time.monotonic()))
        try:
            piece = connection.recv(65536)
        except OSError:
            return b""
        if not piece or time.monotonic() >= until:
            return b""
        data += piece
    return data.partition(b"\n")[0] if len(data) <= LARGEST else b""


def _decoded(line: bytes) -> Document | None:
    try:
        doc = decode_json(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return doc if isinstance(doc, dict) else None


def own_runs(run: str, run_folder: str, shared: str | None) -> list[WaitingRun]:
    """Where a run of the user's own can have its socket: in the folder of the configuration, or next to its journal."""
    uid = os.geteuid()
    made = [places.own_place(run_folder)]
    if shared and not places.shared_folder_fault(shared):
        made.insert(0, places.shared_place(shared, run, uid))
    return [WaitingRun(uid, run, place) for place in made if _is_there(place, uid)]


def _is_there(place: Place, uid: int) -> bool:
    try:
        os.close(places.open_folder(place.folder, uid))
    except OSError:  # another user has made it
        return False
    return os.path.lexists(place.path)
