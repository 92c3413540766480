"""Host names that come from outputs are checked before their task runs, as thoroughly as those that were written."""

import select
import time

import pytest
from whole_program import ROOT, Place

from tasker.driver import stages
from tasker.driver.host_lookups import AT_ONCE, HostLookups

FROM_OUTPUT = """\
task=0
command=echo {name}
exec=local

task=1
hostname=@0_stdout@
command=touch ran
exec=pbrun
next=success
"""


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def stubs(place, **extra):
    return {"PATH": f"{ROOT}/tests/data/stubs:{place.environment()['PATH']}", **extra}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no-such.host.invalid", "cannot resolve 'no-such.host.invalid'"),
        ("root@127.0.0.1", "invalid host name 'root@127.0.0.1'"),
        ("127.0.0.1:22", "invalid host name '127.0.0.1:22'"),
    ],
)
def test_a_name_from_an_output_is_checked_as_data(place, name, why):
    done = place.really(FROM_OUTPUT.format(name=name), env=stubs(place))

    assert done.returncode == 10
    assert f"Task 1 was not started (exit_code=126): {why}" in done.stdout


@pytest.mark.parametrize("works", [True, False])
def test_a_name_from_an_output_has_its_connection_test_too(place, works):
    """A client that fails only when it is tested: nothing but the test can have stopped the task."""
    (place.folder / "clients").mkdir()
    client = place.folder / "clients/pbrun"
    client.write_text(f'#!/bin/sh\ncase "$*" in *pbtest*) echo no rights there >&2; exit {0 if works else 3};; esac\n')
    client.chmod(0o755)

    options = {"env": {"PATH": f"{place.folder}/clients:{place.environment()['PATH']}"}}
    done = place.really(FROM_OUTPUT.format(name="127.0.0.2"), "-c", **options)

    assert done.returncode == (0 if works else 10)
    failed = "connection test of '127.0.0.2' by pbrun failed: exit code 3: no rights there"
    assert (f"Task 1 was not started (exit_code=126): {failed}" in done.stdout) is not works


class Counting:
    """Starts validators, and counts them: how many in all, how many at most at once."""

    def __init__(self):
        self.stages, self.most = [], 0

    def __call__(self, name):
        self.stages.append(stages.start_stage(name))
        self.most = max(self.most, sum(stage.pid is not None for stage in self.stages))
        return self.stages[-1]


def answered(lookups):
    """What all who asked heard: id -> (may it be used, why not)."""
    heard, until = {}, time.monotonic() + 60
    while lookups.asked and time.monotonic() < until:
        poll = select.poll()
        for stage in lookups.asked:
            stage.watch(poll)
            stage.finish_input()
        ready = {descriptor for descriptor, _ in poll.poll(1000)}
        for stage in [stage for stage in lookups.asked if stage.outlet in ready]:
            heard |= {identity: (ok, why) for identity, ok, why, _ in lookups.receive(stage)}
    return heard


def test_all_who_ask_about_one_name_at_once_get_one_answer():
    lookups = HostLookups({}, start := Counting())

    for number in range(1000):
        lookups.add(number, "localhost" if number % 2 else "a..b", "ssh")
    heard = answered(lookups)

    assert len(start.stages) == 2
    assert [heard[number][0] for number in range(1000)] == [False, True] * 500
    assert "invalid host name 'a..b'" in heard[0][1]


@pytest.mark.parametrize("name", ["root@localhost", "localhost:22", "@HOST@"])
def test_neither_user_nor_port_nor_variable_is_read_in_a_name_that_is_data(name):
    """Flow refuses these as well: docs/threats.md wants both."""
    lookups = HostLookups({}, Counting())
    lookups.add("a", name, "ssh")

    assert answered(lookups)["a"][0] is False


def test_many_names_do_not_start_a_validator_each_at_once():
    lookups = HostLookups({}, start := Counting())

    for number in range(40):
        lookups.add(number, f"127.0.0.{number + 1}", "local")
    heard = answered(lookups)

    assert start.most == AT_ONCE
    assert sorted(heard) == list(range(40))
    assert all(ok for ok, _ in heard.values())


def test_a_name_is_asked_again_later_since_its_host_may_be_gone_by_then():
    lookups = HostLookups({}, start := Counting())
    for number in range(2):
        lookups.add(number, "localhost", "ssh")
        assert answered(lookups) == {number: (True, "")}

    assert len(start.stages) == 2
