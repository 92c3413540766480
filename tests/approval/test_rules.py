"""Which answers count: who they are from, what they are for, when they came."""

import pytest
from people import ALICE, BOB, CAROL, a_question, an_answer

from tasker.approval.answer import LEFT, TERMINAL, Who, answer_of_record
from tasker.approval.rules import same_person, weigh

ROOT = 0


def why(question, answer, *counted, **more):
    weighed = weigh(question, counted, answer, **more)
    assert weighed.counts is (weighed.why == "")
    return weighed.why


@pytest.mark.parametrize("word", ["yes", "no"])
def test_an_answer_to_the_open_question_counts(word):
    assert why(a_question(), an_answer(a_question(), answer=word)) == ""


def test_the_starter_may_answer_where_one_approval_is_enough():
    assert why(a_question(starter=Who(BOB)), an_answer(a_question())) == ""


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"nonce": "n0"}, "for another question"),
        ({"id": "ask.0"}, "for another question"),
        ({"shown": "0" * 64}, "for another text"),
        ({"shown": ""}, "for another text"),
        ({"answer": "maybe"}, "neither a yes nor a no"),
        ({"answer": "stop"}, "neither a yes nor a no"),
        ({"fault": "its signature is not valid"}, "its signature is not valid"),
    ],
)
def test_what_is_for_something_else_does_not_count(facts, reason):
    assert reason in why(a_question(), an_answer(a_question(), **facts))


def test_an_answer_when_nothing_is_asked_came_too_late():
    assert "too late" in why(None, an_answer(a_question()))


def test_stop_is_for_the_terminal_of_the_run_and_for_the_starter_too():
    question = a_question(approvals=2, starter=Who(BOB), approvers=("carol",))

    assert why(question, an_answer(question, answer="stop", via=TERMINAL)) == ""


def test_only_approvers_count_where_they_are_named():
    question = a_question(approvers=("alice", "bob"))

    assert why(question, an_answer(question, by="bob")) == ""
    assert "'mallory' is not among the approvers, alice, bob" in why(question, an_answer(question, by="mallory"))


def test_an_approver_is_who_has_logged_in_to_that_account():
    question = a_question(approvers=("bob",))

    assert why(question, an_answer(question, by="bob", uid=BOB, login_uid=BOB)) == ""
    assert why(question, an_answer(question, by="bob", uid=ROOT, login_uid=BOB)) == ""
    # sudo -u bob
    assert "logged in as user" in why(question, an_answer(question, by="bob", uid=BOB, login_uid=ALICE))


def test_a_login_uid_that_a_process_has_set_itself_makes_nobody_else_of_its_user():
    question, forged = a_question(approvals=2), {"uid": CAROL, "login_uid": BOB}

    assert an_answer(question, **forged).who.person == CAROL
    assert "already" in why(question, an_answer(question, **forged), an_answer(question, uid=CAROL, login_uid=CAROL))
    assert "already" in why(question, an_answer(question, uid=CAROL), an_answer(question, **forged))


@pytest.mark.parametrize(
    ("starter", "answer"),
    [
        (Who(BOB), {"uid": BOB}),
        (Who(BOB, BOB), {"uid": BOB, "login_uid": BOB}),
        (Who(BOB, BOB), {"uid": ROOT, "login_uid": BOB}),  # sudo
        (Who(ROOT, BOB), {"uid": BOB, "login_uid": BOB}),
        (Who(BOB, BOB), {"uid": BOB}),  # through cron, which may have no login uid
        (Who(ROOT, BOB), {"uid": ROOT}),
        (Who(BOB), {"uid": ROOT, "login_uid": BOB}),
        (Who(BOB, BOB), {"uid": CAROL, "login_uid": BOB}),  # su
        (Who(BOB, ALICE), {"uid": BOB, "login_uid": CAROL}),  # an account that several use
        (Who(BOB, BOB), {"uid": BOB, "via": LEFT}),
        (Who(BOB, BOB), {"uid": CAROL, "principal": "bob@example.com", "by": "bob@example.com"}),
    ],
)
def test_with_two_approvals_the_starter_does_not_count(starter, answer):
    question = a_question(approvals=2, starter=starter)

    assert "has started the run" in why(question, an_answer(question, **answer), starter_login="bob")


def test_two_people_who_both_became_root_are_two_people():
    question = a_question(approvals=2)
    first = an_answer(question, uid=ROOT, login_uid=BOB)

    assert why(question, an_answer(question, uid=ROOT, login_uid=CAROL), first) == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"uid": BOB}, {"uid": BOB}),
        ({"uid": BOB, "login_uid": BOB}, {"uid": ROOT, "login_uid": BOB}),
        ({"uid": BOB, "login_uid": BOB}, {"uid": BOB}),
        ({"uid": ROOT, "login_uid": BOB}, {"uid": ROOT}),
        ({"principal": "bob", "key": "k1", "uid": 1}, {"principal": "bob", "key": "k2", "uid": 2}),
        ({"principal": "bob", "key": "k1", "uid": 1}, {"principal": "bob-admin", "key": "k1", "uid": 2}),
        ({"principal": "bob@x", "key": "k1", "uid": CAROL}, {"uid": BOB, "by": "bob"}),
        ({"principal": "robert", "key": "k1", "uid": BOB}, {"uid": BOB, "by": "bob"}),
    ],
)
def test_the_same_person_counts_once(first, second):
    question = a_question(approvals=2)

    for one, other in ((first, second), (second, first)):
        assert "answered this question already" in why(
            question, an_answer(question, **other), an_answer(question, **one)
        )


def test_two_signatures_that_one_person_has_brought_are_of_two_people():
    question = a_question(approvals=2)
    first = an_answer(question, uid=ALICE, via=LEFT, principal="bob", key="k1", by="bob")

    assert why(question, an_answer(question, uid=ALICE, via=LEFT, principal="carol", key="k2", by="carol"), first) == ""


def test_whoever_said_yes_may_still_say_no():
    question = a_question(approvals=2)

    assert why(question, an_answer(question, answer="no"), an_answer(question)) == ""


def test_signed_only_takes_nothing_else():
    question = a_question()

    assert "signed" in why(question, an_answer(question), signed_only=True)
    assert why(question, an_answer(question, principal="bob", by="bob"), signed_only=True) == ""


@pytest.mark.parametrize("numbers", [(0, None, 0, None), (0, 5, 5, None), (7, 5, 8, 5), (0, None, 0, 5), (7, 5, 7, 6)])
def test_who_is_the_same_person(numbers):
    assert same_person(Who(*numbers[:2]), Who(*numbers[2:]))
    assert same_person(Who(*numbers[2:]), Who(*numbers[:2]))


def test_who_is_another_person():
    assert not same_person(Who(5), Who(6))
    assert not same_person(Who(0, 5), Who(0, 6))
    assert not same_person(Who(0, 5), Who(6))
    assert not same_person(Who(0, 5), Who(6, 6))


def test_an_answer_comes_back_from_its_record():
    answer = an_answer(a_question(), principal="bob", key="SHA256:x", reason="fine")

    assert answer_of_record(answer.record(True, ""))._replace(shown=answer.shown) == answer
