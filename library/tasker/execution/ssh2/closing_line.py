"""Have a command line report its own exit status, in a last line of stderr that is removed again.

libssh2 has 0 for a command whose server sent no exit status, and for one that a signal ended: both would look like
success. So the login shell stays, runs the command in a subshell, and writes what it returned. While it waits its own
stderr is closed to the world, since shells report there what ended a command.
"""

from __future__ import annotations

_MOST = 5  # digits of an exit status, and more


def wrap(line: str, token: str) -> str:
    """line: a command line of a POSIX shell, which may `exec`. token: the beginning of the last line of stderr."""
    return f"exec 3>&2 2>/dev/null; ({line}\n) 2>&3 3>&-; s=$?; echo {token}$s >&3; exit $s"


class ClosingReader:
    """Removes the last line from stderr. status: the exit status, once known."""

    __slots__ = ("_held", "_sign", "status")

    def __init__(self, token: str) -> None:
        self._sign = token.encode()
        self._held = b""
        self.status: int | None = None

    def take(self, piece: bytes) -> bytes:
        """Take a piece of stderr; returns what may be passed on now."""
        if self.status is not None:
            return piece
        data, sign = self._held + piece, self._sign
        start = data.find(sign)
        if start < 0:
            kept = next((n for n in range(min(len(sign) - 1, len(data)), 0, -1) if sign.startswith(data[-n:])), 0)
            self._held = data[len(data) - kept :]
            return data[: len(data) - kept]
        end = data.find(b"\n", start)
        if end < 0 and len(data) - start <= len(sign) + _MOST:
            self._held = data[start:]
            return data[:start]
        self._held = b""
        number = data[start + len(sign) : end] if end >= 0 else b""
        if not number.isdigit() or len(number) > _MOST:  # another command wrote it
            return data
        self.status = int(number)
        return data[:start] + data[end + 1 :]

    def end(self) -> bytes:
        """What was held back, as no line will come."""
        held, self._held = self._held, b""
        return held
