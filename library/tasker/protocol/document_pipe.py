"""Documents over two descriptors, one a line, without ever waiting: for a program that has more to do than to talk."""

import os
import stat

from tasker.protocol.document import LARGEST, Problem, encode

_PIECE = 64 * 1024


class DocumentInput:
    """Lines of bytes, as they come. `ended`: nothing more will."""

    def __init__(self, descriptor: int):
        self.descriptor, self.ended = descriptor, False
        self._pieces: list[bytes] = []  # of the line that has no end yet
        self._size = 0

    def read(self) -> list[bytes]:
        """The lines that are complete now, to be called when there is something to read. What follows the last newline
        at the end of input was cut off, and is no line. Raises Problem for a line that no document can be."""
        piece = os.read(self.descriptor, _PIECE)
        if not piece:
            self.ended = True
            return []
        *lines, rest = piece.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._pieces, lines[0]])
            self._pieces, self._size = [], 0
        self._pieces.append(rest)
        self._size += len(rest)
        if self._size > LARGEST:
            self.ended = True
            raise Problem("bad_document", f"cannot read the document: a line over {LARGEST} bytes")
        return [line for line in lines if line.strip()]


class DocumentOutput:
    """Documents that wait until the reader takes them. `broken`: there is no reader any more."""

    def __init__(self, descriptor: int):
        self.descriptor, self.broken = _own_description(descriptor), False
        self._waiting = bytearray()

    def say(self, doc: dict) -> None:
        self._waiting += encode(doc)

    @property
    def waiting(self) -> int:
        """Bytes that the reader has not taken."""
        return len(self._waiting)

    def flush(self) -> bool:
        """Hand over what can be handed over now. True when nothing is left."""
        try:
            while self._waiting and not self.broken:
                del self._waiting[: os.write(self.descriptor, self._waiting)]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self.broken = True
        return True


def _own_description(descriptor):
    """The pipe opened once more, so that who shares ours does not find it non-blocking. Others stay as they are."""
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(kind):
        try:
            return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            pass
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        os.set_blocking(descriptor, False)
    return descriptor
