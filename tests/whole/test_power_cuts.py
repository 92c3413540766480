"""The power fails at every sync of six runs, with every state of the disk that is legal then; each run is resumed.

What was not synced may be there, missing, missing in part, or zeros; a name that was not synced may be missing with all
that is below it. The machine is simulated (world.py); driver, journal, resume and flow are the real ones.

With TASKER_SWEEP the log and the copy of the task file are in every legal state too, not in two of them.
"""

import contextlib
import os
import shutil
import tempfile

import pytest
from world import Disk, Faults, Stuck, Wrong
from world_faults import put
from world_runs import Life, patched

from tasker.system import private_files

ONE = "task={}\ncommand=do {}\nexec=local\n"


def tasks(*numbers):
    return "\n".join(ONE.format(number, number) for number in numbers)


WORKFLOWS = {
    "sequence": tasks(0, 1, 2),
    "sleep": tasks(0) + "sleep=2\n\n" + tasks(1),
    "loop": tasks(0) + "next=loop\nloop=2\n\n" + tasks(1),
    "block with retries": "task=0\ntype=parallel\ntasks=10,11\nretry_failed=true\nretry_count=1\nretry_delay=0\n\n"
    + tasks(10, 11, 20),
    "many hosts": "task=0\nhosts=127.0.0.1,127.0.0.2,127.0.0.3\ncommand=do\nexec=local\nmax_parallel=2\n\n" + tasks(1),
    "handler": tasks(0) + "next=exit_1\non_failure=90\n\n" + tasks(1) + "\n" + tasks(90) + "return=7\n",
}


@contextlib.contextmanager
def life(name):
    """A run of a workflow, in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="tasker-power-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        yield Life(name, folder, WORKFLOWS[name])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_points(name):
    """The steps of an undisturbed run at which something is synced."""
    with life(name) as one, patched(one):
        assert one.session(Faults(), one.start) in (0, 1, 7, 10)
        return list(one.world.points)


def cut_everywhere(name):
    """(syncs, states of the disk) that were gone through. Raises Wrong, Stuck."""
    points, done = sync_points(name), 0
    for point in points:
        state, states = 0, 1
        while state < states:
            with life(name) as one:
                try:
                    states = one.cut_off(point, state)
                except (Wrong, Stuck) as broken:
                    shown = "\n".join(one.world.trace)
                    raise type(broken)(f"{name}, step {point}, state {state}: {broken}\n{shown}") from None
            state, done = state + 1, done + 1
    return len(points), done


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_power_may_fail_at_every_sync(name, record_property):
    syncs, states = cut_everywhere(name)
    record_property("states of the disk", states)
    record_property("syncs", syncs)
    print(f"{name}: {syncs} syncs, {states} states of the disk")

    assert syncs > 5 and states > 10 * syncs


def forgotten(what):
    """Nothing is synced of what `what` names."""
    return {
        "the journal": lambda: put(Disk, "sync", lambda disk, descriptor: disk.world.step("no sync") and None),
        "the folder of the run": lambda: put(Disk, "sync_folder", lambda disk, path: None),
        "parents of new folders": lambda: put(private_files, "_make", _made_without_sync),
    }[what]


def _made_without_sync(path, kept):
    os.makedirs(path, 0o700, exist_ok=True)


@pytest.mark.parametrize("what", ["the journal", "the folder of the run", "parents of new folders"])
def test_a_sync_that_is_forgotten_is_found(what):
    with forgotten(what)(), pytest.raises((Wrong, Stuck)):
        list(map(cut_everywhere, WORKFLOWS))


def test_the_power_may_fail_between_two_syncs():
    """At any other call of the driver as well, with a state by chance."""
    for name in WORKFLOWS:
        last = sync_points(name)[-1]
        for step in range(1, last, 3):
            with life(name) as one:
                one.cut_off(step, None)
