"""Why a task ran, was skipped, was repeated, failed or was never reached: told from the journal alone."""

import json
import re
import shutil

import pytest
from whole_program import eventually, finished, local

TEXT = """\
# Check
task=0
exec=local
command=sh -c "echo running; exit 3"
next=exit_0&stdout~running
on_failure=90

task=1
exec=local
command=echo never

# Roll back
task=90
exec=shell
command=mkdir once && exit 1; echo back >&2
next=loop&exit_1
loop=3

task=91
exec=local
command=echo alert
condition=@90_success@&@0_exit@=3

task=92
exec=local
command=true
condition=@0_stdout@~stopped
"""


def explain(place, *words):
    (folder,) = place.base.glob("runs/*")
    return place.run("explain", "-l", place.base, folder.name, *words)


def said(place, *words):
    done = explain(place, *words)
    assert done.returncode == 0, done.stderr
    return [re.sub(r"^  [0-9:.]{12} ", "  ", line) for line in done.stdout.splitlines()]


@pytest.fixture
def ran(place):
    """A run of TEXT, of which only the journal is left."""
    assert place.really(TEXT).returncode == 0
    for name in ("logs", "tasks"):
        shutil.rmtree(place.base / name)
    (place.folder / "t.txt").unlink()
    return place


def test_the_path_of_a_run_and_why_it_went_there(ran):
    lines = said(ran)

    assert [line for line in lines if "Executing" in line or "skipped" in line][0] == "  Executing Task 0: Check"
    assert any(
        line.startswith("  Task 0: on to task 90 (on_failure): next is not satisfied: exit_0 is") for line in lines
    )
    assert lines[-1] == "finished with exit code 0: reached the end"


def test_a_condition_is_explained_test_by_test_with_its_line(ran):
    why = "exit_0 is false: exit code 3; stdout~running is true: stdout is 'running'"

    assert f"  Task 0: next is false: {why} (line 5)" in said(ran, "0")
    assert "  line 5: next=exit_0&stdout~running" in said(ran, "0")


def test_what_was_run_and_what_it_said(ran):
    lines = said(ran, "0")

    assert "  command: sh -c 'echo running; exit 3'" in lines
    assert any(re.fullmatch(r"  failed, exit code 3, [0-9.]+ s", line) for line in lines)
    assert "    stdout: running" in lines


def test_a_task_that_was_never_reached(ran):
    lines = said(ran, "1")

    assert "  the flow never came to it: it went 0 → 90 → 91 → 92" in lines
    assert any("on to task 90 (on_failure)" in line for line in lines)


def test_a_task_that_was_skipped(ran):
    lines = said(ran, "92")

    assert "  the flow came to it by 0 → 90 → 91 → 92" in lines
    assert any(line.startswith("  Task 92 skipped: @0_stdout@~stopped is false") for line in lines)


def test_a_task_that_was_repeated(ran):
    lines = said(ran, "90")

    assert sum("command: " in line for line in lines) == 2
    assert "  Task 90: next is true: exit_1 is true: exit code 1 (line 16)" in lines
    assert any(line.startswith("  Task 90: loop ended: exit_1 is false") for line in lines)


def test_one_host_of_many(place):
    place.really("task=0\nhosts=localhost,127.0.0.1\nexec=shell\ncommand=[ @0_hostname@ = localhost ]\nnext=always\n")
    lines = said(place, "0@127.0.0.1")

    assert sum("command on" in line for line in lines) == 1
    assert any("127.0.0.1" in line for line in lines)


def test_a_run_that_has_not_ended_names_what_is_unknown(place):
    from whole_program import eventually, finished

    process = place.begin("task=4\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n")
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)

    assert said(place)[-1] == "it has not come to an end: tasker --resume continues it"
    assert "the outcome of its last command is unknown" in said(place, "4")[-1]
    assert said(place, "4")[-2] == "  command: sh -c 'touch begun; sleep 30'"


def test_for_programs_there_is_a_document(ran):
    doc = json.loads(explain(ran, "--json", "0").stdout)

    assert doc["kind"] == "explanation"
    assert {"field": "next", "truth": False}.items() <= next(
        m for m in doc["moments"] if m["what"] == "verdict"
    ).items()


def test_what_a_host_said_moves_no_cursor(place):
    place.really("task=0\nexec=shell\ncommand=printf '\\033[2Jx\\rfaked\\n'\n")

    assert "\x1b" not in explain(place, "0").stdout
    assert any("\\e[2Jx\\rfaked" in line for line in said(place, "0"))


@pytest.mark.parametrize("words", [["7"], ["x"], ["0", "1"], ["--what"]])
def test_what_cannot_be_explained_is_misuse(ran, words):
    done = explain(ran, *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_without_a_run_it_is_the_newest(place):
    missing = place.run("explain", "-l", place.base)
    assert (missing.returncode, "no run is named, and there is none in" in missing.stderr) == (2, True)

    place.really(local("true"))
    place.really(local("false"))
    newest = max(place.base.glob("runs/*"), key=lambda folder: folder.stat().st_mtime_ns).name

    assert place.run("explain", "-l", place.base).stdout.startswith(f"run {newest}: ")


def test_without_a_run_and_with_two_that_run_it_asks_which(place):
    first = place.begin(local("sleep 20"))
    second = place.begin(local("sleep 20"))
    eventually(lambda: len(list(place.base.glob("runs/*/journal.jsonl"))) == 2)
    done = place.run("explain", "-l", place.base)
    for process in (first, second):
        process.terminate()
        finished(process)

    assert (done.returncode, "no run is named, and 2 are in progress: " in done.stderr) == (2, True)


def test_a_chain_is_explained_as_a_whole_with_hosts_that_ended_alike_together(place):
    text = "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11,12\nwaves=1,100%\n\n"
    text += "task=11\nexec=local\ncommand=echo @host@\n\n"
    text += "task=12\nexec=shell\ncommand=case @host@ in *.[23]) exit 3;; esac\n"
    place.really(text)

    lines = said(place, "10")
    assert "  Task 10: wave 2 of 2: 3 hosts" in lines
    assert not [line for line in lines if "10-11" in line or "command on" in line]
    assert lines[-3:] == [
        "  127.0.0.[2-3]: failed at task 12: exit code 3",
        "  127.0.0.[1,4]: ok",
        "  10@127.0.0.2 in place of 10 explains one host, with its commands",
    ]
    assert "  Executing Task 10-11 on 127.0.0.2: echo @host@" in said(place, "10@127.0.0.2")


def test_a_member_of_a_chain_is_explained_with_hosts_together(place):
    text = "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11,12\n\n"
    text += "task=11\nexec=shell\ncommand=case @host@ in *.2) exit 3;; *) echo @host@;; esac\n"
    text += "next=exit_0&stdout!=127.0.0.3\n\n"
    text += "task=12\nexec=local\ncommand=true\ncondition=@11_stdout@=127.0.0.1\n"
    place.really(text)

    lines = said(place, "11")
    assert "  127.0.0.[1,4]: completed successfully (exit_code=0)" == lines[-2]
    assert [line for line in lines if line.startswith("  127.0.0.2: failed (exit_code=3)")]
    assert [line for line in lines if line.startswith("  127.0.0.3: completed successfully (exit_code=0); next is fa")]
    assert lines[-1] == "  10-11@127.0.0.2 in place of 11 explains one host, with its commands"
    assert not [line for line in lines if "command on" in line]
    assert "  127.0.0.1: completed successfully (exit_code=0)" in said(place, "12")
    assert "  Executing Task 10-11 on 127.0.0.3" in "\n".join(said(place, "10-11@127.0.0.3"))


def test_a_fan_out_over_many_hosts_is_explained_as_a_whole(place, capsys):
    text = "task=0\nhosts=w[1-30]\ncommand=false\nexec=local\nnext=always\n"
    assert place.really(text, "--skip-host-validation").returncode == 0
    (run,) = (place.base / "runs").iterdir()

    whole = place.run("explain", "-l", place.base, run.name, "0").stdout
    one = place.run("explain", "-l", place.base, run.name, "0@w7").stdout

    assert "  w[1-30]: failed (exit_code=1)\n" in whole and len(whole.splitlines()) < 12
    assert "  0@w1 in place of 0 explains one host" in whole
    assert "command on w7: false" in one
