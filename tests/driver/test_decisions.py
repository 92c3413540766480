"""Runs with decisions, by the whole program: resumed, continued, explained and reported."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from test_again import Runs, shell
from whole_program import Place, eventually


def decision(number: int, *lines: str) -> str:
    return "\n".join([f"task={number}", "type=decision", *lines, "", ""])


GATE = shell(0, "zero", ends="cat v") + decision(1, "success=@0_stdout@~go") + shell(2, "two")
WAY = shell(0, "zero", ends="cat v") + decision(1, "success=@0_stdout@~go", "on_failure=9")
WAY += shell(2, "two", "next=never") + shell(9, "nine")


@pytest.fixture
def runs(place: Place) -> Runs:
    (place.folder / "v").write_text("wait\n")
    return Runs(place)


def cases(place: Place) -> dict[str, ElementTree.Element]:
    done = place.run("report", "--junit", "-l", place.base, "last")
    return {str(case.get("name")): case for case in ElementTree.fromstring(done.stdout).iter("testcase")}


def test_the_journal_has_no_intent_of_a_decision(runs: Runs) -> None:
    runs.first(GATE)

    records = runs.journal(runs.ids()[-1])
    assert [one["doc"]["request"]["task"] for one in records if one["what"] == "intent"] == [0]
    assert runs.place.run("verify", "-l", runs.place.base, "last").returncode == 0


@pytest.mark.parametrize(("said", "effects"), [("wait", ["zero", "nine"]), ("go", ["zero", "two"])])
def test_a_resume_goes_where_the_decision_led(runs: Runs, said: str, effects: list[str]) -> None:
    """Killed in the command after it. What the world says by then is not asked again."""
    (runs.folder / "v").write_text(said + "\n")
    text = WAY.replace("echo two >>effects; true", "echo two >>effects; sleep 30")
    process = runs.place.begin(text.replace("echo nine >>effects; true", "echo nine >>effects; sleep 30"))
    eventually(lambda: runs.effects() == effects)
    process.kill()
    process.communicate()
    (runs.folder / "v").write_text("go\n" if said == "wait" else "wait\n")

    done = runs.place.run("--resume", "-l", runs.place.base, "--unknown=skip", "--kill-left")

    assert (done.returncode, runs.effects()) == (0, effects), done.stdout + done.stderr


def test_again_takes_it_again_with_what_is_inherited(runs: Runs) -> None:
    runs.first(GATE)
    (runs.folder / "v").write_text("go\n")

    done = runs.again("-r")
    assert (done.returncode, runs.new_effects()) == (10, ["zero"])
    assert "stopped at task 1: success is false" in done.stdout

    done = runs.again("-r", "--from", "0")
    assert (done.returncode, runs.effects()) == (0, ["zero", "two"])


def test_again_in_a_branch(runs: Runs) -> None:
    block = "task=1\ntype=conditional\ncondition=true\nif_true_tasks=10,11,12\n\n"
    text = shell(0, "zero", ends="cat v") + block + shell(10, "ten") + decision(11, "success=@0_stdout@~go")
    runs.first(text + shell(12, "twelve"))

    assert (runs.again("-r").returncode, runs.effects()) == (10, ["zero", "ten"])
    (runs.folder / "v").write_text("go\n")
    assert (runs.again("-r", "--from", "0").returncode, runs.effects()[2:]) == (0, ["zero", "ten", "twelve"])


def test_again_in_a_chain_runs_nothing_on_a_host_that_had_ended_well(runs: Runs) -> None:
    chain = "task=10\ntype=chain\nhosts=127.0.0.1,127.0.0.2\ntasks=11-14\n\n"
    text = chain + shell(11, "look-@host@", ends="cat v-@host@") + shell(12, "ready-@host@")
    text += decision(13, "success=@11_stdout@~go") + shell(14, "do-@host@")
    for host, said in (("127.0.0.1", "go"), ("127.0.0.2", "wait")):
        (runs.folder / f"v-{host}").write_text(said + "\n")
    runs.first(text)
    runs.new_effects()
    (runs.folder / "v-127.0.0.2").write_text("go\n")

    done = runs.again("-r")
    assert (done.returncode, runs.effects()) == (10, []), done.stdout
    assert "Task 10 on 127.0.0.2: failed at task 13: success is false" in done.stdout

    done = runs.place.really(text, "--limit", "failed:last")  # which looks again
    assert (done.returncode, runs.effects()) == (0, ["look-127.0.0.2", "ready-127.0.0.2", "do-127.0.0.2"])


def test_explain_says_why(runs: Runs) -> None:
    runs.first(WAY, code=0)

    done = runs.place.run("explain", "-l", runs.place.base, "last", "1")
    assert "success is false: @0_stdout@~go is false: @0_stdout@ is 'wait' (line 7)" in done.stdout
    assert "on to task 9 (on_failure)" in done.stdout


def test_in_junit_it_fails_only_where_the_run_stopped_at_it(runs: Runs) -> None:
    runs.first(WAY, code=0)
    case = cases(runs.place)["1 decision"]
    assert [one.tag for one in case] == ["system-out"]
    assert "is false: @0_stdout@ is 'wait'" in str(case[0].text)

    runs.first(GATE)
    case = cases(runs.place)["1 decision"]
    assert [one.tag for one in case] == ["failure", "system-out"]
    assert str(case[0].get("message")).startswith("stopped at task 1: success is false")


def test_the_report_has_it_without_an_attempt(runs: Runs) -> None:
    runs.first(WAY, code=0)
    text = runs.place.run("report", "-l", runs.place.base, "last").stdout

    assert "\n1     failed         0.000                     decision\n" in text
