"""A runner that lacks its client is found before anything runs, whichever file serves the exec type (H008, exit 61)."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from hosting import LIBRARY, book, codes, own_children, run, workflow
from tasker.validators import hosts

from tasker.hosts import reachability
from tasker.protocol.document import document

ENOUGH = f"{Path(sys.executable).parent}:/usr/bin:/bin"


def asked(*types, **keys):
    """A workflow with a task for each exec type, the third line of each task saying which."""
    doc = workflow(*["localhost" for _ in types], **keys)
    for task, kind in zip(doc["tasks"], types):
        task |= {"exec": kind, "command": "x", "at": {**task["at"], "exec": [task["line"], 6]}}
    return doc


def checked(doc, **keys):
    return hosts.check(doc, resolve=book(localhost="127.0.0.1"), **keys)


def test_a_client_that_is_not_installed_is_named_once_at_its_first_task(monkeypatch):
    before = own_children()
    monkeypatch.setenv("PATH", ENOUGH)
    doc = checked(asked("local", "pbrun", "wwrs", "pbrun"))

    found = [one for one in doc["findings"] if one["code"] == "H008"]
    assert [(one["task"], one["line"], one["column"], one["exit"]) for one in found] == [(1, 2, 6, 61), (2, 3, 6, 61)]
    assert "'pbrun', which 2 tasks use: cannot find 'pbrun' on PATH" in found[0]["message"]
    assert "cannot find 'wwrs_cli' or 'wwrs_clir' on PATH" in found[1]["message"]
    assert own_children() <= before


def test_either_program_of_wwrs_is_enough(tmp_path, monkeypatch):
    shutil.copy(shutil.which("true"), tmp_path / "wwrs_clir")
    monkeypatch.setenv("PATH", f"{tmp_path}:{ENOUGH}")

    assert codes(checked(asked("wwrs"))) == []


def test_a_runner_of_another_file_says_for_itself_what_it_lacks(tmp_path, monkeypatch):
    about = document("about", accepts="request", returns="result", protocols=[1], missing="no paramiko\x1b[2J")
    (tmp_path / "runners").mkdir(mode=0o755)
    (tmp_path / "runners/docker").write_text(f"#!/bin/sh\necho '{json.dumps(about)}'\ncat >/dev/null\n")
    (tmp_path / "runners/docker").chmod(0o755)
    monkeypatch.setenv("TASKER_PATH", str(tmp_path))

    (found,) = checked(asked("docker"))["findings"]

    assert found["message"] == "cannot use exec type 'docker': no paramiko\\e[2J"


@pytest.mark.parametrize(
    ("says", "tried"),
    [
        ({"host": "none", "port": 99}, None),
        ({"host": "optional", "port": 99}, 99),
        ({"host": "required"}, 22),
        ({"port": 99}, 99),
        ({"host": "sometimes", "port": "99"}, 22),
        ({"port": 70000}, 22),
    ],
)
def test_a_runner_of_another_file_says_whether_its_hosts_must_answer_and_where(tmp_path, monkeypatch, says, tried):
    before = own_children()
    about = document("about", accepts="request", returns="result", protocols=[1], **says)
    (tmp_path / "runners").mkdir(mode=0o755)
    (tmp_path / "runners/docker").write_text(f"#!/bin/sh\necho '{json.dumps(about)}'\ncat >/dev/null\n")
    (tmp_path / "runners/docker").chmod(0o755)
    monkeypatch.setenv("TASKER_PATH", str(tmp_path))
    ports: list[int] = []

    def reach(places, watch=None):
        ports.extend(address[1][1] for addresses in places.values() for address in addresses)
        return reachability.Reached(dict.fromkeys(places, ("127.9.0.1", "")), "icmp")

    given = workflow("web1")
    given["tasks"][0]["exec"] = "docker"  # without a command: as names on the command line have it
    doc = hosts.check(given, resolve=book(web1="127.9.0.1"), reach=reach)

    assert (codes(doc), ports) == ([], [] if tried is None else [tried])
    assert doc["hosts"]["awaited"] == (tried is not None)
    assert own_children() <= before


@pytest.mark.parametrize("says", ["nonsense", "", '{"tasker":1,"kind":"verdict","ok":true}'])
def test_what_a_broken_runner_says_is_left_to_who_needs_it(tmp_path, monkeypatch, says):
    (tmp_path / "runners").mkdir(mode=0o755)
    (tmp_path / "runners/broken").write_text(f"#!/bin/sh\necho '{says}'\n")
    (tmp_path / "runners/broken").chmod(0o755)
    monkeypatch.setenv("TASKER_PATH", str(tmp_path))

    assert codes(checked(asked("broken", "no_such_type"))) == []


def test_what_is_known_of_runners_is_not_asked_again():
    known = {"pbrun": {"missing": "it is Sunday"}, "p7s": {}, "wwrs": "?"}

    doc = checked(asked("pbrun", "p7s", settings={"runners": known}))

    assert [one["message"] for one in doc["findings"]] == ["cannot use exec type 'pbrun': it is Sunday"]


def test_nothing_is_asked_where_hosts_are_not_checked(monkeypatch):
    monkeypatch.setenv("PATH", ENOUGH)

    assert codes(checked(asked("pbrun", settings={"skip_hosts": True}))) == []


def test_the_whole_program_says_so_with_its_exit_code(tmp_path):
    environment = {**LIBRARY, "PATH": ENOUGH, "HOME": str(tmp_path)}
    doc, status = run(doc=asked("pbrun"), env=environment)

    assert ([one["exit"] for one in doc["findings"]], status) == ([61], 1)
