"""The parts of the journal by themselves: shapes of documents, the list of runs, recordings, the trace."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tasker.journal import flow_replay, format, reader, recording, run_folder, run_list, trace, writer
from tasker.journal.record_shapes import readable_document
from tasker.protocol.document import Problem
from tasker.system.disk import Disk

ID = "20260102_030405_abcdef"
START = {"file": "/t.txt", "settings": {}, "workflow": {"tasks": []}}
RESULT = {"tasker": 1, "kind": "result", "ok": True, "id": "0.1", "outcome": "ok", "exit_code": 0, "seconds": 0.0}
RESULT |= {"stdout": "", "stderr": ""}
EXIT = ("exit", {"code": 0, "reason": "reached the end"})
Records = list[tuple[str, dict[str, Any]]]


def made(base: Path, records: Records, run: str = ID, at: float = 1000.0) -> Path:
    """The folder of a run with these records, a second apart."""
    folder = base / "runs" / run
    (folder / "output").mkdir(parents=True)
    before, lines = "", []
    for seq, (what, doc) in enumerate(records):
        line, before = format.chained_line({"seq": seq, "at": at + seq, "up": 1.0, "what": what, "doc": doc}, before)
        lines.append(line)
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    return folder


# -- what readers can use

MOST = 2**63
COUNTS = ([0, 1, MOST - 1], [-1, MOST, True, 1.0, "1", None])
TEXTS = (["", "a"], [5, None, ["a"]])
TEXT_LISTS = ([[], ["a"]], [["a", 5], "a", None])
NUMBERS = ([None, 0, 7], [-1, True, "7"])
DURATIONS = ([0, 0.5, MOST], [-0.1, 10**20, True, "5", float("inf"), float("nan")])
OBJECTS = ([{}, {"a": 5}], [[], None, "a"])
REQUEST: dict[str, tuple[list[Any], list[Any]]] = {
    "task": COUNTS,
    "words": TEXT_LISTS,
    "script": TEXTS,
    "environment": ([{}, {"A": "b"}], [{"A": 5}, ["A"], None]),
    "needs": ([[], ["stdout", "stderr"]], [["output"], "stdout", None]),
    "host": TEXTS,
    "hostname": TEXTS,
    "block": NUMBERS,
    "iteration": COUNTS,
    "attempt": COUNTS,
    "attempts": COUNTS,
    "timeout": DURATIONS,
    "marker": TEXTS,
    "output": TEXTS,
    "secrets": TEXT_LISTS,
    "options": OBJECTS,
    "hidden": ([[], [{}]], [[5], {}, None]),
}
SESSION = {"decided": ([{}, {"0.1": "skip"}], [{"0.1": 5}, [], None]), "workflow": ([{"tasks": []}], [[5], "a"])}
SESSION |= {"settings": OBJECTS} | dict.fromkeys(("file", "folder", "log", "started", "version"), TEXTS)
WORKFLOW = {
    "tasks": ([[], [{"task": 7}]], [[{"task": -1}], [{}], [5], {}, None]),
    "variables": ([{}, {"A": {"value": "b"}}], [{"A": {"value": 5}}, {"A": "b"}, {"A": {}}, []]),
    "settings": OBJECTS,
    "rules": ([1, 2, 3], [0, 4, True, "1", None]),
    **dict.fromkeys(("file", "sha256", "text"), TEXTS),
}
ABOUTS = ([{}, {"local": {}}, {"local": {"argv": ["a"], "words": "argv"}}],)
ABOUTS += ([{"local": {"argv": "a"}}, {"local": {"words": 5}}, {"local": []}, [], {"local": {"argv": [5]}}],)
SETTINGS = {"exec": TEXTS, "run": TEXTS, "on_error": TEXTS, "timeout": DURATIONS, "start_from": NUMBERS}
SETTINGS |= {"runners": ABOUTS}
TASK = {
    "line": COUNTS,
    "at": ([{}, {"next": [3, 11]}], [{"next": [3]}, {"next": [3, -1]}, {"next": (3, 11)}, {"next": 3}, []]),
    "title": TEXTS,
    "targets": TEXT_LISTS,
    "resolved": (
        [{}, {"a": {"canonical": "b", "address": "c"}}],
        [{"a": {"canonical": "b"}}, {"a": {"canonical": "b", "address": 5}}, {"a": []}, []],
    ),
}
FORMS = {
    "intent": ({"exec": TEXTS, "runner": TEXTS, "sha256": TEXTS}, lambda doc: {"request": {}, **doc}),
    "intent ": (REQUEST, lambda doc: {"request": doc}),
    "start": (SESSION, lambda doc: doc),
    "resume": (SESSION, lambda doc: doc),
    "start ": (WORKFLOW, lambda doc: {"workflow": {"tasks": [], **doc}}),
    "start  ": (SETTINGS, lambda doc: {"workflow": {"tasks": [], "settings": doc}}),
    "start   ": (TASK, lambda doc: {"workflow": {"tasks": [{"task": 0, **doc}]}}),
    "exit": ({"code": ([0, 255], [-1, 256, True, "0", None]), "task": NUMBERS}, lambda doc: doc),
}


@pytest.mark.parametrize("what", FORMS)
def test_what_readers_can_use_of_a_record(what: str) -> None:
    forms, inside = FORMS[what]
    for key, (good, bad) in forms.items():
        for value in good:
            doc = inside({key: value})
            assert readable_document(what.strip(), doc) is doc
        for value in bad:
            with pytest.raises(ValueError, match=f"^{key}$"):
                readable_document(what.strip(), inside({key: value}))


def test_documents_of_other_kinds_may_have_any_keys() -> None:
    doc = {"code": 999, "task": "x", "request": 5, "workflow": 5}

    for what in ("signal", "skip", "fired", "pace", "closed", "of later versions"):
        assert readable_document(what, doc) is doc


# -- reading


def test_the_size_of_what_is_whole(tmp_path: Path) -> None:
    path = made(tmp_path, [("start", START), EXIT]) / "journal.jsonl"
    data = path.read_bytes()
    whole = reader.read_journal(str(path.parent))
    path.write_bytes(data + b'{"seq":2')
    torn = reader.read_journal(str(path.parent))

    assert (whole.size, whole.torn, torn.size, torn.torn) == (len(data), 0, len(data), 8)
    assert (whole.run, whole.start["file"], whole.closed()) == (ID, "/t.txt", False)


@pytest.mark.parametrize(
    ("session", "exit_", "interrupted", "closed"),
    [
        ([], False, False, False),
        ([EXIT], True, False, False),
        ([EXIT, ("closed", {})], True, False, True),
        ([("signal", {"signal": "SIGINT"}), EXIT], True, True, False),
        ([("broken", {"message": "x"}), EXIT, ("closed", {})], True, True, True),
    ],
)
def test_the_last_session_counts(
    tmp_path: Path, session: Records, exit_: bool, interrupted: bool, closed: bool
) -> None:
    for name, before in (("1", []), ("2", [("signal", {"signal": "SIGTERM"}), EXIT, ("closed", {}), ("resume", {})])):
        history = reader.read_journal(str(made(tmp_path, [("start", START), *before, *session], name)))

        assert (history.exit() is not None, history.interrupted(), history.closed()) == (exit_, interrupted, closed)
        assert history.finished() is (exit_ and not interrupted)
        entry = run_list.RunEntry(str(tmp_path), name)
        state = "unfinished" if not exit_ else "interrupted" if interrupted else "finished"
        assert entry.state == state
        assert entry.resumable is (state != "finished" or not closed)
        assert (entry.code, entry.reason) == ((0, "reached the end") if exit_ else (None, ""))


def test_a_replay_is_not_resumed(tmp_path: Path) -> None:
    made(tmp_path, [("start", {**START, "settings": {"replay": "x"}}), EXIT])

    assert not run_list.RunEntry(str(tmp_path), ID).resumable


def test_what_an_entry_takes_from_the_records(tmp_path: Path) -> None:
    start = {**START, "settings": {"project": "P"}, "user": "me", "host": "h", "log": "/l", "folder": "/f"}
    intents: Records = [("intent", {"request": {"id": f"{task}.1", "task": task}}) for task in (3, 5)]
    made(tmp_path, [("start", start), *intents, ("exit", {"code": 7, "reason": "task 5: return=7"}), ("closed", {})])

    entry = run_list.RunEntry(str(tmp_path), ID)

    assert (entry.log, entry.where) == ("/l", "/f")
    document = {"run": ID, "state": "finished", "file": "/t.txt", "began": 1000.0, "ended": 1004.0, "project": "P"}
    document |= {"task": 5, "code": 7, "reason": "task 5: return=7", "host": "h", "user": "me"}
    assert entry.document() == document


@pytest.mark.parametrize(("seconds", "goes"), [(172_799, False), (172_800, False), (172_801, True)])
def test_prune_counts_days_to_the_second(tmp_path: Path, seconds: int, goes: bool) -> None:
    (tmp_path / "logs").mkdir()
    needed, other = (tmp_path / f"logs/tasker_20200101_00000{number}.log" for number in range(2))
    made(tmp_path, [("start", {**START, "log": str(needed)})], "1", at=500.0)
    made(tmp_path, [("start", START), EXIT, ("closed", {})], "2", at=998.0)
    for path in (needed, other):
        path.write_text("")
        os.utime(path, (1000, 1000))

    removed, kept = run_list.prune_runs(str(tmp_path), 2, 1000.0 + seconds)

    assert [[entry.run for entry in entries] for entries in (removed, kept)] == [["2"] if goes else [], ["1"]]
    assert run_list.prune_files(str(tmp_path), 2, 1000.0 + seconds) == ([str(other)] if goes else [])
    assert needed.exists()


def test_prune_removes_no_folder_and_no_link_with_such_a_name(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks"
    (tasks / "folder_20200101_000000.txt").mkdir(parents=True)
    (tasks / "link_20200101_000000.txt").symlink_to("/etc/passwd")
    os.utime(tasks / "link_20200101_000000.txt", (0, 0), follow_symlinks=False)
    os.utime(tasks / "folder_20200101_000000.txt", (0, 0))

    assert run_list.prune_files(str(tmp_path), 1) == []
    assert len(list(tasks.iterdir())) == 2


def test_a_folder_that_others_may_change_is_not_private_and_one_without_a_journal_is(tmp_path: Path) -> None:
    folder = made(tmp_path, [("start", START)])
    run_folder.require_private(str(folder))
    (folder / "journal.jsonl").unlink()
    run_folder.require_private(str(folder))
    other = made(tmp_path, [("start", START)], "2")
    other.chmod(0o777)
    with pytest.raises(PermissionError, match="another user could change it"):
        run_folder.require_private(str(other))


def test_the_run_that_is_meant(tmp_path: Path) -> None:
    for run, at in (("1_a", 5.0), ("1_ab", 3.0), ("2_c", 4.0)):
        made(tmp_path, [("start", START)], run, at)
    base = str(tmp_path)

    def meant(word: str) -> str:
        return os.path.basename(run_folder.run_folder_of(base, word))

    assert [meant(word) for word in ("1_a", "1_ab", "2", "last")] == ["1_a", "1_ab", "2_c", "1_a"]
    with pytest.raises(format.Unreadable, match="can mean 2 runs, from 1_a to 1_ab"):
        meant("1")
    for word in ("3", ""):
        with pytest.raises(format.Unreadable):
            meant(word)


# -- writing


class Counting(Disk):
    def __init__(self) -> None:
        self.syncs = self.writes = 0

    def write(self, descriptor: int, data: bytes, path: str) -> None:
        self.writes += 1
        super().write(descriptor, data, path)

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        super().sync(descriptor)


class Precise:
    """A clock with more digits than a journal keeps."""

    def monotonic(self) -> float:
        return 5.0

    def wall(self) -> float:
        return 1000.12345

    def since_boot(self) -> float:
        return 7.65432


def test_what_was_written_is_synced_once_and_times_have_three_digits(tmp_path: Path) -> None:
    folder, disk = tmp_path / "runs/1", Counting()
    folder.mkdir(parents=True)
    journal = writer.Journal(str(folder), Precise(), disk)  # type: ignore[arg-type]
    journal.sync()
    journal.write()
    assert (disk.writes, disk.syncs) == (0, 0)
    journal.add("start", START)
    journal.write()
    assert (disk.writes, disk.syncs) == (1, 0)
    for _ in range(2):
        journal.sync()
        assert disk.syncs == 1
    journal.add("closed", {})
    journal.sync()
    assert disk.syncs == 2

    records = reader.read_journal(str(folder)).records
    assert [(one["seq"], one["at"], one["up"]) for one in records] == [(0, 1000.123, 7.654), (1, 1000.123, 7.654)]
    assert os.stat(folder / "journal.jsonl").st_mode & 0o777 == 0o600


# -- recordings

REQUESTED = {"id": "0.1", "task": 0, "words": ["a"]}


@pytest.mark.parametrize("mask", [0, 0o777])
def test_a_recording_is_private_and_holds_what_was_asked_and_answered(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "record.jsonl"
    before = os.umask(mask)
    try:
        made_here = recording.RecordingWriter(str(path), file="/t.txt", sha256="0", run="r", runners={"local": {}})
    finally:
        os.umask(before)
    private = {"marker": "m", "output": "o", "options": {}, "secrets": [], "follow": True}
    made_here.add({**REQUESTED, **private}, {**RESULT, "stdout_file": "x"})
    made_here.add({**REQUESTED, "id": "1.2"}, {**RESULT, "stdout": "2"})
    assert made_here.count == 2
    assert os.stat(path).st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        recording.RecordingWriter(str(path))

    header, first, second = map(json.loads, path.read_text().splitlines())
    common = {"tasker": 1, "kind": "record", "ok": True}
    assert header == {**common, "file": "/t.txt", "sha256": "0", "run": "r", "runners": {"local": {}}}
    assert first == {**common, "request": REQUESTED, "result": {**RESULT, "stdout_file": "x"}}
    assert second["ok"] is True

    with path.open("a") as file:
        file.write('{"cut off')
    read = recording.RecordingReader(str(path))
    assert read.header == {"file": "/t.txt", "sha256": "0", "run": "r", "runners": {"local": {}}}
    assert [pair.request["id"] for pair in read.pairs] == ["0.1", "1.2"]
    assert [read.result(pair) for pair in read.pairs] == [RESULT, {**RESULT, "stdout": "2"}]
    assert read.mark() == {"replay": {"record": str(path), "sha256": read.sha256}}


HEADER = '{"tasker":1,"kind":"record","ok":true,"file":"/t.txt","runners":{}}\n'
PAIR = {"tasker": 1, "kind": "record", "ok": True, "request": REQUESTED, "result": RESULT}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: it is empty"),
        ('{"tasker":1,"kind":"event","ok":true}\n', "line 1: an? event instead of a record"),
        (HEADER.replace('"/t.txt"', "5"), "line 1: not a recording of a run"),
        (HEADER.replace("{}", "[]"), "line 1: not a recording of a run"),
        (HEADER + json.dumps({**PAIR, "request": 5}) + "\n", "line 2: not a request with its result"),
        (HEADER + json.dumps({**PAIR, "result": {**RESULT, "kind": "x"}}) + "\n", "line 2: not a request"),
        (HEADER + json.dumps({**PAIR, "result": 5}) + "\n", "line 2: not a request"),
        (HEADER + "nonsense\n", "line 2: "),
        (HEADER + json.dumps({**PAIR, "x": "y" * 1000}) + "\n", "line 2: larger than 600 bytes"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text(text)
    monkeypatch.setattr(recording, "LARGEST", 600)

    with pytest.raises(Problem, match=why):
        recording.RecordingReader(str(path))


def test_a_recording_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot read record .*: no such file or directory"):
        recording.RecordingReader(str(tmp_path / "missing"))


def journal_of_two(base: Path) -> Path:
    """A run in which two commands ran, one of them with a result that came twice."""
    records: Records = [("start", {**START, "sha256": "0"})]
    records += [("intent", {"exec": "local", "request": {**REQUESTED, "marker": "m"}})]
    records += [("intent", {"exec": "shell", "request": {"id": "1.2", "task": 1, "script": "b"}})]
    records += [("result", {**RESULT, "id": "1.2", "stdout": "2"}), ("result", RESULT), ("result", RESULT), EXIT]
    return made(base, records)


def test_a_journal_is_a_recording(tmp_path: Path) -> None:
    folder = journal_of_two(tmp_path)
    for path in (folder, folder / "journal.jsonl"):
        read = recording.RecordingReader(str(path))

        runners = {"local": {}, "shell": {"words": "script"}}
        hosts = {"sources": [], "lists": {}, "clusters": {}, "targets": {}}
        assert read.header == {"file": "/t.txt", "sha256": "0", "run": ID, "runners": runners, "hosts": hosts}
        assert [pair.request for pair in read.pairs] == [{"id": "1.2", "task": 1, "script": "b"}, REQUESTED]
        assert [read.result(pair)["stdout"] for pair in read.pairs] == ["2", ""]
    data = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(data[:-5])
    assert len(recording.RecordingReader(str(folder)).pairs) == 2
    (folder / "journal.jsonl").write_bytes(data.replace(b'"stdout":"2"', b'"stdout":"3"'))
    with pytest.raises(Problem, match="cannot read record: the journal .* is damaged in line 4"):
        recording.RecordingReader(str(folder))


def test_a_result_in_a_journal_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    bad = {key: value for key, value in RESULT.items() if key != "kind"}
    folder = made(tmp_path, [("start", START), ("intent", {"request": REQUESTED}), ("result", bad)])

    with pytest.raises(Problem, match="line 3: not a request with its result"):
        recording.RecordingReader(str(folder))


def test_a_result_that_was_changed_after_it_was_found_is_refused(tmp_path: Path) -> None:
    folder = journal_of_two(tmp_path)
    read = recording.RecordingReader(str(folder))
    path = folder / "journal.jsonl"
    data = path.read_bytes().replace(b'"stdout":"2"', b'"stdout":"3"')
    with path.open("r+b") as file:
        file.write(data)

    with pytest.raises(Problem, match="cannot read record '.*': its hash does not match"):
        read.result(read.pairs[0])


# -- the trace


def event(**keys: Any) -> trace.TraceEvent:
    given = {"at": 1.0, "what": "start", "task": 1, "block": None, "host": None, "text": "", "facts": {}, **keys}
    return trace.TraceEvent(**given)


@pytest.mark.parametrize(
    ("keys", "arrives"),
    [
        ({}, True),
        ({"facts": {"attempt": 1, "iteration": 1}}, True),
        ({"facts": {"attempt": 2}}, False),
        ({"facts": {"iteration": 2}}, False),
        ({"block": 5}, False),
        ({"block": 0}, False),
        ({"host": "web1"}, False),
    ],
)
def test_when_the_flow_comes_to_a_task(keys: dict[str, Any], arrives: bool) -> None:
    assert event(**keys).is_arrival() is arrives


def traced(base: Path) -> trace.Trace:
    """Task 0 fails, the operator skips 5, 6 is skipped by its condition, and a signal comes while 7 runs."""
    tasks = [
        {"task": 0, "command": "a", "next": "exit_0", "on_failure": "5", "at": {"next": [4, 6]}},
        {"task": 5, "command": "b"},
        {"task": 6, "command": "c", "condition": "false", "at": {"condition": [9, 1]}},
        {"task": 7, "command": "d"},
    ]
    workflow = {"tasks": tasks, "variables": {}, "settings": {"exec": "local"}, "rules": 2}

    ask = flow_replay.replay_in_process(workflow)  # type: ignore[arg-type]
    records: Records = [("start", {**START, "workflow": workflow, "user": 0, "host": "h"})]

    def go(doc: dict[str, Any]) -> None:
        """Give flow a document, and record the requests that it sends."""
        records.extend(("intent", {"request": step["request"]}) for step in ask(doc)["steps"] if step["do"] == "run")

    def ended(identity: str, code: int) -> None:
        result = {**RESULT, "id": identity, "exit_code": code, "outcome": "failed" if code else "ok"}
        records.append(("result", result))
        go({"kind": "event", "event": "result", "id": identity, "result": result})

    go({"kind": "workflow"})
    ended("0.1", 3)
    records.append(("resume", {"user": 0, "host": "h", "decided": {"5.2": "skip"}}))
    records.append(("skip", {"id": "5.2"}))
    go({"kind": "event", "event": "skip", "id": "5.2"})
    records.append(("signal", {"signal": "SIGINT"}))
    go({"kind": "event", "event": "signal", "signal": "SIGINT"})
    ended("7.3", 0)
    records.append(("exit", {"code": 130, "reason": "interrupted by SIGINT"}))
    return trace.Trace(reader.read_journal(str(made(base, records))))


def test_a_trace_has_what_happened_in_order(tmp_path: Path) -> None:
    found = traced(tmp_path)
    lines = [(one.what, one.task, one.text) for one in found.events if one.what not in ("route", "end", "verdict")]

    assert [line[:2] for line in lines] == [
        ("began", None),
        ("start", 0),
        ("result", 0),
        ("start", 5),
        ("resume", None),
        ("skip", 5),
        ("skip", 6),
        ("start", 7),
        ("signal", None),
        ("signal", None),
        ("result", 7),
        ("exit", None),
    ]
    assert lines[0][2].startswith("started by root (0) on h: /t.txt") or "on h: /t.txt" in lines[0][2]
    assert lines[4][2].endswith(", with --unknown=skip for what was cut short")
    assert (lines[8][2], lines[-1][2]) == ("SIGINT came", "finished with exit code 130: interrupted by SIGINT")
    assert found.path() == [0, 5, 6, 7]
    assert found.path(1) == []
    assert [(one.request["task"], one.result is not None) for one in found.attempts] == [
        (0, True),
        (5, False),
        (7, True),
    ]


def test_the_line_of_a_verdict(tmp_path: Path) -> None:
    found = traced(tmp_path)

    assert found.line_of(event(task=0, facts={"field": "next"})) == 4
    assert found.line_of(event(task=0, facts={"field": "success"})) is None
    assert found.line_of(event(task=6, facts={"field": "condition"})) == 9
    assert found.line_of(event(task=77, facts={"field": "next"})) is None
    assert found.line_of(event(task=None)) is None


def test_the_events_of_a_task_and_of_a_host(tmp_path: Path) -> None:
    found = traced(tmp_path)
    found.events = [
        event(task=1),
        event(task=2, block=1, host="web1"),
        event(task=2, block=1, host="web2"),
        event(task=3),
    ]

    assert found.events_of(1) == found.events[:3]
    assert found.events_of(1, "web1") == found.events[:2]
    assert found.events_of(2, "web2") == [found.events[2]]
    assert found.events_of(4) == []


def test_what_changed_in_an_output_that_a_trace_names(tmp_path: Path) -> None:
    found = traced(tmp_path)
    result = {**RESULT, "stdout_file": "missing"}

    assert [stream for stream, _, _ in found.changed_streams(result)] == ["stdout"]
    assert found.changed_streams(RESULT) == []


def test_a_run_that_recorded_nothing_has_no_trace(tmp_path: Path) -> None:
    with pytest.raises(format.NothingRecorded):
        trace.Trace(reader.read_journal(str(made(tmp_path, []))))
