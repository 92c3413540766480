"""Many names are asked of the system's resolver at once, and one that hangs holds up nobody."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from hosting import (
    HOSTS,
    LIBRARY,
    SILENT_SERVER,
    V4,
    codes,
    exits,
    own_children,
    run,
    sealed,
    workflow,
)
from tasker.validators import hosts

from tasker.hosts import resolver


def test_each_distinct_name_is_asked_once(tmp_path):
    before = own_children()

    def look_up(name):
        with open(tmp_path / "asked", "a") as file:
            file.write(f"{name}\n")
        return [[V4, ["127.9.0.1", 0]]], name

    answers = resolver.resolve_hosts([f"h{n % 300}" for n in range(900)], look_up=look_up)

    assert sorted({f"h{n}" for n in range(300)}) == sorted((tmp_path / "asked").read_text().split())
    assert len(answers) == 300
    assert own_children() <= before


def test_more_names_than_a_pipe_holds_are_all_answered():
    names = [f"h{n}" for n in range(40_000)]

    answers = resolver.resolve_hosts(names, look_up=lambda name: ([[V4, ["127.9.0.1", 0]]], name))

    assert all(answers[name].canonical == name for name in names)


def test_slow_names_are_asked_side_by_side():
    def look_up(name):
        time.sleep(0.1)
        return [[V4, ["127.9.0.1", 0]]], name

    started = time.monotonic()
    answers = resolver.resolve_hosts([f"h{n}" for n in range(100)], look_up=look_up)

    assert all(answer.addresses for answer in answers.values())
    assert time.monotonic() - started < 3  # one after another: 10


def test_names_that_hang_hold_up_no_other_and_leave_nobody():
    before = own_children()

    def look_up(name):
        if name.startswith("hung"):
            time.sleep(1000)
        return [[V4, ["127.9.0.1", 0]]], name

    started = time.monotonic()
    answers = resolver.resolve_hosts(
        [f"{kind}{n}" for n in range(20) for kind in ("hung", "good")], 3.0, look_up=look_up
    )

    assert time.monotonic() - started < 40  # one after another they would take sixty
    assert [name for name, answer in answers.items() if not answer.addresses] == [f"hung{n}" for n in range(20)]
    assert answers["hung0"].hung
    assert 3 <= answers["hung0"].seconds < 40
    assert own_children() <= before


def test_a_worker_that_dies_costs_its_name_alone():
    def look_up(name):
        if name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return [[V4, ["127.9.0.1", 0]]], name

    answers = resolver.resolve_hosts(["deadly", "good", "fine"], 0.5, look_up=look_up)

    assert [name for name, answer in answers.items() if not answer.addresses] == ["deadly"]


def test_a_canonical_name_that_is_no_host_name_is_not_used():
    def odd(names, watch=None):
        return resolver.resolve_hosts(names, look_up=lambda name: ([[V4, ["127.9.0.1", 0]]], "\x1b[2J;reboot"))

    doc = hosts.check(workflow("web1"), resolve=odd)

    assert doc["tasks"][0]["canonical"] == "web1"


ORPHANS = """
import time
from tasker.hosts.resolver import resolve_hosts
resolve_hosts(["a", "b"], 60, watch=1, look_up=lambda name: time.sleep(1000))
"""


def hanging(**options):
    """A process that waits for two names that hang, and its two workers."""
    process = subprocess.Popen([sys.executable, "-c", ORPHANS], env=LIBRARY, **options)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 10
    while len(workers := children.read_text().split()) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)  # until they are in the middle of it
    return process, workers


def gone(workers, seconds=1.0):
    until = time.monotonic() + seconds
    while any(alive(pid) for pid in workers):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_workers_die_with_a_stage_that_is_killed():
    process, workers = hanging(stdout=subprocess.DEVNULL)
    assert len(workers) == 2

    process.kill()
    process.wait()

    assert gone(workers)


def test_a_stage_whose_reader_has_gone_stops_at_once():
    process, workers = hanging(stdout=subprocess.PIPE)

    process.stdout.close()

    assert process.wait(5) == 0
    assert gone(workers)


def test_a_worker_holds_no_pipe_of_the_stage():
    process, workers = hanging(stdout=subprocess.PIPE)

    held = {os.readlink(f"/proc/{pid}/fd/{name}") for pid in workers for name in os.listdir(f"/proc/{pid}/fd")}
    ours = os.readlink(f"/proc/{process.pid}/fd/1")
    process.kill()
    process.communicate()

    assert ours not in held


def test_a_thousand_names_of_a_dead_resolver_have_an_error_each_in_15_seconds(tmp_path):
    names = [f"web{n}.example.com" for n in range(1000)]
    prefix = sealed(tmp_path)

    started = time.monotonic()
    if prefix:
        doc, _ = run(doc=workflow(*names), prefix=[*prefix, sys.executable, "-c", SILENT_SERVER])
    else:
        doc = hosts.check(
            workflow(*names),
            resolve=lambda names, watch=None: resolver.resolve_hosts(names, look_up=lambda name: time.sleep(1000)),
        )

    assert time.monotonic() - started < 16  # the 15 of the stage, and the start of the namespaces
    assert codes(doc) == ["H003"] * 1000
    assert {one["task"] for one in doc["findings"]} == set(range(1000))
    assert set(exits(doc)) == {21}


def test_names_of_etc_hosts_count(tmp_path):
    names = "127.9.0.1 web1.example.com web1\nfd00::1 six\n"
    prefix = sealed(tmp_path, hosts_file=names)

    if prefix:
        doc, status = run("web1", "WEB1", "six", "web2", "--exec", "ssh", prefix=prefix)
    else:
        doc, status = run("localhost", "LOCALHOST", "::1", "a b")

    known, also, six, unknown = doc["tasks"]
    assert status == 21
    assert (known["canonical"], known["address"]) == (("web1.example.com", "127.9.0.1") if prefix else HOME)
    assert also["canonical"] == known["canonical"]
    assert six["address"] == ("fd00::1" if prefix else "::1")
    assert "address" not in unknown
    assert len(doc["findings"]) == 1


HOME = ("localhost", "127.0.0.1")


def test_the_program_that_is_killed_leaves_no_worker_behind(tmp_path):
    """tasker hosts itself, in the middle of names that nobody answers."""
    prefix = sealed(tmp_path)
    program = [*prefix, sys.executable, "-c", SILENT_SERVER, *HOSTS] if prefix else [sys.executable, "-c", ORPHANS]
    names = [f"web{n}.example.com" for n in range(50)] if prefix else []
    process = subprocess.Popen([*program, *names], env=LIBRARY, stdout=subprocess.DEVNULL)
    stages = lambda: below(process.pid) if prefix else [process.pid]  # noqa: E731 (the silent server starts it)
    until, stage = time.monotonic() + 20, None
    while stage is None and time.monotonic() < until:
        stage = next((one for one in stages() if len(below(one)) > 1), None)
        time.sleep(0.01)
    workers = below(stage)
    assert len(workers) > 1

    os.kill(int(stage), signal.SIGKILL)

    assert gone(workers, 5)
    process.kill()
    process.wait()


def below(pid):
    """The children of a process."""
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
