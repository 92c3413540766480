"""Many small worlds, each from one seed, in which the real driver is killed, cut off, lied to and resumed (world.py).

`TASKER_SWEEP=100000` lives as many worlds as that, or those of an hour; `TASKER_SEED=7` others. A failure names its
seed: `python tests/support/world_runs.py SEED` shows what happened in it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from world import SLOTS, Stuck, Wrong
from world_chains import CHAIN_FAULTS, PROBED
from world_decisions import MARK as DECIDING
from world_decisions import decided_otherwise_by_a_resume
from world_faults import FAULTS, answer_for_another, resume_starts_what_is_not_there, second_start_behind_a_client
from world_receipts import RECEIPT_FAULTS
from world_runs import lived

COUNT = int(os.environ.get("TASKER_SWEEP", 2000))
FIRST = int(os.environ.get("TASKER_SEED", 0)) * 1_000_000
HOUR = 3600.0
PARTS = 4
PROBE_FAULTS = (answer_for_another, second_start_behind_a_client, resume_starts_what_is_not_there)
MOST = 20_000  # worlds in which a planted fault has to be found
SUPPORT = Path(__file__).resolve().parents[1] / "support"
# seeds in which a defect of ours was seen: a runner that outlived its driver started a command that a resume had
# skipped or run again
FOUND = (139, 253, 460, 706, 1065, 1377)
# a command, or a probe that a resume asks again, was started after a signal
FOUND_WITH_SIGNALS = (136, 315, 742, 1647, 2095)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_world_keeps_its_promises(part, record_property):
    began, done = time.monotonic(), 0
    for seed in range(FIRST + part, FIRST + COUNT, PARTS):
        try:
            lived(seed)
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world {seed}: {broken}")
        done += 1
        if time.monotonic() - began > HOUR / PARTS:
            break
    rate = done / (time.monotonic() - began)
    record_property("worlds", done)
    record_property("worlds a second", f"{rate:.0f}")
    print(f"{done} worlds, {rate:.0f} a second, {rate * HOUR:.0f} an hour")
    assert done == len(range(part, COUNT, PARTS)) or time.monotonic() - began > HOUR / PARTS


def test_every_world_with_a_chain_keeps_its_promises(record_property):
    began = time.monotonic()
    for seed in range(FIRST, FIRST + COUNT // 4):
        try:
            lived(f"chain {seed}")
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world chain {seed}: {broken}")
        if time.monotonic() - began > HOUR / PARTS:
            break
    record_property("worlds with a chain", COUNT // 4)


def test_every_world_with_probes_in_a_chain_keeps_its_promises(record_property):
    began = time.monotonic()
    for seed in range(FIRST, FIRST + COUNT // 8):
        try:
            lived(f"{PROBED}{seed}")
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world {PROBED}{seed}: {broken}")
        if time.monotonic() - began > HOUR / PARTS:
            break


@pytest.mark.parametrize("kind", ["", "chain ", PROBED])
def test_every_world_whose_runners_have_slots_keeps_its_promises(kind, record_property):
    began = time.monotonic()
    for seed in range(FIRST, FIRST + COUNT // 32):
        try:
            lived(f"{kind}{seed}{SLOTS}")
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world {kind}{seed}{SLOTS}: {broken}")
        if time.monotonic() - began > HOUR / PARTS:
            break
    record_property("worlds with slots", COUNT // 32)


def test_what_waits_in_a_replay_and_was_sent_is_not_sent_again():
    """Worlds in which a result came, in a replay, for what waited for a slot there."""
    for seed in ("chain 323", f"{PROBED}1187"):
        lived(f"{seed}{SLOTS}")


def test_every_world_with_decisions_keeps_its_promises(record_property):
    began = time.monotonic()
    for seed in range(FIRST, FIRST + COUNT // 8):
        try:
            lived(f"{DECIDING}{seed}")
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world {DECIDING}{seed}: {broken}")
        if time.monotonic() - began > HOUR / PARTS:
            break
    record_property("worlds with decisions", COUNT // 8)


def test_a_decision_that_does_not_depend_on_values_alone_is_found():
    for seed in range(MOST // 4):
        try:
            lived(f"{DECIDING}{seed}", decided_otherwise_by_a_resume)
        except Exception:  # whichever: that it is seen at all is what counts
            return
    pytest.fail(f"it was not found in {MOST // 4} worlds")


@pytest.mark.parametrize("planted", PROBE_FAULTS, ids=lambda one: one.__name__)
def test_a_fault_in_the_probes_of_a_chain_is_found(planted):
    for seed in range(MOST // 4):
        try:
            lived(f"{PROBED}{seed}", planted)
        except Exception:  # whichever: that it is seen at all is what counts
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST // 4} worlds")


@pytest.mark.parametrize("planted", CHAIN_FAULTS, ids=lambda planted: planted.__name__)
def test_a_fault_planted_into_chains_is_found(planted):
    for seed in range(MOST // 4):
        try:
            lived(f"chain {seed}", planted)
        except Exception:  # whichever: that it is seen at all is what counts
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST // 4} worlds")


def test_every_world_with_receipts_keeps_its_promises(record_property):
    began = time.monotonic()
    for seed in range(FIRST, FIRST + COUNT // 4):
        try:
            lived(f"receipts {seed}")
        except (Wrong, Stuck) as broken:
            pytest.fail(f"world receipts {seed}: {broken}")
        if time.monotonic() - began > HOUR / PARTS:
            break
    record_property("worlds with receipts", COUNT // 4)


@pytest.mark.parametrize("planted", RECEIPT_FAULTS, ids=lambda planted: planted.__name__)
def test_a_fault_planted_into_receipts_is_found(planted):
    for seed in range(MOST // 4):
        try:
            lived(f"receipts {seed}", planted)
        except Exception:  # whichever: that it is seen at all is what counts
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST // 4} worlds")


@pytest.mark.parametrize("seed", FOUND + FOUND_WITH_SIGNALS)
def test_a_world_in_which_a_defect_was_seen_is_whole(seed):
    lived(seed)


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted.__name__)
def test_a_planted_fault_is_found(planted, record_property):
    for seed in range(MOST):
        try:
            lived(seed, planted)
        except Exception as found:  # whichever: that it is seen at all is what counts
            record_property("seed of a planted fault", seed)
            print(f"seed {seed}: {type(found).__name__}: {found}")
            return
    pytest.fail(f"{planted.__name__} was not found in {MOST} worlds")


def test_there_are_at_least_twelve_planted_faults():
    assert len({planted.__name__ for planted in FAULTS}) >= 12


def test_a_seed_is_the_same_world_in_every_process():
    def traces(hash_seed):
        done = subprocess.run(
            [sys.executable, SUPPORT / "world_runs.py", "--digest", *map(str, range(40))],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout.splitlines()

    first = traces("1")

    assert len(set(first)) == 40
    assert first == traces("2")
