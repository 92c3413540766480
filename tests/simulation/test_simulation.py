"""`tasker flow --simulate`: every path of a workflow, and whether the validator and real walks see the same.

`TASKER_SWEEP=1000` compares that many generated workflows instead of 40; `TASKER_SEED=7` others.
"""

import json
import os
import random
import subprocess

import pytest
from flow_driver import Play, document, tasks
from random_tasks import random_tasks
from random_workflows import made
from task_file_builders import checked
from tasker.modules.flow import simulation_document
from whole_program import Place

from tasker.checks.context import CheckContext
from tasker.checks.prior_runs import PriorRunWalk
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import Problem
from tasker.simulation.walk import Simulation

COUNT = min(int(os.environ.get("TASKER_SWEEP", 40)), 5000)
SEED = int(os.environ.get("TASKER_SEED", 1)) * 1_000_000
SEEDS = [*range(SEED, SEED + COUNT), 54, 86, 5000045, 5000050, 5000059, 5000466]  # the last have been wrong once


def simulate_lines(*lines, **settings):
    return simulation_document(document(tasks(*lines), **settings))


def codes(found):
    return {one["code"]: one["because"] for one in found["exits"]}


def path(found, code):
    way = next(one["path"] for one in found["exits"] if one["code"] == code)
    return [(step["task"], step.get("when", "")) for step in way]


def test_a_plain_sequence_ends_well_or_with_a_failure_that_nothing_handles():
    found = simulate_lines("0 command=a", "1 command=b")

    assert (found["reached"], found["unreached"], found["ok"]) == ([0, 1], [], True)
    assert codes(found) == {0: ["reached the end"], 10: ["stopped at task 0", "stopped at task 1"]}


def test_with_on_error_continue_it_ends_well_or_with_a_failure_that_nothing_handles():
    found = simulation_document(document(tasks("0 command=a", "1 command=b"), on_error="continue"))

    assert codes(found) == {
        0: ["reached the end"],
        1: ["reached the end after a failure that nothing handles: tasks 0, 1"],
    }
    assert path(found, 1) == [(0, ""), (1, "failed")]


def test_how_a_run_can_end_whose_handler_fails():
    found = simulate_lines("0 command=a on_failure=90", "1 return=0", "90 command=b", "91 command=c next=never")

    assert codes(found) == {
        0: ["task 1: return=0", "task 91: next=never"],
        10: ["stopped at task 91", "task 91: next=never"],
    }
    found = simulate_lines("0 command=a on_failure=90", "1 return=0", "90 command=b", "91 command=c return=7")
    assert codes(found) == {0: ["task 1: return=0"], 7: ["task 91: return=7"]}
    found = simulate_lines("0 command=a on_failure=90", "1 return=0", "90 command=b return=0")
    assert codes(found) == {0: ["task 1: return=0", "task 90: return=0"], 10: ["stopped at task 90"]}
    found = simulate_lines("0 command=a on_failure=90", "1 return=0", "90 command=b")
    assert codes(found)[1] == ["reached the end after a failure that nothing handles: task 90"]


def test_every_way_to_end_has_a_path_that_shows_it():
    found = simulate_lines(
        "0 command=a next=exit_0 on_failure=9",
        "1 command=b condition=@0_stdout@=x next=exit_0",
        "2 command=c return=4",
        "9 command=d return=7",
    )

    assert codes(found) == {
        4: ["task 2: return=4"],
        7: ["task 9: return=7"],
        10: ["stopped at task 1", "stopped at task 2"],
    }
    assert path(found, 7) == [(0, "next false"), (9, "")]
    assert path(found, 10) == [(0, ""), (1, "next false")]


def test_a_task_that_no_path_reaches_is_named():
    found = simulate_lines("0 command=a next=never", "1 command=b")

    assert (found["reached"], found["unreached"], found["ok"]) == ([0], [1], False)


def test_a_good_run_ends_before_its_handlers_and_a_bad_one_goes_through_them():
    found = simulate_lines(
        "0 command=a next=exit_0 on_failure=90", "90 command=b next=exit_0 on_failure=99", "99 command=c"
    )

    assert codes(found)[0] == ["reached the end"]
    assert path(found, 0) == [(0, "")]
    assert found["reached"] == [0, 90, 99]


def test_a_block_is_seen_to_fail_to_hold_and_to_go_either_way():
    found = simulate_lines(
        "0 type=conditional condition=@X@ if_true_tasks=1 if_false_tasks=2 next=always",
        "1 command=a return=1",
        "2 type=parallel tasks=3,4 canary=1",
        "3 command=c",
        "4 command=d",
    )

    assert found["reached"] == [0, 1, 2, 3, 4]
    assert codes(found) == {0: ["reached the end"], 1: ["task 1: return=1"]}  # next=always handles a failure


def test_an_exit_code_that_an_output_decides_is_not_guessed():
    found = simulate_lines("0 command=a next=exit_0", "1 command=b return=@0_stdout@")

    assert codes(found) == {10: ["stopped at task 0", "stopped at task 1"], None: ["task 1: return=@0_stdout@"]}


def test_a_task_that_only_returns_may_be_undecided_and_fail():
    open_ = codes(simulate_lines("0 command=a success=true", "1 condition=@0_stdout@=go return=3"))
    known = codes(simulation_document(document("GO=go\n" + tasks("1 condition=@GO@=go return=3"))))

    assert open_[10] == ["stopped at task 0", "stopped at task 1"]
    assert (set(open_), set(known)) == ({0, 3, 10}, {0, 3})


def test_it_begins_where_the_run_would():
    found = simulate_lines("0 command=a", "5 command=b", start_from=5)

    assert (found["reached"], path(found, 0)) == ([5], [(5, "")])
    assert codes(simulate_lines("0 command=a", start_from=7)) == {
        12: ["cannot start from task 7: there is no such task"]
    }


def test_a_great_loop_and_many_retries_take_no_longer_than_small_ones():
    line = "0 command=a next=loop loop=1000000 retry_failed=true retry_count=10 sleep=86400"

    assert simulate_lines(line)["states"] == simulate_lines("0 command=a next=loop loop=1")["states"] == 1


def test_what_would_take_too_long_is_cut_and_says_so():
    lines = [f"{number} command=a next=exit_0 on_failure={number + 2}" for number in range(60)]
    found = Simulation(document(tasks(*lines, "60 command=b", "61 command=c")), most=50)

    assert "more than 50 choices" in found.cut
    assert len(found.reached) < 40


@pytest.mark.parametrize(
    ("line", "words"),
    [("0 command=a next=exit_0 on_failure=7", "does not exist"), ("0 command=a next=loop loop=x", "cannot walk")],
)
def test_a_workflow_that_cannot_be_walked_is_refused_in_one_sentence(line, words):
    with pytest.raises(Problem, match=words):
        simulate_lines(line)


def test_it_is_one_document_on_the_command_line(tmp_path):
    place = Place(tmp_path)
    parsed = place.run("parse", place.file("task=0\ncommand=a\nnext=exit_0\n"), stdin=subprocess.DEVNULL)
    (tmp_path / "workflow.json").write_text(parsed.stdout)
    with open(tmp_path / "workflow.json") as workflow:
        done = place.run("flow", "--simulate", stdin=workflow)

    assert (done.returncode, done.stderr) == (0, "")
    assert codes(json.loads(done.stdout)) == {0: ["reached the end"], 10: ["stopped at task 0"]}


# -- against others


def workflows(seed):
    """Workflows of a seed: one with blocks, and a wild one of plain tasks, under each rule for failures."""
    for on_error in ("stop", "continue"):
        yield document(made(seed, chains=False).text, on_error=on_error)
        yield document(random_tasks(random.Random(seed)), on_error=on_error)


@pytest.mark.parametrize("seed", SEEDS)
def test_flow_reaches_what_the_validator_says_and_nothing_else(seed):
    for workflow in workflows(seed):
        context = CheckContext(workflow, [])
        found = Simulation(workflow)

        assert not found.cut
        assert found.reached == PriorRunWalk(context, context.index.start()).tasks


@pytest.mark.parametrize("on_error", ["stop", "continue"])
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_run_does_the_simulation_has_foreseen_it(seed, on_error):
    dice, workflow = random.Random(seed), made(seed, chains=False)
    found = simulation_document(document(workflow.text, on_error=on_error))

    for _ in range(10):
        run = Play(workflow.text, skip_hosts=True, on_error=on_error)
        while run.exit is None and len(run.requests) < 200:
            if run.running:
                task = next(iter(run.running.values()))["task"]
                run.answer(task, dice.choice([0, 0, 1, "yes", "timeout", (1, "no")]))
            else:
                run.fire()
        assert {request["task"] for request in run.requests} <= set(found["reached"])
        assert run.exit is None or run.code in codes(found), (run.reason, found["exits"])


ASKED = ("task", "line", "at", "title", "condition", "next", "on_success", "on_failure", "return", "sleep")


def with_approvals(seed, on_error):
    """The workflow of a seed in which some tasks ask people, where only one task runs at a time."""
    dice, workflow = random.Random(seed), document(made(seed, chains=False).text, on_error=on_error, skip_hosts=True)
    index = WorkflowIndex(workflow)

    def alone(number):
        while (number := index.owned.get(number)) is not None:
            if index.kind(index.tasks[number]) == "parallel":
                return False
        return True

    for place, task in enumerate(workflow["tasks"]):
        plain = index.kind(task) == "task" and task.get("command") and index.next_kind(task) != "loop"
        if plain and alone(task["task"]) and dice.random() < 0.4:
            kept = {key: task[key] for key in ASKED if key in task}
            limit = {"timeout": "60"} if dice.random() < 0.5 else {}
            workflow["tasks"][place] = {**kept, **limit, "type": "approval"}
    return workflow


@pytest.mark.parametrize("on_error", ["stop", "continue"])
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_with_approvals_flow_validator_and_simulation_agree(seed, on_error):
    workflow = with_approvals(seed, on_error)
    context, found = CheckContext(workflow, []), Simulation(workflow)
    assert found.cut or found.reached == PriorRunWalk(context, context.index.start()).tasks

    seen, dice = simulation_document(workflow), random.Random(seed)
    for _ in range(10):
        run = Play(workflow)
        while run.exit is None and len(run.steps) < 1500:
            if run.running:
                task = next(iter(run.running.values()))["task"]
                run.answer(task, dice.choice([0, 0, 1, "yes", "timeout"]))
            elif run.questions and (dice.random() < 0.7 or not run.timers):
                run.approve(dice.choice(["yes", "yes", "no", "stop"]))
            else:
                run.fire()
        tasks_seen = {step["task"] for step in run.steps if step["do"] in ("ask", "run") and "task" in step}
        assert tasks_seen <= set(seen["reached"])
        assert run.exit is None or run.code in codes(seen), (run.reason, seen["exits"])


def with_decisions(seed, on_error):
    """The workflow of a seed in which some tasks are decisions."""
    dice, workflow = random.Random(seed), document(made(seed, chains=False).text, on_error=on_error, skip_hosts=True)
    index = WorkflowIndex(workflow)
    for place, task in enumerate(workflow["tasks"]):
        owner = index.owned.get(task["task"])
        at_once = owner is not None and index.kind(index.tasks[owner]) == "parallel"
        plain = index.kind(task) == "task" and task.get("command") and index.next_kind(task) != "loop"
        if task["task"] and plain and not at_once and dice.random() < 0.4:
            kept = {key: task[key] for key in ASKED if key in task}
            kept["next"] = kept.get("next", "").replace("stdout", "@0_stdout@")
            test = {dice.choice(["success", "failure"]): dice.choice(["@0_success@", "@0_stdout@~yes", "true"])}
            workflow["tasks"][place] = {
                **{key: kept[key] for key in kept if kept[key] != ""},
                **test,
                "type": "decision",
            }
    return workflow


@pytest.mark.parametrize("on_error", ["stop", "continue"])
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_with_decisions_flow_validator_and_simulation_agree(seed, on_error):
    workflow = with_decisions(seed, on_error)
    context, found = CheckContext(workflow, []), Simulation(workflow)
    assert found.cut or found.reached == PriorRunWalk(context, context.index.start()).tasks

    seen, dice = simulation_document(workflow), random.Random(seed)
    for _ in range(10):
        run = Play(workflow)
        while run.exit is None and len(run.steps) < 1500:
            if run.running:
                task = next(iter(run.running.values()))["task"]
                run.answer(task, dice.choice([0, 0, 1, "yes", "timeout"]))
            else:
                run.fire()
        begun = {step["task"] for step in run.steps if step["do"] == "note" and step["what"] == "start"}
        assert begun <= set(seen["reached"])
        assert run.exit is None or run.code in codes(seen), (run.reason, seen["exits"])


def test_an_approval_can_be_given_refused_and_ended():
    found = simulate_lines("1 type=approval on_failure=9", "2 command=a next=never", "9 command=b return=7")

    assert codes(found) == {0: ["task 2: next=never"], 7: ["task 9: return=7"], 10: [*codes(found)[10]]}
    assert path(found, 7)[:2] == [(1, "not approved"), (9, "")]
    assert (1, "stop") in path(found, 10)


@pytest.mark.parametrize(
    ("name", "wrong", "seed"), [("decided_by", "", 18), ("after_unhandled", "stop", 5), ("after_unhandled", "next", 1)]
)
def test_the_two_would_differ_if_one_of_them_were_wrong(name, wrong, seed, monkeypatch):
    monkeypatch.setattr(f"tasker.checks.flow_graph.{name}", lambda *what: wrong)

    with pytest.raises(AssertionError):
        test_flow_reaches_what_the_validator_says_and_nothing_else(seed)


@pytest.mark.parametrize("text", ["task=0\ncommand=a\nexec=local\nnext=never\n\ntask=1\ncommand=b\nexec=local\n"])
def test_what_the_validator_calls_unreachable_is_what_the_simulation_calls_so(text):
    told = [one["task"] for one in checked(text)["findings"] if one["code"] == "T060"]

    assert told == simulation_document(document(text))["unreached"] == [1]
