"""modules/condition.py: a question in, a verdict out; or the same by options, for shell scripts."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tasker.modules.condition import ask, verdict

from tasker.language.conditions.expression import Context, parse_condition
from tasker.language.conditions.predicate_parser import KNOWN
from tasker.protocol.document import Problem

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "modules" / "condition.py"
QUESTION = {
    "tasker": 1,
    "kind": "question",
    "expression": "exit_0&stdout~ready",
    "result": {"exit_code": 0, "stdout": "starting\n", "stderr": ""},
    "variables": {"ENV": "prod"},
}
PAGE = (ROOT / "docs" / "GRAMMAR.md").read_text()
EXAMPLES = re.findall(r"^\|(?:.*\|)? `(.*')` \| (true|false|unknown) \|$", PAGE, re.M)
BLOCK = {"success_count": 3, "failed_count": 2, "skipped_count": 4}  # as the page says
BLOCKS = re.findall(r"^\|.*\| `([\w=]+)` \| (true|false) \|$", PAGE, re.M)


def run(*arguments, text=""):
    ended = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


def asked(**keys):
    return run(text=json.dumps(QUESTION | keys))


def test_a_question_is_answered_with_a_verdict_and_its_reason():
    status, [document], _ = asked(id="q1")

    assert status == 1
    assert document == {
        "tasker": 1,
        "kind": "verdict",
        "ok": False,
        "truth": "false",
        "because": "exit_0 is true: exit code 0; stdout~ready is false: stdout is 'starting'",
        "id": "q1",
    }


def test_every_line_is_a_question_of_its_own():
    lines = [
        QUESTION | {"id": n, "expression": text} for n, text in enumerate(["exit_0", "exit_", "@GONE@", "@ENV@=prod"])
    ]

    status, [about, *answers], _ = run("--lines", text="".join(json.dumps(line) + "\n" for line in lines))

    assert (status, about["accepts"], about["returns"]) == (0, "question", "verdict")
    assert [answer["id"] for answer in answers] == [0, 1, 2, 3]
    assert [answer.get("truth", answer.get("code")) for answer in answers] == [
        "true",
        "bad_condition",
        "unknown",
        "true",
    ]


def test_a_question_without_a_result_is_one_before_the_run():
    status, [document], _ = asked(result=None)

    assert (status, document["truth"]) == (1, "unknown")
    assert "the task has not run" in document["because"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"kind": "request"}, "this is a 'request'"),
        ({"expression": 5}, "'expression' is not text"),
        ({"variables": {"A": 5}}, "'variables' is not an object of names and texts"),
        ({"variables": []}, "'variables' is not an object of names and texts"),
        ({"result": "x"}, "'result' is not an object"),
        ({"result": {"exit_code": "0"}}, "'result.exit_code' is not a whole number"),
        ({"result": {"exit_code": True}}, "'result.exit_code' is not a whole number"),
        ({"result": {"stdout": ["x"]}}, "'result.stdout' is not text"),
        ({"result": {"success": "yes"}}, "'result.success' is not true or false"),
        ({"result": {"failed_count": 0.5}}, "'result.failed_count' is not a whole number"),
    ],
)
def test_a_question_of_the_wrong_shape_is_refused(keys, why):
    status, [document], _ = asked(**keys)

    assert (status, document["code"], document["message"]) == (100, "bad_document", f"cannot read the question: {why}")


def test_a_bad_condition_is_an_error_document_with_its_column():
    status, [document], _ = run("exit_0&stdot~ready")

    assert status == 100
    assert (document["kind"], document["code"], document["message"]) == (
        "error",
        "bad_condition",
        "'stdot' is not a test",
    )
    assert document["details"] == {"column": 8, "fix": "did you mean 'stdout'?"}


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("ok", "did you mean 'success'?"),
        ("failed", "did you mean 'failure'?"),
        ("continue", "use 'always' alone, in next, to go on after a failure too"),
        ("stop", "use 'never' alone, in next, to end the run here"),
    ],
)
def test_a_word_of_other_tools_gets_the_one_that_does_it(word, fix):
    assert run(word)[1][0]["details"]["fix"] == fix


@pytest.mark.parametrize(
    ("arguments", "status", "truth"),
    [
        (["--exit-code", "0", "exit_0"], 0, "true"),
        (["--exit-code=3", "exit_0"], 1, "false"),
        (["--exit-code", "-1", "exit_0"], 1, "false"),
        (["--stdout", "ready\n", "--stderr=", "stdout=ready&stderr~"], 0, "true"),
        (["--exit-code", "0", "stdout~"], 1, "unknown"),
        (["exit_0"], 1, "unknown"),
        (["@A@=x|exit_0", "--set", "A=x|exit_0"], 1, "unknown"),
        (["--set=A=x|exit_0", '@A@="x|exit_0"'], 0, "true"),
        (["--set", "A=1=2", "--set", "7_stdout=", "@A@=1=2&@7_stdout@="], 0, "true"),
    ],
)
def test_options_ask_what_a_question_asks(arguments, status, truth):
    ended, [document], _ = run(*arguments)

    assert (ended, document["truth"]) == (status, truth)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--foo", "exit_0"], "unknown option '--foo'"),
        (["-x"], "unknown option '-x'"),
        (["--exit-code", "0"], "one condition is needed, not 0"),
        (["exit_0", "&", "exit_1"], "one condition is needed, not 3"),
        (["exit_0", "--stdout"], "'--stdout' needs a value"),
        (["exit_0", "--exit-code", "x"], "'--exit-code' needs a whole number"),
        (["exit_0", "--exit-code", "٣"], "'--exit-code' needs a whole number"),
        (["exit_0", "--set", "A"], "'--set' needs NAME=VALUE"),
        (["exit_0", "--set", "1a=x"], "'--set' needs NAME=VALUE"),
        (["exit_0", "--set", b"A=\xff"], "an argument is not UTF-8 text"),
    ],
)
def test_wrong_use_says_why_then_how_and_prints_no_document(arguments, why):
    status, documents, said = run(*arguments)

    assert (status, documents) == (2, [])
    assert said.startswith(f"condition.py: {why}")
    assert "usage: condition.py" in said


def test_bytes_that_are_not_utf_8_are_searched_as_runners_show_them():
    assert run("--stdout", b"\xff5", r"stdout~\xff")[1][0]["truth"] == "true"
    assert run("--stdout", b"\xff5", "stdout=5")[1][0]["truth"] == "unknown"


def test_the_help_begins_with_examples_and_they_work():
    help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    examples = [line for line in help_text.split("usage:")[0].splitlines()[1:] if line.strip()]

    assert help_text.startswith("examples:\n")
    for line in examples:
        shell = line.replace("condition.py", shlex.quote(str(PROGRAM)))
        ended = subprocess.run(
            ["bash", "-c", shell], capture_output=True, text=True, check=False, env=os.environ | {"output": "x"}
        )
        assert (ended.returncode, ended.stderr) == (0, ""), line


def test_the_reference_has_an_example_for_every_test():
    written = " ".join(example for example, _ in EXAMPLES + BLOCKS)

    assert [word for word in (*KNOWN, "AND", "NOT", "==") if word.removesuffix("0") not in written] == []


@pytest.mark.parametrize(("example", "truth"), EXAMPLES)
def test_each_example_of_the_reference_gives_the_verdict_beside_it(example, truth):
    assert ask(shlex.split(example.replace("\\|", "|")))["truth"] == truth


@pytest.mark.parametrize(("example", "truth"), BLOCKS)
def test_each_block_test_of_the_reference_gives_the_verdict_beside_it(example, truth):
    assert verdict(example, BLOCK, {})["truth"] == truth


def test_a_bad_condition_is_a_problem_that_will_not_pass():
    with pytest.raises(Problem) as caught:
        verdict("(", None, {})

    assert (caught.value.code, caught.value.retryable) == ("bad_condition", False)


def test_the_stage_starts_without_heavy_imports():
    code = (
        "import runpy, sys; sys.path.insert(0, 'library'); runpy.run_path('modules/condition.py'); print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert not {"argparse", "subprocess", "asyncio", "logging", "dataclasses", "pathlib", "decimal"} & set(
        loaded.split()
    )


def test_without_variables_a_variable_has_no_value():
    verdict = parse_condition("@A@=x|@0_stdout@~y").evaluate(Context())

    assert verdict.truth is None
    assert verdict.because == "@A@=x is unknown: @A@ has no value; @0_stdout@~y is unknown: @0_stdout@ has no value"
