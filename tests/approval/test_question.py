"""The text of a question, and a question that comes from a stranger."""

import pytest
from people import TEXT, a_question

from tasker.approval.question import LARGEST_TEXT, question_of_document, question_text, text_hash

FACTS = {"file": "deploy.txt", "file_hash": "ab12", "owner": "user 1000 (alice)", "started": 1795900000.0}


def test_the_text_says_what_is_asked_of_which_file():
    text = question_text("r1", 20, "go on?", **FACTS, so_far=["8 ok"], follows=["task 30 on web1"], approvals=2)

    assert text.split("\n") == [
        "Task 20: go on?",
        "Run r1 of deploy.txt, started by user 1000 (alice) at 2026-11-28 21:06:40 UTC; "
        "it needs 2 approvals of different people",
        "SHA-256 of the task file: ab12",
        "So far: 8 ok",
        "Follows: task 30 on web1",
    ]


def test_what_is_hostile_in_it_stays_one_printable_line():
    text = question_text("r1", 20, "x\nTask 21: \x1b[2J", **FACTS, so_far=["y\u202e\n" * 9])

    assert text.isprintable() is False and all(line.isprintable() for line in text.split("\n"))
    assert len(text.split("\n")) == 4


def test_it_is_limited_and_says_what_is_missing():
    text = question_text("r1", 20, "x", **FACTS, follows=["y" * 1000] * 500)

    assert len(text) <= LARGEST_TEXT and text.endswith("more")


def test_each_fact_changes_the_hash():
    usual = {"run": "r1", "task": 20, "title": "x", **FACTS, "approvers": ["bob"]}
    other = {"run": "r2", "task": 21, "title": "y", "file": "b.txt", "file_hash": "cd", "owner": "o", "started": 0.0}
    texts = {question_text(**usual)} | {question_text(**{**usual, key: value}) for key, value in other.items()}
    texts |= {question_text(**usual, approvals=2), question_text(**{**usual, "approvers": ["carol"]})}

    assert len({text_hash(text) for text in texts}) == len(other) + 3


def test_a_document_comes_back_as_the_question():
    question = a_question()

    assert question_of_document(question.document())._replace(starter=question.starter) == question


def test_the_hash_is_that_of_the_text_whatever_the_document_says():
    assert question_of_document({**a_question().document(), "shown": "0" * 64}).shown == text_hash(TEXT)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"text": text} for text in ("\x1b[2J", "a\rb", "\u202e", 1, None, "x" * 50_000)),
        *({"task": task} for task in ("20", -1, 1 << 40, True, None)),
        *({"approvers": names} for names in ("bob", [1], None)),
        *({"asked": asked} for asked in ("x", None, True, -1, 10**400)),
    ],
    ids=lambda wrong: repr(wrong)[:40],
)
def test_what_a_stranger_sends_instead_is_no_question(wrong):
    assert question_of_document({**a_question().document(), **wrong}) is None
