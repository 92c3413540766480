"""`@host@` and `@host.NAME@` before the run: where they may stand, and which hosts lack a variable."""

import pytest
from tasker.modules.expand import expand
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow

CODES = ("T013", "T030", "T038", "T039", "T080", "T081", "T082", "T083")


def found(text, variables=None):
    """(code, message, line:column) of the findings that this page is about."""
    workflow = expand(parse_workflow(text.encode(), "t.txt"))
    workflow["settings"] = {"exec": "local", "available": ["local", "shell"], "skip_hosts": True}
    if variables:
        workflow["host_variables"] = variables
    made = tasks.answer(workflow)["findings"]
    return [(one["code"], one["message"], (one["line"], one["column"])) for one in made if one["code"] in CODES]


@pytest.mark.parametrize(
    "task",
    [
        "hosts=a,b\ncommand=x @host@\narguments=@host@\ntimeout=@host.t:int@\nsuccess=stdout=@host@",
        "hosts=a,b\ncommand=x\nprobe=look @host@\nprobe_success=stdout=@host@",
        "hostname=a\ncommand=x @host@\ncondition=@host@=a\nnext=stdout~@host@\nsleep=@host.t:int@",
        "hostname=@T@\ncommand=x @host@",
        'hostname=a\nexec=shell\ncommand=echo @host@ "@host.t@"',
    ],
)
def test_where_a_task_has_one_host(task):
    assert found(f"T=a\ntask=0\n{task}\n", {"a": {"t": "5"}, "b": {"t": "6"}}) == []


@pytest.mark.parametrize(
    ("task", "field", "why"),
    [
        ("hosts=a\ncondition=@host@=a\ncommand=x", "condition", "it is read once, for all hosts"),
        ("hosts=a\ncommand=x\nnext=@host@=a", "next", "it is read once, for all hosts"),
        ("hosts=a\ncommand=x\nsleep=@host:int@", "sleep", "it is read once, for all hosts"),
        ("hosts=a\ncommand=x\nnext=never\nreturn=@host:int@", "return", "it is read once, for all hosts"),
        ("hosts=a\ncommand=x\nexec=@host@", "exec", "the value must be known before the run"),
        ("hostname=a\ncommand=x\nexec=@host@", "exec", "the value must be known before the run"),
        ("hostname=x@host@\ncommand=x", "hostname", "it would be its own value"),
        ("command=x @host@", "command", "the task has no host"),
        ("type=parallel\ntasks=1\ncondition=@host@=a", "condition", "a block has no host"),
    ],
)
def test_where_it_has_none(task, field, why):
    made = found(f"task=0\n{task}\n\ntask=1\ncommand=true\n")

    assert [(code, message) for code, message, _ in made] == [
        ("T080", f"@host@ has no value in '{field}' of task 0: {why}")
    ]


def test_hosts_cannot_be_read_from_it():
    workflow = expand(parse_workflow(b"task=0\nhosts=@host@\ncommand=x\n", "t.txt"))

    assert "cannot be known before the run" in workflow["findings"][0]["message"]


def test_a_global_that_holds_it_counts_as_it():
    [(code, message, place)] = found("T=/srv/@host@\ntask=0\ncommand=ls @T@\n")

    assert (code, place) == ("T080", (3, 12))
    assert "@host@ (through @T@) has no value" in message


def test_a_variable_of_a_host_in_an_unsafe_place_of_a_script_is_refused():
    [(code, message, _)] = found("task=0\nhosts=a\nexec=shell\ncommand=eval @host.t@\n", {"a": {"t": "1"}})

    assert code == "T013" and "@host.t@" in message


def test_hosts_that_lack_a_variable_are_listed():
    text = "task=0\nhosts=web[1-4]\ncommand=x @host.rack@\narguments=@host.rack@\n"

    assert found(text, {"web1": {"rack": "1"}, "web3": {"port": "2"}}) == [
        ("T082", "@host.rack@ has no value on web[2-4]: the task is not started there", (3, 11))
    ]


def test_a_variable_that_no_host_has_is_an_error():
    assert found("task=0\nhosts=a,b\ncommand=x @host.rak@\n", {"a": {"rack": "1"}}) == [
        ("T081", "no host has a variable 'rak'", (3, 11))
    ]


def test_user_and_port_do_not_count():
    assert found("task=0\nhosts=root@A:22\ncommand=x @host.rack@\n", {"a": {"rack": "1"}}) == []


def test_a_global_named_host_is_warned_of():
    assert [code for code, _, _ in found("host=a\ntask=0\ncommand=x @host@\n")] == ["T083"]


def test_an_unknown_type():
    assert [code for code, _, _ in found("task=0\nhostname=a\ncommand=x @host:nam@\n")] == ["T039"]
