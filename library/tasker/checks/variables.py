"""Variables where they are used: do they exist, and may they be used there? (docs/language.md §4)"""

from __future__ import annotations

from tasker.checks.context import CheckContext, VariableUse
from tasker.language.fields import (
    ALL_VALUES,
    BLOCK_VALUES,
    CHAIN,
    CHAIN_VALUES,
    CONDITIONS,
    DECISION,
    DECISION_VALUES,
    FANOUT,
    FIELDS,
    HOST_VALUES,
    HOSTED,
    NEW,
    OUTPUT_FILES,
    SINGLE,
    TASK,
    VALUES,
)
from tasker.language.template import HOST, is_host
from tasker.language.variables import Missing
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.template import Part, Ref
    from tasker.protocol.types import Task

# fields that name what is on the host of a task
ELSEWHERE = ("command", "arguments", "probe", "to", "validate")
OUTPUT = Pattern(rf"(\w+)_({'|'.join(ALL_VALUES)})")


class VariablePlace(NamedTuple):
    """The place of a variable: in a field of a task, or in a global, which has a place but no task."""

    field: str
    offset: int
    task: Task | None = None
    at: list[int] | None = None
    always: bool = False  # report also what --skip-task-validation skips


def _report(context: CheckContext, place: VariablePlace, code: str, message: str, fix: str) -> None:
    context.report(code, message, fix, place.task, place.field, offset=place.offset, at=place.at, always=place.always)


def check_globals(context: CheckContext) -> None:
    """Variables in the texts of globals."""
    for name, entry in context.variables.items():
        for ref in () if name in context.index.globals.secrets else context.texts.refs(entry["value"]):
            place = VariablePlace(name, ref.offset, at=entry.get("at"))
            if _is_defined(context, ref, place) if ref.task is None else _exists(context, ref, place):
                _check_type(context, ref, place)


def check_host_variables(context: CheckContext) -> None:
    """Variables of hosts, after all fields have noted which they use."""
    if context.notes.host_variables or HOST in context.variables:
        from tasker.checks import host_values  # here, because few files have any

        host_values.check_hidden(context)
        host_values.check_lacking(context)


def check_fields(context: CheckContext, task: Task) -> None:
    """Variables in the fields of a task."""
    for field, text in context.fields_of(task):
        for ref in context.texts.refs(text) if "@" in text else ():
            if field == "validate" and ref.name == NEW:
                continue  # the path of the new file
            place = VariablePlace(field, ref.offset, task, always=not FIELDS[field].outputs)
            if ref.type is not None:
                _check_type(context, ref, place)
            if ref.task is None:
                if _is_defined(context, ref, place):
                    _note_uses(context, task, place, ref, context.texts.expand(f"@{ref.name}@") or ())
            elif _exists(context, ref, place):
                _note_uses(context, task, place, ref, (ref,))


def _check_type(context: CheckContext, ref: Ref, place: VariablePlace) -> None:
    """Report an unknown type, and a value of the file that is not of its type."""
    if ref.type is None:
        return
    from tasker.language import value_types  # here, because few values have a type

    if ref.type not in value_types.TYPES:
        at = place._replace(offset=ref.offset + len(ref.written()) - len(ref.type) + 1)
        message = f"unknown type '{_short(ref.type)}' of @{_short(ref.name)}@"
        _report(context, at, "T039", message, value_types.suggest_type(ref.type))
    elif ref.task is None and ref.name in context.variables:
        try:
            context.index.globals.expand((ref,))
        except Missing as missing:
            if missing.kind == "type":
                fix = f"correct {_short(ref.name)}, or remove the type :{ref.type}"
                _report(context, place, "T027", missing.reason, fix)
            elif missing.kind == "parts" and place.field not in CONDITIONS:
                fix = "give the type to the output itself, as in @0_stdout:name@"
                _report(context, place, "T027", missing.reason, fix)


def _is_defined(context: CheckContext, ref: Ref, place: VariablePlace) -> bool:
    """Is this global defined?"""
    if ref.name in context.variables:
        context.notes.used_globals.add(ref.name)
        return True
    if is_host(ref):
        return True
    fix = context.suggest(ref.name, context.variables)
    if found := OUTPUT.fullmatch(ref.name):
        example = f"use the number of the task, as in @7_{found[2]}@"
        message = f"undefined variable @{_short(ref.name)}@: outputs are written @NUMBER_{found[2]}@"
        _report(context, place, "T034", message, fix or example)
    else:
        literal = f"for the text itself, write AT=@ there and @AT@{_short(ref.name)}@AT@ here"
        fix = fix or f"write {_short(ref.name)}=VALUE above the first task; {literal}"
        _report(context, place, "T030", f"undefined variable @{_short(ref.name)}@", fix)
    return False


def _exists(context: CheckContext, ref: Ref, place: VariablePlace) -> bool:
    """Does the task exist, and has it this value?"""
    number, value = ref.task or 0, ref.field or ""
    if context.kinds.get(number) == TASK and value in VALUES:
        return True  # as most variables
    named = f"undefined variable @{_short(ref.name)}@"
    if value not in ALL_VALUES:
        fix = context.suggest(value, ALL_VALUES) or f"use one of {', '.join(ALL_VALUES)}"
        _report(context, place, "T035", f"{named}: a task has no value '{_short(value)}'", fix)
        return False
    if number not in context.index.tasks:
        _report(context, place, "T036", f"{named}: task {number} does not exist", context.nearest_task(number))
        return False
    if context.kinds[number] == DECISION and value not in DECISION_VALUES:
        if place.task is not None and place.task["task"] == number and place.field in ("success", "failure"):
            return False  # T021 says that it has no result there
        message = f"{named}: task {number} is a decision, which has only {', '.join(DECISION_VALUES)}"
        _report(context, place, "T035", message, f"use @{number}_success@, or the number of the task that is meant")
        return False
    if value in CHAIN_VALUES and context.kinds[number] != CHAIN:
        message = f"{named}: task {number} is no chain"
        _report(context, place, "T037", message, "use the number of a chain, or another value")
        return False
    if value in HOST_VALUES and context.kinds[number] not in HOSTED:
        message = f"{named}: task {number} has no 'hosts'"
        _report(context, place, "T037", message, "use the number of a task with hosts=, or another value")
        return False
    if value in OUTPUT_FILES and context.kinds[number] not in ("", TASK):
        message = f"{named}: task {number} is not one command, so it has no output of its own"
        _report(context, place, "T037", message, "use the number of a task that is one, or write the output to a file")
        return False
    if value in BLOCK_VALUES and context.kinds[number] in SINGLE:
        message = f"{named}: task {number} is not a block"
        _report(context, place, "T037", message, "use the number of a block, or another value")
        return False
    return True


def _is_of_this_host(context: CheckContext, task: Task, place: VariablePlace, part: Ref) -> bool:
    """Is a value of a member of a chain read in the same chain? Elsewhere each host has another one."""
    chain = context.index.chain_of(part.task or 0)
    if chain is None or chain == context.index.chain_of(task["task"]):
        return True
    message = (
        f"@{part.name}@ is another value on each host of chain {chain}: it is known in the tasks of the chain only"
    )
    values = ", ".join(f"@{chain}_{name}@" for name in ("success_hosts", *HOST_VALUES[:1], *CHAIN_VALUES))
    fix = f"read it in a task of chain {chain}; of all hosts together there are {values}"
    _report(context, place, "T058", message, fix)
    return False


def _check_where(context: CheckContext, task: Task, place: VariablePlace, part: Ref) -> None:
    """Is the path of an output, which is one of this machine, read by a command that runs here?"""
    about = context.abouts.get(context.exec_type_of(task) or "", {})
    if place.field in ELSEWHERE and about.get("host") == "required":
        message = f"@{part.name}@ is a path of this machine, and '{place.field}' is for the host of the task"
        fix = "write exec=local or exec=shell, or bring the file there with put= in a task before"
        _report(context, place, "T095", message, fix)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _note_uses(context: CheckContext, task: Task, place: VariablePlace, ref: Ref, parts: Iterable[Part]) -> None:
    """Note the outputs that a field reads through a variable: an output itself, or a global that contains some."""
    field = place.field
    for part in parts:
        if not isinstance(part, str) and is_host(part):
            from tasker.checks import host_values  # here, because few fields have any

            host_values.check_use(context, task, field, part, ref)
        if isinstance(part, str) or part.task is None or part.task not in context.index.tasks:
            continue
        if part.task == task["task"] and part.field == "hostname" and context.kinds[part.task] == FANOUT:
            continue  # the host that this command is for
        if part.field == "hostname" and part.task == context.index.chain_of(task["task"]):
            continue  # the host that this member is for
        if (task["task"], field) in context.notes.with_output:
            return
        if field == "hosts" and context.index.hosts_value(task) is not None and part.task != task["task"]:
            if not _is_of_this_host(context, task, place, part):
                return
            context.notes.uses.setdefault(task["task"], []).append(VariableUse(part.task, field, ref.offset, part.name))
            return
        if not FIELDS[field].outputs:
            through = "" if part.name == ref.name else f" (through @{ref.name}@)"
            message = f"'{field}' may use global variables only: @{part.name}@ is an output{through}"
            _report(context, place, "T038", message, "write the value itself, or use a global variable")
            return
        if not _is_of_this_host(context, task, place, part):
            return
        if part.field in OUTPUT_FILES:
            _check_where(context, task, place, part)
        uses = context.notes.uses.setdefault(task["task"], [])
        if not any(one.task == part.task and one.field == field for one in uses[-20:]):
            uses.append(VariableUse(part.task, field, ref.offset, part.name))
