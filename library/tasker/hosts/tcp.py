"""TCP connections to many addresses at once, where ICMP is not allowed. A refused connection is an answer too."""

from __future__ import annotations

import errno
import os
import resource
import select
import socket

from tasker.hosts import waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.hosts.waiting import Address, Outcomes

ANSWERED = (0, errno.ECONNREFUSED, errno.ECONNRESET)
IN_PROGRESS = (errno.EINPROGRESS, errno.EAGAIN)
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def connect_hosts(addresses: Sequence[Address], seconds: float, watch: int | None = None) -> Outcomes:
    """Connect to all addresses within `seconds`. Yields (address, problem) when known; "" for one that answers."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    pending: dict[int, tuple[socket.socket, Address]] = {}  # descriptor -> (socket, address)
    try:
        yield from _connect_all(list(addresses)[::-1], pending, seconds, watch)
    finally:
        for sock, _ in pending.values():
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)  # programs that are started later get the caller's limit


def _connect_all(
    unsent: list[Address], pending: dict[int, tuple[socket.socket, Address]], seconds: float, watch: int | None
) -> Outcomes:
    deadline = waiting.now() + seconds
    poll = waiting.poller(watch)
    while (unsent or pending) and waiting.now() < deadline:
        while unsent:
            code, sock = _start(unsent[-1])
            if code in NO_ROOM and pending:
                break  # try again when others have answered
            address = unsent.pop()
            if sock is not None:
                pending[sock.fileno()] = sock, address
                poll.register(sock, select.POLLOUT)
            else:
                yield address, _problem(code)
        for descriptor in waiting.wait_until(poll, deadline, watch):
            poll.unregister(descriptor)
            sock, address = pending.pop(descriptor)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            sock.close()
            yield address, _problem(code)
    for _, address in pending.values():
        yield address, f"no answer on TCP port {address[1][1]} in {seconds:g} s"
    for address in unsent:
        yield address, f"not tried in {seconds:g} s: too many open files"


def _start(address: Address) -> tuple[int, socket.socket | None]:
    """Start one connection: (errno, its socket if it is in progress)."""
    try:
        sock = socket.socket(address[0], socket.SOCK_STREAM)
    except OSError as error:
        return error.errno or errno.EINVAL, None
    sock.setblocking(False)
    try:
        code = sock.connect_ex(address[1])
    except OSError as error:
        code = error.errno or errno.EINVAL
    if code in IN_PROGRESS:
        return code, sock
    sock.close()
    return code, None


def _problem(code: int) -> str:
    return "" if code in ANSWERED else os.strerror(code).lower()
