"""Streams that are not in the journal: whole in files of the folder `output/` next to it, their hashes in the record.

A result names such a file under `stdout_file` or `stderr_file`. Its runner has synced it before it answered, and
nothing writes to it afterwards. The record of the result has its hash under `stdout_sha256` or `stderr_sha256`.
Journals of earlier versions have none, and then only the size can be compared.
"""

from __future__ import annotations

import errno
import os

from tasker.journal.format import OUTPUT, STREAMS, Unreadable
from tasker.system.digest import sha256
from tasker.system.private_files import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Document

_PIECE = 256 * 1024  # bytes that are hashed at once
_LARGE = 4 * 1024 * 1024  # bytes from which OpenSSL, three times as fast, makes up for the 4 ms of its import
_HASH_KEYS = tuple(f"{stream}_sha256" for stream in STREAMS)
# why a file cannot be opened that is not there, or is not what a runner may name: no fault of this machine
_NO_SUCH_FILE = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EINVAL)


class ChangedOutput(Unreadable):
    """A file in output/ is not as it was when the result that names it was recorded; the text says which."""


def with_stream_hashes(folder: str, result: Document) -> tuple[Document, OSError | None]:
    """(a result with the hashes of the files that it names, why one of them could not be read or None).

    folder: of the run. A result without files is returned as it is. A file that is not there, or that a runner may not
    name, gets no hash: that is the runner's fault, and a reader will say so. An error means that the machine failed.
    """
    if "stdout_file" not in result and "stderr_file" not in result:
        return result, None
    made = {key: value for key, value in result.items() if key not in _HASH_KEYS}  # a runner has no say in them
    for stream in STREAMS:
        try:
            if found := _hash_of(folder, made.get(f"{stream}_file")):
                made[f"{stream}_sha256"] = found
        except OSError as error:
            return made, error
    return made, None


def without_stream_hashes(result: Document) -> Document:
    """A result as its runner gave it, without what the journal added."""
    return {key: value for key, value in result.items() if key not in _HASH_KEYS}


def with_stored_streams(folder: str, result: Document, streams: Iterable[str] = STREAMS) -> Document:
    """A result with those of these streams that the journal leaves to output/. folder: of the run.

    Raises Unreadable if a file cannot be read; ChangedOutput, which is one, if it was changed.
    """
    for stream in streams:
        if stream not in result and f"{stream}_file" in result:
            path = stored_path(folder, result[f"{stream}_file"])
            try:
                with open(_opened(path), "rb") as file:
                    data = file.read()
            except OSError as error:
                raise Unreadable(f"cannot read '{path}': {error.strerror}") from None
            if why := _difference(result, stream, len(data), sha256(data).hexdigest()):
                raise ChangedOutput(f"'{path}' {why}")
            result = {**result, stream: data.decode("utf-8", "backslashreplace")}
    return result


def changed_streams(folder: str, result: Document) -> list[tuple[str, str, str]]:
    """(stream, path, what is wrong in words) of each stored stream of a recorded result whose file was changed or
    removed since. folder: of the run. Reads and hashes the files."""
    made = []
    for stream in STREAMS:
        if f"{stream}_file" in result:
            path = stored_path(folder, result[f"{stream}_file"])
            if why := _difference_on_disk(result, stream, path):
                made.append((stream, path, why))
    return made


def stored_path(folder: str, name: object) -> str:
    """The path of a file that a result names: in output/, whatever the name. folder: of the run."""
    return os.path.join(folder, OUTPUT, os.path.basename(str(name)).replace("\0", "") or "_")


def _difference_on_disk(result: Document, stream: str, path: str) -> str:
    """What is wrong with the file of a stream, in words, or nothing."""
    try:
        descriptor = _opened(path)
        try:
            digest = _hash(descriptor) if f"{stream}_sha256" in result else ""
            return _difference(result, stream, os.fstat(descriptor).st_size, digest)
        finally:
            os.close(descriptor)
    except OSError as error:
        return f"cannot be read: {(error.strerror or 'no reason given').lower()}"


def _difference(result: Document, stream: str, size: int, digest: str) -> str:
    """The same of a file with this size and hash. The hash decides; without one in the record, the size."""
    recorded, expected = result.get(f"{stream}_sha256"), result.get(f"{stream}_bytes")
    if digest == recorded or (recorded is None and size == expected):
        return ""
    return "was changed" + (f": it has {size} bytes, and had {expected}" if size != expected else "")


def _hash_of(folder: str, name: object) -> str | None:
    """The hash of a file that a result names, None if there is no such file. Raises OSError, with the path."""
    if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):
        return None
    path = os.path.join(folder, OUTPUT, name)
    try:
        descriptor = _opened(path)
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            return None
        raise
    try:
        return _hash(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)


def _opened(path: str) -> int:
    """A descriptor of a regular file, not of a link. Raises OSError."""
    return open_regular(path, follow=False)


def _hash(descriptor: int) -> str:
    """The SHA-256 of an open file, in hexadecimal. Raises OSError."""
    new = sha256
    if os.fstat(descriptor).st_size >= _LARGE:
        from hashlib import sha256 as new  # here: few results are that long
    digest, offset = new(), 0
    while piece := os.pread(descriptor, _PIECE, offset):
        digest.update(piece)
        offset += len(piece)
    return str(digest.hexdigest())
