"""The libraries that go into tasker.pyz: fetched by pip, checked, and laid out for library/tasker/system/bundled.py.

Those of zipapp-requirements.txt, in build/wheels: a file that is there and has the right hash is not fetched again, so
that a second build needs no network. No code of a library runs here.
"""

import hashlib
import importlib.util
import io
import marshal
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools/zipapp-requirements.txt"
CACHE = ROOT / "build/wheels"
PINNED = re.compile(r"([A-Za-z0-9]+)==([0-9.]+) --hash=sha256:([0-9a-f]{64})")
# the same files for whoever builds: those of CPython 3.11 on Linux, where a library has several
PLATFORM = ("--platform=manylinux2014_x86_64", "--python-version=3.11", "--implementation=cp", "--abi=cp311")
COMPILED = (".so", ".pyd", ".dll", ".dylib")
FASTER = {"markupsafe/_speedups"}  # compiled parts that a library works without
DAY = (2020, 1, 1, 0, 0, 0)
README = """\
Libraries in this file
======================

TASKER uses the libraries below. They are the work of others, unchanged, each under its own licence:

{rows}
NAME.zip here is the wheel of a library as it was published, with its complete source, and NAME.code its byte code.
{repacked}

ClusterShell is covered by the GNU Lesser General Public License, version 2.1 or later: its text is in
licences/ClusterShell-{cluster}. You may change that library, and use the changed one: put it into ClusterShell.zip in
place of the one there, and remove ClusterShell.code. `make zipapp` in TASKER's sources makes this file, from the
versions in tools/zipapp-requirements.txt.
"""


class Pin(NamedTuple):
    """A line of the lock file. name: also that of the package that is imported."""

    name: str
    version: str
    digest: str


class Missing(Exception):
    """Libraries cannot be had; the text is one line."""


def pins(text: str) -> list[Pin]:
    """The lines of the lock file. Raises ValueError for one that pins no file."""
    made = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            if not (match := PINNED.fullmatch(line)):
                raise ValueError(f"{LOCK.name}: no version and hash: {line}")
            made.append(Pin(*match.groups()))
    return made


def kept(wanted: list[Pin]) -> dict[Pin, Path]:
    """The wheels that are in the cache, whatever their names."""
    there = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in CACHE.glob("*.whl")}
    return {pin: there[pin.digest] for pin in wanted if pin.digest in there}


def wheels() -> dict[Pin, Path]:
    """Each library and its wheel, fetched where it is not in the cache. Raises Missing."""
    wanted = pins(LOCK.read_text())
    found = kept(wanted)
    if missing := [pin for pin in wanted if pin not in found]:
        _fetch(missing)
        found = kept(wanted)
    return found


def _fetch(missing: list[Pin]) -> None:
    named = ", ".join(f"{pin.name} {pin.version}" for pin in missing)
    bare = f"{sys.executable} {ROOT / 'tools/zipapp.py'} --bare"
    way_out = f"put their wheels into {CACHE}, or leave the libraries out: {bare}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        lines = [f"{pin.name}=={pin.version} --hash=sha256:{pin.digest}\n" for pin in missing]
        (Path(folder) / "wanted.txt").write_text("".join(lines))
        command = [_python_with_pip(named, way_out), "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        command += ["--require-hashes", "--no-deps", "--only-binary=:all:", *PLATFORM]
        done = subprocess.run(
            [*command, f"--dest={folder}", f"--requirement={folder}/wanted.txt"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")] or done.stderr.splitlines()
            raise Missing(f"cannot get {named}: pip: {said[-1] if said else done.returncode}; {way_out}")
        for path in Path(folder).glob("*.whl"):
            path.replace(CACHE / path.name)


def _python_with_pip(named: str, way_out: str) -> str:
    """This interpreter, or that of the virtual environment that `make check` makes."""
    for program in (sys.executable, str(ROOT / ".venv/bin/python")):
        if os.access(program, os.X_OK):
            asked = [program, "-c", "import pip"]
            if subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
                return program
    raise Missing(f"cannot get {named}: {sys.executable} has no pip; {way_out}")


def entries() -> dict[str, bytes]:
    """Name in the archive -> its bytes, of all that has to do with libraries. Raises Missing, ValueError."""
    made: dict[str, bytes] = {}
    rows, repacked = "", []
    for pin, path in wheels().items():
        with zipfile.ZipFile(path) as wheel:
            files = {name: wheel.read(name) for name in sorted(wheel.namelist()) if not name.endswith("/")}
        compiled = [name for name in files if name.endswith(COMPILED)]
        if unknown := [name for name in compiled if name.partition(".")[0] not in FASTER]:
            raise ValueError(f"{pin.name} {pin.version} is not pure Python: {', '.join(unknown)}")
        data = path.read_bytes()
        if compiled:
            data = _packed({name: files[name] for name in files if name not in compiled})
            repacked.append(f"{pin.name}.zip is without {', '.join(compiled)}.")
        made[f"libraries/{pin.name}.zip"] = data
        made[f"libraries/{pin.name}.code"] = _byte_code(pin.name, files)
        licences = [files[name] for name in files if "/licenses/" in name]
        if not licences:
            raise ValueError(f"{pin.name} {pin.version} comes without its licence")
        made[f"libraries/licences/{pin.name}-{pin.version}"] = b"\n".join(licences)
        rows += f"    {pin.name:<14}{pin.version:<10}licences/{pin.name}-{pin.version}\n"
    pinned = {pin.name: pin.version for pin in pins(LOCK.read_text())}
    text = README.format(rows=rows, repacked="\n".join(repacked), cluster=pinned["ClusterShell"])
    made["libraries/README"] = text.encode()
    made["libraries/versions"] = "".join(f"{name} {version}\n" for name, version in pinned.items()).encode()
    return made


def _byte_code(library: str, files: dict[str, bytes]) -> bytes:
    """The magic number of this Python, and {module: (is it a package?, its code)} as marshal writes it."""
    made: dict[str, tuple[bool, bytes]] = {}
    for name, source in files.items():
        if name.endswith(".py") and name.startswith(f"{library}/"):
            package = name.endswith("/__init__.py")
            module = name.removesuffix("/__init__.py" if package else ".py").replace("/", ".")
            code = compile(source, f"tasker.pyz/libraries/{library}.zip/{name}", "exec", dont_inherit=True)
            made[module] = (package, marshal.dumps(code))
    # version 2 has no references, which depend on what else is in memory
    return importlib.util.MAGIC_NUMBER + marshal.dumps(made, 2)


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(entry, files[name])
    return buffer.getvalue()
