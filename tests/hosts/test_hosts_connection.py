"""The runners' own connection tests, through the runners."""

import os
import sys

import pytest
from hosting import (
    book,
    nobody,
    own_children,
    run,
    workflow,
)
from tasker.validators import hosts

from tasker.hosts import connection, reachability


def test_connection_tests_are_asked_of_runners_once_a_host():
    asked = []

    def ask(requests):
        asked.extend(requests)
        return [
            {"kind": "result", "ok": request["hostname"] == "good", "exit_code": 7, "stderr": "x\nno\x1b[2J way\n"}
            for _, request in requests
        ]

    names = book(good="127.9.0.1", bad="127.9.0.2", dead="127.9.0.3")

    def answer(places, watch=None):
        return reachability.Reached(
            {name: ("" if name == "dead" else "127.9.0.1", "no answer") for name in places}, "icmp"
        )

    doc = hosts.check(workflow("good", "bad", "bad", "dead", "gone"), test=True, ask=ask, resolve=names, reach=answer)

    assert [(kind, request["hostname"], request["check"]) for kind, request in asked] == [
        ("ssh", "good", True),
        ("ssh", "bad", True),
    ]
    tests = [one for one in doc["findings"] if one["code"] == "H005"]
    assert [one["task"] for one in tests] == [1]
    assert tests[0]["message"] == "connection test of 'bad' by ssh failed: exit code 7: no\\e[2J way (tasks 1-2)"
    assert tests[0]["exit"] == 61


def test_hosts_of_local_tasks_have_no_connection_test():
    given = workflow("localhost", settings={"connection_test": True, "exec": "local"})
    del given["tasks"][0]["exec"]

    doc = hosts.check(given, ask=lambda requests: [] if not requests else nobody(requests))

    assert doc["ok"]


RUNNER = """#!{python}
import json, os, time

def say(identity, ok, flush=True):
    print(json.dumps({{"tasker": 1, "kind": "result", "id": identity, "ok": ok, "exit_code": 3}}), flush=flush)

print(json.dumps({{"tasker": 1, "kind": "about", "ok": True, "parallel": {parallel}}}), flush=True)
held = []
time.sleep(0.1)  # until whatever is sent at once is there
while data := os.read(0, 65536):
    asked = [json.loads(line) for line in data.splitlines()]
    if not {parallel} and len(asked) > 1:
        os._exit(8)
    for one in asked:
        if one["hostname"] == "crash":
            os._exit(9)
        if one["hostname"] == "twice":
            say("nobody's", False, flush=False)
            say(["no key of anything"], False, flush=False)
            say(one["id"], True, flush=False)
            say(one["id"], False)
        elif one["hostname"] == "busy":
            for event in ("queued", "started"):
                print(json.dumps({{"tasker": 1, "kind": "event", "event": event, "id": one["id"]}}), flush=True)
            say(one["id"], True)
        elif one["hostname"] != "silent":
            held.append(one)
    if not {parallel} or len(held) >= {together}:
        for one in reversed(held):
            say(one["id"], one["hostname"] != "bad")
        held = []
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Puts a runner called `fake` where runners are looked for."""

    def place(parallel=True, together=1):
        folder = tmp_path / "runners"
        folder.mkdir()
        (folder / "fake").write_text(RUNNER.format(python=sys.executable, parallel=parallel, together=together))
        (folder / "fake").chmod(0o755)
        monkeypatch.setenv("TASKER_PATH", str(tmp_path))

    return place


@pytest.mark.parametrize("parallel", [True, False])
def test_runners_are_asked_many_at_once_where_they_can(fake, parallel):
    before = own_children()
    fake(parallel, together=3)

    problems = connection.test_connections([("fake", name) for name in ("a", "bad", "c")], connection.ask_runners)

    assert problems == {("fake", "a"): "", ("fake", "bad"): "exit code 3", ("fake", "c"): ""}
    assert own_children() <= before


def test_a_runner_that_dies_fails_what_it_had(fake):
    fake(parallel=False)

    problems = connection.test_connections([("fake", name) for name in ("a", "crash", "c")], connection.ask_runners)

    assert problems["fake", "a"] == ""
    assert problems["fake", "crash"] == problems["fake", "c"] == "fake ended with exit status 9 instead of answering"


def test_the_first_answer_to_a_request_counts_and_others_are_not_looked_at(fake):
    fake()

    assert connection.test_connections([("fake", "twice")], connection.ask_runners) == {("fake", "twice"): ""}


def test_that_a_request_waits_for_its_turn_is_no_answer_to_it(fake):
    fake()

    assert connection.test_connections([("fake", "busy")], connection.ask_runners) == {("fake", "busy"): ""}


def test_a_runner_that_never_answers_has_a_deadline(fake):
    fake()
    request = {
        "tasker": 1,
        "kind": "request",
        "id": "1",
        "hostname": "silent",
        "timeout": 0.2 - connection.RESPONSE_GRACE,
    }

    answers = connection.ask_runners([("fake", request)])

    assert answers[0]["message"] == "the runner did not answer in time"


def test_an_exec_type_without_runner_fails_its_tests_alone(fake):
    fake()

    problems = connection.test_connections([("nosuch", "a"), ("fake", "b")], connection.ask_runners)

    assert problems["nosuch", "a"].startswith("cannot find a runner for 'nosuch'")
    assert problems["fake", "b"] == ""


def test_the_whole_program_runs_the_client_of_the_runner(tmp_path):
    (tmp_path / "pbrun").write_text(
        '#!/bin/sh\n[ "$*" = "-n -h 127.9.0.1 pbtest" ] || { echo "denied" >&2; exit 1; }\n'
    )
    (tmp_path / "pbrun").chmod(0o755)

    doc, status = run(
        "-c", "127.9.0.1", "127.9.0.2", env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    )

    assert status == 61
    failed = [one for one in doc["findings"] if one["severity"] == "error"]
    assert [one["message"] for one in failed] == ["connection test of '127.9.0.2' by pbrun failed: exit code 1: denied"]
