"""Secrets: where they may stand, and who else can see them there (docs/security.md)."""

from tasker.checks.context import CheckContext
from tasker.checks.field_placement import exec_type_of
from tasker.language.fields import FIELDS
from tasker.language.secrets import declared_secrets, is_literal


def check_fields(sheet: CheckContext, task: dict) -> None:
    """Secrets in the fields of a task, also through other globals."""
    if not sheet.book.globals.secrets:
        return
    private = exec_type_of(sheet, task) in check_unmasked(sheet)
    shown: set[str] = set()
    for field, text in sheet.written(task):
        for ref in sheet.refs(text):
            names = _secrets(sheet, ref)
            if not names:
                continue
            if FIELDS[field].holds != "words":
                through = "" if names[0] == ref.name else f" (through @{ref.name}@)"
                message = f"@{names[0]}@ is a secret{through}, and '{field}' is shown and decides what happens"
                fix = "a secret can stand in 'command' and 'arguments' only"
                sheet.say("T070", message, fix, task, field, offset=ref.offset)
            elif not private and not shown.issuperset(names):
                shown.update(names)
                message = f"@{names[0]}@ is a secret, and as an argument of a command it is seen by others with 'ps'"
                fix = "use exec=shell, which hands it over in the environment, or let the command read a file"
                sheet.say("T071", message, fix, task, field, offset=ref.offset)


def _secrets(sheet, ref):
    """The names of the secrets that a variable is made of."""
    if ref.task is not None or ref.name not in sheet.variables:
        return []
    parts = sheet.expanded(f"@{ref.name}@") or ()
    return [part.name for part in parts if not isinstance(part, str) and part.task is None]


def check_unmasked(sheet: CheckContext) -> set[str]:
    """The exec types whose runners keep secrets out of arguments."""
    return {name for name, about in sheet.abouts.items() if about.get("secrets", "argv") != "argv"}


def check_literals(sheet: CheckContext) -> None:
    """Secrets that stand in the task file, which is copied with every run."""
    for name, entry in declared_secrets(sheet.workflow).items():
        if is_literal(entry):
            message = f"the secret '{name}' stands in the task file: who may read that, or a copy of it, knows it"
            fix = f"write {name}=env:VARIABLE, or {name}=file:PATH"
            sheet.say("T072", message, fix, field=name, at=entry.get("at"))
