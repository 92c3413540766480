"""What people and programs see of a run: text, json, jsonl, with streams closed and hostile data."""

import json
import os
import pty
import re
import subprocess

import pytest
from whole_program import HELLO, PROGRAM, local

HOSTILE = "\x1b[31mred\x07\x9b2J\u2028next\u202egnp\u200b\rback"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f]")
LOG_LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[(DEBUG|INFO|WARN|ERROR)\] \S.*")


def one(text):
    """The one document in a text that is one line of JSON."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return json.loads(text)


def without_report(text):
    """The lines of a screen without the validation report, or those of a log without what stands for it there."""
    signs = ("✅", "🎉", "OK:")
    return [line for line in text.splitlines() if not line.startswith(signs) and " validation passed (" not in line]


def test_every_line_of_log_and_screen_is_a_record_and_both_are_the_same(place):
    done = place.really(local("printf '%s\\n' 'one' '' 'two'", "sh -c 'echo wrong >&2; exit 3'"))

    assert done.returncode == 10
    records = without_report(done.stdout)
    assert [line for line in records if not LOG_LINE.fullmatch(line)] == []
    assert records == without_report(place.log())
    for line in ("Task 0 stdout: one", "Task 0 stdout: two", "Task 1 stderr: wrong", "Task 1 failed (exit_code=3)"):
        assert f"] {line}" in done.stdout


@pytest.mark.parametrize("level", ["ERROR", "WARN", "INFO", "DEBUG"])
def test_a_level_hides_what_is_below_it(place, level):
    done = place.really(local("false"), "--log-level", level)
    levels = ["DEBUG", "INFO", "WARN", "ERROR"]

    seen = {line.split("] [")[1].split("]")[0] for line in done.stdout.splitlines() if line[0] == "["}
    assert "ERROR" in seen
    assert min(map(levels.index, seen)) == levels.index(level)


def test_debug_shows_the_command_line(place):
    assert "[DEBUG] Command: echo 'a b'" in place.really(local("echo 'a b'"), "-d").stdout


@pytest.mark.parametrize(
    "text",
    [
        f"# {HOSTILE.replace(chr(13), '')}\ntask=0\ncommand=echo\nexec=local\n",
        "task=0\ncommand=cat data\nexec=local\n\ntask=1\ncommand=sh -c 'cat data >&2'\nexec=local\n",
        "task=0\ncommand=cat data\nexec=local\n\n# t\ntask=1\ncommand=echo\narguments=@0_stdout@\nexec=local\n",
        "task=0\ncommand=cat data\nexec=local\nnext=stdout~nothing\n",
        "task=0\ncommand=cat data\nexec=local\n\ntask=1\nhostname=@0_stdout@\ncommand=echo\nexec=pbrun\n",
        f"task=0\nhostname=a{HOSTILE.replace(chr(13), '')}\ncommand=echo\nexec=pbrun\n",
        f"task=0\ncommand=echo\nexec={HOSTILE.replace(chr(13), '')}\n",
        f"task=0\n{HOSTILE.replace(chr(13), '')}=x\ncommand=echo\nexec=local\n",
    ],
    ids=["title", "streams", "argument", "reason", "host output", "host", "exec", "key"],
)
@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_nothing_hostile_reaches_screen_log_or_summary(place, text, form):
    place.file(HOSTILE + "\n", "data")
    done = place.really(text, "-d", "-p", "P", "--output", form)

    assert RAW.search(done.stdout + done.stderr + place.log()) is None
    assert RAW.search("\n".join(place.rows()).replace("\t", " ")) is None
    assert place.rows()[0].count("\t") == place.rows()[1].count("\t") == 12
    for report in place.base.glob("logs/validation*"):
        assert RAW.search(report.read_text()) is None


def test_a_plan_is_printable_too(place):
    hostile = HOSTILE.replace("\r", "")
    text = f"# {hostile}\ntask=0\ncommand=echo\narguments='{hostile}'\nexec=local\n"
    done = place.run("--show-plan", "-l", place.base, place.file(text))

    assert (done.returncode, RAW.search(done.stdout)) == (0, None)


def test_the_name_of_a_task_file_may_be_anything(place):
    name = b"-\x1b[31m\xff \n\xe2\x80\xae" + b"x" * 200 + b".txt"
    (place.folder / os.fsdecode(name)).write_text(HELLO)
    for form in ("text", "json"):
        words = [*PROGRAM, "-r", "-l", place.base, "-p", "P", "--output", form, b"./" + name]
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "env": place.environment()}
        done = subprocess.run(words, cwd=place.folder, check=False, **options)
        assert (done.returncode, RAW.search(done.stdout + done.stderr)) == (0, None)
    assert one(done.stdout)["file"].startswith("./-\x1b[31m\\xff \n")
    assert len(place.rows()) == 3


def test_output_that_looks_like_a_log_line_is_told_apart(place):
    fake = "[2026-01-01 00:00:00] [INFO] Task 0 completed successfully (exit_code=0)"
    done = place.really(local(f"sh -c 'echo \"{fake}\"; exit 4'"))

    assert fake not in done.stdout.splitlines()
    assert f"[INFO] Task 0 stdout: {fake}" in done.stdout


def test_long_output_is_shortened_on_the_screen_and_says_so(place):
    done = place.really(local("seq 1000"))

    assert done.stdout.count("Task 0 stdout: ") == 21
    assert "Task 0 stdout: (980 more lines)" in done.stdout


# -- forms

FAILURES = {
    "missing": (None, 30),
    "no text": (b"\xff\xfe\x00", 31),
    "empty": (b"", 20),
    "wrong": (b"task=0\ncomand=echo\nexec=local\nwhat\n", 20),
    "host": (b"task=0\nhostname=no.such.host.invalid\ncommand=echo\nexec=openssh\n", 21),
    "return": (b"task=0\ncommand=echo\nexec=local\nreturn=77\n", 77),
    "stopped": (b"task=0\ncommand=false\nexec=local\nnext=exit_0\n", 10),
    "unhandled": (b"task=0\ncommand=false\nexec=local\n", 10),
    "handler": (
        b"task=0\ncommand=false\nexec=local\non_failure=9\n\ntask=9\ncommand=false\nexec=local\n",
        1,
    ),
    "good": (HELLO.encode(), 0),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_every_end_has_its_code_and_its_document(place, case, form):
    data, code = FAILURES[case]
    if data is not None:
        (place.folder / "t.txt").write_bytes(data)
    done = place.run("-r", "-l", place.base, "--output", form, "t.txt")
    documents = [json.loads(line) for line in done.stdout.splitlines()] if form != "text" else []

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert f"Finished with exit code {code}:" in place.log().splitlines()[-1]
    assert "tasker: " not in done.stderr
    if form == "text":
        assert f"Finished with exit code {code}:" in done.stdout
        return
    assert form == "jsonl" or len(documents) == 1
    assert {doc["tasker"] for doc in documents} == {1}
    end = documents[-1]
    assert (end["kind"], end["exit_code"], end["ok"]) == ("summary", code, code == 0)
    assert end["reason"]
    assert bool(end["findings"]) == (code in (20, 21, 30, 31))
    assert end["log"] == str(next(place.base.glob("logs/tasker_*")))


def test_json_can_tell_a_return_from_a_stop(place):
    stopped = one(place.really(local("false") + "next=exit_0\n", "--output=json").stdout)
    returned = one(place.really(local("true") + "return=10\n", "--output=json").stdout)

    assert stopped["exit_code"] == returned["exit_code"] == 10
    assert stopped["reason"] != returned["reason"] == "task 0: return=10"


def test_jsonl_tells_each_start_and_result_as_it_comes(place):
    done = place.really(local("echo one", "echo two"), "--output=jsonl")
    documents = [json.loads(line) for line in done.stdout.splitlines()]

    results = [doc["result"]["stdout"] for doc in documents if doc.get("event") == "result"]
    assert results == ["one\n", "two\n"]
    assert [doc["task"] for doc in documents if doc.get("what") == "start"] == [0, 1]


def test_unhandled_failures_are_named(place):
    done = place.really(local("false", "true", "false"), "--output=json", "--on-error=continue")

    assert (done.returncode, one(done.stdout)["failed"]) == (1, [0, 2])
    assert one(place.really(local("true", "false", "true"), "--output=json").stdout)["failed"] == [1]


def test_start_from_what_does_not_exist_is_12(place):
    assert place.really(local("true"), "--start-from=5").returncode == 12
    done = place.really(local("echo one", "echo two"), "--start-from=1")
    assert (done.returncode, "stdout: one" in done.stdout, "stdout: two" in done.stdout) == (0, False, True)


def test_a_host_that_does_not_answer_is_60_and_a_failed_connection_test_61(place):
    pbrun = place.folder / "pbrun"
    pbrun.write_text("#!/bin/sh\necho denied >&2\nexit 1\n")
    pbrun.chmod(0o755)
    env = {"PATH": f"{place.folder}:{os.environ['PATH']}"}
    text = "task=0\nhostname={}\ncommand=echo\nexec=pbrun\n"

    assert place.really(text.format("192.0.2.1"), env=env, program=("unshare", "-n", *PROGRAM)).returncode == 60
    done = place.really(text.format("localhost"), "-c", env=env)
    assert (done.returncode, "denied" in done.stderr) == (61, True)


# -- streams


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "| head -1", "2>&1 | true", "> /dev/full"])
def test_a_closed_stream_changes_nothing_about_the_run(place, closed):
    file = place.file(local("echo one", "sh -c 'cat; echo two >&2; touch ran'") + "return=7\n")
    words = " ".join(map(str, [*PROGRAM, "-r", "-p", "P", "-l", place.base, file]))
    command = f"set -o pipefail; {words} {closed}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=place.folder, env=place.environment(), capture_output=True, text=True, check=False
    )

    assert (done.returncode, (place.folder / "ran").exists()) == (7, True)
    assert "Finished with exit code 7: task 1: return=7" in place.log().splitlines()[-1]
    assert "Traceback" not in done.stderr + done.stdout
    assert place.rows()[-1].split("\t")[5] == "7"
    assert [line for line in place.log().splitlines() if not LOG_LINE.fullmatch(line)] == []


@pytest.mark.parametrize(
    "locale", [{"LANG": "C", "LC_ALL": ""}, {"LANG": "", "LC_ALL": "C"}, {"LANG": "C.UTF-8", "LC_ALL": ""}]
)
def test_the_locale_decides_about_letters_and_about_nothing_else(place, locale):
    env = {**locale, "LC_CTYPE": ""}
    done = place.really("# Grüße\n" + local("printf 'x%s' ü").lstrip(), env=env)

    assert done.returncode == 0
    assert ("Grüße" in done.stdout) == (locale["LANG"] == "C.UTF-8")
    assert done.stdout.isascii() == (locale["LANG"] != "C.UTF-8")
    assert "Grüße" in place.log()
    assert place.journal()[3]["doc"]["stdout"] == "xü"


def test_a_terminal_gets_the_same_text_without_colour(place):
    ours, theirs = pty.openpty()
    process = place.begin(HELLO, stdin=theirs, stdout=theirs, stderr=theirs, env={"NO_COLOR": "1"})
    os.close(theirs)
    text = b""
    try:
        while data := os.read(ours, 4096):
            text += data
    except OSError:
        pass
    os.close(ours)

    assert process.wait(10) == 0
    assert without_report(text.decode()) == without_report(place.log())
    assert b"\x1b" not in text
