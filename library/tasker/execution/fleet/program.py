"""TASKER as one file, to be sent to a gateway: the library and its runners, as `make zipapp` lays them out."""

from __future__ import annotations

import functools
import os

from tasker.protocol.discovery import collection_folder
from tasker.system.resources import ARCHIVE, CONTENTS, LIBRARY

MAIN = b"from tasker.cli import main\n\nraise SystemExit(main())\n"
_LEFT_OUT = ("__pycache__",)


@functools.cache
def one_file() -> bytes:
    """The bytes of the zip. Raises OSError."""
    if ARCHIVE:
        with open(ARCHIVE, "rb") as file:
            return file.read()
    import io  # here, as is all of this: only a runner that has gateways needs it
    import zipfile

    made = {"__main__.py": MAIN}
    for folder, name in ((os.path.join(LIBRARY, "tasker"), "tasker"), (_runners(), "tasker/runners")):
        for path in _files(folder):
            with open(os.path.join(folder, path), "rb") as file:
                made[f"{name}/{path}"] = file.read()
    made[CONTENTS] = "".join(f"{name}\n" for name in sorted(made)).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in made.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _runners() -> str:
    return os.path.join(collection_folder(), "runners")


def _files(top: str) -> list[str]:
    """Paths below a folder, relative to it."""
    found = []
    for folder, folders, names in os.walk(top):
        folders[:] = [
            name for name in folders if name not in _LEFT_OUT and not os.path.islink(os.path.join(folder, name))
        ]
        inside = os.path.relpath(folder, top)
        found += [os.path.normpath(os.path.join(inside, name)) for name in names if not name.endswith(".pyc")]
    return sorted(found)
