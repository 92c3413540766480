"""Answers that wait next to the journal of a run: whole or not at all, and the owner's."""

import os
from pathlib import Path

import pytest
from people import ALICE, BOB, MALLORY, a_question, open_place, run_as

from tasker.approval import left_answers
from tasker.approval.answer import LEFT
from tasker.approval.recorded import answer_document
from tasker.approval.rules import weigh

QUESTION = a_question()


@pytest.fixture
def run_folder(tmp_path):
    tmp_path.chmod(0o700)
    return str(tmp_path)


def leave(run_folder, **changes):
    return left_answers.leave(run_folder, {**answer_document(QUESTION, True, "fine"), **changes})


def taken(run_folder, check=None):
    return [answer for answer, _ in left_answers.take(run_folder, QUESTION, check)]


def test_an_answer_of_the_owner_counts_once_it_is_taken(run_folder):
    path = leave(run_folder)

    ((answer, where),) = left_answers.take(run_folder, QUESTION)
    assert (answer.answer, answer.reason, answer.via, answer.uid, answer.login_uid) == ("yes", "fine", LEFT, 0, None)
    assert where == path and weigh(QUESTION, (), answer).counts
    assert os.stat(path).st_mode & 0o777 == 0o600 and os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
    left_answers.remove(path)
    assert taken(run_folder) == []


def test_they_are_taken_in_the_order_in_which_they_were_left(run_folder):
    for reason in ("a", "b", "c"):
        leave(run_folder, reason=reason)

    assert [answer.reason for answer in taken(run_folder)] == ["a", "b", "c"]


def test_nothing_left_is_nothing(run_folder):
    assert taken(run_folder) == []
    (Path(run_folder) / left_answers.FOLDER).touch()
    assert taken(run_folder) == []


def test_half_an_answer_is_never_taken(run_folder, monkeypatch):
    def fails(*_):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space"):
        leave(run_folder)
    monkeypatch.undo()

    (Path(run_folder) / left_answers.FOLDER / ".0_killed").write_text('{"answer":"yes"')
    assert taken(run_folder) == []


def test_an_answer_can_be_withdrawn_until_it_is_taken(run_folder):
    path = leave(run_folder)

    assert left_answers.withdraw(path)
    assert not left_answers.withdraw(path)


def planted(run_folder, make):
    folder = Path(run_folder) / left_answers.FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    make(folder / "1.json")
    (answer,) = taken(run_folder)
    assert not weigh(QUESTION, (), answer).counts and answer.fault.isprintable()
    return answer.fault


def test_what_is_no_answer_of_the_owner_does_not_count(run_folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "good.json"
    os.rename(leave(run_folder), outside)
    good = outside.read_bytes()

    def stranger(path):
        path.write_bytes(good)
        os.chown(path, MALLORY, MALLORY)

    def open_to_all(path):
        os.chown(path, 0, 0)
        path.chmod(0o666)

    assert "not a private file of the owner" in planted(run_folder, stranger)
    assert "not a private file of the owner" in planted(run_folder, open_to_all)
    folder = Path(run_folder) / left_answers.FOLDER
    for make in (
        lambda path: path.symlink_to(outside),
        lambda path: path.hardlink_to(outside),
        os.mkfifo,
        os.mkdir,
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_bytes(b"[1]"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"[" * 60_000),
        lambda path: path.write_bytes(b" " * left_answers.LARGEST + good),
    ):
        old = folder / "1.json"
        old.rmdir() if old.is_dir() and not old.is_symlink() else old.unlink()
        assert planted(run_folder, make)


def test_a_signature_is_checked_and_its_principal_is_who_answers(run_folder):
    leave(run_folder, signature="s")
    leave(run_folder, signature="bad")

    def check(_, doc):
        return ("bob", "k", "") if doc["signature"] == "s" else ("", "", "its signature is not valid")

    assert [(one.by, one.fault) for one in taken(run_folder, check)] == [
        ("bob", ""),
        ("root", "its signature is not valid"),
    ]
    assert all("no allowed_signers" in one.fault for one in taken(run_folder))


def test_the_login_uid_that_a_file_claims_has_no_effect(run_folder):
    leave(run_folder, uid=BOB, login_uid=BOB, by="bob", principal="bob", via="socket", counts=True)

    (answer,) = taken(run_folder)
    assert (answer.uid, answer.login_uid, answer.by, answer.principal, answer.via) == (0, None, "root", "", LEFT)


def test_a_stranger_cannot_leave_one_in_the_folder_of_a_run():
    with open_place() as place:
        folder = place / "run"
        folder.mkdir(mode=0o700)
        os.chown(folder, ALICE, ALICE)

        with pytest.raises(PermissionError):
            run_as(BOB, leave, str(folder))
        assert run_as(ALICE, leave, str(folder))
        assert [one.uid for one in run_as(ALICE, taken, str(folder))] == [ALICE]
