#!/usr/bin/env python3
"""Read a task file into a workflow document: every value with its line and column, problems as findings.

In: the name of a task file, or its text on stdin. Out: always a workflow, even if the file is missing or not text;
`ok` is false if a finding is an error. docs/language.md §1 and §2 describe how a task file is read.
"""

from __future__ import annotations

import gc
import os
import sys

from tasker.language.parse import source
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol import document, exit_codes, stage_io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from tasker.protocol.types import Workflow

    class Options(TypedDict):
        """The options of a call."""

        paths: list[str]
        name: str | None
        text: bool
        given: list[tuple[str, str]]


USAGE = """
usage: parse [--text] [--name NAME] [--set NAME=VALUE] [--set-file VALUES] FILE
       parse [--text] FILE FILE ...

  parse deploy.txt | jq .findings            its findings
  generate | parse --name generated -        a task file that another program prints
  parse *.txt | tasker tasks | jq .findings  several: a document, and a line, for each

  -            read the task file from stdin; also without FILE, if stdin is not a terminal
  --text       add the whole text of the file to the document
  --name NAME  name of the file in the document and its findings
  --set NAME=VALUE   give a global variable this value; --set-file VALUES: those in the lines of a file
  --about      print what this stage accepts and returns
"""
ABOUT = {"accepts": "text", "returns": "workflow"}


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        from tasker.system.standard_output import print_text

        print_text(USAGE.strip())
        return exit_codes.GOOD
    if arguments == ["--about"]:
        return stage_io.Output().say({**document.document("about", protocols=[document.PROTOCOL]), **ABOUT})
    asked = options(arguments)
    if asked is None or ("-" in asked["paths"] and (sys.stdin is None or sys.stdin.isatty())):
        return stage_io.print_usage(USAGE)
    gc.disable()  # it would go through all tasks again and again: half of the time for a large file
    output = stage_io.Output()
    statuses = [output.say(parse(path, asked["name"], asked["text"], asked["given"])) for path in asked["paths"]]
    return next(filter(None, statuses), exit_codes.GOOD)


def options(arguments: list[str]) -> Options | None:
    """The arguments of `parse`, or None if they are not valid."""
    paths: list[str] = []
    given: list[tuple[str, str]] = []
    name, text, rest = None, False, iter(arguments)
    for word in rest:
        if word == "--text":
            text = True
        elif word == "--name" or word.startswith("--name="):
            name = word[7:] if "=" in word else next(rest, None)
            if not name:
                return None
        elif word.startswith("--set"):
            option, equals, value = word.partition("=")
            if option not in ("--set", "--set-file"):
                return None
            value = value if equals else next(rest, "")
            if not value:
                return None
            given.append((option, value))
        elif word == "--":
            paths.extend(rest)
        elif word.startswith("-") and word != "-":
            return None
        else:
            paths.append(word)
    if len(paths) > 1 and (name or "-" in paths):  # a name is of one file, and so is stdin
        return None
    return {"paths": paths or ["-"], "name": name, "text": text, "given": given}


def parse(path: str, name: str | None = None, text: bool = False, given: Sequence[tuple[str, str]] = ()) -> Workflow:
    """The workflow document of the file at this path ("-": on stdin). given: (--set or --set-file, its value)."""
    # a file name need not be UTF-8, a document must be
    file = os.fsencode(name or path).decode("utf-8", "backslashreplace")
    if path == "-":
        data, findings = source.read_stream(sys.stdin.buffer, file)
    else:
        data, findings = source.read_file(path, file)
    return parse_workflow(data, file, findings=findings, with_text=text, given=given, environment=os.environb)


if __name__ == "__main__":
    raise SystemExit(main())
