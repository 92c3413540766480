"""A tree of files as a copy sees it, as types: import from here under TYPE_CHECKING only, but for Entry."""

from __future__ import annotations

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Protocol

    class FileTree(Protocol):
        """Files of this machine, or of a host. Paths are bytes. Each method raises CopyFault, with its path."""

        @property
        def place(self) -> str:
            """Where it is, for messages: "" for this machine, else ` on HOST`."""

        def status(self, path: bytes, follow: bool = False) -> Entry | None:
            """What is there; None where nothing is. follow: where a link leads, instead of the link."""

        def entries(self, path: bytes) -> Iterator[tuple[bytes, Entry]]:
            """The names in a folder, each with what it is; unchecked, in any order, without `.` and `..`."""

        def read(self, path: bytes, follow: bool) -> Iterator[bytes]:
            """The bytes of a regular file, of the size that it has when it is opened."""

        def digest(self, path: bytes, size: int) -> str:
            """The SHA-256 of a file of this size, in hexadecimal digits."""

        def write(self, path: bytes, pieces: Iterable[bytes], mode: int, owner: tuple[int, int] | None) -> None:
            """Make a new file, which may not be there, and have it on the disk."""

        def read_link(self, path: bytes) -> bytes: ...

        def make_link(self, path: bytes, leads_to: bytes) -> None: ...

        def make_folder(self, path: bytes, mode: int) -> None: ...

        def replace(self, path: bytes, target: bytes) -> None:
            """Rename a file or link, over what is there."""

        def remove(self, path: bytes) -> None: ...

        def numbers_of(self, owner: str) -> tuple[int, int]:
            """uid and gid of USER[:GROUP]; -1 for a group that is not given."""

        def run(self, words: Sequence[bytes]) -> tuple[int, str]:
            """Run a command there: its exit code, and the end of what it printed."""


FILE, FOLDER, LINK, OTHER = "file", "folder", "link", "other"


class Entry(NamedTuple):
    """kind: FILE, FOLDER, LINK or OTHER (devices, sockets, FIFOs). size: bytes. mode: permissions. changed: seconds
    since 1970."""

    kind: str
    size: int
    mode: int
    uid: int
    gid: int
    changed: int


def kind_of(mode: int) -> str:
    """The kind in a mode of stat."""
    return {0o100000: FILE, 0o040000: FOLDER, 0o120000: LINK}.get(mode & 0o170000, OTHER)


def shown(path: bytes) -> str:
    """A path for messages."""
    from tasker.text.printable import printable

    return "'" + printable(path.decode("utf-8", "backslashreplace")) + "'"


def no_option(path: bytes) -> bytes:
    """A path as a word of a command, which shall not take it for an option."""
    return b"./" + path if path.startswith(b"-") else path
