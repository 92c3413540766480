"""The arguments of stages: options, words, and the form of the output, `--output text|json|…`.

Import it where arguments are given: the stages of a run are called without any.
"""

from __future__ import annotations

import getopt

from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Arguments:
    """form: of --output. options: name without dashes -> its value, "" for a switch. words: the rest, in order."""

    __slots__ = ("form", "options", "words")

    def __init__(self, form: str, options: dict[str, str], words: list[str]) -> None:
        self.form, self.options, self.words = form, options, words


def read_options(
    arguments: Sequence[str],
    *,
    forms: Sequence[str] = (),
    old: Collection[str] = (),
    switches: Collection[str] = (),
    values: Collection[str] = (),
    short: Mapping[str, str] | None = None,
    words: tuple[int, int] = (0, 0),
    missing: str = "an argument is missing",
) -> Arguments:
    """Read the arguments of a stage. Raises ValueError, with a message for people.

    forms: what --output takes, the default first. old: other spellings of it that stay valid: `json` is the switch
    --json, and a name that is not a form takes the form as its value, as in --graph svg.
    switches, values: the long names of options without and with a value. short: letter -> long name.
    words: how many there may be, at least and at most. missing: the message if there are too few.
    """
    letters = short or {}
    long = [*switches, *(f"{name}=" for name in values), *(name if name in forms else f"{name}=" for name in old)]
    line = "".join(letter + (":" if name in values else "") for letter, name in letters.items())
    long += ["output="] if forms else []
    _require_full_names(arguments, long, line)
    try:
        given, found = getopt.gnu_getopt(arguments, line, long)
    except getopt.GetoptError as error:
        raise ValueError(_what_is_wrong(error, [name.removesuffix("=") for name in long])) from None
    chosen: dict[str, str] = {}  # form -> how it was asked for
    options: dict[str, str] = {}
    for option, value in given:
        name = option[2:] if option.startswith("--") else letters[option[1:]]
        if name in old and name in forms:
            chosen.setdefault(name, option)
        elif name in old or (name == "output" and forms):
            chosen.setdefault(_form(option, value, forms), f"{option} {value}")
        else:
            options[name] = value
    if len(chosen) > 1:
        raise ValueError(f"{' or '.join(chosen.values())}, one of them")
    if len(found) < words[0]:
        raise ValueError(missing)
    if len(found) > words[1]:
        raise ValueError(f"too many arguments: '{printable(found[words[1]])}'")
    return Arguments(next(iter(chosen), forms[0] if forms else ""), options, found)


def _what_is_wrong(error: getopt.GetoptError, names: Sequence[str]) -> str:
    """names: the long names that there are."""
    if not error.msg.endswith("not recognized"):
        return printable(error.msg)
    import difflib  # here: few calls are wrong

    called = f"-{error.opt}" if len(error.opt) == 1 else f"--{error.opt}"
    near = difflib.get_close_matches(error.opt, names, 1, 0.7)
    return f"unknown option {printable(called)}" + (f"; did you mean --{near[0]}?" if near else "")


def _require_full_names(arguments: Sequence[str], long: Sequence[str], line: str) -> None:
    """Raises ValueError for the beginning of an option, which getopt would take for the option. long, line: as it
    takes them."""
    names = [name.removesuffix("=") for name in long]
    is_value = False
    for word in arguments:
        if is_value:
            is_value = False
        elif word == "--":
            return
        elif word.startswith("--"):
            name, equals, _ = word[2:].partition("=")
            if name not in names and (fits := [f"--{one}" for one in names if one.startswith(name)]):
                raise ValueError(f"unknown option --{printable(name)}; write it in full: {' or '.join(fits)}")
            is_value = f"{name}=" in long and not equals
        elif word.startswith("-") and len(word) == 2:
            is_value = f"{word[1]}:" in line


def read_run_options(
    arguments: Sequence[str],
    *,
    forms: Sequence[str],
    switches: Collection[str] = (),
    values: Collection[str] = (),
    words: tuple[int, int] = (1, 1),
) -> Arguments:
    """The same for a stage about runs: -l DIR is the option log-dir, and each form is a switch too."""
    return read_options(
        arguments,
        forms=forms,
        old=forms,
        switches=switches,
        values=[*values, "log-dir"],
        short={"l": "log-dir"},
        words=words,
        missing="which run? tasker runs lists them",
    )


def _form(option: str, value: str, forms: Sequence[str]) -> str:
    if value not in forms:
        raise ValueError(f"{option} takes {', '.join(forms[:-1])} or {forms[-1]}, not '{printable(value)}'")
    return value
