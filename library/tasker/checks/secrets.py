"""Secrets: where they may be used, and whether others can see them there (docs/security.md)."""

from __future__ import annotations

from tasker.language.fields import FIELDS
from tasker.language.secrets import declared_secrets, is_literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.language.template import Ref
    from tasker.protocol.types import Task


def check_fields(context: CheckContext, task: Task) -> None:
    """Secrets in the fields of a task, also through other global variables."""
    if not context.index.globals.secrets:
        return
    private = context.exec_type_of(task) in types_that_hide_secrets(context)
    shown: set[str] = set()
    by_name = {name for name, entry in context.variables.items() if "by_name" in entry}  # P039 has warned of them
    for field, text in context.fields_of(task):
        for ref in context.texts.refs(text):
            names = _secrets_in(context, ref)
            if not names:
                continue
            if FIELDS[field].holds != "words":
                through = "" if names[0] == ref.name else f" (through @{ref.name}@)"
                message = f"secret @{names[0]}@{through} cannot be used in '{field}'"
                fix = "use it in 'command' and 'arguments' only"
                context.report("T070", message, fix, task, field, offset=ref.offset)
            elif not private and not shown.issuperset(names) and not all(map(by_name.__contains__, names)):
                shown.update(names)
                message = f"secret @{names[0]}@ is an argument of a command: other users can see it with 'ps'"
                fix = "use exec=shell, which passes it in the environment, or let the command read it from a file"
                context.report("T071", message, fix, task, field, offset=ref.offset)


def _secrets_in(context: CheckContext, ref: Ref) -> list[str]:
    """The names of the secrets in a variable."""
    if ref.task is not None or ref.name not in context.variables:
        return []
    parts = context.texts.expand(f"@{ref.name}@") or ()
    return [part.name for part in parts if not isinstance(part, str) and part.task is None and part.field is None]


def types_that_hide_secrets(context: CheckContext) -> set[str]:
    """The exec types whose runners keep secrets out of arguments."""
    return {name for name, about in context.abouts.items() if about.get("secrets", "argv") != "argv"}


def check_literals(context: CheckContext) -> None:
    """Secrets that are written in the task file, which is copied with every run."""
    for name, entry in declared_secrets(context.workflow).items():
        if is_literal(entry) and "required" not in entry and "by_name" not in entry:
            message = f"secret '{name}' is written in the task file: every reader of the file or a copy of it knows it"
            fix = f"write {name}=env:VARIABLE, or {name}=file:PATH"
            context.report("T072", message, fix, field=name, at=entry.get("at"))
