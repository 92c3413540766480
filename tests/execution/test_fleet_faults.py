"""Faults at random moments, over real gateways: no command runs twice, none is lost, no verdict is wrong.

Thirty of them in `make check`, 300 in `make soak`, up to three in a test. Effects are counted where the commands run,
and after each test no process may be left on a gateway.
TASKER_SWEEP_LOG names a file for a line a test; TASKER_SWEEP_FIRST is the number of the first test.
"""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_bed import Doc, Runs, toml
from fleet_faults import BACK, FINAL, Fault, FaultyBed, runners, seconds_until_nothing_is_left, signalled
from runner_client import until
from whole_program import Place

COUNT = min(int(os.environ.get("TASKER_SWEEP", 30)), 300)
FIRST = int(os.environ.get("TASKER_SWEEP_FIRST", 0))
QUICK = COUNT <= 30
LINGER, SILENCE = 2.0 if QUICK else 4.0, 1.0
REQUESTS, HOSTS = 18 if QUICK else 24, 8  # in a test of the runner, and of the driver
PAUSE = 0.4 if QUICK else 1.0  # seconds before a fault, at most
LONG = "".join(f"{number}\n" for number in range(1, 20001))
DRIVER = ("driver", "its fleet", "driver, receipts")
ROUND = 12  # tests with 30 faults: one of FINAL each, one without, one of DRIVER each
ENDING = 5.0  # seconds for gateways to end what they run
SEEN: collections.Counter[str] = collections.Counter()


@pytest.fixture(scope="module")
def made_bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyBed]:
    made = FaultyBed(tmp_path_factory.mktemp("faults"))
    yield made
    made.stop()
    print(f"\n{COUNT} faults: {dict(sorted(SEEN.items()))}")


@pytest.fixture
def bed(made_bed: FaultyBed) -> Iterator[FaultyBed]:
    made_bed.repair()
    yield made_bed
    seconds_until_nothing_is_left(made_bed)


def faults_of(number: int, chance: random.Random) -> list[str]:
    """What happens in the test with this number."""
    place = number % ROUND
    if place >= ROUND - len(DRIVER):
        return [DRIVER[place - ROUND]]
    last = FINAL[place] if place < len(FINAL) else chance.choice(BACK)
    return [*chance.sample(BACK, 2), last]


@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT * ROUND // 30))
def test_no_fault_doubles_or_loses_a_command(bed: FaultyBed, place: Place, number: int) -> None:
    chance = random.Random(number)
    kinds = [kind if kind != "disk" or bed.has_disks else "carrier" for kind in faults_of(number, chance)]
    SEEN.update(f"fault: {kind}" for kind in kinds)
    line: Doc = {"number": number, "quick": QUICK, "faults": kinds, "passed": False}
    begun = time.monotonic()
    try:
        if kinds[0] in DRIVER:
            lingers = LINGER
            of_a_driver(bed, place, line, chance)
        else:
            linger = LINGER if kinds[-1] in FINAL else 60.0  # a busy machine may take long to connect again
            if kinds[-1] == "liar":
                linger = 20.0  # by which it can put off its own
            faults = [Fault(bed, kind, chance, linger, QUICK or kinds[-1] == "liar") for kind in kinds]
            line["faults"] = [str(fault) for fault in faults]
            lingers = linger if kinds[-1] in FINAL and kinds[-1] != "liar" else 0.0
            of_the_runner(bed, place.folder, faults, linger, line, chance)
        line["left"] = round(seconds_until_nothing_is_left(bed), 1)
        line["late"] = round(max(0.0, line["left"] - lingers - ENDING), 1)
        SEEN["gateways that took over 5 s to end"] += line["late"] > 0
        line["passed"] = True
    except BaseException as error:
        line["error"] = str(error)[:1000]
        raise
    finally:
        line["seconds"] = round(time.monotonic() - begun, 1)
        if path := os.environ.get("TASKER_SWEEP_LOG"):
            with open(path, "a") as log:
                log.write(json.dumps(line) + "\n")


def effects(path: Path) -> collections.Counter[str]:
    return collections.Counter(path.read_text().split() if path.exists() else [])


def of_the_runner(
    bed: FaultyBed, folder: Path, faults: list[Fault], linger: float, line: Doc, chance: random.Random
) -> None:
    last = faults[-1].kind
    gateways = ("g1", "g2", "liar") if last == "liar" else ("g1", "g2")
    runs = Runs(bed, folder, *gateways, window=3, linger=linger, silence=SILENCE)
    names = [f"r{number}" for number in range(REQUESTS)]
    output = folder / "output"
    output.mkdir()

    def happen() -> None:
        for fault in faults:
            time.sleep(chance.uniform(0.0, PAUSE))
            fault.happen(runs.talk.process.pid)

    with runs.talk:
        for number, name in enumerate(names):
            long = "seq 1 20000;" if number % 3 == 0 else f"echo {name};"
            script = f"sleep 0.{number % 10}; {long} echo {name}-done >>{runs.effects}; exit {number % 4}"
            runs.send(name, script, output=str(output), needs=[], timeout=8 if last == "liar" else 60)
        until(lambda: runs.started())
        thread = threading.Thread(target=happen)
        thread.start()
        found = {} if last == "fleet" else runs.results(REQUESTS, timeout=150)
        thread.join()
        if last != "cut for good":
            for proxy in bed.proxies.values():
                proxy.heal()
    seen = effects(runs.effects)
    assert not seen or max(seen.values()) == 1, seen
    if last == "fleet":
        return
    assert sorted(found) == sorted(names)
    outcomes = collections.Counter(result["outcome"] for result in found.values())
    line["outcomes"] = dict(outcomes)
    line["reasons"] = sorted({one["reason"][:200] for one in found.values() if one["outcome"] == "unknown"})
    SEEN.update(outcomes)
    given = set(bed.given.read_text().split()) if bed.given.exists() else set()
    line["given to the liar"] = sum(one.startswith("host") for one in given)
    for number, name in enumerate(names):
        if f"host-{name}" in given or (f"lie-{number + 1}" in given and not seen[name]):
            continue  # what it lies about and nobody has run was on its way to it
        result = found[name]
        if "gateway 'liar'" in result.get("reason", ""):  # it ended before it read what it had been given
            assert result["outcome"] == "unknown" and last == "liar", result
        elif result["outcome"] in ("ok", "failed"):
            assert seen[f"{name}-done"] == 1 and result["exit_code"] == number % 4, result
            check_output(result, output, LONG if number % 3 == 0 else f"{name}\n", "disk" in str(line["faults"]))
        elif result["outcome"] == "not_started":
            assert seen[name] == 0 and last in FINAL, result
        else:
            assert result["outcome"] == "unknown" and last in FINAL and last != "liar", result


def check_output(result: Doc, output: Path, text: str, may_be_lost: bool) -> None:
    """Is it whole, as is said of it?"""
    if "stdout_file" in result:
        assert (output / result["stdout_file"]).read_text() == text
    elif len(text) < 1000:
        assert result["stdout"] == text
    else:
        assert may_be_lost and "gateway 'g" in result["lost"], result


def of_a_driver(bed: FaultyBed, place: Place, line: Doc, chance: random.Random) -> None:
    kind = line["faults"][0]
    receipts = "receipts" in kind or (kind == "its fleet" and chance.random() < 0.5)
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
    time.sleep(chance.uniform(0.0, 1.2))
    if kind == "its fleet":
        signalled(runners(bed), signal.SIGKILL)
        line["driver"] = driver.wait(150)
    else:
        driver.kill()
    driver.communicate()
    # what is left of it ends by itself
    word = [] if receipts else ["--unknown", "skip"]
    done = place.run("--resume", "-l", place.base, *word, timeout=180)
    seen = effects(counted)
    line["resume"], line["receipts"] = done.returncode, receipts
    SEEN[f"resume: {done.returncode}"] += 1
    assert max(seen.values()) == 1, (seen, done.stdout, done.stderr)
    if receipts:
        assert done.returncode in (0, 12), done.stdout + done.stderr  # 12: it had ended already
        assert len(seen) == HOSTS * 2, (seen, done.stdout, done.stderr)
