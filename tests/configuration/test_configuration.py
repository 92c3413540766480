"""Configuration files through the whole program: which are read, what wins, which runner serves, what is refused."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib

import pytest
from hosting import book, workflow
from jsonschema import Draft202012Validator
from tasker.validators import hosts
from whole_program import HELLO, ROOT, Place, eventually, finished, lives

from tasker.configuration import schema
from tasker.configuration.limits import FORMS
from tasker.hosts import reachability
from tasker.protocol.discovery import own_runner
from tasker.protocol.document import Problem
from tasker.system.trust import distrust_reason

SCHEMA = json.loads((ROOT / "library/tasker/configuration/schema.json").read_text())
TASK = "task=0\nhostname=localhost\ncommand=echo\narguments=hi\n"
PBRUN = TASK + "exec=pbrun\n"
SHOWS = """#!/bin/sh
# a runner that says which options it got; STRICT is the end of its about
say='{"tasker":1,"kind":"about","ok":true,"accepts":"request","returns":"result","protocols":[1],"parallel":false'"${STRICT-}"'}'
echo "$say"
[ "$1" = --about ] && exit
while read -r line; do
  printf '%s' "$line" | jq -c '{tasker: 1, kind: "result", ok: true, id, exit_code: 0, argv: [.options | tojson]}'
done
"""


LIAR = '{"options": ["user"]}'


class Site(Place):
    """A place whose configuration files can be written."""

    def environment(self, **extra):
        stubs = f"{ROOT}/tests/data/stubs:{ROOT}/examples/stubs:{os.environ['PATH']}"
        return super().environment(**{"PATH": stubs, **extra})

    def toml(self, text, path="tasker.toml"):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def shows(self, path="shows"):
        file = self.toml(SHOWS, path)
        file.chmod(0o755)
        return file

    def shown(self, *arguments, **env):
        """What --show-config says: {setting: (value, where from)}, with paths from our folder on."""
        done = self.run("--show-config", "--output=json", *arguments, env=env)
        assert done.stderr == ""
        said = json.loads(done.stdout.replace(f"{self.folder}/", ""))
        return {name: (one["value"], one["from"]) for name, one in said["settings"].items()}

    def given(self, text, *arguments, **env):
        """The options that the runner was given in a dry run of this task file."""
        done = self.run("-l", self.base, "--skip-host-validation", *arguments, self.file(text), env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line.rpartition(": '")[2][:-1]) for line in done.stdout.splitlines() if ": '{" in line]


@pytest.fixture
def place(tmp_path):
    made = Site(tmp_path)
    yield made
    made.verify()


# -- which files, and what wins


def test_a_later_file_overrides_an_earlier_one_key_by_key(place):
    place.toml("[defaults]\nexec='p7s'\ntimeout=11\nproject='A'\nlog_level='WARN'\n", "system.toml")
    place.toml("[defaults]\ntimeout=12\nproject='B'\nlog_level='WARN'\n", "home/.config/tasker/tasker.toml")
    place.toml("\n[defaults]\nproject='C'\nlog_level='WARN'\n")
    extra = place.toml("[defaults]\nlog_level='DEBUG'\n", "extra.toml")

    shown = place.shown("--config", extra, place.file(), TASKER_SYSTEM_CONFIG=str(place.folder / "system.toml"))

    assert shown["exec"] == ("p7s", "system.toml:2")
    assert shown["timeout"] == (12, "home/.config/tasker/tasker.toml:2")
    assert shown["project"] == ("C", "tasker.toml:3")
    assert shown["log_level"] == ("DEBUG", "extra.toml:2")
    assert shown["output"] == ("json", "--output")
    assert shown["connection_test"] == (False, "default")


def test_the_user_s_file_is_where_the_standard_says(place):
    place.toml("[defaults]\ntimeout=12\n", "home/.config/tasker/tasker.toml")
    place.toml("[defaults]\ntimeout=13\n", "xdg/tasker/tasker.toml")

    assert place.shown()["timeout"][0] == 12
    assert place.shown(XDG_CONFIG_HOME=str(place.folder / "xdg"))["timeout"][0] == 13
    assert place.shown(XDG_CONFIG_HOME="xdg")["timeout"][0] == 12  # relative: to be ignored


def test_the_project_s_file_is_beside_the_task_file_not_where_i_am(place):
    place.toml("[defaults]\ntimeout=12\n")
    place.toml("[defaults]\ntimeout=13\n", "sub/tasker.toml")

    assert place.shown()["timeout"][0] == 12
    assert place.shown(place.file())["timeout"][0] == 12
    assert place.shown("sub/t.txt")["timeout"][0] == 13


def test_an_option_wins_over_a_variable_and_that_over_the_configuration(place):
    place.toml("[defaults]\ntimeout=12\nexec='p7s'\nlog_dir='mine'\n[env.x.defaults]\ntimeout=13\n")
    variables = {"TASK_EXECUTOR_TIMEOUT": "14", "TASK_EXECUTOR_TYPE": "local"}

    assert place.shown()["log_dir"] == ("mine", "tasker.toml:4")
    assert place.shown("--env=x")["timeout"] == (13, "tasker.toml:6")
    assert place.shown("--env=x", **variables)["timeout"] == (14, "TASK_EXECUTOR_TIMEOUT")
    assert place.shown("--env=x", "-o", "15", **variables)["timeout"] == (15, "-o")
    assert place.shown(**variables)["exec"] == ("local", "TASK_EXECUTOR_TYPE")


def test_what_the_configuration_says_holds_for_a_run(place):
    place.toml("[defaults]\ntimeout=12\nexec='local'\nlog_dir='mine'\nproject='P'\nlog_level='DEBUG'\n")

    done = place.run("-r", place.file("task=0\ncommand=echo\narguments=hi\n"))

    assert done.returncode == 0
    (journal,) = (place.folder / "mine").glob("runs/*/journal.jsonl")
    intents = [one["doc"] for one in map(json.loads, journal.read_text().splitlines()) if one["what"] == "intent"]
    assert [(one["exec"], one["request"]["timeout"]) for one in intents] == [("local", 12)]
    assert (place.folder / "mine/logs/project_P_summary.log").exists()
    assert "[DEBUG] Configuration: " in done.stdout


def test_the_field_of_a_task_is_the_strongest(place):
    place.toml("[defaults]\nexec='p7s'\n")

    done = place.run("-l", place.base, place.file(PBRUN))

    assert "Task 0 on localhost: pbrun -n -h localhost echo hi" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "env"),
    [
        ((), {}, "c"),
        ((), {"TASKER_ENV": "b"}, "b"),
        (("--env", "a"), {"TASKER_ENV": "b"}, "a"),
        ((), {"TASKER_ENV": ""}, "c"),
    ],
)
def test_the_environment_is_named_by_an_option_a_variable_or_a_default(place, arguments, variables, env):
    place.toml("[defaults]\nenv='c'\n" + "".join(f"[env.{n}.defaults]\nproject='{n}'\n" for n in "abc"))

    assert place.shown(*arguments, **variables)["project"][0] == env


def test_the_default_environment_is_that_of_the_strongest_file(place):
    both = "".join(f"[env.{n}.defaults]\nproject='{n}'\n" for n in "ab")
    place.toml("[defaults]\nenv='a'\n" + both, "home/.config/tasker/tasker.toml")
    place.toml("[defaults]\nenv='b'\n")

    assert place.shown()["project"] == ("b", "home/.config/tasker/tasker.toml:6")


def test_an_environment_is_stronger_than_what_stands_outside_of_it_in_any_file(place):
    place.toml("[env.x.defaults]\ntimeout=12\n", "home/.config/tasker/tasker.toml")
    place.toml("[defaults]\ntimeout=13\n[env.x.defaults]\nproject='P'\n")

    shown = place.shown("--env", "x")

    assert (shown["timeout"][0], shown["project"][0]) == (12, "P")


# -- runners


def test_another_runner_serves_an_exec_type_which_keeps_its_name(place):
    place.toml("[env.x.runners]\npbrun='local'\n")

    dry = place.run("--env", "x", "-l", place.base, place.file(PBRUN))
    done = place.really(PBRUN, "--env", "x", "--output=jsonl")
    plan = place.run("--env", "x", "--show-plan", "-l", place.base, place.file(PBRUN))

    assert "Task 0 on localhost: echo hi\n" in dry.stdout
    assert '"stdout":"hi\\n"' in done.stdout
    intent = next(record["doc"] for record in place.journal() if record["what"] == "intent")
    assert (intent["exec"], intent["runner"]) == ("pbrun", str(ROOT / "runners/local.py"))
    assert "pbrun on localhost: echo hi" in plan.stdout


def test_one_task_file_runs_unchanged_in_three_environments(tmp_path):
    place = Site(tmp_path)
    folder = shutil.copytree(ROOT / "examples/environments", tmp_path / "site")
    before = (folder / "deploy.txt").read_bytes()
    log = place.folder / "calls"
    said = {}

    for env in ("laptop", "staging", "production"):
        variables = {
            "STUB_LOG": str(log),
            "STUB_RUN": "exec",
            "PATH": f"{ROOT}/tests/data/stubs:{ROOT}/examples/stubs:",
        }
        variables["PATH"] += os.environ["PATH"]
        done = place.run("-r", "-l", place.base, "--env", env, folder / "deploy.txt", env=variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        said[env] = [line.rpartition("stdout: ")[2] for line in done.stdout.splitlines() if " stdout: " in line]

    assert said["laptop"] == ["deployed 2.1.0", "it says: deployed 2.1.0"]
    assert said["staging"][1] == "in a container: it says: in a container: deployed 2.1.0"
    assert said["production"] == said["laptop"]
    calls = log.read_text().split("\0")
    assert (calls.count("pbrun"), calls.count("pbtest")) == (3, 1)  # a connection test, and two tasks
    assert len(place.rows("SHOP")) == 2  # its header, and the run in production
    assert (folder / "deploy.txt").read_bytes() == before


def test_a_runner_may_be_a_path_from_the_file_and_an_exec_type_new(place):
    place.shows("sub/runners/shows")
    place.toml("[runners]\nmine='./runners/shows'\n[runner.shows]\ncolour='red'\n", "sub/tasker.toml")

    assert place.given(TASK + "exec=mine\n", "--config", place.folder / "sub/tasker.toml") == [{"colour": "red"}]


def test_a_name_in_a_map_is_not_mapped_once_more(place):
    place.toml("[runners]\npbrun='local'\nlocal='p7s'\n")

    done = place.run("-l", place.base, place.file(PBRUN + "task=1\ncommand=true\nexec=local\nhostname=localhost\n"))

    assert "Task 0 on localhost: echo hi\n" in done.stdout
    assert "Task 1 on localhost: p7s localhost true\n" in done.stdout


def test_a_runner_of_tasker_path_comes_before_the_collection_and_behind_a_map(place):
    place.shows("more/runners/pbrun")
    file = place.file(PBRUN)
    variables = {"TASKER_PATH": str(place.folder / "more")}

    assert "Task 0 on localhost: null\n" in place.run("-l", place.base, file, env=variables).stdout
    assert place.run("runners", env=variables).stdout.count("more/runners/pbrun") == 1
    place.toml("[runners]\npbrun='p7s'\n")
    assert "p7s localhost echo hi" in place.run("-l", place.base, file, env=variables).stdout


def test_a_runner_that_is_not_there_is_20_and_names_the_line(place):
    place.toml("[env.x.runners]\npbrun = 'nix'\nmine = './gone'\nplain = './tasker.toml'\n")

    done = place.run("--env", "x", place.file())

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (20, "", 3)
    assert f"{place.folder}/tasker.toml:2: exec type 'pbrun': cannot find a runner for 'nix'" in done.stderr
    assert "tasker.toml:3: exec type 'mine': cannot find the runner" in done.stderr
    assert "tasker.toml:4: exec type 'plain': cannot start the runner" in done.stderr


def test_a_mapped_runner_that_everybody_may_write_is_refused(place):
    place.shows().chmod(0o757)
    place.toml("[runners]\nmine = './shows'\n")

    done = place.run(place.file())

    assert (done.returncode, "is world-writable" in done.stderr, "tasker.toml:2" in done.stderr) == (20, True, True)


def test_runners_are_listed_side_by_side_and_a_broken_one_is_named(place):
    place.shows("slow").write_text(SHOWS.replace("echo", "sleep 1; echo", 1))
    place.toml("not a program\n", "dead").chmod(0o755)
    place.toml(
        "[env.x.runners]\n" + "".join(f"slow{n}='./slow'\n" for n in range(8)) + "dead='./dead'\nnone='./none'\n"
    )

    done = place.run("runners", "--env=x", "--output=json")
    text = place.run("runners", "--env=x")
    doc = json.loads(done.stdout)
    entries = {entry["exec"]: entry for entry in doc["runners"]}

    assert (done.returncode, doc["kind"], doc["ok"], doc["env"]) == (1, "runners", False, "x")
    assert entries["pbrun"]["about"]["argv"] == ["pbrun", "-n", "-h", "{hostname}", "{words}"]
    assert (entries["pbrun"]["from"], entries["lies"]["from"]) == ("collection", "TASKER_PATH")
    assert entries["slow7"]["from"] == f"{place.folder}/tasker.toml:9"
    assert "about" in entries["slow7"]
    assert "cannot start runner 'dead'" in entries["dead"]["problem"]
    assert f"{place.folder}/tasker.toml:11" in entries["none"]["problem"]
    assert [line.split()[:2] for line in text.stdout.splitlines() if line.startswith("dead")] == [["dead", "broken"]]


def test_a_runner_that_says_nonsense_of_itself_is_listed_all_the_same(place):
    place.toml("[runner.lies]\nport = 1\n")
    about = {"LIES_ABOUT": '{"argv": 5, "words": {}, "options": [1, {}, "user"]}'}

    listed = place.run("runners", env=about)
    done = place.really("task=0\nhostname=localhost\ncommand=good\nexec=lies\n", env={**about, "LIES_ABOUT": LIAR})

    assert (listed.returncode, listed.stderr) == (1, "")
    assert re.search(
        r"^lies +broken +.*'argv' of its 'about' has to be a list of words +/", listed.stdout, re.MULTILINE
    )
    assert (done.returncode, "runner 'lies' has no option 'port'; it has user" in done.stderr) == (2, True)


def test_a_single_runner_honours_the_environment(place):
    place.toml("[env.x.runners]\npbrun='p7s'\n")

    def name(*words, **env):
        return json.loads(place.run("runner", *words, "--about", env=env).stdout)["name"]

    assert [name("pbrun"), name("--env", "x", "pbrun"), name("--env=x", "pbrun")] == ["pbrun", "p7s", "p7s"]
    assert name("pbrun", TASKER_ENV="x") == "p7s"
    assert place.run("runner", "--env", "y", "pbrun").returncode == 2
    assert place.run("runner", "--env", "x").returncode == 2
    assert place.run("runners", "--output", "xml").returncode == 2


# -- options


OPTIONS = """
[groups]
web = ["web1", "WEB[2-9]"]
[runners]
mine = "./shows"
[runner.shows]
user = "ops"
colour = "red"
[[host]]
match = "@web"
port = 2222
[[host]]
match = ["web2", "*.db"]
runner = "shows"
port = 3333
[[host]]
match = "*"
runner = "ssh"
port = 1
[env.x.runner.shows]
user = "dev"
[[env.x.host]]
match = "web9"
colour = "blue"
runner = "shows"
"""


@pytest.mark.parametrize(
    ("host", "env", "options"),
    [
        ("db1", "", {"user": "ops", "colour": "red"}),
        ("web1", "", {"user": "ops", "colour": "red", "port": 2222}),
        ("me@Web1:22", "", {"user": "ops", "colour": "red", "port": 2222}),
        ("web2", "", {"user": "ops", "colour": "red", "port": 3333}),
        ("one.db", "", {"user": "ops", "colour": "red", "port": 3333}),
        ("web9", "", {"user": "ops", "colour": "red", "port": 2222}),
        ("web9", "x", {"user": "dev", "colour": "blue", "port": 2222}),
    ],
)
def test_options_are_those_of_the_runner_then_those_of_the_host(place, host, env, options):
    place.shows()
    place.toml(OPTIONS)
    text = f"task=0\nhostname={host}\ncommand=true\nexec=mine\n"

    assert place.given(text, TASKER_ENV=env) == [options]


def test_options_reach_the_runner_and_the_journal_of_a_run(place):
    place.shows()
    place.toml(OPTIONS)

    done = place.really("task=0\nhostname=web1\ncommand=true\nexec=mine\n", "--skip-host-validation")

    assert done.returncode == 0
    (intent,) = [record["doc"] for record in place.journal() if record["what"] == "intent"]
    assert intent["request"]["options"] == {"user": "ops", "colour": "red", "port": 2222}


def test_a_run_that_is_resumed_keeps_its_runners_and_options(place):
    place.shows()
    place.toml(OPTIONS)
    task = "\ntask={}\nhostname=web1\ncommand=true\nexec=mine\n"
    process = place.begin(f"{task.format(0)}sleep=4\n{task.format(1)}", "--skip-host-validation")
    eventually(lambda: "Task 0 completed" in place.log())
    process.kill()
    finished(process)
    place.toml("[runners]\nmine = 'p7s'\n")

    done = place.run("--resume", "-l", place.base)
    intents = [record["doc"] for record in place.journal() if record["what"] == "intent"]

    assert (done.returncode, done.stderr) == (0, "")
    assert [one["request"]["options"] for one in intents] == [{"user": "ops", "colour": "red", "port": 2222}] * 2
    assert {one["runner"] for one in intents} == {str(place.folder / "shows")}


def test_a_connection_test_has_the_options_and_the_runner_of_a_run(place):
    script = SHOWS.replace("ok: true, id, exit_code: 0,", "ok: false, id, exit_code: 9, reason: (.options | tojson),")
    place.toml(script, "shows").chmod(0o755)
    place.toml("[runners]\npbrun='./shows'\n[runner.shows]\nuser='ops'\n[[host]]\nmatch='localhost'\nport=2222\n")

    done = place.run("-c", "-l", place.base, place.file(PBRUN))

    assert done.returncode == 61
    assert '{"user":"ops","port":2222}' in done.stderr


def test_what_is_set_for_a_runner_that_cannot_use_it_is_refused_before_anything_runs(place):
    place.shows()
    place.toml("[runners]\nmine='./shows'\n[runner.shows]\nprot=1\ncolour='red'\n[[host]]\nmatch='*'\nagent=true\n")
    text = "task=0\ncommand=touch\narguments=ran\nexec=local\ntask=1\ncommand=true\nhostname=localhost\nexec=mine\n"

    done = place.really(text, env={"STRICT": ',"options":["port","colour"]'})

    assert (done.returncode, (place.folder / "ran").exists()) == (2, False)
    assert f"{place.folder}/tasker.toml:4: runner 'shows' has no option 'prot'; did you mean 'port'?" in done.stderr
    assert "agent" not in done.stderr  # set for hosts: for those runners that know it


@pytest.mark.parametrize(
    ("exec_type", "runner", "said"),
    [
        ("shell", "local", "exec type 'shell' is given a script, and "),
        ("pbrun", "shell", "exec type 'pbrun' is given words, and "),
        ("mine", "shell", ""),
        ("shell", "shell", ""),
    ],
)
def test_a_script_is_not_given_to_a_runner_of_words(place, exec_type, runner, said):
    place.toml(f"[runners]\n{exec_type}='{runner}'\n")

    done = place.really(TASK + f"exec={exec_type}\n")

    assert (done.returncode, said in done.stderr, "stdout: hi" in done.stdout) == (2 if said else 0, True, not said)


def test_a_template_can_ask_for_an_option(place):
    runner = "#!/usr/bin/env python3\nfrom tasker.command import serve\n"
    runner += "COMMAND = ['echo', '-p{option:port}', '{hostname}', '{words}']\n"
    runner += "if __name__ == '__main__':\n    raise SystemExit(serve(COMMAND))\n"
    place.toml(runner, "runners/mine.py")
    place.toml("[runners]\nmine='./runners/mine.py'\n[[host]]\nmatch='localhost'\nport=2222\n")
    env = {"PYTHONPATH": str(ROOT / "library")}
    text = TASK + "exec=mine\n\ntask=1\nhostname=127.0.0.1\ncommand=true\nexec=mine\n"

    done = place.really(text, env=env)
    plan = place.run("--show-plan", "-l", place.base, place.file(text), env=env)

    assert "Task 0 stdout: -p2222 localhost echo hi" in done.stdout
    assert "the configuration gives no 'port'" in done.stdout
    assert "mine on localhost: echo -p2222 localhost echo hi" in plan.stdout
    assert "echo '-p{option:port}' 127.0.0.1 true" in plan.stdout


# -- what is refused


WRONG = [
    ("x", "invalid TOML"),
    ("a = 1\na = 2\n", ":2:"),
    ("[defaults]\ntimeout = 1" + "0" * 5000, "invalid TOML"),
    ("a = " + "[" * 2000, "invalid TOML"),
    ("[defaults]\ntimeuot = 1\n", ":2: unknown key 'timeuot'; did you mean 'timeout'?"),
    ("[defaults]\ntimeout = 'soon'\n", ":2: 'timeout' has to be a number of seconds, or a text"),
    ("[defaults]\ntimeout = nan\n", ":2: 'timeout' has to be a number of seconds, or a text"),
    ("[defaults]\ntimeout = true\n", ":2: 'timeout' has to be a number of seconds, or a text"),
    ("defaults = 1\n", ":1: 'defaults' has to be a table"),
    ("[env.x.defaults]\nenv = 'y'\n", ":2: unknown key 'env'"),
    ("[env.x.env.y.defaults]\n", "unknown key 'env'"),
    ("[runner.ssh]\nprot = 1\n", ":2: unknown key 'prot'; did you mean 'port'?"),
    ("[runner.mine]\nport = '22'\n", ":2: 'port' has to be a number from 1 to 65535"),
    ("[runner.mine]\nwhen = 1979-05-27\n", ":2: 'when' has to be"),
    ("[runner.mine]\ndeep = {a = 1}\n", ":2: 'deep' has to be"),
    ("[runners]\npbrun = ['a']\n", ":2: 'pbrun' has to be"),
    ("[runners]\nPbrun = 'a'\n", ":2: 'Pbrun' has to be"),
    ("[runners]\npbrun = '..'\n", "not a valid name of a runner"),
    ("[[host]]\nport = 1\n", ":1: 'match' has to be"),
    ("[host]\nmatch = 'a'\n", "written as [[host]]"),
    ("[[host]]\nmatch = '*'\n[[host]]\nmatch='*'\nprot = 1\n", ":5: unknown key 'prot'"),
    ("[[host]]\nmatch = '@db'\nport = 1\n", ":2: unknown group 'db'; [groups] is empty"),
    ("[groups]\na = ['@b']\n", ":2: group 'a' contains a group"),
    ('[defaults]\nlog_dir = "a\\u0000b"\n', ":2: 'log_dir' has to be a folder"),
    ("[exec.pod]\ncommand = 'kubectl'\n", ":2: 'command' has to be a list of 1 to 256 texts"),
    ("[exec.pod]\ncommand = []\n", ":2: 'command' has to be a list of 1 to 256 texts"),
    ("[exec.pod]\ncommand = ['kubectl', '{words}', '']\n", ":2: 'command' has to be a list of 1 to 256 texts"),
    ("[exec.pod]\ncommand = ['kubectl', '{word}']\n", ":2: 'command': no value for '{word}' in a template"),
    ("[exec.pod]\ncommand = ['kubectl', '{host-name}', '{words}']\n", ":2: 'command': no value for '{host-name}'"),
    ("[exec.pod]\ncommand = ['kubectl', '{pod2}', '{words}']\n", ":2: 'command': no value for '{pod2}'"),
    ("[exec.pod]\ncommand = ['kubectl', 'a{words}']\n", ":2: 'command': '{words}' cannot be a part of 'a{words}'"),
    ("[exec.pod]\ncommand = ['kubectl', '{hostname}']\n", ":2: 'command' has no place for what a task runs"),
    ("[exec.pod]\ncommand = ['k', '{words}', '{script}']\n", ":2: 'command' has {script} and {words}: use one of"),
    ("[exec.pod]\ncommand = ['{hostname}', '{words}']\n", ":2: 'command' has to begin with the name of a program"),
    ("[exec.pod]\ncheck = ['{hostname}']\n", ":2: 'check' has to begin with the name of a program"),
    (
        "[exec.pod]\ncheck = ['k', '{words:shell}']\n",
        ":2: 'check' runs no command of a task, so it has no {words:shell}",
    ),
    ("[exec.pod]\nhost = 'maybe'\n", ":2: 'host' has to be one of required, optional, none"),
    ("[exec.pod]\nsecrets = 'argv'\n", ":2: 'secrets' has to be one of stdin, environment"),
    ("[exec.pod]\nexpect = {}\n", ":2: 'expect' has to be a table with 'exit'"),
    ("[exec.pod]\nexpect = { exit = 256 }\n", ":2: 'expect' has to be a table with 'exit'"),
    ("[exec.pod]\nexpect = { stdin = 'x' }\n", ":2: 'expect' has to be a table with 'exit'"),
    ("[exec.pod]\ntimeout = '1w'\n", ":2: 'timeout' has to be a number of seconds, or a text"),
    ("[exec.pod]\nport = 0\n", ":2: 'port' has to be a number from 1 to 65535"),
    ("[exec.pod]\ncomand = ['x']\n", ":2: unknown key 'comand'; did you mean 'command'?"),
    ("[exec.Pod]\ncommand = ['x', '{words}']\n", ":1: 'Pod' has to be the name of an exec type"),
    ("[exec]\npod = 1\n", ":2: 'pod' has to be the name of an exec type"),
    ("[env.x.exec.pod]\ncommand = ['kubectl', '{word}']\n", ":2: 'command': no value for '{word}' in a template"),
    ("[defaults]\nenv = 'nope'\n", "no environment 'nope'"),
    ('[defaults]\n"\x7f" = 1\n', "invalid TOML"),
    ('[defaults]\n"\\u001b[31m" = 1\n', "unknown key '\\e[31m'"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_file_is_one_line_and_2(place, text, said):
    place.toml(text)

    done = place.run("-l", place.base, place.file())

    assert (done.returncode, done.stdout, said in done.stderr) == (2, "", True), done.stderr
    assert (done.stderr.count("\n"), "\x1b" in done.stderr) == (1, False)
    assert done.stderr.startswith("tasker: ")
    assert not place.base.exists()


def test_everything_that_is_wrong_in_all_files_is_said_at_once(place):
    place.toml("[defaults]\na = 1\nb = 2\n", "home/.config/tasker/tasker.toml")
    place.toml("nonsense")
    extra = place.toml("[runner.ssh]\nc = 1\n", "extra.toml")

    done = place.run("--config", extra, place.file())

    assert (done.returncode, done.stderr.count("\n")) == (2, 4)


@pytest.mark.parametrize("data", [b"\xff\xfe[defaults]\n", b"a = '\xff'\n", b"x\0y", b"# \0\n"])
def test_what_is_no_text_is_refused(place, data):
    (place.folder / "tasker.toml").write_bytes(data)

    done = place.run(place.file())

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_byte_order_mark_and_windows_line_ends_are_read(place):
    (place.folder / "tasker.toml").write_bytes(b"\xef\xbb\xbf[defaults]\r\ntimeout = 12\r\n")

    assert place.shown()["timeout"] == (12, "tasker.toml:2")


@pytest.mark.parametrize("what", ["file", "folder", "fifo", "missing", "directory", "large"])
def test_a_file_that_somebody_else_could_have_written_or_that_is_none_is_refused(place, what):
    file = place.toml("[defaults]\ntimeout = 12\n", "sub/extra.toml")
    if what == "file":
        file.chmod(0o646)
    elif what == "folder":
        file.parent.chmod(0o777)
    elif what == "large":
        file.write_text("#" * (1 << 20) + "\n")
    else:
        file.unlink()
        if what != "missing":
            (os.mkfifo if what == "fifo" else os.mkdir)(file)

    done = place.run("--show-config", "--config", file)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(file) in done.stderr


def test_a_file_of_somebody_else_is_refused_and_root_s_is_not(place):
    file = place.toml("")
    own = list(os.stat(file))

    def why(owner):
        own[4] = owner
        return distrust_reason(str(file), os.stat_result(own))

    assert (why(0), why(os.getuid())) == ("", "")
    assert why(12345) == f"'{file}' belongs to user 12345, not to you or root; chown it, or use another"


def test_an_environment_that_nobody_names_lists_those_that_there_are(place):
    none = place.run("--env", "x", place.file())
    place.toml("[env.staging]\n[env.laptop]\n")
    some = place.run(place.file(), env={"TASKER_ENV": "x"})

    assert (none.returncode, none.stderr.count("\n"), "no environment 'x' (--env)" in none.stderr) == (2, 1, True)
    assert some.stderr == "tasker: no environment 'x' (TASKER_ENV): there are laptop, staging\n"
    assert some.returncode == 2


# -- what editors are told


AGREED = [
    "",
    OPTIONS,
    (ROOT / "examples/environments/tasker.toml").read_text(),
    "[defaults]\nlog_level='warn'\nproject='a'\nenv='x'\n[env.x]",
    "[defaults]\nlog_level='Warn'",
    "[defaults]\nlog_level=1",
    "[defaults]\noutput='xml'",
    "[defaults]\noutput=['text']",
    "[defaults]\nproject='-a'",
    '[defaults]\nproject="a\\n"',
    "[defaults]\nexec=''",
    "[defaults]\nrun=true",
    "[defaults]\nconnection_test=1",
    "[defaults]\ntimeout=-1",
    "[defaults]\ntimeout=0",
    "[defaults]\ntimeout=2592001",
    "[defaults]\ntimeout='30m'",
    "[defaults]\ntimeout='5min'",
    "[runner.ssh]\nconnect_timeout='1.5m'",
    "[env.'a b'.defaults]",
    "[env.x]\ndefaults=1",
    "env=1",
    "[exec.a]\ncommand=['a', '{hostname}', '{words}']\ncheck=['a', '{hostname}', 'true']",
    "[exec.a]\ncommand=['a', '{option:x-1}', '{words:shell}', '{.status.phase}', '{}', '{1,3}', '{ print }']",
    "[exec.a]\ncommand=['{words}']\nhost='none'\ntimeout='10m'",
    "[exec.a]\ncommand=['sh', '-c', '{script}']\nexpect={exit=3}\nsecrets='stdin'\nresolve=true\nport=22",
    "[exec.a]\ncommand=['a', '{words}', '{words:shell}']",
    "[exec.a]\nresolve=1",
    "[runners]\na='b/c'\nb='c'",
    "[runners]\na='B'",
    "[runners]\n'a b'='c'",
    "[runner]\nssh=1",
    "[runner.Ssh]\nport=1",
    "[runner.ssh]\nport=0",
    "[runner.openssh]\ncolour=1",
    "[runner.mine]\ncolour=[1, 'a', true]",
    "[runner.mine]\ncolour=[[1]]",
    "[runner.mine]\ncolour={a=1}",
    "[runner.mine]\n'a b'=1",
    "[runner.mine]\nagent='yes'",
    "[runner.ssh]\nidentity_files='a'",
    "[runner.ssh]\nidentity_files=['a', '']",
    "[runner.ssh]\nconnect_timeout=0",
    "[groups]\na=['*']",
    "[groups]\na='*'",
    "[groups]\na=['@b']",
    "[[host]]\nmatch=[]",
    "[[host]]\nmatch=['a', 1]",
    "[[host]]\nmatch='a'\ncolour=1",
    "[[host]]\nmatch='a'\nrunner='mine'\ncolour=1",
    "[[host]]\nmatch='a'\nrunner='ssh'\ncolour=1",
    "[[host]]\nmatch='a'\nrunner='Ssh'",
    "[[host]]\nrunner='ssh'",
    "[host.a]",
    *(text for text, said in WRONG if text.startswith("[") and "invalid TOML" not in said and said),
]


@pytest.mark.parametrize("text", AGREED)
def test_the_schema_for_editors_and_our_own_checks_agree(text):
    try:
        doc = json.loads(json.dumps(tomllib.loads(text), allow_nan=False))
    except (tomllib.TOMLDecodeError, TypeError, ValueError):  # dates and nan are no JSON
        assert "1979" in text or "nan" in text
        return

    wrong = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(doc)]

    assert bool(schema.find_problems(doc)) == bool(wrong), wrong


def test_the_schema_and_our_own_checks_know_the_same_keys():
    parts = SCHEMA["$defs"]

    Draft202012Validator.check_schema(SCHEMA)
    assert set(parts["outermost"]["properties"]) == set(schema.OUTERMOST)
    assert set(parts["defaults"]["properties"]) == set(schema.DEFAULTS)
    assert set(parts["options"]["properties"]) == set(schema.OPTIONS)
    assert set(parts["exec_type"]["properties"]) == set(schema.EXEC_TYPE)
    assert set(parts["host"]["else"]["properties"]) == {"match", "runner", "vars", *schema.OPTIONS}
    assert parts["defaults"]["properties"]["output"]["enum"] == list(FORMS)
    request = json.loads((ROOT / "library/tasker/protocol/schemas/request.json").read_text())["properties"]["options"]
    assert set(request["properties"]) == set(schema.OPTIONS)


# -- the tests themselves, and what it costs


def test_a_duration_in_a_file_is_seconds_in_a_run(place):
    place.toml("[defaults]\ntimeout='1.5m'\n[env.x.defaults]\ntimeout='2h'\n[runner.ssh]\nconnect_timeout='0.5m'\n")

    assert place.shown()["timeout"] == (90, "tasker.toml:2")
    assert place.shown("--env=x")["timeout"] == (7200, "tasker.toml:4")
    assert "timeout  90s" in re.sub(" +", "  ", place.run("--show-config").stdout)
    assert "connect_timeout = 30" in place.run("--show-config").stdout


@pytest.mark.parametrize("value", ["0", "'0.5s'", "'31d'", "2592001", "'5 m'", "''"])
def test_a_timeout_out_of_its_bounds_is_an_error_and_not_changed(place, value):
    place.toml(f"[defaults]\ntimeout={value}\n")
    done = place.run("--show-config")

    assert done.returncode == 2
    assert done.stderr.endswith(
        "tasker.toml:2: 'timeout' has to be a number of seconds, or a text such as \"30m\", from 1s to 30d\n"
    )


def test_what_the_person_at_this_machine_has_configured_does_not_reach_the_tests(place):
    environment = place.environment()

    assert environment["TASKER_SYSTEM_CONFIG"] == ""
    assert not {"TASKER_ENV", "XDG_CONFIG_HOME"} & set(environment)
    assert environment["HOME"].startswith(str(place.folder))
    assert json.loads(place.run("--show-config", "--output=json").stdout)["files"] == []


def test_without_a_file_nothing_is_read_and_three_places_are_looked_at(place):
    code = (
        "import os, sys\n"
        f"sys.path.insert(0, {str(ROOT / 'library')!r})\n"
        "from tasker.cli import options\n"
        "looked, stat = [], os.stat\n"
        "os.stat = lambda path, **keys: (looked.append(path), stat(path, **keys))[1]\n"
        "options.read(options.parse_words(['t.txt']), {}, list)\n"
        "costly = ('tomllib', 'fnmatch', 'json', 'tasker.configuration.layers')\n"
        "looked = [path for path in looked if path.endswith('.toml')]\n"
        "print(len(looked), [name for name in costly if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env=place.environment(), capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("3 []\n", "")


def test_a_plain_run_prints_no_environment(place):
    assert "Environment" not in place.run("-l", place.base, place.file(HELLO)).stdout


# -- stages that somebody calls in a pipe, and hosts


def test_a_stage_in_a_pipe_knows_the_environment_too(place):
    place.shows()
    place.toml("[env.x.runners]\nmine='./shows'\n[env.x.runner.shows]\nuser='ops'\n")
    script = f'"$0" -I {ROOT}/bin/tasker "$@"'
    pipe = f"{script.replace('$@', 'parse')} t.txt | {script.replace('$@', 'tasks')} | jq -c '.findings[].message'"
    place.file(TASK + "exec=mine\n")

    def said(**env):
        done = place.run("-c", pipe, sys.executable, program=["bash"], env=env)
        assert done.stderr == ""
        return done.stdout

    assert "no runner for exec type 'mine'" in said()
    assert said(TASKER_ENV="x") == ""


def test_the_host_stage_by_hand_uses_the_runner_of_the_environment(place):
    failing = SHOWS.replace("ok: true, id, exit_code: 0,", "ok: false, id, exit_code: 9, reason: (.options | tojson),")
    place.toml(failing, "shows").chmod(0o755)
    place.toml("[env.x.runners]\npbrun='./shows'\n[env.x.runner.shows]\nuser='ops'\n")

    done = place.run("hosts", "-c", "localhost", env={"TASKER_ENV": "x"})
    wrong = place.run("hosts", "-c", "localhost", env={"TASKER_ENV": "y"})

    assert '{"user":"ops"}' in json.loads(done.stdout)["findings"][0]["message"]
    assert (wrong.returncode, json.loads(wrong.stdout)["code"]) == (100, "bad_configuration")


@pytest.mark.parametrize(
    ("settings", "hostname", "port"),
    [
        ({}, "web1", 24345),
        ({"options": [{"options": {"port": 2222}}]}, "web1", 2222),
        ({"options": [{"match": ["web2"], "options": {"port": 2222}}]}, "web1", 24345),
        ({"options": [{"options": {"port": 2222}}]}, "web1:99", 99),
        ({"runners_map": {"pbrun": own_runner("ssh.py")}}, "web1", 22),
        ({"runners_map": {"pbrun": own_runner("local.py")}}, "web1", None),
    ],
)
def test_the_port_that_is_tried_is_that_of_the_options_and_of_the_runner(settings, hostname, port):
    tried = []

    def answer(places, watch=None):
        tried.extend(address[1][1] for addresses in places.values() for address in addresses)
        return reachability.Reached(dict.fromkeys(places, ("127.9.0.1", "")), "icmp")

    given = workflow(hostname, settings=settings)
    given["tasks"][0]["exec"] = "pbrun"
    doc = hosts.check(given, resolve=book(web1="127.9.0.1"), reach=answer)

    assert (doc["ok"], tried) == (True, [port] if port else [])


@pytest.mark.parametrize(
    "settings",
    [{"runners_map": []}, {"runners_map": {"a": 1}}, {"options": {}}, {"options": [1]}, {"options": [{"match": "a"}]}],
)
def test_settings_that_are_none_are_refused_by_the_host_stage(settings):
    with pytest.raises(Problem):
        hosts.check(workflow("web1", settings=settings))


def test_every_host_of_a_fan_out_has_its_own_options(place):
    place.toml("[[host]]\nmatch='web2'\nport=2222\n")

    done = place.really("task=0\nhosts=web1,web2\ncommand=true\nexec=local\n", "--skip-host-validation")
    requests = [record["doc"]["request"] for record in place.journal() if record["what"] == "intent"]

    assert done.returncode == 0
    assert {one["hostname"]: one.get("options") for one in requests} == {"web1": None, "web2": {"port": 2222}}


def test_an_interrupt_ends_the_runners_that_are_asked_what_they_are(place):
    place.toml("#!/bin/sh\necho $$ >pid\nexec sleep 60\n", "hangs").chmod(0o755)
    place.toml("[runners]\nhangs='./hangs'\n")

    process = place.start("runners")
    asked = place.folder / "pid"
    pid = int(eventually(lambda: asked.exists() and asked.read_text().strip()))
    process.send_signal(signal.SIGINT)
    code, out, err = finished(process)

    assert (code, out, err) == (130, "", "")
    assert not lives(pid)
