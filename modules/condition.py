#!/usr/bin/env python3
"""Evaluate a condition: a `question` in, a `verdict` with reasons out; or the same by options, for shell scripts.

The language is in docs/GRAMMAR.md, the documents are in docs/PROTOCOL.md.
"""

from __future__ import annotations

import os
import sys

from tasker import stage
from tasker.language import template
from tasker.language.conditions.context import quote, show_value
from tasker.language.conditions.expression import NAMES, ConditionError, Context, Unknown, parse_condition
from tasker.language.conditions.predicates import typed
from tasker.protocol import document, stage_io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.language.template import Ref
    from tasker.protocol.types import Document

USAGE = """
examples:
  condition.py --exit-code 3 --stdout "$output" 'exit_0&stdout~ready' || echo not ready
  condition.py --set ENV=prod --set 0_stdout=5 '@ENV@=prod&@0_stdout@>4'
  echo '{"tasker":1,"kind":"question","expression":"exit_0","result":{"exit_code":0}}' | condition.py

usage: condition.py [--exit-code N] [--stdout TEXT] [--stderr TEXT] [--set NAME=VALUE]... CONDITION
       condition.py [--lines | --about]      (a question on stdin, or one a line)

  --exit-code N      exit code of the command
  --stdout TEXT      its output; a stream that is not given is unknown, not empty
  --stderr TEXT
  --set NAME=VALUE   a variable, without its @ signs: ENV, 7_stdout

Prints a verdict: "truth" is true, false or unknown, "because" is the reason in words.
Exit status: 0 true, 1 false or unknown, 2 wrong usage, 100 an invalid condition or question.
"""
ABOUT = {"name": "condition", "accepts": "question", "returns": "verdict"}
COUNTS = ("success_count", "failed_count", "skipped_count", "total_count", "stdout_lines", "stderr_lines")
TEXTS = ("stdout", "stderr", "stdout_end", "stderr_end")
SWITCHES = ("success", "stdout_cut", "stderr_cut", "stdout_escaped", "stderr_escaped")
HOLDS = {
    "exit_code": ((int, type(None)), "a whole number"),
    **dict.fromkeys(COUNTS, ((int,), "a whole number")),
    **dict.fromkeys(TEXTS, ((str,), "text")),
    **dict.fromkeys(SWITCHES, ((bool,), "true or false")),
}


class Misuse(Exception):
    """Wrong usage of the options; its text is the reason."""


def answer(question: Document) -> Document:
    """The verdict on a question document. Raises stage.Problem."""
    if question["kind"] != "question":
        raise _bad(f"this is a {quote(question['kind'])}")
    expression, result = question.get("expression"), question.get("result")
    variables = question.get("variables", {})
    if not isinstance(expression, str):
        raise _bad("'expression' is not text")
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise _bad("'variables' is not an object of names and texts")
    _check(result)
    return verdict(expression, result, variables)


def verdict(expression: str, result: Mapping[str, object] | None, variables: Mapping[str, str]) -> Document:
    """The verdict document. A variable without a value makes its test unknown."""

    def lookup(ref: Ref) -> str:
        if ref.name not in variables:
            raise Unknown(f"@{show_value(ref.name)}@ has no value")
        value = variables[ref.name]
        if ref.type is None or (ref.optional and not value):
            return value
        return typed(ref.type, value, f"@{show_value(ref.name)}@")

    try:
        truth, because = parse_condition(expression).evaluate(Context(result, lookup))
    except ConditionError as error:
        column = error.offset + 1
        raise document.Problem("bad_condition", error.message, column=column, fix=error.fix) from None
    made: Document = document.document("verdict", truth is True, truth=NAMES[truth], because=because)
    return made


def _check(result: object) -> None:
    if result is not None and not isinstance(result, dict):
        raise _bad("'result' is not an object")
    for key, (types, name) in HOLDS.items():
        if result and key in result and type(result[key]) not in types:
            raise _bad(f"'result.{key}' is not {name}")


def _bad(why: str) -> document.Problem:
    return document.Problem("bad_document", f"cannot read the question: {why}")


def ask(arguments: list[str]) -> Document:
    """The verdict on a condition given by options. Raises Misuse, or stage.Problem for an invalid condition."""
    result: dict[str, object] = {}
    variables: dict[str, str] = {}
    conditions = []
    rest = iter(arguments)
    for word in rest:
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            conditions.append(_text(word))
            continue
        if option not in ("--exit-code", "--stdout", "--stderr", "--set"):
            raise Misuse(f"unknown option '{option}'")
        if not equals:
            following = next(rest, None)
            if following is None:
                raise Misuse(f"'{option}' needs a value")
            value = following
        if option == "--set":
            variables.update([_variable(value)])
        elif option == "--exit-code":
            result["exit_code"] = _integer(value)
        else:
            result.update(_stream(option[2:], value))
    if len(conditions) != 1:
        raise Misuse(f"one condition is needed, not {len(conditions)}: put it in single quotes")
    return verdict(conditions[0], result, variables)


def _text(argument: str) -> str:
    try:
        return os.fsencode(argument).decode()
    except UnicodeDecodeError:
        raise Misuse("an argument is not UTF-8 text") from None


def _stream(name: str, argument: str) -> dict[str, object]:
    """The keys of a result for a stream; bytes that are not UTF-8 are escaped, as in the results of runners."""
    try:
        return {name: os.fsencode(argument).decode()}
    except UnicodeDecodeError:
        return {name: os.fsencode(argument).decode(errors="backslashreplace"), f"{name}_escaped": True}


def _variable(argument: str) -> tuple[str, str]:
    name, equals, value = _text(argument).partition("=")
    if not equals or not template.VARIABLE.fullmatch(f"@{name}@") or ":" in name or "?" in name:
        raise Misuse("'--set' needs NAME=VALUE, as in --set ENV=prod")
    return name, value


def _integer(argument: str) -> int:
    digits = argument.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Misuse("'--exit-code' needs a whole number")
    return int(argument)


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] in ("-h", "--help", "--lines", "--about"):
        return stage.serve(answer, ABOUT, USAGE, arguments)
    output = stage_io.Output()
    try:
        return output.say(ask(arguments))
    except document.Problem as problem:
        return output.say(problem.document())
    except Misuse as misuse:
        print(f"condition.py: {misuse}", file=sys.stderr)
        return stage_io.print_usage(USAGE)


if __name__ == "__main__":
    raise SystemExit(main())
