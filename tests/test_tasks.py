"""What validators/tasks.py says: each code with a bad and a good example, documents, settings."""

import json
import subprocess
import sys

import pytest
from task_texts import block, checked, codes, only, parallel, task
from tasker.validators import tasks

from tasker.findings import CATALOGUE
from tasker.parse import taskfile
from tasker.stage import Problem

SECRET = "secret=PW\nPW=env:PW\n"
EXAMPLES = {
    # code: (bad, good)
    "T001": ("task=0\nexec=local", task(0)),
    "T002": (task(0, "timeout="), task(0, "arguments=")),
    "T003": (task(0, "max_parallel=2"), parallel("max_parallel=2")),
    "T004": (task(0, "next=never", "on_failure=0"), task(0, "next=exit_0", "on_failure=1") + task(1, "return=1")),
    "T005": (task(0, "retry_count=2"), task(0, "retry_count=2", "retry_failed=true")),
    "T006": (task(0, "sleep=inf"), task(0, "sleep=0.5")),
    "T007": (task(0, "timeout=2000"), task(0, "timeout=1000")),
    "T008": (task(0, "success=exit_0", "failure=exit_1"), task(0, "failure=exit_1")),
    "T009": (task(0, "retry_failed=yes"), task(0, "retry_failed=true")),
    "T010": (task(0, "stdout_split=spaces,0"), task(0, "stdout_split=,,1")),
    "T011": (parallel(members="1,2x"), parallel(members="1-2")),
    "T012": (task(0, 'arguments="a'), task(0, 'arguments="a b"')),
    "T013": (
        task(0) + task(1, "arguments='@0_stdout@'", exec_type="shell"),
        task(0) + task(1, 'arguments="@0_stdout@"', exec_type="shell"),
    ),
    "T014": (task(0, exec_type="locl"), task(0)),
    "T020": (task(0, "next=exit_0&"), task(0, "next=exit_0&success")),
    "T021": (task(0, "condition=exit_0"), task(0) + task(1, "condition=@0_exit_code@=0")),
    "T022": (task(0, "next=all_success"), parallel("next=all_success")),
    "T023": (parallel("next=min_success=3"), parallel("next=min_success=2")),
    "T030": (task(0, "arguments=@ENV@"), "ENV=x\n" + task(0, "arguments=@ENV@")),
    "T031": ("A=@B@\nB=@A@\n" + task(0, "arguments=@A@"), "A=@B@\nB=1\n" + task(0, "arguments=@A@")),
    "T032": (
        "A=" + "x" * 40_000 + "\nB=@A@@A@\n" + task(0, "arguments=@B@"),
        "A=" + "x" * 30_000 + "\nB=@A@@A@\n" + task(0, "arguments=@B@"),
    ),
    "T033": ("A=1\n" + task(0), "A=1\n" + task(0, "arguments=@A@")),
    "T034": (task(0) + task(1, "arguments=@build_stdout@"), task(0) + task(1, "arguments=@0_stdout@")),
    "T035": (task(0) + task(1, "arguments=@0_nonsense@"), task(0) + task(1, "arguments=@0_exit@")),
    "T036": (task(0) + task(1, "arguments=@7_stdout@"), task(0) + task(1, "arguments=@0_stdout@")),
    "T037": (
        task(0) + task(1, "arguments=@0_failed_tasks@"),
        parallel() + task(3, "arguments=@0_failed_tasks@"),
    ),
    "T038": (task(0) + task(1, "on_success=@0_stdout@"), "N=1\n" + task(0, "on_success=@N@") + task(1)),
    "T040": (task(0, "on_failure=9"), task(0, "on_failure=9") + task(9)),
    "T041": (task(5, "on_failure=11") + block(6, "parallel", "tasks=11") + task(11), task(5, "on_failure=6") + task(6)),
    "T042": (task(0, "on_failure=5") + task(5) + task(9), task(0, "on_failure=9") + task(9)),
    "T044": (task(0, "tasks=1") + task(1, "tasks=0"), task(0)),
    "T050": (task(0) + block(1, "parallel", "tasks=1"), task(0) + block(1, "parallel", "tasks=2") + task(2)),
    "T051": (parallel(members="1,2,1"), parallel()),
    "T052": (
        block(0, "parallel", "tasks=1") + task(1, "next=exit_0"),
        block(0, "parallel", "tasks=1") + task(1, "success=exit_0"),
    ),
    "T053": (
        block(0, "parallel", "tasks=1", "timeout=10") + task(1, "timeout=20"),
        block(0, "parallel", "tasks=1", "timeout=20") + task(1, "timeout=10"),
    ),
    "T060": (task(0, "on_success=2") + task(1) + task(2), task(0) + task(1)),
    "T061": (task(0, "next=always", "on_success=0"), task(0, "next=exit_0", "on_success=0")),
    "T062": (task(0, "arguments=@1_stdout@") + task(1), task(0) + task(1, "arguments=@0_stdout@")),
    "T063": (
        task(0, "on_success=2", "on_failure=1") + task(1) + task(2, "arguments=@1_stdout@"),
        task(0) + task(1) + task(2, "arguments=@1_stdout@"),
    ),
    "T070": (SECRET + task(0, "next=stdout~@PW@"), SECRET + task(0, "arguments=@PW@", exec_type="shell")),
    "T071": (SECRET + task(0, "arguments=@PW@"), SECRET + task(0, "arguments=@PW@", exec_type="shell")),
    "T072": ("secret=PW\nPW=hunter2\n" + task(0), SECRET + task(0)),
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_bad_example_of_a_code_has_it_and_the_good_one_is_clean(code):
    bad, good = EXAMPLES[code]

    assert code in codes(bad)
    assert codes(good) in ([], ["T042"])


def test_every_code_has_an_example_or_a_test_of_its_own():
    alone = {"T015", "T043", "T064", "T065", "T091", "T092", "T093"}

    assert {code for code in CATALOGUE if code[0] == "T"} == set(EXAMPLES) | alone


@pytest.mark.parametrize("code", EXAMPLES)
def test_every_finding_says_where_it_is_and_what_to_do(code):
    for one in checked(EXAMPLES[code][0])["findings"]:
        assert one["line"] > 0 and one["column"] > 0
        assert one["fix"] and one["message"]
        assert not one["message"].endswith(".") and one["message"].isprintable()


# -- documents


def test_the_workflow_is_given_back_with_the_exec_types_it_uses():
    text = "task=0\nhostname=h\ncommand=x\n\n" + task(1) + "task=2\nreturn=0\nexec=ssh\n"

    made = checked(text, exec="p7s")

    assert made["exec_types"] == ["local", "p7s"]
    assert made["tasks"] == taskfile.workflow(text.encode(), "t.txt")["tasks"]


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
    workflow = taskfile.workflow(task(0).encode(), "t.txt")

    run = subprocess.run([sys.executable, tasks.__file__], input=json.dumps(workflow).encode(), stdout=subprocess.PIPE)

    assert run.returncode == 0
    assert json.loads(run.stdout)["exec_types"] == ["local"]


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


def test_a_private_exec_type_is_as_good_as_ours():
    assert codes(task(0, "hostname=h", exec_type="docker"), available=["docker"]) == []


def test_a_runner_that_wants_a_script_is_checked_like_the_shell():
    text = task(0) + task(1, "hostname=h", "arguments='@0_stdout@'", exec_type="ksh")

    assert codes(text, available=["ksh", "local"], runners={"ksh": {"words": "script"}}) == ["T013"]


def test_retries_without_their_library_are_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr("tasker.checks.fields._installed", lambda library: False)
    found = only("T015", task(0, "retry_failed=true", "retry_count=2"))

    assert (found["severity"], found["exit"], found["field"]) == ("error", 20, "retry_failed")
    assert "pip install tenacity" in found["fix"]


@pytest.mark.parametrize("rule", ["max_failed=1&min_success=1", "!all_success", "(all_success)", "exit_0"])
def test_stop_on_takes_one_block_test(rule):
    assert "T022" in codes(parallel(f"stop_on={rule}"))


def test_a_good_run_that_passes_a_handler_into_its_second_half_gets_a_hint():
    found = only("T042", task(0, "on_failure=90") + task(90) + task(99, "return=3"))

    assert "past handler 90" in found["message"] and "next=never" in found["fix"]
