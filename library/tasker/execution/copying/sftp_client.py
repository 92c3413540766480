"""The client's side of SFTP, version 3, with OpenSSH's additions: requests are sent before earlier ones are answered.

It needs a line that carries bytes both ways, and knows nothing of SSH.
"""

from __future__ import annotations

import struct
from collections import deque

from tasker.execution.copying.specification import CopyFault
from tasker.execution.copying.tree import Entry, kind_of, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol, TypeAlias

    class Line(Protocol):
        """A connection to the SFTP server. `receive` waits, and returns b"" at the end; both raise CopyFault."""

        def send(self, data: bytes, /) -> None: ...
        def receive(self, most: int, /) -> bytes: ...
        def has_more(self) -> bool:
            """Is there something to receive at once?"""

    Field: TypeAlias = int | bytes

INIT, VERSION, OPEN, CLOSE, READ, WRITE = 1, 2, 3, 4, 5, 6
LSTAT, FSTAT, FSETSTAT, OPENDIR, READDIR, REMOVE = 7, 8, 10, 11, 12, 13
MKDIR, STAT, RENAME, READLINK, SYMLINK, EXTENDED = 14, 17, 18, 19, 20, 200
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED_REPLY = 101, 102, 103, 104, 105, 201
OK, END_OF_FILE, NO_SUCH_FILE, PERMISSION_DENIED, UNSUPPORTED = 0, 1, 2, 3, 8
FOR_READING, FOR_WRITING = 0x01, 0x02 | 0x08 | 0x20  # write, create, only if it is new
HAS_SIZE, HAS_OWNER, HAS_MODE, HAS_TIMES, HAS_MORE = 0x1, 0x2, 0x4, 0x8, 0x80000000
WORDS = {
    END_OF_FILE: "unexpected end",
    NO_SUCH_FILE: "no such file or directory",
    PERMISSION_DENIED: "permission denied",
    UNSUPPORTED: "its server cannot do this",
}
LARGEST = 1 << 20  # bytes of an answer
NOISE = 16 * 1024  # bytes that a start-up file of the shell may print before the server's first answer
PIECE = 32_000  # bytes of a request to read or write: with its head it fits into one packet of SSH
AHEAD = 64  # requests without an answer
WINDOW = 256 * 1024  # bytes that are sent at once
_GREETING = struct.pack(">BI", VERSION, 3)


class Refused(Exception):
    """An answer that is a status. code: of the SFTP server. text: its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = WORDS.get(code) or text.lower() or f"status {code}"


class SftpClient:
    """A session. Raises CopyFault where the other side is no SFTP server, or breaks the protocol."""

    def __init__(self, line: Line) -> None:
        self._line, self._rest, self._number = line, bytearray(), 0
        self._answers: dict[int, tuple[int, bytes]] = {}  # that came before those of earlier requests
        self.additions: set[bytes] = set()
        line.send(struct.pack(">IBI", 5, INIT, 3))
        self._greet()

    def _greet(self) -> None:
        """Read the first answer, and what a noisy start-up file has printed before it."""
        while (place := self._rest.find(_GREETING)) < 4 or len(self._rest) < place + self._length(place - 4):
            if len(self._rest) > NOISE:
                raise CopyFault("it offers no SFTP: what answers is something else")
            self._receive("it offers no SFTP: in its sshd_config, a line with Subsystem sftp is missing")
        length = self._length(place - 4)
        body = bytes(self._rest[place + 5 : place + length])
        del self._rest[: place + length]
        while body:
            name, body = _take_text(body)
            _, body = _take_text(body)
            self.additions.add(name)

    def _length(self, place: int) -> int:
        length = int.from_bytes(self._rest[place : place + 4], "big")
        if length > NOISE:
            raise CopyFault("it offers no SFTP: what answers is something else")
        return length

    def _receive(self, at_the_end: str) -> None:
        piece = self._line.receive(WINDOW)
        if not piece:
            raise CopyFault(at_the_end)
        self._rest += piece

    @property
    def renames(self) -> bool:
        """Can the server rename a file over another?"""
        return b"posix-rename@openssh.com" in self.additions

    # -- requests and answers

    def send(self, kind: int, *fields: Field) -> int:
        """Send a request; return its number, for `answer`."""
        self._number = self._number + 1 & 0xFFFFFFFF
        self._line.send(_packet(kind, self._number, *fields))
        return self._number

    def has_answer(self, number: int) -> bool:
        """Can the answer be had without waiting?"""
        while number not in self._answers and self._line.has_more():
            self._receive("the line is lost")
            self._sort()
        return number in self._answers

    def answer(self, number: int) -> tuple[int, bytes]:
        """(kind, content) of the answer to a request. Raises Refused for a status that is not OK."""
        while number not in self._answers:
            self._sort()
            if number not in self._answers:
                self._receive("the line is lost")
                self._sort()
        kind, body = self._answers.pop(number)
        if kind == STATUS:
            code = int.from_bytes(body[:4], "big")
            if code != OK:
                text, _ = _take_text(body[4:]) if len(body) > 8 else (b"", b"")
                raise Refused(code, text.decode("utf-8", "backslashreplace"))
        return kind, body

    def _sort(self) -> None:
        """Note all answers that have come whole."""
        rest, place = self._rest, 0
        while len(rest) >= place + 4:
            length = int.from_bytes(rest[place : place + 4], "big")
            if not 5 <= length <= LARGEST:
                raise CopyFault("its SFTP server breaks the protocol")
            if len(rest) < place + 4 + length:
                break
            number = int.from_bytes(rest[place + 5 : place + 9], "big")
            self._answers[number] = rest[place + 4], bytes(rest[place + 9 : place + 4 + length])
            place += 4 + length
        del rest[:place]
        if len(self._answers) > 4 * AHEAD:
            raise CopyFault("its SFTP server breaks the protocol")

    def ask(self, kind: int, *fields: Field) -> tuple[int, bytes]:
        """Send a request and wait for its answer. Raises Refused."""
        return self.answer(self.send(kind, *fields))

    # -- what a copy needs

    def status(self, path: bytes, follow: bool) -> Entry | None:
        try:
            kind, body = self.ask(STAT if follow else LSTAT, path)
        except Refused as refused:
            if refused.code == NO_SUCH_FILE:
                return None
            raise
        _require(kind, ATTRS)
        return _take_entry(body)[0]

    def entries(self, path: bytes) -> Iterator[tuple[bytes, Entry]]:
        handle = self._handle(OPENDIR, path)
        try:
            while True:
                try:
                    kind, body = self.ask(READDIR, handle)
                except Refused as refused:
                    if refused.code == END_OF_FILE:
                        return
                    raise
                _require(kind, NAME)
                count, body = int.from_bytes(body[:4], "big"), body[4:]
                for _ in range(count):
                    name, body = _take_text(body)
                    _, body = _take_text(body)  # a line as of ls
                    entry, body = _take_entry(body)
                    if name not in (b".", b".."):
                        yield name, entry
        finally:
            self.send(CLOSE, handle)

    def read(self, path: bytes) -> Iterator[bytes]:
        """The bytes of a file, of the size that it has when it is opened."""
        handle = self._handle(OPEN, path, FOR_READING, 0)
        waiting: deque[tuple[int, int, int]] = deque()  # (number of the request, place in the file, bytes)
        try:
            kind, body = self.ask(FSTAT, handle)
            _require(kind, ATTRS)
            entry, asked = _take_entry(body)[0], 0
            if entry.kind != "file":
                raise CopyFault(f"{shown(path)} is no regular file")
            while asked < entry.size or waiting:
                while asked < entry.size and len(waiting) < AHEAD:
                    size = min(PIECE, entry.size - asked)
                    waiting.append((self.send(READ, handle, *_wide(asked), size), asked, size))
                    asked += size
                number, place, size = waiting.popleft()
                yield self._whole_piece(path, handle, number, place, size)
        finally:
            for number, _, _ in waiting:
                self._drop(number)
            self.send(CLOSE, handle)

    def _whole_piece(self, path: bytes, handle: bytes, number: int, place: int, size: int) -> bytes:
        """The answer to a request to read, and what it left out."""
        made = b""
        while True:
            try:
                kind, body = self.answer(number)
            except Refused as refused:
                if refused.code == END_OF_FILE:
                    raise CopyFault(f"{shown(path)} became shorter while it was read") from None
                raise
            _require(kind, DATA)
            piece, _ = _take_text(body)
            made += piece
            if len(made) == size:
                return made
            if not piece or len(made) > size:
                raise CopyFault("its SFTP server breaks the protocol")
            number = self.send(READ, handle, *_wide(place + len(made)), size - len(made))

    def write(self, path: bytes, pieces: Iterable[bytes], mode: int, owner: tuple[int, int] | None) -> None:
        """Make a new file and have it on the disk."""
        handle = self._handle(OPEN, path, FOR_WRITING, HAS_MODE, 0o600)
        waiting: deque[int] = deque()
        try:
            place = 0
            for piece in pieces:
                for start in range(0, len(piece), PIECE):
                    part = piece[start : start + PIECE]
                    waiting.append(self.send(WRITE, handle, *_wide(place), part))
                    place += len(part)
                    while len(waiting) >= AHEAD or (waiting and self.has_answer(waiting[0])):
                        self.answer(waiting.popleft())
            waiting.append(self.send(FSETSTAT, handle, HAS_MODE, mode))
            if owner is not None:
                uid, gid = owner if owner[1] >= 0 else (owner[0], _take_entry(self.ask(FSTAT, handle)[1])[0].gid)
                waiting.append(self.send(FSETSTAT, handle, HAS_OWNER, uid, gid))
            if b"fsync@openssh.com" in self.additions:
                waiting.append(self.send(EXTENDED, b"fsync@openssh.com", handle))
            while waiting:
                self.answer(waiting.popleft())
        finally:
            for number in waiting:
                self._drop(number)
            self.ask(CLOSE, handle)

    def free_bytes(self, folder: bytes) -> int | None:
        """Bytes that are free on the disk of a folder; None where the server cannot say it."""
        if b"statvfs@openssh.com" not in self.additions:
            return None
        try:
            kind, body = self.ask(EXTENDED, b"statvfs@openssh.com", folder)
        except Refused:
            return None
        if kind != EXTENDED_REPLY or len(body) < 40:
            return None
        _, size, _, _, free = struct.unpack(">QQQQQ", body[:40])
        return int(size * free)

    def rename(self, path: bytes, target: bytes) -> bool:
        """Rename a file over another. False where the server cannot do that."""
        if not self.renames:
            return False
        self.ask(EXTENDED, b"posix-rename@openssh.com", path, target)
        return True

    def read_link(self, path: bytes) -> bytes:
        kind, body = self.ask(READLINK, path)
        _require(kind, NAME)
        return _take_text(body[4:])[0]

    def _handle(self, kind: int, *fields: Field) -> bytes:
        answer, body = self.ask(kind, *fields)
        _require(answer, HANDLE)
        return _take_text(body)[0]

    def _drop(self, number: int) -> None:
        """Have the answer to a request, which no longer matters."""
        try:
            self.answer(number)
        except Refused:
            pass


def _packet(kind: int, number: int, *fields: Field) -> bytes:
    body = b"".join(
        [struct.pack(">I", one) if isinstance(one, int) else len(one).to_bytes(4, "big") + one for one in fields]
    )
    return struct.pack(">IBI", 5 + len(body), kind, number) + body


def _wide(number: int) -> tuple[int, int]:
    """A number of 64 bits as two of 32."""
    return number >> 32, number & 0xFFFFFFFF


def _take_text(body: bytes) -> tuple[bytes, bytes]:
    """(the text at the beginning, the rest)."""
    length = int.from_bytes(body[:4], "big")
    if len(body) < 4 + length:
        raise CopyFault("its SFTP server breaks the protocol")
    return body[4 : 4 + length], body[4 + length :]


def _take_entry(body: bytes) -> tuple[Entry, bytes]:
    """(the attributes at the beginning, the rest)."""
    flags = int.from_bytes(body[:4], "big")
    size = uid = gid = mode = changed = 0
    body = body[4:]
    try:
        if flags & HAS_SIZE:
            size, body = struct.unpack(">Q", body[:8])[0], body[8:]
        if flags & HAS_OWNER:
            (uid, gid), body = struct.unpack(">II", body[:8]), body[8:]
        if flags & HAS_MODE:
            mode, body = struct.unpack(">I", body[:4])[0], body[4:]
        if flags & HAS_TIMES:
            changed, body = struct.unpack(">II", body[:8])[1], body[8:]
        if flags & HAS_MORE:
            count, body = int.from_bytes(body[:4], "big"), body[4:]
            for _ in range(2 * count):
                _, body = _take_text(body)
    except struct.error:
        raise CopyFault("its SFTP server breaks the protocol") from None
    return Entry(kind_of(mode), size, mode & 0o7777, uid, gid, changed), body


def _require(kind: int, wanted: int) -> None:
    if kind != wanted:
        raise CopyFault("its SFTP server breaks the protocol")
