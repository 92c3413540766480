"""The public face of a stage in Python: documents in on stdin, documents out on stdout.

docs/PROTOCOL.md describes every kind of document, and the three ways to call a stage:
once, ``--lines`` and ``--about``.
"""

from __future__ import annotations

import sys

from tasker.protocol.document import PROTOCOL, Problem, decode, document
from tasker.protocol.exit_codes import GOOD
from tasker.protocol.stage_io import Output, print_usage, read_lines, read_once, read_several

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias, TypeVar

    from tasker.protocol.types import Document

    Given = TypeVar("Given")  # what a document is read from
    Answer: TypeAlias = Callable[[Any], Mapping[str, object]]  # Any: a document of the kind that the stage accepts

__all__ = ["Output", "Problem", "document", "read_once", "serve"]


def serve(answer: Answer | None, about: Mapping[str, object], text: str, arguments: list[str] | None = None) -> int:
    """Be a stage: call `answer(document)` as the arguments say, and return the exit status.

    answer: gives the answering document, or raises Problem. None for a stage that takes no documents.
    about: the keys of its `about` document but for the common ones.
    text: the usage, for --help and wrong arguments.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        from tasker.system.standard_output import print_text

        print_text(text.strip())
        return GOOD
    if arguments != ["--about"] and (answer is None or arguments not in ([], ["--lines"])):
        return print_usage(text)
    output = Output()
    greeting = {**document("about", protocols=[PROTOCOL]), **about}
    if answer is None or arguments == ["--about"]:
        return output.say(greeting)
    if arguments == []:
        return _answer_all(output, answer, read_several(text))
    from tasker.system.signals import ignore_as_stage  # here: few stages stay open

    ignore_as_stage(True)
    output.say(greeting)
    try:
        for line in read_lines():
            output.say(_answered(answer, decode, line))
    except Problem as problem:  # a line without end: the lines after it cannot be separated any more
        return output.say(problem.document())
    return GOOD


def _answer_all(output: Output, answer: Answer, questions: list[bytes]) -> int:
    """The exit status: of several documents, the first that is not 0. questions: is emptied, so that no line is
    kept next to the document that was read from it."""
    questions.reverse()
    statuses = []
    while questions:
        statuses.append(output.say(_answered(answer, decode, questions.pop())))
    return next(filter(None, statuses), GOOD)


def _answered(answer: Answer, read: Callable[[Given], Document], given: Given) -> Mapping[str, object]:
    """The answer of the stage, with the id of the question; a Problem becomes its error document."""
    asked: Document = {}
    try:
        asked = read(given)
        del given
        doc = answer(asked)
    except Problem as problem:
        doc = problem.document()
    return {**doc, "id": asked["id"]} if "id" in asked else doc
