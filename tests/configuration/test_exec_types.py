"""Exec types without a file: `[exec.NAME]` of tasker.toml through the whole program (docs/configuration.md)."""

import json
import os
import re
from types import SimpleNamespace

import pytest
from whole_program import ROOT, Place, eventually, finished

from tasker.flow.pace import change_pace
from tasker.protocol import discovery

# a client that passes its stdin and environment on, as kubectl does with -i; what it was started with is in a file
KUBECTL = """#!/bin/sh
cat "/proc/$$/cmdline" | tr '\\0' '\\n' >>argv
[ "$1" = get ] && { printf "${PHASE-Running}\\n\\n"; exit "${GET-0}"; }
[ "$1" = exec ] || exit 99
shift
[ "$1" = -i ] && shift || exec </dev/null
pod=$1
shift 2
[ "$TEXT" ] && exec sh -c "$1"
POD=$pod exec "$@"
"""
POD = """[exec.pod]
command = ["kubectl", "exec", "-i", "{hostname}", "--", "{words}"]
"""
TASK = "task=0\nhostname=web-0\ncommand=printf\n"
TASK += "arguments='[%s]' one 'two  words' \"it's\" '$HOME' '{hostname}'\nexec=pod\n"
SECRET = (
    "PW=env:PW\nsecret=PW\ntask=0\nhostname=web-0\ncommand=printf\narguments='[%s]' a -p@PW@ @PW@ 'b c'\nexec=pod\n"
)
VALUE = 'it\'s $a "secret"\nof two lines `id` \\'


class Site(Place):
    """A place with a configuration and a stub of kubectl."""

    def environment(self, **extra):
        return super().environment(**{"PATH": f"{self.folder}/bin:{os.environ['PATH']}", **extra})

    def shown(self, *arguments, **options):
        """The exit code of a call, and all that it shows."""
        done = self.run("-l", self.base, *arguments, **options)
        return done.returncode, done.stdout + done.stderr

    def client(self, text=KUBECTL, name="kubectl"):
        file = self.folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def toml(self, text, path="tasker.toml"):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def requests(self, what="intent"):
        (path,) = self.base.glob("runs/*/journal.jsonl")
        records = map(json.loads, path.read_text().splitlines())
        return [one["doc"] for one in records if one["what"] == what]


@pytest.fixture
def place(tmp_path):
    made = Site(tmp_path)
    made.client()
    yield made
    made.verify()


# -- a runner like any other


def test_a_table_serves_its_exec_type_and_each_word_arrives_as_it_is(place):
    place.toml(POD)

    done = place.really(TASK)

    assert "Task 0 stdout: [one][two  words][it's][$HOME][{hostname}]" in done.stdout
    (intent,) = place.requests()
    assert intent["runner"] == f"{place.folder}/tasker.toml:1"
    assert re.fullmatch("[0-9a-f]{64}", intent["sha256"])


def test_a_dry_run_and_a_plan_show_the_command_line_of_the_client(place):
    place.toml(POD)
    text = TASK.partition("arguments")[0] + "exec=pod\n"

    dry = place.run("-l", place.base, place.file(text))
    plan = place.run("plan", place.file(text))

    assert "Task 0 on web-0: kubectl exec -i web-0 -- printf" in dry.stdout
    assert "pod on web-0: kubectl exec -i web-0 -- printf" in plan.stdout


def test_words_for_a_shell_are_one_quoted_word(place):
    place.toml('[exec.pod]\ncommand = ["kubectl", "exec", "-i", "{hostname}", "--", "{words:shell}"]\n')

    done = place.really(TASK, env={"TEXT": "1"})

    assert "Task 0 stdout: [one][two  words][it's][$HOME][{hostname}]" in done.stdout


def test_a_template_goes_through_no_shell_and_no_format(place):
    place.client('#!/bin/sh\nprintf "<%s>" "$@"\n', "show")
    command = [
        "show",
        "$HOME",
        "`id`",
        "{0}",
        "{}",
        "%s",
        "{{.State.Running}}",
        "{ print }",
        "~",
        "*",
        "a;b",
        "{words}",
    ]
    place.toml(f"[exec.pod]\ncommand = {json.dumps(command)}\nhost = 'optional'\n")

    done = place.really("task=0\ncommand=x\nexec=pod\n")

    assert "Task 0 stdout: " + "".join(f"<{word}>" for word in [*command[1:-1], "x"]) in done.stdout


def test_an_environment_has_exec_types_of_its_own_and_changes_keys_of_others(place):
    place.toml(POD + "[env.far.exec.pod]\ntimeout = 7\n[env.far.exec.other]\ncommand = ['env', 'A=1', '{words}']\n")
    other = "task=0\ncommand=sh -c 'echo A is $A'\nexec=other\n"

    near = place.shown(place.file(other))
    far = place.run("--env", "far", "-r", "-l", place.base, place.file(other))
    timeout = place.run("plan", "--env", "far", place.file(TASK))

    assert "no runner for exec type 'other'" in near[1]
    assert "Task 0 stdout: A is 1" in far.stdout
    assert "at most 7 s" in timeout.stdout


def test_a_map_can_give_it_another_exec_type_and_another_runner_to_it(place):
    place.toml(POD + "[env.far.runners]\npbrun = 'pod'\n[env.laptop.runners]\npod = 'local'\n")

    far = place.run("--env", "far", "-l", place.base, place.file(TASK.replace("exec=pod", "exec=pbrun")))
    laptop = place.run("--env", "laptop", "--skip-host-validation", "-l", place.base, place.file(TASK))

    assert "Task 0 on web-0: kubectl exec -i web-0 -- printf" in far.stdout
    assert "Task 0 on web-0: printf" in laptop.stdout


def test_a_program_with_a_slash_is_relative_to_the_file(place):
    place.client('#!/bin/sh\nshift\nexec "$@"\n', "mine")
    place.toml("[exec.pod]\ncommand = ['./bin/mine', '{hostname}', '{words}']\n")
    (place.folder / "sub").mkdir()
    file = place.file(TASK)

    done = place.run("-l", place.base, "-r", file, cwd=place.folder / "sub")

    assert "[two  words]" in done.stdout, done.stdout + done.stderr


def test_a_client_that_is_not_there_is_reported_before_anything_runs(place):
    place.toml("[exec.pod]\ncommand = ['no-such-client', '{hostname}', '{words}']\n")

    done = place.run("-r", "-l", place.base, place.file(TASK))

    assert done.returncode == 61
    assert "cannot find 'no-such-client' on PATH" in done.stdout + done.stderr


def test_an_option_of_the_configuration_has_a_place(place):
    command = '["kubectl", "exec", "-i", "{hostname}", "--", "env", "NS={option:name-space}", "{words}"]'
    place.toml(f"[exec.pod]\ncommand = {command}\n[runner.pod]\nname-space = 'prod'\n")
    wrong = place.toml(f"[exec.pod]\ncommand = {command}\n[runner.pod]\nname-spaces = 'prod'\n", "wrong.toml")
    file = place.file("task=0\nhostname=web-0\ncommand=sh -c 'echo ns $NS'\nexec=pod\n")

    done = place.run("-r", "-l", place.base, file)
    refused = place.run("--config", wrong, "-r", "-l", place.base, file)

    assert "Task 0 stdout: ns prod" in done.stdout
    assert "wrong.toml:4: runner 'pod' has no option 'name-spaces'; did you mean 'name-space'?" in refused.stderr


def test_it_is_listed_shown_and_completed(place):
    place.toml(POD)

    listed = place.run("runners")
    shown = place.run("--show-config")
    documents = [json.loads(place.run(*words, "--output=json").stdout) for words in (["runners"], ["--show-config"])]
    names = place.run("--complete", "exec", "tasker", "-t", "")

    row = next(line for line in listed.stdout.splitlines() if line.startswith("pod"))
    assert "kubectl exec -i {hostname} -- {words}" in row and f"{place.folder}/tasker.toml:1" in row
    assert re.search(r"^exec.pod +kubectl exec -i \{hostname\} -- \{words\} +\S+/tasker.toml:1$", shown.stdout, re.M)
    (entry,) = (one for one in documents[0]["runners"] if one["exec"] == "pod")
    assert (entry["about"]["name"], entry["about"]["resolve"]) == ("pod", False)
    assert documents[1]["exec_types"]["pod"]["table"]["command"][0] == "kubectl"
    assert "configured" not in listed.stdout
    assert f"pod\tof {place.folder}/tasker.toml:1\n" in names.stdout


def test_the_runner_itself_is_no_exec_type(place):
    done = place.shown(place.file("task=0\nhostname=a\ncommand=x\nexec=configured\n"))

    assert (done[0], "no runner for exec type 'configured'" in done[1]) == (20, True)
    assert "configured" not in discovery.exec_type_names()


TABLE = {"tasker": 1, "kind": "exec", "name": "x", "command": ["x", "{words}"], "host": "none"}
NO_TABLES = [
    {"command": ["x", 1]},
    {"command": ["{x}"]},
    {"check": "x"},
    {"host": "far"},
    {"secrets": "argv"},
    {"secrets": []},
]
NO_TABLES += [{"expect": {}}, {"port": "22"}, {"timeout": "1m"}, {"name": ""}, {"kind": "about"}]


@pytest.mark.parametrize("table", ["{}", "{", *(json.dumps({**TABLE, **one}) for one in NO_TABLES)])
def test_a_table_that_is_none_is_one_line_and_2(place, table):
    done = place.run("runner", "configured.py", table, "--about")
    none = place.run("runner", "configured.py", "--about")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("configured: cannot use this table: ")
    assert (none.returncode, none.stdout, none.stderr.count("\n")) == (2, "", 1)


def test_a_resumed_run_keeps_the_table_with_which_it_began(place):
    place.toml(POD)
    text = "task=0\nhostname=web-0\ncommand=true\nexec=pod\nsleep=4\n\n"
    text += "task=1\nhostname=web-0\ncommand=echo end\nexec=pod\n"
    process = place.begin(text)
    eventually(lambda: "Task 0 completed" in place.log())
    process.kill()
    finished(process)
    place.toml("")

    done = place.run("--resume", "-l", place.base)

    assert (done.returncode, "Task 1 stdout: end" in done.stdout) == (0, True), done.stdout + done.stderr
    assert len({one["sha256"] for one in place.requests()}) == 1


def test_it_is_recorded_and_played_back(place):
    place.toml(POD)
    file = place.file(TASK)
    place.run("-r", "-l", place.base, "--record", "rec", file)
    place.toml("")
    (place.folder / "bin/kubectl").unlink()

    done = place.run("-r", "-l", place.base, "--replay", "rec", file)

    assert (done.returncode, "[two  words]" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_stage_in_a_pipe_knows_it(place):
    place.toml(POD)
    parsed = place.folder / "parsed"
    parsed.write_text(place.run("parse", place.file(TASK)).stdout)
    with parsed.open() as stdin:
        checked = json.loads(place.run("tasks", stdin=stdin).stdout)

    assert (checked["ok"], checked["exec_types"]) == (True, {"pod": 1})
    assert checked["settings"]["runners"]["pod"]["resolve"] is False


def test_runner_test_finds_nothing_wrong_with_one(place):
    place.toml(POD + "secrets = 'stdin'\n[env.far.exec.other]\ncommand = ['kubectl', 'exec', 'a', '--', '{words}']\n")

    done = place.run("runner-test", "--host", "web-0", "--output=json", "pod", env={"TEXT": ""})
    unknown = place.run("runner-test", "other")
    far = place.run("runner-test", "--env", "far", "--level", "must", "--output=json", "other")

    wrong = [one for one in json.loads(done.stdout)["checks"] if one["verdict"] == "failed"]
    assert (done.returncode, wrong) == (0, [])
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert far.returncode == 0, far.stdout


# -- hosts, check, timeout


def test_its_hosts_are_neither_resolved_nor_awaited(place):
    place.toml(POD)

    done = place.run("-l", place.base, place.file(TASK.replace("web-0", "no-such-host.invalid")))
    hosts = json.loads(place.run("hosts", "no-such-host.invalid", "--exec", "pod").stdout)["hosts"]

    assert (done.returncode, "resol" in done.stdout) == (0, False), done.stdout
    assert (hosts["total"], hosts["not_resolved"], hosts["resolved"], hosts["awaited"]) == (1, 1, 0, 0)


@pytest.mark.parametrize("key", ["resolve = true", "port = 22"])
def test_its_hosts_are_resolved_where_the_table_asks_for_it(place, key):
    place.toml(POD + key)

    code, text = place.shown(place.file(TASK.replace("web-0", "no-such-host.invalid")))

    assert (code, "cannot resolve 'no-such-host.invalid'" in text) == (21, True)


def test_hosts_of_a_list_and_from_an_output_are_its_own_too(place):
    place.toml(CHECKED + 'expect = { stdout = "Running" }\n')
    text = (
        "task=0\nhosts=web-[0-2]\ncommand=sh -c 'echo at $POD'\nexec=pod\n\ntask=1\ncommand=echo web-7\nexec=local\n\n"
    )
    text += "task=2\nhostname=@1_stdout@\ncommand=sh -c 'echo at $POD'\nexec=pod\n"

    done = place.really(text, "-c")

    assert (done.returncode, "Connection test passed (pod: 3/3 hosts)" in done.stdout) == (0, True), done.stdout
    assert all(f"at web-{number}" in place.log() for number in (0, 1, 2, 7))


def test_a_host_name_that_is_an_option_is_refused_all_the_same(place):
    place.toml(POD)

    code, text = place.shown("-r", place.file(TASK.replace("web-0", "-n")))

    assert (code, "begins with '-'" in text) == (20, True), text
    assert not (place.folder / "argv").exists()


CHECKED = POD + 'check = ["kubectl", "get", "pod", "{hostname}"]\n'
CHECKS = [
    ("", {}, ""),
    ("", {"GET": "1"}, "exit code 1"),
    ('expect = { stdout = "Running" }', {}, ""),
    ('expect = { stdout = "Running\\n" }', {}, ""),
    ('expect = { stdout = "Running" }', {"PHASE": "Pending"}, "it answered 'Pending' instead of 'Running'"),
    ('expect = { stdout = "Running" }', {"GET": "1"}, "exit code 1 instead of 0: Running"),
    ("expect = { exit = 3 }", {"GET": "3"}, ""),
    ("expect = { exit = 3 }", {}, "exit code 0 instead of 3: Running"),
]


@pytest.mark.parametrize(("expect", "variables", "wrong"), CHECKS)
def test_a_check_has_to_answer_what_is_expected(place, expect, variables, wrong):
    place.toml(CHECKED + expect)

    code, text = place.shown("-c", place.file(TASK), env=variables)

    assert code == (61 if wrong else 0), text
    assert (f"connection test of 'web-0' by pod failed: {wrong}" if wrong else "Connection test passed") in text


@pytest.mark.parametrize(
    ("task", "words", "variables", "most"),
    [
        ("", (), {}, "10 min"),
        ("timeout=5\n", (), {}, "5 s"),
        ("", ("-o", "20"), {}, "20 s"),
        ("", (), {"TASK_EXECUTOR_TIMEOUT": "40"}, "40 s"),
    ],
)
def test_its_timeout_is_that_of_tasks_without_one_unless_this_call_has_one(place, task, words, variables, most):
    place.toml("[defaults]\ntimeout = 90\n" + POD + 'timeout = "10m"\n')
    file = place.file(TASK + task)

    plan = place.run("plan", *words, file, env=variables)
    done = place.run("-r", "-l", place.base, *words, file, env=variables)

    assert f"at most {most}\n" in plan.stdout
    seconds = {"10 min": 600, "5 s": 5, "20 s": 20, "40 s": 40}[most]
    assert (done.returncode, place.requests()[0]["request"]["timeout"]) == (0, seconds)


# -- secrets


def arguments(place):
    return (place.folder / "argv").read_text()


@pytest.mark.parametrize("how", ["stdin", "environment"])
def test_a_secret_is_no_argument_of_the_client_and_arrives_whole(place, how):
    place.toml(POD + f"secrets = '{how}'\n")

    done = place.really(SECRET, env={"PW": VALUE})

    assert "Task 0 stdout: [a][-p****][****][b c]" in done.stdout
    assert "'ps'" not in done.stderr
    assert "two lines" not in arguments(place)
    (intent,) = place.requests()
    assert "two lines" not in json.dumps(intent)


def test_a_secret_reaches_words_for_a_shell_and_the_next_command_reads_nothing(place):
    place.toml(
        '[exec.pod]\ncommand = ["kubectl", "exec", "-i", "{hostname}", "--", "{words:shell}"]\nsecrets = "stdin"\n'
    )

    done = place.really(SECRET + "\ntask=1\nhostname=web-0\ncommand=cat\nexec=pod\n", env={"PW": VALUE, "TEXT": "1"})

    assert "Task 0 stdout: [a][-p****][****][b c]" in done.stdout
    assert (done.returncode, "Task 1 stdout" in done.stdout) == (0, False), done.stdout


def test_secrets_of_more_than_a_pipe_holds_arrive(place):
    place.toml(POD + "secrets = 'stdin'\n")
    names = "ABCDEF"
    text = "".join(f"{name}=env:{name}\nsecret={name}\n" for name in names)
    text += "task=0\nhostname=web-0\ncommand=sh\narguments=-c 'echo $#; printf %s \"$@\" | wc -c' sh "
    text += " ".join(f"@{name}@" for name in names) + "\nexec=pod\n"

    done = place.really(text, env={name: name * 16_000 for name in names})

    assert [line.rpartition(": ")[2] for line in done.stdout.splitlines() if "stdout: " in line] == ["6", "96000"]


def test_the_value_is_the_secret_to_the_last_byte(place):
    place.toml(POD + "secrets = 'stdin'\n")
    text = "PW=env:PW\nsecret=PW\ntask=0\nhostname=web-0\ncommand=sh\n"
    text += "arguments=-c 'printf %s \"$1\" >got; cat' sh @PW@\nexec=pod\n"

    place.really(text, env={"PW": VALUE})

    assert (place.folder / "got").read_text() == VALUE


def test_without_the_key_a_secret_is_an_argument_and_that_is_a_warning(place):
    place.toml(POD)

    _, text = place.shown(place.file(SECRET), env={"PW": VALUE})

    assert "is an argument of a command: other users can see it with 'ps'" in text


def test_a_client_that_passes_no_stdin_on_starts_nothing_without_its_secret(place):
    place.toml(POD.replace('"-i", ', "") + "secrets = 'stdin'\n")

    done = place.run("-r", "-l", place.base, place.file(SECRET), env={"PW": VALUE})

    assert "tasker: no secret came on stdin" in done.stdout
    assert "stdout: [a]" not in done.stdout
    assert "exit_code=126" in done.stdout


def test_a_dry_run_shows_where_a_secret_goes(place):
    place.toml(POD + "secrets = 'stdin'\n")

    done = place.run("-l", place.base, place.file(SECRET), env={"PW": VALUE})

    assert "exec printf" in done.stdout and "$TASKER_WORD_3" in done.stdout and "$TASKER_WORD_4" in done.stdout
    assert not (place.folder / "argv").exists()


@pytest.mark.parametrize("how", ["stdin", "environment"])
def test_a_script_on_a_host_gets_outputs_and_secrets(place, how):
    command = '["kubectl", "exec", "-i", "{hostname}", "--", "sh", "-c", "{script}"]'
    place.toml(f"[exec.pod]\ncommand = {command}\nsecrets = '{how}'\n")
    text = 'PW=env:PW\nsecret=PW\ntask=0\ncommand=printf "it\'s\\n\\"x\\""\nexec=local\n\ntask=1\nhostname=web-0\n'
    text += 'command=printf "<%s>" @0_stdout@ @PW@; cat; sh -c \'printf "{%s}" "${#TASKER_SECRET_PW}"\'\nexec=pod\n'

    done = place.really(text, env={"PW": VALUE})

    assert '"x">' in done.stdout and f"{{{len(VALUE)}}}" in done.stdout and "<****>" in done.stdout
    assert "two lines" not in arguments(place) and '"x"' not in arguments(place)


def test_an_operator_s_pace_is_stronger_than_the_timeout_of_an_exec_type():
    about = {"timeout": 600, "words": "argv"}
    run = SimpleNamespace(settings={"timeout": 30, "runners": {"pod": about}}, slots=None)

    change_pace(run, {"timeout": 40})

    assert run.settings == {"timeout": 40, "runners": {"pod": {"words": "argv"}}}


def test_a_script_on_this_machine_has_its_variables_as_exec_shell_has(place):
    place.toml("[exec.dash]\ncommand = ['sh', '-c', '{script}']\n")
    text = 'PW=env:PW\nsecret=PW\ntask=0\ncommand=printf "<%s>" @PW@; echo "${#TASKER_SECRET_PW}"\nexec=dash\n'

    done = place.really(text, env={"PW": VALUE})

    assert f"<****>{len(VALUE)}" in done.stdout


# -- what is wrong has its line

TABLES = [
    ("[exec.pod]\ncheck = ['k', '{hostname}']\n", ":1: exec type 'pod' has no 'command'"),
    (
        "[exec.pod]\ncommand=['k', '{hostname}', '{words}']\nhost='none'\n",
        ":3: exec type 'pod': host = \"none\" does not",
    ),
    (
        "[exec.pod]\ncommand=['k', '{hostname}', '{words}']\nhost='optional'\n",
        ":3: exec type 'pod': host = \"optional\"",
    ),
    ("[exec.pod]\ncommand=['k', '{words}']\nhost='required'\n", ":3: exec type 'pod': host = \"required\" without"),
    ("[exec.pod]\ncommand=['k', '{words}']\ncheck=['k']\n", ":3: exec type 'pod': 'check' is for hosts"),
    ("[exec.pod]\ncommand=['k', '{words}']\nport=1\n", ":3: exec type 'pod': 'port' is for hosts"),
    ("[exec.pod]\ncommand=['k', '{hostname}', '{words}']\nexpect={exit=1}\n", ":3: exec type 'pod': 'expect' is for"),
    (POD + "port=22\nresolve=false\n", ":4: exec type 'pod': resolve = false does not fit 'port'"),
    (
        "[exec.pod]\ncommand=['k', '{hostname}', '{script}']\n",
        ":2: exec type 'pod': {script} on a host needs 'secrets'",
    ),
    (
        "[exec.pbrun]\ncommand=['k', '{words}']\n",
        ":1: exec type 'pbrun' is a runner that is there already: choose a new",
    ),
    ("[runners]\npod='local'\n[exec.pod]\ncommand=['k', '{words}']\n", ":3: exec type 'pod' is in [runners] too"),
]


@pytest.mark.parametrize(("text", "wrong"), TABLES)
def test_a_table_that_is_not_whole_is_one_line_and_2(place, text, wrong):
    place.toml(text)

    done = place.run("-l", place.base, place.file(TASK))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert f"tasker.toml{wrong}" in done.stderr


def test_a_configuration_that_another_user_may_write_starts_nothing(place):
    place.toml(POD).chmod(0o666)

    done = place.run("-r", "-l", place.base, place.file(TASK))

    assert (done.returncode, "cannot trust the configuration" in done.stderr) == (2, True)
    assert not (place.folder / "argv").exists()


def test_a_run_without_one_imports_nothing_of_it(place):
    place.toml("[defaults]\ntimeout = 9\n")
    source = (ROOT / "library/tasker/configuration/layers.py").read_text()

    assert "\nfrom tasker.configuration import exec_types" not in source
    code = (
        "import sys; sys.path.insert(0, {!r}); import tasker.command, tasker.driver.stages, tasker.configuration.load"
    )
    code += "; assert not [name for name in sys.modules if 'exec_types' in name or 'configured' in name]"
    done = place.run(program=("python3", "-I", "-S", "-c", code.format(str(ROOT / "library"))))

    assert done.returncode == 0, done.stderr
