"""`start_until` is over: the rest is not started, or a resume opens a new window (`--park`)."""

import pytest
from flow_driver import tasks
from test_flow_chain import Chain

KINDS = {
    "chain": ("10 type=chain hosts=a,b,c tasks=11 waves=1 start_until=04:00 {}", "11 command=x"),
    "fan-out": ("10 hosts=a,b,c command=x waves=1 start_until=04:00 {}",),
}


@pytest.fixture(params=KINDS)
def begun(request):
    """A run that has come to its first wave."""
    first, *members = KINDS[request.param]

    def begin(fields="", block="", **settings):
        run = Chain(tasks(*([block] if block else []), first.format(fields), *members, "30 command=z"), **settings)
        run.event("fired", id=[step for step in run.steps if step["do"] == "timer"][1]["id"])
        return run

    return begin


def clocks(run):
    return [step for step in run.steps if step["do"] == "timer" and "until" in step]


def hosts(run):
    return [one["host"] for one in run.requests if "host" in one]


def over(run, **keys):
    return run.event("fired", id=clocks(run)[-1]["id"], **keys)


def closed(run):
    return [step for step in run.steps if step["do"] == "park"]


def test_a_window_that_is_over_before_the_first_wave_lets_none_begin():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11 start_until=04:00", "11 command=x"))
    assert run.order == []  # not known yet
    over(run)
    run.event("fired", id=[step for step in run.steps if step["do"] == "timer"][1]["id"])

    assert (run.order, run.code) == ([], 10)


def test_without_park_the_rest_is_not_started(begun):
    run = begun()
    over(run)
    run.answer(run.order[-1])

    assert (hosts(run), run.code, closed(run)) == (["a"], 10, [])


def test_a_session_that_parks_leaves_the_next_wave_to_a_resume(begun):
    run = begun()
    over(run, parks=True)
    run.answer(run.order[-1])
    (step,) = closed(run)

    assert (run.exit, step["task"]) == (None, 10)
    assert step["reason"] == "start_until=04:00 is over: wave 2 of 3 has not begun, 2 hosts left"
    run.event("window", id=step["id"], since="2026-11-29 22:00:00")
    assert hosts(run) == ["a", "b"]
    assert (clocks(run)[-1]["until"], clocks(run)[-1]["since"]) == ("04:00", "2026-11-29 22:00:00")
    over(run, parks=True)
    run.answer(run.order[-1])
    assert len(closed(run)) == 2
    run.event("window", id=closed(run)[1]["id"], since="2026-11-30 22:00:00")
    run.answer(run.order[-1])
    run.go()

    assert (hosts(run), run.code) == (["a", "b", "c"], 0)


def test_a_wave_that_may_not_begin_for_another_reason_waits_for_no_window(begun):
    run = begun()
    over(run, parks=True)
    run.answer(run.order[-1], 1)

    assert (closed(run), run.code) == ([], 10)


def test_the_last_wave_waits_for_nothing(begun):
    run = begun()
    run.answer("11@a" if "11@a" in run.order else "10@a")
    run.answer(run.order[-1])
    over(run, parks=True)
    run.answer(run.order[-1])
    run.go()

    assert (hosts(run), run.code, closed(run)) == (["a", "b", "c"], 0, [])


def test_inside_a_parallel_block_the_rest_is_not_started(begun):
    run = begun(block="5 type=parallel tasks=10,30")
    over(run, parks=True)
    run.answer(next(key for key in run.order if key.endswith("@a")))

    assert (closed(run), hosts(run)) == ([], ["a"])


def test_a_signal_ends_the_wait(begun):
    run = begun()
    over(run, parks=True)
    run.answer(run.order[-1])
    run.signal("SIGINT")

    assert (run.code, hosts(run)) == (130, ["a"])


@pytest.mark.parametrize("since", [None, 7])
def test_an_event_without_its_beginning_is_refused(begun, since):
    run = begun()
    over(run, parks=True)
    run.answer(run.order[-1])

    with pytest.raises(Exception, match="does not say when its window began"):
        run.event("window", id=closed(run)[0]["id"], since=since)
