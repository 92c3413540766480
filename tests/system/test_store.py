"""Folders, files and summaries, without the program around them."""

import os
import resource
import stat
import threading

import pytest

from tasker.driver import log_files
from tasker.system import disk, private_files


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


def test_a_last_row_of_an_older_version_that_is_whole_but_for_its_end_is_kept(tmp_path):
    summary, row = log_files.Summary(str(tmp_path), "P"), "\t".join([*"1234567", "/x/tasker.log"])
    with open(summary.path, "w") as file:
        file.write("\t".join(log_files.FIRST_HEADER) + f"\none\n{row}")
    summary.add(["two"])

    with open(summary.path) as file:
        assert file.read().splitlines()[1:] == ["one", row, "two"]


def test_a_row_that_was_cut_after_its_log_file_is_not_whole(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    summary.add(["one"])
    with open(summary.path, "a") as file:
        file.write("\t".join([*"1234567", "/x/tasker.log"]))
    summary.add(["two"])

    with open(summary.path) as file:
        assert file.read().splitlines()[1:] == ["one", "two"]


def row_of(run, log="/x/1.log", code="0"):
    return ["2026-01-15 14:30:15", "t.txt", "1", "web1", "x", code, "SUCCESS", log, "1 ok", "1", "", "", run]


RUN, OTHER = "20260115_143015_a1b2c3", "20260115_143016_a1b2c3"


def lines_of(summary):
    with open(summary.path) as file:
        return file.read().splitlines()


def test_a_resume_replaces_the_row_of_its_run_where_it_stands(tmp_path):
    summary, other = (log_files.Summary(str(tmp_path), "P") for _ in range(2))
    summary.add(row_of(RUN, code="130"))
    summary.add(row_of(OTHER))
    summary.add(row_of(RUN), resumed=True)
    other.add(row_of(log_files.NO_RUN))  # it opened the file that was replaced

    header, *rows = lines_of(summary)
    assert header == "\t".join(log_files.HEADER)
    assert [row.split("\t")[5] + row.split("\t")[-1] for row in rows] == [f"0{RUN}", f"0{OTHER}", "0-"]
    assert os.listdir(tmp_path / "logs") == ["project_P_summary.log"]
    assert os.stat(summary.path).st_mode & 0o777 == 0o600


def test_a_resume_of_a_run_without_a_row_adds_one(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    summary.add(row_of(RUN), resumed=True)
    summary.add(row_of(OTHER), resumed=True)

    assert [row.split("\t")[-1] for row in lines_of(summary)[1:]] == [RUN, OTHER]


def test_the_header_and_the_rows_of_an_older_version_are_taken_over(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    old = ["\t".join(row_of(RUN, f"/x/{number}.log", "130")[:8]) for number in (1, 2)]
    with open(summary.path, "w") as file:
        file.write("\n".join(["\t".join(log_files.FIRST_HEADER), *old]) + "\n")
    summary.add(row_of(OTHER, "/x/3.log"))
    summary.add(row_of(RUN, "/x/2.log"), resumed=True)

    header, *rows = lines_of(summary)
    assert header == "\t".join(log_files.HEADER)
    assert rows == [old[0], "\t".join(row_of(RUN, "/x/2.log")), "\t".join(row_of(OTHER, "/x/3.log"))]


def test_a_summary_that_was_removed_during_a_run_is_begun_again(tmp_path):
    summary = log_files.Summary(str(tmp_path), "P")
    os.unlink(summary.path)
    summary.add(row_of(RUN))

    assert [row.split("\t")[-1] for row in lines_of(summary)] == ["run", RUN]


@pytest.mark.parametrize("run", [RUN, log_files.NO_RUN])
def test_a_last_row_of_today_that_is_whole_but_for_its_end_is_kept(tmp_path, run):
    for resumed in (False, True):
        summary = log_files.Summary(str(tmp_path), f"P{resumed}")
        summary.add(row_of(OTHER))
        with open(summary.path, "a") as file:
            file.write("\t".join(row_of(run)))
        summary.add(row_of("20260115_143017_a1b2c3"), resumed)

        assert [row.split("\t")[-1] for row in lines_of(summary)[1:]] == [OTHER, run, "20260115_143017_a1b2c3"]


@pytest.mark.parametrize("size", [10, 100, 130])
def test_a_row_of_today_that_is_not_whole_is_cut_off(tmp_path, size):
    for resumed in (False, True):
        summary = log_files.Summary(str(tmp_path), f"P{resumed}")
        summary.add(row_of(OTHER))
        whole = "\t".join(row_of(RUN, "/x/" + "y" * 50 + ".log"))
        assert size < len(whole)
        with open(summary.path, "a") as file:
            file.write(whole[:size])
        summary.add(row_of(RUN), resumed)

        assert [row.split("\t")[-1] for row in lines_of(summary)[1:]] == [OTHER, RUN]


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


def test_lines_of_the_log_that_are_held_are_one_write(tmp_path):
    class Counted(disk.Disk):
        __slots__ = ("writes",)

        def write(self, descriptor, data, path):
            self.writes = [*getattr(self, "writes", ()), data.count(b"\n")]
            disk.Disk.write(descriptor, data, path)

    counted = Counted()
    log = log_files.Log(str(tmp_path), "INFO", disk=counted)
    log.hold()
    log("INFO", "one")
    log("INFO", "two")
    assert os.path.getsize(log.path) == 0
    log.release()
    log("INFO", "three")
    log.hold()
    log.release()

    assert counted.writes == [2, 1]
    with open(log.path) as file:
        assert [line.split()[-1] for line in file] == ["one", "two", "three"]


def test_names_of_the_same_second_sort_in_the_order_of_creation(tmp_path):
    made = []
    for _ in range(12):
        path, descriptor = private_files.create_private(str(tmp_path), "tasker_20260102_030405", ".log")
        os.close(descriptor)
        made.append(os.path.basename(path))

    assert made == sorted(made)
