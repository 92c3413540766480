"""The event `pace`: what an operator changed for what has not started (docs/language.md, Resume)."""

import pytest
from flow_driver import Play, document, tasks

from tasker.journal.flow_replay import replay_in_process

BLOCK = (
    "0 type=parallel tasks=10,11,12,13 max_parallel=1",
    "10 command=a",
    "11 command=a",
    "12 command=a",
    "13 command=a",
)


def begun(*lines: str, **settings: object) -> Play:
    return Play(tasks(*lines), **settings)


def test_fewer_and_more_members_at_once() -> None:
    run = begun(*BLOCK)

    run.event("pace", pace={"tasks": {"0": {"max_parallel": "3"}}})
    assert run.order == [10, 11, 12]
    run.event("pace", pace={"tasks": {"0": {"max_parallel": "1"}}})
    run.answer(10).answer(11)
    assert run.order == [10, 11, 12]
    run.answer(12)
    assert run.order == [10, 11, 12, 13]


def test_stop_on_of_a_block_that_runs() -> None:
    run = begun(*BLOCK)

    run.event("pace", pace={"tasks": {"0": {"stop_on": "max_failed=0"}}})
    run.answer(10, 1)

    assert run.exit is not None
    assert run.order == [10]
    assert run.said("nothing more is started: max_failed=0 can no longer be met")


def test_a_field_that_is_gone_and_a_task_that_does_not_run() -> None:
    run = begun("0 command=a", "1 command=b timeout=7", "2 command=c", timeout=50)

    run.event("pace", pace={"tasks": {"1": {"timeout": None}, "2": {"timeout": "9"}}})
    run.go()

    assert [request["timeout"] for request in run.requests] == [50, 50, 9]


def test_the_default_timeout_is_stronger_than_that_of_an_exec_type() -> None:
    runners = {"local": {"words": "argv", "timeout": 44}}
    run = begun("0 command=a exec=local", "1 command=b exec=local", "2 command=b exec=other", runners=runners)

    run.event("pace", pace={"timeout": 8.5})
    run.go()

    assert [request["timeout"] for request in run.requests] == [44, 8.5, 8.5]


def test_the_settings_that_another_replay_has_too_stay_as_they_are() -> None:
    workflow = document(tasks("0 command=a", "1 command=b"), runners={"pbrun": {"timeout": 7.0, "argv": []}})
    answer = replay_in_process(workflow)
    answer(workflow)
    answer({"kind": "event", "event": "pace", "pace": {"timeout": 8.5}})
    again = replay_in_process(workflow)(workflow)

    assert [step["request"]["timeout"] for step in again["steps"] if step["do"] == "run"] == [7.0]


@pytest.mark.parametrize(
    ("pace", "why"),
    [
        (None, "has no pace"),
        ([], "has no pace"),
        ({"tasks": []}, "has no pace"),
        ({"tasks": {"1": {}}}, "about '1'"),
        ({"tasks": {"-0": {}}}, "about '-0'"),
        ({"tasks": {"٠": {}}}, "about '٠'"),
        ({"tasks": {"": {}}}, "about ''"),
        ({"tasks": {"0": []}}, "about '0'"),
        ({"tasks": {"0": {"command": "b"}}}, "about '0'"),
    ],
)
def test_what_is_no_pace_is_refused(pace: object, why: str) -> None:
    run = begun("0 command=a")

    with pytest.raises(Exception, match=why):
        run.event("pace", pace=pace)
