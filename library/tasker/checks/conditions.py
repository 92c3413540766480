"""Conditions and `next`: are they valid, and can their tests be evaluated where they are? (docs/language.md §5)"""

from __future__ import annotations

from tasker.checks.context import MEMBERS, CheckContext
from tasker.language.conditions import decimals
from tasker.language.conditions.context import Context, Unknown, fill_text, quote
from tasker.language.conditions.expression import Condition, ConditionError
from tasker.language.conditions.expression import parse_condition as parse
from tasker.language.conditions.predicates import (
    NAMES,
    TRUTHS,
    Block,
    Constant,
    Count,
    ExitCode,
    Stream,
    Success,
    Variable,
)
from tasker.language.fields import BLOCKS, CONDITION_FIELDS, DECISION, FANOUT
from tasker.language.template import template_text
from tasker.language.workflow_index import PLAIN_CONDITION
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.language.conditions.predicates import Predicate
    from tasker.language.template import Ref
    from tasker.protocol.types import Task

    TestRules: TypeAlias = tuple[Callable[[CheckContext, Task, str, Predicate, int], bool], ...]

SIGNS = Pattern(r"[~=!<>]=?")  # of comparisons, at the beginning of a text
JOINS = Pattern(r" (and|or) ")
PARSED: dict[tuple[str, int], Condition | ConditionError] = {}
SAME = {"=": True, "~": True, "!=": False, "!~": False}  # the verdict when both sides are the same
ABOUT_OWN_RUN = ("next", "loop_break", "failure")  # in which every test of a result has a meaning
JUDGING = ("next", "success")  # in which a block test may stand, of a block or fan-out
COUNTING = {"stop_on": "stop_on=max_failed=2", "wave_next": "wave_next=max_failed=1"}  # field: an example
ORDERED = ("<", "<=", ">", ">=")
MAX_CACHED = 20_000  # conditions; a stage may live long


def check_conditions(context: CheckContext, task: Task) -> None:
    """Every condition of a task."""
    for field, text in context.fields_of(task, CONDITION_FIELDS):
        if field in ABOUT_OWN_RUN and PLAIN_CONDITION.fullmatch(text) and context.kinds[task["task"]] != DECISION:
            continue  # nothing to report, as for most conditions
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
    read = parse_condition(text, context.index.rules)
    if isinstance(read, ConditionError):
        message, fix = f"invalid condition in '{field}': {read.message}", read.fix
        if field == "next" and text.strip().isdecimal():
            message = f"'next' takes a condition, not the number of a task: {text.strip()}"
            fix = f"write on_success={text.strip().lstrip('0') or '0'}"
        context.report("T020", message, fix, task, field, offset=begin + read.offset)
        return
    tests = list(read.tests())
    if field in COUNTING and (len(tests) != 1 or text != tests[0].text):
        message = f"'{field}' takes a single block test"
        context.report("T022", message, f"give one block test alone, as in {COUNTING[field]}", task, field)
        return
    _check_one_or_all(context, task, field, tests, begin)
    has_words = " and " in text or " or " in text
    is_special = field in SPECIAL_FIELDS or context.kinds[task["task"]] == DECISION
    for test in tests:
        if has_words:
            _check_small_letters(context, task, field, test, begin + test.offset)
        if isinstance(test, (Stream, Variable)):
            _check_signs(context, task, field, test, begin + test.offset)
        for rule in (*SPECIAL_RULES, *TEST_RULES[type(test)]) if is_special else TEST_RULES[type(test)]:
            if rule(context, task, field, test, begin + test.offset):
                break


def parse_condition(text: str, rules: int) -> Condition | ConditionError:
    """The parsed condition, or its error. Cached, because many tasks have the same condition."""
    key = text, rules
    if key not in PARSED:
        if len(PARSED) >= MAX_CACHED:
            PARSED.clear()
        try:
            PARSED[key] = parse(text, rules)
        except ConditionError as error:
            PARSED[key] = error
    return PARSED[key]


def _check_small_letters(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> None:
    """`and` and `or` in small letters are text, and were probably meant to join tests."""
    text = test.text
    quoted = '"' in text or text.endswith("'")
    if not quoted and (" and " in text or " or " in text) and (found := JOINS.search(text)):
        word = found[1]
        message = f"'{word}' is a part of the text here: {word.upper()} in capitals joins tests"
        fix = f"write {word.upper()}, or put the text into double quotes"
        context.report("T024", message, fix, task, field, offset=offset + found.start(1))


def _check_signs(context: CheckContext, task: Task, field: str, test: Stream | Variable, offset: int) -> None:
    """`stdout=~x` compares with the text `~x`, and a backslash at the end is a character of the text."""
    how = test.how
    if how is None or how.quoted or not how.wanted:
        return
    text = template_text(how.wanted)
    sign = SIGNS.match(text)
    if sign and (found := test.text.rfind(text)) > 0:
        message = f"'{test.text}' compares with the text {quote(text)}, which begins with the '{sign[0]}'"
        fix = "for a part of the output write ~ alone, as in stdout~text; put such a text into double quotes"
        context.report("T097", message, fix, task, field, offset=offset + found)
    elif (len(text) - len(text.rstrip("\\"))) % 2:
        message = f"the backslash at the end of '{test.text}' is a character of the text: no line is continued"
        fix = "remove it, or put the text into double quotes, with two backslashes for one"
        context.report("T098", message, fix, task, field, offset=offset + len(test.text) - 1)


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
    if test.reads != "block" or field in COUNTING or (field in JUDGING and kind in ("", *BLOCKS, FANOUT)):
        return False
    message = f"'{test.text}' counts the members of a block: it cannot be used in '{field}' of task {task['task']}"
    context.report("T022", message, _instead_of_block_test(task, field, test, kind), task, field, offset=offset)
    return True


def _instead_of_block_test(task: Task, field: str, test: Predicate, kind: str) -> str:
    if kind not in (*BLOCKS, FANOUT):
        if field in ("success", "failure"):  # it would define success by success
            return "remove it: it is one task; a block test stands in 'next' or 'success' of a block"
        one = "failure" if test.text.startswith(("min_failed", "max_success")) else "success"
        return f"it is one task: write {field}={one}; a block test stands in 'next' or 'success' of a block"
    if field != "loop_break" or not isinstance(test, Block):
        return "use it in 'next' of the block"
    # the counts of the run that has just ended
    good, bad = (f"@{task['task']}_{word}_count@" for word in ("success", "failed"))
    known = {"all_success": f"{bad}=0", "any_success": f"{good}>0", "majority_success": f"{good}>{bad}"}
    least, _, what = test.name.partition("_")
    written = f"{good if what == 'success' else bad}{'>=' if least == 'min' else '<='}{test.number}"
    return f"write loop_break={known.get(test.name, written)}"


def _check_success_of_block(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """What says whether a block has succeeded looks at its members, not at its own end, which is still open."""
    if field != "success" or not isinstance(test, (Success, ExitCode)):
        return False
    kind = context.kinds[task["task"]]
    if kind in BLOCKS:
        message = f"'{test.text}' cannot be tested in 'success' of a block: that decides it"
        context.report("T022", message, "use a block test, as in success=all_success", task, field, offset=offset)
        return True
    return False


def _check_one_or_all(context: CheckContext, task: Task, field: str, tests: list[Predicate], begin: int) -> None:
    """`success` of a fan-out is about each host, or, with block tests, about all of them: not about both."""
    if field != "success" or context.kinds[task["task"]] != FANOUT or all(test.reads != "block" for test in tests):
        return
    for test in tests:
        if test.reads == "result":
            message = f"'{test.text}' is about one host, and a block test in the same 'success' about all of them"
            fix = "leave here what decides for each host, and write the block test into next"
            context.report("T022", message, fix, task, field, offset=begin + test.offset)
            return


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
    """`stop_on` and `wave_next` count members, so only block tests can be used."""
    if field not in COUNTING or test.reads == "block":
        return False
    message = f"'{test.text}' cannot be used in '{field}'"
    context.report("T022", message, f"use a block test, as in {COUNTING[field]}", task, field, offset=offset)
    return True


def _check_decidable(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """A test that no value can decide, and a comparison that is false only because of capitals."""
    if context.index.rules < 2 or test.text in context.notes.decided or not isinstance(test, (Stream, Variable)):
        return False
    how, open_ = test.how, isinstance(test, Stream)
    if open_ and not test.refs and how is not None and how.type is None and how.sign not in ORDERED:
        return False

    def lookup(ref: Ref) -> str:
        nonlocal open_
        known = context.texts.known_text(f"@{ref.written()}@")
        if known is None or context.comes_from_outside(ref):  # what one call decides, another does otherwise
            open_ = True
            return "True" if _origin(context, ref).field == "success" else "1"  # what most tests can decide
        return known

    seen = Context({"stdout": "1", "stderr": "1"}, lookup, origin=lambda ref: _origin(context, ref))
    try:
        truth, _ = test.decide(seen)
    except Unknown as unknown:
        message = f"'{test.text}' can never be decided: {unknown.reason}"
        context.report("T025", message, _way_to_decide(context, test, seen), task, field, offset=offset)
        return True
    context.notes.decided.add(test.text)
    if open_ or not isinstance(test, Variable) or how is None or not how.wanted or truth is SAME.get(how.sign, truth):
        return False
    value, text = lookup(test.ref), fill_text(how.wanted, seen)[0]
    small, other = value.lower(), text.lower()
    if other == small if "=" in how.sign else other in small:
        context.notes.decided.discard(test.text)  # the hint is given wherever it stands
        message = f"'{test.text}' is {NAMES[truth]} only because of upper and lower case: the value is {quote(value)}"
        fix = f"case matters: write {text_as_in(value, text)}"
        context.report("T026", message, fix, task, field, offset=offset)
        return True
    return False


def text_as_in(value: str, text: str) -> str:
    """The text with the capitals that it has in a value."""
    begin = value.lower().find(text.lower())
    return value[begin : begin + len(text)]


def _origin(context: CheckContext, ref: Ref) -> Ref:
    """The output that a global stands for, else the variable itself."""
    if ref.task is not None:
        return ref
    parts = context.texts.expand(f"@{ref.name}@") or ()
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else ref


def _way_to_decide(context: CheckContext, test: Stream | Variable, seen: Context) -> str:
    """What to write instead of a test that can never be decided."""
    how = test.how
    if how is None:
        ref = test.refs[0]
        value = seen.lookup(ref)
        if value.lower() in TRUTHS:
            return f"did you mean {ref.name}={value.lower()}? true, yes, 1, false, no and 0 are truth values"
        if not isinstance(parse_condition(value, context.index.rules), ConditionError):
            return "write the condition itself here: a variable has a value, and is never read as a condition"
        return f"compare it with a text, as in @{ref.name}@={value or 'TEXT'}"
    text = fill_text(how.wanted or (), seen)[0]
    if any(_origin(context, ref).field == "success" for ref in test.refs):
        words = ("true", "false", "yes", "no") if len(text) > 2 and how.sign not in ORDERED else ()
        return context.suggest(text.lower(), words) or "compare it with true or false"
    if how.quoted:
        return "remove the quotes: numbers have none"
    from tasker.language import versions  # here, because few tests can never be decided

    if how.is_by_version():
        return "compare it with a version, as in >=2.10"
    if versions.is_version(text) and decimals.parse_decimal(text) is None and isinstance(test, (Stream, Variable)):
        name = f"@{test.ref.name}:version@" if isinstance(test, Variable) else f"{test.name}:version"
        return f"write a plain decimal number; to compare versions, write {name}{how.sign}{text}"
    return "write a plain decimal number: digits, with a sign and a point or without"


def _check_decision(context: CheckContext, task: Task, field: str, test: Predicate, offset: int) -> bool:
    """A decision has no result that its conditions could test."""
    if context.kinds[task["task"]] != DECISION:
        return False
    from tasker.checks import decisions  # here: few files have one

    return decisions.check_test(context, task, field, test, offset)


SPECIAL_FIELDS = ("condition", *COUNTING)
SPECIAL_RULES: TestRules = (_check_stop_on, _check_before_run, _check_decision)  # in these fields, and in decisions
TEST_RULES: dict[type[Predicate], TestRules] = {
    Block: (_check_block_test, _check_threshold),
    ExitCode: (_check_success_of_block,),
    Success: (_check_success_of_block,),
    Stream: (_check_decidable,),
    Variable: (_check_decidable,),
    Constant: (),
    Count: (),
}
