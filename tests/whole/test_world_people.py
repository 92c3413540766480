"""Simulated worlds with approvals, in which people answer at any moment, also that of a kill (world_people.py)."""

import os
import time

import pytest
from world import Stuck, Wrong
from world_people import PEOPLE_FAULTS, asked

COUNT = int(os.environ.get("TASKER_SWEEP", 800))
FIRST = int(os.environ.get("TASKER_SEED", 0)) * 1_000_000
HOUR = 3600.0
MOST = 5000  # worlds in which a planted fault has to be found


def test_every_world_keeps_what_people_were_promised(record_property):
    began, done = time.monotonic(), 0
    for seed in range(FIRST, FIRST + COUNT):
        try:
            asked(seed)
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world {seed} with people: {broken}")
        done += 1
        if time.monotonic() - began > HOUR:
            break
    record_property("worlds with people", done)
    assert done == COUNT or time.monotonic() - began > HOUR


@pytest.mark.parametrize("planted", PEOPLE_FAULTS, ids=lambda planted: planted.__name__)
def test_a_planted_fault_is_found(planted, record_property):
    for seed in range(MOST):
        try:
            asked(seed, planted)
        except Exception as found:  # whichever: that it is seen at all is what counts
            record_property("seed of a planted fault", seed)
            print(f"seed {seed}: {type(found).__name__}: {found}")
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST} worlds")
