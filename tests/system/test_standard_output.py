"""What is printed in answer to a call, where it cannot be written."""

import os
import subprocess

import pytest
from whole_program import HELLO, PROGRAM

CALLS = {
    "plan F": 0,
    "plan --graph svg F": 0,
    "parse F": 0,
    "parse --help": 0,
    "hosts localhost": 0,
    "condition true": 0,
    "report -l B last": 0,
    "report -l B --html last": 0,
    "runs -l B": 0,
    "runs -l B --json": 0,
    "runs -l B --prune 9d": 0,
    "explain -l B last": 0,
    "verify -l B last": 0,
    "findings --about": 0,
    "runners": 0,
    "runner local --about": 0,
    "runner-test local": 0,
    "runner-test --help": 0,
    "--help": 0,
    "help plan": 0,
    "--version": 0,
    "--show-config": 0,
}


def called(place, words, shell):
    """The program with these words, with its stdout redirected as the shell does it."""
    if not place.base.exists():
        place.really(HELLO)
    given = {"F": place.file(HELLO), "B": str(place.base)}
    argv = [*PROGRAM, *(given.get(word, word) for word in words.split())]
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {shell}', "sh", *map(str, argv)],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.parametrize("words", CALLS)
def test_a_full_disk_below_stdout_is_one_line_and_74(place, words):
    done = called(place, words, ">/dev/full")

    assert (done.returncode, done.stderr) == (74, "tasker: cannot write to stdout: No space left on device\n")


@pytest.mark.parametrize("words", [word for word in CALLS if word != "runner-test local"])
def test_a_reader_that_has_gone_is_no_error(place, words):
    done = called(place, words, "| true")

    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_encoding_of_stdout_does_not_have_is_escaped(place):
    file = place.file("# Grüße\n" + HELLO)
    done = place.run("plan", file, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})

    assert (done.returncode, "Gr" in done.stdout, done.stderr) == (0, True, "")


def test_a_write_that_takes_nothing_is_an_error(monkeypatch, capfd):
    from tasker.system import standard_output

    write = os.write
    monkeypatch.setattr(os, "write", lambda number, data: write(number, data) if number == 2 else 0)
    with pytest.raises(SystemExit) as end:
        standard_output.write_output(b"text")

    assert end.value.code == standard_output.WRITE_FAILED == 74
    assert capfd.readouterr().err == "tasker: cannot write to stdout: a write wrote nothing\n"


def test_a_terminal_that_another_process_made_nonblocking_is_waited_for():
    from tasker.system import standard_output

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen(["wc", "-c"], stdin=reading, stdout=subprocess.PIPE) as reader:
        os.close(reading)
        assert standard_output.write_output(b"x" * 1_000_000, writing)
        os.close(writing)
        assert reader.stdout.read() == b"1000000\n"
