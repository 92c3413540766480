"""docs/language.md §4, §5: what validation knows of types, of tests that cannot be decided, and of what touches."""

import pytest
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow


def found(text, rules=2, codes=("T018", "T025", "T026", "T027", "T039")):
    """(code, message, fix, line:column) of the findings that this page is about."""
    workflow = {**parse_workflow(text.encode(), "t.txt"), "rules": rules}
    workflow["settings"] = {"exec": "local", "available": ["local", "shell"], "skip_hosts": True}
    made = tasks.answer(workflow)["findings"]
    return [
        (one["code"], one["message"], one.get("fix", ""), (one["line"], one["column"]))
        for one in made
        if one["code"] in codes
    ]


def task(number, *fields, command="true"):
    return "\n".join([f"task={number}", "exec=local", f"command={command}", *fields]) + "\n\n"


FIRST = task(0)


def of_condition(condition, variables="", field="condition"):
    return found(variables + FIRST + task(1, f"{field}={condition}"))


@pytest.mark.parametrize(
    ("condition", "variables", "why", "fix"),
    [
        ("@FLAG@", "FLAG=TRUE\n", "'TRUE', which is neither true nor false", "did you mean FLAG=true?"),
        ("@FLAG@", "FLAG=on\n", "'on', which is neither", "compare it with a text, as in @FLAG@=on"),
        ("@COND@", "COND=exit_0\n", "neither true nor false", "write the condition itself"),
        ("@0_success@=done", "", "'done' is neither true nor false", "compare it with true or false"),
        ("@0_success@=ture", "", "'ture' is neither", "did you mean 'true'?"),
        ("@OK@!=fine", "OK=@0_success@\n", "'fine' is neither", "compare it with true or false"),
        ("@0_success@>1", "", "'True' is not a decimal number", "compare it with true or false"),
        ("@0_stdout@>many", "", "'many' is not a decimal number", "write a plain decimal number"),
        ("@0_stdout@>=97%", "", "'97%' is not", "write a plain decimal number: digits"),
        ("@0_stdout@>=1,234", "", "'1,234' is not", "write a plain decimal number"),
        ("@0_stdout@>=2.10.1", "", "'2.10.1' is not", "write @0_stdout:version@>=2.10.1"),
        ("@LIMIT@<@0_stdout@", "LIMIT=some\n", "'some' is not", "write a plain decimal number"),
        ("@0_stdout@<@LIMIT@", "LIMIT=some\n", "'some' is not", "write a plain decimal number"),
        ('@0_stdout@<"5"', "", "'<' compares numbers, and text in quotes is not a number", "remove the quotes"),
        ("@0_stdout:version@>=latest", "", "'latest' is not a version", "compare it with a version"),
        ("true|@FLAG@", "FLAG=TRUE\n", "neither true nor false", "did you mean FLAG=true?"),
    ],
)
def test_a_test_that_can_never_be_decided_is_an_error(condition, variables, why, fix):
    ((code, message, way, _),) = of_condition(condition, variables)

    assert code == "T025"
    assert "can never be decided: " in message
    assert why in message
    assert fix in way


@pytest.mark.parametrize("field", ["success", "next", "failure", "condition"])
def test_wherever_a_condition_stands(field):
    ((code, _, _, place),) = of_condition("true&@COND@", "COND=exit_0\n", field)

    assert (code, place) == ("T025", (9, len(field) + 7))


@pytest.mark.parametrize(("text", "fix"), [("stdout<ten", "plain decimal"), ("stdout>=2.4.1", "stdout:version>=2.4.1")])
def test_a_stream_too(text, fix):
    ((code, _, way, _),) = of_condition(text, field="next")

    assert code == "T025"
    assert fix in way


@pytest.mark.parametrize(
    "condition",
    [
        "@FLAG@",
        "@0_success@=TRUE",
        "@0_success@!=no",
        '@0_success@="true"',
        "@0_stdout@",
        "@0_stdout@>5",
        "@0_stdout@=many",
        "@0_stdout@>@N@",
        "@0_stdout:version@>=2.10.1",
        "@0_stdout:name@~x",
        "@0_stdout@<@1_stdout@5",
        "@N@>5",
        "@N@= 5 ",
        "@0_exit_code@=0",
    ],
)
def test_what_can_be_decided_is_fine(condition):
    assert of_condition(condition, "FLAG=true\nN=7\n") == []


@pytest.mark.parametrize(
    ("condition", "truth", "fix"),
    [
        ("@ENV@=PROD", "false", "write prod"),
        ("@ENV@!=Prod", "true", "write prod"),
        ("@ENV@~RO", "false", "write ro"),
        ('@ENV@="Prod"', "false", "write prod"),
        ("@ENV@=@OTHER@", "false", "write prod"),
    ],
)
def test_a_comparison_that_only_differs_in_case_gets_a_hint(condition, truth, fix):
    ((code, message, way, _),) = of_condition(condition, "ENV=prod\nOTHER=Prod\n")

    assert code == "T026"
    assert f"is {truth} only because of upper and lower case: the value is 'prod'" in message
    assert fix in way


@pytest.mark.parametrize("condition", ["@ENV@=prod", "@ENV@=test", "@ENV@!=test", "@0_stdout@=PROD", "stdout=PROD"])
def test_any_other_comparison_gets_none(condition):
    assert of_condition(condition, "ENV=prod\n", "next") == []


# -- types


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("@0_stdout:nmae@", "did you mean 'name'?"),
        ("@0_stdout:Int@", "did you mean 'int'?"),
        ("@0_stdout:name?@", "write the ? before the type, as in @0_stdout?:int@"),
        ("@0_stdout:@", "use one of int, signed, number, name, path, line, lines, version"),
        ("@V:string@", "use one of int"),
    ],
)
@pytest.mark.parametrize("field", ["arguments", "condition"])
def test_an_unknown_type_is_an_error(written, fix, field):
    text = "x=" + written if field == "arguments" else f"true&{written}=x"
    ((code, message, way, (_, column)),) = found("V=x\n" + FIRST + task(1, f"{field}={text}"))

    assert code == "T039"
    assert fix in way
    assert f"{field}={text}"[column - 1 :].startswith(written.partition(":")[2])
    assert message.startswith("unknown type '")


def test_an_unknown_type_in_a_global_is_an_error_there():
    ((code, _, _, place),) = found("V=@0_stdout:nmae@\n" + FIRST + task(1, "arguments=@V@"))

    assert (code, place) == ("T039", (1, 13))


@pytest.mark.parametrize(
    ("value", "kind", "field"),
    [("../x", "name", "arguments"), ("1.5", "int", "timeout"), ("5 5", "int", "condition"), ("", "name", "arguments")],
)
def test_a_constant_of_the_wrong_type_is_an_error(value, kind, field):
    text = f"@V:{kind}@=1" if field == "condition" else f"@V:{kind}@"
    ((code, message, fix, _),) = found(f"V={value}\n" + FIRST + task(1, f"{field}={text}"))

    assert code == "T027"
    assert f"@V@ is '{value}', not of type {kind}: " in message
    assert fix == f"correct V, or remove the type :{kind}"


@pytest.mark.parametrize(
    ("variables", "written"),
    [
        ("V=1.2\n", "@V:version@"),
        ("V= 60 \n", "@V:int@"),
        ("V=@0_stdout@\n", "@V:name@"),
        ("V=@0_stdout:name@\n", "@V:name@"),
    ],
)
def test_a_constant_of_its_type_and_an_output_are_fine(variables, written):
    assert found(variables + FIRST + task(1, f"arguments={written}")) == []


def test_what_cannot_have_a_type_is_an_error():
    joined = found("V=x-@0_stdout@\n" + FIRST + task(1, "arguments=@V:name@"))
    secret = found("secret=V\nV=env:X\n" + FIRST + task(1, "arguments=@V:name@"))
    other = found("V=@0_stdout:int@\n" + FIRST + task(1, "arguments=@V:name@"))

    assert [one[0] for one in (*joined, *secret, *other)] == ["T027"] * 3
    assert "its value is a secret" in secret[0][1]
    assert found("V=x-@0_stdout@\n" + FIRST + task(1, "condition=@V:version@>=x-2")) == []


def test_a_type_is_a_use_of_its_variable_and_an_undefined_one_is_undefined():
    codes = ("T030", "T033", "T035", "T036")

    assert found("V=x\n" + FIRST + task(1, "arguments=@V:name@ @V?@"), codes=codes) == []
    made = found(FIRST + task(1, "arguments=@W:name@ @0_stdot?@ @7_stdout:int@"), codes=codes)
    assert [one[0] for one in made] == ["T030", "T035", "T036"]


# -- what touches


@pytest.mark.parametrize(
    "script",
    [
        "echo $(( @0_stdout:int@ + 1 ))",  # as people write it
        "echo $((@0_stdout:int@+1))",
        'x="a"; y=$((@0_stdout:int@+1)); z="b c"; echo "$x$y$z"',
        "a[@0_stdout:int@]=1; echo 'b c'",
        'echo "' + "x " * 150 + '@0_stdout:int@"',
    ],
)
def test_a_number_without_quotes_of_its_own_gets_no_hint(script):
    assert found(FIRST + f"task=1\nexec=shell\ncommand={script}\n", codes=("T013", "T018")) == []


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        ('"failed: @0_stderr@."', "."),
        ('"it failed (@0_stderr@)"', "("),
        ("'it said: \"@0_stdout@\"'", '"'),
        ('"hosts: @0_command@, all"', ","),
    ],
)
@pytest.mark.parametrize("script", [False, True])
def test_punctuation_that_touches_gets_a_hint(arguments, sign, script):
    if script and arguments.startswith("'"):
        arguments = '"it said: \\"@0_stdout@\\""'
    text = task(1, f"arguments={arguments}", command="echo")
    ((code, message, fix, (line, column)),) = found(FIRST + (text.replace("local", "shell") if script else text))

    assert code == "T018"
    assert message.startswith(f"{sign} touches @")
    assert "?@ if it may be empty" in fix
    assert f"arguments={arguments}"[column - 1] == "@"
    assert line == 8


@pytest.mark.parametrize(
    "arguments",
    [
        '"Deployment failed: @0_stderr@"',
        './data/"@0_stdout@"',
        '"./data/@0_stdout@.tar"',
        '"failed: @0_stderr?@."',
        '"code: @0_exit_code@."',
        '"version: @0_stdout:version@."',
        '"done: @0_success@/3 servers"',
        "x.@0_stdout@",
    ],
)
@pytest.mark.parametrize("exec_type", ["local", "shell"])
def test_anything_else_that_touches_gets_none(arguments, exec_type):
    assert found(FIRST + task(1, f"arguments={arguments}", command="echo").replace("local", exec_type)) == []


# -- rules 1


def test_a_run_that_rules_1_govern_is_judged_by_them():
    text = "FLAG=TRUE\nENV=prod\n" + FIRST + task(1, "condition=@FLAG@", "arguments=u@web:path@x @0_stdout:nmae@")
    text += task(2, "condition=@ENV@=PROD", 'arguments="failed: @0_stdout@."')

    assert found(text, rules=1, codes=("T018", "T025", "T026", "T027", "T030", "T039")) == []
    codes = [one[0] for one in found(text, codes=("T018", "T025", "T026", "T027", "T030", "T039"))]
    assert sorted(codes) == ["T018", "T025", "T026", "T030", "T039"]
