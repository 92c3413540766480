"""What completion and man pages are made of: the table of options, the usage of each stage, the fields."""

import importlib
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT / "library") not in sys.path:
    sys.path.insert(0, str(ROOT / "library"))
import tasker  # noqa: E402

if str(ROOT) not in tasker.__path__:
    tasker.__path__.append(str(ROOT))
from tasker.cli import adhoc, again_command, option_table  # noqa: E402
from tasker.configuration import limits  # noqa: E402
from tasker.configuration.limits import LEVELS  # noqa: E402
from tasker.protocol import discovery  # noqa: E402

# what an option's value is called in --help -> what a shell offers for it
KINDS = {"DIR": "folder", "FILE": "file", "EXEC": "exec", "TASK": "tasks", "COMMAND": "command", "PATH": "file"}
KINDS |= {"NAME=VALUE": "set", "VALUES": "file"}
CHOICES = {
    "level": LEVELS,
    "output": limits.FORMS,
    "notify_on": limits.NOTIFY_WHEN,
    "on_error": limits.ON_ERROR,
    "unknown": ("rerun", "skip", "fail"),
}
OFFERED = {"env": "env", "replay": "file"}
OWN = {"--exec": "exec", "--env": "env", "--config": "file", "--host": "", "-l": "folder", "--log-dir": "folder"}
AGAIN = tuple(
    f"--{option.long} {option.value}".strip()
    for option in again_command.table()
    if option.key not in ("help", "unknown")
)
WORDS = {  # what `tasker WORD` can be other than a stage: what it does, its options, what its operands are
    "again": ("continue a run that ended in a new run", (*AGAIN, "--unknown rerun|skip|fail"), "runs"),
    "drift": (
        "ask whether the effects of the tasks of a file are there",
        ("--run", "-l DIR", "-c", "-q", "--env NAME", "--config FILE", "--set NAME=VALUE", "--output text|json|jsonl"),
        "file",
    ),
    "fix": ("have a task file for TASKER 2.2 mean here what it meant there", ("--from 2.2", "--write"), "file"),
    "runner": ("run a runner by itself", ("--env NAME", "--config FILE", "--about", "--lines"), "exec"),
    "runners": ("list the exec types", ("--env NAME", "--config FILE", "--output text|json"), ""),
    "runner-test": (
        "test whether a runner obeys the protocol",
        ("--host HOST", "--level must|should|edge", "--env NAME", "--config FILE", "--output text|json"),
        "exec",
    ),
}
ANSWERING = (
    *("--reason TEXT", "--key FILE", "--expires DURATION", "--owner USER", "--yes", "--show", "--question FILE"),
    *("--answer FILE", "-l DIR", "--config FILE", "--env NAME"),
)
WORDS |= {
    "approve": ("say yes to the question of a run that waits for an approval", ANSWERING, "waiting"),
    "reject": ("say no to the question of a run that waits for an approval", ANSWERING, "waiting"),
}
_OPTION = re.compile(r"(?<![\w.-])(--[a-z][a-z-]*|-[a-zA-Z])\b(?:[ =]([A-Z][A-Za-z=]*|[a-z]+\|[a-z|]+))?")


class Choice(NamedTuple):
    """An option: its names, what its value is (None: a switch; a tuple of words; runs, waiting, tasks, exec, env, file,
    folder, command; '' for anything), and what it says."""

    names: tuple
    value: object
    text: str


class Word(NamedTuple):
    """A first word: its options, what its operands are, and what it does."""

    name: str
    choices: list
    operands: str
    text: str


def choices(table=option_table.TABLE):
    """Those of `tasker FILE`, or of another table of options."""
    made = []
    for one in table:
        names = (*([f"-{one.short}"] if one.short else []), f"--{one.long}")
        value = CHOICES.get(one.key) or OFFERED.get(one.key) or KINDS.get(one.value, "") if one.value else None
        made.append(Choice(names, value, one.text))
    return made


def words():
    """Every first word that is no task file, in order."""
    made = [Word(name, _choices(" ".join(said), {}), kind, text) for name, (text, said, kind) in WORDS.items()]
    made.append(Word(adhoc.NAME, choices(adhoc.OPTIONS), "command", adhoc.USAGE.splitlines()[0].rstrip(".")))
    for name, path in discovery.find_stages().items():
        stage = importlib.import_module(f"tasker.{Path(path).parent.name}.{name}")
        usage = re.sub(r"\| *jq [^\n]*", "", stage.USAGE)
        forms = {"--form": stage.FORMS, "--graph": stage.FORMS} if hasattr(stage, "FORMS") else {}
        text = stage.__doc__.strip().splitlines()[0].split(". ")[0].rstrip(".:")
        made.append(Word(name, _choices(usage, forms), "runs" if re.search(r"\bRUN\b", usage) else "file", text))
    return sorted(made, key=lambda word: word.name)


def _choices(text, forms):
    found = {}
    for name, value in _OPTION.findall(text):
        if name in forms:
            found[name] = tuple(forms[name])
        elif "|" in value:
            found[name] = tuple(value.split("|"))
        elif value or name in OWN:
            found[name] = OWN.get(name, KINDS.get(value, ""))
        else:
            found.setdefault(name, None)
    return [Choice((name,), value, "") for name, value in sorted({"--help": None, **found}.items()) if name != "-r"]
