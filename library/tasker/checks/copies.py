"""Copies of files: what `put` and `get` need, and what cannot be copied as it is written (docs/language.md §2)."""

from __future__ import annotations

import os
import stat

from tasker.language.copies import GET, PUT, WILD
from tasker.language.fields import COPIES, COPY, FANOUT, RUNS, field_text, fields_read_by, is_copy
from tasker.language.parse.source import quote_name
from tasker.language.template import HOST, PLACE, Ref, is_host, is_parameter, parse_template
from tasker.language.variables import UnclosedQuote, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext
    from tasker.language.template import Parts
    from tasker.protocol.types import Task

FOR_COPIES = fields_read_by(COPY)
NOT_WITH = ("command", "arguments", "become_direct")  # what a copy cannot have: sudo starts more than one program
NOT_WITH_GET = ("owner", "validate")
HERE = ("local", "shell")  # exec types whose commands can make a file of this machine
PATHS = (*COPIES, "to")


def check_copies(context: CheckContext, task: Task) -> None:
    """Everything about a task that copies files."""
    if context.kinds[task["task"]] not in RUNS:
        return
    if not is_copy(task):
        _check_without(context, task)
        return
    what = PUT if "put" in task else GET
    _check_fields(context, task, what)
    _check_exec_type(context, task, what)
    for field in PATHS:
        if field in task:
            _check_values(context, task, field)
    if task.get("become"):
        _check_place(context, task, "to" if what == PUT else GET)
    _check_source(context, task, what)
    if task.get("to"):
        _check_target(context, task, what)
    if task.get("validate"):
        _check_validate(context, task)


def _check_without(context: CheckContext, task: Task) -> None:
    for field in FOR_COPIES:
        if field in task and (task["task"], field) not in context.notes.without_meaning:
            context.notes.without_meaning.add((task["task"], field))
            fix = "write put=SOURCE or get=SOURCE, in place of a command, or remove it"
            context.report("T003", f"'{field}' has no effect without put or get", fix, task, field)


def _check_fields(context: CheckContext, task: Task, what: str) -> None:
    if context.is_missing(task, "to"):
        fix = "write to=FILE, or to=FOLDER/ with a / at its end"
        context.report("T001", f"'to' is missing: '{what}' needs a place for the copy", fix, task, what)
    if PUT in task and GET in task:
        context.notes.without_meaning.add((task["task"], GET))
        message = "'put' and 'get' cannot both be given: a task copies one way"
        context.report("T003", message, "move one of them to a task of its own", task, GET)
    for field in NOT_WITH:
        if field in task:
            context.notes.without_meaning.add((task["task"], field))
            message = f"'{field}' does not apply to a task that copies files"
            context.report("T003", message, f"move it to a task of its own, or remove {what}", task, field)
    for field in NOT_WITH_GET if what == GET else ("max_bytes",):
        if field in task:
            context.notes.without_meaning.add((task["task"], field))
            fix = f"remove it: it is for {PUT if what == GET else GET}"
            if what == GET:
                fix += "; check or change the files with a task after it, with exec=local"
            context.report("T003", f"'{field}' does not apply to {what}", fix, task, field)


def _check_exec_type(context: CheckContext, task: Task, what: str) -> None:
    exec_type = context.exec_type_of(task)
    about = context.abouts.get(exec_type or "")
    if about is not None and what not in about.get("copies", ()):
        able = [name for name in ("ssh", "openssh", "local") if name in context.available and name != exec_type]
        fix = (
            "write exec=ssh or exec=openssh, or exec=local to copy on this machine"
            if able
            else "use a runner that can copy files"
        )
        field = "exec" if task.get("exec") else what
        context.report("T087", f"exec type {quote_name(exec_type or '')} cannot {what} files", fix, task, field)


def _check_values(context: CheckContext, task: Task, field: str) -> None:
    """A value from outside is one name, or of the type `path`."""
    for part in context.texts.expand(field_text(task, field)) or ():
        if isinstance(part, str) or not is_parameter(part) or part.given is None or part.type == "path":
            continue
        if not part.given or "/" in part.given or part.given in (".", ".."):
            what = f"is {quote_name(part.given)}" if part.given else "is empty"
            message = f"@{part.name}@ {what}: a value in '{field}' is one name, without /"
            fix = f"give another value, or write @{part.name}:path@ for an absolute path"
            context.report("T009", message, fix, task, field, offset=_offset(task, field, part.name))


def _offset(task: Task, field: str, name: str) -> int:
    return max(field_text(task, field).find(f"@{name}"), 0)


def _check_place(context: CheckContext, task: Task, field: str) -> None:
    """As another user, a copy looks at each folder that leads to its place there."""
    known = context.texts.known_text(field_text(task, field))
    if not known or (known.startswith("/") and ".." not in known.split("/")):
        return
    message = f"'{field}' is {quote_name(known)}: as another user, a path begins with / and has no .."
    context.report("T084" if field == GET else "T086", message, "write the whole path", task, field)


# -- the source


def _check_source(context: CheckContext, task: Task, what: str) -> None:
    text = field_text(task, what)
    if not text or (task["task"], what) in context.notes.without_meaning:
        return
    known = context.texts.known_text(text)
    if what == PUT and known and os.path.lexists(known.rstrip("/") or "/"):
        _check_existing(context, task, known)
        return
    written = [part for part in context.texts.expand(text) or () if isinstance(part, str)]
    if found := next((one for part in written if (one := WILD.search(part))), None):
        folder = text[: text.find(found[0])].rpartition("/")[0]
        fix = f"write the folder, as in {what}={folder or 'FOLDER'}/: with a / at its end, all that is in it is copied"
        message = f"'{found[0]}' in '{what}': a source is a file or a folder, and no pattern"
        context.report("T084", message, fix, task, what, offset=max(text.find(found[0]), 0))
    elif what == PUT and known:
        _report_absent(context, task, known)


def _check_existing(context: CheckContext, task: Task, path: str) -> None:
    """What is wrong with a source that is there."""
    target = context.texts.known_text(field_text(task, "to"))
    try:
        mode = os.stat(path.rstrip("/") or "/").st_mode
    except OSError:
        mode = 0
    if stat.S_ISDIR(mode):
        if target and not target.endswith("/"):
            message = f"{quote_name(path)} is a folder, and 'to' does not end with /"
            context.report("T086", message, f"write to={target}/, the folder that it goes into", task, "to")
        if task.get("validate"):
            fix = "remove it, and check the folder with a task after this one"
            context.report(
                "T003", f"'validate' checks one file, and {quote_name(path)} is a folder", fix, task, "validate"
            )
    elif not stat.S_ISREG(mode):
        message = f"{quote_name(path)} is neither a file nor a folder"
        context.report("T084", message, "name a file or a folder that can be read", task, PUT)
    elif path.endswith("/"):
        message = f"{quote_name(path)} is a file, and no folder"
        context.report("T084", message, f"write put={path.rstrip('/')}", task, PUT)
    elif not os.access(path, os.R_OK):
        context.report("T084", f"{quote_name(path)} cannot be read", "allow it, or name another file", task, PUT)


def _report_absent(context: CheckContext, task: Task, path: str) -> None:
    """A source that is not there: an earlier task may make it."""
    for other in context.tasks:
        makes = context.exec_type_of(other) in HERE if other.get("command") else GET in other
        if other["task"] < task["task"] and makes:
            message = f"{quote_name(path)} is not there yet"
            context.report("T085", message, "correct it, unless an earlier task makes it", task, PUT)
            return
    message = f"{quote_name(path)} does not exist, and no task before this one could make it"
    context.report("T084", message, "correct it; a relative path begins where tasker is started", task, PUT)


# -- the target


def _check_target(context: CheckContext, task: Task, what: str) -> None:
    if what != GET:
        return
    parts = context.texts.expand(field_text(task, "to"))
    if parts is None:
        return
    if _has_many_hosts(context, task) and not any(_names_host(context, task, part) for part in parts):
        message = "several hosts would write the same file"
        example = field_text(task, "to")
        example = f"{example}@host@/" if example.endswith("/") else f"{example}.@host@"
        context.report("T086", message, f"write @host@ into it, as in to={example}", task, "to")
    _check_protected(context, task, parts)


def _has_many_hosts(context: CheckContext, task: Task) -> bool:
    number = task["task"]
    return context.kinds[number] == FANOUT or context.index.chain_of(number) is not None


def _names_host(context: CheckContext, task: Task, part: str | Ref) -> bool:
    if isinstance(part, str):
        return False
    if is_host(part):
        return part.name in (HOST, PLACE)
    number = task["task"]
    return part.field == "hostname" and part.task in (number, context.index.chain_of(number))


def _check_protected(context: CheckContext, task: Task, parts: Parts) -> None:
    """Folders that TASKER reads itself: a host could plant a tasker.toml there, or a runner."""
    target = context.texts.known_text(field_text(task, "to"))
    if not target:
        return
    folder = target if target.endswith("/") else os.path.dirname(target) or "."
    real = os.path.realpath(folder)
    file = context.workflow.get("file", "")
    read = {"the folder of the task file": os.path.dirname(file) or "."} if file and file != "-" else {}
    read["the folder in which tasker is started"] = "."
    for part in filter(None, os.environ.get("TASKER_PATH", "").split(os.pathsep)):
        read |= {"a folder of TASKER_PATH": part, "a folder with runners": os.path.join(part, "runners")}
        if _is_one(context, task, real, target, read):
            return
    _is_one(context, task, real, target, read)


def _is_one(context: CheckContext, task: Task, real: str, target: str, read: dict[str, str]) -> bool:
    for what, path in read.items():
        if os.path.realpath(path) == real:
            message = f"'to' is {what}: a host could leave a tasker.toml or a runner there"
            name = "" if target.endswith("/") else os.path.basename(target)
            fix = f"get files into a folder of their own, as in to=got/{name}"
            context.report("T086", message, fix, task, "to")
            return True
    return False


# -- validate


def _check_validate(context: CheckContext, task: Task) -> None:
    """Its words can be split, and one of them has the new file."""
    text = task["validate"]
    parts = parse_template(text)
    if "@new@" not in text:
        fix = "write @new@ where the command takes the path of the new file"
        context.report("T009", "'validate' does not use @new@, so it cannot check the new file", fix, task, "validate")
    try:
        split_words(parts)
    except ValueError as error:
        at = error.offset if isinstance(error, UnclosedQuote) and len(parts) == 1 else 0
        fix = "close it, or write a backslash before a quote that belongs to the text"
        context.report("T012", f"cannot split 'validate' into words: {error}", fix, task, "validate", offset=at)
