"""Parts of flow by themselves, and what only few workflows show (docs/language.md §2, §6)."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from flow_driver import Play, document, play, tasks

from tasker.flow import retry_policy
from tasker.flow.coroutines import Scheduler, Stopped
from tasker.flow.run import FlowRun
from tasker.protocol.document import Problem


def by_rules(rules: int, *lines: str, **settings: Any) -> Play:
    return Play({**document(tasks(*lines)), "rules": rules}, **settings)


def records(run: Play) -> dict[int, dict[str, Any]]:
    made: dict[int, dict[str, Any]] = run.flow.run.records
    return made


def run_of(*lines: str, **settings: Any) -> FlowRun:
    return FlowRun(document(tasks(*lines), **settings))


def test_ids_are_counted_by_one() -> None:
    scheduler = Scheduler()

    assert [scheduler.new_id(kind) for kind in ("0", "timer", "0")] == ["0.1", "timer.2", "0.3"]
    run = play(tasks("0 command=a", "1 command=b"))
    assert [request["id"] for request in run.requests] == ["0.1", "1.2"]


def test_what_stops_says_why() -> None:
    assert (str(Stopped("timeout")), Stopped("timeout").waiting_for_slot) == ("timeout", False)


@pytest.mark.parametrize(("rules", "code", "has"), [(1, 1, False), (2, 126, True)])
def test_a_block_that_cannot_be_started_has_126_since_the_second_rules(rules: int, code: int, has: bool) -> None:
    lines = ("0 command=a", "1 type=parallel tasks=5 timeout=@0_stdout@ on_failure=9", "5 command=b", "9 command=c")
    run = by_rules(rules, *lines).go({0: "never"})
    record = records(run)[1]

    assert (run.order, record["exit_code"], record["success"]) == ([0, 9], code, False)
    assert (record["outcome"], record["attempts"]) == ("not_started", 0 if has else 1)
    assert ("stdout" in record) is not has
    assert run.said("Task 1 was not started (exit_code=126)") is has


@pytest.mark.parametrize("rules", [1, 2])
def test_an_empty_host_name(rules: int) -> None:
    run = by_rules(rules, "0 command=a", "1 command=b hostname=@0_stdout@ next=always", "2 command=c").go({0: ""})

    assert run.order == [0, 2]
    assert ("@0_stdout@ is empty" in records(run)[1]["reason"]) is (rules == 2)
    assert records(run)[1].get("hostname") == ("localhost" if rules == 1 else None)
    assert records(run)[2]["hostname"] == "localhost"


def test_a_skipped_task_has_its_values_since_the_second_rules() -> None:
    for rules in (1, 2):
        run = by_rules(rules, "0 command=a condition=false", "1 command=b~~@0_attempts@ next=always").go()
        record = records(run)[0]
        assert ("attempts" in record) is (rules == 2)
        if rules == 2:
            assert (record["iteration"], record["attempts"], record["duration"], record["command"]) == (
                0,
                0,
                "0.000",
                "",
            )


def test_a_skipped_block_counts_no_member() -> None:
    run = play(tasks("0 type=parallel tasks=5,6 condition=false", "5 command=a", "6 command=b", "7 command=c"))
    record = records(run)[0]

    counts = ("success_count", "failed_count", "timeout_count", "total_count")
    assert [record.get(key) for key in counts] == [0, 0, 0, 0]


def test_the_values_of_a_block() -> None:
    run = play(
        tasks(
            "0 type=parallel tasks=5-8 next=always",
            *(f"{number} command=a" for number in (5, 6, 7)),
            "8 command=a condition=false",
        ),
        {5: 0, 6: 3, 7: "timeout"},
    )
    record = records(run)[0]

    kept = {key: record[key] for key in ("success_count", "failed_count", "skipped_count", "total_count")}
    assert kept == {"success_count": 1, "failed_count": 2, "skipped_count": 1, "total_count": 4}
    assert (record["timeout_count"], record["not_started_count"], record["failed_tasks"]) == (1, 0, "6,7")
    assert (record["stdout"], record["stderr"]) == ("1 of 4 tasks succeeded, 1 skipped", "failed: 6-7")
    assert (record["hostname"], record["attempts"], record["iteration"]) == ("localhost", 1, 1)


def test_the_rest_of_a_branch_that_failed_is_not_started_and_what_came_before_keeps_its_result() -> None:
    lines = ["0 type=conditional condition=true if_true_tasks=4,5,6,7,8 next=always"]
    lines += [f"{number} command=a" for number in (4, 5, 6, 7, 8)]
    for failing, left in ((4, [5, 6, 7, 8]), (6, [7, 8]), (8, [])):
        run = play(tasks(*lines), {failing: 1})
        outcomes = {number: records(run)[number].get("outcome", "ok") for number in (4, 5, 6, 7, 8)}
        assert [number for number, outcome in outcomes.items() if outcome == "not_started"] == left
        assert records(run)[0]["total_count"] == 5
        assert (
            f"its branch has ended: task {failing}: it failed: exit code 1"
            in {records(run)[number]["reason"] for number in left}
            or not left
        )


def test_a_branch_that_the_timeout_stops_failed_for_the_task_that_it_stopped() -> None:
    lines = ["0 type=conditional condition=true if_true_tasks=4,5,6 timeout=10 next=always"]
    run = Play(tasks(*lines, *(f"{number} command=a" for number in (4, 5, 6))))
    run.fire()
    assert run.cancelled() == [(4, "timeout")]
    run.answer(4, "timeout")

    assert run.exit is not None
    assert run.order == [4]
    assert [records(run)[number]["outcome"] for number in (4, 5, 6)] == ["timeout", "not_started", "not_started"]
    assert "task 4: it failed" in records(run)[0]["reason"]


@pytest.mark.parametrize(
    ("own", "default", "seconds"),
    [("", "local", 7), ("exec=ssh", "local", 8), ("exec=local", "ssh", 7), ("", "ssh", 8)],
)
def test_the_timeout_is_that_of_the_exec_type_that_is_used(own: str, default: str, seconds: int) -> None:
    runners = {"local": {"words": "argv", "timeout": 7}, "ssh": {"words": "argv", "timeout": 8}}

    run = play(tasks(f"0 command=a {own}"), runners=runners, exec=default)

    assert [request["timeout"] for request in run.requests] == [seconds]


@pytest.mark.parametrize(
    ("fields", "longest"),
    [
        ("", (1, 0)),
        ("retry_failed=true", (2, 1)),
        ("retry_failed=true retry_count=3 retry_delay=2", (4, 6)),
        ("retry_failed=true retry_count=3 retry_delay=2 retry_jitter=1", (4, 9)),
        ("retry_failed=true retry_count=3 retry_delay=2 retry_backoff=3", (4, 2 + 6 + 18)),
    ],
)
def test_the_longest_waits(fields: str, longest: tuple[int, float]) -> None:
    run = run_of(f"0 command=a {fields}")

    assert retry_policy.longest_waits(run, run.index.tasks[0]) == longest


def test_the_longest_waits_of_a_member_are_its_own_or_else_those_of_its_block() -> None:
    fields = "retry_failed=true retry_count=2 retry_delay=5"
    run = run_of(f"0 type=parallel tasks=5,6 {fields}", "5 command=a", "6 command=b retry_failed=false")

    assert retry_policy.longest_waits(run, run.index.tasks[5], 0) == (3, 10)
    assert retry_policy.longest_waits(run, run.index.tasks[6], 0) == (1, 0)
    assert retry_policy.longest_waits(run, run.index.tasks[5]) == (1, 0)
    assert retry_policy.policy_of(run, run.index.tasks[5], 0).attempts == 3
    assert retry_policy.policy_of(run, run.index.tasks[6], 0).attempts == 1


def test_the_jitter_is_spread_over_all_of_its_range() -> None:
    run = play(tasks("0 command=a retry_failed=true retry_count=100 retry_delay=0 retry_jitter=10 next=always"), {0: 1})
    slept = run.slept()

    assert len(slept) == 100
    assert all(0 <= seconds < 10 for seconds in slept)
    assert min(slept) < 1
    assert max(slept) > 9
    assert 3 < sum(slept) / 100 < 7


def test_a_sleep_and_a_return_with_an_output_are_nothing_in_a_dry_run() -> None:
    lines = ("0 command=a", "1 command=b sleep=@0_stdout@ return=@0_stdout@", "2 command=c")
    run = play(tasks(*lines), {0: {}}, dry_run=True)

    assert (run.code, run.slept()) == (0, [])


def test_what_cannot_be_decided_is_undecided_in_a_block_too() -> None:
    lines = ("0 type=parallel tasks=5 next=always", "5 command=a condition=@9_stdout@=x", "9 command=b next=never")
    run = play(tasks(*lines))

    assert records(run)[5]["outcome"] == "not_started"
    assert run.said("Task 0-5: condition cannot be decided") or run.said("Task 0-5")
    assert run.order == [9]


def test_loop_break_that_is_not_met_is_a_failure_since_the_second_rules() -> None:
    fields = "next=loop loop=2 loop_break=stdout~never on_failure=9"
    for rules, order in ((1, [0, 0, 0, 1]), (2, [0, 0, 0, 9])):
        run = by_rules(rules, f"0 command=a {fields}", "1 command=b", "9 command=c").go()
        assert run.order == order
    fields = "next=loop&stdout~go loop=3 loop_break=stdout~never on_failure=9"
    for rules, order in ((1, [0, 1]), (2, [0, 9])):
        run = by_rules(rules, f"0 command=a {fields}", "1 command=b", "9 command=c").go({0: "stop"})
        assert run.order == order


def test_a_library_that_is_not_there_is_missed_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tenacity", None)

    with pytest.raises(Problem, match="retries need the library 'tenacity'"):
        run_of("0 command=a", "1 command=b retry_failed=true").start()
    assert run_of("0 command=a", "1 command=b retry_failed=false").start()


def test_the_label_of_a_member_whose_loop_fails() -> None:
    lines = ("0 type=parallel tasks=5 next=always", "5 command=a next=loop loop=1 loop_break=stdout~never")
    run = play(tasks(*lines, "7 command=b next=loop loop=1 loop_break=stdout~never"))

    failed = [line for line in run.log if "loop_break not met" in line and "failed (exit_code=0)" in line]
    assert [line.split(" failed")[0] for line in failed] == ["WARN Task 0-5", "WARN Task 7"]


def test_what_is_said_of_an_outcome_that_is_unknown_and_where_a_command_ran() -> None:
    run = play(tasks("0 command=a hostname=web1 next=always", "1 command=b next=always"), {0: "unknown"})

    assert [line for line in run.log if "outcome unknown" in line] == [
        "ERROR Task 0: outcome unknown: its outcome is unknown"
    ]
    assert [records(run)[number]["hostname"] for number in (0, 1)] == ["web1", "localhost"]
    run = play(tasks("0 command=a", "1 command=b~~@9_stdout@ hostname=web1 next=always"))
    assert records(run)[1]["hostname"] == "web1"


def test_a_loop_of_a_block_does_not_go_on_when_the_timeout_came_while_it_slept() -> None:
    lines = ("0 type=parallel tasks=1 timeout=5 next=always", "1 type=parallel tasks=5 next=loop loop=3 sleep=10")
    run = Play(tasks(*lines, "5 command=a"))
    run.answer(5)
    assert sorted(run.slept()) == [5, 10]
    run.fire()
    run.fire()

    assert run.exit is not None
    assert run.order == [5]


@pytest.mark.parametrize(("code", "goes"), [(0, [5, 7]), (3, [5, 9])])
def test_the_exit_code_that_the_next_of_a_block_sees(code: int, goes: list[int]) -> None:
    for rest, expected in (("exit_0", goes), ("exit_1", [5, 16 - goes[1]])):
        lines = (f"0 type=parallel tasks=5 next={rest} on_failure=9", "5 command=a", "7 command=b next=never")
        assert play(tasks(*lines, "9 command=c"), {5: code}).order == expected


def test_a_sleep_that_is_none_keeps_a_command_from_starting() -> None:
    run = play(tasks("0 command=a", "1 command=b sleep=@0_stdout@ next=always", "2 command=c"), {0: "never"})

    assert run.order == [0, 2]
    assert records(run)[1]["outcome"] == "not_started"


def test_what_a_signal_does_is_said() -> None:
    run = Play(tasks("0 command=a", "1 command=b"))
    run.signal("SIGINT").signal("SIGINT")
    asleep = Play(tasks("0 command=a sleep=5", "1 command=b"))
    asleep.answer(0).signal("SIGINT")
    said = [[line for line in one.log if "SIG" in line] for one in (run, asleep)]

    text = "nothing more is started, "
    assert said[0] == [
        f"WARN SIGINT: {text}waiting for 1 running; a second SIGINT terminates them",
        f"WARN SIGINT: {text}ending",
    ]
    assert said[1] == [f"WARN SIGINT: {text}ending"]
    assert (run.cancelled(), asleep.code) == ([(0, "interrupt")], 130)


def test_what_a_record_and_a_note_have_of_tests_and_attempts() -> None:
    run = play(tasks("0 command=a success=exit_3", "1 command=b success=exit_3 next=always"), {0: 3, 1: 4})
    assert ("because" in records(run)[0], records(run)[1]["because"]) == (
        False,
        "success: exit_3 is false: exit code 4",
    )
    for count, more in ((0, []), (1, [(1, 2), (2, 2)])):
        run = play(tasks(f"0 command=a retry_failed=true retry_count={count} next=always"), {0: 1})
        ends = [step for step in run.steps if step["do"] == "note" and step["what"] == "end"]
        assert [(one["attempt"], one["attempts"]) for one in ends if "attempt" in one] == more
