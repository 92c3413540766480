"""A rolling deploy through three gateways, of which one dies in the middle: every step runs once on every host.

A dozen hosts in `make check`, 900 in `make soak`, there without receipts as well. What ran is counted on the hosts, at
the addresses that answered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_bed import toml
from fleet_targets import TargetBed, doubled
from runner_client import until
from whole_program import Place

SOAK = "TASKER_SWEEP" in os.environ
HOSTS = 900 if SOAK else 12
STEPS = ["drain", "fetch", "install", "restart", "enable"]
WINDOW = 16 if SOAK else 8
PATIENCE = 3000.0 if SOAK else 120.0  # seconds


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[TargetBed]:
    folder = tmp_path / "bed"
    folder.mkdir()
    made = TargetBed(folder, HOSTS)
    yield made
    made.stop()


def deploy(bed: TargetBed) -> str:
    waves = "1,10%,50%" if SOAK else "1,100%"
    hosts = ",".join(bed.targets)
    lines = [f"task=10\ntype=chain\nhosts={hosts}\ntasks=11-15\nwaves={waves}\nmax_parallel={WINDOW * 3}\n"]
    for number, word in enumerate(STEPS, 11):
        lines.append(f"task={number}\nexec=openssh\ntimeout=600\ncommand=sh -c '{bed.step(word)}'\n")
    return "\n".join(lines)


def killed_in_the_middle(bed: TargetBed, place: Place, receipts: str) -> int:
    """The exit code of a deploy whose second gateway dies when half of the steps have run."""
    # a busy machine may be silent for long
    options = bed.options(linger=1.5, silence=20.0, connect_timeout="5m", window=WINDOW, receipts=receipts)
    text = "\n".join(f"{key} = {toml(value)}" for key, value in options.items())
    place.file(f'[env.fleet.runners]\nopenssh = "fleet"\n[env.fleet.runner.fleet]\n{text}\n', "tasker.toml")
    run = place.begin(deploy(bed), "--env", "fleet", stdout=(place.folder / "said").open("w"))
    half = HOSTS * len(STEPS) // 2
    until(lambda: bed.total() >= half or run.poll() is not None, PATIENCE)
    assert run.poll() is None, run.communicate()
    bed.kill("g2")
    run.communicate(timeout=PATIENCE)
    return int(run.returncode)


@pytest.mark.parametrize("receipts", ["always", "never"] if SOAK else ["always"])
def test_every_step_runs_once_although_a_gateway_dies(bed: TargetBed, place: Place, receipts: str) -> None:
    code, said = killed_in_the_middle(bed, place, receipts), place.log()
    if code:
        words = ["--resume"] if receipts == "always" else ["again", "-r", "last", "--unknown", "skip"]
        done = place.run(*words, "-l", place.base, timeout=PATIENCE)
        code, said = done.returncode, done.stdout + done.stderr

    ran = bed.ran()
    assert doubled(ran) == {}
    assert sorted(ran) == sorted(bed.targets.values())
    short = {at: words for at, words in ran.items() if words != STEPS}
    if receipts == "never":  # what the gateway had may be missing: it was skipped
        assert len(short) <= WINDOW and all(len(words) == len(STEPS) - 1 for words in short.values()), short
        short = {}
    assert short == {}
    assert code == 0, said
