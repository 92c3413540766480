"""Runs of task files with options at their head: what is stronger, what people see, and that a run keeps them."""

import json
import subprocess

import pytest
from whole_program import PROGRAM, eventually, finished

from tasker.protocol.exit_codes import INVALID, LOCKED

HEAD = """\
# Deploy it
-t local -o 300     # both for every task
--log-level=DEBUG -p P
--on-error continue
-q
--no-task-backup

task=0
command=true
"""


def settings(place):
    start = place.journal()[0]["doc"]
    return start["settings"], start["workflow"]["settings"]


def test_the_head_counts_like_a_command_line(place):
    done = place.really(HEAD)
    kept, of_flow = settings(place)

    assert done.returncode == 0, done.stderr
    assert (kept["level"], kept["project"], kept["quiet"]) == ("DEBUG", "P", True)
    assert (of_flow["exec"], of_flow["timeout"], of_flow["on_error"]) == ("local", 300, "continue")
    assert "INFO" not in done.stdout.replace("[INFO] Finished", "").replace("[INFO] Ran", "").replace("[INFO] Log", "")
    assert place.rows()[1].split("\t")[6] == "SUCCESS"
    assert "Options at the head of the file: -t local -o 300 (line 2), --log-level=DEBUG -p P (line 3)" in place.log()
    assert "t.txt:6:1: hint: --no-task-backup does nothing here [P038]" in place.log()


def test_the_command_line_is_stronger_and_the_environment_weaker(place):
    environment = {"TASK_EXECUTOR_TYPE": "shell", "TASK_EXECUTOR_TIMEOUT": "7"}
    done = place.really(HEAD, "-o", "20", "--log-level=INFO", env=environment)
    kept, of_flow = settings(place)

    assert done.returncode == 0
    assert (of_flow["exec"], of_flow["timeout"], kept["level"]) == ("local", 20, "INFO")
    assert "; the command line overrules -o 300, --log-level=DEBUG" in place.log()


def test_a_debug_on_the_command_line_is_stronger_than_a_level_of_the_head(place):
    place.really(HEAD.replace("DEBUG", "ERROR"), "-d")

    assert settings(place)[0]["level"] == "DEBUG"


def test_the_head_is_stronger_than_the_configuration(place):
    (place.folder / "tasker.toml").write_text('[defaults]\nexec = "shell"\ntimeout = 9\nlog_level = "ERROR"\n')
    done = place.really(HEAD)
    kept, of_flow = settings(place)
    shown = place.run("--show-config", place.file(HEAD)).stdout

    assert done.returncode == 0
    assert (of_flow["exec"], of_flow["timeout"], kept["level"]) == ("local", 300, "DEBUG")
    assert [line.split()[-1].rpartition("/")[2] for line in shown.splitlines() if line[:4] in ("exec", "time")] == [
        "t.txt:2",
        "t.txt:2",
    ]


def test_the_folder_of_the_head_is_that_of_logs_and_runs(place):
    done = place.run("-r", place.file(f"-l '{place.base}/my logs'\ntask=0\nexec=local\ncommand=true\n"))

    assert done.returncode == 0
    assert list((place.base / "my logs/runs").iterdir())


def test_plan_dry_run_explain_and_report_show_the_head(place):
    path = place.file(HEAD)
    plan = place.run("plan", "-o", "20", path).stdout
    dry = place.run("-l", place.base, path.replace("t.txt", "t.txt"))
    place.really(HEAD, "-o", "20")
    explained = place.run("explain", "-l", place.base).stdout
    reported = place.run("report", "-l", place.base, "last").stdout
    for text in (" ".join(plan.split()), explained, reported):
        assert "Options at the head of the file: -t local -o 300 (line 2)" in text
        assert "; the command line overrules -o 300" in text
    assert dry.returncode == 0 and "Options at the head of the file" in place.log()
    for words in (("plan", "--output=json", path), ("explain", "--output=json"), ("report", "--output=json", "last")):
        folder = ("-l", place.base) if words[0] != "plan" else ()
        doc = json.loads(place.run(*words, *folder).stdout)
        assert doc["head_options"][1] == {"line": 3, "text": "--log-level=DEBUG -p P"}


def test_what_is_wrong_with_the_head_is_reported_with_the_rest(place):
    done = place.really("-r -o 5x\n-t nonsense\ntask=0\ncommnd=true\ncommand=true\n")

    assert done.returncode == INVALID
    for code in ("P035", "P036", "P014", "T014"):
        assert f"[{code}]" in done.stderr
    assert "t.txt:2:1: error: no runner for exec type 'nonsense', which the head of the file names" in done.stderr
    assert done.stderr.count("T014") == 1
    assert not (place.base / "runs").exists()


@pytest.mark.parametrize("name", ["LOCAL", "bash"])
def test_exec_types_of_the_head_are_taken_in_any_case_and_as_2_2_has_them(place, name):
    done = place.really(f"-t {name}\ntask=0\ncommand=true\n")

    assert done.returncode == 0, done.stderr


def test_a_question_of_the_head_needs_a_terminal_and_names_its_place(place):
    text = "--confirm\ntask=0\nexec=local\ncommand=true\n"
    done = place.really(text)
    good = place.really(text, "--yes")

    assert done.returncode == 2
    assert "t.txt:1) asks a question, and there is no terminal to answer it on: add --yes" in done.stderr
    assert good.returncode == 0
    assert place.run("-l", place.base, place.file(text)).returncode == 0  # a dry run asks nothing


def test_the_lock_of_the_head_keeps_a_second_run_out_and_force_instance_lets_it_in(place):
    text = "--instance-check\ntask=0\nexec=local\ncommand=sh -c 'touch begun; exec sleep 60'\n"
    process = place.begin(text)
    eventually((place.folder / "begun").exists)
    second = place.run("-r", "-l", place.base, "t.txt")
    forced = place.start("-r", "-l", place.base, "--force-instance", "t.txt")
    eventually(lambda: len(list(place.base.glob("runs/*/journal.jsonl"))) == 2)
    for one in (process, forced):
        one.terminate()
        finished(one)

    assert (second.returncode, "is running already" in second.stderr) == (LOCKED, True)


def test_a_killed_run_is_resumed_as_it_began(place):
    text = "-t local -o 77 --on-error continue -p P\ntask=0\ncommand=sh -c 'touch begun; sleep 60'\n"
    text += "\ntask=1\ncommand=true\n"
    process = place.begin(text)
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    changed = place.file(text.replace("-o 77", "-o 5").replace("continue", "stop"))
    done = place.run("--resume", "-l", place.base, "--unknown=fail", "--kill-left")
    begun = [one["doc"]["request"] for one in place.journal() if one["what"] == "intent"]

    assert done.returncode == 1, done.stderr
    assert [one["timeout"] for one in begun] == [77, 77]
    assert (
        "the options at the head of the file were changed since: the run keeps those that it began with" in place.log()
    )
    assert place.rows()[1].split("\t")[1] == changed
    place.verify()


def test_a_continued_run_keeps_what_the_old_one_had(place):
    text = "-t local -o 77\ntask=0\ncommand=test -e there\n"
    assert place.really(text).returncode == 10
    place.file("-t local -o 5\ntask=0\ncommand=true\n", "new.txt")
    done = place.run("again", "-r", "-l", place.base, "last", "--file", "new.txt")

    assert done.returncode == 0, done.stderr
    newest = sorted(place.base.glob("runs/*/journal.jsonl"))[-1]
    intents = [json.loads(line)["doc"] for line in newest.read_text().splitlines() if '"what":"intent"' in line]
    assert intents[-1]["request"]["timeout"] == 77
    assert "the run keeps those that it began with" in place.log()


def test_a_recording_is_played_back_with_the_head_of_the_file(place):
    record = place.folder / "record"
    assert place.really(HEAD, "--record", record).returncode == 0
    done = place.run("-r", "-l", place.base, "--replay", record, place.file(HEAD))

    assert done.returncode == 0, done.stderr
    assert len(place.rows()) == 2  # a replay is no row of the project


def test_stages_by_hand_carry_it(place):
    (place.folder / "tasker.toml").write_text('[runners]\nmine = "local"\n')
    path = place.file("-t mine -o 300 --on-error=continue\ntask=0\ncommand=true\n")
    parsed = place.run("parse", path).stdout
    tasks = subprocess.run([*PROGRAM, "tasks"], input=parsed, capture_output=True, text=True, cwd=place.folder)
    plan = subprocess.run([*PROGRAM, "plan"], input=tasks.stdout, capture_output=True, text=True, cwd=place.folder)
    made = json.loads(plan.stdout)

    assert json.loads(tasks.stdout)["findings"] == []
    assert (made["tasks"][0]["exec"], made["tasks"][0]["timeout"], made["on_error"]) == ("mine", 300, "continue")
    assert made["head_options"] == [{"line": 1, "text": "-t mine -o 300 --on-error=continue"}]


@pytest.mark.parametrize("words", [["-r"], [], ["plan"]])
def test_a_file_on_stdin_cannot_have_a_head(place, words):
    folder = [] if words == ["plan"] else ["-l", place.base]
    argv = [*PROGRAM, *words, *folder, "-"]
    done = subprocess.run(argv, input=HEAD, capture_output=True, text=True, cwd=place.folder, env=place.environment())

    assert done.returncode == INVALID
    assert "a task file on stdin cannot have options at its head" in done.stderr + done.stdout
    assert "give them on the command line: -t local -o 300, --log-level=DEBUG -p P" in done.stderr + done.stdout


def test_a_head_that_changes_between_two_looks_is_refused():
    from tasker.driver.head_options import take_head
    from tasker.driver.run_context import RunRefused

    lines = [{"line": 1, "text": "-t local"}]
    workflow = {"head_options": [{"line": 1, "text": "-t shell"}]}
    for read in ({"head": {"lines": lines, "overruled": []}}, {}):
        with pytest.raises(RunRefused, match="have just changed: nothing was executed"):
            take_head(read, workflow)
    with pytest.raises(RunRefused):
        take_head({"head": {"lines": lines, "overruled": []}}, {})


def test_drift_takes_what_is_for_it_and_asks_no_question(place):
    path = place.file("-t local --confirm --on-error=stop\ntask=0\ncommand=true\nprobe=true\n")

    assert place.run("drift", "-r", "-l", place.base, path).returncode == 0


def test_adhoc_does_not_read_a_file_of_its_name(place):
    place.file(HEAD, "adhoc")
    done = place.run(
        "adhoc", "-l", place.base, "-r", "--exec", "local", "--skip-host-validation", "--hosts", "a", "--", "true"
    )

    assert done.returncode == 0, done.stderr + done.stdout
    assert "at the head" not in place.log()
