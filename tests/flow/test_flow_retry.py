"""docs/language.md §2 and §6, retries: what is tried again, how often, and what that is in the log."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flow_driver import Play, play, tasks
from flow_driver import document as workflow

from tasker.protocol.document import document, encode

FLOW = Path(__file__).parents[2] / "modules/flow.py"


def one(fields=""):
    return tasks(f"0 command=a retry_failed=true {fields}", "1 command=b arguments=@0_attempts@,@0_success@")


@pytest.mark.parametrize(
    ("fields", "made", "attempts", "delays"),
    [
        ("", 0, 1, []),
        ("", 1, 2, [1]),
        ("retry_count=3", 1, 4, [1, 1, 1]),
        ("retry_count=3", [1, 1, 0], 3, [1, 1]),
        ("retry_count=0", 1, 1, []),
        ("retry_count=2 retry_delay=0", 1, 3, []),
        ("retry_count=2 retry_delay=0.5", 1, 3, [0.5, 0.5]),
        ("retry_count=2 retry_delay=300", 1, 3, [300, 300]),
        ("success=exit_7", 0, 2, [1]),
        ("success=exit_7", 7, 1, []),
    ],
)
def test_what_failed_is_tried_again_so_often_and_so_much_later(fields, made, attempts, delays):
    run = play(one(f"{fields} next=always"), {0: made})

    assert ([0] * attempts + [1], delays) == (run.order, run.slept())
    assert str(attempts) == run.words(1)[1].split(",")[0]


@pytest.mark.parametrize(
    "fields", ["retry_failed=false", "", "retry_delay=1", "retry_count=0", "retry_failed=false retry_count=5"]
)
def test_nothing_is_tried_again_unless_the_task_says_so(fields):
    assert [0] == play(tasks(f"0 command=a {fields}"), {0: 1}).order


def test_retry_count_alone_retries_and_a_run_by_earlier_rules_does_not():
    text = tasks("0 command=a retry_count=2 retry_delay=0 next=always")

    assert [0, 0, 0] == play(text, {0: 1}).order
    assert [0] == play({**workflow(text), "rules": 2}, {0: 1}).order


def test_retry_count_alone_holds_for_the_members_of_a_block_that_have_none_of_their_own():
    members = (
        "1 command=a",
        "2 command=b retry_count=0",
        "3 command=c retry_failed=false",
        "4 command=d retry_count=2",
    )
    run = play(
        tasks("0 type=parallel tasks=1-4 retry_count=1 retry_delay=0 max_parallel=1", *members),
        {1: 1, 2: 1, 3: 1, 4: 1},
    )

    assert {1: 2, 2: 1, 3: 1, 4: 3} == {task: run.order.count(task) for task in (1, 2, 3, 4)}


@pytest.mark.parametrize("made", ["timeout", "signalled", "unknown"])
def test_what_may_have_had_an_effect_is_never_tried_again(made):
    assert [0, 1] == play(one("retry_count=5 next=always"), {0: made}).order


def test_what_would_only_fail_again_is_not_tried_again():
    unknown_key = {"outcome": "not_started", "exit_code": 126, "retryable": False}

    assert [0, 1] == play(one("retry_count=5 next=always"), {0: unknown_key}).order


def test_what_was_not_started_is_tried_again():
    assert [0, 0, 1] == play(one(), {0: ["not_started", 0]}).order


def test_a_missing_value_may_be_there_the_next_time():
    text = tasks(
        "0 type=parallel tasks=1,2 retry_failed=true retry_delay=5",
        "1 command=a arguments=@2_stdout@",
        "2 command=b",
        "3 command=c",
    )
    run = Play(text).answer(2, "x").go()

    assert ([2, 1, 3], ["a", "x"], 0) == (run.order, run.words(1), run.code)


def test_every_attempt_is_a_request_and_a_record_of_its_own():
    run = play(one("retry_count=2"), {0: [1, 2, 0]})

    assert [(1, 3), (2, 3), (3, 3)] == [(asked["attempt"], asked["attempts"]) for asked in run.requests[:3]]
    assert 4 == len({asked["id"] for asked in run.requests})
    assert run.log[:8] == [
        "INFO Executing Task 0: a",
        "WARN Task 0 failed (exit_code=1)",
        "INFO Task 0: retry in 1 s",
        "INFO Executing Task 0 attempt 2 of 3: a",
        "WARN Task 0 attempt 2 of 3 failed (exit_code=2)",
        "INFO Task 0 attempt 2 of 3: retry in 1 s",
        "INFO Executing Task 0 attempt 3 of 3: a",
        "INFO Task 0 attempt 3 of 3 completed successfully (exit_code=0)",
    ]


def test_the_log_names_the_block_and_the_attempt():
    run = play(tasks("5 type=parallel tasks=7 retry_failed=true retry_count=2", "7 command=a"), {7: [1, 0]})

    assert run.said("INFO Executing Task 5-7 attempt 2 of 3: a")


def test_the_last_attempt_is_the_run_that_counts():
    assert 0 == play(one(), {0: [1, 0]}).code
    assert ([0, 0], 10) == (lambda run: (run.order, run.code))(
        play(tasks("0 command=a retry_failed=true next=exit_0"), {0: 1})
    )


def test_each_run_of_a_loop_has_its_own_attempts_and_sleeps_once():
    run = play(
        tasks("0 command=a retry_failed=true retry_delay=2 next=loop loop=1 sleep=9", "1 command=b"), {0: [1, 0, 1, 0]}
    )

    assert ([0, 0, 0, 0, 1], [2, 9, 2, 9]) == (run.order, run.slept())
    assert [(1, 1), (1, 2), (2, 1), (2, 2)] == [(asked["iteration"], asked["attempt"]) for asked in run.requests[:4]]


# -- in blocks


@pytest.mark.parametrize("kind", ["type=parallel tasks=1,2,3", "type=conditional condition=true if_true_tasks=1,2,3"])
def test_the_policy_of_a_block_is_that_of_its_members_unless_they_have_their_own(kind):
    text = tasks(
        f"0 {kind} retry_failed=true retry_count=2 retry_delay=7 next=always",
        "1 command=a",
        "2 command=b retry_failed=false",
        "3 command=c retry_failed=true retry_delay=8",
    )
    run = play(text, {1: 1, 2: 1, 3: 1}, on_error="continue")

    assert (3, 1, 2) == tuple(run.order.count(task) for task in (1, 2, 3))
    assert [7, 7, 8] == sorted(run.slept())


def test_a_member_may_be_tried_again_where_its_block_says_nothing():
    assert [1, 2, 1] == play(
        tasks("0 type=parallel tasks=1,2", "1 command=a retry_failed=true", "2 command=b"), {1: [1, 0]}
    ).order


def test_a_block_itself_is_never_run_again():
    run = play(tasks("0 type=parallel tasks=1,2 retry_failed=true retry_count=2", "1 command=a", "2 command=b"), {1: 1})

    assert (3, 1) == (run.order.count(1), run.order.count(2))


def test_a_slot_serves_others_during_a_delay_and_is_waited_for_after_it():
    text = tasks(
        "0 type=parallel tasks=1,2,3 max_parallel=1 retry_failed=true", "1 command=a", "2 command=b", "3 command=c"
    )
    run = Play(text).answer(1, 1)
    assert [1, 2] == run.order

    run.fire()
    assert [1, 2] == run.order
    assert ([1, 2, 3, 1], 1) == (run.answer(2).answer(3).order, run.most)


def test_a_signal_in_a_delay_gives_no_slot_away():
    text = tasks("0 type=parallel tasks=1,2 max_parallel=1 retry_failed=true", "1 command=a", "2 command=b")
    run = Play(text).answer(1, 1).signal("SIGINT").answer(2, 1)

    assert ([1, 2], 130) == (run.order, run.code)


def test_nothing_is_tried_again_after_a_signal():
    run = Play(one()).signal("SIGINT").answer(0, 1)

    assert ([0], 130, []) == (run.order, run.code, run.slept())


def test_a_dry_run_tries_nothing_again():
    run = play(one(), {0: {"exit_code": None}}, dry_run=True)

    assert ([0, 1], 1) == (run.order, run.requests[0]["attempts"])


# -- on bare Python


def on_bare_python(text, **settings):
    """The answer of flow where nothing is installed."""
    started = (
        f"import runpy, sys; sys.path.insert(0, {str(FLOW.parent)!r}); runpy.run_path({str(FLOW)!r}, None, '__main__')"
    )
    asked = encode(workflow(text, **settings))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", started], input=asked, capture_output=True, timeout=20)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize(
    "text", [one(), "YES=true\n" + tasks("0 type=parallel tasks=1 retry_failed=@YES@", "1 command=a")]
)
def test_without_tenacity_a_workflow_that_retries_is_refused_before_anything_runs(text):
    code, answer, errors = on_bare_python(text)

    assert (100, b"") == (code, errors)
    assert answer["code"] == "missing_library"
    assert re.fullmatch("retries need the library 'tenacity': .*pip install tenacity\\b.*", answer["message"])


def test_without_tenacity_everything_else_runs():
    assert 0 == on_bare_python(tasks("0 command=a retry_failed=false"))[0]
    assert 0 == on_bare_python(one(), dry_run=True)[0]


def on_events(path):
    """The answer of flow to the events in a file."""
    asked = encode(workflow(one()))
    done = subprocess.run([sys.executable, FLOW, "--events", path], input=asked, capture_output=True, timeout=20)
    return done.returncode, json.loads(done.stdout), done.stderr


def test_flow_reads_its_events_from_a_file(tmp_path):
    first = document("event", event="result", id="0.1", result={"exit_code": 1})
    events = [first, document("event", event="fired", id="timer.2")]
    for data in (json.dumps(events), "\n".join(map(json.dumps, events))):
        (tmp_path / "events").write_text(data)

        steps = on_events(tmp_path / "events")[1]["steps"]

        assert ["run", "timer", "run"] == [step["do"] for step in steps if step["do"] != "note"]


@pytest.mark.parametrize("data", ["[" * 100_000, "[NaN]", "[5]", "nonsense", '[{"tasker":1,"kind":"event"}]'])
def test_what_is_no_file_of_events_is_an_error_and_no_traceback(tmp_path, data):
    (tmp_path / "events").write_text(data)

    code, answer, errors = on_events(tmp_path / "events")

    assert (100, b"", "bad_document") == (code, errors, answer["code"])
