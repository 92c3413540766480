"""docs/language.md §6, conditional blocks: which branch, how it ends, and what that means for the run."""

import pytest
import seeding
from flow_driver import Play, document, play, tasks

SEED = seeding.example("enterprise")


def block(*members, true="", false="", fields=""):
    """Task 0 says `yes` or something else; 1 is the block; 900 comes after it, 901 when it failed."""
    branches = (f"if_true_tasks={true} " if true else "") + (f"if_false_tasks={false} " if false else "")
    return tasks(
        "0 command=ask",
        f"1 type=conditional condition=@0_stdout@=yes on_failure=901 {branches}{fields}",
        *members,
        "900 command=x next=never",
        "901 command=y next=never",
    )


BOTH = block("11 command=a", "12 command=b", "21 command=c", "22 command=d", true="12,11", false="21-22")


# -- the seed's large example


def test_all_well():
    run = play(SEED)

    assert ([0, 6, 7, 8, 15], 0) == (run.order, run.code)
    assert ["send_notification", "Deployment successful: 3/3 servers"] == run.words(15)


def test_one_server_down_and_retried():
    run = play(SEED, {7: [1, 0]})

    assert ([0, 6, 7, 8, 7, 15], 0) == (run.order, run.code)
    assert run.said("INFO Executing Task 5-7 attempt 2 of 3: deploy_application v2.1.0")


def test_two_down_and_rolled_back():
    run = play(SEED, {7: 1, 8: 1})

    assert ([0, 6, 7, 8, 7, 8, 7, 8, 90, 99], 1) == (run.order, run.code)


def test_not_ready_at_the_start():
    run = play(SEED, {0: (1, "", "disk full\n")})

    assert ([0, 99], 1) == (run.order, run.code)
    assert ["send_alert", "Deployment failed: disk full"] == run.words(99)


def test_dry():
    run = play(SEED, dry_run=True)

    assert ([0, 6, 7, 8, 15, 90, 99], 0) == (run.order, run.code)
    assert ["send_notification", "Deployment successful: @5_success_count@/3 servers"] == run.words(15)


# -- which branch


@pytest.mark.parametrize(("said", "order"), [("yes", [0, 12, 11, 900]), ("no", [0, 21, 22, 900])])
def test_a_branch_runs_in_the_order_given_one_after_another(said, order):
    run = play(BOTH, {0: said})

    assert (order, 1) == (run.order, run.most)
    assert run.said(
        f"Executing Task 1: (conditional: {'if_true_tasks' if said == 'yes' else 'if_false_tasks'}): @0_stdout@=yes is"
    )


@pytest.mark.parametrize("said", ["yes", "no"])
def test_a_branch_that_is_absent_or_empty_is_a_success(said):
    text = block("11 command=a", **{"false" if said == "yes" else "true": "11"})

    assert [0, 900] == play(text, {0: said}).order


@pytest.mark.parametrize(
    ("fields", "end"), [("", 901), ("next=max_failed=0", 901), ("next=any_success|true", 901), ("next=always", 900)]
)
def test_an_unknown_condition_runs_neither_branch_and_the_block_has_failed(fields, end):
    text = block("11 command=a", "12 command=b", true="11", false="12", fields=fields)
    run = play(text, {0: "not_started"}, on_error="continue")

    assert [0, end] == run.order
    assert run.said("WARN Task 1: condition cannot be decided: @0_stdout@=yes is unknown: @0_stdout@ has no value")
    assert run.said("ERROR Task 1 was not started (exit_code=126): its condition cannot be decided: @0_stdout@=yes")


# -- how a branch goes on


def test_with_on_error_continue_all_tasks_of_a_branch_run_also_after_one_that_failed():
    run = play(BOTH, {0: "no", 21: 1}, on_error="continue")

    assert [0, 21, 22, 901] == run.order
    assert run.said("Task 1 failed (exit_code=1): 1 of 2 tasks succeeded; failed: 21")


@pytest.mark.parametrize(
    ("next_", "end"),
    [
        ("all_success", 901),
        ("any_success", 900),
        ("min_success=2", 901),
        ("max_failed=1", 900),
        ("@21_exit_code@=1", 900),
    ],
)
def test_a_block_is_judged_as_a_parallel_one_is(next_, end):
    text = block("21 command=c next=always", "22 command=d", false="21,22", fields=f"next={next_}")

    assert [0, 21, 22, end] == play(text, {0: "no", 21: 1}).order


@pytest.mark.parametrize(("made", "order"), [(0, [0, 11, 12, 900]), (1, [0, 11, 901])])
@pytest.mark.parametrize("fields", ["", "next=max_failed=5"])
def test_a_next_that_is_false_ends_the_branch_which_has_failed(made, order, fields):
    text = block("11 command=a next=exit_0", "12 command=b", true="11,12", fields=fields)

    assert order == play(text, {0: "yes", 11: made}).order


def test_never_in_a_branch_ends_the_run_with_success():
    run = play(block("11 command=a next=never", "12 command=b", true="11,12"), {0: "yes"})

    assert ([0, 11], 0) == (run.order, run.code)


@pytest.mark.parametrize(
    ("member", "made", "order", "code"),
    [
        ("return=7", 0, [0], 7),
        ("command=a return=7", 0, [0, 11], 7),
        ("command=a return=7", 1, [0, 11, 901], 0),
        ("command=a next=always return=7", 1, [0, 11], 7),
        ("command=a next=never return=7", 0, [0, 11], 7),
        ("command=a next=never return=7", 1, [0, 11, 901], 0),
        ("command=a next=exit_0 return=7", 1, [0, 11, 901], 0),
        ("command=a condition=false return=7", 0, [0, 12, 900], 0),
        ("condition=false return=7", 0, [0, 12, 900], 0),
    ],
)
def test_return_in_a_branch_ends_the_run(member, made, order, code):
    run = play(block(f"11 {member}", "12 command=b", true="11,12"), {0: "yes", 11: made})

    assert (order, code) == (run.order, run.code)


@pytest.mark.parametrize(
    ("fields", "runs"),
    [("next=loop loop=2", 3), ("next=loop&exit_1 loop=9", 2), ("next=loop loop=9 loop_break=exit_0", 2)],
)
def test_a_task_of_a_branch_may_loop(fields, runs):
    run = play(block(f"11 command=a {fields} sleep=3", "12 command=b", true="11,12"), {0: "yes", 11: [1, 0]})

    assert [0, *[11] * runs, 12, 900] == run.order
    assert [3] * runs == run.slept()


def test_sleep_comes_after_each_task_of_a_branch_but_not_before_an_end():
    text = block(
        "11 command=a sleep=1", "12 command=b sleep=2 next=exit_0", "13 command=c sleep=3 return=4", true="11,12,13"
    )

    assert [1, 2] == play(text, {0: "yes"}).slept()
    assert [1, 2] == play(text, {0: "yes", 12: 1}).slept()


def test_a_member_that_is_skipped_is_no_obstacle():
    text = block(
        "11 command=a condition=false next=exit_0", "12 command=b", true="11,12", fields="next=@1_skipped_count@=1"
    )

    assert [0, 12, 900] == play(text, {0: "yes"}).order


def test_a_condition_of_a_later_task_sees_an_earlier_one():
    text = block(
        "11 command=a",
        "12 command=b condition=@11_success@",
        "13 command=c condition=!@11_success@",
        true="11,12,13",
        fields="next=always",
    )

    assert [0, 11, 13, 900] == play(text, {0: "yes", 11: 1}).order


@pytest.mark.parametrize("said", ["yes", "no"])
def test_a_branch_that_holds_a_handler_leads_to_further_handlers(said):
    text = tasks(
        "0 command=ask next=stderr~ on_failure=90",
        "1 type=conditional condition=@0_stdout@=yes if_true_tasks=15 if_false_tasks=90",
        *("2 command=b next=exit_0 on_failure=99", "15 command=c", "90 command=d", "99 command=e"),
    )

    assert ([0, 15, 2] if said == "yes" else [0, 90, 2, 99]) == play(text, {0: said}).order


# -- time


def test_the_time_of_a_block_bounds_the_whole_branch():
    text = block("11 command=a", "12 command=b", "13 command=c", true="11-13", fields="timeout=60")
    run = Play(text).answer(0, "yes").answer(11).fire()
    assert [(12, "timeout")] == run.cancelled()

    run.answer(12, "timeout")
    assert [0, 11, 12, 901] == run.order
    assert run.said("ERROR Task 1-13 was not started (exit_code=126): the timeout of its block has passed")
    assert run.said("1 of 3 tasks succeeded; failed: 12; not started: 13")


def test_thresholds_count_what_the_time_left_out():
    text = block(
        "11 command=a",
        "12 command=b next=always",
        "13 command=c",
        true="11-13",
        fields="timeout=60 next=min_failed=2&@1_timeout_count@=1",
    )

    assert 900 == Play(text).answer(0, "yes").answer(11).fire().answer(12, "timeout").order[-1]


@pytest.mark.parametrize(
    "fields", ["next=loop loop=5", "next=loop loop=5 sleep=99", "retry_failed=true success=false retry_count=5"]
)
def test_nothing_is_repeated_when_the_time_is_over(fields):
    text = block(f"11 command=a {fields}", "12 return=5", true="11,12", fields="timeout=60")
    run = Play(text).answer(0, "yes").fire().answer(11).go()

    assert [0, 11, 901] == run.order


def test_a_sleep_in_a_branch_is_outside_the_time_of_the_block_and_nothing_starts_after_it():
    text = block("11 command=a sleep=100", "12 command=b", true="11,12", fields="timeout=60")
    run = Play(text).answer(0, "yes").answer(11).fire()
    assert (None, [0, 11]) == (run.exit, run.order)

    assert [0, 11, 901] == run.fire().order


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_leaves_out_what_is_left_of_a_branch(name):
    run = Play(BOTH).answer(0, "no").signal(name).answer(21, 0 if name == "SIGINT" else "signalled")

    assert ([0, 21], {"SIGINT": 130, "SIGTERM": 143}[name]) == (run.order, run.code)
    assert run.said("ERROR Task 1-22 was not started (exit_code=126): the run was interrupted")


def test_a_block_whose_timeout_is_no_number_is_not_started():
    run = play(block("11 command=a", true="11", fields="timeout=@0_stdout@"), {0: "yes"})

    assert [0, 901] == run.order


# -- blocks in branches


def nested(fields="", inner=""):
    return tasks(
        f"1 type=conditional condition=true if_true_tasks=11,12 {fields}",
        f"11 type=parallel tasks=111,112 {inner}",
        *("12 command=a", "111 command=b", "112 command=c", "2 command=d"),
    )


@pytest.mark.parametrize(
    ("inner", "made", "order"),
    [
        ("", 0, [111, 112, 12, 2]),
        ("", 1, [111, 112]),  # all_success is the default of a block, so the branch ends
        ("next=any_success", 1, [111, 112, 12, 2]),
        ("next=min_success=2", 1, [111, 112]),
        ("next=always", 1, [111, 112, 12]),  # the branch goes on, and has a failure
        ("next=never", 0, [111, 112]),
        ("next=never", 1, [111, 112]),
        ("return=4", 0, [111, 112]),
        ("next=loop loop=1", 0, [111, 112, 111, 112, 12, 2]),
    ],
)
def test_a_block_in_a_branch(inner, made, order):
    run = play(nested(inner=inner), {111: made})

    assert order == run.order
    ends = {("next=never", 0): 0, ("return=4", 0): 4}
    assert ends.get((inner, made), 0 if order[-1] == 2 else 10) == run.code


def test_a_branch_in_a_branch_can_return():
    text = tasks(
        "1 type=conditional condition=true if_true_tasks=11,12",
        "11 type=conditional condition=false if_false_tasks=21",
        "12 command=a",
        "21 return=6",
    )
    run = play(text)

    assert ([], 6) == (run.order, run.code)


def test_the_time_of_a_block_ends_a_block_in_its_branch():
    run = Play(nested("timeout=60", "max_parallel=1")).fire().answer(111, "timeout")

    assert ([111], 10) == (run.order, run.code)
    for what in (
        "Task 11-112 was not started",
        "Task 11 failed (exit_code=1): 0 of 2",
        "Task 1-12 was not started",
        "Task 1 failed",
    ):
        assert run.said(what)


# -- dry run


@pytest.mark.parametrize("member", ["11 command=a next=never", "11 command=a return=5", "11 return=5"])
def test_a_dry_run_shows_both_branches_even_when_one_ends_the_run(member):
    run = play(block(member, "12 command=b", "21 command=c", "22 command=d", true="11,12", false="21-22"), dry_run=True)

    assert [0, *([11] if "command" in member else []), 21, 22, 900] == run.order


def test_a_dry_run_ends_where_every_branch_does():
    run = play(block("11 command=a return=5", "21 command=c next=never", true="11", false="21"), dry_run=True)

    assert ([0, 11, 21], 0) == (run.order, run.code)


def test_a_dry_run_shows_one_branch_where_globals_decide():
    text = "ENV=test\n" + tasks(
        "1 type=conditional condition=@ENV@=prod if_true_tasks=11 if_false_tasks=12", "11 command=a", "12 command=b"
    )

    assert [12] == play(text, dry_run=True).order


def test_a_dry_run_shows_what_is_in_blocks_in_both_branches():
    text = block(
        "11 type=parallel tasks=111,112",
        "12 return=3",
        "21 type=conditional condition=@0_stderr@~x if_true_tasks=211 if_false_tasks=212",
        "111 command=a",
        "112 command=b",
        "211 return=4",
        "212 command=c",
        true="11,12",
        false="21",
    )

    assert [0, 111, 112, 212, 900] == play(text, dry_run=True).order


@pytest.mark.parametrize(("rules", "total"), [(1, 1), (2, 2)])
def test_the_rest_of_a_branch_that_failed_is_counted_since_the_second_rules(rules, total):
    text = block("11 command=a", "12 command=b next=exit_0", true="12,11")
    run = Play({**document(text), "rules": rules}).go({0: "yes", 12: 1})
    counted = run.flow.run.records[1]

    assert (run.order, run.code) == ([0, 12, 901], 0)
    assert (counted["total_count"], counted["failed_count"]) == (total, total)
    assert (11 in run.flow.run.records) == (rules == 2)
