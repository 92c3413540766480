"""`tasker hosts NAME…`: ranges and groups, and the exit codes of a run."""

import json
import os

import pytest
from whole_program import PROGRAM


def with_failing_login(place, *words, unshared=()):
    """The program with a pbrun that refuses each login."""
    pbrun = place.folder / "pbrun"
    pbrun.write_text("#!/bin/sh\necho denied >&2\nexit 1\n")
    pbrun.chmod(0o755)
    return place.run(
        "hosts", *words, env={"PATH": f"{place.folder}:{os.environ['PATH']}"}, program=(*unshared, *PROGRAM)
    )


def test_a_range_is_its_hosts_in_order_each_once(place):
    done = place.run(
        "hosts", "localhost", "127.0.0.[2,1]", "127.0.0.1", "user@127.0.0.3", "[::1]:22", "--exec", "local"
    )
    names = [task["hostname"] for task in json.loads(done.stdout)["tasks"]]

    assert (done.returncode, done.stderr) == (0, "")
    assert names == ["localhost", "127.0.0.2", "127.0.0.1", "user@127.0.0.3", "[::1]:22"]


def test_names_are_one_list_as_hosts_has_it(place):
    (place.folder / "tasker.toml").write_text("[groups]\nfragile = ['127.0.0.2']\n")
    (place.folder / "list").write_text("127.0.0.9\n")
    done = place.run("hosts", "127.0.0.[1-3]", "!@fragile", "file:list", "--exec", "local")

    assert (done.returncode, done.stderr) == (0, "")
    assert [task["hostname"] for task in json.loads(done.stdout)["tasks"]] == ["127.0.0.1", "127.0.0.3", "127.0.0.9"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("web[1-",), 20, "hosts: error: 'web[1-' has '[' without ']'"),
        (("@no_such_group_here", "localhost"), 20, "hosts: error: there is no group 'no_such_group_here'"),
        (("127.0.0.[1-3]!@fragil",), 20, "hosts: error: there is no group 'fragil'"),
        (("127.0.0.[1-3]", "!127.0.0.4"), 20, "hosts: error: '!127.0.0.4' takes nothing away"),
        (("*",), 20, "hosts: error: '*' is a pattern"),
        (("run:x",), 20, "hosts: error: 'run:x': cannot read 'x'"),
    ],
)
def test_what_names_no_hosts_is_20_and_its_reason(place, words, code, message):
    done = place.run("hosts", *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(message)


def test_the_exit_codes_are_those_of_a_run(place):
    assert place.run("hosts", "no-such-host.invalid", "localhost", "--exec", "openssh").returncode == 21
    assert place.run("hosts", "a b").returncode == 20
    assert place.run("hosts", "no-such-host[1-3].invalid", "--exec", "openssh").returncode == 21
    assert with_failing_login(place, "192.0.2.1", unshared=("unshare", "-n")).returncode == 60
    assert with_failing_login(place, "192.0.2.[1-3]", unshared=("unshare", "-n")).returncode == 60
    assert with_failing_login(place, "localhost").returncode == 0
    done = with_failing_login(place, "localhost", "-c", "--output", "text")
    assert (done.returncode, "denied" in done.stdout) == (61, True)
    assert with_failing_login(place, "127.0.0.[1-2]", "-c").returncode == 61
