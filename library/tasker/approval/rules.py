"""Which answers count. Pure: everything that is to know about an answer is in it.

Who two answers are from is decided against the person who answers: any number that they share makes them the same
person, but for the uid of root, which is shared by those whose login uids differ.
"""

from __future__ import annotations

from tasker.approval.answer import STOP, TERMINAL, WORDS, YES, Answer, Who
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.approval.question import Question


class Weighed(NamedTuple):
    """Does an answer count, and if not, why?"""

    counts: bool
    why: str


def weigh(
    question: Question | None,
    counted: Sequence[Answer],
    answer: Answer,
    signed_only: bool = False,
    starter_login: str = "",
) -> Weighed:
    """Judge an answer. question: the open one, None where there is none. counted: the answers to it that count so far.
    signed_only: does the configuration want signatures? starter_login: the login name of who started the run."""
    if why := (
        _too_late(question)
        or answer.fault  # why it has no question, if it has none
        or (question is not None and _wrong_question(question, answer))
        or (question is not None and _wrong_person(question, answer, signed_only, starter_login))
        or (question is not None and _wrong_text(question, answer))
        or _answered_before(counted, answer)
    ):
        return Weighed(False, why)
    return Weighed(True, "")


def decision(question: Question, counted: Sequence[Answer]) -> str:
    """What these answers decide: `yes`, another word, or "" where more are needed."""
    others = [one.answer for one in counted if one.answer != YES]
    return others[0] if others else YES if len(counted) >= question.approvals else ""


def _too_late(question: Question | None) -> str:
    return "it came too late: the run waits for no answer now" if question is None else ""


def _wrong_question(question: Question, answer: Answer) -> str:
    if answer.answer not in WORDS or (answer.answer == STOP and answer.via != TERMINAL):
        return "it is neither a yes nor a no"
    if answer.id != question.id or answer.nonce != question.nonce:
        return f"it is for another question: the run asks question {question.number} now, of task {question.task}"
    return ""


def _wrong_text(question: Question, answer: Answer) -> str:
    if answer.shown != question.shown:
        return "it is for another text than the one that the run shows: read the question again"
    return ""


def _wrong_person(question: Question, answer: Answer, signed_only: bool, starter_login: str) -> str:
    if answer.answer == STOP:  # at the terminal of the run, where Ctrl-C would end it too
        return ""
    if signed_only and not answer.principal:
        return "the configuration takes signed answers only (signed_only): add --key KEY"
    names = question.approvers
    if names and answer.by not in names:
        return f"'{answer.by}' is not among the approvers, {', '.join(names)}"
    if names and not answer.principal and len(answer.who.numbers) > 1:
        return f"'{answer.by}' has logged in as user {answer.login_uid}: answer from the account that you logged in to"
    if question.approvals < 2:
        return ""
    if answer.principal:
        if starter_login and _login_of_principal(answer.principal) == starter_login:
            return f"'{answer.by}' has started the run, and it needs {question.approvals} other people"
    elif same_person(answer.who, question.starter):
        return f"'{answer.by}' has started the run, and it needs {question.approvals} other people"
    return ""


def _answered_before(counted: Sequence[Answer], answer: Answer) -> str:
    # a no counts from whoever has said yes before: until it is decided, a person may find a mistake
    if answer.answer == YES and any(_same(before, answer) for before in counted):
        return f"'{answer.by}' has answered this question already"
    return ""


def _same(one: Answer, other: Answer) -> bool:
    """Are these two answers from the same person?"""
    if one.principal and other.principal:
        return one.principal == other.principal or one.key == other.key
    if not one.principal and not other.principal:
        return same_person(one.who, other.who)
    # a signature and a uid: also where one person has brought the signature of another, who can bring it themselves
    signed, plain = (one, other) if one.principal else (other, one)
    return _login_of_principal(signed.principal) == plain.by or same_person(one.who, other.who)


def _login_of_principal(principal: str) -> str:
    """The login name that a principal stands for: `alice` of `alice@example.com`."""
    return principal.partition("@")[0]


def same_person(one: Who, other: Who) -> bool:
    """Can these two be the same person?"""
    if one.uid == other.uid == 0 and None in (one.login_uid, other.login_uid):
        return True
    return bool(one.numbers & other.numbers)
