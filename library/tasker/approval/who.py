"""Who is at the other end of a socket: the uid, and the uid that they logged in with.

The kernel notes the uid when a socket is connected, and nobody can forge it. The audit login uid stays what it was at
the login through su and sudo. It is an attribute of a process, read from /proc while that process is held by a
descriptor (SO_PEERPIDFD, Linux 6.5) or by its folder in /proc, so a pid that was used again cannot stand for it.
"""

from __future__ import annotations

import os
import select
import socket
import struct

from tasker.approval.answer import Who
from tasker.system.login_uid import login_uid, login_uid_in

_PEERPIDFD = 77  # SO_PEERPIDFD: the socket module of Python 3.11 has no name for it
_CREDENTIALS = struct.Struct("3i")


class Gone(OSError):
    """The process at the other end has ended, or cannot be seen, so who it was cannot be known."""


def who_am_i() -> Who:
    """Who this process is, by its effective uid and its login uid."""
    return Who(os.geteuid(), login_uid())


def peer_uid(connection: socket.socket) -> int:
    """The uid at the other end: of whoever connected, or of whoever listens."""
    return _credentials(connection)[1]


def peer_of(connection: socket.socket) -> Who:
    """Who has connected. Raises Gone where the process that did so has ended, OSError.

    On a kernel without login uids the uid alone.
    """
    pid, uid, _ = _credentials(connection)
    if not os.path.exists("/proc/self/loginuid"):
        return Who(uid)
    if pid <= 0:
        raise Gone(f"user {uid} answers from a container whose processes cannot be seen here")
    held = _pidfd(connection)
    try:
        folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            login = _read_login_uid(folder)
            if held is None and not _is_of(folder, uid):
                raise Gone(f"the process of user {uid} that connected has ended")
        finally:
            os.close(folder)
        # the folder was opened by its number: it is that of the process that connected only if that still lives
        if held is not None and _has_ended(held):
            raise Gone(f"the process of user {uid} that connected has ended")
    except (FileNotFoundError, ProcessLookupError, PermissionError) as error:
        if isinstance(error, PermissionError) or (held is not None and not _has_ended(held)):
            raise Gone(
                f"who user {uid} has logged in as cannot be seen: /proc hides their processes (hidepid)"
            ) from None
        raise Gone(f"the process of user {uid} that connected has ended") from None
    finally:
        if held is not None:
            os.close(held)
    return Who(uid, login)


def _credentials(connection: socket.socket) -> tuple[int, int, int]:
    """(pid, uid, gid), as the kernel noted them."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, gid = _CREDENTIALS.unpack(data)
    return pid, uid & 0xFFFFFFFF, gid & 0xFFFFFFFF


def _pidfd(connection: socket.socket) -> int | None:
    """A descriptor of the process that connected; None on an older kernel. Raises Gone."""
    try:
        data = connection.getsockopt(socket.SOL_SOCKET, _PEERPIDFD, 4)
    except ProcessLookupError:
        raise Gone("the process that connected has ended") from None
    except OSError:
        return None
    return int(struct.unpack("i", data)[0])


def _has_ended(pidfd: int) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def _read_login_uid(folder: int) -> int | None:
    descriptor = os.open("loginuid", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return login_uid_in(os.read(descriptor, 32))
    finally:
        os.close(descriptor)


def _is_of(folder: int, uid: int) -> bool:
    """Is it the folder in /proc of a process that runs as this user?"""
    descriptor = os.open("status", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        lines = os.read(descriptor, 4096).splitlines()
    finally:
        os.close(descriptor)
    return any(line.split()[2:3] == [b"%d" % uid] for line in lines if line.startswith(b"Uid:"))
