"""Hosts that may be down (`may_be_down`): a warning before the run, and named for flow."""

import pytest
from hosting import book, workflow
from tasker.validators import hosts

from tasker.hosts import reachability

NOWHERE = ("", "no answer to ICMP echo in 3 s")


def checked(given, **answers):
    """Of hosts of which these do not answer."""

    def answer(places, watch=None):
        return reachability.Reached({name: answers.get(name, ("127.9.0.1", "")) for name in places}, "icmp")

    return hosts.check(given, resolve=book(web1="127.9.0.1", web2="127.9.0.2"), reach=answer)


def findings(doc):
    return [(one["code"], one["severity"]) for one in doc["findings"]]


def may(given, *numbers, value="true"):
    for number in numbers:
        given["tasks"][number]["may_be_down"] = value
    return given


def test_a_host_that_does_not_answer_is_a_warning_with_a_way_out():
    doc = checked(may(workflow("web1", "web2"), 0, 1), web2=NOWHERE)
    (one,) = doc["findings"]

    assert (one["code"], one["severity"], one["task"]) == ("H011", "warning", 1)
    assert "cannot reach 'web2' (127.9.0.2), which may be down: no answer to ICMP echo in 3 s" in one["message"]
    assert "when it is its turn" in one["fix"]
    assert doc["ok"] is True
    assert [task.get("down") for task in doc["tasks"]] == [None, ["web2"]]


def test_another_task_on_the_same_host_needs_it_all_the_same():
    doc = checked(may(workflow("web2", "web2"), 0), web2=NOWHERE)

    assert sorted(findings(doc)) == [("H004", "error"), ("H011", "warning")]
    assert doc["ok"] is False


def test_a_name_that_cannot_be_resolved_stays_an_error():
    assert findings(checked(may(workflow("gone"), 0))) == [("H002", "error")]


def test_of_many_hosts_those_that_are_down_are_named_as_they_are_written():
    given = workflow("x")
    given["tasks"] = [{"task": 4, "line": 2, "exec": "ssh", "hosts": "Web1,web2", "targets": ["Web1", "web2"]}]
    doc = checked(may(given, 0), web1=NOWHERE)

    assert doc["tasks"][0]["down"] == ["Web1"]
    assert doc["ok"] is True


@pytest.mark.parametrize(("value", "severity"), [("@DOWN@", "warning"), ("@UP@", "error"), ("false", "error")])
def test_a_global_variable_may_say_it(value, severity):
    given = may(workflow("web2"), 0, value=value)
    given["variables"] = {"DOWN": {"value": "true"}, "UP": {"value": "false"}}

    assert [one for _, one in findings(checked(given, web2=NOWHERE))] == [severity]
