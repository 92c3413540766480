"""Deaths of the near side, with receipts over a real sshd: driver, runner and connection, at random moments.

Each command adds a line to a file: none may be missing, and none twice. `make soak` tries 2,000: TASKER_SWEEP says how
many.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sshd
from runner_client import living
from test_receipts_over_ssh import RUNNERS, home
from whole_program import Place, children, eventually

__all__ = ["home"]  # a fixture
SAMPLES = min(int(os.environ.get("TASKER_SWEEP", "3")), 1000)  # of each runner
FIRST = int(os.environ.get("TASKER_SWEEP_FROM", "0"))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Any]:  # the fixture
    with sshd.running(tmp_path_factory.mktemp("sshd"), SetEnv=f"SHLVL=5 HOME={home}") as started:
        yield started


def fresh(home: Path) -> None:  # the fixture
    """No receipts, in a home that has outlived a boot: where pid 1 is young, as in a container, it proves nothing."""
    shutil.rmtree(home / ".tasker", ignore_errors=True)
    for path in (home / ".tasker", home / ".tasker/receipts"):
        path.mkdir(mode=0o700)
    (home / ".tasker/receipts/.home").write_text("an earlier boot\n")


def configured(place: Place, runner: str, server: Any) -> None:
    lines = [f"[runner.{runner}]", 'receipts = "always"', 'config = "none"', "agent = false", f"port = {server.port}"]
    lines += [
        f'user = "{server.user}"',
        f'identity_files = ["{server.key}"]',
        f'known_hosts = ["{server.known_hosts}"]',
    ]
    (place.folder / "tasker.toml").write_text("\n".join(lines) + "\n")


def task(number: int, command: str, runner: str) -> str:
    # retried, as a line that is lost at the login starts nothing
    retries = "retry_failed=true\nretry_count=10\nretry_delay=1"
    return f"task={number}\nhostname=127.0.0.1\nexec={runner}\ntimeout=20\n{retries}\ncommand={command}\n\n"


def strike(chance: random.Random, process: Any, server: Any, runner: str) -> None:
    """End some of the near side."""
    what = chance.choice(("driver", "runner", "line", "all"))
    if what in ("line", "all"):
        server.drop(commands=False)
    if what in ("runner", "all"):
        for pid in [pid for pid, line in children(process.pid).items() if f"runners/{runner}" in line]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if what in ("driver", "all"):
        process.kill()


@pytest.mark.parametrize("sample", range(FIRST, FIRST + SAMPLES))
@pytest.mark.parametrize("runner", RUNNERS)
def test_whatever_of_the_near_side_dies_each_command_runs_once(
    place: Place,
    host: Any,
    home: Path,
    runner: str,
    sample: int,  # the fixture
) -> None:
    fresh(home)
    configured(place, runner, host)
    chance = random.Random(f"{runner} {sample}")
    effects, names = place.folder / "effects", [f"w{number}" for number in range(3)]
    parts = [f"sleep 0.{chance.randint(0, 9)}; echo {name} >>{effects}; echo printed {name}" for name in names]
    text = "".join(task(number, f'sh -c "{part}"', runner) for number, part in enumerate(parts))
    process = place.begin(text)
    eventually(lambda: any(path.stat().st_size for path in place.base.glob("runs/*/journal.jsonl")), 30)
    codes = []
    for _ in range(chance.randint(1, 3)):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.random() * 2)
        if process.poll() is not None:
            break
        strike(chance, process, host, runner)
        if process.poll() is None and chance.random() < 0.7:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.random())
        process.kill()
        process.communicate()
        process = place.start("--resume", "-l", place.base)
    out, err = process.communicate(timeout=90)
    codes.append(process.returncode)
    if process.returncode not in (0, 12):
        codes.append(place.run("--resume", "-l", place.base, timeout=90).returncode)

    done = effects.read_text().split() if effects.exists() else []
    assert sorted(done) == names, (codes, out, err)
    assert codes[-1] in (0, 12), (codes, out, err)
    results = [one["doc"] for one in place.journal() if one["what"] == "result" and one["doc"]["ok"]]
    assert [one["stdout"] for one in results] == [f"printed {name}\n" for name in names], results
    eventually(lambda: not living("tasker/receipts"), 30)
