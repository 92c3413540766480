"""Any input makes a workflow, in linear time: docs/threats.md rows 23 and 29."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing import HELLO, check, read, task

LINES = st.sampled_from(
    [
        *HELLO.decode().splitlines(),
        "",
        "#",
        "# t",
        "x",
        "return 0",
        "task",
        "task=",
        "=",
        "A=1",
        "A = 'x # y",
        'next=" # ',
    ]
)
PIECES = st.sampled_from(
    ["#", " ", "\t", "'", '"', "\\", "=", "\n", "\r", "task=", "next=", "A=", "return", "0", "\ufeff"]
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_make_a_workflow(data):
    check(data)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_random_text_makes_a_workflow_with_its_values_in_place(text):
    check(text.encode())


@settings(max_examples=500, deadline=None)
@given(st.lists(LINES | PIECES | st.text(max_size=5), max_size=30), st.sampled_from(["", "\n", "\r\n"]))
def test_pieces_of_task_files_make_a_workflow_with_its_values_in_place(pieces, join):
    check(join.join(pieces).encode())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(HELLO)), st.integers(0, 9), st.binary(max_size=4))
def test_a_mutated_task_file_makes_a_workflow(start, length, put):
    check(HELLO[:start] + put + HELLO[start + length :])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", " ", "#", "'", '"', "\\", "\\'", '\\"', " #"]), max_size=14).map("".join))
def test_the_cut_of_a_comment_agrees_with_a_reader_that_goes_letter_by_letter(rest):
    for field in ("command", "next"):
        doc = read(f"task=0\n{field}={rest}\n")

        assert task(doc, 0)[field] == cut_slowly(rest, '"' if field == "next" else "'\"").strip(" \t")


def cut_slowly(rest, quotes):
    """The value without its comment, as docs/language.md §1 says it, one character after another."""
    i = 0
    while i < len(rest):
        if rest[i] == "#" and i and rest[i - 1] in " \t":
            return rest[:i]
        if rest[i] == "\\" and rest[i + 1 : i + 2] in ("\\", *quotes):
            i += 1
        elif rest[i] in quotes:
            i = closed_at(rest, i) or i
        i += 1
    return rest


def closed_at(rest, start):
    """Where the quote that is opened at `start` is closed, or 0."""
    i = start + 1
    while i < len(rest) and rest[i] != rest[start]:
        i += 2 if rest[i] == "\\" and rest[start] == '"' else 1
    return i if i < len(rest) else 0


@pytest.mark.parametrize(
    "line",
    [
        'command="' + '\\"' * 500_000 + " #",
        'next="' + '\\"' * 500_000 + " #",
        "command=" + "'' " * 340_000 + " #",
        "command=" + "x'y\\'" * 200_000 + " #",
        "command=" + " " * 1_040_000 + "x #",
        "command=" + " x#" * 340_000,
        "command=" + "\\" * 1_040_000 + " #",
        "# " + "#" * 1_040_000,
        "x" * 1_040_000,
        "9" * 1_040_000 + "=",
        "task=" + "9" * 1_040_000,
        "return " + "9" * 1_040_000,
        "\x1b" * 1_040_000 + "=",
    ],
    ids=lambda line: line[:14],
)
def test_a_hostile_line_of_a_mebibyte_is_read_in_linear_time(line):
    begun = time.process_time()
    read(f"task=1\n{line}\n")

    assert time.process_time() - begun < 2  # 0.1 is usual; a quadratic search takes minutes


def test_twenty_thousand_tasks_are_read_in_linear_time():
    few, many = (
        "".join(
            f"# T{i}\ntask={i}\nhostname=h{i}\ncommand=a # b\narguments='c {i}'\nnext=exit_0\n" for i in range(count)
        )
        for count in (2_000, 20_000)
    )
    began = time.process_time()
    read(few)
    between = time.process_time()
    doc = read(many)
    ended = time.process_time()

    assert [one["task"] for one in doc["tasks"]] == list(range(20_000))
    assert ended - between < 30 * (between - began) + 0.5
