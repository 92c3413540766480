"""The condition language: each rule of docs/language.md §5 gives the answer that it says."""

import pytest

from tasker.language.conditions.expression import Context, Unknown, parse_condition

RAN = {"exit_code": 3, "stdout": "starting\nready\n\n", "stderr": "", "success": True}
BLOCK = {"success_count": 3, "failed_count": 2, "skipped_count": 4, "total_count": 9}
IDLE = {"success_count": 0, "failed_count": 0, "skipped_count": 4, "total_count": 4}
HALF = {"success_count": 2, "failed_count": 2, "skipped_count": 0, "total_count": 4}
CUT = {
    "stdout": "begin ",
    "stdout_cut": True,
    "stdout_end": "finish\n",
    "stdout_lines": 40,
    "stderr": "",
    "stderr_cut": True,
}
RAW = {"stdout": "5\\xff", "stdout_escaped": True}
VALUES = {
    "END": "finish\n",
    "ENV": "prod",
    "EMPTY": "",
    "FIVE": "5.0",
    "AT": "@ENV@",
    "0_success": "True",
}


def context(result=None, **values):
    known = VALUES | values

    def lookup(ref):
        if ref.name not in known:
            raise Unknown(f"@{ref.name}@ has no value: task 7 did not run")
        return known[ref.name]

    return Context(result, lookup)


def truth(condition, result=None, **values):
    return parse_condition(condition).evaluate(context(result, **values)).truth


RULES = """
    exit_3 T · exit_03 T · exit_0 F · exit_not_0 T · exit_not_3 F · exit_255 F · success T · failure F
    true T · false F · true|true&false T · (true|true)&false F · !false T · !(true&false) T · NOT false T · NOT(false) T
    ! false T · true AND false F · true OR false T · false AND true OR true T · false AND (true OR true) F
    !true|true T · stdout~ready T · stdout~READY F · stdout~.*dy F · stdout!~ready F · stdout!~x T · stdout~ start T
    stdout= F · stdout== F · stdout~ F · stdout!= T · stdout!~ T · stderr= T · stderr~ T · stderr!~ F · stderr!= F
    stdout~"" F · stderr="" T · stderr~ & stdout~ready T · stderr~ AND stdout~ready T · (stderr~) T
    stdout_count=2 T · stdout_count==2 T · stdout_count!=2 F · stdout_count<3 T · stdout_count<=1 F · stdout_count>1 T
    stdout_count>=2 T · stderr_count=0 T · stdout_count > 1 T · stdout_count=02 T
    @ENV@=prod T · @ENV@ = prod T · @ENV@==prod T · @ENV@!=prod F · @ENV@=Prod F · @ENV@~ro T · @ENV@!~ro F
    @ENV@=@ENV@ T · @EMPTY@= T · @EMPTY@~ T · @EMPTY@!= F · @ENV@!~ T · @ENV@~x@EMPTY@ F · @0_success@ T
    !@0_success@ F · @FIVE@=5 T · @FIVE@=+05.00 T · @FIVE@!=5 F · @FIVE@=5x F · @FIVE@<10 T · @FIVE@<=5 T · @FIVE@>-5 T
    @FIVE@>=5.1 F · @EMPTY@ F · @ENV@ U · @ENV@>4 U · @FIVE@>x U · @FIVE@>@GONE@ U · @GONE@ U · @GONE@=x U · !@GONE@ U
    stdout~@GONE@ U · @GONE@&false F · @GONE@&true U · @GONE@|true T · @GONE@|false U · stdout<5 U · all_success U
    @AT@=@ENV@ F · @AT@~ENV T · @ENV@="prod" T · @ENV@="@ENV@" T · @ENV@=" prod" F · @ENV@~pro" F
"""


@pytest.mark.parametrize(
    "rule", [rule.strip() for line in RULES.split("\n") for rule in line.split("·") if rule.strip()]
)
def test_each_rule_says_what_the_language_says(rule):
    condition, expected = rule.rsplit(" ", 1)

    assert truth(condition, RAN) is {"T": True, "F": False, "U": None}[expected]


@pytest.mark.parametrize(
    ("condition", "block", "idle", "half"),
    [
        ("all_success", False, True, False),
        ("any_success", True, False, True),
        ("majority_success", True, False, False),
        ("min_success=3", True, False, False),
        ("min_success=0", True, False, True),
        ("max_success=2", False, False, True),
        ("min_failed=2", True, False, True),
        ("max_failed=1", False, False, False),
        ("max_failed = 2", True, False, True),
    ],
)
def test_block_tests_count_what_ran_and_only_all_success_holds_when_nothing_did(condition, block, idle, half):
    assert [truth(condition, result) for result in (BLOCK, IDLE, HALF)] == [block, idle, half]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("stdout~begin", True),
        ("stdout~begin ", True),
        ("stdout~fin", True),
        ("stdout~x", None),
        ("stdout!~fin", False),
        ("stdout!~x", None),
        ("stdout=begin", None),
        ("stdout!=begin", None),
        ("stdout<5", None),
        ("stdout=", False),
        ("stdout!~", True),
        ("stdout_count=40", True),
        ("stderr_count=1", None),
        ("stderr=", False),
        ("stdout~@END@", None),
    ],
)
def test_a_stream_that_was_cut_is_never_taken_for_the_whole(condition, expected):
    assert truth(condition, CUT) is expected


def test_a_stream_with_foreign_bytes_is_searched_but_not_compared():
    found = [truth(condition, RAW) for condition in ("stdout~5", "stdout~6", "stdout=5", "stdout<6", "stdout=")]

    assert found == [True, False, None, None, False]


@pytest.mark.parametrize("condition", ["exit_0", "exit_not_0", "success", "failure", "stdout~", "stderr_count=0"])
@pytest.mark.parametrize("result", [None, {}, {"exit_code": None, "stdout": None}, {"exit_code": True, "stdout": 5}])
def test_what_has_not_run_leaves_every_test_unknown(condition, result):
    assert truth(condition, result) is None


def test_success_is_exit_0_where_the_result_does_not_say():
    assert truth("success", {"exit_code": 0}) is True
    assert truth("failure", {"exit_code": 1}) is True


@pytest.mark.parametrize("value", ["true", "yes", "1", "True"])
def test_a_value_alone_is_true_in_four_spellings(value):
    assert truth("@V@", V=value) is True
    assert truth("@V@", V=value + " ") is None


@pytest.mark.parametrize("value", ["false", "no", "0", "False", ""])
def test_a_value_alone_is_false_in_five_spellings(value):
    assert truth("@V@", V=value) is False


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ('@V@="a&b|c)("', "a&b|c)("),
        (r'@V@="say \"hi\" \\ \n"', 'say "hi" \\ \\n'),
        ('@V@="a@ENV@b"', "aprodb"),
        ('@V@=a "b" c', 'a "b" c'),
        ("@V@=f(x)", "f(x)"),
        ("(@V@=f((x) y))", "f((x) y)"),
        ("@V@=:(", ":("),
        ("@V@=a and b", "a and b"),
        ("@V@=AND b", "AND b"),
        ("@V@=ANDROID ORDER", "ANDROID ORDER"),
        ("@V@=a@b.com", "a@b.com"),
        ("@V@=\u00a0x\u00a0", "\u00a0x\u00a0"),
        (r'@V@="\@ENV@"', "\\prod"),
    ],
)
def test_text_is_what_stands_between_the_operators(condition, text):
    assert truth(condition, V=text) is True
    assert truth(condition, V=text + "x") is False


@pytest.mark.parametrize(
    ("text", "result", "truth"),
    [
        ("Exit_0", {"exit_code": 0}, True),
        ("EXIT_NOT_0", {"exit_code": 0}, False),
        ("STDOUT~x", {"stdout": "axb"}, True),
        ("Success", {"success": True}, True),
        ("FAILURE", {"success": True}, False),
        ("True", {}, True),
        ("Stdout_Count=1", {"stdout": "a"}, True),
        ("MIN_SUCCESS=1", {"success_count": 1, "failed_count": 0, "skipped_count": 0}, True),
    ],
)
def test_the_words_of_tests_count_in_any_case(text, result, truth):
    assert parse_condition(text).evaluate(Context(result)).truth is truth
