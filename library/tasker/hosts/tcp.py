"""TCP connections to many addresses at once, for where ICMP is not allowed. One that is refused was answered."""

import errno
import os
import resource
import select
import socket

from tasker.hosts import waiting

THERE = (0, errno.ECONNREFUSED, errno.ECONNRESET)
UNDER_WAY = (errno.EINPROGRESS, errno.EAGAIN)
NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def connect_hosts(addresses, seconds, watch=None):
    """Yields (address, problem) for each, as it is known; the problem is "" for one that answers.

    addresses: (family, socket address with the port) each. One time-out for all of them.
    """
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    trying = {}  # descriptor -> (socket, address)
    try:
        yield from _connect_all(list(addresses)[::-1], trying, seconds, watch)
    finally:
        for made, _ in trying.values():
            made.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)  # what is started later has the caller's own


def _connect_all(unsent, trying, seconds, watch):
    deadline = waiting.now() + seconds
    poll = waiting.poller(watch)
    while (unsent or trying) and waiting.now() < deadline:
        while unsent:
            code, made = _start(unsent[-1])
            if code in NO_MORE and trying:
                break  # there is room again when others have answered
            address = unsent.pop()
            if code in UNDER_WAY:
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


def _start(address):
    """Begin one connection: (errno, its socket while it is under way)."""
    try:
        made = socket.socket(address[0], socket.SOCK_STREAM)
    except OSError as error:
        return error.errno, None
    made.setblocking(False)
    try:
        code = made.connect_ex(address[1])
    except OSError as error:
        code = error.errno or errno.EINVAL
    if code not in UNDER_WAY:
        made.close()
    return code, made


def _problem(code):
    return "" if code in THERE else os.strerror(code).lower()
