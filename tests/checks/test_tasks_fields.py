"""What validators/tasks.py says of fields, values, conditions and variables, and where it points."""

import time

import pytest
from task_file_builders import block, checked, codes, only, parallel, task


@pytest.mark.parametrize(
    "line",
    [
        "timeout=abc", "timeout=-5", "sleep=nan", "sleep=1e3", "sleep=86401", "sleep=-1", "return=256", "return=99999",
        "return=-1", "return=٣", "on_success=x", "on_failure=9999999", "retry_delay=3601",
    ],
)  # fmt: skip
def test_a_number_out_of_its_bounds_is_an_error(line):
    assert "T006" in codes(task(0, line, "retry_failed=true"))


@pytest.mark.parametrize("count", ["0.5", "1000001", "-1", "", "many", "9" * 5000])
def test_a_loop_that_is_no_count_is_an_error(count):
    assert set(codes(task(0, "next=loop", f"loop={count}"))) <= {"T006", "T002"} != set()


def test_a_timeout_out_of_its_bounds_is_not_changed():
    assert only("T006", task(0, "timeout=0"))["severity"] == "error"
    assert only("T006", task(0, "timeout=2592001"))["severity"] == "error"
    assert codes(task(0, "timeout=1") + task(1, "timeout=2592000")) == []


def test_a_global_may_hold_any_value_and_is_checked_like_one():
    assert codes("T=60\nN=3\nS=space\n" + task(0, "timeout=@T@", "next=loop", "loop=@N@", "stdout_split=@S@,0")) == []
    assert codes("T=x\n" + task(0, "timeout=@T@")) == ["T006"]


def test_numbers_that_come_from_outputs_are_left_to_the_run():
    assert codes(task(0) + task(1, "timeout=@0_stdout@", "sleep=@0_stdout@") + task(2, "return=@0_stdout@")) == []


@pytest.mark.parametrize("field", ["loop", "loop_break"])
def test_loop_fields_mean_nothing_without_a_loop(field):
    assert codes(task(0, f"{field}=1")) == ["T003"]


def test_a_loop_needs_a_number():
    assert codes(task(0, "next=loop&exit_0")) == ["T001"]


def test_what_may_not_stand_in_a_block_is_named():
    found = only("T003", block(0, "parallel", "tasks=1", "command=x") + task(1))

    assert found["message"] == "'command' does not apply to a parallel block"


def test_a_task_that_only_returns_needs_no_host_and_can_have_no_success():
    assert codes("task=0\nreturn=1\n") == []
    assert codes("task=0\nreturn=1\nsuccess=exit_0\n") == ["T003"]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (["next=never", "on_success=1"], "on_success"),
        (["next=never", "sleep=1"], "sleep"),
        (["next=never", "on_success=1", "on_failure=1", "sleep=1"], "on_success"),  # a failure is followed
        (["next=always", "on_failure=1"], "on_failure"),
        (["on_success=1", "return=3"], "return"),
        (["return=3", "sleep=1"], "sleep"),
    ],
)
def test_what_a_stronger_field_makes_moot_is_a_warning(lines, field):
    found = [one for one in checked(task(0, *lines) + task(1))["findings"] if one["code"] == "T004"]

    assert [one["field"] for one in found] == [field]


def test_commands_for_hosts_need_a_host_and_local_ones_do_not():
    assert codes("task=0\ncommand=x\n") == ["T001"]
    assert codes("task=0\ncommand=true\n", exec="local") == []
    assert codes("task=0\ncommand=x\nexec=shell\n") == []


def test_quotes_are_free_in_a_shell_script():
    assert codes(task(0, "arguments=it's fine", exec_type="shell")) == []


@pytest.mark.parametrize(
    ("command", "arguments", "field", "column"),
    [
        ("eval @0_stdout@", "x", "command", 14),
        ("eval", "@0_stdout@", "arguments", 11),
        ("echo @0_stdout@;", "eval @0_stdout@", "arguments", 16),
        ("eval @0_stdout@;", "echo @0_stdout@", "command", 14),
        ("if true; then eval @0_stdout@;", "fi", "command", 28),
        ('echo "@0_stdout@', '$((@1_stdout@))"', "arguments", 14),
    ],
)
def test_an_output_that_a_script_cannot_use_is_pointed_at_in_its_field(command, arguments, field, column):
    text = task(0) + task(1) + task(2, f"arguments={arguments}", exec_type="shell", command=command)
    found = [one for one in checked(text)["findings"] if one["code"] == "T013"]

    assert [(field, column)] == [(one["field"], one["column"]) for one in found]


@pytest.mark.parametrize(
    ("script", "fix"),
    [
        ("test @0_stdout@ x", "compare as in [ @0_stdout@ = … ], or @0_stdout:int@ if it is a number"),
        ('[ "@0_stdout@" "@0_stdout@" ]', "compare as in [ @0_stdout@ = … ], or @0_stdout:int@ if it is a number"),
        ("x=1; echo $((a$x)) @0_stdout@", "write the name of the variable, or @0_stdout:int@ if it is a number"),
    ],
)
def test_the_way_out_of_a_script_is_the_fix_and_no_part_of_the_message(script, fix):
    (found,) = [
        one
        for one in checked(task(0) + task(1, exec_type="shell", command=script))["findings"]
        if one["code"] == "T013"
    ]

    assert (found["fix"], "compare" in found["message"]) == (fix, False)


def test_a_command_that_becomes_empty_is_none():
    assert codes("C=\n" + task(0, command="@C@")) == ["T002"]


# -- conditions


def test_a_condition_is_pointed_at_where_it_goes_wrong():
    found = only("T020", "task=0\ncommand=a\nexec=local\nloop=1\nnext=loop & exit_0|stdot~x\n")

    assert (found["line"], found["column"]) == (5, 20)
    assert found["fix"] == "did you mean 'stdout'?"


def test_what_a_condition_cannot_read_before_the_run_is_pointed_at():
    found = only("T021", task(0) + task(1, "condition=@0_success@&stdout~x"))

    assert found["column"] == len("condition=@0_success@&") + 1
    assert "@0_exit_code@=0" in found["fix"]


@pytest.mark.parametrize("test", ["any_success", "min_failed=1", "majority_success"])
def test_block_tests_stand_in_the_next_of_a_block_only(test):
    assert codes(task(0, f"success={test}")) == ["T022"]
    assert codes(parallel(f"next={test}")) == []


@pytest.mark.parametrize(
    ("test", "fix"),
    [
        (
            "all_success",
            "it is one task: write loop_break=success; a block test stands in 'next' or 'success' of a block",
        ),
        (
            "min_failed=1",
            "it is one task: write loop_break=failure; a block test stands in 'next' or 'success' of a block",
        ),
    ],
)
def test_a_block_test_of_a_plain_task_has_a_way_out(test, fix):
    found = only("T022", task(0, "next=loop", "loop=3", f"loop_break={test}"))

    assert found["fix"] == fix
    assert codes(task(0, "next=loop", "loop=3", fix.split("write ")[1].split(";")[0])) == []


@pytest.mark.parametrize(
    ("test", "written"),
    [
        ("all_success", "@0_failed_count@=0"),
        ("any_success", "@0_success_count@>0"),
        ("majority_success", "@0_success_count@>@0_failed_count@"),
        ("min_success=2", "@0_success_count@>=2"),
        ("max_failed=1", "@0_failed_count@<=1"),
    ],
)
def test_a_block_test_that_ends_a_loop_of_a_block_is_written_with_its_counts(test, written):
    loop = "next=loop\nloop=3\nloop_break="
    found = only("T022", parallel(loop + test))

    assert found["fix"] == f"write loop_break={written}"
    assert codes(parallel(loop + written)) == []


def test_a_threshold_counts_the_longer_branch():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1", "if_false_tasks=2,3", "next=min_success=%d")
    text += task(1) + task(2) + task(3)

    assert codes(text % 2) == []
    assert codes(text % 3) == ["T023"]


def test_a_threshold_of_any_length_is_compared():
    assert codes(parallel("next=min_failed=" + "9" * 5000)) == ["T023"]


def test_next_of_a_conditional_block_is_no_loop():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1", "next=loop&exit_0") + task(1)

    assert codes(text) == ["T003"]


# -- variables


def test_a_variable_is_pointed_at_where_it_stands():
    found = only("T030", "ENVIRONMENT=x\n" + task(0, "arguments=a @ENVIRONMENT@ @ENVIRONMNT@"))

    assert found["column"] == len("arguments=a @ENVIRONMENT@ ") + 1
    assert found["fix"] == "did you mean 'ENVIRONMENT'?"


def test_an_output_without_a_number_says_how_outputs_are_named():
    found = only("T034", task(0) + task(1, "condition=@build_stdout@~x"))

    assert "outputs are written @NUMBER_stdout@" in found["message"]


def test_a_missing_task_gets_the_nearest_one_for_its_name():
    assert only("T036", task(0) + task(10, "arguments=@9_stdout@"))["fix"] == "did you mean task 10?"
    assert only("T040", task(0) + task(10, "on_success=1"))["fix"] == "did you mean task 0?"
    assert only("T040", task(0) + task(9, "on_failure=90"))["fix"] == "did you mean task 9?"


def test_a_missing_task_far_from_any_other_is_not_taken_for_one():
    found = only("T040", task(0, "on_failure=99") + task(1))

    assert found["fix"] == "add a task with the number 99, or use the number of another"


def test_globals_in_globals_are_used_and_looked_at():
    assert codes("A=1\nB=@A@\n" + task(0, "arguments=@B@")) == []
    assert codes("B=@A@\n" + task(0, "arguments=@B@")) == ["T030"]


def test_a_circle_is_named_once():
    found = only("T031", "A=@B@\nB=@C@\nC=@A@\n" + task(0, "arguments=@A@"))

    assert "A -> B -> C -> A" in found["message"]


def test_a_bomb_of_globals_is_refused_fast():
    lines = ["A0=" + "x" * 100] + [f"A{n}=" + f"@A{n - 1}@" * 7 for n in range(1, 60)]
    begin = time.perf_counter()

    found = codes("\n".join(lines) + "\n" + task(0, "arguments=@A59@"))

    assert found == ["T032"]
    assert time.perf_counter() - begin < 0.3


def test_an_output_may_hide_in_a_global():
    text = "WHERE=web@0_stdout@\n" + task(0) + task(1, "hostname=@WHERE@")

    assert codes(text) == []
    assert codes("N=@0_stdout@\n" + task(0) + task(1, "on_success=@N@")) == ["T038"]
    assert codes("V=@1_stdout@\n" + task(0, "arguments=@V@") + task(1)) == ["T062"]


def test_a_sign_that_is_no_variable_is_itself():
    assert codes(task(0, "arguments=a@b.com @@ @ x@1")) == []


@pytest.mark.parametrize(
    ("own", "reader", "is_blind"),
    [
        ("success=exit_0|exit_1", "condition=@0_exit_code@=1", True),
        ("success=exit_0|exit_1", "condition=@0_exit_code@=0", True),
        ("success=exit_0|exit_1", "condition=@0_exit@!=1", True),
        ("failure=exit_2", "condition=@0_exit_code@=1", True),
        ("success=exit_0|exit_1", "condition=@0_exit_code@<=1", False),
        ("success=exit_0|exit_1", "condition=@0_exit_code@=2", False),
        ("success=exit_0|exit_1", "condition=@0_exit_code@=1|@0_success@", False),
        ("success=exit_0|exit_1", "condition=@0_success@", False),
        ("success=exit_0|exit_1", "condition=@0_exit_code:int@=1", False),  # with a type: not followed
        ("success=exit_0&stdout~ok", "condition=@0_exit_code@=1", False),  # more than the exit code decides
        ("success=exit_0", "condition=@0_exit_code@=0", False),
        ("success=exit_0|exit_1\nnext=always", "condition=@0_exit_code@=1", False),
        ("success=exit_0|exit_1\non_failure=2", "condition=@0_exit_code@=1", False),
        ("timeout=9", "condition=@0_exit_code@=0", False),
    ],
)
def test_a_condition_that_cannot_see_the_failure_that_it_handles_gets_a_hint(own, reader, is_blind):
    found = [one for one in checked(task(0, own) + task(1, reader) + task(2))["findings"] if one["code"] == "T029"]

    assert [(one["severity"], one["task"], one["field"]) for one in found] == [("hint", 1, "condition")] * is_blind


def test_success_of_a_block_takes_block_tests_and_values_but_not_its_own_end():
    assert codes(parallel("success=min_success=1")) == []
    assert codes(parallel("success=@0_failed_count@<2")) == []
    found = only("T022", parallel("success=any_success&exit_0"))
    assert (found["field"], found["fix"]) == ("success", "use a block test, as in success=all_success")
    assert codes(parallel("success=min_success=99")) == ["T023"]


def test_success_of_a_fan_out_is_about_each_host_or_about_all_of_them():
    fanout = "task=0\nexec=local\ncommand=true\nhosts=web1,web2\n"
    assert codes(fanout + "success=min_success=1\n") == codes(fanout + "success=exit_0\n")
    assert "T022" in codes(fanout + "success=min_success=1&stdout~x\n")
