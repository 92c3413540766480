"""`--auto-recovery`: the same command line again resumes or continues the newest run, and nothing runs twice."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from whole_program import Place, carrying, eventually, finished

from tasker.driver import auto_recovery
from tasker.protocol.exit_codes import LOCKED


def shell(number: int, word: str, *fields: str, ends: str = "true") -> str:
    """A task that leaves a word in the file `effects`, and then ends as `ends` does."""
    return "\n".join([f"task={number}", "exec=shell", f"command=echo {word} >>effects; {ends}", *fields, "", ""])


FAILS = "test -e fixed"  # until the file is there
CUT = "test -e again || { touch cut; sleep 30; }"
SEQUENCE = shell(0, "zero", ends="echo v1") + shell(1, "one-@0_stdout@", ends=FAILS) + shell(2, "two-@0_stdout@")


class Calls:
    """Calls with one command line, in one folder."""

    def __init__(self, place: Place) -> None:
        self.place, self.folder = place, place.folder
        self.words = ["-r", "--auto-recovery", "-l", str(place.base), "t.txt"]

    def write(self, text: str) -> None:
        self.place.file(text)

    def touch(self, name: str) -> None:
        (self.folder / name).touch()

    def call(self, *more: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = self.place.run(*more, *self.words)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def killed(self, *more: object, when: str = "cut") -> str:
        """Kill the driver of a call with SIGKILL as soon as a file is there; the id of its run."""
        process = self.place.start(*more, *self.words)
        eventually((self.folder / when).exists)
        process.kill()
        finished(process)
        run = self.runs()[-1]
        eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
        return run

    def new_effects(self) -> list[str]:
        """Those since the last call."""
        path = self.folder / "effects"
        made = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return made

    def journals(self) -> list[Path]:
        return list(self.place.base.glob("runs/*/journal.jsonl"))

    def runs(self) -> list[str]:
        """Ids, the oldest first."""
        folders = [path.parent for path in self.journals() if path.stat().st_size]
        return [one.name for one in sorted(folders, key=lambda one: json.loads(_first_line(one))["at"])]


def _first_line(folder: Path) -> str:
    with open(folder / "journal.jsonl") as file:
        return file.readline()


@pytest.fixture
def calls(place: Place) -> Calls:
    made = Calls(place)
    made.write(SEQUENCE)
    return made


def test_the_same_command_line_goes_on_at_the_task_that_failed_and_starts_again_after_a_good_end(calls: Calls) -> None:
    done = calls.call(code=10)
    assert "--auto-recovery: there is no run of this task file with these values: this is the first" in done.stdout
    assert calls.new_effects() == ["zero", "one-v1"]

    calls.touch("fixed")
    done = calls.call()
    first, second = calls.runs()
    assert f"--auto-recovery: run {first} failed (exit code 10): a new run continues it" in done.stdout
    assert calls.new_effects() == ["one-v1", "two-v1"]

    done = calls.call()
    assert f"--auto-recovery: run {second} ended well: everything runs again" in done.stdout
    assert calls.new_effects() == ["zero", "one-v1", "two-v1"]
    assert len(calls.runs()) == 3
    kept = json.loads(_first_line(calls.place.base / "runs" / calls.runs()[2]))["doc"]["settings"]
    assert (kept["auto_recovery"], kept["instance_lock"]) == (True, True)
    assert {"given", "unknown", "word"}.isdisjoint(kept)


def test_one_that_fails_again_and_again_goes_on_where_it_failed_last(calls: Calls) -> None:
    calls.write(SEQUENCE + shell(3, "three", ends="test -e more"))
    calls.call(code=10)
    calls.call(code=10)
    calls.touch("fixed")
    calls.call(code=10)
    calls.new_effects()

    calls.touch("more")
    calls.call()

    assert (calls.new_effects(), len(calls.runs())) == (["three"], 4)


def test_after_kill_9_between_two_commands_the_rest_runs_and_nothing_twice(calls: Calls) -> None:
    calls.write(shell(0, "zero", "sleep=2", ends="touch cut") + shell(1, "one"))
    process = calls.place.start(*calls.words)
    eventually(lambda: '"what":"result"' in "".join(path.read_text() for path in calls.journals()))
    process.kill()
    finished(process)
    (run,) = calls.runs()

    done = calls.call()

    assert f"--auto-recovery: run {run} was cut short: resuming it" in done.stdout
    assert (calls.new_effects(), calls.runs()) == (["zero", "one"], [run])


def test_after_kill_9_in_a_command_its_outcome_is_unknown_and_nothing_runs_without_a_word(calls: Calls) -> None:
    calls.write(shell(0, "zero") + shell(1, "one", ends=CUT) + shell(2, "two"))
    run = calls.killed()
    assert calls.new_effects() == ["zero", "one"]

    for _ in range(2):
        done = calls.call(code=75)
        assert f"tasker --resume {run}" in done.stdout
        assert "--unknown=rerun, skip or fail" in done.stderr
    assert (calls.new_effects(), calls.runs()) == ([], [run])

    calls.call("--unknown=skip")

    assert (calls.new_effects(), calls.runs()) == (["two"], [run])


def test_after_kill_9_a_command_that_may_run_twice_does_so_without_a_word(calls: Calls) -> None:
    calls.write(shell(0, "zero") + shell(1, "one", "idempotent=true", ends=CUT) + shell(2, "two"))
    calls.killed()
    calls.touch("again")

    calls.call()

    assert calls.new_effects() == ["zero", "one", "one", "two"]


def test_after_kill_9_of_the_run_that_continues_a_failed_one_that_run_is_resumed(calls: Calls) -> None:
    calls.write(SEQUENCE + shell(3, "three", ends=CUT))
    calls.call(code=10)
    calls.touch("fixed")
    calls.new_effects()
    run = calls.killed()
    assert calls.new_effects() == ["one-v1", "two-v1", "three"]

    calls.call("--unknown=skip")

    assert (calls.new_effects(), len(calls.runs()), calls.runs()[-1]) == ([], 2, run)


def test_after_ctrl_c_it_is_resumed(calls: Calls) -> None:
    calls.write(shell(0, "zero") + "task=1\nexec=local\ncommand=sh -c 'touch cut; sleep 30'\nidempotent=true\n")
    process = calls.place.start(*calls.words)
    eventually((calls.folder / "cut").exists)
    process.terminate()
    assert finished(process)[0] == 143
    (run,) = calls.runs()
    process = calls.place.start(*calls.words)
    eventually(lambda: f"--auto-recovery: run {run} was cut short: resuming it" in calls.place.log())
    process.terminate()
    finished(process)

    assert (calls.new_effects(), calls.runs()) == (["zero"], [run])


def test_a_changed_file_is_run_from_its_start_and_a_line_says_so(calls: Calls) -> None:
    calls.call(code=10)
    (run,) = calls.runs()
    calls.new_effects()
    calls.write("# another\n" + SEQUENCE)

    done = calls.call(code=10)

    why = f"[WARN] --auto-recovery: run {run} failed (exit code 10), and the task file has changed since: everything"
    assert why in done.stdout
    assert f"to continue that run: tasker again -r {run} --file {calls.folder}/t.txt" in done.stdout
    assert calls.new_effects() == ["zero", "one-v1"]

    calls.touch("fixed")
    calls.write(SEQUENCE)  # as it was: the newest run decides, not the older one that would fit
    calls.call()
    assert calls.new_effects() == ["zero", "one-v1", "two-v1"]


@pytest.mark.parametrize(
    "more", [["--set", "WHAT=b"], ["-p", "P"], ["--start-from", "1"], ["--on-error", "continue"], ["-t", "shell"]]
)
def test_other_values_or_options_are_other_work(calls: Calls, more: list[str]) -> None:
    text = "required=WHAT\n" + shell(0, "zero") + shell(1, "one-@WHAT@", ends=FAILS)
    calls.write(text)
    given = ["--set", "WHAT=a"]
    calls.call(*given, code=10)
    calls.touch("fixed")
    calls.new_effects()

    other = more if "--set" in more else [*given, *more]
    done = calls.call(*other)
    assert "there is no run of this task file with these values" in done.stdout

    calls.new_effects()
    calls.call(*given)
    assert calls.new_effects() == ["one-a"]


def test_a_value_from_a_file_or_the_environment_counts_by_what_it_is(calls: Calls) -> None:
    calls.write("WHAT=env:WHAT\n" + shell(0, "zero-@WHAT@") + shell(1, "one", ends=FAILS))

    def call(value: str) -> list[str]:
        calls.place.run(*calls.words, env={"WHAT": value})
        return calls.new_effects()

    assert (call("a"), call("b"), call("a"), call("b")) == (["zero-a", "one"], ["zero-b", "one"], ["one"], ["one"])


def test_a_secret_is_not_compared_and_not_written_down(calls: Calls) -> None:
    calls.write("secret=PASS\nPASS=env:PASS\n" + shell(0, "zero") + shell(1, "one", ends=FAILS))
    first = calls.place.run(*calls.words, env={"PASS": "hunter2hunter2"})
    calls.touch("fixed")
    calls.new_effects()
    second = calls.place.run(*calls.words, env={"PASS": "another-one-now"})

    assert (first.returncode, second.returncode, calls.new_effects()) == (10, 0, ["one"])
    assert not [path for path in calls.place.base.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_the_same_file_started_in_another_folder_is_other_work(calls: Calls) -> None:
    calls.call(code=10)
    words = [str(calls.folder / "t.txt") if word == "t.txt" else word for word in calls.words]
    done = calls.place.run(*words, cwd=calls.folder / "home")

    assert "there is no run of this task file" in done.stdout


def test_a_run_without_the_option_counts_too(calls: Calls) -> None:
    calls.call(code=10)
    calls.touch("fixed")
    calls.place.run("-r", "-l", calls.place.base, "t.txt")
    calls.new_effects()

    done = calls.call()

    assert "ended well: everything runs again" in done.stdout
    assert calls.new_effects() == ["zero", "one-v1", "two-v1"]


def test_a_call_while_the_run_is_in_progress_is_refused(calls: Calls) -> None:
    calls.write(shell(0, "zero", ends="touch cut; while [ ! -e go ]; do sleep 0.02; done"))
    process = calls.place.start(*calls.words)
    eventually((calls.folder / "cut").exists)
    second = calls.call(code=LOCKED)
    calls.touch("go")

    assert finished(process)[0] == 0
    assert f"run {calls.runs()[0]} of this task file is in progress: nothing was executed" in second.stderr
    assert calls.new_effects() == ["zero"]


def test_of_many_calls_at_once_one_begins_something(calls: Calls) -> None:
    calls.write(shell(0, "zero") + shell(1, "one", ends=FAILS))
    calls.call(code=10)
    calls.new_effects()
    calls.touch("fixed")
    several = [calls.place.start(*calls.words) for _ in range(4)]
    codes = [finished(process)[0] for process in several]
    effects = calls.new_effects()

    # one continues the run that failed; a call that came after its end starts again
    assert codes.count(0) >= 1 and set(codes) <= {0, LOCKED}
    assert effects == ["one"] + ["zero", "one"] * (codes.count(0) - 1)


def test_what_another_call_did_until_this_one_had_the_lock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([auto_recovery.Choice(auto_recovery.AGAIN, "failed", "old"), auto_recovery.Choice("new", "ended well")])
    locked: list[object] = []
    monkeypatch.setattr(auto_recovery, "CallFacts", lambda _: None)
    monkeypatch.setattr(auto_recovery, "choose", lambda _: next(seen))
    monkeypatch.setattr(auto_recovery.instance_lock, "lock", lambda *words: locked.append(words))
    context = SimpleNamespace(settings={"run": True, "folder": "base", "file": "t.txt"})

    assert auto_recovery._locked_choice(context).what == auto_recovery.NEW  # type: ignore[arg-type]
    assert locked == [("base", "t.txt", "", "")]


def test_a_dry_run_says_what_it_would_do(calls: Calls) -> None:
    calls.words.remove("-r")
    done = calls.call()
    assert "this is the first" in done.stdout

    calls.place.run("-r", "-l", calls.place.base, "t.txt")
    calls.new_effects()
    done = calls.call()
    (run,) = calls.runs()
    assert f"--auto-recovery: run {run} failed (exit code 10): a new run continues it" in done.stdout
    assert "1 result inherited (task 0); from task 1" in done.stdout
    assert (calls.new_effects(), calls.runs()) == ([], [run])


def test_a_dry_run_says_that_a_run_would_be_resumed(calls: Calls) -> None:
    calls.write(shell(0, "zero", ends=CUT))
    run = calls.killed()
    calls.words.remove("-r")
    calls.new_effects()

    done = calls.call()

    assert f"--auto-recovery: run {run} was cut short: with -r it is resumed" in done.stdout
    assert "nothing was executed" in done.stdout
    assert calls.new_effects() == []


def test_a_parked_run_is_resumed_and_its_lock_is_no_obstacle(calls: Calls) -> None:
    calls.write(shell(0, "zero") + "# Go on?\ntask=1\ntype=approval\n\n" + shell(2, "two"))
    calls.call("--park", code=76)
    (run,) = calls.runs()
    calls.call("--park", code=76)
    calls.place.run("approve", run, "-l", calls.place.base, "--yes")

    calls.call("--park")

    assert (calls.new_effects(), calls.runs()) == (["zero", "two"], [run])


def test_an_approval_that_was_not_given_again_leaves_the_run_that_failed(calls: Calls) -> None:
    gate = "# Go on?\ntask=1\ntype=approval\n\n"
    calls.write(shell(0, "zero") + gate + shell(2, "two", ends=FAILS))

    def answer(word: str, code: int) -> str:
        calls.call("--park", code=76)
        calls.place.run(word, calls.runs()[-1], "-l", calls.place.base, "--yes")
        return calls.call("--park", code=code).stdout

    answer("approve", 10)
    assert calls.new_effects() == ["zero", "two"]
    answer("reject", 10)
    calls.touch("fixed")
    shown = answer("approve", 0)

    assert f"--auto-recovery: run {calls.runs()[-1]} is parked: resuming it" in shown
    assert calls.new_effects() == ["two"]
    assert f"run {calls.runs()[0]} failed (exit code 10): a new run continues it" in calls.place.log()
    assert len(calls.runs()) == 3


def test_a_run_that_was_continued_with_another_file_is_not_continued_again(calls: Calls) -> None:
    calls.call(code=10)
    (run,) = calls.runs()
    fixed = calls.place.file(SEQUENCE.replace(FAILS, "true"), "fixed.txt")
    again = calls.place.run("again", "-r", run, "--file", fixed, "-l", calls.place.base)
    calls.new_effects()

    done = calls.call(code=10)

    assert again.returncode == 0, again.stdout
    other = calls.runs()[1]
    why = f"run {run} failed (exit code 10), and run {other}, with another task file or values, has continued it"
    assert f"[WARN] --auto-recovery: {why}: everything runs again" in done.stdout
    assert calls.new_effects() == ["zero", "one-v1"]


def test_a_run_that_died_before_it_had_inherited_everything_is_passed_over(calls: Calls) -> None:
    calls.call(code=10)
    calls.touch("fixed")
    calls.call()
    first, second = calls.runs()
    calls.place.tampered = True
    path = calls.place.base / "runs" / second / "journal.jsonl"
    path.write_text(_first_line(path.parent))
    calls.new_effects()

    done = calls.call()

    assert f"run {first} failed (exit code 10): a new run continues it" in done.stdout
    assert calls.new_effects() == ["one-v1", "two-v1"]


def test_a_journal_that_cannot_be_read_is_no_good_end(calls: Calls) -> None:
    calls.call(code=10)
    (run,) = calls.runs()
    path = calls.place.base / "runs" / run / "journal.jsonl"
    calls.place.tampered = True
    path.write_text(path.read_text().replace("zero", "null"))
    calls.new_effects()

    done = calls.call(code=12)

    assert f"tasker verify {run}" in done.stderr + done.stdout
    assert calls.new_effects() == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--resume"], 2),
        (["--record", "r"], 2),
        (["--replay", "r"], 2),
        (["--accept-changes"], 2),
        (["--unknown=perhaps"], 2),
    ],
)
def test_what_it_cannot_be_given_with(calls: Calls, words: list[str], code: int) -> None:
    done = calls.call(*words, code=code)

    assert words[0].partition("=")[0] in done.stderr + done.stdout
    assert calls.new_effects() == []


def test_drift_again_and_stdin_have_no_use_for_it(calls: Calls) -> None:
    for words, code in ((["drift"], 2), (["again"], 12)):
        done = calls.place.run(*words, "--auto-recovery", "-l", calls.place.base, "t.txt")
        assert (done.returncode, "--auto-recovery" in done.stderr) == (code, True), done.stderr
    assert "name a file, not '-'" in calls.place.run("--auto-recovery", "-").stderr


def test_a_file_that_does_not_validate_is_reported_as_always(calls: Calls) -> None:
    calls.call(code=10)
    calls.write("task=0\nexec=local\nwhat\n")

    assert "validation failed" in calls.call(code=20).stdout
    assert "nothing was executed" in calls.place.run("--validate-only", *calls.words[1:]).stdout


def test_the_options_of_the_call_hold_for_what_it_continues(calls: Calls) -> None:
    calls.call(code=10)
    calls.touch("fixed")
    done = calls.call("--output=json", "--notify", "sh -c 'cat >told'")
    doc = json.loads(done.stdout)

    assert (doc["continues"], doc["exit_code"]) == (calls.runs()[0], 0)
    assert json.loads((calls.folder / "told").read_text())["run"] == calls.runs()[1]
