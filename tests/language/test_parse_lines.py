"""The lines of a task file: comments, signs and quotes (docs/language.md §1; docs/threats.md row 27)."""

import pytest
from parsing import codes, only, read, task

from tasker.language.fields import CONDITIONS, FIELDS


@pytest.mark.parametrize("line", ["command", "return", "return x", "return 0 1", "return -1", "return ٣", "echo # a=b"])
def test_a_line_without_a_sign_is_an_error_with_its_place(line):
    doc = read(f"task=0\n  {line}\n")

    assert codes(doc) == ["P010 2:3"]
    assert "no '=' in" in only(doc)["message"]


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("hosts: web1", "write 'hosts=web1'"),
        ("hosts:web1", "write key=value"),
        ("tasks:", "write key=value"),
        ("- name: x", "write key=value"),
        ("command uptime", "write 'command=uptime'"),
    ],
)
def test_a_line_of_yaml_is_shown_as_it_should_be(line, fix):
    assert only(read(f"task=0\n{line}\n"))["fix"] == f"{fix}, or begin a comment with '#'"


@pytest.mark.parametrize("line", ["return 7", "\treturn \t7 ", "return 7 # done", "return 7 # a=b"])
def test_return_without_a_sign_is_read_with_a_hint(line):
    doc = read(f"task=0\n{line}\n")

    assert task(doc, 0)["return"] == "7"
    assert task(doc, 0)["at"]["return"] == [2, line.index("7") + 1]
    assert (only(doc)["code"], only(doc)["severity"], doc["ok"]) == ("P021", "hint", True)


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("command", "a #b", "a"),
        ("command", "a\t# b", "a"),
        ("command", "a#b", "a#b"),
        ("command", "#b", "#b"),
        ("command", " #b", ""),
        ("command", '"a # b"', '"a # b"'),
        ("command", "'a # b' # c", "'a # b'"),
        ("command", '"a \\" # b" # c', '"a \\" # b"'),
        ("command", '"a \\\\" # b"', '"a \\\\"'),
        ("command", "'a \\' # b'", "'a \\'"),
        ("command", "it\\'s # it's", "it\\'s"),
        ("command", "it's # its", "it's"),
        ("command", '5" # x', '5"'),
        ("command", "5\" 'a # b' # c", "5\" 'a # b'"),
        ("command", '\\\\"a # b" # c', '\\\\"a # b"'),
        ("command", '"a" "b # c', '"a" "b'),
        ("command", "a \\# b", "a \\# b"),
        ("command", "a='x # y'#z", "a='x # y'#z"),
        ("hostname", "'a # b' # c", "'a # b'"),
        ("next", "stdout~'a # b'", "stdout~'a"),
        ("next", 'stdout~"a # b" # c', 'stdout~"a # b"'),
        ("next", 'stdout~"a \\" # b" # c', 'stdout~"a \\" # b"'),
        ("next", 'stdout~5" # c', 'stdout~5"'),
        ("NAME", "'a # b' # c", "'a # b'"),
        ("NAME", "don't # \"x", "don't"),
    ],
)
def test_a_comment_is_cut_off_a_value(field, written, value):
    doc = read(f"task=0\n{field}={written}\n") if field in FIELDS else read(f"{field}={written}\ntask=0\n")

    assert (task(doc, 0)[field] if field in FIELDS else doc["variables"][field]["value"]) == value


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_single_quotes_count_in_every_field_but_conditions(field):
    value = task(read(f"task=0\n{field}='a # b'\n"), 0)[field]

    assert value == ("'a" if field in CONDITIONS else "'a # b'")


@pytest.mark.parametrize("field", ["command", "arguments", "NAME"])
def test_a_hint_says_what_was_cut_where_it_may_have_been_text(field):
    text = f"{field}=echo # of files\n"
    doc = read(f"task=0\n{text}" if field in FIELDS else f"{text}task=0\n")

    hint = only(doc)
    assert (hint["code"], hint["severity"], doc["ok"]) == ("P020", "hint", True)
    assert hint["message"] == "'# of files' is read as a comment"
    assert hint["column"] == len(field) + 7
    assert hint.get("field", "NAME") == field


def test_no_hint_says_what_was_cut_elsewhere():
    assert read("task=0 # x\nsleep=5  # Sleep for 5 seconds\nnext=exit_0 # x\n")["findings"] == []
