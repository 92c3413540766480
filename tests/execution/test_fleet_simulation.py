"""Gateways that die in every way, simulated: no request starts twice, none is lost, and no answer is wrong.

Faults are planted too: the same simulation has to find them.
"""

import os

import pytest
from fleet_world import World

from tasker.execution.fleet import executor, link, mailbox

SWEEP = int(os.environ.get("TASKER_SWEEP", 300))


def found(seeds):
    """What is wrong in the runs with these seeds, up to the first."""
    for seed in seeds:
        world = World(seed)
        try:
            world.run()
        except Exception as error:  # a planted fault may break anything
            return f"seed {seed}: {error!r}"
        if wrong := world.faults_found():
            return f"seed {seed}: {wrong}"
    return ""


def test_nothing_starts_twice_and_nothing_is_lost():
    outcomes, starts, moved = set(), 0, 0
    for seed in range(SWEEP):
        world = World(seed)
        world.run()
        assert world.faults_found() == [], seed
        outcomes |= {results[0]["outcome"] for results in world.answers.values()}
        starts += len(world.started)
        moved += sum(one.get("reason", "").startswith("not started by g") for (one,) in world.answers.values())

    assert moved > SWEEP // 10
    assert {"ok", "unknown", "timeout", "signalled"} <= outcomes and starts > SWEEP * 20


def test_without_faults_all_end():
    world = World(1, faults=0)
    world.run()

    assert {results[0]["outcome"] for results in world.answers.values()} <= {
        "ok",
        "timeout",
        "signalled",
        "not_started",
    }
    assert world.faults_found() == []


def outcomes_after_cuts():
    found = set()
    for seed in range(SWEEP // 3):
        world = World(seed, faults=8, kinds=("cut",))
        world.run()
        # one that is cancelled while its link is cut has to be answered before it is back
        found |= {results[0]["outcome"] for name, results in world.answers.items() if name not in world.cancelled}
        assert world.faults_found() == [], seed
    return found


def test_after_a_cut_every_outcome_is_known():
    assert {"ok", "timeout"} <= outcomes_after_cuts() <= {"ok", "timeout", "not_started"}


def test_it_is_the_lines_that_are_sent_again_that_make_it_known(monkeypatch):
    again = mailbox.Mailbox.again
    monkeypatch.setattr(mailbox.Mailbox, "again", lambda self, got: () if self.got else again(self, got))

    assert "unknown" in outcomes_after_cuts()


@pytest.mark.parametrize(
    "plant",
    [
        "moves what was claimed",
        "moves what has started",
        "refuses what was claimed",
        "sends to the next keeper what it sent",
    ],
)
def test_a_planted_fault_is_found(plant, monkeypatch):
    if plant == "moves what was claimed":
        monkeypatch.setattr(executor.FleetAttempt, "starts_nothing", property(lambda self: True))
    elif plant == "moves what has started":
        monkeypatch.setattr(executor.FleetAttempt, "is_refused", lambda self, result: result["outcome"] != "ok")
    elif plant == "refuses what was claimed":
        monkeypatch.setattr(executor.FleetExecutor, "_unknown", executor.FleetExecutor._refuse)
    else:
        monkeypatch.setattr(link.Link, "_final", _keeps_its_mailbox(link.Link._final))

    assert found(range(200)) != ""


def _keeps_its_mailbox(final):
    """What a lost gateway had not acknowledged is sent to the next keeper."""

    def _final(self, reason):
        before = [line for _, line in self._mailbox._unacknowledged]
        final(self, reason)
        for line in before:
            self._mailbox.post(line)

    return _final


def run_with(broken):
    """What became of 200 requests where the runner on some gateways fails."""
    world = World(1, gateways=2, requests=200, faults=0, refusals=0)
    world.random.randint = lambda low, high: high  # all gateways reach all hosts
    for name in broken:
        world.gateways[name].starts_nothing = True
    world.run()
    assert world.faults_found() == []
    return world, [one for name, (one,) in world.answers.items() if name not in world.cancelled]


def test_a_gateway_whose_runner_starts_nothing_gets_only_a_few_and_others_do_them():
    world, results = run_with(["g0"])

    assert "not_started" not in {one["outcome"] for one in results}
    assert 5 <= world.gateways["g0"].refused < 60


def test_if_none_starts_anything_all_is_answered():
    world, results = run_with(["g0", "g1"])

    assert {(one["outcome"], one["reason"]) for one in results} >= {("not_started", "g0: none here; g1: none here")}
    assert {one["outcome"] for one in results} == {"not_started"} and len(results) >= 190


def test_a_gateway_that_starts_something_again_gets_its_share():
    world = World(1, gateways=2, requests=100, faults=0, refusals=0)
    world.random.randint = lambda low, high: high
    world.gateways["g0"].starts_nothing = True
    world.clock.after(8.0, lambda: setattr(world.gateways["g0"], "starts_nothing", False))
    world.run()

    (link,) = [one for one in executor.links_of(world.executor) if one.gateway.name == "g0"]
    assert not link.starts.fails and not world.executor._failing
