"""Readers of a journal that was cut or changed anywhere: the records before, or a refusal. Never a traceback.

`TASKER_SWEEP=1000` tries that many cuts and flips of each journal instead of 60; `TASKER_SEED=7` others.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_attack import damaged
from whole_program import ROOT, Place, eventually, finished

COUNT = int(os.environ.get("TASKER_SWEEP", "60"))
SEED = os.environ.get("TASKER_SEED", "1")
RESUMES = min(4, COUNT)  # whole programs, of each kind
TEXT = """\
LONG=70000
task=0
type=parallel
tasks=10-12
max_parallel=2
retry_failed=true
retry_count=1
retry_delay=0
next=min_success=2

task=10
exec=shell
command=yes long | head -c @LONG@
success=stdout~long

task=11
exec=local
command=false

task=12
exec=local
command=echo hello

task=1
exec=local
command=echo again
next=loop
loop=2

task=2
hosts=127.0.0.[1-2]
exec=local
command=true
sleep=0.05

task=3
exec=local
command=sh -c "touch begun; test -e go || sleep 30"

task=4
exec=local
command=false
next=success
on_failure=5

task=5
exec=local
command=echo handled
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    """A run that was interrupted and resumed to its end, and one that was killed."""
    made = {}
    for name, number in (("resumed", signal.SIGTERM), ("killed", signal.SIGKILL)):
        place = made[name] = Place(tmp_path_factory.mktemp(name))
        process = place.begin(TEXT, "-p", "P")
        eventually((place.folder / "begun").exists)
        process.send_signal(number)
        finished(process)
        (place.folder / "go").touch()
    done = made["resumed"].run("--resume", "-l", made["resumed"].base, "--unknown=skip")
    assert done.returncode == 0, done.stdout
    return made


def journal(place: Place) -> Path:
    (path,) = place.base.glob("runs/*/journal.jsonl")
    return Path(path)


def cases(name: str, data: bytes, count: int) -> Iterator[dict[str, Any]]:
    """Cuts and flips: at ends of lines, and anywhere."""
    drawn = random.Random(f"{SEED} {name}")
    ends = [place + 1 for place, byte in enumerate(data) if byte == ord("\n")]
    for place in [0, 1, *drawn.sample(ends, min(len(ends), count // 3)), *drawn.sample(range(len(data)), count)]:
        yield {"cut": place}
        if place < len(data):
            yield {"flip": [place, drawn.randrange(8)]}
    yield from ({"flip": [len(data) - 1, bit]} for bit in (0, 5))


@pytest.mark.timeout(0 if COUNT > 60 else 180)
@pytest.mark.parametrize("name", ["resumed", "killed"])
def test_readers_give_what_is_whole_or_refuse(tmp_path: Path, kept: dict[str, Place], name: str) -> None:
    base = tmp_path / "base"
    shutil.copytree(kept[name].base, base)
    (path,) = base.glob("runs/*/journal.jsonl")
    data = path.read_bytes()
    tried = list(cases(name, data, COUNT))
    program = [sys.executable, str(ROOT / "tests/support/journal_attack.py"), str(path.parent)]
    done = subprocess.run(
        program, input="".join(f"{json.dumps(case)}\n" for case in tried), capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(answers) == len(tried) > COUNT
    wrong = {
        json.dumps(case): found
        for case, found in zip(tried, answers, strict=True)
        if not good_answer(damaged(data, case), data, found)
    }
    assert wrong == {}


def good_answer(made: bytes, data: bytes, found: dict[str, Any]) -> bool:
    """Is this what the readers have to answer to a damaged journal?"""
    if found["runs"] != 0:
        return False
    whole = made[: made.rfind(b"\n") + 1]
    if not data.startswith(whole):  # a byte was changed that is not the newline at the end
        refused = (found["verify"], found["explain"], found["report"]) == (1, 2, 1)
        return refused and found["state"] in ("finished", "interrupted", "unfinished", "unreadable")
    if not whole:
        return (found["verify"], found["explain"], found["report"], found["state"]) == (0, 2, 2, "empty")
    return (found["verify"], found["explain"], found["report"]) == (0, 0, 0) and found["state"] != "unreadable"


@pytest.mark.timeout(0 if COUNT > 60 else 180)
@pytest.mark.parametrize("kind", ["cut", "flip"])
def test_a_resume_continues_or_refuses(tmp_path: Path, kept: dict[str, Place], kind: str) -> None:
    data = journal(kept["killed"]).read_bytes()
    drawn = random.Random(f"{SEED} {kind}")
    wrong = {}
    for number, place in enumerate(drawn.sample(range(len(data)), RESUMES)):
        case: dict[str, Any] = {"cut": place} if kind == "cut" else {"flip": [place, drawn.randrange(8)]}
        base = tmp_path / str(number) / "base"
        shutil.copytree(kept["killed"].base, base)
        (path,) = base.glob("runs/*/journal.jsonl")
        path.write_bytes(damaged(data, case))
        done = kept["killed"].run("--resume", path.parent, "-l", base, "--unknown=skip")
        expected = (0, 10, 12) if kind == "cut" else (12,)
        if done.returncode not in expected or "Traceback" in done.stdout + done.stderr:
            wrong[json.dumps(case)] = (done.returncode, done.stdout[-300:] + done.stderr[-2000:])
        elif kind == "cut" and done.returncode == 12 and b"\n" in data[:place]:
            wrong[json.dumps(case)] = (12, done.stderr)

    assert wrong == {}
