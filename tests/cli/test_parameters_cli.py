"""Parameters on the command line: runs, plan, explain, report, help, completion, resume (docs/language.md §4)."""

import json
import os
import time

import pytest

from tasker.protocol.exit_codes import INVALID, NOT_POSSIBLE

FILE = """\
# Bring a version to an environment
required=VERSION
ENVIRONMENT=staging
choices=ENVIRONMENT:staging,production

task=0
exec=local
command=printf '<%s>' @VERSION@ @ENVIRONMENT@
"""


def test_a_run_with_values(place):
    done = place.really(FILE, "--set", "VERSION=a 'b' @c@", "--set=ENVIRONMENT=production")

    assert (done.returncode, done.stderr) == (0, "")
    start = place.journal()[0]["doc"]
    assert start["workflow"]["variables"]["VERSION"]["set"] == "a 'b' @c@"
    assert start["settings"]["set"] == ["VERSION=a 'b' @c@", "ENVIRONMENT=production"]
    results = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert results[0]["stdout"] == "<a 'b' @c@><production>"
    assert "Parameter VERSION: a 'b' @c@ (--set)" in place.log()


def test_64_kib_reach_the_command(place):
    place.file("V=1\ntask=0\nexec=local\ncommand=printf %s @V@\n")
    value = "x\n" * (32 * 1024)
    done = place.run("-r", "-l", place.base, "--set", f"V={value}", "t.txt")

    assert done.returncode == 0, done.stderr
    results = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert results[0].get("stdout_bytes", len(results[0]["stdout"])) >= 64 * 1024 - 1


def test_missing_values_end_with_20_and_what_to_type(place):
    done = place.really(FILE.replace("required=VERSION", "required=VERSION,OTHER"))

    assert done.returncode == INVALID
    assert "add --set VERSION=VALUE --set OTHER=VALUE" in done.stderr
    assert not (place.base / "runs").exists()


def test_all_that_is_wrong_is_said_at_once(place):
    done = place.really(FILE, "--set", "VERSON=1", "--set", "ENVIRONMENT=prod", "--set", "x")

    assert done.returncode == INVALID
    for code in ("P026", "P027", "P028", "P029"):
        assert f"[{code}]" in done.stderr


def test_values_from_a_file_and_from_the_environment(place):
    (place.folder / "values.txt").write_text("# of today\nVERSION=2.1\n")
    text = FILE.replace("ENVIRONMENT=staging", "ENVIRONMENT=env:STAGE:staging")
    done = place.really(text, "--set-file", "values.txt", env={"STAGE": "production"})

    assert done.returncode == 0, done.stderr
    assert "Parameter VERSION: 2.1 (values.txt:2)" in place.log()
    assert "Parameter ENVIRONMENT: production (env:STAGE)" in place.log()


def test_a_secret_is_neither_taken_plain_nor_shown(place):
    text = "required=TOKEN\nsecret=TOKEN\ntask=0\nexec=shell\ncommand=printf %s @TOKEN@\n"
    done = place.really(text, "--set", "TOKEN=hunter2-hunter2")

    assert done.returncode == INVALID
    everything = done.stdout + done.stderr + place.log()
    assert "hunter2" not in everything
    done = place.really(text, "--set", "TOKEN=env:MY_TOKEN", env={"MY_TOKEN": "hunter2-hunter2"})
    assert done.returncode == 0, done.stderr
    assert "Parameter TOKEN: env:MY_TOKEN (--set)" in place.log()
    kept = "".join(path.read_text() for path in place.base.rglob("*") if path.is_file())
    assert "hunter2" not in kept


def test_plan_and_dry_run_show_the_values(place):
    place.file(FILE)
    plan = place.run("plan", "--set", "VERSION=2.1", "t.txt")
    dry = place.run("-l", place.base, "--set", "VERSION=2.1", "t.txt")

    assert plan.returncode == 0, plan.stderr
    assert "VERSION = 2.1 (--set)" in plan.stdout
    assert "ENVIRONMENT = staging (t.txt:3)" in plan.stdout
    assert "'<%s>' 2.1 staging" in plan.stdout
    assert "2.1 staging" in dry.stdout
    doc = json.loads(place.run("plan", "--output=json", "--set", "VERSION=2.1", "t.txt").stdout)
    assert doc["parameters"]["VERSION"] == {"value": "2.1", "from": "--set"}


def test_explain_and_report_show_the_values(place):
    place.really(FILE, "--set", "VERSION=2.1")
    explain = place.run("explain", "-l", place.base, "last")
    report = place.run("report", "-l", place.base, "last")
    both = [
        json.loads(place.run(word, "-l", place.base, "--output=json", "last").stdout) for word in ("explain", "report")
    ]

    assert "VERSION = 2.1 (--set)" in explain.stdout
    assert "VERSION = 2.1 (--set)" in report.stdout
    assert [doc["parameters"]["VERSION"]["value"] for doc in both] == ["2.1", "2.1"]


def test_show_config_with_a_file(place):
    place.file(FILE)
    text = place.run("--show-config", "--set", "VERSION=2.1", "t.txt")
    doc = json.loads(place.run("--show-config", "--output=json", "t.txt").stdout)

    assert text.returncode == 0, text.stderr
    assert "VERSION" in text.stdout
    assert [line.split() for line in text.stdout.splitlines() if line.startswith("parameters.VERSION")] == [
        ["parameters.VERSION", "2.1", "--set"]
    ]
    assert doc["parameters"] == {
        "ENVIRONMENT": {"value": "staging", "from": "t.txt:3"},
        "VERSION": {"value": None, "from": "required"},
    }


def test_help_of_a_file(place):
    place.file(FILE + "\ntask=1\nexec=local\ncommand=true\n", "deploy.txt")
    done = place.run("--help", "deploy.txt")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Bring a version to an environment" in done.stdout
    assert "VERSION      required" in done.stdout
    assert "ENVIRONMENT  staging (default); one of staging, production" in done.stdout
    assert "tasker --set VERSION=VALUE deploy.txt" in done.stdout


def test_help_of_a_file_shows_no_secret(place):
    place.file("secret=TOKEN\nTOKEN=hunter2hunter2\nrequired=V\ntask=0\nexec=shell\ncommand=echo @TOKEN@ @V@\n")
    done = place.run("--help", "t.txt")

    assert "hunter2" not in done.stdout
    assert "TOKEN  a secret" in done.stdout


def test_help_of_a_file_that_cannot_be_read(place):
    done = place.run("--help", "nothing.txt")

    assert done.returncode == 30
    assert "cannot find 'nothing.txt'" in done.stderr


def test_completion_offers_names_and_choices(place):
    place.file(FILE, "deploy.txt")
    names = place.run("--complete", "set", "deploy.txt", "--set")
    choices = place.run("--complete", "set", "deploy.txt", "--set", "ENVIRONMENT=")
    written = place.run("--complete", "set", "deploy.txt", "--set", "VERSION=1", "--set")

    assert names.stdout.splitlines() == ["ENVIRONMENT=\tstaging", "VERSION=\trequired"] + [
        "ENVIRONMENT=staging\t",
        "ENVIRONMENT=production\t",
    ]
    assert "ENVIRONMENT=production" in choices.stdout
    assert not [line for line in written.stdout.splitlines() if line.startswith("VERSION=")]


def test_stages_take_values_too(place):
    place.file(FILE)
    doc = json.loads(place.run("parse", "--set", "VERSION=1", "--set-file=/dev/null", "t.txt").stdout)

    assert doc["variables"]["VERSION"]["set"] == "1"
    assert place.run("parse", "--set").returncode == 2


@pytest.mark.parametrize("words", [("--set", "VERSION=3"), ("--set-file", "values.txt")])
def test_a_resume_keeps_the_values_and_takes_no_others(place, words):
    text = "required=VERSION\nREGION=env:REGION\nchoices=VERSION:2.1,3\n" + (
        "task=0\nexec=shell\ncommand=test -e go || { touch cut; sleep 30; }\n\n"
        "task=1\nexec=local\ncommand=printf '<%s>' @VERSION@ @REGION@\n"
    )
    process = place.begin(text, "--set", "VERSION=2.1", env={"REGION": "eu"})
    until = time.monotonic() + 20
    while not (place.folder / "cut").exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    (place.folder / "go").touch()
    refused = place.run("--resume", "-l", place.base, *words)
    assert refused.returncode == NOT_POSSIBLE
    assert "cannot be given with --resume" in refused.stderr

    place.file(text + "# another comment\n")  # it is read again
    until = time.monotonic() + 20
    while (done := place.run("--resume", "-l", place.base, "--unknown=rerun")).returncode == NOT_POSSIBLE:
        assert time.monotonic() < until, done.stderr
        time.sleep(0.2)

    assert done.returncode == 0, done.stderr + done.stdout
    results = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert results[-1]["stdout"] == "<2.1><eu>"


def test_a_resume_with_an_edited_file_keeps_the_values(place):
    text = (
        "required=VERSION\nREGION=env:REGION\n"
        "task=0\nexec=shell\ncommand=test -e go || { touch cut; sleep 30; }\n\n"
        "task=1\nexec=local\ncommand=printf '<%s>' @VERSION@ @REGION@\n"
    )
    process = place.begin(text, "--set", "VERSION=2.1", env={"REGION": "eu"})
    until = time.monotonic() + 20
    while not (place.folder / "cut").exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    (place.folder / "go").touch()
    place.file(text.replace("<%s>", "[%s]"))
    until = time.monotonic() + 20
    while True:
        done = place.run("--resume", "-l", place.base, "--unknown=rerun", "--accept-changes", env={"REGION": "us"})
        if done.returncode != NOT_POSSIBLE or time.monotonic() > until:
            break
        time.sleep(0.2)

    assert done.returncode == 0, done.stderr + done.stdout
    results = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert results[-1]["stdout"] == "[2.1][eu]"
    assert os.environ.get("REGION") is None


@pytest.mark.parametrize(
    "value", ["$(touch PWNED)", "`touch PWNED`", "'; touch PWNED; '", '"; touch PWNED; "', "a\ntouch PWNED", "*"]
)
def test_no_value_runs_in_a_script(place, value):
    text = "V=1\nsplit=S\nS=s\ntask=0\nexec=shell\n"
    text += "command=printf '<%s>' @V@ \"@V@\"; for one in @S@; do printf '[%s]' \"$one\"; done\n"
    done = place.really(text, "--set", f"V={value}", "--set", "S=$(touch${IFS}PWNED) '*'")

    assert done.returncode == 0, done.stderr
    results = [one["doc"] for one in place.journal() if one["what"] == "result"]
    assert results[0]["stdout"] == f"<{value}><{value}>[$(touch${{IFS}}PWNED)][*]"
    assert not (place.folder / "PWNED").exists()
    place.verify()


@pytest.mark.parametrize("value", ["root@localhost", "localhost:22", "-oProxyCommand=id", "a b"])
def test_a_host_from_outside_is_a_name(place, value):
    done = place.really("H=localhost\ntask=0\nexec=local\nhostname=@H@\ncommand=true\n", "--set", f"H={value}")

    assert done.returncode == 20
    assert "[H001]" in done.stderr


def test_a_secret_of_the_file_is_hidden_where_a_call_gives_another_source(place):
    text = "secret=TOKEN\nTOKEN=literal-secret-9\ntask=0\nexec=shell\ncommand=printf %s @TOKEN@\n"
    done = place.really(text, "--set", "TOKEN=env:MY_TOKEN", env={"MY_TOKEN": "other-secret-7"})

    assert done.returncode == 0, done.stderr
    shown = done.stdout + done.stderr + "".join(path.read_text() for path in place.base.glob("logs/*"))
    assert "literal-secret-9" not in shown
    assert "other-secret-7" not in "".join(path.read_text() for path in place.base.rglob("*") if path.is_file())
