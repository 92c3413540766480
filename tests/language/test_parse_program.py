"""The program parse: its options, and what it may not read (docs/threats.md rows 23, 31, 32)."""

import hashlib
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from parsing import HELLO, PROGRAM, SCHEMA, TASKS, only, run
from tasker.modules.parse import options, parse

from tasker.language.parse import source
from tasker.language.parse.taskfile import parse_workflow


def test_a_file_is_read_by_the_program():
    status, (doc,), err = run(TASKS / "hello.txt")

    assert (status, err) == (0, "")
    assert doc == parse_workflow(HELLO, str(TASKS / "hello.txt"))
    assert doc["sha256"] == hashlib.sha256(HELLO).hexdigest()


@pytest.mark.parametrize("arguments", [["-"], []])
def test_a_task_file_on_stdin_is_read(arguments):
    status, (doc,), err = run(*arguments, text=HELLO)

    assert (status, err) == (0, "")
    assert doc == parse_workflow(HELLO, "-")


@pytest.mark.parametrize("arguments", [["--name", "web.txt", "-"], ["--name=web.txt"], ["-", "--name", "web.txt"]])
def test_the_document_and_its_findings_have_the_name_that_was_given(arguments):
    status, (doc,), _ = run(*arguments, text=b"x\n")

    assert status == 1
    assert doc["file"] == "web.txt"
    assert {one["file"] for one in doc["findings"]} == {"web.txt"}


@pytest.mark.parametrize(
    "data", [HELLO, b"\xef\xbb\xbf" + HELLO.replace(b"\n", b"\r\n"), b"", "ä\u2028\x1b\r".encode()]
)
def test_the_whole_text_is_in_the_document_when_asked_for(data):
    _, (doc,), _ = run("--text", text=data)

    assert doc["text"].encode() == data
    assert "text" not in run(text=data)[1][0]


def test_no_text_is_in_the_document_of_what_is_no_text():
    status, (doc,), _ = run("--text", text=b"\xff")

    assert status == 1
    assert "text" not in doc
    assert doc["sha256"] == hashlib.sha256(b"\xff").hexdigest()


def test_the_stage_says_what_it_is():
    status, (doc,), _ = run("--about")

    assert status == 0
    assert (doc["kind"], doc["accepts"], doc["returns"], doc["protocols"]) == ("about", "text", "workflow", [1])


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_goes_to_stdout(flag):
    ended = subprocess.run([sys.executable, PROGRAM, flag], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("usage: parse")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lines"],
        ["--name", "n", "a", "b"],
        ["--nonsense"],
        ["-x"],
        ["--name"],
        ["--name="],
        ["--about", "a"],
        ["--text=1"],
        ["-", "a"],
    ],
)
def test_wrong_arguments_give_the_usage(arguments):
    status, docs, err = run(*arguments, text=HELLO)

    assert (status, docs) == (2, [])
    assert err.startswith("usage: parse")


@pytest.mark.parametrize("arguments", [[], ["-"], ["--text"]])
def test_at_a_terminal_the_usage_is_given_instead_of_waiting(arguments):
    outer, inner = pty.openpty()
    try:
        ended = subprocess.run(
            [sys.executable, PROGRAM, *arguments], stdin=inner, capture_output=True, timeout=30, check=False
        )
    finally:
        os.close(outer)
        os.close(inner)

    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"usage: parse")


def test_options_may_stand_anywhere_and_end_with_two_hyphens():
    assert options(["a", "--text", "--name", "n"]) == {"paths": ["a"], "name": "n", "text": True, "given": []}
    assert options(["--", "--text"]) == {"paths": ["--text"], "name": None, "text": False, "given": []}


def test_a_missing_file_is_a_workflow_with_exit_code_30(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path / "none" / "t.txt", PROGRAM / "t.txt"):
        status, (doc,), err = run(path)

        assert (status, err, doc["kind"], doc["ok"]) == (1, "", "workflow", False)
        assert (only(doc)["code"], only(doc)["exit"]) == ("P001", 30)
        assert list(SCHEMA.iter_errors(doc)) == []
        assert "sha256" not in doc


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for path in (tmp_path, tmp_path / "fifo", tmp_path / "socket", "/dev/zero", "/dev/tty"):
            status, (doc,), err = run(path)

            assert (status, err) == (1, "")
            assert (only(doc)["code"], only(doc)["exit"]) == ("P003", 31)


def test_a_fifo_that_replaced_the_file_after_the_first_look_does_not_hang_either(tmp_path, monkeypatch):
    path = tmp_path / "t.txt"
    path.write_bytes(HELLO)

    def look_and_swap(looked_at, **_):
        monkeypatch.undo()
        seen = os.stat(looked_at)
        path.unlink()
        os.mkfifo(path)
        return seen

    monkeypatch.setattr(os, "stat", look_and_swap)
    data, (found,) = source.read_file(str(path), "t.txt")

    assert data is None
    assert found["code"] == "P003"


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "loop", tmp_path / ("n" * 300)):
        doc = parse(str(path))

        assert (only(doc)["code"], only(doc)["exit"]) == ("P002", 31)


def test_a_file_that_cannot_be_read_is_a_finding():
    class Broken:
        def read(self, size):
            raise PermissionError(13, "Permission denied")

    data, (found,) = source.read_stream(Broken(), "t.txt")

    assert data is None
    assert (found["code"], found["exit"]) == ("P002", 31)
    assert found["message"] == "cannot read 't.txt': permission denied"


def test_a_file_is_opened_once(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(HELLO)
    opened = []
    sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" and args[0] == str(path) else None)

    doc = parse(str(path), text=True)

    assert opened == [str(path)]
    assert doc["text"].encode() == HELLO


def test_a_file_whose_name_is_no_text_makes_a_document_that_others_can_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\n.txt"
    Path(os.fsdecode(path)).write_bytes(b"x\n")

    status, (doc,), _ = run(path, env={"LANG": "C"})

    assert status == 1
    assert doc["file"].endswith("/\\xff\n.txt")
    assert list(SCHEMA.iter_errors(doc)) == []


def test_the_program_needs_nothing_heavy_to_start():
    heavy = "argparse asyncio dataclasses jsonschema logging pathlib subprocess tenacity"
    ask = f"import sys, runpy; runpy.run_path({str(PROGRAM)!r}); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, cwd=PROGRAM.parent, check=True)

    assert "tasker.language.parse.taskfile" in ended.stdout.split()
    assert set(heavy.split()) & set(ended.stdout.split()) == set()
