"""Programs of this machine that are not there (T016), and mistakes that are told once, where they were made."""

import os

import pytest
from task_file_builders import checked, codes, only, task
from tasker.modules import expand
from tasker.validators import tasks

from tasker.language.parse import taskfile


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Commands run where tasker was started, so that is where `./NAME` is looked for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build.sh").write_text("#!/bin/sh\n")
    (tmp_path / "data").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "build.sh").chmod(0o755)


@pytest.mark.parametrize("command", ["true", "/bin/sh -c x", "./build.sh now", "'./build.sh'", "@P@", '"tr"ue'])
def test_a_program_that_is_there_is_no_finding(command):
    assert "T016" not in codes("P=./build.sh x\n" + task(0, "arguments=@P@", command=command))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no_such_program", "cannot find 'no_such_program' on PATH"),
        ("'no such' x", "cannot find 'no such' on PATH"),
        ("@P@", "cannot find './gone.sh'"),
        ("./data", "'./data' exists, but cannot be executed"),
        ("./folder", "'./folder' exists, but cannot be executed"),
        ("folder", "cannot find 'folder' on PATH"),
    ],
)
def test_a_program_that_is_not_there_is_a_warning_at_the_command(command, message):
    found = only("T016", "P=./gone.sh x\n" + task(0, "arguments=@P@", command=command))

    assert (found["severity"], found["message"], found["line"], found["column"]) == ("warning", message, 3, 9)


def test_a_program_is_named_once_and_only_where_it_is_started_from_here():
    text = task(0, command="gone") + task(1, command="gone") + "task=2\nhostname=h\ncommand=other\n"

    assert codes(text) == ["T016"]
    assert codes(text, runners={"local": {"argv": ["ssh", "{words}"]}}) == []
    assert len(codes(text, runners={"pbrun": {"argv": ["{words}"]}, "local": {"argv": ["{words}"]}})) == 2


def test_a_program_that_comes_from_an_output_is_not_looked_for():
    assert codes(task(0) + task(1, command="@0_stdout@")) == []


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "\udcff", "é"])
def test_a_name_that_no_file_can_have_leads_nowhere(name, monkeypatch):
    doc = {"tasker": 1, "kind": "workflow", "ok": True, "tasks": [{"task": 0, "command": name, "exec": "local"}]}

    made = tasks.answer({**doc, "settings": {"available": ["local"]}})

    assert [one["code"] for one in made["findings"]] == ["T016"]


def test_path_may_be_empty_or_name_folders_that_are_not_there(monkeypatch):
    monkeypatch.setenv("PATH", f"/no/such/folder::{os.defpath}")

    assert codes(task(0, command="build.sh")) == []  # the empty entry is the current folder, as for execvp


# -- once


@pytest.mark.parametrize(
    "text",
    [
        "task=0\nexec=local\ncomand=date\n",
        "task=0\nexec=local\ncomand=date\narguments=x\nsuccess=exit_0\nreturn=3\n",
        "task=0\ncommand=date\nhostnam=web1\n",
        "task=0\ncommand=date\nexce=local\n",
        "task=0\ntyp=parallel\ntasks=1\n\n" + task(1),
        "task=0\ntype=parallel\ntaks=1\n\n" + task(1),
        "task=0\ntype=conditional\nconditon=true\nif_true_task=1\n\n" + task(1),
        task(0, "next=loop", "lop=3"),
        task(0, "next=exit_0", "on_failur=9") + task(9),
    ],
)
def test_a_misspelt_field_is_told_once_and_not_missed_again(text):
    assert set(codes(text)) == {"P014"}


def test_a_field_without_its_sign_is_shown_as_it_should_be():
    found = only("P010", "task=0\nexec=local\ncommand  echo hi\n")

    assert found["fix"].startswith("write 'command=echo hi'")
    assert codes("task=0\nexec=local\ncommand  echo hi\n") == ["P010"]


@pytest.mark.parametrize(("hosts", "code"), [("web1,@0_stdout@", "N001"), ("@WEB@", "T030")])
def test_hosts_that_cannot_be_known_are_told_once(hosts, code):
    text = task(0) + f"task=1\ncommand=x\nhosts={hosts}\n"
    workflow = expand.expand(taskfile.parse_workflow(text.encode(), "t.txt"))

    assert [one["code"] for one in tasks.answer(workflow)["findings"]] == [code]
    assert not checked(text)["ok"]
