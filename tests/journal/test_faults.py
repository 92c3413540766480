"""The kernel says no, at any call of the driver or of a runner: tests/data/shim/shim.c makes one of them fail.

Whatever it is: the exit code is not 0, one line says what failed and where, what is in the journal is whole, nothing
runs twice, and the run goes on as soon as the fault is gone. `make crash` tries every call, `make check` a sample.
"""

import concurrent.futures
import errno
import os
import random

import pytest
from crashing import MARK, Crash, built, cleared, shell

EVERY = os.environ.get("TASKER_CRASH") == "every"
SAMPLE = 5  # for each kind, in `make check`
TEXT = (
    shell(0, f"{MARK}; yes long | head -c 70000")
    + shell(1, f"{MARK}; printf '\\377'", "next=loop", "loop=1")
    + "task=2\ntype=parallel\ntasks=3,4\n\n"
    + shell(3)
    + shell(4)
    + shell(5)
)
KINDS = {  # role, call, errors, where
    "the driver writes": ("driver", "write", ("ENOSPC", "EIO", "EDQUOT"), "base"),
    "the driver syncs": ("driver", "sync", ("ENOSPC", "EIO", "EDQUOT"), "base"),
    "the driver opens": ("driver", "open", ("ENOSPC", "EMFILE", "EIO"), "base"),
    "the driver makes a folder": ("driver", "mkdir", ("ENOSPC", "EDQUOT"), "base"),
    "the driver starts a stage": ("driver", "fork", ("EAGAIN", "ENOMEM"), None),
    "the runner writes": ("runner", "write", ("ENOSPC", "EIO", "EDQUOT"), "base"),
    "the runner syncs": ("runner", "sync", ("ENOSPC", "EIO"), "base"),
    "the runner opens": ("runner", "open", ("ENOSPC", "EMFILE", "EIO"), "base"),
    "the runner starts a command": ("runner", "fork", ("EAGAIN", "EMFILE", "ENOMEM"), None),
}
WAYS = ({}, {"lasting": 1}, {"short": 1})


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    return built(tmp_path_factory.mktemp("shim"))


def faulty(place, kind, name="ENOSPC", at=0, **ways):
    """(exit code, stdout, stderr, calls, was it hit?) of a run with this fault in it."""
    role, call, _, where = KINDS[kind]
    keys = {"role": role, "call": call, "errno": getattr(errno, name), "at": at, "hit": place.folder / "hit", **ways}
    made = place.begin_with(**keys, **({"path": f"{place.folder.name}/{where}"} if where else {}))
    return *made, (place.folder / "hit").exists()


def wrong_with(place, kind, name, at, ways, tasks):
    """What is wrong with what came of a fault, in words; nothing where all is well."""
    code, out, err, _, hit = faulty(place, kind, name, at, **ways)
    before, wrong = place.records(), ["traceback"] if "Traceback" in out + err else []
    if hit and code == 0 and "starts" not in kind:  # what cannot be started is tried again until there is room
        wrong.append("exit code 0")
    if code and not any(line for line in err.splitlines() if ": " in line):
        wrong.append(f"nobody is told: {err}")
    said = os.strerror(getattr(errno, name)).lower()
    if code and said not in (out + err).lower():
        wrong.append(f"'{said}' is not told: {err or out}")
    if code == 74 and str(place.base) not in err:
        wrong.append(f"it is not told where: {err}")
    place.settle()
    if code:
        wrong += wrongly_resumed(place, tasks)
    twice = {effect for effect in place.effects() if place.effects().count(effect) > 1}
    wrong += [f"ran twice: {twice}"] if twice else []
    wrong += [] if place.records().startswith(before) else ["an acknowledged record is gone"]
    try:
        place.verify()
    except AssertionError as error:
        wrong.append(str(error).splitlines()[0])
    return wrong


def wrongly_resumed(place, tasks):
    done = place.resume()
    if done.returncode == 75:  # it is named what is unknown
        done = place.resume("--unknown=skip")
        return [] if done.returncode in (0, 1, 10) else [f"resumed with {done.returncode}: {done.stderr}"]
    if done.returncode == 12:
        return [] if place.tasks() in ([], tasks) else [f"refused: {done.stderr}"]
    if (done.returncode, place.tasks()) != (0, tasks):
        return [f"resumed: {done.returncode} and {place.tasks()}: {done.stderr}"]
    return []


@pytest.mark.timeout(0 if EVERY else 300)
@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_fails_is_told_and_never_ends_well(tmp_path, shim, kind):
    calm = Crash(tmp_path / "calm", shim, TEXT)
    code, _, err, calls, _ = faulty(calm, kind)
    tasks = calm.tasks()
    assert (code, calls > 0) == (0, True), err
    ways = WAYS[: {"write": 3, "fork": 1}.get(KINDS[kind][1], 2)]
    cases = [(name, at, way) for name in KINDS[kind][2] for at in range(1, calls + 1) for way in ways]
    if not EVERY:
        cases = random.Random(kind).sample(cases, min(SAMPLE, len(cases)))

    def tried(number):
        place = Crash(tmp_path / str(number), shim, TEXT)
        wrong = wrong_with(place, kind, *cases[number], tasks)
        if not wrong:
            cleared(place.folder)
        return wrong

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = dict(zip(map(str, cases), pool.map(tried, range(len(cases))), strict=True))

    assert {case: wrong for case, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("kind", ["the driver starts a stage", "the runner starts a command"])
def test_a_machine_that_has_no_room_for_long_is_told(tmp_path, shim, kind):
    place = Crash(tmp_path / "place", shim, shell(0, MARK, "timeout=5"))
    code, out, err, _, hit = faulty(place, kind, "EAGAIN", 1, lasting=1)

    assert (hit, code) == (True, 70 if "stage" in kind else 10)
    assert "resource temporarily unavailable" in (out + err).lower()
    assert place.effects() == []


@pytest.mark.parametrize("name", ["EIO", "ENOSPC"])
def test_output_that_cannot_be_kept_ends_the_run_and_a_resume_goes_on_behind_it(tmp_path, shim, name):
    place = Crash(tmp_path / "place", shim, TEXT)
    code, _, err, _, _ = faulty(place, "the runner writes", name, 1)

    assert (code, place.tasks()) == (74, ["0"])
    assert f"{place.base}/runs/" in err and "/output': cannot keep stdout" in err
    done = place.resume()
    assert (done.returncode, place.tasks()) == (0, ["0", "1", "1", "3", "4", "5"])


def test_behind_half_a_record_nothing_is_written(tmp_path, shim):
    place = Crash(tmp_path / "place", shim, TEXT)
    keys = {"role": "driver", "call": "write", "errno": errno.ENOSPC, "short": 1, "at": 3}
    code, _, err, _ = place.begin_with(**keys, path="journal.jsonl")
    (journal,) = place.base.glob("runs/*/journal.jsonl")
    data = journal.read_bytes()

    assert (code, f"cannot write '{journal}': No space left on device" in err) == (74, True)
    assert not data.endswith(b"\n") and data.count(b'{"seq":') == data.count(b"\n") + 1
    place.verify()
