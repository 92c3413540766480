"""Request sessions from an OpenSSH master: the client's side of its PROTOCOL.mux, version 4 (OpenSSH 5.4 and later).

The master connects the command's streams with descriptors of ours, and sends a message when the command has ended. So
an exit status of 255 is always the command's own: what goes wrong with the connection is another message, or none.
"""

from __future__ import annotations

import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    Message: TypeAlias = tuple[int, int, str]  # (kind, number, text): see `_read`

VERSION = 4
HELLO, NEW_SESSION, TERMINATE = 0x00000001, 0x10000002, 0x10000005
DENIED, FAILURE, EXIT, OPENED = 0x80000002, 0x80000003, 0x80000004, 0x80000006
LONGEST = 131_071  # bytes of a command: Linux has no longer arguments, and a master takes 256 KiB
PATIENCE = 2.0  # seconds to write a request, to a master that should be reading
_NO_ESCAPE = 0xFFFFFFFF
_ANSWER = 4096  # bytes; messages are short


class Channel:
    """A session that was requested. Raises OSError if there is no master, or not any more.

    path: of the master's socket. descriptors: for the command's stdin, stdout and stderr; to be closed afterwards.
    subsystem: is the command the name of one, such as sftp?
    """

    def __init__(self, path: str, command: bytes, descriptors: Iterable[int], subsystem: bool = False) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = b""
        try:
            self.socket.settimeout(PATIENCE)
            self.socket.connect(path)
            self.socket.sendall(_packet(HELLO, VERSION) + _session(command, subsystem))
            for descriptor in descriptors:  # each with a byte of its own: that is how it is read
                socket.send_fds(self.socket, [b"\0"], [descriptor])
            self.socket.setblocking(False)
        except OSError:
            self.socket.close()
            raise

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def messages(self) -> Iterator[Message | None]:
        """Each message that has come; None as the last one if the master has hung up."""
        ended = False
        try:
            piece = self.socket.recv(_ANSWER)
            ended = not piece
            self._rest += piece
        except BlockingIOError:
            pass
        except OSError:  # reset: the master was killed
            ended = True
        while len(self._rest) >= 4 and len(self._rest) >= 4 + (length := int.from_bytes(self._rest[:4], "big")):
            body, self._rest = self._rest[4 : 4 + length], self._rest[4 + length :]
            yield _read(body)
        if ended:
            yield None


def answers(path: str) -> bool:
    """Does a master listen on this socket?"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def terminate(path: str) -> None:
    """Have a master end itself. Raises OSError if there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(PATIENCE)
        asking.connect(path)
        asking.sendall(_packet(HELLO, VERSION) + _packet(TERMINATE, 0))
        while asking.recv(_ANSWER):  # it does not obey a client that hangs up first
            pass


def _session(command: bytes, subsystem: bool) -> bytes:
    """No terminal and no X11. Whether the agent is forwarded is for the user's configuration: the master reads it."""
    return _packet(NEW_SESSION, 0, b"", 0, 0, 1, int(subsystem), _NO_ESCAPE, b"", command)


def _packet(*values: int | bytes) -> bytes:
    body = b"".join(struct.pack(">I", v) if isinstance(v, int) else struct.pack(">I", len(v)) + v for v in values)
    return struct.pack(">I", len(body)) + body


def _read(body: bytes) -> Message:
    """EXIT has a session and the status; DENIED and FAILURE a request and a reason; OPENED two numbers."""
    kind, first, second = (int.from_bytes(body[at : at + 4], "big") for at in (0, 4, 8))
    if kind in (DENIED, FAILURE):
        return kind, first, body[12 : 12 + second].decode("utf-8", "backslashreplace")
    return kind, second if kind == EXIT else first, ""
