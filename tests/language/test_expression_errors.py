"""What is no condition is refused where it is wrong, with what to do instead."""

import pytest

from tasker.language.conditions.expression import ConditionError, parse_condition

WRONG = [
    ("", 0, "empty"),
    ("  ", 0, "empty"),
    ("exit_", 5, "from 0 to 255"),
    ("exit_999999999999999", 5, "from 0 to 255"),
    ("exit_256", 5, "0 to 255"),
    ("exit_not_x", 9, "0 to 255"),
    ("exit_-1", 5, "0 to 255"),
    ("exit_0&", 7, "missing test"),
    ("exit_0 & ", 9, "missing test"),
    ("|exit_0", 0, "missing"),
    ("exit_0 AND", 10, "missing"),
    ("stdout~x OR ", 12, "missing"),
    ("stdout~x AND", 12, "missing"),
    ("exit_0&&exit_1", 7, "missing"),
    ("()", 1, "missing"),
    ("!", 1, "missing"),
    ("!!exit_0", 1, "double negation"),
    ("NOT !exit_0", 4, "double negation"),
    ("NOT NOT exit_0", 4, "double negation"),
    ("(exit_0", 0, "not closed"),
    ("exit_0)", 6, "unmatched"),
    ("stdout~x)", 8, "unmatched"),
    ("(exit_0)exit_1", 8, "missing operator"),
    ("exit_0 exit_1", 7, "after 'exit_0'"),
    ("exit_0 and exit_1", 7, "after 'exit_0'"),
    ("exit_0 AND(exit_1)", 7, "after 'exit_0'"),
    ("stdout", 6, "no comparison"),
    ("stdout ready", 6, "no comparison"),
    ("stdout<", 7, "needs a number"),
    ("@ENV@>= ", 8, "needs a number"),
    ("@ENV@x", 5, "after '@ENV@'"),
    ("@ENV", 0, "not a test"),
    ("stdout_count", 12, "needs ="),
    ("stdout_count~3", 12, "needs ="),
    ("stdout_count=", 13, "whole number"),
    ("stdout_count=-1", 13, "not '-1'"),
    ("stdout_count>@N@", 13, "not '@N@'"),
    ("stdout_count=٣", 13, "not '٣'"),
    ("min_success", 11, "needs ="),
    ("min_success>=3", 0, "needs ="),
    ("min_success==3", 0, "needs ="),
    ("min_failed=x", 11, "not 'x'"),
    ("all_success=3", 11, "after 'all_success'"),
    ("=x", 0, "not a test"),
    ('stdout~"x', 7, "not closed"),
    ('stdout~"x\\"', 7, "not closed"),
    ('stdout~"a"b', 10, "after the closing quote"),
    ('stdout~"a" b', 10, "after"),
    ("stdot~x", 0, "not a test"),
    ("prod=@ENV@", 0, "not a test"),
    ("stdout~(a|b)", 10, "not a test"),
    ("always", 0, "not a test"),
    ("exit_code=0", 0, "not a test"),
    ("(" * 101 + "true" + ")" * 101, 100, "deeper than 100"),
]


def refused(condition):
    with pytest.raises(ConditionError) as caught:
        parse_condition(condition)
    return caught.value


@pytest.mark.parametrize(("condition", "offset", "message"), WRONG)
def test_a_bad_condition_is_refused_where_it_is_wrong_with_a_way_out(condition, offset, message):
    error = refused(condition)

    assert message in error.message
    assert error.offset == offset
    assert error.fix


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("stdot~x", "stdout"),
        ("sucess", "success"),
        ("al_success", "all_success"),
    ],
)
def test_a_near_miss_is_answered_with_the_word_that_was_meant(word, near):
    assert refused(word).fix == f"did you mean '{near}'?"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("exit_", "as in exit_0"),
        ("exit_not_", "as in exit_not_0"),
        ("exit_256", "an exit code is from 0 to 255"),
        ("exit_not_x", "an exit code is from 0 to 255"),
        ("exit_99999999999999999999", "an exit code is from 0 to 255"),
    ],
)
def test_what_to_write_instead_of_a_code_that_is_none(text, fix):
    with pytest.raises(ConditionError) as raised:
        parse_condition(text)

    assert raised.value.fix == fix


@pytest.mark.parametrize(
    ("text", "offset", "fix"),
    [
        ("exit_0 && success", 8, "write '&' once"),
        ("exit_0||success", 7, "write '|' once"),
        ("exit_0 |& success", 8, "write one on each side"),
        ("&exit_0", 0, "write one on each side"),
        ("(exit_0)  success", 10, "join with & or |"),
        ("!  !exit_0", 3, "use one ! or none"),
    ],
)
def test_where_an_operator_is_wrong_and_what_to_do(text, offset, fix):
    with pytest.raises(ConditionError) as raised:
        parse_condition(text)

    assert (raised.value.offset, raised.value.fix[: len(fix)]) == (offset, fix)
