"""Copy a file or a folder from one tree of files to another.

A new file is written next to its place, as `.NAME.tasker.RUN-ID.NONCE`, synced, checked and renamed: a reader sees the
old file or the new one, and never half of one. What the source has is not believed where it is a host: names, kinds of
files, links, number and size are checked here.
"""

from __future__ import annotations

import hashlib
import os
import posixpath

from tasker.execution.copying.hashing import Hashing
from tasker.execution.copying.specification import GET, MOST_FILES, CopyFault
from tasker.execution.copying.tree import FILE, FOLDER, LINK, OTHER, no_option, shown
from tasker.text.lazy_regex import Pattern
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasker.execution.copying.safe_way import SafeWay
    from tasker.execution.copying.specification import CopySpecification
    from tasker.execution.copying.tree import Entry, FileTree

LONGEST_NAME = 255  # bytes
MOST_LOOKED_AT = 10_000  # names in a folder, when old leftovers are looked for
OLD = 86_400  # seconds after which the new file of a copy that was killed is removed
_LEFTOVER = Pattern(r"\..+\.tasker\..+")


class Copier:
    """One copy. `run` does it; `summary` says what was done."""

    def __init__(self, spec: CopySpecification, source: FileTree, target: FileTree, way: SafeWay | None = None) -> None:
        """way: to the files of another user, as whom the copy is done."""
        self._spec, self._source, self._target = spec, source, target
        self._way_from = way if spec.what == GET else None
        self._way_to = way if spec.what != GET else None
        self._mark, self._nonce = b".tasker." + spec.token.encode() + b".", os.urandom(3).hex().encode()
        self.written = self.files = self.bytes = self._seen = 0
        self._owner: tuple[int, int] | None = None
        self._digests: list[tuple[bytes, str]] = []  # (path below the source, SHA-256)
        self._swept: set[bytes] = set()
        self.unfinished = b""  # the new file, from before it is made until it has its name or is removed

    def run(self) -> bool:
        """Copy. Was anything written? Raises CopyFault."""
        spec, source = self._spec, self._source
        path = spec.source.rstrip(b"/") or b"/"
        if self._way_from is not None:
            self._way_from.require(posixpath.dirname(path), sticky=False)
        entry = source.status(path, follow=self._way_from is None)
        if entry is None:
            raise CopyFault(f"no such file: {shown(path)}{source.place}")
        if entry.kind == LINK:
            raise CopyFault(f"{shown(path)}{source.place} is a link: as another user, write the file that it leads to")
        if spec.owner:
            self._owner = self._target.numbers_of(spec.owner)
        into = spec.target.endswith(b"/")
        if entry.kind == FOLDER:
            self._require_folder_target(path, into)
            base = spec.target if spec.source.endswith(b"/") else spec.target + posixpath.basename(path)
            self._refuse_protected(base)
            self._make_folders(base.rstrip(b"/") or b"/", entry.mode)
            self._copy_folder(path, base.rstrip(b"/") or b"/")
        elif entry.kind == FILE:
            if spec.source.endswith(b"/"):
                raise CopyFault(f"{shown(path)}{source.place} is a file and no folder: remove the / after it")
            target = spec.target
            self._refuse_protected(target if into else posixpath.dirname(target) or b".")
            if into:
                self._make_folders(target.rstrip(b"/") or b"/", 0o755)
                target += posixpath.basename(path)
            self._copy_file(path, entry, target, posixpath.basename(path), follow=True)
        else:
            raise CopyFault(f"{shown(path)}{source.place} is neither a file nor a folder")
        return self.written > 0

    def summary(self) -> str:
        """What was copied, with a digest of it, in words."""
        if len(self._digests) == 1 and self.files == 1:
            return f"sha256:{self._digests[0][1]}, {self.bytes} bytes"
        total = hashlib.sha256(b"".join(digest.encode() + b"  " + path + b"\n" for path, digest in self._digests))
        return f"sha256:{total.hexdigest()}, {count_of(self.files, 'file')}, {self.bytes} bytes, {self.written} written"

    # -- what is refused

    def _require_folder_target(self, path: bytes, into: bool) -> None:
        if not into:
            raise CopyFault(
                f"{shown(path)}{self._source.place} is a folder: write to={self._spec.target.decode()}/, the folder "
                "that it goes into"
            )
        if self._spec.validate:
            raise CopyFault(f"{shown(path)} is a folder: validate= checks one file")

    def _refuse_protected(self, folder: bytes) -> None:
        """A host may not plant a tasker.toml, or a stage."""
        if self._spec.what != GET:
            return
        real, named = os.path.realpath(folder), filter(None, os.environ.get("TASKER_PATH", "").split(os.pathsep))
        ours = [".", *self._spec.protected, *(one for path in named for one in (path, os.path.join(path, "runners")))]
        if any(real == os.path.realpath(os.fsencode(one)) for one in ours):
            raise CopyFault(
                f"{shown(folder)} is a folder that TASKER reads itself: get files into a folder of their own"
            )

    def _require_parent(self, target: bytes) -> None:
        """A file goes into a folder that is there; only a folder as target is made."""
        folder = posixpath.dirname(target)
        if folder and self._target.status(folder, follow=True) is None:
            raise CopyFault(
                f"there is no folder {shown(folder)}{self._target.place} for {shown(posixpath.basename(target))}: make "
                "it with a task before this one, or end the target with /, as in to=FOLDER/, which is made"
            )

    def _count(self, path: bytes, size: int) -> None:
        self._seen += 1
        self.bytes += size
        if self._seen > MOST_FILES:
            raise CopyFault(f"there are more than {MOST_FILES} files{self._source.place}")
        if self._spec.max_bytes and self.bytes > self._spec.max_bytes:
            raise CopyFault(
                f"more than {self._spec.max_bytes} bytes{self._source.place}, with {shown(path)}: give max_bytes"
            )

    def _check_name(self, name: bytes, folder: bytes) -> None:
        if not name or b"/" in name or b"\0" in name or name in (b".", b"..") or len(name) > LONGEST_NAME:
            raise CopyFault(f"invalid name {shown(name)} in {shown(folder)}{self._source.place}")

    def _check_link(self, leads_to: bytes, below: bytes) -> None:
        """A link of a host has to stay in the folder. below: its path there.

        A name before a `..` may be a link itself, whose parent is elsewhere than the text says: so each `..` has to
        stand at the beginning, where it is about the folder of the link, which is a real one.
        """
        parts = [part for part in leads_to.split(b"/") if part not in (b"", b".")]
        up = next((place for place, part in enumerate(parts) if part != b".."), len(parts))
        if not leads_to or leads_to.startswith(b"/") or b".." in parts[up:] or up > below.count(b"/"):
            raise CopyFault(
                f"the link {shown(below)}{self._source.place} leads out of the folder: to {shown(leads_to)}"
            )

    # -- folders

    def _make_folders(self, path: bytes, mode: int) -> None:
        missing: list[bytes] = []
        while path not in (b"", b"/") and (there := self._target.status(path, follow=True)) is None:
            missing.append(path)
            path = posixpath.dirname(path)
        if path not in (b"", b"/") and there is not None and there.kind != FOLDER:
            raise CopyFault(f"{shown(path)}{self._target.place} is no folder")
        if missing and self._way_to is not None:
            self._way_to.require(path)
        for one in reversed(missing):
            self._target.make_folder(one, mode if one == missing[0] else 0o755)
            self.written += 1
            if self._way_to is not None:
                self._way_to.require(one)

    def _copy_folder(self, path: bytes, target: bytes) -> None:
        """The contents of a folder into another, which is there."""
        if self._way_to is not None:
            self._way_to.require(target)
        todo: list[tuple[bytes, bytes, bytes]] = [(path, target, b"")]
        links: list[tuple[bytes, bytes, bytes]] = []  # made last: what they lead to is whole by then
        while todo:
            path, target, below = todo.pop()
            names: set[bytes] = set()
            if self._way_from is not None:
                self._way_from.require(path, sticky=False)
            for name, entry in self._listed(path):
                self._check_name(name, path)
                if name in names:
                    raise CopyFault(f"{shown(name)} is twice in {shown(path)}{self._source.place}")
                names.add(name)
                here, there, inside = _join(path, name), _join(target, name), _join(below, name) if below else name
                if entry.kind == FOLDER:
                    self._count(here, 0)
                    self._enter_folder(there, entry)
                    todo.append((here, there, inside))
                elif entry.kind == LINK:
                    self._count(here, 0)
                    links.append((here, there, inside))
                elif entry.kind == FILE:
                    self._copy_file(here, entry, there, inside, follow=False)
                else:
                    raise CopyFault(f"{shown(here)}{self._source.place} is no file, folder or link")
        for link in links:
            self._copy_link(*link)

    def _listed(self, path: bytes) -> list[tuple[bytes, Entry]]:
        found: list[tuple[bytes, Entry]] = []
        for one in self._source.entries(path):
            found.append(one)
            if len(found) + self._seen > MOST_FILES:
                raise CopyFault(f"there are more than {MOST_FILES} files{self._source.place}")
        return sorted(found)

    def _enter_folder(self, path: bytes, entry: Entry) -> None:
        there = self._target.status(path)
        if there is None:
            self._target.make_folder(path, entry.mode & 0o777 | 0o700)
            self.written += 1
            if self._way_to is not None:
                self._way_to.require(path)
        elif there.kind != FOLDER:
            what = "a link" if there.kind == LINK else "no folder"
            raise CopyFault(f"{shown(path)}{self._target.place} is {what}, and the source has a folder there")
        elif self._way_to is not None:
            self._way_to.require(path)

    def _copy_link(self, path: bytes, target: bytes, below: bytes) -> None:
        leads_to = self._source.read_link(path)
        if self._spec.what == GET:
            self._check_link(leads_to, below)
        self.files += 1
        self._digests.append((below, hashlib.sha256(b"link " + leads_to).hexdigest()))
        there = self._target.status(target)
        if there is not None and there.kind == LINK and self._target.read_link(target) == leads_to:
            return
        self._require_replaceable(target, there)
        new = self._new_path(target)
        try:
            self._target.make_link(new, leads_to)
            self._target.replace(new, target)
            self.unfinished = b""
        except BaseException:
            self._discard(new)
            raise
        self.written += 1

    # -- a file

    def _copy_file(self, path: bytes, entry: Entry, target: bytes, below: bytes, follow: bool) -> None:
        self._count(path, entry.size)
        self.files += 1
        mode = entry.mode & 0o777 if self._spec.mode < 0 else self._spec.mode
        if self._way_to is not None:  # who may write there could exchange what `validate` reads
            self._require_parent(target)
            self._way_to.require(posixpath.dirname(target), closed=bool(self._spec.validate))
        there = self._target.status(target)
        self._require_replaceable(target, there)
        if there is not None and there.kind == FILE and self._may_be_equal(there, entry.size, mode):
            digest = self._target.digest(target, there.size)
            if digest == self._source.digest(path, entry.size):
                self._digests.append((below, digest))
                return
        new = self._new_path(target)
        hashed = Hashing()
        try:
            self._target.write(new, self._hashing(self._source.read(path, follow), hashed, path), mode, self._owner)
            self._validate(new)
            self._target.replace(new, target)
            self.unfinished = b""
        except CopyFault:
            self._discard(new)
            self._require_parent(target)
            raise
        except BaseException:
            self._discard(new)
            raise
        finally:
            hashed.end()
        self._digests.append((below, hashed.hexdigest()))
        self.written += 1
        self._sweep(target)

    def _may_be_equal(self, there: Entry, size: int, mode: int) -> bool:
        if there.size != size or there.mode != mode:
            return False
        if self._owner is None:
            return True
        uid, gid = self._owner
        return there.uid == uid and gid in (-1, there.gid)

    def _require_replaceable(self, target: bytes, there: Entry | None) -> None:
        if there is not None and there.kind == FOLDER:
            raise CopyFault(f"{shown(target)}{self._target.place} is a folder: end the target with /, as in to=FOLDER/")
        if there is not None and there.kind == OTHER:
            raise CopyFault(f"{shown(target)}{self._target.place} is no file, and is not replaced")

    def _hashing(self, pieces: Iterable[bytes], hashed: Hashing, path: bytes) -> Iterator[bytes]:
        size = 0
        for piece in pieces:
            size += len(piece)
            if self._spec.max_bytes and size > self._spec.max_bytes:
                raise CopyFault(f"{shown(path)}{self._source.place} is over {self._spec.max_bytes} bytes")
            hashed.update(piece)
            yield piece

    def _validate(self, new: bytes) -> None:
        if not self._spec.validate:
            return
        words = [no_option(new).join(piece.encode() for piece in word) for word in self._spec.validate]
        code, text = self._target.run(words)
        if code:
            printed = f": {text}" if text else ""
            raise CopyFault(f"validate ended with exit code {code}, so the old file stays{printed}")

    def _new_path(self, target: bytes) -> bytes:
        folder, name = posixpath.split(target)
        end = self._mark + self._nonce
        self.unfinished = _join(folder, b"." + name[: LONGEST_NAME - len(end) - 1] + end)
        return self.unfinished

    def _discard(self, new: bytes) -> None:
        try:
            self._target.remove(new)
            self.unfinished = b""
        except (CopyFault, OSError):
            pass  # it was not made, or the line is lost: the next copy removes it when it is a day old

    def _sweep(self, target: bytes) -> None:
        """Remove what a copy that was killed has left here: of this attempt at once, of others a day later."""
        folder = posixpath.dirname(target)
        if folder in self._swept:
            return
        self._swept.add(folder)
        try:
            now = self._target.status(target)
            old: list[bytes] = []
            for number, (name, entry) in enumerate(self._target.entries(folder or b".")):
                if number > MOST_LOOKED_AT or now is None:
                    return
                is_old = entry.changed < now.changed - OLD or self._mark in name
                if is_old and _LEFTOVER.fullmatch(name.decode("latin-1")) and entry.kind in (FILE, LINK):
                    old.append(name)
            for name in old:
                self._target.remove(_join(folder, name))
        except CopyFault:
            pass  # a folder that cannot be listed


def _join(folder: bytes, name: bytes) -> bytes:
    return posixpath.join(folder, name) if folder else name
