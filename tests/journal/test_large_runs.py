"""Runs over many hosts, and folders with many runs: what reading them costs, in what does not depend on the machine."""

import os
import shutil
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from counting import lines_run

from tasker.cli.approve_command import waiting_question
from tasker.configuration.model import Misuse
from tasker.driver.approvals import counting_answers
from tasker.driver.limit import limit_settings
from tasker.driver.recorded_run import RecordedRun
from tasker.journal import reader, record_store, run_folder, run_list
from tasker.journal.flow_replay import FlowReplay, RecordedEvents, replay_in_process
from tasker.journal.format import NAME, Damaged, chained_line
from tasker.journal.trace import Trace
from tasker.journal.writer import lock_journal
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol.types import Document, Report
from tasker.report.attempts import attempts_of
from tasker.report.document import report_document
from tasker.system.digest import sha256
from tasker.text.json_codec import decode_known_json

SETTINGS = {"output": "text", "level": "INFO"}


def journal_over(folder: Path, count: int) -> str:
    """The folder of a run over this many hosts that has come to its last result."""
    text = f"task=0\nhosts=web[0-{count - 1}]\nexec=local\ncommand=uptime\nmax_parallel=50\n"
    workflow: Document = {**parse_workflow(text.encode(), "t.txt")}
    workflow["tasks"][0]["targets"] = [f"web{n}" for n in range(count)]
    workflow["settings"] = {"exec": "local", "runners": {"local": {"words": "argv"}}}
    start = {"file": "t.txt", "folder": "/", "settings": SETTINGS, "workflow": workflow}
    records: list[tuple[str, Document]] = [("start", start)]
    ask, asked = replay_in_process(workflow), 0  # type: ignore[arg-type]  # a workflow, as parse makes it
    steps = ask({"kind": "workflow"})["steps"]
    while sent := [step["request"] for step in steps if step["do"] == "run"]:
        records += [("intent", {"exec": "local", "request": one}) for one in sent]
        steps = []
        for one in sent:
            code = int(asked % 50 == 7)
            asked += 1
            result = {"tasker": 1, "kind": "result", "ok": not code, "id": one["id"], "exit_code": code}
            result |= {"outcome": "failed" if code else "ok", "stdout": f"up {one['host']}", "stderr": ""}
            records.append(("result", result))
            steps += ask({"kind": "event", "event": "result", "id": one["id"], "result": result})["steps"]
    run = folder / f"over{count}" / "runs" / "20260115_143000_abcdef"
    run.mkdir(parents=True)
    before, lines = "", []
    for seq, (what, doc) in enumerate(records):
        line, before = chained_line({"seq": seq, "at": 1e9 + seq, "up": 5.0 + seq, "what": what, "doc": doc}, before)
        lines.append(line)
    (run / NAME).write_bytes(b"".join(lines))
    return str(run)


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small journals are kept as large ones are."""
    monkeypatch.setattr(record_store, "AS_DOCUMENTS", 10)
    monkeypatch.setattr(record_store, "_LATEST", 20)
    monkeypatch.setattr(record_store, "_LATEST_BLOCKS", 2)


def report(folder: str) -> Report:
    return report_document(Trace(reader.read_journal(folder), starts_on_hosts=False))


def test_records_of_a_large_journal_are_as_those_of_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = journal_over(tmp_path, 300)
    records, doc = reader.read_journal(folder).records, report(folder)
    monkeypatch.setattr(record_store, "AS_DOCUMENTS", 10)
    history = reader.read_journal(folder)

    assert sum(isinstance(one, record_store.StoredRecord) for one in history.records) == 591
    assert [{**one} for one in history.records] == records
    assert [{**one} for one in reversed(history.records)] == records[::-1]
    assert report(folder) == doc
    assert doc["counts"] == {"ok": 294, "failed": 6}


@pytest.mark.usefixtures("packed")
def test_events_that_are_asked_for_in_batches_lead_to_the_same(tmp_path: Path) -> None:
    history = reader.read_journal(journal_over(tmp_path, 200))
    waiting: list[int] = []

    def steps(in_batches: bool) -> list[tuple[str, int]]:
        ask = replay_in_process(history.newest("workflow"))

        def ask_all(docs: Iterable[Document]) -> Iterator[Document]:
            rest = iter(docs)
            while batch := [doc for _, doc in zip(range(7), rest, strict=False)]:
                waiting.append(len(batch))
                yield from map(ask, batch)

        took: list[tuple[str, int]] = []
        heard: list[int] = []
        past = RecordedEvents(history)
        replay = FlowReplay(
            ask,
            past,
            lambda step, record: took.append((str(step.get("text")), record["seq"])),
            lambda event, record: heard.append(record["seq"]),
            ask_all if in_batches else None,
        )
        replay.go({"kind": "workflow"})
        assert (past.open(), len(heard), past.tasks) == ([], 200, {0})
        return took

    assert steps(True) == steps(False)
    assert max(waiting) == 7


@pytest.mark.usefixtures("packed")
def test_the_work_for_a_report_grows_with_the_hosts_and_no_faster(tmp_path: Path) -> None:
    few, many = journal_over(tmp_path, 200), journal_over(tmp_path, 800)
    report(few)  # what is imported once

    assert lines_run(report, many) < 4.4 * lines_run(report, few)


@pytest.mark.usefixtures("packed")
def test_the_attempts_of_a_large_run_are_listed_without_decoding_its_records_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(reader.read_journal(journal_over(tmp_path, 300)), starts_on_hosts=False)
    asked: list[object] = []
    monkeypatch.setattr(record_store.StoredRecord, "document", asked.append)
    attempts = attempts_of(trace, running=False)

    assert asked == []
    assert [one.host for one in attempts] == [f"web{n}" for n in range(300)]
    assert [sum(one.outcome == outcome for one in attempts) for outcome in ("ok", "failed")] == [294, 6]
    assert all(one.ended is not None and one.ended > one.began for one in attempts)


@pytest.mark.usefixtures("packed")
def test_the_answers_to_a_question_are_found_without_decoding_the_results_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = reader.read_journal(journal_over(tmp_path, 50))
    decoded: list[record_store.StoredRecord] = []
    document = record_store.StoredRecord.document
    monkeypatch.setattr(record_store.StoredRecord, "document", lambda one: decoded.append(one) or document(one))
    answers, waiting = counting_answers(history, "q1"), waiting_question(history)

    assert (answers, waiting, decoded) == ([], None, [])


def test_a_large_journal_takes_a_fraction_of_the_memory_of_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = journal_over(tmp_path, 1000)
    sizes = []
    for documents in (10_000, 10):
        monkeypatch.setattr(record_store, "AS_DOCUMENTS", documents)
        tracemalloc.start()
        history = reader.read_journal(folder)
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        del history

    assert sizes[1] < sizes[0] / 4


@pytest.mark.usefixtures("packed")
def test_each_record_of_a_replay_is_decoded_once_more_and_no_oftener(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_store, "_LATEST", 120)  # more than run at once
    history = reader.read_journal(journal_over(tmp_path, 400))
    recorded = RecordedRun(history)
    decoded: list[int] = []

    def decode(text: str) -> object:
        decoded.append(len(text))
        return decode_known_json(text)

    monkeypatch.setattr(record_store, "decode_known_json", decode)
    past = recorded.events()

    assert (len(past.events), past.open(), past.tasks, recorded.commands()) == (400, [], {0}, {1: 400})
    assert not decoded  # what the events and the counts need was kept when the journal was verified
    FlowReplay(replay_in_process(recorded.workflow), past).go({"kind": "workflow"})
    assert len(decoded) == sum(isinstance(one, record_store.StoredRecord) for one in history.records) == 791


@pytest.mark.usefixtures("packed")
def test_the_work_for_a_replay_grows_with_the_records_and_no_faster(tmp_path: Path) -> None:
    few, many = journal_over(tmp_path, 200), journal_over(tmp_path, 800)

    def replay(folder: str) -> None:
        recorded = RecordedRun(reader.read_journal(folder))
        FlowReplay(replay_in_process(recorded.workflow), recorded.events()).go({"kind": "workflow"})
        recorded.commands()

    replay(few)  # what is imported once

    assert lines_run(replay, many) < 4.4 * lines_run(replay, few)


@pytest.mark.usefixtures("packed")
def test_a_record_that_was_changed_after_it_was_verified_is_damage(tmp_path: Path) -> None:
    folder = journal_over(tmp_path, 300)
    history = reader.read_journal(folder)
    journal = Path(folder, NAME)
    with journal.open("r+b") as file:  # the same file, which stays open
        file.write(journal.read_bytes().replace(b'"up web90"', b'"up web66"'))
    places = [place for place, line in enumerate(journal.read_bytes().splitlines()) if b'"up web66"' in line]
    changed = history.records[places[-1]]

    with pytest.raises(Damaged, match=r"damaged in line \d+: it was changed after it was verified"):
        changed["doc"]


def test_the_journal_stays_open_only_as_long_as_its_records_are_used(tmp_path: Path) -> None:
    folder = journal_over(tmp_path, 1100)
    before = set(os.listdir("/proc/self/fd"))
    history = reader.read_journal(folder)
    during = set(os.listdir("/proc/self/fd"))
    last = history.records[-1]
    assert last["doc"]["stdout"] == "up web1099"
    del history, last

    assert len(during) == len(before) + 1
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.usefixtures("packed")
def test_whoever_reads_records_again_does_not_keep_the_lock_of_the_journal(tmp_path: Path) -> None:
    """`tasker again` gives it back as soon as the new run has what it inherits, and keeps the old records."""
    folder = journal_over(tmp_path, 50)
    descriptor = run_folder.open_journal(folder, write=True)
    assert lock_journal(descriptor)
    history = reader.read_journal(folder, descriptor)
    assert run_folder.is_running(folder)
    os.close(descriptor)

    assert not run_folder.is_running(folder)
    assert {**history.records[50]}["seq"] == 50


@pytest.mark.usefixtures("packed")
def test_a_line_of_another_program_that_begins_with_blanks_is_read_again(tmp_path: Path) -> None:
    folder = journal_over(tmp_path, 50)
    path = Path(folder, NAME)
    lines = path.read_bytes().splitlines(keepends=True)
    body = b" \t" + lines[-1].rpartition(b',"hash":"')[0]
    lines[-1] = body + b',"hash":"%s"}\n' % sha256(body).hexdigest().encode()
    path.write_bytes(b"".join(lines))
    last = reader.read_journal(folder).records[-1]

    assert isinstance(last, record_store.StoredRecord)
    assert last["seq"] == len(lines) - 1


@pytest.mark.usefixtures("packed")
def test_a_journal_that_is_changed_while_its_hosts_are_read_for_a_limit_is_misuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(journal_over(tmp_path, 50))
    settings = {"limit": [f"failed:{folder.name}"], "folder": str(folder.parents[1])}
    document, readings = record_store.StoredRecord.document, 0
    most = 10**6

    def read_again(record: record_store.StoredRecord) -> Document:
        nonlocal readings
        readings += 1
        if readings >= most:
            raise Damaged("journal.jsonl", 5, "it was changed after it was verified")
        found: Document = document(record)
        return found

    monkeypatch.setattr(record_store.StoredRecord, "document", read_again)
    assert limit_settings(settings)["runs"] == {settings["limit"][0]: ["web7"]}
    most, readings = readings, 0

    with pytest.raises(Misuse, match="it was changed after it was verified"):
        limit_settings(settings)


def test_the_newest_runs_are_listed_without_reading_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Path(journal_over(tmp_path, 2))
    for n in range(30):
        shutil.copytree(first, first.with_name(f"20260116_1430{n:02}_abcdef"))
    seen = []
    monkeypatch.setattr(run_list, "read_ends", lambda folder: seen.append(folder) or reader.read_ends(folder))
    found, older = run_list.newest_runs(str(first.parent.parent), 20)

    assert (len(found), older, len(seen)) == (20, 11, 20)
    assert [one.run for one in found] == [one.run for one in run_list.list_runs(str(first.parent.parent))[-20:]]
