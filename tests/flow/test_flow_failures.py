"""docs/language.md §6, unhandled failures: a failure that nothing handles stops the run, or ends the branch."""

import pytest
from flow_driver import Play, document, play, tasks

THREE = "0 command=a", "1 command=b {}", "2 command=c"
HANDLED = {1: 3}


def three(fields):
    return tasks(*(line.format(fields) for line in THREE))


# -- outside of handlers


def test_a_failure_that_nothing_handles_stops_the_run():
    run = play(three(""), HANDLED)

    assert ([0, 1], 10, "stopped at task 1: it failed: exit code 3") == (run.order, run.code, run.reason)
    assert [1] == run.exit["failed"]


@pytest.mark.parametrize(
    "fields",
    ["success=exit_0", "failure=exit_3", "on_success=2", "return=0", "return=4", "sleep=1", "condition=true"],
)
def test_what_defines_failure_or_ends_the_run_handles_nothing(fields):
    assert ([0, 1], 10) == ((run := play(three(fields), HANDLED)).order, run.code)


def test_the_smallest_file_of_issue_15_a_9_is_no_success():
    assert (10, "FAILED") == ((run := play(tasks("0 command=false success=exit_0"), {0: 1})).code, run.exit["status"])


def test_the_reason_names_the_condition_that_says_so():
    assert "stopped at task 0: it failed: success: " in play(tasks("0 command=a success=stdout~ok"), {0: "no"}).reason


@pytest.mark.parametrize("fields", ["next=always", "next=exit_3", "next=failure", "next=always success=exit_0"])
def test_a_next_that_is_always_or_true_handles_a_failure(fields):
    assert ([0, 1, 2], 0, "reached the end") == ((run := play(three(fields), HANDLED)).order, run.code, run.reason)
    assert "failed" not in run.exit


def test_on_failure_handles_a_failure_and_the_run_ends_with_0():
    run = play(tasks("0 command=a on_failure=9", "1 command=b", "9 command=h"), {0: 1})

    assert ([0, 9], 0, "reached the end") == (run.order, run.code, run.reason)


@pytest.mark.parametrize("value", ["success", "exit_code", "exit"])
@pytest.mark.parametrize(
    "reader",
    [
        "2 command=c condition=@1_{}@=False",
        "2 command=c success=@1_{}@=False|true",
        "2 command=c failure=@1_{}@=True&false",
        "2 command=c next=@1_{}@=False|true",
        "2 command=c next=loop&!@1_{}@=5 loop=0",
        "2 command=c next=loop loop=1 loop_break=@1_{}@=False|true",
        "2 condition=@1_{}@=False return=0",
        "2 type=parallel tasks=3 condition=@1_{}@=False|true",
        "2 type=conditional if_true_tasks=3 condition=@1_{}@=False|true",
        "2 type=conditional if_true_tasks=3 condition=true next=@1_{}@=False|true",
        "2 command=c condition=@BAD@=False|true",
    ],
)
def test_a_condition_of_another_task_that_reads_the_outcome_handles_a_failure(reader, value):
    text = f"BAD=@1_{value}@\n" if "BAD" in reader else ""
    run = play(text + tasks("1 command=b", reader.format(value), "3 command=d"), HANDLED)

    assert 0 == run.code, run.reason


@pytest.mark.parametrize(
    "reader",
    [
        "2 command=c condition=@1_stdout@=",
        "2 command=c arguments=@1_success@",
        "2 command=c arguments=@1_exit_code@",
        "2 return=@1_exit_code@",
        "2 command=c sleep=@1_exit_code@",
        "2 command=c condition=@0_success@",
        "2 command=c condition=@1_attempts@=1",
    ],
)
def test_what_reads_another_value_or_is_no_condition_handles_nothing(reader):
    assert ([0, 1], 10) == ((run := play(tasks("0 command=a", "1 command=b", reader), HANDLED)).order, run.code)


@pytest.mark.parametrize("own", ["condition=@1_success@|true", "loop=0 next=loop loop_break=@1_success@=x"])
def test_a_task_that_reads_its_own_outcome_handles_nothing(own):
    assert ([1], 10) == ((run := play(tasks(f"1 command=b {own}", "2 command=c"), HANDLED)).order, run.code)


@pytest.mark.parametrize(("ends", "order"), [("on_success=5", [1]), ("return=0", [1]), ("next=never", [1])])
def test_a_reader_handles_no_failure_of_a_task_after_which_the_flow_does_not_come_to_it(ends, order):
    run = play(tasks(f"1 command=b {ends}", "2 command=c condition=@1_success@=False", "5 command=d"), HANDLED)

    assert (order, 10) == (run.order, run.code)


def test_the_last_run_of_a_task_counts():
    text = tasks("0 command=a next=loop loop=2", "1 command=b")
    assert ([0, 0, 0, 1], 0) == ((run := play(text, {0: [1, 1, 0]})).order, run.code)
    assert ([0, 0, 0], 10) == ((run := play(text, {0: [0, 0, 1]})).order, run.code)


def test_an_unknown_outcome_stops_the_run_and_ends_with_75():
    run = play(three(""), {1: "unknown"})

    assert ([0, 1], 75) == (run.order, run.code)
    assert run.reason.startswith("stopped at task 1: it failed: ")


def test_what_is_not_started_stops_the_run():
    run = play(tasks("0 command=a condition=false", "1 command=b arguments=@2_stdout@", "2 command=c"))

    assert ([], 10) == (run.order, run.code)
    assert run.reason == "stopped at task 1: it failed: @2_stdout@ has no value: task 2 did not run"


def test_what_the_operator_skips_is_no_failure():
    run = Play(three(""))
    run.answer(0)
    run.event("skip", id=next(iter(run.running)))
    run.running = {key: one for key, one in run.running.items() if one["task"] == 2}

    assert ([0, 1, 2], 0) == (run.go().order, run.code)


# -- never


def test_next_never_after_a_failure_ends_with_10():
    run = play(three("next=never"), HANDLED)

    assert ([0, 1], 10, "stopped at task 1: it failed: exit code 3") == (run.order, run.code, run.reason)
    assert 0 == play(three("next=never")).code


def test_next_never_with_return_lets_no_failure_through():
    assert 10 == play(three("next=never return=0"), HANDLED).code


def test_on_failure_is_followed_also_with_next_never():
    text = tasks("1 command=b next=never on_failure=9", "2 command=c", "9 command=h")
    assert ([1, 9], 0) == ((run := play(text, HANDLED)).order, run.code)
    assert ([1], 0) == ((run := play(text)).order, run.code)


# -- in a handler

HANDLER = "0 command=a on_failure=90", "1 command=b", "90 command=rollback", "91 command=alert"


def test_in_a_handler_the_flow_goes_on_after_a_failure_and_the_run_cannot_end_with_0():
    run = play(tasks(*HANDLER), {0: 1, 90: 5})

    assert ([0, 90, 91], 1) == (run.order, run.code)
    assert run.reason == "reached the end, but nothing handled the failure of task 90 (exit code 5)"
    assert [90] == run.exit["failed"]
    assert run.said("Task 90: it failed: exit code 5; the flow continues, because it is in a handler")


def test_a_run_that_a_handler_brought_to_its_end_ends_with_0():
    assert ([0, 90, 91], 0) == ((run := play(tasks(*HANDLER), {0: 1})).order, run.code)


def test_the_same_task_reached_outside_of_a_handler_stops_the_run():
    run = play(tasks("0 command=a on_failure=90", "1 command=b on_success=90", *HANDLER[2:]), {90: 5})
    assert ([0, 1, 90], 10) == (run.order, run.code)


@pytest.mark.parametrize(
    ("last", "answers", "code"),
    [
        ("91 command=alert return=7", {}, 7),
        ("91 command=alert return=0", {}, 0),
        ("91 return=7", {}, 7),
        ("91 command=alert next=never", {}, 10),
        ("91 command=alert next=never return=7", {}, 7),
        ("91 command=alert return=7", {91: 1}, 7),
        ("91 command=alert return=0", {91: 1}, 10),
        ("91 command=alert next=never", {91: 1}, 10),
        ("91 command=alert next=never return=7", {91: 1}, 7),
        ("91 command=alert next=never return=0", {91: 1}, 10),
    ],
)
def test_how_a_run_ends_whose_handler_failed(last, answers, code):
    run = play(tasks(*HANDLER[:3], last), {0: 1, 90: 5, **answers})

    assert ([0, 90, 91] if "command" in last else [0, 90], code) == (run.order, run.code)
    assert "task 90 (exit code 5)" in run.reason


def test_a_failed_handler_does_not_follow_its_on_success():
    text = tasks("0 command=a on_failure=90", "90 command=b on_success=95", "91 command=c", "95 command=d")
    assert ([0, 90, 91], 1) == ((run := play(text, {0: 1, 90: 1, 91: 0})).order[:3], run.code)


def test_a_next_that_is_false_stops_the_run_in_a_handler_too():
    run = play(tasks("0 command=a on_failure=90", "90 command=b next=exit_0", "91 command=c"), {0: 1, 90: 1})

    assert ([0, 90], 10) == (run.order, run.code)


def test_a_start_at_a_handler_is_in_it():
    assert ([90, 91], 1) == ((run := play(tasks(*HANDLER), {90: 5}, start_from=90)).order, run.code)


# -- loops


@pytest.mark.parametrize("answers", [[1, 1, 3], [1, 3]])
def test_a_loop_whose_condition_turned_false_has_ended_well(answers):
    run = play(tasks("0 command=a next=loop&exit_1 loop=2", "1 command=b"), {0: answers})

    assert ([*[0] * len(answers), 1], 0, "reached the end") == (run.order, run.code, run.reason)


def test_a_loop_that_was_used_up_is_judged_by_its_last_run():
    run = play(tasks("0 command=a next=loop&failure loop=2", "1 command=b"), {0: 4})

    assert ([0, 0, 0], 10, "stopped at task 0: it failed: exit code 4") == (run.order, run.code, run.reason)


def test_a_loop_condition_that_is_unknown_is_no_good_end():
    run = play(tasks("0 command=a next=loop&stdout>5 loop=2", "1 command=b"), {0: (3, "text")})

    assert ([0], 10) == (run.order, run.code)


def test_a_loop_break_that_was_met_is_a_good_end_in_the_last_run_too():
    for answers in ([1, 3], [1, 1, 3]):
        run = play(tasks("0 command=a next=loop loop=2 loop_break=exit_3", "1 command=b"), {0: answers})
        assert ([*[0] * len(answers), 1], 0) == (run.order, run.code)


@pytest.mark.parametrize(("fields", "runs"), [("loop=4", 5), ("loop=0", 1)])
def test_a_loop_break_that_was_never_met_is_a_failure(fields, runs):
    run = play(tasks(f"0 command=a next=loop {fields} loop_break=stdout~ok", "1 command=b"), {0: "no"})

    why = f"loop_break not met after {runs} run{'s' * (runs > 1)}"
    assert ([0] * runs, 10, f"stopped at task 0: it failed: {why}") == (run.order, run.code, run.reason)
    assert f"WARN Task 0 failed (exit_code=0): {why}" in run.log
    last = [step for step in run.steps if step.get("what") == "end"][-1]
    assert ("failed", False, why) == (last["outcome"], last["success"], last["because"])


def test_a_loop_break_that_was_never_met_is_read_as_a_failure():
    text = "0 command=a next=loop loop=1 loop_break=stdout~ok", "1 command=b condition=@0_success@=False"
    run = play(tasks(*text, "2 command=echo arguments=@0_success@"), {0: "no"})

    assert ([0, 0, 1, 2], ["echo", "False"], 0) == (run.order, run.words(2), run.code)


def test_a_loop_break_that_was_never_met_takes_on_failure_and_not_on_success():
    text = tasks(
        "0 command=a next=loop loop=1 loop_break=stdout~ok on_success=5 on_failure=9", "5 command=b", "9 return=3"
    )

    assert ([0, 0], 3) == ((run := play(text, {0: "no"})).order, run.code)
    assert ([0, 0, 5], 0) == ((run := play(text, {0: ["no", "ok"]})).order, run.code)


def test_a_loop_with_loop_break_whose_other_condition_ended_it_has_failed():
    run = play(tasks("0 command=a next=loop&exit_0 loop=5 loop_break=stdout~ok"), {0: [0, 3]})

    assert ([0, 0], 10) == (run.order, run.code)
    assert "loop_break not met after 2 runs" in run.reason


def test_with_routes_the_success_of_the_last_run_decides():
    text = tasks(
        "0 command=a next=loop loop=2 loop_break=exit_3 on_success=5 on_failure=9", "5 command=b", "9 return=3"
    )

    assert 3 == play(text, {0: 3}).code


def test_the_timeout_of_the_last_run_is_named_with_the_loop():
    run = play(tasks("0 command=a next=loop loop=1 loop_break=success"), {0: {"outcome": "timeout", "exit_code": 124}})

    assert (10, "stopped at task 0: it failed: loop_break not met after 2 runs; the last one: exit code 124") == (
        run.code,
        run.reason,
    )


def test_a_dry_run_shows_a_loop_once_and_no_failure():
    run = play(tasks("0 command=a next=loop loop=4 loop_break=stdout~ok", "1 command=b"), dry_run=True)

    assert ([0, 1], 0) == (run.order, run.code)


def test_a_block_in_a_loop_counts_as_its_last_run():
    text = tasks("0 type=parallel tasks=1 next=loop loop=1", "1 command=a", "5 command=b")

    assert ([1, 1], 10) == ((run := play(text, {1: 1})).order, run.code)
    assert ([1, 1, 5], 0) == ((run := play(text, {1: [1, 0]})).order, run.code)


def test_a_block_whose_loop_break_was_never_met_has_failed():
    run = play(tasks("0 type=parallel tasks=1 next=loop loop=1 loop_break=@0_success_count@>1", "1 command=a"))

    assert ([1, 1], 10, "stopped at task 0: it failed: loop_break not met after 2 runs") == (
        run.order,
        run.code,
        run.reason,
    )


# -- a loop in which nothing can start


@pytest.mark.parametrize("fields", ["", "loop_break=success", "on_failure=9", "sleep=5"])
def test_a_loop_whose_command_cannot_start_ends_when_nothing_changes(fields):
    text = tasks(f"0 command=a arguments=@7_stdout@ next=loop loop=1000000 {fields}", "7 command=b", "9 return=3")
    run = play(text)

    assert ([], 3 if "on_failure" in fields else 10) == (run.order, run.code)
    assert 2 == sum("ERROR Task 0 was not started" in line for line in run.log)
    assert run.said("Task 0: loop ended: nothing in it can start (@7_stdout@ has no value: task 7 did not run)")


def test_a_loop_whose_command_reads_its_own_run_goes_on_until_nothing_changes():
    run = play(tasks("0 command=a arguments=@0_stdout@ next=loop loop=1000000"))

    assert ([], 10) == (run.order, run.code)
    assert 3 == sum("ERROR Task 0 was not started" in line for line in run.log)


def test_a_block_in_which_nothing_can_start_is_not_repeated():
    run = play(
        tasks("0 type=parallel tasks=1 next=loop loop=1000000", "1 command=a arguments=@7_stdout@", "7 command=b")
    )

    assert ([], 10) == (run.order, run.code)
    assert 2 == sum("Task 0-1 was not started" in line for line in run.log)


def test_a_loop_that_counts_its_runs_goes_on():
    text = "0 command=a arguments=@7_stdout@ next=loop loop=1000000 loop_break=@0_iteration@=50"
    run = play(tasks(text, "1 command=b condition=@0_success@=False", "7 command=c"))

    assert 50 == sum("Task 0 was not started" in line for line in run.log)


def test_a_loop_whose_runner_starts_nothing_goes_on():
    run = play(tasks("0 command=a next=loop loop=9 loop_break=success"), {0: ["not_started"] * 5 + [0]})

    assert ([0] * 6, 0) == (run.order, run.code)


# -- blocks and branches


@pytest.mark.parametrize("kind", ["type=parallel tasks=1", "type=conditional condition=true if_true_tasks=1"])
def test_a_block_that_failed_stops_the_run_unless_something_handles_it(kind):
    text = [f"0 {kind} {{}}", "1 command=a", "5 command=b {}", "9 command=h"]

    def run(fields="", reader=""):
        return play(tasks(*(line.format(fields if line[0] == "0" else reader) for line in text)), {1: 1})

    assert ([1], 10) == ((made := run()).order, made.code)
    assert made.reason.startswith("stopped at task 0: it failed: ")
    assert ([1, 5, 9], 0) == ((made := run("next=always")).order, made.code)
    assert ([1, 9], 0) == ((made := run("on_failure=9")).order, made.code)
    assert ([1, 5, 9], 0) == ((made := run("", "condition=@0_success@=False")).order, made.code)
    assert ([1], 10) == ((made := run("", "condition=@0_failed_count@=1")).order, made.code)
    assert ([1], 10) == ((made := run("next=never")).order, made.code)


def test_a_failure_in_a_branch_ends_the_branch_and_the_rest_is_not_started():
    text = "0 type=conditional condition=true if_true_tasks=1,2,3", "1 command=a", "2 command=b", "3 command=c"
    run = play(tasks(*text, "5 command=echo arguments=@3_exit_code@"), {2: 7})

    assert ([1, 2], 10) == (run.order, run.code)
    assert "stopped at task 0: it failed: task 2: it failed: exit code 7" == run.reason
    assert (
        "ERROR Task 0-3 was not started (exit_code=126): its branch has ended: task 2: it failed: exit code 7"
        in run.log
    )


def test_what_a_branch_left_out_counts_as_failed_and_has_values():
    text = "0 type=conditional condition=true if_true_tasks=1,2 next=always", "1 command=a", "2 command=b"
    run = play(tasks(*text, "5 command=echo arguments=@2_exit_code@-@0_failed_count@-@0_failed_tasks@"), {1: 7})

    assert ([1, 5], 0, "126-2-1,2") == (run.order, run.code, run.words(5)[1])


@pytest.mark.parametrize(
    ("fields", "reader", "order"),
    [
        ("next=always", "", [1, 2]),
        ("next=exit_7", "", [1, 2]),
        ("next=exit_0", "", [1]),
        ("success=exit_0", "", [1]),
        ("return=0", "", [1]),
        ("next=never", "", [1]),
        ("next=loop loop=1", "", [1, 1]),
        ("next=loop loop=1 loop_break=exit_7", "", [1, 2]),
        ("", "condition=@1_success@=False", [1, 2]),
    ],
)
def test_what_handles_a_failure_in_a_branch(fields, reader, order):
    text = "0 type=conditional condition=true if_true_tasks=1,2", f"1 command=a {fields}", f"2 command=b {reader}"
    run = play(tasks(*text, "5 command=c"), {1: 7})

    assert (order, 10) == (run.order, run.code)  # the verdict of the block counts the member all the same
    assert "stopped at task 0: it failed: " in run.reason


def test_a_member_of_a_parallel_block_is_judged_by_the_block():
    run = play(tasks("0 type=parallel tasks=1,2 next=any_success", "1 command=a", "2 command=b", "5 command=c"), {1: 1})

    assert ([1, 2, 5], 0) == (run.order, run.code)


def test_a_member_that_a_jump_reached_is_judged_like_any_task():
    text = tasks("0 command=a on_success=2", "1 type=parallel tasks=2", "2 command=b", "5 command=c")

    assert ([0, 2], 10) == ((run := play(text, {2: 1})).order, run.code)


def test_a_branch_of_a_handler_goes_on_after_a_failure():
    text = "0 command=a on_failure=90", "90 type=conditional condition=true if_true_tasks=91,92", "91 command=b"
    run = play(tasks(*text, "92 command=c", "95 command=d"), {0: 1, 91: 1})

    assert ([0, 91, 92, 95], 1) == (run.order, run.code)
    assert "nothing handled the failure of task 90" in run.reason


@pytest.mark.parametrize(
    ("lines", "answers", "order", "code"),
    [
        (["1 type=conditional condition=true if_true_tasks=15,90,16"], {90: 1}, [0, 15, 90, 16, 98], 1),
        (["1 type=conditional condition=true if_true_tasks=15,90,16"], {15: 1}, [0, 15], 10),
        # in a handler after the inner block, and after a parallel block that holds it
        (
            [
                "1 type=conditional condition=true if_true_tasks=21,15,16",
                "21 type=conditional condition=true if_true_tasks=90",
            ],
            {15: 1},
            [0, 90, 15, 16, 98],
            1,
        ),
        (
            [
                "1 type=conditional condition=true if_true_tasks=20,15,16",
                "20 type=parallel tasks=21",
                "21 type=conditional condition=true if_true_tasks=90",
            ],
            {15: 1},
            [0, 90, 15, 16, 98],
            1,
        ),
    ],
)
def test_a_branch_is_in_a_handler_from_the_handler_in_it_on(lines, answers, order, code):
    text = tasks(
        "0 command=a next=exit_0 on_failure=90",
        *lines,
        "15 command=c",
        "16 command=d",
        "90 command=e",
        "97 command=f condition=false on_failure=98",
        "98 command=g",
    )
    run = play(text, answers)

    assert (order, code) == (run.order, run.code)


def test_a_return_in_a_branch_of_a_handler_keeps_its_code():
    text = tasks(
        "0 command=a on_failure=90", "90 type=conditional condition=true if_true_tasks=91", "91 command=b return=7"
    )

    assert ([0, 91], 7) == ((run := play(text, {0: 1, 91: 1})).order, run.code)
    assert ([0, 91], 1) == ((run := play(text.replace("return=7", "return=0"), {0: 1, 91: 1})).order, run.code)


def test_a_fan_out_that_failed_stops_the_run():
    made = document("task=0\nhosts=web1,web2\ncommand=a\nexec=local\n\ntask=1\ncommand=b\n")
    made["tasks"][0]["targets"] = ["web1", "web2"]
    run = play(made, {0: [0, 1]})

    assert ([0, 0], 10) == (run.order, run.code)
    assert run.reason.startswith("stopped at task 0: it failed: ")


# -- on_error=continue, and the rules of version 1


def test_with_on_error_continue_the_flow_goes_on_and_the_normal_end_is_1():
    run = play(three(""), HANDLED, on_error="continue")

    assert ([0, 1, 2], 1) == (run.order, run.code)
    assert run.reason == "reached the end, but nothing handled the failure of task 1 (exit code 3)"


@pytest.mark.parametrize(
    ("fields", "order", "code"),
    [
        ("success=exit_0", [0, 1, 2], 1),
        ("next=always", [0, 1, 2], 0),
        ("next=exit_0", [0, 1], 10),
        ("on_success=2", [0, 1], 10),
        ("next=never", [0, 1], 0),
        ("next=never return=4", [0, 1], 4),
        ("return=4", [0, 1], 4),
        ("next=loop loop=1", [0, 1, 1, 2], 1),
        ("next=loop loop=1 loop_break=exit_0", [0, 1, 1, 2], 1),
        ("next=loop loop=1 loop_break=exit_3", [0, 1, 2], 0),
    ],
)
def test_what_on_error_continue_restores(fields, order, code):
    run = play(three(fields), HANDLED, on_error="continue")

    assert (order, code) == (run.order, run.code)
    if code not in (10,) and fields not in ("next=always", "next=loop loop=1 loop_break=exit_3"):
        assert "task 1" in run.reason


def test_with_on_error_continue_a_branch_goes_on_and_its_block_fails():
    text = "0 type=conditional condition=true if_true_tasks=1,2", "1 command=a", "2 command=b"

    assert ([1, 2], 10) == ((run := play(tasks(*text), {1: 1}, on_error="continue")).order, run.code)


@pytest.mark.parametrize(
    ("fields", "order", "code"),
    [
        ("", [0, 1, 2], 1),
        ("success=exit_0", [0, 1, 2], 0),
        ("next=always", [0, 1, 2], 1),
        ("next=never on_failure=2", [0, 1], 0),
        ("return=4", [0, 1], 4),
        ("next=loop loop=1 loop_break=exit_0", [0, 1, 1, 2], 1),
        ("next=loop loop=1 loop_break=stdout~ok success=exit_3", [0, 1, 1, 2], 0),
    ],
)
def test_a_run_that_version_1_began_keeps_its_rules(fields, order, code):
    run = play({**document(three(fields)), "rules": 1}, HANDLED)

    assert (order, code) == (run.order, run.code)


# -- how many at once


@pytest.mark.parametrize(("rules", "most"), [(1, 100), (2, 64)])
def test_without_max_parallel_64_run_at_once(rules, most):
    text = tasks("0 type=parallel tasks=1-100", *(f"{number} command=a" for number in range(1, 101)))

    assert most == Play({**document(text), "rules": rules}).most


def test_without_max_parallel_64_hosts_run_at_once():
    made = document("task=0\nhosts=web1,web2\ncommand=a\nexec=local\n")
    made["tasks"][0]["targets"] = [f"web{number}" for number in range(100)]

    assert (64, True) == ((run := Play(made)).most, run.said("(on 100 hosts, 64 at once)"))
    made["tasks"][0]["targets"] = ["web1"]
    assert Play(made).said("(on 1 host, 1 at once)")


def test_a_block_that_was_not_started_keeps_126_when_its_loop_is_over():
    loop = "sleep=@0_stdout@ next=loop&majority_success loop=2 loop_break=exit_1"
    tail = ("2 command=b", "9 command=echo arguments=@1_exit_code@")
    run = play(tasks("0 command=a", f"1 type=parallel tasks=2 {loop} on_failure=9", *tail), {0: ""})

    assert ([0, 9], ["echo", "126"]) == (run.order, run.words(9))


@pytest.mark.parametrize(("fields", "order", "code"), [("", [1], 1), ("next=always", [], 3)])
def test_what_did_not_run_returns_nothing_unless_its_next_lets_the_failure_pass(fields, order, code):
    run = play(tasks(f"0 command=a condition=@9_stdout@=x return=3 {fields}", "1 command=b"), on_error="continue")

    assert (run.order, run.code) == (order, code), run.log
