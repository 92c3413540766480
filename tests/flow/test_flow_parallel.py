"""docs/language.md §6, parallel blocks: slots, thresholds, timeouts, values, blocks in blocks, signals, cost."""

import time
import tracemalloc

import pytest
from flow_driver import Play, play, tasks


def block(*members, fields="", many=0):
    """Task 0 is a block of these members (or of so many alike, from 1); 90000 comes after it, 90001 when it failed."""
    members = members or [f"{number} command=a arguments={number}" for number in range(1, many + 1)]
    numbers = ",".join(member.split()[0] for member in members)
    return tasks(
        f"0 type=parallel tasks={numbers} on_failure=90001 {fields}",
        *members,
        "90000 command=x next=never",
        "90001 command=y next=never",
    )


# -- slots and order


@pytest.mark.parametrize("most", [1, 2, 3, 7, 10])
def test_at_most_max_parallel_run_at_once_and_never_fewer_while_others_wait(most):
    run = Play(block(many=10, fields=f"max_parallel={most}"))
    seen = [len(run.running)]
    for _ in range(10):
        run.answer(next(iter(run.running.values()))["task"])
        seen.append(sum(1 for one in run.running.values() if one["task"] < 900))

    assert [min(most, 10 - done) for done in range(11)] == seen


def test_without_max_parallel_all_run_at_once():
    assert 50 == len(Play(block(many=50)).running)


def test_members_start_in_the_order_given():
    members = [f"{number} command=a" for number in (5, 3, 4, 1)]

    assert [5, 3, 4, 1, 90000] == play(block(*members, fields="max_parallel=2")).order


def test_a_range_names_the_tasks_that_there_are_in_it():
    assert [3, 11, 12, 14] == play(
        tasks("0 type=parallel tasks=3,11-15", "3 command=a", "11 command=a", "12 command=a", "14 command=a")
    ).order


def test_who_comes_first_gets_the_slot_of_whoever_ends_first():
    run = Play(block(many=4, fields="max_parallel=2")).answer(2)

    assert [1, 2, 3] == run.order
    assert [1, 2, 3, 4] == run.answer(1).order


def test_the_tasks_of_a_block_are_passed_by_and_the_log_names_them_with_it():
    run = play(tasks("5 type=parallel tasks=6,7 max_parallel=1", "6 command=a", "7 command=b", "8 command=c"))

    assert [6, 7, 8] == run.order
    assert "INFO Executing Task 5: (parallel: 2 tasks, 1 at once)" == run.log[0]
    assert run.said("INFO Executing Task 5-7: b")
    assert run.said("INFO Task 5-7 completed successfully (exit_code=0)")
    assert [5, 5, None] == [request.get("block") for request in run.requests]


# -- thresholds

GOOD, BAD, LATE, SKIP = 0, 1, "timeout", "skip"
RULES = [
    "",
    "all_success",
    "any_success",
    "majority_success",
    "min_success=2",
    "max_success=1",
    "min_failed=1",
    "max_failed=1",
]
TABLE = {  # what the members come to: the rules that hold
    (): {"", "all_success"},
    (SKIP, SKIP): {"", "all_success"},
    (GOOD,): {"", "all_success", "any_success", "majority_success", "max_success=1", "max_failed=1"},
    (BAD,): {"max_success=1", "min_failed=1", "max_failed=1"},
    (LATE,): {"max_success=1", "min_failed=1", "max_failed=1"},
    (GOOD, GOOD): {"", "all_success", "any_success", "majority_success", "min_success=2", "max_failed=1"},
    (GOOD, BAD): {"any_success", "max_success=1", "min_failed=1", "max_failed=1"},
    (GOOD, LATE): {"any_success", "max_success=1", "min_failed=1", "max_failed=1"},
    (GOOD, SKIP): {"", "all_success", "any_success", "majority_success", "max_success=1", "max_failed=1"},
    (BAD, SKIP): {"max_success=1", "min_failed=1", "max_failed=1"},
    (GOOD, GOOD, BAD): {"any_success", "majority_success", "min_success=2", "min_failed=1", "max_failed=1"},
    (GOOD, BAD, LATE): {"any_success", "max_success=1", "min_failed=1"},
    (GOOD, GOOD, BAD, SKIP, SKIP): {"any_success", "majority_success", "min_success=2", "min_failed=1", "max_failed=1"},
    (GOOD, GOOD, BAD, LATE): {"any_success", "min_success=2", "min_failed=1"},
    ("unknown", GOOD): {"any_success", "max_success=1", "min_failed=1", "max_failed=1"},
    ("not_started", GOOD): {"any_success", "max_success=1", "min_failed=1", "max_failed=1"},
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("members", TABLE, ids=str)
def test_every_threshold_against_everything_that_members_can_come_to(members, rule):
    lines = [f"{n} command=a {'condition=false' if made == SKIP else ''}" for n, made in enumerate(members, 1)]
    fields = f"next={rule}" if rule else ""
    text = (
        block(*lines, fields=fields)
        if lines
        else tasks(
            f"0 type=parallel on_failure=90001 {fields}", "90000 command=x next=never", "90001 command=y next=never"
        )
    )

    run = play(text, dict(enumerate(members, 1)))

    assert (90000 if rule in TABLE[members] else 90001) == run.order[-1]


@pytest.mark.parametrize(
    ("next_", "goes"),
    [
        ("success", False),
        ("exit_0", False),
        ("exit_1", True),
        ("failure", True),
        ("any_success&max_failed=1", True),
        ("min_success=2|@0_timeout_count@=1", True),
        ("@0_failed_count@<2", True),
        ("@0_failed_tasks@=2", True),
        ("@0_total_count@=3&@0_skipped_count@=0", True),
        ("@0_iteration@=1", True),
        ("@0_stdout@=2~~of~~3~~tasks~~succeeded", True),
        ("@2_exit_code@=124", True),
        ("@2_stdout@>5", False),
    ],
)
def test_next_may_be_a_condition_over_the_blocks_own_values(next_, goes):
    run = play(block(many=3, fields=f"next={next_}"), {2: "timeout"})

    assert (90000 if goes else 90001) == run.order[-1]


def test_a_block_that_failed_says_why():
    run = play(tasks("0 type=parallel tasks=1,2 next=min_success=2", "1 command=a", "2 command=b"), {2: 3})

    assert 10 == run.code
    assert (
        "stopped at task 0: next is not satisfied: min_success=2 is false: 1 succeeded, 1 failed, 0 skipped"
        == run.reason
    )
    assert run.said("WARN Task 0 failed (exit_code=1): 1 of 2 tasks succeeded; failed: 2; min_success=2 is false")


@pytest.mark.parametrize(
    ("fields", "made", "code"),
    [
        ("", 1, 10),
        ("next=always", 1, 0),
        ("next=always", 0, 0),
        ("next=never", 1, 10),
        ("next=loop loop=0", 1, 10),
        ("next=any_success", 1, 10),
        ("return=7", 0, 7),
        ("return=7", 1, 10),
        ("next=always return=7", 1, 7),
    ],
)
def test_how_a_run_ends_whose_block_failed(fields, made, code):
    run = play(tasks(f"0 type=parallel tasks=1 {fields}", "1 command=a", "2 command=b"), {1: made})

    assert code == run.code
    assert ("failed" in run.exit) is (made == 1 and not fields.startswith("next=a"))


@pytest.mark.parametrize(
    ("next_", "success"), [("min_success=1", "True,0"), ("all_success", "False,1"), ("always", "False,1")]
)
def test_success_and_exit_code_of_a_block_are_the_verdict_of_its_next(next_, success):
    text = tasks(
        f"0 type=parallel tasks=1,2 next={next_} on_success=5 on_failure=5",
        "1 command=a",
        "2 command=a",
        "5 command=b arguments=@0_success@,@0_exit_code@",
    )

    assert ["b", success] == play(text, {2: 1}).words(5)


@pytest.mark.parametrize(
    ("fields", "order", "code"),
    [
        ("success=min_success=1", [1, 2, 3, 9], 0),
        ("success=min_success=2", [1, 2, 3], 10),
        ("success=min_success=2 on_failure=9", [1, 2, 3, 9], 0),
        ("success=min_success=1 on_success=9", [1, 2, 3, 9], 0),
        ("success=@0_failed_count@=2", [1, 2, 3, 9], 0),
        ("success=min_success=3 next=any_success", [1, 2, 3, 9], 0),
        ("success=min_success=1 next=all_success", [1, 2, 3], 10),
        ("success=min_success=3 next=failure", [1, 2, 3, 9], 0),
        ("success=MIN_SUCCESS=1", [1, 2, 3, 9], 0),
    ],
)
def test_success_says_whether_a_block_succeeded_and_next_still_decides_where_it_goes(fields, order, code):
    text = tasks(f"0 type=parallel tasks=1-3 {fields}", *(f"{n} command=a" for n in (1, 2, 3)), "9 command=b")
    run = play(text, {1: 1, 2: 1})

    assert (order, code) == (run.order, run.code)


def test_success_of_a_conditional_block_counts_its_branch():
    text = tasks("0 type=conditional condition=true if_true_tasks=1,2 success=any_success", "1 command=a next=always")
    text += tasks("2 command=b", "3 command=c")

    assert [1, 2, 3] == play(text, {1: 1}).order


# -- members


def test_a_member_has_its_own_condition_success_split_time_out_and_sleep():
    text = "ENV=test\n" + block(
        "1 command=a condition=@ENV@=prod",
        "2 command=b success=exit_5 timeout=77",
        "3 command=c stdout_split=comma,1 sleep=3",
        fields="next=all_success&@3_stdout@=y",
    )
    run = play(text, {2: 5, 3: "x,y"})

    assert ([2, 3, 90000], [3], 77) == (run.order, run.slept(), run.requests[0]["timeout"])
    assert run.said("INFO Task 0-1 skipped: @ENV@=prod is false")


def test_a_block_whose_own_condition_is_false_is_skipped_with_its_members():
    run = play(
        tasks(
            "0 type=parallel tasks=1 condition=false on_failure=1",
            "1 command=a",
            "2 command=b condition=@0_exit_code@=-1",
        )
    )

    assert ([2], 0) == (run.order, run.code)


def test_a_skipped_member_costs_no_slot():
    members = [f"{n} command=a condition={'false' if n < 50 else 'true'}" for n in range(1, 53)]

    assert [50, 51, 52, 90000] == play(block(*members, fields="max_parallel=1")).order


def test_members_sleep_at_the_same_time_and_keep_their_slots():
    run = (
        Play(block("1 command=a sleep=9", "2 command=b sleep=9", "3 command=c", fields="max_parallel=2"))
        .answer(1)
        .answer(2)
    )
    assert ([1, 2], [9, 9]) == (run.order, run.slept())

    assert [1, 2, 3] == run.fire().order


def test_a_member_that_cannot_be_started_counts_as_failed_and_the_others_run():
    run = play(block("1 command=a arguments=@90001_stdout@", "2 command=b", fields="next=min_success=2"))

    assert [2, 90001] == run.order
    assert run.said("ERROR Task 0-1 was not started (exit_code=126): @90001_stdout@ has no value")


def test_members_are_handled_by_their_block():
    assert (
        0
        == play(
            tasks("0 type=parallel tasks=1,2 next=min_success=1", "1 command=a", "2 command=a", "3 command=b"), {1: 1}
        ).code
    )


def test_a_member_reached_by_a_jump_runs_alone_and_leads_on_from_there():
    run = play(
        tasks(
            "0 command=a next=exit_0 on_failure=12",
            "10 type=parallel tasks=11-12",
            "11 command=b",
            "12 command=c",
            "20 command=d",
        ),
        {0: 1},
    )

    assert [0, 12, 20] == run.order
    assert "block" not in run.requests[1]


# -- loops


def test_a_block_can_be_repeated_and_its_members_run_anew():
    text = block("1 command=a", "2 command=b condition=@0_iteration@!=1", fields="next=loop loop=2 sleep=5")
    run = play(text)

    # what comes before a run sees the run before: none, 1, 2
    assert [1, 1, 1, 2, 90000] == run.order
    assert [5, 5, 5] == run.slept()


@pytest.mark.parametrize(
    ("fields", "runs"),
    [
        ("next=loop&any_success loop=5", 3),
        ("next=loop loop=5 loop_break=@0_failed_count@=2", 3),
        ("next=loop&all_success loop=5", 2),
    ],
)
def test_a_repeated_block_is_asked_about_its_own_values(fields, runs):
    run = play(block(many=2, fields=fields), {1: [0, 0, 1], 2: [0, 1]})

    assert [1, 2] * runs == run.order[:-1]


# -- the time-out of a block


def test_a_time_out_ends_what_runs_and_starts_nothing_that_waits():
    run = Play(block(many=4, fields="max_parallel=2 timeout=60 next=any_success")).answer(1).fire()

    assert [(2, "timeout"), (3, "timeout")] == run.cancelled()
    run.answer(2, "timeout").answer(3, "timeout")
    assert [1, 2, 3, 90000] == run.order
    assert run.said("WARN Task 0: the timeout of the block has passed")
    assert run.said("ERROR Task 0-4 was not started (exit_code=126): the timeout of its block has passed")
    assert run.said("1 of 4 tasks succeeded; failed: 2-3; not started: 4")


def test_a_time_out_counts_members_as_they_ended():
    text = block(
        many=3, fields="max_parallel=2 timeout=60 next=@0_timeout_count@=1&@0_failed_count@=2&@3_exit_code@=126"
    )
    run = Play(text).fire().answer(1, "timeout").answer(2, 0)

    assert 90000 == run.order[-1]


def test_the_time_of_a_block_never_replaces_that_of_a_member():
    run = Play(block("1 command=a timeout=500", "2 command=b", fields="timeout=60"), timeout=40)

    assert ([500, 40], [60]) == ([one["timeout"] for one in run.requests], run.slept())


def test_a_block_that_ends_in_time_does_not_mind_its_timer():
    run = Play(block(many=1, fields="timeout=60")).answer(1).fire()

    assert ([1, 90000], []) == (run.order, run.cancelled())


def test_a_sleep_is_outside_the_time_out():
    run = Play(block("1 command=a sleep=100", fields="timeout=60")).answer(1).fire()
    assert (None, [1]) == (run.exit, run.order)

    assert [1, 90000] == run.fire().order


@pytest.mark.parametrize("made", [1, "not_started"])
def test_nothing_is_tried_again_when_the_time_is_over(made):
    """A command that ends by itself just as it is to be ended, and one that never left."""
    run = Play(block(many=1, fields="timeout=60 retry_failed=true retry_count=5")).fire().answer(1, made)

    assert ([1, 90001], [60]) == (run.order, run.slept())


def test_a_retry_delay_ends_with_the_time():
    run = Play(block(many=1, fields="timeout=60 retry_failed=true retry_delay=300")).answer(1, 1).fire()

    assert [1, 90001] == run.order


@pytest.mark.parametrize("field", ["timeout", "sleep"])
def test_a_block_whose_time_is_no_time_is_not_started(field):
    run = play(
        tasks("0 command=a", f"1 type=parallel tasks=2 {field}=@0_stdout@ on_failure=5", "2 command=b", "5 command=c"),
        {0: "soon"},
    )

    assert [0, 5] == run.order
    assert run.said(f"ERROR Task 1 was not started (exit_code=126): {field} 'soon' is not a duration")


def test_what_is_left_out_keeps_nothing_of_the_run_before():
    run = Play(block("1 command=a", "2 command=b", fields="max_parallel=1 timeout=60 next=loop&any_success loop=1"))
    run.answer(1).answer(2).fire().fire().answer(1, "timeout")

    assert [1, 2, 1] == run.order[:3]
    assert run.said("ERROR Task 0-2 was not started (exit_code=126): the timeout of its block has passed")
    assert run.said("0 of 2 tasks succeeded; failed: 1; not started: 2")


# -- blocks in blocks


def test_a_block_is_a_member_like_any_other():
    text = tasks(
        "0 type=parallel tasks=1,2 max_parallel=1 next=all_success on_failure=9",
        "1 type=parallel tasks=11,12 next=any_success",
        *("2 command=a", "11 command=b", "12 command=c", "3 command=d next=never", "9 command=e"),
    )
    assert [11, 12, 2, 3] == play(text, {12: 1}).order
    assert [11, 12, 2, 9] == play(text, {11: 1, 12: 1}).order


def test_the_time_of_a_block_ends_the_blocks_in_it():
    text = tasks(
        "0 type=parallel tasks=1,2 timeout=60 on_failure=9",
        "1 type=parallel tasks=11-13 max_parallel=2",
        *(
            "2 command=a",
            "9 command=e arguments=@1_failed_tasks@,@0_failed_tasks@",
            "11 command=b",
            "12 command=c",
            "13 command=d",
        ),
    )
    run = Play(text).answer(11).fire()
    assert [(2, "timeout"), (12, "timeout"), (13, "timeout")] == sorted(run.cancelled())

    run.answer(12, "timeout").answer(13, "timeout").answer(2, "timeout")
    assert ["e", "12,13,1,2"] == run.words(9)


def test_a_return_in_a_branch_of_a_member_ends_the_run_when_the_block_has_ended():
    text = tasks(
        "0 type=parallel tasks=1,2",
        "1 type=conditional condition=true if_true_tasks=11",
        "2 command=a",
        "11 command=b return=5",
    )
    run = Play(text).answer(11)
    assert (None, [2, 11]) == (run.exit, run.order)

    assert 5 == run.answer(2).code


# -- signals


def test_the_first_sigint_lets_the_running_hundred_finish_and_leaves_out_nine_hundred():
    run = Play(block(many=1000, fields="max_parallel=100 retry_failed=true")).signal("SIGINT")
    assert (100, []) == (len(run.running), run.cancelled())
    assert 900 == sum("was not started (exit_code=126): the run was interrupted" in line for line in run.log)

    run.go(dict.fromkeys(range(1, 51), 1))
    assert (100, 130) == (len(run.order), run.code)
    assert run.said("50 of 1000 tasks succeeded")


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_sigterm_gives_a_result_for_each_of_a_thousand(name, code):
    run = Play(block(many=1000, fields="max_parallel=100")).signal(name)
    assert [(number, "interrupt") for number in range(1, 101)] == run.cancelled()

    run.go(dict.fromkeys(range(1, 101), "signalled"))
    ended = [step["task"] for step in run.steps if step.get("what") == "end"]
    assert (code, 100, sorted([0, *range(1, 1001)])) == (run.code, len(run.order), sorted(ended))


def test_a_signal_ends_sleeps_delays_and_checks_of_members():
    text = tasks(
        "0 command=a",
        "1 type=parallel tasks=11-13 retry_failed=true retry_delay=99",
        *("11 command=b sleep=99", "12 command=b", "13 command=b hostname=@0_stdout@", "14 command=c"),
    )
    run = Play(text).answer(0, "web1").answer(11).answer(12, 1).signal("SIGTERM")

    assert (143, [0, 11, 12]) == (run.code, run.order)


# -- dry run


def test_a_dry_run_shows_each_member_once():
    run = play(
        block("1 command=a condition=@90001_stdout@=x", "2 command=b sleep=9", fields="timeout=60 next=loop loop=3"),
        dry_run=True,
    )

    assert ([1, 2, 90000], [], 0) == (run.order, run.slept(), run.code)


# -- cost


def cost(many):
    """Seconds of the processor, and the most bytes, that a run of so many members takes."""
    text = block(many=many, fields="max_parallel=1000 retry_failed=true retry_delay=0 next=min_success=1")
    begun = time.process_time()
    run = play(text, {number: [1, 0] for number in range(1, many, 3)})
    assert (0, 1000) == (run.code, run.most)
    return time.process_time() - begun


def test_ten_thousand_members_take_a_few_seconds_and_ten_times_as_long_as_a_thousand():
    few, many = min(cost(1000) for _ in range(3)), cost(10_000)

    assert many < 15
    assert many < 30 * few  # a list that is walked for each result makes it a hundred times


def test_ten_thousand_members_fit_in_150_megabytes():
    text = block(many=10_000, fields="max_parallel=1000")
    tracemalloc.start()
    try:
        run = Play(text)
        while run.exit is None:
            run.answer(next(iter(run.running.values()))["task"])
            run.steps.clear()
        assert tracemalloc.get_traced_memory()[1] < 100_000_000  # the interpreter itself takes 15
    finally:
        tracemalloc.stop()


def test_nothing_more_is_started_once_a_member_ends_the_workflow():
    run = play(
        tasks(
            "0 type=parallel tasks=1,2,3 max_parallel=1",
            "1 type=conditional condition=true if_true_tasks=11",
            "11 command=a return=4",
            "2 command=b",
            "3 command=c",
        )
    )

    assert (4, [11]) == (run.code, run.order)


def test_the_rest_after_a_canary_does_not_start_after_the_timeout_of_the_block() -> None:
    run = Play(tasks("0 type=parallel tasks=1,2 canary=1 timeout=60", "1 command=a", "2 command=b"))
    run.fire()
    assert [(1, "timeout")] == run.cancelled()
    run.answer(1, 0).go()

    assert [1] == run.order
    assert run.said("ERROR Task 0-2 was not started (exit_code=126): the timeout of its block has passed")
