"""The crash test of docs/threats.md: a run is killed at any point, and resumed. Nothing runs twice, nothing
that ended is lost, what is unknown is called unknown.

`make crash` goes through every point of every workflow; `make check` through a sample of them.
"""

import concurrent.futures
import os
import random
import time

import pytest
from crashing import WORKFLOWS, Crash, built, cleared, crash_and_resume, shell, undisturbed
from whole_program import carrying, eventually

SAMPLE = 242  # kills in `make check`: about 20 a workflow
EVERY = os.environ.get("TASKER_CRASH") == "every"
KILLS = int(os.environ.get("TASKER_KILLS", "20"))
TARGETS = ("self", "both", "children")


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    return built(tmp_path_factory.mktemp("shim"))


@pytest.mark.timeout(0 if EVERY else 600)
@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_run_that_is_killed_anywhere_goes_on(tmp_path, shim, name):
    text = WORKFLOWS[name]
    expected = undisturbed(tmp_path / "undisturbed", shim, text)
    cases = [(at, target) for at in range(1, expected[2] + 1) for target in TARGETS]
    if not EVERY:
        cases = random.Random(name).sample(cases, SAMPLE // len(WORKFLOWS))

    def tried(case):
        at, target = case
        folder = tmp_path / f"{at}-{target}"
        wrong = crash_and_resume(folder, shim, text, at, target, expected)
        if not wrong:
            cleared(folder)
        return wrong

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        wrong = {case: found for case, found in zip(cases, pool.map(tried, cases), strict=True) if found}

    assert wrong == {}


def test_nothing_local_outlives_a_driver_that_is_killed(tmp_path, shim):
    """200 of 200 by `TASKER_KILLS=200`. After 1 s, and on a busy machine 3."""
    text = "task=0\ntype=parallel\ntasks=1-5\n\n" + "".join(
        shell(number, "setsid sleep 31 & echo x >>begun; sleep 32") for number in range(1, 6)
    )
    slowest = 0.0
    for number in range(KILLS):
        place = Crash(tmp_path / str(number), shim, text)
        process = place.begin(text)
        if number % 6:  # else before any of its commands has begun
            eventually((place.folder / "begun").exists)
        time.sleep(0.002 * (number % 7))
        process.kill()
        process.communicate()
        slowest = max(slowest, place.settle())

    assert slowest < 3
    assert carrying("TASKER_ATTEMPT=none") == []
