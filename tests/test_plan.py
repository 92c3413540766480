"""The plan: what would run, and where each task can go."""

import json
import os
import subprocess

import pytest
from driving import PROGRAM, ROOT, Place
from tasker.modules.expand import expand
from tasker.modules.parse import workflow
from tasker.modules.plan import plan


def planned(text, **settings):
    made = workflow(text.encode(), "t.txt")
    assert made["findings"] == []
    return plan({**made, "settings": {"exec": "local", **settings}})


def entry(text, number=0, **settings):
    return next(one for one in planned(text, **settings)["tasks"] if one["task"] == number)


def task(number, **fields):
    return "".join(f"{key}={value}\n" for key, value in {"task": number, "command": "echo", **fields}.items()) + "\n"


@pytest.mark.parametrize(
    ("fields", "ways"),
    [
        ({}, [("always", 1)]),
        ({"next": "always"}, [("always", 1)]),
        ({"next": "never"}, [("always", "0")]),
        ({"next": "never", "return": "4"}, [("always", "4")]),
        ({"return": "4"}, [("always", "4")]),
        ({"next": "exit_0"}, [("exit_0", 1), ("else", "10")]),
        ({"next": "exit_0", "on_failure": "9"}, [("exit_0", 1), ("else", 9)]),
        ({"next": "exit_0", "on_success": "9"}, [("exit_0", 9), ("else", "10")]),
        ({"on_success": "9"}, [("success", 9), ("else", "10")]),
        ({"on_failure": "9"}, [("success", 1), ("else", 9)]),
        ({"on_failure": "9", "return": "3"}, [("success", "3"), ("else", 9)]),
        ({"condition": "@X@=1"}, [("not @X@=1", 1), ("always", 1)]),
        ({"next": "loop", "loop": "2"}, [("always", 1)]),
    ],
)
def test_a_task_goes_where_its_fields_say(fields, ways):
    text = "X=1\n" + task(0, **fields) + task(1) + task(9)
    found = entry(text)["ways"]

    assert [(way["when"], way["exit"] if way["to"] == "end" else way["to"]) for way in found] == ways


def test_the_end_of_the_file_is_an_end():
    assert entry(task(0))["ways"] == [{"when": "always", "to": "end", "exit": "0"}]


def test_a_handler_is_passed_over():
    text = task(0, next="exit_0", on_failure="9") + task(9)

    assert entry(text)["ways"][0] == {"when": "exit_0", "to": "end", "exit": "0"}


@pytest.mark.parametrize(
    ("exec_type", "argv"),
    [
        ("pbrun", ["pbrun", "-n", "-h", "web1", "echo", "a b", "@5_stdout@"]),
        ("wwrs", ["wwrs_cli", "web1", "echo 'a b' @5_stdout@"]),
    ],
)
def test_the_argv_comes_from_the_template_of_the_runner(exec_type, argv):
    said = subprocess.run(
        [*PROGRAM, "runner", exec_type, "--about"],
        capture_output=True,
        check=True,
        env={**os.environ, "PATH": f"{ROOT}/tests/stubs:{os.environ['PATH']}"},
    )
    text = task(0, hostname="web1", arguments="'a b' @5_stdout@") + task(5)
    found = entry(text, exec=exec_type, runners={exec_type: json.loads(said.stdout)})

    assert (found["argv"], found["hostname"]) == (argv, "web1")


def test_blocks_show_what_they_run():
    text = "task=0\ntype=parallel\ntasks=1,2\n\n" + task(1) + task(2)
    found = planned(text)

    assert [one.get("block") for one in found["tasks"]] == [None, 0, 0]
    assert found["tasks"][0]["runs"] == [1, 2]
    assert "at once: 1, 2" in found["text"]


def test_the_text_is_for_people():
    text = "# Say hello\n" + task(0, arguments="'a b'", next="exit_0") + task(1, next="never")

    assert planned(text)["text"].splitlines() == [
        "   0  Say hello",
        "      local: echo 'a b'",
        "      exit_0 -> task 1",
        "      else -> ends with exit code 10",
        "   1  echo",
        "      local: echo",
        "      always -> ends with exit code 0",
        "2 tasks, 0 hosts",
    ]


def test_nothing_in_the_text_moves_the_cursor():
    found = planned("# a\x1b[31m\u2028\ntask=0\ncommand=echo\narguments='\x1b\u202e'\n")

    assert found["text"].isprintable() is False  # it has lines
    assert all(line.isprintable() for line in found["text"].splitlines())


def test_no_workflow_is_an_error(tmp_path):
    done = Place(tmp_path).run("plan", stdin=subprocess.DEVNULL)

    assert (done.returncode, json.loads(done.stdout)["code"]) == (100, "bad_document")


def test_a_command_on_many_hosts_says_on_which_and_how_many():
    text = "task=0\nhosts=web1,web2,db1\ncommand=uptime\nexec=pbrun\n"
    runners = {"pbrun": {"argv": ["pbrun", "-n", "-h", "{hostname}", "{words}"]}}
    made = expand(workflow(text.encode(), "t.txt"))

    found = plan({**made, "settings": {"runners": runners}})

    assert found["hosts"] == 3
    assert "pbrun on db1,web[1-2] (3 hosts): pbrun -n -h HOST uptime" in found["text"]
