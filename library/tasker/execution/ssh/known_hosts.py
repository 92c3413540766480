"""Files of known hosts: check a host key against them, and add one.

Names may be patterns, hashed, or `[host]:port`; lines may be marked @revoked. A line marked @cert-authority is for host
certificates, which paramiko does not support, so it is ignored for plain keys.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hmac
import os
import re

from tasker.system.private_files import is_null_device, open_regular, read_regular, write_all
from tasker.system.trust import require_trust
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

KNOWN, UNKNOWN, CHANGED, REVOKED = "known", "unknown", "changed", "revoked"
_LARGEST = 1 << 26  # bytes of a file


class KnownHost(NamedTuple):
    marker: str  # "", "@revoked" or "@cert-authority"
    names: tuple[str, ...]  # patterns, or one hash
    kind: str  # "ssh-ed25519"
    key: str  # base64
    place: str  # file:line, for people


def parse_line(text: str, path: str = "") -> list[KnownHost]:
    """The entries of a file. Invalid lines are skipped, as ssh does."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
        if len(fields) >= 3 and not fields[0].startswith("#"):
            found.append(KnownHost(marker, tuple(fields[0].split(",")), fields[1], fields[2], f"{path}:{number}"))
    return found


def host_label(host: str, port: int) -> str:
    """The name of a host in a file of known hosts."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def judge_key(entries: list[KnownHost], kind: str, key: str) -> tuple[str, str]:
    """Check a key against the entries of its host: (KNOWN, UNKNOWN, CHANGED or REVOKED, place of the entry).

    A host of which only other keys are known has changed, even if they are of another kind: we ask for known kinds.
    """
    same = [one for one in entries if (one.kind, one.key) == (kind, key)]
    for one in same:
        if one.marker == "@revoked":
            return REVOKED, one.place
    if same:
        return KNOWN, same[0].place
    known = [one for one in entries if not one.marker]
    return (CHANGED, known[0].place) if known else (UNKNOWN, "")


class KnownHostsFile:
    """The entries of a file. There may be thousands, and each connection asks for those of its host.

    So names that are written out are looked up, and hashes are decoded once.
    """

    def __init__(self, entries: list[KnownHost]) -> None:
        self._named: dict[str, list[tuple[int, KnownHost]]] = {}  # each with its place in the file
        self._hashed: list[tuple[int, KnownHost, list[tuple[bytes, bytes]]]] = []
        self._patterns: list[tuple[int, KnownHost]] = []
        for number, one in enumerate(entries):
            if one.marker == "@cert-authority":
                continue
            if one.names[0].startswith("|1|"):
                self._hashed.append((number, one, list(map(_salt_and_digest, one.names))))
            elif any("*" in name or "?" in name or name.startswith("!") for name in one.names):
                self._patterns.append((number, one))
            else:
                for name in {name.lower() for name in one.names}:
                    self._named.setdefault(name, []).append((number, one))

    def about(self, name: str) -> list[KnownHost]:
        """The entries for the keys of this host."""
        found = self._named.get(name, []) + [entry for entry in self._patterns if _names_host(entry[1], name)]
        text = name.encode()
        for number, one, hashes in self._hashed:
            for salt, digest in hashes:
                if hmac.digest(salt, text, "sha1") == digest:
                    found.append((number, one))
                    break
        return [one for _, one in sorted(found)]


class KnownHostsFiles:
    """Several files as one. Each is read again only if it has changed."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[tuple[int, int, int], KnownHostsFile]] = {}  # path: how it was, what it holds

    def about(self, paths: Iterable[str], name: str) -> list[KnownHost]:
        """The entries of a host. Raises OSError for a file that exists and cannot be read."""
        return [one for path in paths for one in self._entries(path, name)]

    def _entries(self, path: str, name: str) -> list[KnownHost]:
        try:
            status = os.stat(path)
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if path not in self._read or self._read[path][0] != seen:
                self._read[path] = seen, KnownHostsFile(parse_line(_trusted_text(path), path))
        except (FileNotFoundError, NotADirectoryError):
            return []
        return self._read[path][1].about(name)


def _trusted_text(path: str) -> str:
    """The text of a file that decides which host keys are good. Raises OSError."""
    if is_null_device(path):
        return ""
    return read_regular(path, _LARGEST, lambda status: require_trust(path, status)).decode("utf-8", "replace")


def append_entry(path: str, name: str, kind: str, key: str) -> str:
    """Add a key, unless the file has one for this host by now. Returns the verdict of the file: see `judge_key`.

    A new file is private. Concurrent writers wait for each other. Raises OSError.
    """
    if os.path.exists(path):
        os.close(open_regular(path))  # what is read and written as a FIFO would wait for a line
    require_trust(path, missing=True)  # where a link leads too: the file may be made there
    os.makedirs(os.path.dirname(path) or ".", 0o700, exist_ok=True)
    require_trust(path, missing=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    descriptor = os.open(path, flags, 0o600)
    with open(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        text = file.read().decode("utf-8", "replace")
        verdict, _ = judge_key(KnownHostsFile(parse_line(text, path)).about(name), kind, key)
        if verdict == UNKNOWN:
            gap = "" if text.endswith("\n") or not text else "\n"
            write_all(descriptor, f"{gap}{name} {kind} {key}\n".encode(), path)
            os.fsync(descriptor)
            return KNOWN
        return verdict


def _names_host(entry: KnownHost, name: str) -> bool:
    found = False
    for pattern in entry.names:
        if _matches(pattern.removeprefix("!"), name):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _matches(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == name
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(sign) or re.escape(sign) for sign in pattern.lower()), name) is not None


def _salt_and_digest(text: str) -> tuple[bytes, bytes]:
    """Of a hashed name. One that cannot be read has a digest that no name has."""
    _, _, salt, digest = [*text.split("|"), "", "", ""][:4]
    try:
        return base64.b64decode(salt), base64.b64decode(digest)
    except (binascii.Error, ValueError):
        return b"", b""
