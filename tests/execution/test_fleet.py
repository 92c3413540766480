"""The runner `fleet` over real gateways: three sshds, of which two are gateways and one has the hosts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_bed import Bed, Runs, killed, toml
from jsonschema import Draft202012Validator
from runner_client import request, until
from whole_program import ROOT, Place

from tasker import __version__

SCHEMA = json.loads((ROOT / "library/tasker/protocol/schemas/gateways.json").read_text())


@pytest.fixture(scope="module")
def made_bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("fleet")
    made = Bed(folder)
    yield made
    made.stop()


@pytest.fixture
def bed(made_bed: Bed) -> Iterator[Bed]:
    """Nothing is left on a gateway after the test."""
    yield made_bed
    for server in made_bed.gateways.values():
        if server.process is None:
            server.begin()
    until(lambda: not made_bed.keepers())


def test_commands_go_through_all_gateways(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path)
    with runs.talk:
        for number in range(20):
            runs.send(f"r{number}", f"echo out-{number}")
        found = runs.results(20)

    assert {name: one["stdout"] for name, one in found.items()} == {f"r{n}": f"out-{n}\n" for n in range(20)}
    assert {one["outcome"] for one in found.values()} == {"ok"}
    assert len(runs.started()) == 20
    assert all("Accepted publickey" in server.said() for server in bed.gateways.values())


def test_a_long_output_is_whole(bed: Bed, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    runs = Runs(bed, tmp_path, "g1")
    with runs.talk:
        runs.send("big", "seq 300000; printf '\\377' >&2", output=str(output), needs=["stdout"])
        (found,) = runs.results(1).values()

    assert (output / found["stdout_file"]).read_bytes() == "".join(f"{n}\n" for n in range(1, 300001)).encode()
    assert (output / found["stderr_file"]).read_bytes() == b"\xff"


def test_a_gateway_that_dies_doubles_nothing(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path, window=3)
    with runs.talk:
        for number in range(14):
            runs.send(f"r{number}", "sleep 1")
        until(lambda: len(runs.started()) >= 4)
        killed(bed.gateways["g1"])
        found = runs.results(14)

    unknown = [one for one in found.values() if one["outcome"] == "unknown"]
    assert len(unknown) <= 3 and {one["outcome"] for one in found.values()} <= {"ok", "unknown"}
    assert all(one["class"] == "lost" and "'g1'" in one["reason"] for one in unknown)
    assert len(runs.started()) == len(set(runs.started()))
    assert {name for name, one in found.items() if one["outcome"] == "ok"} <= set(runs.started())


def test_a_receipt_is_asked_for_by_way_of_another_gateway(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path, "g1", linger=0.5)
    receipt = {"run": "R", "request": "1.1", "delivery": 1}
    with runs.talk:
        runs.send("1.1", "sleep 3; echo whole", receipt=receipt, marker="R:1.1")
        until(lambda: runs.started() == ["1.1"])
        killed(bed.gateways["g1"])
        lost = runs.talk.hear()
        ask = {"do": "settle", **receipt, "timeout": 60, "since": 1.0, "patience": 20.0}
        keys = {"options": bed.options("g2"), "ask": ask, "timeout": 80, "marker": "R:ask.1.1"}
        answer = runs.talk.ask(request("ask.1.1", None, hostname="host-1-1", **keys))

    assert (lost["outcome"], lost["class"], "settled" in lost) == ("unknown", "lost", False)
    assert (answer["outcome"], answer["settled"], answer["stdout"]) == ("ok", "ended", "whole\n")
    assert runs.started() == ["1.1"]


def test_a_link_that_was_cut_goes_on(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path, "g1", linger=60.0)
    with runs.talk:
        runs.send("long", "sleep 2; echo whole")
        until(lambda: runs.started() == ["long"])
        client = int(subprocess.run(["pgrep", "-P", str(runs.talk.process.pid), "ssh"], capture_output=True).stdout)
        os.kill(client, signal.SIGKILL)
        (found,) = runs.results(1).values()

    assert (found["outcome"], found["stdout"], runs.started()) == ("ok", "whole\n", ["long"])


def test_a_gateway_that_cannot_be_reached_is_left_out(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path, "nowhere", "g2")
    with runs.talk:
        runs.send("one")
        (found,) = runs.results(1).values()
    assert found["outcome"] == "ok"

    alone = Runs(bed, tmp_path, "nowhere")
    with alone.talk:
        alone.send("two")
        (found,) = alone.results(1).values()
    assert (found["outcome"], found["class"]) == ("not_started", "no_gateway")
    assert "nowhere: ssh cannot connect to 'nowhere': ssh: connect to host 127.0.0.1 port 1: " in found["reason"]


def test_by_way_of_another_gateway(bed: Bed, tmp_path: Path) -> None:
    port = bed.gateways["g2"].port
    server = bed.gateways["g2"]
    config = bed.folder / "from-g1.conf"
    config.write_text("\n".join(["Host inner", *bed.way(server)]) + "\n")
    home = Path.home() / ".ssh/config"
    if home.exists():  # the second hop reads what is configured on the first gateway
        assert port and not home.exists(), "this test needs a home without ~/.ssh/config"
    home.parent.mkdir(mode=0o700, exist_ok=True)
    home.write_text(config.read_text())
    try:
        runs = Runs(bed, tmp_path, "g1>inner")
        with runs.talk:
            runs.send("far", "echo there")
            (found,) = runs.results(1).values()
    finally:
        home.unlink()

    assert (found["outcome"], found["stdout"]) == ("ok", "there\n")


def test_when_the_runner_is_killed_gateways_end_what_they_run(bed: Bed, tmp_path: Path) -> None:
    runs = Runs(bed, tmp_path, linger=1.0)
    with runs.talk:
        runs.send("long", "sleep 50")
        until(lambda: runs.started() == ["long"])
        runs.talk.process.kill()
        until(lambda: not bed.keepers())


def test_cancel_and_timeout_reach_the_command(bed: Bed, tmp_path: Path) -> None:
    before = set(Path(bed.private).glob("tasker-fleet-*"))  # of keepers that were killed
    runs = Runs(bed, tmp_path)
    with runs.talk:
        runs.send("slow", "sleep 50", timeout=1)
        runs.send("ended", "sleep 50")
        until(lambda: runs.started() == ["ended", "slow"])
        runs.talk.send({"tasker": 1, "kind": "cancel", "id": "ended", "reason": "interrupt"})
        found = runs.results(2)

    assert (found["slow"]["outcome"], found["ended"]["outcome"]) == ("timeout", "signalled")
    until(lambda: set(Path(bed.private).glob("tasker-fleet-*")) <= before)  # one may have been connecting


def test_a_run_with_an_environment_for_gateways(bed: Bed, place: Place) -> None:
    options = "\n".join(f"{key} = {toml(value)}" for key, value in bed.options(window=2).items())
    text = f'[env.fleet.runners]\nopenssh = "fleet"\n[env.fleet.runner.fleet]\n{options}\n'
    place.file(text, "tasker.toml")
    task = "task=0\nhosts=web[1-9],db1,db2\ncommand=echo done\nexec=openssh\nmax_parallel=11\n"
    done = place.run("-r", "--env", "fleet", "-l", place.base, place.file(task), timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "11" in done.stdout
    begun, most = 0, 0
    for record in place.journal():
        begun += {"intent": 1, "result": -1}.get(record["what"], 0)
        most = max(most, begun)
    assert most == 4, "two gateways with two slots each"


def test_gateways_are_shown_with_what_is_wrong(bed: Bed, place: Place) -> None:
    options = "\n".join(f"{key} = {toml(value)}" for key, value in bed.options("g1", "nowhere").items())
    place.file(f"[env.fleet.runner.fleet]\n{options}\n[[host]]\nmatch = 'db*'\ngateways = ['g2']\n", "tasker.toml")
    shown = place.run("gateways", "--env", "fleet", timeout=120)
    (doc,) = map(json.loads, place.run("gateways", "--env=fleet", "--json", timeout=120).stdout.splitlines())

    assert (shown.returncode, shown.stderr) == (1, "")
    rows = [line.split() for line in shown.stdout.splitlines()]
    assert rows[1][:3] == ["g1", "ready", __version__] and rows[1][3].startswith("3.")
    assert rows[2][:4] == ["nowhere", "not", "ready", "64"] and rows[3][0] == "g2" and rows[3][-1] == "db*"
    assert rows[4][:4] == ["nowhere", "is", "not", "ready:"] and "ssh cannot connect to 'nowhere'" in shown.stdout
    assert doc["ok"] is False and [one["ready"] for one in doc["gateways"]] == [True, False, True]
    assert not list(Draft202012Validator(SCHEMA).iter_errors(doc))

    place.file(f"[env.fleet.runner.fleet]\n{options}\n".replace(', "nowhere"', ""), "tasker.toml")
    assert place.run("gateways", "--env", "fleet", timeout=120).returncode == 0
