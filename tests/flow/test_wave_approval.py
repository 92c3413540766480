"""People are asked between waves (`wave_approval`, docs/language.md §6)."""

import pytest
from flow_driver import tasks
from test_flow_chain import STEPS, Chain

TWO = "30 command=z arguments=@10_failed_hosts@|@10_success_hosts@ next=never"
KINDS = {
    "chain": ("10 type=chain hosts={} tasks=11 {}", STEPS[0]),
    "fan-out": ("10 hosts={} command=a {}",),
}


@pytest.fixture(params=KINDS)
def begun(request):
    """A run that has come to its first wave: (fields) → the run. A host's command is known by its host."""
    first, *members = KINDS[request.param]

    def begin(fields, *more, hosts="a,b,c,d", **settings):
        return Chain(tasks(first.format(hosts, fields), *members, *more, TWO).replace("|", " "), **settings)

    return begin


def answer(run, host, code=0):
    key = next(one for one in (f"11@{host}", f"10@{host}") if one in run.order and one not in answered(run))
    return run.answer(key, code)


def answered(run):
    ended = [request for request in run.requests if request["id"] in run.answered]
    return [f"{request['task']}@{request['host']}" for request in ended]


def hosts(run):
    return [one["host"] for one in run.requests if one["task"] in (10, 11)]


def question(run):
    (step,) = run.questions.values()
    return step


def test_each_asks_before_every_wave_but_the_first(begun):
    run = begun("waves=1 wave_approval=each", hosts="a,b,c")
    assert run.questions == {}
    answer(run, "a")
    assert hosts(run) == ["a"]
    assert question(run)["title"].endswith("begin wave 2 of 3 on 1 host?")
    run.approve(by="alice")
    answer(run, "b")
    assert hosts(run) == ["a", "b"]
    run.approve(by="alice")
    answer(run, "c")
    run.go()

    assert (run.code, hosts(run)) == (0, ["a", "b", "c"])
    assert run.said("Task 10: wave 3 may begin: approved by alice")


def test_first_asks_before_the_second_wave_alone(begun):
    run = begun("waves=1 wave_approval=first", hosts="a,b,c")
    answer(run, "a")
    run.approve()
    answer(run, "b")

    assert (run.questions, hosts(run)) == ({}, ["a", "b", "c"])


def test_the_question_shows_what_the_wave_before_came_to(begun):
    run = begun("waves=3,1 wave_approval=each wave_next=min_success=1 approvals=2 approvers=ann,bob", hosts="a[1-5]")
    for host, code in (("a1", 0), ("a2", 1), ("a3", 1)):
        answer(run, host, code)
    step = question(run)

    assert step["results"][-1] == "task 10, wave 1: 1 of 3 hosts succeeded; failed: a[2-3]"
    assert (step["yes"], step["no"]) == ("wave 2 begins on a4", "2 hosts not started, and task 10 has failed")
    assert (step["approvals"], step["approvers"]) == (2, ["ann", "bob"])
    run.approve(by="ann")
    assert hosts(run) == ["a1", "a2", "a3"]
    run.approve(by="bob")
    assert hosts(run)[3:] == ["a4"]


def test_what_no_would_lead_to_is_shown(begun):
    run = begun("waves=1 wave_approval=first on_failure=30")
    answer(run, "a")

    assert question(run)["no"].startswith("3 hosts not started, and task 10 has failed; on to task 30 (z ")


@pytest.mark.parametrize("fields", ["", "next=min_success=1", "max_failed_percent=100"])
def test_rejected_no_wave_begins_and_the_block_has_failed_whatever_its_next_says(begun, fields):
    run = begun(f"waves=1 wave_approval=each {fields}")
    answer(run, "a")
    run.approve("no", by="bob", reason="the disk is full")

    assert (hosts(run), run.code) == (["a"], 10)
    assert run.reason.startswith("stopped at task 10: ")
    assert "wave 2 may not begin: rejected by bob: the disk is full" in run.reason


def test_a_way_out_is_followed_with_the_values_of_the_hosts(begun):
    run = begun("waves=1 wave_approval=each on_failure=30", hosts="a,b,c")
    answer(run, "a")
    run.approve("no")

    assert run.words(30) == ["z", "b,c", "a"]


def test_an_answer_that_does_not_come_is_a_no(begun):
    run = begun("waves=1 wave_approval=each approval_timeout=2h timeout=60")
    answer(run, "a")
    assert question(run)["seconds"] == 7200
    while run.exit is None:  # that of the first wave has passed, and ends nothing
        run.fire()

    assert (hosts(run), run.code, run.questions) == (["a"], 10, {})
    assert "wave 2 may not begin: not answered within 2h" in run.reason


def test_stop_ends_the_run_without_a_handler(begun):
    run = begun("waves=1 wave_approval=each on_failure=30")
    answer(run, "a")
    run.approve("stop", by="bob")

    assert (run.code, run.reason) == (10, "stopped at task 10: wave 2 may not begin: stopped by bob")
    assert 30 not in run.order


def test_nobody_is_asked_where_the_next_wave_may_not_begin_anyway(begun):
    run = begun("waves=1 wave_approval=each")
    answer(run, "a", 1)

    assert (run.questions, run.code) == ({}, 10)


def test_the_sleep_comes_after_the_answer(begun):
    run = begun("waves=1 wave_approval=first wave_sleep=600", hosts="a,b")
    answer(run, "a")
    assert run.slept() == []
    run.approve()
    assert run.slept() == [600]


def test_ctrl_c_while_it_waits(begun):
    run = begun("waves=1 wave_approval=first")
    answer(run, "a")
    run.signal("SIGINT")

    assert (run.code, run.questions, hosts(run)) == (130, {}, ["a"])


def test_a_refusal_is_not_let_through_where_failures_do_not_stop(begun):
    """As with an approval: to go on after a no needs a way that the author wrote."""
    run = begun("waves=1 wave_approval=each", on_error="continue")
    answer(run, "a")
    run.approve("no")

    assert run.code == 10 and "30" not in run.order


def test_a_dry_run_asks_nobody_and_says_whom_it_would_ask(begun):
    run = begun("waves=1 wave_approval=each approvers=ann", dry_run=True)
    run.go()

    assert (run.code, run.questions) == (0, {})
    assert run.said("Task 10 would ask for 1 approval of ann before each wave after the first: a dry run asks nobody")


def test_a_canary_is_a_first_wave(begun):
    run = begun("canary=1 wave_approval=first")
    answer(run, "a")
    run.approve()

    assert hosts(run) == ["a", "b", "c", "d"]


def test_a_block_that_loops_asks_each_time(begun):
    run = begun("waves=1 wave_approval=first next=loop loop=1", hosts="a,b")
    for _ in range(2):
        run.answer(run.order[-1])
        run.approve()
        run.answer(run.order[-1])
    run.go()

    assert hosts(run) == ["a", "b", "a", "b"]
