"""What validators/hosts.py says, where it says it, and how it is called."""

import json
import os
import pty
import subprocess

import jsonschema
import pytest
from hosting import (
    CALM,
    HOSTS,
    SCHEMA,
    Swallows,
    book,
    codes,
    exits,
    nobody,
    run,
    workflow,
)
from hypothesis import given
from hypothesis import strategies as some
from tasker.validators import hosts

from tasker.hosts import icmp, reachability, resolver, usage
from tasker.protocol.document import Problem

# -- findings


def test_a_host_of_several_tasks_is_reported_once_where_it_is_first_written():
    doc = hosts.check(workflow("gone", "here", "gone", "lost"), resolve=book(here="127.9.0.1"))

    assert [(one["task"], one["line"], one["column"], one["field"]) for one in doc["findings"]] == [
        (0, 1, 10, "hostname"),
        (3, 4, 10, "hostname"),
    ]
    assert (codes(doc), exits(doc)) == (["H002", "H002"], [21, 21])
    assert doc["findings"][0]["message"] == "cannot resolve 'gone': name or service not known (tasks 0, 2)"
    assert doc["findings"][1]["message"] == "cannot resolve 'lost': name or service not known"
    counts = {"total": 3, "resolved": 1, "reachable": 1, "awaited": 1, "answered": 1, "later": 0, "not_checked": 0}
    assert doc["hosts"] == {**counts, "method": "icmp"}


def test_a_host_of_many_tasks_that_does_not_answer_is_reported_once():
    def answer(places, watch=None):
        return reachability.reach_hosts(
            places, 0.05, probe=lambda *given: icmp.ping_hosts(*given, open_socket=Swallows)
        )

    doc = hosts.check(workflow("web1", "web1", "web1"), resolve=book(web1="127.9.0.1"), reach=answer)

    assert codes(doc) == ["H004"] and doc["findings"][0]["message"].endswith("in 0.05 s (tasks 0-2)")


def test_names_of_the_command_line_are_reported_each():
    doc = hosts.check(workflow("gone", "gone"), resolve=book(), each=True)

    assert codes(doc) == ["H002", "H002"]


def test_a_host_that_does_not_answer_is_named_with_its_address_and_time():
    def answer(places, watch=None):
        return reachability.reach_hosts(
            places, 0.05, probe=lambda *given: icmp.ping_hosts(*given, open_socket=Swallows)
        )

    doc = hosts.check(workflow("web1"), resolve=book(web1="127.9.0.1"), reach=answer)

    assert doc["findings"][0]["message"] == "cannot reach 'web1' (127.9.0.1): no answer to ICMP echo in 0.05 s"
    assert exits(doc) == [60]
    assert doc["hosts"]["reachable"] == 0


def test_each_host_of_many_in_one_task_is_heard_of():
    """And what is known of those that answer is in the document, by the name as written."""

    def answer(places, watch=None):
        found = {"web1": ("127.9.0.1", ""), "web2": ("", "no answer to ICMP echo in 3 s")}
        return reachability.Reached({name: found[name] for name in places}, "icmp")

    given = workflow("x")
    given["tasks"] = [{"task": 4, "line": 2, "exec": "ssh", "hosts": "Web1,web2,web3", "at": {"hosts": [3, 7]}}]
    given["tasks"][0]["targets"] = ["Web1", "web2", "web3"]

    doc = hosts.check(given, resolve=book(web1="127.9.0.1", web2="127.9.0.2"), reach=answer)

    assert sorted(
        (one["code"], one["message"].split("'")[1], one["line"], one["field"]) for one in doc["findings"]
    ) == [
        ("H002", "web3", 3, "hosts"),
        ("H004", "web2", 3, "hosts"),
    ]
    assert doc["tasks"][0]["resolved"] == {
        "Web1": {"canonical": "web1.example.com", "address": "127.9.0.1"},
        "web2": {"canonical": "web2.example.com", "address": "127.9.0.2"},
    }
    assert doc["tasks"][0]["targets"] == ["Web1", "web2", "web3"]


def test_hosts_that_were_not_expanded_are_never_taken_for_checked():
    given = workflow("localhost")
    given["tasks"].append({"task": 4, "line": 6, "hosts": "web[1-9]", "at": {"hosts": [7, 7]}})

    doc = hosts.check(given)
    told = hosts.check({**given, "findings": [{"severity": "error", "code": "N002", "task": 4, "field": "hosts"}]})

    assert [(one["code"], one["line"], one["column"], one["exit"]) for one in doc["findings"]] == [("H009", 7, 7, 20)]
    assert "tasker expand" in doc["findings"][0]["fix"]
    assert codes(told) == ["N002"]


def test_findings_and_keys_of_others_are_passed_on_and_own_ones_made_new():
    given = workflow("gone", later={"x": 1}, findings=[{"severity": "warning", "code": "T001", "message": "m"}])

    once = hosts.check(given, resolve=book(), reach=nobody)
    twice = hosts.check(json.loads(json.dumps(once)), resolve=book(), reach=nobody)

    assert codes(twice) == ["T001", "H002"]
    assert twice["later"] == {"x": 1}


def test_the_document_is_one_by_its_schema():
    for doc in (hosts.check(workflow("gone", "a b", "localhost"), resolve=book(localhost="127.0.0.1")), run("::1")[0]):
        jsonschema.validate(doc, SCHEMA)


@CALM
@given(
    some.dictionaries(
        some.sampled_from(["tasks", "variables", "findings", "settings", "file", "kind"]),
        some.recursive(
            some.none() | some.booleans() | some.integers() | some.text(max_size=5),
            lambda inner: (
                some.lists(inner, max_size=3)
                | some.dictionaries(
                    some.sampled_from(["hostname", "exec", "at", "line", "task", "value", "A", "severity", "code"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
    )
)
def test_a_document_of_any_shape_gives_an_answer_or_a_problem(keys):
    def silent(names, watch=None):
        return {name: resolver.Resolution(problem="no such host") for name in names}

    try:
        doc = hosts.check({"tasker": 1, "kind": "workflow", **keys}, resolve=silent, reach=nobody)
    except Problem as problem:
        doc = problem.document()

    assert doc["ok"] in (True, False)
    assert doc["kind"] == "workflow" or doc["code"] in ("bad_document", "wrong_kind")


@CALM
@given(some.text(max_size=300))
def test_a_name_of_any_letters_gives_one_printable_finding_or_is_asked(name):
    def silent(names, watch=None):
        return {one: resolver.Resolution(problem="no such host") for one in names}

    doc = hosts.check(workflow(name, settings={"hosts_are_data": True}), resolve=silent, reach=nobody)

    assert len(doc["findings"]) == 1
    assert doc["findings"][0]["message"].isprintable()


# -- the program


def test_lines_are_answered_one_by_one_with_their_ids():
    asked = [workflow("localhost", id="a"), workflow("a b", id="b"), {"tasker": 1, "kind": "verdict", "id": "c"}]
    text = "".join(json.dumps(doc) + "\n" for doc in asked)

    ended = subprocess.run([*HOSTS, "--lines"], input=text, capture_output=True, text=True, timeout=30)

    about, *answers = map(json.loads, ended.stdout.splitlines())
    assert about["kind"] == "about"
    assert [(doc["id"], doc["kind"], doc["ok"]) for doc in answers] == [
        ("a", "workflow", True),
        ("b", "workflow", False),
        ("c", "error", False),
    ]
    assert ended.returncode == 0


@pytest.mark.parametrize("arguments", [["--nope"], ["--exec"], ["--exec="], ["web1", "--lines"], ["-c", "-x"]])
def test_wrong_options_are_status_2_and_usage(arguments):
    ended = subprocess.run([*HOSTS, *arguments], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "usage:" in ended.stderr


def test_help_shows_examples():
    ended = subprocess.run([*HOSTS, "--help"], capture_output=True, text=True, timeout=30)

    assert ended.returncode == 0
    assert ended.stdout.startswith("examples:")


def test_names_as_arguments_make_a_workflow():
    doc, status = run("--exec=local", "127.0.0.1", "::1")

    assert status == 0
    assert [(task["task"], task["hostname"], task["exec"]) for task in doc["tasks"]] == [
        (0, "127.0.0.1", "local"),
        (1, "::1", "local"),
    ]
    assert usage.uses_of_names(["a"])["tasks"] == [{"task": 0, "line": 1, "hostname": "a"}]


def at_terminal(*arguments, stdout):
    """What stderr shows when it is a terminal."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [*HOSTS, *arguments], stdout=stdout, stderr=theirs, stdin=subprocess.DEVNULL, timeout=30, check=False
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # how the end of a terminal looks
        pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_person_who_types_names_gets_a_line_each_and_stdout_stays_a_document(tmp_path):
    with open(tmp_path / "out", "w") as out:
        shown = at_terminal("127.0.0.2", "-c", "::1", "a..b\x1b2J", "--exec=local", stdout=out)

    fix = "write the name as DNS knows it, or the address"
    rules = "use letters, digits, '-' and '_', in parts of 1 to 63 between dots, with no '-' at their ends"
    assert shown.splitlines() == [
        "127.0.0.2: ok",
        "::1: ok",
        f"error: invalid host name 'a..b\\x1b2J': {rules} [H001]; {fix}",
        "2 of 3 hosts passed",
    ]
    assert json.loads((tmp_path / "out").read_text())["kind"] == "workflow"


def test_without_a_terminal_stderr_stays_empty():
    ended = subprocess.run([*HOSTS, "127.0.0.2", "a..b"], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (20, "")


@pytest.mark.parametrize("name", ["web1,web2", "web1 web2", "web1, web2", "web[1-3]", "web[1-3].example.org", "@web"])
def test_a_list_in_hostname_is_one_finding_that_says_hosts(name: str) -> None:
    (one,) = hosts.check(workflow(name), resolve=book())["findings"]

    assert (one["code"], one["message"]) == ("H001", f"'hostname' is one host, and '{name}' is a list")
    assert one["fix"] == f"write hosts={name}"


@pytest.mark.parametrize("name", ["web1;web2", "-a,b", "web 1 $x", "we[b", "a@@b"])
def test_what_is_no_list_either_is_not_called_one(name: str) -> None:
    (one,) = hosts.check(workflow(name), resolve=book())["findings"]

    assert (one["code"], one["fix"]) == ("H001", "write the name as DNS knows it, or the address")


def test_an_unknown_name_of_a_task_that_runs_here_is_a_warning():
    given = workflow("gone", "lost")
    given["tasks"][0]["exec"] = "local"
    given["tasks"][1]["exec"] = "openssh"

    doc = hosts.check(given, resolve=book())

    assert [(one["code"], one["severity"], one.get("exit")) for one in doc["findings"]] == [
        ("H012", "warning", None),
        ("H002", "error", 21),
    ]


def test_a_malformed_name_is_wrong_in_the_file_also_for_a_task_that_runs_here():
    given = workflow("a..b")
    given["tasks"][0]["exec"] = "local"

    assert exits(hosts.check(given, resolve=book())) == [20]
