"""ICMP echo to many addresses at once, from this process."""

from __future__ import annotations

import errno
import os
import select
import socket

from tasker.hosts import waiting as wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasker.hosts.waiting import Address, Outcomes

ROUNDS = 3  # one lost packet does not make a host unreachable
BURST = 50  # packets sent before answers are read, so that the socket's buffer does not overflow
RECEIVE = 1 << 20  # bytes of receive buffer requested
PROTOCOLS = {int(socket.AF_INET): (socket.IPPROTO_ICMP, 8, 0), int(socket.AF_INET6): (socket.IPPROTO_ICMPV6, 128, 129)}
TOKEN, INDEX = 8, 4  # bytes at the end of each packet: a token that marks ours, and the index of its address
BUFFER_FULL = (errno.EAGAIN, errno.ENOBUFS)


def ping_hosts(
    addresses: Sequence[Address],
    seconds: float,
    watch: int | None = None,
    open_socket: Callable[[int], socket.socket] | None = None,
) -> Outcomes:
    """Ping all addresses within `seconds`. Yields (address, problem) as soon as known; "" for one that answers.

    Raises PermissionError, before anything is yielded, where ICMP is not allowed. open_socket: replaces `open_echo`
    in tests.
    """
    token, started = os.urandom(TOKEN), wait.now()
    waiting = dict(enumerate(addresses))
    sockets: dict[int, socket.socket] = {}
    poll = wait.poller(watch)
    try:
        for family in sorted({family for family, _ in addresses}):
            try:
                sockets[family] = (open_socket or open_echo)(family)
                poll.register(sockets[family], select.POLLIN)
            except PermissionError:
                raise
            except OSError as error:
                yield from _fail_family(waiting, family, wait.error_text(error))
        for turn in range(1, ROUNDS + 1):
            yield from _send_round(waiting, sockets, token, poll, started + seconds * turn / ROUNDS, watch)
    finally:
        for one in sockets.values():
            one.close()
    for address in waiting.values():
        yield address, f"no answer to ICMP echo in {seconds:g} s"


def open_echo(family: int) -> socket.socket:
    """A socket for ICMP echo: unprivileged where the system allows it (net.ipv4.ping_group_range), else raw."""
    protocol = PROTOCOLS[family][0]
    try:
        made = socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError:
        made = socket.socket(family, socket.SOCK_RAW, protocol)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE)
    return made


def _fail_family(waiting: dict[int, Address], family: int, problem: str) -> Outcomes:
    for index in [index for index, address in waiting.items() if address[0] == family]:
        yield waiting.pop(index), problem


def _send_round(
    waiting: dict[int, Address],
    sockets: Mapping[int, socket.socket],
    token: bytes,
    poll: select.poll,
    until: float,
    watch: int | None,
) -> Outcomes:
    """Ping each address that has not answered yet, then read until all have answered or the time is over."""
    unsent = list(waiting)[::-1]
    while waiting and wait.now() < until:
        for _ in range(min(BURST, len(unsent))):
            index = unsent.pop()
            if index not in waiting:
                continue
            problem = _send(sockets, waiting[index], index, token)
            if problem is None:
                unsent.append(index)
                break
            if problem:
                yield waiting.pop(index), problem
        wait.wait_until(poll, wait.now() + 0.001 if unsent else until, watch)
        for index in _read_answers(sockets, token, waiting):
            yield waiting.pop(index), ""


def _send(sockets: Mapping[int, socket.socket], address: Address, index: int, token: bytes) -> str | None:
    """Send one echo request: "" if sent, None if the buffer is full for now, else the error."""
    family, place = address
    request = PROTOCOLS[family][1]
    data = token + index.to_bytes(INDEX, "big")
    # identifier and sequence stay 0: the token identifies our packets; the kernel sets both on an unprivileged socket
    check = checksum(bytes([request, 0, 0, 0, 0, 0, 0, 0]) + data)
    packet = bytes([request, 0]) + check.to_bytes(2, "big") + bytes(4) + data
    try:
        sockets[family].sendto(packet, (place[0], 0, *place[2:]))
    except OSError as error:
        return None if error.errno in BUFFER_FULL else wait.error_text(error)
    return ""


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(data[0::2]) * 256 + sum(data[1::2])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _read_answers(sockets: Mapping[int, socket.socket], token: bytes, waiting: Mapping[int, Address]) -> list[int]:
    """The indexes of the addresses whose answers have come. Packets that are not clearly answers to us are ignored."""
    found = []
    for family, one in sockets.items():
        reply, want = PROTOCOLS[family][2], len(token) + INDEX
        while True:
            try:
                packet, sender = one.recvfrom(1024)
            except OSError:  # nothing left, or the error of another packet
                break
            if family == socket.AF_INET and packet[:1] and packet[0] >> 4 == 4:  # a raw socket gives the IP header too
                packet = packet[(packet[0] & 15) * 4 :]
            index = int.from_bytes(packet[-INDEX:], "big")
            ours = len(packet) == 8 + want and packet[0] == reply and packet[-want:-INDEX] == token
            if ours and index in waiting and waiting[index][1][0] == sender[0]:
                found.append(index)
    return list(dict.fromkeys(found))
