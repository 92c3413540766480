"""docs/language.md §6 and §7 for plain tasks: the order of things, routes, gaps, handlers and how a run ends."""

import pytest
from flow_driver import Play, document, play, tasks
from tasker.modules.flow import Flow

from tasker.flow.run import FlowRun
from tasker.protocol import document as documents

CHAIN = tasks("0 command=a", "1 command=b", "2 command=c")


# -- order and the normal end


def test_tasks_run_in_the_order_of_their_numbers_not_of_the_file():
    run = play(tasks("2 command=c", "0 command=a", "1 command=b"))

    assert ([0, 1, 2], 0, "reached the end") == (run.order, run.code, run.reason)


def test_a_run_starts_at_the_lowest_number_that_belongs_to_no_block():
    assert [5, 1] == play(
        tasks("1 command=a", "3 type=parallel tasks=1", "0 type=parallel tasks=5", "5 command=b")
    ).order


def test_the_exit_names_the_last_task_that_ran():
    run = play(tasks("0 hostname=web1 command=echo arguments='a~~b'", "1 return=3"))

    assert (0, "web1", "echo 'a b'") == tuple(run.exit[key] for key in ("task", "hostname", "command"))


def test_the_log_is_as_the_seed_has_it():
    run = play("# Pre-deployment check\ntask=0\ncommand=a\n")

    assert run.log == [
        "INFO Executing Task 0: Pre-deployment check",
        "INFO Task 0 completed successfully (exit_code=0)",
    ]


# -- 1. condition


@pytest.mark.parametrize(
    ("condition", "order"), [("@ENV@=prod", [0, 1, 2]), ("@ENV@=test", [0, 2]), ("@0_stdout@=yes", [0, 1, 2])]
)
def test_a_task_is_skipped_when_its_condition_is_false(condition, order):
    text = "ENV=prod\n" + tasks("0 command=a", f"1 condition={condition} command=b", "2 command=c")

    assert order == play(text, {0: "yes\n"}).order


def test_nothing_else_of_a_skipped_task_is_looked_at():
    run = play(
        tasks("0 command=a condition=false next=never on_success=5 sleep=9 return=3", "1 command=b", "5 command=c")
    )

    assert ([1], 0, []) == (run.order, run.code, run.slept())


def test_a_return_without_a_command_is_skipped_too():
    run = play(tasks("0 condition=false return=3", "1 command=b"))

    assert (0, [1]) == (run.code, run.order)


def test_a_condition_that_cannot_be_decided_lets_nothing_run_and_the_log_warns():
    run = play(tasks("0 command=a next=false on_failure=2", "1 command=b", "2 condition=@1_success@ command=c"))

    assert [0] == run.order
    assert run.said("WARN Task 2: condition cannot be decided: @1_success@ is unknown: @1_success@ has no value")


def test_a_skipped_task_has_failed_with_exit_code_minus_1_and_empty_outputs():
    run = play(
        tasks("0 condition=false command=a", "1 command=b arguments=@0_success@,@0_exit_code@~~@0_stdout@~~@0_stderr@")
    )

    assert ["b", "False,-1", "", ""] == run.words(1)
    assert 0 == run.code


# -- 4. success and failure


@pytest.mark.parametrize(
    ("field", "made", "success"),
    [
        ("", 0, "True"),
        ("", 1, "False"),
        ("success=exit_3", 3, "True"),
        ("success=exit_3", 0, "False"),
        ("success=stdout~ok", (1, "all ok"), "True"),
        ("failure=exit_3", 3, "False"),
        ("failure=exit_3", 1, "True"),
        ("failure=stderr!~", (0, "", "bad"), "False"),
        ("success=stdout>5", (0, "text"), "False"),  # unknown: not true
        ("failure=stdout>5", (0, "text"), "False"),  # unknown: failed
        ("success=exit_124", "timeout", "True"),
        ("success=true", "not_started", "False"),
        ("failure=false", "unknown", "False"),
    ],
)
def test_success_is_exit_code_0_or_what_the_task_says(field, made, success):
    text = tasks(f"0 command=a next=always on_success=1 {field}", "1 command=b arguments=@0_success@")

    assert ["b", success] == play(text, {0: made}).words(1)


# -- 5. next


@pytest.mark.parametrize(("next_", "made"), [("", 0), ("next=always", 0), ("next=always", 1)])
def test_the_flow_goes_on_after_a_success_and_with_always_whatever_happened(next_, made):
    assert [0, 1] == play(tasks(f"0 command=a {next_}", "1 command=b"), {0: made}).order


def test_never_ends_the_run_with_success_whatever_else_is_given():
    run = play(tasks("0 command=a next=never on_success=1 on_failure=1 sleep=5", "1 command=b"))

    assert ([0], 0, []) == (run.order, run.code, run.slept())


def test_never_with_return_ends_with_its_code():
    assert 4 == play(tasks("0 command=a next=never return=4")).code


@pytest.mark.parametrize(
    ("next_", "made", "goes"),
    [
        ("exit_0", 0, True),
        ("exit_0", 1, False),
        ("success", 0, True),
        ("success", 1, False),
        ("exit_1|stdout~ok", "ok", True),
        ("stdout~ok&stderr~", (0, "ok", "bad"), False),
        ("stdout>5", "text", False),
        ("stdout_count=2", "a\nb\n", True),
    ],
)
def test_a_condition_in_next_decides_whether_the_flow_goes_on(next_, made, goes):
    run = play(tasks(f"0 command=a next={next_}", "1 command=b"), {0: made})

    assert ([0, 1], 0) == (run.order, run.code) if goes else ([0], 10) == (run.order, run.code)


def test_not_going_on_follows_on_failure_and_else_stops_with_10_and_the_reason():
    text = tasks("0 command=a next=exit_0 on_failure=5", "1 command=b", "5 command=c next=exit_0")
    run = play(text, {0: 1, 5: 2})

    assert ([0, 5], 10) == (run.order, run.code)
    assert "stopped at task 5: next is not satisfied: exit_0 is false: exit code 2" == run.reason
    assert "FAILED" == run.exit["status"]


@pytest.mark.parametrize("gone", ["not_started", "unknown"])
def test_the_output_of_what_did_not_run_is_unknown_and_not_empty(gone):
    run = play(tasks("0 command=a next=stdout~ on_failure=2", "1 command=b", "2 command=c"), {0: gone})

    assert [0, 2] == run.order


# -- loops


def test_loop_2_is_three_runs():
    run = play(tasks("0 command=a next=loop loop=2", "1 command=b arguments=@0_iteration@"))

    assert [0, 0, 0, 1] == run.order
    assert [1, 2, 3] == [request["iteration"] for request in run.requests[:3]]
    assert ["b", "3"] == run.words(1)
    assert run.said("Executing Task 0: a (run 3)")


def test_loop_0_is_one_run():
    assert [0] == play(tasks("0 command=a next=loop loop=0")).order


@pytest.mark.parametrize(("made", "runs"), [([0, 0, 1, 0], 3), ([1, 0, 0, 0], 1), ([0, 0, 0, 0], 4)])
def test_a_loop_with_a_condition_goes_on_only_while_it_holds(made, runs):
    run = play(tasks("0 command=a next=loop&exit_0 loop=3", "1 command=b"), {0: made})

    assert [0] * runs + [1] == run.order


def test_a_loop_whose_condition_is_unknown_is_over():
    assert [0] == play(tasks("0 command=a next=loop&stdout>1 loop=3"), {0: "text"}).order


@pytest.mark.parametrize(
    ("made", "order"),
    [
        (["no", "yes", "no"], [0, 0, 1]),
        (["no", "no", "no", "no"], [0, 0, 0, 0]),
        (["no", "no", "no", "yes"], [0, 0, 0, 0, 1]),
        (["text", "yes"], [0, 0, 1]),
    ],
)
def test_loop_break_stops_the_loop_and_unknown_is_not_yet(made, order):
    text = tasks("0 command=a next=loop loop=3 loop_break=@0_stdout@=yes|@0_stdout@>99", "1 command=b")

    assert order == play(text, {0: made}).order


def test_counters_start_anew_each_time_the_flow_arrives():
    text = tasks("0 command=a next=loop loop=1", "1 command=b next=exit_0 on_failure=0")

    run = play(text, {1: [1, 0]})

    assert [0, 0, 1, 0, 0, 1] == run.order
    assert [1, 2, 1, 2] == [request["iteration"] for request in run.requests if request["task"] == 0]


@pytest.mark.parametrize(("last", "to"), [(0, 5), (1, 6)])
@pytest.mark.parametrize("next_", ["loop", "loop&@0_iteration@<9"])
def test_after_a_loop_the_success_of_the_last_run_decides_where_to_go(next_, last, to):
    text = tasks(
        f"0 command=a next={next_} loop=2 on_success=5 on_failure=6", "5 command=b next=never", "6 command=c next=never"
    )

    assert [0, 0, 0, to] == play(text, {0: [1, 0, last]}).order


def test_a_value_is_that_of_the_last_run_of_its_task():
    text = tasks("0 command=a", "1 command=b arguments=@0_stdout@ next=stdout~3 on_failure=0", "2 command=c")
    again = play(text, {0: ["x", "y", "z"], 1: ["1", "2", "3"]})
    assert [["b", "x"], ["b", "y"], ["b", "z"]] == [one["words"] for one in again.requests if one["task"] == 1]


def test_what_a_run_that_was_not_started_left_is_no_value():
    run = play(tasks("0 command=a arguments=@0_stdout@ next=loop loop=2"))

    assert [] == run.order
    assert run.said("@0_stdout@ has no value: task 0 did not run")
    assert run.said("@0_stdout@ has no value: task 0 was not started")


# -- 6. sleep


def test_sleep_comes_after_each_run_of_the_task():
    run = play(tasks("0 command=a next=loop loop=2 sleep=1.5", "1 command=b"))

    assert [1.5, 1.5, 1.5] == run.slept()
    assert ["run", "timer", "run", "timer", "run", "timer", "run", "exit"] == [
        step["do"] for step in run.steps if step["do"] != "note"
    ]


@pytest.mark.parametrize(
    "last", ["0 command=a sleep=5", "0 command=a sleep=5 return=3", "0 command=a sleep=5 next=false"]
)
def test_there_is_no_sleep_before_an_end(last):
    assert [] == play(tasks(last)).slept()


def test_sleep_comes_before_a_jump():
    assert [5] == play(tasks("0 command=a sleep=5 next=false on_failure=1", "1 command=b")).slept()


def test_sleep_may_be_the_tasks_own_output():
    assert [2.5] == play(tasks("0 command=a sleep=@0_stdout@", "1 command=b"), {0: "2.5\n"}).slept()


def test_a_sleep_that_turns_out_to_be_no_length_of_time_stops_the_run():
    run = play(tasks("0 command=a sleep=@0_stdout@", "1 command=b"), {0: "soon"})

    assert (
        10,
        "stopped at task 0: sleep 'soon' is not a duration: seconds, or a number with s, m, h or d, from 0 to 24h",
    ) == (run.code, run.reason)


def test_a_sleep_of_another_tasks_output_is_checked_before_the_start():
    run = play(tasks("0 command=a", "1 command=b sleep=@0_stdout@ next=exit_0"), {0: "soon"})

    assert ([0], 10) == (run.order, run.code)
    assert run.said("Task 1 was not started (exit_code=126): sleep 'soon' is not a duration")


# -- 7. going on


@pytest.mark.parametrize(
    ("fields", "made", "order", "code"),
    [
        ("on_success=5", 0, [0, 5], 0),
        ("on_success=5", 1, [0], 10),
        ("on_failure=5", 0, [0, 1], 0),
        ("on_failure=5", 1, [0, 5], 0),
        ("on_success=1 on_failure=5", 0, [0, 1], 0),
        ("on_success=1 on_failure=5", 1, [0, 5], 0),
        ("on_failure=5 success=exit_1", 1, [0, 1], 0),
        ("next=exit_1 on_success=5 on_failure=1", 1, [0, 5], 0),
        ("next=exit_1 on_success=5 on_failure=1", 0, [0, 1], 0),
        ("next=always on_success=5", 1, [0, 5], 0),
        ("on_success=5 return=7", 0, [0, 5], 0),
        ("on_failure=5 return=7", 0, [0], 7),
        ("return=7", 1, [0], 10),
        ("next=always return=7", 1, [0], 7),
        ("next=exit_0 return=7", 1, [0], 10),
        ("", 1, [0], 10),
    ],
)
def test_where_the_flow_goes_from_a_task(fields, made, order, code):
    run = play(tasks(f"0 command=a {fields}", "1 command=b next=never", "5 command=c next=never"), {0: made})

    assert (order, code) == (run.order, run.code)


def test_a_jump_may_go_back():
    run = play(tasks("0 command=a", "1 command=b next=exit_0 on_failure=0"), {1: [1, 1, 0]})

    assert [0, 1, 0, 1, 0, 1] == run.order


def test_a_run_stops_after_its_last_step():
    run = FlowRun(document(tasks("0 command=a on_success=0")), most_steps=3)
    steps = run.start()
    for _ in range(3):
        identity = next(step for step in steps if step["do"] == "run")["request"]["id"]
        steps = run.feed({"event": "result", "id": identity, "result": {"exit_code": 0}})

    assert ("exit", 10, "stopped after 3 tasks: the workflow does not leave a cycle") == tuple(
        steps[-1][key] for key in ("do", "code", "reason")
    )


def test_a_run_may_have_a_million_steps():
    assert 1_000_000 == FlowRun(document(CHAIN)).most_steps


# -- gaps and handlers


def test_a_gap_is_crossed_to_the_next_number_that_nobody_jumps_to():
    text = tasks("0 command=a", "10 command=b next=exit_0 on_failure=20", "20 command=c", "30 command=d")

    assert [0, 10, 30] == play(text).order
    assert [0, 10, 20, 30] == play(text, {10: 1}).order


def test_the_number_right_behind_is_run_into_even_if_it_is_a_target():
    assert [0, 1] == play(tasks("0 command=a next=exit_0 on_failure=1", "1 command=b")).order


@pytest.mark.parametrize("field", ["on_success", "on_failure"])
def test_a_target_is_never_run_into_across_a_gap(field):
    text = tasks(
        "0 command=a", "2 command=b condition=@0_stdout@=x", f"4 command=c next=exit_0 {field}=6", "6 command=d"
    )

    assert ([0, 4, 6] if field == "on_success" else [0, 4]) == play(text).order
    # task 6 is a target, so nothing but its jump leads there: also when the task that jumps is skipped
    assert [0] == play(text.replace("command=c", "command=c\ncondition=false")).order


def test_a_good_run_ends_before_the_handlers():
    text = tasks(
        "0 command=a next=exit_0 on_failure=90", "90 command=rollback next=exit_0 on_failure=99", "99 command=alert"
    )

    assert ([0], 0) == (play(text).order, play(text).code)


def test_a_handler_goes_on_to_further_handlers_across_gaps():
    text = tasks(
        "0 command=a next=exit_0 on_failure=90", "1 command=b next=exit_0 on_failure=99", "90 command=c", "99 command=d"
    )

    assert [0, 90, 99] == play(text, {0: 1}).order
    assert [0, 1, 99] == play(text, {1: 1}).order
    assert [0, 1] == play(text).order


def test_a_handler_is_left_when_on_success_is_followed():
    text = tasks(
        "0 command=a next=exit_0 on_failure=90",
        "1 command=b next=exit_0 on_failure=99",
        "90 command=c on_success=1",
        "99 command=d",
    )

    assert [0, 90, 1] == play(text, {0: 1}).order


def test_a_handler_is_left_when_a_gap_leads_to_a_task_that_is_none():
    text = tasks(
        "0 command=a next=exit_0 on_failure=10",
        "1 command=b next=exit_0 on_failure=90",
        "10 command=c",
        "20 command=d",
        "90 command=e",
    )

    assert [0, 10, 20] == play(text, {0: 1}).order


def test_a_run_that_starts_at_a_handler_by_chance_is_not_in_one():
    """Task 0 is named by an on_failure, but the run began there as every run does."""
    text = tasks("0 command=a next=exit_0 on_failure=90", "1 command=b next=exit_0 on_failure=0", "90 command=c")

    assert [0, 1] == play(text).order


def test_a_run_started_from_a_handler_is_in_one():
    text = tasks(
        "0 command=a next=exit_0 on_failure=90", "1 command=b next=exit_0 on_failure=99", "90 command=c", "99 command=d"
    )

    assert [90, 99] == play(text, start_from=90).order


# -- return


def test_a_return_with_a_command_runs_it_first():
    run = play(tasks("0 command=a return=7"))

    assert ([0], 7, "task 0: return=7") == (run.order, run.code, run.reason)


def test_a_return_without_a_command_ends_at_once():
    run = play(tasks("0 command=a", "1 return=0", "2 command=b"))

    assert ([0], 0, "SUCCESS") == (run.order, run.code, run.exit["status"])


def test_a_return_may_come_from_an_output():
    assert 42 == play(tasks("0 command=a", "1 return=@0_stdout@"), {0: "42\n"}).code
    assert 7 == play("CODE=7\n" + tasks("1 return=@CODE@")).code


@pytest.mark.parametrize("made", ["", "x", "256", "-1", "1.5", "٣", "9" * 30])
def test_a_return_that_is_no_exit_code_ends_with_1_and_the_reason(made):
    run = play(tasks("0 command=a", "1 return=@0_stdout@"), {0: made})

    assert (1, "task 1: return: '") == (run.code, run.reason[:17])


# -- unhandled failures


# by the rule that a failure does not stop the run; test_flow_failures.py has the other one


@pytest.mark.parametrize("fields", ["", "success=exit_0", "next=loop loop=1", "condition=true", "sleep=1"])
def test_a_failure_that_nothing_looks_at_makes_the_normal_end_1(fields):
    run = play(tasks(f"0 command=a {fields}", "1 command=b"), {0: 3}, on_error="continue")

    why = "success: exit_0 is false: exit code 3" if fields.startswith("success") else "exit code 3"
    assert (1, f"reached the end, but nothing handled the failure of task 0 ({why})") == (run.code, run.reason)
    assert [0] == run.exit["failed"]


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        ("next=exit_3", "1 command=b"),
        ("next=loop&exit_0 loop=1", "1 command=b"),
        ("on_failure=1", "1 command=b"),
        ("next=always on_success=1", "1 command=b"),
        ("", "1 command=b condition=@0_success@"),
        ("", "1 command=b condition=@0_exit_code@=0"),
        ("", "1 command=b condition=@0_exit@=0"),
        ("", "1 command=b next=!@0_success@"),
    ],
)
def test_a_failure_that_something_looks_at_is_handled(fields, other):
    assert 0 == play(tasks(f"0 command=a {fields}", other), {0: 3}).code


def test_a_condition_may_look_at_it_through_a_global():
    assert 0 == play("FINE=@0_success@\n" + tasks("0 command=a", "1 command=b condition=@FINE@"), {0: 1}).code


@pytest.mark.parametrize(
    "other", ["1 command=b arguments=@0_success@", "1 command=b condition=@0_stdout@=x", "1 return=@0_exit_code@"]
)
def test_what_only_uses_a_value_handles_nothing(other):
    run = play(tasks("0 command=a", other), {0: 3})

    assert [0] == run.exit["failed"]


def test_a_global_that_only_an_argument_uses_handles_nothing():
    assert 10 == play("FINE=@0_success@\n" + tasks("0 command=a", "1 command=b arguments=@FINE@"), {0: 1}).code


def test_a_later_success_of_the_same_task_makes_good():
    text = tasks("0 command=a", "1 command=b next=exit_0 on_failure=0")

    assert 0 == play(text, {0: [1, 0], 1: [1, 0]}, on_error="continue").code
    assert 1 == play(text, {0: [0, 1], 1: [1, 0]}, on_error="continue").code


@pytest.mark.parametrize(("last", "code"), [("1 return=0", 0), ("1 command=b next=never", 0), ("1 return=5", 5)])
def test_return_and_never_keep_their_code_and_the_tasks_are_named_all_the_same(last, code):
    run = play(tasks("0 command=a", last), {0: 1}, on_error="continue")

    assert (code, [0]) == (run.code, run.exit["failed"])
    assert "nothing handled the failure of task 0 (exit code 1)" in run.reason


# -- --start-from


def test_a_run_can_start_from_any_task():
    assert [1, 2] == play(CHAIN, start_from=1).order
    assert [0, 1, 2] == play(CHAIN, start_from=0).order


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("number", "reason"),
    [(7, "cannot start from task 7: there is no such task"), (6, "cannot start from task 6: it belongs to block 5")],
)
def test_a_task_that_is_not_there_or_in_a_block_is_no_start(number, reason, dry_run):
    run = Play(tasks("0 command=a", "5 type=parallel tasks=6", "6 command=b"), start_from=number, dry_run=dry_run)

    assert (12, reason, "FAILED", []) == (run.code, run.reason, run.exit["status"], run.order)


def test_what_start_from_leaves_without_a_value_is_not_started():
    run = play(tasks("0 command=a", "1 command=b arguments=@0_stdout@"), start_from=1)

    assert ([], 10) == (run.order, run.code)
    assert run.said("@0_stdout@ has no value: task 0 did not run")


# -- unknown outcomes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (tasks("0 command=a", "1 command=b"), 75),  # instead of 10
        (tasks("0 command=a on_failure=1", "1 command=b"), 75),  # instead of 0
        (tasks("0 command=a next=exit_0"), 75),  # instead of 10
        (tasks("0 command=a next=never"), 75),
        (tasks("0 command=a next=always", "1 return=0"), 0),  # a return stands
        (tasks("0 command=a next=always return=3"), 3),
        (tasks("0 command=a next=always", "1 return=@0_exit_code@"), 75),  # one without a code does not
    ],
)
def test_an_unknown_outcome_ends_in_75_unless_a_return_stands(text, code):
    run = play(text, {0: "unknown"})

    assert code == run.code
    assert code != 75 or run.reason.endswith("the outcome of task 0 is unknown")


def test_an_unknown_outcome_counts_as_failed_for_routes():
    assert [0, 5] == play(tasks("0 command=a on_failure=5", "1 command=b", "5 command=c"), {0: "unknown"}).order


# -- signals


def test_the_first_sigint_starts_nothing_new_and_lets_what_runs_finish():
    run = Play(CHAIN).signal("SIGINT")
    assert ([0], [], None) == (run.order, run.cancelled(), run.exit)

    run.answer(0)
    assert ([0], 130, "interrupted by SIGINT") == (run.order, run.code, run.reason)


def test_the_second_sigint_ends_what_runs():
    run = Play(CHAIN).signal("SIGINT").signal("SIGINT")
    assert [(0, "interrupt")] == run.cancelled()

    assert 130 == run.answer(0, "signalled").code


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_sigterm_and_sighup_end_what_runs(name, code):
    run = Play(CHAIN).signal(name)
    assert [(0, "interrupt")] == run.cancelled()

    assert ([0], code) == (run.answer(0, "signalled").order, run.code)


def test_what_is_ended_is_ended_once():
    run = Play(CHAIN).signal("SIGTERM").signal("SIGTERM").signal("SIGHUP")

    assert [(0, "interrupt")] == run.cancelled()
    assert 143 == run.answer(0, "signalled").code


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    "text",
    [
        tasks("0 command=a sleep=60", "1 command=b"),
        tasks("0 command=a next=loop loop=3 sleep=60"),
        tasks("0 command=a success=exit_1 retry_failed=true retry_delay=60", "1 command=b"),
        tasks("0 command=a", "1 command=b hostname=@0_stdout@"),
    ],
)
def test_a_signal_in_a_sleep_a_retry_delay_or_a_check_of_a_host_ends_the_run_at_once(text, name):
    run = Play(text).answer(0, "web1").signal(name)

    assert [0] == run.order
    assert {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}[name] == run.code


def test_an_interrupt_keeps_its_code_also_where_the_task_would_have_returned_or_is_unknown():
    assert 130 == Play(tasks("0 command=a return=5")).signal("SIGINT").answer(0).code
    assert 143 == Play(CHAIN).signal("SIGTERM").answer(0, "unknown").code


def test_a_broken_stage_starts_nothing_new_and_ends_with_70():
    run = Play(CHAIN).event("broken", message="runner 'local' answered nonsense")
    assert (None, []) == (run.exit, run.cancelled())

    run.answer(0)
    assert ([0], 70, "runner 'local' answered nonsense") == (run.order, run.code, run.reason)


def test_late_and_repeated_events_change_nothing():
    run = Play(CHAIN)
    run.event("fired", id="timer.9").event("result", id="7.7", result={}).event("host", id="0.1").event(
        "fired", id="0.1"
    )

    assert [0] == run.order
    assert run.said("DEBUG nothing waits for 'timer.9'")
    assert [0, 1, 2] == run.go().order


@pytest.mark.parametrize(
    "event",
    [
        {"event": "nonsense"},
        {},
        {"event": "signal", "signal": "SIGKILL"},
        {"event": "fired"},
        {"event": "fired", "id": ["timer.1"]},
        {"event": "result", "id": "0.1"},
        {"event": "result", "id": "0.1", "result": {"exit_code": 999}},
        {"event": "result", "id": "0.1", "result": {"exit_code": 0, "outcome": "splendid"}},
        {"event": "result", "id": "0.1", "result": {"exit_code": 0, "stdout": 5}},
    ],
)
def test_what_is_no_event_is_refused_and_the_run_goes_on(event):
    run = Play(CHAIN)

    with pytest.raises(documents.Problem) as raised:
        run.say(documents.document("event", **event))

    assert "bad_document" == raised.value.code
    assert 0 == run.go().code


# -- dry run


def test_a_dry_run_shows_each_task_once_and_ends_with_0():
    text = tasks(
        "0 command=a next=loop loop=5 sleep=60",
        "1 command=b arguments=@0_stdout@ next=stdout~x success=exit_4",
        "2 command=c condition=@1_success@ hostname=@0_stdout@ timeout=@0_stdout@ next=exit_0 on_success=0",
        "3 command=d",
    )
    run = play(text, {task: {"exit_code": None} for task in range(4)}, dry_run=True)

    assert ([0, 1, 2], 0, []) == (run.order, run.code, run.slept())
    assert ["b", "@0_stdout@"] == run.words(1)
    assert ("@0_stdout@", 30) == tuple(run.requests[2][key] for key in ("hostname", "timeout"))
    assert {} == run.checks


def test_a_dry_run_knows_what_globals_say():
    text = "ENV=test\n" + tasks("0 command=a condition=@ENV@=prod", "1 command=b", "2 command=c condition=@ENV@!=prod")

    assert [1, 2] == play(text, dry_run=True).order


def test_a_dry_run_of_a_return_ends_there_with_0():
    run = play(tasks("0 command=a", "1 command=b return=@0_stdout@", "2 command=c"), dry_run=True)

    assert ([0, 1], 0, "dry run: nothing was executed") == (run.order, run.code, run.reason)


def test_a_dry_run_can_be_interrupted():
    assert 130 == Play(CHAIN, dry_run=True).signal("SIGINT").answer(0, {"exit_code": None}).code


# -- a workflow that nobody validated


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (tasks("0 command=a on_success=7"), "task 0 leads to task 7, which does not exist"),
        (tasks("0 command=a on_failure=7"), "task 0 leads to task 7, which does not exist"),
        (tasks("0 type=parallel tasks=1,2", "1 command=a"), "task 0 leads to task 2, which does not exist"),
        (tasks("0 type=conditional if_true_tasks=1", "1 command=a"), "conditional block 0 has no condition"),
        (tasks("0 command=a next=exit_x"), "cannot read 'next' of task 0: "),
        (
            tasks("0 type=parallel tasks=1", "1 type=parallel tasks=2", "2 type=parallel tasks=1"),
            "block 1 is inside itself",
        ),
        (tasks("0 command=a", "1 type=parallel tasks=1"), "block 1 is inside itself"),
    ],
)
def test_a_workflow_that_leads_nowhere_is_refused_before_anything_runs(text, message):
    with pytest.raises(documents.Problem) as raised:
        Play(text)

    assert ("bad_workflow", message) == (raised.value.code, raised.value.message[: len(message)])


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"tasks": 5},
        {"tasks": [5]},
        {"tasks": [{}]},
        {"tasks": [{"task": 0, "command": 5}]},
        {"tasks": [], "variables": {"A": 5}},
        {"tasks": [], "settings": 5},
    ],
)
def test_a_document_that_is_no_workflow_is_refused(keys):
    with pytest.raises(documents.Problem) as raised:
        Flow().answer(documents.document("workflow", **keys))

    assert "bad_document" == raised.value.code


def test_an_event_before_the_workflow_is_refused():
    with pytest.raises(documents.Problem, match="a workflow first, then events"):
        Flow().answer(documents.document("event", event="signal", signal="SIGINT"))


def test_a_workflow_without_a_task_to_begin_with_ends_in_20():
    last = Flow().answer(documents.document("workflow", tasks=[]))["steps"][-1]

    assert ("exit", 20, "there is no task to begin with") == (last["do"], last["code"], last["reason"])


# -- what the operator decides, and what flow does not keep


def test_a_task_that_the_operator_skips_leads_to_the_next_number() -> None:
    run = Play(tasks("0 command=a next=exit_0 on_failure=9 sleep=5", "1 command=b", "9 command=c"))
    identity, _ = run.running.popitem()
    run.event("skip", id=identity).go()

    assert ([0, 1], [], 0) == (run.order, run.slept(), run.code)
    assert run.said("WARN Task 0 skipped: the operator decided so")


def test_more_than_10_000_steps_are_given_to_the_driver_in_parts() -> None:
    counted = "loop_break=@0_iteration@>99999"  # else the loop would end when its second run changes nothing
    run = Play(tasks(f"0 command=a~~@9_stdout@ next=loop loop=12000 {counted}"))

    assert run.exit is None
    assert [0] == run.slept()
    assert 10_000 < len(run.steps) < 10_010
    assert 10 == run.go().code


def test_a_workflow_with_a_condition_that_is_not_there_is_an_error_and_not_a_verdict() -> None:
    from tasker.flow.values import verdict_of

    run = FlowRun(document(CHAIN))
    with pytest.raises(LookupError, match="task 0 has no condition in 'next'"):
        verdict_of(run, 0, "next")


def test_a_dry_run_says_what_would_not_be_started():
    run = play(tasks("0 command=a", "1 command=b"), {0: {"exit_code": 126, "outcome": "not_started"}}, dry_run=True)

    assert [line for line in run.log if "would not be started" in line] == ["WARN Task 0 would not be started"]
    assert (run.order, run.code) == ([0, 1], 0)


def test_a_task_without_a_timeout_has_that_of_its_exec_type_or_else_of_the_settings():
    runners = {"local": {"words": "argv", "timeout": 7}, "ssh": {"words": "argv"}}
    lines = ("0 command=a exec=local", "1 command=a exec=ssh", "2 command=a exec=local timeout=9")

    assert [one["timeout"] for one in play(tasks(*lines), runners=runners, timeout=8).requests] == [7, 8, 9]
    assert [one["timeout"] for one in play(tasks(*lines), runners=runners).requests] == [7, 30, 9]


@pytest.mark.parametrize("rules", [0, 4, True, "2", None])
def test_a_workflow_by_other_rules_is_refused(rules):
    with pytest.raises(Exception, match="cannot run a workflow by these 'rules'"):
        play({**document(tasks("0 command=a")), "rules": rules})
