"""Approvals: which fields they have, and where they may stand."""

import pytest
from task_file_builders import block, checked, codes, only, task

from tasker.language.fields import FIELDS

ASK = "# Deploy?\ntask=1\ntype=approval\n"
VALUES = {"tasks": "5", "hosts": "web1", "stop_on": "max_failed=0", "condition": "true", "next": "always"}
ALLOWED = {
    *("timeout", "condition", "next", "on_success", "on_failure", "sleep", "return", "type", "approvals", "approvers"),
}


def test_an_approval_is_a_task() -> None:
    text = ASK + "timeout=2h\napprovals=2\napprovers=alice, bob\non_failure=5\n\n" + task(5)

    assert codes(text) == ["T073"]  # without a configuration, in which others could answer
    assert codes(text.replace("approvals=2\napprovers=alice, bob\n", "")) == []


@pytest.mark.parametrize("field", sorted(set(FIELDS) - ALLOWED))
def test_a_field_that_means_nothing_is_an_error(field: str) -> None:
    value = VALUES.get(field, "1")
    found = [one for one in checked(f"{ASK}{field}={value}\n\n{task(5)}")["findings"] if one.get("field") == field]

    assert [one["code"] for one in found][:1] == ["T003"]
    way_out = "write timeout=" if field == "approval_timeout" else "remove it: an approval"
    assert "does not apply to an approval" in found[0]["message"] and found[0]["fix"].startswith(way_out)


def test_a_loop_of_approvals_is_an_error() -> None:
    assert "does not apply to an approval" in only("T003", ASK + "next=loop\n")["message"]


@pytest.mark.parametrize("field", ["approvals", "approvers"])
def test_its_fields_are_for_approvals(field: str) -> None:
    assert "it is for approvals" in only("T003", task(0, f"{field}=2"))["fix"]


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        ("approvals=0", "T006", "from 1 to 10"),
        ("approvals=11", "T006", "from 1 to 10"),
        ("approvers=alice,alice", "T009", "named twice"),
        ("approvers=al/ice", "T009", "invalid name 'al/ice'"),
        ("approvers=,", "T009", "names nobody"),
        ("approvals=3\napprovers=alice,bob", "T023", "can never be met"),
        ("timeout=0", "T006", "from 1s to 30d"),
    ],
)
def test_a_wrong_value_has_its_line(lines: str, code: str, words: str) -> None:
    assert words in only(code, f"{ASK}{lines}\n")["message"]


@pytest.mark.parametrize("value", ["0", "none", "-1"])
def test_an_approval_can_be_without_a_timeout(value: str) -> None:
    assert only("T006", f"{ASK}timeout={value}\n")["fix"].startswith("remove it: without timeout the run waits")


def test_nothing_but_one_flow_can_ask() -> None:
    inside = block(0, "parallel", "tasks=1,2") + ASK + "\n" + task(2)
    deeper = block(0, "parallel", "tasks=2,3") + block(3, "conditional", "condition=true", "if_true_tasks=1")

    assert "inside parallel block 0" in only("T054", inside)["message"]
    assert "inside parallel block 0" in only("T054", deeper + ASK + "\n" + task(2))["message"]


def test_a_member_of_a_chain_cannot_ask() -> None:
    inside = block(0, "chain", "hosts=web1,web2", "tasks=1,2") + ASK + "\n" + task(2)
    deeper = block(0, "chain", "hosts=web1,web2", "tasks=2,3")
    deeper += block(3, "conditional", "condition=true", "if_true_tasks=1")
    found = only("T054", inside)

    assert "approval 1 is inside chain 0, whose hosts run at the same time" in found["message"]
    assert (found["field"], found["fix"]) == ("type", "move it before or after task 0")
    assert "inside chain 0" in only("T054", deeper + ASK + "\n" + task(2))["message"]


WAVES = ("hosts=web[1-4]", "waves=1")


def test_a_block_that_asks_between_waves_cannot_be_in_a_parallel_block() -> None:
    inside = block(0, "parallel", "tasks=1,2") + task(1, *WAVES, "wave_approval=each") + task(2)
    found = only("T054", inside)

    assert "task 1 asks people, and is inside parallel block 0" in found["message"]
    assert (found["field"], found["fix"]) == ("wave_approval", "move it before or after task 0")
    branch = block(0, "conditional", "condition=true", "if_true_tasks=1")
    assert "T054" not in codes(branch + task(1, *WAVES, "wave_approval=each"))


@pytest.mark.parametrize(
    ("lines", "code", "field", "message", "fix"),
    [
        ("wave_approval=each", "T003", "wave_approval", "has no effect without waves", "as in waves=1,25%"),
        ("waves=1\nwave_approval=frist", "T009", "wave_approval", "must be first or each", "did you mean 'first'?"),
        ("waves=1\nwave_approval=once", "T009", "wave_approval", "must be first or each", "wave_approval=first"),
        ("waves=1\nwave_approval=true", "T009", "wave_approval", "must be first or each", "wave_approval=each"),
        ("waves=1\napprovals=2", "T003", "approvals", "has no effect without wave_approval", "wave_approval=first or"),
        (
            "waves=1\napprovers=ann",
            "T003",
            "approvers",
            "has no effect without wave_approval",
            "wave_approval=first or",
        ),
        ("waves=1\napproval_timeout=1h", "T003", "approval_timeout", "without wave_approval", "wave_approval=first or"),
        ("waves=1\nwave_approval=each\napproval_timeout=0", "T006", "approval_timeout", "from 1s to 30d", "remove it"),
        ("waves=1\nwave_approval=each\napprovals=11", "T006", "approvals", "from 1 to 10", "approvals=10"),
        ("waves=1\nwave_approval=@0_stdout@", "T038", "wave_approval", "global variables only", "write the value"),
    ],
)
def test_what_is_wrong_with_asking_between_waves(lines: str, code: str, field: str, message: str, fix: str) -> None:
    found = only(code, task(0) + task(1, "hosts=web[1-4]", *lines.split("\n")))

    assert found["field"] == field
    assert message in found["message"] and fix in found["fix"]


def test_who_can_answer_between_waves() -> None:
    found = only("T073", task(1, *WAVES, "wave_approval=each", "approvers=ann"))

    assert "only the owner of the run can answer approval 1 between waves, which needs one of ann" in found["message"]


def test_in_a_branch_it_is_allowed() -> None:
    assert "T054" not in codes(block(0, "conditional", "condition=true", "if_true_tasks=1") + ASK)


def test_without_a_question_is_a_warning() -> None:
    assert only("T055", "task=1\ntype=approval\n")["severity"] == "warning"


def test_values_of_a_block_are_not_its_own() -> None:
    assert only("T037", ASK + "\n" + task(2, "arguments=@1_failed_count@"))["field"] == "arguments"
    assert codes(ASK + "on_failure=3\n\n" + task(2, "next=never") + task(3, "arguments=@1_stdout@ @1_exit_code@")) == []


def test_a_cycle_that_a_person_can_end_is_none() -> None:
    assert not {"T061", "T066"} & {*codes(ASK + "\n" + task(2, "on_success=1"))}


def test_above_the_first_task_its_fields_are_variables_as_before() -> None:
    found = checked("approvers=alice\n\n" + task(0, "arguments=@approvers@"))["findings"]

    assert [one["code"] for one in found if one["severity"] != "hint"] == ["P025"]
