"""Follows the values of outputs through a shell script: which variables, arguments and streams they can reach.

Each command is visited once. What it does with values is noted in a graph (`taint`), which is solved at the end:
so a variable has one level for the whole script, the worst of what is assigned to it anywhere.
"""

from __future__ import annotations

from tasker.language.shell.lexer import ShellReader, written
from tasker.language.shell.parser import NUMERIC, check_line_ends, parse_commands
from tasker.language.shell.syntax import EXPRESSION, NAMES, OUTPUT, TILDE, UNKNOWN, Piece, ShellWord
from tasker.language.shell.taint import COMMAND, INERT, NUMBER, PLAIN, SYNTAX, level_of
from tasker.language.shell.variables import FOLDERS, Variables, unread
from tasker.language.template import Ref
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.language.shell.syntax import Redirection, ShellCommand

NO_COMMAND = f"{COMMAND}, as a host would choose what runs: write the command itself"
DEEPEST = 20  # commands that start commands, programs inside programs
_BRACES = Pattern(r"[{},.]")
_STREAM = Pattern(r"/dev/fd/|/proc/[^/]+/(?:environ|cmdline|fd|task|cwd|root)")
_FILES = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin", "/proc/self/environ", "/proc/")


class CommandFromOutside(ValueError):
    """A number from a host would be a command. It is refused, also where no other check is needed."""


class Place:
    """Where a command stands: the nodes of its streams and of `$1` …; outputs: the nodes of OUTPUT in its text."""

    def __init__(self, stdin: int, stdout: int, arguments: int, outputs: list[int], top: bool) -> None:
        self.stdin, self.stdout, self.arguments = stdin, stdout, arguments
        self.outputs, self.top = outputs, top  # top: not in a function or in another program

    def but(self, stdin: int | None = None, stdout: int | None = None, arguments: int | None = None) -> Place:
        return Place(
            self.stdin if stdin is None else stdin,
            self.stdout if stdout is None else stdout,
            self.arguments if arguments is None else arguments,
            self.outputs,
            self.top,
        )


class Call:
    """A simple command, or what a wrapper starts. words: the first is its name; all have their nodes."""

    def __init__(self, words: list[ShellWord], place: Place, stdin: int, stdout: int) -> None:
        self.words, self.place, self.stdin, self.stdout = words, place, stdin, stdout
        self.name = ""
        self.started_by = ""  # the program that starts it, as `builtin` and `env` do
        self.assigned: list[tuple[str, int]] = []  # in front of it
        self.redirections: list[Redirection] = []

    @property
    def is_plain(self) -> bool:
        """Does bash see which command it is before it expands anything? Else it splits what `export a=$b` assigns."""
        first = self.words[0]
        return not self.started_by and first.bare and not any(piece.quoted for piece in first.pieces)


# Over 150 lines: commands are made of words, and words of commands, so what visits them is one class.
class Analysis(Variables):
    """One script: what its commands do with values, noted in the graph."""

    def __init__(self, about: str, check_call: Callable[[Analysis, Call], None]) -> None:
        """check_call: notes what a command does with its words and its stdin."""
        super().__init__(about)
        self.check_call = check_call
        self.files = self.graph.node()  # what can be read from descriptors other than 0
        self.exec_stdin = self.graph.node()  # what `exec <` lets all later commands read
        self.any_arguments = self.graph.node()  # $1 … of whatever function is running, for traps
        self._calls: dict[str, list[Call]] = {}
        self._functions: dict[str, Place] = {}
        self._calls_of_any: list[Call] = []  # commands whose names are not certain
        self.depth = 0
        self.refs: list[Ref] = []
        self.joins_errors = False  # does any command write its errors to its stdout?
        self.in_errors: list[tuple[int, int]] = []  # values in errors, of commands that print numbers too: node, stdout

    # the whole

    def check(self, commands: list[ShellCommand], refs: list[Ref], tainted: list[bool]) -> None:
        """Raise ValueError with the reason if a value can reach a place where it would be code."""
        self.refs = refs
        nodes: dict[str, int] = {}
        for ref, is_tainted in zip(refs, tainted):
            if is_tainted and ref.name not in nodes:
                nodes[ref.name] = self.graph.source(written(ref))
        outputs = [nodes.get(ref.name, NUMBER) for ref in refs]
        self.guess(commands)
        place = Place(self.stdin_node(), self.graph.node(), self.any_arguments, outputs, True)
        self.visit_all(commands, place)
        for name in self.run_as_command:
            if name in self.typed:
                self._refuse_command(self.typed[name])
        self._link()
        self.graph.solve(self.about)

    def _link(self) -> None:
        """What could only be known when everything was seen."""
        for name, function in self._functions.items():
            for call in self._calls.get(name, ()):
                for word in call.words[1:]:
                    self.graph.flow(word.node, function.arguments)
                self.graph.flow(call.stdin, function.stdin)
                self.graph.flow(function.stdout, call.stdout)
        self._link_calls_of_any()
        if self.joins_errors:
            for node, stdout in self.in_errors:
                self.graph.flow(node, stdout)
        self.link_variables()

    def _link_calls_of_any(self) -> None:
        """A command whose name is not certain, as `"$@"` and `get_$x`, can be any function of the script."""
        if not self._calls_of_any or not self._functions:
            return
        arguments, stdin, stdout = self.graph.node(), self.graph.node(), self.graph.node()
        for call in self._calls_of_any:
            for word in call.words:
                self.graph.flow(word.node, arguments)
            self.graph.flow(call.stdin, stdin)
            self.graph.flow(stdout, call.stdout)
        for function in self._functions.values():
            self.graph.flow(arguments, function.arguments)
            self.graph.flow(stdin, function.stdin)
            self.graph.flow(function.stdout, stdout)

    def _refuse_command(self, index: int) -> None:
        raise CommandFromOutside(f"@{written(self.refs[index])}@ cannot {NO_COMMAND}")

    def _deeper(self, what: str) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"@{self.about}@ cannot be used in a script with {what} this deep: use a file")

    # commands

    def visit_all(self, commands: Iterable[ShellCommand], place: Place) -> None:
        for command in commands:
            self.visit(command, place)

    def visit(self, command: ShellCommand, place: Place) -> None:
        kind = command.kind
        if kind == "simple":
            self._simple(command, place)
            return
        if kind == "pipeline":
            self._pipeline(command, place)
            return
        if kind == "function":
            self._function(command, place)
            return
        if command.redirections:
            stdout = self.graph.node()
            self.graph.flow(stdout, place.stdout)
            place = place.but(stdin=self._redirected(command, place, stdout), stdout=stdout)
        if kind == "arithmetic":
            for word in command.words:
                self.arithmetic(word, place)
        elif kind == "test":
            self._test(command, place)
        else:
            nodes = [self.value(word, place) for word in command.words]
            if kind in ("for", "select"):
                for word, node in zip(command.words, nodes):
                    self.assign(command.name, node, word.certain)
                self.variable(command.name)
            if kind == "select":
                self.assign("REPLY", place.stdin)
        self.visit_all(command.children, place)

    def _pipeline(self, command: ShellCommand, place: Place) -> None:
        stdin = place.stdin
        for child in command.children[:-1]:
            stdout = self.graph.node()
            self.visit(child, place.but(stdin=stdin, stdout=stdout))
            stdin = self.stdin_node()
            self.graph.flow(stdout, stdin)
        self.visit(command.children[-1], place.but(stdin=stdin))

    def _function(self, command: ShellCommand, place: Place) -> None:
        known = self._functions.get(command.name)
        if known is None:
            known = Place(self.stdin_node(), self.graph.node(), self.graph.node(), place.outputs, False)
            self.graph.flow(known.arguments, self.any_arguments)
            if command.name == "command_not_found_handle":
                self.graph.flow(self.everything, known.arguments)
            self._functions[command.name] = known
        inside = Place(known.stdin, known.stdout, known.arguments, place.outputs, False)
        if command.redirections:
            inside = inside.but(stdin=self._redirected(command, inside, inside.stdout))
        self.visit_all(command.children, inside)

    def stdin_node(self) -> int:
        node = self.graph.node()
        self.graph.flow(self.exec_stdin, node)
        return node

    def _simple(self, command: ShellCommand, place: Place) -> None:
        stdout = self.graph.node()
        stdin = self._redirected(command, place, stdout)
        words = command.words
        first = 0
        while first < len(words) and words[first].name:
            first += 1
        assigned = [self._assignment(word, place, first < len(words)) for word in words[:first]]
        for word in words[first:]:
            self.value(word, place)
        self.graph.flow(stdout, place.stdout)
        if first == len(words):
            if not words and command.redirections:  # as in $(< file)
                self.graph.flow(PLAIN, stdout)
                self.graph.flow(stdin, stdout)
            return
        call = Call(words[first:], place, stdin, stdout)
        call.assigned, call.redirections = assigned, command.redirections
        self.run(call)

    def _redirected(self, command: ShellCommand, place: Place, stdout: int) -> int:
        """The node of the stdin of a command, after its redirections."""
        stdin, to_file = place.stdin, False
        for one in command.redirections:
            node = self.value(one.word, place)
            if node > SYNTAX:
                self.in_errors.append((node, place.stdout))
            text = one.word.text
            if one.sign == ">&" and not to_file and (text == "1" or one.number == "1" and text == "2"):
                self.joins_errors = True
            to_file = to_file or one.sign in (">", ">>", ">|", "&>", "&>>") and one.number in ("", "1")
            if one.sign == ">&" and one.number not in ("", "1", "2"):  # what is written there comes out here
                self.graph.flow(self.files, place.stdout)
            if one.number.startswith("{"):
                self.assign(one.number[1:-1], NUMBER)
            if one.sign.startswith("<"):
                if one.sign == "<&" or text.startswith(_FILES):
                    node = NUMBER if text.strip("-") == "" else self.graph.join([node, self.files, place.stdin], PLAIN)
                if one.number in ("", "0"):
                    stdin = self.stdin_node()
                    self.graph.flow(node, stdin)
                else:
                    self.graph.flow(node, self.files)
                if one.sign == "<>":
                    self.graph.flow(stdout, self.files)
            elif one.sign == ">&" and text not in ("1", "2", "-") or text.startswith(_FILES):
                self.graph.flow(stdout, self.files)
        return stdin

    def _assignment(self, word: ShellWord, place: Place, before_command: bool) -> tuple[str, int]:
        if word.subscript is not None:
            self.subscript(word.name, word.subscript, place)
            self.arrays.add(word.name)
        value = word.value()
        node = self.value(value, place)
        if value.elements is not None:
            self.arrays.add(word.name)
        plain = None if word.adds or word.subscript is not None else value.certain
        if value.typed:
            self.typed[word.name] = value.typed.index
        self.assign(word.name, node, plain, before_command)
        return word.name, node

    def _test(self, command: ShellCommand, place: Place) -> None:
        """[[ … ]]"""
        texts = [word.text for word in command.words]
        numeric = any(text in NUMERIC for text in texts)
        named, matched = "-v" in texts or "-R" in texts, "=~" in texts
        nodes = [self.value(word, place) for word in command.words]
        for index, (word, node) in enumerate(zip(command.words, nodes)):
            before = texts[index - 1] if index else ""
            if named:
                why = f"be passed to '[[ -v': it {NAMES}: write the name"
                self.graph.need((node,), SYNTAX, why)
                if before in ("-v", "-R"):
                    self._names_in_test(word, node, why)
            if numeric and (before in NUMERIC or texts[index + 1 : index + 2] and texts[index + 1] in NUMERIC):
                outputs = [piece.node for piece in word.pieces if piece.kind == "output"]
                why = f"be compared by number in [[ … ]]: {EXPRESSION}: use [ … ] instead"
                for output in outputs:
                    self.graph.need((output,), SYNTAX, why)
                self.expression(word)
            if matched:
                self.graph.flow(node, self.variable("BASH_REMATCH"))

    def _names_in_test(self, word: ShellWord, node: int, why: str) -> None:
        if word.literal is None:
            self.graph.need((node,), PLAIN, why, unread("a name for -v"))
        elif "[" in word.text:
            self.expression_text(word.text.partition("[")[2])

    # words

    def value(self, word: ShellWord, place: Place) -> int:
        """The node of a word, which is visited for it."""
        if (
            word.literal is not None
            and len(word.pieces) == 1
            and not word.text.startswith("/")
            and "~" not in word.text
        ):
            word.node = level_of(word.pieces[0].text)  # most words
            return word.node
        for piece in word.pieces:
            if piece.kind != "text":
                piece.node = self._piece(piece, place)
        for element in word.elements or ():
            self._element(element, place)
        word.node = self.value_node(word)
        if _STREAM.match(word.text):  # whatever comes from there, the environment too
            word.node = self.graph.join([word.node, self.everything], PLAIN)
        return word.node

    def value_node(self, word: ShellWord) -> int:
        """The same for a word whose pieces have been visited."""
        level = PLAIN if word.glob else NUMBER
        sources: list[int] = []
        for piece in word.pieces:
            if piece.kind == "text":
                level = max(level, level_of(_BRACES.sub("", piece.text) if word.braces == 3 else piece.text))
            elif piece.node <= SYNTAX:
                level = max(level, piece.node)
            elif piece.kind != "writes":
                sources.append(piece.node)
        for element in word.elements or ():
            if element.node > SYNTAX:
                sources.append(element.node)
            else:
                level = max(level, element.node)
        if word.has_tilde:
            sources += [self.variable(name) for name in FOLDERS]
        return self.graph.join(sources, level) if sources else level

    def _element(self, word: ShellWord, place: Place) -> int:
        node = self.value(word, place)
        if word.text.startswith("["):
            reason = f"be used in [ … ] of an array: {EXPRESSION}; use a plain list of values"
            self.graph.need((node,), SYNTAX, reason)
            self.expression_text(word.text.partition("]")[0])
        return node

    def _piece(self, piece: Piece, place: Place) -> int:
        graph = self.graph
        if piece.kind == "output":
            return place.outputs[piece.index]
        if piece.kind == "variable":
            return self._expansion(piece, place)
        if piece.kind == "arithmetic":
            if piece.argument:
                self.arithmetic(piece.argument, place)
            return NUMBER
        if piece.kind in ("commands", "reads"):
            stdout = graph.node()
            self.visit_all(piece.commands, place.but(stdout=stdout))
            return stdout
        if piece.kind == "writes":
            stdin = self.stdin_node()
            self.graph.flow(self.everything, stdin)  # any writer of that file
            self.visit_all(piece.commands, place.but(stdin=stdin))
            return stdin
        return piece.node if piece.node >= 0 else SYNTAX if piece.text else PLAIN  # unknown

    def _expansion(self, piece: Piece, place: Place) -> int:
        name = piece.text
        if piece.quoted and not (piece.operator or piece.indirect or piece.subscript) and self.is_named(name):
            piece.relied = self.relied
        if name in "#?$!":
            node = NUMBER
        elif name == "-":
            node = PLAIN
        elif name in "@*" or name.isdigit():
            node = place.arguments
        else:
            node = self.variable(name)
        whole = piece.subscript is not None and piece.subscript.text in ("@", "*")
        if piece.subscript is not None and not whole:
            self.subscript(name, piece.subscript, place)
        if piece.length:
            return NUMBER
        if piece.indirect:
            if piece.operator in ("*", "@"):  # names of variables
                return PLAIN
            if whole:
                return self.keys(name)
            self.graph.need((node,), SYNTAX, f"reach ${{!{name}}}: {EXPRESSION}; use the variable itself")
            node = self.everything
        operator = piece.operator
        if operator == "@P":
            self.graph.need((node,), PLAIN, f"reach ${{{name}@P}}, which runs it: remove @P", unread("${…@P}"))
        if operator.startswith("@"):
            return self.graph.join([node], SYNTAX)
        if operator == ":":
            if piece.argument:
                self.arithmetic(piece.argument, place)
            return node
        if piece.argument is None:
            return node
        other = self.value(piece.argument, place)
        if operator in ("=", ":="):
            self.assign(name, other)
        if operator.lstrip(":") in ("-", "=", "+", "?") or operator.startswith("/"):
            return self.graph.join([node, other])
        return node  # a part of it

    # arithmetic

    def subscript(self, name: str, word: ShellWord, place: Place) -> None:
        if name in self.keyed:
            node = self.value(word, place)
            self.graph.need((node,), SYNTAX, f"be used in [ … ] of {name}: {EXPRESSION}; use grep or case")
            return
        self.arithmetic(word, place)

    def arithmetic(self, word: ShellWord, place: Place) -> None:
        """Bash reads this word as an expression."""
        self.value(word, place)
        self.expression(word)

    def expression(self, word: ShellWord) -> None:
        """The same for a word that has its node."""
        for piece in word.pieces:
            if piece.kind != "text" and piece.node > NUMBER:
                self.number(piece.node, piece.text if piece.kind == "variable" else "")
        self.expression_text(word.text)

    # what runs

    def run(self, call: Call) -> None:
        """Note what a command does with its words and its stdin."""
        self._deeper("commands that start commands")
        first = call.words[0]
        self.graph.need((first.node,), SYNTAX, _no_command(first))
        if first.typed:
            self._refuse_command(first.typed.index)
        self.run_as_command.update(piece.text for piece in first.pieces if piece.kind == "variable")
        words = self._resolved(first)
        if words:
            call.words = words + call.words[1:]
            first = call.words[0]
        name = first.program
        if name is None:
            if any(piece.kind == "unknown" and not piece.text for piece in first.pieces):
                self.refuse("be used in a script that runs a text which is not in the script: write the command itself")
            unknown = _unknown_command(first)
            for word in call.words[1:]:
                self.graph.need((word.node,), SYNTAX, f"be passed to {unknown}")
            self.graph.need((call.stdin,), SYNTAX, f"be the input of {unknown}")
            self._calls_of_any.append(call)
            name = ""
        call.name = name
        if name and "/" not in first.text:
            self._calls.setdefault(name, []).append(call)
        self.check_call(self, call)
        self.depth -= 1

    def _resolved(self, word: ShellWord) -> list[ShellWord]:
        """The words of a command that is in a variable with one literal value."""
        if len(word.pieces) != 1 or (piece := word.pieces[0]).kind != "variable":
            return []
        if piece.operator or piece.indirect or piece.length or piece.subscript or not piece.text.isidentifier():
            return []
        value = self.constant(piece.text)
        if not piece.quoted and self.splits_at_letters():
            return []
        if value is None or not INERT.fullmatch(value):
            return []
        made = []
        for text in [value] if piece.quoted else value.split():
            one = ShellWord()
            one.add_text(text, True)
            one.node = level_of(text)
            made.append(one)
        return made

    def program(
        self, words: list[ShellWord], why: str, call: Call, place: Place, quoting: bool, remote: bool = False
    ) -> None:
        """Some words are a program for a shell. why: what to say of an output in it.

        quoting: does this shell read what `printf %q` writes? Then such a text is one word of the program.
        remote: is it run where the variables of the script are not known?
        """
        text: list[str] = []
        nodes: list[int] = []
        for word in words:
            if text:
                text.append(" ")
            if word.elements is not None or word.braces == 3:
                self.graph.need((word.node,), SYNTAX, why)
                self.refuse("be used in a script with a program that cannot be read: write it as one word in '…'")
            if word.has_tilde:
                self.graph.need((word.node,), SYNTAX, why)
            for piece in word.pieces:
                if piece.typed and text and text[-1][-1:].isidentifier():  # the name of a variable would not be certain
                    text.append(UNKNOWN)
                elif piece.kind == "text":
                    text.append(piece.text.replace(UNKNOWN, "?"))
                elif piece.kind == "commands" and quoting and piece.quoted and _is_quoting(piece.commands):
                    text.append(OUTPUT)
                    nodes.append(piece.node)
                elif piece.kind == "variable" and self._inserted(piece) is not None:
                    text.append(self._inserted(piece) or "")
                else:
                    most = SYNTAX if remote else PLAIN
                    self.graph.need((piece.node,), most, why, unread(f"a program for '{call.name}'"))
                    text.append(UNKNOWN)
        self._inner("".join(text), nodes, place)

    def _inserted(self, piece: Piece) -> str | None:
        """The value of a variable in a program, if it is certain."""
        if piece.operator or piece.indirect or piece.length or piece.subscript or not piece.text.isidentifier():
            return None
        value = self.constant(piece.text)
        return None if value and TILDE.search(value) else value

    def _inner(self, text: str, nodes: list[int], place: Place) -> None:
        refs = [Ref(self.about, None, None, 0)] * len(nodes)
        reader = ShellReader(text, refs, parse_commands, self.about, inner=True)
        try:
            check_line_ends(reader)
            commands = parse_commands(reader)
        except ValueError as error:
            self.refuse(str(error).partition(" cannot ")[2])
            return
        inside = Place(place.stdin, place.stdout, place.arguments, nodes, False)
        self.guess(commands)
        self._deeper("programs inside programs")
        self.visit_all(commands, inside)
        self.depth -= 1


def _is_quoting(commands: list[ShellCommand]) -> bool:
    """Is this only printf %q …?"""
    if len(commands) != 1 or commands[0].kind != "simple" or commands[0].redirections:
        return False
    words = commands[0].words
    if len(words) < 3 or words[0].literal != "printf" or (words[1].literal or "").strip() != "%q":
        return False
    return not any(one.kind in ("commands", "reads", "writes") for word in words for one in word.pieces)


def _spelled(word: ShellWord) -> str:
    """A word that is one variable, as it is written; "" for any other."""
    pieces = [one for one in word.pieces if one.kind != "text" or one.text]
    if len(pieces) != 1 or (piece := pieces[0]).kind != "variable":
        return ""
    if piece.subscript is not None:
        return f"${{{piece.text}[{piece.subscript.text}]}}"
    return f"${piece.text}"


def _no_command(word: ShellWord) -> str:
    """Why a value cannot become this word of a command, and what to write."""
    shown = _spelled(word)
    if shown not in ("$@", "$*") and not shown.endswith(("[@]}", "[*]}")):
        return NO_COMMAND
    return (
        f'{COMMAND}, and of the words of "{shown}" each could be the first: write the command in front, as in '
        f'systemctl "{shown}", or call it without the function'
    )


def _unknown_command(word: ShellWord) -> str:
    """A command whose name is not in the script, and what to write."""
    if not (shown := _spelled(word)):
        return "a command that is not known: write its name"
    if shown.endswith(("@", "*", "]}")):
        return f'"{shown}", whose first word is not certain here: write the command in front, as in systemctl "{shown}"'
    return (
        f"'{shown}', which has several values in the script, or none: write each command out, as in "
        f"if [ … ]; then sudo systemctl …; else systemctl …; fi"
    )
