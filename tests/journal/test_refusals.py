"""What journals, their folders and their outputs refuse, and what they do when a call to the system fails."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tasker.journal import flow_replay, format, reader, run_folder, run_list, stored_streams, writer
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol.document import Problem
from tasker.system.disk import Disk

ID = "20260102_030405_abcdef"
START = {"file": "/t.txt", "settings": {}, "workflow": {"tasks": []}}
TASK = {"task": 0, "command": "a"}
REQUEST = {"id": "0.1", "task": 0, "words": ["a"], "timeout": 30}
RESULT = {"tasker": 1, "kind": "result", "ok": True, "id": "0.1", "outcome": "ok", "exit_code": 0, "seconds": 0.0}
RESULT |= {"stdout": "", "stderr": ""}
Records = list[tuple[str, dict[str, Any]]]


def made(base: Path, records: Records, run: str = ID, at: float = 1_000_000_000.0) -> Path:
    """The folder of a run with these records."""
    folder = base / "runs" / run
    (folder / "output").mkdir(parents=True)
    before, lines = "", []
    for seq, (what, doc) in enumerate(records):
        line, before = format.chained_line({"seq": seq, "at": at, "up": 1.0, "what": what, "doc": doc}, before)
        lines.append(line)
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    return folder


def failing(number: int) -> Any:
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/some/path")

    return call


# -- lines and records


def test_a_run_without_a_record_says_so(tmp_path: Path) -> None:
    history = reader.read_journal(str(made(tmp_path, [])))

    with pytest.raises(format.NothingRecorded, match="the run ended before it began"):
        history.require_records()
    assert (history.sessions(), history.exit(), history.closed(), history.finished()) == ([], None, False, False)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"nonsense",
        b'{"seq":0}',
        b"[" * 100_000,
        b'{"seq":"0","at":1.0,"up":1.0,"what":"start","doc":{},"before":""',
        b'{"seq":0,"at":true,"up":1.0,"what":"start","doc":{},"before":""',
        b'{"seq":0,"at":1.0,"up":-1.0,"what":"start","doc":{},"before":""',
        b'{"seq":0,"at":1.0,"up":1.0,"what":5,"doc":{},"before":""',
        b'{"seq":0,"at":1.0,"up":1.0,"what":"start","doc":[],"before":""',
        b'{"seq":0,"at":1.0,"up":1.0,"what":"start","doc":{},"before":null',
    ],
)
def test_a_line_with_the_right_hash_that_is_no_record(body: bytes) -> None:
    from hashlib import sha256

    with pytest.raises(format.NotARecord, match="it is not a record"):
        format.record_in_line(body + b',"hash":"' + sha256(body).hexdigest().encode() + b'"}\n')


def test_a_second_start_is_damage(tmp_path: Path) -> None:
    folder = made(tmp_path, [("start", START), ("start", START)])

    with pytest.raises(format.Damaged, match="damaged in line 2: a run begins with 'start', once"):
        reader.read_journal(str(folder))


def test_a_journal_that_begins_with_something_else_has_no_ends(tmp_path: Path) -> None:
    folder = made(tmp_path, [("exit", {"code": 0, "reason": ""})])

    with pytest.raises(format.Unreadable, match="a run begins with 'start', once"):
        reader.read_ends(str(folder))
    (folder / "journal.jsonl").unlink()
    with pytest.raises(format.Unreadable, match="cannot read .* No such file"):
        reader.read_ends(str(folder))


def test_a_record_that_is_longer_than_what_is_read_at_first(tmp_path: Path) -> None:
    long = {**RESULT, "stdout": "x" * 300_000}
    folder = made(tmp_path, [("start", START), ("intent", {"request": REQUEST}), ("result", long)])

    ends = reader.read_ends(str(folder))

    assert ends.first is not None
    assert ends.first["what"] == "start"
    assert [record["what"] for record in ends.last] == ["start", "intent", "result"]


def test_what_no_session_has_is_a_key_error(tmp_path: Path) -> None:
    history = reader.read_journal(str(made(tmp_path, [("start", START), ("resume", {"folder": "/here"})])))

    assert history.newest("folder") == "/here"
    assert history.newest("file") == "/t.txt"
    with pytest.raises(KeyError):
        history.newest("log")


# -- folders of runs


def test_an_id_that_is_taken_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [b"\0\0\1", b"\0\0\2", b"\0\0\3"]
    monkeypatch.setattr(time, "strftime", lambda form: "20260102_030405")
    monkeypatch.setattr(os, "urandom", lambda count: drawn[0])
    first, _ = run_folder.new_run(str(tmp_path))
    monkeypatch.setattr(os, "urandom", lambda count: drawn.pop(0))

    second, folder = run_folder.new_run(str(tmp_path))

    assert (first, second) == ("20260102_030405_000001", "20260102_030405_000002")
    assert os.listdir(folder) == ["output"]
    assert os.stat(folder).st_mode & 0o777 == 0o700


def test_runs_that_cannot_be_listed_are_an_error_and_none_are_none(tmp_path: Path) -> None:
    assert run_folder.list_run_ids(str(tmp_path)) == []
    (tmp_path / "runs").write_text("")

    with pytest.raises(format.Unreadable, match="cannot list .*: Not a directory"):
        run_folder.list_run_ids(str(tmp_path))


def test_without_descriptors_the_newest_run_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, [("start", START)])
    for number in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        monkeypatch.setattr(run_folder, "open_journal", failing(number))
        with pytest.raises(format.Unreadable, match="cannot read"):
            run_folder.list_run_ids(str(tmp_path))


def test_a_run_that_cannot_be_read_is_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, [("start", START)], "1_old", at=100.0)
    made(tmp_path, [("start", START)], "2_new", at=200.0)
    (made(tmp_path, [], "3_link") / "journal.jsonl").unlink()
    (tmp_path / "runs/3_link/journal.jsonl").symlink_to(tmp_path / "runs/2_new/journal.jsonl")

    assert run_folder.list_run_ids(str(tmp_path)) == ["3_link", "1_old", "2_new"]
    monkeypatch.setattr(os, "pread", failing(errno.EIO))
    assert run_folder.list_run_ids(str(tmp_path)) == ["1_old", "2_new", "3_link"]


def test_a_folder_that_is_a_link_is_not_private(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(made(tmp_path, []))

    with pytest.raises(PermissionError, match="its folder is a symbolic link"):
        run_folder.require_private(str(tmp_path / "link"))


def test_a_run_without_a_journal_does_not_run(tmp_path: Path) -> None:
    assert not run_folder.is_running(str(tmp_path))


# -- the list of runs


def test_an_entry_has_what_the_journal_has(tmp_path: Path) -> None:
    made(tmp_path, [], "1_empty")
    made(tmp_path, [("start", START)], "2_begun", at=100.0)
    made(tmp_path, [("start", {**START, "user": 4_000_000, "host": "h"})], "3_other", at=200.0)

    entries = [entry.document() for entry in run_list.newest_first(str(tmp_path))]

    common = {"state": "unfinished", "file": "/t.txt"}
    assert {one["run"]: one for one in entries} == {
        "1_empty": {"run": "1_empty", "state": "empty"},
        "2_begun": {"run": "2_begun", "began": 100.0, "ended": 100.0, **common},
        "3_other": {"run": "3_other", "began": 200.0, "ended": 200.0, "host": "h", "user": 4_000_000, **common},
    }


def test_prune_leaves_what_is_driven_and_says_what_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: Records = [("start", START), ("exit", {"code": 0, "reason": "reached the end"}), ("closed", {})]
    folder = made(tmp_path, ended, at=100.0)
    base, entry = str(tmp_path), None

    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "open_journal", failing(errno.EACCES))
        entry = run_list.RunEntry.__new__(run_list.RunEntry)
        entry.folder, entry.state = str(folder), "finished"
        assert not run_list._remove(entry)
        assert entry.state == "finished, and cannot be removed: Permission denied"
    with monkeypatch.context() as patch:
        patch.setattr(run_list.shutil, "rmtree", failing(errno.EROFS))
        removed, (kept,) = run_list.prune_runs(base, 1)
        assert (removed, kept.state) == (
            [],
            "finished, and cannot be removed: Read-only file system: '/some/path'",
        )
    with monkeypatch.context() as patch:
        patch.setattr(run_list, "lock_journal", lambda descriptor: False)
        removed, (kept,) = run_list.prune_runs(base, 1)
        assert (removed, kept.state) == ([], "running")
    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "is_running", lambda folder: True)
        assert run_list.prune_runs(base, 1) == ([], [])
    assert folder.exists()
    assert [one.run for one in run_list.prune_runs(base, 1)[0]] == [ID]
    assert not folder.exists()


def test_prune_leaves_folders_of_logs_that_are_links(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    log = elsewhere / "tasker_20200101_000000.log"
    log.write_text("")
    os.utime(log, (0, 0))
    (tmp_path / "logs").symlink_to(elsewhere)

    assert run_list.prune_files(str(tmp_path), 1) == []
    assert log.exists()
    (tmp_path / "logs").unlink()
    elsewhere.rename(tmp_path / "logs")
    assert run_list.prune_files(str(tmp_path), 1) == [str(tmp_path / "logs/tasker_20200101_000000.log")]


@pytest.mark.parametrize(("hours", "goes"), [(47, False), (49, True)])
def test_prune_counts_days_from_the_end(tmp_path: Path, hours: int, goes: bool) -> None:
    ended: Records = [("start", START), ("exit", {"code": 0, "reason": "reached the end"}), ("closed", {})]
    made(tmp_path, ended, at=1_000_000.0)
    (tmp_path / "tasks").mkdir()
    file = tmp_path / "tasks/t_20200101_000000_7.txt"
    file.write_text("")
    os.utime(file, (1_000_000, 1_000_000))
    now = 1_000_000.0 + hours * 3600

    assert len(run_list.prune_runs(str(tmp_path), 2, now)[0]) == goes
    assert len(run_list.prune_files(str(tmp_path), 2, now)) == goes


# -- outputs


@pytest.mark.parametrize("name", ["../x", ".", "..", "", 5, None, "x/y", "missing"])
def test_a_file_that_a_runner_may_not_name_has_no_hash(tmp_path: Path, name: object) -> None:
    made(tmp_path, [])
    doc = {**RESULT, "stdout_file": name, "stdout_sha256": "a lie"}

    kept, error = stored_streams.with_stream_hashes(str(tmp_path / "runs" / ID), doc)

    assert error is None
    assert "stdout_sha256" not in kept


def test_a_disk_that_fails_is_not_the_fault_of_a_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path, [("start", START)])
    (folder / "output/x").write_text("x")
    doc = {**RESULT, "stdout_file": "x"}
    journal = writer.Journal.resumed(
        str(folder / "journal.jsonl"), os.open(folder / "journal.jsonl", os.O_WRONLY | os.O_APPEND), 1, ""
    )

    with monkeypatch.context() as patch:
        patch.setattr(stored_streams, "_opened", failing(errno.EMFILE))
        _, error = stored_streams.with_stream_hashes(str(folder), doc)
        assert error is not None
        assert error.errno == errno.EMFILE
    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", failing(errno.EIO))
        _, error = stored_streams.with_stream_hashes(str(folder), doc)
        assert error is not None
        assert (error.errno, error.filename) == (errno.EIO, str(folder / "output/x"))
        journal.add("result", doc)
        journal.add("result", {**doc, "stdout_file": "missing"})
        with pytest.raises(OSError, match=r"output/x") as raised:
            journal.sync()
        assert raised.value.errno == errno.EIO
    assert (folder / "journal.jsonl").read_bytes().count(b"\n") == 3  # the results are kept all the same
    journal.sync()


def test_a_stored_output_that_is_gone_or_changed(tmp_path: Path) -> None:
    folder = str(made(tmp_path, []))
    doc = {**RESULT, "stdout_file": "x", "stdout_bytes": 2}
    del doc["stdout"]

    with pytest.raises(format.Unreadable, match=r"cannot read '.*/output/x': No such file"):
        stored_streams.with_stored_streams(folder, doc)
    assert [why for _, _, why in stored_streams.changed_streams(folder, doc)] == [
        "cannot be read: no such file or directory"
    ]
    Path(folder, "output/x").write_text("xyz")
    with pytest.raises(stored_streams.ChangedOutput, match="was changed: it has 3 bytes, and had 2"):
        stored_streams.with_stored_streams(folder, doc)
    assert [why for _, _, why in stored_streams.changed_streams(folder, doc)] == [
        "was changed: it has 3 bytes, and had 2"
    ]
    Path(folder, "output/x").write_bytes(b"\xffy")
    assert stored_streams.with_stored_streams(folder, doc)["stdout"] == "\\xffy"
    assert stored_streams.changed_streams(folder, doc) == []
    assert "stdout" not in stored_streams.with_stored_streams(folder, doc, ("stderr",))
    for kept in ({"stdout": "kept", "stdout_file": "missing"}, {}):
        assert stored_streams.with_stored_streams(folder, kept) == kept


def test_a_long_file_has_the_same_hash_as_a_short_one(tmp_path: Path) -> None:
    from hashlib import sha256

    path = tmp_path / "output/x"
    path.parent.mkdir()
    for size in (0, 1, 262_144, 262_145, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1):
        data = os.urandom(size)
        path.write_bytes(data)
        kept, _ = stored_streams.with_stream_hashes(str(tmp_path), {"stdout_file": "x"})
        assert kept["stdout_sha256"] == sha256(data).hexdigest()


# -- the writer


def test_a_journal_that_another_process_has_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "lock_journal", lambda *_, **__: False)

    with pytest.raises(BlockingIOError, match="another process has locked it"):
        writer.Journal(str(made(tmp_path, []).parent))


def test_a_lock_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    class Locked(Disk):
        def lock(self, descriptor: int, how: int) -> None:
            raise BlockingIOError

    class Stepping:
        def __init__(self) -> None:
            self.now = 5.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Stepping()
    assert not writer.lock_journal(0, 1.0, clock, Locked())  # type: ignore[arg-type]
    assert 6.0 <= clock.now < 6.02


def test_after_a_failed_write_nothing_is_written(tmp_path: Path) -> None:
    class Full(Disk):
        fails = False

        def write(self, descriptor: int, data: bytes, path: str) -> None:
            if self.fails:
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write(descriptor, data, path)

    disk = Full()
    folder = tmp_path / "runs/1"
    folder.mkdir(parents=True)
    journal = writer.Journal(str(folder), disk=disk)
    journal.add("start", START)
    disk.fails = True
    with pytest.raises(OSError, match="No space left on device: '.*/journal.jsonl'"):
        journal.sync()
    disk.fails = False
    journal.add("intent", {"request": REQUEST})
    for call in (journal.write, lambda: (journal.add("x", {}), journal.sync())):
        with pytest.raises(OSError, match="it could not be written before"):
            call()
    assert (folder / "journal.jsonl").read_bytes() == b""


# -- replay in flow


def replayed(base: Path, workflow: dict[str, Any], records: Records, **keys: Any) -> flow_replay.FlowReplay:
    history = reader.read_journal(str(made(base, [("start", {**START, "workflow": workflow}), *records])))
    ask = flow_replay.replay_in_process(workflow)  # type: ignore[arg-type]
    return flow_replay.FlowReplay(ask, flow_replay.RecordedEvents(history, **keys)).go({"kind": "workflow"})


def test_a_workflow_without_settings_is_replayed(tmp_path: Path) -> None:
    replay = replayed(tmp_path, {"tasks": [TASK], "variables": {}}, [])

    assert list(replay.requests) == ["0.1"]
    assert (replay.tasks, replay.last) == ({0}, {"task": 0})


def test_a_journal_with_an_event_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(format.Unreadable, match="its journal is not as TASKER writes it"):
        replayed(tmp_path, {"tasks": [TASK]}, [("pace", {"pace": {"tasks": {"77": {}}}})])


def test_a_request_that_would_be_another_now_is_a_disagreement(tmp_path: Path) -> None:
    intent = {"request": {**REQUEST, "words": ["b"]}}

    with pytest.raises(flow_replay.Disagreement, match=r"'words' of task 0 was \['b'\] and would now be \['a'\]"):
        replayed(tmp_path, {"tasks": [TASK]}, [("intent", intent)])


def test_a_request_that_flow_does_not_come_to_is_a_disagreement(tmp_path: Path) -> None:
    intent = {"request": {**REQUEST, "id": "7.1", "task": 7}}

    with pytest.raises(flow_replay.Disagreement, match="task 7 was started, and now the flow does not come to it"):
        replayed(tmp_path, {"tasks": [TASK]}, [("intent", intent)])


@pytest.mark.parametrize("signals", [["SIGTERM"], ["SIGINT", "SIGINT"]])
def test_what_was_not_started_because_the_run_ended_is_asked_for_again(tmp_path: Path, signals: list[str]) -> None:
    not_started = {**RESULT, "outcome": "not_started", "exit_code": 126}
    workflow = {"tasks": [TASK], "variables": {}}
    intent = {"request": {"id": "0.1", "task": 0}}
    ended: Records = [("intent", intent), *(("signal", {"signal": name}) for name in signals), ("result", not_started)]

    replay = replayed(tmp_path, workflow, [*ended, ("resume", {"decided": {}})])

    assert list(replay.requests) == ["0.1"]
    assert replay.unknown() == {}


@pytest.mark.parametrize(("signals", "open_"), [(["SIGINT"], []), (["SIGINT", "SIGINT"], ["0.1"])])
def test_a_result_after_one_sigint_counts(tmp_path: Path, signals: list[str], open_: list[str]) -> None:
    not_started = {**RESULT, "outcome": "not_started", "exit_code": 126}
    workflow: dict[str, Any] = {"tasks": [TASK], "variables": {}}
    steps = flow_replay.replay_in_process(workflow)({"kind": "workflow"})["steps"]  # type: ignore[arg-type]
    records: Records = [("intent", {"request": step["request"]}) for step in steps if step["do"] == "run"]
    records += [("signal", {"signal": name}) for name in signals]
    replay = replayed(tmp_path, workflow, [*records, ("result", not_started), ("resume", {})])

    assert list(replay.requests) == open_
    assert (replay.exit is None) is bool(open_)


@pytest.mark.parametrize("workflow", [{}, {"tasks": 5}, {"tasks": [{}]}, {"tasks": [], "rules": 4}])
def test_what_is_no_workflow_is_not_replayed(workflow: dict[str, Any]) -> None:
    with pytest.raises(Problem):
        flow_replay.replay_in_process(workflow)  # type: ignore[arg-type]


def test_what_a_ctrl_c_kept_from_being_sent_in_a_chain_is_asked_for_again_after_finally(tmp_path: Path) -> None:
    """The driver answers it as not started, and flow runs `finally` on that host: the ids after it count on."""
    text = "task=10\ntype=chain\nhosts=a\ntasks=11,12\nfinally=14\n"
    text += "".join(f"\ntask={number}\nexec=ssh\ncommand=x{number}\n" for number in (11, 12, 14))
    workflow = {**parse_workflow(text.encode(), "t.txt"), "settings": {"run": "r"}}
    workflow["tasks"][0]["targets"] = ["a"]
    ask = flow_replay.replay_in_process(workflow)  # type: ignore[arg-type]
    good = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": 0, "stdout": "", "stderr": ""}
    held = {**good, "ok": False, "outcome": "not_started", "exit_code": 126, "reason": "SIGINT came first"}

    def asked(doc: dict[str, Any]) -> list[dict[str, Any]]:
        return [step["request"] for step in ask(doc)["steps"] if step["do"] == "run"]

    def result(request: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "event", "event": "result", "id": request["id"], "result": made}

    (drain,) = asked({"kind": "workflow"})
    (upgrade,) = asked(result(drain, good))
    assert asked({"kind": "event", "event": "signal", "signal": "SIGINT"}) == []
    (enable,) = asked(result(upgrade, held))
    records: Records = [
        ("intent", {"request": drain}),
        ("result", {**good, "id": drain["id"]}),
        ("signal", {"signal": "SIGINT"}),
        ("result", {**held, "id": upgrade["id"]}),
        ("intent", {"request": enable}),
        ("result", {**good, "id": enable["id"]}),
    ]
    replay = replayed(tmp_path, workflow, records)

    (step,) = replay.requests.values()
    assert step["request"] == {**upgrade, "id": step["request"]["id"]}
    assert step["request"]["id"] not in (drain["id"], upgrade["id"], enable["id"])
