"""`tasker again` asks people and probes as every run does: no approval is inherited, and what a probe settled is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_again import RERUN_ONCE, Runs, killed, shell
from test_approvals import Terminal
from whole_program import Place


@pytest.fixture
def runs(place: Place) -> Runs:
    return Runs(place)


def asks(number: int, title: str, *fields: str) -> str:
    return "\n".join([f"# {title}", f"task={number}", "type=approval", *fields, "", ""])


GATE = shell(0, "zero") + asks(1, "Deploy?") + shell(2, "two", ends=RERUN_ONCE) + shell(3, "three-@1_stdout@")


def approved(runs: Runs, text: str, *typed: str, code: int = 10) -> None:
    """A real run of a task file, in which a person answers."""
    shown = Terminal(runs.place, "-r", "-l", runs.place.base, runs.place.file(text)).types(*typed)
    assert shown.code() == code, shown.seen.decode()


def again(runs: Runs, *typed: str, run: str = "last", words: tuple[str, ...] = ()) -> tuple[int, str]:
    shown = Terminal(runs.place, "again", "-r", "-l", runs.place.base, run, *words)
    for line in typed:
        shown.types(line)
    return shown.code(), shown.seen.decode()


def answers(runs: Runs, run: str) -> list[Any]:
    return [one["doc"]["id"] for one in runs.journal(run) if one["what"] == "answer"]


@pytest.mark.parametrize(
    ("typed", "code", "effects"),
    [("yes on Friday\n", 0, ["two", "three-on", "Friday"]), ("no\n", 10, []), ("stop\n", 10, [])],
)
def test_an_approval_before_the_fork_is_asked_again_before_anything_starts(
    runs: Runs, typed: str, code: int, effects: list[str]
) -> None:
    approved(runs, GATE, "yes on Monday\n")
    runs.fix()
    assert runs.new_effects() == ["zero", "two"]

    dry = runs.again()
    assert (dry.returncode, runs.effects()) == (0, [])
    assert "Task 1 would ask for 1 approval" in dry.stdout

    assert again(runs, typed)[0] == code
    assert runs.new_effects() == effects
    old, new = runs.ids()
    assert answers(runs, new) == ["ask.again.3.1"]
    assert f"Task 1 was approved in run {old}, and no approval is inherited" in runs.place.log()
    runs.place.verify()


def test_a_new_run_that_parks_is_resumed_and_asks_the_same(runs: Runs) -> None:
    approved(runs, GATE, "yes\n")
    runs.fix()
    runs.new_effects()
    process = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    from whole_program import eventually, finished

    eventually(lambda: len(runs.ids()) == 2 and any(one["what"] == "question" for one in runs.journal(runs.ids()[1])))
    process.kill()
    finished(process)
    assert runs.effects() == []
    old, new = runs.ids()

    refused = runs.again("-r", run=new)
    assert (refused.returncode, runs.effects(), len(runs.ids())) == (12, [], 2)
    assert f"tasker again {old} --once-more, or tasker --resume {new}" in refused.stderr

    shown = Terminal(runs.place, "--resume", new, "-l", runs.place.base).types("yes\n")
    assert (shown.code(), runs.effects()) == (0, ["two", "three-approved", "by", *runs.effects()[3:]])
    runs.place.verify()


def test_a_run_of_again_that_is_continued_asks_once_more(runs: Runs) -> None:
    approved(runs, GATE + shell(4, "four", ends="test -e more"), "yes first\n")
    runs.fix()
    assert again(runs, "yes second\n")[0] == 10
    assert runs.new_effects() == ["zero", "two", "two", "three-second", "four"]
    runs.fix("more")

    code, shown = again(runs, "yes third\n", run=runs.ids()[-1])
    assert code == 0, shown + runs.place.log()[-1500:]
    assert (code, runs.new_effects()) == (0, ["four"])
    assert again(runs, "yes fourth\n", run=runs.ids()[-1], words=("--from", "3"))[0] == 0
    assert runs.new_effects() == ["three-fourth", "four"]
    runs.place.verify()


def test_a_run_that_is_not_approved_again_inherits_nothing_to_a_third(runs: Runs) -> None:
    approved(runs, GATE, "yes\n")
    runs.fix()
    runs.new_effects()
    assert again(runs, "no\n")[0] == 10
    old, new = runs.ids()

    refused = runs.again("-r", run=new)
    assert (refused.returncode, runs.effects()) == (12, [])
    assert f"tasker again {old} --once-more" in refused.stderr
    assert (again(runs, "yes\n", run=old, words=("--once-more",))[0], runs.effects()[0]) == (0, "two")


def test_an_approval_at_which_a_run_was_rejected_is_where_it_forks(runs: Runs) -> None:
    text = (
        shell(0, "zero")
        + asks(1, "Deploy?", "on_failure=9")
        + shell(2, "two", "next=never")
        + shell(9, "back", "return=7")
    )
    approved(runs, text, "no\n", code=7)
    assert runs.new_effects() == ["zero", "back"]

    assert (again(runs, "yes\n")[0], runs.effects()) == (0, ["two"])
    runs.place.verify()


def test_a_rejection_is_not_inherited_either(runs: Runs) -> None:
    text = asks(0, "Deploy?", "next=always") + shell(1, "one", ends=RERUN_ONCE)
    approved(runs, text, "no\n")
    refused = runs.again("-r")

    assert refused.returncode == 12
    assert "task 0 was not approved in it, and no answer is inherited: --from 0 asks again" in refused.stderr


def test_an_approval_in_a_branch_and_one_that_a_start_passes_are_asked_again(runs: Runs) -> None:
    block = "task=1\ntype=conditional\ncondition=@0_exit_code@=0\nif_true_tasks=11,12\n\n"
    members = asks(11, "Inside?") + shell(12, "twelve")
    approved(
        runs,
        shell(0, "zero")
        + block
        + shell(
            2,
            "two",
            ends=RERUN_ONCE,
        )
        + members,
        "yes\n",
    )
    runs.fix()
    assert runs.new_effects() == ["zero", "twelve", "two"]

    assert (again(runs, "yes\n")[0], runs.new_effects()) == (0, ["two"])
    runs.place.verify()


def test_a_start_in_the_middle_asks_again_too(runs: Runs) -> None:
    file = runs.place.file(GATE.replace("-@1_stdout@", ""))
    shown = Terminal(runs.place, "-r", "-l", runs.place.base, "--start-from", "2", file).types("yes\n")
    assert shown.code() == 10
    runs.fix()
    runs.new_effects()

    assert (again(runs, "yes\n")[0], runs.effects()) == (0, ["two", "three"])
    runs.place.verify()


def test_a_parked_run_is_not_ended(runs: Runs) -> None:
    runs.first(GATE, "--park", code=76)
    refused = runs.again("-r")

    assert refused.returncode == 12
    assert f"resume it with tasker --resume {runs.ids()[0]}" in refused.stderr


# -- probes


CUT = "touch cut; sleep 30"


@pytest.mark.parametrize("there", [True, False])
def test_what_a_probe_settled_is_inherited_with_who_decided(runs: Runs, there: bool) -> None:
    made, code = ("touch made-a; ", 1) if there else ("", 0)
    ends = f"test -e fixed && exit; test @1_hostname@ = b && exit {code}; {made}sleep 20"
    task = shell(1, "@1_hostname@", "hosts=a,b", "timeout=1", "probe=test -e made-@1_hostname@", ends=ends)
    runs.first(task + shell(2, "two-@1_success_hosts@"), "--skip-host-validation")
    runs.fix()
    assert sorted(runs.new_effects()) == ["a", "b"]

    done = runs.again("-r")
    assert (done.returncode, runs.effects()) == (0, ["b" if there else "a", "two-a,b"]), done.stdout + done.stderr
    report = json.loads(runs.place.run("report", "--json", "-l", runs.place.base, runs.ids()[0]).stdout)
    assert [one.get("decided") for one in report["attempts"] if one.get("host") == "a"] == ["probe"]
    old, new = runs.ids()
    kept = [one["doc"] for one in runs.journal(new) if one["what"] == "inherited"]
    if there:
        assert [(one["unit"]["host"], one["unit"].get("decided"), one["result"]["outcome"]) for one in kept] == [
            ("a", "probe", "ok")
        ]
    else:
        assert [(one["unit"]["host"], one["unit"].get("decided")) for one in kept] == [("b", None)]
    assert f"inherited from run {old}" in runs.place.run("explain", "-l", runs.place.base, new, "1").stdout
    runs.place.verify()


def test_what_a_resume_settled_before_the_fork_is_inherited(runs: Runs) -> None:
    text = shell(0, "zero", "probe=test -e yes", ends=f"test -e yes || {{ {CUT}; }}") + shell(1, "one", ends=RERUN_ONCE)
    old = killed(runs, text)
    runs.fix("yes")
    assert runs.place.run("--resume", old, "-l", runs.place.base).returncode == 10
    runs.fix()
    assert runs.new_effects() == ["zero", "one"]

    done = runs.again("-r")
    assert (done.returncode, runs.effects()) == (0, ["one"])
    assert "1 result inherited" in done.stdout
    runs.place.verify()


def test_an_unknown_outcome_with_a_probe_is_settled_by_a_resume(runs: Runs) -> None:
    old = killed(runs, shell(0, "zero", "probe=test -e yes", ends=CUT) + shell(1, "one"))
    runs.fix("yes")
    runs.new_effects()
    refused = runs.again("-r")

    assert (refused.returncode, runs.effects(), runs.ids()) == (75, [], [old])
    assert f"tasker --resume {old}" in refused.stderr
    assert (runs.again("-r", "--unknown=skip").returncode, runs.effects()) == (0, ["one"])


def test_what_is_idempotent_runs_again_without_a_word(runs: Runs) -> None:
    killed(runs, shell(0, "zero", "idempotent=true", ends=f"test -e fixed || {{ {CUT}; }}") + shell(1, "one"))
    runs.fix()
    runs.new_effects()

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["zero", "one"])


def test_drift_cannot_be_continued_and_adhoc_can(runs: Runs) -> None:
    text = "task=0\nexec=shell\ncommand=true\nprobe=test -e there\n\n"
    assert runs.place.run("drift", "-r", "-l", runs.place.base, runs.place.file(text)).returncode != 0
    refused = runs.again("-r")
    assert refused.returncode == 12
    assert "it only asked probes" in refused.stderr

    words = ("--skip-host-validation", "-t", "local", "--hosts", "a,b", "--")
    words += ("sh", "-c", "echo x >>effects; test -e fixed")
    done = runs.place.run("adhoc", "-r", "-l", runs.place.base, *words)
    assert done.returncode != 0, done.stdout + done.stderr
    runs.fix()
    runs.new_effects()
    done = runs.again("-r", run=runs.ids()[-1])
    assert (done.returncode, runs.effects()) == (0, ["x", "x"]), done.stdout + done.stderr
