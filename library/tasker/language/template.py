"""Text with variables, parsed once: ``@NAME@`` is a global, ``@7_stdout@`` an output of task 7 (docs/language.md §4).

A template is a tuple of parts: literal text as `str`, and a `Ref` for each variable. Values are never parsed as
templates, so a value that looks like a variable stays text.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

VARIABLE = Pattern(r"@(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+)_([A-Za-z0-9_]+))@")


class Ref(NamedTuple):
    """A variable in a text. A global has no task. offset: in characters, from the start of the text."""

    name: str  # as written between the signs: "ENV", "7_stdout"
    task: int | None
    field: str | None
    offset: int


if TYPE_CHECKING:
    Part: TypeAlias = str | Ref
    Parts: TypeAlias = tuple[Part, ...]


def parse_template(text: str) -> Parts:
    """The parts of a text, in order. An ``@`` that does not begin a variable is text."""
    if "@" not in text:
        return (text,) if text else ()
    parts: list[Part] = []
    end = 0
    for found in VARIABLE.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        task, field = found[2], found[3]
        # int() is quadratic, so a number too long for a task is not converted
        number = None if task is None else int(task) if len(task) <= 9 else -1
        parts.append(Ref(found[0][1:-1], number, field, found.start()))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def refs_of(text: str) -> list[Ref]:
    """The variables of a text, in order."""
    return [part for part in parse_template(text) if isinstance(part, Ref)]


def template_text(parts: Iterable[Part]) -> str:
    """The text that a template was read from."""
    return "".join(part if isinstance(part, str) else f"@{part.name}@" for part in parts)
