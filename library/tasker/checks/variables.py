"""Variables where they are used: is there such a value, and may it stand there? (docs/language.md §4)"""

from tasker.checks.context import CheckContext, VariableUse
from tasker.language import template
from tasker.language.fields import BLOCK_VALUES, FANOUT, FIELDS, HOST_VALUES, TASK, VALUES
from tasker.text.lazy_regex import Pattern

OUTPUT = Pattern(rf"(\w+)_({'|'.join((*VALUES, *BLOCK_VALUES, *HOST_VALUES))})")


def check_globals(sheet: CheckContext) -> None:
    """Variables in the texts of globals."""
    for name, entry in sheet.variables.items():
        for ref in () if name in sheet.book.globals.secrets else template.refs_of(entry["value"]):
            where = {"field": name, "at": entry.get("at"), "offset": ref.offset}
            if ref.task is None:
                _global(sheet, ref, where)
            else:
                _output(sheet, ref, where)


def check_fields(sheet: CheckContext, task: dict) -> None:
    """Variables in the fields of a task."""
    for field, text in sheet.written(task):
        if "@" not in text:
            continue
        for ref in sheet.refs(text):
            where = {"task": task, "field": field, "offset": ref.offset, "always": not FIELDS[field].outputs}
            if ref.task is None:
                if _global(sheet, ref, where):
                    _read(sheet, where, ref, sheet.expanded(f"@{ref.name}@") or ())
            elif _output(sheet, ref, where):
                _read(sheet, where, ref, (ref,))


def _global(sheet, ref, where):
    """Is this global defined?"""
    if ref.name in sheet.variables:
        sheet.used.add(ref.name)
        return True
    fix = sheet.similar(ref.name, sheet.variables)
    if found := OUTPUT.fullmatch(ref.name):
        example = f"outputs are named by the number of their task: @7_{found[2]}@"
        message = f"@{_short(ref.name)}@ is not defined: outputs are @NUMBER_{found[2]}@"
        sheet.say("T034", message, fix or example, **where)
    else:
        literal = f"for the text itself, write AT=@ there and @AT@{_short(ref.name)}@AT@ here"
        fix = fix or f"write {_short(ref.name)}=VALUE above the first task; {literal}"
        sheet.say("T030", f"@{_short(ref.name)}@ is not defined", fix, **where)
    return False


def _output(sheet, ref, where):
    """Is there such a value of such a task?"""
    named = f"@{_short(ref.name)}@"
    known = (*VALUES, *BLOCK_VALUES, *HOST_VALUES)
    if ref.field not in known:
        fix = sheet.similar(ref.field, known) or f"there are {', '.join(known)}"
        sheet.say("T035", f"{named} is not defined: tasks have no '{_short(ref.field)}'", fix, **where)
        return False
    if ref.task not in sheet.book.tasks:
        sheet.say("T036", f"{named} is not defined: there is no such task", sheet.nearest(ref.task), **where)
        return False
    if ref.field in HOST_VALUES and sheet.kinds[ref.task] != FANOUT:
        message = f"{named} is not defined: task {ref.task} has no 'hosts'"
        sheet.say("T037", message, "name a task with hosts=, or use another value", **where)
        return False
    if ref.field in BLOCK_VALUES and sheet.kinds[ref.task] == TASK:
        message = f"{named} is not defined: task {ref.task} is not a block"
        sheet.say("T037", message, "name the block, or use another value", **where)
        return False
    return True


def _short(name):
    return name if len(name) <= 60 else name[:59] + "…"


def _read(sheet, where, ref, parts):
    """Note which outputs a field reads, here through a variable that is one or holds some."""
    task, field = where["task"], where["field"]
    for part in parts:
        if isinstance(part, str) or part.task not in sheet.book.tasks:
            continue
        if part.task == task["task"] and part.field == "hostname" and sheet.kinds[part.task] == FANOUT:
            continue  # the host that this command is for
        if (task["task"], field) in sheet.unknown:
            return
        if not FIELDS[field].outputs:
            through = "" if part.name == ref.name else f" (through @{ref.name}@)"
            message = f"'{field}' takes globals only, and @{part.name}@ is an output{through}"
            sheet.say("T038", message, "write the value itself, or use a global", **where)
            return
        uses = sheet.uses.setdefault(task["task"], [])
        if not any(one.task == part.task and one.field == field for one in uses[-20:]):
            uses.append(VariableUse(part.task, field, ref.offset, part.name))
