"""`@host@` and `@host.NAME@` at run time: the host of the attempt, and its variables (docs/language.md §4)."""

import pytest
from flow_driver import document, play, tasks
from test_flow_fanout import Fan

VARIABLES = {"web1": {"rack": "r1", "port": "80"}, "web2": {"rack": "r 2; $(id)"}}


def words(run):
    return [request["words"] for request in run.requests]


def with_variables(text, **settings):
    return {**document(text, **settings), "host_variables": VARIABLES}


def fan(text):
    return Fan(with_variables(text)).go()


def reasons(run):
    return [step["because"] for step in run.steps if step.get("what") == "end" and step.get("outcome") == "not_started"]


def test_each_host_of_a_fan_out_has_itself():
    run = Fan(tasks("0 hosts=web1,root@web2:22 command=drain arguments=@host@,--on=@host@")).go()

    assert words(run) == [["drain", "web1,--on=web1"], ["drain", "root@web2:22,--on=root@web2:22"]]


def test_a_plain_task_has_its_hostname():
    run = play("H=web7\ntask=0\nhostname=@H@\ncommand=drain\narguments=@host@ @host:name@ a@host@b\n")

    assert words(run) == [["drain", "web7", "web7", "aweb7b"]]


def test_a_host_name_from_an_output_is_the_host():
    run = play(
        "task=0\nexec=local\ncommand=pick\n\n"
        "task=1\nhostname=@0_stdout@\ncondition=@host@=web9\ncommand=drain @host@\n",
        {0: "web9"},
    )

    assert words(run)[1:] == [["drain", "web9"]]


def test_a_global_may_hold_it():
    assert words(Fan("T=/srv/@host@\ntask=0\nhosts=web1,web2\ncommand=ls @T@\n").go()) == [
        ["ls", "/srv/web1"],
        ["ls", "/srv/web2"],
    ]


def test_a_global_named_host_keeps_its_meaning():
    assert words(play("host=old\ntask=0\nhostname=web1\ncommand=ls @host@\n")) == [["ls", "old"]]


def test_a_variable_is_one_word_whatever_it_holds():
    run = fan("task=0\nhosts=web1,web2\ncommand=label @host.rack@ --rack=@host.rack@\n")

    assert words(run) == [["label", "r1", "--rack=r1"], ["label", "r 2; $(id)", "--rack=r 2; $(id)"]]


def test_in_a_script_it_is_in_the_environment():
    run = fan('task=0\nhosts=web1,web2\nexec=shell\ncommand=echo @host@ "@host.rack@"\n')

    assert run.requests[1]["script"] == 'echo "${TASKER_HOSTNAME}" "${TASKER_HOSTVAR_rack}"'
    assert run.requests[1]["environment"] == {"TASKER_HOSTNAME": "web2", "TASKER_HOSTVAR_rack": "r 2; $(id)"}


@pytest.mark.parametrize("name", ["root@WEB1:22", "web1", "Web1"])
def test_user_port_and_case_do_not_count(name):
    run = play(with_variables(f"task=0\nhostname={name}\ncommand=label @host.rack@\n"))

    assert words(run) == [["label", "r1"]]


def test_a_host_without_it_is_not_started():
    run = fan("task=0\nhosts=web1,web2,web3\ncommand=connect @host.port:int@\n")

    assert words(run) == [["connect", "80"]]
    assert reasons(run) == [
        f"@host.port@ has no value: host {host} has no variable 'port'" for host in ("web2", "web3")
    ]


def test_a_value_that_is_not_of_its_type_is_not_started():
    run = fan("task=0\nhosts=web2\ncommand=label @host.rack:name@\n")

    assert words(run) == []
    assert reasons(run)[0].startswith("@host.rack@ is 'r 2; $(id)', ")


def test_success_is_judged_for_each_host():
    run = Fan(
        tasks("0 hosts=web1,web2 command=hostname success=stdout=@host@", "1 command=x arguments=@0_failed_hosts@")
    )
    for host in ("web1", "web2"):
        [identity] = [key for key, request in run.running.items() if request["host"] == host]
        del run.running[identity]
        run.event(
            "result", id=identity, result={"tasker": 1, "kind": "result", "ok": True, "exit_code": 0, "stdout": "web1"}
        )

    ends = [step for step in run.steps if step.get("what") == "end" and "host" in step]
    assert [(step["host"], step["success"]) for step in ends] == [("web1", True), ("web2", False)]


def test_a_retry_has_it_too():
    run = Fan(tasks("0 hosts=web1,web2 command=drain arguments=@host@ retry_failed=true retry_count=1")).go(
        {"web1": [1, 0]}
    )

    assert sorted(words(run)) == [["drain", "web1"], ["drain", "web1"], ["drain", "web2"]]


def test_the_condition_of_a_fan_out_cannot_be_decided_by_it():
    run = Fan("task=0\nhosts=web1,web2\ncondition=@host@=web1\ncommand=x\n").go()

    assert run.requests == []
    assert "the task has many hosts" in run.exit["reason"]


def test_without_a_host_the_task_is_not_started():
    run = play("task=0\nexec=local\ncommand=drain @host@\n")

    assert run.requests == [] and "task 0 has no host" in run.exit["reason"]


def test_a_dry_run_shows_what_it_knows():
    run = Fan(with_variables("task=0\nhosts=web1\ncommand=ls @host@ @host.rack@\n", dry_run=True)).go()
    from_output = Fan(
        "task=0\nexec=local\ncommand=pick\n\ntask=1\nhostname=@0_stdout@\ncommand=ls @host@\n", dry_run=True
    ).go()

    assert words(run) == [["ls", "web1", "r1"]]
    assert words(from_output)[1] == ["ls", "@host@"]


def test_by_the_first_rules_it_was_a_global_and_a_text():
    run = play({**document("host=old\ntask=0\nhostname=web1\ncommand=ls @host@ @host.rack@\n"), "rules": 1})

    assert words(run) == [["ls", "old", "@host.rack@"]]
