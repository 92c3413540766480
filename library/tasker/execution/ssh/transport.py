"""Set up a connection, step by step; each step that can get stuck has a name, and can be cut off from outside.

Nothing here looks at a clock of its own: who started it cuts the Plug when time is up (links.py), and then whatever
waits for the far side fails at once. That is because paramiko has waits that no time-out of its own covers.
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
from tasker.execution.ssh.faults import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Protocol

    from tasker.execution.ssh.client import Channel, Key, Transport
    from tasker.execution.ssh.known_hosts import KnownHost
    from tasker.execution.ssh.target import Target

    class Note(Protocol):
        """Called before each step, with what can be cut from now on. Gives the seconds for the whole connection."""

        def __call__(self, step: str, plug: GuardedSocket | None = None, /) -> float: ...


LONGEST_GREETING = 64 * 1024  # bytes until a server has said which protocol it speaks
LARGEST_PACKET = 1024 * 1024  # bytes; OpenSSH sends 32 KiB, and takes no more than 256
NEVER = 24 * 3600.0  # seconds, for time-outs of paramiko's that we do not want
GREETING = "waiting for its greeting"  # the step in which keys are exchanged too
_GREETING = re.compile(rb"^SSH-[^\n]*\n", re.MULTILINE)
_ERRORS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "closed",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.ETIMEDOUT: "connect_timeout",
}
# kind of key in known hosts: the algorithms that prove it
_PROOFS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
_files = known_hosts.KnownHostsFiles()


class GuardedSocket:
    """What paramiko takes for its socket: reads ahead, waits without polling, and can be cut by anybody at any time."""

    def __init__(self, inner: socket.socket | Channel, cut: Callable[[], object]) -> None:
        """inner: has recv and send. cut: ends both, whoever waits in them, and never waits itself."""
        self._inner, self._cut = inner, cut
        self._ahead, self._place = b"", 0
        self._greeting: bytes | None = b""  # until all of it is there
        self._closed = False  # paramiko looks at this

    @property
    def heard(self) -> str:
        """What of the greeting has come: "", "something" or "ssh"."""
        return "ssh" if self._greeting is None else "something" if self._greeting else ""

    def recv(self, size: int) -> bytes:
        if size > LARGEST_PACKET:
            raise EOFError("a packet that is too large")
        if self._place >= len(self._ahead):
            self._ahead, self._place = self._inner.recv(64 * 1024), 0
            if self._greeting is not None:
                self._greet(self._greeting + self._ahead)
        piece = self._ahead[self._place : self._place + size]
        self._place += len(piece)
        return piece

    def _greet(self, greeting: bytes) -> None:
        self._greeting = None if _GREETING.search(greeting) else greeting
        if self._greeting is not None and len(greeting) > LONGEST_GREETING:
            raise EOFError("no end of its greeting")

    def send(self, data: bytes) -> int:
        sent: int = self._inner.send(data)
        return sent

    def settimeout(self, _seconds: float | None) -> None:
        """Waits end when there is something, or when we are cut."""

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._cut()


def connect(place: Target, through: Transport | None, note: Note) -> Transport:
    """A Transport that is logged in. through: the Transport of the jump host, or None.

    note(step, plug=None): called before each step, with what can be cut from now on; it may raise to end it all.
    Raises Fault.
    """
    paramiko = client.load()
    plug: GuardedSocket | None = None
    transport: Transport | None = None
    try:
        plug = _tunnel(place, through, note) if through else _tcp(place, note)
        note(GREETING, plug)
        transport = _transport(plug)
        name = place.known_as or known_hosts.host_label(place.host, place.port)
        entries = _known(place, name)
        _prefer(transport, {one.kind for one in entries if not one.marker})
        transport.start_client(timeout=NEVER)
        note("checking its host key")
        _check(transport.get_remote_server_key(), entries, place, name)
        note("logging in")
        login.log_in(transport, place)
        return transport
    except BaseException as error:
        if plug:
            plug.close()
        if isinstance(error, paramiko.SSHException | EOFError | OSError):
            raise _classed(error, plug, transport, paramiko) from None
        raise


def _transport(plug: GuardedSocket) -> Transport:
    made = client.transport()(plug)
    made.banner_timeout = made.auth_timeout = made.channel_timeout = NEVER
    made.packetizer.start_handshake = lambda timeout: None  # it would be one more thread, with one more clock
    return made


def _tcp(place: Target, note: Note) -> GuardedSocket:
    """A socket. Of several addresses each gets its share of the time that there is."""
    note("looking up its address")
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Fault("unresolved", str(getattr(error, "strerror", None) or error)) from None
    left = note("connecting")
    until = time.monotonic() + left
    for number, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        note("connecting", GuardedSocket(sock, functools.partial(_shut, sock)))
        try:
            share = (until - time.monotonic()) / (len(found) - number)
            sock.settimeout(max(0.1, share) if number < len(found) - 1 else NEVER)
            sock.connect(address)
            break
        except OSError as error:
            sock.close()
            failed = error
    else:
        name = (
            "connect_timeout" if isinstance(failed, TimeoutError) else _ERRORS.get(failed.errno or 0, "connect_failed")
        )
        raise Fault(name, (os.strerror(failed.errno) if failed.errno else str(failed)).lower())
    sock.settimeout(None)
    options = {socket.SO_KEEPALIVE: (socket.SOL_SOCKET, 1), socket.TCP_NODELAY: (socket.IPPROTO_TCP, 1)}
    # what is silent for a minute and does not answer then is gone, though no packet says so
    for option, value in ((socket.TCP_KEEPIDLE, 20), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 4)):
        options[option] = (socket.IPPROTO_TCP, value)
    with contextlib.suppress(OSError):  # it is reset already, as the first read will say
        for option, (level, value) in options.items():
            sock.setsockopt(level, option, value)
    return GuardedSocket(sock, functools.partial(_shut, sock))


def _shut(sock: socket.socket) -> None:
    """Wake who waits in it, then close."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def _tunnel(place: Target, through: Transport, note: Note) -> GuardedSocket:
    note("connecting through its jump host")
    paramiko = client.load()
    try:
        channel = through.open_channel("direct-tcpip", (place.host, place.port), ("127.0.0.1", 0), timeout=NEVER)
    except paramiko.ChannelException as error:
        jump = place.jump.name if place.jump else ""
        raise Fault("unreachable", f"the jump host {jump} says: {error.text}") from None
    # to close a channel is to send, which may have to wait
    return GuardedSocket(channel, lambda: threading.Thread(target=channel.close, daemon=True).start())


def _known(place: Target, name: str) -> list[KnownHost]:
    try:
        return _files.about(place.known_hosts, name)
    except OSError as error:
        raise Fault("bad_setting", f"cannot read '{error.filename}': {(error.strerror or '').lower()}") from None


def _prefer(transport: Transport, kinds: set[str]) -> None:
    """Ask for a kind of key that is known, if any is."""
    options = transport.get_security_options()
    proofs = {proof for kind in kinds for proof in _PROOFS.get(kind, (kind,))}
    options.key_types = sorted(options.key_types, key=lambda one: one not in proofs)


def _check(key: Key, entries: list[KnownHost], place: Target, name: str) -> None:
    kind, text = key.get_name(), key.get_base64()
    verdict, where = known_hosts.judge_key(entries, kind, text)
    if verdict == known_hosts.UNKNOWN and place.accept_new:
        try:
            verdict, where = known_hosts.append_entry(place.known_hosts[0], name, kind, text), place.known_hosts[0]
        except OSError as error:
            raise Fault("bad_setting", f"cannot add to '{place.known_hosts[0]}': {error.strerror}") from None
    if verdict == known_hosts.UNKNOWN:
        raise Fault(
            "host_key_unknown", f"{name} has {kind} {key.fingerprint}; looked in {', '.join(place.known_hosts)}"
        )
    if verdict == known_hosts.REVOKED:
        raise Fault("host_key_changed", f"{kind} {key.fingerprint} is revoked in {where}")
    if verdict == known_hosts.CHANGED:
        raise Fault("host_key_changed", f"{name} has {kind} {key.fingerprint}, and {where} has another")


def _classed(
    error: BaseException, plug: GuardedSocket | None, transport: Transport | None, paramiko: ModuleType
) -> Fault:
    """What went wrong before anybody was logged in."""
    said = getattr(transport, "farewell", "") or ("" if isinstance(error, EOFError) else str(error))
    if plug is None:
        return Fault("connect_failed", said)
    if plug.heard == "something" or "ncompatible version" in said:
        return Fault("not_ssh", said)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return Fault("no_agreement", said)
    gone = isinstance(error, EOFError | OSError) or plug.heard == "" or bool(getattr(transport, "farewell", ""))
    return Fault("closed" if gone else "connect_failed", said)
