"""Folders, files and summaries, without the program around them."""

import os
import resource
import stat
import threading

import pytest

from tasker.driver import log_files
from tasker.system import private_files


def test_a_file_whose_name_is_taken_gets_a_suffix(tmp_path):
    names = []
    for _ in range(3):
        path, descriptor = private_files.create_private(str(tmp_path), "log", ".log", b"x")
        os.close(descriptor)
        names.append(os.path.basename(path))

    assert names == ["log.log", "log_001.log", "log_002.log"]


def test_a_thousand_taken_names_are_enough(tmp_path):
    for count in range(1000):
        (tmp_path / f"log{f'_{count:03}' if count else ''}.log").touch()

    with pytest.raises(FileExistsError):
        private_files.create_private(str(tmp_path), "log", ".log")


def test_folders_between_are_private_too(tmp_path):
    old = os.umask(0)
    try:
        private_files.private_folder(str(tmp_path / "a/b"), "c")
    finally:
        os.umask(old)

    assert [stat.S_IMODE((tmp_path / part).stat().st_mode) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("deploy-1.2", "deploy-1.2"), ("a b\n\x1b", "a_b__"), ("", "task_file"), ("é" * 200, "é" * 50), ("../x", ".._x")],
)
def test_a_name_becomes_a_plain_one(text, expected):
    assert private_files.plain_name(text) == expected


def test_rows_of_writers_at_once_are_whole(tmp_path):
    def write(number):
        summary = log_files.Summary(str(tmp_path), "P")
        for _ in range(20):
            summary.add([number, "x" * 5000])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = (tmp_path / "logs/project_P_summary.log").read_text().splitlines()

    assert lines[0] == "\t".join(log_files.HEADER)
    assert sorted(lines[1:]) == sorted(f"{number}\t{'x' * 5000}" for number in range(16) for _ in range(20))


def test_half_a_row_of_who_died_is_cut_off(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    summary.add(["one"])
    with open(summary.path, "a") as file:
        file.write("half a r")
    summary.add(["two"])

    with open(summary.path) as file:
        assert file.read().splitlines()[1:] == ["one", "two"]


def test_a_last_row_that_is_whole_but_for_its_end_is_kept(tmp_path):
    summary, row = log_files.Summary(str(tmp_path), "P"), "\t".join([*"1234567", "/x/tasker.log"])
    summary.add(["one"])
    with open(summary.path, "a") as file:
        file.write(row)
    summary.add(["two"])

    with open(summary.path) as file:
        assert file.read().splitlines()[1:] == ["one", row, "two"]


def test_a_row_that_has_no_room_leaves_nothing_behind(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    summary.add(["one"])
    before = os.path.getsize(summary.path)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + 100, old[1]))
    try:
        with pytest.raises(OSError, match="File too large.*project_P_summary"):
            summary.add(["x" * 1000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)

    assert os.path.getsize(summary.path) == before


def test_tabs_and_newlines_in_a_cell_are_escaped(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    summary.add(["a\tb", "c\nd\u2028", "\udcff"])

    with open(summary.path) as file:
        assert file.read().splitlines()[1] == "a\\tb\tc\\nd\\u2028\t\\udcff"


def test_a_record_of_the_log_is_one_line(tmp_path):
    seen = []
    log = log_files.Log(str(tmp_path), "WARN", lambda line, level: seen.append(line))
    log("INFO", "hidden")
    log("ERROR", "a\n[2026-01-01 00:00:00] [INFO] b\x1b")

    with open(log.path) as file:
        text = file.read()
    assert text.splitlines() == seen
    assert text.endswith("] [ERROR] a\\n[2026-01-01 00:00:00] [INFO] b\\e\n")


def test_names_of_the_same_second_sort_in_the_order_of_creation(tmp_path):
    made = []
    for _ in range(12):
        path, descriptor = private_files.create_private(str(tmp_path), "tasker_20260102_030405", ".log")
        os.close(descriptor)
        made.append(os.path.basename(path))

    assert made == sorted(made)
