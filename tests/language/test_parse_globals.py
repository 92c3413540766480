"""Variables, unknown keys, and how findings are told (docs/language.md §2; docs/threats.md rows 25, 26)."""

import time
from pathlib import Path

import pytest
from parsing import SCHEMA, codes, only, read, task

from tasker.language.findings import CATALOGUE
from tasker.language.parse.taskfile import MAX_SHOWN


def test_a_global_given_twice_is_an_error_with_both_lines_and_the_first_is_kept():
    doc = read("A=1\nB=2\nA=3\ntask=0\n")

    assert codes(doc) == ["P013 3:1"]
    assert "lines 1 and 3" in only(doc)["message"]
    assert doc["variables"]["A"]["value"] == "1"


def test_an_unknown_key_inside_a_task_is_a_global_with_a_warning():
    doc = read("task=0\nVERSION=2\n")

    assert codes(doc) == ["P015 2:1"]
    assert (only(doc)["severity"], only(doc)["task"], doc["ok"]) == ("warning", 0, True)
    assert doc["variables"]["VERSION"] == {"value": "2", "at": [2, 9]}


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("comand", "command"),
        ("hostnmae", "hostname"),
        ("argument", "arguments"),
        ("onsuccess", "on_success"),
        ("cxmmazd", "command"),
        ("stdout_splits", "stdout_split"),
        ("Command", "command"),
        ("HOSTNAME", "hostname"),
        ("IF_true_TASKS", "if_true_tasks"),
        ("Task", "task"),
        ("tsk", "task"),
    ],
)
def test_a_key_that_is_nearly_a_field_is_an_error_that_asks(key, meant):
    doc = read(f"task=0\n{key}=1\n")

    assert codes(doc) == ["P014 2:1"]
    assert only(doc)["fix"] == f"did you mean '{meant}'?"
    assert doc["variables"] == {}


@pytest.mark.parametrize("key", ["comand", "Hostname", "TIMEOUT"])
def test_above_the_first_task_such_a_key_is_a_global(key):
    doc = read(f"{key}=1\ntask=0\n")

    assert doc["findings"] == []
    assert doc["variables"][key]["value"] == "1"


@pytest.mark.parametrize("key", ["a-b", "1a", "", "a b", "ä", "@A@", "a.b", "x[0]", "\x1b[31m"])
def test_a_key_that_is_no_name_is_an_error(key):
    doc = read(f"{key}=1\ntask=0\n")

    assert codes(doc) == ["P011 1:1"]
    assert only(doc)["message"].isprintable()
    assert doc["variables"] == {}


def test_a_field_written_with_a_hyphen_is_recognized():
    assert only(read("task=0\non-success=1\n"))["fix"] == "did you mean 'on_success'?"


@pytest.mark.parametrize("text", ["secret=A\nA=x\ntask=0\n", "A=x\nsecret=A\ntask=0\n", "A=x\ntask=0\nsecret=A\n"])
def test_a_global_can_be_declared_a_secret_before_and_after_it_is_given(text):
    doc = read(text)

    assert doc["variables"]["A"]["secret"] is True
    assert doc["ok"] is True
    assert "secret" not in task(doc, 0) and "secret" not in doc["variables"]


def test_a_secret_inside_a_task_counts_in_the_whole_file_and_is_a_warning():
    assert codes(read("A=x\ntask=0\nsecret=A\n")) == ["P015 3:1"]


def test_several_globals_can_be_secrets_each_in_a_line_of_its_own():
    doc = read("secret=A\nsecret=B\nA=x\nB=y\nC=z\ntask=0\n")

    assert [name for name, entry in doc["variables"].items() if entry.get("secret")] == ["A", "B"]
    assert codes(doc) == []


@pytest.mark.parametrize("name", ["TOKN", "", "A,B", "a b", "@TOKEN@"])
def test_a_secret_that_is_no_global_is_an_error(name):
    doc = read(f"secret={name}\nTOKEN=abc\ntask=0\n")

    assert codes(doc) == ["P022 1:8"]
    assert (only(doc)["fix"] == "did you mean 'TOKEN'?") is (name in ("TOKN", "@TOKEN@"))


def test_a_slip_in_the_word_secret_does_not_leave_a_password_readable():
    doc = read("secert=TOKEN\nTOKEN=abc\ntask=0\n")

    assert codes(doc) == ["P014 1:1"]
    assert only(doc)["fix"] == "did you mean 'secret'?"
    assert codes(read("secret_name=WORD\nWORD=abc\ntask=0\n")) == codes(read("secrets=abc\ntask=0\n")) == []


def test_no_message_shows_what_was_cut_off_a_secret():
    doc = read("secret=A\nA=abc # def\ntask=0\n")

    assert codes(doc) == ["P020 2:7"]
    assert "def" not in only(doc)["message"] + only(doc)["fix"]


def test_twenty_thousand_secrets_that_are_none_are_no_long_search():
    text = "".join(f"secret=NAME{i}\nNOME{i}=x\n" for i in range(20_000)) + "task=0\n"

    began = time.process_time()
    doc = read(text)

    assert len(doc["findings"]) == MAX_SHOWN + 1
    assert time.process_time() - began < 6


def test_everything_wrong_is_said_at_once_in_the_order_of_lines():
    doc = read("hostname=a\nA=1\nA=2\nx\ntask=0\nnext=a\nnext=b\ncomand=c\nV=1 # x\ntask=q\n")

    assert codes(doc) == [
        "P016 1:1",
        "P013 3:1",
        "P010 4:1",
        "P012 7:1",
        "P014 8:1",
        "P015 9:1",
        "P020 9:5",
        "P017 10:6",
    ]
    assert all(one["file"] == "t.txt" for one in doc["findings"])


def test_that_there_is_no_task_is_said_at_the_beginning():
    assert codes(read("A=1\nA=2\n")) == ["P008 1:1", "P013 2:1"]


def test_findings_beyond_the_first_thousand_of_a_severity_are_counted():
    doc = read(
        "task=0\n"
        + "command\n" * (MAX_SHOWN + 5)
        + "".join(f"VARIABLE{i}=1 # x\n" for i in range(MAX_SHOWN + 7))
        + "last\n"
    )

    assert [(one["code"], one["severity"], one["message"]) for one in doc["findings"][-3:]] == [
        ("P030", "error", "6 more errors are not shown"),
        ("P031", "warning", "7 more warnings are not shown"),
        ("P032", "hint", "7 more hints are not shown"),
    ]
    assert len(doc["findings"]) == 3 * MAX_SHOWN + 3
    assert list(SCHEMA.iter_errors(doc)) == []


def test_an_error_behind_thousands_of_hints_is_shown():
    doc = read("task=0\n" + "".join(f"VARIABLE{i}=1 # x\n" for i in range(MAX_SHOWN + 7)) + "last\n")

    assert "P010" in {one["code"] for one in doc["findings"]}
    assert doc["ok"] is False


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\u202e\u2028", "\x9b31m", "a\rb", "x" * 5000])
def test_what_a_finding_shows_of_a_file_is_short_and_printable(text):
    doc = read(f"{text}\n{text}=1\ntask={text}\nA=1 # {text}\ntask {text}\n")

    assert len(doc["findings"]) >= 4
    assert all(one["message"].isprintable() and len(one["message"]) < 500 for one in doc["findings"])


def test_every_code_of_the_parser_is_shown_by_a_finding_of_these_tests():
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))

    assert [code for code in CATALOGUE if code[0] == "P" and code not in tests] == []
