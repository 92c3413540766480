"""Reading the command line of `tasker FILE`."""

from __future__ import annotations

import os
import sys

from tasker.cli.option_table import DEFAULTS, ENVIRONMENT, RESUMED, SEVERAL, TABLE
from tasker.configuration import load, model
from tasker.configuration.limits import FORMS, LEVELS, PROJECT, default_folder
from tasker.configuration.model import Misuse, Setting
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from tasker.protocol.types import Document

_SECONDS = Pattern(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class Reading(NamedTuple):
    """What a call means: `settings`; `warnings`; `origins`, key of a setting -> where it comes from; and the
    `configuration`."""

    settings: Document
    warnings: list[str]
    origins: dict[str, str]
    configuration: model.Configuration


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Reading:
    """The Reading of a command line. Raises Misuse."""
    given, files = _parsed(arguments)
    if "help" in given or "version" in given:
        return Reading(dict.fromkeys(given, True), [], {}, model.Configuration())
    _demand_files(given, files)
    file = files[0] if files and "resume" not in given else None
    named = {key: given.pop(key).value for key in ("config", "env") if key in given}
    configuration = load.load_configuration(environment, file, named.get("config"), named.get("env"))
    chosen = {key: Setting(value, "default") for key, value in {**DEFAULTS, "folder": default_folder()}.items()}
    keys = {option.default: option.key for option in TABLE if option.default}
    chosen |= {keys[name]: value for name, value in configuration.defaults.items()}
    chosen |= {key: Setting(environment[name], name) for name, key in ENVIRONMENT.items() if environment.get(name)}
    chosen |= given
    chosen |= {"env": configuration.env} if configuration.env else {}
    origins = {key: value.origin for key, value in chosen.items()}
    settings = {"file": file, **{key: value.value for key, value in chosen.items()}}
    if "resume" in given:  # which has its file and most of its options from the run
        settings |= {"file": files[0] if files else None, "word": files[0] if files else "", "given": sorted(given)}
    return Reading(settings, _check(settings, origins), origins, configuration)


def _parsed(arguments: Iterable[str]) -> tuple[dict[str, Setting], list[str]]:
    """({key of a setting: its Value}, the words that are no option). Raises Misuse."""
    getopt = _getopt()
    short = "".join(option.short + (":" if option.value else "") for option in TABLE if option.short)
    long = [option.long + ("=" if option.value else "") for option in TABLE]
    try:
        pairs, files = getopt.gnu_getopt([*_plain(arguments)], short, long)
    except getopt.GetoptError as error:
        raise Misuse(f"{error.msg}; tasker --help lists the options") from None
    known = {f"-{option.short}": option for option in TABLE} | {f"--{option.long}": option for option in TABLE}
    given: dict[str, Setting] = {}
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        if known[name].value and not value:
            raise Misuse(f"{name} needs a value: {known[name].value}")
        key = known[name].key
        several.setdefault(key, []).append(value)
        given[key] = Setting(several[key] if key in SEVERAL else value if known[name].value else True, name)
    return given, files


def _getopt() -> ModuleType:
    """The module, without gettext: nothing is translated here, and importing that takes 2 ms."""
    sys.modules.setdefault("gettext", None)  # type: ignore[arg-type] # None forbids an import
    try:
        import getopt
    finally:
        if sys.modules["gettext"] is None:
            del sys.modules["gettext"]
    return getopt


def _plain(arguments: Iterable[str]) -> Iterator[str]:
    """--resume=RUN is --resume and RUN: getopt knows no value that may be left out."""
    for word in arguments:
        yield from ("--resume", word[9:]) if word.startswith("--resume=") else (word,)


def _demand_files(given: Mapping[str, Setting], files: Sequence[str]) -> None:
    """Raises Misuse where something else is named than there has to be."""
    if "resume" in given:
        if len(files) > 1:
            raise Misuse(f"one run at a time, not {len(files)}: tasker --resume [RUN]")
        foreign = [f"--{option.long}" for option in TABLE if option.key in given and option.key not in RESUMED]
        if foreign:
            raise Misuse(f"{', '.join(foreign)} cannot be given with --resume: the run keeps its own options")
    elif len(files) != 1 and not ("show_config" in given and not files):
        what = "no task file is named" if not files else f"one task file at a time, not {len(files)}"
        if files and not os.path.exists(files[0]):  # tasker run deploy.txt
            what = f"'{files[0]}' is neither a file nor a stage"
        raise Misuse(f"{what}: tasker [options] FILE; tasker --help lists the options")


def _check(settings: Document, origins: dict[str, str]) -> list[str]:
    """Bring the values into form; gives warnings. Raises Misuse."""
    warnings = []
    if settings.pop("debug", False):
        settings["level"], origins["level"] = "DEBUG", origins.pop("debug")
    if settings.pop("skip_all", False):
        settings["skip_tasks"] = settings["skip_hosts"] = True
        origins["skip_tasks"] = origins["skip_hosts"] = origins.pop("skip_all")
    settings["level"] = _one_of(origins["level"], settings["level"].upper(), LEVELS)
    settings["output"] = _one_of(origins["output"], settings["output"], FORMS)
    _check_notify(settings)
    if settings.get("resume") is None and (late := [key for key in RESUMED[1:4] if key in settings]):
        name = late[0].replace("_", "-")
        raise Misuse(f"--{name} belongs to --resume")
    if "start_from" in settings:
        settings["start_from"] = _whole("--start-from", settings["start_from"])
    _check_replay(settings)
    if "project" in settings and not PROJECT.fullmatch(settings["project"]):
        raise Misuse(
            "a project's name has letters, digits, '.', '_' and '-', begins with none of '.-', and is at most 64 long"
        )
    seconds = settings["timeout"]
    seconds = _seconds(seconds) if isinstance(seconds, str) else float(seconds)
    settings["timeout"] = min(max(seconds, 5.0), 1000.0)
    if settings["timeout"] != seconds:
        warnings.append(f"a time-out of {seconds:g} s is outside 5 to 1000: {settings['timeout']:g} s is used")
    settings["folder"] = os.path.abspath(os.path.expanduser(settings["folder"]))
    return warnings


def _check_notify(settings: Document) -> None:
    if "notify" not in settings and "notify_on" not in settings:
        return
    from tasker.configuration import limits
    from tasker.driver import notification

    if "notify_on" in settings:
        settings["notify_on"] = _one_of("--notify-on", settings["notify_on"], limits.NOTIFY_WHEN)
        if "notify" not in settings:
            raise Misuse("--notify-on says when to start the command of --notify, and there is none")
    if "notify" in settings:
        try:
            notification.notify_words(settings["notify"])
        except ValueError as error:
            raise Misuse(f"cannot read the command of --notify: {error}") from None


def _check_replay(settings: Document) -> None:
    """Raises Misuse for what would be asked for and not be done."""
    if settings.get("record") and not settings.get("run"):
        raise Misuse("--record keeps the results of a real run: add -r")
    if settings.get("replay_loose") and not settings.get("replay"):
        raise Misuse("--replay-loose says how to replay: name the record with --replay FILE")
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


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text):
        raise Misuse(f"a time-out (-o, TASK_EXECUTOR_TIMEOUT) is a number of seconds, 5 to 1000, not '{text}'")
    return float(text)
