"""The skeleton of every Python stage: documents in on stdin, documents out on stdout.

docs/PROTOCOL.md describes every kind of document, and the three ways to call a stage:
once, ``--lines`` and ``--about``.
"""

import sys

from tasker.protocol.document import PROTOCOL, Problem, decode, document
from tasker.protocol.exit_codes import GOOD
from tasker.protocol.stage_io import Output, print_usage, read_lines, read_once

__all__ = ["Output", "Problem", "document", "read_once", "serve"]


def serve(answer, about, text, arguments=None):
    """Be a stage: call `answer(document)` as the arguments say, and return the exit status.

    answer: gives the answering document, or raises Problem.
    about: what the stage says of itself, without the common keys.
    text: the usage, for --help and wrong arguments.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        from tasker.system.standard_output import print_text

        print_text(text.strip())
        return GOOD
    if arguments not in ([], ["--lines"], ["--about"]):
        return print_usage(text)
    output = Output()
    greeting = document("about", protocols=[PROTOCOL], **about)
    if arguments == ["--about"]:
        return output.say(greeting)
    if arguments == []:
        return output.say(_answered(answer, lambda: read_once(text)))
    output.say(greeting)
    try:
        for line in read_lines():
            output.say(_answered(answer, lambda line=line: decode(line)))
    except Problem as problem:  # a line without end: what follows it cannot be told apart any more
        return output.say(problem.document())
    return GOOD


def _answered(answer, read):
    """What the stage answers, with the asker's id; a Problem becomes its error document."""
    asked = {}
    try:
        asked = read()
        doc = answer(asked)
    except Problem as problem:
        doc = problem.document()
    if "id" in asked:
        doc["id"] = asked["id"]
    return doc
