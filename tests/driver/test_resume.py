"""A run that was ended before its time goes on where it was: nothing runs twice, nothing that ended is lost."""

import contextlib
import json
import os
import pty
import random
import re
import signal
import subprocess
import time

import pytest
from whole_program import carrying, eventually, finished, stage

from tasker.driver import instance_lock
from tasker.journal import run_folder
from tasker.protocol.exit_codes import LOCKED
from tasker.system import processes

CUT = 'sh -c "echo begun >>cut; sleep 30"'


def effect(word, more=""):
    return f'sh -c "echo {word} >>effects{more}"'


def tasks(*commands):
    """A task file of local commands, numbered from 0; a command may bring further lines."""
    return "".join(f"task={number}\nexec=local\ncommand={command}\n\n" for number, command in enumerate(commands))


class Runs:
    """Runs of one place that are killed and go on."""

    def __init__(self, place):
        self.place = place

    def effects(self):
        path = self.place.folder / "effects"
        return path.read_text().split() if path.exists() else []

    def killed(self, text, when="cut", *arguments, **options):
        """Kill the driver as soon as the file `when` is there, and wait until its runner has ended what it had."""
        process = self.place.begin(text, *arguments, **options)
        eventually((self.place.folder / when).exists)
        time.sleep(0.1)
        process.kill()
        finished(process)
        (self.place.folder / when).unlink()
        eventually(lambda: not carrying(f"TASKER_ATTEMPT={self.run()}:"))
        return process

    def run(self):
        (path,) = self.place.base.glob("runs/*")
        return path.name

    def resume(self, *arguments, **options):
        return self.place.run("--resume", "-l", self.place.base, *arguments, **options)


@pytest.fixture
def runs(place):
    return Runs(place)


def test_what_ended_is_not_run_again_and_what_was_cut_short_is_unknown(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))

    done = runs.resume()

    assert (done.returncode, runs.effects()) == (75, ["zero"])
    assert "Unknown outcome: task 1 on localhost, started 2" in done.stdout
    assert "--unknown=rerun, skip or fail" in done.stderr


def test_each_command_is_counted_once_over_all_sessions(runs: Runs) -> None:
    runs.killed(tasks(effect("zero") + "\nnext=loop\nloop=2", CUT, effect("two")))
    done = runs.resume("--unknown=skip")

    assert runs.effects() == ["zero"] * 3 + ["two"]
    assert "Ran 2 tasks, 5 commands: 2 ok, 1 task skipped; session 2 ran 1 command of that" in done.stdout


def test_a_refusal_is_said_once_on_a_terminal_and_on_stderr_elsewhere(runs):
    runs.killed(tasks(effect("zero"), CUT))
    reason = "1 command was cut short, so its outcome is unknown"

    assert reason in runs.resume().stderr

    ours, theirs = pty.openpty()
    process = runs.place.start("--resume", "-l", runs.place.base, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while data := os.read(ours, 4096):
            shown += data
    os.close(ours)
    assert (finished(process)[0], shown.decode().count(reason)) == (75, 1)


@pytest.mark.parametrize("word", ["rerun", "skip"])
def test_the_word_of_the_operator_and_the_way_are_told_afterwards(runs, word):
    runs.killed(tasks(effect("zero"), 'sh -c "test -e cut || { echo x >>cut; sleep 30; }"', effect("two")))
    (runs.place.folder / "cut").touch()

    assert runs.resume(f"--unknown={word}").returncode == 0

    told = runs.place.run("explain", "-l", runs.place.base, runs.run()).stdout
    assert re.search(rf" resumed by user \d+ \(\w+\), with --unknown={word} for what was cut short\n", told)
    assert not re.search(r"^  [0-9:.]+ $", told, re.MULTILINE)
    way = runs.place.run("explain", "-l", runs.place.base, runs.run(), "2").stdout
    assert "the flow came to it by 0 → 1 → 2\n" in way
    asked = runs.place.run("report", "--json", "-l", runs.place.base, runs.run())
    assert [one["task"] for one in json.loads(asked.stdout)["tasks"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("word", "code", "effects"),
    [("rerun", 0, ["zero", "one", "two"]), ("skip", 0, ["zero", "two"]), ("fail", 10, ["zero"])],
)
def test_the_operator_says_what_becomes_of_it(runs, word, code, effects):
    one = 'sh -c "echo begun >>cut; test -e again && echo one >>effects || sleep 30"'
    runs.killed(tasks(effect("zero"), f"{one}\nnext=success", effect("two")))
    (runs.place.folder / "again").touch()

    done = runs.resume(f"--unknown={word}")

    assert (done.returncode, runs.effects()) == (code, effects), done.stdout


def test_the_word_for_one_task_beats_that_for_all(runs):
    block = "task=0\ntype=parallel\ntasks=1,2\nnext=min_success=1\n\n"
    begun = "".join(f"task={n}\nexec=local\ncommand=sh -c 'echo x >>cut{n}; sleep 30'\n\n" for n in (1, 2))
    runs.killed(block + begun + f"task=3\nexec=local\ncommand={effect('three')}\n", when="cut2")

    for_all, refused = runs.resume(), runs.resume("--unknown=1=skip")
    done = runs.resume("--unknown=fail", "--unknown=1=skip")

    assert "skip or fail; for one of them alone: --unknown=2=rerun" in for_all.stderr
    assert "add --unknown=rerun, skip or fail\n" in refused.stderr
    assert (refused.returncode, done.returncode) == (75, 10)
    assert "Task 0-1 skipped: the operator decided so" in done.stdout
    assert "the operator says that it failed" in done.stdout


def test_a_host_of_a_fan_out_is_named_beside_its_task(runs):
    text = "task=0\nhosts=127.0.0.1,127.0.0.2\nexec=shell\ncommand=echo x >>cut; sleep 30\n"

    runs.killed(text)

    assert re.search(r"for one of them alone: --unknown=0@127\.0\.0\.[12]=rerun", runs.resume().stderr)
    done = runs.resume("--unknown=0@127.0.0.1=skip", "--unknown=0@127.0.0.2=fail")

    assert done.returncode == 10
    assert "Task 0@127.0.0.1 skipped: the operator decided so" in runs.place.log()
    assert "Task 0@127.0.0.2: outcome unknown: the operator says that it failed" in runs.place.log()


def test_a_sleep_goes_on_with_what_is_left_of_it(runs):
    process = runs.place.begin(tasks(effect("zero") + "\nsleep=4", effect("one")))
    eventually(
        lambda: '"what":"result"' in "".join(p.read_text() for p in runs.place.base.glob("runs/*/journal.jsonl"))
    )
    ended = time.monotonic()
    process.kill()
    finished(process)
    time.sleep(1.5)
    done = runs.resume()

    assert (done.returncode, runs.effects()) == (0, ["zero", "one"])
    assert 3.9 < time.monotonic() - ended < 5.5


def test_a_loop_goes_on_with_the_iteration_that_it_was_in(runs):
    third = "echo x >>effects; if [ $(wc -l <effects) = 3 ]; then touch cut; sleep 30; fi"
    runs.killed(f"task=0\nexec=shell\ncommand={third}\nnext=loop\nloop=4\n")

    done = runs.resume("--unknown=rerun")

    assert (done.returncode, len(runs.effects())) == (0, 6)  # five iterations, and the third once more, by order


def test_the_retries_of_a_block_are_counted_on(runs):
    text = "task=0\ntype=parallel\ntasks=1,2\nretry_failed=true\nretry_count=2\nretry_delay=0\nnext=all_success\n\n"
    text += "task=1\nexec=shell\ncommand=echo one >>effects; exit 1\n\n"
    text += "task=2\nexec=shell\ncommand=sleep 0.3; touch cut; sleep 30\n"
    runs.killed(text)

    done = runs.resume("--unknown=skip")

    assert (done.returncode, runs.effects()) == (10, ["one"] * 3)


def test_a_resume_can_be_resumed(runs):
    text = tasks(effect("zero"), 'sh -c "echo x >>cut1; sleep 30"', 'sh -c "echo x >>cut2; sleep 30"', effect("three"))
    runs.killed(text, "cut1")
    process = runs.place.start("--resume", "-l", runs.place.base, "--unknown=1=skip")
    eventually((runs.place.folder / "cut2").exists)
    process.kill()
    finished(process)

    done = runs.resume("--unknown=2=skip")

    assert (done.returncode, runs.effects()) == (0, ["zero", "three"])
    assert [record["what"] for record in runs.place.journal()].count("resume") == 2


def test_of_two_resumes_at_once_one_wins(runs):
    runs.killed(tasks(effect("zero"), 'sh -c "echo x >>cut; sleep 1.5; echo one >>effects"'))
    words = ("--resume", "-l", runs.place.base, "--unknown=rerun", runs.run())
    both = [runs.place.start(*words) for _ in range(2)]
    ended = [finished(process) for process in both]

    assert sorted(code for code, _, _ in ended) == [0, 12]
    assert runs.effects() == ["zero", "one"]
    assert next(err for code, _, err in ended if code == 12).count("it is running, or is being resumed now") == 1


def test_a_run_that_still_runs_is_not_resumed(runs):
    process = runs.place.begin(tasks(CUT))
    eventually((runs.place.folder / "cut").exists)
    named = runs.resume(runs.run())
    newest = runs.resume()
    process.kill()
    finished(process)

    assert (named.returncode, newest.returncode) == (12, 12)
    assert "it is running" in named.stderr
    assert f"the newest run, {runs.run()} of '" in newest.stderr
    assert "is still running, and there is no other run that can be resumed" in newest.stderr


def test_processes_of_the_dead_run_are_waited_for_or_ended_by_order(runs):
    process = runs.place.begin(tasks('sh -c "setsid sleep 41 & echo x >>cut; sleep 42"', effect("one")))
    eventually((runs.place.folder / "cut").exists)
    runner = stage(process, "runner local")
    os.kill(runner, signal.SIGSTOP)  # so that it cannot end what it has
    process.kill()
    os.kill(runner, signal.SIGKILL)
    finished(process)
    mark = f"TASKER_ATTEMPT={runs.run()}:"
    refused = runs.resume("--unknown=skip")
    left = carrying(mark)
    done = runs.resume("--unknown=skip", "--kill-left")

    assert (refused.returncode, done.returncode) == (12, 0)
    assert len(left) >= 2
    assert "--kill-left" in refused.stderr
    assert all(str(pid) in refused.stderr for pid in left)
    assert carrying(mark) == []
    assert runs.effects() == ["one"]


def test_what_a_finished_task_left_running_neither_blocks_a_resume_nor_is_ended(runs):
    """A service that it started. Of the task that was cut short, one is left too."""
    service = f"{10**8 + random.getrandbits(20)}"
    start = f'sh -c "setsid sleep {service} >/dev/null 2>&1 &"'
    cut = 'sh -c "setsid sleep 41 & echo x >>cut; sleep 42"'
    process = runs.place.begin(tasks(start, cut, effect("two")))
    eventually((runs.place.folder / "cut").exists)
    runner = stage(process, "runner local")
    os.kill(runner, signal.SIGSTOP)
    process.kill()
    os.kill(runner, signal.SIGKILL)
    finished(process)
    mark = f"TASKER_ATTEMPT={runs.run()}:"

    def of_service():
        return [pid for pid in carrying(mark) if line_of(pid) == f"sleep\0{service}\0"]

    (pid,) = of_service()
    try:
        refused = runs.resume("--unknown=skip")
        assert (refused.returncode, f"{pid}" in refused.stderr) == (12, False), refused.stderr
        ended = runs.resume("--kill-left")
        assert (ended.returncode, carrying(mark)) == (75, [pid])
        done = runs.resume("--unknown=skip")
        assert (done.returncode, runs.effects(), of_service()) == (0, ["two"], [pid])
    finally:
        os.kill(pid, signal.SIGKILL)


def line_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as file:
        return file.read()
    return ""


def test_an_interrupted_run_goes_on_after_what_was_let_finish(runs):
    process = runs.place.begin(tasks('sh -c "echo x >>cut; sleep 0.7; echo zero >>effects"', effect("one")))
    eventually((runs.place.folder / "cut").exists)
    process.send_signal(signal.SIGINT)
    code, out, _ = finished(process)
    done = runs.resume()

    assert (code, done.returncode, runs.effects()) == (130, 0, ["zero", "one"])
    assert f"To resume this run: tasker --resume {runs.run()}" in out


def test_a_command_that_the_end_of_the_run_cut_short_is_unknown(runs):
    process = runs.place.begin(tasks(CUT, effect("one")))
    eventually((runs.place.folder / "cut").exists)
    process.terminate()
    finished(process)
    asked, done = runs.resume(), runs.resume("--unknown=skip")

    assert (process.returncode, asked.returncode, done.returncode) == (143, 75, 0)
    assert runs.effects() == ["one"]


def test_a_run_goes_on_whose_runner_broke(runs):
    process = runs.place.begin(tasks(effect("zero") + "\nsleep=30", effect("one")))
    runner = stage(process, "runner local")
    eventually(lambda: runs.effects() == ["zero"])
    eventually(lambda: "sleeping" in runs.place.log())
    os.kill(runner, signal.SIGKILL)
    code, _, _ = finished(process)
    text = (runs.place.folder / "t.txt").read_text()
    assert code == 70

    (runs.place.folder / "t.txt").write_text(text.replace("echo zero", "echo other"))
    refused = runs.resume("--accept-changes")

    assert refused.returncode == 12
    assert ": task 0 has started, and the file has a change of command for it\n" in refused.stderr


def test_a_finished_run_has_nothing_to_go_on_with(runs):
    runs.place.really(tasks(effect("zero")))

    done = runs.resume(runs.run())

    assert done.returncode == 12
    assert "it is finished (exit code 0)" in done.stderr


# -- the task file


def test_a_changed_file_is_refused_and_its_tasks_are_named(runs):
    text = tasks(effect("zero"), CUT, effect("two"))
    runs.killed(text)
    runs.place.file(text.replace("echo two", "echo other"))

    done = runs.resume("--unknown=skip")

    assert (done.returncode, runs.effects()) == (12, ["zero"])
    assert "was changed since, in task 2 (command): " in done.stderr


def test_changes_of_what_has_not_started_are_run_by_order(runs):
    text = tasks(effect("zero"), CUT, effect("two"))
    runs.killed(text)
    runs.place.file(text.replace("echo two", "echo other"))

    done = runs.resume("--unknown=skip", "--accept-changes")

    assert (done.returncode, runs.effects()) == (0, ["zero", "other"])


@pytest.mark.parametrize("old", ["echo zero", "echo begun"])
def test_changes_of_what_has_started_are_refused_whatever_is_given(runs, old):
    text = tasks(effect("zero"), CUT, effect("two"))
    runs.killed(text)
    runs.place.file(text.replace(old, "echo other"))

    done = runs.resume("--unknown=rerun", "--accept-changes")

    assert (done.returncode, runs.effects()) == (12, ["zero"])


FAN = "task=1\nhosts=web[1-{hosts}]\nexec=local\nmax_parallel={most}\n{more}"
FAN += "command=sh -c 'echo @1_hostname@ >>ran{tail}'\n"
WAITS = "; test -e go || { sleep 0.2; test @1_hostname@ != web3 || { touch cut; sleep 30; }; }"


def test_a_changed_pace_outlives_a_resume_that_ends_before_what_was_lost_is_settled(runs):
    """What the probe asks is not decided, so the first resume ends before flow gets the new pace."""
    asked = 'sh -c "touch cut; sleep 30"\nprobe=sh -c "exit 127"'
    text = tasks(asked, 'sh -c "sleep 8; echo late >>ran"\ntimeout=60')
    runs.killed(text, "cut")
    runs.place.file(text.replace("timeout=60", "timeout=1"))

    first, second = runs.resume("--accept-changes"), runs.resume("--unknown=skip")

    assert (first.returncode, second.returncode) == (75, 10), first.stderr + second.stdout
    assert not (runs.place.folder / "ran").exists()
    (pace,) = [record["doc"]["pace"] for record in runs.place.journal() if record["what"] == "pace"]
    assert pace["tasks"]["1"]["timeout"] == "1"


def test_the_pace_may_change_for_what_has_not_started(runs):
    """Raised twice; the fan-out continues where it was, and its journal is what flow would do again."""
    few = FAN.format(hosts=9, most=2, more="", tail=WAITS)
    runs.killed(few, "cut", "--skip-host-validation")
    (runs.place.folder / "go").touch()
    for most, more in ((5, "timeout=77\n"), (4, "retry_failed=true\nretry_count=2\nsleep=1\n")):
        runs.place.file(FAN.format(hosts=9, most=most, more=more, tail=WAITS))
        asked = runs.resume("--accept-changes")
        assert (asked.returncode, "Task 1: max_parallel" in asked.stdout) == (75, True), asked.stderr
    done = runs.resume("--accept-changes", "--unknown=skip")
    ran = (runs.place.folder / "ran").read_text().split()

    assert done.returncode == 0, done.stderr
    assert sorted(set(ran)) == [f"web{n}" for n in range(1, 10)]
    assert len(ran) == 9
    assert "Task 1: max_parallel, retry_count, retry_failed, sleep as the file has it now" in done.stdout
    records = runs.place.journal()
    (pace,) = [record["doc"]["pace"] for record in records if record["what"] == "pace"]
    assert pace["tasks"]["1"]["max_parallel"] == "4"
    runs.place.verify()


def test_a_pace_that_was_changed_is_changed_again(runs):
    slow = "; test -e go || { sleep 0.2; test @1_hostname@ != web3 || { touch cut; sleep 30; }; }"
    slow += "; echo @1_hostname@ | grep -qx web[1-6] || test -e went || { touch cut; sleep 30; }"
    runs.killed(FAN.format(hosts=12, most=2, more="timeout=60\n", tail=slow), "cut", "--skip-host-validation")
    (runs.place.folder / "go").touch()
    runs.place.file(FAN.format(hosts=12, most=4, more="timeout=90\n", tail=slow))
    process = runs.place.start("--resume", "-l", runs.place.base, "--accept-changes", "--unknown=skip")
    eventually((runs.place.folder / "cut").exists)
    process.kill()
    finished(process)
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={runs.run()}:"))
    (runs.place.folder / "went").touch()
    runs.place.file(FAN.format(hosts=12, most=1, more="", tail=slow))
    done = runs.resume("--accept-changes", "--unknown=rerun")

    assert done.returncode == 0, done.stderr
    assert "Task 1: max_parallel, timeout as the file has it now" in done.stdout
    ran = (runs.place.folder / "ran").read_text().split()
    assert len(set(ran)) == 12
    timeouts = [record["doc"]["request"]["timeout"] for record in runs.place.journal() if record["what"] == "intent"]
    assert list(dict.fromkeys(timeouts)) == [60, 90, 30]
    runs.place.verify()
    assert "changed for what had not started" in runs.place.run("explain", "-l", runs.place.base, "last").stdout


def test_another_timeout_by_option_is_for_what_has_not_started(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    done = runs.resume("--unknown=skip", "-o", "200")

    assert done.returncode == 0, done.stderr
    timeouts = [record["doc"]["request"]["timeout"] for record in runs.place.journal() if record["what"] == "intent"]
    assert timeouts == [30, 30, 200]


def test_what_else_changed_in_a_started_fan_out_is_named(runs):
    runs.killed(FAN.format(hosts=9, most=2, more="", tail=WAITS), "cut", "--skip-host-validation")
    runs.place.file(FAN.format(hosts=9, most=5, more="canary=1\n", tail=WAITS))
    done = runs.resume("--accept-changes", "--unknown=skip")

    assert done.returncode == 12
    assert ": task 1 has started, and the file has a change of canary and max_parallel for it\n" in done.stderr


def test_other_hosts_of_a_started_fan_out_are_named_as_they_are_written(runs):
    runs.killed(FAN.format(hosts=9, most=2, more="", tail=WAITS), "cut", "--skip-host-validation")
    runs.place.file(FAN.format(hosts=8, most=2, more="", tail=WAITS))
    done = runs.resume("--accept-changes", "--unknown=skip")

    assert done.returncode == 12
    assert ": task 1 has started, and the file has a change of hosts for it\n" in done.stderr


def test_a_connection_test_before_a_resume_is_made(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    before = len(list(runs.place.base.glob("logs/validation_report_*")))
    done = runs.resume("-c", "--unknown=skip")

    assert done.returncode == 0, done.stderr
    assert len(list(runs.place.base.glob("logs/validation_report_*"))) == before + 1


def test_a_global_that_a_started_task_uses_is_a_change_of_that_task(runs):
    text = "A=@B@\nB=true\n" + tasks("@A@", CUT, effect("two"))
    runs.killed(text)
    runs.place.file(text.replace("B=true", "B=false"))

    assert "in task 0 (command): " in runs.resume().stderr


def test_another_comment_is_no_change(runs):
    text = tasks(effect("zero"), CUT, effect("two"))
    runs.killed(text)
    runs.place.file("# a comment\n" + text)

    assert runs.resume("--unknown=skip").returncode == 0


def test_a_file_that_is_gone_is_not_needed(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    (runs.place.folder / "t.txt").unlink()

    assert (runs.resume("--unknown=skip").returncode, runs.effects()) == (0, ["zero", "two"])


def test_commands_run_where_the_run_was_started(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    other = runs.place.folder / "other"
    other.mkdir()

    done = runs.place.run("--resume", "last", "-l", runs.place.base, "--unknown=skip", cwd=other)

    assert (done.returncode, runs.effects()) == (0, ["zero", "two"])


# -- the records


def test_the_summary_has_one_row_however_the_run_died_at_its_end(runs):
    runs.place.really(tasks("true"), "-p", "P")
    journal = next(runs.place.base.glob("runs/*/journal.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["what"] for line in lines[-2:]] == ["exit", "closed"]

    journal.write_bytes(b"".join(lines[:-1]))  # it died behind the row
    late = runs.resume()
    assert late.returncode == 0
    assert "Ran 1 task: 1 ok; session 2 ran 0 commands of that, in " in late.stdout
    assert len(runs.place.rows()) == 2

    summary = runs.place.base / "logs/project_P_summary.log"
    rows = summary.read_text().splitlines(keepends=True)
    summary.write_text(rows[0])
    journal.write_bytes(b"".join(lines[:-1]))  # it died before
    assert runs.resume().returncode == 0
    assert runs.place.rows()[1:] == [rows[1].rstrip("\n")]


def test_a_resume_replaces_the_row_of_its_run_and_counts_all_of_it(runs: Runs) -> None:
    process = runs.place.begin(tasks(effect("zero"), CUT, effect("two")), "-p", "P")
    eventually((runs.place.folder / "cut").exists)
    process.terminate()
    finished(process)
    (ended,) = runs.place.rows()[1:]
    resumed = runs.resume("--unknown=skip")
    (row,) = (row.split("\t") for row in runs.place.rows()[1:])

    assert (ended.split("\t")[5], resumed.returncode) == ("143", 0)
    assert row[0] == ended.split("\t")[0]
    assert row[5:7] == ["0", "SUCCESS"]
    assert row[8:10] == ["2 ok, 1 skipped", "3"]
    assert row[12] == runs.run()


def test_a_torn_last_line_is_cut_off_and_the_run_goes_on(runs):
    runs.killed(tasks(effect("zero"), effect("one"), CUT))
    journal = next(runs.place.base.glob("runs/*/journal.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])  # the intent of task 2 was being written

    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually((runs.place.folder / "cut").exists)
    process.kill()
    finished(process)

    assert runs.effects() == ["zero", "one"]
    assert [record["seq"] for record in runs.place.journal()] == list(range(len(runs.place.journal())))


def test_a_changed_record_is_refused_and_its_line_is_named(runs):
    runs.place.tampered = True
    runs.killed(tasks(effect("zero"), effect("one"), CUT))
    journal = next(runs.place.base.glob("runs/*/journal.jsonl"))
    journal.write_text(journal.read_text().replace('"exit_code":0', '"exit_code":1', 1))

    done = runs.resume("--unknown=skip")

    assert (done.returncode, runs.effects()) == (12, ["zero", "one"])
    assert "is damaged in line 4" in done.stderr


def test_a_long_output_that_flow_reads_comes_back_from_its_file(runs):
    long = "sh -c 'seq 40000; echo needle'"
    runs.killed(tasks(long, CUT, effect("two") + "\ncondition=@0_stdout@~needle"))

    assert (runs.resume("--unknown=skip").returncode, runs.effects()) == (0, ["two"])


def test_a_long_output_that_was_changed_is_refused(runs):
    runs.place.tampered = True
    runs.killed(tasks("sh -c 'seq 40000; echo needle'", CUT, effect("two") + "\ncondition=@0_stdout@~needle"))
    next(runs.place.base.glob("runs/*/output/*.stdout")).write_text("needle")

    done = runs.resume("--unknown=skip")

    assert (done.returncode, runs.effects()) == (12, [])
    assert "was changed" in done.stderr


@pytest.mark.parametrize(
    "words",
    [["--resume", "-n"], ["--resume", "a", "b"], ["--unknown=skip", "t.txt"], ["--resume", "--unknown=maybe"]],
)
def test_wrong_use_is_said_in_one_line(place, words):
    done = place.run(*words, "-l", place.base)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_the_last_lines_tell_of_the_whole_run_and_name_the_session(runs):
    runs.killed(tasks(effect("zero"), "sh -c 'echo no space >&2; exit 3'\nnext=exit_3", CUT, effect("three")))
    done = runs.resume("--unknown=skip")
    said = [line.split("] ", 2)[-1] for line in done.stdout.splitlines()]

    ran = next(line for line in said if line.startswith("Ran "))
    assert ran.startswith(
        "Ran 3 tasks, 4 commands: 2 ok, 1 failed, 1 task skipped; session 2 ran 1 command of that, in "
    )
    assert "First failure: task 1: exit 3: no space" in said


# -- which run is meant


def test_an_older_run_is_not_resumed_because_the_newest_is_finished(runs):
    """Somebody interrupted a decommission; later a run was fine."""
    runs.killed(tasks(effect("zero"), CUT, effect("decommissioned")))
    interrupted = runs.run()
    runs.place.run("-r", "-l", runs.place.base, runs.place.file(tasks("true"), "other.txt"))

    refused = runs.resume("--unknown=skip")
    assert (refused.returncode, runs.effects()) == (12, ["zero"])
    assert "the newest run, " in refused.stderr
    assert "is finished (exit code 0). These runs can be resumed:\n" in refused.stderr
    assert f"  {interrupted}: {runs.place.folder}/t.txt in {runs.place.folder}, began 2" in refused.stderr
    assert f"tasker --resume RUN -l {runs.place.base}\n" in refused.stderr
    assert runs.resume("--unknown=skip", interrupted).returncode == 0


@pytest.mark.parametrize("words", [["--resume="], ["--resume", ""], ["", "--resume"]])
def test_an_empty_name_is_no_name_that_was_left_out(runs, words):
    """A script with `--resume "$RUN"`, where RUN is not set."""
    runs.killed(tasks(effect("zero"), CUT, effect("two")))

    refused = runs.place.run(*words, "--unknown=skip", "-l", runs.place.base)

    assert (refused.returncode, runs.effects()) == (2, ["zero"])
    assert refused.stderr == "tasker: the name of the run is empty: leave it out for the newest run, --resume alone\n"


def test_a_run_of_another_folder_is_not_resumed_unless_it_is_named(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("decommissioned")))
    elsewhere = runs.place.folder / "elsewhere"
    elsewhere.mkdir()

    refused = runs.resume("--unknown=skip", cwd=elsewhere)
    assert (refused.returncode, runs.effects()) == (12, ["zero"])
    assert f"was started in another folder, '{runs.place.folder}'" in refused.stderr
    assert runs.resume("--unknown=skip", "last", cwd=elsewhere).returncode == 0
    assert runs.effects() == ["zero", "decommissioned"]


def test_while_the_newest_runs_the_others_are_listed(runs):
    runs.killed(tasks(CUT))
    interrupted = runs.run()
    process = runs.place.begin(tasks(CUT))
    eventually((runs.place.folder / "cut").exists)
    try:
        refused = runs.resume()
    finally:
        process.kill()
        finished(process)

    assert (refused.returncode, "is still running. These runs can be resumed:" in refused.stderr) == (12, True)
    assert f"\ntasker:   {interrupted}: " in refused.stderr


@pytest.mark.parametrize(("answer", "code"), [("1", 0), ("", 12), ("2", 12), ("y", 12)])
def test_on_a_terminal_a_person_chooses(runs, answer, code):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    runs.place.run("-r", "-l", runs.place.base, runs.place.file(tasks("true"), "other.txt"))
    ours, theirs = pty.openpty()
    ends = {"stdin": theirs, "stderr": theirs}
    process = runs.place.start("--resume", "-l", runs.place.base, "--unknown=skip", **ends)
    os.close(theirs)
    shown = b""
    while not shown.endswith(b"Type the number of the run to resume it: "):
        shown += os.read(ours, 4096)
    os.write(ours, answer.encode() + b"\n")
    process.communicate(timeout=20)
    os.close(ours)

    assert b"  1: " in shown
    assert (process.returncode, runs.effects()) == (code, ["zero", "two"] if code == 0 else ["zero"])


def test_what_never_began_is_not_the_newest(runs):
    runs.killed(tasks(effect("zero"), CUT))
    folder = runs.place.base / "runs/29991231_235959_aaaaaa"
    folder.mkdir(mode=0o700)
    (folder / "journal.jsonl").touch(mode=0o600)

    assert runs.resume("--unknown=skip").returncode == 0
    (folder / "journal.jsonl").unlink()


# -- which options it takes


def test_the_options_of_the_first_call_may_be_repeated(runs):
    words = ("-p", "P", "-t", "local", "--start-from", "1", "--skip-host-validation", "--instance-lock", "-d")
    runs.killed("task=0\ncommand=false\n\n" + tasks("x", CUT, effect("two")).partition("\n\n")[2], "cut", *words)

    done = runs.resume("-r", *words, "--unknown=skip", "--record", "r", "--show-plan", "--yes")
    assert (done.returncode, runs.effects()) == (0, ["two"]), done.stderr
    assert "--record is not continued by a resume" in done.stdout
    assert "local: sh -c" in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("-t", "shell"), "it has -t pbrun, and a resume cannot change that: leave out -t shell"),
        (("--start-from", "1"), "it has no --start-from, and a resume cannot change that"),
        (("--on-error", "continue"), "it has --on-error stop, and a resume cannot change that"),
        (("--env", "prod"), "--env cannot be given with --resume: the run keeps what it began with"),
        (("--config", "x.toml"), "--config cannot be given with --resume"),
    ],
)
def test_what_decides_what_runs_cannot_be_changed(runs, words, why):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    refused = runs.resume(*words, "--unknown=skip")

    assert (refused.returncode, runs.effects()) == (12, ["zero"])
    assert why in refused.stderr


def test_a_question_before_a_resume_needs_a_terminal_or_yes(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))

    refused = runs.resume("--confirm", "--unknown=skip")
    assert (refused.returncode, "--confirm asks a question" in refused.stderr) == (2, True)
    assert runs.resume("--confirm", "--yes", "--unknown=skip").returncode == 0


def test_a_run_that_was_interrupted_is_not_taken_for_a_finished_one(runs):
    process = runs.place.begin(tasks("sh -c 'touch begun; sleep 1'", effect("one")))
    eventually((runs.place.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    finished(process)
    closed = runs.place.journal()[-1]

    assert (closed["what"], closed["doc"]) == ("closed", {})
    assert (runs.resume().returncode, runs.effects()) == (0, ["one"])
    assert runs.place.journal()[-1]["doc"] == {"finished": True}


def test_who_has_to_say_what_became_of_a_command_gets_the_commands_for_it(runs):
    runs.killed(tasks(effect("zero"), CUT))
    said = [line.split("] ", 2)[-1] for line in runs.resume().stdout.splitlines()]
    (look,) = [line.partition(": tasker ")[2] for line in said if line.startswith("What is known: ")]
    (on,) = [line.partition(": tasker ")[2] for line in said if line.startswith("To resume this run: ")]

    assert "begun" in runs.place.run(*look.split()).stdout
    assert runs.place.run(*on.partition(" (")[0].replace("WORD", "skip").split()).returncode == 0


@pytest.mark.parametrize("change", [b'"finished":true', b'"hash":"'])
def test_a_last_record_that_was_changed_is_not_believed(runs, change):
    runs.place.tampered = True
    runs.place.really(tasks("true"))
    journal = next(runs.place.base.glob("runs/*/journal.jsonl"))
    data = journal.read_bytes()
    at = data.rfind(change)
    journal.write_bytes(data[: at + 9] + b"X" + data[at + 10 :])

    done = runs.resume()
    assert (done.returncode, "is damaged in line" in done.stderr) == (12, True)


def test_one_log_tells_of_the_whole_run(runs):
    runs.killed(tasks(effect("zero"), CUT, effect("two")))
    runs.resume("--unknown=skip")

    (log,) = runs.place.base.glob("logs/tasker_*.log")
    said = ("Starting TASKER", "Resuming run", "Task 1 skipped", "Finished with exit code 0")
    assert [words for words in said if words not in log.read_text()] == []


@pytest.fixture
def stopped(runs):
    """A run that was killed while its runner, which had no time on the machine, had the request of an effect."""
    text = 'task=0\nexec=local\ncommand=sh -c "touch cut; until [ -e go ]; do sleep 0.01; done"\n\n'
    process = runs.place.begin(text + "task=1\nexec=shell\ncommand=echo one >>effects\n")
    eventually((runs.place.folder / "cut").exists)
    records = [json.loads(line) for line in next(runs.place.base.glob("runs/*/journal.jsonl")).read_text().splitlines()]
    (pid,) = [one["doc"]["pid"] for one in records if one["what"] == "runner" and one["doc"]["exec"] == "shell"]
    os.kill(pid, signal.SIGSTOP)
    (runs.place.folder / "go").touch()
    journal = next(runs.place.base.glob("runs/*/journal.jsonl"))
    eventually(lambda: journal.read_text().count('"what":"intent"') == 2)
    time.sleep(0.1)
    process.kill()
    finished(process)
    # what it had forked may still be ending, and holds the lock of the run until then
    eventually(lambda: not run_folder.is_running(str(journal.parent)))
    yield pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def test_a_runner_that_could_still_start_a_command_keeps_a_run_from_being_resumed(runs, stopped):
    refused = runs.resume("--unknown=rerun")

    assert (refused.returncode, runs.effects()) == (12, [])
    assert f"(pid {stopped})" in refused.stderr and "--kill-left" in refused.stderr


def test_a_runner_that_was_ended_starts_nothing_more(runs, stopped):
    done = runs.resume("--unknown=rerun", "--kill-left")
    time.sleep(0.2)

    assert (done.returncode, runs.effects()) == (0, ["one"])


def test_a_runner_that_was_continued_ends_and_what_it_did_is_unknown(runs, stopped):
    runner = processes.process_of(stopped)
    os.kill(stopped, signal.SIGCONT)
    eventually(lambda: not processes.in_sessions([runner]))

    assert runs.resume().returncode == 75
    assert runs.effects() in ([], ["one"])


def test_a_session_that_has_the_pid_of_an_old_runner_is_left_alone():
    """The pid was given to another process since, which has begun a session of its own."""
    other = subprocess.Popen(["sleep", "30"], start_new_session=True)
    try:
        real = processes.process_of(other.pid)
        old = processes.Process(other.pid, real.start - 1)

        assert processes.in_sessions([real]) == [real]
        assert processes.in_sessions([old]) == []
        processes.kill_sessions([old])
        assert processes.is_alive(real)
    finally:
        other.kill()
        other.wait()


def test_a_resume_starts_nothing_while_another_run_has_the_lock(runs: Runs) -> None:
    runs.killed(tasks(effect("zero"), CUT), "cut", "--instance-lock")
    held = instance_lock.lock(str(runs.place.base), str(runs.place.folder / "t.txt"), "")

    refused = runs.resume("--unknown=skip")
    os.close(held)
    done = runs.resume("--unknown=skip")

    assert (refused.returncode, done.returncode, runs.effects()) == (LOCKED, 0, ["zero"])
    assert "is running already" in refused.stderr
