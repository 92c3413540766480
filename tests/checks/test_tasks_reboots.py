"""reboot=true before the run: where it cannot be decided, and what decides besides it (docs/decisions/0047)."""

import pytest
from tasker.modules.expand import expand
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow

ABOUTS = {
    "local": {"host": "none", "argv": ["{words}"]},
    "ssh": {"host": "required"},
    "maybe": {"host": "optional"},
}


def found(text):
    """(code, message, fix, line:column) of the errors and warnings."""
    workflow = expand(parse_workflow(text.encode(), "t.txt"))
    workflow["settings"] = {"exec": "ssh", "available": [*ABOUTS], "runners": ABOUTS, "skip_hosts": True}
    made = tasks.answer(workflow)["findings"]
    made = [one for one in made if one["code"] != "T016"]  # about programs of this machine
    return [(one["code"], one["message"], one["fix"], (one["line"], one["column"])) for one in made]


@pytest.mark.parametrize(
    "text",
    [
        "task=0\nhostname=web1\ncommand=reboot\nreboot=true\n",
        "task=0\nhosts=web1,web2\ncommand=reboot\nreboot=true\ntimeout=30m\nretry_failed=true\n",
        "task=0\nexec=local\ncommand=reboot\nreboot=false\n",
        "task=0\nexec=maybe\nhostname=web1\ncommand=reboot\nreboot=true\n",
        "task=10\ntype=chain\nhosts=a,b\ntasks=11\n\ntask=11\nexec=maybe\ncommand=reboot\nreboot=true\n",
        "task=0\nhostname=web1\ncommand=reboot\nreboot=true\nidempotent=false\n",
    ],
)
def test_where_the_boot_id_can_decide(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("exec=local", "'reboot' needs a host, and exec=local runs the command on this machine"),
        ("exec=maybe", "'reboot' needs a host, and the task has none"),
    ],
)
def test_a_host_is_needed(fields, message):
    ((code, said, fix, place),) = found(f"task=0\n{fields}\ncommand=x\nreboot=true\n")

    assert (code, said, place) == ("T088", message, (4, 8))
    assert "hostname=" in fix


@pytest.mark.parametrize(
    "field", [*("success=exit_0", "failure=exit_1", "probe=test -e x", "idempotent=true"), "put=a\nto=b", "get=a\nto=b"]
)
def test_nothing_else_decides(field):
    made = found(f"task=0\nhostname=web1\ncommand=x\nreboot=true\n{field}\n")
    name = field.partition("=")[0]
    assert [one[:2] for one in made if one[0] == "T088"] == [
        ("T088", f"'{name}' and reboot=true cannot both be given: the boot id of the host decides")
    ]


def test_it_has_to_be_true_or_false_and_needs_a_command():
    assert [one[0] for one in found("task=0\nhostname=web1\ncommand=x\nreboot=yes\n")] == ["T009"]
    assert [one[0] for one in found("task=0\nreturn=0\nreboot=true\n")] == ["T003"]


def test_all_problems_are_there_at_once():
    made = found(
        "task=0\nexec=local\ncommand=x\nreboot=true\nsuccess=exit_3\nprobe=look\nprobe_first=true\nidempotent=true\n"
    )

    assert [one[0] for one in made] == ["T088"] * 5
