"""The folders that lead to a file, for a copy as another user: nobody else may lead that user elsewhere.

Each folder is looked at from the root downwards, and links are not followed. It belongs to root or to that user, and
others may not write to it, but to the last one, or where it is sticky. Then nobody else can change what was looked at.
"""

from __future__ import annotations

import posixpath

from tasker.execution.copying.specification import CopyFault
from tasker.execution.copying.tree import FOLDER, LINK, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.copying.tree import Entry, FileTree

ROOT = 0
STICKY, OTHERS_WRITE = 0o1000, 0o022


class SafeWay:
    """tree: where the other user copies to or from. uid, name: of that user."""

    def __init__(self, tree: FileTree, uid: int, name: str) -> None:
        self._tree, self._uid, self._name = tree, uid, name
        self._known: dict[bytes, Entry] = {}

    def require(self, folder: bytes, closed: bool = True, sticky: bool = True) -> None:
        """Refuse what others could change. Raises CopyFault.

        closed: may others not write to the folder itself? sticky: but where it is sticky?
        """
        if not folder.startswith(b"/") or b".." in folder.split(b"/"):
            raise CopyFault(f"{shown(folder)}: as another user, a path begins with / and has no ..")
        parts = [part for part in folder.split(b"/") if part not in (b"", b".")]
        path = b"/"
        self._look_at(path, closed or bool(parts), sticky or bool(parts))
        for number, part in enumerate(parts, 1):
            path = posixpath.join(path, part)
            is_above = number < len(parts)
            self._look_at(path, closed or is_above, sticky or is_above)

    def _look_at(self, path: bytes, closed: bool, sticky: bool) -> None:
        there = self._known.get(path)
        if there is None:
            there = self._tree.status(path)
            if there is None:
                raise CopyFault(f"no such folder: {shown(path)}{self._tree.place}")
            self._require_own_folder(path, there)
            self._known[path] = there
        if closed and there.mode & OTHERS_WRITE and not (sticky and there.mode & STICKY):
            raise CopyFault(
                f"others may write to {shown(path)}{self._tree.place}, and could lead {self._name} elsewhere: take "
                "their right away, or copy without become"
            )

    def _require_own_folder(self, path: bytes, there: Entry) -> None:
        where = f"{shown(path)}{self._tree.place}"
        if there.kind == LINK:
            raise CopyFault(f"{where} is a link: as another user, write the folder that it leads to")
        if there.kind != FOLDER:
            raise CopyFault(f"{where} is no folder")
        if there.uid not in (ROOT, self._uid):
            raise CopyFault(
                f"{where} belongs to user number {there.uid}, neither to root nor to {self._name}: become its owner, "
                "or use a folder of root"
            )
