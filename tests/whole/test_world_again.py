"""Small worlds in which runs are continued by `tasker again`: killed at any step, resumed, continued again.

`TASKER_SWEEP=10000` lives as many as that; `TASKER_SEED=7` others. A failure names its seed:
`python tests/support/world_again.py SEED` shows what happened in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from world import Stuck, Wrong
from world_again import CHAIN_FAULTS, FAULTS, lived
from world_chains import MARK

CHAINS = int(os.environ.get("TASKER_SWEEP", 40))  # lives with a chain
COUNT = int(os.environ.get("TASKER_SWEEP", 120))
FIRST = int(os.environ.get("TASKER_SEED", 0)) * 1_000_000
MOST = 400  # lives in which a planted fault has to be found: it takes 36
SEEN_AT = (1, 41, 3)  # lives with a chain in which the faults were found: these first
# seeds in which a defect of this world was seen, or of ours
FOUND = (465, "chain 50", "chain 101")


def test_every_life_keeps_its_promises() -> None:
    continued = 0
    for seed in range(FIRST, FIRST + COUNT):
        try:
            continued += len(lived(seed).parents)
        except (Wrong, Stuck) as broken:
            pytest.fail(f"life {seed}: {broken}")
    assert continued > COUNT  # most are continued more than once


def test_every_life_with_a_chain_keeps_its_promises() -> None:
    continued = 0
    for seed in range(FIRST, FIRST + CHAINS):
        try:
            continued += len(lived(f"{MARK}{seed}").parents)
        except (Wrong, Stuck) as broken:
            pytest.fail(f"life {MARK}{seed}: {broken}")
    assert continued > CHAINS


@pytest.mark.parametrize("seed", FOUND)
def test_a_life_in_which_a_defect_was_seen_is_whole(seed: int | str) -> None:
    lived(seed)


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted.__name__)
def test_a_planted_fault_is_found(planted: Callable[[], AbstractContextManager[None]]) -> None:
    for seed in range(MOST):
        try:
            lived(seed, planted)
        except Exception as found:  # whichever: that it is seen at all is what counts
            print(f"seed {seed}: {type(found).__name__}: {found}")
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST} lives")


@pytest.mark.parametrize("planted", CHAIN_FAULTS, ids=lambda planted: planted.__name__)
def test_a_fault_planted_into_chains_is_found(planted: Callable[[], AbstractContextManager[None]]) -> None:
    for seed in (*SEEN_AT, *range(MOST)):
        try:
            lived(f"{MARK}{seed}", planted)
        except Exception as found:  # whichever: that it is seen at all is what counts
            print(f"seed {seed}: {type(found).__name__}: {found}")
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST} lives")
