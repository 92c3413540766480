"""What validators/tasks.py makes of paths and blocks: values that are there, circles, tasks never reached."""

import pytest
from task_file_builders import block, checked, codes, only, parallel, task


def test_the_path_that_leaves_a_value_out_is_named():
    text = task(0, "next=exit_0", "on_failure=9") + task(3, "next=exit_0", "on_failure=9") + task(7)
    text += task(8, "on_success=9") + task(9, "arguments=@7_stdout@")

    assert only("T063", text)["message"] == "@7_stdout@ may have no value here: path 0 → 9 does not run task 7"


def test_a_long_path_is_shortened():
    text = "".join(task(n) for n in range(30)) + task(30, "on_failure=40", "on_success=35") + task(35, "on_success=40")

    assert "0 → 1 → 2 → 3 → … → 29 → 30 → 40 does not run task 35" in codes_text(
        text + task(40, "arguments=@35_stdout@")
    )


def codes_text(text):
    return "\n".join(one["message"] for one in checked(text)["findings"])


def test_a_skipped_task_has_values():
    assert codes(task(0) + task(1, "condition=@0_success@") + task(2, "arguments=@1_stdout@")) == []


def test_a_way_back_makes_a_value_possible_but_not_sure():
    text = task(0, "arguments=@1_stdout@") + task(1, "on_success=0", "on_failure=2") + task(2)

    assert codes(text) == ["T063", "T066"]


def test_a_task_reads_its_own_run_only_afterwards():
    assert codes(task(0, "success=@0_stdout@~x", "next=@0_exit_code@=0", "sleep=@0_stdout@")) == []
    assert codes(task(0, "arguments=@0_stdout@")) == ["T062"]
    assert codes(task(0, "arguments=@0_stdout@", "next=loop", "loop=2")) == ["T063"]
    assert codes(task(0, "arguments=@0_stdout@", "retry_failed=true")) == ["T063"]


def test_a_handler_behind_a_gap_is_reached_by_failures_alone():
    text = task(0, "next=exit_0", "on_failure=90") + task(1) + task(90, "arguments=@1_stdout@")

    assert [one["message"] for one in checked(text)["findings"]] == [
        "@1_stdout@ never has a value here: no path runs task 1 before task 90"
    ]


def test_the_rollback_goes_on_to_the_next_handler():
    text = task(0, "next=exit_0", "on_failure=99") + task(5, "next=exit_0", "on_failure=90")
    text += task(90) + task(99, "arguments=@0_stderr@ @90_stdout@", "return=1")

    assert [one["message"] for one in checked(text)["findings"]] == [
        "@90_stdout@ may have no value here: path 0 → 99 does not run task 90"
    ]


def test_a_circle_with_a_loop_counter_or_a_return_can_be_left():
    assert codes(task(0, "next=always", "on_success=1") + task(1, "next=always", "on_success=0")) == ["T061"]
    assert codes(task(0, "next=loop", "loop=2")) == []
    assert codes(task(0, "condition=true", "next=always", "on_success=0")) == []
    assert codes(task(0, "next=!stdout~x") + task(1, "on_success=0")) == []


def test_a_circle_is_reported_at_the_jump_back():
    found = only("T061", task(0) + task(1, "next=always") + task(2, "on_success=1", "next=always"))

    assert found["field"] == "on_success" and "1 → 2" in found["message"]


def test_every_member_of_a_parallel_block_has_run_after_it_and_none_beside_it():
    assert codes(parallel() + task(3, "arguments=@1_stdout@ @2_stdout@ @0_success_count@")) == []
    beside = block(0, "parallel", "tasks=1,2", "%s") + task(1) + task(2, "arguments=@1_stdout@")
    assert codes(beside % "sleep=1") == ["T062"]
    assert codes(beside % "max_parallel=1") == []
    assert codes(beside % "retry_failed=true") == ["T063"]


def test_where_not_all_start_at_once_an_earlier_subtask_may_be_over():
    text = block(0, "parallel", "tasks=1,2,3", "max_parallel=2") + task(1) + task(2) + task(3, "arguments=@1_stdout@")

    assert codes(text) == ["T063"]


def test_a_block_has_values_only_when_it_is_over():
    assert codes(block(0, "parallel", "tasks=1") + task(1, "arguments=@0_success_count@")) == ["T062"]


def test_of_a_conditional_block_one_branch_has_run():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1,2", "if_false_tasks=3") + task(1)
    text += task(2, "arguments=@1_stdout@") + task(3) + task(4, "arguments=%s")

    assert codes(text % "@0_success@") == []
    assert codes(text % "@1_stdout@") == ["T063"]
    assert codes(text.replace("task=3", "task=3\narguments=@1_stdout@") % "x") == ["T062"]


def test_a_block_whose_branch_broke_off_has_failed_and_leads_nowhere_else():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1,2", "if_false_tasks=2") + task(1, "next=exit_0")
    text += task(2) + task(4, "arguments=@2_stdout@")

    assert checked(text)["findings"] == []


def test_a_block_both_of_whose_branches_end_the_run_leads_on_only_where_neither_is_run():
    branches = ("if_true_tasks=1", "if_false_tasks=2", "next=always")
    ends = task(1, "next=always", "return=1") + task(2, "next=always", "return=2") + task(3)
    chosen = block(0, "conditional", "condition=true", *branches) + ends
    known = "X=1\n\n" + block(0, "conditional", "condition=@X@", *branches) + ends
    unsure = block(0, "conditional", "condition=@3_stdout@", *branches) + ends

    assert only("T060", chosen)["task"] == only("T060", known)["task"] == 3
    assert [one for one in checked(unsure)["findings"] if one["code"] == "T060"] == []


def test_a_normal_start_is_in_no_handler_even_where_an_on_failure_starts_again():
    text = task(0, "next=exit_0", "on_failure=5") + task(5, "next=exit_0", "on_failure=0") + task(8)

    assert [one["code"] for one in checked(text)["findings"] if one["code"] == "T060"] == []


def test_a_branch_ends_where_the_next_of_one_of_its_tasks_is_not_met():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1,2", "if_false_tasks=2", "next=always")
    text += task(1, "next=exit_0") + task(2) + task(4, "arguments=@2_stdout@")

    assert only("T063", text)["message"] == "@2_stdout@ may have no value here: path 0 → 1 → 0 → 4 does not run task 2"


def test_a_task_of_a_block_that_a_jump_reaches_goes_on_from_there():
    text = task(0, "on_failure=11") + block(10, "parallel", "tasks=11,12") + task(11) + task(12)
    text += task(13, "arguments=@12_stdout@")

    assert codes(text) == ["T041", "T063"]


def test_unreached_subtasks_of_a_block_that_is_not_reached_are_not_told_again():
    text = task(0, "return=0") + block(1, "parallel", "tasks=2,3") + task(2) + task(3)

    assert [one["task"] for one in checked(text)["findings"]] == [1]


# -- blocks


def test_blocks_in_a_circle_are_named():
    text = task(0) + block(1, "parallel", "tasks=2") + block(2, "conditional", "condition=true", "if_true_tasks=1")

    assert only("T050", text)["message"] == "block 1 is inside itself, through 2"


def test_one_task_in_two_blocks_is_wrong_only_where_both_can_run_at_once():
    two = block(1, "parallel", "tasks=11,12") + block(2, "parallel", "tasks=12,13")
    two += task(11) + task(12) + task(13)

    assert codes(two) == []
    assert codes(block(0, "parallel", "tasks=1,2") + two) == ["T051"]
    assert codes(block(0, "conditional", "condition=true", "if_true_tasks=1", "if_false_tasks=2") + two) == []
    assert codes(block(0, "parallel", "tasks=1,12") + two) == ["T051"]


def test_a_block_inside_another_may_say_what_its_success_is():
    text = block(0, "parallel", "tasks=1") + block(1, "parallel", "tasks=2,3", "next=%s") + task(2) + task(3)

    assert codes(text % "any_success") == []
    assert codes(text % "never") == ["T052"]


@pytest.mark.parametrize("line", ["next=always", "on_success=9", "on_failure=9", "return=1"])
def test_subtasks_of_a_parallel_block_decide_no_route(line):
    assert "T052" in codes(block(0, "parallel", "tasks=1") + task(1, line) + task(9))


def test_tasks_of_a_branch_may_end_the_workflow_but_not_jump():
    text = block(0, "conditional", "condition=true", "if_true_tasks=1") + task(1, "%s") + task(9)

    assert codes(text % "next=never\nreturn=0") == []
    assert "T052" in codes(text % "on_success=9")


@pytest.mark.parametrize("members", ["", "1,", ",1", "1;2", "2-1", "x", "1-", "-1", "1--2"])
def test_a_list_that_is_none_is_refused(members):
    assert {"T011", "T002"} & set(codes(parallel(members=members)))


def test_a_missing_subtask_is_pointed_at():
    found = only("T040", parallel(members="1, 9,2"))

    assert found["column"] == len("tasks=1, ") + 1


def test_a_range_names_the_tasks_that_there_are():
    assert codes(parallel(members="1-500")) == []
    assert codes(parallel(members="1,2,500-600")) == ["T040"]


def unreached(text):
    return [one["task"] for one in checked(text)["findings"] if one["code"] == "T060"]


def test_a_branch_that_comes_to_a_handler_leads_on_to_handlers_even_from_a_block_inside():
    both = ("condition=true", "if_true_tasks={0}", "if_false_tasks={0}", "next=always")
    text = block(5, "conditional", *both).format(6) + block(6, "conditional", *both).format(20) + task(20)
    text += task(99, "return=1") + task(300, "on_failure=99")

    assert unreached(text + task(301)) == []
    assert unreached(text + task(301, "on_failure=20")) == [300, 301]


def test_a_parallel_block_may_come_to_a_handler_through_a_branch_inside():
    text = block(4, "parallel", "tasks=5") + block(5, "conditional", "condition=true", "if_true_tasks=20") + task(20)
    text += task(99) + task(300, "return=0") + task(301, "on_failure=99")

    assert unreached(text + task(302)) == [99, 301, 302]
    assert unreached(text + task(302, "on_failure=20")) == [301, 302]


def test_paths_start_where_the_run_starts():
    text = task(0, "next=never") + task(5, "next=always", "on_success=6") + task(6, "next=always", "on_success=5")

    assert codes(text) == ["T060", "T060"]
    assert codes(text, start_from=5) == ["T061"]


# -- circles that only a failure leaves


@pytest.mark.parametrize(
    "text",
    [
        task(0, "on_success=0"),
        task(0, "on_success=0", "on_failure=1") + task(1),
        task(0) + task(1, "on_success=0"),
        task(0, "next=always") + task(1, "on_success=0"),
        parallel("on_success=0"),
        block(0, "conditional", "condition=true", "if_true_tasks=1", "on_success=0") + task(1),
    ],
)
def test_a_circle_that_only_a_failure_leaves_is_a_warning(text):
    found = only("T066", text)

    assert found["severity"] == "warning"
    assert found["message"].endswith("only a failure ends it")


@pytest.mark.parametrize(
    "text",
    [
        task(0, "on_failure=0"),
        task(0, "next=exit_0", "on_success=0"),
        task(0, "condition=true", "on_success=0"),
        task(0, "next=loop", "loop=2"),
        task(0) + task(1, "on_failure=0"),
        task(0, "on_failure=2") + task(1, "return=0") + task(2, "on_success=0"),
        block(0, "parallel", "tasks=1,2", "next=loop", "loop=3") + task(1) + task(2),
        block(0, "parallel", "tasks=1,2", "retry_failed=true") + task(1) + task(2),
        block(0, "conditional", "condition=true", "if_true_tasks=1,2", "on_success=0")
        + task(1, "condition=true", "return=4")
        + task(2),
    ],
)
def test_a_circle_that_something_else_leaves_is_not(text):
    assert not {"T061", "T066"} & set(codes(text))


def test_with_on_error_continue_nothing_leaves_a_circle_of_plain_tasks():
    text = task(0) + task(1, "next=always", "on_success=0")

    assert codes(text, on_error="continue") == ["T061"]
    assert codes(text) == ["T066"]
