"""`tasker again RUN`: a new run out of one that ended. Reads the words; the run itself is driver/again_run.py."""

from __future__ import annotations

import os

from tasker.cli import options, printing
from tasker.cli.option_table import IDLE, OLD, TABLE, Option
from tasker.configuration.model import Misuse, Setting
from tasker.protocol.exit_codes import NOT_POSSIBLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.protocol.types import Document

USAGE = """
Continue a run that ended, failed or was cut short, in a new run. Everything before the task where it turned away is
inherited and not executed. Without -r nothing is executed.

examples:
  tasker again last                     what would run, and what is inherited
  tasker again -r 20260115_1430         run the task that failed again, on the hosts that failed, and what follows
  tasker again -r last --from 5         begin at task 5
  tasker again -r last --hosts web3     only there; the other hosts keep their outcome
  tasker again -r last --file fixed.txt    with an edited task file

usage: tasker again [options] RUN       RUN: its id, the beginning of it, its folder, or last; tasker runs lists them

options:
"""
ENDS = """
exit codes: those of a run; 12: it cannot be continued like this; 75: outcomes are unknown, add --unknown
"""
# besides those of the table of `tasker FILE`
OWN = (
    Option("", "from", "TASK", "again_from", "begin at this task, where the run came to it first"),
    Option("", "hosts", "HOSTS", "again_hosts", "run on these of its hosts: failed, unknown, not_started, or a list"),
    Option("", "file", "FILE", "again_file", "use this task file; what is inherited has to be the same in it"),
    Option("", "once-more", "", "once_more", "although another run continues it already"),
)
TAKEN = (
    *("run", "dry_run", "folder", "level", "debug", "set", "set_file", "connection_test", "instance_lock", "notify"),
    *("notify_on", "unknown", "kill_left", "skip_tasks", "skip_hosts", "skip_all", "show_plan", "confirm", "yes"),
    *("quiet", "follow", "output", "alert_on_failure", "help"),
)
HELD = ("run", "dry_run", "set", "set_file")  # what `options.read` would not take with a run


def table() -> tuple[Option, ...]:
    """The options of `tasker again`."""
    shared = [option for option in TABLE if option.key in TAKEN]
    return (*shared[:-1], *OWN, shared[-1])


def help_text() -> str:
    """What `tasker again --help` prints."""
    lines = [USAGE.strip("\n")]
    for option in table():
        name = f"-{option.short}, --{option.long}" if option.short else f"    --{option.long}"
        name += f" {option.value}" if option.value else ""
        text = option.text.replace("with --resume, for", "for").replace("with --resume, ", "")
        lines.append(f"  {name:<28}{text}")
    return "\n".join([*lines, ENDS.rstrip("\n")])


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    try:
        settings, warnings = read(arguments)
    except Misuse as misuse:
        return printing.print_misuse(misuse)
    if settings is None:
        return printing.print_text(help_text())
    from tasker.driver import confirmation

    option = confirmation.required_by(settings)
    if option and not confirmation.has_terminal():
        return printing.print_misuse(
            f"{option} asks a question, and there is no terminal to answer it on: add --yes to run it without asking"
        )
    from tasker.driver import again_run

    return again_run.main(settings, warnings)


def read(arguments: Sequence[str]) -> tuple[Document | None, list[str]]:
    """(settings of the call, warnings); no settings for --help. Raises Misuse."""
    own, rest = _own_options(list(arguments))
    words = options.parse_words(rest)
    if "help" in words.given:
        return None, []
    taken = {*TAKEN, *IDLE}
    if other := [f"--{one.long}" for one in (*TABLE, *OLD) if one.key in words.given and one.key not in taken]:
        keeps = "a run is continued with the options that it had"
        raise Misuse(f"{', '.join(other)} cannot be given with tasker again: {keeps}", code=NOT_POSSIBLE)
    if len(words.files) != 1 or not words.files[0]:
        what = f"one run at a time, not {len(words.files)}" if len(words.files) > 1 else "no run is named"
        raise Misuse(f"{what}: tasker again [options] RUN; tasker runs lists them, last is the newest")
    given = dict(words.given)
    held = {key: given.pop(key) for key in HELD if key in given}
    if "run" in held and "dry_run" in held:
        raise Misuse("-n asks for a dry run and -r for a real one: leave one out")
    asked = options.Words({**given, "resume": Setting(True, "--resume")}, words.files)
    reading = options.read(asked, os.environ, tuple)
    settings: Document = {**reading.settings, **{key: one.value for key, one in held.items()}, **own}
    settings["given"] = [*(key for key in settings.pop("given") if key != "resume"), *held, *own]
    del settings["resume"]
    return settings, reading.warnings


def _own_options(arguments: list[str]) -> tuple[Document, list[str]]:
    """(the values of the options that only this command has, the other words). Raises Misuse."""
    known = {f"--{option.long}": option for option in OWN}
    made: Document = {}
    rest: list[str] = []
    while arguments:
        word = arguments.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return made, [*rest, word, *arguments]
        if name not in known:
            rest.append(word)
            continue
        option = known[name]
        if not option.value:
            if equals:
                raise Misuse(f"option {name} takes no value, not '{value}'")
            made[option.key] = True
            continue
        text = value if equals else arguments.pop(0) if arguments else ""
        if not text:
            raise Misuse(f"{name} needs a value: {option.value}")
        if option.key in made:
            raise Misuse(f"{name} is given twice: once is enough")
        made[option.key] = _value(option, text)
    return made, rest


def _value(option: Option, text: str) -> object:
    if option.key == "again_from":
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise Misuse(f"--from takes the number of a task, not '{text}'")
        return int(text)
    return os.path.abspath(text) if option.key == "again_file" else text
