"""`--alert-on-failure`: a program that is started once when a real run fails, and what its environment has."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from whole_program import Place, eventually, finished, local

GOOD = local("true")
BAD = "task=3\nexec=local\ncommand=sh -c 'echo disk full >&2; exit 7'\n"
NAMES = ("EXIT_CODE", "ERROR", "FAILED_TASK", "TASK_FILE", "LOG_FILE", "STATE_FILE", "TIMESTAMP")
# one line for each start: its arguments, and the variables as JSON
RECORD = r"""#!/bin/sh
printf '%s ' "$#" >>alerts
jq -nc 'env | with_entries(select(.key | test("^TASKER_(EXIT|ERR|FAIL|[A-Z]+_FILE|TIME)")))' >>alerts
"""


class Alerts:
    """A program that records how it was started, and what it has recorded so far."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.program = self.write(RECORD)

    def write(self, text: str, mode: int = 0o755) -> Path:
        path: Path = self.place.folder / "alert me; touch owned"  # a name that a shell would take apart
        path.write_text(text)
        path.chmod(mode)
        return path

    def seen(self) -> list[dict[str, str]]:
        """The variables of each start, without TASKER_."""
        path = self.place.folder / "alerts"
        made = []
        for line in path.read_text().splitlines() if path.exists() else ():
            count, _, doc = line.partition(" ")
            assert count == "0"  # arguments
            made.append({name.removeprefix("TASKER_"): value for name, value in json.loads(doc).items()})
        return made

    def only(self) -> dict[str, str]:
        (alert,) = self.seen()
        assert set(alert) == set(NAMES)
        return alert


@pytest.fixture
def alerts(place: Place) -> Alerts:
    return Alerts(place)


def test_a_task_that_failed_is_in_its_environment(place: Place, alerts: Alerts) -> None:
    done = place.really(BAD, "--alert-on-failure", alerts.program)
    alert = alerts.only()
    (run,) = place.base.glob("runs/*")
    (log,) = place.base.glob("logs/tasker_*")

    assert (done.returncode, done.stderr) == (10, "")
    assert (alert["EXIT_CODE"], alert["FAILED_TASK"]) == ("10", "3")
    assert alert["ERROR"] == "stopped at task 3: it failed: exit code 7; task 3: exit 7: disk full"
    assert alert["TASK_FILE"] == str(place.folder / "t.txt")
    assert (alert["LOG_FILE"], alert["STATE_FILE"]) == (str(log), str(run / "journal.jsonl"))
    assert alert["TIMESTAMP"].startswith("20") and alert["TIMESTAMP"][10] == "T"
    assert not (place.folder / "owned").exists()


@pytest.mark.parametrize("words", [["-r"], ["-n"], ["-r", "--validate-only"]])
def test_a_run_that_ends_well_and_one_that_executes_nothing_alert_nobody(
    place: Place, alerts: Alerts, words: list[str]
) -> None:
    text = GOOD if words == ["-r"] else "task=0\nexec=local\nwhat\n"
    place.run(*words, "-l", place.base, "--alert-on-failure", alerts.program, place.file(text))

    assert alerts.seen() == []


def test_a_file_that_does_not_validate(place: Place, alerts: Alerts) -> None:
    done = place.really("task=0\nexec=local\nwhat\n", "--alert-on-failure", alerts.program)
    alert = alerts.only()

    assert (done.returncode, alert["EXIT_CODE"]) == (20, "20")
    assert alert["ERROR"].startswith("validation failed with ")
    assert "t.txt:1:6: error: " in alert["ERROR"]
    assert (alert["FAILED_TASK"], alert["STATE_FILE"]) == ("", "")
    assert os.path.exists(alert["LOG_FILE"])


def test_a_file_that_is_not_there(place: Place, alerts: Alerts) -> None:
    done = place.run("-r", "-l", place.base, "--alert-on-failure", alerts.program, "t.txt")

    assert (done.returncode, alerts.only()["EXIT_CODE"]) == (30, "30")
    assert alerts.only()["TASK_FILE"] == str(place.folder / "t.txt")


def test_a_fan_out_names_the_first_host_that_failed(place: Place, alerts: Alerts) -> None:
    hosts = "hosts=127.0.0.1,127.0.0.2,127.0.0.3"
    text = f"task=4\n{hosts}\nexec=shell\nmax_parallel=1\ncommand=test @4_hostname@ != 127.0.0.2\n"
    done = place.really(text, "--alert-on-failure", alerts.program)

    assert (done.returncode, alerts.only()["FAILED_TASK"]) == (10, "4")
    assert alerts.only()["ERROR"].endswith("2 of 3 hosts succeeded; task 4 on 127.0.0.2: exit 1")


def test_an_outcome_that_is_unknown(place: Place, alerts: Alerts) -> None:
    done = place.really("task=0\nhostname=localhost\nexec=lies\ncommand=die\n", "--alert-on-failure", alerts.program)

    assert (done.returncode, alerts.only()["EXIT_CODE"], alerts.only()["FAILED_TASK"]) == (75, "75", "0")


def test_a_return_names_the_first_task_that_failed(place: Place, alerts: Alerts) -> None:
    text = BAD + "on_failure=90\n\ntask=90\nexec=local\ncommand=true\nreturn=4\n"
    done = place.really(text, "--alert-on-failure", alerts.program)

    assert (done.returncode, alerts.only()["EXIT_CODE"], alerts.only()["FAILED_TASK"]) == (4, "4", "3")


HOSTILE = "$(touch owned); `touch owned` () { :;}; touch owned \x1b[2J \x00 \u202e end"


def test_what_a_host_prints_is_data_without_control_characters(place: Place, alerts: Alerts) -> None:
    (place.folder / "hostile").write_text(HOSTILE + "\n")
    text = "task=0\nexec=shell\ncommand=cat hostile >&2; exit 1\n"
    place.really(text, "--alert-on-failure", alerts.program)
    error = alerts.only()["ERROR"]

    assert "$(touch owned); `touch owned`" in error
    assert "\\e[2J \\x00 \\u202e end" in error
    assert error.isprintable()
    assert not (place.folder / "owned").exists()


def test_a_host_name_that_an_output_made_up_is_data(place: Place, alerts: Alerts) -> None:
    text = "task=0\nexec=local\ncommand=printf '%s' '-oProxyCommand=touch owned\\033[2J'\n\n"
    text += "task=1\nhostname=@0_stdout@\nexec=local\ncommand=true\n"
    done = place.really(text, "--alert-on-failure", alerts.program)

    assert (done.returncode, alerts.only()["FAILED_TASK"]) == (10, "1")
    assert alerts.only()["ERROR"].isprintable()
    assert not (place.folder / "owned").exists()


def test_the_error_has_at_most_4_kib_and_ends_with_a_whole_character() -> None:
    from tasker.driver import alert

    assert alert.cut("é" * 2048) == "é" * 2048
    assert alert.cut("é" * 2049) == "é" * 2046 + "…"
    assert len(alert.cut("a" + "é" * 5000).encode()) <= 4096


def test_a_secret_is_masked_in_the_error(place: Place, alerts: Alerts) -> None:
    text = "secret=PASS\nPASS=env:PASS\ntask=0\nexec=shell\ncommand=echo the @PASS@ is wrong >&2; exit 1\n"
    place.really(text, "--alert-on-failure", alerts.program, env={"PASS": "hunter2hunter2"})

    assert alerts.only()["ERROR"].endswith("the **** is wrong")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("#!/bin/sh\necho no mail >&2\nexit 3\n", "it ended with exit status 3: no mail"),
        ("#!/nowhere/x\n", "cannot start it: No such file or directory"),
        ("no program\n", "cannot start it: Exec format error"),
    ],
)
def test_its_failure_is_one_line_and_changes_no_exit_code(
    place: Place, alerts: Alerts, script: str, expected: str
) -> None:
    done = place.really(BAD, "--alert-on-failure", alerts.write(script))

    assert (done.returncode, done.stderr.count("\n")) == (10, 1)
    assert f"--alert-on-failure: {expected}" in done.stderr
    assert place.log().count(f"--alert-on-failure: {expected}") == 1


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda alerts: alerts.place.folder / "missing", "is not there"),
        (lambda alerts: alerts.place.folder, "is no program"),
        (lambda alerts: alerts.write(RECORD, 0o644), "is not executable: chmod +x makes it so"),
    ],
)
@pytest.mark.parametrize("words", [["-r"], []])
def test_what_cannot_be_started_is_found_before_the_run(
    place: Place, alerts: Alerts, make: Callable[[Alerts], Path], expected: str, words: list[str]
) -> None:
    done = place.run(*words, "-l", place.base, f"--alert-on-failure={make(alerts)}", place.file(GOOD))

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert expected in done.stderr
    assert not place.base.exists()


def test_a_run_that_was_killed_alerts_when_its_resume_fails_and_from_any_folder(place: Place, alerts: Alerts) -> None:
    text = "task=0\nexec=local\ncommand=sh -c 'touch cut; sleep 30'\n\n" + BAD
    process = place.begin(text, "--alert-on-failure", f"./{alerts.program.name}")
    eventually((place.folder / "cut").exists)
    process.kill()
    finished(process)
    assert alerts.seen() == []

    words = ("--resume", "last", "-l", place.base, "--unknown=skip")
    done = place.run(*words, cwd=place.folder / "home")
    assert (done.returncode, alerts.only()["FAILED_TASK"]) == (10, "3")

    done = place.run(*words, cwd=place.folder / "home")  # it is finished, so that this call fails with 12
    assert (done.returncode, len(alerts.seen())) == (12, 1)


def test_a_signal_is_a_failure_too(place: Place, alerts: Alerts) -> None:
    process = place.begin(
        "task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n", "--alert-on-failure", alerts.program
    )
    eventually((place.folder / "begun").exists)
    process.terminate()
    code, _, _ = finished(process)

    assert (code, alerts.only()["EXIT_CODE"]) == (143, "143")


def test_a_run_that_is_parked_has_not_failed(place: Place, alerts: Alerts) -> None:
    done = place.really("# Go on?\ntask=0\ntype=approval\n", "--park", "--alert-on-failure", alerts.program)

    assert (done.returncode, alerts.seen()) == (76, [])


def test_again_has_the_program_of_the_old_run(place: Place, alerts: Alerts) -> None:
    place.really(BAD, "--alert-on-failure", alerts.program)
    shown = place.run("again", "-l", place.base, "last")
    done = place.run("again", "-r", "-l", place.base, "last")

    assert (shown.returncode, done.returncode, len(alerts.seen())) == (0, 10, 2)
