"""What the runner of an exec type says of itself decides what its tasks need: a host, words or a script."""

import json
from pathlib import Path

import pytest
from task_file_builders import codes
from whole_program import ROOT, Place

PYTHON = """#!/usr/bin/env python3
from tasker.command import serve

COMMAND = ["python3", "-c", {template}]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND{host}))
"""
TEXT = "task=0\ncommand=print(1)\nexec=pyrun\n"


@pytest.fixture
def own(place: Place) -> Place:
    """A place with a runner of one's own, `pyrun`, that works on this machine."""
    runner(place.folder, 'host="none"')
    return place


def runner(folder: Path, *host: str, template: str = '"{words}"', name: str = "pyrun") -> None:
    (folder / "runners").mkdir(mode=0o755, exist_ok=True)
    path = folder / f"runners/{name}.py"
    path.write_text(PYTHON.format(template=template, host="".join(f", {one}" for one in host)))


def variables(place: Place) -> dict[str, str]:
    return {"TASKER_PATH": str(place.folder), "PYTHONPATH": str(ROOT / "library")}


def test_an_exec_type_of_ones_own_that_runs_here_needs_no_host(own: Place) -> None:
    done = own.really(TEXT, env=variables(own))

    assert (done.returncode, done.stderr) == (0, "")
    assert "Task 0 stdout: 1" in done.stdout


def test_nor_as_the_default_exec_type(own: Place) -> None:
    done = own.really("task=0\ncommand=print(1)\n", "-t", "pyrun", env=variables(own))

    assert (done.returncode, "Task 0 stdout: 1" in done.stdout) == (0, True)


@pytest.mark.parametrize(("host", "code"), [((), 20), (('host="required"',), 20), (('host="optional"',), 0)])
def test_one_that_says_nothing_needs_a_host(place: Place, host: tuple[str, ...], code: int) -> None:
    runner(place.folder, *host)

    done = place.really(TEXT, env=variables(place))

    assert (done.returncode, "T001" in done.stderr) == (code, code == 20)


def test_its_hosts_are_resolved_and_not_tested(own: Place) -> None:
    text = TEXT + "hostname=192.0.2.1\n"  # of a network that no machine is in (RFC 5737)

    assert own.really(text, env=variables(own)).returncode == 0


def test_a_script_is_checked_as_a_script(place: Place) -> None:
    runner(place.folder, 'host="none"', template='"{script}"')
    text = "task=0\ncommand=print('it is one', 1) # it's\nexec=pyrun\n"  # as words, a quote would be open

    assert "Task 0 stdout: it is one 1" in place.really(text, env=variables(place)).stdout


def test_what_no_runner_is_known_of_is_not_said_to_need_a_host() -> None:
    assert codes(TEXT, available=["pyrun", "local"]) == []


def test_the_next_stage_gets_what_a_runner_outside_of_the_collection_has_said(own: Place) -> None:
    """So it is started once for both validators. Of ours, nothing is asked."""
    parsed = own.run("parse", own.file(TEXT + "\ntask=1\ncommand=true\nexec=local\n"))
    (own.folder / "parsed").write_text(parsed.stdout)
    with (own.folder / "parsed").open() as stdin:
        done = own.run("tasks", stdin=stdin, env=variables(own))

    runners = json.loads(done.stdout)["settings"]["runners"]
    assert list(runners) == ["pyrun"]
    assert (runners["pyrun"]["host"], runners["pyrun"]["name"]) == ("none", "pyrun")


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ('host="never"', "host='never' is not one of none, optional, required"),
        ('host="none", check=["{hostname}"]', "host='none' does not fit a template with {hostname}"),
    ],
)
def test_a_runner_that_contradicts_itself_does_not_start(place: Place, host: str, why: str) -> None:
    runner(place.folder, host)

    done = place.run("runner", "pyrun", "--about", env=variables(place))

    assert (done.returncode, why in done.stderr) == (1, True)


# -- other names of exec types


@pytest.mark.parametrize("written", ["bash", "sh", "SHELL", "Bash", "@HOW@"])
def test_another_name_of_shell_runs_a_script(place: Place, written: str) -> None:
    text = f"HOW=bash\n\ntask=0\ncommand=printf '<%s>' $((6 * 7))\nexec={written}\n"

    done = place.really(text)

    assert (done.returncode, "Task 0 stdout: <42>" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "printf '<%s>' $((6 * 7))" in place.run(str(done.args[-1])).stdout
    (start,) = [one["doc"] for one in place.journal() if one["what"] == "intent"]
    assert start["exec"] == "shell"


def test_an_exec_type_counts_in_any_case(place: Place) -> None:
    text = "task=0\ncommand=echo 'one word'\nexec=Local\n"

    assert "Task 0 stdout: one word" in place.really(text).stdout
    assert "Task 0 stdout: one word" in place.really(text.replace("exec=Local\n", ""), "-t", "LOCAL").stdout


@pytest.mark.parametrize("written", ["bash", "BASH"])
def test_a_runner_that_has_the_name_itself_comes_first(place: Place, written: str) -> None:
    runner(place.folder, 'host="none"', name="bash")
    text = f"task=0\ncommand=print(6*7)\nexec={written}\n"

    done = place.really(text, env=variables(place))

    assert (done.returncode, "Task 0 stdout: 42" in done.stdout) == (0, True), done.stdout + done.stderr


def test_an_exec_type_of_the_configuration_with_the_name_comes_first(place: Place) -> None:
    assert codes("task=0\ncommand=a 'b\nexec=bash\n", available=["shell"]) == []
    assert codes(
        "task=0\nhostname=h\ncommand=a 'b\nexec=bash\n", available=["shell", "bash"], runners={"bash": {}}
    ) == ["T012"]
