"""Text with variables, parsed once: ``@NAME@`` is a global, ``@7_stdout@`` an output of task 7 (docs/language.md §4).

``@host@`` is the host of the attempt, ``@host.NAME@`` a variable of that host, ``@task@`` its number.

A variable may have a type, ``@7_stdout:int@``, and before it a ``?``, which allows an empty value: ``@7_stdout?@``.

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

# a type that cannot be one, such as `int?` or nothing, is found too, so that it is an error and not text
VARIABLE = Pattern(
    r"@(?:((?:host\.)?[A-Za-z_][A-Za-z0-9_]*)|([0-9]+)_([A-Za-z0-9_]+))(\?)?(?::((?:[A-Za-z_][A-Za-z0-9_]*)?\??))?@"
)


VALUE, WORDS = "value", "words"  # fields of a parameter
HOST = "host"  # field of the host of the attempt, and of its variables
PLACE = "task"  # `@task@`: the number of that host among those of its task, from 0; it has the field HOST, too


class Ref(NamedTuple):
    """A variable in a text. A global has no task. offset: in characters, from the start of the text.

    type: as written after the colon, perhaps one that does not exist; None without a colon. optional: has it a `?`?

    A global that is expanded to a value from outside has field VALUE, or WORDS where it is to be split, and has it as
    `given`; None where it has not been given. The words of such a value have the fields "1", "2" and so on. The host of
    the attempt and its variables have field HOST, and their value as `given` once the attempt is known. A secret has no
    field, and an empty text as `given` where it is text of the author, in a script too.
    """

    name: str  # "ENV", "7_stdout", "host", "host.rack": without type and `?`
    task: int | None
    field: str | None
    offset: int
    type: str | None = None
    optional: bool = False
    given: str | None = None

    def written(self) -> str:
        """The variable as it is written between its signs: "7_stdout?:int"."""
        return f"{self.name}{'?' if self.optional else ''}{'' if self.type is None else f':{self.type}'}"


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
        name, task, field, optional, kind = found.groups()
        # int() is quadratic, so a number too long for a task is not converted
        number = None if task is None else int(task) if len(task) <= 9 else -1
        if name and (name == PLACE or (name[:4] == HOST and (name == HOST or name[4] == "."))):
            field = HOST
        elif field:
            field = field.lower()  # in any case, as in files for TASKER 2
        parts.append(Ref(name or f"{task}_{field}", number, field, found.start(), kind, optional is not None))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def is_parameter(ref: Ref) -> bool:
    """Does it stand for a value from outside, which is data, and neither a secret nor an output?"""
    return ref.task is None and ref.field is not None and ref.field != HOST


def is_host(ref: Ref) -> bool:
    """Is it the host of the attempt, its number, or a variable of it?"""
    return ref.field == HOST and ref.task is None


def refs_of(text: str) -> list[Ref]:
    """The variables of a text, in order."""
    return [part for part in parse_template(text) if isinstance(part, Ref)]


def template_text(parts: Iterable[Part]) -> str:
    """The text that a template was read from."""
    return "".join([part if isinstance(part, str) else f"@{part.written()}@" for part in parts])


def without_types(parts: Parts) -> Parts:
    """The parts as rules 1 of the language read them: `@7_stdout:int@`, `@7_stdout?@` and `@host.rack@` are text, and
    `@host@` is a global."""
    return tuple([part if isinstance(part, str) else _by_first_rules(part) for part in parts])


def _by_first_rules(ref: Ref) -> Part:
    if ref.type is not None or ref.optional or "." in ref.name:
        return f"@{ref.written()}@"
    return ref._replace(field=None) if is_host(ref) else ref
