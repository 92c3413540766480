"""Files that people name are read whole or not at all, and writing never spins."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tasker.system import private_files
from tasker.system.private_files import FileTooLarge, IrregularFile, open_regular, read_regular, write_all

MAKERS: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "FIFO": lambda path: os.mkfifo(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/ptmx"),
    "socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
}


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_a_file_up_to_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)

    assert read_regular(str(tmp_path / "file"), 100) == b"x" * size


def test_a_file_over_the_limit_is_refused_with_its_name(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"x" * 101)

    with pytest.raises(FileTooLarge, match="larger than 100 bytes") as error:
        read_regular(path, 100)
    assert error.value.filename == path


def test_a_file_that_says_nothing_of_its_size_is_read() -> None:
    assert read_regular("/proc/self/stat", 1 << 20).startswith(b"%d (" % os.getpid())


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.timeout(10)
def test_nothing_but_a_regular_file_is_opened(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "odd"
    MAKERS[kind](path)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))

    with pytest.raises(IrregularFile, match="not a regular file"):
        open_regular(str(path))


@pytest.mark.timeout(10)
def test_a_fifo_that_takes_the_place_of_the_file_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, before = tmp_path / "swapped", set(os.listdir("/proc/self/fd"))
    os.mkfifo(path)
    regular = os.stat(__file__)
    monkeypatch.setattr(os, "stat", lambda _, **keys: regular)

    with pytest.raises(IrregularFile):
        open_regular(str(path))
    monkeypatch.undo()
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_check_sees_the_open_file_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    monkeypatch.setattr(os, "read", lambda *_: pytest.fail("it was read"))

    def refuse(status: os.stat_result) -> None:
        assert status.st_ino == os.stat(path).st_ino
        raise PermissionError("no")

    with pytest.raises(PermissionError):
        read_regular(str(path), 100, refuse)


def test_a_write_of_nothing_is_an_error_with_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def write(descriptor: int, data: bytes) -> int:
        calls.append(descriptor)
        assert len(calls) < 3, "a loop around write goes on for ever"
        return 0

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="a write wrote nothing: 'the file'"):
        write_all(1, b"data", "the file")


def test_writing_goes_on_after_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, path = os.write, tmp_path / "file"
    monkeypatch.setattr(os, "write", lambda descriptor, data: right(descriptor, data[:3]))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    write_all(descriptor, b"0123456789", str(path))
    os.close(descriptor)

    assert path.read_bytes() == b"0123456789"


@pytest.mark.parametrize(("name", "plain"), [("a b/c\n", "a_b_c_"), ("déjà-1.2+x_", "déjà-1.2+x_"), ("", "task_file")])
def test_a_name_becomes_part_of_a_file_name(name: str, plain: str) -> None:
    assert private_files.plain_name(name) == plain
