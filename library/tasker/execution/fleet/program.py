"""What is sent to a gateway: the part of TASKER that a keeper and its runner need, as one file.

It is compiled here where the Python there has the same byte code: to compile it takes a second on a gateway, and each
of them would do it in each run.
"""

from __future__ import annotations

import functools
import importlib.machinery
import io
import marshal
import os
import threading
import zipfile
import zlib
from importlib.util import MAGIC_NUMBER

from tasker.execution.fleet.settings import LEAVES
from tasker.protocol.discovery import COLLECTION
from tasker.system.own_modules import read_code
from tasker.system.resources import ARCHIVE, CONTENTS, LIBRARY, LOADER, archived_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# as `tasker runner NAME.py --lines` does it, without the rest of the command line
MAIN = b"""\
import sys

from tasker.cli import start_up
from tasker.protocol.discovery import own_runner

start_up.prepare_process(None)
start_up.end_process(start_up.run_as_stage(own_runner(sys.argv[2]), sys.argv[3:]))
"""
ROOMS = ("execution", "protocol", "system", "text")  # whole
ALONE = (  # files of other rooms; tests/execution/test_fleet_program.py follows all imports
    *("__init__", "command", "cli/__init__", "cli/start_up"),
    *("language/__init__", "language/copies", "language/fields", "language/hostname", "language/quoting"),
)
_UNCHECKED = (1).to_bytes(4, "little") + bytes(8)  # byte code that is valid whatever its source is
_lock = threading.Lock()


def program_for(magic: object) -> bytes:
    """A zip, compressed as a whole with zlib. magic: `MAGIC_NUMBER` of the Python that is to read it; for another than
    ours it holds the source. Raises OSError."""
    with _lock:
        return _program(magic == MAGIC_NUMBER)


@functools.cache
def _program(compiled: bool) -> bytes:
    made = {"__main__.py": MAIN}
    names = [*_library_files(), *(f"runners/{leaf}.py" for leaf in LEAVES)]
    for name in names:
        code = _byte_code(name) if compiled else None
        made[f"tasker/{name}c" if code else f"tasker/{name}"] = code or _source(name)
    made[CONTENTS] = "".join(f"tasker/{name}\n" for name in sorted(names)).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored: one stream is smaller than one for each file, and faster
        for name, data in made.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return zlib.compress(buffer.getvalue(), 1)


def _path(name: str) -> str:
    """Where a file is. name: below the package `tasker`; its runners are beside the library in a clone."""
    return os.path.join(COLLECTION if name.startswith("runners/") else os.path.join(LIBRARY, "tasker"), name)


def _source(name: str) -> bytes:
    data: bytes = LOADER.get_data(_path(name))
    return data


def _byte_code(name: str) -> bytes | None:
    """Our own, from the cache where it is there. None: in the single file it is that of another Python."""
    if ARCHIVE:
        data: bytes = LOADER.get_data(f"{_path(name)}c")
        return data if data.startswith(MAGIC_NUMBER) else None
    if kept := read_code(_path(name)):
        return MAGIC_NUMBER + _UNCHECKED + kept[16:]
    module = "__main__" if name.startswith("runners/") else "tasker." + name.removesuffix(".py").replace("/", ".")
    code = importlib.machinery.SourceFileLoader(module, _path(name)).get_code(module)
    return MAGIC_NUMBER + _UNCHECKED + marshal.dumps(code)


def _library_files() -> Iterable[str]:
    """Those of the library, below the package `tasker`."""
    yield from (f"{name}.py" for name in ALONE)
    top = os.path.join(LIBRARY, "tasker")
    if ARCHIVE:
        found = [os.path.relpath(path, top) for path in archived_files()]
    else:
        found = [
            os.path.relpath(os.path.join(folder, name), top)
            for room in ROOMS
            for folder, _, names in os.walk(os.path.join(top, room))
            for name in names
        ]
    yield from (name for name in sorted(found) if name.partition("/")[0] in ROOMS and name.endswith(".py"))
