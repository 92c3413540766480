"""What a failure that nothing handles does to a run, from the command line to the exit code (docs/language.md §6)."""

from __future__ import annotations

import json
import time

import pytest
from whole_program import Place, eventually, finished

THREE = "task=0\nexec=local\ncommand=false\n{}\n\ntask=1\nexec=local\ncommand=echo on\n"
CONTINUE = '[defaults]\non_error = "continue"\n'


def test_a_failure_stops_the_run_with_10_and_says_so_in_log_summary_and_document(place: Place) -> None:
    done = place.really(THREE.format(""), "--output", "json", "-p", "P")

    made = json.loads(done.stdout)
    reason = "stopped at task 0: it failed: exit code 1"
    assert (done.returncode, made["exit_code"], made["reason"], made["failed"]) == (10, 10, reason, [0])
    assert f"Finished with exit code 10: {reason}" in place.log()
    assert place.rows()[-1].split("\t")[5:7] == ["10", "FAILED"]


def test_the_smallest_file_of_issue_15_is_a_failure(place: Place) -> None:
    assert place.really("task=0\nexec=local\ncommand=false\nsuccess=exit_0\n").returncode == 10


def test_the_summary_names_a_task_whose_failure_was_let_through(place: Place) -> None:
    done = place.really(THREE.format("next=always"))

    assert done.returncode == 0
    assert "First failure: task 0 on localhost: exit 1" in done.stdout or "First failure: task 0: exit 1" in done.stdout


@pytest.mark.parametrize(
    ("configuration", "arguments", "code"),
    [
        ("", (), 10),
        ("", ("--on-error", "continue"), 1),
        ("", ("--on-error=stop",), 10),
        (CONTINUE, (), 1),
        (CONTINUE, ("--on-error=stop",), 10),
        ('[env.old.defaults]\non_error = "continue"\n', ("--env", "old"), 1),
    ],
)
def test_option_and_configuration_choose_the_rule(
    place: Place, configuration: str, arguments: tuple[str, ...], code: int
) -> None:
    (place.folder / "tasker.toml").write_text(configuration)
    done = place.really(THREE.format(""), *arguments)

    assert done.returncode == code
    assert ("Executing Task 1" in done.stdout) is (code == 1)
    if code == 1:
        assert "reached the end, but nothing handled the failure of task 0 (exit code 1)" in done.stdout


def test_the_plan_shows_which_rule_holds(place: Place) -> None:
    assert "A failure that nothing handles stops the run" in place.run("plan", place.file(THREE.format(""))).stdout
    (place.folder / "tasker.toml").write_text(CONTINUE)
    assert "(on_error=continue)" in place.run("plan", place.file()).stdout
    assert "stops the run" in place.run("plan", "--on-error=stop", place.file()).stdout
    assert "(on_error=continue)" in place.run("-l", place.base, "--show-plan", place.file()).stdout


def test_show_config_has_it_with_its_origin(place: Place) -> None:
    assert "on_error" in (shown := place.run("--show-config").stdout) and "stop" in shown
    (place.folder / "tasker.toml").write_text(CONTINUE)
    assert (
        "tasker.toml"
        in [line for line in place.run("--show-config", place.file()).stdout.splitlines() if "on_error" in line][0]
    )


def test_another_word_is_refused(place: Place) -> None:
    done = place.really(THREE.format(""), "--on-error", "ignore")
    assert (done.returncode, "--on-error takes stop or continue, not 'ignore'" in done.stderr) == (2, True)

    (place.folder / "tasker.toml").write_text('[defaults]\non_error = "ignore"\n')
    done = place.really(THREE.format(""))
    assert (done.returncode, "'on_error' has to be one of stop, continue" in done.stderr) == (2, True)


@pytest.mark.parametrize(("on_error", "code"), [("continue", 1), ("stop", 10)])
def test_a_resume_keeps_the_rule_of_its_run(place: Place, on_error: str, code: int) -> None:
    cut = "task=0\nexec=local\ncommand=sh -c 'echo x >>cut; sleep 30'\nnext=always\n\n"
    cut += "task=1\nexec=local\ncommand=false\n\n"
    process = place.begin(cut + "task=2\nexec=local\ncommand=echo on\n", "--on-error", on_error)
    eventually((place.folder / "cut").exists)
    time.sleep(0.1)
    process.kill()
    finished(process)
    done = place.run("--resume", "-l", place.base, "--unknown=skip", "--kill-left")

    assert done.returncode == code, done.stdout + done.stderr
    assert ("Executing Task 2" in done.stdout) is (on_error == "continue")


@pytest.mark.parametrize("code", [70, 74, 130])
def test_a_return_with_a_code_of_an_unfinished_run_is_an_end(place: Place, code: int) -> None:
    done = place.really(f"task=0\nexec=local\ncommand=true\nreturn={code}\n")

    assert (done.returncode, "--resume" in done.stdout) == (code, False)
    again = place.run("--resume", "-l", place.base)
    assert again.returncode == 12


def test_a_loop_break_that_was_never_met_is_a_failure_of_the_run(place: Place) -> None:
    done = place.really("task=0\nexec=local\ncommand=true\nnext=loop\nloop=2\nloop_break=stdout~ready\n")

    assert done.returncode == 10
    assert "stopped at task 0: it failed: loop_break not met after 3 runs" in done.stdout
    assert "1 failed" in done.stdout
    run = next(place.base.glob("runs/*")).name
    for words in (("explain", run, "0"), ("explain", run), ("report", run), ("verify", run)):
        told = place.run(*words, "-l", place.base)
        assert told.returncode == 0, told
    assert "loop_break not met after 3 runs" in place.run("explain", run, "0", "-l", place.base).stdout
    (task,) = json.loads(place.run("report", "--json", run, "-l", place.base).stdout)["tasks"]
    assert task["outcome"] == "failed"
