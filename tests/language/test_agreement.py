"""Two readers of conditions, written apart, agree: language/conditions/expression.py, tests/support/second_opinion.py.

`TASKER_SWEEP=100000` asks that many cases instead of 3,000; `TASKER_SEED=7` asks others.
"""

import os
import re
from collections import Counter
from itertools import islice

import pytest
import second_opinion
from expressions import cases

from tasker.language.conditions.expression import ConditionError, Context, Unknown, parse_condition

CASES = int(os.environ.get("TASKER_SWEEP", "3000"))
SEED = int(os.environ.get("TASKER_SEED", "1"))
ERROR = "error"
RAN = {"exit_code": 0, "stdout": "ready\nset\n", "stderr": "", "success": False}
BLOCK = {"success_count": 2, "failed_count": 1, "skipped_count": 9}
IDLE = {"success_count": 0, "failed_count": 0}
VALUES = {"A": "a|b", "N": "5", "EMPTY": "", "7_stdout": "@A@"}
KNOWN = [
    ("exit_0", RAN, True),
    ("exit_not_0|failure", RAN, True),
    ("exit_256", RAN, ERROR),
    ("exit_0", None, None),
    ("true|false&false", None, True),
    ("(true|false)&false", None, False),
    ("!false & false OR NOT (true AND false)", None, True),
    ("!!true", None, ERROR),
    ("true&", None, ERROR),
    ("exit_1&all_success", RAN, False),
    ("exit_1|all_success", RAN, None),
    ("stdout=ready\nset & stdout!~ & stderr~", RAN, True),
    ("stdout_count=2&stderr_count<1", RAN, True),
    ("stdout<5", RAN, None),
    ("stdout<", RAN, ERROR),
    ("stdout~(x)", RAN, False),
    ('stderr~""&!stdout~""', RAN, True),
    ("true AND", RAN, ERROR),
    ("stdout~ready AND", RAN, ERROR),
    ("NOT(true)", None, False),
    ('@A@="a|b"', None, True),
    ("@A@=a|b", None, ERROR),
    ('@A@="a|b" c', None, ERROR),
    ("@A@~@7_stdout@", None, False),
    ("@7_stdout@=@7_stdout@", None, True),
    ("@N@==5.0&@N@>=+05&@N@!=5x", None, True),
    ("@EMPTY@=&!@EMPTY@", None, True),
    ("@N@", None, None),
    ("@N@>.5&@N@!=.5", None, True),
    ("@N@<5.0000000000000000000000001", None, True),
    ("@GONE@=|true", None, True),
    ("@GONE@=", None, None),
    ("any_success&majority_success&!all_success", BLOCK, True),
    ("min_success=2&max_success=2&min_failed=1&max_failed=1", BLOCK, True),
    ("all_success&!any_success&!min_success=0&!max_failed=0", IDLE, True),
    ("(" * 100 + "true" + ")" * 100, None, True),
    ("(" * 101 + "true" + ")" * 101, None, ERROR),
]


def filled_in_first(expression, result, variables):
    """A wrong reader: values become part of what is read, so that an output can hold operators."""
    filled = re.sub(second_opinion.NAME, lambda found: variables.get(found[0][1:-1], found[0]), expression)
    return oracle(filled, result, variables)


WRONG = {
    "unknown is false": lambda *case: oracle(*case) or False,
    "errors are false": lambda *case: oracle(*case) in (True, None) and oracle(*case),
    "case does not matter in values": lambda e, r, v: oracle(e, r, {k: v[k].lower() for k in v}),
    "blanks around a value do not count": lambda e, r, v: oracle(e, r, {k: v[k].strip() for k in v}),
    "before a run, exit code 0": lambda e, r, v: oracle(e, r or {"exit_code": 0}, v),
    "a missing value is empty": lambda e, r, v: oracle(e, r, {"MISSING": "", **v}),
    "success is exit_0": lambda e, r, v: oracle(e, r and {k: r[k] for k in r if k != "success"}, v),
    "skipped subtasks failed": lambda e, r, v: oracle(e, r and {**r, "failed_count": r.get("skipped_count")}, v),
    "and, or in small letters": lambda e, r, v: oracle(e.replace(" and ", " AND "), r, v),
    "a quote may stand anywhere": lambda e, r, v: oracle(re.sub(r'"([^"]*)"', r"\1", e), r, v),
    "values are filled in first": filled_in_first,
}


def engine(expression, result, variables):
    """What the condition engine answers: True, False, None for unknown, or ERROR."""

    def lookup(ref):
        if ref.name not in variables:
            raise Unknown(f"@{ref.name}@ has no value")
        return variables[ref.name]

    try:
        return parse_condition(expression).evaluate(Context(result, lookup)).truth
    except ConditionError:
        return ERROR


def oracle(expression, result, variables):
    """What the second opinion answers, in the same words."""
    try:
        return second_opinion.evaluate(expression, result, variables)
    except SyntaxError:
        return ERROR


def disagreements(one, other, seed, count):
    """The cases that two readers answer differently, each with what is needed to ask it again."""
    for index, case in enumerate(islice(cases(seed), count)):
        answers = one(*case), other(*case)
        if answers[0] is not answers[1]:
            yield f"seed {seed}, case {index}: {case.expression!r}\nanswers: {answers}\n{case.result}\n{case.variables}"


def test_the_engine_and_the_second_opinion_agree():
    found = list(islice(disagreements(engine, oracle, SEED, CASES), 5))

    assert not found, "engine and second opinion differ:\n" + "\n\n".join(found)


@pytest.mark.parametrize(("expression", "result", "answer"), KNOWN)
def test_the_second_opinion_knows_the_rules(expression, result, answer):
    assert oracle(expression, result, VALUES) is answer


@pytest.mark.parametrize("reader", WRONG.values(), ids=WRONG)
def test_a_wrong_reader_is_found_out(reader):
    assert any(disagreements(reader, oracle, SEED, 3000))


def test_the_same_seed_gives_the_same_cases():
    assert list(islice(cases(5), 100)) == list(islice(cases(5), 100)) != list(islice(cases(6), 100))


def test_every_answer_has_a_fair_share_of_the_cases():
    answers = Counter(oracle(*case) for case in islice(cases(SEED), 3000))

    assert set(answers) == {True, False, None, ERROR}
    assert min(answers.values()) > 300
    assert answers[ERROR] < 600


@pytest.mark.parametrize(
    "sign", [*second_opinion.COMPARE, "~", "!~", *"!&|(", " AND ", " OR ", "NOT ", '="', "exit_not_"]
)
def test_every_sign_is_in_valid_cases(sign):
    assert any(sign in case.expression and oracle(*case) is not ERROR for case in islice(cases(SEED), 3000))


def test_a_disagreement_says_how_to_ask_again():
    found = next(disagreements(lambda *case: "nothing", oracle, 4, 1))

    case = next(cases(4))
    for fact in ("seed 4, case 0", repr(case.expression), "'nothing'", repr(oracle(*case)), repr(case.variables)):
        assert fact in found
