"""What a shell script is made of when it has been read: commands, their words, and the pieces of these."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

OUTPUT, UNKNOWN = "\0", "\1"  # in the text of a word: an output, and any other expansion of the shell
NAMED = "\0:name"  # the value of a variable that has a value of the type `name`
EXPRESSION = "the shell would read the value as an expression, which can run commands"
NAMES = "would use the value as the name of a variable, whose [ … ] is code"


TILDE = Pattern(r"(?:\A|[:=])~")


class Piece:
    """A part of a word. kind: text, output, unknown, variable, commands (of a substitution), reads and writes
    (`<(…)`, `>(…)`), arithmetic. quoted: in double quotes, or a text that was quoted or escaped."""

    def __init__(self, kind: str, text: str = "", quoted: bool = False) -> None:
        self.kind, self.text, self.quoted = kind, text, quoted  # text: the name of a variable
        self.index = 0  # of an output: which of the script's
        self.typed = False  # a text that stands for an output which is a number
        self.named = False  # an output of the type `name`, which is no option whatever it is
        self.relied: list[str] | None = None  # of a variable that seems to have such a value
        self.commands: list[ShellCommand] = []
        self.indirect = self.length = False
        self.operator = ""
        self.subscript: ShellWord | None = None
        self.argument: ShellWord | None = None  # of a variable; the expression of an arithmetic
        self.node = -1


class ShellWord:
    """pieces: in order. bare: was it without quotes and expansions? name: of the variable, if it is an assignment.

    elements: the words of an array, as in name=(…). several: could it become more than one word, or another text?
    """

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.bare = True
        self.name = ""
        self.adds = False  # NAME+=
        self.subscript: ShellWord | None = None
        self.elements: list[ShellWord] | None = None
        self.braces = 0  # how far an unquoted {…,…} or {…..…} has come: 3 is the whole
        self.glob = self.bracket = False  # an unquoted pattern; the [ that may begin one
        self.node = -1
        self._text: str | None = None

    @property
    def text(self) -> str:
        """Without its quotes; OUTPUT and UNKNOWN for what only the shell knows."""
        if self._text is None:
            marks = {"text": "", "output": OUTPUT}
            self._text = "".join([marks.get(one.kind, UNKNOWN) or one.text for one in self.pieces])
        return self._text

    @property
    def literal(self) -> str | None:
        """Its text, if that is certain."""
        if self.braces == 3 or self.glob or self.elements is not None:
            return None
        return None if any(one.kind != "text" for one in self.pieces) else self.text

    @property
    def certain(self) -> str | None:
        """Its text, if not even a number in it comes from a host. NAMED: only a value of the type `name`."""
        if self.is_name() and not any(one.text for one in self.pieces):
            return NAMED
        return None if self.typed else self.literal

    @property
    def typed(self) -> Piece | None:
        """The first number from a host in it."""
        return next((one for one in self.pieces if one.typed), None)

    def is_name(self, after: str = "") -> bool:
        """Is it certainly a value of the type `name`? after: signs that the text in front of it may have."""
        rest = [one for one in self.pieces if one.kind != "text" or one.text.strip(after) or one.text[:1] == "-"]
        return len(rest) == 1 and (rest[0].named or rest[0].relied is not None)

    def is_typed_before(self, sign: str) -> bool:
        """Does a number from a host come before this sign, or at all if there is none? Then the name there is open."""
        for piece in self.pieces:
            if piece.typed:
                return True
            if piece.kind == "text" and sign in piece.text:
                return False
        return False

    @property
    def has_tilde(self) -> bool:
        """Could a `~` in it become the name of a folder?"""
        return any(one.kind == "text" and not one.quoted and TILDE.search(one.text) for one in self.pieces)

    @property
    def program(self) -> str | None:
        """The name of the program that it starts, without the folder, if that is certain."""
        if (text := self.literal) is not None:
            return text.rpartition("/")[2]
        last = self.pieces[-1] if self.pieces and not self.glob and self.braces < 3 else None
        if last and last.kind == "text" and "/" in last.text:
            return last.text.rpartition("/")[2] or None
        return None

    @property
    def several(self) -> bool:
        if self.braces == 3 or self.glob:
            return True
        for one in self.pieces:
            if one.kind in ("variable", "commands", "unknown") and not one.quoted:
                return True
            if one.kind == "variable" and (one.text == "@" or one.subscript and one.subscript.text == "@"):
                return True
        return False

    def value(self) -> ShellWord:
        """Of an assignment: what is assigned, as a word."""
        made = ShellWord()
        made.pieces, made.bare, made.elements = self.pieces[1:], self.bare, self.elements
        return made

    def add_text(self, text: str, quoted: bool = False) -> None:
        self.pieces.append(Piece("text", text, quoted))

    def add(self, kind: str, quoted: bool = False, text: str = "") -> Piece:
        self.bare = False
        piece = Piece(kind, text, quoted)
        self.pieces.append(piece)
        return piece


class Redirection:
    """sign: as `<`. number: of the descriptor, its variable in braces, or "". word: a file, or the text after <<."""

    def __init__(self, sign: str, number: str, word: ShellWord) -> None:
        self.sign, self.number, self.word = sign, number, word


class ShellCommand:
    """kind: simple, pipeline, group (also `if`, `while`, `( … )`), function, for, select, case, test, arithmetic.

    words: of a simple command, a test, what a loop takes, what a case compares. name: of a function or of the variable
    of a loop. children: in the order in which they stand.
    """

    def __init__(self, kind: str = "simple") -> None:
        self.kind, self.name = kind, ""
        self.words: list[ShellWord] = []
        self.redirections: list[Redirection] = []
        self.children: list[ShellCommand] = []
