"""Syntax of a shell in a command that no shell reads (docs/language.md §4).

A command is split into words by the quoting rules of a shell, without a shell: `|` is an argument. An author who writes
it probably wants a shell. Only author text is checked; outputs are data.
"""

from __future__ import annotations

from tasker.language.fields import field_text
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

# a piece of a command: blanks, a quoted text, an escaped character, or what is neither
PIECE = Pattern(r"""(?s)([ \t\r\n]+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\.|([^ \t\r\n'"\\]+)|.""")
EXPANDED = Pattern(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[^}]*\}|\()|`")
ESCAPED = Pattern(r"(?s)\\.")
REDIRECT = Pattern(r"(?:[0-9]?>>?|&>>?)(?:&[0-9-])?")  # at the beginning of a word
AT_END = Pattern(r"(?:\|\|?|&&?|;;?|[0-9]?>>?&[0-9-]|[0-9]?>>?|<)\Z")
WHOLE = Pattern(r"\|\|?|&&?|;;?|<(?:<<?)?|[0-9]?>>?(?:&[0-9-])?|&>>?")
HERE = Pattern(r"<<-?['\"]?[A-Za-z_]")
NO_REDIRECT = ("->", "=>", "-->", "==>", "<>")
# programs that read an argument as text of a language in which `$` and a backtick have a meaning of their own
PROGRAMS = "sh bash dash ksh zsh ash fish ssh su runuser watch parallel awk gawk mawk jq perl php ruby python3 envsubst"
READERS = frozenset(PROGRAMS.split())
OF_FIND = ("-exec", "-execdir", "-ok", "-okdir")  # which end with `;`
VARIABLE = Pattern(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)|\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")
QUOTES = "put it into single quotes if the program is to get it"


def check_shell_syntax(context: CheckContext, task: Task, fields: Iterable[str]) -> None:
    """The first place of a command, which these fields make, that is meant for a shell."""
    about = context.abouts.get(context.exec_type_of(task) or "")
    if about is None or about.get("words") == "script":
        return
    reader = CommandReader()
    for field in fields:
        if (task["task"], field) in context.notes.without_meaning:
            continue
        text = field_text(task, field)
        parts = context.texts.expand(text) or ()
        # an output is a part of a word, and its value is not looked at
        known = "".join(part if isinstance(part, str) else f"@{part.name}@" for part in parts)
        found = next(reader.signs(known), None)
        if found is None:
            continue
        sign, at = found
        at = at if known == text else max(text.find(sign), 0)
        message = f"'{sign}' has no meaning here: no shell reads this command"
        context.report("T017", message, _way_out(context, sign, known[found[1] :], about), task, field, offset=at)
        return


def _way_out(context: CheckContext, sign: str, text: str, about: object) -> str:
    local = isinstance(about, dict) and about.get("argv") == ["{words}"]
    shell = "write exec=shell" if local else "write sh -c '…' around the command"
    if found := VARIABLE.match(text):
        name = found[1] or found[2]
        if name in context.variables:
            return f"write @{name}@"
        return f"write @NAME@ for a global variable; for one of the environment {shell}, or {QUOTES}"
    if sign == "{{":
        return f"write @NAME@ for a global variable, or {QUOTES}"
    return f"{shell}, or {QUOTES}"


class CommandReader:
    """Reads the pieces of a command. read: a word before is one of READERS. find: it is an option of find."""

    def __init__(self) -> None:
        self.read = self.find = False

    def signs(self, text: str) -> Iterator[tuple[str, int]]:
        """(sign, offset) of each place that is meant for a shell."""
        begin, word = 0, ""
        for piece in PIECE.finditer(text):
            blank, _, double, plain = piece.groups()
            if blank is not None:
                self._end(word)
                word, begin = "", piece.end()
                continue
            if plain is not None:
                alone = piece.start() == begin and (piece.end() == len(text) or text[piece.end()] in " \t\r\n")
                yield from sorted(self._plain(plain, piece.start(), begin, alone), key=lambda one: one[1])
            elif double and not self.read:
                masked = ESCAPED.sub("  ", double)
                for found in EXPANDED.finditer(masked):
                    yield _shown(found[0]), piece.start() + 1 + found.start()
            word += piece[0]
        self._end(word)

    def _plain(self, text: str, at: int, begin: int, alone: bool) -> Iterator[tuple[str, int]]:
        """The signs in an unquoted piece. begin: of its word. alone: it is the whole word."""
        if alone and (found := WHOLE.fullmatch(text)):
            if not (text == ";" and self.find):
                yield text, at
            return
        if at == begin:
            if (found := REDIRECT.match(text)) or HERE.match(text):
                yield (found[0] if found else "<<"), at
            elif text[0] == "|" or text.startswith("&&"):
                yield text[0] if text[1:2] != text[0] else text[:2], at
            elif text.startswith("~/") or text == "~":
                yield text[:2], at
        for one in EXPANDED.finditer(text):
            yield _shown(one[0]), at + one.start()
        if (place := text.find("{{")) >= 0:
            yield "{{", at + place
        if (place := text.find("*")) >= 0:
            yield "*", at + place
        ended = AT_END.search(text)
        if ended and text not in NO_REDIRECT and not (ended[0] == ">" and text[0] == "<"):
            yield ended[0], at + ended.start()

    def _end(self, word: str) -> None:
        self.read = self.read or word.rpartition("/")[2] in READERS
        self.find = self.find or word in OF_FIND


def _shown(found: str) -> str:
    return found if len(found) <= 40 else found[:39] + "…"
