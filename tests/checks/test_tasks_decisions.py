"""Decisions before the run: their fields, what they may test, where they can stand (docs/language.md §6)."""

import pytest
from task_file_builders import checked, only, task

BEFORE = task(0)


def decision(*lines, number=1):
    return "\n".join([f"task={number}", "type=decision", *lines, "", ""])


def errors(text, **settings):
    return [
        (one["code"], one.get("field")) for one in checked(text, **settings)["findings"] if one["severity"] == "error"
    ]


def test_a_good_one():
    text = BEFORE + decision("success=@0_stdout@~x", "on_failure=9") + task(2, "next=never") + task(9, "return=3")

    assert checked(text)["findings"] == []


def test_all_fields_that_it_may_have():
    lines = ("success=@0_stdout@~x", "condition=@0_success@", "on_failure=9", "sleep=1", "next=success")

    assert checked(BEFORE + decision(*lines) + task(2, "next=never") + task(9))["findings"] == []
    assert checked(BEFORE + decision("failure=@0_stdout@~x", "return=4"))["findings"] == []


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("command=date", "remove it: a decision runs nothing; write it into a task before it"),
        ("arguments=x", "remove it: a decision runs nothing; write it into a task before it"),
        ("put=x", "remove it: a decision runs nothing; write it into a task before it"),
        ("hostname=web1", "remove it: a decision runs nothing, so it has no host and no exec type"),
        ("exec=local", "remove it: a decision runs nothing, so it has no host and no exec type"),
        ("timeout=5", "remove it: a decision takes no time"),
        ("retry_failed=false", "remove it: the same values decide the same; on_failure can jump back"),
        ("loop=2", "remove it: the same values decide the same; on_failure can jump back"),
        ("stdout_split=space,0", "remove it: a decision has no command"),
        ("probe=true", "remove it: a decision has no command"),
        ("idempotent=true", "remove it: a decision has no command"),
        ("tasks=0", "remove it: a decision runs nothing; write it into a task of its own"),
    ],
)
def test_fields_of_a_command_do_not_apply(line, fix):
    found = only("T003", BEFORE + decision("success=@0_stdout@~x", line))

    assert (found["field"], found["fix"][: len(fix)]) == (line.partition("=")[0], fix)


def test_it_takes_one_condition():
    assert errors(BEFORE + decision()) == [("T001", None)]
    assert errors(BEFORE + decision("success=@0_success@", "failure=@0_success@")) == [("T008", "failure")]
    assert errors(BEFORE + decision("success=@0_success@", "next=loop")) == [("T003", "next")]


@pytest.mark.parametrize(
    ("test", "fix"),
    [
        ("exit_3", "write @N_exit_code@=3, with the number of the task that is meant"),
        ("exit_not_3", "write @N_exit_code@!=3, with the number of the task that is meant"),
        ("success", "write @N_success@=true, with the number of the task that is meant"),
        ("stdout~ready", "write @N_stdout@~ready, with the number of the task that is meant"),
        ("stdout:version>=2", "write @N_stdout:version@>=2, with the number of the task that is meant"),
        ("stdout_count>2", "test a value of an earlier task, as in @0_exit_code@=0"),
        ("all_success", "test a value of an earlier task, as in @0_exit_code@=0"),
        ("@1_exit_code@=0", "test a value of an earlier task, as in @0_exit_code@=0"),
        ("@1_stdout@~x", "test a value of an earlier task, as in @0_exit_code@=0"),
    ],
)
@pytest.mark.parametrize("field", ["success", "failure"])
def test_it_cannot_test_its_own_result(field, test, fix):
    text = BEFORE + decision(f"{field}=@0_success@&{test}")
    found = only("T021", text)

    assert errors(text) == [("T021", field)]
    assert (found["column"], found["fix"]) == (len(f"{field}=@0_success@&") + 1, fix)


def test_in_next_it_has_a_success_and_no_output():
    assert errors(BEFORE + decision("success=@0_success@", "next=failure|exit_0|@1_success@")) == []
    assert errors(BEFORE + decision("success=@0_success@", "next=stdout~x")) == [("T021", "next")]


@pytest.mark.parametrize("value", ["stdout", "stderr", "hostname", "command", "duration", "success_count"])
def test_others_cannot_read_its_output(value):
    text = BEFORE + decision("success=@0_success@") + task(2, f"arguments=@1_{value}@")
    found = only("T035", text)

    assert errors(text) == [("T035", "arguments")]
    assert found["message"].endswith("task 1 is a decision, which has only exit_code, exit, success")


def test_others_can_read_how_it_ended():
    assert errors(BEFORE + decision("success=@0_success@") + task(2, "arguments=@1_success@ @1_exit@")) == []


def test_values_that_cannot_be_set():
    text = BEFORE + decision("success=@2_stdout@~x") + task(2)

    assert errors(text) == [("T062", "success")]
    assert errors(BEFORE + decision("success=@7_stdout@~x")) == [("T036", "success")]
    assert errors(BEFORE + decision("success=@NAME@=x")) == [("T030", "success")]


def test_a_global_that_only_a_decision_reads_is_used():
    assert checked("ENV=live\n" + BEFORE + decision("success=@ENV@=live"))["findings"] == []


def test_not_in_a_parallel_block_but_in_a_branch_of_one():
    inside = decision("success=true", number=3)
    text = "task=1\ntype=parallel\ntasks=3,4\n\n" + inside + task(4)
    assert errors(text) == [("T094", "type")]
    assert errors(text, skip_tasks=True) == [("T094", "type")]

    branch = "task=4\ntype=conditional\ncondition=true\nif_true_tasks=3\n\n"
    assert errors("task=1\ntype=parallel\ntasks=4,5\n\n" + branch + inside + task(5)) == []


CHAIN = "task=1\ntype=chain\nhosts=a\ntasks=3,4\nfinally=5\n\n"


def test_in_a_chain_but_not_in_finally():
    members = task(3) + task(5)
    text = CHAIN + members + decision("success=@3_stdout@~x", number=4)
    assert errors(text) == []
    found = errors(
        CHAIN.replace("finally=5", "finally=4").replace("3,4", "3,5") + members + decision("success=true", number=4)
    )
    assert ("T094", "type") in found


def test_a_cycle_that_a_decision_ends_is_no_finding():
    text = BEFORE + decision("success=@0_stdout@~x", "on_failure=0") + task(2)

    assert checked(text)["findings"] == []


def test_the_type_is_suggested():
    assert only("T009", BEFORE + "task=1\ntype=desicion\nsuccess=@0_success@\n")["fix"] == "did you mean 'decision'?"
