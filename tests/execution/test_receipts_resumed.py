"""Resumes over a real sshd whose hosts keep receipts: two at once, a copy of the run, a moved clock, a lost line."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sshd
from test_receipts_deaths import configured, fresh, task
from test_receipts_over_ssh import RUNNERS, home
from whole_program import Place, eventually, finished

from tasker.journal import run_folder

__all__ = ["home"]  # a fixture
_SHIM = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t which, struct timespec *now) {
  int done = syscall(SYS_clock_gettime, which, now);
  if (which == CLOCK_REALTIME && getenv("MOVED_BY")) now->tv_sec += atol(getenv("MOVED_BY"));
  return done;
}
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Any]:  # a sshd.Server, which has no types
    with sshd.running(tmp_path_factory.mktemp("sshd"), SetEnv=f"SHLVL=5 HOME={home}") as started:
        yield started


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that moves the clock of the wall."""
    folder = tmp_path_factory.mktemp("shim")
    (folder / "clock.c").write_text(_SHIM)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c"], check=True)
    return folder / "clock.so"


class Run:
    """A run over this runner, with commands that add lines to a file; the first one waits for the file `go`."""

    def __init__(self, place: Place, host: Any, home: Path, runner: str) -> None:  # Any: as above
        fresh(home)
        configured(place, runner, host)
        self.place, self.runner, folder = place, runner, place.folder
        self.go, self.effects, began = folder / "go", folder / "effects", folder / "began"
        first = f"echo >>{began}; until test -e {self.go}; do sleep 0.05; done; echo one >>{self.effects}; echo whole"
        parts = [first, f"echo two >>{self.effects}"]
        text = "".join(task(number, f'sh -c "{part}"', runner) for number, part in enumerate(parts))
        self.process = place.begin(text)
        eventually(began.exists, 30)

    def kill(self) -> None:
        self.process.kill()
        finished(self.process)
        eventually(lambda: not any(run_folder.is_running(str(path)) for path in self.place.base.glob("runs/*")), 30)

    def printed(self) -> str:
        results = [one["doc"] for one in self.place.journal() if one["what"] == "result"]
        return str(results[0]["stdout"])


@pytest.mark.parametrize("runner", RUNNERS)
def test_two_resumes_one_with_a_copy_of_the_run_start_each_command_once(
    place: Place, host: Any, home: Path, runner: str
) -> None:
    run = Run(place, host, home, runner)
    run.kill()
    shutil.copytree(place.base, place.folder / "copy")
    both = [place.start("--resume", "-l", base) for base in (place.base, place.folder / "copy")]
    run.go.touch()
    codes = [finished(process)[0] for process in both]

    # who ends first closes the run over there, so nothing of the other one starts any more: not started, or unknown
    assert 0 in codes and set(codes) <= {0, 10, 75}
    assert run.effects.read_text().split() == ["one", "two"]


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("moved", [3600, -3600])
def test_a_resume_with_a_moved_clock_takes_the_result(
    place: Place, host: Any, home: Path, shim: Path, runner: str, moved: int
) -> None:
    run = Run(place, host, home, runner)
    run.kill()
    resumed = place.start("--resume", "-l", place.base, env={"LD_PRELOAD": str(shim), "MOVED_BY": str(moved)})
    run.go.touch()  # at once: the host is this machine, so the resume sees the command, and waits for it itself

    assert finished(resumed)[0] == 0
    assert (run.effects.read_text().split(), run.printed()) == (["one", "two"], "whole\n")


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_line_that_is_lost_in_a_command_and_comes_back(place: Place, host: Any, home: Path, runner: str) -> None:
    run = Run(place, host, home, runner)
    host.drop(commands=False)
    eventually(lambda: "it still runs, says its receipt" in place.log(), 30)
    run.go.touch()

    assert finished(run.process)[0] == 0
    assert (run.effects.read_text().split(), run.printed()) == (["one", "two"], "whole\n")


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_line_that_is_lost_in_a_command_does_not_move_its_deadline(
    place: Place, host: Any, home: Path, runner: str
) -> None:
    fresh(home)
    configured(place, runner, host)
    text = task(0, 'sh -c "echo >>began; exec sleep 50"', runner).replace("timeout=20", "timeout=2")
    text = text.replace("began", str(place.folder / "began")).replace(
        "retry_failed=true\nretry_count=10\nretry_delay=1\n", ""
    )
    process = place.begin(text)
    eventually((place.folder / "began").exists, 30)
    host.drop(commands=False)

    assert finished(process)[0] == 10
    (result,) = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert (result["outcome"], result["decided"]) == ("timeout", "receipt")
    assert 2 <= result["seconds"] < 10
