"""Thousands of commands at once: every state right, memory bounded, no limit overstepped, nothing left behind."""

import resource
import signal
import sys
import time
import tracemalloc
from collections import deque

from counting import lines_run
from flow_driver import document
from tasker.modules.expand import expand
from tasker.modules.flow import Flow
from whole_program import ROOT, carrying, children, eventually, finished

MEMORY = 150 * 1024  # kB that a process of ours may ever have
GROWTH = 4.6  # times the work for 4 times the tasks


def block(commands, *fields):
    """A task file with one parallel block of these commands, which begin with number 1000."""
    head = f"task=0\ntype=parallel\ntasks=1000-{999 + len(commands)}\n" + "".join(f"{field}\n" for field in fields)
    return head + "".join(f"\ntask={1000 + n}\n{command}\nexec=local\n" for n, command in enumerate(commands))


def outcomes(place):
    """task -> outcome of every result in the journal; each has exactly one, and every intent has one."""
    records = place.journal()
    asked = {r["doc"]["request"]["id"]: r["doc"]["request"]["task"] for r in records if r["what"] == "intent"}
    results = [r["doc"] for r in records if r["what"] == "result"]
    assert sorted(asked) == sorted(result["id"] for result in results)
    return {asked[result["id"]]: result["outcome"] for result in results}


def peaks(process):
    """Watch a run to its end: {command line of a process of ours: the most memory it ever had, in kB}."""
    highest = {}
    while process.poll() is None:
        ours = {pid: line for pid, line in children(process.pid).items() if "__main__.py" in line}
        for pid, line in {process.pid: "driver", **ours}.items():
            try:
                with open(f"/proc/{pid}/status") as status:
                    kept = next((int(one.split()[1]) for one in status if one.startswith("VmHWM")), 0)
            except OSError:
                continue
            name = line.partition("__main__.py ")[2] or line
            highest[name] = max(kept, highest.get(name, 0))
        time.sleep(0.1)
    return highest


def test_ten_thousand_commands_end_in_the_right_state_in_little_memory(place):
    commands = ["command=false" if n % 7 == 0 else "command=true" for n in range(10_000)]
    text = block(commands, "max_parallel=1000", "next=max_failed=1429")
    with open(place.folder / "out", "w") as out:
        process = place.begin(text, "--skip-host-validation", stdout=out, stderr=out)
        highest = peaks(process)

    assert process.returncode == 0
    assert outcomes(place) == {1000 + n: "failed" if n % 7 == 0 else "ok" for n in range(10_000)}
    assert "8571 of 10000 tasks succeeded" in place.log()
    assert {name.split()[0] for name in highest} >= {"driver", "flow", "runner"}, highest
    assert max(highest.values()) < MEMORY, highest


def carried(workflow):
    """Flow, asked until its exit, with results invented. Nothing is kept of what it said."""
    flow, running, code = Flow(), deque(), None
    steps = flow.answer(workflow)["steps"]
    while code is None:
        running.extend(step["request"]["id"] for step in steps if step["do"] == "run")
        code = next((step["code"] for step in steps if step["do"] == "exit"), None)
        if code is None:
            result = {"tasker": 1, "kind": "result", "ok": True, "exit_code": 0}
            event = {"tasker": 1, "kind": "event", "event": "result", "id": running.popleft(), "result": result}
            steps = flow.answer(event)["steps"]
    assert code == 0 and not running


def test_four_times_the_tasks_are_about_four_times_the_work_for_flow():
    """In lines of Python that run, so that no busy machine matters."""
    blocks = (document(block(["command=true"] * count, "max_parallel=200")) for count in (1000, 4000))
    small, large = (lines_run(carried, workflow) for workflow in blocks)

    assert large / small <= GROWTH, (small, large)


def chain(hosts, *fields):
    """A chain of five members on that many hosts."""
    head = f"task=0\ntype=chain\nhosts=web[1-{hosts}]\ntasks=1-5\n" + "".join(f"{field}\n" for field in fields)
    return expand(document(head + "".join(f"\ntask={n}\nexec=ssh\ncommand=step {n}\n" for n in range(1, 6))))


def test_four_times_the_hosts_of_a_chain_in_waves_are_about_four_times_the_work_for_flow():
    rules = ("waves=1,5,10%", "max_parallel=20", "next=max_failed=5", "max_failed_percent=10")
    small, large = (lines_run(carried, chain(hosts, *rules)) for hosts in (100, 400))

    assert large / small <= GROWTH, (small, large)


def test_a_step_of_a_chain_takes_flow_few_lines():
    few, many = (lines_run(carried, chain(hosts, "max_parallel=20")) for hosts in (20, 120))

    assert (many - few) / 500 < 950  # it was 1,100 before what it costs was measured


def test_ten_thousand_hosts_of_a_chain_at_once_fit_in_150_megabytes():
    workflow = chain(10_000, "max_parallel=10000")
    tracemalloc.start()
    try:
        flow = Flow()
        steps = flow.answer(workflow)["steps"]
        assert sum(step["do"] == "run" for step in steps) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 100_000_000  # the interpreter itself takes 15
    finally:
        tracemalloc.stop()


def test_max_parallel_is_honoured_exactly(place):
    recorder = "command=sh\narguments=-c 'echo + >>seen; sleep 0.3; echo - >>seen'"
    done = place.really(block([recorder] * 100, "max_parallel=25"), "--skip-host-validation")

    assert done.returncode == 0
    running = highest = 0
    for line in (place.folder / "seen").read_text().split():
        running += 1 if line == "+" else -1
        highest = max(highest, running)
    assert (25, 0) == (highest, running)


def test_sigterm_ends_a_block_of_a_thousand_within_three_seconds(place):
    text = block(["command=sleep\narguments=100"] * 1000, "timeout=900\nmax_parallel=1000")
    process = place.begin(text, "--skip-host-validation", "-p", "P")
    run = eventually(lambda: next((path.name for path in place.base.glob("runs/*")), ""))
    eventually(lambda: len(carrying(f"TASKER_ATTEMPT={run}:")) >= 1000, within=30)

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, _, _ = finished(process)
    took = time.monotonic() - began

    assert code == 143
    assert took < 3, took
    assert not carrying(f"TASKER_ATTEMPT={run}:")
    assert outcomes(place) == {1000 + n: "signalled" for n in range(1000)}
    assert [row.split("\t")[5:7] for row in place.rows()[1:]] == [["143", "FAILED"]]


def few_descriptors(most):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def test_commands_that_the_machine_has_no_room_for_wait_and_end_well(place):
    text = block(["command=sleep\narguments=0.1"] * 300, "max_parallel=300")
    done = place.really(text, "--skip-host-validation", preexec_fn=few_descriptors(64))

    assert done.returncode == 0, done.stderr
    assert outcomes(place) == {1000 + n: "ok" for n in range(300)}


def test_when_nothing_can_be_started_each_command_says_so_and_the_run_has_failed(place):
    """With so few descriptors the runner keeps none for pipes: it waits as long as the time-out, then says so."""
    runner = place.folder / "more/runners/cramped"
    runner.parent.mkdir(parents=True)
    local = f"'{sys.executable}' -I '{ROOT}/library/tasker/__main__.py' runner local"
    runner.write_text(f'#!/bin/sh\nulimit -n 20\nexec {local} "$@"\n')
    runner.chmod(0o755)
    text = block(["command=true"] * 20, "on_failure=5").replace(
        "exec=local", "exec=cramped\nhostname=localhost\ntimeout=5"
    )
    text += "\ntask=5\ncommand=echo\narguments=@0_failed_count@ failed\nexec=local\nreturn=9\n"
    done = place.really(text, "--skip-host-validation", env={"TASKER_PATH": str(place.folder / "more")})

    assert done.returncode == 9, done.stdout + done.stderr
    found = outcomes(place)
    assert found.pop(5) == "ok"
    assert found == {1000 + n: "not_started" for n in range(20)}
    assert "20 failed" in place.log() and "could not be started" in place.log()
