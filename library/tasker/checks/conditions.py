"""Conditions and `next`: are they valid, and can their tests be evaluated where they are? (docs/language.md §5)"""

from __future__ import annotations

from tasker.checks.context import MEMBERS, CheckContext
from tasker.language.conditions.expression import Condition, ConditionError
from tasker.language.conditions.expression import parse_condition as parse
from tasker.language.conditions.predicates import Block
from tasker.language.fields import BLOCKS, CONDITIONS, FANOUT
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.language.conditions.predicates import Predicate
    from tasker.protocol.types import Task

JOINS = Pattern(r" (and|or) ")
PARSED: dict[str, Condition | ConditionError] = {}
MAX_CACHED = 20_000  # conditions; a stage may live long


def check_conditions(context: CheckContext, task: Task) -> None:
    """Every condition of a task."""
    for field, text in context.fields_of(task):
        if field in CONDITIONS:
            begin, condition = condition_in(field, text)
            if condition is not None:
                _check_condition(context, task, field, condition, begin)


def condition_in(field: str, text: str) -> tuple[int, str | None]:
    """The offset of the condition in a field, and its text; None if there is none."""
    if field != "next":
        return 0, text
    if text in ("always", "never", "loop"):
        return 0, None
    word, sign, rest = text.partition("&")
    if sign and word.rstrip() == "loop":
        return len(word) + 1, rest
    return 0, text


def _check_condition(context: CheckContext, task: Task, field: str, text: str, begin: int) -> None:
    read = parse_condition(text)
    if isinstance(read, ConditionError):
        message, fix = f"invalid condition in '{field}': {read.message}", read.fix
        if field == "next" and text.strip().isdecimal():
            message = f"'next' takes a condition, not the number of a task: {text.strip()}"
            fix = f"write on_success={text.strip().lstrip('0') or '0'}"
        context.report("T020", message, fix, task, field, offset=begin + read.offset)
        return
    tests = list(read.tests())
    if field == "stop_on" and (len(tests) != 1 or text != tests[0].text):
        message = "'stop_on' takes a single block test"
        context.report("T022", message, "give one block test alone, as in stop_on=max_failed=2", task, field)
        return
    for test in tests:
        _check_small_letters(context, task, field, test, begin + test.offset)
        for rule in TEST_RULES:
            if rule(context, task, field, test, begin + test.offset):
                break


def parse_condition(text: str) -> Condition | ConditionError:
    """The parsed condition, or its error. Cached, because many tasks have the same condition."""
    if text not in PARSED:
        if len(PARSED) >= MAX_CACHED:
            PARSED.clear()
        try:
            PARSED[text] = parse(text)
        except ConditionError as error:
            PARSED[text] = error
    return PARSED[text]


def _check_small_letters(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> None:
    """`and` and `or` in small letters are text, and were probably meant to join tests."""
    if '"' not in test.text and (" and " in test.text or " or " in test.text) and (found := JOINS.search(test.text)):
        word = found[1]
        message = f"'{word}' is a part of the text here: {word.upper()} in capitals joins tests"
        fix = f"write {word.upper()}, or put the text into double quotes"
        context.report("T024", message, fix, task, field, offset=offset + found.start(1))


def _check_before_run(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """`condition` is evaluated before the run."""
    if field != "condition" or test.reads not in ("result", "block"):
        return False
    message = f"'{test.text}' cannot be tested in 'condition': the task has not run yet"
    fix = "test the result of an earlier task, as in @0_exit_code@=0"
    context.report("T021", message, fix, task, field, offset=offset)
    return True


def _check_block_test(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """Block tests belong in the `next` of a block."""
    kind = context.kinds[task["task"]]
    if test.reads != "block" or field == "stop_on" or (field == "next" and kind in ("", *BLOCKS, FANOUT)):
        return False
    message = f"'{test.text}' counts the members of a block: it cannot be used in '{field}' of task {task['task']}"
    fix = "use it in 'next' of a block; for one task use success or exit_0"
    context.report("T022", message, fix, task, field, offset=offset)
    return True


def _check_threshold(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """A threshold above the number of members."""
    if not isinstance(test, Block) or test.number is None or not test.name.startswith("min_"):
        return False
    if context.kinds[task["task"]] not in (*BLOCKS, FANOUT):
        return False
    size, digits = _most_members(context, task), test.number.lstrip("0") or "0"
    if size == 0 or (len(digits) < 10 and int(digits) <= size):
        return False
    what = "one task" if size == 1 else f"{size} tasks"
    message = f"'{test.text}' can never be met: the block has {what}"
    context.report("T023", message, f"write {test.name}={size}", task, field, offset=offset)
    return True


def _most_members(context: CheckContext, task: Task) -> int:
    """The largest number of members that can run in a block."""
    if "hosts" in task:
        return len(task.get("targets", ()))
    return max(len(context.index.members(task, field)) for field in MEMBERS[context.kinds[task["task"]]])


def _check_stop_on(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """`stop_on` counts members while they run, so only block tests can be used."""
    if field != "stop_on" or test.reads == "block":
        return False
    message = f"'{test.text}' cannot be used in 'stop_on'"
    context.report("T022", message, "use a block test, as in stop_on=max_failed=2", task, field, offset=offset)
    return True


TEST_RULES: tuple[Callable[[CheckContext, Task, str, Predicate, int], bool], ...] = (
    _check_stop_on,
    _check_before_run,
    _check_block_test,
    _check_threshold,
)
