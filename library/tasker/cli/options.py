"""Reading the command line of `tasker FILE`: first the words, then what they mean together with the configuration."""

from __future__ import annotations

import os

from tasker.cli.option_table import (
    DEFAULTS,
    ENVIRONMENT,
    FIXED,
    IDLE,
    NEVER_RESUMED,
    NOT_FOR_DRIFT,
    OLD,
    ONLY_RESUMED,
    SEVERAL,
    TABLE,
)
from tasker.configuration.model import Misuse, Setting
from tasker.protocol.exit_codes import INVALID, NOT_POSSIBLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from tasker.cli.head_of_file import HeadOfFile
    from tasker.cli.option_table import Option
    from tasker.configuration.model import Configuration
    from tasker.protocol.types import Document


def by_name(table: Iterable[Option]) -> dict[str, Option]:
    """{name as it is written: option}."""
    names = {f"--{option.long}": option for option in table}
    return names | {f"-{option.short}": option for option in names.values() if option.short}


_NAMES = by_name((*TABLE, *OLD))
_FIRST_LOOK = 65_536  # bytes of a task file, in which nearly every one shows whether it has a head
OUTSIDE = ("skip", "run")
LISTED = "tasker --help lists the options"


class Words:
    """The words of a call: `given`, key of a setting -> its value and its option; `files`, the words that are no
    option."""

    __slots__ = ("files", "given")

    def __init__(self, given: dict[str, Setting], files: list[str]) -> None:
        self.given, self.files = given, files


class Reading:
    """What a call means: `settings`; `warnings`; `origins`, key of a setting -> where it comes from; the
    `configuration`; and `of_head`, the keys that the head of the task file sets."""

    __slots__ = ("configuration", "of_head", "origins", "settings", "warnings")

    def __init__(
        self, settings: Document, warnings: list[str], origins: dict[str, str], configuration: Configuration
    ) -> None:
        self.settings, self.warnings, self.origins, self.configuration = settings, warnings, origins, configuration
        self.of_head: tuple[str, ...] = ()

    def is_given(self, key: str) -> bool:
        """Does a setting come from this call: its command line, the head of its task file, or a variable of its
        environment?"""
        origin = self.origins.get(key, "")
        return origin.startswith("-") or origin in ENVIRONMENT or key in self.of_head


def first_word(arguments: Sequence[str], names: Mapping[str, Option] = _NAMES) -> int:
    """The place of the first word that is neither an option nor a value of one; the number of words if there is none.

    An option that is not in the table may be one of a stage. It is taken for a switch.
    """
    place = 0
    while place < len(arguments):
        word = arguments[place]
        if word == "--":
            return len(arguments)
        if word == "-" or not word.startswith("-"):
            return place
        name, equals, _ = word.partition("=")
        if name.startswith("--"):
            takes_next = name in names and names[name].takes_next and not equals
        else:
            takes_next = _ends_with_option_of_value(word, names)
        place += 2 if takes_next else 1
    return place


def _ends_with_option_of_value(cluster: str, names: Mapping[str, Option]) -> bool:
    """Is it like -rl, so that the value of -l is the next word? In -rlDIR the value is there already."""
    for place, letter in enumerate(cluster[1:], 2):
        option = names.get(f"-{letter}")
        if option is not None and option.takes_next:
            return place == len(cluster)
    return False


def parse_words(
    arguments: Sequence[str],
    names: Mapping[str, Option] = _NAMES,
    several_times: Sequence[str] = SEVERAL,
    meant: Callable[[str, str], str] | None = None,
) -> Words:
    """Words as GNU programs read them: options anywhere, until `--`; but names in full. Raises Misuse.

    names: the options there are. several_times: keys of those that may be given more than once. meant: what to write in
    place of an unknown option, from its name and the word after it, or "".
    """
    given: dict[str, Setting] = {}
    files: list[str] = []
    several: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            files += rest
            break
        if word == "-" or not word.startswith("-"):
            files.append(word)
            continue
        for name, value in _options_in(word, rest, names, meant or _meant_elsewhere):
            option = names[name]
            several.setdefault(option.key, []).append(value)
            one: object = value if option.takes_next else value or True if option.value else True
            kept = several[option.key] if option.key in several_times else one
            given[option.key] = Setting(kept, name)
            if option.key == "resume" and word != name:  # --resume=RUN
                files.append(value)
    return Words(given, files)


def ask_probes_only(words: Words) -> None:
    """Make it the call of `tasker drift`. Raises Misuse for what belongs to a run."""
    if idle := [f"--{option.long}" for option in TABLE if option.key in words.given and option.key in NOT_FOR_DRIFT]:
        raise Misuse(f"{', '.join(idle)} cannot be given with drift: it asks every probe, and runs no command")
    words.given["drift"] = Setting(True, "drift")
    if "connection_test" not in words.given:
        words.given["skip_hosts"] = Setting(True, "drift")  # a host that cannot be reached gives no answer


def _options_in(
    word: str, rest: list[str], names: Mapping[str, Option], meant: Callable[[str, str], str]
) -> list[tuple[str, str]]:
    """(name, value) of each option in a word. A value may be the next of the other words, and is taken from there."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        option = _known(name, value if equals else "".join(rest[:1]), names, meant)
        return [(name, _value(option, name, value if equals else None, rest))]
    made = []
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        option = _known(name, letters or "".join(rest[:1]), names, meant)
        if option.value:
            made.append((name, _value(option, name, letters or None, rest)))
            break
        made.append((name, ""))
    return made


def _value(option: Option, name: str, written: str | None, rest: list[str]) -> str:
    """The value of an option. written: what stands in its own word, or None."""
    if not option.takes_next:
        if written is not None and option.key != "resume" and not option.value:
            raise Misuse(f"option {name} takes no value, not '{written}'")
        if written == "" and option.value:
            raise Misuse(f"{name}= needs a value: {option.value.strip('[]')}; or leave out the '='")
        return written or ""
    value = written if written is not None else rest.pop(0) if rest else ""
    if not value:
        raise Misuse(f"{name} needs a value: {option.value}")
    return value


def _known(name: str, value: str, names: Mapping[str, Option], meant: Callable[[str, str], str]) -> Option:
    """The option of this name. value: what would be its value if it took one. Raises Misuse."""
    if name in names:
        return names[name]
    if advice := meant(name, value):
        raise Misuse(f"unknown option {name}; {advice}")
    if name.startswith("--") and (longer := [one for one in names if one.startswith(name)]):
        raise Misuse(f"unknown option {name}; write it in full: {' or '.join(longer[:4])}")
    from tasker.language.fields import did_you_mean

    near = did_you_mean(name, names) if name.startswith("--") else ""
    raise Misuse(f"unknown option {name}; {near or LISTED}")


def _meant_elsewhere(name: str, value: str) -> str:
    from tasker.cli import elsewhere  # here: the call is wrong

    return elsewhere.meant_option(name, value)


def read(
    words: Words, environment: Mapping[str, str], commands: Callable[[], Iterable[str]], with_head: bool = True
) -> Reading:
    """The Reading of a command line. commands: gives the names of stages and commands. with_head: do the options at the
    head of the task file count? Raises Misuse."""
    from tasker.configuration.limits import default_folder
    from tasker.configuration.load import load_configuration

    given, files = dict(words.given), words.files
    _require_one_file(given, files, commands)
    if given.pop("dry_run", None) and "run" in given:
        raise Misuse("-n asks for a dry run and -r for a real one: leave one out")
    file = files[0] if files and "resume" not in given else None
    idle = [given.pop(key).origin for key in IDLE if key in given]
    named = {key: str(given.pop(key).value) for key in ("config", "env") if key in given}
    configuration = load_configuration(environment, file, named.get("config"), named.get("env"))
    chosen = {key: Setting(value, "default") for key, value in {**DEFAULTS, "folder": default_folder()}.items()}
    keys = {option.default: option.key for option in TABLE if option.default}
    chosen |= {keys[name]: value for name, value in configuration.defaults.items()}
    chosen |= {key: Setting(environment[name], name) for name, key in ENVIRONMENT.items() if environment.get(name)}
    head = head_of_file(file) if with_head and file else None
    if head is not None:
        chosen |= head.settings(given)
    chosen |= given
    chosen |= {"env": configuration.env} if configuration.env else {}
    origins = {key: value.origin for key, value in chosen.items()}
    settings: Document = {"file": file, **{key: value.value for key, value in chosen.items()}}
    if "resume" in given:  # which has its file and most of its options from the run
        settings |= {"file": files[0] if files else None, "word": files[0] if files else ""}
    warnings = _check(settings, origins, () if head is None else head.keys)
    if idle:
        from tasker.cli.old_options import idle_lines

        warnings += idle_lines(idle)
    if "resume" not in given:
        _check_exec(settings, origins, configuration, () if head is None else head.keys)
    if {"resume", "auto_recovery"} & given.keys():  # after _check, which replaces -d by what it stands for
        settings["given"] = sorted(key for key, origin in origins.items() if origin.startswith("-"))
    made = Reading(settings, warnings, origins, configuration)
    if head is not None:
        settings["head"] = head.document(given)
        made.of_head = tuple(key for key in head.keys if key not in given)
    return made


def head_of_file(path: str) -> HeadOfFile | None:
    """The options at the head of a task file; None where it has none."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            data = file.read(_FIRST_LOOK)
    except (OSError, ValueError):  # the parser says why
        return None
    lines = (line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    first = next((line for line in lines if line and line[:1] != b"#"), None)
    if first[:1] != b"-" if first is not None else len(data) < _FIRST_LOOK:
        return None
    from tasker.cli.head_of_file import HeadOfFile  # here: few files have any

    made = HeadOfFile(path)
    return made if made.lines else None


def _without_waiting(path: str, flags: int) -> int:
    """Open a regular file. Raises OSError for any other: a pipe can be read once, and not by us."""
    import stat

    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(path)
    return os.open(path, flags | os.O_NONBLOCK)


def _require_one_file(
    given: Mapping[str, Setting], files: Sequence[str], commands: Callable[[], Iterable[str]]
) -> None:
    """Raises Misuse where there is no task file, more than one, or a misspelt name of a stage."""
    if "resume" in given:
        if len(files) > 1:
            raise Misuse(f"one run at a time, not {len(files)}: tasker --resume [RUN]")
        if "" in files:  # a variable without a value
            raise Misuse("the name of the run is empty: leave it out for the newest run, --resume alone")
        if fixed := [f"--{option.long}" for option in TABLE if option.key in given and option.key in FIXED]:
            keeps = "the run keeps what it began with"
            raise Misuse(f"{', '.join(fixed)} cannot be given with --resume: {keeps}", code=NOT_POSSIBLE)
        if idle := [f"--{option.long}" for option in TABLE if option.key in given and option.key in NEVER_RESUMED]:
            raise Misuse(f"{', '.join(idle)} cannot be given with --resume: a resume runs commands")
        return
    if values := [word for word in files if "=" in word and not os.path.exists(word)]:
        from tasker.cli import elsewhere  # here: the call is probably wrong

        for word in filter(elsewhere.is_assignment, values):
            raise Misuse(f"'{word}' is not a file; {elsewhere.meant_set(word)}")
    if not files:
        if "show_config" not in given:
            raise Misuse(f"no task file is named: tasker [options] FILE; {LISTED}")
    elif not os.path.exists(files[0]) and (len(files) > 1 or files[0].replace("-", "").replace("_", "").isalnum()):
        near = nearest_command(files[0], commands())
        if near or len(files) > 1:
            usage = near or f"tasker [options] FILE; {LISTED}"
            raise Misuse(f"'{files[0]}' is neither a file nor a stage: {usage}")
    if files[:1] == ["-"] and os.isatty(0):
        raise Misuse("'-' reads the task file from stdin, which is a terminal here; './-' is the file of that name")
    if len(files) > 1:
        raise Misuse(f"one task file at a time, not {len(files)}: only --validate-only takes several; {LISTED}")


def nearest_command(word: str, commands: Iterable[str]) -> str:
    """The command that was probably meant, as a question; "" where none is near."""
    from tasker.cli import elsewhere  # here, as above
    from tasker.language.fields import did_you_mean

    if word in elsewhere.COMMANDS:
        return f"did you mean '{elsewhere.COMMANDS[word]}'?"
    return did_you_mean(word, sorted(commands))


def _check(settings: Document, origins: dict[str, str], of_head: Collection[str] = ()) -> list[str]:
    """Bring the values into form; gives warnings. of_head: the keys that the head of the file may have set. Raises
    Misuse."""
    from tasker.configuration.limits import FORMS, LEVELS, ON_ERROR, PROJECT

    warnings: list[str] = []
    if settings.pop("debug", False):
        settings["level"], origins["level"] = "DEBUG", origins.pop("debug")
    if "force_instance" in settings or "output_json" in settings:
        from tasker.cli import old_options

        old_options.bring_into_form(settings, origins)
    if settings.pop("skip_all", False):
        settings["skip_tasks"] = settings["skip_hosts"] = True
        origins["skip_tasks"] = origins["skip_hosts"] = origins.pop("skip_all")
    settings["level"] = _one_of(origins["level"], settings["level"].upper(), LEVELS)
    settings["output"] = _one_of(origins["output"], settings["output"], FORMS)
    settings["on_error"] = _one_of(origins["on_error"], settings["on_error"], ON_ERROR)
    _check_notify(settings)
    if "alert_on_failure" in settings:
        settings["alert_on_failure"] = _program("--alert-on-failure", settings["alert_on_failure"])
    if "auto_recovery" in settings:
        _check_recovery(settings)
    belongs = ("accept_changes",) if "auto_recovery" in settings else ONLY_RESUMED
    if settings.get("resume") is None and (late := [key for key in belongs if key in settings]):
        name = late[0].replace("_", "-")
        raise Misuse(f"--{name} belongs to --resume")
    if "outside" in settings or "limit" in settings:
        _check_outside(settings)
    if "start_from" in settings:
        settings["start_from"] = _whole("--start-from", settings["start_from"])
    if settings.get("replay") and not origins.get("project", "").startswith("-") and "project" in of_head:
        settings.pop("project", None)  # a file is played back as it stands
    _check_replay(settings)
    if "project" in settings and not PROJECT.fullmatch(settings["project"]):
        raise Misuse(
            "a project's name has letters, digits, '.', '_' and '-', begins with none of '.-', and is at most 64 long"
        )
    if isinstance(settings["timeout"], str):
        settings["timeout"] = _timeout(origins["timeout"], settings["timeout"])
    if origins.get("folder", "").startswith("-"):
        _check_folder(settings["folder"], settings.get("file", ""))
    settings["folder"] = os.path.abspath(os.path.expanduser(settings["folder"]))
    return warnings


def _check_exec(
    settings: Document, origins: Mapping[str, str], configuration: Configuration, of_head: Collection[str]
) -> None:
    """Bring the exec type into form. Raises Misuse for one that has no runner; of one that the head of the file names,
    the validator reports that."""
    origin, name = origins["exec"], settings["exec"]
    if origin == "default" or settings.get("replay"):  # a recording may have others
        return
    from tasker.protocol.discovery import exec_type_names

    there = sorted({*exec_type_names(), *configuration.runners, *configuration.exec_types})
    if name in there:
        return
    from tasker.language.parse.head_options import spelled_exec_type

    settings["exec"] = spelled_exec_type(name, there)
    if settings["exec"] in there or ("exec" in of_head and not origin.startswith("-")):
        return
    from tasker.language.fields import did_you_mean

    near = did_you_mean(name, there)
    there_are = f"{f'{near} ' if near else ''}there are {', '.join(there)}"
    raise Misuse(f"{origin}: there is no exec type '{name}'; {there_are}", code=INVALID)


def _check_folder(written: str, file: str) -> None:
    """Raises Misuse for hosts: Ansible's -l is --limit, and the run would be one on all hosts."""
    if "/" in written or os.path.exists(written):
        return
    if any(sign in written for sign in "@[!,*:&") or _names_host(file, written):
        raise Misuse(f"-l names the folder for logs, and there is no '{written}': did you mean --limit '{written}'?")


def _names_host(file: str, word: str) -> bool:
    """Does a task file name this host, perhaps in a range such as web[1-3]?"""
    try:
        with open(file, encoding="utf-8", errors="replace") as source:
            lines = [line.partition("=") for line in source if line.startswith(("hosts=", "hostname="))]
    except (OSError, ValueError):
        return False
    names = {name.strip() for _, _, value in lines for name in value.split(",")}
    stem = word.rstrip("0123456789")
    return word in names or (stem != word and any(name.startswith(f"{stem}[") for name in names))


def _check_outside(settings: Document) -> None:
    """Raises Misuse for an --outside that is no word, and for a --limit that is empty."""
    if "limit" not in settings:
        raise Misuse("--outside belongs to --limit")
    if not all(one.strip() for one in settings["limit"]):
        raise Misuse("--limit is empty: name the hosts, as in --limit web3 or --limit '@web!web3'")
    for text in settings.get("outside", ()):
        for part in text.split(","):
            task, equals, word = part.rpartition("=")
            number = task.strip()
            if word.strip() not in OUTSIDE or (equals and not (number.isascii() and number.isdecimal())):
                raise Misuse(f"--outside takes skip, run or TASK=skip,TASK=run, not '{part.strip()}'")


def _check_notify(settings: Document) -> None:
    if "notify" not in settings and "notify_on" not in settings:
        return
    from tasker.configuration import limits
    from tasker.driver import notification

    if "notify_on" in settings:
        settings["notify_on"] = _one_of("--notify-on", settings["notify_on"], limits.NOTIFY_WHEN)
        if "notify" not in settings and "resume" not in settings:  # a run that is resumed may have one
            raise Misuse("--notify-on is about the command of --notify: give both")
    if "notify" in settings:
        try:
            notification.notify_words(settings["notify"])
        except ValueError as error:
            raise Misuse(f"cannot read the command of --notify: {error}") from None


def _program(name: str, path: str) -> str:
    """The absolute path of a program, which a resume finds from another folder too. Raises Misuse."""
    made = os.path.abspath(os.path.expanduser(path))
    if os.path.isdir(made) or not os.access(made, os.X_OK):
        why = "is not there" if not os.path.exists(made) else "is no program" if os.path.isdir(made) else ""
        fix = why or "is not executable: chmod +x makes it so"
        raise Misuse(f"{name} takes the path of a program, and '{path}' {fix}")
    return made


def _check_recovery(settings: Document) -> None:
    """Raises Misuse for what --auto-recovery cannot be given with."""
    if "resume" in settings:
        raise Misuse("--auto-recovery finds the run to resume by itself: leave out --resume, or --auto-recovery")
    for key in ("record", "replay"):
        if settings.get(key):
            raise Misuse(f"--{key} cannot be given with --auto-recovery: what a call does depends on the runs before")
    if settings["file"] == "-":
        raise Misuse("--auto-recovery knows a run by its task file: name a file, not '-'")


def _check_replay(settings: Document) -> None:
    """Raises Misuse for options that would have no effect."""
    if settings.get("record") and not settings.get("run") and "resume" not in settings:
        raise Misuse("--record keeps the results of a real run: add -r")
    if settings.get("replay_loose") and not settings.get("replay"):
        raise Misuse("--replay-loose is about --replay: name the recording with --replay FILE")
    if settings.get("replay"):
        for key, option in (("project", "-p"), ("connection_test", "-c")):
            if settings.get(key):
                raise Misuse(f"--replay runs nothing and reaches no host: leave out {option}")
        settings["skip_hosts"] = True


def _one_of(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise Misuse(f"{name} takes {', '.join(choices[:-1])} or {choices[-1]}, not '{value}'")
    return value


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Misuse(f"{name} takes the number of a task, not '{text}'")
    return int(text)


def _timeout(name: str, text: str) -> float:
    """Seconds. name: what the timeout was given with: --timeout, or the name of a variable."""
    from tasker.language.durations import FORM, bounds_text, parse_duration
    from tasker.language.fields import FIELDS

    low, high = FIELDS["timeout"].low, FIELDS["timeout"].high
    try:
        return parse_duration(text, low, high)
    except ValueError:
        from tasker.language.meant import duration_fix

        fix = duration_fix(name, text, low, high)
        raise Misuse(f"{name} takes {FORM}, from {bounds_text(low, high)}, not '{text}'; {fix}") from None
