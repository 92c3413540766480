#!/usr/bin/env python3
"""Write tasker.pyz, all of TASKER in one file that any Python from 3.11 on can run: `make zipapp`.

The layout is that of an installed package. Beside each module lies its byte code, for the Python that makes the file;
another one finds that it is not its own and compiles the module anew, each time. Nothing is ever unpacked.

usage: zipapp.py [--bare] [FILE]   --bare: without the libraries of zipapp-requirements.txt
       zipapp.py --fetch           have those libraries in build/wheels, for a later build without a network
"""

import configparser
import importlib._bootstrap_external as compiled
import io
import os
import sys
import zipfile
from pathlib import Path

import zipapp_libraries

ROOT = Path(__file__).resolve().parent.parent
FIRST_LINE = b"#!/usr/bin/env -S python3 -I -S\n"
MAIN = '''\
"""TASKER in one file."""

import _signal

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # as in tasker/__main__.py
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from tasker.cli import main

raise SystemExit(main())
'''
DAY = (2020, 1, 1, 0, 0, 0)  # the same files make the same archive, whenever that is


def files(bare: bool = False) -> dict[str, bytes]:
    """Name in the archive -> its bytes: of every file that a wheel would have too, and of the libraries.

    bare: without libraries. Raises zipapp_libraries.Missing.
    """
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg")
    places = dict(line.split(" = ") for line in read["options"]["package_dir"].split("\n") if line.count(" = ") == 1)
    kinds = {"": ["*.py"], **{name: text.split() for name, text in read["options.package_data"].items()}}
    made = {"__main__.py": MAIN.encode()}
    for package in read["options"]["packages"].split():
        name = package.replace(".", "/")
        folder = ROOT / places[package] if package in places else ROOT / "library" / name
        for pattern in [*kinds[""], *kinds.get(package, ())]:
            made |= {f"{name}/{path.name}": path.read_bytes() for path in folder.glob(pattern) if path.is_file()}
    made |= {} if bare else zipapp_libraries.entries()
    made["contents"] = "".join(f"{name}\n" for name in sorted(made)).encode()
    return made


def byte_code(name, source):
    code = compile(source, f"tasker.pyz/{name}", "exec", dont_inherit=True)
    return compiled._code_to_hash_pyc(code, b"\0" * 8, checked=False)


def archive(made):
    """The bytes of the zip."""
    made = made | {f"{name}c": byte_code(name, data) for name, data in made.items() if name.endswith(".py")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(made):
            entry = zipfile.ZipInfo(name, DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(entry, made[name])
    return buffer.getvalue()


def main(arguments: list[str]) -> None:
    options = {word for word in arguments if word.startswith("-")}
    names = [word for word in arguments if word not in options]
    if not options <= {"--bare", "--fetch"} or len(names) > 1:
        sys.exit(__doc__.rpartition("\n\n")[2].strip())
    try:
        if "--fetch" in options:
            zipapp_libraries.wheels()
            return
        made = FIRST_LINE + archive(files("--bare" in options))
    except (zipapp_libraries.Missing, ValueError) as problem:
        sys.exit(f"make zipapp: {problem}")
    target = Path(names[0] if names else ROOT / "dist/tasker.pyz")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}")  # whoever runs the old one keeps it whole
    beside.write_bytes(made)
    beside.chmod(0o755)
    beside.replace(target)
    print(f"wrote {target}: {target.stat().st_size // 1024} KiB, byte code for Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main(sys.argv[1:])
