"""Set up a connection, step by step. Each step that can hang has a name, and can be aborted from outside.

There is no clock here: connections.py closes the GuardedSocket when the time is up, and whatever waits for the server
fails at once. The reason: some waits of paramiko are not covered by any of its timeouts.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
import socket
import threading
import time

from tasker.execution.ssh import client, known_hosts, login
from tasker.execution.ssh.fault_exception import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Protocol

    from tasker.execution.ssh.client import Channel, Key, Transport
    from tasker.execution.ssh.known_hosts import KnownHost
    from tasker.execution.ssh.target import Target

    class Note(Protocol):
        """Called before each step. Returns the seconds for the whole set-up."""

        def __call__(self, step: str, plug: GuardedSocket | None = None, /) -> float: ...


LONGEST_GREETING = 64 * 1024  # bytes until a server has sent its protocol version
LARGEST_PACKET = 1024 * 1024  # bytes; OpenSSH sends 32 KiB, and takes no more than 256
NEVER = 24 * 3600.0  # seconds, for timeouts of paramiko that are not wanted
LEAST_SHARE = 0.1  # seconds for an address that is not the last one of its host
TUNNEL = "connecting through its jump host"
GREETING = "waiting for its greeting"  # the step in which keys are exchanged too
_GREETING = re.compile(rb"^SSH-[^\n]*\n", re.MULTILINE)
ERRORS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "closed",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.ETIMEDOUT: "connect_timeout",
}
# kind of key in known hosts: the algorithms that prove it
PROOFS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
_files = known_hosts.KnownHostsFiles()


class GuardedSocket:
    """A socket for paramiko: reads ahead, waits without polling, and can be closed from any thread at any time."""

    def __init__(self, inner: socket.socket | Channel, cut: Callable[[], object]) -> None:
        """inner: has recv and send. cut: ends waits in both; does not block."""
        self._inner, self._cut = inner, cut
        self._ahead, self._place = b"", 0
        self._greeting: bytes | None = b""  # until all of it is there
        self._closed = False  # paramiko looks at this
        self.pieces = 0  # of what has come
        self.ended = False  # nothing more will come

    @property
    def greeting_seen(self) -> str:
        """How much of the server's greeting has come: "", "something" or "ssh"."""
        return "ssh" if self._greeting is None else "something" if self._greeting else ""

    def recv(self, size: int) -> bytes:
        if size > LARGEST_PACKET:
            raise EOFError("a packet that is too large")
        if self._place >= len(self._ahead):
            self._ahead, self._place = self._receive(), 0
            if self._greeting is not None:
                self._look_for_greeting(self._greeting + self._ahead)
        piece = self._ahead[self._place : self._place + size]
        self._place += len(piece)
        return piece

    def _receive(self) -> bytes:
        try:
            piece: bytes = self._inner.recv(64 * 1024)
        except BaseException:
            self.ended = True
            raise
        self.pieces += 1
        self.ended = not piece
        return piece

    def _look_for_greeting(self, greeting: bytes) -> None:
        self._greeting = None if _GREETING.search(greeting) else greeting
        if self._greeting is not None and len(greeting) > LONGEST_GREETING:
            raise EOFError("no end of its greeting")

    def send(self, data: bytes) -> int:
        try:
            sent: int = self._inner.send(data)
        except BaseException:
            self.ended = True  # whoever reads may not know yet
            raise
        return sent

    def settimeout(self, _seconds: float | None) -> None:
        """Does nothing: a wait ends with data, or when the socket is closed."""

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._cut()


def connect(place: Target, through: Transport | None, note: Note) -> Transport:
    """Connect and log in. through: the Transport of the jump host, or None.

    note(step, plug=None): called before each step, with the socket that can be closed from now on. It may raise to
    abort. Raises Fault.
    """
    paramiko = client.load()
    plug: GuardedSocket | None = None
    transport: Transport | None = None
    try:
        plug = _open_tunnel(place, through, note) if through else _connect_tcp(place, note)
        note(GREETING, plug)
        transport = _transport(plug)
        name = place.known_as or known_hosts.host_label(place.host, place.port)
        entries = known_keys(place, name)
        _prefer_known_kinds(transport, {one.kind for one in entries if not one.marker})
        transport.start_client(timeout=NEVER)
        note("checking its host key")
        check_host_key(transport.get_remote_server_key(), entries, place, name)
        note("logging in")
        login.log_in(transport, place)
        return transport
    except BaseException as error:
        if plug:
            plug.close()
        if isinstance(error, paramiko.SSHException | EOFError | OSError):
            raise _fault_of(error, plug, transport, paramiko) from None
        raise


def _transport(plug: GuardedSocket) -> Transport:
    made = client.transport()(plug)
    made.banner_timeout = made.auth_timeout = made.channel_timeout = NEVER
    made.packetizer.start_handshake = lambda timeout: None  # it would start one more thread, with a timeout of its own
    return made


def _connect_tcp(place: Target, note: Note) -> GuardedSocket:
    """Connect a socket. Several addresses share the time."""
    until = time.monotonic() + note("looking up its address")
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Fault("unresolved", str(getattr(error, "strerror", None) or error)) from None
    for number, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        note("connecting", GuardedSocket(sock, functools.partial(_shut, sock)))
        try:
            sock.settimeout(share_of(until - time.monotonic(), len(found) - number))
            sock.connect(address)
            break
        except OSError as error:
            sock.close()
            failed = error
    else:
        name = (
            "connect_timeout" if isinstance(failed, TimeoutError) else ERRORS.get(failed.errno or 0, "connect_failed")
        )
        raise Fault(name, (os.strerror(failed.errno) if failed.errno else str(failed)).lower())
    sock.settimeout(None)
    keep_alive(sock)
    return GuardedSocket(sock, functools.partial(_shut, sock))


def share_of(seconds: float, addresses: int) -> float:
    """How long to try the first of these addresses. The last one may take what is left, which others watch."""
    return max(LEAST_SHARE, seconds / addresses) if addresses > 1 else NEVER


def keep_alive(sock: socket.socket) -> None:
    """Have the kernel notice a peer that is gone, and send small packets at once."""
    options = {socket.SO_KEEPALIVE: (socket.SOL_SOCKET, 1), socket.TCP_NODELAY: (socket.IPPROTO_TCP, 1)}
    # a silent peer is probed after 20 seconds; one that answers no probe is given up after a minute
    for option, value in ((socket.TCP_KEEPIDLE, 20), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 4)):
        options[option] = (socket.IPPROTO_TCP, value)
    with contextlib.suppress(OSError):  # it is reset already; the first read fails then
        for option, (level, value) in options.items():
            sock.setsockopt(level, option, value)


def _shut(sock: socket.socket) -> None:
    """Wake threads that wait in it, then close it."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def _open_tunnel(place: Target, through: Transport, note: Note) -> GuardedSocket:
    note(TUNNEL)
    paramiko = client.load()
    try:
        channel = through.open_channel("direct-tcpip", (place.host, place.port), ("127.0.0.1", 0), timeout=NEVER)
    except paramiko.ChannelException as error:
        jump = place.jump.path() if place.jump else ""
        raise Fault("unreachable", f"the jump host {jump} says: {error.text}") from None
    # closing a channel sends a message, which may block
    return GuardedSocket(channel, lambda: threading.Thread(target=_close_channel, args=(channel,), daemon=True).start())


def _close_channel(channel: Channel) -> None:
    with contextlib.suppress(Exception):  # paramiko's: the connection to the jump host is gone
        channel.close()


def known_keys(place: Target, name: str) -> list[KnownHost]:
    try:
        return _files.about(place.known_hosts, name)
    except OSError as error:
        raise Fault("bad_setting", f"cannot read '{error.filename}': {_reason(error)}") from None


def _reason(error: OSError) -> str:
    text = error.strerror or "no reason given"
    return text[:1].lower() + text[1:]


def _prefer_known_kinds(transport: Transport, kinds: set[str]) -> None:
    """Ask the server for a kind of key that is known, if any."""
    options = transport.get_security_options()
    proofs = {proof for kind in kinds for proof in PROOFS.get(kind, (kind,))}
    options.key_types = sorted(options.key_types, key=lambda one: one not in proofs)


def check_host_key(key: Key, entries: list[KnownHost], place: Target, name: str) -> None:
    kind, text = key.get_name(), key.get_base64()
    verdict, where = known_hosts.judge_key(entries, kind, text)
    if verdict == known_hosts.UNKNOWN and place.accept_new:
        try:
            verdict, where = known_hosts.append_entry(place.known_hosts[0], name, kind, text), place.known_hosts[0]
        except OSError as error:
            raise Fault("bad_setting", f"cannot add to '{place.known_hosts[0]}': {_reason(error)}") from None
    if verdict == known_hosts.UNKNOWN:
        raise Fault(
            "host_key_unknown", f"{name} has {kind} {key.fingerprint}; looked in {', '.join(place.known_hosts)}"
        )
    if verdict == known_hosts.REVOKED:
        raise Fault("host_key_changed", f"{kind} {key.fingerprint} is revoked in {where}")
    if verdict == known_hosts.CHANGED:
        raise Fault("host_key_changed", f"{name} has {kind} {key.fingerprint}, and {where} has another")


def _fault_of(
    error: BaseException, plug: GuardedSocket | None, transport: Transport | None, paramiko: ModuleType
) -> Fault:
    """The fault for an error before the login was complete."""
    text = getattr(transport, "farewell", "") or ("" if isinstance(error, EOFError) else str(error))
    if plug is None:
        return Fault("connect_failed", text)
    if plug.greeting_seen == "something" or "ncompatible version" in text:
        return Fault("not_ssh", text)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return Fault("no_agreement", text)
    gone = isinstance(error, EOFError | OSError) or plug.greeting_seen == "" or bool(getattr(transport, "farewell", ""))
    return Fault("closed" if gone else "connect_failed", text)
