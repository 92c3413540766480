"""docs/language.md §5: truth values, quoted text, numbers, types and versions in conditions; and rules 1."""

import re

import pytest

from tasker.language.conditions.expression import ConditionError, Context, Unknown, parse_condition
from tasker.language.conditions.predicates import typed


def asked(text, result=None, rules=3, **values):
    """The verdict with these values of variables; n_ before a number: `_0_stdout` is @0_stdout@."""
    known = {name.removeprefix("_") if name[1:2].isdigit() else name: value for name, value in values.items()}

    def lookup(ref):
        if ref.name not in known:
            raise Unknown("no value")
        return known[ref.name] if ref.type is None else typed(ref.type, known[ref.name], f"@{ref.name}@")

    return parse_condition(text, rules).evaluate(Context(result, lookup, rules))


def truth(text, result=None, rules=3, **values):
    return asked(text, result, rules, **values).truth


# -- success is a truth value


@pytest.mark.parametrize("word", ["true", "TRUE", "True", "yes", "Yes", "1", '"true"'])
@pytest.mark.parametrize("success", ["True", "False"])
def test_success_is_compared_as_a_truth_value(word, success):
    same = success == "True"

    assert truth(f"@0_success@={word}", _0_success=success) is same
    assert truth(f"@0_success@ == {word}", _0_success=success) is same
    assert truth(f"@0_success@!={word}", _0_success=success) is not same


@pytest.mark.parametrize("word", ["false", "FALSE", "no", "0"])
def test_success_is_compared_with_false_too(word):
    assert truth(f"@0_success@={word}", _0_success="False") is True
    assert truth(f"@0_success@={word}", _0_success="True") is False


@pytest.mark.parametrize("text", ["done", "exit_0", "2", "t"])
def test_success_is_never_any_other_text(text):
    verdict = asked(f"@0_success@={text}", _0_success="True")

    assert verdict.truth is None
    assert f"'{text}' is neither true nor false" in verdict.because


def test_either_side_may_be_the_success():
    assert truth("@WANTED@=@0_success@", WANTED="yes", _0_success="True") is True
    assert truth("@0_success@=@1_success@", _0_success="True", _1_success="True") is True
    assert truth("stdout=@0_success@", {"stdout": "true\n"}, _0_success="True") is True
    assert truth("@WANTED@=@0_success@ x", WANTED="True x", _0_success="True") is True  # a part of a text is text


def test_a_global_that_is_a_success_is_compared_in_the_same_way():
    from tasker.language.template import refs_of

    origin = {"OK": refs_of("@0_success@")[0]}
    context = Context(None, lambda ref: "True", origin=lambda ref: origin.get(ref.name, ref))

    assert parse_condition("@OK@=true").evaluate(context).truth is True
    assert parse_condition("@OTHER@=true").evaluate(context).truth is False


# -- quoted text, numbers


def test_quoted_text_is_compared_as_text():
    assert truth("@V@=2.10", V="2.1") is True
    assert truth('@V@="2.10"', V="2.1") is False
    assert truth('@V@!="2.10"', V="2.1") is True
    assert truth('stdout="5"', {"stdout": "5.0"}) is False
    assert truth('@V@~"2.1"', V="2.10") is True
    assert truth('@V@>"2"', V="3") is None


@pytest.mark.parametrize("value", [" 5", "5\r", "\t5 \r", "5"])
def test_a_number_may_have_blanks_around_it(value):
    assert truth("@V@=5&@V@<6&@V@>=@V@", V=value) is True
    assert truth("stdout=5&stdout<6", {"stdout": f"{value}\n"}) is True


@pytest.mark.parametrize("value", ["97%", "1,234", "5 5", "5\n5", "\xa05"])
def test_what_is_no_number_is_shown_in_the_reason(value):
    verdict = asked("@V@>5", V=value)

    assert verdict.truth is None
    assert f"{value!r} is not a decimal number" in verdict.because


# -- types and versions


def test_a_variable_with_a_type_is_unknown_if_it_is_not_of_it():
    assert truth("@V:int@>5", V=" 7\r") is True
    verdict = asked("@V:int@>5|false", V="7.5")

    assert verdict.truth is None
    assert "@V@ is '7.5', not of type int: digits" in verdict.because
    assert truth("!@V:int@>5", V="x") is None


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("@V:version@ >= 2.10", "2.9", False),
        ("@V:version@ >= 2.10", "v2.10", True),
        ("@V:version@ = 2.10", "2.1", False),
        ("@V:version@ != 2.10", "2.1", True),
        ("@V:version@ < 2.0", "2.0-rc1", True),
        ("2.0", "x", "error"),
        ("@V:version@ > latest", "2.0", None),
        ("@V:version@ > 1", "latest", None),
        ('@V:version@="2.10"', "v2.10", False),
        ("@V@ >= @W:version@", "2.10", True),
        ("@V:version@~2.1", "2.10", True),
    ],
)
def test_versions_are_compared_as_versions(text, value, expected):
    if expected == "error":
        with pytest.raises(ConditionError):
            parse_condition(text)
    else:
        assert truth(text, V=value, W="2.9") is expected


def test_a_stream_may_have_a_type():
    assert truth("stdout:version < 3", {"stdout": "2.10\n"}) is True
    assert truth("stdout:int=5", {"stdout": " 5\n"}) is True
    assert truth("stderr:name~b", {"stderr": "a b"}) is None
    assert truth("stdout:version<3", {"stdout": "3", "stdout_cut": True}) is None
    assert truth("stdout:line~a", {"stdout": "a\\xff", "stdout_escaped": True}) is None


@pytest.mark.parametrize(
    ("text", "offset", "fix"),
    [
        ("stdout:versoin<3", 7, "did you mean 'version'?"),
        ("true & stdout:<3", 14, "use one of int"),
        ("stdout:Int=3", 7, "did you mean 'int'?"),
    ],
)
def test_an_unknown_type_of_a_stream_is_an_error(text, offset, fix):
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)

    assert caught.value.offset == offset
    assert caught.value.fix.startswith(fix)


# -- two readings of one stream (issue 15, C 19)

PARTIAL = [
    {"stdout": "it is ok \\xff", "stdout_escaped": True},
    {"stdout": "it is ok", "stdout_end": "the end\n", "stdout_cut": True, "stdout_lines": 9},
]


@pytest.mark.parametrize("result", PARTIAL)
@pytest.mark.parametrize(
    "test", ["~ok", "!~ok", "~end", "~no", "=ok", "<5", "!=", "~", "=", "!~nothing", ":line~ok", ":int=1"]
)
def test_a_variable_and_the_stream_itself_give_one_answer(result, test):
    def lookup(ref):
        raise Unknown("the whole text is not known")

    kind = re.match(r"(:\w+)?", test)[0]
    variable = f"@0_stdout{kind}@{test.removeprefix(kind)}"
    context = Context(result, lookup, record={0: result}.get)

    own = parse_condition(f"stdout{test}").evaluate(context).truth
    assert parse_condition(variable).evaluate(context).truth is own


def test_what_the_kept_part_decides_is_decided():
    context = Context(None, lambda ref: "", record={0: PARTIAL[0], 1: PARTIAL[1]}.get)

    assert parse_condition("@0_stdout@~ok&@1_stdout@~end&@1_stdout@!=").evaluate(context).truth is True
    assert parse_condition("@1_stdout@~no").evaluate(context).truth is None


# -- rules 1: as runs of 3.0.0.dev1 go on


@pytest.mark.parametrize(
    ("text", "values", "old", "new"),
    [
        ("@0_success@=true", {"_0_success": "True"}, False, True),
        ("@0_success@=done", {"_0_success": "True"}, False, None),
        ('@V@="2.10"', {"V": "2.1"}, True, False),
        ('@V@>"2"', {"V": "3"}, True, None),
        ("@V@=5", {"V": "5\r"}, False, True),
        ("@V@<6", {"V": " 5"}, None, True),
    ],
)
def test_rules_1_keep_what_a_test_meant(text, values, old, new):
    assert (truth(text, rules=1, **values), truth(text, **values)) == (old, new)


# -- apostrophes around a text


@pytest.mark.parametrize(
    ("test", "value", "now", "before"),
    [
        ("stdout='it is up'", "it is up", True, False),
        ("stdout='it is up'", "'it is up'", False, True),
        ("stdout~'up'", "it is up", True, False),
        ("stdout!='up'", "up", False, True),
        ("stdout = 'up' ", "up", True, False),
        ("stdout='5'", "5.0", True, False),
        ("stdout<'5'", "4", True, None),
        ("stdout=''", "", True, False),
        ("stdout='it's'", "it's", True, False),
        ("stdout='v@V@'", "v7", True, False),
        ("""stdout="'up'\"""", "'up'", True, True),
        ("stdout='", "'", True, True),
        ("stdout='up", "'up", True, True),
        ("stdout=up'", "up'", True, True),
        ("stdout='a'&stdout~b", "a", False, False),
        ("(stdout='a')", "a", True, False),
    ],
)
def test_a_text_between_apostrophes_is_compared_without_them(test, value, now, before):
    result = {"stdout": value}

    assert (now, before) == (truth(test, result, V="7"), truth(test, result, 2, V="7"))


def test_apostrophes_protect_no_operator():
    with pytest.raises(ConditionError, match="'b' is not a test"):
        parse_condition("stdout='a&b'")
