"""The models: no order of steps does harm, and real journals are orders of the steps of a run (models/run.pml).

Here with fewer deaths and resumes than `make model` has.
"""

import sys

import pytest
from whole_program import ROOT, Place, local

sys.path.insert(0, str(ROOT / "tools"))
import model

JOURNALS = sorted((ROOT / "tests/data/kept_runs").rglob("journal.jsonl"))
RIGHT = {trace for path in JOURNALS for trace in model.traces(path.read_text().splitlines())}


def test_no_order_of_steps_and_deaths_breaks_a_promise() -> None:
    outcome = model.checked("DEATHS=2", "RESUMES=1")

    assert (outcome.error, outcome.complete) == ("", True)
    assert outcome.states > 100_000


@pytest.mark.parametrize("fault", model.FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    assert model.checked("DEATHS=2", fault, small=True).error != ""


def test_there_are_six_faults_and_more() -> None:
    assert len(model.FAULTS) >= 6


def test_the_model_of_again_is_right_and_each_of_its_faults_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert model.is_right(model.AGAIN)
    assert capsys.readouterr().out.count(": found: ") == len(model.faults_of(model.AGAIN)) == 7


def test_the_model_of_the_end_of_a_journal_is_right_and_each_of_its_faults_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert model.is_right(model.TAIL)
    assert capsys.readouterr().out.count(": found: ") == len(model.faults_of(model.TAIL)) == 5


def test_no_order_of_steps_over_there_breaks_a_promise() -> None:
    outcome = model.checked("DEATHS=1", "KILLS=1", model=model.FAR_SIDE)

    assert (outcome.error, outcome.complete) == ("", True)
    assert outcome.states > 100_000


@pytest.mark.parametrize("fault", model.FAR_FAULTS)
def test_a_fault_that_is_planted_over_there_is_found(fault: str) -> None:
    assert model.checked("DEATHS=1", "KILLS=1", fault, model=model.FAR_SIDE, small=True).error != ""


def test_there_are_twelve_faults_over_there_and_more() -> None:
    assert len(model.FAR_FAULTS) >= 12


@pytest.mark.parametrize(
    "trace", sorted(RIGHT), ids=lambda trace: "-".join(f"{kind}{number}" for kind, number in trace)
)
def test_the_model_can_write_what_real_journals_have(trace: model.Trace) -> None:
    assert model.can_write(trace)


@pytest.mark.parametrize(
    "trace",
    [
        (("Result", 0),),
        (("Intent", 0), ("Intent", 0)),
        (("Intent", 0), ("Result", 0), ("Result", 0)),
        (("Intent", 0), ("Result", 0), ("Order", 0), ("Intent", 0)),
        (("Intent", 0), ("Result", 1)),
    ],
)
def test_the_model_cannot_write_what_no_journal_may_have(trace: model.Trace) -> None:
    assert not model.can_write(trace)


def test_a_run_of_today_is_an_order_of_the_model(place: Place) -> None:
    place.really(local("echo one", "false", "echo @0_stdout@"))
    (journal,) = place.base.glob("runs/*/journal.jsonl")

    assert {model.can_write(trace) for trace in set(model.traces(journal.read_text().splitlines()))} == {True}
