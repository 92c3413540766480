"""A journal read back: a clean prefix, or a refusal, whatever happened to its bytes; and the runs that there are."""

import fcntl
import json
import os
import pty
import pwd
import shutil
import struct
import subprocess
import termios
import time
import unicodedata

import pytest
from whole_program import PROGRAM, eventually, local

from tasker.journal import format, reader, run_folder, run_list
from tasker.journal.writer import Journal

STEPS = [("intent", "result")[n % 2] for n in range(18)]


@pytest.fixture
def folder(tmp_path):
    """The folder of a run whose journal has 20 records."""
    made = tmp_path / "base/runs/20260102_030405_abcdef"
    (made / "output").mkdir(parents=True)
    journal = Journal(str(made))
    journal.add("start", {"file": "/t.txt", "settings": {"project": "P"}, "workflow": {"tasks": []}})
    for number, what in enumerate(STEPS):
        doc = {"id": f"1.{number // 2}", "outcome": "ok", "exit_code": 0}
        journal.add(what, {"request": {"id": doc["id"], "task": 1}} if what == "intent" else doc)
    journal.add("exit", {"code": 0, "reason": "reached the end"})
    journal.sync()
    os.close(journal._file)
    return made


def read(folder):
    """The records that are believed, or the number of the line that is named as damaged."""
    try:
        return reader.read_journal(str(folder)).records
    except format.Damaged as damaged:
        return damaged.line


def test_what_was_written_is_read(folder):
    records = read(folder)

    assert [record["what"] for record in records] == ["start", *STEPS, "exit"]
    assert [record["seq"] for record in records] == list(range(20))


def test_cut_off_at_any_byte_it_is_the_records_before(folder):
    path = folder / "journal.jsonl"
    data, whole = path.read_bytes(), read(folder)
    for size in range(len(data)):
        path.write_bytes(data[:size])
        assert read(folder) == whole[: data[:size].count(b"\n")]


def test_no_bit_can_flip_unseen(folder):
    path = folder / "journal.jsonl"
    data, whole = path.read_bytes(), read(folder)
    with open(path, "r+b", buffering=0) as file:
        for place, byte in enumerate(data):
            for bit in range(8):
                os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), place)
                found, line = read(folder), data[:place].count(b"\n") + 1
                # the last newline gone is a line cut off: what was before it is believed, and no more
                assert found == line or (place == len(data) - 1 and found == whole[:-1]), (place, bit)
            os.pwrite(file.fileno(), bytes([byte]), place)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:5] + lines[6:],
        lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]],
        lambda lines: [*lines[:5], lines[5], *lines[5:]],
        lambda lines: [*lines, lines[0]],
        lambda lines: [*lines, b"\n"],
        lambda lines: [*lines, b'{"seq":20}\n'],
        lambda lines: lines[1:],
    ],
    ids=["dropped", "swapped", "twice", "start again", "empty line", "no record", "no start"],
)
def test_records_in_another_order_are_damage(folder, change):
    path = folder / "journal.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    assert isinstance(read(folder), int)


def test_an_empty_journal_has_no_records(folder):
    (folder / "journal.jsonl").write_bytes(b"")

    assert read(folder) == []


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "nothing"])
def test_what_is_no_file_of_ours_is_not_read(folder, kind):
    path = folder / "journal.jsonl"
    path.rename(folder / "other")
    if kind == "link":
        path.symlink_to(folder / "other")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()

    with pytest.raises(format.Unreadable):
        reader.read_journal(str(folder))


@pytest.mark.parametrize(
    ("word", "expected"),
    [("20260102_030405_abcdef", True), ("2026", True), ("2027", "no run"), ("", "no run"), ("./nowhere", "no journal")],
)
def test_a_run_is_named_by_the_beginning_of_its_id(folder, word, expected):
    base = str(folder.parent.parent)
    if expected is True:
        assert run_folder.run_folder_of(base, word) == str(folder)
    else:
        with pytest.raises(format.Unreadable, match=expected):
            run_folder.run_folder_of(base, word)


def test_a_beginning_that_two_runs_share_is_no_name(folder):
    shutil.copytree(folder, folder.parent / "20260102_030406_abcdef")

    with pytest.raises(format.Unreadable, match="can mean 2 runs"):
        run_folder.run_folder_of(str(folder.parent.parent), "20260102")
    assert run_folder.run_folder_of("", str(folder)) == str(folder)


def test_last_is_the_newest_run(folder, tmp_path):
    newer = folder.parent / "20260102_030406_abcdef"
    shutil.copytree(folder, newer)

    assert run_folder.run_folder_of(str(folder.parent.parent), "last") == str(newer)
    with pytest.raises(format.Unreadable, match="no run 'last'"):
        run_folder.run_folder_of(str(tmp_path / "empty"), "last")


# -- tasker verify


def tasker(*words):
    return subprocess.run(
        [*map(str, (*PROGRAM, *words))], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30
    )


def test_verify_finds_nothing_in_a_run_and_the_line_in_a_changed_one(place):
    place.really("task=0\nexec=local\ncommand=echo hello\n")
    (path,) = place.base.glob("runs/*/journal.jsonl")
    good = tasker("verify", "-l", place.base, path.parent.name)
    path.write_text(path.read_text().replace("hello", "HELLO"))
    bad = tasker("verify", "-l", place.base, path.parent.name)
    place.tampered = True

    assert (good.returncode, good.stdout) == (0, "6 records, none changed\n")
    assert (bad.returncode, "is damaged in line 1" in bad.stdout) == (1, True)


def test_verify_sees_a_journal_that_was_written_anew(place):
    """Every hash is right, but flow would not have done that: the second task ran although the first had failed."""
    from tasker.journal.format import chained_line

    place.really("task=0\nexec=local\ncommand=true\nnext=success\n\ntask=1\nexec=local\ncommand=echo hello\n")
    (path,) = place.base.glob("runs/*/journal.jsonl")
    before, lines = "", []
    for record in place.journal():
        if record["what"] == "result" and record["seq"] == 3:
            record["doc"] |= {"outcome": "failed", "exit_code": 1}
        record = {key: value for key, value in record.items() if key not in ("before", "hash")}
        line, before = chained_line(record, before)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    place.tampered = True

    done = tasker("verify", "-l", place.base, path.parent.name)

    assert (done.returncode, "do not follow from the workflow" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    "words", [["verify"], ["verify", "a", "b"], ["verify", "-x", "a"], ["verify", "nothing"], ["runs", "a"]]
)
def test_wrong_words_are_misuse(tmp_path, words):
    done = tasker(*words, "-l", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")


# -- tasker runs


@pytest.mark.parametrize("columns", [80, 60, 40, 20])
@pytest.mark.parametrize("file", [f"/srv/{'a/folder/' * 9}deploy.txt", "配置" * 40, "a"])
def test_no_line_of_the_list_is_wider_than_the_terminal(columns, file):
    from tasker.modules import runs

    row = (
        "20261128_210151_bd3594",
        "2026-11-28 21:01",
        "interrupted (130)",
        "task 1000",
        "root (0)",
        "RELEASE_7",
        file,
    )
    lines = list(runs._table([row, (*row[:5], "", "adhoc: uptime")], columns))

    assert len(lines) == 3
    assert all(map(fits(columns), lines)), lines
    assert columns < 60 or "interrupted (130)" in lines[1]
    assert columns < 60 or "a" == file or (lines[1][-10:] if "/" in file else lines[1][-1]) in ("deploy.txt", "…")


def fits(columns):
    def width(line):
        return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) <= columns

    return width


def test_a_list_that_goes_to_a_file_has_everything_and_one_on_a_wide_terminal_no_empty_column():
    from tasker.modules import runs

    row = ("20261128_210151_bd3594", "2026-11-28 21:01", "finished (0)", "task 1", "root (0)", "", "/srv/" + "a" * 200)

    assert row[-1] in list(runs._table([row]))[1] and "PROJECT" in list(runs._table([row]))[0]
    assert row[-1] in list(runs._table([row], 400))[1] and "PROJECT" not in list(runs._table([row], 400))[0]


def test_the_list_knows_the_terminal(place):
    place.really(local("true"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    process = place.start("runs", "-l", place.base, stdout=theirs)
    os.close(theirs)
    process.wait(10)
    lines = os.read(ours, 65536).decode().splitlines()

    assert [len(line) <= 50 for line in lines] == [True, True]
    assert "finished (0)" in lines[1] and lines[1].endswith("/t.txt")


def test_runs_says_what_became_of_each(place):
    place.really("task=0\nexec=local\ncommand=echo hello\n", "-p", "P")
    place.really("task=0\nexec=local\ncommand=false\nnext=success\n")
    process = place.begin("task=7\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n")
    while not (place.folder / "begun").exists():
        time.sleep(0.01)
    now = tasker("runs", "-l", place.base).stdout.splitlines()
    process.kill()
    process.communicate()
    later = json.loads(tasker("runs", "--json", "-l", place.base).stdout)["runs"]

    states = sorted(line.split()[3] for line in now[1:])
    assert now[0].split() == ["RUN", "WHEN", "STATE", "LAST", "USER", "PROJECT", "FILE"]
    user = pwd.getpwuid(os.getuid()).pw_name
    assert all(f" {user} ({os.getuid()}) " in line for line in now[1:])
    assert {one["login"] for one in later} == {user}
    assert states == ["finished", "finished", "running"]
    assert sorted((one["state"], one.get("code")) for one in later if "code" in one) == [
        ("finished", 0),
        ("finished", 10),
    ]
    assert [one["task"] for one in later if one["state"] == "unfinished"] == [7]
    assert [one["project"] for one in later if "project" in one] == ["P"]


def test_prune_removes_what_finished_long_ago_and_nothing_else(folder):
    base = str(folder.parent.parent)
    unfinished = folder.parent / "20260102_030406_abcdef"
    shutil.copytree(folder, unfinished)
    lines = (unfinished / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (unfinished / "journal.jsonl").write_bytes(b"".join(lines[:-1]))

    early = run_list.prune_runs(base, 90)
    removed, kept = run_list.prune_runs(base, 90, now=time.time() + 91 * 86400)

    assert early == ([], [])
    assert [entry.run for entry in removed] == [folder.name]
    assert [entry.run for entry in kept] == [unfinished.name]
    assert os.listdir(folder.parent) == [unfinished.name]


def test_prune_removes_old_logs_and_copies_of_task_files_but_those_of_runs_that_stay(place):
    place.run("-l", place.base, place.file("task=0\nexec=local\ncommand=true\n"))
    place.really("task=0\nexec=local\ncommand=true\n", "-p", "P")
    unfinished = place.begin("task=7\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n")
    eventually((place.folder / "begun").exists)
    unfinished.kill()
    unfinished.communicate()
    (place.base / "logs/notes_20200101_000000.log").write_text("mine")
    (place.base / "tasks/link_20200101_000000.txt").symlink_to(place.folder / "t.txt")
    early = place.run("runs", "-l", place.base, "--prune", "1d")
    for path in [*place.base.glob("logs/*"), *place.base.glob("tasks/*_2*.txt")]:
        os.utime(path, (0, 0), follow_symlinks=False)
    starts = [path.read_bytes().splitlines()[0] for path in place.base.glob("runs/*/journal.jsonl")]
    needed = [os.path.basename(json.loads(start)["doc"]["log"]) for start in starts]
    done = place.run("runs", "-l", place.base, "--prune", "1d")

    assert early.stdout.splitlines()[0] == "0 runs removed" and "files removed" not in early.stdout
    left = {path.name for path in [*place.base.glob("logs/*"), *place.base.glob("tasks/*")]}
    assert left == {
        *("project_P_summary.log", "notes_20200101_000000.log", "link_20200101_000000.txt"),
        *needed,
    }
    assert len(needed) == 2 and "7 files removed: logs, validation reports, copies of task files" in done.stdout
    resumed = place.run("--resume", "-l", place.base, "--unknown=skip")
    assert resumed.returncode == 0
    assert "1 command was started before; continuing with the rest" in resumed.stdout


def test_a_run_that_cannot_be_read_is_listed_as_such(folder):
    (folder / "journal.jsonl").write_bytes(b"nonsense\n")

    (entry,) = run_list.list_runs(str(folder.parent.parent))

    assert entry.state == "unreadable"


def test_the_folder_of_the_runs_may_come_from_the_configuration(place):
    (place.folder / "tasker.toml").write_text(f'[defaults]\nlog_dir = "{place.base}"\n')
    place.run("-r", place.file("task=0\nexec=local\ncommand=true\n"))

    assert place.run("runs").stdout.splitlines()[1].endswith("t.txt")
