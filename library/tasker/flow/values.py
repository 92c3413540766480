"""The values of variables at run time, and the verdicts of conditions (docs/language.md §4, §5)."""

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
    """The value of a variable. Raises Missing with the reason why it has none."""
    if ref.task is None and ref.name in run.index.globals.secrets:
        raise Missing(NO_TEXT.format(ref.name), "secret")
    if ref.task is None:
        return "".join(p if isinstance(p, str) else value_of(run, p) for p in run.index.globals.expand((ref,)))
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
            "unknown": f": the outcome of task {ref.task} is unknown",
        }
        raise Missing(f"@{ref.name}@ has no value{whys.get(record.get('outcome', ''), '')}")
    return str(found).rstrip("\n")


def expand_globals(run: RunState, task: Task, field: FilledField) -> tuple[str | Ref, ...]:
    """The parts of a field with its globals expanded: text, outputs and secrets."""
    return run.index.globals.expand(template.parse_template(task.get(field, "")))


def make_argument(run: RunState, parts: Iterable[str | Ref], hidden: list[tuple[int, str]] | None = None) -> str:
    """One argument, with outputs as they are. Raises Missing if one has no value or contains a NUL byte.

    hidden: gets (offset, name) of each secret; the argument has a mask there. None where no secret may be.
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
                raise Missing(f"@{part.name}@ contains a NUL byte, which no argument can contain")
            made.append(text)
    return "".join(made)


def fill_field(run: RunState, task: Task, field: FilledField) -> str:
    """A field as one text, with all values. Raises Missing."""
    return make_argument(run, expand_globals(run, task, field))


def verdict_of(run: RunState, number: int, field: str, result: TaskRecord | None = None) -> expression.Verdict:
    """The verdict of a condition of a task. result: what its tests can read, None before the run.

    Raises LookupError if the task has no condition in this field.
    """
    condition = run.index.condition(number, field)
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
    """Is the verdict true? Unknown counts as false, and in a dry run as true, so that the task is shown."""
    return run.dry_run if found.truth is None else found.truth
