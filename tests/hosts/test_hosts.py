"""Which host names a workflow has, and which of them are asked (docs/threats.md B, and docs/language.md §7 and §8)."""

import os

import pytest
from hosting import (
    book,
    codes,
    exits,
    nobody,
    run,
    workflow,
)
from tasker.validators import hosts

from tasker.hosts import reachability

HOSTILE = {
    "an option of ssh (10)": "-oProxyCommand=touch /tmp/x",
    "options of a client (11)": "-u root -h other",
    "a second command (12)": "a;reboot",
    "a substitution (12)": "$(x)",
    "blanks (12)": "web 1",
    "a newline (12)": "web1\nweb2",
    "an escape (12)": "web\x1b[2J1",
    "a path (12)": "../x",
    "nothing (12)": "",
    "254 characters (12)": "a" * 60 + ("." + "b" * 60) * 3 + "." + "c" * 10,
    "a mark that turns text (12)": "web\u202e1",
    "a homograph (12)": "w\u0435b1",
    "an option of ping (13)": "-c1",
    "a short address (14)": "127.1",
    "an address in hex (14)": "0x7f000001",
    "an address as one number (14)": "2130706433",
    "an address in octal (14)": "0177.0.0.1",
    "a dot at the end (14)": "web1.",
}


# -- the form of a name: docs/threats.md B


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_host_name_is_asked_of_nobody(name):
    doc = hosts.check(
        workflow(name), resolve=lambda names, watch=None: {} if not names else nobody(names), reach=nobody
    )

    assert codes(doc) == ["H001"]
    assert exits(doc) == [20]
    assert doc["findings"][0]["message"].isprintable()
    assert doc["findings"][0]["message"].isascii()


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_the_form_counts_when_hosts_are_skipped(name):
    doc = hosts.check(workflow(name, settings={"skip_hosts": True}), resolve=nobody, reach=nobody)

    assert codes(doc) == ["H001"]
    assert not doc["ok"]


def test_no_name_reaches_a_program_called_ping(tmp_path):
    (tmp_path / "ping").write_text(f"#!/bin/sh\ntouch {tmp_path}/pinged\n")
    (tmp_path / "ping").chmod(0o755)

    doc, status = run("--", "-c1", "127.9.0.1", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})

    assert (codes(doc), status) == (["H001"], 20)
    assert not (tmp_path / "pinged").exists()


@pytest.mark.parametrize("name", ["root@web1", "web1:22", "@NAME@", "@0_stdout@"])
def test_a_name_from_an_output_is_data(name):
    """15: neither user nor port nor variable is read in it."""
    given = workflow(name, variables={"NAME": {"value": "127.0.0.1"}}, settings={"hosts_are_data": True})

    doc = hosts.check(given, resolve=book(), reach=nobody)

    assert codes(doc) == ["H001"]


def test_every_way_to_write_an_address_has_one_canonical_form():
    doc = hosts.check(workflow("::1", "0:0:0:0:0:0:0:1", "0000::0001", "127.0.0.1"), reach=nobody)

    assert ["::1", "::1", "::1", "127.0.0.1"] == [task["canonical"] for task in doc["tasks"]]
    assert doc["ok"]


# -- which names there are


def test_globals_are_put_in_and_the_name_stays_as_written():
    variables = {"HOST": {"value": "@ENV@1"}, "ENV": {"value": "web"}}

    doc = hosts.check(workflow("@HOST@", variables=variables), resolve=book(web1="127.9.0.1"))

    task = doc["tasks"][0]
    assert (task["hostname"], task["canonical"], task["address"]) == ("@HOST@", "web1.example.com", "127.9.0.1")
    assert doc["findings"] == []


@pytest.mark.parametrize("name", ["@0_stdout@", "@0_stdout@.example.com", "@FROM@"])
def test_a_name_that_waits_for_an_output_is_left_for_later(name):
    doc = hosts.check(workflow(name, variables={"FROM": {"value": "@0_stdout@"}}), resolve=book(), reach=nobody)

    assert doc["findings"] == []
    counts = {"total": 1, "resolved": 0, "reachable": 0, "awaited": 0, "answered": 0, "later": 1, "not_checked": 1}
    assert doc["hosts"] == counts


def test_a_variable_without_value_is_an_error_once():
    doc = hosts.check(workflow("@NOPE@"), resolve=book(), reach=nobody)
    told = [{"severity": "error", "code": "T012", "task": 0, "field": "hostname", "message": "@NOPE@ is not defined"}]

    again = hosts.check(workflow("@NOPE@", findings=told), resolve=book(), reach=nobody)

    assert (codes(doc), exits(doc)) == (["H007"], [20])
    assert codes(again) == ["T012"]


def test_user_and_port_are_not_asked_of_the_resolver():
    asked = []

    def answers(names, watch=None):
        asked.extend(names)
        return book(web1="127.9.0.1")(names)

    doc = hosts.check(workflow("root@Web1:2222", "web1"), resolve=answers)

    assert asked == ["web1", "web1"]
    assert doc["hosts"]["total"] == 1


@pytest.mark.parametrize(
    ("task", "setting", "option", "pinged"),
    [
        ({"exec": "ssh"}, "local", "local", True),
        ({"exec": "local"}, "ssh", "ssh", False),
        ({"exec": "shell"}, None, None, False),
        ({"exec": "@E@"}, "ssh", "ssh", False),
        ({}, "local", "ssh", False),
        ({}, "ssh", "local", True),
        ({}, None, "local", False),
        ({}, None, None, True),
    ],
)
def test_hosts_of_local_tasks_are_only_resolved(task, setting, option, pinged):
    given = workflow("web1", settings={"exec": setting} if setting else {}, variables={"E": {"value": "local"}})
    given["tasks"] = [{**{key: value for key, value in given["tasks"][0].items() if key != "exec"}, **task}]
    asked = []

    def answer(places, watch=None):
        asked.extend(places)
        return reachability.Reached({"web1": ("127.9.0.1", "")}, "icmp")

    doc = hosts.check(given, exec_type=option, resolve=book(web1="127.9.0.1"), reach=answer)

    assert (asked == ["web1"]) is pinged
    assert doc["ok"]
    assert doc["tasks"][0]["address"] == "127.9.0.1"


@pytest.mark.parametrize("name", ["localhost", "LocalHost", "127.0.0.1", "::1"])
def test_the_own_machine_is_not_pinged(name):
    doc = hosts.check(workflow(name), reach=nobody)

    assert doc["ok"]
    counts = {"total": 1, "resolved": 1, "reachable": 1, "awaited": 1, "answered": 1, "later": 0, "not_checked": 0}
    assert doc["hosts"] == counts
