"""Exec types, and what their runners get: words, or a script for the shell (docs/language.md §4, §8)."""

from __future__ import annotations

from tasker.checks.context import CheckContext
from tasker.language.fields import COPIES, COPY, HOST_VALUES, field_text, fields_read_by, has_command
from tasker.language.parse.source import quote_name
from tasker.language.template import Ref
from tasker.language.variables import Globals, Missing, UnclosedQuote, split_words, touching_signs
from tasker.protocol.discovery import DEFAULT, meant_exec_type
from tasker.system.executables import find_executable, has_executable
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TypeAlias

    from tasker.language.template import Part, Parts
    from tasker.protocol.types import Task, Workflow

    Texts: TypeAlias = tuple[tuple[str, Parts | None], tuple[str, Parts | None]]

OF_COPIES = (*COPIES, *fields_read_by(COPY))
FOR_A_SHELL = frozenset("|<>&;$`*~")
SHELLS = ("dash", "ksh", "zsh")  # as exec types: exec=shell was meant, and none of those near in letters
QUOTING = frozenset("'\"\\")
SPECIAL = FOR_A_SHELL | QUOTING | {"{"}  # a text without these needs no check of its words
PUNCTUATION = frozenset(".,;:!?%()[]{}<>'\"…")
MAY_BE_EMPTY = ("stdout", "stderr", "command", "failed_tasks", *HOST_VALUES)
BY_HOST = "as a host would choose"  # what runs: language.shell.analysis
CLOSE = "close it, or write a backslash before a quote that belongs to the text"
# most reasons end in a fix
WAY_OUT = Pattern(r"(?s)(.*?)(?:[:;] ((?:write|use|remove|move|assign|put|start|compare) .*))?")


def check_copies(context: CheckContext, task: Task) -> None:
    """What belongs to copies of files, with and without one."""
    from tasker.checks import copies  # here, because few tasks copy files

    copies.check_copies(context, task)


def check_reboot(context: CheckContext, task: Task) -> None:
    """What `reboot=true` needs, and what decides besides it."""
    from tasker.checks import reboots  # here: few task files reboot a host

    reboots.check_reboot(context, task)


def check_commands(context: CheckContext, task: Task) -> None:
    """A command and its arguments must be words that can be split, or a script in which outputs are safe."""
    if not task.get("command") or (task["task"], "command") in context.notes.without_meaning:
        return
    command = context.texts.expand(task["command"])
    arguments = context.texts.expand(task.get("arguments", ""))
    if command is not None and _is_blank(command):
        context.report(
            "T002", "'command' is empty after its variables are expanded", "give it a value", task, "command"
        )
    else:
        _check_command(context, task, (("command", command), ("arguments", arguments)))
    if task.get("probe") and (task["task"], "probe") not in context.notes.without_meaning:
        _check_probe(context, task, command, arguments)


def _check_probe(context: CheckContext, task: Task, command: Parts | None, arguments: Parts | None) -> None:
    """A probe is read as a command is, and should not be the command of its task."""
    parts = context.texts.expand(field_text(task, "probe"))
    if parts is not None and _is_blank(parts):
        context.report("T002", "'probe' is empty after its variables are expanded", "give it a value", task, "probe")
        return
    _check_command(context, task, (("probe", parts), ("", ())))
    if None not in (parts, command, arguments) and parts in (command, _joined(command or (), arguments or ())):
        fix = "write a command that only reads, as in probe=test -e FILE"
        context.report("T028", "the probe is the command itself, which it would start again", fix, task, "probe")


def _is_blank(parts: Parts) -> bool:
    """Is there nothing but blanks?"""
    return not any(not isinstance(part, str) or part.strip() for part in parts)


def _joined(command: Parts, arguments: Parts) -> Parts:
    """A command with its arguments, as one text would have them."""
    made: list[Part] = []
    for part in (*command, " ", *arguments) if arguments else command:
        if made and isinstance(part, str) and isinstance(before := made[-1], str):
            made[-1] = before + part
        else:
            made.append(part)
    return tuple(made)


def _check_command(context: CheckContext, task: Task, both: Texts) -> None:
    """both: (field, its parts) of a command and of its arguments. A probe has no arguments: ("", ())."""
    if context.abouts.get(context.exec_type_of(task) or "", {}).get("words") == "script":
        _check_script(context, task, both)
        return
    texts = [part for _, parts in both for part in parts or () if isinstance(part, str)]
    if all(map(SPECIAL.isdisjoint, texts)):
        return  # as most commands
    for field, parts in both:
        _check_words(context, task, field, parts)
    if any(map(_has_shell_syntax, texts)):
        from tasker.checks.shell_syntax import check_shell_syntax  # here: few commands have any of it

        check_shell_syntax(context, task, [field for field, _ in both if field])


def _has_shell_syntax(text: str) -> bool:
    return not FOR_A_SHELL.isdisjoint(text) or "{{" in text


def _check_words(context: CheckContext, task: Task, field: str, parts: Parts | None) -> None:
    # only quotes and backslashes can be wrong, and few texts have any
    if not parts or all(QUOTING.isdisjoint(part) for part in parts if isinstance(part, str)):
        return
    try:
        words = split_words(parts)
    except ValueError as error:
        text = field_text(task, field)
        at, fix = _offset_of_quote(text), CLOSE
        if text[at : at + 1] == "\\":
            fix = "remove it, or write two for one that belongs to the text"
        context.report("T012", f"cannot split '{field}' into words: {error}", fix, task, field, offset=at)
        return
    for word in words if context.index.rules > 1 and len(parts) > 1 else ():
        if any(isinstance(part, str) and " " in part for part in word):
            for place, part in enumerate(word):
                if not isinstance(part, str):
                    _hint_at_punctuation(context, task, field, part, touching_signs(word, place))


def _hint_at_punctuation(context: CheckContext, task: Task, field: str, ref: Ref, signs: list[str]) -> None:
    """Hint at punctuation that touches an output in quoted text: when that is empty, the task is not started."""
    found = next((sign for sign in signs if sign in PUNCTUATION), None)
    if found and not ref.optional and ref.type is None and ref.field in MAY_BE_EMPTY:
        message = f"{found} touches @{ref.name}@: if that is empty, the task is not started"
        fix = f"put a blank between them, or write @{ref.name}?@ if it may be empty"
        at = max(field_text(task, field).find(f"@{ref.name}@"), 0)
        context.report("T018", message, fix, task, field, offset=at)


def _offset_of_quote(text: str) -> int:
    """The offset of the quote that is not closed; 0 when it comes from a global variable."""
    try:
        split_words((text,))
    except UnclosedQuote as error:
        return error.offset
    return 0


def _check_script(context: CheckContext, task: Task, both: Texts) -> None:
    (first, command), (second, arguments) = both
    if command is None or arguments is None:
        return
    from tasker.language.shell import substitution, touching  # here, since few tasks are scripts

    blank = (" ",) if second in task else ()
    pasted: list[tuple[int, str]] | None = [] if context.index.globals.pasted else None
    try:
        text, refs = substitution.shell_script((*command, *blank, *arguments), pasted)
        judged = context.judged(field_text(task, first)), context.judged(field_text(task, second)) if second else ()
        if judged[0] is not None and judged[1] is not None:  # with a value from outside it has to be as good
            command, arguments = judged[0], judged[1]
            substitution.shell_script((*command, *blank, *arguments), pasted)
    except ValueError as error:
        reason = str(error)
    else:
        for ref, begin, end in touching.outputs_in(text, refs) if context.index.rules > 1 else ():
            of_first = not second or f"@{ref.name}@" in field_text(task, first)
            signs = touching.signs_in_prose(text, begin, end)
            _hint_at_punctuation(context, task, first if of_first else second, ref, signs)
        return
    field = first if not second or _is_of_first(command, arguments, reason) else second
    at = _offset_of_variable(field_text(task, field), reason)
    found = WAY_OUT.fullmatch(reason)
    message, fix = (found[1], found[2]) if found else (reason, "")
    fix = fix or "write it as a word of its own, outside quotes"
    name = _without_type(_named(reason))
    if context.comes_from_outside(Ref(name, None, None, 0)):
        if "be a command" not in message and f"@{name}:" not in fix:
            fix = f"{fix}, or @{name}:int@ if it is a number"
        message = message.replace(BY_HOST, "as the call would choose")
    context.report("T013", message, fix, task, field, offset=at)


def _is_of_first(command: Parts, arguments: Parts, message: str) -> bool:
    """Is the variable that a message names in the command? If both have it, the one that alone is refused for it."""
    from tasker.language.shell import substitution

    name = _without_type(_named(message))
    places = [
        any(not isinstance(part, str) and _without_type(part.name) == name for part in parts)
        for parts in (command, arguments)
    ]
    if not all(places):
        return places[0]
    try:
        substitution.shell_script(command, [])
    except ValueError as error:
        return str(error) == message
    return False


def _without_type(name: str) -> str:
    return name.partition(":")[0].rstrip("?")


def _named(message: str) -> str:
    return message.partition("@")[2].partition("@")[0]


def _offset_of_variable(text: str, message: str) -> int:
    """The offset of the variable that a message names."""
    name = _named(message)
    return max(text.find(f"@{name}@"), 0) if name else 0


def local_exec_types(context: CheckContext) -> set[str]:
    """The exec types whose runners start the command itself, on this machine."""
    return {name for name, about in context.abouts.items() if about.get("argv") == ["{words}"]}


def check_programs(context: CheckContext) -> None:
    """Programs that do not exist on this machine, each once. A warning, because an earlier task may create one."""
    types = local_exec_types(context)
    seen: set[str] = set()
    for task in context.tasks:
        if not task.get("command") or context.exec_type_of(task) not in types:
            continue
        _check_program(context, task, "command", seen)
        if task.get("probe"):
            _check_program(context, task, "probe", seen)


def _check_program(context: CheckContext, task: Task, field: str, seen: set[str]) -> None:
    program = _program(context.texts.expand(field_text(task, field)))
    if program and program not in seen and not find_executable(program):
        message, fix = f"cannot find {quote_name(program)}", "correct it, unless an earlier task creates it"
        if "/" not in program:
            message, fix = f"{message} on PATH", "correct it, or install it, unless an earlier task does"
        elif has_executable(program):
            message = f"{quote_name(program)} exists, but cannot be executed"
        context.report("T016", message, fix, task, field)
    seen.add(program)


def _program(parts: Parts | None) -> str:
    """The first word of a command, if it is known now."""
    if not parts:
        return ""
    first = parts[0]
    if len(parts) == 1 and isinstance(first, str) and QUOTING.isdisjoint(first):
        return next(iter(first.split(maxsplit=1)), "")
    try:
        word = next(iter(split_words(parts)), ())
    except ValueError:
        return ""
    texts = [part for part in word if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(word) else ""


def check_runners(context: CheckContext) -> None:
    """Exec types without a runner."""
    default: str | None = context.settings.get("exec", DEFAULT)
    if context.index.has_head_options and not _check_head(context):
        default = None
    for task in context.tasks:
        if not has_command(task) and not task.get("exec"):
            continue
        if (exec_type := context.exec_type_of(task)) is None or exec_type in context.available:
            continue
        if not task.get("exec"):
            if default is None:
                continue
            default = None  # report the default once
        there = ", ".join(context.available) or "none"
        fix = "did you mean 'shell'?" if exec_type in SHELLS and "shell" in context.available else ""
        fix = fix or context.suggest(exec_type, context.available) or f"there are runners for: {there}"
        of = "" if task.get("exec") else ", the default"
        message = f"no runner for exec type {quote_name(exec_type)}{of}"
        context.report("T014", message, fix, task, "exec" if task.get("exec") else None)


def _check_head(context: CheckContext) -> bool:
    """Is there a runner for the exec type that the head of the file names, if it names one?"""
    from tasker.language.parse.head_options import Head, spelled_exec_type  # here: few files have a head

    option = Head(context.workflow["head_options"]).given.get("exec")
    name = str(option.value) if option is not None else ""
    if option is None or spelled_exec_type(name, context.available) in context.available:
        return True
    there = ", ".join(context.available) or "none"
    fix = "did you mean 'shell'?" if name in SHELLS and "shell" in context.available else ""
    fix = fix or context.suggest(name, context.available) or f"there are runners for: {there}"
    message = f"no runner for exec type {quote_name(name)}, which the head of the file names"
    context.report("T014", message, fix, at=[option.line, 1])
    return context.settings.get("exec") != name


def used_exec_types(workflow: Workflow, available: Collection[str]) -> set[str]:
    """The exec types that commands of a workflow use, of those that are known before the run.

    available: those that have a runner.
    """
    default = workflow.get("settings", {}).get("exec", DEFAULT)
    texts = {task.get("exec") or default for task in workflow["tasks"] if has_command(task)}
    found = {text for text in texts if "@" not in text}
    if len(found) < len(texts):
        known = Globals.of(workflow)
        for text in texts - found:
            try:
                found.add(known.text(text))
            except Missing:
                pass
    return {meant_exec_type(name, available) for name in found}


def count_exec_types(context: CheckContext) -> dict[str, int]:
    """The exec types that the workflow uses, each with its number of tasks; the most used first."""
    found: dict[str, int] = {}
    for task in context.tasks:
        if has_command(task) and (name := context.exec_type_of(task)):
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
