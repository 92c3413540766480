"""The socket of a driver that waits for an answer: it tells the question, takes answers, replies.

A connection carries one line each way and is closed: `{"ask": true}` gets the question, an answer gets what became of
it. Nothing blocks: what has not come is waited for by the poll of the driver, which sees one descriptor (an epoll over
all connections). A silent peer costs a descriptor, until newer ones need it; each user has few.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import stat
import time

from tasker.approval import places
from tasker.approval.answer import SOCKET, Answer, Who
from tasker.approval.received import name_of, received_answer
from tasker.approval.who import Gone, peer_of, peer_uid
from tasker.text.json_codec import decode_json, encode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.approval.places import Place
    from tasker.approval.question import Question
    from tasker.approval.received import Check
    from tasker.approval.rules import Weighed
    from tasker.protocol.types import Document

LONGEST_LINE = 32 * 1024  # bytes that a peer may send
MOST_CONNECTIONS, MOST_OF_USER = 32, 4
BACKLOG = 128  # connections that the kernel keeps until they are taken
MOST_ANSWERS = 20  # of one user to a question: the journal keeps each
PATIENCE = 10.0  # seconds until a connection is closed when a newer one comes


class _Connection:
    """One peer. data: what it has sent of its line. token: its number, which an answer has."""

    __slots__ = ("data", "fault", "since", "socket", "token", "who")

    def __init__(self, made: socket.socket, token: int) -> None:
        self.socket, self.token = made, token
        self.data, self.fault, self.since = b"", "", time.monotonic()
        try:
            self.who = peer_of(made)
        except Gone as gone:
            self.who, self.fault = Who(peer_uid(made)), str(gone)


class Door:
    """question: the open one. check: see received.received_answer."""

    def __init__(
        self,
        place: Place,
        question: Question,
        check: Check | None = None,
    ) -> None:
        """Raises OSError where no socket can be made there; places.Untrusted where another user is in the way."""
        self.place, self.question, self.check = place, question, check
        self._connections: dict[int, _Connection] = {}  # descriptor -> connection
        self._answers: dict[int, int] = {}  # uid -> how many
        self._last = 0
        self._listener = _listen(place)
        self._inode = os.lstat(place.path).st_ino
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def fileno(self) -> int:
        """The descriptor to poll for input."""
        return self._epoll.fileno()

    def answers(self) -> Iterator[Answer]:
        """What has come in by now. The caller owes a reply to each. Never blocks."""
        for descriptor, _ in self._epoll.poll(0):
            if descriptor == self._listener.fileno():
                self._accept()
            elif (connection := self._connections.get(descriptor)) and (answer := self._read(connection)):
                yield answer

    def reply(self, answer: Answer, weighed: Weighed, more: int = 0) -> None:
        """Tell the one who answered. more: how many approvals are missing still."""
        for connection in list(self._connections.values()):
            if connection.token == answer.token:
                self._send(connection, {"counts": weighed.counts, "why": weighed.why, "more": more})

    def close(self) -> None:
        """Take no more, and remove the socket."""
        for connection in list(self._connections.values()):
            self._end(connection)
        self._epoll.close()
        self._listener.close()
        os.close(self._spare)
        with contextlib.suppress(OSError):
            if os.lstat(self.place.path).st_ino == self._inode:  # else a newer one has taken its place
                os.unlink(self.place.path)

    # -- connections

    def _accept(self) -> None:
        for _ in range(MOST_CONNECTIONS):
            try:
                made, _ = self._listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):  # it would be ready for ever
                    self._turn_away()
                return
            try:
                made.setblocking(False)
                self._last += 1
                connection = _Connection(made, self._last)
                self._make_room(connection.who.uid)
                self._epoll.register(made, select.EPOLLIN)
                self._connections[made.fileno()] = connection
            except OSError:
                made.close()

    def _turn_away(self) -> None:
        """No descriptor is left: take the one that is kept for this, to close the connection that waits."""
        os.close(self._spare)
        with contextlib.suppress(OSError):
            self._listener.accept()[0].close()
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _make_room(self, uid: int) -> None:
        """Close what has waited too long, and the oldest where there are too many: of this user, or of all."""
        before = time.monotonic() - PATIENCE
        for connection in [one for one in self._connections.values() if one.since < before and one.data != b"\n"]:
            self._end(connection)
        own = [one for one in self._connections.values() if one.who.uid == uid]
        if len(own) >= MOST_OF_USER:
            self._end(own[0])
        elif len(self._connections) >= MOST_CONNECTIONS:
            self._end(next(iter(self._connections.values())))

    def _read(self, connection: _Connection) -> Answer | None:
        """The answer, when its line is whole; a question is replied to here."""
        try:
            data = connection.socket.recv(LONGEST_LINE + 1)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        connection.data += data
        line, end, _ = connection.data.partition(b"\n")
        if end and len(line) <= LONGEST_LINE:
            return self._take(connection, line)
        if not data or len(connection.data) > LONGEST_LINE:
            self._end(connection)
        return None

    def _take(self, connection: _Connection, line: bytes) -> Answer | None:
        doc = _document(line)
        if doc is None:
            self._send(connection, {"counts": False, "why": "it is not a line of TASKER"})
            return None
        if doc.get("ask") is True:
            self._send(connection, self._told(connection.who))
            return None
        uid = connection.who.uid
        if self._answers.get(uid, 0) >= MOST_ANSWERS:
            why = f"user {uid} has given {MOST_ANSWERS} answers to this question, and no more of them are taken"
            self._send(connection, {"counts": False, "why": why})
            return None
        self._answers[uid] = self._answers.get(uid, 0) + 1
        connection.data = b"\n"  # it waits for us
        self._epoll.unregister(connection.socket)
        return self._answer(connection, doc)

    def _told(self, who: Who) -> Document:
        """The question, with its text for those who may answer it."""
        told = self.question.document()
        names = self.question.approvers
        if names and self.check is None and who.uid != self.question.owner and name_of(who) not in names:
            told |= {"text": "", "title": "", "barred": f"'{name_of(who)}' is not among the approvers"}
        return told

    def _answer(self, connection: _Connection, doc: Document) -> Answer:
        who = connection.who
        return received_answer(
            doc, self.question, self.check, who, SOCKET, fault=connection.fault, token=connection.token
        )

    def _send(self, connection: _Connection, doc: Document) -> None:
        """One line, and the end. The line is shorter than what a socket takes at once."""
        with contextlib.suppress(OSError):
            connection.socket.send(encode_json(doc).encode() + b"\n", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        self._end(connection)

    def _end(self, connection: _Connection) -> None:
        self._connections.pop(connection.socket.fileno(), None)
        connection.socket.close()  # which takes it out of the epoll


def _listen(place: Place) -> socket.socket:
    """A listening socket there. One that is left of a killed driver is removed: the run is locked by its journal."""
    folder = places.open_folder(place.folder, os.geteuid()) if place.private else places.make_folder(place.folder)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(os.stat(place.name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise places.Untrusted(f"'{place.path}' is in the way, and not a socket")
            os.unlink(place.name, dir_fd=folder)
        made.bind(places.through(folder, place.name))
        os.chmod(places.through(folder, place.name), 0o600 if place.private else 0o666)
        made.listen(BACKLOG)
        return made
    except BaseException:
        made.close()
        raise
    finally:
        os.close(folder)


def _document(line: bytes) -> Document | None:
    """The object in a line, which anyone can have sent."""
    try:
        doc = decode_json(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return doc if isinstance(doc, dict) else None
