"""Files that come with the library, which may be in a zip (docs/decisions/0020)."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

LIBRARY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOADER: Any = globals()["__loader__"]  # Any: of files or of a zip, which share get_data and get_code
ARCHIVE: str = getattr(LOADER, "archive", "")  # the zip that all of this is in, or ""
CONTENTS = "contents"  # in the zip: a line for each file that is in it


def read_data(*names: str) -> bytes:
    """The bytes of a file of the library: data("protocol", "schemas", "result.json")."""
    data: bytes = LOADER.get_data(os.path.join(LIBRARY, "tasker", *names))
    return data


def compiled_program(path: str) -> CodeType:
    """The compiled program in the file of a stage of our own, from the cache where there is one."""
    if ARCHIVE:
        from zipimport import zipimporter

        folder, file = os.path.split(path)
        return zipimporter(folder).get_code(file.removesuffix(".py"))
    code: CodeType = type(LOADER)("__main__", path).get_code("__main__")
    return code


def file_on_disk(path: str) -> str:
    """The file that has the bytes of this one: itself, or the zip that it is in."""
    return ARCHIVE if is_archived(path) else path


def is_archived(path: str) -> bool:
    return ARCHIVE != "" and path.startswith(ARCHIVE + os.sep)


def archived_files() -> list[str]:
    """The paths of all files in the zip, sorted."""
    names = LOADER.get_data(os.path.join(ARCHIVE, CONTENTS)).decode().splitlines()
    return [os.path.join(ARCHIVE, name) for name in names]
