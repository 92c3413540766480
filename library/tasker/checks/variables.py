"""Variables where they are used: is there such a value, and may it stand there? (docs/language.md §4)"""

from __future__ import annotations

from tasker.checks.context import CheckContext, VariableUse
from tasker.language import template
from tasker.language.fields import BLOCK_VALUES, FANOUT, FIELDS, HOST_VALUES, TASK, VALUES
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.template import Part, Ref
    from tasker.protocol.types import Task

OUTPUT = Pattern(rf"(\w+)_({'|'.join((*VALUES, *BLOCK_VALUES, *HOST_VALUES))})")


class Place(NamedTuple):
    """Where a variable stands: in a field of a task, or in a global, which has no task but its own place."""

    field: str
    offset: int
    task: Task | None = None
    at: list[int] | None = None
    always: bool = False  # report what is wrong with it whatever is skipped


def _say(sheet: CheckContext, place: Place, code: str, message: str, fix: str) -> None:
    sheet.say(code, message, fix, place.task, place.field, offset=place.offset, at=place.at, always=place.always)


def check_globals(sheet: CheckContext) -> None:
    """Variables in the texts of globals."""
    for name, entry in sheet.variables.items():
        for ref in () if name in sheet.book.globals.secrets else template.refs_of(entry["value"]):
            where = Place(name, ref.offset, at=entry.get("at"))
            if ref.task is None:
                _global(sheet, ref, where)
            else:
                _output(sheet, ref, where)


def check_fields(sheet: CheckContext, task: Task) -> None:
    """Variables in the fields of a task."""
    for field, text in sheet.written(task):
        if "@" not in text:
            continue
        for ref in sheet.refs(text):
            where = Place(field, ref.offset, task, always=not FIELDS[field].outputs)
            if ref.task is None:
                if _global(sheet, ref, where):
                    _read(sheet, task, where, ref, sheet.expanded(f"@{ref.name}@") or ())
            elif _output(sheet, ref, where):
                _read(sheet, task, where, ref, (ref,))


def _global(sheet: CheckContext, ref: Ref, where: Place) -> bool:
    """Is this global defined?"""
    if ref.name in sheet.variables:
        sheet.used.add(ref.name)
        return True
    fix = sheet.similar(ref.name, sheet.variables)
    if found := OUTPUT.fullmatch(ref.name):
        example = f"outputs are named by the number of their task: @7_{found[2]}@"
        message = f"@{_short(ref.name)}@ is not defined: outputs are @NUMBER_{found[2]}@"
        _say(sheet, where, "T034", message, fix or example)
    else:
        literal = f"for the text itself, write AT=@ there and @AT@{_short(ref.name)}@AT@ here"
        fix = fix or f"write {_short(ref.name)}=VALUE above the first task; {literal}"
        _say(sheet, where, "T030", f"@{_short(ref.name)}@ is not defined", fix)
    return False


def _output(sheet: CheckContext, ref: Ref, where: Place) -> bool:
    """Is there such a value of such a task?"""
    number, value = ref.task or 0, ref.field or ""
    named = f"@{_short(ref.name)}@"
    known = (*VALUES, *BLOCK_VALUES, *HOST_VALUES)
    if value not in known:
        fix = sheet.similar(value, known) or f"there are {', '.join(known)}"
        _say(sheet, where, "T035", f"{named} is not defined: tasks have no '{_short(value)}'", fix)
        return False
    if number not in sheet.book.tasks:
        _say(sheet, where, "T036", f"{named} is not defined: there is no such task", sheet.nearest(number))
        return False
    if value in HOST_VALUES and sheet.kinds[number] != FANOUT:
        message = f"{named} is not defined: task {number} has no 'hosts'"
        _say(sheet, where, "T037", message, "name a task with hosts=, or use another value")
        return False
    if value in BLOCK_VALUES and sheet.kinds[number] == TASK:
        message = f"{named} is not defined: task {number} is not a block"
        _say(sheet, where, "T037", message, "name the block, or use another value")
        return False
    return True


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _read(sheet: CheckContext, task: Task, where: Place, ref: Ref, parts: Iterable[Part]) -> None:
    """Note which outputs a field reads, here through a variable that is one or holds some."""
    field = where.field
    for part in parts:
        if isinstance(part, str) or part.task is None or part.task not in sheet.book.tasks:
            continue
        if part.task == task["task"] and part.field == "hostname" and sheet.kinds[part.task] == FANOUT:
            continue  # the host that this command is for
        if (task["task"], field) in sheet.unknown:
            return
        if not FIELDS[field].outputs:
            through = "" if part.name == ref.name else f" (through @{ref.name}@)"
            message = f"'{field}' takes globals only, and @{part.name}@ is an output{through}"
            _say(sheet, where, "T038", message, "write the value itself, or use a global")
            return
        uses = sheet.uses.setdefault(task["task"], [])
        if not any(one.task == part.task and one.field == field for one in uses[-20:]):
            uses.append(VariableUse(part.task, field, ref.offset, part.name))
