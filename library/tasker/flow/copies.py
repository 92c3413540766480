"""What a task with `put` or `get` would copy: the part `copy` of its request (docs/PROTOCOL.md)."""

from __future__ import annotations

from tasker.flow.values import expand_globals, fill_field, make_argument
from tasker.language import template
from tasker.language.conditions.context import show_value
from tasker.language.copies import GET, parse_size
from tasker.language.fields import NEW
from tasker.language.variables import join_pieces, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tasker.flow.run_state import RunState
    from tasker.language.template import Part, Ref
    from tasker.protocol.types import Copy, Request, Task

    PathField = Literal["put", "get", "to"]

PATH = "path"  # the type of a value that may have a `/`
STDIN = "-"  # as the name of a task file


def add_copy(run: RunState, task: Task, doc: Request) -> None:
    """Add `copy` to a request. Raises Missing or ValueError with the reason."""
    what: Literal["put", "get"] = "put" if "put" in task else "get"
    made: Copy = {"what": what, "source": _path(run, task, what), "target": _path(run, task, "to")}
    if mode := run.index.text(task, "mode"):
        made["mode"] = mode
    if owner := run.index.text(task, "owner"):
        made["owner"] = owner
    if "validate" in task:
        made["validate"] = _validation(run, task)
    if size := run.index.text(task, "max_bytes"):
        made["max_bytes"] = parse_size(size)
    file = run.index.file
    if what == GET and file and file != STDIN:
        made["protected"] = [file.rpartition("/")[0] or ("/" if file.startswith("/") else ".")]
    doc["copy"] = made


def _path(run: RunState, task: Task, field: PathField) -> str:
    """A path, in which each value is one component, or of type `path`."""
    parts = expand_globals(run, task, field)
    made = "".join([part if isinstance(part, str) else _component(run, part) for part in parts])
    if not made:
        raise ValueError(f"'{field}' is empty")
    if "\0" in made:
        raise ValueError(f"'{field}' has a NUL byte, which no path can have")
    written = "".join([part if isinstance(part, str) else "x" if part.type != PATH else "" for part in parts])
    if made.split("/").count("..") > written.split("/").count(".."):
        raise ValueError(f"{show_value(made)} has '..' in it, which a value has brought about")
    return made


def _component(run: RunState, ref: Ref) -> str:
    text = make_argument(run, (ref,))
    if ref.type == PATH or (run.dry_run and text == f"@{ref.written()}@"):
        return text
    if ref.name == template.HOST or ref.field == "hostname":
        return text.replace(":", "_").replace("/", "_")
    if not text or "/" in text or text in (".", ".."):
        what = "is empty" if not text else f"is {show_value(text)}"
        raise ValueError(f"@{ref.name}@ {what}: a value in a path is one name, without /, or has the type :path")
    return text


def _validation(run: RunState, task: Task) -> list[list[str]]:
    """The words of `validate`, each in the pieces between which the path of the new file goes."""
    parts: list[Part] = []
    for part in template.parse_template(task["validate"]):
        parts += [part] if is_new(part) else run.index.globals.expand((part,))
    filled = join_pieces(parts)
    if any(not isinstance(part, str) and template.is_host(part) for part in filled):
        from tasker.flow import host_values

        filled = host_values.fill(run, task, "validate", filled, fill_field)
    return [_pieces(run, word) for word in split_words(filled)]


def _pieces(run: RunState, word: tuple[Part, ...]) -> list[str]:
    made: list[str] = []
    now: list[Part] = []
    for part in (*word, None):
        if part is None or is_new(part):
            made.append(make_argument(run, now))
            now = []
        else:
            now.append(part)
    return made


def is_new(part: Part) -> bool:
    """Is it `@new@`?"""
    return not isinstance(part, str) and part.task is None and part.name == NEW
