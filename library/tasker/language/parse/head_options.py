"""Options at the head of a task file: lines that begin with `-` before the first line with a key (docs/language.md §1).

`option_lines` finds them in a file that nothing else has read yet; `Head` reads them. What they may be is the tables
here. The parser reports `faults`; the command line uses `given`, which is the same where there is none.
"""

from __future__ import annotations

from tasker.language.parse.source import BLANKS, BOM, LARGEST, begins_option, quote_name
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import TypeAlias

    from tasker.protocol.types import HeadLine, Settings

    Word: TypeAlias = tuple[int, str]  # the offset in its line, and its text

# name: the key of the setting, as cli/option_table.py has it
ALLOWED = {
    **dict.fromkeys(("-t", "--type"), "exec"),
    **dict.fromkeys(("-o", "--timeout"), "timeout"),
    **dict.fromkeys(("-l", "--log-dir"), "folder"),
    **dict.fromkeys(("-p", "--project"), "project"),
    "--log-level": "level",
    **dict.fromkeys(("-d", "--debug"), "debug"),
    "--on-error": "on_error",
    **dict.fromkeys(("--instance-lock", "--instance-check"), "instance_lock"),
    **dict.fromkeys(("-q", "--quiet"), "quiet"),
    "--confirm": "confirm",
}
SWITCHES = ("debug", "instance_lock", "quiet", "confirm")
VALUES = {"exec": "EXEC", "timeout": "TIME", "folder": "DIR", "project": "NAME", "level": "LEVEL", "on_error": "WHAT"}
# options of TASKER 2.2 that do nothing here: what there is in their place
IDLE = {
    "--fire-and-forget": "to go on after a failure that nothing handles, give --on-error continue",
    "--no-task-backup": "each run keeps a copy of its task file, for resume and again",
    "--skip-command-validation": "a program that cannot be found is a warning, and stops no run",
    "--skip-unresolved-host-validation": (
        "a host name that an output gives is checked when its task starts; --skip-host-validation checks no host at all"
    ),
    "--skip-security-validation": "a value is data and never a part of the command, so there is no such check",
}
_THERE = f"there are {', '.join(ALLOWED)}"
_RUNS = "it would start a run"
_ANSWERS = "it answers a question that is about one run"
_SKIPS = "it leaves out checks"
_NAMES = "it names a command, or which configuration applies"
_ONE_CALL = "it is about one call"
# options that only a command line may have: why
REFUSED = {
    **dict.fromkeys(("-r", "--run", "--resume", "--auto-recovery"), _RUNS),
    **dict.fromkeys(("-y", "--yes", "--unknown", "--accept-changes", "--kill-left", "--outside"), _ANSWERS),
    **dict.fromkeys(("--skip-task-validation", "--skip-host-validation", "--skip-validation"), _SKIPS),
    "--force-instance": "it would run alongside another run",
    **dict.fromkeys(("--notify", "--notify-on", "--alert-on-failure", "--config", "--env"), _NAMES),
    **dict.fromkeys(("-n", "--dry-run", "-c", "--connection-test", "--set", "--set-file", "--limit"), _ONE_CALL),
    **dict.fromkeys(("--start-from", "--park", "--validate-only", "--show-plan", "--follow"), _ONE_CALL),
    **dict.fromkeys(("--output", "--output-json", "--show-config", "--record", "--replay"), _ONE_CALL),
    **dict.fromkeys(("--replay-loose", "--show-recovery-info", "-V", "--version", "-h", "--help"), _ONE_CALL),
}
OF_STAGES = ("exec", "timeout", "on_error")  # what flow and the validators have to know
# as configuration/limits.py has them, which may import this room and not the other way round
LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
ON_ERROR = ("stop", "continue")


class HeadOption:
    """An option that can be used: its name as written, the key of its setting, its value (True for a switch), and its
    line."""

    __slots__ = ("key", "line", "name", "value")

    def __init__(self, name: str, key: str, value: str | bool, line: int) -> None:
        self.name, self.key, self.value, self.line = name, key, value, line

    @property
    def text(self) -> str:
        """As it is written, for people."""
        sign = "=" if self.name.startswith("--") else " "
        return self.name if self.value is True else f"{self.name}{sign}{self.value}"


class Head:
    """What the lines at the head of a file say.

    given: key of a setting -> option. idle: (name, line, column) of the options that do nothing here. faults: (code,
    message, fix, line, column).
    """

    def __init__(self, lines: Iterable[HeadLine] = ()) -> None:
        self.given: dict[str, HeadOption] = {}
        self.idle: list[tuple[str, int, int]] = []
        self.faults: list[tuple[str, str, str, int, int]] = []
        for one in lines:
            self.read_line(one["line"], one["text"])

    def read_line(self, line: int, text: str, column: int = 1) -> None:
        """Read the options of a line. column: that of its text in the file."""
        try:
            words = split_line(text)
        except ValueError as error:
            self.faults.append(("P036", f"cannot read {quote_name(text)}: {error}", _CLOSE, line, column))
            return
        rest = words[::-1]
        while rest:
            offset, word = rest.pop()
            at = line, column + offset
            if not begins_option(word):
                message, fix = f"{quote_name(word)} is not an option", "write one that begins with '-', or remove it"
                if word == "\\":
                    message, fix = "a line cannot be continued on the next one", "begin a line of its own with '-'"
                self.faults.append(("P036", message, fix, *at))
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self._take(name, value if equals else None, rest, at)
            else:
                self._take_letters(word[1:], rest, at)

    def _take_letters(self, letters: str, rest: list[Word], at: tuple[int, int]) -> None:
        """A word such as -dq or -tlocal."""
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            key = ALLOWED.get(name)
            takes_value = key is not None and key not in SWITCHES
            self._take(name, letters if takes_value and letters else None, rest, at)
            if takes_value:
                return

    def _take(self, name: str, value: str | None, rest: list[Word], at: tuple[int, int]) -> None:
        """value: what stands in the word of the option itself, or None. rest: the words after it, from the end."""
        key = ALLOWED.get(name)
        if key is None:
            self._take_other(name, at)
            while name not in IDLE and rest and not begins_option(rest[-1][1]):
                rest.pop()  # it may be its value
            return
        if key in SWITCHES:
            if value is not None:
                self.faults.append(("P036", f"{name} takes no value", f"write {name} alone", *at))
                return
        elif value is None:
            value = rest.pop()[1] if rest else ""
        if key not in SWITCHES and not value:
            self.faults.append(
                ("P036", f"{name} needs a value: {VALUES[key]}", f"give one, as in {_written(name, VALUES[key])}", *at)
            )
            return
        if fault := _VALUE_FAULTS[key](name, value or "") if key in _VALUE_FAULTS else None:
            self.faults.append(("P036", *fault, *at))
            return
        level = "level" if key == "debug" else key
        if before := self.given.get(level):
            self.faults.append(
                (
                    "P036",
                    f"{name} says again what {before.name} says in line {before.line}",
                    "remove one of the two",
                    *at,
                )
            )
            return
        set_to: str | bool = "DEBUG" if key == "debug" else True if value is None else value
        self.given[level] = HeadOption(name, level, set_to, at[0])

    def _take_other(self, name: str, at: tuple[int, int]) -> None:
        """An option that is not in ALLOWED."""
        if name in IDLE:
            self.idle.append((name, *at))
        elif name in REFUSED:
            why = REFUSED[name]
            self.faults.append(
                ("P035", f"{name} cannot stand in a task file: {why}", "give it on the command line", *at)
            )
        else:
            from tasker.language.fields import did_you_mean

            near = did_you_mean(name, (*ALLOWED, *IDLE)) if name.startswith("--") else ""
            if not near and name.startswith("--") and (refused := did_you_mean(name, REFUSED)):
                near = f"{refused} that one stands on the command line alone"
            self.faults.append(("P036", f"unknown option {quote_name(name)}", near or _THERE, *at))


_CLOSE = "close the quote, or write a backslash before a quote that belongs to the value"


def option_lines(path: str) -> list[HeadLine]:
    """The lines with options at the head of a regular file. [] where it cannot be read: the parser says why."""
    import os
    import stat

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe can be read once, and not by us
            return []
        with open(path, "rb") as file:
            data = file.read(LARGEST)
    except (OSError, ValueError):
        return []
    found: list[HeadLine] = []
    text = data.decode("utf-8", "replace").removeprefix(BOM)
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip(BLANKS + "\r")
        if begins_option(bare):
            found.append(head_line(number, bare))
        elif bare and bare[0] != "#":
            break
    return found


def head_line(number: int, bare: str) -> HeadLine:
    """A line of `head_options` in a workflow. bare: without blanks around it."""
    return {"line": number, "text": bare[: _end(bare)].rstrip(BLANKS)}


def stage_settings(lines: Sequence[HeadLine]) -> Settings:
    """What the lines say that flow and the validators have to know, for stages that no driver calls."""
    made: Settings = {}
    given = Head(lines).given
    if "exec" in given:
        made["exec"] = str(given["exec"].value)
    if "timeout" in given:
        from tasker.language.durations import parse_duration
        from tasker.language.fields import FIELDS

        made["timeout"] = parse_duration(str(given["timeout"].value), FIELDS["timeout"].low, FIELDS["timeout"].high)
    if "on_error" in given:
        made["on_error"] = str(given["on_error"].value)
    return made


def shown_options(lines: Sequence[HeadLine], overruled: Sequence[str] = ()) -> str:
    """The options of these lines for people. overruled: those that the command line has set otherwise."""
    text = ", ".join(f"{shorten(one['text'], 200)} (line {one['line']})" for one in lines)
    more = f"; the command line overrules {', '.join(overruled)}" if overruled else ""
    return printable(f"Options at the head of the file: {text}{more}")


def spelled_exec_type(name: str, there: Container[str]) -> str:
    """An exec type that is written in another case, or as TASKER 2.2 has it, as it is here; any other as it is."""
    plain = name.lower()
    same = "shell" if plain in ("bash", "sh") else plain
    return same if name not in there and same in there else name


def split_line(text: str) -> list[Word]:
    """The words of a line, as a POSIX shell splits them without expanding anything. Raises ValueError."""
    words: list[Word] = []
    made: list[str] = []
    begin, place = -1, 0
    end = _end(text)
    while place < end:
        sign = text[place]
        if sign in BLANKS:
            if begin >= 0:
                words.append((begin, "".join(made)))
            made, begin = [], -1
        else:
            begin = place if begin < 0 else begin
            if sign in "'\"":
                piece, place = _quoted(text, place)
                made.append(piece)
            elif sign == "\\" and place + 1 < end:
                place += 1
                made.append(text[place])
            else:
                made.append(sign)
        place += 1
    return [*words, (begin, "".join(made))] if begin >= 0 else words


def _end(text: str) -> int:
    """Where the options of a line end: a comment begins, or the text ends."""
    place, before = 0, " "
    while place < len(text):
        sign = text[place]
        if sign == "#" and before in BLANKS:
            return place
        if sign in "'\"":
            try:
                place = _quoted(text, place)[1]
            except ValueError:
                return len(text)
        elif sign == "\\":
            place += 1
        before = sign
        place += 1
    return len(text)


def _quoted(text: str, place: int) -> tuple[str, int]:
    """(what is between the quotes that open at this place, the place of the closing one). Raises ValueError."""
    sign, made = text[place], [""]
    place += 1
    begin = place
    while place < len(text) and text[place] != sign:
        if sign == '"' and text[place] == "\\" and text[place + 1 : place + 2] in ("\\", '"'):
            made.append(text[begin:place])
            place += 1
            begin = place
        place += 1
    if place >= len(text):
        raise ValueError(f"the quote {sign} is not closed")
    return "".join([*made, text[begin:place]]), place


def _written(name: str, value: str) -> str:
    return f"{name}={value}" if name.startswith("--") else f"{name} {value}"


def _timeout_fault(name: str, value: str) -> tuple[str, str] | None:
    from tasker.language.durations import FORM, bounds_text, parse_duration
    from tasker.language.fields import FIELDS

    low, high = FIELDS["timeout"].low, FIELDS["timeout"].high
    try:
        parse_duration(value, low, high)
    except ValueError:
        from tasker.language.meant import duration_fix

        takes = f"{name} takes {FORM}, from {bounds_text(low, high)}, not {quote_name(value)}"
        return takes, duration_fix(name, value, low, high)
    return None


def _project_fault(name: str, value: str) -> tuple[str, str] | None:
    plain = value.replace("_", "a").replace("-", ".").replace(".", "a")
    if value.isascii() and plain.isalnum() and value[0] not in ".-" and len(value) <= 64:
        return None
    return f"{quote_name(value)} is not the name of a project", "use letters, digits, '.', '_' and '-', at most 64"


def _one_of(name: str, value: str, choices: Sequence[str]) -> tuple[str, str] | None:
    if value in choices:
        return None
    return (
        f"{name} takes {', '.join(choices[:-1])} or {choices[-1]}, not {quote_name(value)}",
        f"write {_written(name, choices[0])}",
    )


_VALUE_FAULTS: dict[str, Callable[[str, str], tuple[str, str] | None]] = {
    "timeout": _timeout_fault,
    "project": _project_fault,
    "level": lambda name, value: _one_of(name, value.upper(), LEVELS),
    "on_error": lambda name, value: _one_of(name, value, ON_ERROR),
}
