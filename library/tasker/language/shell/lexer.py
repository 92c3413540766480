"""Reads the words of a shell script as bash does: quotes, expansions, substitutions, arithmetic.

In: the text with a NUL for each output. Out: words made of pieces, and for each output whether it needs quotes of its
own. Raises ValueError with a reason where an output cannot be used, or where the text cannot be read for certain.
"""

from __future__ import annotations

from tasker.language.shell.syntax import EXPRESSION, OUTPUT, UNKNOWN, ShellWord
from tasker.language.shell.taint import or_typed
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import NoReturn

    from tasker.language.shell.syntax import ShellCommand
    from tasker.language.template import Ref

DEEPEST = 60  # groups, substitutions and braces inside each other
_ASSIGNMENT = Pattern(r"(?a)([A-Za-z_]\w*)(\+?=)")
_NAME = Pattern(r"(?a)[A-Za-z_]\w*")
_ASSIGN = Pattern(r"\+?=")
_PARAMETER = Pattern(r"(?a)[A-Za-z_]\w*|[0-9*@#?$!-]")
_IN_BRACES = Pattern(r"(?a)[A-Za-z_]\w*|[0-9]+|[*@#?$!-]")
_LENGTH = Pattern(r"#(?=[A-Za-z_0-9@*]|[?$!#-]\})")
_OPERATOR = Pattern(r":[-=?+]|[-=?+]|##?|%%?|//|/[#%]?|\^\^?|,,?|@[A-Za-z]?|\*")
_NUMBERS = Pattern(r"exit|exit_code|iteration|attempts|\w+_count")
_STAND_INS = {"int": "0", "signed": "0", "number": "0.5", "": "0"}  # for numbers of a type: what they are like
_BACKQUOTED = Pattern(r"(?s)(?:[^`\\]|\\.)*")
_UNESCAPED = Pattern(r"\\([$`\\])")
_PLAIN = Pattern(r"[^\0\1\\$`\"'<>|&;()\[\] \t\n=]+")  # [ and = may belong to an assignment
_IN_DOUBLE = Pattern(r"[^\0\1\\$`\"]+")
_IN_BRACE = Pattern(r"[^\0\1\\$`\"'}<>]+")
_IN_ARITHMETIC = Pattern(r"[^\0\1\\$`\"'()\[\]]+")
_IN_SINGLE = Pattern(r"[^'\0\\]+")
_END_OF_WORD = " \t\n;&|<>()"
_DECODED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\33", "E": "\33"}
_DECODED |= {sign: sign for sign in "\\'\"?"}


# Over 150 lines: the constructs of a shell nest in each other in any order, so their readers call each other.
class ShellReader:
    """What is read: `needs_quotes` (for each output, whether it needs quotes of its own)."""

    def __init__(
        self,
        text: str,
        refs: list[Ref],
        read_commands: Callable[[ShellReader, str], list[ShellCommand]],
        about: str,
        inner: bool = False,
    ) -> None:
        """refs: the outputs in order. read_commands(reader, until) reads what is in a substitution.

        about: the output that messages name if none stands at the place. inner: a program for another shell, in which
        outputs are already quoted.
        """
        self.text, self.refs, self.place, self.end = text, refs, 0, len(text)
        self.read_commands = read_commands
        self.needs_quotes: list[bool] = []
        self.inside: list[str] = []
        self.here_documents: list[tuple[str, bool, bool, ShellWord]] = []  # that begin on the next line
        self.in_here_document = False
        self.about, self.inner = about, inner
        self.depth = 0
        # where `((` began two groups: without it, nested ones would be tried again and again
        self.not_arithmetic: set[int] = set()

    def is_at(self, sign: str) -> bool:
        return self.text.startswith(sign, self.place, self.end)

    def refuse_output(self, what: str) -> NoReturn:
        """Raise ValueError: the next output cannot be used here."""
        at = len(self.needs_quotes)
        raise ValueError(f"@{self._name_at(at)}@ cannot be used {what}")

    def _name_at(self, at: int) -> str:
        return written(self.refs[at]) if at < len(self.refs) else self.about

    def refuse_unreadable(self, what: str) -> NoReturn:
        """Raise ValueError: this reader does not follow a construct, so nothing after it is certain."""
        before = "after" if len(self.needs_quotes) < len(self.refs) else "in a script with"
        number = or_typed(self._name_at(len(self.needs_quotes)))
        self.refuse_output(f"{before} {what}: move that to a task of its own{number}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse_output("in a script that is nested this deep: use a file")

    def read_word(self, first: bool = False) -> ShellWord:
        """The next word, up to a blank or an operator. first: can it be an assignment, as in NAME[…]=?"""
        word, start = ShellWord(), self.place
        self._assigned(word, first)
        assigned = self.place
        while self.place < self.end:
            sign = self.text[self.place]
            if sign in "<>" and self.text.startswith("(", self.place + 1):
                self.place += 1
                self._substitution(word, "reads" if sign == "<" else "writes")
            elif sign == "(" and word.name and self.place == assigned:
                self._array(word)
                if self.place < self.end and self.text[self.place] not in _END_OF_WORD:
                    self.refuse_unreadable("text that touches an array")
                return word
            elif sign in _END_OF_WORD:
                break
            else:
                self._piece(word)
        if self.place > start and not word.pieces:
            word.add_text("", True)  # as ""
        return word

    def _assigned(self, word: ShellWord, first: bool) -> None:
        """Read NAME= or NAME[…]= if the word begins with it: it becomes the first piece."""
        start = self.place
        if found := _ASSIGNMENT.match(self.text, start, self.end):
            word.name, word.adds = found[1], found[2] == "+="
            self.place = found.end()
        elif (
            first
            and (found := _NAME.match(self.text, start, self.end))
            and self.text[found.end() : found.end() + 1] == "["
        ):
            self.place = found.end() + 1
            word.subscript = self.read_arithmetic("]")
            if not (after := _ASSIGN.match(self.text, self.place, self.end)):
                self.refuse_unreadable("a command whose name has a [")
            word.name, word.adds = found[0], after[0] == "+="
            self.place = after.end()
        else:
            return
        word.add_text(self.text[start : self.place].replace(OUTPUT, "0"))

    def _piece(self, word: ShellWord, quoted: bool = False, plain: re.Pattern[str] = _PLAIN) -> None:
        if found := plain.match(self.text, self.place, self.end):
            word.add_text(found[0], quoted)
            self.place = found.end()
            if plain is _PLAIN:
                _find_patterns(word, found[0])
            return
        sign = self.text[self.place]
        if sign == OUTPUT:
            self._output(word, quoted)
        elif sign == UNKNOWN:
            word.add("unknown", quoted)
            self.place += 1
        elif sign == "\\":
            self._escape(word, quoted)
        elif sign == "$":
            self._dollar(word, quoted)
        elif sign == "`":
            self._backquoted(word, quoted)
        elif sign == '"' and plain is not _IN_HERE_DOCUMENT:
            self._double(word)
        elif sign == "'" and not quoted:
            self._single(word)
        else:
            word.add_text(sign, quoted)
            if plain is _PLAIN:
                word.glob = word.glob or sign == "]" and word.bracket
                word.bracket = word.bracket or sign == "["
            self.place += 1

    def _output(self, word: ShellWord, quoted: bool) -> None:
        ref = self.refs[len(self.needs_quotes)]
        number = is_number(ref)
        if "brace" in self.inside:
            self.refuse_output(f"inside ${{…}}: assign it to a variable first, as in v=@{written(ref)}@")
        in_arithmetic = "arithmetic" in self.inside
        if in_arithmetic:
            if not number:
                other = or_typed(written(ref))
                self.refuse_output(f"in arithmetic or a subscript: {EXPRESSION}; use [ … ] or expr instead{other}")
            if type_of(ref) == "number":
                self.refuse_output("in arithmetic, which has no decimals: use the type int, or awk -v")
        if self.in_here_document:
            self.refuse_output(f"after <<: use printf '%s\\n' \"@{written(ref)}@\" | …")
        if self.inner and quoted:
            self.refuse_output("inside quotes of a program for another shell: remove these quotes, %q has its own")
        word.bare = False
        if number:
            word.add_text(_STAND_INS[type_of(ref)], True)
            word.pieces[-1].typed, word.pieces[-1].index = True, len(self.needs_quotes)
        else:
            piece = word.add("output", quoted)
            piece.index, piece.named = len(self.needs_quotes), type_of(ref) == "name"
        self.needs_quotes.append(not quoted and not in_arithmetic)
        self.place += 1

    def _escape(self, word: ShellWord, quoted: bool) -> None:
        after = self.text[self.place + 1 : self.place + 2]
        if after == OUTPUT:
            self.refuse_output("directly after a backslash")
        if after == UNKNOWN:
            self.refuse_unreadable("a backslash before an unknown text")
        if after != "\n":
            word.bare = False
            word.add_text(after if not quoted or after in '$`"\\' else "\\" + after, True)
        self.place = min(self.place + 2, self.end)

    def _single(self, word: ShellWord, escapes: bool = False) -> None:
        word.bare = False
        self.place += 1
        text: list[str] = []
        while not self.is_at("'"):
            if self.place >= self.end:
                self.refuse_unreadable("an unclosed '")
            if found := _IN_SINGLE.match(self.text, self.place, self.end):
                text.append(found[0])
                self.place = found.end()
            elif self.is_at(OUTPUT):
                self.refuse_output("inside '…': the shell expands nothing there; use \"…\"")
            elif escapes:
                self.place += 1
                sign = self.text[self.place : self.place + 1]
                if sign == OUTPUT:
                    self.refuse_output("inside '…': the shell expands nothing there; use \"…\"")
                if sign in _DECODED:
                    text.append(_DECODED[sign])
                else:
                    word.add("unknown", True, "\\" + sign)
                self.place += 1
            else:
                text.append("\\")
                self.place += 1
        word.add_text("".join(text), True)
        self.place += 1

    def _double(self, word: ShellWord) -> None:
        word.bare = False
        self.place += 1
        word.add_text("", True)
        while not self.is_at('"'):
            if self.place >= self.end:
                self.refuse_unreadable('an unclosed "')
            self._piece(word, True, _IN_DOUBLE)
        self.place += 1

    def _dollar(self, word: ShellWord, quoted: bool) -> None:
        self.place += 1
        if self.is_at(OUTPUT):
            self.refuse_output("directly after a $: write the $ in '…', or remove it")
        if self.is_at("(("):
            start = self.place
            self.place += 2
            if (expression := self.read_arithmetic("))")) is not None:
                word.add("arithmetic", quoted).argument = expression
                return
            self.place = start
        if self.is_at("("):
            self._substitution(word, "commands", quoted)
        elif self.is_at("{"):
            self._brace(word, quoted)
        elif self.is_at("["):
            self.place += 1
            word.add("arithmetic", quoted).argument = self.read_arithmetic("]")
        elif self.is_at("'") and not quoted:
            self._single(word, escapes=True)
        elif found := _PARAMETER.match(self.text, self.place, self.end):
            word.add("variable", quoted, found[0])
            self.place = found.end()
        elif self.is_at(UNKNOWN):
            self.refuse_unreadable("a $ before an unknown text")
        elif not self.is_at('"') or quoted:
            word.add_text("$", True)

    def _substitution(self, word: ShellWord, kind: str, quoted: bool = False) -> None:
        self.place += 1
        self._nested(word, kind, ")", quoted)

    def _nested(self, word: ShellWord, kind: str, until: str, quoted: bool) -> None:
        self.deeper()
        documents, self.here_documents, start = self.here_documents, [], self.place
        inside = self.inside
        self.inside = [one for one in inside if one != "arithmetic"]  # its commands have words of their own
        commands = self.read_commands(self, until)
        self.inside = inside
        if self.here_documents or documents and "\n" in self.text[start : self.place]:
            self.refuse_unreadable("<< without its text")
        self.here_documents = documents
        word.add(kind, quoted).commands = commands
        self.depth -= 1

    def _backquoted(self, word: ShellWord, quoted: bool) -> None:
        """`…` ends at the next ` without a backslash, whatever quotes are in it."""
        self.place += 1
        close = end_of(_BACKQUOTED, self.text, self.place, self.end)
        if close >= self.end:
            self.refuse_unreadable("an unclosed `")
        inside = self.text[self.place : close]
        if "\\" not in inside:
            end, self.end = self.end, close
            self._nested(word, "commands", "", quoted)
            self.end = end
        elif OUTPUT in inside:
            self.refuse_output("inside `…` with a backslash: use $(…)")
        elif quoted and '\\"' in inside:
            self.refuse_unreadable('\\" inside `…`')
        else:
            text = _UNESCAPED.sub(r"\1", inside)
            self.deeper()
            reader = ShellReader(text, [], self.read_commands, self.about, self.inner)
            reader.depth = self.depth
            word.add("commands", quoted).commands = self.read_commands(reader, "")
            self.depth -= 1
        self.place = close + 1

    def _brace(self, word: ShellWord, quoted: bool) -> None:
        """${…}, in which the first } that is not quoted ends it."""
        self.place += 1
        self.inside.append("brace")
        self.deeper()
        piece = word.add("variable", quoted)
        if found := _LENGTH.match(self.text, self.place, self.end):
            piece.length, self.place = True, found.end()
        elif self.is_at("!") and self.text[self.place + 1 : self.place + 2] not in ("}", ":", "-", "=", "+", "?", ""):
            piece.indirect = True
            self.place += 1
        if not (found := _IN_BRACES.match(self.text, self.place, self.end)):
            if self.is_at(OUTPUT):
                self.refuse_output("inside ${…}: write the name of a variable there")
            self.refuse_unreadable("a ${…} that cannot be read")
        piece.text, self.place = found[0], found.end()
        if self.is_at("["):
            self.place += 1
            piece.subscript = self.read_arithmetic("]")
        if found := _OPERATOR.match(self.text, self.place, self.end):
            piece.operator, self.place = found[0], found.end()
        elif self.is_at(":"):
            piece.operator = ":"
            self.place += 1
        if not self.is_at("}"):
            if not piece.operator or piece.operator[0] in "@*":
                if OUTPUT in self.text[self.place : self.end]:
                    self.refuse_output("inside ${…} or after it: write the name of a variable there")
                self.refuse_unreadable("a ${…} that cannot be read")
            piece.argument = self._argument(quoted, piece.operator)
        self.place += 1
        self.inside.pop()
        self.depth -= 1

    def _argument(self, quoted: bool, operator: str) -> ShellWord:
        """What follows the operator of a ${…}, up to its }."""
        word = ShellWord()
        while not self.is_at("}"):
            if self.place >= self.end:
                self.refuse_unreadable("an unclosed ${")
            if quoted and self.is_at("'"):  # whether it is a quote depends on the expansion
                self.refuse_unreadable('an apostrophe in "${…}"')
            if self.is_at("<(") or self.is_at(">("):
                self.refuse_unreadable("<( … ) inside ${…}")
            self._piece(word, quoted, _IN_BRACE)
        return word

    def read_arithmetic(self, close: str) -> ShellWord | None:
        """Read an expression up to its end: "))" or "]". None if `((` began two groups instead."""
        start, known, word = self.place, len(self.needs_quotes), ShellWord()
        opened: list[str] = []
        if start in self.not_arithmetic:
            return None
        self.inside.append("arithmetic")
        self.deeper()
        while opened or not self.is_at(close):
            if self.place >= self.end:
                self.refuse_unreadable("an unclosed subscript" if close == "]" else "an unclosed ((")
            sign = self.text[self.place]
            if sign in "([":
                opened.append(")" if sign == "(" else "]")
            elif opened and sign == opened[-1]:
                opened.pop()
            elif sign == ")" and close == "))":
                del self.needs_quotes[known:]
                self.not_arithmetic.add(start)
                self.inside.pop()
                self.depth -= 1
                self.place = start
                return None
            else:
                if sign == "'" and close == "))":
                    self.refuse_unreadable("an apostrophe in arithmetic")
                self._piece(word, False, _IN_ARITHMETIC)
                continue
            word.add_text(sign)
            self.place += 1
        self.inside.pop()
        self.depth -= 1
        self.place += len(close)
        return word

    def _array(self, word: ShellWord) -> None:
        """name=( … ): a word that begins with [ is a subscript."""
        self.place += 1
        word.bare = False
        word.elements = []
        self.deeper()
        while not self.is_at(")"):
            if self.place >= self.end:
                self.refuse_unreadable("an unclosed array")
            if self.text[self.place] in " \t\n":
                if self.here_documents and self.is_at("\n"):
                    self.refuse_unreadable("a line end in an array after <<")
                self.place += 1
                continue
            if self.is_at("#"):
                if OUTPUT in (comment := self.text[self.place : self.end].partition("\n")[0]):
                    self.refuse_output("in a comment: remove it")
                self.place += len(comment)
                continue
            start, one = self.place, self.read_word()
            if self.place == start:
                self.refuse_unreadable("an array with an operator in it")
            word.elements.append(one)
        self.depth -= 1
        self.place += 1

    def read_here_document(self, text: str) -> ShellWord:
        """The word of a here-document whose text, from the place on, is expanded."""
        word, end = ShellWord(), self.end
        self.end = self.place + len(text)
        while self.place < self.end:
            self._piece(word, True, _IN_HERE_DOCUMENT)
        self.end = end
        return word


_IN_HERE_DOCUMENT = Pattern(r"[^\0\1\\$`]+")


def _find_patterns(word: ShellWord, text: str) -> None:
    """Note what makes other words of a word: patterns for names of files, and braces."""
    if "*" in text or "?" in text:
        word.glob = True
    if word.braces < 3 and (word.braces or "{" in text):
        for sign in text:
            if word.braces == 0 and sign == "{":
                word.braces = 1
            elif word.braces == 1 and sign in ",.":
                word.braces = 2
            elif word.braces == 2 and sign == "}":
                word.braces = 3


def is_number(ref: Ref) -> bool:
    """Is the value certain to be a number?"""
    if kind := type_of(ref):
        return kind in _STAND_INS
    return ref.task is not None and bool(_NUMBERS.fullmatch(ref.field or ""))


def type_of(ref: Ref) -> str:
    """The type of a reference, as `int` in @0_stdout:int@, or ""."""
    return getattr(ref, "type", None) or ref.name.partition(":")[2]


def written(ref: Ref) -> str:
    """A reference as it is written between its signs, with its type."""
    spelled = getattr(ref, "written", None)
    return spelled() if spelled else ref.name


def end_of(pattern: re.Pattern[str], text: str, place: int, end: int) -> int:
    """The end of the match of a pattern at this place; the place itself if there is no match."""
    found = pattern.match(text, place, end)
    return found.end() if found else place
