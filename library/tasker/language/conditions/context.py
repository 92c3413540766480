"""What a condition is evaluated with: a result and variables. A missing value is Unknown, with a reason.

The values come from hosts. A reason shows a value in quotes, escaped and shortened, so that no value can look like
the rest of the reason.
"""

from __future__ import annotations

from tasker.language.template import Ref
from tasker.text.named_tuple import NamedTuple
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tasker.language.template import Part

WIDTH = 60  # characters of a value that a reason shows


class Unknown(Exception):
    """A test cannot be decided. reason: for people, such as "@7_stdout@ has no value: task 7 did not run"."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class ConditionError(ValueError):
    """An invalid condition. offset: in characters, from its start. fix: what to do, or ""."""

    def __init__(self, message: str, offset: int, fix: str = ""):
        super().__init__(message)
        self.message, self.offset, self.fix = message, offset, fix


def no_value(ref: Ref) -> str:
    raise Unknown(f"@{show_value(ref.name)}@ has no value")


def no_record(number: int) -> None:
    """Nothing is known of any task."""


def itself(ref: Ref) -> Ref:
    return ref


class Context(NamedTuple):
    """What a condition is evaluated with. lookup: returns the value of a variable, or raises Unknown.

    rules: of the language (WorkflowIndex.rules). record: number of a task -> what its last run left, with the keys of a
    result, or None. origin: the output that a global stands for, else the variable itself.
    """

    result: Mapping[str, object] | None = None
    lookup: Callable[[Ref], str] = no_value
    rules: int = 3
    record: Callable[[int], Mapping[str, object] | None] = no_record
    origin: Callable[[Ref], Ref] = itself


def show_value(text: str) -> str:
    """Author text on one printable line, shortened."""
    return printable(shorten(text, WIDTH))


def quote(value: str) -> str:
    """A value in quotes that nothing inside it can end: repr escapes quotes and all that is not printable."""
    return repr(shorten(value, WIDTH))


def variables(parts: Iterable[Part] | None) -> tuple[Ref, ...]:
    return tuple([part for part in parts or () if isinstance(part, Ref)])


def fill_text(parts: Iterable[Part], context: Context) -> tuple[str, str]:
    """The text with the values of its variables, and what a reason adds about it if it has variables."""
    text = "".join(part if isinstance(part, str) else context.lookup(part) for part in parts)
    return text, f", the text is {quote(text)}" if variables(parts) else ""


def result_value(context: Context) -> Mapping[str, object]:
    if context.result is None:
        raise Unknown("the task has not run")
    return context.result


def number_value(context: Context, key: str) -> int:
    found = result_value(context).get(key)
    if type(found) is not int:  # a bool is not a number here
        raise Unknown(f"there is no {key}")
    return found


def stream_value(document: Mapping[str, object], name: str) -> tuple[str, str | None]:
    """The stream in a result and None, or its head and its tail if it was cut. Trailing newlines are removed."""
    value, end = document.get(name), document.get(f"{name}_end", "")
    if not isinstance(value, str) or not isinstance(end, str):
        raise Unknown(f"there is no {name}")
    if document.get(f"{name}_cut"):
        return value, end.rstrip("\n")
    return value.rstrip("\n"), None
