"""Part C of docs/threats.md, rows 16 to 22 (19 is in test_expression_errors.py): what is hostile stays data."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasker.language.conditions import decimals
from tasker.language.conditions.expression import ConditionError, Context, parse_condition
from tasker.text.printable import printable

MIB = 1024 * 1024
SIGNS = st.sampled_from([*'()&|!~=<>"\\@ \t', "exit_0", "stdout", "_count", " AND ", " OR ", "NOT ", "@A@", "7", "\n"])
TEXTS = st.one_of(st.text(), st.lists(SIGNS).map("".join))


def refused(condition):
    with pytest.raises(ConditionError) as caught:
        parse_condition(condition)
    return caught.value


def truth(condition, result=None, **values):
    return parse_condition(condition).evaluate(Context(result, lambda ref: values[ref.name])).truth


@pytest.mark.parametrize("output", ["x|exit_5", "x&exit_0", "x)", "(x", "!~x", '"', '"x" AND true', " OR true", "@B@"])
def test_an_output_that_holds_operators_is_literal(output):  # 16
    assert truth("stdout=@A@&exit_1", {"stdout": output, "exit_code": 1}, A=output) is True
    assert truth("stdout=@A@&exit_0", {"stdout": output, "exit_code": 1}, A=output) is False
    assert truth("@A@=x|exit_5", {"exit_code": 1}, A=output) is False
    assert truth('stdout~"<@A@>"', {"stdout": f"<{output}>"}, A=output) is True


def test_and_binds_tighter_than_or():  # 17
    assert truth("true|false&false") is True
    assert truth("false&false|true") is True
    assert truth("true OR false AND false") is True


def test_a_hundred_parentheses_are_read_and_five_thousand_are_refused():  # 18
    assert truth("!(" * 100 + "true" + ")" * 100) is True
    assert "deeper than 100" in refused("(" * 5000 + "true" + ")" * 5000).message


@pytest.mark.parametrize(
    "value", ["nan", "inf", "-inf", "0x10", "1_0", "٣", "²", "1e3", "5.", "5 5", "5\n", "--5", "97%", "1,234"]
)
def test_what_is_no_plain_decimal_has_no_order(value):  # 20
    assert decimals.parse_decimal(value) is None
    assert truth("@A@>1|@A@<=1", A=value) is None
    assert truth(f'@A@="{value}"', A=value) is True


def test_ten_thousand_digits_are_compared_exactly():  # 20
    digits = "9" * 10_000

    assert truth(f"@A@<{digits}.1", A=digits) is True
    assert truth(f"@A@={digits}.000", A="+00" + digits) is True
    assert truth(f"stdout_count<{digits}", {"stdout": "x"}) is True
    assert truth("@A@>-1", A="-1." + "0" * 10_000 + "1") is False


@pytest.mark.parametrize(
    "condition",
    [
        "!" * MIB,
        "(" * MIB,
        "! " * (MIB // 2),
        "exit_" + "9" * MIB,
        "a" * MIB,
        'stdout~"' + '\\"' * (MIB // 2),
        "exit_0" + " " * MIB + "x",
        "stdout~" + " " * MIB + "AND",
        "true" + "(" * MIB,
        " AND" * (MIB // 4),
    ],
    ids=lambda condition: condition[:9],
)
def test_a_mebibyte_of_nonsense_is_refused_at_once(condition):  # 21
    start = time.monotonic()

    assert len(refused(condition).message) < 200
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("piece", ["@a", "@@", "(", "()", " AN", " ", "\\", '"', "~"])
def test_reading_takes_time_in_proportion_to_the_text(piece):  # 21
    start = time.monotonic()
    parse_condition("stdout~x" + piece * (MIB // len(piece)))

    assert time.monotonic() - start < 15


def test_lines_of_a_huge_output_are_counted_in_proportion_to_it():  # 22
    start = time.monotonic()

    assert truth("stdout_count=8388608&stdout!~abac", {"stdout": "ab\n" * 8 * MIB}) is True
    assert time.monotonic() - start < 15


@given(TEXTS)
@example('stdout~"\\')
def test_any_text_is_a_condition_or_a_condition_error_inside_it(text):
    try:
        condition = parse_condition(text)
    except ConditionError as refusal:
        error = refusal
    else:
        assert all(text[test.offset :].startswith(test.text) for test in condition.tests())
        assert all(text[ref.offset :].startswith(f"@{ref.name}@") for ref in condition.refs())
        return

    assert 0 <= error.offset <= len(text)
    assert error.message == printable(error.message)


@given(TEXTS, TEXTS)
def test_whatever_is_in_a_value_the_tests_stay_the_ones_that_were_written(output, value):
    condition = parse_condition("stdout=@A@|stdout~@A@")
    output, same = output.rstrip("\n"), output.rstrip("\n") == value

    numbers = decimals.compare_decimals(output, value)
    asked = condition.evaluate(Context({"stdout": output}, lambda ref: value))

    assert asked.truth is (same or numbers == 0 or value in output)
    assert asked.because.isprintable()


@given(TEXTS)
def test_any_text_can_be_written_in_quotes(text):
    written = text.replace("\\", "\\\\").replace('"', '\\"').replace("@", "@AT@")

    values = {"V": text, "AT": "@"}

    assert truth(f'(@V@="{written}"&true)', **values) is True


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_ordered_as_numbers_are(one, other):
    assert decimals.compare_decimals(f"{one:f}", f"{other:f}") == (one > other) - (one < other)
