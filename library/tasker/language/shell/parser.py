"""Splits a shell script into its simple commands: groups, loops, cases, functions, tests and redirections."""

from __future__ import annotations

from tasker.language.shell.lexer import OUTPUT, ShellCommand, end_of
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.language.shell.lexer import ShellReader, ShellWord

    Compound: TypeAlias = Callable[[ShellReader, ShellCommand, ShellWord], None]

_BLANKS = Pattern(r"(?:[ \t]|\\\n)*")
_LINES = Pattern(r"(?:[ \t\n]|\\\n)*")
_COMMENT = Pattern(r"#[^\n]*")
_OPERATOR = Pattern(r";;&|;;|;&|\|&|&&|\|\||[;&|\n]")
_REDIRECT = Pattern(r"(?:[0-9]+|\{[A-Za-z_]\w*\})?(&>>?|<<<|<<-?|<>|<&|>&|>>|>\||[<>](?!\())")
_FUNCTION = Pattern(r"[ \t]*\([ \t]*\)")
_OPTION_OF_TIME = Pattern(r"[ \t]+(?:-p|--)(?=\s)")
_IN = Pattern(r"in(?=[\s;]|$)")
_BEFORE_COMMAND = ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "esac", "in"]
NUMERIC = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]


def parse_commands(reader: ShellReader, until: str = "") -> str:
    """Read commands up to their end. Returns what ended them: ")", "esac", ";;" or "" for the end of the text.

    until: ")" in a group, "esac" in a case.
    """
    while True:
        command = ShellCommand()
        reader.commands.append(command)
        end = _command(reader, command, until)
        if end is not None:
            return end


def _command(reader: ShellReader, command: ShellCommand, until: str) -> str | None:
    """Read one simple command. Returns what ended the group, or None if only the command ended."""
    while not _at_end(reader):
        if redirect := _REDIRECT.match(reader.text, reader.place, reader.end):
            _redirect(reader, command, redirect)
        elif operator := _OPERATOR.match(reader.text, reader.place, reader.end):
            reader.place = operator.end()
            return ";;" if operator[0] in (";;", ";&", ";;&") and until == "esac" else None
        elif reader.is_at(")"):
            reader.place += 1
            if until == ")":
                return ")"
            reader.refuse_output_after("an unmatched )")
        elif reader.is_at("("):
            _parenthesis(reader, command)
        elif _word(reader, command, until):
            return "esac"
    return ""


def _at_end(reader: ShellReader, blanks: re.Pattern[str] = _BLANKS) -> bool:
    """Skip blanks and a comment. Is nothing left?"""
    reader.place = end_of(blanks, reader.text, reader.place, reader.end)
    while reader.place < reader.end and reader.is_at("#"):
        end = end_of(_COMMENT, reader.text, reader.place, reader.end)
        if OUTPUT in reader.text[reader.place : end]:
            reader.refuse_output("in a comment: remove it")
        reader.place = end_of(blanks, reader.text, end, reader.end)
    return reader.place >= reader.end


def _redirect(reader: ShellReader, command: ShellCommand, found: re.Match[str]) -> None:
    reader.place = end_of(_BLANKS, reader.text, found.end(), reader.end)
    reader.in_here_document = reader.in_here_document or found[1] in ("<<", "<<-")
    command.redirections.append((found[1], reader.read_word()))


def _parenthesis(reader: ShellReader, command: ShellCommand) -> None:
    """A group, an arithmetic command, or the () of a function."""
    if command.words:
        found = _FUNCTION.match(reader.text, reader.place, reader.end)
        if not found or len(command.words) > 1:
            reader.refuse_output_after("a ( within a command")
        command.words.clear()
        reader.place = found.end() if found else reader.place + 1
        return
    reader.place += 1
    if reader.is_at("("):
        reader.place += 1
        if reader.read_arithmetic("))"):
            return
        reader.place -= 1
    parse_commands(reader, ")")


def _word(reader: ShellReader, command: ShellCommand, until: str) -> bool:
    """Read one word, and the construct that it begins. True if it ends a case."""
    start = reader.place
    first = all("=" in word.text for word in command.words)
    word = reader.read_word(first)
    if reader.place == start:
        reader.refuse_output_after("a part that cannot be read")
        reader.place += 1
    elif word.outputs and word.text.startswith("{") and reader.text[reader.place : reader.place + 1] in tuple("<>"):
        raise ValueError(f"@{word.outputs[0].name}@ cannot be used before a redirection: put a blank between them")
    elif not word.bare or command.words or command.redirections:
        command.words.append(word)
    elif word.text == "esac" and until == "esac":
        return True
    elif word.text in _COMPOUND:
        _COMPOUND[word.text](reader, command, word)
    elif word.text not in _BEFORE_COMMAND:
        command.words.append(word)
    return False


def _case(reader: ShellReader, command: ShellCommand, _: ShellWord) -> None:
    while not _at_end(reader, _LINES):
        if found := _IN.match(reader.text, reader.place, reader.end):
            reader.place = found.end()
            break
        _pass_word(reader)
    while not _at_end(reader, _LINES):
        if reader.is_at("("):
            reader.place += 1
        while not _at_end(reader, _LINES) and not reader.is_at(")"):
            if reader.is_at("|"):
                reader.place += 1
                continue
            word = _pass_word(reader)
            if word.bare and word.text == "esac":
                return
        reader.place += 1
        if parse_commands(reader, "esac") != ";;":
            return


def _pass_word(reader: ShellReader) -> ShellWord:
    start, word = reader.place, reader.read_word()
    if reader.place == start:
        reader.refuse_output_after("a case that cannot be read")
        reader.place += 1
    return word


def _for(reader: ShellReader, command: ShellCommand, word: ShellWord) -> None:
    _at_end(reader)
    if reader.is_at("(("):
        reader.place += 2
        reader.read_arithmetic("))")
        return
    name = reader.read_word()
    if name.outputs:
        raise ValueError(f"@{name.outputs[0].name}@ cannot be used as the name of a variable: write a name")
    _at_end(reader, _LINES)
    if found := _IN.match(reader.text, reader.place, reader.end):
        reader.place = found.end()
        command.words += [word, name]


def _function(reader: ShellReader, command: ShellCommand, _: ShellWord) -> None:
    _at_end(reader)
    reader.read_word()
    if found := _FUNCTION.match(reader.text, reader.place, reader.end):
        reader.place = found.end()


def _test(reader: ShellReader, command: ShellCommand, _: ShellWord) -> None:
    test, start = ShellCommand(), reader.place
    test.test = True
    reader.commands.append(test)
    while reader.place < reader.end:
        reader.place = end_of(_LINES, reader.text, reader.place, reader.end)
        before, word = reader.place, reader.read_word()
        if reader.place == before:
            reader.place += 1
        elif word.bare and word.text == "]]":
            break
        else:
            test.words.append(word)
    if any(word.text in NUMERIC for word in test.words):
        reader.arithmetic.append(reader.text[start : reader.place])


def _coprocess(reader: ShellReader, command: ShellCommand, _: ShellWord) -> None:
    reader.refuse_output_after("coproc")


def _time(reader: ShellReader, command: ShellCommand, _: ShellWord) -> None:
    while found := _OPTION_OF_TIME.match(reader.text, reader.place, reader.end):
        reader.place = found.end()


_COMPOUND: dict[str, Compound] = {
    "case": _case,
    "for": _for,
    "select": _for,
    "function": _function,
    "[[": _test,
    "coproc": _coprocess,
    "time": _time,
}
