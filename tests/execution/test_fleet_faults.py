"""Faults at random moments, over real gateways: no command runs twice, none is lost, no verdict is wrong.

Thirty of them in `make check`, 300 in `make soak`, up to three in a test. Effects are counted where the commands run.
"""

from __future__ import annotations

import collections
import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleet_bed import KEEPER, Bed, Runs, killed, toml
from runner_client import until
from whole_program import Place

COUNT = min(int(os.environ.get("TASKER_SWEEP", 30)), 300)
LINGER, SILENCE = 4.0, 1.2
REQUESTS, HOSTS = 24, 8  # in a test of the runner, and of the driver
BACK = ("carrier", "link", "link for a while", "silence")  # after these, every outcome is known
FINAL = ("gateway", "both gateways", "keeper", "leaf", "link for good", "fleet")
DRIVER = ("driver", "driver", "driver, receipts")
ROUND = 12  # tests with 30 faults: two that end and one of FINAL, three that end, one of DRIVER
SEEN: collections.Counter[str] = collections.Counter()


@pytest.fixture(scope="module")
def made_bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    made = Bed(tmp_path_factory.mktemp("faults"))
    yield made
    made.stop()
    print(f"\n{COUNT} faults: {dict(sorted(SEEN.items()))}")


@pytest.fixture
def bed(made_bed: Bed) -> Iterator[Bed]:
    yield made_bed
    for server in made_bed.gateways.values():
        if server.process is None:
            server.begin()
    until(lambda: not made_bed.keepers())


def within(server: Any, text: str) -> list[int]:  # Any: a sshd.Server
    """The processes of a gateway whose command line has this text."""
    found = []
    for pid in server.pids():
        with contextlib.suppress(OSError):
            if text in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                found.append(pid)
    return found


def signalled(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def sessions(server: Any) -> list[int]:  # Any: a sshd.Server
    return [pid for pid in within(server, "sshd") if pid != server.process.pid]


class Fault:
    """kind: of BACK or FINAL. seconds: for how long, where it ends."""

    def __init__(self, bed: Bed, kind: str, chance: random.Random) -> None:
        self.bed, self.kind = bed, kind
        self.seconds = chance.uniform(0.3, LINGER / 2)
        self.gateways = chance.sample(sorted(bed.gateways), 2 if kind == "both gateways" else 1)

    def happen(self, fleet: int) -> None:
        """fleet: pid of the runner."""
        if self.kind == "fleet":
            os.kill(fleet, signal.SIGKILL)
            return
        if self.kind == "carrier":
            found = subprocess.run(["pgrep", "-P", str(fleet), "ssh"], capture_output=True, text=True).stdout.split()
            signalled([int(found[0])] if found else [], signal.SIGKILL)
            return
        for name in self.gateways:
            server = self.bed.gateways[name]
            if "gateway" in self.kind:
                killed(server)
            elif self.kind in ("keeper", "leaf"):
                signalled(within(server, KEEPER if self.kind == "keeper" else "openssh.py --lines"), signal.SIGKILL)
            elif self.kind == "silence":
                stopped = sessions(server)
                signalled(stopped, signal.SIGSTOP)
                time.sleep(self.seconds)
                signalled(stopped, signal.SIGCONT)
            else:
                self.cut(server)

    def cut(self, server: Any) -> None:  # Any: a sshd.Server
        links = sessions(server)
        if self.kind != "link":
            server.process.kill()
            server.process.wait(10)
            server.process = None
        signalled(links, signal.SIGKILL)
        if self.kind == "link for a while":
            time.sleep(self.seconds)
            server.begin()


def effects(path: Path) -> collections.Counter[str]:
    return collections.Counter(path.read_text().split() if path.exists() else [])


def faults_of(number: int, chance: random.Random) -> list[str]:
    """What happens in the test with this number."""
    place = number % ROUND
    if place >= ROUND - len(DRIVER):
        return [DRIVER[place - ROUND]]
    last = FINAL[place] if place < len(FINAL) else chance.choice(BACK)
    return [*chance.sample(BACK, 2), last]


@pytest.mark.parametrize("number", range(COUNT * ROUND // 30))
def test_no_fault_doubles_or_loses_a_command(bed: Bed, place: Place, number: int) -> None:
    chance = random.Random(number)
    kinds = faults_of(number, chance)
    SEEN.update(f"fault: {kind}" for kind in kinds)
    if kinds[0] in DRIVER:
        of_a_driver(bed, place, chance.uniform(0.0, 1.2), receipts="receipts" in kinds[0])
    else:
        of_the_runner(bed, place.folder, [Fault(bed, kind, chance) for kind in kinds], chance)


def of_the_runner(bed: Bed, folder: Path, faults: list[Fault], chance: random.Random) -> None:
    is_final = faults[-1].kind in FINAL
    # a busy machine may take long to connect again
    runs = Runs(bed, folder, window=3, linger=LINGER if is_final else 600.0, silence=SILENCE)
    names = [f"r{number}" for number in range(REQUESTS)]

    def happen() -> None:
        for fault in faults:
            time.sleep(chance.uniform(0.0, 1.0))
            fault.happen(runs.talk.process.pid)

    with runs.talk:
        for name in names:
            runs.send(name, f"sleep 0.{name[-1]}; echo {name}-done >>{runs.effects}; echo {name}")
        until(lambda: runs.started())
        thread = threading.Thread(target=happen)
        thread.start()
        found = {} if faults[-1].kind == "fleet" else runs.results(REQUESTS)
        thread.join()
    seen = effects(runs.effects)
    assert max(seen.values()) == 1, seen
    if faults[-1].kind == "fleet":
        return
    assert sorted(found) == sorted(names)
    for name, result in found.items():
        outcome = result["outcome"]
        SEEN[outcome] += 1
        assert outcome in ("ok", "not_started", "unknown"), result
        if outcome == "ok":
            assert seen[f"{name}-done"] == 1 and result["stdout"] == f"{name}\n"
        elif outcome == "not_started":
            assert seen[name] == 0, result
        else:
            assert is_final, result["reason"]


def of_a_driver(bed: Bed, place: Place, moment: float, receipts: bool) -> None:
    keys = {"receipts": "always"} if receipts else {}
    options = bed.options(window=3, linger=LINGER, silence=SILENCE, **keys)
    text = "\n".join(f"{key} = {toml(value)}" for key, value in options.items())
    place.file(f'[env.fleet.runners]\nopenssh = "fleet"\n[env.fleet.runner.fleet]\n{text}\n', "tasker.toml")
    counted = place.folder / "effects"
    script = f"echo $0 >>{counted}; sleep 0.5; echo $0-done >>{counted}"
    task = f"task=0\nhosts=web[1-{HOSTS}]\ncommand=sh -c '{script}' @host@\nexec=openssh\ntimeout=30\n"
    driver = place.begin(task, "--env", "fleet")
    until(lambda: effects(counted) or driver.poll() is not None)
    assert effects(counted), driver.communicate()
    time.sleep(moment)
    driver.kill()
    driver.communicate()
    # what is left of it ends by itself
    word = [] if receipts else ["--unknown", "skip"]
    done = place.run("--resume", "-l", place.base, *word, timeout=180)
    seen = effects(counted)
    SEEN[f"resume: {done.returncode}"] += 1
    assert max(seen.values()) == 1, (seen, done.stdout, done.stderr)
    if receipts:
        assert done.returncode in (0, 12), done.stdout + done.stderr  # 12: it had ended already
        assert len(seen) == HOSTS * 2, (seen, done.stdout, done.stderr)
