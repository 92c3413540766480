"""Runs with commands as another user: log, journal, report, retries, probes, a resume, a recording."""

import json
import os
import signal

import pytest
import sudo_stub
from runner_client import until
from whole_program import Place

PASSWORD = "correct horse"
WHO = "exec=local\nbecome=web\nbecome_password=env:PW\n"


@pytest.fixture
def sudo(tmp_path):
    return sudo_stub.install(tmp_path / "bin", f"password={PASSWORD}", "lecture")


@pytest.fixture
def place(tmp_path, sudo):
    (tmp_path / "place").mkdir()
    return Place(tmp_path / "place")


@pytest.fixture
def env(sudo):
    return {"PATH": f"{sudo}:{os.environ['PATH']}", "PW": PASSWORD}


def records(place):
    lines = "".join(path.read_text() for path in place.base.glob("*/runs/*/journal.jsonl"))
    return [json.loads(line) for line in (lines or read_all(place, "journal.jsonl")).splitlines()]


def read_all(place, name="*"):
    return "".join(path.read_text(errors="replace") for path in sorted(place.base.rglob(name)) if path.is_file())


def intents(place):
    return [one["doc"]["request"] for one in records(place) if one.get("what") == "intent"]


def test_log_journal_and_report_name_the_user_and_never_the_password(place, env, sudo):
    text = f"task=0\ncommand=sh -c 'echo $BECAME; echo correct; printf \"correct %s\" horse'\n{WHO}"

    done = place.really(text, env=env)

    assert 0 == done.returncode, done.stderr
    assert "Executing Task 0: sh -c" in done.stdout and " as web" in done.stdout
    assert [("web", "env:PW")] == [(one["become"], one["become_password"]) for one in intents(place)]
    report = place.run("report", "-l", place.base, "--json", "last", env=env)
    shown = place.run("explain", "-l", place.base, env=env)
    assert "sudo -u web -- sh" in report.stdout + shown.stdout
    for text in (done.stdout, done.stderr, read_all(place), report.stdout, shown.stdout):
        assert PASSWORD not in text
    assert 1 == (sudo / "read").read_text().count(PASSWORD)


def test_the_password_is_masked_in_the_output_of_other_tasks_too(place, env, tmp_path):
    text = f"task=0\ncommand=sh -c 'touch {tmp_path}/begun; [ -e {tmp_path}/on ] || sleep 30'\nidempotent=true\n{WHO}"
    for number, exec_type in enumerate(("local", "shell"), start=1):
        text += f"\ntask={number}\ncommand=printf 'it is %s' \"$PW\"\n".replace('"$PW"', "'correct horse'")
        text += f"exec={exec_type}\nsuccess=stdout~it is\n"
    process = place.begin(text, env=env)
    until((tmp_path / "begun").exists)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (tmp_path / "on").touch()

    done = place.run("-r", "-l", place.base, "--resume", "--kill-left", env=env, timeout=60)
    again = place.really(text, env=env)

    for one in (done, again):
        assert (one.returncode, one.stdout.count("stdout: it is ****")) == (0, 2), one.stdout + one.stderr
        assert "stdout: it is correct" not in one.stdout
    results = [one["doc"] for one in records(place) if one.get("what") == "result"]
    assert {one["stdout"] for one in results if "it is" in one["stdout"]} == {"it is ****"}


def test_a_refusal_is_not_retried(place, env, sudo):
    text = f"task=0\ncommand=true\nretry_failed=true\nretry_count=3\nretry_delay=0\n{WHO}"

    done = place.really(text, env={**env, "PW": "another"})

    assert 10 == done.returncode
    assert "become_denied: cannot become web: sudo refused the password; it was tried once" in done.stdout
    assert 1 == len(sudo_stub.calls(sudo))


def test_a_password_that_cannot_be_read_is_found_before_the_run(place, env, sudo, tmp_path):
    (tmp_path / "open").write_text(PASSWORD)
    (tmp_path / "open").chmod(0o644)
    task = "task={0}\ncommand=true\nexec=local\nbecome=web\nbecome_password={1}\n"
    sources = ("env:NOT_THERE", f"file:{tmp_path}/open", "env:PW", "env:NOT_THERE")

    done = place.really("\n".join(task.format(number, one) for number, one in enumerate(sources)), env=env)

    assert 20 == done.returncode
    assert 2 == (done.stdout + done.stderr).count("the password for sudo: ")
    assert [] == sudo_stub.calls(sudo)


def test_a_probe_runs_as_the_same_user(place, env, sudo):
    text = f"task=0\ncommand=true\nprobe=sh -c 'test \"$BECAME\" = web'\nprobe_first=true\n{WHO}"

    done = place.really(text, env=env)

    assert 0 == done.returncode, done.stdout
    assert "Task 0 already done" in done.stdout
    assert ["web"] == [one["become"] for one in intents(place)]


def test_a_resume_keeps_the_user(place, env, tmp_path):
    text = f"task=0\ncommand=sh -c 'echo $BECAME >>{tmp_path}/ran; [ -e {tmp_path}/on ] || sleep 30'\nidempotent=true\n"
    process = place.begin(text + WHO, env=env)
    until((tmp_path / "ran").exists)
    until(lambda: (tmp_path / "ran").read_text())

    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (tmp_path / "on").touch()
    done = place.run("-r", "-l", place.base, "--resume", "--kill-left", env=env, timeout=60)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert ["web", "web"] == (tmp_path / "ran").read_text().split()
    assert ["web", "web"] == [one["become"] for one in intents(place)]


def test_a_replay_asks_nobody_and_another_user_is_another_command(place, env, sudo, tmp_path):
    text = f"task=0\ncommand=true\n{WHO}"
    assert 0 == place.really(text, "--record", tmp_path / "record", env=env).returncode
    sudo_stub.rule(sudo, "deny")

    same = place.really(text, "--replay", tmp_path / "record", env=env)
    other = place.really(text.replace("become=web", "become=db"), "--replay", tmp_path / "record", env=env)

    assert (0, 10) == (same.returncode, other.returncode)
    assert [] == sudo_stub.calls(sudo)


def test_an_option_of_the_configuration_stands_for_the_field(place, env):
    (place.folder / "tasker.toml").write_text('[runner.local]\nbecome = "web"\nbecome_password = "env:PW"\n')

    done = place.really("task=0\ncommand=sh -c 'echo as $BECAME'\nexec=local\n", env=env)

    assert 0 == done.returncode, done.stdout
    assert "stdout: as web" in done.stdout


@pytest.mark.parametrize(
    ("lines", "findings"),
    [
        ("exec=local\nbecome=@X@\n", {"T089"}),
        ("exec=local\nbecome=Root\n", {"T089"}),
        ("exec=local\nbecome=-u\n", {"T089"}),
        ("exec=local\nbecome=web\nbecome_password=geheim\n", {"T089"}),
        ("exec=local\nbecome=web\nbecome_password=env:@X@\n", {"T089"}),
        ("exec=local\nbecome=web\nbecome_password=env:A\nbecome_direct=true\n", {"T089"}),
        ("exec=local\nbecome=web\nbecome_direct=perhaps\n", {"T009"}),
        ("exec=local\nbecome_password=env:A\n", {"T003"}),
        ("exec=shell\nbecome=web\n", {"T090"}),
        ("exec=pbrun\nhostname=web1\nbecome=web\n", {"T090"}),
        ("exec=local\nbecome=#1001\nbecome_direct=true\n", set()),
    ],
)
def test_what_cannot_be_is_found_before_the_run(place, lines, findings):
    done = place.run("--skip-host-validation", place.file(f"X=web\ntask=0\ncommand=echo\narguments=@X@\n{lines}"))

    found = {word.strip("[];") for word in done.stdout.split() + done.stderr.split() if word.startswith("[T")}
    assert bool(found) == bool(findings) and found <= findings
    assert "geheim" not in done.stdout + done.stderr


def test_a_user_of_the_configuration_is_shown_everywhere(place, env):
    (place.folder / "tasker.toml").write_text('[runner.local]\nbecome = "web"\nbecome_password = "env:PW"\n')
    text = "task=0\ncommand=true\nexec=local\n\ntask=1\ncommand=true\nexec=shell\n"
    file = place.file(text)

    plan = place.run("--show-plan", file, env=env)
    drawn = json.loads(place.run("plan", "--output", "json", file, env=env).stdout)
    dry = place.run(file, env=env)
    done = place.really(text, env=env)
    explained = place.run("explain", "-l", place.base, "last", "0", env=env)
    report = json.loads(place.run("report", "-l", place.base, "--json", "last", env=env).stdout)
    page = place.run("report", "-l", place.base, "--html", "last", env=env)

    assert 1 == plan.stdout.count("runs as web, through sudo, as the configuration has it"), plan.stdout
    assert [("web", "configuration"), (None, None)] == [
        (one.get("become"), one.get("become_from")) for one in drawn["tasks"]
    ]
    assert "Executing Task 0: true as web" in dry.stdout and "Executing Task 1: true\n" in dry.stdout
    assert "Executing Task 0: true as web" in done.stdout and "Executing Task 1: true\n" in done.stdout
    assert "command as web: sudo -u web -- true" in explained.stdout
    assert ["web", None] == [one.get("become") for one in report["attempts"]]
    assert "as web · " in page.stdout + "".join(path.read_text() for path in place.base.rglob("*.html"))


def test_the_plan_counts_the_hosts_on_which_another_user_runs_it(place, env):
    (place.folder / "tasker.toml").write_text('[[host]]\nmatch = "db*"\nbecome = "web"\n')
    file = place.file("task=0\ncommand=true\nexec=ssh\nhosts=db1,db2,app1\n")

    plan = place.run("--skip-host-validation", "--show-plan", file, env=env)

    assert "runs as web on 2 hosts, through sudo, as the configuration has it" in plan.stdout, plan.stdout + plan.stderr
