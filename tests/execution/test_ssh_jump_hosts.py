"""Several jump hosts that lead to the same hosts (`jump_hosts` of exec=ssh), over real sshds."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleet_bed import killed
from jump_bed import JumpBed
from runner_client import ROOT, Talk, request, until
from signals_kept import signals_kept
from sshing import IN_LIBRARIES
from whole_program import Place

from tasker.execution.event_loop import EventLoop
from tasker.execution.ssh import jump_hosts
from tasker.execution.ssh.request import SshBackend

Doc = dict[str, Any]  # Any: a document of the protocol
EXAMPLE = ROOT / "examples/jump_hosts"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JumpBed]:
    """Its servers are left as they are."""
    bed = JumpBed(tmp_path_factory.mktemp("lasting"))
    yield bed
    bed.stop()


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[JumpBed]:
    made = JumpBed(tmp_path / "bed")
    yield made
    made.stop()


class Commands:
    """Commands of one runner, each with an effect that is counted; `wait` has them wait for `let_go`."""

    def __init__(self, bed: JumpBed, folder: Path, *jumps: str, kind: str = "ssh") -> None:
        self.options, self.effects, self.gate = bed.options(*jumps), folder / "effects", folder / "gate"
        self.talk = Talk(kind)

    def doc(self, name: str, wait: bool = False, host: str = "", **keys: Any) -> Doc:
        stays = f"; until [ -e {self.gate} ]; do sleep 0.05; done" if wait else ""
        words = ["sh", "-c", f"echo {name} >>{self.effects}{stays}"]
        return request(name, words, hostname=host or f"host-{name}", options=self.options, **{"timeout": 60, **keys})

    def started(self) -> list[str]:
        return sorted(self.effects.read_text().split()) if self.effects.exists() else []

    def ask(self, name: str, **keys: Any) -> Doc:
        answer: Doc = self.talk.ask(self.doc(name, **keys))
        return answer

    def ask_all(self, docs: list[Doc]) -> list[Doc]:
        return list(self.talk.ask_all(docs).values())


# -- which one a host is given


def test_hosts_are_dealt_over_them_and_each_is_logged_in_to_once(bed: JumpBed, tmp_path: Path) -> None:
    commands = Commands(bed, tmp_path)
    with commands.talk:
        answers = commands.ask_all([commands.doc(f"{n}") for n in range(8)])
        again = commands.ask_all([commands.doc(f"{n}") for n in range(8)])

    assert ["ok"] * 16 == [one["outcome"] for one in (*answers, *again)], answers
    assert {"g1": 4, "g2": 4} == bed.tunnels()
    assert [1, 1] == [one.said().count("Accepted publickey for") for one in bed.jumps.values()]


def test_one_that_cannot_be_used_is_passed_over(lasting: JumpBed, tmp_path: Path) -> None:
    for unusable in ("nowhere", "stranger", "nowhere>g1", "no-such-name.invalid"):
        commands = Commands(lasting, tmp_path, unusable, "g2")
        with commands.talk:
            answers = commands.ask_all([commands.doc(f"{n}") for n in range(4)])

        assert ["ok"] * 4 == [one["outcome"] for one in answers], (unusable, answers)


def test_a_jump_host_may_lie_behind_another_and_may_be_a_target_itself(lasting: JumpBed, tmp_path: Path) -> None:
    commands = Commands(lasting, tmp_path, "g1>g2")
    before = lasting.tunnels()
    with commands.talk:
        outcomes = [commands.ask("a")["outcome"], commands.ask("b", host="g1")["outcome"]]
        tunnels = lasting.tunnels()
        outcomes.append(commands.ask("c", host="g2")["outcome"])

    assert ["ok", "ok", "ok"] == outcomes
    assert {"g1": before["g1"] + 1, "g2": before["g2"] + 1} == tunnels
    assert tunnels["g2"] == lasting.tunnels()["g2"]  # the way to g2 leads over g1 alone


def test_where_none_can_be_used_each_is_named_with_its_reason(lasting: JumpBed, tmp_path: Path) -> None:
    commands = Commands(lasting, tmp_path, "nowhere", "stranger")
    with commands.talk:
        answers = [commands.ask("1"), commands.ask("2")]
    attempts = lasting.jumps["g1"].said().count("Invalid user nobody-here from")

    for answer in answers:
        assert ("not_started", 126, "no_jump_host") == (answer["outcome"], answer["exit_code"], answer["class"])
        assert answer.get("retryable") is not False
        assert "nowhere: refused: " in answer["reason"]
        assert "stranger: auth_failed: " in answer["reason"]
    assert commands.started() == []
    assert attempts <= 3  # of this test and the one before: an account is not locked by attempts


# -- what the target says


def test_a_target_that_refuses_a_login_is_asked_once_and_its_jump_host_stays(bed: JumpBed, tmp_path: Path) -> None:
    commands = Commands(bed, tmp_path)
    with commands.talk:
        answer = commands.ask("1", host="nobody-here@host-1")
        tunnels = sum(bed.tunnels().values())
        outcomes = [commands.ask(f"{n}")["outcome"] for n in range(2, 4)]

    assert ("auth_failed", 1) == (answer["class"], tunnels), answer
    assert ["ok", "ok"] == outcomes
    assert {"g1", "g2"} == {name for name, count in bed.tunnels().items() if count}


def test_a_target_that_one_cannot_reach_is_reached_by_way_of_the_next(tmp_path: Path) -> None:
    bed = JumpBed(tmp_path / "bed")
    bed.jumps["g1"].stop()
    with bed.jumps["g1"].config.open("a") as file:
        file.write("AllowTcpForwarding no\n")
    bed.jumps["g1"].begin()
    commands = Commands(bed, tmp_path)
    with commands.talk:
        outcomes = [commands.ask(f"{n}")["outcome"] for n in range(3)]
        closed = commands.ask("x", host="host-x:1")
    bed.stop()

    assert ["ok"] * 3 == outcomes
    assert "unreachable" == closed["class"]
    assert "g1 says: Administratively prohibited" in closed["reason"]
    assert "g2 says: Connect failed" in closed["reason"]


# -- one dies


def test_what_was_sent_by_way_of_one_that_dies_is_unknown_and_the_rest_goes_on(bed: JumpBed, tmp_path: Path) -> None:
    commands = Commands(bed, tmp_path)
    names = [f"{n}" for n in range(6)]
    with commands.talk as runner:
        runner.send(*(commands.doc(name, wait=True) for name in names))
        until(lambda: len(commands.started()) == 6)
        killed(bed.jumps["g1"])
        lost = [runner.hear() for _ in range(3)]
        commands.gate.touch()
        rest = [runner.hear() for _ in range(3)]
        later = commands.ask_all(
            [commands.doc(f"later-{one['id']}", host=f"host-{one['id']}") for one in (*lost, *rest)]
        )

    assert [("unknown", "lost", None)] * 3 == [(one["outcome"], one["class"], one["exit_code"]) for one in lost]
    assert all("by way of the jump host g1" in one["reason"] for one in lost), lost
    assert ["ok"] * 9 == [one["outcome"] for one in (*rest, *later)]
    assert sorted([*names, *(f"later-{name}" for name in names)]) == commands.started()


def test_commands_that_arrive_while_one_dies_run_once_each(bed: JumpBed, tmp_path: Path) -> None:
    commands = Commands(bed, tmp_path)
    with commands.talk as runner:
        runner.send(*(commands.doc(f"{n}") for n in range(40)))
        first = [runner.hear() for _ in range(10)]
        killed(bed.jumps["g1"])
        answers = [*first, *(runner.hear() for _ in range(30))]
    outcomes = {one["id"]: one["outcome"] for one in answers}

    assert {"ok", "unknown"} >= set(outcomes.values()), answers
    assert len(commands.started()) == len(set(commands.started()))
    assert {name for name, one in outcomes.items() if one == "ok"} <= set(commands.started())
    assert all("g1" in one["reason"] for one in answers if one["outcome"] == "unknown"), answers


def test_a_receipt_is_asked_for_by_way_of_another(bed: JumpBed, tmp_path: Path) -> None:
    commands = Commands(bed, tmp_path)
    receipt = {"run": "R", "request": "1.1", "delivery": 1}
    ask = {"do": "settle", **receipt, "timeout": 30.0, "patience": 20.0, "since": 1.0}
    with commands.talk as runner:
        runner.send(commands.doc("1.1", wait=True, host="web1", receipt=receipt, marker="R:1.1"))
        until(lambda: commands.started() == ["1.1"])
        killed(bed.jumps["g1" if bed.tunnels()["g1"] else "g2"])
        lost = runner.hear()
        commands.gate.touch()
        question = request("ask", None, hostname="web1", marker="R:ask", timeout=50, options=commands.options)
        settled = runner.ask({**question, "ask": ask})

    assert ("unknown", "lost") == (lost["outcome"], lost["class"])
    assert ("ok", "ended") == (settled["outcome"], settled["settled"]), settled
    assert ["1.1"] == commands.started()


class Here:
    """The executor in this process, so that a test can shorten its times."""

    def __init__(self, commands: Commands) -> None:
        self.commands, self.loop, self.backend = commands, EventLoop(), SshBackend()
        self.results: dict[str, Doc] = {}
        self.executor = self.backend.executor(self.loop, self._take, lambda *_: None)

    def _take(self, result: Any) -> None:
        self.results[result["id"]] = result

    def start(self, name: str, **keys: Any) -> None:
        doc: Any = self.commands.doc(name, **keys)
        self.executor.start(self.backend.attempt(doc, ["ssh"], f"run:{name}", 60.0))

    def until(self, fact: Any) -> None:
        end = time.monotonic() + 60
        while not fact():
            assert time.monotonic() < end, self.results
            self.loop.turn(0.05)


@pytest.fixture
def here(bed: JumpBed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setattr(jump_hosts, "PULSE", 0.2)
    with signals_kept():
        made = Here(Commands(bed, tmp_path))
        yield made
        made.executor.end_everything()
        made.commands.talk.__exit__()


def stopped(server: Any) -> None:  # Any: a sshd.Server
    """It is silent, as after the loss of its power: no connection to it ends."""
    for pid in server.pids():
        os.kill(pid, signal.SIGSTOP)


def test_one_that_falls_silent_is_given_up_and_what_was_not_sent_moves(here: Here, bed: JumpBed) -> None:
    commands = here.commands
    for name in ("a", "b"):
        here.start(name, wait=True)
    here.until(lambda: commands.started() == ["a", "b"])
    stopped(bed.jumps["g1"])
    for name in ("a", "b"):  # of these one is a session of a connection that is silent now
        here.start(f"{name}2", host=f"host-{name}")
    for name in ("c", "d"):  # and of these one is a new connection
        here.start(name)
    here.until(lambda: len(here.results) == 5)
    lost = [one for one in here.results.values() if one["outcome"] == "unknown"]
    commands.gate.touch()
    here.until(lambda: len(here.results) == 6)

    assert ["lost"] == [one["class"] for one in lost], here.results
    assert "by way of the jump host g1" in lost[0]["reason"]
    assert 5 == sum(one["outcome"] == "ok" for one in here.results.values()), here.results
    assert ["a", "a2", "b", "b2", "c", "d"] == commands.started()


def test_one_that_does_not_answer_holds_nothing_back(here: Here, bed: JumpBed) -> None:
    stopped(bed.jumps["g1"])
    began = time.monotonic()
    for n in range(4):
        here.start(f"{n}")
    here.until(lambda: len(here.results) == 4)

    assert ["ok"] * 4 == [one["outcome"] for one in here.results.values()]
    assert time.monotonic() - began < 9  # less than the time to connect


# -- around it


def test_ssh2_has_ssh_do_it_or_names_it(lasting: JumpBed, tmp_path: Path) -> None:
    if "ssh2" not in IN_LIBRARIES:
        return
    commands = Commands(lasting, tmp_path, kind="ssh2")
    with commands.talk:
        outcome = commands.ask("1")["outcome"]
        commands.options["fallback"] = False
        refused = commands.ask("2")

    assert ("ok", "bad_setting") == (outcome, refused["class"])
    assert "a jump host" in refused["reason"]


def test_openssh_refuses_it(lasting: JumpBed, tmp_path: Path) -> None:
    commands = Commands(lasting, tmp_path, kind="openssh")
    with commands.talk:
        answer = commands.ask("1")

    assert "bad_setting" == answer["class"]
    assert "ProxyJump" in answer["reason"]


def test_the_example_ends_by_itself_with_each_step_once_though_a_jump_host_dies(bed: JumpBed, tmp_path: Path) -> None:
    """Only the jump hosts know the names of the servers. They are logged in to before the run (-c)."""
    place, effects, gate, stub = Place(tmp_path), tmp_path / "effects", tmp_path / "gate", tmp_path / "stub"
    (tmp_path / "home/.ssh").mkdir(mode=0o700)
    shutil.copy(bed.config, tmp_path / "home/.ssh/config")
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    stub.write_text(
        f'#!/bin/sh\necho "$1" >>{effects}; [ "$1" = restart ] || exit 0\n'
        f"[ $(grep -c restart {effects}) = 1 ] || until [ -e {gate} ]; do sleep 0.05; done\n"
    )
    stub.chmod(0o755)
    text = (EXAMPLE / "restart.txt").read_text().replace("systemctl", str(stub))
    process = place.begin(text, "-c", env={"SSH_AUTH_SOCK": ""})
    until(lambda: effects.exists() and effects.read_text().count("restart") == 3)  # the second wave: one each
    killed(bed.jumps["g1"])
    gate.touch()
    out, err = process.communicate(timeout=100)

    assert process.returncode == 0, out + err
    assert ["is-active"] * 8 + ["restart"] * 8 == sorted(effects.read_text().split())
    assert "(by way of the jump host g1): asking for its receipt" in place.log()
