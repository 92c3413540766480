"""Files of other tools that are given as task files, and lines that are written as other tools have them."""

import pytest
from parsing import codes, read

from tasker.language.parse.other_files import other_kind

FILES = {
    "an Ansible playbook": [
        ("- hosts: web\n  tasks:\n    - name: x\n      command: uptime\n", [1, 1]),
        ("---\n- name: Deploy\n  hosts: web\n  tasks:\n    - shell: a=b uptime\n      when: x == 1\n", [3, 3]),
        ("#!/usr/bin/env ansible-playbook\n- hosts: web\n", [1, 1]),
        ("\ufeff- hosts: web\r\n  roles:\r\n    - web\r\n", [1, 1]),
    ],
    "YAML": [
        ("task:\n  - id: 0\n    command: uptime\n", [1, 1]),
        ("# ours\n---\nservices:\n  web:\n    image: x\n", [2, 1]),
    ],
    "JSON": [('{"tasks": [{"command": "x"}]}\n', [1, 1]), ('{\n  "a": 1\n}\n', [1, 1]), ("[\n]\n", [1, 1])],
    "a document of TASKER": [('{"tasker": 1, "kind": "workflow"}\n', [1, 1])],
    "a script for bash": [("#!/bin/bash\nNAME=x\necho $NAME\n", [1, 1]), ("#!/usr/bin/env bash\r\nls\r\n", [1, 1])],
    "a script for python3": [("#!/usr/bin/env python3\nimport os\nx = 1\n", [1, 1])],
    "a shell script": [("NAME=x\nset -e\nls /tmp\n", [2, 1]), ("if [ -f x ]; then\n  rm x\nfi\n", [1, 1])],
    "a Makefile": [("CC=gcc\nall: build\nbuild:\n\tgcc x.c\n", [3, 1]), (".PHONY: all\nX=1\n", [1, 1])],
    "a crontab": [
        ("# m h\nMAILTO=root\n0 5 * * * /usr/bin/backup a=b\n", [3, 1]),
        ("@daily /usr/bin/backup\n", [1, 1]),
    ],
    "an inventory": [
        ("[web]\nweb1 ansible_host=10.0.0.1\nweb2\n", [1, 1]),
        ("all:\n  hosts:\n    web1:\n", [1, 1]),
    ],
    "a configuration file": [("[defaults]\non_error = stop\n", [1, 1])],
    "a unit of systemd": [("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/x\n", [1, 1])],
    "a list of hosts": [("web1\nweb[2-4]\ndb1.example.com\n", [1, 1])],
    "a Dockerfile": [("FROM debian\nRUN ls\n", [1, 1])],
    "XML or HTML": [('<?xml version="1.0"?>\n<a/>\n', [1, 1])],
}


@pytest.mark.parametrize(("what", "text", "at"), [(what, *one) for what, known in FILES.items() for one in known])
def test_a_file_of_another_tool_is_one_finding_at_the_line_that_shows_it(what, text, at):
    found = read(text)["findings"]

    assert [(one["code"], one["line"], one["column"]) for one in found] == [("P033", *at)]
    assert found[0]["message"] == f"this is no task file: it looks like {what}"
    assert found[0]["fix"]
    assert read(text, given=[("--set", "X=1")])["findings"] == found


@pytest.mark.parametrize(
    "text",
    [
        "NAME=web1\n",
        "",
        "# nothing\n",
        "exec=local\ncommand=true\n",
        "Task 1\nexec=local\n",
        "---\nexec=local\ncommand=echo a: b\n",
        "web: x\nOTHER=1\nMORE=2\n",
        "web1\n",
        "hello world\n",
        "nonsense\nmore\n",
    ],
)
def test_a_file_that_may_be_meant_as_a_task_file_is_read_as_one(text):
    assert other_kind(text) is None


def test_a_task_file_may_begin_like_a_script():
    assert codes(read("#!/bin/bash\ntask=0\nexec=local\ncommand=true\n")) == []


@pytest.mark.parametrize("line", ["Task 0", "TASK 0", "Task: 0", "task 0", "task:0"])
def test_a_task_without_its_sign_is_written_in_small_letters(line):
    found = read(f"{line}\nexec=local\ncommand=true\n")["findings"]

    assert [(one["code"], one["line"], one["column"]) for one in found] == [("P010", 1, 1)]
    assert found[0]["fix"].startswith("write 'task=0'" if " " in line else "write key=value")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ARGS=a \\\n  b\ntask=0\nexec=local\ncommand=echo @ARGS@\n", (1, 8)),
        ("ARGS=a \\\n  -x=1\ntask=0\nexec=local\ncommand=echo @ARGS@\n", (1, 8)),
        ("task=0\nexec=local\ncondition=@X@=1 & \\\n  @Y@=2\ncommand=true\n", (3, 19)),
        ("task=0\ncommand=true\nhosts=web1, \\\n  web2, \\\n  web3\n", (3, 13)),
    ],
)
def test_any_line_that_is_continued_is_reported_once_where_it_ends(text, place):
    found = [one for one in read(text)["findings"] if one["code"] == "P023"]

    assert [(one["line"], one["column"]) for one in found] == [place]
    assert codes(read(text)) == [f"P023 {place[0]}:{place[1]}"]


@pytest.mark.parametrize(
    "text",
    [
        "A=C:\\\nB=2\ntask=0\nexec=local\ncommand=true\n",
        "A=C:\\\n\nb c=1\n",
        "A=C:\\\\\ntask=0\nexec=local\ncommand=true\n",
        "task=0\nexec=local\ncommand=true\nto=C:\\\nmode=644\n",
    ],
)
def test_a_backslash_before_another_line_is_text(text):
    assert "P023" not in {one["code"] for one in read(text)["findings"]}
