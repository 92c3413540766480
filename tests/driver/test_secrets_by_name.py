"""Globals whose names say that they are secrets: what runs is as without this, and no sink shows a value (P039)."""

import json
import os

import pytest
from test_secrets import EXEC_TYPES, RECORD, leaks, program, shown, stubs
from whole_program import Place, eventually

VALUE, OTHER, THIRD = "Tr0ub4d!r&x", "s3cr3t-env-9", "h0rse-battery"
ENV = {"MY_TOKEN": OTHER}
HEAD = f"DB_PASSWORD={VALUE}\nAPI_TOKEN=env:MY_TOKEN\nA_SECRET=changeme-default\nLOGIN=u:@DB_PASSWORD@\n\n"
GIVEN = ("--set", f"A_SECRET={THIRD}")
ALL = (VALUE, OTHER, THIRD)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def seen(place, done):
    """What of the values is in a stream or a file. The copies of the task file, and what a resume needs of --set, are
    the only places for them."""
    return shown(done, *ALL) + leaks(place, *ALL, besides=("tasks/", "task_file.txt", "given.json"))


@pytest.mark.parametrize("exec_type", EXEC_TYPES)
def test_a_command_gets_what_it_got_before(place, exec_type):
    record = program(place, "record", RECORD)
    text = f"{HEAD}task=0\ncommand={record}\narguments=out '-p@DB_PASSWORD@' @LOGIN@ @API_TOKEN@ @A_SECRET@\n"
    text += f"exec={exec_type}\nhostname=localhost\n"
    text = text.replace("@LOGIN@", "'u:@DB_PASSWORD@'") if exec_type == "shell" else text

    done = place.really(text, *GIVEN, "--skip-host-validation", env={**ENV, **stubs(exec_type)})

    assert (place.folder / "out").read_text() == f"-p{VALUE}\0u:{VALUE}\0{OTHER}\0{THIRD}\0"
    assert "Task 0 stdout: got -p**** u:**** **** ****" in done.stdout
    assert (done.returncode, seen(place, done)) == (0, [])


def test_in_a_script_it_is_text_of_the_author_also_in_single_quotes(place):
    command = """printf "%s," '-p@DB_PASSWORD@' "@LOGIN@" @API_TOKEN@ @0_stdout@ | rev"""
    text = f"{HEAD}task=0\ncommand=echo hi\nexec=local\n\ntask=1\nexec=shell\ncommand={command}\n"
    text = text.replace(VALUE, "Tr0ub4dor+x")

    done = place.really(text, env=ENV)

    assert f"Task 1 stdout: ,ih,{OTHER[::-1]},{'u:Tr0ub4dor+x'[::-1]},{'-pTr0ub4dor+x'[::-1]}" in done.stdout
    (request,) = [one["doc"]["request"] for one in place.journal() if one["what"] == "intent"][1:]
    assert "'-p****' \"u:****\"" in request["script"]


SWEEP = f"""{HEAD}
# Says what it saw
task=0
command=echo
arguments=@DB_PASSWORD@ @API_TOKEN@ @A_SECRET@
exec=local
success=stdout~nothing like it
on_failure=1

# Fails in a script
task=1
command=echo '@DB_PASSWORD@' 'u:@DB_PASSWORD@' @API_TOKEN@ @A_SECRET@; echo '@DB_PASSWORD@' >&2; exit 3
exec=shell
next=always

# Members
task=2
type=parallel
tasks=10,11
next=always

task=3
hosts=localhost,127.0.0.1
command=anything
arguments=@DB_PASSWORD@ @A_SECRET@
exec=pbrun
next=always

# The value goes on as a mask
task=4
command=echo it was @0_stdout@
exec=local

# Has a value that no duration can have
task=5
command=echo 'u:@DB_PASSWORD@' @A_SECRET@
exec=shell
sleep=@0_stdout@

task=10
command=printf %s @DB_PASSWORD@
exec=local

task=11
command=/nowhere/@API_TOKEN@
exec=local
"""


@pytest.mark.parametrize("output", ["text", "jsonl", "json", "github"])
def test_no_file_and_no_stream_shows_a_value(place, output):
    program(place, "pbrun", 'shift 4; echo "$*"; echo "pbrun: cannot $*" >&2; exit 1')
    told = program(place, "told", 'cat >told.json; env >>told.json; echo "$0 $(cat told.json)" >&2; exit 3')
    env = {**ENV, "PATH": f"{place.folder}:{os.environ['PATH']}"}
    options = ("--skip-host-validation", "--project", "P", "--debug", "--output", output, "--notify", str(told))
    record = place.base / "record.jsonl"
    place.base.mkdir()

    done = place.really(SWEEP, *GIVEN, *options, "--record", record, env=env, timeout=90)

    assert done.returncode != 0
    assert seen(place, done) == []
    assert "is not a duration" in place.log()
    assert "that is what tests and other tasks get (P039)" in place.log()
    told = (place.folder / "told.json").read_text().replace(f"MY_TOKEN={OTHER}", "")  # of the environment of the caller
    assert [value for value in ALL if value in told] == []
    read = ["last", "-l", place.base]
    for words in (
        ["explain", "-l", place.base],
        *(["report", *form, *read] for form in ([], ["--json"], ["--junit"], ["--html"])),
        ["runs", "-l", place.base],
        ["verify", *read],
    ):
        answer = place.run(*words)
        assert (answer.returncode in (0, 1), answer.stdout != "", shown(answer, *ALL)) == (True, True, []), words
    for words in (["--show-plan"], ["--show-plan", "--output", "json"], ["--validate-only"], ["--follow"], []):
        answer = place.run("-l", place.base, *GIVEN, "--skip-host-validation", *words, place.file(SWEEP), env=env)
        assert (answer.stdout != "", seen(place, answer)) == (True, []), words


def test_a_file_that_does_not_validate_shows_no_value(place):
    text = f"{HEAD}task=0\ncommand=echo @DB_PASSWORD@ @NOT_THERE@\nexec=local\nnext=what\n"

    for more in ([], ["--output", "github"], ["--output", "json"]):
        done = place.really(text, *GIVEN, *more, env=ENV)
        assert (done.returncode, seen(place, done)) == (20, [])
    assert place.run("tasks", "--from", "2.2", place.file(text), env=ENV).stdout.count(VALUE) == 0


def test_what_others_get_of_an_output_is_masked_and_the_log_says_so(place):
    text = f"{HEAD}task=0\ncommand=echo @LOGIN@\nexec=local\n\ntask=1\ncommand=echo got @0_stdout@\nexec=local\n"

    done = place.really(text, env=ENV)

    assert "Task 1 stdout: got u:****" in done.stdout
    assert "Task 0: its stdout has **** in it" in place.log()


# -- going on with a run


@pytest.fixture
def cut(place):
    """A run that was killed in its second task; gives what resumes it."""
    record = program(place, "record", RECORD)
    text = f"{HEAD}task=0\ncommand=echo @LOGIN@ @API_TOKEN@ @A_SECRET@\nexec=local\n\n"
    text += "task=1\ncommand=sh -c 'touch begun; sleep 60' x @DB_PASSWORD@\nexec=local\n\n"
    text += f"task=2\ncommand={record} out @DB_PASSWORD@ @API_TOKEN@ @A_SECRET@ @0_stdout@\nexec=shell\n"
    process = place.begin(text.replace("&", "+"), *GIVEN, env=ENV)
    eventually((place.folder / "begun").exists, 20)
    process.kill()
    process.communicate()
    return lambda *words, **env: place.run(
        "-l", place.base, "--resume", "--unknown=skip", "--kill-left", *words, env=env
    )


EXPECTED = f"{VALUE.replace('&', '+')}\0{OTHER}\0{THIRD}\0u:**** **** ****\0"


def test_a_run_is_resumed_and_still_masks(place, cut):
    done = cut(**ENV)

    assert (place.folder / "out").read_text() == EXPECTED, done.stdout + done.stderr
    assert (done.returncode, seen(place, done), shown(done, VALUE.replace("&", "+"))) == (0, [], [])
    (given,) = place.base.rglob("given.json")
    assert (json.loads(given.read_text()), given.stat().st_mode & 0o777) == ({"A_SECRET": THIRD}, 0o600)


def test_a_resume_takes_a_task_file_that_was_changed(place, cut):
    path = place.folder / "t.txt"
    path.write_text(path.read_text() + "\ntask=3\ncommand=echo @A_SECRET@ @DB_PASSWORD@\nexec=local\n")

    done = cut("--accept-changes", **ENV)

    assert (place.folder / "out").read_text() == EXPECTED, done.stdout + done.stderr
    assert "Task 3 stdout: **** ****" in done.stdout
    assert (done.returncode, seen(place, done)) == (0, [])


def test_a_run_is_not_resumed_without_the_environment(place, cut):
    done = cut()

    assert done.returncode == 12
    assert "secret 'API_TOKEN': the environment variable MY_TOKEN is not set: export MY_TOKEN" in done.stderr


def test_a_run_that_continues_an_ended_one_has_the_values(place):
    text = f"{HEAD}task=0\ncommand=echo @LOGIN@ @A_SECRET@\nexec=local\n\n"
    text += "task=1\ncommand=sh -c 'test -e on && printf %s $1 >out' x @A_SECRET@\nexec=local\n"
    assert place.really(text, *GIVEN, env=ENV).returncode != 0
    (place.folder / "on").touch()

    done = place.run("again", "-r", "-l", place.base, "last", env=ENV)

    assert (done.returncode, seen(place, done)) == (0, []), done.stdout + done.stderr
    assert (place.folder / "out").read_text() == THIRD
    place.verify()


def test_a_run_of_an_older_version_goes_on_as_it_began(place, cut, monkeypatch):
    """Its journal marks no secret: then none is made of it, also where the file was changed."""
    from tasker.driver.current_workflow import keep_origins
    from tasker.language.parse.taskfile import parse_workflow

    text = f"{HEAD}task=0\ncommand=echo @LOGIN@ @A_SECRET@\nexec=local\n"
    new = parse_workflow(
        text.encode(), "t", given=[("--set", f"A_SECRET={THIRD}")], environment={b"MY_TOKEN": b"x" * 9}
    )
    before = parse_workflow(text.encode(), "t")
    for entry in before["variables"].values():
        entry.pop("by_name", None), entry.pop("secret", None)
    before["variables"]["A_SECRET"] |= {"set": THIRD, "origin": "--set"}

    keep_origins(before, new)

    assert not any("secret" in entry or "by_name" in entry for entry in new["variables"].values())
    assert new["variables"]["A_SECRET"]["set"] == THIRD
