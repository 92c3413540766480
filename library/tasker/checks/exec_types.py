"""Exec types, and what they are given: words, or a script for the shell (docs/language.md §4, §8)."""

from __future__ import annotations

from collections import Counter

from tasker.checks.context import CheckContext
from tasker.checks.field_placement import exec_type_of
from tasker.language.parse.source import quote_name
from tasker.language.variables import Globals, Missing, split_words
from tasker.system.executables import find_executable, has_executable
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Document

QUOTING = Pattern(r"['\"\\]")
CLOSE = "close it, or put a backslash before a quote that is meant as such"
WAY_OUT = Pattern(r"(?s)(.*?)(?:[:;] ((?:write|use) .*))?")  # how a reason ends that has one


def check_commands(sheet: CheckContext, task: dict) -> None:
    """A command and its arguments must come apart into words, or be a script that outputs can be given to."""
    if not task.get("command") or (task["task"], "command") in sheet.wrong:
        return
    command, arguments = (sheet.expanded(task.get(field, "")) for field in ("command", "arguments"))
    if command is not None and not any(not isinstance(part, str) or part.strip() for part in command):
        sheet.say("T002", "'command' has no value once its globals are put in", "give it one", task, "command")
    elif sheet.abouts.get(exec_type_of(sheet, task), {}).get("words") == "script":
        _script(sheet, task, command, arguments)
    else:
        for field, parts in (("command", command), ("arguments", arguments)):
            _words(sheet, task, field, parts)


def _words(sheet, task, field, parts):
    # only quotes and backslashes can go wrong, and few texts have any
    if not parts or not any(QUOTING.search(part) for part in parts if isinstance(part, str)):
        return
    try:
        split_words(parts)
    except ValueError as error:
        sheet.say("T012", f"cannot split '{field}' into words: {error}", CLOSE, task, field)


def _script(sheet, task, command, arguments):
    if command is None or arguments is None:
        return
    from tasker.language.shell import substitution  # here, since few tasks are scripts

    blank = (" ",) if "arguments" in task else ()
    for field, parts in (("command", command), ("arguments", command + blank + arguments)):
        try:
            substitution.shell_script(parts)
        except ValueError as error:
            at = _where(task.get(field, ""), str(error))
            message, way_out = WAY_OUT.fullmatch(str(error)).groups()
            fix = way_out or "write it as a word of its own, outside quotes"
            return sheet.say("T013", message, fix, task, field, offset=at)


def _where(text, message):
    """The offset of the variable that a message is about."""
    name = message.partition("@")[2].partition("@")[0]
    return max(text.find(f"@{name}@"), 0) if name else 0


def runs_here(sheet: CheckContext) -> set[str]:
    """The exec types whose runners start the command itself, on this machine."""
    return {name for name, about in sheet.abouts.items() if about.get("argv") == ["{words}"]}


def check_programs(sheet: CheckContext) -> None:
    """Programs of this machine that are not there. A warning, since a task before may make one; each is named once."""
    types, seen = runs_here(sheet), set()
    for task in sheet.tasks:
        if not task.get("command") or exec_type_of(sheet, task) not in types:
            continue
        program = _program(sheet.expanded(task["command"]))
        if program and program not in seen and not find_executable(program):
            message, fix = f"cannot find {quote_name(program)}", "correct it, unless a task before makes it"
            if "/" not in program:
                message, fix = f"{message} on PATH", "correct it, or install it, unless a task before does"
            elif has_executable(program):
                message = f"{quote_name(program)} is there, and is no program that may be started"
            sheet.say("T016", message, fix, task, "command")
        seen.add(program)


def _program(parts):
    """The first word of a command, where that is known now."""
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], str) and not QUOTING.search(parts[0]):
        return next(iter(parts[0].split(maxsplit=1)), "")
    try:
        word = next(iter(split_words(parts)), ())
    except ValueError:
        return ""
    return "".join(word) if all(isinstance(part, str) for part in word) else ""


def check_runners(sheet: CheckContext) -> None:
    """Exec types that no runner serves."""
    default = sheet.settings.get("exec", "pbrun")
    for task in sheet.tasks:
        if not task.get("command") and not task.get("exec"):
            continue
        if (exec_type := exec_type_of(sheet, task)) is None or exec_type in sheet.available:
            continue
        if not task.get("exec"):
            if default is None:
                continue
            default = None  # once is enough for a default
        there = ", ".join(sheet.available) or "none"
        fix = sheet.similar(exec_type, sheet.available) or f"there are runners for: {there}"
        of = "" if task.get("exec") else ", the default"
        message = f"no runner serves exec type {quote_name(exec_type)}{of}"
        sheet.say("T014", message, fix, task, "exec" if task.get("exec") else None)


def used_exec_types(workflow: Document, default: str | None = None) -> set[str]:
    """The exec types that commands of a workflow use, of those that are known before the run."""
    texts = {task.get("exec") or default or "pbrun" for task in workflow["tasks"] if task.get("command")}
    found = {text for text in texts if "@" not in text}
    if len(found) < len(texts):
        known = Globals.of(workflow)
        for text in texts - found:
            try:
                found.add(known.text(text))
            except Missing:
                pass
    return found


def check_exec_types(sheet: CheckContext) -> dict[str, int]:
    """The exec types that the workflow uses, each with its number of tasks; the most used first."""
    found = Counter(name for task in sheet.tasks if task.get("command") and (name := exec_type_of(sheet, task)))
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
