"""Deaths of the far side: the keeper, the child, what copies the streams, or all of it, at random moments.

Nothing may run twice, and no verdict may be wrong. The outcome may be unknown only where the keeper was killed, whose
death no one outlives to write it down. `make soak` tries 1,000: TASKER_SWEEP says how many.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
from far_side import FarSide, wait_until

SAMPLES = min(int(os.environ.get("TASKER_SWEEP", "12")), 1000)
FIRST = int(os.environ.get("TASKER_SWEEP_FROM", "0"))
SHELLS = (["sh"], ["bash"])
BEFORE_IT_STARTS = 0.03  # seconds in which the most happens


def descendants(root: int) -> list[tuple[int, str]]:
    """This process and what it started: pid, and name of the program."""
    parents: dict[int, tuple[int, str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = path.read_text().rpartition(") ")
            if rest[0] not in "ZX":
                parents[int(path.parent.name)] = (int(rest.split()[1]), head.partition("(")[2])
    found = [root] if root in parents else []
    for pid in found:  # grows while it is walked
        found += [child for child, (parent, _) in parents.items() if parent == pid]
    return [(pid, parents[pid][1]) for pid in found]


def kill(root: int, pid: int, how: int) -> bool:
    """End this process if it still is what it was: it cannot become another one under our hands."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if pid not in [one for one, _ in descendants(root)]:
            return False
        signal.pidfd_send_signal(handle, how)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def strike(chance: random.Random, root: int) -> dict[int, str]:
    """End some of the processes of a delivery: their pids, and the names of their programs."""
    there = descendants(root)
    what = chance.choice(("one", "one", "one", "keeper", "all"))
    how = chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGHUP, signal.SIGTERM))
    if what == "all":
        os.kill(root, signal.SIGSTOP)  # so that it starts nothing meanwhile
        there = descendants(root)
    victims = there if what == "all" else there[:1] if what == "keeper" else [chance.choice(there)] if there else []
    struck = {pid: name for pid, name in reversed(victims) if kill(root, pid, how)}
    if what == "all":
        os.kill(root, signal.SIGCONT)
    if how != signal.SIGKILL:
        struck.pop(root, None)  # which it does not end
    return struck


@pytest.mark.parametrize("sample", range(FIRST, FIRST + SAMPLES))
def test_whatever_of_the_far_side_dies_a_command_runs_once(tmp_path: Path, sample: int) -> None:
    chance = random.Random(f"far {sample}")
    far = FarSide(tmp_path, SHELLS[sample % len(SHELLS)])
    seconds = chance.choice((0, 0, 0.05, 0.3))
    process = far.deliver(far.effect("echo out", f"sleep {seconds}", f"echo ended >>{far.effects}", "exit 3"))
    time.sleep(chance.random() * chance.choice((BEFORE_IT_STARTS, BEFORE_IT_STARTS, seconds + 0.05)))
    struck = strike(chance, process.pid)
    if chance.random() < 0.3:
        far.cut(process)
        report = ["dead"]
        wait_until(lambda: process.poll() is not None)
    else:
        report = far.report(process)[0]
    verdict, out, _ = far.report(far.start("settle", "1.1", "0"))
    again = far.run(far.effect())[0]
    far.wait_until_quiet()
    effects = far.effects.read_text().split() if far.effects.exists() else []
    child = far.file("decision").read_text().split()[3]  # of a start
    keeper, command, copies = process.pid in struck, child in map(str, struck), "tee" in struck.values()
    about = (sample, struck, report, verdict, effects)

    assert effects in ([], ["done"], ["done", "ended"]), about  # nothing twice
    assert again in (["void"], ["other"]), about
    if verdict[0] == "never":
        assert not effects and report[0] in ("dead", "no"), about
    elif verdict[0] == "ended":
        assert (verdict[1] == "3") == (effects == ["done", "ended"]), about
        assert verdict[1] == "3" or command or copies or keeper, about  # without a copy there is nobody to write to
        assert verdict[4] != "kept" or verdict[1] != "3" or out == b"out\n", about
        assert report[0] == "dead" or report[:4] == verdict[:4], about
    else:
        assert verdict[0] == "gone" and report == ["dead"] and keeper, about
    far.end()
