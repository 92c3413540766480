"""What interpreters do with values: which words are program text, and whether their stdin is."""

from __future__ import annotations

from tasker.language.shell.options import could_be_option
from tasker.language.shell.programs import TWO_VALUES, Interpreter
from tasker.language.shell.syntax import OUTPUT, UNKNOWN, ShellWord
from tasker.language.shell.taint import SYNTAX
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.shell.analysis import Analysis, Call

STDIN = Pattern(r"-|/dev/stdin|/proc/self/fd/0|/dev/fd/0")
OPTION = "could take it as an option, or as what to run: put -- in front of it, or write a word of your own first"
_OPENS = "could run a file whose name has a | at its end: write < {} instead"
# options with a program text, also those with one - of gdb, erl and influx
CODE_LONG = Pattern(r"--?(?:\w+-)*(?:eval|exec|execute|expression|command|query|cmd|ex|iex)")
_ENVIRONMENT = Pattern(r"(?i)\benv(?:iron\w*)?\b|getenv")
_FILE = Pattern(r"/dev/fd/|/proc/self/fd/")


def refuse(analysis: Analysis, call: Call, words: Iterable[ShellWord], why: str, most: int = SYNTAX) -> None:
    otherwise = f"be used in a script in which what '{call.name}' runs is not certain: write it out"
    for word in words:
        analysis.graph.need((word.node,), most, f"be passed to '{call.name}': it {why}", otherwise)


def refuse_stdin(analysis: Analysis, call: Call, more: int | None = None) -> None:
    reason = (
        f"be the input of '{call.name}', which would run it: write the program itself, and give it {{}} as an argument"
    )
    analysis.graph.need((call.stdin,), SYNTAX, reason)
    if more is not None:
        analysis.graph.need((more,), SYNTAX, reason)


def mention(analysis: Analysis, call: Call) -> None:
    """The words of a command, and the text on its stdin, can be programs for a shell."""
    texts = [word.text for word in call.words[1:]]
    texts += [one.word.text for one in call.redirections if one.sign in ("<<", "<<-", "<<<")]
    for text in texts:
        analysis.mention(text, call.name or "a command that is not known", call.assigned)


def check_script_file(analysis: Analysis, call: Call, name: str) -> None:
    """The name of a file with a program, which can be a stream."""
    if STDIN.fullmatch(name):
        refuse_stdin(analysis, call)
    elif _FILE.match(name):
        refuse_stdin(analysis, call, analysis.files)


def check_interpreter(analysis: Analysis, call: Call, known: Interpreter) -> None:
    """Which words are the program, and whether the stdin is."""
    words, why = call.words, f"would read the value as code: {known.way}"
    if known.starts:
        mention(analysis, call)
    if known.opens and known.opens.search(" ".join([word.text for word in words[1:]])):
        refuse(analysis, call, words[1:], _OPENS)
    if any(_ENVIRONMENT.search(word.text) for word in words[1:]):  # it can print any value
        analysis.graph.flow(analysis.everything, call.stdout)
    if known.stdin == "always":
        refuse(analysis, call, words[1:], why)
    given = data = False
    place = 1
    verbs = known.verbs
    while place < len(words) and not data:
        word = words[place]
        text = word.text
        place += 1
        if not given and word.literal in verbs:  # the program is the word after it
            verbs = frozenset()
            continue
        if could_be_option(word) or not text.startswith("-") or text == "-":
            is_code = not given and known.first != ""
            if is_code:
                refuse(analysis, call, [word], why)
                if known.first == "script":
                    check_script_file(analysis, call, text)
                given = True
            elif could_be_option(word) and known.options:
                refuse(analysis, call, [word], f"{OPTION}; {known.way}")
            if could_be_option(word) and not is_path(word) and known.options:
                _refuse_rest(analysis, call, words[place:], known, why)
                return
            data = known.rest
        elif text == "--":
            if not given and known.first:
                refuse(analysis, call, words[place : place + 1], why)
                for one in words[place : place + 1]:
                    check_script_file(analysis, call, one.text)
                    given = True
            data = True
        elif CODE_LONG.fullmatch(text):
            refuse(analysis, call, words[place : place + 1], why)
            place, given = place + 1, True
        elif text.startswith("--"):
            place, is_program = _long_option(analysis, call, known, place, why)
            given = given or is_program
        else:
            place, letter = _cluster(analysis, call, known, place, why)
            given = given or letter != ""
            data = letter in ("c", "m") and known.program == "c"  # the rest is for the program
    if known.stdin == "always" or known.stdin == "else" and not given:
        refuse_stdin(analysis, call)


def _refuse_rest(analysis: Analysis, call: Call, words: list[ShellWord], known: Interpreter, why: str) -> None:
    """After a word that may be an option, any word may be the program."""
    refuse(analysis, call, words, why)
    if known.stdin != "never":
        refuse_stdin(analysis, call)


def _long_option(analysis: Analysis, call: Call, known: Interpreter, place: int, why: str) -> tuple[int, bool]:
    """(place after it, whether it has the program) of the option in front of this place."""
    words = call.words
    word = words[place - 1]
    name = word.text.partition("=")[0]
    following = words[place : place + 1] if "=" not in word.text else []
    if name in TWO_VALUES:
        refuse(analysis, call, words[place : place + 1], why)
        refuse(analysis, call, [one for one in words[place + 1 : place + 2] if one.several], why)
        return place + 2, False
    if name in known.long_values.split():
        refuse(analysis, call, [one for one in following if one.several], why)
        return place + len(following), False
    refuse(analysis, call, [word], why)
    if name in known.long_program.split():
        refuse(analysis, call, following, why)
        for one in following:
            check_script_file(analysis, call, one.text)
        return place + len(following), True
    return place, False


def _cluster(analysis: Analysis, call: Call, known: Interpreter, place: int, why: str) -> tuple[int, str]:
    """(place after it, the letter that has the program or "") of the short options in front of this place."""
    words = call.words
    word = words[place - 1]
    for at, letter in enumerate(word.text[1:], 2):
        attached = at < len(word.text)
        value = [word] if attached else words[place : place + 1]
        if letter in known.program or letter in known.files:
            refuse(analysis, call, value, why)
            for one in value if letter in known.files else ():
                check_script_file(analysis, call, one.text[at:] if attached else one.text)
            return place + (not attached), letter
        if letter in known.values:
            refuse(analysis, call, [one for one in value if one.several], why)
            return place + (not attached), ""
        if letter in known.touching or letter in (OUTPUT, UNKNOWN):
            break
    refuse(analysis, call, [word], why)
    return place, ""


def is_path(word: ShellWord) -> bool:
    return any(piece.kind == "text" and "/" in piece.text for piece in word.pieces)
