"""Splits a shell script into its commands: pipelines, groups, loops, cases, functions, tests and redirections."""

from __future__ import annotations

from tasker.language.shell.lexer import end_of, written
from tasker.language.shell.syntax import OUTPUT, Redirection, ShellCommand, ShellWord
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection
    from typing import TypeAlias

    from tasker.language.shell.lexer import ShellReader

    Compound: TypeAlias = Callable[["ShellReader", "ShellCommand"], None]

_JOINED = Pattern(r"(?s)(?:\A|[^\\])((?:\\\\)*)\\\n")  # a line end that a backslash takes away
_BLANKS = Pattern(r"(?:[ \t]|\\\n)*")
_COMMENT = Pattern(r"#[^\n]*")
_END = Pattern(r";;&|;;|;&")
_SEPARATOR = Pattern(r"&&|\|\||[;&]")
_PIPE = Pattern(r"\|&|\|(?!\|)")
_REDIRECT = Pattern(r"([0-9]+|\{[A-Za-z_][A-Za-z_0-9]*\})?(&>>?|<<<|<<-?|<>|<&|>&|>>|>\||[<>](?!\())")
_FUNCTION = Pattern(r"[ \t]*\([ \t]*\)")
_OPTION_OF_TIME = Pattern(r"[ \t]+(?:-p|--)(?=[ \t\n])")
_RESERVED = Pattern(
    r"(?:if|then|elif|else|fi|while|until|do|done|for|select|case|esac|function|coproc|time|in|\[\[|[{}!])"
    r"(?=[ \t\n;&|<>()]|\Z)"
)
_FUNCTION_NAME = Pattern(r"(?a)[\w.:+@-]+")
_VARIABLE = Pattern(r"(?a)[A-Za-z_]\w*")
_IN = Pattern(r"in(?=[ \t\n;]|\Z)")
_DO = Pattern(r"do(?=[ \t\n;(]|\Z)")
_CONNECTED = Pattern(r"&&|\|\||[()<>]")
NUMERIC = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]


def check_line_ends(reader: ShellReader) -> None:
    """Refuse words that go on after a backslash at the end of a line: `$` and a name, or `(` and `(`, would be one."""
    for found in _JOINED.finditer(reader.text):
        touches = found[1] or found[0][0] not in " \t\n\\"
        if touches and reader.text[found.end() : found.end() + 1] not in (" ", "\t", "\n", ""):
            reader.refuse_unreadable("a word that goes on after the end of its line")


def parse_commands(reader: ShellReader, until: str = "") -> list[ShellCommand]:
    """Read commands up to their end: ")" of a group, or "" for the end of the text."""
    commands, _ = _commands(reader, (until,))
    return commands


def _commands(reader: ShellReader, ends: Collection[str]) -> tuple[list[ShellCommand], str]:
    """The commands up to one of these ends, which is read too, and that end."""
    commands: list[ShellCommand] = []
    reader.deeper()
    while True:
        if _skip_lines(reader):
            if "" not in ends:
                reader.refuse_unreadable(f"a part that does not end with {' or '.join(ends)}")
            end = ""
            break
        if reader.is_at(")"):
            if ")" not in ends:
                reader.refuse_unreadable("an unmatched )")
            reader.place += 1
            end = ")"
            break
        if found := _END.match(reader.text, reader.place, reader.end):
            if ";;" not in ends:
                reader.refuse_unreadable("an unmatched ;;")
            reader.place, end = found.end(), ";;"
            break
        reserved = _RESERVED.match(reader.text, reader.place, reader.end)
        if reserved and reserved[0] in ends:
            reader.place, end = reserved.end(), reserved[0]
            break
        if reserved and reserved[0] in _CLOSING:
            reader.refuse_unreadable(f"an unmatched {reserved[0]}")
        start = reader.place
        commands.append(_pipeline(reader))
        _skip_blanks(reader)
        if _END.match(reader.text, reader.place, reader.end):
            continue
        if found := _SEPARATOR.match(reader.text, reader.place, reader.end):
            reader.place = found.end()
        elif reader.place == start:
            reader.refuse_unreadable("a part that cannot be read")
    reader.depth -= 1
    return commands, end


def _skip_blanks(reader: ShellReader) -> bool:
    """Skip blanks and a comment. Is nothing left?"""
    reader.place = end_of(_BLANKS, reader.text, reader.place, reader.end)
    while reader.place < reader.end and reader.is_at("#"):
        end = end_of(_COMMENT, reader.text, reader.place, reader.end)
        if OUTPUT in reader.text[reader.place : end]:
            reader.refuse_output("in a comment: remove it")
        reader.place = end_of(_BLANKS, reader.text, end, reader.end)
    return reader.place >= reader.end


def _skip_lines(reader: ShellReader) -> bool:
    """Skip blanks, comments and line ends, with the here-documents after them. Is nothing left?"""
    while not _skip_blanks(reader):
        if not reader.is_at("\n"):
            return False
        reader.place += 1
        _here_documents(reader)
    if reader.here_documents:
        reader.refuse_unreadable("<< without its text")
    return True


def _here_documents(reader: ShellReader) -> None:
    """Read the texts of the here-documents that begin on this line."""
    for end, tabs, plain, word in reader.here_documents:
        start = reader.place
        while True:
            if reader.place >= reader.end:
                reader.refuse_unreadable("<< without its end")
            close = reader.text.find("\n", reader.place, reader.end)
            close = reader.end if close < 0 else close
            line = reader.text[reader.place : close]
            if (line.lstrip("\t") if tabs else line) == end:
                break
            reader.place = min(close + 1, reader.end)
        text, after = reader.text[start : reader.place], min(close + 1, reader.end)
        if OUTPUT in text:
            reader.refuse_output("in the text after <<: use printf '%s\\n' \"…\" | …")
        if plain:
            word.add_text(text, True)
        elif "\\\n" in text:
            reader.refuse_unreadable("a line of a here-document that ends in a backslash")
        else:
            reader.place = start
            word.pieces = reader.read_here_document(text).pieces
        reader.place = after
    if reader.here_documents:
        reader.here_documents, reader.in_here_document = [], False


def _redirect(reader: ShellReader, command: ShellCommand, found: re.Match[str]) -> None:
    reader.place = end_of(_BLANKS, reader.text, found.end(), reader.end)
    reader.in_here_document = reader.in_here_document or found[2] in ("<<", "<<-")
    start, word = reader.place, reader.read_word()
    if reader.place == start:
        reader.refuse_unreadable("a redirection to nothing")
    if found[2] in ("<<", "<<-"):
        if word.literal is None and not word.glob and word.braces < 3:
            reader.refuse_unreadable("<< with an expansion")
        body = ShellWord()
        reader.here_documents.append((word.text, found[2] == "<<-", not word.bare, body))
        word = body
    command.redirections.append(Redirection(found[2], found[1] or "", word))


def _pipeline(reader: ShellReader) -> ShellCommand:
    pipeline = ShellCommand("pipeline")
    while True:
        while (found := _RESERVED.match(reader.text, reader.place, reader.end)) and found[0] in ("!", "time"):
            reader.place = found.end()
            while found[0] == "time" and (option := _OPTION_OF_TIME.match(reader.text, reader.place, reader.end)):
                reader.place = option.end()
            _skip_blanks(reader)
        pipeline.children.append(_command(reader))
        _skip_blanks(reader)
        if not (found := _PIPE.match(reader.text, reader.place, reader.end)):
            break
        reader.place = found.end()
        if found[0] == "|&":
            stdout = ShellWord()
            stdout.add_text("1")
            pipeline.children[-1].redirections.append(Redirection(">&", "2", stdout))
        _skip_lines(reader)
    return pipeline if len(pipeline.children) > 1 else pipeline.children[0]


def _command(reader: ShellReader) -> ShellCommand:
    command = ShellCommand("group")
    found = _RESERVED.match(reader.text, reader.place, reader.end)
    if reader.is_at("("):
        _parenthesis(reader, command)
    elif found and found[0] in _COMPOUND:
        reader.place = found.end()
        _COMPOUND[found[0]](reader, command)
    elif found and found[0] != "in":
        reader.refuse_unreadable(f"an unmatched {found[0]}")
    else:
        return _simple(reader)
    while not _skip_blanks(reader) and (redirect := _REDIRECT.match(reader.text, reader.place, reader.end)):
        _redirect(reader, command, redirect)
    return command


def _simple(reader: ShellReader) -> ShellCommand:
    """Read one simple command, or the definition of a function."""
    command = ShellCommand()
    first = True
    while not _skip_blanks(reader):
        if redirect := _REDIRECT.match(reader.text, reader.place, reader.end):
            _redirect(reader, command, redirect)
            continue
        if reader.is_at("("):
            found = _FUNCTION.match(reader.text, reader.place, reader.end)
            if not found or len(command.words) != 1 or command.redirections or command.words[0].name:
                reader.refuse_unreadable("a ( within a command")
            reader.place = found.end()
            return _body_of(reader, command.words[0])
        start, word = reader.place, reader.read_word(first)
        if reader.place == start:
            break
        if (
            word.text[:1] == "{"
            and (word.literal is None or "[" in word.text)
            and reader.text[reader.place : reader.place + 1] in ("<", ">")
        ):
            at = next((one.index for one in word.pieces if one.kind == "output"), None)
            name = reader.about if at is None else written(reader.refs[at])
            raise ValueError(f"@{name}@ cannot be used before a redirection: put a blank between them")
        command.words.append(word)
        first = first and bool(word.name)
    return command


def _body_of(reader: ShellReader, name: ShellWord) -> ShellCommand:
    """The function of this name, whose body comes next."""
    command = ShellCommand("function")
    if not _FUNCTION_NAME.fullmatch(name.literal or ""):
        reader.refuse_unreadable("a function whose name is not a plain word")
    command.name = name.text
    _skip_lines(reader)
    body = _command(reader)
    if body.kind == "simple":
        reader.refuse_unreadable("a function without { … }")
    command.children.append(body)
    return command


def _parenthesis(reader: ShellReader, command: ShellCommand) -> None:
    """A group, or an arithmetic command."""
    start = reader.place
    if reader.is_at("(("):
        reader.place += 2
        if (expression := reader.read_arithmetic("))")) is not None:
            command.kind = "arithmetic"
            command.words.append(expression)
            return
    reader.place = start + 1
    command.children, _ = _commands(reader, (")",))


def _braces(reader: ShellReader, command: ShellCommand) -> None:
    command.children, _ = _commands(reader, ("}",))


def _if(reader: ShellReader, command: ShellCommand) -> None:
    end = "elif"
    while end == "elif":
        condition, _ = _commands(reader, ("then",))
        body, end = _commands(reader, ("elif", "else", "fi"))
        command.children += condition + body
    if end == "else":
        body, _ = _commands(reader, ("fi",))
        command.children += body


def _while(reader: ShellReader, command: ShellCommand) -> None:
    condition, _ = _commands(reader, ("do",))
    body, _ = _commands(reader, ("done",))
    command.children = condition + body


def _case(reader: ShellReader, command: ShellCommand) -> None:
    command.kind = "case"
    _skip_lines(reader)
    command.words.append(_a_word(reader, "a case that cannot be read"))
    _skip_lines(reader)
    if not (found := _IN.match(reader.text, reader.place, reader.end)):
        reader.refuse_unreadable("a case without in")
    reader.place = found.end()
    while not _skip_lines(reader):
        if reader.is_at("("):
            reader.place += 1
            _skip_blanks(reader)
        elif (found := _RESERVED.match(reader.text, reader.place, reader.end)) and found[0] == "esac":
            reader.place = found.end()
            return
        while not reader.is_at(")"):
            command.words.append(_a_word(reader, "a case that cannot be read"))
            if _skip_blanks(reader):
                break
            if reader.is_at("|"):
                reader.place += 1
                _skip_blanks(reader)
            elif not reader.is_at(")"):
                reader.refuse_unreadable("a case that cannot be read")
        reader.place += 1
        body, end = _commands(reader, (";;", "esac"))
        command.children += body
        if end == "esac":
            return
    reader.refuse_unreadable("a case without esac")


def _a_word(reader: ShellReader, otherwise: str) -> ShellWord:
    start, word = reader.place, reader.read_word()
    if reader.place == start:
        reader.refuse_unreadable(otherwise)
    return word


def _for(reader: ShellReader, command: ShellCommand) -> None:
    command.kind = "for"
    _skip_blanks(reader)
    if reader.is_at("(("):
        reader.place += 2
        if (expression := reader.read_arithmetic("))")) is None:
            reader.refuse_unreadable("a for that cannot be read")
        command.kind = "arithmetic"
        command.words.append(expression)
    else:
        name = _a_word(reader, "a for that cannot be read")
        if any(one.kind == "output" for one in name.pieces):
            output = reader.refs[next(one.index for one in name.pieces if one.kind == "output")]
            raise ValueError(f"@{written(output)}@ cannot be used as the name of a variable: write a name")
        if not _VARIABLE.fullmatch(name.literal or ""):
            reader.refuse_unreadable("a for whose variable is not a plain name")
        command.name = name.text
        _skip_lines(reader)
        if found := _IN.match(reader.text, reader.place, reader.end):
            reader.place = found.end()
            while not _skip_blanks(reader):
                start, word = reader.place, reader.read_word()
                if reader.place == start:
                    break
                command.words.append(word)
        else:  # of the arguments
            arguments = ShellWord()
            arguments.add("variable", True, "@")
            command.words.append(arguments)
    _skip_blanks(reader)
    if reader.is_at(";"):
        reader.place += 1
    _skip_lines(reader)
    if reader.is_at("{"):
        reader.place += 1
        _braces(reader, command)
        return
    if not (found := _DO.match(reader.text, reader.place, reader.end)):
        reader.refuse_unreadable("a for without do")
    reader.place = found.end()
    command.children, _ = _commands(reader, ("done",))


def _select(reader: ShellReader, command: ShellCommand) -> None:
    _for(reader, command)
    if command.kind == "arithmetic":
        reader.refuse_unreadable("select with ((")
    command.kind = "select"


def _function(reader: ShellReader, command: ShellCommand) -> None:
    _skip_blanks(reader)
    name = _a_word(reader, "a function that cannot be read")
    if found := _FUNCTION.match(reader.text, reader.place, reader.end):
        reader.place = found.end()
    made = _body_of(reader, name)
    command.kind, command.name, command.children = made.kind, made.name, made.children


def _test(reader: ShellReader, command: ShellCommand) -> None:
    """[[ … ]]: its words and operators; ( ) | < > are part of what follows = and =~."""
    command.kind = "test"
    while True:
        if _skip_lines(reader):
            reader.refuse_unreadable("an unclosed [[")
        after = command.words[-1] if command.words else None
        if after and after.bare and after.text in ("=", "==", "!=", "=~"):
            command.words.append(_pattern(reader))
            continue
        if reader.is_at("<(") or reader.is_at(">("):
            reader.refuse_unreadable("<( … ) in a [[")
        if found := _CONNECTED.match(reader.text, reader.place, reader.end):
            word = ShellWord()
            word.add_text(found[0])
            command.words.append(word)
            reader.place = found.end()
            continue
        word = _a_word(reader, "a [[ that cannot be read")
        if word.bare and word.text == "]]":
            return
        command.words.append(word)


def _pattern(reader: ShellReader) -> ShellWord:
    """What a value is compared with in [[: up to a blank outside of parentheses."""
    word, opened = ShellWord(), 0
    while reader.place < reader.end:
        sign = reader.text[reader.place]
        if reader.is_at("<(") or reader.is_at(">("):
            reader.refuse_unreadable("<( … ) in a [[")
        if sign in "(<>" or sign == ")" and opened or sign == "|" and (opened or not reader.is_at("||")):
            opened += (sign == "(") - (sign == ")")
            word.add_text(sign)
            reader.place += 1
        elif sign in " \t" and opened:
            word.add_text(sign)
            reader.place += 1
        elif sign in " \t\n&;)|":
            break
        else:
            piece = reader.read_word()
            if piece.elements is not None:
                reader.refuse_unreadable("a [[ that cannot be read")
            word.pieces += piece.pieces
            word.bare = word.bare and piece.bare
    if not word.pieces:
        reader.refuse_unreadable("a [[ that cannot be read")
    return word


def _coprocess(reader: ShellReader, command: ShellCommand) -> None:
    reader.refuse_unreadable("coproc")


_COMPOUND: dict[str, Compound] = {
    "{": _braces,
    "if": _if,
    "while": _while,
    "until": _while,
    "case": _case,
    "for": _for,
    "select": _select,
    "function": _function,
    "[[": _test,
    "coproc": _coprocess,
}
_CLOSING = ("then", "elif", "else", "fi", "do", "done", "esac", "}")
