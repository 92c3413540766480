"""A run is recorded, and replayed from its record or its journal: nothing is executed, nothing is invented."""

import json
import os
import signal

import pytest
from runner_client import once
from whole_program import ROOT, Place, eventually, finished

from tasker.journal.recording import RecordingReader
from tasker.protocol.document import Problem

LOOK = "sh -c 'echo ran >>ran; echo state: up'"
TEXT = f"""# Look
task=0
command={LOOK}
exec=local
next=stdout~up
on_failure=9
# Tell
task=1
command=echo "it is @0_stdout@" | tr a-z A-Z; echo ran >>ran
exec=shell
next=loop
loop=1
task=9
command=echo down
exec=local
"""


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def recorded(place):
    """A place with record.jsonl of TEXT in it."""
    assert place.really(TEXT, "--record", "record.jsonl").returncode == 0
    (place.folder / "ran").unlink()
    return place


def replay(place, text, *options, record="record.jsonl", **more):
    """(the summary, the log of this replay); nothing may have been run."""
    before = set(place.base.glob("logs/tasker_*"))
    done = place.really(text, "--replay", record, "--output=json", *options, **more)
    assert not (place.folder / "ran").exists()
    (log,) = set(place.base.glob("logs/tasker_*")) - before
    assert done.returncode == json.loads(done.stdout)["exit_code"]
    return json.loads(done.stdout), log.read_text()


def pairs(place, name="record.jsonl"):
    return [json.loads(line) for line in (place.folder / name).read_text().splitlines()]


# -- recording


def test_a_record_says_of_what_and_holds_each_request_with_its_result(recorded):
    first, *rest = pairs(recorded)

    assert ("record", "t.txt") == (first["kind"], os.path.basename(first["file"]))
    assert {"local": "argv", "shell": "script"} == {name: about["words"] for name, about in first["runners"].items()}
    assert [("0.1", 0), ("1.2", 1), ("1.3", 1)] == [(one["request"]["id"], one["request"]["task"]) for one in rest]
    assert ["state: up\n", "IT IS STATE: UP\n", "IT IS STATE: UP\n"] == [one["result"]["stdout"] for one in rest]
    assert not {"marker", "output", "secrets", "options"} & set().union(*(one["request"] for one in rest))
    assert 0o600 == (recorded.folder / "record.jsonl").stat().st_mode & 0o777


def test_a_record_is_private_whatever_the_umask(place):
    place.really(TEXT, "--record", "r", program=("sh", "-c", 'umask 0; exec "$0" "$@"', ROOT / "bin/tasker"))

    assert 0o600 == (place.folder / "r").stat().st_mode & 0o777


def test_a_file_that_is_there_is_not_overwritten_and_nothing_runs(place):
    (place.folder / "precious").write_text("precious")
    done = place.really(TEXT, "--record", "precious")

    assert (74, "cannot write 'precious': File exists" in done.stderr) == (done.returncode, True)
    assert "precious" == (place.folder / "precious").read_text()
    assert not (place.folder / "ran").exists()


def test_a_run_that_is_killed_leaves_a_record_that_can_be_replayed(place):
    process = place.begin(TEXT.replace("tr a-z A-Z; echo", "tr a-z A-Z; sleep 60; echo"), "--record", "record.jsonl")
    path = place.folder / "record.jsonl"
    eventually(lambda: path.exists() and path.read_text().count("\n") == 2)
    process.send_signal(signal.SIGKILL)
    finished(process)
    path.write_bytes(path.read_bytes() + b'{"tasker":1,"kind":"rec')  # as if in the middle of a write
    (place.folder / "ran").unlink()

    summary, log = replay(place, TEXT)

    assert "Task 0 stdout: state: up" in log
    assert "Task 1 was not started (exit_code=126): nothing recorded for task 1 on localhost: echo" in log
    assert summary["exit_code"] == 10


def test_a_record_that_cannot_be_written_any_more_ends_the_run_with_74(place):
    done = place.really(TEXT, "--record", "/dev/full")  # is there already
    assert done.returncode == 74
    script = 'ulimit -f 1; exec "$0" "$@"'
    big = "task=0\ncommand=seq 1 60000\nexec=local\ntask=1\ncommand=touch ran\nexec=local\n"
    done = place.really(big, "--record", "record", program=("bash", "-c", script, ROOT / "bin/tasker"))

    assert (done.returncode, (place.folder / "ran").exists()) == (74, False)


# -- replaying


def test_the_runner_alone_takes_its_record_from_the_options(recorded):
    """So a configuration can map an exec type to it."""
    options = {"record": str(recorded.folder / "record.jsonl")}
    asked = {
        "tasker": 1,
        "kind": "request",
        "id": "x",
        "task": 0,
        "words": ["sh", "-c", "echo ran >>ran; echo state: up"],
    }

    status, found, _ = once("replay", {**asked, "options": options})
    assert (0, "x", "state: up\n") == (status, found["id"], found["stdout"])
    status, refused, _ = once("replay", {**asked, "task": 8, "options": options})
    assert (1, "not_started", 126) == (status, refused["outcome"], refused["exit_code"])
    status, loose, _ = once("replay", {**asked, "task": 8, "options": {**options, "loose": True}})
    assert (0, "recorded as task 0") == (status, loose["reason"])
    status, nothing, _ = once("replay", asked)
    assert (100, "no_record") == (status, nothing["code"])


def test_a_replay_is_the_same_run_without_a_command(recorded):
    summary, log = replay(recorded, TEXT)

    assert (0, "reached the end") == (summary["exit_code"], summary["reason"])
    assert str(recorded.folder / "record.jsonl") == summary["replay"]
    assert log.count("Task 1 stdout: IT IS STATE: UP") == 2
    assert "this is a replay: every result comes from" in log
    starts = [
        json.loads(path.read_text().splitlines()[0])["doc"] for path in recorded.base.glob("runs/*/journal.jsonl")
    ]
    (marked,) = [doc["replay"] for doc in starts if "replay" in doc]
    assert str(recorded.folder / "record.jsonl") == marked["record"]


def test_the_journal_of_a_run_is_a_record_too(recorded):
    (run,) = recorded.base.glob("runs/*")
    for record in (run, run / "journal.jsonl"):
        summary, log = replay(recorded, TEXT, record=str(record))
        assert (0, 2) == (summary["exit_code"], log.count("Task 1 stdout: IT IS STATE: UP"))


def test_an_edited_condition_is_tried_out_against_the_old_outputs(recorded):
    summary, log = replay(recorded, TEXT.replace("next=stdout~up", "next=stdout~green"))

    assert "on to task 9 (on_failure)" in log
    assert "nothing recorded for task 9 on localhost: echo down" in log
    assert summary["exit_code"] == 1


def test_an_edited_command_has_no_result_unless_told(recorded):
    text = TEXT.replace("state: up", "state: up and running")

    _, log = replay(recorded, text)
    assert "nothing recorded for task 0 on localhost: sh -c" in log
    assert f"; recorded for: {LOOK} (--replay-loose takes that)" in log

    summary, log = replay(recorded, text, "--replay-loose")
    assert "Task 0 stdout: state: up\n" in log
    assert summary["exit_code"] == 0


def test_a_loop_that_goes_on_for_longer_than_recorded_has_no_more_results(recorded):
    text = TEXT.replace("loop=1", "loop=2")

    _, log = replay(recorded, text)
    assert log.count("Task 1 stdout: IT IS") == 2
    assert "recorded 2 times, and this is one more (--replay-loose takes that)" in log

    _, log = replay(recorded, text, "--replay-loose")
    assert log.count("Task 1 stdout: IT IS") == 3


def test_a_renumbered_task_is_found_when_told(recorded):
    text = f"task=3\ncommand={LOOK}\nexec=local\nnext=never\n"

    _, log = replay(recorded, text)
    assert "recorded as task 0 (--replay-loose takes that)" in log

    _, log = replay(recorded, text, "--replay-loose")
    assert "Task 3 stdout: state: up" in log


def test_what_nobody_recorded_is_never_invented_not_even_loosely(recorded):
    text = "task=7\nhostname=web1\ncommand=uptime\nexec=pbrun\n"
    for options in ((), ("--replay-loose",)):
        summary, log = replay(recorded, text, *options)
        assert "Task 7 was not started (exit_code=126): nothing recorded for task 7 on web1: uptime" in log
        assert summary["exit_code"] == 10


def test_a_dry_run_with_a_replay_starts_nothing_and_leaves_no_run(recorded):
    before = sorted(recorded.base.glob("runs/*"))
    done = recorded.run("-l", recorded.base, "--replay", "record.jsonl", recorded.file(TEXT))

    assert (done.returncode, "dry run: nothing was executed" in done.stdout) == (0, True)
    assert before == sorted(recorded.base.glob("runs/*"))


def test_failures_attempts_and_hosts_get_their_own_results(place):
    """A stub that fails on the first call on each host."""
    flaky = place.folder / "flaky"
    flaky.write_text(
        '#!/bin/sh\necho ran >>ran\n[ -e "seen_$1" ] && echo "$1 ok" && exit 0\n: >"seen_$1"; echo "$1 bad"; exit 4\n'
    )
    flaky.chmod(0o755)
    text = "task=1\ntype=parallel\ntasks=10-12\nretry_failed=true\nretry_count=1\nretry_delay=0\n" + "".join(
        f"task={10 + n}\nhostname=web{n}\ncommand={flaky} web{n}\nexec=local\n" for n in range(3)
    )
    place.really(text, "--skip-host-validation", "--record", "record.jsonl")
    (place.folder / "ran").unlink()

    summary, log = replay(place, text)

    assert summary["exit_code"] == 0
    for n in range(3):
        assert log.index(f"web{n} bad") < log.index(f"web{n} ok")


def test_a_large_output_is_there_whole_in_a_replay_of_either(place):
    text = "task=0\ncommand=seq 1 100000\nexec=local\nnext=stdout~99999&stdout_count=100000\nreturn=5\n"
    assert place.really(text, "--record", "record.jsonl").returncode == 5
    (run,) = place.base.glob("runs/*")

    for record in ("record.jsonl", str(run)):
        assert 5 == replay(place, text, record=record)[0]["exit_code"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read record"),
        ("", "line 1: it is empty"),
        ("nonsense\n", "line 1: cannot read the document"),
        ('{"tasker":1,"kind":"workflow"}\n', "line 1: a workflow instead of a record"),
        (
            '{"tasker":1,"kind":"record","file":"f"}\n{"tasker":1,"kind":"record","request":[],"result":{}}\n',
            "line 2: ",
        ),
        (
            '{"seq":0,"before":"","what":"start","doc":{"file":"f"}}\n[]\n',
            "is damaged in line 1: its hash",
        ),
    ],
)
def test_what_is_no_record_is_refused_before_anything_else(place, content, said):
    if content is not None:
        (place.folder / "record.jsonl").write_text(content)
    done = place.really(TEXT, "--replay", "record.jsonl")

    assert (done.returncode, said in done.stdout, "Traceback" in done.stderr) == (12, True, False), done.stdout
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--record", "r"), "add -r"),
        (("-r", "--replay-loose"), "--replay FILE"),
        (("-r", "--replay", "r", "-p", "P"), "leave out -p"),
        (("-r", "--replay", "r", "-c"), "leave out -c"),
    ],
)
def test_options_that_would_do_nothing_are_refused(place, options, said):
    done = place.run(*options, place.file())

    assert (done.returncode, said in done.stderr) == (2, True)


def test_a_reader_gives_results_without_what_was_of_that_run(recorded):
    reader = RecordingReader(str(recorded.folder / "record.jsonl"))

    assert [0, 1, 1] == [pair.request["task"] for pair in reader.pairs]
    assert "stdout_file" not in reader.result(reader.pairs[0])
    with pytest.raises(Problem):
        RecordingReader(str(recorded.folder))


def test_a_replay_that_was_cut_short_is_not_resumed_with_real_commands(recorded):
    process = recorded.begin(TEXT.replace("on_failure=9", "on_failure=9\nsleep=60"), "--replay", "record.jsonl")
    eventually(lambda: recorded.log().count("Task 0 completed") == 2, within=30)
    process.send_signal(signal.SIGKILL)
    finished(process)

    done = recorded.run("--resume", "-l", recorded.base)

    assert (done.returncode, "it is a replay, in which nothing was executed" in done.stderr) == (12, True), done.stderr
    assert not (recorded.folder / "ran").exists()
