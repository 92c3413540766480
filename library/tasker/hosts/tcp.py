"""TCP connections to many addresses at once, for where ICMP is not allowed. One that is refused was answered."""

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

THERE = (0, errno.ECONNREFUSED, errno.ECONNRESET)
UNDER_WAY = (errno.EINPROGRESS, errno.EAGAIN)
NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def connect_hosts(addresses: Sequence[Address], seconds: float, watch: int | None = None) -> Outcomes:
    """Yields (address, problem) for each, as it is known; the problem is "" for one that answers.

    addresses: (family, socket address with the port) each. One time-out for all of them.
    """
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    trying: dict[int, tuple[socket.socket, Address]] = {}  # descriptor -> (socket, address)
    try:
        yield from _connect_all(list(addresses)[::-1], trying, seconds, watch)
    finally:
        for made, _ in trying.values():
            made.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)  # what is started later has the caller's own


def _connect_all(
    unsent: list[Address], trying: dict[int, tuple[socket.socket, Address]], seconds: float, watch: int | None
) -> Outcomes:
    deadline = waiting.now() + seconds
    poll = waiting.poller(watch)
    while (unsent or trying) and waiting.now() < deadline:
        while unsent:
            code, made = _start(unsent[-1])
            if code in NO_MORE and trying:
                break  # there is room again when others have answered
            address = unsent.pop()
            if made is not None:
                trying[made.fileno()] = made, address
                poll.register(made, select.POLLOUT)
            else:
                yield address, _problem(code)
        for descriptor in waiting.wait_until(poll, deadline, watch):
            poll.unregister(descriptor)
            made, address = trying.pop(descriptor)
            code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            made.close()
            yield address, _problem(code)
    for _, address in trying.values():
        yield address, f"no answer on TCP port {address[1][1]} in {seconds:g} s"
    for address in unsent:
        yield address, f"not tried in {seconds:g} s: too many open files"


def _start(address: Address) -> tuple[int, socket.socket | None]:
    """Begin one connection: (errno, its socket while it is under way)."""
    try:
        made = socket.socket(address[0], socket.SOCK_STREAM)
    except OSError as error:
        return error.errno or errno.EINVAL, None
    made.setblocking(False)
    try:
        code = made.connect_ex(address[1])
    except OSError as error:
        code = error.errno or errno.EINVAL
    if code in UNDER_WAY:
        return code, made
    made.close()
    return code, None


def _problem(code: int) -> str:
    return "" if code in THERE else os.strerror(code).lower()
