"""What libssh2 cannot do for a target, in words, and the keys that it can use."""

from __future__ import annotations

import base64
import binascii
import os

from tasker.system.private_files import read_regular
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.ssh.target import Target

LONGEST_LINE = 32_000  # bytes of a command line: libssh2 sends it in one packet, of 34 KiB at most
_LARGEST = 1 << 20  # bytes of a file with a key
_MAGIC = b"openssh-key-v1\0"
_USABLE = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_KINDS_OF_PEM = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY")


class Identity(NamedTuple):
    path: str
    text: bytes  # of the file
    obstacle: str  # why libssh2 cannot use it, or ""


_known: dict[str, tuple[tuple[int, int], Identity]] = {}  # path: how the file was when it was read


def obstacle(place: Target) -> str:
    """Why commands for this target cannot go over libssh2; "" if they can. Reads the files of its keys."""
    if place.jump or place.jumps:
        return "a jump host"
    found = identities(place)
    if certificate := next((one.path for one in found if os.path.exists(f"{one.path}-cert.pub")), None):
        return f"the certificate {certificate}-cert.pub"
    usable = [one for one in found if not one.obstacle]
    for one in found:
        if one.obstacle and (place.passphrase or not one.obstacle.startswith("a passphrase")):
            return f"{one.obstacle}: {one.path}"
    if needs_agent(place) and not usable:
        return "keys of the agent"
    return ""


def needs_agent(place: Target) -> bool:
    """May an agent have keys for it?"""
    return place.agent and bool(os.environ.get("SSH_AUTH_SOCK"))


def identities(place: Target) -> list[Identity]:
    """The keys that there are, in their order. One that cannot be read has an obstacle."""
    return [found for path in place.identities if (found := _identity(path)) is not None]


def _identity(path: str) -> Identity | None:
    try:
        status = os.stat(path)
        seen = (status.st_mtime_ns, status.st_size)
        if path not in _known or _known[path][0] != seen:
            text = read_regular(path, _LARGEST)
            _known[path] = seen, Identity(path, text, _obstacle_of(text))
        return _known[path][1]
    except FileNotFoundError:
        return None
    except OSError as error:
        return Identity(path, b"", f"a key that cannot be read ({error.strerror})")


def _obstacle_of(text: bytes) -> str:
    """Why libssh2 cannot use the key in this file."""
    lines = text.decode("ascii", "replace").strip().splitlines()
    kind = lines[0].removeprefix("-----BEGIN ").removesuffix("-----") if lines else ""
    if kind == "ENCRYPTED PRIVATE KEY" or any("ENCRYPTED" in line for line in lines[1:3]):
        return "a passphrase of a key"
    if kind not in _KINDS_OF_PEM:
        return "a key of another form"
    if kind != "OPENSSH PRIVATE KEY":
        return ""
    try:
        data = base64.b64decode("".join(lines[1:-1]))
    except binascii.Error:
        return "a key of another form"
    if not data.startswith(_MAGIC):
        return "a key of another form"
    cipher, rest = _string(data[len(_MAGIC) :])
    if cipher != b"none":
        return "a passphrase of a key"
    _, rest = _string(rest)  # how the passphrase is made into a key
    _, rest = _string(rest)
    public, _ = _string(rest[4:])
    name = _string(public)[0].decode("ascii", "replace")
    return "" if name in _USABLE else f"a key of the kind {name}"


def _string(data: bytes) -> tuple[bytes, bytes]:
    """A string of the SSH protocol, and what follows it."""
    end = 4 + int.from_bytes(data[:4], "big")
    return data[4:end], data[end:]
