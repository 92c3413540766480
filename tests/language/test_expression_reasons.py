"""What a condition tells: the reason for its verdict, its tests, its variables."""

import pytest

from tasker.language import template
from tasker.language.conditions.expression import Context, Unknown, parse_condition

VALUES = {"ENV": "prod", "FIVE": "5.0", "AT": "@ENV@"}
RAN = {"exit_code": 3, "stdout": "starting\nready\n\n", "stderr": "", "success": True}
BLOCK = {"success_count": 3, "failed_count": 2, "skipped_count": 4, "total_count": 9}


def lookup(ref):
    if ref.name not in VALUES:
        raise Unknown(f"@{ref.name}@ has no value: task 7 did not run")
    return VALUES[ref.name]


def because(condition, result):
    return parse_condition(condition).evaluate(Context(result, lookup)).because


def test_the_reason_gives_each_test_with_what_it_saw():
    verdict = parse_condition("exit_0&stdout~ready").evaluate(Context({"exit_code": 0, "stdout": "starting\n"}))

    assert verdict == (False, "exit_0 is true: exit code 0; stdout~ready is false: stdout is 'starting'")


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("success", "success is true: the task succeeded"),
        ("stderr~", "stderr~ is true: stderr is empty"),
        ("stdout_count>5", "stdout_count>5 is false: stdout has 2 lines"),
        ("@ENV@=@AT@", "@ENV@=@AT@ is false: @ENV@ is 'prod', the text is '@ENV@'"),
        ("@GONE@", "@GONE@ is unknown: @GONE@ has no value: task 7 did not run"),
        ("@ENV@>4", "@ENV@>4 is unknown: 'prod' is not a decimal number"),
        ("@FIVE@>x", "@FIVE@>x is unknown: 'x' is not a decimal number"),
        ("@ENV@", "@ENV@ is unknown: @ENV@ is 'prod', which is neither true nor false"),
        ("all_success", "all_success is unknown: there is no success_count"),
        ("! ( true )", "true is true: a constant"),
        ("(exit_0 )|false", "exit_0 is false: exit code 3; false is false: a constant"),
    ],
)
def test_a_reason_is_a_sentence_for_people(condition, reason):
    assert because(condition, RAN) == reason


def test_every_test_is_asked_even_when_the_answer_is_known():
    sentences = because("false&@GONE@&(true|exit_3)", RAN).split("; ")

    assert [sentence.split(" ")[0] for sentence in sentences] == ["false", "@GONE@", "true", "exit_3"]


def test_the_reason_counts_a_block():
    assert because("any_success", BLOCK) == "any_success is true: 3 succeeded, 2 failed, 4 skipped"


def test_a_condition_lists_its_tests_with_their_places_and_what_they_read():
    tests = list(parse_condition(' !exit_0 & ( stdout ~ "x y" |@A@) AND min_success=2|true').tests())

    assert [(test.offset, test.text, test.reads) for test in tests] == [
        (2, "exit_0", "result"),
        (13, 'stdout ~ "x y"', "result"),
        (29, "@A@", "variable"),
        (38, "min_success=2", "block"),
        (52, "true", "constant"),
    ]


def test_a_condition_lists_its_variables_where_they_stand_in_the_whole_of_it():
    condition = '@A@ = "@7_stdout@\\"@B@" & stdout~x@C@'

    refs = parse_condition(condition).refs()

    assert [ref.name for ref in refs] == ["A", "7_stdout", "B", "C"]
    assert [condition[ref.offset :].startswith(f"@{ref.name}@") for ref in refs] == [True] * 4
    assert refs[1] == template.Ref("7_stdout", 7, "stdout", 7)


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x9b1m", "\u2028", "\u202e", "\x07", "a\nb", "\u200b", "\ud800", "x" * 10**6]
)
def test_a_reason_is_one_short_printable_line(hostile):
    asked = parse_condition(f'@A@="{hostile}"&stdout~x@A@').evaluate(Context({"stdout": hostile}, lambda ref: hostile))

    assert asked.because.isprintable()
    assert len(asked.because) < 500


def test_an_output_cannot_write_a_sentence_of_its_own():
    forged = "x'; exit_0 is true: exit code 0"

    assert because("stdout~ok", {"stdout": forged}) == f'stdout~ok is false: stdout is "{forged}"'
    assert because("stdout~ok", {"stdout": "'\"; "}) == "stdout~ok is false: stdout is '\\'\"; '"
