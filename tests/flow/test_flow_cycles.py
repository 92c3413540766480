"""Cycles of tasks in which no command starts end, whatever their tasks wait for (docs/language.md §6)."""

import pytest
from flow_driver import Play, document, tasks
from tasker.modules.expand import expand

from tasker.flow.run import FlowRun
from tasker.protocol.types import Document

NEVER = "@9_stdout@"  # there is no task 9, so a command with this cannot start
WHY = "@9_stdout@ has no value: task 9 did not run"


class Expanded(Play):
    """A Play of a workflow whose hosts are looked up."""

    def say(self, doc: Document) -> Play:
        return super().say(expand(doc) if doc["kind"] == "workflow" else doc)


def run_of(*lines: str, **settings: object) -> Play:
    return Expanded(tasks(*lines), **settings).go()


def count(run: Play, text: str) -> int:
    return sum(text in line for line in run.log)


@pytest.mark.parametrize(
    "lines",
    [
        [f"2 command=a~~{NEVER} on_failure=2"],
        [f"2 command=a~~{NEVER} on_failure=2 sleep=5"],
        [f"2 command=a~~{NEVER} on_failure=3", f"3 command=b~~{NEVER} on_failure=2"],
        [f"2 command=a~~{NEVER} on_failure=3", "3 on_success=2"],
        [f"2 command=a~~{NEVER} on_failure=2", "3 command=b next=exit_0 on_failure=5", "5 command=c"],
        ["2 type=parallel tasks=3,4 on_failure=2", f"3 command=a~~{NEVER}", f"4 command=b~~{NEVER}"],
        ["2 type=conditional condition=true if_true_tasks=3 on_failure=2", f"3 command=a~~{NEVER}"],
    ],
)
def test_a_cycle_in_which_nothing_can_start_ends_after_one_turn(lines: list[str]) -> None:
    run = run_of(*lines)

    assert (10, []) == (run.code, run.order)
    assert "would never end, since no command in it can start" in run.reason
    assert WHY in run.reason
    assert count(run, "Executing Task 2: ") <= 1
    assert count(run, "was not started") == sum(NEVER in line for line in lines)


def test_a_fan_out_that_can_start_on_no_host_ends_after_one_turn() -> None:
    run = run_of(f"2 hosts=h1,h2 command=a~~{NEVER} on_failure=2")

    assert (10, []) == (run.code, run.order)
    assert "no command in it can start (task 2 failed: 0 of 2 hosts succeeded)" in run.reason
    assert count(run, "was not started") == 2


def test_the_reason_names_the_tasks_of_the_cycle_alone() -> None:
    run = run_of(
        f"1 command=a~~{NEVER} next=always", f"2 command=a~~{NEVER} on_failure=3", f"3 command=b~~{NEVER} on_failure=2"
    )

    assert run.reason.startswith(
        "stopped at task 2: the cycle of tasks 2-3 would never end, since no command in it can start"
        f" (task 2 was not started: {WHY})"
    )


def test_each_attempt_of_a_retry_counts_as_the_same_turn() -> None:
    run = run_of(f"2 command=a~~{NEVER} on_failure=2 retry_failed=true retry_count=3")

    assert (10, []) == (run.code, run.order)
    assert count(run, "was not started") == 4


@pytest.mark.parametrize("line", ["2 condition=false command=a", "2 TITLE=x"])
def test_a_cycle_without_a_command_that_may_run_ends_after_one_turn(line: str) -> None:
    run = run_of(line, "3 on_success=2")

    assert (10, []) == (run.code, run.order)
    assert "the cycle of tasks 2-3 would never end, since no command in it can start" in run.reason
    assert count(run, "on to task 2") == 1


def test_a_cycle_whose_tasks_read_each_other_goes_round_until_nothing_changes() -> None:
    run = run_of(
        f"2 command=a~~{NEVER} on_failure=3",
        f"3 command=b~~{NEVER} condition=@2_exit_code@=126 next=exit_0 on_failure=2",
    )

    assert (10, []) == (run.code, run.order)
    assert "the cycle of tasks 2-3 would never end" in run.reason
    assert count(run, "Task 3 was not started") == 2


def test_a_cycle_that_leads_out_in_its_second_turn_is_not_stopped() -> None:
    run = run_of(
        "2 condition=@3_exit_code@=126 command=a on_success=5 on_failure=3",
        f"3 command=b~~{NEVER} on_failure=2",
        "5 command=c next=never",
    )

    assert ([2, 5], 0) == (run.order, run.code)


def test_a_cycle_that_leads_elsewhere_once_the_flow_is_in_a_handler_is_not_stopped() -> None:
    # on the first way past task 2 the flow is in no handler, and passes over task 5
    run = run_of(
        "2 condition=false command=a",
        "7 command=b condition=@2_exit_code@=-1 on_success=9",
        "9 command=c next=never",
        "5 command=d next=never",
        "12 command=e on_failure=5",
    )
    assert [7, 9] == run.order

    again = run_of(
        "2 condition=false command=a",
        f"7 command=b~~{NEVER} on_failure=2",
        "5 command=d next=never",
        "12 command=e on_failure=5",
    )
    assert ([5], 0) == (again.order, again.code)


def test_a_cycle_with_a_command_in_it_goes_on() -> None:
    run = Play(tasks("2 command=a next=exit_0 on_failure=3 return=7", f"3 command=b~~{NEVER} on_failure=2"))
    run.go({2: [1] * 50 + [0]})

    assert (51, 7) == (len(run.order), run.code)


def test_a_cycle_that_waits_for_a_host_goes_on_until_the_host_is_accepted() -> None:
    run = Play(tasks("0 command=a", "1 hostname=@0_stdout@ command=b on_failure=1 sleep=5 next=exit_0"))
    run.answer(0, "web1")
    for _ in range(50):
        run.host(False, "cannot resolve 'web1'").fire()
    run.go()

    assert ([0, 1], 0) == (run.order, run.code)


def test_a_cycle_ends_after_10_000_turns_without_a_command() -> None:
    run = FlowRun(document(tasks("0 command=a", "1 hostname=@0_stdout@ command=b on_failure=2", "2 on_success=1")))
    steps = run.start()
    result = {"kind": "result", "exit_code": 0, "stdout": "web1"}
    steps = run.feed({"event": "result", "id": steps[-1]["request"]["id"], "result": result})
    turns = 0
    while steps[-1]["do"] == "check_host":
        turns += 1
        steps = run.feed({"event": "host", "id": steps[-1]["id"], "ok": False, "message": "unknown host"})

    assert (10_000, 10) == (turns, steps[-1]["code"])
    assert steps[-1]["reason"].startswith(
        "stopped at task 1: 10,000 turns of the cycle of tasks 1-2 without a command (task 1 was not started: "
    )


def test_a_dry_run_ends_where_it_comes_to_a_task_again() -> None:
    run = Play(tasks("2 command=a on_success=2"), dry_run=True).go({2: {"exit_code": None}})

    assert (0, [2]) == (run.code, run.order)


@pytest.mark.parametrize(
    "lines",
    [
        ["2 command=a~~@NOWHERE@ on_failure=2"],
        ["2 command=a~~@NOWHERE@ next=loop loop=500 on_failure=3", "3 command=b"],
        [f"2 command=a~~{NEVER} on_failure=3", "3 type=parallel tasks=5,5 on_failure=2", f"5 command=a~~{NEVER}"],
        [
            "2 type=parallel tasks=5 on_failure=3 on_success=3",
            "3 type=conditional condition=true if_true_tasks=5 on_failure=2 on_success=2",
            f"5 command=a~~{NEVER}",
        ],
    ],
)
def test_a_variable_that_is_not_defined_and_a_member_twice_are_no_way_out(lines):
    run = run_of(*lines)

    assert len(run.steps) < 60
    assert any(text in run.reason + "".join(run.log) for text in ("would never end", "nothing in it can start"))
