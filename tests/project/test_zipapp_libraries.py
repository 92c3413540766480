"""The libraries in the single file: what needs them works where nothing is installed, and only that pays for them."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import re
import subprocess
import sys
import termios
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyte
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Run = Callable[..., subprocess.CompletedProcess[str]]

from tasker.cli.start_up import BUNDLED

ROOT = Path(__file__).resolve().parents[2]
SCREEN = (100, 30)
RETRY = """\
task=0
command=test -e there || { touch there; exit 1; }
exec=shell
retry_failed=true
retry_count=2
retry_delay=0
"""
RANGE = "task=0\nhosts=web[01-03]\ncommand=echo\narguments=this is @host@\nexec=local\n"
# goes on until the screen shows the view
WATCHED = """\
task=0
hosts=web[01-03]
command=sh
arguments=-c "until test -e seen; do sleep 0.1; done"
exec=local
timeout=100
"""
GROUPS = "[Main]\ndefault: site\n\n[site]\nmap: echo db[1-2]\nall: echo db[1-2]\nlist: echo dbs\n"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter for which nothing is installed."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=100)
    return folder / "bin/python"


@pytest.fixture
def bare(python: Path, archive: Path, tmp_path: Path) -> Run:
    """A function that runs a single file, with an environment of nothing but PATH and HOME, in a folder of its own."""

    def run(*words: str, file: Path = archive, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [str(word) for word in (python, "-I", *options, file, *words)]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=100,
            stdin=subprocess.DEVNULL,
        )

    return run


def changed(archive: Path, target: Path, keep: Callable[[str], bool]) -> Path:
    """The single file with only some of its entries."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in filter(keep, old.namelist()):
            new.writestr(name, old.read(name))
    return target


def tool() -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import zipapp_libraries
    finally:
        sys.path.pop(0)
    return zipapp_libraries


def test_a_task_is_retried(bare: Run, tmp_path: Path) -> None:
    (tmp_path / "retry.txt").write_text(RETRY)

    done = bare("-r", "retry.txt")

    assert (done.returncode, done.stderr) == (0, "")
    assert "attempt 2" in done.stdout
    assert (tmp_path / "there").exists()


def test_a_range_of_hosts_is_run_on_each(bare: Run, tmp_path: Path) -> None:
    (tmp_path / "range.txt").write_text(RANGE)

    done = bare("-r", "--skip-host-validation", "range.txt")

    assert done.returncode == 0, done.stderr
    assert "3 of 3 hosts succeeded" in done.stdout


def test_a_group_of_clustershell_is_read_from_its_file(bare: Run, tmp_path: Path) -> None:
    folder = tmp_path / ".config/clustershell"
    folder.mkdir(parents=True)
    (folder / "groups.conf").write_text(GROUPS)
    (tmp_path / "group.txt").write_text(RANGE.replace("web[01-03]", "@dbs"))

    done = bare("-r", "--skip-host-validation", "group.txt")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 hosts succeeded" in done.stdout


def test_a_run_is_reported_as_text_and_as_a_page(bare: Run, tmp_path: Path) -> None:
    (tmp_path / "retry.txt").write_text(RETRY)
    bare("-r", "retry.txt")

    text, page = bare("report", "last"), bare("report", "--html", "last")

    assert (text.returncode, page.returncode) == (0, 0), page.stderr
    assert "attempts: 1 ok, 1 failed" in text.stdout
    assert page.stdout.startswith("<!DOCTYPE html>") and "test -e there || { touch there; exit 1; }" in page.stdout


def test_the_live_view_is_drawn(python: Path, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "watched.txt").write_text(WATCHED)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        termios.tcsetwinsize(0, SCREEN[::-1])
        words = [str(python), "-I", str(archive), "-r", "--skip-host-validation", "watched.txt"]
        os.execve(python, words, environment)
    screen = pyte.Screen(*SCREEN)
    stream = pyte.ByteStream(screen)
    said = b""
    try:
        while data := os.read(terminal, 65536):
            said += data
            stream.feed(data)
            if any(re.match(r"Task 0 .*0/3 3 running", line) for line in screen.display):
                (tmp_path / "seen").touch()
    except OSError:  # the program has gone
        pass
    os.close(terminal)

    assert os.waitpid(pid, 0)[1] == 0, said.decode(errors="replace")
    assert (tmp_path / "seen").exists()


def test_without_byte_code_of_this_python_the_wheels_are_read(bare: Run, archive: Path, tmp_path: Path) -> None:
    """Also what the LGPL asks for: who replaces ClusterShell.zip removes the byte code."""
    (tmp_path / "retry.txt").write_text(RETRY)
    other = changed(archive, tmp_path / "other.pyz", lambda name: not name.endswith(".code"))

    done, page = bare("-r", "retry.txt", file=other), bare("report", "--html", "last", file=other)

    assert (done.returncode, page.returncode) == (0, 0), done.stderr + page.stderr


def test_the_version_says_which_libraries_come_with_the_file(bare: Run, archive: Path, tmp_path: Path) -> None:
    without = changed(archive, tmp_path / "without.pyz", lambda name: not name.startswith("libraries/"))

    lines, others = bare("--version").stdout, bare("--version", file=without).stdout

    for pin in tool().pins(tool().LOCK.read_text()):
        if pin.name != "markupsafe":  # jinja2's
            assert re.search(rf"^  {pin.name} +{re.escape(pin.version)} .*, from this file$", lines, re.MULTILINE)
            assert re.search(rf"^  {pin.name} +not found", others, re.MULTILINE)


def test_whoever_needs_no_library_loads_none_and_reads_no_more(bare: Run, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "range.txt").write_text(RANGE)
    without = changed(archive, tmp_path / "without.pyz", lambda name: not name.startswith("libraries/"))

    for words in (["--help"], ["-r", "--skip-host-validation", "range.txt"]):
        loaded = [
            re.findall(r"\| +(\S+)$", bare(*words, file=file, options=("-S", "-X", "importtime")).stderr, re.MULTILINE)
            for file in (archive, without)
        ]
        assert sorted(loaded[0]) == sorted(loaded[1]) and "tasker.cli" in loaded[0]
    # a start reads the names of all entries
    with zipfile.ZipFile(archive) as file:
        assert sum(name.startswith("libraries/") for name in file.namelist()) <= 2 + 3 * len(BUNDLED)


def test_each_library_is_pure_pinned_and_has_its_licence_with_it(archive: Path) -> None:
    pins = {pin.name: pin for pin in tool().pins(tool().LOCK.read_text())}
    file = zipfile.ZipFile(archive)
    readme = file.read("libraries/README").decode()

    assert set(pins) == set(BUNDLED)
    for name, pin in pins.items():
        data = file.read(f"libraries/{name}.zip")
        inside = zipfile.ZipFile(io.BytesIO(data)).namelist()
        assert f"{name}/__init__.py" in inside
        assert not [one for one in inside if one.endswith((".so", ".pyd", ".dll"))]
        assert file.read(f"libraries/licences/{name}-{pin.version}")
        assert f"licences/{name}-{pin.version}\n" in readme
        assert (hashlib.sha256(data).hexdigest() == pin.digest) != (f"{name}.zip is without " in readme)
    licence = file.read(f"libraries/licences/ClusterShell-{pins['ClusterShell'].version}")
    assert b"GNU LESSER GENERAL PUBLIC LICENSE" in licence


def test_a_library_that_is_not_pure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tool()
    monkeypatch.setattr(made, "FASTER", set())

    with pytest.raises(ValueError, match=r"markupsafe [0-9.]+ is not pure Python: markupsafe/_speedups\."):
        made.entries()


def test_what_cannot_be_fetched_is_one_line_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tool()
    monkeypatch.setattr(made, "CACHE", tmp_path / "wheels")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(made.Missing) as caught:
        made.wheels()

    said = str(caught.value)
    assert said.startswith("cannot get ClusterShell ") and "\n" not in said
    assert f"put their wheels into {tmp_path / 'wheels'}, or leave the libraries out: " in said
    assert list((tmp_path / "wheels").iterdir()) == []


def test_a_wheel_of_another_content_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tool()
    for path in made.wheels().values():
        (tmp_path / path.name).write_bytes(path.read_bytes() + b"\0" * path.name.startswith("rich"))
    monkeypatch.setattr(made, "CACHE", tmp_path)

    kept = made.kept(made.pins(made.LOCK.read_text()))

    assert {pin.name for pin in kept} == set(BUNDLED) - {"rich"}


def test_a_line_without_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="no version and hash: rich==15"):
        tool().pins("# a comment\nrich==15.0.0\n")


def test_without_libraries_the_file_is_made_from_the_clone_alone(bare: Run, tmp_path: Path) -> None:
    target = tmp_path / "plain.pyz"
    command = [sys.executable, ROOT / "tools/zipapp.py", "--bare", target]
    environment = {"PATH": "/nonexistent", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}

    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment)

    assert done.returncode == 0, done.stderr
    assert not [name for name in zipfile.ZipFile(target).namelist() if name.startswith("libraries/")]
    assert "tenacity     not found" in bare("--version", file=target).stdout
