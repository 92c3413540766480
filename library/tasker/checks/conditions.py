"""Conditions and `next`: what they say, and whether there is anything to read where they are (docs/language.md §5)."""

from __future__ import annotations

from tasker.checks.context import MEMBERS, CheckContext
from tasker.language.conditions.expression import Condition, ConditionError
from tasker.language.conditions.expression import parse_condition as parse
from tasker.language.conditions.predicates import Block
from tasker.language.fields import BLOCKS, CONDITIONS, FANOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.language.conditions.predicates import Predicate
    from tasker.protocol.types import Task

PARSED: dict[str, Condition | ConditionError] = {}
MOST = 20_000  # texts that are kept; a stage may live long


def check_conditions(sheet: CheckContext, task: Task) -> None:
    """Every condition of a task."""
    for field, text in sheet.written(task):
        if field in CONDITIONS:
            begin, condition = condition_in(field, text)
            if condition is not None:
                _condition(sheet, task, field, condition, begin)


def condition_in(field: str, text: str) -> tuple[int, str | None]:
    """Where in a field its condition begins, and its text; None where there is none."""
    if field != "next":
        return 0, text
    if text in ("always", "never", "loop"):
        return 0, None
    word, sign, rest = text.partition("&")
    if sign and word.rstrip() == "loop":
        return len(word) + 1, rest
    return 0, text


def _condition(sheet: CheckContext, task: Task, field: str, text: str, begin: int) -> None:
    read = parse_condition(text)
    if isinstance(read, ConditionError):
        sheet.say("T020", f"cannot read '{field}': {read.message}", read.fix, task, field, offset=begin + read.offset)
        return
    tests = list(read.tests())
    if field == "stop_on" and (len(tests) != 1 or text != tests[0].text):
        message = "'stop_on' takes one block test, since of several nobody can say early that they cannot be met"
        sheet.say("T022", message, "write stop_on=max_failed=2, for example", task, field)
        return
    for test in tests:
        for rule in TESTS:
            if rule(sheet, task, field, test, begin + test.offset):
                break


def parse_condition(text: str) -> Condition | ConditionError:
    """The condition that a text says, or what is wrong with it. Many tasks have the same one."""
    if text not in PARSED:
        if len(PARSED) >= MOST:
            PARSED.clear()
        try:
            PARSED[text] = parse(text)
        except ConditionError as error:
            PARSED[text] = error
    return PARSED[text]


def _before_run(sheet: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """`condition` is decided before the run."""
    if field != "condition" or test.reads not in ("result", "block"):
        return False
    message = f"'{test.text}' has nothing to read in 'condition': the task has not run yet"
    fix = "test what an earlier task left, as in @0_exit_code@=0"
    sheet.say("T021", message, fix, task, field, offset=offset)
    return True


def _block_test(sheet: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """Tests of subtasks belong into the `next` of a block."""
    kind = sheet.kinds[task["task"]]
    if test.reads != "block" or field == "stop_on" or (field == "next" and kind in ("", *BLOCKS, FANOUT)):
        return False
    message = f"'{test.text}' tests the tasks of a block, and stands in '{field}' of task {task['task']}"
    fix = "it is for 'next' of a block; for one task use success or exit_0"
    sheet.say("T022", message, fix, task, field, offset=offset)
    return True


def _threshold(sheet: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """More successes or failures than there are tasks."""
    if not isinstance(test, Block) or test.number is None or not test.name.startswith("min_"):
        return False
    if sheet.kinds[task["task"]] not in (*BLOCKS, FANOUT):
        return False
    size, digits = _size(sheet, task), test.number.lstrip("0") or "0"
    if size == 0 or (len(digits) < 10 and int(digits) <= size):
        return False
    what = "one task" if size == 1 else f"{size} tasks"
    message = f"'{test.text}' can never be met: the block has {what}"
    sheet.say("T023", message, f"ask for {size} at most", task, field, offset=offset)
    return True


def _size(sheet: CheckContext, task: Task) -> int:
    """How many subtasks run in a block at most."""
    if "hosts" in task:
        return len(task.get("targets", ()))
    return max(len(sheet.book.members(task, field)) for field in MEMBERS[sheet.kinds[task["task"]]])


def _stop(sheet: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """`stop_on` counts members while they run: block tests alone have something to say then."""
    if field != "stop_on" or test.reads == "block":
        return False
    message = f"'{test.text}' cannot stand in 'stop_on'"
    sheet.say("T022", message, "it takes block tests, as stop_on=max_failed=2", task, field, offset=offset)
    return True


TESTS: tuple[Callable[[CheckContext, Task, str, Predicate, int], bool], ...] = (
    _stop,
    _before_run,
    _block_test,
    _threshold,
)
