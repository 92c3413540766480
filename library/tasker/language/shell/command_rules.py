"""Which commands of a shell script may not get an output as an argument, because they read it as code."""

from __future__ import annotations

from tasker.language.shell.lexer import ASSIGNMENT, EXPRESSION, OUTPUT, UNKNOWN, outputs_of
from tasker.language.shell.parser import NUMERIC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.shell.lexer import ShellCommand, ShellWord
    from tasker.language.template import Ref


def _commands(text: str, why: str = "") -> dict[str, str]:
    return dict.fromkeys(text.split(), why)


_WRAPPERS = _commands("command builtin exec env nohup nice time sudo doas timeout setsid stdbuf ionice find busybox")
DECLARES = _commands("declare typeset local readonly export")
_SHELLS = _commands("sh bash dash ksh zsh ash rbash mksh")
_QUOTED_IS_DATA = _commands("eval trap ssh su rsh runuser bash ksh zsh")  # not sh: dash reads the $'…' of %q as code
_NAME = "would use the value as the name of a variable, whose [ … ] is code"
_INNER = "would read the value as code: write sh -c '… \"$1\"' x {}"
_REMOTE = 'would read the value as code: write "… $(printf %q {})", if what reads it is bash'
# what a command would do with an output in its words, and the fix
_WORDS = {
    **_commands("declare typeset local readonly export", f"{_NAME}: assign alone first, as in v={{}}; then name it"),
    **_commands("read mapfile readarray", f"{_NAME}: write the name, and the value after <<<"),
    **_commands("unset getopts", f"{_NAME}: write the name"),
    **_commands("alias trap", "would keep the value as code: assign first, as in v={}, and write '… \"$v\"'"),
    **_commands("compgen complete compopt bind", "would read the value as code: move that to a task of its own"),
    **_commands("eval", "would run the value as code: write the command itself, with {} as its argument"),
    **_commands("let", f"is not safe, as {EXPRESSION}: use expr {{}}"),
    **_commands("source . enable", "would run what is in that file: start it as bash -- {}"),
    **_commands("ssh su rsh runuser flock", _REMOTE),
    **_commands("xargs watch parallel", _INNER),
}


def _refuse(outputs: list[Ref], to: str, why: str) -> None:
    if outputs:
        output = f"@{outputs[0].name}@"
        raise ValueError(f"{output} cannot be passed to '{to}': it {why.format(output)}")


def check_command(command: ShellCommand) -> None:
    """Raise ValueError if a command would read one of its outputs as code."""
    if command.test:
        _check_test("[[", command.words)
        return
    to, words = command_word(command.words)
    if to == "env":
        if any(word.text.startswith(("-S", "--split-string")) for word in words):
            _refuse(outputs_given(words), "env -S", _INNER)
    elif to == "wait":
        if any(word.text.startswith("-") and "p" in word.text for word in words):
            _refuse(outputs_given(words), "wait -p", f"{_NAME}: write the name")
    elif to in _WORDS:
        _refuse(outputs_given(words, to in _QUOTED_IS_DATA), to, _WORDS[to])
    elif to == "printf":
        _check_printf(words)
    elif to in ("test", "["):
        _check_test(to, words)
    elif to in _SHELLS:
        _check_shell(to, words, command.redirections)


def command_word(words: Iterable[ShellWord]) -> tuple[str, list[ShellWord]]:
    """(name of the command, its words), after assignments and wrappers such as `sudo`."""
    words = list(words)
    while words and ASSIGNMENT.match(words[0].text):
        words.pop(0)
    if not words:
        return "", []
    to = words[0].text.rpartition("/")[2]
    if to in _WRAPPERS:  # their options may take words, so any later word may be the command
        known = {*_WORDS, *_SHELLS, "printf", "test", "[", "wait"}
        if to not in ("command", "builtin"):
            known.remove(".")  # `.` is a folder here, as in find .
        for index, word in enumerate(words[1:], 1):
            if word.text.rpartition("/")[2] in known:
                return word.text.rpartition("/")[2], words[index + 1 :]
    return to, words[1:]


def outputs_given(words: Iterable[ShellWord], quoted_is_data: bool = False) -> list[Ref]:
    """The outputs in words; without those in $(printf %q …) if that makes them data."""
    found = []
    for word in words:
        quoting = quoted_is_data and word.commands and all(_is_quoting(one) for one in word.commands if one.words)
        found += word.outputs if quoting else outputs_of(word)
    return found


def _is_quoting(command: ShellCommand) -> bool:
    """Is this printf %q …?"""
    texts = [word.text for word in command.words]
    return (
        texts[0] == "printf"
        and len(texts) > 1
        and texts[1].strip() == "%q"
        and not any(w.commands for w in command.words)
    )


def _check_printf(words: list[ShellWord]) -> None:
    texts = [word.text for word in words]
    place = 1 if texts[:1] == ["--"] else 0
    literal = len(texts) > place and not outputs_given(words[: place + 1])
    if not literal or not place and texts[0].startswith(("-", UNKNOWN)):
        _refuse(outputs_given(words), "printf", "could be an option, or the format: write printf '%s\\n' {}")


def _check_test(to: str, words: list[ShellWord]) -> None:
    texts = [word.text for word in words]
    if "-v" in texts or "-R" in texts:
        _refuse(outputs_given(words), f"{to} -v", f"{_NAME}: write the name")
    if to == "[[":
        if any(text in NUMERIC for text in texts):
            for output in outputs_given(words):
                way = f"{EXPRESSION}: use [ … ] instead"
                raise ValueError(f"@{output.name}@ cannot be compared by number in [[ … ]]: {way}")
        return
    there = [word for word in words if word.text != UNKNOWN or outputs_of(word)]
    for one, other in zip(there, there[1:]):
        if outputs_of(one) and one.text[0] in (OUTPUT, UNKNOWN) and outputs_of(other):
            _refuse(outputs_of(one), to, "could be -v, with what follows as its name: compare as in [ {} = … ]")


def _check_shell(to: str, words: list[ShellWord], targets: list[tuple[str, ShellWord]]) -> None:
    """Check the words up to the first that is not an option: it is the code, or the name of a script."""
    taken = 0
    for place, word in enumerate(words):
        text = word.text
        if text == "--" and not any("c" in each.text for each in words[:place]):
            taken = place
            break
        taken = place + 1
        takes = place and words[place - 1].text in ("-o", "+o", "-O", "+O", "--rcfile", "--init-file")
        if not takes and not text.startswith(("-", "+")):
            break
    _refuse(outputs_given(words[:taken], to in _QUOTED_IS_DATA), to, _INNER)
    _refuse(outputs_given([word for sign, word in targets if sign.startswith("<")]), to, _INNER)
