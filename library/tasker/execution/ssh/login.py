"""Log in: with keys and their certificates, keys of the agent, a password; in the order of ssh."""

from __future__ import annotations

import base64
import binascii
import functools
import os

from tasker.execution.ssh import client
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.target import read_password
from tasker.system.private_files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any, TypeAlias

    from tasker.execution.ssh.client import Key, Transport
    from tasker.execution.ssh.target import Target

    # name for messages; methods of the protocol; the call, which returns the methods that are required in addition
    LoginAttempt: TypeAlias = tuple[str, set[str], Callable[[], list[str] | None]]

_LARGEST = 1 << 20  # bytes of a file with a public key

_keys: dict[
    tuple[str | int | None, ...], list[Key]
] = {}  # (path, when it was changed, passphrase): keys to try, the certificate first


def log_in(transport: Transport, place: Target) -> None:
    """Log in. Raises Fault, or an exception of paramiko if the connection ends."""
    paramiko = client.load()
    tried: list[str] = []  # for people
    allowed: list[str] | None = None  # methods that the server accepts, once known
    for name, method, attempt in _login_attempts(paramiko, transport, place, tried):
        if allowed is not None and not method & set(allowed):
            continue
        tried.append(name)
        try:
            rest = attempt()
        except paramiko.BadAuthenticationType as error:
            allowed = error.allowed_types
        except paramiko.AuthenticationException:
            if not transport.is_active():
                raise Fault(*_hang_up_fault(transport, tried)) from None
        except paramiko.SSHException:
            if not transport.is_active():
                raise Fault(*_hang_up_fault(transport, tried)) from None
        else:
            allowed = rest or None  # some servers want more than one
        if transport.is_authenticated():
            return
    offers = f"; the server takes {', '.join(allowed)}" if allowed else ""
    raise Fault("auth_failed", f"user {place.user}; tried {', '.join(tried) or 'nothing'}{offers}")


def _hang_up_fault(transport: Transport, tried: list[str]) -> tuple[str, str]:
    text = transport.farewell
    if text and ("too many" in text.lower() or "authentication" in text.lower()):
        return "auth_failed", f"{text}; tried {', '.join(tried)}"
    return "closed", text or "while we logged in"


def _login_attempts(
    paramiko: ModuleType, transport: Transport, place: Target, tried: list[str]
) -> Iterator[LoginAttempt]:
    """Each way to log in."""
    source, agent = _agent(paramiko, place)
    try:
        used = set()
        for path in place.identities:
            public = _public_key(path)
            keys = [key for key in agent if public is not None and key.asbytes() == public]
            try:
                keys = keys or _load_keys(paramiko, path, place)
            except FileNotFoundError:
                continue
            except (paramiko.SSHException, OSError, ValueError, TypeError) as error:
                tried.append(f"not {path} ({_why_not(paramiko, error)})")
                continue
            for key in keys:
                used.add(key.asbytes())
                what = f"{path}-cert.pub" if getattr(key, "public_blob", None) else path
                yield what, {"publickey"}, functools.partial(transport.auth_publickey, place.user, key)
        for key in agent:
            if key.asbytes() not in used and not place.only_these:
                yield "a key of the agent", {"publickey"}, functools.partial(transport.auth_publickey, place.user, key)
        if place.password:
            word = read_password(place.password)
            methods = {"password", "keyboard-interactive"}
            yield "the password", methods, functools.partial(transport.auth_password, place.user, word)
    finally:
        if source:
            source.close()


def _agent(paramiko: ModuleType, place: Target) -> tuple[Any, list[Key]]:  # Any: an Agent of paramiko
    """The agent, to be closed after use, and its keys. One connection per login: paramiko's cannot be shared."""
    if not (place.agent and os.environ.get("SSH_AUTH_SOCK")):
        return None, []
    try:
        source = paramiko.Agent()
    except (paramiko.SSHException, OSError):
        return None, []
    return source, list(source.get_keys())


def _public_key(path: str) -> bytes | None:
    """The public key next to a key file, as bytes; None if it cannot be read."""
    try:
        text = read_regular(path if path.endswith(".pub") else path + ".pub", _LARGEST).decode()
        return base64.b64decode(text.partition("\n")[0].split()[1])
    except (OSError, UnicodeError, IndexError, binascii.Error):
        return None


def _load_keys(paramiko: ModuleType, path: str, place: Target) -> list[Key]:
    """The keys of a file: with the certificate next to it, then without."""
    passphrase = read_password(place.passphrase) if place.passphrase else None
    stamps = [os.stat(one).st_mtime_ns for one in (path, path + "-cert.pub") if one == path or os.path.exists(one)]
    name = (path, *stamps, passphrase)
    if name not in _keys:
        key = _read_key(paramiko, path, passphrase)
        found = [key]
        if getattr(key, "public_blob", None):
            plain = _read_key(paramiko, path, passphrase)
            plain.public_blob = None
            found.append(plain)
        _keys[name] = found
    return _keys[name]


def _read_key(paramiko: ModuleType, path: str, passphrase: str | None) -> Key:
    text = passphrase.encode() if passphrase is not None else None
    try:
        return paramiko.PKey.from_path(path, text)
    except TypeError:  # a passphrase for a key that needs none
        if passphrase is None:
            raise
        return paramiko.PKey.from_path(path)


def _why_not(paramiko: ModuleType, error: Exception) -> str:
    if isinstance(error, paramiko.PasswordRequiredException) or "password" in str(error).lower():
        return "it needs a passphrase"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
