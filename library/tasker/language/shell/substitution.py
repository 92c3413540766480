"""Outputs in a shell script: the text refers to an environment variable, so no value is ever read as shell syntax.

``echo "it is @0_stdout@"`` becomes ``echo "it is ${TASKER_0_stdout}"`` with the value in the environment. For this
the place of the variable in the script must be known: outside quotes it gets quotes of its own, and where the shell
expands nothing (single quotes) or reads values as code (arithmetic, eval, sh -c), it is refused with a fix.
"""

from __future__ import annotations

import re

from tasker.language.shell.command_rules import DECLARES, check_command, command_word, outputs_given
from tasker.language.shell.lexer import ASSIGNMENT, EXPRESSION, OUTPUT, ShellReader, outputs_of
from tasker.language.shell.parser import parse_commands
from tasker.language.variables import join_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.template import Part, Ref

# variables that bash declares as integers, or whose value it runs
_OWN = ["SECONDS", "RANDOM", "SRANDOM", "LINENO", "HISTCMD", "OPTIND", "BASHPID", "EPOCHSECONDS"]
_OWN += ["PS4", "PS0", "ENV", "BASH_ENV", "PROMPT_COMMAND"]


def shell_script(parts: Iterable[Part]) -> tuple[str, list[Ref]]:
    """(text, refs): the script with environment variables for its outputs, and these outputs.

    parts: expanded text. Raises ValueError with a reason where an output cannot be used.
    """
    parts = join_pieces(parts)
    refs = [part for part in parts if not isinstance(part, str)]
    if not refs:
        return "".join([part for part in parts if isinstance(part, str)]), refs
    reader = ShellReader("".join(part if isinstance(part, str) else OUTPUT for part in parts), refs, parse_commands)
    try:
        parse_commands(reader)
    except RecursionError:
        raise ValueError("an output cannot be used in a script that is nested this deep: use a file") from None
    if len(reader.needs_quotes) < len(refs):
        reader.refuse_output("in a part that cannot be read: move that to a task of its own")
    for command in reader.commands:
        check_command(command)
    _check_names(reader)
    quotes = iter(reader.needs_quotes)
    return "".join(part if isinstance(part, str) else _reference(part, next(quotes)) for part in parts), refs


def variable_name(ref: Ref) -> str:
    """The environment variable of an output, or of a secret. With a type it has another value, so another name."""
    if ref.task is None:
        return f"TASKER_SECRET_{ref.name}"
    return f"TASKER_{ref.name}" if ref.type is None else f"TASKER_{ref.name}__{ref.type}"


def _reference(ref: Ref, quoted: bool) -> str:
    return f'"${{{variable_name(ref)}}}"' if quoted else f"${{{variable_name(ref)}}}"


def _check_names(reader: ShellReader) -> None:
    """Raise ValueError if a shell variable with an output as its value is read as an expression."""
    integers, references = set(_OWN), False
    given_to: dict[str, Ref] = {}
    for command in reader.commands:
        to, words = command_word(command.words)
        options = "".join(word.text for word in words if word.text.startswith(("-", "+")))
        if to in DECLARES:
            references |= "n" in options and to not in ("export", "readonly")
            integers |= {re.split(r"[+=[]", word.text)[0] for word in words} if "i" in options else set()
        if to == "let":
            reader.arithmetic += [word.text for word in words]
        for word in command.words:
            if (found := ASSIGNMENT.match(word.text)) and outputs_of(word):
                given_to[found[1]] = outputs_of(word)[0]
        if command.words and command.words[0].text in ("for", "select") and (outputs := outputs_given(command.words)):
            given_to[command.words[1].text] = outputs[0]
        if to == "read" and (
            outputs := outputs_given([word for sign, word in command.redirections if sign.startswith("<")])
        ):
            given_to |= {word.text: outputs[0] for word in words if word.text.isidentifier()}
    for variable, output in given_to.items():
        if variable in integers or references:
            raise ValueError(f"@{output.name}@ cannot be assigned to '{variable}': {EXPRESSION}; use another name")
        if any(re.search(rf"(?<!\w){variable}(?!\w)", text) for text in reader.arithmetic):
            raise ValueError(
                f"@{output.name}@ cannot be assigned to '{variable}', which is read in arithmetic: {EXPRESSION}; "
                "use [ … ] or expr instead"
            )
