"""One stream of one command: taken as it comes, exact on disk when it is long, about 64 KiB of it in memory.

In: pieces of bytes. Out: the keys of a result that speak of this stream (docs/PROTOCOL.md).
"""

import codecs
import contextlib
import errno
import os

from tasker.text.lazy_regex import Pattern

PIECE = 64 * 1024  # bytes: read at once, kept in memory, and shown of either end of a long stream
WHOLE = 1024 * 1024  # bytes up to which a stream that somebody reads is given whole
_ODD = Pattern(r"[^A-Za-z0-9_.-]")
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class CapturedStream:
    """name: stdout or stderr. folder: where long streams are kept, or None. stem: their file's name without suffix.
    masker: takes the secrets out of what comes, before anything else sees it (masking.Streaming), or None.
    tap: called with each piece, without secrets (live.Tap), or None."""

    __slots__ = (
        *("name", "folder", "stem", "descriptor", "size", "lost", "storage"),
        *(
            "_head",
            "_tail",
            "_newlines",
            "_trailing",
            "_odd",
            "_unfinished",
            "_file",
            "_file_name",
            "_kept",
            "_masker",
            "_tap",
        ),
    )

    def __init__(self, name, descriptor, folder=None, stem="request", masker=None, tap=None):
        self.name, self.descriptor, self.folder, self.stem = name, descriptor, folder, stem
        self.size = 0  # bytes so far
        self.lost = None  # why what is longer than 64 KiB could not be kept, in words
        self.storage = False  # was it for want of a place that takes it?
        self._head = bytearray()
        self._tail = self._unfinished = b""
        self._newlines = self._trailing = 0  # all of them, and those at the end
        self._odd = False  # are there bytes that are not UTF-8?
        self._file = self._file_name = None
        self._kept = 0  # bytes in the file
        self._masker, self._tap = masker, tap

    def drain(self, to_the_end: bool = False) -> bool:
        """Take what is in the pipe now, within reason. False at the end of the stream."""
        for _ in range(16):
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

    def _keep(self, piece):
        self.size += len(piece)
        if self._tap is not None and piece:
            self._tap(piece)
        if self.size <= PIECE:
            self._head += piece
            return
        if self._file is None and self.lost is None:
            self._count(self._head)
            self._create()
        self._count(piece)
        if self.lost is None:
            self._write(piece)
        if self.lost is not None:
            self._tail = (self._tail + piece)[-PIECE:]
        if len(self._head) < PIECE:
            self._head += piece[: PIECE - len(self._head)]

    def lose(self, why: str) -> None:
        """Keep no more than both ends from now on: a file in `output` is the whole stream, or is not there."""
        self.lost = why
        self._tail = bytes(self._back(self._kept - PIECE, PIECE) if self._kept else self._head)
        if self._file is None:
            return
        os.close(self._file)
        self._file = None
        if self._file_name:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.folder, self._file_name))
            self._file_name = None

    def result(self, whole: int = WHOLE) -> dict:
        """What a result says of this stream, which has ended. It is given whole up to `whole` bytes."""
        if self._masker is not None:
            self._keep(self._masker.end())
        if self._file is None and self.lost is None:
            self._count(self._head)
            if (self._odd or self._unfinished) and self.folder is not None:
                self._create()
        self._sync()
        keys = {"": self._text(self._head)}
        if self.size > PIECE and self.lost is None and self.size <= whole:
            keys[""] = self._text(self._back(0, self.size))
        elif self.size > PIECE:
            last = self._back(self.size - PIECE, PIECE) if self.lost is None else self._tail
            keys |= {"_end": self._text(last, front=True), "_cut": True}
        keys["_bytes"] = self.size
        keys["_lines"] = self._newlines - self._trailing + 1 if self.size > self._trailing else 0
        if self._odd or self._unfinished:
            keys["_escaped"] = True
        if self._file_name:
            keys["_file"] = self._file_name
        if self._file is not None:
            os.close(self._file)
        return {self.name + key: value for key, value in keys.items()}

    def _count(self, piece):
        """Lines, and whether it is UTF-8: linear, piece by piece."""
        self._newlines += piece.count(b"\n")
        end = len(piece) - len(piece.rstrip(b"\n"))
        self._trailing = end + (self._trailing if end == len(piece) else 0)
        if self._odd or (piece.isascii() and not self._unfinished):
            return
        try:
            piece = self._unfinished + piece
            self._unfinished = piece[codecs.utf_8_decode(piece, "strict", False)[1] :]
        except UnicodeDecodeError:
            self._odd = True

    def _text(self, data, front=False):
        if self._odd or self._unfinished:
            return data.decode("utf-8", "backslashreplace")
        while front and data and data[0] & 0xC0 == 0x80:  # a character that the cut went through
            data = data[1:]
        return codecs.utf_8_decode(data, "strict", False)[0]

    def _create(self):
        try:
            self._file, self._file_name = create_stream(self.folder, self.stem, self.name)
        except OSError as error:
            self.lose(self._failed(error))
        else:
            self._write(self._head)

    def _write(self, piece):
        from tasker.system.private_files import write_some  # here: few outputs are long

        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[write_some(self._file, rest) :]
        except OSError as error:
            self.lose(self._failed(error))
        else:
            self._kept += len(piece)

    def _sync(self):
        """What is in `output` has to be on disk before anybody hears of it."""
        if self._file_name is None:
            return
        try:
            os.fsync(self._file)
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            self.lose(self._failed(error))

    def _back(self, start, count):
        try:
            return os.pread(self._file, count, max(start, 0))
        except OSError as error:
            self.lost = self._failed(error)
            return b""

    def _failed(self, error):
        self.storage = True
        return f"cannot keep {self.name}: {error.strerror.lower()}"


def create_stream(folder, stem, suffix):
    """A new private file: its descriptor and its name. Without a folder it has no name, and ends when it is closed."""
    if folder is None:
        return _nameless(os.environ.get("TMPDIR") or "/tmp"), None
    for number in range(1, 100):
        name = f"{stem}.{suffix}" if number == 1 else f"{stem}-{number}.{suffix}"
        try:
            return _private(os.path.join(folder, name)), name
        except FileExistsError:  # another attempt's: never overwritten
            continue
    raise FileExistsError(errno.EEXIST, f"'{name}' and those before it are taken")


def _nameless(folder):
    try:
        return os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)
    except OSError:  # not every file system can
        path = os.path.join(folder, f"tasker-{os.urandom(8).hex()}")
        descriptor = _private(path)
        os.unlink(path)
        return descriptor


def _private(path):
    descriptor = os.open(path, _FLAGS, 0o600)
    os.fchmod(descriptor, 0o600)  # whatever the umask
    return descriptor


def file_stem(identity) -> str:
    """A file name for the id of a request. Ids that become the same are no trouble: `create` finds a free name."""
    return _ODD.sub("_", str(identity))[:100].lstrip(".-") or "request"
