"""Commands that another user is to run: the user, the place of the password, and who can do it (docs/howto/sudo.md)."""

from __future__ import annotations

from tasker.language.fields import BECOMING, SOURCE_OF_PASSWORD, USER_TO_BECOME, field_text
from tasker.language.parse.source import quote_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

AUTHORED = "it is for the author of the file to write, so it holds no variable"


def check_becoming(context: CheckContext, task: Task, exec_type: str | None) -> None:
    """Who runs the command decides about what it may do: all of it stands in the file, as text.

    exec_type: of its command, None where that is not known.
    """
    given = [field for field in sorted(BECOMING & task.keys()) if _has_meaning(context, task, field)]
    if "become" not in task:
        for field in given:
            context.notes.without_meaning.add((task["task"], field))
            fix = "write become=USER, or remove it"
            context.report("T003", f"'{field}' has no effect without become", fix, task, field)
        return
    for field in given:
        _check_text(context, task, field)
    if "become_password" in given and task.get("become_direct") == "true":
        message = "'become_direct' takes no password: what it starts could read it as its own input"
        fix = "remove one of them; with become_direct the sudoers say NOPASSWD for the command"
        context.report("T089", message, fix, task, "become_password")
    about = context.abouts.get(exec_type) if exec_type is not None else None
    if about is not None and not about.get("become") and "become" in given:
        able = [name for name in ("local", "ssh", "ssh2", "openssh") if name in context.available]
        fix = f"use exec={', exec='.join(able)}; or write sudo -n -u USER into the command"
        does = "run a command" if task.get("command") else "copy files"
        context.report("T090", f"exec type '{exec_type}' cannot {does} as another user", fix, task, "become")


def _check_text(context: CheckContext, task: Task, field: str) -> None:
    text = field_text(task, field)
    if field == "become_direct":
        return  # a switch: field_values.py
    if "@" in text:
        context.notes.without_meaning.add((task["task"], field))
        context.report("T089", f"a variable in '{field}': {AUTHORED}", "write the text itself", task, field)
    elif field == "become" and not USER_TO_BECOME.fullmatch(text):
        message = f"invalid value {quote_name(text)} for 'become': must be the name of a user, or #UID"
        fix = "a name has small letters, digits, '_' and '-', as in become=postgres or become=#1001"
        context.report("T089", message, fix, task, field)
    elif field == "become_password" and not SOURCE_OF_PASSWORD.fullmatch(text):
        # at the line of the task, and without the value: it may be the password
        message = "invalid value for 'become_password': it says where the password is"
        fix = "write become_password=env:VARIABLE, or become_password=file:PATH"
        context.report("T089", message, fix, task)


def _has_meaning(context: CheckContext, task: Task, field: str) -> bool:
    return (task["task"], field) not in context.notes.without_meaning
