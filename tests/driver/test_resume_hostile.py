"""Resumes that somebody tries to make run a thing twice, lose a result, go on from a wrong state or fall over."""

import contextlib
import fcntl
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from test_resume import CUT, Runs, effect, tasks
from whole_program import ROOT, eventually, finished

from tasker.approval.recorded import open_question
from tasker.journal import reader, run_folder, run_list
from tasker.journal.flow_replay import Disagreement
from tasker.journal.format import Unreadable, chained_line
from tasker.journal.trace import Trace
from tasker.protocol.document import Problem
from tasker.report import document, html_page


@pytest.fixture
def runs(place):
    return Runs(place)


def rewritten(runs, change, keep=None):
    """Seal the journal anew, with the records as `change` leaves them."""
    (path,) = runs.place.base.glob("runs/*/journal.jsonl")
    records, before, made = [json.loads(line) for line in path.read_text().splitlines()][:keep], "", b""
    for number, record in enumerate(change(records)):
        kept = {key: record[key] for key in ("seq", "at", "up", "what", "doc")} | {"seq": number}
        line, before = chained_line(kept, before)
        made += line
    path.write_bytes(made)


def told_in_one_line(done):
    assert "Traceback" not in done.stdout + done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (12, 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("key", ["workflow", "settings", "folder", "started", "boot"])
def test_a_journal_of_another_version_that_lacks_something_is_told_in_one_line(runs, key):
    runs.place.tampered = True
    runs.killed(tasks(effect("zero"), CUT))

    def without(records):
        records[0]["doc"].pop(key)
        return records

    rewritten(runs, without)
    done = runs.resume("--unknown=skip")
    if done.returncode != 0:  # it can be done without
        assert "cannot resume" in told_in_one_line(done)
        assert runs.effects() == ["zero"]


@pytest.mark.parametrize("what", ["intent", "result"])
@pytest.mark.parametrize("doc", [{"id": 7}, {"request": []}])
def test_records_that_are_not_as_this_version_writes_them_are_told_in_one_line(runs, what, doc):
    runs.place.tampered = True
    runs.killed(tasks(effect("zero"), CUT))
    rewritten(runs, lambda records: [{**one, "doc": doc} if one["what"] == what else one for one in records])

    assert "cannot resume" in told_in_one_line(runs.resume("--unknown=skip"))
    assert runs.effects() == ["zero"]


NO_PACES = ([], "x", 7, {"tasks": []}, {"tasks": {"x": {}}}, {"tasks": {"0": []}}, {"tasks": {"0": {"command": "b"}}})
NO_PACES += ({"tasks": {"0": {"timeout": 9}}}, {"timeout": "9"}, {"timeout": True}, {"at_once": []})
NO_PACES += ({"at_once": {"local": "4"}}, {"at_once": {"local": 0}})


@pytest.mark.parametrize("what", ["resume", "pace"])
@pytest.mark.parametrize("pace", NO_PACES)
def test_a_pace_that_is_none_is_told_in_one_line(runs: Runs, what: str, pace: object) -> None:
    runs.place.tampered = True
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    rewritten(runs, lambda records: [*records, {**records[-1], "what": what, "doc": {"pace": pace}}])

    assert "cannot resume" in told_in_one_line(runs.resume("--unknown=skip"))
    assert runs.effects() == ["zero"]


WORKFLOW = {"tasks": [{"task": 0, "command": "a", "line": 1}], "kind": "workflow"}
ASKED = {"id": "ask.9", "task": 1, "nonce": "x", "shown": "x", "void": False, "number": 1, "title": "", "text": ""}
ASKED |= {"approvals": 1, "approvers": [], "asked": 1.0, "starter": {"uid": 0, "login_uid": None}}
ANSWER = {"id": "ask.9", "answer": "yes", "by": "x", "reason": "", "seconds": 1.0, "counts": True, "uid": 0}
ANSWER |= {"login_uid": None, "via": "left", "nonce": "x", "why": ""}
FORGED = (
    ("signal", {"signal": "SIGNONE"}),
    *(("question", {**ASKED, key: value}) for key in ASKED for value in (None, 1.5, {"a": 1})),
    *(("answer", {**ANSWER, key: value}) for key in ANSWER for value in ([], {"a": 1})),
    ("exit", {"code": 3, "reason": "", "failed": "x"}),
    ("exit", {"code": 3, "reason": "", "command": []}),
)


AGAIN = {"run": "x", "task": 0, "visit": 1, "units": 0, "tasks": []}
UNIT = {"visit": 1, "task": 0, "request": {"task": 0, "words": ["a"], "id": "0.1", "needs": []}}
INHERITED = {"event": "inherit", "run": "x", "record": "x", "id": "inherit.1", "unit": UNIT, "result": {"exit_code": 0}}
FORGED += (
    *(("inherited", {**INHERITED, "unit": one}) for one in ({}, {"visit": 1}, {"task": 0})),
    *(
        ("inherited", {**INHERITED, "unit": {**UNIT, "request": {**UNIT["request"], key: value}}})
        for key in ("needs", "host", "task", "iteration", "attempt")
        for value in (1.5, {"a": 1})
    ),
    *(
        ("resume", {"workflow": {**WORKFLOW, "settings": {"again": {**AGAIN, key: value}}}})
        for key in AGAIN
        for value in (None, 1.5, "x", {"a": 1}, [[]])
        if (key, value) != ("run", "x")
    ),
    *(("resume", {"workflow": {**WORKFLOW, "settings": {"again": one}}}) for one in ({}, [], 1.5, "x", None)),
    *(("resume", {"workflow": one}) for one in ({}, {"a": 1}, [], None)),
)


@pytest.mark.parametrize(("what", "doc"), FORGED)
def test_a_forged_record_is_shown_or_refused(tmp_path: Path, what: str, doc: dict[str, object]) -> None:
    """By what reads the run before its end, where it is not the last record, and by who looks for its question."""
    start = {"file": "/t.txt", "settings": {}, "workflow": WORKFLOW}
    records = [("start", start), (what, doc), ("resume", {})]
    before, made = "", b""
    for seq, (kind, one) in enumerate(records):
        line, before = chained_line({"seq": seq, "at": 1.0, "up": 1.0, "what": kind, "doc": one}, before)
        made += line
    folder = tmp_path / "runs" / "20260102_030405_abcdef"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_bytes(made)

    with contextlib.suppress(Unreadable, Disagreement, Problem):
        history = reader.read_journal(str(folder))
        open_question(history.run, ((one["what"], one["doc"]) for one in history.records))
        trace = Trace(history)
        html_page.template_values(trace, document.report_document(trace))


# a defect of ours, at each step of a resume that comes after the journal was read
DEFECTS = ("processes.find_marked", "workflow_diff.changed_fields", "prefork.take_stage", "end_summary.resume_choices")
WITH_A_DEFECT = """
import sys
sys.path.insert(0, {library!r})
from tasker.console import end_summary
from tasker.driver import prefork
from tasker.language import workflow_diff
from tasker.system import processes

def defect(*arguments, **options):
    raise KeyError("a defect of ours")

{module}.{function} = defect
from tasker.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_ours_is_not_reported_as_a_journal_of_another_version(runs: Runs, defect: str) -> None:
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    file = runs.place.folder / "t.txt"
    file.write_text(file.read_text() + "# a comment, so that both versions are compared\n")
    module, _, function = defect.partition(".")
    code = WITH_A_DEFECT.format(library=str(ROOT / "library"), module=module, function=function)
    program = (sys.executable, "-I", "-S", "-c", code)
    done = runs.place.run("--resume", "-l", runs.place.base, program=program)

    assert "KeyError: 'a defect of ours'" in done.stderr
    assert "cannot resume" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_a_record_of_a_kind_that_nobody_knows_is_refused(runs):
    """What it says happened: to go on without it would be to go on from another state."""
    runs.place.tampered = True
    runs.killed(tasks(effect("zero"), CUT))
    rewritten(runs, lambda records: [*records, {**records[-1], "what": "teleported", "doc": {}}])

    assert "teleported" in told_in_one_line(runs.resume("--unknown=skip"))


@pytest.mark.parametrize("kind", ["FIFO", "folder", "endless"])
def test_a_task_file_that_has_become_something_else_does_not_hang_a_resume(runs, kind):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    file = runs.place.folder / "t.txt"
    file.unlink()
    {"FIFO": lambda: os.mkfifo(file), "folder": file.mkdir, "endless": lambda: file.symlink_to("/dev/zero")}[kind]()
    done = runs.resume("--unknown=skip", timeout=20)

    assert (done.returncode, runs.effects()) == (0, ["zero", "two"])
    assert "the copy that the run has is used" in done.stdout


def test_an_interrupt_and_then_a_kill_leave_one_unknown_and_nothing_twice(runs):
    process = runs.place.begin(tasks(effect("zero"), CUT, effect("two")))
    eventually((runs.place.folder / "cut").exists)
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT" in runs.place.log())
    process.kill()
    finished(process)
    done = runs.resume()

    assert (done.returncode, "Unknown outcome: task 1" in done.stdout) == (75, True)
    assert runs.resume("--unknown=skip").returncode == 0
    assert runs.effects() == ["zero", "two"]


def test_a_resume_that_is_terminated_can_be_resumed(runs):
    runs.killed(tasks(effect("zero"), CUT, CUT, effect("three")))
    process = runs.place.start("--resume", "-l", runs.place.base, "--unknown=skip")
    eventually((runs.place.folder / "cut").exists)
    process.send_signal(signal.SIGTERM)
    assert finished(process)[0] == 143
    done = runs.resume()

    assert (done.returncode, "Unknown outcome: task 2" in done.stdout) == (75, True)
    assert runs.resume("--unknown=skip").returncode == 0
    assert runs.effects() == ["zero", "three"]


def test_after_a_reboot_and_with_the_clock_set_back_a_sleep_is_waited_for_and_no_longer(runs):
    runs.place.tampered = True
    text = "task=0\nexec=local\ncommand=touch cut\nsleep=2\n\ntask=1\nexec=local\ncommand=true\n"
    runs.killed(text)

    def rebooted(records):
        for record in records:
            record["at"] += 86_400  # the clock was a day ahead then
        records[0]["doc"]["boot"] = "another"
        return records

    rewritten(runs, rebooted)
    began = time.monotonic()
    done = runs.resume()

    assert done.returncode == 0
    assert 2 <= time.monotonic() - began < 12


def test_who_only_looks_does_not_keep_a_run_from_its_start_or_its_resume(runs):
    runs.killed(tasks(effect("zero"), CUT))
    descriptor = run_folder.open_journal(os.path.join(runs.place.base, "runs", runs.run()))
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    looking = threading.Timer(0.5, os.close, [descriptor])
    looking.start()
    done = runs.resume("--unknown=skip")
    looking.join()

    assert (done.returncode, runs.effects()) == (0, ["zero"])


def test_a_run_that_somebody_has_taken_over_is_not_pruned(runs):
    runs.place.really(tasks(effect("zero")))
    folder = os.path.join(runs.place.base, "runs", runs.run())
    (entry,) = run_list.list_runs(str(runs.place.base))
    descriptor = run_folder.open_journal(folder, write=True)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # behind the look of `entries`

    assert not run_list._remove(entry)
    assert (entry.state, os.path.isdir(folder)) == ("running", True)
    os.close(descriptor)


def test_two_resumes_and_a_prune_at_once_run_nothing_twice(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    resumes = [runs.place.start("--resume", "-l", runs.place.base, "--unknown=skip") for _ in range(2)]
    pruned = runs.place.run("runs", "-l", runs.place.base, "--prune", "0d")
    codes = sorted(finished(process)[0] for process in resumes)

    assert (codes, pruned.returncode) == ([0, 12], 0)
    assert runs.effects() == ["zero", "two"]


def test_a_resume_says_that_it_does_not_go_on_with_a_record(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")), "cut", "--record", "record")
    done = runs.resume("--unknown=skip")

    assert (done.returncode, "--record is not continued by a resume" in done.stdout) == (0, True)


def test_a_run_that_is_named_by_its_path_has_its_row_where_it_is(runs):
    runs.killed(tasks(effect("zero"), CUT), "cut", "-p", "P")
    done = runs.place.run("--resume", os.path.join(runs.place.base, "runs", runs.run()), "--unknown=skip")

    assert done.returncode == 0
    assert len(runs.place.rows()) == 2
    assert not (runs.place.folder / "home/TASKER").exists()


def test_a_run_of_another_user_is_not_resumed_unless_it_is_named(runs):
    runs.killed(tasks("sh -c 'echo x >>cut; sleep 30'", "true"))
    rewritten(runs, lambda records: [{**records[0], "doc": {**records[0]["doc"], "user": 4321}}, *records[1:]])

    refused = runs.resume("--unknown=skip")
    assert (refused.returncode, "was started by user 4321" in refused.stderr) == (12, True)
    assert runs.resume("--unknown=skip", "last").returncode == 0


CHANGED_MEANWHILE = """
import sys
sys.path.insert(0, {library!r})
from tasker.journal import record_store
from tasker.journal.format import Damaged

record_store.AS_DOCUMENTS, readings = 1, 0
document = record_store.StoredRecord.document

def read_again(record):
    global readings
    readings += 1
    if readings > {limit}:
        raise Damaged("journal.jsonl", 5, "it was changed after it was verified")
    return document(record)

record_store.StoredRecord.document = read_again
from tasker.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def test_a_journal_that_is_changed_while_a_resume_reads_it_is_told_in_one_line(runs):
    runs.killed(tasks(effect("zero"), CUT))

    for limit in range(10):
        code = CHANGED_MEANWHILE.format(library=str(ROOT / "library"), limit=limit)
        done = runs.resume("--unknown=skip", program=(sys.executable, "-I", "-c", code))
        assert "it was changed after it was verified" in told_in_one_line(done)

    assert (runs.resume("--unknown=skip").returncode, runs.effects()) == (0, ["zero"])
