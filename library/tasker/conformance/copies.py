"""Checks of copies of files, for a runner whose `about` has `copies`."""

from __future__ import annotations

import os
import shutil
import tempfile

from tasker.conformance.check import SHOULD, check, require_same
from tasker.conformance.subject import require_local
from tasker.conformance.verdicts import Fault, Inapplicable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject
    from tasker.protocol.types import Document

CONTENT = b"copied\n" * 5000


def _asked(subject: Subject, what: str, source: str, target: str, **keys: object) -> Document:
    """The answer to a copy."""
    copy = {"what": what, "source": source, "target": target, **keys}
    doc = subject.request(["true"], copy=copy)
    for key in ("words", "script", "environment"):
        doc.pop(key, None)
    return subject.once(doc)[0]


def _require_copies(subject: Subject) -> list[str]:
    able = subject.about.get("copies")
    if not isinstance(able, list) or not able:
        raise Inapplicable("its 'about' has no 'copies'")
    require_local(subject)
    return [str(one) for one in able]


@check("copies", "copies a file whole, and does not write an equal one again", level=SHOULD)
def copies(subject: Subject) -> None:
    able = _require_copies(subject)
    folder = tempfile.mkdtemp(prefix="tasker-kit-")
    try:
        source = os.path.join(folder, "file")
        with open(source, "wb") as file:
            file.write(CONTENT)
        for what in able:
            target = os.path.join(folder, f"new {what}", "file")
            for word in ("changed", "unchanged"):
                answer = _asked(subject, what, source, os.path.dirname(target) + "/")
                first = answer.get("stdout", "").partition("\n")[0]
                seen = answer.get("outcome"), answer.get("exit_code"), first
                require_same(f"(outcome, exit code, first line) of a {what}", ("ok", 0, word), seen)
            with open(target, "rb") as file:
                if file.read() != CONTENT:
                    raise Fault(f"the file of a {what} is not what its source is")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@check("copies: validate", "keeps the old file where the command that checks the new one fails", level=SHOULD)
def copies_validate(subject: Subject) -> None:
    if "put" not in _require_copies(subject):
        raise Inapplicable("it does not put files")
    folder = tempfile.mkdtemp(prefix="tasker-kit-")
    try:
        source, target = os.path.join(folder, "file"), os.path.join(folder, "old")
        for path, content in ((source, CONTENT), (target, b"old")):
            with open(path, "wb") as file:
                file.write(content)
        answer = _asked(subject, "put", source, target, validate=[["test"], ["!"], ["-e"], ["", ""]])
        require_same("(outcome, exit code)", ("failed", 1), (answer.get("outcome"), answer.get("exit_code")))
        with open(target, "rb") as file:
            left = (sorted(os.listdir(folder)), file.read())
        require_same("(what is there, the old file)", (["file", "old"], b"old"), left)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
