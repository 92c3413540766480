"""What parse reads: the examples of docs/GRAMMAR.md, tasks and their fields (docs/language.md §2)."""

import re

import pytest
from parsing import HELLO, ROOT, SCHEMA, TASKS, at_its_place, codes, only, places, read, task
from tasker.modules.parse import parse

from tasker.language.fields import FIELDS, LATER_FIELDS

PAGE = (ROOT / "docs" / "GRAMMAR.md").read_text()
EXAMPLES = re.findall(r"^```task-file\n(.*?)^```\n```reads\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.mark.parametrize(("text", "reads"), EXAMPLES)
def test_an_example_of_the_grammar_reads_as_the_page_says(text, reads):
    doc = read(text)

    lines = reads.splitlines()
    assert [line for line in lines if re.match(r"P\d{3} ", line)] == codes(doc)
    for line in lines:
        if found := re.fullmatch(r"([0-9]+)\.(\w+) =(?: (.*))?", line):
            assert (found[3] or "") == task(doc, int(found[1]))[found[2]]
        elif found := re.fullmatch(r"(\w+) = (.*)", line):
            assert found[2] == doc["variables"][found[1]]["value"]


def test_the_grammar_has_its_examples():
    assert len(EXAMPLES) == PAGE.count("```task-file\n") > 10


def test_the_first_task_file_reads_without_a_finding():
    doc = read(HELLO)

    assert doc["ok"] is True
    assert doc["findings"] == []
    assert doc["variables"] == {"NAME": {"value": "world", "at": [2, 6]}}
    assert [(one["task"], one["title"]) for one in doc["tasks"]] == [
        (0, "Say hello"),
        (1, "Repeat what the first task said"),
    ]
    assert task(doc, 0) == {
        "task": 0,
        "line": 5,
        "title": "Say hello",
        "command": "echo",
        "arguments": "hello @NAME@",
        "exec": "local",
        "next": "exit_0",
        "at": {"task": [5, 6], "command": [6, 9], "arguments": [7, 11], "exec": [8, 6], "next": [9, 6]},
    }


@pytest.mark.parametrize("path", sorted(TASKS.glob("*.txt")), ids=lambda path: path.name)
def test_a_task_file_of_the_tests_is_a_valid_document_with_its_values_in_place(path):
    text = path.read_bytes().decode()

    doc = read(text)

    assert list(SCHEMA.iter_errors(doc)) == []
    assert [(value, at) for value, at in places(doc) if not at_its_place(text, value, at)] == []


def test_the_first_example_of_the_description_reads_with_one_hint():
    doc = parse(str(TASKS / "seed_overview.txt"))

    assert codes(doc) == ["P021 24:8"]
    assert doc["ok"] is True
    assert task(doc, 5)["return"] == "0"
    assert task(doc, 3)["title"].startswith("toggle between exit 0 and exit (exit 1 = echo")


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_is_read_as_the_text_that_was_written(field):
    doc = read(f"task=3\n{field} = @X@ <b> \n")

    assert task(doc, 3)[field] == "@X@ <b>"
    assert task(doc, 3)["at"][field] == [2, len(field) + 4]
    assert doc["findings"] == []


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("# One\n", "One"),
        ("## One\n#   two  \n", "One two"),
        ("#One\n\n", None),
        ("\n# One\n   # two\n", "One two"),
        ("# ----\n# One\n# ====\n#\n", "One"),
        ("# ----\n", None),
        ("# ☃ ___\n", None),
        ("# été\n", "été"),
        ("# a\nX=1\n# b\n", "b"),
        ("# a\nX=1 # b\n", None),
        ("# a\nnonsense\n", None),
    ],
)
def test_the_comment_lines_directly_above_a_task_are_its_title(above, title):
    assert read(f"{above}task=0\n")["tasks"][0].get("title") == title


@pytest.mark.parametrize("number", ["0", "999999", "007", "0000000000000000000000000000000000001"])
def test_a_task_number_is_decimal_from_0_to_999999(number):
    doc = read(f"task={number}\n")

    assert doc["findings"] == []
    assert doc["tasks"][0]["task"] == int(number)


@pytest.mark.parametrize(
    "number", ["", "-1", "+1", "1.0", "1e3", "0x1", "1_0", "٣", "²", "1000000", "9" * 30, "9" * 9999, "@N@", "1 2", "a"]
)
def test_any_other_task_number_is_an_error_and_its_fields_belong_to_no_task(number):
    doc = read(f"task=0\ncommand=a\ntask={number}\ncommand=b\nsleep=1\ntask=2\ncommand=c\n")

    assert codes(doc) == ["P017 3:6"]
    assert "task" not in only(doc)
    assert [(one["task"], one["command"], one.get("sleep")) for one in doc["tasks"]] == [(0, "a", None), (2, "c", None)]


@pytest.mark.parametrize("line", ["task 1", "task", "task: 1", "TASK=1", "Task=1", "tak=1"])
def test_a_misspelt_beginning_of_a_task_does_not_spill_its_fields_into_the_task_before(line):
    doc = read(f"task=0\n{line}\ncommand=b\n")

    assert doc["ok"] is False
    assert len(doc["findings"]) == 1
    assert "command" not in task(doc, 0)


def test_a_task_number_given_twice_is_an_error_with_both_lines_and_the_second_is_left_out():
    doc = read("task=5\ncommand=a\n\ntask=05\ncommand=b\nsleep=3\n")

    assert codes(doc) == ["P018 4:6"]
    assert "lines 1 and 4" in only(doc)["message"]
    assert [one["command"] for one in doc["tasks"]] == ["a"]
    assert "sleep" not in task(doc, 5)


def test_the_fields_of_a_task_that_is_left_out_are_checked_all_the_same():
    doc = read("task=x\ncomand=a\nsleep=1\nsleep=2\n")

    assert codes(doc) == ["P017 1:6", "P014 2:1", "P012 4:1"]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_given_twice_is_an_error_with_both_lines_and_the_first_is_kept(field):
    doc = read(f"task=8\n{field}=a\n\n{field}=b\n{field}=c\n")

    assert codes(doc) == ["P012 4:1", "P012 5:1"]
    assert ["lines 2 and 4" in doc["findings"][0]["message"], "lines 2 and 5" in doc["findings"][1]["message"]] == [
        True,
        True,
    ]
    assert {one["task"] for one in doc["findings"]} == {8}
    assert {one["field"] for one in doc["findings"]} == {field}
    assert task(doc, 8)[field] == "a"


@pytest.mark.parametrize("field", sorted(FIELDS.keys() - LATER_FIELDS))
def test_a_field_before_the_first_task_is_an_error(field):
    doc = read(f" {field}=1\ntask=0\n")

    assert codes(doc) == ["P016 1:2"]
    assert doc["variables"] == {}
    assert field not in task(doc, 0)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "A=1\n", "\ufeff"])
def test_a_file_without_a_task_is_an_error(text):
    doc = read(text)

    assert codes(doc) == ["P008 1:1"]
    assert only(doc)["exit"] == 20
