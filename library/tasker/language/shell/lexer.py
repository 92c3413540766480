"""Reads a shell script as bash does, as far as needed to know how bash would read each output in it.

In: the text with a NUL for each output. Out: its simple commands, as words without their quotes, and for each output
whether it needs quotes of its own. Raises ValueError with a reason where an output cannot be used.
"""

from __future__ import annotations

import re

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import NoReturn

    from tasker.language.template import Ref

OUTPUT, UNKNOWN = "\0", "\1"  # in the text of a word: an output, and any other expansion of the shell
ASSIGNMENT = Pattern(r"(?s)([A-Za-z_]\w*)(?:\[.*\])?\+?=")
EXPRESSION = "the shell would read the value as an expression, which can run commands"
_NAME = Pattern(r"[A-Za-z_]\w*")
_PARAMETER = Pattern(r"[A-Za-z_]\w*|[0-9*@#?$!-]")
_NUMBERS = Pattern(r"exit|exit_code|iteration|attempts|\w+_count")
_BACKQUOTED = Pattern(r"(?s)(?:[^`\\]|\\.)*")
_END_OF_WORD = " \t\n;&|<>()"


class ShellWord:
    """text: without quotes. bare: was it without quotes? commands: those of its substitutions."""

    def __init__(self) -> None:
        self.text, self.bare = "", True
        self.outputs: list[Ref] = []
        self.commands: list[ShellCommand] = []


class ShellCommand:
    """words: of one simple command or one [[ … ]]. redirections: (sign, word). test: is it [[ … ]]?"""

    def __init__(self) -> None:
        self.words: list[ShellWord] = []
        self.redirections: list[tuple[str, ShellWord]] = []
        self.test = False


# Over 150 lines: the constructs of a shell nest in each other in any order, so their readers call each other.
class ShellReader:
    """What is read: `commands`, `arithmetic` (texts that bash reads as expressions) and `needs_quotes` (for each
    output, whether it needs quotes of its own)."""

    def __init__(self, text: str, refs: list[Ref], read_commands: Callable[[ShellReader, str], str]) -> None:
        """refs: the outputs in order. read_commands(reader, until) reads what is in a substitution."""
        self.text, self.refs, self.place, self.end = text, refs, 0, len(text)
        self.read_commands = read_commands
        self.commands: list[ShellCommand] = []
        self.arithmetic: list[str] = []
        self.needs_quotes: list[bool] = []
        self.inside: list[str] = []
        self.in_here_document = False
        # where `((` began two groups: without it, nested ones would be tried again and again
        self.not_arithmetic: set[int] = set()

    def is_at(self, sign: str) -> bool:
        return self.text.startswith(sign, self.place, self.end)

    def refuse_output(self, what: str) -> NoReturn:
        """Raise ValueError: the next output cannot be used here."""
        raise ValueError(f"@{self.refs[len(self.needs_quotes)].name}@ cannot be used {what}")

    def refuse_output_after(self, what: str) -> None:
        """Raise ValueError if an output comes after a construct that this reader does not follow."""
        if OUTPUT in self.text[self.place :]:
            self.refuse_output(f"after {what}: move that to a task of its own")

    def read_word(self, first: bool = False) -> ShellWord:
        """The next word, up to a blank or an operator. first: can it be an assignment, as in NAME[…]=?"""
        word, start = ShellWord(), self.place
        while self.place < self.end:
            sign = self.text[self.place]
            if sign in "<>" and self.text.startswith("(", self.place + 1):
                self.place += 1
                self._substitution(word)
            elif sign == "(" and word.bare and ASSIGNMENT.fullmatch(self.text[start : self.place]):
                self._array(word)
            elif sign == "[" and first and word.bare and _NAME.fullmatch(self.text[start : self.place]):
                self.place += 1
                opened = self.place
                self.read_arithmetic("]")
                word.text += f"[{self.text[opened : self.place - 1]}]"
            elif sign in _END_OF_WORD:
                break
            else:
                self._piece(word)
        return word

    def _piece(self, word: ShellWord, quoted: bool = False) -> None:
        sign = self.text[self.place]
        if sign == OUTPUT:
            self._output(word, quoted)
        elif sign == "\\":
            self._escape(word, quoted)
        elif sign == "$":
            self._dollar(word, quoted)
        elif sign == "`":
            self._backquoted(word)
        elif sign == '"':
            self._double(word)
        elif sign == "'" and not quoted:
            self._single(word)
        else:
            word.text += sign
            self.place += 1

    def _output(self, word: ShellWord, quoted: bool) -> None:
        ref = self.refs[len(self.needs_quotes)]
        number = _NUMBERS.fullmatch(ref.field or "")
        if "brace" in self.inside:
            self.refuse_output(f"inside ${{…}}: assign it to a variable first, as in v=@{ref.name}@")
        if (
            "arithmetic" in self.inside and not number
        ):  # also in $(…) inside of it, whose output is read as an expression
            self.refuse_output(f"in arithmetic or a subscript: {EXPRESSION}; use [ … ] or expr instead")
        if self.in_here_document:
            self.refuse_output(f"after <<: use printf '%s\\n' \"@{ref.name}@\" | …")
        word.text += "0" if number else OUTPUT
        word.bare = False
        if not number:
            word.outputs.append(ref)
        self.needs_quotes.append(not quoted)
        self.place += 1

    def _escape(self, word: ShellWord, quoted: bool) -> None:
        after = self.text[self.place + 1 : self.place + 2]
        if after == OUTPUT:
            self.refuse_output("directly after a backslash")
        if after != "\n":
            word.bare = False
            word.text += after if not quoted or after in '$`"\\' else "\\" + after
        self.place += 2

    def _single(self, word: ShellWord, escapes: bool = False) -> None:
        word.bare = False
        self.place += 1
        while self.place < self.end and not self.is_at("'"):
            if self.is_at(OUTPUT):
                self.refuse_output("inside '…': the shell expands nothing there; use \"…\"")
            self.place += 2 if escapes and self.is_at("\\") and not self.is_at("\\" + OUTPUT) else 1
            word.text += self.text[self.place - 1 : self.place]
        self.place += 1

    def _double(self, word: ShellWord) -> None:
        word.bare = False
        self.place += 1
        while self.place < self.end and not self.is_at('"'):
            self._piece(word, quoted=True)
        self.place += 1

    def _dollar(self, word: ShellWord, quoted: bool) -> None:
        self.place += 1
        if self.is_at(OUTPUT):
            self.refuse_output("directly after a $: write the $ in '…', or remove it")
        if self.is_at("(("):
            self.place += 2
            if self.read_arithmetic("))"):
                word.text += UNKNOWN
                return
            self.place -= 2
        if self.is_at("("):
            self._substitution(word)
        elif self.is_at("{"):
            self._brace(word, quoted)
        elif self.is_at("["):
            self.place += 1
            self.read_arithmetic("]")
            word.text += UNKNOWN
        elif self.is_at("'") and not quoted:
            self._single(word, escapes=True)
        elif found := _PARAMETER.match(self.text, self.place, self.end):
            word.text += UNKNOWN
            self.place = found.end()
        elif not self.is_at('"'):
            word.text += "$"

    def _substitution(self, word: ShellWord) -> None:
        self.place += 1
        self._nested(word, ")")

    def _nested(self, word: ShellWord, until: str) -> None:
        before = len(self.commands)
        self.read_commands(self, until)
        word.commands += self.commands[before:]
        word.text += UNKNOWN

    def _backquoted(self, word: ShellWord) -> None:
        """`…` ends at the next ` without a backslash, whatever quotes are in it."""
        self.place += 1
        close = end_of(_BACKQUOTED, self.text, self.place, self.end)
        end, self.end = self.end, close
        if "\\" in (inside := self.text[self.place : close]) and OUTPUT in inside:
            self.refuse_output("inside `…` with a backslash: use $(…)")
        self._nested(word, "")
        self.place, self.end = close + 1, end

    def _brace(self, word: ShellWord, quoted: bool) -> None:
        """${…}, in which the first } that is not quoted ends it."""
        self.place += 1
        start, hidden = self.place, ShellWord()
        self.inside.append("brace")
        while self.place < self.end and not self.is_at("}"):
            if quoted and self.is_at("'"):  # whether it is a quote depends on the expansion
                self.refuse_output_after('an apostrophe in "${…}"')
            self._piece(hidden, quoted)
        self.inside.pop()
        text = self.text[start : self.place]
        if sum_ := re.match(r"!(.*)|[#]?\w+(?:(\[.*)|:([^-=?+].*))", text, re.DOTALL):
            self.arithmetic.append("".join(part or "" for part in sum_.groups()))
        self.place += 1
        word.text += UNKNOWN
        word.commands += hidden.commands

    def read_arithmetic(self, close: str) -> bool:
        """Read an expression up to its end: "))" or "]". False if `((` began two groups instead."""
        start, known, hidden = self.place, len(self.needs_quotes), ShellWord()
        opened: list[str] = []
        if start in self.not_arithmetic:
            return False
        self.inside.append("arithmetic")
        while self.place < self.end and (opened or not self.is_at(close)):
            sign = self.text[self.place]
            if sign in "([":
                opened.append(")" if sign == "(" else "]")
            elif opened and sign == opened[-1]:
                opened.pop()
            elif sign == ")" and close == "))":
                del self.needs_quotes[known:]
                self.not_arithmetic.add(start)
                self.inside.pop()
                self.place = start
                return False
            else:
                self._piece(hidden)
                continue
            self.place += 1
        for index in range(known, len(self.needs_quotes)):
            self.needs_quotes[index] = False
        self.inside.pop()
        self.arithmetic.append(self.text[start : self.place])
        self.place += len(close)
        return True

    def _array(self, word: ShellWord) -> None:
        """name=( … ): a word that begins with [ is a subscript."""
        self.place += 1
        while self.place < self.end and not self.is_at(")"):
            if self.text[self.place] in " \t\n":
                self.place += 1
                continue
            if self.is_at("#"):
                if OUTPUT in (comment := self.text[self.place : self.end].partition("\n")[0]):
                    self.refuse_output("in a comment: remove it")
                self.place += len(comment)
                continue
            start, one = self.place, self.read_word()
            if self.place == start:
                self.refuse_output_after("an array with an operator in it")
                self.place += 1
            if one.text.startswith("["):
                if outputs := outputs_of(one):
                    raise ValueError(f"@{outputs[0].name}@ cannot be used in [ … ] of an array: {EXPRESSION}")
                self.arithmetic.append(one.text)
            word.outputs += one.outputs
            word.commands += one.commands
            word.text += one.text
        self.place += 1


def end_of(pattern: re.Pattern[str], text: str, place: int, end: int) -> int:
    """The end of the match of a pattern at this place; the place itself if there is no match."""
    found = pattern.match(text, place, end)
    return found.end() if found else place


def outputs_of(word: ShellWord) -> list[Ref]:
    """The outputs in a word and in its substitutions."""
    within = [each for one in word.commands for each in (*one.words, *(target for _, target in one.redirections))]
    return word.outputs + [output for each in within for output in each.outputs]
