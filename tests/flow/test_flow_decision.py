"""type=decision: a condition over earlier values says where the flow goes (docs/language.md §6)."""

import pytest
from flow_driver import Play, document, tasks
from tasker.modules.plan import plan

from tasker.flow.run import FlowRun
from tasker.protocol.document import Problem
from tasker.simulation.walk import Simulation

LOOK = "0 command=look exec=local"
YES, NO = "2 command=yes exec=local next=never", "9 command=no exec=local return=3"


def decided(decision, made, *others):
    return Play(tasks(LOOK, f"1 type=decision {decision}", *others)).answer(0, made)


@pytest.mark.parametrize(
    ("decision", "made", "order", "code"),
    [
        ("success=@0_stdout@~x on_failure=9", "x", [0, 2], 0),
        ("success=@0_stdout@~x on_failure=9", "y", [0, 9], 3),
        ("failure=@0_stdout@~x on_failure=9", "y", [0, 2], 0),
        ("failure=@0_stdout@~x on_failure=9", "x", [0, 9], 3),
        ("success=@0_stdout@~x on_success=9 on_failure=2", "x", [0, 9], 3),
        ("success=@0_stdout@~x return=7", "x", [0], 7),
        ("success=@0_stdout@~x return=7 on_failure=2", "y", [0, 2], 0),
        ("success=@0_stdout@~x next=never", "x", [0], 0),
        ("success=@0_stdout@~x next=always", "y", [0, 2], 0),
        ("success=@0_stdout@~x next=failure", "y", [0, 2], 0),
        ("success=@0_stdout@~x next=failure", "x", [0], 10),
        ("success=@0_stdout@~x", "y", [0], 10),
        ("failure=@0_stdout@~x", "x", [0], 10),
        # unknown: success has not been met, failure is one
        ("success=@0_stdout@>3", "y", [0], 10),
        ("failure=@0_stdout@>3", "y", [0], 10),
        # its own condition skips it, and the flow goes on
        ("success=@0_stdout@~x condition=@0_stdout@~z", "y", [0, 2], 0),
    ],
)
def test_where_a_decision_leads(decision, made, order, code):
    play = decided(decision, made, YES, NO).go({2: 0, 9: 0})

    assert (play.order, play.code) == (order, code)


def test_it_asks_no_runner_and_says_why():
    play = decided("success=@0_stdout@~x on_failure=9", "y", YES, NO)

    assert [one["task"] for one in play.requests] == [0, 9]
    assert play.said("INFO Task 1 decided false (exit_code=1)")
    assert play.said("Task 1: on to task 9 (on_failure): success is false: @0_stdout@~x is false: @0_stdout@ is 'y'")
    play = decided("success=@0_stdout@~x next=always", "y", YES, NO)
    assert play.said("Task 1 decided false (exit_code=1): success is false: @0_stdout@~x is false: @0_stdout@ is 'y'")


def test_the_reason_of_the_run_is_the_condition():
    play = decided("success=@0_stdout@~x", "y")

    assert play.reason == "stopped at task 1: success is false: @0_stdout@~x is false: @0_stdout@ is 'y'"
    assert play.said("WARN Task 1 decided false")


@pytest.mark.parametrize(("made", "words"), [("x", ["use", "True", "0"]), ("y", ["use", "False", "1"])])
def test_its_values(made, words):
    text = tasks(LOOK, "1 type=decision success=@0_stdout@~x next=always", "2 command=use exec=local")
    text = text.replace("command=use", "command=use @1_success@ @1_exit_code@")

    assert Play(text).answer(0, made).requests[-1]["words"] == words


HANDLER = "0 command=look exec=local on_failure=8", "1 command=a exec=local next=never"


@pytest.mark.parametrize(
    ("lines", "settings"),
    [
        ((LOOK, "1 type=decision success=@0_stdout@~x", "2 command=a exec=local"), {"on_error": "continue"}),
        (
            (LOOK, "1 type=decision success=@0_stdout@~x", "2 command=a exec=local condition=@1_success@=false"),
            {},  # what reads it does not make it true
        ),
        ((*HANDLER, "8 type=decision success=@0_stdout@~x", "9 command=a exec=local"), {}),
        ((*HANDLER, "8 type=decision success=@0_stdout@~x return=3", "9 command=a exec=local"), {}),
    ],
)
def test_false_without_on_failure_stops_everywhere(lines, settings):
    play = Play(tasks(*lines), **settings).answer(0, 1)

    assert (play.code, play.order) == (10, [0])


def test_a_jump_back_repeats_until_it_is_true():
    play = Play(tasks(LOOK, "1 type=decision success=@0_stdout@~x on_failure=0", YES))

    assert play.answer(0, "y").answer(0, "y").answer(0, "x").go().order == [0, 0, 0, 2]


def test_a_cycle_of_decisions_ends():
    play = Play(tasks(LOOK, "1 type=decision success=false on_failure=2", "2 type=decision success=true on_success=1"))

    assert play.answer(0).code == 10
    assert "the cycle of tasks 1-2 would never end" in play.reason


def test_in_a_branch_false_ends_the_branch():
    block = "1 type=conditional condition=true if_true_tasks=4,5 on_failure=9"
    text = tasks(LOOK, block, YES, "4 type=decision success=@0_stdout@~x", "5 command=b exec=local", NO)

    assert Play(text).answer(0, "x").go().order == [0, 5, 2]
    assert Play(text).answer(0, "y").go().order == [0, 9]


def test_in_a_branch_of_a_parallel_block():
    text = tasks(LOOK, "1 type=parallel tasks=4,6 next=max_failed=1", YES)
    text += tasks("4 type=conditional condition=true if_true_tasks=5,7", "5 type=decision success=@0_stdout@~x")
    text += tasks("6 command=c exec=local", "7 command=d exec=local")

    assert Play(text).answer(0, "y").go().order == [0, 6, 2]


CHAIN = tasks("10 type=chain hosts=a,b tasks=11-14 {}", "15 command=on exec=local") + tasks(
    "11 command=look exec=ssh",
    "12 type=decision success=@11_stdout@~x {}",
    "13 command=yes exec=ssh next=never",
    "14 command=no exec=ssh",
)


def chain(of_chain="", of_decision=""):
    """The hosts a and b of a chain: a has printed x, b y."""
    text = CHAIN.replace(" {}", "\n{}").replace("\n{}", "\n" + of_chain, 1).replace("\n{}", "\n" + of_decision, 1)
    workflow = document(text)
    workflow["tasks"][0]["targets"] = ["a", "b"]
    play = Play(workflow, skip_hosts=True)
    for identity, request in list(play.running.items()):
        play.answer(11, "x" if request["host"] == "a" else "y", identity)
    return play


def ran(play):
    return [(one["task"], one["host"]) for one in play.requests if "host" in one]


def test_each_host_of_a_chain_decides_for_itself():
    play = chain(of_decision="on_failure=14").go()

    assert ran(play) == [(11, "a"), (11, "b"), (13, "a"), (14, "b")]
    assert play.said("Task 10-12 on b decided false (exit_code=1)")


def test_false_without_on_failure_ends_the_chain_on_that_host():
    play = chain(of_chain="next=max_failed=1").go()

    assert ran(play) == [(11, "a"), (11, "b"), (13, "a")]
    assert play.said("Task 10 on b failed (exit_code=1): at task 12: success is false")
    assert play.order[-1] == 15


def test_what_a_decision_chooses_in_a_chain_is_no_failure():
    play = chain(of_decision="on_failure=14").go()

    assert play.said("Task 10 on b completed successfully")
    assert not any("on a" in line and "-14" in line for line in play.log)  # reached by the jump alone
    assert play.order[-1] == 15

    play = chain(of_decision="on_failure=14").go({14: 1})
    assert play.said("Task 10 on b failed (exit_code=1): at task 14")
    assert play.code == 10


def test_what_a_decision_chooses_is_no_handler():
    lines = (LOOK, "1 type=decision success=@0_stdout@~x on_failure=30", YES)
    text = tasks(*lines, "30 command=a exec=local", "31 command=b exec=local next=never")

    play = Play(text).answer(0, "y").answer(30, 1)
    assert (play.code, play.reason) == (10, "stopped at task 30: it failed: exit code 1")
    assert Play(text).answer(0, "y").go().code == 0


@pytest.mark.parametrize("made", ["x", "y"])
def test_a_decision_in_a_handler_leaves_the_flow_in_it(made):
    lines = ("0 command=a exec=local on_failure=80", "1 command=b exec=local next=never", "80 command=look exec=local")
    text = tasks(
        *lines, "81 type=decision success=@80_stdout@~x on_success=84 on_failure=84", "84 command=c exec=local"
    )
    play = Play(text + "\n" + tasks("85 command=alert exec=local")).answer(0, 1).answer(80, made).answer(84, 1).go()

    assert (play.order, play.code) == ([0, 80, 84, 85], 1)


def test_in_a_handler_of_a_chain_it_stops_too():
    text = tasks("10 type=chain hosts=a tasks=11-15", "11 command=look exec=ssh on_failure=13", "12 command=a exec=ssh")
    text += tasks("13 type=decision success=@11_stdout@~x", "14 command=b exec=ssh", "15 command=c exec=ssh")
    workflow = document(text)
    workflow["tasks"][0]["targets"] = ["a"]
    play = Play(workflow, skip_hosts=True).answer(11, 1)

    assert (play.order, play.code) == ([11], 10)
    assert not play.said("continues, because it is in a handler")


def test_a_dry_run_takes_what_is_unknown_as_met():
    play = Play(tasks(LOOK, "1 type=decision failure=@0_stdout@~x on_failure=9", YES, NO), dry_run=True)

    assert play.go().order == [0, 2]
    assert play.said("Task 1 would decide: failure is unknown: @0_stdout@~x is unknown: @0_stdout@ is not known")


def test_a_dry_run_decides_what_the_file_decides():
    text = "ENV=test\n" + tasks("1 type=decision success=@ENV@=live on_failure=9", YES, NO)

    assert Play(text, dry_run=True).go().order == [9]


def test_both_ways_are_simulated():
    workflow = document(tasks(LOOK, "1 type=decision success=@0_stdout@~x", YES))
    found = Simulation(workflow)

    assert {one["code"]: one["because"] for one in found.exit_codes()} == {
        0: ["task 2: next=never"],
        10: ["stopped at task 0", "stopped at task 1", "stopped at task 2"],
    }


def test_the_plan_has_both_ways_and_no_time():
    workflow = document(tasks(LOOK, "1 type=decision failure=@0_stdout@~x on_failure=9", YES, NO), exec="local")
    made = plan(workflow)
    entry = made["tasks"][1]

    assert entry["ways"] == [{"when": "not @0_stdout@~x", "to": 2}, {"when": "else", "to": 9}]
    assert (entry["type"], entry["seconds"]) == ("decision", 0)
    assert "decides: not (@0_stdout@~x)" in made["text"]


def test_a_sleep_that_cannot_be_read_is_a_failure():
    text = tasks(LOOK, "1 type=decision success=true on_failure=9", YES, NO)
    play = Play(text.replace("success=true", "success=true\nsleep=@0_stdout@")).answer(0, "soon")

    assert play.go().order == [0, 9]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("1 type=decision",), "decision 1 has no condition"),
        (("1 type=decision success=true failure=false",), "decision 1 has two conditions"),
        (("0 type=parallel tasks=1", "1 type=decision success=true"), "decision 1 is in a parallel block"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_refused(lines, what):
    with pytest.raises(Problem, match=what):
        FlowRun(document(tasks(*lines))).start()
