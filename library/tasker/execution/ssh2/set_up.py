"""Set up a connection, step by step; each step that can hang has a name, as in ssh/transport.py.

There is no clock here: connections.py of `ssh` closes the transport when the time is up.
"""

from __future__ import annotations

import base64
import errno
import functools
import os
import select
import socket
import time

from tasker.execution.ssh import known_hosts
from tasker.execution.ssh import transport as ssh_transport
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.transport import GREETING, LONGEST_GREETING
from tasker.execution.ssh2 import library, login
from tasker.execution.ssh2.transport import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from tasker.execution.ssh.target import Target
    from tasker.execution.ssh2.library import Session
    from tasker.execution.ssh2.transport import Ssh2Transport, Steps

    Step: TypeAlias = Callable[[str], float]  # called before each step; raises Fault to abort; seconds for all of them
    Address: TypeAlias = tuple[int, int, int, tuple[object, ...]]  # family, type, protocol, and where

_LONGEST_LINE = 255  # bytes of the line with the version (RFC 4253)
_BEGINNING = b"SSH-"
_SOON = 0.02  # seconds until a greeting that is not complete is looked at again
_PATIENCE = 1.0  # seconds for a server that waits for our greeting before it sends its own


def look_up(place: Target, numeric: bool) -> list[Address]:
    """The addresses of a host. numeric: only if it needs no look-up, which may block. Raises Fault."""
    flags = socket.AI_NUMERICHOST if numeric else 0
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:
        raise Fault("unresolved", str(getattr(error, "strerror", None) or error)) from None
    return [(int(family), int(kind), protocol, address) for family, kind, protocol, _, address in found]


def connect(transport: Ssh2Transport, place: Target, found: Iterable[Address], step: Step) -> Steps[None]:
    """Connect and log in. Raises Fault."""
    errors = library.errors()
    try:
        yield from _connect_socket(transport, list(found), step)
        step(GREETING)
        yield from _await_greeting(transport)
        name = place.known_as or known_hosts.host_label(place.host, place.port)
        entries = ssh_transport.known_keys(place, name)
        session: Session = library.load().Session()
        transport.made = session
        session.set_blocking(False)
        _prefer(session, frozenset(one.kind for one in entries if not one.marker))
        yield from transport.again(session.handshake, transport.sock)
        transport.greeting_seen = "ssh"
        step("checking its host key")
        ssh_transport.check_host_key(HostKey(session.hostkey()[0]), entries, place, name)
        step("logging in")
        yield from login.log_in(transport, place)
    except (Gone, EOFError, OSError, errors.SSH2Error) as error:
        raise _fault_of(error, transport) from None


class HostKey:
    """A public key, as ssh/transport.py reads those of paramiko."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob

    def get_name(self) -> str:
        return self._blob[4 : 4 + int.from_bytes(self._blob[:4], "big")].decode("ascii", "replace")

    def get_base64(self) -> str:
        return base64.b64encode(self._blob).decode()

    @property
    def fingerprint(self) -> str:
        import hashlib

        return "SHA256:" + base64.b64encode(hashlib.sha256(self._blob).digest()).decode().rstrip("=")


def _connect_socket(transport: Ssh2Transport, found: list[Address], step: Step) -> Steps[None]:
    code = errno.EHOSTUNREACH
    until = time.monotonic() + step("connecting")
    for number, (family, kind, protocol, address) in enumerate(found):
        try:
            sock = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, protocol)
        except OSError as error:
            code = error.errno or 0
            continue
        transport.attach(sock)
        step("connecting")
        code = sock.connect_ex(address)
        if code == errno.EINPROGRESS:
            is_last = number == len(found) - 1
            share = ssh_transport.share_of(until - time.monotonic(), len(found) - number)
            timer = None if is_last else transport.loop.after(share, transport.turn)
            transport.wanted = select.EPOLLOUT
            yield False
            while not transport.events and (timer is None or timer.call is not None):
                yield False
            transport.wanted = 0
            transport.loop.cancel(timer)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if transport.events else errno.ETIMEDOUT
        if not code:
            ssh_transport.keep_alive(sock)
            return
    raise Fault(ssh_transport.ERRORS.get(code, "connect_failed"), os.strerror(code).lower())


def _await_greeting(transport: Ssh2Transport) -> Steps[None]:
    """Leave the line with the version to libssh2, and read what a server may send before it."""
    sock, size, inside = transport.sock, 0, False
    assert sock is not None  # it is connected
    timer = transport.loop.after(_PATIENCE, transport.turn)
    try:
        while transport.greeting_seen or timer.call is not None:
            try:
                data = sock.recv(4096, socket.MSG_PEEK)
            except BlockingIOError:
                yield False
                continue
            if not data:
                raise EOFError
            transport.greeting_seen = "something"
            if not inside and data.startswith(_BEGINNING):
                if b"\n" in data[:_LONGEST_LINE]:
                    _require_version(data)
                    transport.greeting_seen = "ssh"
                    return
                if len(data) >= _LONGEST_LINE:
                    raise Fault("not_ssh", "no end of its greeting")
            if inside or not _BEGINNING.startswith(data[: len(_BEGINNING)]):
                end = data.find(b"\n")
                inside = end < 0
                size += len(sock.recv(len(data) if inside else end + 1))
                if size > LONGEST_GREETING:
                    raise Fault("not_ssh", "no end of its greeting")
                continue
            transport.rest_for(_SOON)
            yield False
    finally:
        transport.loop.cancel(timer)


def _require_version(data: bytes) -> None:
    if not data.startswith((b"SSH-2.", b"SSH-1.99-")):
        line = data.partition(b"\n")[0].decode("ascii", "replace").rstrip("\r")
        raise Fault("not_ssh", f"an old version of the protocol: {line}")


def _prefer(session: Session, kinds: frozenset[str]) -> None:
    """Ask for what is cheap: see `_preferences`."""
    for method, names in _preferences(kinds):
        session.method_pref(method, names)


@functools.cache
def _preferences(kinds: frozenset[str]) -> list[tuple[object, str]]:
    """Methods of libssh2 and the algorithms for them, best first. kinds: of the keys that are known for the host.

    Ciphers that need no HMAC come first, as `ssh` has it; then a kind of host key that is known, if any, or else
    Ed25519, and no certificate of a host. Nothing is added to what libssh2 offers, and its key exchanges stay in their
    order: Curve25519, which is the cheapest one, is the first.
    """
    module = library.load()
    offered = module.Session().supported_algs
    ciphers = sorted(offered(module.LIBSSH2_METHOD_CRYPT_CS), key=lambda one: "-gcm@" not in one)
    proofs = {proof for kind in kinds for proof in ssh_transport.PROOFS.get(kind, (kind,))}
    keys = [one for one in offered(module.LIBSSH2_METHOD_HOSTKEY) if "-cert-" not in one]
    keys.sort(key=lambda one: (one not in proofs, one != "ssh-ed25519"))
    both = module.LIBSSH2_METHOD_CRYPT_CS, module.LIBSSH2_METHOD_CRYPT_SC
    return [(module.LIBSSH2_METHOD_HOSTKEY, ",".join(keys)), *((method, ",".join(ciphers)) for method in both)]


def _fault_of(error: Exception, transport: Ssh2Transport) -> Fault:
    """The fault for an error before the login was complete."""
    errors = library.errors()
    session = transport.made
    text = "" if session is None or isinstance(error, Gone) else session.last_error().strip()
    if transport.greeting_seen == "something":
        return Fault("not_ssh", text)
    if not transport.greeting_seen or isinstance(error, Gone | EOFError | OSError) or transport.has_hung_up():
        return Fault("closed", text)
    return Fault("no_agreement" if isinstance(error, errors.KexFailureError) else "connect_failed", text)
