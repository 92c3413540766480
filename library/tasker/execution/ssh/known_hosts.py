"""Files of known hosts: is this the key that the host is known by? Pure but for reading and appending.

Names may be patterns, hashed, `[host]:port`; lines may be marked @revoked. A line marked @cert-authority vouches for
certificates of hosts, which paramiko cannot ask for, so it says nothing about a plain key.
"""

import base64
import binascii
import fcntl
import hmac
import os
import re

from tasker.system.private_files import write_all
from tasker.text.named_tuple import NamedTuple

KNOWN, UNKNOWN, CHANGED, REVOKED = "known", "unknown", "changed", "revoked"


class KnownHost(NamedTuple):
    marker: str  # "", "@revoked" or "@cert-authority"
    names: tuple[str, ...]  # patterns, or one hash
    kind: str  # "ssh-ed25519"
    key: str  # base64
    place: str  # file:line, for people


def parse_line(text: str, path: str = "") -> list[KnownHost]:
    """The entries of a file. Lines that are none are passed over, as ssh does."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
        if len(fields) >= 3 and not fields[0].startswith("#"):
            found.append(KnownHost(marker, tuple(fields[0].split(",")), fields[1], fields[2], f"{path}:{number}"))
    return found


def host_label(host: str, port: int) -> str:
    """The name under which a host is kept."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def entries_for(entries: list[KnownHost], name: str) -> list[KnownHost]:
    """Those that speak of this host's own keys."""
    return [one for one in entries if one.marker != "@cert-authority" and _names(one, name)]


def judge_key(entries: list[KnownHost], kind: str, key: str) -> tuple[str, str]:
    """What the entries about a host say of a key: one of the four words, and the place in a file that says so.

    A host that is known by other keys only, be they of another kind, has changed: we ask for the kinds that are known.
    """
    same = [one for one in entries if (one.kind, one.key) == (kind, key)]
    for one in same:
        if one.marker == "@revoked":
            return REVOKED, one.place
    if same:
        return KNOWN, same[0].place
    known = [one for one in entries if not one.marker]
    return (CHANGED, known[0].place) if known else (UNKNOWN, "")


class KnownHostsFiles:
    """Several files as one, each read again only when it has changed."""

    def __init__(self):
        self._read: dict[str, tuple[tuple, list[KnownHost]]] = {}

    def about(self, paths, name: str) -> list[KnownHost]:
        """What they say of a host. Raises OSError for one that is there and cannot be read."""
        return [one for path in paths for one in entries_for(self._entries(path), name)]

    def _entries(self, path):
        try:
            status = os.stat(path)
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if path not in self._read or self._read[path][0] != seen:
                with open(path, encoding="utf-8", errors="replace") as file:
                    self._read[path] = seen, parse_line(file.read(), path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return self._read[path][1]


def append_entry(path: str, name: str, kind: str, key: str) -> str:
    """Make a key known, unless somebody has just done so; what the file says of it then (one of the four words).

    The file is made private when it is new. Others who append wait for each other. Raises OSError.
    """
    os.makedirs(os.path.dirname(path) or ".", 0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        text = file.read().decode("utf-8", "replace")
        verdict, _ = judge_key(entries_for(parse_line(text, path), name), kind, key)
        if verdict == UNKNOWN:
            gap = "" if text.endswith("\n") or not text else "\n"
            write_all(descriptor, f"{gap}{name} {kind} {key}\n".encode(), path)
            os.fsync(descriptor)
            return KNOWN
        return verdict


def _names(entry, name):
    if entry.names[0].startswith("|1|"):
        return any(_hashed(one, name) for one in entry.names)
    found = False
    for pattern in entry.names:
        if _matches(pattern.removeprefix("!"), name):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _matches(pattern, name):
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == name
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(sign) or re.escape(sign) for sign in pattern.lower()), name) is not None


def _hashed(text, name):
    _, _, salt, digest = [*text.split("|"), "", "", ""][:4]
    try:
        made = hmac.digest(base64.b64decode(salt), name.encode(), "sha1")
        return hmac.compare_digest(made, base64.b64decode(digest))
    except (binascii.Error, ValueError):
        return False
