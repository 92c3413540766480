"""What a program reads of a run with --output json or jsonl."""

import contextlib
import json
import os
import re

from tasker.console import screen
from tasker.console.screen import Screen, write_all
from tasker.protocol.document import document


@contextlib.contextmanager
def full_disk():
    """Stdout on a full disk. No fixture, since pytest puts the descriptors back when the fixtures are there."""
    kept, disk = os.dup(1), os.open("/dev/full", os.O_WRONLY)
    os.dup2(disk, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(disk)


def test_a_document_that_cannot_be_written_is_one_line_and_an_exit_code(capfd):
    screen = Screen("jsonl")
    with full_disk():
        screen.event({"do": "note", "text": "one"})
        screen.event({"do": "note", "text": "two"})
        screen.end(document("summary"))

    assert screen.failed == 74
    assert capfd.readouterr().err == "tasker: cannot write to stdout: No space left on device\n"


def test_annotations_that_cannot_be_written_are_reported_once_and_end_with_74(capfd):
    findings = [{"code": "T012", "severity": "error", "message": "wrong", "file": "t.txt", "line": 1}] * 2
    screen = Screen("github")
    with full_disk():
        screen.findings(findings, "")
        screen.line("[INFO] a line for people")

    assert screen.failed == 74
    assert capfd.readouterr().err == "tasker: cannot write to stdout: No space left on device\n"


def test_lines_for_people_are_lost_in_silence(capfd):
    screen = Screen("text")
    with full_disk():
        screen.line("[INFO] one")
        screen.end(document("summary"))

    assert (screen.failed, capfd.readouterr().err) == (0, "")


def test_lines_that_are_held_keep_their_place_among_all_that_is_shown(capfd, monkeypatch):
    writes = []
    monkeypatch.setattr(screen, "write_some", lambda descriptor, data: writes.append((descriptor, data)) or len(data))
    shown = Screen("text")
    shown.hold()
    shown.line("one")
    shown.line("two")
    assert writes == []
    shown.problem("wrong")
    shown.line("three")
    shown.release()
    shown.line("four")

    assert writes == [(1, b"one\ntwo\n"), (2, b"tasker: wrong\n"), (1, b"three\n"), (1, b"four\n")]


def test_each_line_of_jsonl_has_its_time_and_its_run(capfd):
    screen = Screen("jsonl")
    screen.event({"do": "note", "text": "before"})
    screen.run = "20260115_143000_abcdef"
    screen.event({"do": "note", "text": "one"})
    screen.end(document("summary"))
    before, *lines = map(json.loads, capfd.readouterr().out.splitlines())

    assert "run" not in before
    assert [line["run"] for line in lines] == ["20260115_143000_abcdef"] * 2
    for line in (before, *lines):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", line["time"])


def test_the_one_document_of_json_has_no_time(capfd):
    Screen("json").end(document("summary"))

    assert "time" not in json.loads(capfd.readouterr().out)


def test_a_write_that_takes_nothing_does_not_go_on_for_ever(monkeypatch):
    monkeypatch.setattr(os, "write", lambda number, data: 0)

    write_all(1, b"text")
