"""Documents over pipes, one a line, without ever blocking: for a program that has other work too."""

from __future__ import annotations

import errno
import os
import stat

from tasker.protocol.document import LARGEST, bad_document, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AT_ONCE = 1 << 16  # bytes of one read: a full pipe; for more, malloc would map memory for each read


class DocumentInput:
    """Lines of bytes, as they come. `ended`: nothing more will come.

    reads: system calls in one `read`. More than one needs a descriptor that does not block.
    """

    def __init__(self, descriptor: int, reads: int = 1) -> None:
        self.descriptor, self.ended = descriptor, False
        self._reads = reads
        self._data = bytearray()
        self._searched = 0  # bytes of it that have no newline

    @property
    def has_partial_line(self) -> bool:
        """Has a line begun whose end has not come?"""
        return bool(self._data)

    def read(self) -> Iterator[bytes]:
        """Read what is available, and yield each complete line without its newline. Call it when there is something to
        read. What follows the last newline at the end of input was cut off: it is not a line.

        Raises Problem, after the good lines, when a line is longer than a document may be.
        """
        self._fill()
        while (end := self._data.find(b"\n", self._searched)) >= 0:
            if end + 1 == len(self._data):  # as usual; so a large document is not copied twice
                del self._data[end:]
                line = bytes(self._data)
                self._data.clear()
            else:
                line = bytes(self._data[:end])
                del self._data[: end + 1]
            self._searched = 0
            yield line
        self._searched = len(self._data)
        if self._searched > LARGEST:
            self.ended = True
            raise bad_document(f"a line over {LARGEST} bytes")

    def _fill(self) -> None:
        try:
            for _ in range(self._reads):
                data = os.read(self.descriptor, _AT_ONCE)
                self._data += data
                self.ended = not data
                if len(data) < _AT_ONCE:  # less than a full pipe: there is no more at the moment
                    return
        except BlockingIOError:
            pass


class DocumentOutput:
    """Documents that wait until the reader takes them. `broken`: the reader is gone, and so is what waited for it.

    shared: others may have the same descriptor, and must not find it non-blocking. If not, it is non-blocking already.
    """

    def __init__(self, descriptor: int, shared: bool = True) -> None:
        self.descriptor = _own_description(descriptor) if shared else descriptor
        self.broken = False
        self._waiting = bytearray()

    def send(self, doc: Mapping[str, object]) -> None:
        """Queue a document; `flush` writes it."""
        self.send_bytes(encode(doc))

    def send_bytes(self, data: bytes) -> None:
        """The same for bytes that need not be a document."""
        self._waiting += data

    @property
    def waiting(self) -> int:
        """Bytes that the reader has not taken."""
        return len(self._waiting)

    def clear(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def flush(self) -> bool:
        """Write what can be written now. True when nothing is left. Raises OSError."""
        try:
            while self._waiting and not self.broken:
                if not (written := os.write(self.descriptor, self._waiting)):
                    raise OSError(errno.EIO, "a write wrote nothing")
                del self._waiting[:written]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self.broken = True
            self.clear()
        return True


def _own_description(descriptor: int) -> int:
    """The same pipe, opened once more: who shares ours does not find it non-blocking. Others than pipes stay as they
    are."""
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(kind):
        try:
            return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            pass
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        os.set_blocking(descriptor, False)
    return descriptor
