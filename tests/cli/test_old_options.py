"""Options of TASKER 2.2 on the command line: each does what it means here, or says that it does nothing."""

import json
import sys

import pytest
from whole_program import HELLO, eventually, finished

from tasker.cli.option_table import OLD
from tasker.language.parse.head_options import IDLE
from tasker.protocol.exit_codes import INVALID


@pytest.mark.parametrize("name", sorted(IDLE))
def test_what_does_nothing_here_says_so_in_one_line(place, name):
    done = place.really(HELLO, name)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if f"{name} does nothing here: {IDLE[name]}" in line]
    assert "skip" not in json.dumps(place.journal()[0]["doc"]["settings"])


def test_all_of_them_at_once_in_a_plan_and_with_validate_only(place):
    path = place.file(HELLO)
    plan = place.run("plan", *IDLE, path)
    valid = place.run("-l", place.base, "--validate-only", *IDLE, path)

    assert (plan.returncode, valid.returncode) == (0, 0)
    assert plan.stderr.count("does nothing here") == valid.stdout.count("does nothing here") == len(IDLE)


def test_help_lists_them(place):
    text = place.run("--help").stdout

    assert [option.long for option in OLD if f"--{option.long}" not in text] == []


def test_output_json_alone_is_the_document_on_stdout(place):
    done = place.really(HELLO, "--output-json")

    assert json.loads(done.stdout)["kind"] == "summary"


@pytest.mark.parametrize(("text", "code"), [(HELLO, 0), ("task=0\nexec=local\ncommand=false\n", 10), ("x\n", INVALID)])
def test_output_json_with_a_path_is_the_document_in_a_file(place, text, code):
    path = place.folder / "summary.json"
    path.write_text("old")
    done = place.really(text, "--output-json=summary.json")
    doc = json.loads(path.read_text())

    assert (done.returncode, doc["kind"], doc["exit_code"]) == (code, "summary", code)
    assert "Finished with exit code" in done.stdout  # the screen is for people all the same
    assert sorted(one.name for one in place.folder.glob("summary*")) == ["summary.json"]


def test_a_resume_writes_the_file_too(place):
    text = "task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 60'\n"
    process = place.begin(text, "--output-json=first.json")
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    done = place.run("--resume", "-l", place.base, "--unknown=skip", "--kill-left")

    assert done.returncode == 0, done.stderr
    assert json.loads((place.folder / "first.json").read_text())["exit_code"] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output-json=no/folder/a.json"], "there is no folder"),
        (["--output-json=."], "is a folder"),
        (["--output-json="], "--output-json= needs a value: PATH; or leave out the '='"),
        (["--output-json", "--output=jsonl"], "--output-json is --output json: leave it out, or --output jsonl"),
        (["--instance-check", "--force-instance"], "--instance-check and --force-instance exclude each other"),
        (["--no-task-backup=yes"], "option --no-task-backup takes no value"),
    ],
)
def test_what_cannot_be_is_refused(place, words, message):
    done = place.really(HELLO, *words)

    assert done.returncode == 2
    assert message in done.stderr


def test_a_file_that_cannot_be_written_is_an_error(place):
    done = place.really(HELLO, "--output-json=/proc/summary.json")

    assert done.returncode == 74
    assert "cannot write '/proc/summary.json'" in done.stderr


def test_instance_check_is_instance_lock(place):
    process = place.begin("task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 60'\n", "--instance-check")
    eventually((place.folder / "begun").exists)
    second = place.run("-r", "-l", place.base, "--instance-check", "t.txt")
    process.terminate()
    finished(process)

    assert "is running already" in second.stderr


def test_the_letters_of_2_2(place):
    assert place.run("-V").stdout == place.run("--version").stdout
    assert place.really(HELLO, "-y", "--confirm").returncode == 0


def test_version_names_the_interpreter_and_what_it_has(place):
    lines = place.run("-V").stdout.splitlines()

    assert lines[0].endswith(f"(Python {sys.version.split()[0]})")
    assert f"  with {sys.executable}" in lines


def test_recovery_info_shows_the_runs_of_the_file_that_can_be_resumed(place):
    place.file(HELLO, "other.txt")
    assert place.run("-r", "-l", place.base, "other.txt").returncode == 0
    text = "task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 60'\n"
    process = place.begin(text, "-p", "P")
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    call = ("--show-recovery-info", "-l", place.base)
    before = sorted(place.base.rglob("*"))
    shown = place.run(*call, "./t.txt")
    run = next(one.name for one in place.base.glob("runs/*") if "t.txt" in (one / "journal.jsonl").read_text())
    doc = json.loads(place.run(*call, "--output=json", "t.txt").stdout)

    assert shown.returncode == 0
    assert f"--resume {run} -l {place.base}" in shown.stdout and "last task 0" in shown.stdout
    assert (doc["kind"], [one["run"] for one in doc["runs"]]) == ("runs", [run])
    for words in (["other.txt"], ["-p", "Q", "t.txt"]):
        assert place.run(*call, *words).stdout == f"no run of {words[-1]} can be resumed\n"
    assert sorted(place.base.rglob("*")) == before


def test_recovery_info_names_the_way_on_after_a_failure(place):
    place.really("task=0\nexec=local\ncommand=false\n")
    shown = place.run("--show-recovery-info", "-l", place.base, "t.txt")
    run = next(place.base.glob("runs/*")).name

    assert f"{run}: ended with exit code 10" in shown.stdout
    assert f"again -r {run} -l {place.base}" in shown.stdout


@pytest.mark.parametrize(("words", "name"), [(["-t", "nonsense"], "nonsense"), (["--type=lokal"], "lokal")])
def test_an_exec_type_that_is_not_there_is_refused_although_no_task_uses_it(place, words, name):
    done = place.really(HELLO, *words)

    assert done.returncode == INVALID
    assert f"there is no exec type '{name}'" in done.stderr
    assert "local, openssh, " in done.stderr
    assert ("did you mean 'local'?" in done.stderr) == (name == "lokal")
    assert not (place.base / "logs").exists()


@pytest.mark.parametrize("name", ["LOCAL", "Shell", "sh", "bash"])
def test_exec_types_are_taken_in_any_case_and_as_2_2_has_them(place, name):
    assert place.really("task=0\ncommand=true\n", "-t", name).returncode == 0


def test_an_exec_type_of_the_environment_or_configuration_is_looked_at_too(place):
    done = place.really(HELLO, env={"TASK_EXECUTOR_TYPE": "nonsense"})
    (place.folder / "tasker.toml").write_text('[defaults]\nexec = "nothing"\n')
    other = place.really(HELLO)

    assert "TASK_EXECUTOR_TYPE: there is no exec type 'nonsense'" in done.stderr
    assert "tasker.toml:2: there is no exec type 'nothing'" in other.stderr


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("--exec=local", "--type"),
        ("--log-file=x", "--log-dir"),
        ("--recover", "--resume"),
        ("--force", "--force-instance"),
    ],
)
def test_other_names_lead_to_what_does_it_here(place, word, hint):
    done = place.really(HELLO, word)

    assert (done.returncode, hint in done.stderr) == (2, True)


@pytest.mark.parametrize("word", ["--show-recovery-info", "--output-json=x", "--force-instance"])
def test_again_refuses_what_it_cannot_take(place, word):
    place.really("task=0\nexec=local\ncommand=false\n")
    done = place.run("again", "-l", place.base, word, "last")

    assert done.returncode == 12
    assert f"{word.partition('=')[0]} cannot be given with tasker again" in done.stderr
