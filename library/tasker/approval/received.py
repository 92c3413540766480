"""An answer out of a document that came from another process: whatever is in it is data of a stranger."""

from __future__ import annotations

import os

from tasker.approval.answer import LONGEST_REASON, NO, WORDS, Answer, Who
from tasker.system.login_names import login_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.approval.question import Question
    from tasker.protocol.types import Document

    # (principal, fingerprint of the key, why the signature does not hold or "") of an answer with a signature
    Check: TypeAlias = Callable[[Question, Document], tuple[str, str, str]]

LONGEST_WORD = 128  # characters of an id, a nonce, a hash


def received_answer(
    doc: Document, question: Question, check: Check | None, who: Who, via: str, *, fault: str = "", token: int = -1
) -> Answer:
    """The answer in a document. check: see signing.check; None where the configuration takes no signatures. who: from
    whom it came, by the kernel. fault: why it cannot count in any case."""
    word = _text(doc.get("answer"), LONGEST_WORD)
    if word not in WORDS:
        word, fault = NO, fault or "it is neither a yes nor a no"
    principal = key = ""
    if "signature" in doc and not fault:
        if check is None:
            fault = "the configuration of the run has no allowed_signers, so no signature can be checked"
        else:
            principal, key, fault = check(question, doc)
    return Answer(
        answer=word,
        reason=_text(doc.get("reason"), LONGEST_REASON),
        by=principal or name_of(who),
        uid=who.uid,
        login_uid=who.login_uid,
        via=via,
        id=_text(doc.get("id"), LONGEST_WORD),
        nonce=_text(doc.get("nonce"), LONGEST_WORD),
        shown=_text(doc.get("shown"), LONGEST_WORD),
        principal=principal,
        key=key,
        fault=fault,
        token=token,
    )


def name_of(who: Who) -> str:
    """The login name of a person, or their uid where it has none."""
    return login_of(who.person, os.uname().nodename) or str(who.person)


def _text(value: object, most: int) -> str:
    return shorten(printable(value), most) if isinstance(value, str) else ""
