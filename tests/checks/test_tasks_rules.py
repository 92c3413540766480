"""Rules that are left out because a task has none of the fields that they are about, or a condition is a plain one."""

import random

import pytest
from task_file_builders import RUNNERS, checked

from tasker.checks import rules
from tasker.checks.context import CheckContext
from tasker.language import finding_help
from tasker.language.conditions.expression import parse_condition
from tasker.language.fields import FIELDS
from tasker.language.parse import taskfile
from tasker.language.workflow_index import PLAIN_CONDITION

KINDS = [[], ["command=a"], ["return=3"], ["hosts=a,b", "command=a"], ["put=/a", "to=/b"], ["type=parallel", "tasks=1"]]
KINDS += [
    ["type=conditional", "if_true_tasks=1"],
    ["type=chain", "hosts=a", "tasks=1"],
    ["type=approval"],
    ["type=wrong"],
]
KINDS += [["hosts=a,b", "command=a", "waves=1", "wave_approval=each"]]
KINDS += [["type=decision", "success=@1_success@"], ["command=a", "next=loop", "loop=3"]]
HELP = finding_help.read_help()
TESTS = [
    "exit_",
    "exit_not_",
    "success",
    "failure",
    "stdout~",
    "stderr!~",
    "&",
    "|",
    "0",
    "7",
    "99",
    "ready",
    "a.b/c-d_e",
]
OTHERS = [
    "256",
    "stdout",
    "=",
    "~",
    "<",
    "(",
    ")",
    "!",
    "@0_stdout@",
    '"',
    "'",
    "\\",
    " AND ",
    ":int",
    "never",
    "loop",
    " ",
]


def found_by_all(data):
    """What all rules find, each in all tasks."""
    context = context_of(data)
    for rule in rules.BEFORE_TASKS:
        rule(context)
    for task in context.tasks:
        for rule, _ in rules.TASK_RULES:
            rule(context, task)
    for last in rules.WORKFLOW_RULES:
        last(context)
    return context.findings.finish()


def context_of(data):
    workflow = taskfile.parse_workflow(data, "t.txt")
    workflow["settings"] = {"available": RUNNERS}
    return CheckContext(workflow, RUNNERS)


@pytest.mark.parametrize("code", HELP)
def test_a_rule_says_nothing_about_tasks_without_the_fields_that_it_is_about(code):
    for text in (HELP[code].bad, HELP[code].good):
        data = finding_help.example_files(text)[0]

        assert found_by_all(data) == rules.check_workflow(context_of(data))


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_alone_brings_its_rules_in_every_kind_of_task(field):
    for value in ("", "1", "true", "@0_stdout@"):
        for kind in KINDS:
            lines = [line for line in kind if not line.startswith(f"{field}=")]
            for block in ([], ["task=3", "type=parallel", "tasks=2"]):
                data = "\n".join(["task=1", "command=a", "task=2", *lines, f"{field}={value}", *block]).encode()

                assert found_by_all(data) == rules.check_workflow(context_of(data)), data


def test_the_fields_that_rules_are_about_exist():
    about = {field for _, fields in rules.TASK_RULES for field in fields}

    assert about <= {*FIELDS, *rules.ANY}


def test_a_plain_condition_is_valid_by_all_rules_and_nothing_is_said_about_it():
    draw, plain = random.Random(7), {"success", "exit_0&stdout~ready|failure", "exit_not_99|stderr!~x"}
    for turn in range(60_000):
        text = "".join(draw.choices(TESTS if turn % 2 else TESTS + OTHERS, k=draw.randint(1, 6)))
        plain |= {text} if PLAIN_CONDITION.fullmatch(text) else set()

    assert len(plain) > 500
    for text in sorted(plain)[::4]:
        for version in (1, 2, 3):
            parse_condition(text, version)
        for field in ("failure", "next", "loop_break"):
            lines = f"{field}={text}\nloop=1\nnext=loop" if field == "loop_break" else f"{field}={text}"
            found = checked(f"task=0\nexec=local\ncommand=true\n{lines}\n")["findings"]

            assert [] == found, (text, found)
