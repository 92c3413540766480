"""Failures that count as handled by conditions which cannot see them (docs/language.md §6, unhandled failures).

`success=exit_0|exit_1` makes 2 a failure. A condition `@0_exit_code@=1` of another task is false after 2, as it is
after 0: it was not written for the failure. Only a hint, since the text of the file decides what is handled.
"""

from __future__ import annotations

from tasker.checks import conditions
from tasker.language.conditions.context import Context, Unknown
from tasker.language.conditions.expression import Condition
from tasker.language.conditions.predicates import Constant, ExitCode, Success, Variable
from tasker.language.fields import CONDITION_FIELDS, TASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

    _Reading: TypeAlias = tuple[Task, str, Variable, int]  # task, field, the test, its offset in the field

CODES = range(256)


def check_handled_failures(context: CheckContext) -> None:
    """Each task with an own `success` or `failure` whose failure only conditions on its exit code handle."""
    index = context.index
    own = {number for number, task in index.tasks.items() if "success" in task or "failure" in task}
    own = {number for number in own if index.kind(index.tasks[number]) == TASK and number in index.tested()}
    if not own or index.rules < 2:
        return
    readings: dict[int, list[_Reading]] = {}
    for reading in _readings(context):
        readings.setdefault(reading[2].ref.task or 0, []).append(reading)
    for number in sorted(own & readings.keys()):
        task = index.tasks[number]
        handled_elsewhere = "on_failure" in task or index.next_kind(task) in ("always", "condition")
        if handled_elsewhere or not index.is_handled(number):
            continue
        good = _good_codes(context, task)
        if good and all(_is_blind(test, good) for _, _, test, _ in readings[number]):
            reader, field, test, offset = readings[number][0]
            message = f"'{test.text}' cannot tell a failure of task {number} from a success, and counts as handling it"
            fix = f"test @{number}_success@, or write on_failure= into task {number}"
            context.report("T029", message, fix, reader, field, offset=offset)


def _readings(context: CheckContext) -> Iterator[_Reading]:
    """What conditions of other tasks test about the outcome of a task."""
    for task in context.index.tasks.values():
        for field, text in context.fields_of(task, CONDITION_FIELDS):
            if "@" not in text:
                continue
            begin, condition = conditions.condition_in(field, text)
            read = conditions.parse_condition(condition, context.index.rules) if condition else None
            for test in read.tests() if isinstance(read, Condition) else ():
                if not isinstance(test, Variable) or test.ref.task in (None, task["task"]):
                    continue
                if test.ref.field in ("success", "exit_code", "exit"):
                    yield task, field, test, begin + test.offset


def _good_codes(context: CheckContext, task: Task) -> set[int]:
    """The exit codes that are a success of a task; none where more than the exit code decides."""
    field = "success" if "success" in task else "failure"
    read = conditions.parse_condition(context.index.text(task, field), context.index.rules)
    if not isinstance(read, Condition):
        return set()
    if not all(isinstance(test, Constant | ExitCode | Success) for test in read.tests()):
        return set()
    wanted = field == "success"
    return {code for code in CODES if read.evaluate(Context({"exit_code": code})).truth is wanted}


def _is_blind(test: Variable, good: set[int]) -> bool:
    """Has the test, after every failure, a verdict that it can have after a success too?"""
    how = test.how
    if test.ref.field == "success" or how is None or not how.wanted or test.ref.type is not None:
        return False
    (wanted, *more) = how.wanted
    if more or not isinstance(wanted, str):
        return False
    try:
        verdicts = {code: how.holds(str(code), wanted, Context(), test.ref) for code in CODES}
    except Unknown:
        return False
    return {verdicts[code] for code in CODES if code not in good} <= {verdicts[code] for code in good}
