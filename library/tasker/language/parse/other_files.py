"""Files of other tools that are given as task files: one finding that says so, in place of one for each of their lines.

Only parse reads this, and only for a file in which no line begins a task.
"""

from __future__ import annotations

from tasker.language.fields import FIELDS
from tasker.language.parse.source import BLANKS, BOM
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Kind: TypeAlias = tuple[str, str, list[int]]  # what it looks like, what to do, the line and column that show it

LARGEST = 64 * 1024  # characters that are looked at
_ANSIBLE = "docs/howto/from-ansible.md shows what each word of a playbook is here"
_SCRIPT = "a task calls a script, as in command=./NAME; docs/howto/from-shell-scripts.md turns its lines into tasks"
_INVENTORY = "name it in tasker.toml, as in [inventory] sources = ['NAME'], and its groups in tasks, as in hosts=@web"
_CONFIGURATION = "settings stand in tasker.toml, and tasks in a file of their own"
_KEY_VALUE = "here each line is key=value, and a task begins with task=NUMBER"

_SHEBANG = Pattern(r"#!.*?\b((?:ba|da|k|z|c|tc|fi)?sh|python[0-9.]*|perl|ruby|node|make|ansible-playbook)\b.*")
_SECTION = Pattern(r"\[([A-Za-z0-9_.:-]+)\]")
_UNIT = ("Unit", "Service", "Timer", "Socket", "Install", "Mount", "Path")
_HOST = Pattern(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:\[[0-9:,-]+\][A-Za-z0-9.-]*)?")
_ASSIGNMENT = Pattern(r"[A-Za-z_][\w.-]*[ \t]*=.*")
# the first line of a file that one of these fits, in this order: a line, what it is, what to do
_LINES = (
    (r"""\{[ \t]*"tasker".*""", "a document of TASKER", "stages read it from stdin, as in tasker tasks < NAME"),
    (r"(?:all|ungrouped):", "an inventory", _INVENTORY),
    (r"""[{\[](?:[ \t]*["{\]}].*|[ \t]*)""", "JSON", _KEY_VALUE),
    (r"<[!?A-Za-z].*", "XML or HTML", _KEY_VALUE),
    (r"-?[ \t]*(?:hosts|import_playbook|roles|become|gather_facts):(?:[ \t].*)?", "an Ansible playbook", _ANSIBLE),
    (r"\.PHONY[ \t]*:.*", "a Makefile", _SCRIPT),
    (
        r"(?:[0-9*/,-]+[ \t]+){3}[0-9*/,A-Za-z-]+[ \t]+[0-9*/,A-Za-z-]+[ \t]+\S.*|"
        r"@(?:reboot|yearly|annually|monthly|weekly|daily|hourly)[ \t]+\S.*",
        "a crontab",
        "cron calls TASKER, as in tasker -r NAME; a task has command=, and no time",
    ),
    (r"FROM[ \t]+\S+.*", "a Dockerfile", _SCRIPT),
    (
        r"set -[a-z]+.*|(?:if|while) .*;[ \t]*(?:then|do)|if \[.*|for \w+ in .*|export \w+=.*|(?:function )?\w+\(\).*|"
        r"echo .*",
        "a shell script",
        _SCRIPT,
    ),
    (r"---(?:[ \t].*)?|%YAML.*|- [\w.-]+:(?:[ \t].*)?|[A-Za-z_][\w.-]*:(?:[ \t].*)?", "YAML", _KEY_VALUE),
)
_BY_FIRST_LINE = ("a document of TASKER", "an inventory", "JSON", "XML or HTML", "a Dockerfile")
_KINDS = tuple((Pattern(expression), what, fix) for expression, what, fix in _LINES)


def other_kind(text: str) -> Kind | None:
    """What a file without a task looks like; None where it may be meant as a task file, or cannot be known."""
    lines = [line.rstrip(BLANKS + "\r") for line in text[:LARGEST].removeprefix(BOM).split("\n")]
    if lines and (found := _SHEBANG.fullmatch(lines[0])):
        if found[1] == "ansible-playbook":
            return "an Ansible playbook", _ANSIBLE, [1, 1]
        return f"a script for {found[1]}", _SCRIPT, [1, 1]
    filled = [(n, line) for n, line in enumerate(lines, 1) if line.strip(BLANKS) and line.lstrip(BLANKS)[0] != "#"]
    if not filled or any(_has_field(line) for _, line in filled):
        return None
    return _of_sections(filled) or _makefile(filled) or _of_lines(filled) or _of_hosts(filled)


def _has_field(line: str) -> bool:
    key, sign, _ = line.partition("=")
    return bool(sign) and key.strip(BLANKS).lower() in FIELDS


def _of_sections(filled: list[tuple[int, str]]) -> Kind | None:
    """Files with lines such as `[web]`."""
    sections = [(number, found[1]) for number, line in filled if (found := _SECTION.fullmatch(line))]
    if not sections:
        return None
    number, name = sections[0]
    if any(name in _UNIT for _, name in sections):
        return "a unit of systemd", "ExecStart= of a unit may call tasker -r NAME; a task has command=", [number, 1]
    others = [line for _, line in filled if not _SECTION.fullmatch(line)]
    if others and all(_ASSIGNMENT.fullmatch(line) for line in others):
        return "a configuration file", _CONFIGURATION, [number, 1]
    return "an inventory", _INVENTORY, [number, 1]


def _makefile(filled: list[tuple[int, str]]) -> Kind | None:
    """A target, and below it a line that begins with a tab."""
    for (number, line), (after, recipe) in zip(filled, filled[1:], strict=False):
        if after == number + 1 and recipe[0] == "\t" and ":" in line and line[0] not in BLANKS + "-":
            return "a Makefile", _SCRIPT, [number, 1]
    return None


def _of_lines(filled: list[tuple[int, str]]) -> Kind | None:
    """The first kind that a line shows."""
    for pattern, what, fix in _KINDS:
        among = filled[:1] if what in _BY_FIRST_LINE else filled
        shown = [(number, line) for number, line in among if pattern.fullmatch(line.strip(BLANKS))]
        # a line like those of YAML may stand in any text
        if shown and (what != "YAML" or len(shown) * 2 > len(filled)):
            number, line = shown[0]
            return what, fix, [number, len(line) - len(line.lstrip(BLANKS)) + 1]
    return None


def _of_hosts(filled: list[tuple[int, str]]) -> Kind | None:
    names = [line.strip(BLANKS) for _, line in filled]
    has_sign = any(sign in ".0123456789" for name in names for sign in name)  # else they may be any words
    if len(names) > 1 and has_sign and all(map(_HOST.fullmatch, names)):
        return "a list of hosts", "a task names it, as in hosts=file:NAME", [filled[0][0], 1]
    return None
