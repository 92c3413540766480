"""The values of variables at run time, and the verdicts of conditions (docs/language.md §4, §5)."""

from __future__ import annotations

from tasker.language import template
from tasker.language.conditions.context import Context, Unknown, quote, show_value
from tasker.language.fields import OUTPUT_FILES
from tasker.language.variables import NO_TEXT, Missing, given_text, touching_signs
from tasker.protocol.exit_codes import SKIPPED
from tasker.text.masking import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from tasker.flow.run_state import RunState
    from tasker.flow.types import FilledField, TaskRecord
    from tasker.language.conditions.expression import Verdict
    from tasker.language.template import Ref
    from tasker.protocol.types import Task

    HostValue: TypeAlias = Callable[[Ref], str]  # raises Missing


def value_of(run: RunState, ref: Ref, host_value: HostValue | None = None) -> str:
    """The value of a variable. Raises Missing with the reason why it has none, or none of its type.

    host_value: gives that of `@host@` and `@host.NAME@`, where they do not have it with them.
    """
    if template.is_parameter(ref):
        return given_text(ref)
    if ref.type is None and not ref.optional:
        return _plain_value(run, ref, host_value)
    if run.index.rules == 1:
        return f"@{ref.written()}@"  # it was no variable then
    text = _plain_value(run, ref, host_value)
    if ref.type is None or (not text and ref.optional and not was_skipped(run, ref)):
        return text
    from tasker.language import value_types  # here, because few values have a type

    try:
        return value_types.typed_value(ref.type, text)
    except ValueError as error:
        raise Missing(f"@{ref.name}@ is {quote(text)}, {error}", "type") from None


def _plain_value(run: RunState, ref: Ref, host_value: HostValue | None) -> str:
    if template.is_host(ref) and not run.index.globals.defines(ref.name):
        if ref.given is not None:
            return ref.given
        if host_value is None:
            raise Missing(f"@{ref.name}@ has no value here: there is no host", template.HOST)
        return host_value(ref)
    if ref.task is None and ref.name in run.index.globals.secrets:
        raise Missing(NO_TEXT.format(ref.name), "secret")
    if ref.task is None:
        parts = run.index.globals.expand((ref._replace(type=None, optional=False),))
        return "".join(part if isinstance(part, str) else value_of(run, part, host_value) for part in parts)
    if run.is_guessed(ref.task):
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
        kept = ": the stream was not kept whole" if field in OUTPUT_FILES else ""
        whys = {
            "not_started": f": task {ref.task} was not started",
            "unknown": f": the outcome of task {ref.task} is unknown",
            "skipped": f": task {ref.task} was skipped",
        }
        raise Missing(f"@{ref.name}@ has no value{whys.get(record.get('outcome', ''), kept)}")
    return str(found).rstrip("\n")


def was_skipped(run: RunState, ref: Ref) -> bool:
    """Was the task of this output skipped? Of a global: that of any output in it."""
    if ref.task is not None:
        return run.records.get(ref.task, {}).get("exit_code") == SKIPPED
    parts = run.index.globals.expand((ref._replace(type=None, optional=False),))
    return any(part.task is not None and was_skipped(run, part) for part in parts if not isinstance(part, str))


def require_value(run: RunState, ref: Ref, word: str) -> None:
    """Raise Missing: in this word, the output may not be empty. With a `?`, that of a task that ran may."""
    if was_skipped(run, ref):
        raise Missing(f"@{ref.name}@ has no value: task {ref.task} was skipped; it is a part of '{show_value(word)}'")
    if not ref.optional:
        way = f"write @{ref._replace(optional=True).written()}@ if it may be empty"
        raise Missing(f"@{ref.name}@ is empty, and a part of '{show_value(word)}': {way}")


def expand_globals(run: RunState, task: Task, field: FilledField) -> tuple[str | Ref, ...]:
    """The parts of a field with its globals expanded: text, outputs and secrets. `@host@` has its value with it.

    Raises Missing for a host, or a variable of it, that has no value.
    """
    written = task.get(field, "")
    if "@" not in written:  # no variable, and no `@@`
        return (written,) if written else ()
    parts = run.index.globals.expand(template.parse_template(written))
    if any(not isinstance(part, str) and template.is_host(part) for part in parts):
        from tasker.flow import host_values  # here, because few fields have any

        return host_values.fill(run, task, field, parts, fill_field)
    return parts


def make_argument(run: RunState, parts: Sequence[str | Ref], hidden: list[tuple[int, str]] | None = None) -> str:
    """One argument, with outputs as they are. Raises Missing if one has no value or contains a NUL byte.

    An empty one has no value where it touches another character (docs/language.md §4).
    hidden: gets (offset, name) of each secret; the argument has a mask there. None where no secret may be.
    """
    if len(parts) == 1 and isinstance(parts[0], str):  # most
        return parts[0]
    made: list[str] = []
    for place, part in enumerate(parts):
        if isinstance(part, str):
            made.append(part)
        elif part.task is None and part.field is None and hidden is not None:
            hidden.append((sum(map(len, made)), part.name))
            made.append(MASK)
        elif (part.task is not None and run.is_guessed(part.task)) or (
            run.dry_run and part.given is None and template.is_host(part)
        ):
            made.append(f"@{part.written()}@")
        else:
            text = value_of(run, part)
            if not text and len(parts) > 1 and run.index.rules > 1 and touching_signs(parts, place):
                require_value(run, part, template.template_text(parts))
            if "\0" in text:
                raise Missing(f"@{part.name}@ contains a NUL byte, which no argument can contain")
            made.append(text)
    return "".join(made)


def fill_field(run: RunState, task: Task, field: FilledField) -> str:
    """A field as one text, with all values. Raises Missing."""
    return make_argument(run, expand_globals(run, task, field))


def verdict_of(run: RunState, number: int, field: str, result: TaskRecord | None = None) -> Verdict:
    """The verdict of a condition of a task. result: what its tests can read, None before the run.

    Raises LookupError if the task has no condition in this field.
    """
    found = quiet_verdict_of(run, number, field, result)
    if run.dry_run:
        return found
    if found.truth is None:
        text = f"{run.called(number)}: {field} cannot be decided: {found.because}"
        run.note("WARN", text, "unknown", task=number, field=field, truth=None, because=found.because)
    else:
        text = f"{run.called(number)}: {field} is {'true' if found.truth else 'false'}: {found.because}"
        run.note("DEBUG", text, "verdict", task=number, field=field, truth=found.truth, because=found.because)
    return found


def quiet_verdict_of(run: RunState, number: int, field: str, result: TaskRecord | None = None) -> Verdict:
    """The same without a note."""
    condition = run.index.condition(number, field)
    if condition is None:
        raise LookupError(f"task {number} has no condition in '{field}'")

    def host_value(ref: Ref) -> str:
        from tasker.flow import host_values  # here, because few conditions have any

        return host_values.value_in_condition(run, number, field, result, ref, fill_field)

    def lookup(ref: Ref) -> str:
        try:
            return value_of(run, ref, host_value)
        except Missing as missing:
            raise Unknown(missing.reason) from None

    def origin(ref: Ref) -> Ref:
        if ref.task is not None:
            return ref
        parts = run.index.globals.expand((ref,))
        return parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else ref

    context = Context(None if run.dry_run else result, lookup, run.index.rules, run.records.get, origin)
    return condition.evaluate(context)


def is_satisfied(run: RunState, found: Verdict) -> bool:
    """Is the verdict true? Unknown counts as false, and in a dry run as true, so that the task is shown."""
    return run.dry_run if found.truth is None else found.truth
