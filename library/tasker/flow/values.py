"""What variables are worth at run time, and what conditions say of them (docs/language.md §4, §5)."""

from __future__ import annotations

from tasker.language import template
from tasker.language.conditions import expression
from tasker.language.variables import NO_TEXT, Missing
from tasker.text.masking import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.flow.run_state import RunState
    from tasker.flow.types import FilledField, TaskRecord
    from tasker.language.template import Ref
    from tasker.protocol.types import Task


def value_of(run: RunState, ref: Ref) -> str:
    """The text of a variable. Raises Missing."""
    if ref.task is None and ref.name in run.book.globals.secrets:
        raise Missing(NO_TEXT.format(ref.name), "secret")
    if ref.task is None:
        return "".join(p if isinstance(p, str) else value_of(run, p) for p in run.book.globals.expand((ref,)))
    if run.dry_run:
        raise Missing(f"@{ref.name}@ is not known in a dry run", "dry")
    record = run.records.get(ref.task)
    if record is None:
        raise Missing(f"@{ref.name}@ has no value: task {ref.task} did not run")
    return _text_of(record, ref)


def _text_of(record: TaskRecord, ref: Ref) -> str:
    field = "exit_code" if ref.field == "exit" else ref.field or ""
    for sign, why in (("cut", "is over 1 MiB, and only its ends were kept"), ("escaped", "is not UTF-8 text")):
        if record.get(f"{field}_{sign}"):
            raise Missing(f"@{ref.name}@ cannot be used: it {why}")
    found = record.get(field)
    if found is None:
        whys = {
            "not_started": f": task {ref.task} was not started",
            "unknown": f": task {ref.task} may have run or not",
        }
        raise Missing(f"@{ref.name}@ has no value{whys.get(record.get('outcome', ''), '')}")
    return str(found).rstrip("\n")


def expand_globals(run: RunState, task: Task, field: FilledField) -> tuple[str | Ref, ...]:
    """The parts of a field with its globals put in: text, outputs and secrets."""
    return run.book.globals.expand(template.parse_template(task.get(field, "")))


def make_argument(run: RunState, parts: Iterable[str | Ref], hidden: list[tuple[int, str]] | None = None) -> str:
    """One argument: outputs put in as they are. Raises Missing where one has no value or holds a NUL.

    hidden: a list for (place, name) of each secret, for which there is a mask; None where no secret may be.
    """
    made: list[str] = []
    for part in parts:
        if isinstance(part, str):
            made.append(part)
        elif part.task is None and hidden is not None:
            hidden.append((sum(map(len, made)), part.name))
            made.append(MASK)
        elif run.dry_run:
            made.append(f"@{part.name}@")
        else:
            text = value_of(run, part)
            if "\0" in text:
                raise Missing(f"@{part.name}@ holds a NUL, which no argument can")
            made.append(text)
    return "".join(made)


def fill(run: RunState, task: Task, field: FilledField) -> str:
    """A field as one text, all values put in. Raises Missing."""
    return make_argument(run, expand_globals(run, task, field))


def verdict_of(run: RunState, number: int, field: str, result: TaskRecord | None = None) -> expression.Verdict:
    """The verdict of a task's condition; `result` is what its tests may read, None before the run.

    Raises LookupError where the task has none in this field.
    """
    condition = run.book.condition(number, field)
    if condition is None:
        raise LookupError(f"task {number} has no condition in '{field}'")

    def lookup(ref: Ref) -> str:
        try:
            return value_of(run, ref)
        except Missing as missing:
            raise expression.Unknown(missing.reason) from None

    found = condition.evaluate(expression.Context(None if run.dry_run else result, lookup))
    if run.dry_run:
        return found
    if found.truth is None:
        text = f"Task {number}: {field} cannot be decided: {found.because}"
        run.note("WARN", text, "unknown", task=number, field=field, truth=None, because=found.because)
    else:
        text = f"Task {number}: {field} is {'true' if found.truth else 'false'}: {found.because}"
        run.note("DEBUG", text, "verdict", task=number, field=field, truth=found.truth, because=found.because)
    return found


def is_satisfied(run: RunState, found: expression.Verdict) -> bool:
    """Is it true? What cannot be decided lets nothing run, but in a dry run shows the way."""
    return run.dry_run if found.truth is None else found.truth
