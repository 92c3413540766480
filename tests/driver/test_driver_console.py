"""What the driver gives the console: levels, counts, states, the run of each line, and what cannot be written."""

import json
import re
import subprocess

import pytest
from whole_program import PROGRAM, local

HOSTS = "task=0\nhosts=localhost,127.0.0.1,127.0.0.2\nexec=local\nmax_parallel=1\n"


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif"])
def test_a_document_that_cannot_be_written_is_74(place, form):
    words = [*PROGRAM, "-r", "-l", place.base, "--output", form, place.file(local("touch ran"))]
    with open("/dev/full", "w") as full:
        options = {"stdout": full, "stderr": subprocess.PIPE, "text": True, "env": place.environment()}
        done = subprocess.run(words, cwd=place.folder, check=False, **options)

    assert (done.returncode, (place.folder / "ran").exists()) == (74, True)
    assert done.stderr == "tasker: cannot write to stdout: No space left on device\n"


def test_each_line_of_jsonl_has_its_time_and_its_run(place):
    done = place.really(local("true"), "--output", "jsonl")
    (run,) = [folder.name for folder in place.base.glob("runs/*")]

    assert {json.loads(line)["run"] for line in done.stdout.splitlines()} == {run}
    assert all("T" in json.loads(line)["time"] for line in done.stdout.splitlines())


def test_what_was_not_started_is_no_failure(place):
    done = place.really(HOSTS + "command=sh -c 'echo boom >&2; exit 3'\nstop_on=all_success\nnext=all_success\n")

    assert re.search(r"\[INFO\] Ran 1 task on 1 host: 1 failed, 2 not started, in ", done.stdout)
    assert "[WARN] Task 0 on localhost: exit 3, stderr: boom\n" in done.stdout
    assert re.search(r"\[WARN\] Task 0 on 127.0.0.\[1-2\]: not started: ", done.stdout)


def test_each_run_of_a_loop_is_a_command(place):
    done = place.really(local("true") + "next=loop\nloop=19\n")

    assert "Ran 1 task, 20 commands: 1 ok, in " in done.stdout


def test_a_dry_run_shows_hosts_with_equal_commands_together(place):
    done = place.run("-l", place.base, place.file(HOSTS + "command=echo hello\n"))

    assert "] Task 0 on 127.0.0.[1-2],localhost: echo hello\n" in done.stdout
    assert done.stdout.count("echo hello") == 2  # what is executed, and on which hosts
    assert "Task 0 on localhost: echo hello" in place.log()
