"""The streams of inherited results that are in files: a new run has copies of its own, under names of its own.

They are copied as they were when their results were recorded: a file that was changed since is refused, before the old
run is marked as continued.
"""

from __future__ import annotations

import os

from tasker.journal.format import STREAMS, Unreadable
from tasker.journal.stored_streams import changed_streams, stored_path
from tasker.system.disk import DISK
from tasker.system.private_files import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.protocol.types import Document
    from tasker.system.disk import Disk

_PIECE = 1024 * 1024  # bytes that are copied at once


def copy_output(folder: str, results: Iterable[Document]) -> Callable[[str, Disk], None]:
    """Give the files that these results name other names; what copies them then into the folder `output` of a new run.

    folder: of the old run. Raises Unreadable for a file that is not as it was.
    """
    copies: list[tuple[str, str]] = []
    for result in results:
        if wrong := changed_streams(folder, result):
            raise Unreadable("; ".join(f"'{path}' {why}" for _, path, why in wrong))
        for stream in STREAMS:
            if f"{stream}_file" in result:
                path = stored_path(folder, result[f"{stream}_file"])
                result[f"{stream}_file"] = name = f"inherited_{len(copies) + 1}.{stream}"
                copies.append((path, name))

    def copy(into: str, disk: Disk = DISK) -> None:
        for path, name in copies:
            _copy(path, os.path.join(into, name), disk)
        if copies:
            disk.sync_folder(into)

    return copy


def _copy(source: str, target: str, disk: Disk) -> None:
    """Raises OSError, with the path."""
    reading = open_regular(source, follow=False)
    try:
        writing = disk.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            while piece := os.read(reading, _PIECE):
                disk.write(writing, piece, target)
            disk.sync(writing)
        finally:
            disk.close(writing)
    finally:
        os.close(reading)
