"""One stream of one command: exact on disk when it is long, about 64 KiB of it in memory.

In: bytes, as they come. Out: the keys of a result that describe this stream (docs/PROTOCOL.md).
"""

from __future__ import annotations

import codecs
import errno
import os

from tasker.text.characters import WORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.protocol.types import Document

    class Mask(Protocol):
        """What a stream goes through: a StreamMasker, or a filter before it."""

        def feed(self, piece: bytes, /) -> bytes: ...
        def end(self) -> bytes: ...


PIECE = 64 * 1024  # bytes: of one read, of what is kept in memory, and of either end of a long stream in a result
WHOLE = 1024 * 1024  # bytes up to which a stream that is needed is complete in the result
_READS = 16  # at once, so that a busy stream cannot starve the others
_PLAIN = frozenset(f"{WORD}.-")  # characters of the name of a file
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class CapturedStream:
    """name: stdout or stderr. descriptor: what to read it from, or None if it has ended or comes by `take`.

    folder: where long streams are kept, or None. stem: their file's name without suffix. masker: takes the secrets out
    before anything else sees the bytes. tap: called with each piece, without secrets.
    """

    __slots__ = (
        "_count",
        "_file",
        "_head",
        "_masker",
        "_place",
        "_tail",
        "_tap",
        *("descriptor", "lost", "name"),
        *("size", "storage"),
    )

    def __init__(
        self,
        name: str,
        descriptor: int | None,
        folder: str | None = None,
        stem: str = "request",
        masker: Mask | None = None,
        tap: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name, self.descriptor = name, descriptor
        self.size = 0  # bytes so far
        self.lost = ""  # why what is longer than 64 KiB could not be kept, in words
        self.storage = False  # was the storage the reason?
        self._place = (folder, stem)
        self._head = bytearray()
        self._tail = b""  # of a stream that is lost
        self._count = TextCount()
        self._file: StreamFile | None = None  # of a stream that is long and not lost
        self._masker, self._tap = masker, tap

    def drain(self, to_the_end: bool = False) -> bool:
        """Read what is in the pipe now, within reason. False at the end of the stream."""
        if self.descriptor is None:
            return False
        for _ in range(_READS):
            try:
                piece = os.read(self.descriptor, PIECE)
            except BlockingIOError:
                return True
            if not piece:
                return False
            self.take(piece)
            if len(piece) < PIECE and not to_the_end:
                return True
        return True

    def take(self, piece: bytes) -> None:
        self._keep(piece if self._masker is None else self._masker.feed(piece))

    def _keep(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._tap is not None and piece:
            self._tap(piece)
        if self.size <= PIECE:
            self._head += piece
            return
        if self._file is None and not self.lost:
            self._count.add(self._head)
            self._create()
        self._count.add(piece)
        if self._file is not None:
            try:
                self._file.write(piece)
            except OSError as error:
                self._fail(error)
        if self.lost:
            self._tail = (self._tail + piece)[-PIECE:]
        if len(self._head) < PIECE:
            self._head += piece[: PIECE - len(self._head)]

    def lose(self, why: str) -> None:
        """Keep only both ends from now on: a file in `output` is the complete stream, or is not there."""
        self.lost, self._tail = why, bytes(self._head)
        if self._file is not None:
            try:
                self._tail = self._file.end() or self._tail
            except OSError:
                pass
            self._file.discard()
            self._file = None

    def result(self, whole: int = WHOLE) -> Document:
        """What a result has of this stream, which has ended. It is complete up to `whole` bytes."""
        if self._masker is not None:
            self._keep(self._masker.end())
        if not self.size:
            return {self.name: "", f"{self.name}_bytes": 0, f"{self.name}_lines": 0}
        if self._file is None and not self.lost:
            self._count.add(self._head)
            if not self._count.is_utf8() and self._place[0] is not None:
                self._create()
        keys = self._text(whole) | {"_bytes": self.size, "_lines": self._count.lines(self.size)}
        if not self._count.is_utf8():
            keys["_escaped"] = True
        if self._file is not None:
            if self._file.name:
                keys["_file"] = self._file.name
            self._file.close()
        return {self.name + key: value for key, value in keys.items()}

    def _text(self, whole: int) -> Document:
        """The text, or both ends of it."""
        last = b""
        if self._file is not None:
            try:
                self._file.sync()
                if PIECE < self.size <= whole:
                    return {"": self._count.text(self._file.read(0, self.size))}
                last = self._file.end()
            except OSError as error:
                self._fail(error)
        head = self._count.text(self._head)
        if self.size <= PIECE:
            return {"": head}
        return {"": head, "_end": self._count.text(self._tail or last, front=True), "_cut": True}

    def _create(self) -> None:
        """Open its file, with what came so far."""
        try:
            self._file = StreamFile(*self._place, self.name)
            self._file.write(self._head)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.storage = True
        self.lose(f"cannot keep {self.name}: {(error.strerror or str(error)).lower()}")


class StreamFile:
    """A new private file with the bytes of a stream. All methods raise OSError but `discard` and `close`.

    Without a folder it has no name, and is gone when it is closed. size: bytes that it surely has.
    """

    __slots__ = ("_descriptor", "_folder", "name", "size")

    def __init__(self, folder: str | None, stem: str, suffix: str) -> None:
        self._folder, self.size = folder, 0
        self._descriptor, self.name = _nameless() if folder is None else _named(folder, stem, suffix)

    def write(self, piece: bytes | bytearray) -> None:
        from tasker.system.private_files import write_some  # here: few outputs are long

        rest = memoryview(piece)
        while rest:
            rest = rest[write_some(self._descriptor, rest) :]
        self.size += len(piece)

    def read(self, start: int, count: int) -> bytes:
        return os.pread(self._descriptor, count, start)

    def end(self) -> bytes:
        """The last 64 KiB."""
        return self.read(max(self.size - PIECE, 0), min(self.size, PIECE))

    def sync(self) -> None:
        """What is in `output` has to be on disk before a result names it."""
        if self._folder is None:
            return
        os.fsync(self._descriptor)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        self.close()
        if self._folder is not None:
            try:
                os.unlink(os.path.join(self._folder, self.name))
            except OSError:
                pass

    def close(self) -> None:
        os.close(self._descriptor)


class TextCount:
    """Lines of a stream, and whether it is UTF-8. Linear, piece by piece."""

    __slots__ = ("_newlines", "_odd", "_trailing", "_unfinished")

    def __init__(self) -> None:
        self._newlines = self._trailing = 0  # all of them, and those at the end
        self._odd = False  # are there bytes that are not UTF-8?
        self._unfinished = b""  # the beginning of a character

    def add(self, piece: bytes | bytearray) -> None:
        self._newlines += piece.count(b"\n")
        end = len(piece) - len(piece.rstrip(b"\n"))
        self._trailing = end + (self._trailing if end == len(piece) else 0)
        if self._odd or (piece.isascii() and not self._unfinished):
            return
        try:
            data = self._unfinished + piece
            self._unfinished = data[codecs.utf_8_decode(data, "strict", False)[1] :]
        except UnicodeDecodeError:
            self._odd = True

    def lines(self, size: int) -> int:
        """The number of lines of all the `size` bytes, without the newlines at the end."""
        return self._newlines - self._trailing + 1 if size > self._trailing else 0

    def is_utf8(self) -> bool:
        return not (self._odd or self._unfinished)

    def text(self, data: bytes | bytearray, front: bool = False) -> str:
        """As a result has it. front: a character may be cut at the beginning."""
        if not self.is_utf8():
            return data.decode("utf-8", "backslashreplace")
        while front and data and data[0] & 0xC0 == 0x80:
            data = data[1:]
        return codecs.utf_8_decode(data, "strict", False)[0]


def _named(folder: str, stem: str, suffix: str) -> tuple[int, str]:
    for number in range(1, 100):
        name = f"{stem}.{suffix}" if number == 1 else f"{stem}-{number}.{suffix}"
        try:
            return _private(os.path.join(folder, name)), name
        except FileExistsError:  # another attempt's: never overwritten
            continue
    raise FileExistsError(errno.EEXIST, f"'{name}' and those before it are taken")


def _nameless() -> tuple[int, str]:
    folder = os.environ.get("TMPDIR") or "/tmp"
    try:
        return os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600), ""
    except OSError:  # not every file system can
        path = os.path.join(folder, f"tasker-{os.urandom(8).hex()}")
        descriptor = _private(path)
        os.unlink(path)
        return descriptor, ""


def _private(path: str) -> int:
    descriptor = os.open(path, _FLAGS, 0o600)
    os.fchmod(descriptor, 0o600)  # whatever the umask
    return descriptor


def file_stem(identity: object) -> str:
    """A file name for the id of a request. Ids with the same name do no harm: a free name is found for each file."""
    return "".join([one if one in _PLAIN else "_" for one in str(identity)[:100]]).lstrip(".-") or "request"
