"""Files that come with the library, which may be in a zip (docs/decisions/0020)."""

import os

LIBRARY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOADER = globals()["__loader__"]
ARCHIVE = getattr(LOADER, "archive", "")  # the zip that all of this is in, or ""
CONTENTS = "contents"  # in the zip: a line for each file that is in it


def read_data(*names):
    """The bytes of a file of the library: data("protocol", "schemas", "result.json")."""
    return LOADER.get_data(os.path.join(LIBRARY, "tasker", *names))


def compiled_program(path):
    """The compiled program in the file of a stage of our own, from the cache where there is one."""
    if ARCHIVE:
        from zipimport import zipimporter

        folder, file = os.path.split(path)
        return zipimporter(folder).get_code(file.removesuffix(".py"))
    return type(LOADER)("__main__", path).get_code("__main__")


def file_on_disk(path):
    """The file that has the bytes of this one: itself, or the zip that it is in."""
    return ARCHIVE if is_archived(path) else path


def is_archived(path):
    return ARCHIVE != "" and path.startswith(ARCHIVE + os.sep)


def archived_files():
    """The paths of all files in the zip, sorted."""
    names = LOADER.get_data(os.path.join(ARCHIVE, CONTENTS)).decode().splitlines()
    return [os.path.join(ARCHIVE, name) for name in names]
