"""What every runner has to do, whoever wrote it: a file in runners/ is tested by being there (docs/PROTOCOL.md).

The checks are those of `tasker runner-test` (library/tasker/conformance/). One whose client is no program of this
machine, nor one of the stubs, is asked for all that needs no far side.
"""

import functools
import json
import shutil
import subprocess

import pytest
from runner_client import ROOT, STUBS, Talk, environment, once, program

from tasker.conformance.check import CHECKS
from tasker.conformance.check_runner import FAILED, INAPPLICABLE, check_runner
from tasker.conformance.subject import Subject

RUNNERS = sorted(p.stem for p in (ROOT / "runners").iterdir() if p.is_file() and p.name != "__init__.py")
# checks that make no sense for a runner without this key in its about
NEEDED = {"copies": "copies", "another user": "become", "receipts": "receipts"}
HOSTLESS = {"marker", "folder"}  # checks that make sense for a runner of this machine only


@functools.cache
def about(name):
    asked = subprocess.run([*program(name), "--about"], capture_output=True, timeout=20, env=environment())
    return json.loads(asked.stdout)


@functools.cache
def reachable(name):
    """Can it run a command here? Its client stands in its template."""
    client = (about(name).get("argv") or ["?"])[0]
    return (
        client == "{words}" or (STUBS / client).exists() or (about(name)["words"] == "script" and shutil.which(client))
    )


def far_side(name):
    """An environment in which the stub clients run what they are given."""
    return environment(STUB_RUN="shell" if about(name)["words"] == "shell" else "exec")


@functools.cache
def findings(name):
    subject = Subject(f"runner '{name}'", program(name), environment=far_side(name))
    return {one.check.name: one for one in check_runner(subject, commands=bool(reachable(name)))}


each = pytest.mark.parametrize("name", RUNNERS)


def test_the_runners_that_need_no_network_can_all_be_reached():
    assert {"local", "shell", "pbrun", "p7s", "wwrs"} <= set(filter(reachable, RUNNERS))


@each
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_it_does_what_the_protocol_says(name, check):
    finding = findings(name)[check.name]

    assert (finding.verdict != FAILED, finding.seen) == (True, finding.seen)
    if finding.verdict == INAPPLICABLE and NEEDED.get(check.name.partition(":")[0], "host") in about(name):
        far = "{hostname}" in json.dumps(about(name).get("argv", ["{hostname}"]))
        assert check.name in (HOSTLESS if far else {"host"}) or (check.commands and not reachable(name))


@pytest.mark.parametrize("name", ["pbrun", "p7s", "wwrs"])
def test_it_says_that_its_client_is_missing(name, tmp_path):
    with Talk(name, env=environment(PATH=str(tmp_path))) as runner:
        assert about(name)["argv"][0] in runner.about["missing"]
    assert "missing" not in about(name)


@each
def test_it_says_its_name(name):
    assert name == about(name)["name"]


@each
@pytest.mark.parametrize(
    "document",
    [
        b"",
        b'{"tasker":1,"kind":"request","kind":"request"}',
        b'{"tasker":1,"kind":"request","words":[NaN]}',
        b'{"a":"\\ud800"}',
    ],
)
def test_what_only_a_strict_reader_refuses_is_refused(name, document):
    status, answer, errors = once(name, document)

    assert (100, "error", False) == (status, answer["kind"], answer["ok"])
    assert "Traceback" not in errors


@pytest.mark.parametrize("name", [name for name in RUNNERS if reachable(name)])
def test_an_id_that_is_in_flight_is_refused_and_the_first_goes_on(name):
    subject = Subject(name, [])
    subject.about = about(name)
    long, short = (subject.request(words, id="x") for words in (["sleep", "0.3"], ["true"]))
    with Talk(name, env=far_side(name)) as runner:
        runner.send(long, short)
        refused, answer = runner.hear(), runner.hear()

    assert ("error", "duplicate_id", "x") == (refused["kind"], refused["code"], refused["id"])
    assert ("result", "x", True) == (answer["kind"], answer["id"], answer["ok"])


def test_a_runner_that_cannot_be_reached_is_asked_all_that_needs_no_far_side():
    subject = Subject("runner 'pbrun'", program("pbrun"), environment=environment(STUB_EXIT="9"))
    verdicts = {
        one.check.name: one for one in check_runner(subject, only={"commands", "exit codes", "once", "dry run"})
    }

    assert "ended with 9" in verdicts["commands"].seen
    assert "see 'commands'" in verdicts["exit codes"].seen
    assert ("ok", "ok") == (verdicts["once"].verdict, verdicts["dry run"].verdict)
