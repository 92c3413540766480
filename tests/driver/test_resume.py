"""A run that was ended before its time goes on where it was: nothing runs twice, nothing that ended is lost."""

import contextlib
import json
import os
import pty
import re
import signal
import time

import pytest
from whole_program import PROGRAM, carrying, eventually, finished, stage

from tasker.driver import takeover
from tasker.journal import reader

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

    refused = runs.resume("--unknown=1=skip")
    done = runs.resume("--unknown=fail", "--unknown=1=skip")

    assert (refused.returncode, done.returncode) == (75, 10)
    assert "Task 0-1 skipped: the operator decided so" in done.stdout
    assert "the operator says that it failed" in done.stdout


def test_a_host_of_a_fan_out_is_named_beside_its_task(runs):
    text = "task=0\nhosts=127.0.0.1,127.0.0.2\nexec=shell\ncommand=echo x >>cut; sleep 30\n"

    runs.killed(text)

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
    assert "there is no unfinished run" in newest.stderr


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

    (runs.place.folder / "t.txt").write_text(text.replace("sleep=30", "sleep=0"))
    refused = runs.resume("--accept-changes")

    assert refused.returncode == 12
    assert "task 0 has" in refused.stderr


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
    assert "was changed since, in task 2" in done.stderr


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


def test_a_global_that_a_started_task_uses_is_a_change_of_that_task(runs):
    text = "A=@B@\nB=true\n" + tasks("@A@", CUT, effect("two"))
    runs.killed(text)
    runs.place.file(text.replace("B=true", "B=false"))

    assert "in task 0:" in runs.resume().stderr


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

    done = runs.place.run("--resume", "-l", runs.place.base, "--unknown=skip", program=("env", "-C", other, *PROGRAM))

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
    assert "is damaged in line 3" in done.stderr


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
    [["--resume", "-t", "local"], ["--resume", "a", "b"], ["--unknown=skip", "t.txt"], ["--resume", "--unknown=maybe"]],
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


def test_the_newest_that_can_go_on_is_found_without_reading_those_that_are_finished(runs, monkeypatch):
    runs.killed(tasks(CUT))
    unfinished = runs.run()
    for _ in range(2):
        runs.place.really(tasks("true"))
    read, right = [], reader.read_journal
    monkeypatch.setattr(reader, "read_journal", lambda folder: read.append(os.path.basename(folder)) or right(folder))

    assert os.path.basename(takeover.newest_unfinished(str(runs.place.base))) == unfinished
    assert read == [unfinished]


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
