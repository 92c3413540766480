"""A signal to every process of a run at once, as a service manager sends it (docs/language.md, exit codes)."""

import contextlib
import os
import random
import signal
import time

import pytest
from whole_program import carrying, eventually, finished, local

CODES = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129}
MANY = "task=0\nhosts=web[1-6]\nexec=local\ncommand=sleep 5\n\ntask=1\nexec=local\ncommand=touch never\n"


def family(pid):
    """This process and all its descendants."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
            parents[int(name)] = int(file.read().rpartition(b") ")[2].split()[1])
    found, new = set(), {pid}
    while new:
        found |= new
        new = {one for one, parent in parents.items() if parent in new} - found
    return found


def strike(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.fixture
def marked(place):
    """Everything that a run of this place starts has this in its environment."""
    return {"MARK": place.folder.name}


def nothing_left(place):
    eventually(lambda: not carrying(f"MARK={place.folder.name}"), within=3)


@pytest.mark.parametrize("number", CODES)
def test_a_signal_to_every_process_has_the_effect_of_one_to_the_driver(place, marked, number):
    """Every 25 ms of the first of a run, from before it has a signal handler."""
    chance = random.Random(number)
    for moment in range(20):
        process = place.begin(MANY, "--skip-host-validation", env=marked)
        time.sleep(0.05 + moment * 0.025)
        pids = sorted(family(process.pid))
        chance.shuffle(pids)
        strike(pids, number)
        code, out, err = finished(process)

        if "<frozen site>" in err:  # on a busy machine Python itself was still starting
            continue
        # without a handler yet, the signal itself ends the driver: a shell shows the same number
        assert code in (CODES[number], -number), (moment, out, err)
        assert "Traceback" not in err
        nothing_left(place)
    assert not (place.folder / "never").exists()


def test_it_can_be_resumed_and_what_was_cut_short_is_unknown(place, marked):
    """Commands first, the driver last, with time between for their results to arrive."""
    process = place.begin(local("sh -c 'echo x >>ran; sleep 2'", "touch next"), env=marked)
    eventually((place.folder / "ran").exists)
    pids = sorted(family(process.pid), reverse=True)
    strike([pid for pid in pids if pid != process.pid], signal.SIGTERM)
    time.sleep(0.02)
    strike([process.pid], signal.SIGTERM)
    code, out, _ = finished(process)

    assert code == 143, out
    nothing_left(place)
    asked = place.run("--resume", "last", "-l", place.base)
    assert (asked.returncode, "Unknown outcome: task 0" in asked.stdout) == (75, True)
    done = place.run("--resume", "last", "-l", place.base, "--unknown=rerun")
    assert done.returncode == 0, done.stdout
    assert ((place.folder / "ran").read_text(), (place.folder / "next").exists()) == ("x\nx\n", True)


def test_what_an_interrupt_to_every_process_ended_is_unknown_to_a_resume(place, marked):
    process = place.begin(local("sh -c 'echo x >>ran; exec sleep 2'", "touch next"), env=marked)
    eventually((place.folder / "ran").exists)
    strike(family(process.pid), signal.SIGINT)

    assert finished(process)[0] == 130
    assert place.run("--resume", "last", "-l", place.base).returncode == 75
    assert place.run("--resume", "last", "-l", place.base, "--unknown=skip").returncode == 0
    assert (place.folder / "ran").read_text() == "x\n"


RUNNER = """#!/bin/sh
echo '{"tasker":1,"kind":"about","accepts":"request","returns":"result","name":"mine","words":"argv","host":"none"}'
while read -r line; do sleep 30 & wait; done
"""


def test_a_runner_that_a_signal_ends_does_not_change_the_effect(place, marked):
    """One of a site, which knows no rule about signals."""
    (place.folder / "runners").mkdir()
    (place.folder / "runners/mine").write_text(RUNNER)
    (place.folder / "runners/mine").chmod(0o755)
    env = {**marked, "TASKER_PATH": str(place.folder)}
    process = place.begin("task=0\nexec=mine\ncommand=true\n", env=env)
    eventually(lambda: "Executing Task 0" in place.log())
    time.sleep(0.1)
    strike(sorted(family(process.pid), reverse=True), signal.SIGTERM)
    code, out, _ = finished(process)

    assert code == 143, out
    nothing_left(place)
