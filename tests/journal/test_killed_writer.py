"""Readers of a journal whose writer was killed, or whose disk was full; and which run is the newest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from whole_program import PROGRAM

from tasker.journal import reader, run_folder, run_list
from tasker.journal.format import Damaged, Unreadable
from tasker.journal.writer import Journal
from tasker.protocol.document import Problem
from tasker.system.clock import CLOCK, Clock

START: dict[str, Any] = {"file": "/t.txt", "settings": {"project": "P"}, "workflow": {"tasks": []}}
INTENT: dict[str, Any] = {"request": {"id": "7.1", "task": 7}}
EXIT = {"code": 130, "reason": "interrupted by SIGINT"}
FINISHED = {"code": 0, "reason": "reached the end"}


def result(size: int = 0) -> dict[str, Any]:
    return {"kind": "result", "id": "7.1", "outcome": "ok", "exit_code": 0, "stdout": "x" * size}


class Stopped(Clock):
    """A clock that stands still."""

    def __init__(self, at: float) -> None:
        self.at = at

    def wall(self) -> float:  # type: ignore[override]  # static there
        return self.at


def made(
    base: Path, run: str, *records: tuple[str, dict[str, Any]], at: float | None = None, closed: bool | None = None
) -> Path:
    """The folder of a run with these records after its start. closed: if it has its last record, is it finished?"""
    folder = base / "runs" / run
    (folder / "output").mkdir(parents=True)
    folder.chmod(0o700)
    journal = Journal(str(folder), CLOCK if at is None else Stopped(at))
    for what, doc in (("start", START), *records):
        journal.add(what, doc)
    journal.sync()
    if closed is not None:
        journal.close(closed)
    os.close(journal._file)
    return folder


def tasker(*words: object) -> subprocess.CompletedProcess[str]:
    argv = [*map(str, (*PROGRAM, *words))]
    return subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def state_of(base: Path) -> str:
    (entry,) = run_list.list_runs(str(base))
    return str(entry.state)


# -- a writer that was killed


@pytest.mark.parametrize("stage", ["explain", "report", "verify"])
@pytest.mark.parametrize("size", [0, 1, 40, 100])
def test_a_run_of_which_nothing_was_recorded_is_explained_in_one_line(tmp_path: Path, stage: str, size: int) -> None:
    path = made(tmp_path, "20260102_030405_abcdef") / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:size])
    done = tasker(stage, "-l", tmp_path, "last")

    assert (done.returncode, (done.stdout + done.stderr).count("\n")) == (0 if stage == "verify" else 2, 1), done.stderr
    assert "nothing was recorded" in done.stdout + done.stderr


@pytest.mark.parametrize("size", [0, 40])
def test_a_run_of_which_nothing_was_recorded_is_listed_as_empty(tmp_path: Path, size: int) -> None:
    path = made(tmp_path, "20260102_030405_abcdef") / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:size])

    assert state_of(tmp_path) == "empty"


@pytest.mark.parametrize("cut", [260 * 1024, 500 * 1024, 2 * 1024 * 1024])
def test_a_long_record_that_a_full_disk_cut_off_leaves_the_list_whole(tmp_path: Path, cut: int) -> None:
    made(tmp_path, "20260102_030405_aaaaaa", ("exit", FINISHED), closed=True)
    path = made(tmp_path, "20260102_030405_bbbbbb", ("intent", INTENT), ("result", result(3 << 20))) / "journal.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b'{"seq":2,') + cut])
    done = tasker("runs", "-l", tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[3:5] for line in done.stdout.splitlines()[1:]] == [["finished", "(0)"], ["unfinished", "task"]]


def test_a_signal_long_before_the_end_keeps_a_run_from_being_pruned(tmp_path: Path) -> None:
    """It is interrupted, whatever the last 256 KiB of its journal say."""
    many = [("result", result(40_000)) for _ in range(10)]
    made(tmp_path, "20260102_030405_abcdef", ("signal", {"signal": "SIGINT"}), *many, ("exit", EXIT), closed=False)

    assert state_of(tmp_path) == "interrupted"
    removed, kept = run_list.prune_runs(str(tmp_path), 1, now=time.time() + 9 * 86_400)
    assert ([entry.run for entry in removed], len(kept)) == ([], 1)


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "nonsense", "flipped"])
def test_a_journal_that_is_none_is_listed_and_does_not_hang(tmp_path: Path, kind: str) -> None:
    folder = made(tmp_path, "20260102_030405_abcdef", ("intent", INTENT))
    path = folder / "journal.jsonl"
    data = path.read_bytes()
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        (folder / "other").write_bytes(data)
        path.symlink_to("other")
    else:
        path.write_bytes(b"nonsense\n" if kind == "nonsense" else data.replace(b'"task":7', b'"task":8'))
    done = tasker("runs", "-l", tmp_path, "--json")
    (entry,) = json.loads(done.stdout)["runs"]

    assert (done.returncode, entry["state"], bool(entry["reason"])) == (0, "unreadable", True)


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_a_recording_that_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    from tasker.journal.recording import RecordingReader

    path = tmp_path / "recording"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        (path / "journal.jsonl").mkdir(parents=True)

    with pytest.raises(Problem, match="cannot read"):
        RecordingReader(str(path))


def test_a_changed_journal_is_not_played_back(tmp_path: Path) -> None:
    from tasker.journal.recording import RecordingReader

    folder = made(tmp_path, "20260102_030405_abcdef", ("intent", {"exec": "local", **INTENT}), ("result", result(3)))
    path = folder / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"xxx", b"xyx"))

    with pytest.raises(Problem, match="line 3"):
        RecordingReader(str(folder))


# -- which is the newest


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("20260102_030405_ffffff", "20260102_030405_000000"),  # within a second
        ("20261025_025959_aaaaaa", "20261025_020100_aaaaaa"),  # the clock of the people was set back
        ("20260102_2", "20260102_10"),
        ("b", "a"),
    ],
)
def test_the_newest_run_is_the_one_that_began_last(tmp_path: Path, older: str, newer: str) -> None:
    first = made(tmp_path, older, ("intent", INTENT), at=1_700_000_000.25)
    last = made(tmp_path, newer, ("intent", INTENT), at=1_700_000_000.251)

    assert run_folder.list_run_ids(str(tmp_path)) == [older, newer]
    assert [entry.run for entry in run_list.list_runs(str(tmp_path))] == [older, newer]
    assert run_folder.run_folder_of(str(tmp_path), "last") == str(last)
    assert run_folder.run_folder_of(str(tmp_path), older) == str(first)


def test_a_resume_takes_the_newest_by_time(tmp_path: Path) -> None:
    made(tmp_path, "20260102_030405_ffffff", ("intent", INTENT), at=1_700_000_000.0)
    last = made(tmp_path, "20260102_030405_000000", ("intent", INTENT), at=1_700_000_000.5)

    assert next(run_list.newest_first(str(tmp_path))).folder == str(last)


def test_a_run_without_a_record_is_as_old_as_its_journal(tmp_path: Path) -> None:
    empty = made(tmp_path, "20260102_000000_aaaaaa")
    (empty / "journal.jsonl").write_bytes(b"")
    os.utime(empty / "journal.jsonl", (1_700_000_000, 1_700_000_000))
    made(tmp_path, "20260101_000000_aaaaaa", at=1_600_000_000.0)
    made(tmp_path, "20260101_000000_bbbbbb", at=1_800_000_000.0)

    assert run_folder.list_run_ids(str(tmp_path))[1] == empty.name
    shutil.rmtree(empty)


def test_zeros_at_the_end_are_what_a_loss_of_power_leaves(tmp_path: Path) -> None:
    """The file was longer, and its bytes were not on the disk. Such a run is listed, and can be resumed."""
    folder = made(tmp_path, "20250101_000000_aaaaaa", ("intent", INTENT))
    path = folder / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(300) + b"\n" + bytes(20))

    history = reader.read_journal(str(folder))

    assert [one["what"] for one in history.records] == ["start", "intent"]
    assert (history.size, history.torn) == (len(whole), 321)
    assert [one["what"] for one in reader.read_ends(str(folder)).last] == ["start", "intent"]


def test_zeros_before_whole_records_are_damage(tmp_path: Path) -> None:
    """What is missing there may have been acted upon."""
    folder = made(tmp_path, "20250101_000000_aaaaaa", ("intent", INTENT), ("result", result()))
    path = folder / "journal.jsonl"
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + bytes(len(second)) + third)
    with pytest.raises(Damaged, match="line 2"):
        reader.read_journal(str(folder))

    path.write_bytes(first + bytes(len(second) - 1) + b"\n" + third)

    with pytest.raises(Damaged, match="line 2"):
        reader.read_journal(str(folder))
    with pytest.raises(Unreadable):
        reader.read_ends(str(folder))
