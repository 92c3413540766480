"""An answer to a question of a run, wherever it came from. Pure."""

from __future__ import annotations

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Document

YES, NO, STOP = "yes", "no", "stop"
WORDS = (YES, NO, STOP)
LONGEST_REASON = 2000  # characters
TERMINAL, SOCKET, LEFT = "terminal", "socket", "left"


class Who(NamedTuple):
    """A person, as the kernel has them. login_uid: the user who logged in, whoever they became since; None where the
    kernel has none (a daemon, a container, a kernel without auditing).

    The uid cannot be forged. A process without a login uid may set one, to any user's: so it names a person only where
    the uid does not, which is for root. Elsewhere it can take something away, and adds nothing."""

    uid: int
    login_uid: int | None = None

    @property
    def person(self) -> int:
        """The uid that stands for the person: of root the one who became it."""
        return self.login_uid if self.uid == 0 and self.login_uid is not None else self.uid

    @property
    def numbers(self) -> set[int]:
        """Every uid that the person can have been."""
        return {self.person} if self.uid == 0 or self.login_uid is None else {self.uid, self.login_uid}


class Answer(NamedTuple):
    """answer: one of WORDS. by: the login name of the person, or the principal of the signature. uid, login_uid: see
    Who; of what was left in a folder, the owner of the file. principal, key: of a good signature, else "". via: how it
    came. id, nonce, shown: the question that it answers, by its record; shown is the hash of the text that the person
    saw. fault: why it cannot count whatever the rules say, or "". token: of the connection that waits for the reply.
    """

    answer: str
    reason: str
    by: str
    uid: int
    login_uid: int | None
    via: str
    id: str = ""
    nonce: str = ""
    shown: str = ""
    principal: str = ""
    key: str = ""
    fault: str = ""
    token: int = -1

    @property
    def who(self) -> Who:
        return Who(self.uid, self.login_uid)

    def record(self, counts: bool, why: str) -> Document:
        """What a journal keeps of it (record `answer`)."""
        made: Document = {"id": self.id, "answer": self.answer, "reason": self.reason, "by": self.by}
        made |= {"uid": self.uid, "login_uid": self.login_uid, "via": self.via, "nonce": self.nonce}
        made |= {"principal": self.principal, "key": self.key} if self.principal else {}
        return {**made, "counts": counts, "why": why}


def answer_of_record(doc: Document) -> Answer:
    """The answer of a record that `Answer.record` made."""
    known = {name: doc[name] for name in Answer._fields if name in doc}
    return Answer(**known)
