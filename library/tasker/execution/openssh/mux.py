"""Ask an OpenSSH master for a session: the client's side of its PROTOCOL.mux, version 4 (OpenSSH 5.4 and later).

The master hands the command's streams to descriptors of ours, and says by message how the command ended. So an exit
status of 255 is the command's own, always: what goes wrong with the connection is another message, or none.
"""

import socket
import struct

VERSION = 4
HELLO, NEW_SESSION, TERMINATE = 0x00000001, 0x10000002, 0x10000005
DENIED, FAILURE, EXIT, OPENED = 0x80000002, 0x80000003, 0x80000004, 0x80000006
LONGEST = 131_071  # bytes of a command: more is no argument of its shell on Linux, and a master takes 256 KiB
PATIENCE = 2.0  # seconds to write a request, to a master that should be reading
_NO_ESCAPE = 0xFFFFFFFF
_ANSWER = 4096  # bytes; messages are short


class Channel:
    """A session that was asked for. Raises OSError where there is no master (any more)."""

    def __init__(self, path: str, command: bytes, descriptors):
        """descriptors: of the command's stdin, stdout and stderr; they may be closed afterwards."""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = b""
        try:
            self.socket.settimeout(PATIENCE)
            self.socket.connect(path)
            self.socket.sendall(_packet(HELLO, VERSION) + _session(command))
            for descriptor in descriptors:  # each with a byte of its own: so it is read
                socket.send_fds(self.socket, [b"\0"], [descriptor])
            self.socket.setblocking(False)
        except OSError:
            self.socket.close()
            raise

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def messages(self):
        """(kind, number, text) of each message that has come; None as the last where the master has hung up."""
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
    """Is there still a master behind this socket?"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def terminate(path: str) -> None:
    """Ask a master to go. Raises OSError where there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(PATIENCE)
        asking.connect(path)
        asking.sendall(_packet(HELLO, VERSION) + _packet(TERMINATE, 0))
        while asking.recv(_ANSWER):  # who hangs up before it has gone is not obeyed
            pass


def _session(command):
    """No terminal and no X11; the agent is forwarded where the user's configuration says so: the master looks."""
    return _packet(NEW_SESSION, 0, b"", 0, 0, 1, 0, _NO_ESCAPE, b"", command)


def _packet(*values):
    body = b"".join(struct.pack(">I", v) if isinstance(v, int) else struct.pack(">I", len(v)) + v for v in values)
    return struct.pack(">I", len(body)) + body


def _read(body):
    """EXIT has the session and the status; DENIED and FAILURE the request and a reason; OPENED two numbers."""
    kind, first, second = (int.from_bytes(body[at : at + 4], "big") for at in (0, 4, 8))
    if kind in (DENIED, FAILURE):
        return kind, first, body[12 : 12 + second].decode("utf-8", "backslashreplace")
    return kind, second if kind == EXIT else first, ""
