"""What validation knows of parameters: scripts, conditions, lists of hosts (docs/language.md §4)."""

import pytest
from tasker.modules.expand import expand
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow


def checked(text, *values):
    """The findings about a text with these values, hosts expanded."""
    workflow = parse_workflow(
        text.encode(), "t.txt", given=[("--set", value) for value in values], environment={b"PROGRAM": b"ls"}
    )
    workflow = expand(workflow)
    workflow["settings"] = {"exec": "local", "available": ["local", "shell"], "skip_hosts": True}
    return tasks.answer(workflow)["findings"]


def script(text, declared="V=1\nchoices=V:1,2\n"):
    return f"{declared}task=0\nexec=shell\ncommand={text}\n"


HOSTILE = ["@V@ --version", "eval @V@", "sh -c @V@", "echo $((@V@ + 1))", "awk @V@", "PATH=@V@ ls", "[ a @V@ b ]"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("values", [(), ("V=2",)])
@pytest.mark.parametrize("declared", ["V=1\nchoices=V:1,2\n", "required=V\n", "V=1\nsplit=V\n", "V=env:PROGRAM\n"])
def test_a_script_is_judged_as_if_every_parameter_came_from_outside(text, values, declared):
    found = [one["code"] for one in checked(script(text, declared), *values)]

    assert "T013" in found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_plain_global_is_author_text_until_it_is_given(text):
    file = script(text, "V=1\n")

    assert "T013" not in [one["code"] for one in checked(file)]
    assert "T013" in [one["code"] for one in checked(file, "V=1")]


@pytest.mark.parametrize(
    "text", ["ls @V@", 'echo "it is @V@"', "grep -- @V@ /etc/hosts", "X=@V@; export X", "echo $((@V:int@ + 1))"]
)
@pytest.mark.parametrize("values", [(), ("V=2",)])
def test_everyday_scripts_are_accepted(text, values):
    assert [one for one in checked(script(text), *values) if one["severity"] == "error"] == []


def test_the_message_names_the_typed_way_out():
    (one,) = [one for one in checked(script("echo $((@V@ + 1))")) if one["code"] == "T013"]

    assert "@V:int@ if it is a number" in one["fix"]


def test_a_value_of_another_type_is_an_error_before_the_run():
    text = "required=V\ntask=0\nexec=local\ncommand=echo @V:int@\n"

    assert [one["code"] for one in checked(text, "V=12")] == []
    (one,) = checked(text, "V=12a")
    assert (one["code"], one["exit"]) == ("T027", 20)


@pytest.mark.parametrize("declared", ["V=TRUE\nchoices=V:TRUE,x\n", "required=V\n"])
def test_a_condition_that_a_parameter_decides_gets_nothing(declared):
    text = f"{declared}task=0\nexec=local\ncommand=true\ncondition=@V@&@V@>5&@V@=true\n"

    assert checked(text, *(["V=TRUE"] if "required" in declared else [])) == []


def test_a_value_of_a_field_is_checked():
    assert [one["code"] for one in checked("T=5\ntask=0\nexec=local\ncommand=true\ntimeout=@T@\n", "T=never")] == [
        "T006"
    ]


def test_a_missing_value_is_the_only_finding():
    text = "required=T,H,V\ntask=0\nhosts=@H@\nexec=local\ncommand=true @V@\ntimeout=@T@\n"

    assert {one["code"] for one in checked(text)} == {"P026"}


@pytest.mark.parametrize(
    ("value", "targets"),
    [("web[1-2],db1", ["web1", "web2", "db1"]), ("web1 web2\nweb3", ["web1", "web2", "web3"])],
)
def test_hosts_from_outside_are_a_list(value, targets):
    text = "H=web9\ntask=0\nhosts=@H@\ncommand=true\n"
    workflow = parse_workflow(text.encode(), "t.txt", given=[("--set", f"H={value}")], environment={})

    assert expand(workflow)["tasks"][0]["targets"] == targets


@pytest.mark.parametrize("value", ["file:/etc/hosts", "web1,!file:x", "run:/bin/ls", "root@web1"])
def test_hosts_from_outside_name_no_file_and_no_user(value):
    (one,) = checked("H=web9\ntask=0\nhosts=@H@\nexec=local\ncommand=true\n", f"H={value}")

    assert one["code"] == "N002"
    assert "a value from outside lists names, ranges and groups" in one["message"]


def test_a_secret_from_outside_is_still_a_secret():
    text = "secret=S\nS=env:A\ntask=0\nexec=local\ncommand=echo @S@\n"

    assert [one["code"] for one in checked(text, "S=env:B")] == ["T071"]
    assert [one["code"] for one in checked("required=S\nsecret=S\ntask=0\nexec=local\ncommand=echo @S@\n")] == [
        "P026",
        "T071",
    ]


def test_an_unused_one_of_several_required_is_reported():
    text = "required=V,W\ntask=0\nexec=local\ncommand=true @V@\n"

    assert [one["code"] for one in checked(text, "V=1", "W=2")] == ["T033"]


@pytest.mark.parametrize("text", ["echo $((@0_stdout:int@ + 1))", "echo $((1 + @0_stdout:int@))"])
def test_an_output_in_a_short_script_without_quotes_is_read(text):
    found = checked(f"task=0\nexec=local\ncommand=true\n\ntask=1\nexec=shell\ncommand={text}\n")

    assert [one for one in found if one["severity"] == "error"] == []
