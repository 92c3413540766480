"""What an inventory says about the way to a host counts in validation and for the runners that log in."""

from tasker.validators import hosts

from tasker.execution.openssh.request import destination_of
from tasker.execution.ssh import target
from tasker.hosts.reachability import Reached
from tasker.hosts.resolver import Resolution
from tasker.language.runner_options import options_for

CONNECTIONS = {
    "web1": {"options": {"address": "10.0.0.1", "port": 2222, "user": "deploy"}},
    "web2": {"address": "web2.example.com", "port": 2200},
    "web3": {"address": "10.9.9.9", "proxy": True},
}


def checked(name, exec_type="openssh"):
    asked, tried = [], {}

    def resolve(names, watch=None):
        asked.extend(names)
        return {one: Resolution(((2, ("192.0.2.1", 0)),), one, seconds=0.1) for one in names}

    def reach(places, watch=None):
        tried.update({one: found[0][1][1] for one, found in places.items()})
        return Reached(dict.fromkeys(places, ("192.0.2.1", "")), "icmp", "")

    task = {"task": 1, "line": 1, "hostname": name, "exec": exec_type, "command": "x"}
    workflow = {"tasker": 1, "kind": "workflow", "ok": True, "variables": {}, "tasks": [task], "findings": []}
    workflow |= {"host_connections": CONNECTIONS, "settings": {"exec": "openssh"}}
    made = hosts.check(workflow, resolve=resolve, reach=reach)
    return asked, tried, [one["code"] for one in made["findings"]]


def test_validation_looks_at_the_address_and_its_port():
    assert checked("web1") == (["10.0.0.1"], {"10.0.0.1": 2222}, [])
    assert checked("root@WEB1:99") == (["10.0.0.1"], {"10.0.0.1": 99}, [])
    assert checked("web2") == (["web2.example.com"], {"web2.example.com": 2200}, [])
    assert checked("web9") == (["web9"], {"web9": 22}, [])


def test_a_host_behind_another_one_is_neither_resolved_nor_pinged():
    assert checked("web3") == ([], {}, [])


def test_options_come_from_runner_then_inventory_then_host_rules():
    rules = [
        {"runner": "openssh", "options": {"user": "r", "agent": False, "port": 1}},
        {"match": ["web*"], "options": {"port": 9}},
    ]

    made = options_for(rules, "openssh", "web1", CONNECTIONS)
    assert made == {"user": "deploy", "agent": False, "port": 9, "address": "10.0.0.1"}
    assert options_for([], "pbrun", "web1", CONNECTIONS) == {}
    assert options_for([], "ssh", "other", CONNECTIONS) == {}


def test_the_runners_connect_to_the_address():
    options = {"address": "10.0.0.1", "config": "none", "user": "u"}

    host, arguments = destination_of({"hostname": "web1", "options": options})
    assert host == "10.0.0.1" and "web1" not in arguments
    found = target.resolve("web1", options)
    assert (found.host, found.name) == ("10.0.0.1", "web1")


def test_an_address_that_is_an_option_of_ssh_is_refused_by_both():
    from tasker.execution.openssh import ssh_options

    for address in ("-oProxyCommand=id", "a b", "root@web1", ""):
        assert ssh_options.option_problems({"address": address})
        assert target.option_problem({"address": address})
