"""The command line of `tasker FILE`: one table for parsing, --help and, one day, completion and the man page."""

import getopt
import os
import re
from typing import NamedTuple

from tasker import notify
from tasker.store import LEVELS, PROJECT, default_folder


class Option(NamedTuple):
    """short and long name, what its value is called ('' for a switch), the key in the settings, and the help."""

    short: str
    long: str
    value: str
    key: str
    text: str


TABLE = (
    Option("r", "run", "", "run", "really run the commands (without it: a dry run)"),
    Option("l", "log-dir", "DIR", "folder", "keep logs and runs under DIR (default: ~/TASKER)"),
    Option("", "log-level", "LEVEL", "level", "ERROR, WARN, INFO or DEBUG (default: INFO)"),
    Option("d", "debug", "", "debug", "the same as --log-level=DEBUG"),
    Option("t", "type", "EXEC", "exec", "exec type of tasks that name none (default: pbrun)"),
    Option("o", "timeout", "SECONDS", "timeout", "time-out of tasks that name none, 5 to 1000 (default: 30)"),
    Option("c", "connection-test", "", "connection_test", "also log in to every host before anything runs"),
    Option("p", "project", "NAME", "project", "add a line to the summary of this project"),
    Option("", "start-from", "TASK", "start_from", "begin at this task"),
    Option("", "instance-lock", "", "instance_lock", "refuse to run while this file and project run already"),
    Option("", "notify", "COMMAND", "notify", "at the end, start this with the summary document on its stdin"),
    Option("", "notify-on", "WHEN", "notify_on", "end, failure or unknown: when to start it (default: end)"),
    Option("", "resume", "", "resume", "go on with an unfinished run: tasker --resume [RUN] (default: the newest)"),
    Option("", "unknown", "WORD", "unknown", "on a resume, of commands cut short: rerun, skip or fail; or TASK=WORD"),
    Option("", "kill-left", "", "kill_left", "on a resume, end processes that the run has left"),
    Option("", "accept-changes", "", "accept_changes", "on a resume, run the changed task file"),
    Option("", "skip-task-validation", "", "skip_tasks", "do not check the tasks beyond what a run needs"),
    Option("", "skip-host-validation", "", "skip_hosts", "take host names as they are (risky)"),
    Option("", "skip-validation", "", "skip_all", "both of these"),
    Option("", "validate-only", "", "validate_only", "check everything, run nothing"),
    Option("", "show-plan", "", "show_plan", "show what would run, and ask before running it"),
    Option("", "yes", "", "yes", "answer the question of --show-plan with yes"),
    Option("", "output", "FORM", "output", "text, json (one document at the end) or jsonl (events as they come)"),
    Option("", "version", "", "version", "say the version and end"),
    Option("h", "help", "", "help", "show this and end"),
)

EXAMPLES = """\
tasker deploy.txt                     check the file and its hosts, show what would run
tasker -r deploy.txt                  run it
tasker -r -p RELEASE_7 deploy.txt     run it, and add a line to the summary of project RELEASE_7
tasker --validate-only deploy.txt     only check
tasker -r --start-from=5 deploy.txt   begin at task 5
tasker --resume                       go on with the run that was interrupted last
tasker plan deploy.txt                every task, where it can go, how it can end; --graph svg draws it
tasker parse deploy.txt | tasker tasks | jq .findings
                                      a stage alone: tasker STAGE --help says more"""

DEFAULTS = {"exec": "pbrun", "timeout": 30.0, "level": "INFO", "output": "text"}
ENVIRONMENT = {"TASK_EXECUTOR_TYPE": "exec", "TASK_EXECUTOR_LOG": "folder", "TASK_EXECUTOR_TIMEOUT": "timeout"}


SEVERAL = ("unknown",)  # options that may be given more than once
RESUMED = (
    "resume",
    "unknown",
    "kill_left",
    "accept_changes",
    "folder",
    "level",
    "debug",
    "output",
    "notify",
    "notify_on",
)
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class Misuse(Exception):
    """The command line, or a setting in the environment, is wrong; the text says what, and what to do."""


def read(arguments, environment):
    """(settings, warnings) of a command line. Raises Misuse."""
    short = "".join(option.short + (":" if option.value else "") for option in TABLE if option.short)
    long = [option.long + ("=" if option.value else "") for option in TABLE]
    try:
        given, files = getopt.gnu_getopt([*_plain(arguments)], short, long)
    except getopt.GetoptError as error:
        raise Misuse(f"{error.msg}; tasker --help lists the options") from None
    settings = {"file": files[0] if files else None, **DEFAULTS, "folder": default_folder()}
    settings.update({key: environment[name] for name, key in ENVIRONMENT.items() if environment.get(name)})
    known = {f"-{option.short}": option for option in TABLE} | {f"--{option.long}": option for option in TABLE}
    for name, value in given:
        if known[name].value and not value:
            raise Misuse(f"{name} needs a value: {known[name].value}")
        key = known[name].key
        settings[key] = [*settings.get(key, ()), value] if key in SEVERAL else value if known[name].value else True
    if settings.get("resume"):
        return _resumed(settings, [known[name] for name, _ in given], files)
    if not (settings.get("help") or settings.get("version")):
        if len(files) != 1:
            what = "no task file is named" if not files else f"one task file at a time, not {len(files)}"
            raise Misuse(f"{what}: tasker [options] FILE; tasker --help lists the options")
        return settings, _check(settings)
    return settings, []


def _plain(arguments):
    """--resume=RUN is --resume and RUN: getopt knows no value that may be left out."""
    for word in arguments:
        yield from ("--resume", word[9:]) if word.startswith("--resume=") else (word,)


def _resumed(settings, given, files):
    """(settings, warnings) of a resume, which has its file and most of its options from the run."""
    if len(files) > 1:
        raise Misuse(f"one run at a time, not {len(files)}: tasker --resume [RUN]")
    foreign = [f"--{option.long}" for option in given if option.key not in RESUMED]
    if foreign:
        raise Misuse(f"{', '.join(foreign)} cannot be given with --resume: the run keeps its own options")
    settings["word"] = files[0] if files else ""
    settings["given"] = sorted({option.key for option in given})
    return settings, _check(settings)


def _check(settings):
    """Bring the values into form; gives warnings. Raises Misuse."""
    warnings = []
    if settings.pop("debug", False):
        settings["level"] = "DEBUG"
    if settings.pop("skip_all", False):
        settings["skip_tasks"] = settings["skip_hosts"] = True
    settings["level"] = _one_of("--log-level", settings["level"].upper(), LEVELS)
    settings["output"] = _one_of("--output", settings["output"], ("text", "json", "jsonl"))
    _check_notify(settings)
    if settings.get("resume") is None and (late := [key for key in RESUMED[1:4] if key in settings]):
        name = late[0].replace("_", "-")
        raise Misuse(f"--{name} belongs to --resume")
    if "start_from" in settings:
        settings["start_from"] = _whole("--start-from", settings["start_from"])
    if "project" in settings and not PROJECT.fullmatch(settings["project"]):
        raise Misuse(
            "a project's name has letters, digits, '.', '_' and '-', begins with none of '.-', and is at most 64 long"
        )
    seconds = settings["timeout"] if isinstance(settings["timeout"], float) else _seconds(settings["timeout"])
    settings["timeout"] = min(max(seconds, 5.0), 1000.0)
    if settings["timeout"] != seconds:
        warnings.append(f"a time-out of {seconds:g} s is outside 5 to 1000: {settings['timeout']:g} s is used")
    settings["folder"] = os.path.abspath(os.path.expanduser(settings["folder"]))
    return warnings


def _check_notify(settings):
    if "notify_on" in settings:
        settings["notify_on"] = _one_of("--notify-on", settings["notify_on"], notify.WHEN)
        if "notify" not in settings:
            raise Misuse("--notify-on says when to start the command of --notify, and there is none")
    if "notify" in settings:
        try:
            notify.words(settings["notify"])
        except ValueError as error:
            raise Misuse(f"cannot read the command of --notify: {error}") from None


def _one_of(name, value, choices):
    if value not in choices:
        raise Misuse(f"{name} takes {', '.join(choices[:-1])} or {choices[-1]}, not '{value}'")
    return value


def _whole(name, text):
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Misuse(f"{name} takes the number of a task, not '{text}'")
    return int(text)


def _seconds(text):
    if not _SECONDS.fullmatch(text):
        raise Misuse(f"a time-out (-o, TASK_EXECUTOR_TIMEOUT) is a number of seconds, 5 to 1000, not '{text}'")
    return float(text)


def help_text(stages):
    """What --help prints: examples first."""
    lines = ["Run the steps of a task file on many hosts, and know afterwards what happened.", "", "examples:"]
    lines += [f"  {line}" for line in EXAMPLES.splitlines()]
    lines += ["", "usage: tasker [options] FILE", "       tasker STAGE [arguments]", "", "options:"]
    for option in TABLE:
        name = f"-{option.short}, --{option.long}" if option.short else f"    --{option.long}"
        name += f" {option.value}" if option.value else ""
        lines.append(f"  {name:<28}{option.text}")
    lines += [
        "",
        "environment: TASK_EXECUTOR_TYPE, TASK_EXECUTOR_LOG, TASK_EXECUTOR_TIMEOUT stand in for -t, -l and -o;",
    ]
    lines += ["             TASKER_PATH names folders with runners of your own", "", f"stages: {' '.join(stages)}"]
    lines += ["exit codes and the language: docs/REFERENCE.md"]
    return "\n".join(lines)
