"""What validators/tasks.py takes and gives: documents, settings. test_findings.py has an example of each code."""

import json
import subprocess
import sys

import pytest
from task_file_builders import checked, codes, only, parallel, task
from tasker.validators import tasks

from tasker.language.parse import taskfile
from tasker.protocol.document import Problem

# -- documents


def test_the_workflow_is_given_back_with_the_exec_types_it_uses():
    text = "task=0\nhostname=h\ncommand=x\n\n" + task(1) + "task=2\nreturn=0\nexec=ssh\n"

    made = checked(text, exec="p7s")

    assert made["exec_types"] == {"local": 1, "p7s": 1}
    assert made["tasks"] == taskfile.parse_workflow(text.encode(), "t.txt")["tasks"]


def test_findings_come_in_the_order_of_the_file_whoever_found_them():
    made = checked(task(0, "next=exit_0&", "nonsense", "timeout=x") + "comand=x\n")

    places = [(one["line"], one["column"]) for one in made["findings"]]
    assert [one["code"] for one in made["findings"]] == ["T020", "P010", "T006", "P014"]
    assert places == sorted(places)


def test_validating_twice_says_nothing_twice():
    once = checked(task(0, "next=exit_0&"))

    assert tasks.answer(dict(once)) == once


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "request"},
        {"kind": "workflow"},
        {"kind": "workflow", "tasks": 7},
        {"kind": "workflow", "tasks": [{"task": "0"}]},
        {"kind": "workflow", "tasks": [{"task": 0, "command": 7}]},
        {"kind": "workflow", "tasks": [{"task": 0, "at": {"command": 5}}]},
        {"kind": "workflow", "tasks": [], "variables": {"A": "x"}},
        {"kind": "workflow", "tasks": [], "settings": []},
        {"kind": "workflow", "tasks": [], "settings": {"start_from": "1"}},
        {"kind": "workflow", "tasks": [], "settings": {"available": "local"}},
        {"kind": "workflow", "tasks": [], "findings": [7]},
    ],
)
def test_what_is_no_workflow_is_a_problem_and_no_traceback(document):
    with pytest.raises(Problem) as caught:
        tasks.answer({"tasker": 1, "ok": True, **document})

    assert caught.value.code == "bad_document"


def test_a_workflow_without_any_place_is_checked_all_the_same():
    made = tasks.answer({"tasker": 1, "kind": "workflow", "ok": True, "tasks": [{"task": 3}, {"task": 3}]})

    assert not made["ok"]


def test_it_is_a_stage_that_reads_a_document_and_answers_with_one():
    workflow = taskfile.parse_workflow(task(0).encode(), "t.txt")

    run = subprocess.run([sys.executable, tasks.__file__], input=json.dumps(workflow).encode(), stdout=subprocess.PIPE)

    assert run.returncode == 0
    assert json.loads(run.stdout)["exec_types"] == {"local": 1}


# -- settings


def test_skipped_validation_still_refuses_what_cannot_be_read_and_targets_that_are_not_there():
    text = task(0, "next=exit_0&", "max_parallel=2", "on_failure=9", "condition=exit_0", "arguments=@NO@ @8_stdout@")

    assert codes(text, skip_tasks=True) == ["T020", "T040"]


def test_skipped_validation_still_refuses_an_undefined_variable_where_the_route_depends_on_it():
    assert codes(task(0, "on_success=@NO@"), skip_tasks=True) == ["T030"]


def test_a_start_that_is_not_there_has_its_own_exit_code():
    found = only("T043", task(0) + task(5), start_from=4)

    assert found["exit"] == 12
    assert "task 5" in found["fix"]


def test_a_run_cannot_start_inside_a_block():
    assert "belongs to block 0" in only("T043", parallel(), start_from=1)["message"]


def test_what_a_start_in_the_middle_leaves_out_is_a_warning():
    text = task(0) + task(1) + task(2, "arguments=@0_stdout@ @1_stdout@")

    found = only("T065", text, start_from=1)

    assert found["severity"] == "warning"
    assert found["message"] == "@0_stdout@ has no value here when the run starts from task 1"
    assert codes(text, start_from=0) == []


def test_an_unknown_default_exec_type_is_one_finding_and_not_one_for_each_task():
    found = only("T014", "task=0\ncommand=a\nhostname=h\n\ntask=1\ncommand=b\nhostname=h\n", exec="pbrum")

    assert "the default" in found["message"] and found["fix"] == "did you mean 'pbrun'?"


def test_a_shell_as_an_exec_type_is_not_taken_for_ssh():
    assert only("T014", task(0, "hostname=h", exec_type="zsh"))["fix"] == "did you mean 'shell'?"


def test_a_private_exec_type_is_as_good_as_ours():
    assert codes(task(0, "hostname=h", exec_type="docker"), available=["docker"]) == []


def test_a_runner_that_wants_a_script_is_checked_like_the_shell():
    text = task(0) + task(1, "hostname=h", "arguments='@0_stdout@'", exec_type="ksh")

    assert codes(text, available=["ksh", "local"], runners={"ksh": {"words": "script"}}) == ["T013"]


def test_retries_without_their_library_are_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr("tasker.checks.field_placement._is_installed", lambda library: False)
    found = only("T015", task(0, "retry_failed=true", "retry_count=2"))

    assert (found["severity"], found["exit"], found["field"]) == ("error", 20, "retry_failed")
    assert "pip install tenacity" in found["fix"]


@pytest.mark.parametrize("rule", ["max_failed=1&min_success=1", "!all_success", "(all_success)", "exit_0"])
def test_stop_on_takes_one_block_test(rule):
    assert "T022" in codes(parallel(f"stop_on={rule}"))


def test_a_good_run_that_passes_a_handler_into_its_second_half_gets_a_hint():
    found = only("T042", task(0, "on_failure=50") + task(50) + task(60, "return=3"))

    assert "skips handler 50" in found["message"] and "next=never" in found["fix"]


FAR = [
    task(0) + task(90),
    task(0) + task(1) + task(2) + task(99, "return=1"),
    task(0, "on_failure=90") + task(90) + task(99),
    task(0, "condition=true") + task(91),
    task(0, "on_success=5") + task(5) + task(1000),
    task(0, "type=parallel\ntasks=10,11").replace("command=echo\nexec=local\n", "") + task(10) + task(11) + task(90),
]
NEAR = [
    task(0) + task(89),
    "".join(map(task, range(0, 120, 10))),
    "".join(map(task, range(0, 500, 100))),
    "".join(map(task, range(85, 95))),
    task(90) + task(99),
    task(0, "on_failure=90", "next=never") + task(90),
    task(0, "on_success=90") + task(90),
    task(0, "next=never") + task(90),
    task(0, "return=0") + task(90),
    task(0, "on_failure=50", "next=never") + task(50) + task(90),
]


@pytest.mark.parametrize("text", FAR)
def test_a_far_task_that_nothing_names_and_that_the_flow_comes_to_is_a_warning(text):
    found = only("T099", text)

    assert found["severity"] == "warning" and "on_success=" in found["fix"]
    assert "T042" not in codes(text)


@pytest.mark.parametrize("text", NEAR)
def test_a_far_task_that_is_named_or_next_or_as_far_as_the_others_is_none(text):
    assert "T099" not in codes(text)


@pytest.mark.parametrize(
    ("count", "more", "hints"), [(65, "", 1), (64, "", 0), (65, "max_parallel=65\n", 0), (65, "max_parallel=64\n", 0)]
)
def test_more_members_than_run_at_once_get_a_hint(count, more, hints):
    block = f"task=0\ntype=parallel\ntasks=1-{count}\n{more}\n"

    assert codes(block + "".join(task(one) for one in range(1, count + 1))).count("T096") == hints


def test_the_hint_about_slots_is_given_once():
    blocks = "task=0\ntype=parallel\ntasks=100-199\n\ntask=1\ntype=parallel\ntasks=200-299\n\n"

    found = only("T096", blocks + "".join(task(one) for one in range(100, 300)))

    assert (found["task"], found["field"], found["severity"]) == (0, "tasks", "hint")
    assert found["message"] == "of 100 members, 64 run at once without max_parallel"
