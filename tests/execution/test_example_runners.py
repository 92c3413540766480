"""The runners in examples/runners/: each does what the protocol asks, alone and in the whole program."""

import functools
import json
import os
import re

import pytest
from whole_program import ROOT, Place

from tasker.conformance.check import CHECKS, MUST
from tasker.conformance.check_runner import FAILED, INAPPLICABLE, OK, check_runner
from tasker.conformance.subject import Subject

FOLDER = ROOT / "examples/runners"
LEAST = "plain"  # what it leaves out is what the kit says that a runner should do
RUNNERS = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".md")
PATH = f"{ROOT / 'examples/stubs'}:{os.environ['PATH']}"
FAR = {"marker", "folder"}  # these concern runners of this machine
SERIAL = {"cancel", "end of input: busy"}  # and these such as watch their input
RECEIPTS = {"receipts", "receipts: void", "receipts: once"}
OPTIONAL = {"follow", "copies", "copies: validate", "another user", *RECEIPTS}  # none does any of these
each = pytest.mark.parametrize("name", RUNNERS)


@functools.cache
def findings(name):
    subject = Subject(f"runner '{name}'", [str(FOLDER / name)], environment={**os.environ, "PATH": PATH})
    return {one.check.name: one for one in check_runner(subject)}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def drive(place, text, **environment):
    environment = {"TASKER_PATH": str(ROOT / "examples"), "PATH": PATH, **environment}
    return place.really(text, "--skip-host-validation", "--output=json", env=environment)


@each
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_it_does_what_the_protocol_says(name, check):
    finding = findings(name)[check.name]

    if name == LEAST and check.level != MUST:
        return
    assert (finding.verdict != FAILED, finding.seen) == (True, finding.seen)
    if name == LEAST:
        assert finding.verdict == OK or check.name in {"host", "another user", *RECEIPTS}
    elif finding.verdict == INAPPLICABLE:
        assert check.name in FAR | OPTIONAL | (SERIAL if name == "container" else set())


def test_the_least_runner_has_twenty_lines():
    lines = (FOLDER / LEAST).read_text().splitlines()[2:]

    assert len([line for line in lines if line.strip()]) <= 21


@each
def test_it_is_told_of_in_the_readme(name):
    assert f"**[{name}]({name})**" in (FOLDER / "README.md").read_text()


@each
def test_a_block_a_loop_and_hostile_outputs_go_through_the_whole_program(place, name):
    text = f"""task=0
hostname=web1
command=printf
arguments="%s" "it's; $(reboot) | x"
exec={name}
task=1
type=parallel
tasks=10-13
max_parallel=3
next=min_success=3
task=10
hostname=web1
command=printf
arguments="<%s>" @0_stdout@
exec={name}
task=11
hostname=web2
command=sh -c "exit 3"
exec={name}
task=12
hostname=web3
command=true
exec={name}
task=13
hostname=web4
command=true
exec={name}
task=14
hostname=web1
command=test
arguments=@10_stdout@ = "<it's; $(reboot) | x>"
exec={name}
next=loop
loop=1
"""
    done = drive(place, text)

    assert (done.returncode, json.loads(done.stdout)["reason"]) == (0, "reached the end"), place.log()
    assert place.log().count("Executing Task 14") == 2


@each
def test_a_time_out_ends_its_commands_and_takes_the_failure_route(place, name):
    text = (
        f"task=0\nhostname=web1\ncommand=sleep 987{len(name)}\nexec={name}\ntimeout=5\non_failure=9\ntask=9\nreturn=7\n"
    )
    done = drive(place, text)

    assert done.returncode == 7
    assert "(exit_code=124)" in place.log()


def test_a_connection_that_is_lost_is_an_unknown_outcome(place):
    stub = place.folder / "rsh"
    stub.write_text("#!/bin/sh\necho begun\nexit 1\n")
    stub.chmod(0o755)
    done = drive(place, "task=0\nhostname=web1\ncommand=true\nexec=rsh\n", PATH=f"{place.folder}:{PATH}")

    assert done.returncode == 75
    assert "the connection ended before the command did" in place.log()


def test_a_client_that_is_not_installed_is_told(place):
    perl = place.folder / "perl"
    perl.symlink_to("/usr/bin/perl")
    done = drive(place, "task=0\nhostname=web1\ncommand=true\nexec=rsh\n", PATH=str(place.folder))

    assert (done.returncode, "cannot find 'rsh'" in place.log()) == (10, True)


def test_the_perl_runner_needs_the_smallest_perl_only():
    used = set(re.findall(r"^use (\w+)", (FOLDER / "rsh").read_text(), re.MULTILINE))

    assert used == {"strict", "warnings", "Fcntl", "POSIX"}


def test_the_page_about_runners_shows_the_least_one_as_it_is():
    assert (FOLDER / LEAST).read_text() in (ROOT / "docs/runners.md").read_text()
