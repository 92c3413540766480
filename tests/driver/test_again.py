"""`tasker again`: a new run out of one that ended; what it inherits is never executed again (counted by effects)."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from whole_program import TASKER, Place, carrying, eventually, finished

RERUN_ONCE = "test -e fixed"  # fails until the file is there


def shell(number: int, word: str, *fields: str, ends: str = "true") -> str:
    """A task that leaves a word in the file `effects`, and then ends as `ends` does."""
    return "\n".join([f"task={number}", "exec=shell", f"command=echo {word} >>effects; {ends}", *fields, "", ""])


class Runs:
    """Runs of one folder, in the order of their start."""

    def __init__(self, place: Place) -> None:
        self.place, self.folder = place, place.folder

    def ids(self) -> list[str]:
        folders = [path.parent for path in self.place.base.glob("runs/*/journal.jsonl") if path.stat().st_size]
        return [one.name for one in sorted(folders, key=lambda one: json.loads(_lines(one)[0])["at"])]

    def effects(self) -> list[str]:
        path = self.folder / "effects"
        return path.read_text().split() if path.exists() else []

    def new_effects(self) -> list[str]:
        """Those since the last call."""
        made = self.effects()
        (self.folder / "effects").unlink(missing_ok=True)
        return made

    def first(self, text: str, *arguments: object, code: int = 10) -> None:
        done = self.place.really(text, "-q", *arguments)
        assert done.returncode == code, done.stdout + done.stderr

    def again(self, *arguments: object, run: str = "last") -> subprocess.CompletedProcess[str]:
        return self.place.run("again", "-l", self.place.base, run, *arguments)

    def journal(self, run: str) -> list[Any]:
        return [json.loads(line) for line in _lines(self.place.base / "runs" / run)]

    def fix(self, name: str = "fixed") -> None:
        (self.folder / name).touch()


def _lines(folder: Path) -> list[str]:
    return (folder / "journal.jsonl").read_text().splitlines()


@pytest.fixture
def runs(place: Place) -> Runs:
    return Runs(place)


SEQUENCE = shell(0, "zero", ends="echo v1") + shell(1, "one-@0_stdout@", ends=RERUN_ONCE) + shell(2, "two")


def test_a_failed_task_runs_again_with_what_came_before_it_inherited(runs: Runs) -> None:
    runs.first(SEQUENCE)
    runs.fix()
    assert runs.new_effects() == ["zero", "one-v1"]

    shown = runs.again()

    assert (shown.returncode, runs.effects(), len(runs.ids())) == (0, [], 1)
    assert "1 result inherited (task 0); from task 1" in shown.stdout
    assert "echo one-v1 >>effects" in shown.stdout or "TASKER_0_stdout" in shown.stdout

    done = runs.again("-r")

    assert (done.returncode, runs.effects()) == (0, ["one-v1", "two"])
    old, new = runs.ids()
    assert f"Ran 2 tasks, 2 commands: 2 ok; 1 result inherited from run {old}" in done.stdout.replace(
        " on 1 host", ""
    ) or (f"; 1 result inherited from run {old}" in done.stdout)
    explained = runs.place.run("explain", "-l", runs.place.base, new).stdout
    assert f"continues run {old} from task 1" in explained
    inside = runs.place.run("explain", "-l", runs.place.base, new, "0").stdout
    assert f"inherited from run {old}" in inside
    assert "stdout: v1" in inside


HOSTS = (
    shell(0, "zero")
    + "task=1\nexec=shell\nhosts=a,b,c\ncommand=echo @1_hostname@ >>effects; test @1_hostname@ != b -o -e fixed\n\n"
    + shell(2, "two-@1_success_hosts@")
)


def test_of_many_hosts_only_those_that_had_not_succeeded_run(runs: Runs) -> None:
    runs.first(HOSTS, "--skip-host-validation")
    runs.fix()
    assert sorted(runs.new_effects()) == ["a", "b", "c", "zero"]

    done = runs.again("-r")

    assert (done.returncode, runs.effects()) == (0, ["b", "two-a,b,c"])
    assert "Task 1 on a,c: ok, inherited" in done.stdout
    assert "from task 1 on b, 2 commands of it inherited" in done.stdout


@pytest.mark.parametrize("most", ["1", "2"])
def test_an_inherited_host_takes_no_slot(runs: Runs, most: str) -> None:
    runs.first(HOSTS.replace("\n\n" + "task=2", f"\nmax_parallel={most}\n\ntask=2"), "--skip-host-validation")
    runs.fix()
    runs.new_effects()

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["b", "two-a,b,c"])


def test_hosts_are_chosen_and_the_others_keep_their_outcome(runs: Runs) -> None:
    text = HOSTS.replace("!= b -o", "= a -o")
    runs.first(text, "--skip-host-validation")
    runs.fix()
    runs.new_effects()

    done = runs.again("-r", "--hosts", "c")

    assert (done.returncode, runs.new_effects()) == (10, ["c"])
    assert "Task 1 on b: exit 1, inherited" in done.stdout
    assert "2 of 3 hosts succeeded; failed: b" in done.stdout
    assert (runs.again("-r", "--hosts", "failed").returncode, runs.effects()) == (0, ["b", "two-a,b,c"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hosts", "a"), "each host that --hosts chooses succeeded"),
        (("--hosts", "d"), "--hosts chooses none of the hosts of task 1"),
        (("--hosts", "unknown"), "--hosts chooses none of the hosts of task 1"),
        (("--hosts", "@nowhere"), "there is no group 'nowhere'"),
    ],
)
def test_a_choice_of_hosts_that_selects_nothing_is_refused(runs: Runs, words: tuple[str, ...], said: str) -> None:
    runs.first(HOSTS, "--skip-host-validation")

    done = runs.again("-r", *words)

    assert (done.returncode, len(runs.ids())) == (20, 1)
    assert said in done.stdout


PARALLEL = (
    "task=10\ntype=parallel\ntasks=11-13\n\n"
    + shell(11, "eleven", ends="echo x")
    + shell(12, "twelve", ends=RERUN_ONCE)
    + shell(13, "thirteen")
    + shell(14, "fourteen-@11_stdout@")
)


def test_of_a_parallel_block_only_the_failed_member_runs_again(runs: Runs) -> None:
    runs.first(PARALLEL)
    runs.fix()
    assert sorted(runs.new_effects()) == ["eleven", "thirteen", "twelve"]

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["twelve", "fourteen-x"])


BRANCH = (
    shell(0, "zero", ends="echo yes")
    + "task=10\ntype=conditional\ncondition=@0_stdout@=yes\nif_true_tasks=11-13\n\n"
    + shell(11, "eleven", "next=always", ends="exit 3")
    + shell(12, "twelve", ends=RERUN_ONCE)
    + shell(13, "thirteen")
    + shell(14, "fourteen-@11_exit_code@")
)


@pytest.mark.parametrize(
    ("verdict", "code", "effects"),
    [
        ("next=min_success=2", 0, ["twelve", "thirteen", "fourteen-3"]),  # it tolerates the failure
        ("", 10, ["eleven", "twelve", "thirteen"]),  # the block fails with any of its members
    ],
)
def test_in_a_branch_a_failure_that_was_tolerated_is_inherited(
    runs: Runs, verdict: str, code: int, effects: list[str]
) -> None:
    runs.first(BRANCH.replace("tasks=11-13", f"tasks=11-13\n{verdict}".rstrip()))
    runs.fix()
    assert runs.new_effects() == ["zero", "eleven", "twelve"]

    assert (runs.again("-r").returncode, runs.effects()) == (code, effects)


ROLLED_BACK = (
    shell(0, "zero")
    + shell(1, "one", "on_failure=90", ends=RERUN_ONCE)
    + shell(2, "two", "return=0")
    + shell(90, "back")
    + shell(91, "alert", "return=7")
)


def test_a_run_that_was_rolled_back_forks_where_it_turned_away(runs: Runs) -> None:
    runs.first(ROLLED_BACK, code=7)
    runs.fix()
    assert runs.new_effects() == ["zero", "one", "back", "alert"]

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["one", "two"])


def test_a_run_that_was_stopped_by_its_rule_continues_on_the_hosts_that_never_started(runs: Runs) -> None:
    text = HOSTS.replace("\n\ntask=2", "\nmax_parallel=1\nstop_on=max_failed=0\n\ntask=2").replace("!= b", "!= a")
    runs.first(text, "--skip-host-validation")
    runs.fix()
    assert runs.new_effects() == ["zero", "a"]

    assert (runs.again("-r", "--hosts", "not_started").returncode, sorted(runs.new_effects())) == (10, ["b", "c"])
    assert (runs.again("-r").returncode, runs.new_effects()) == (0, ["a", "two-a,b,c"])


def test_iterations_of_a_loop_and_attempts_before_a_good_retry_are_inherited(runs: Runs) -> None:
    text = (
        shell(0, "loop", "next=loop", "loop=2", "sleep=0.01")
        + shell(
            1,
            "retried",
            "retry_failed=true",
            "retry_count=3",
            "retry_delay=0",
            ends="test -e t || { touch t; exit 1; }",
        )
        + shell(2, "two-@0_iteration@-@1_attempts@", ends=RERUN_ONCE)
    )
    runs.first(text)
    runs.fix()
    assert runs.new_effects() == ["loop"] * 3 + ["retried"] * 2 + ["two-3-2"]

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["two-3-2"])


def test_a_loop_whose_last_run_failed_repeats_that_run_and_one_that_never_met_its_end_all(runs: Runs) -> None:
    runs.first(shell(0, "x", "next=loop", "loop=2", ends=f"test $(wc -l <effects) -lt 3 || {RERUN_ONCE}"))
    runs.fix()
    assert runs.new_effects() == ["x"] * 3
    assert (runs.again("-r").returncode, runs.new_effects()) == (0, ["x"])

    (runs.folder / "fixed").unlink()
    runs.first(shell(0, "y", "next=loop", "loop=2", "loop_break=success", ends=RERUN_ONCE))
    assert runs.new_effects() == ["y"] * 3
    assert (runs.again("-r").returncode, runs.new_effects()) == (10, ["y"] * 3)


def test_a_timeout_runs_again(runs: Runs) -> None:
    runs.first(shell(0, "zero") + shell(1, "one", "timeout=1", ends=f"{RERUN_ONCE} || sleep 20"))
    runs.fix()
    runs.new_effects()

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["one"])


def test_a_run_that_ended_well_forks_where_it_is_asked_to(runs: Runs) -> None:
    runs.fix()
    runs.first(SEQUENCE, code=0)
    runs.new_effects()

    refused = runs.again("-r")
    assert (refused.returncode, runs.effects()) == (12, [])
    assert "it ended well: --from TASK" in refused.stderr
    assert runs.again("-r", "--from", "9").returncode == 12

    assert (runs.again("-r", "--from", "1").returncode, runs.effects()) == (0, ["one-v1", "two"])


def test_an_edited_file_may_change_what_is_not_inherited(runs: Runs) -> None:
    runs.first(SEQUENCE)
    runs.new_effects()
    edited = runs.place.file(SEQUENCE.replace(RERUN_ONCE, "true").replace("echo two", "echo TWO"), "new.txt")
    changed = runs.place.file(SEQUENCE.replace("echo zero", "echo other"), "bad.txt")

    refused = runs.again("-r", "--file", changed)
    assert (refused.returncode, runs.effects(), len(runs.ids())) == (12, [], 1)
    assert "task 0 (command) is inherited, and would now be another" in refused.stderr

    assert (runs.again("-r", "--file", edited).returncode, runs.effects()) == (0, ["one-v1", "TWO"])


def test_a_value_may_not_change_what_is_inherited(runs: Runs) -> None:
    text = "VERSION=1\nWORD=a\n" + shell(0, "zero-@VERSION@") + shell(1, "one-@WORD@", ends=RERUN_ONCE)
    runs.first(text, "--set", "VERSION=2")
    runs.fix()
    assert runs.new_effects() == ["zero-2", "one-a"]

    refused = runs.again("-r", "--set", "VERSION=3")
    assert (refused.returncode, runs.effects()) == (12, [])
    assert "task 0 (command) is inherited" in refused.stderr

    assert (runs.again("-r", "--set", "WORD=b").returncode, runs.new_effects()) == (0, ["one-b"])


def test_the_variables_are_those_of_the_old_run_whatever_the_file_has_now(runs: Runs) -> None:
    text = "VERSION=1\n" + shell(0, "zero") + shell(1, "one-@VERSION@", ends=RERUN_ONCE)
    runs.first(text, "--set", "VERSION=2")
    runs.fix()
    runs.new_effects()
    runs.place.file("task=0\ncommand=false\n")

    assert (runs.again("-r").returncode, runs.new_effects()) == (0, ["one-2"])


def test_an_inherited_host_whose_command_would_change_is_named(runs: Runs) -> None:
    text = "V=1\n" + HOSTS.replace("echo @1_hostname@", "echo @1_hostname@-@V@")
    runs.first(text, "--skip-host-validation")

    refused = runs.again("-r", "--set", "V=2", "--skip-host-validation")

    assert refused.returncode == 12
    assert "task 1 on a is inherited, and its" in refused.stderr


def test_a_run_of_again_is_continued_again_and_counts_what_it_has_from_the_first(runs: Runs) -> None:
    text = SEQUENCE.replace("echo two >>effects; true", "echo two >>effects; test -e late")
    runs.first(text)
    runs.fix()
    runs.new_effects()
    assert (runs.again("-r").returncode, runs.new_effects()) == (10, ["one-v1", "two"])
    runs.fix("late")

    assert (runs.again("-r").returncode, runs.new_effects()) == (0, ["two"])

    first, second, third = runs.ids()
    inherited = [one["doc"] for one in runs.journal(third) if one["what"] == "inherited"]
    assert [(one["run"], one["id"]) for one in inherited] == [(first, "0.1"), (second, "1.2")]
    hashes = {one["hash"] for run in (first, second) for one in runs.journal(run)}
    assert all(one["record"] in hashes for one in inherited)


def test_many_hosts_twice_over(runs: Runs) -> None:
    text = HOSTS.replace("!= b -o -e fixed", "= a -o -e fixed-@1_hostname@")
    runs.first(text, "--skip-host-validation")
    runs.fix("fixed-b")
    runs.new_effects()
    assert (runs.again("-r").returncode, sorted(runs.new_effects())) == (10, ["b", "c"])
    runs.fix("fixed-c")

    assert (runs.again("-r").returncode, runs.new_effects()) == (0, ["c", "two-a,b,c"])


def test_a_long_output_is_copied_and_read(runs: Runs) -> None:
    long = "head -c 200000 /dev/zero | tr '\\\\0' x; echo end"
    text = shell(0, "zero", ends=long) + shell(1, "one", "condition=@0_stdout@~end", ends=RERUN_ONCE)
    runs.first(text)
    runs.fix()
    runs.new_effects()

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["one"])
    old, new = runs.ids()
    (copied,) = (runs.place.base / "runs" / new / "output").glob("inherited_*")
    assert copied.stat().st_size == 200004
    assert "1 file of output, none changed" in runs.place.run("verify", "-l", runs.place.base, new).stdout

    runs.place.tampered = True
    copied.write_text("changed")
    refused = runs.again("-r", "--from", "1", run=new)
    assert (refused.returncode, len(runs.ids())) == (12, 2)
    assert "was changed" in refused.stderr
    assert not (runs.place.base / "runs" / new / "continued_by").exists()


def test_an_ended_run_is_continued_once(runs: Runs) -> None:
    runs.first(SEQUENCE)
    (old,) = runs.ids()
    before = (runs.place.base / "runs" / old / "journal.jsonl").read_bytes()
    assert runs.again("-r").returncode == 10
    _, new = runs.ids()
    runs.new_effects()

    refused = runs.again("-r", run=old)
    assert (refused.returncode, runs.effects()) == (12, [])
    assert f"run {new} continues it" in refused.stderr
    assert f"{new}" in runs.place.run("--resume", "-l", runs.place.base, old).stderr + refused.stderr

    assert (runs.again("-r", "--once-more", run=old).returncode, runs.effects()) == (10, ["one-v1"])
    assert (runs.place.base / "runs" / old / "journal.jsonl").read_bytes() == before
    listed = json.loads(runs.place.run("runs", "--json", "-l", runs.place.base).stdout)["runs"]
    assert [one.get("continues") for one in listed] == [None, old, old]
    assert listed[0]["continued_by"] == runs.ids()[2]


CUT = f"{RERUN_ONCE} || {{ touch cut; sleep 30; }}"


def killed(runs: Runs, text: str, *arguments: object) -> str:
    """The id of a run whose driver was killed in the middle of a command."""
    process = runs.place.begin(text, *arguments)
    eventually((runs.folder / "cut").exists)
    process.kill()
    finished(process)
    (runs.folder / "cut").unlink()
    (run,) = runs.ids()
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
    return run


@pytest.mark.parametrize(
    ("word", "code", "effects"), [("rerun", 0, ["one", "two"]), ("skip", 0, ["two"]), ("fail", 10, [])]
)
def test_an_unknown_outcome_needs_a_word_and_leaves_nothing_without(
    runs: Runs, word: str, code: int, effects: list[str]
) -> None:
    old = killed(runs, shell(0, "zero") + shell(1, "one", ends=CUT) + shell(2, "two"))
    runs.fix()
    runs.new_effects()

    refused = runs.again("-r")
    assert (refused.returncode, runs.effects(), runs.ids()) == (75, [], [old])
    assert "add --unknown=rerun, skip or fail" in refused.stderr
    assert not (runs.place.base / "runs" / old / "continued_by").exists()

    done = runs.again("-r", f"--unknown={word}")
    assert (done.returncode, runs.new_effects()) == (code, effects)
    resumed = runs.place.run("--resume", "-l", runs.place.base, old, "--unknown=rerun")
    assert (resumed.returncode, runs.effects()) == (12, [])
    assert f"run {runs.ids()[1]} continues it" in resumed.stderr


def test_an_interrupted_run_is_continued_where_it_was(runs: Runs) -> None:
    process = runs.place.begin(shell(0, "zero") + shell(1, "one", ends="touch cut; sleep 1") + shell(2, "two"))
    eventually((runs.folder / "cut").exists)
    process.send_signal(signal.SIGINT)
    assert finished(process)[0] == 130
    runs.new_effects()

    assert (runs.again("-r").returncode, runs.effects()) == (0, ["two"])


def test_a_run_that_slept_sleeps_again_and_does_not_repeat_what_it_slept_after(runs: Runs) -> None:
    process = runs.place.begin(shell(0, "zero") + shell(1, "one", "sleep=30") + shell(2, "two"))
    eventually(lambda: "sleeping 30" in runs.place.log())
    process.kill()
    finished(process)
    runs.new_effects()

    again = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    eventually(lambda: runs.place.log().count("sleeping 30") == 2)
    again.terminate()
    assert (finished(again)[0], runs.effects()) == (143, [])


def test_a_new_run_that_is_killed_is_resumed_and_inherits_the_same(runs: Runs) -> None:
    text = HOSTS.replace("test @1_hostname@ != b -o -e fixed", "test @1_hostname@ != b -o -e fixed").replace(
        "\n\ntask=2", "\nmax_parallel=1\n\ntask=2"
    ) + shell(3, "three", ends="test -e more || { touch cut; sleep 30; }")
    runs.first(text, "--skip-host-validation")
    runs.fix()
    runs.new_effects()
    process = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    eventually((runs.folder / "cut").exists)
    process.kill()
    finished(process)
    new = runs.ids()[1]
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={new}:"))
    runs.fix("more")
    assert runs.new_effects() == ["b", "two-a,b,c", "three"]

    done = runs.place.run("--resume", "-l", runs.place.base, new, "--unknown=rerun")

    assert (done.returncode, runs.effects()) == (0, ["three"])
    assert "3 results inherited from run" in done.stdout


@pytest.mark.parametrize("base", ["base", "with blank/it's"])
def test_the_command_at_the_end_of_a_failed_run_works_when_it_is_pasted(runs: Runs, base: str) -> None:
    runs.place.base = runs.folder / base
    done = runs.place.really(SEQUENCE)
    runs.fix()
    runs.new_effects()
    (line,) = re.findall(r"To continue it in a new run: (.*)", done.stdout)
    bin_folder = runs.folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "tasker").symlink_to(TASKER)
    environment = runs.place.environment(PATH=f"{bin_folder}:{os.environ['PATH']}")

    pasted = subprocess.run(["sh", "-c", line], env=environment, cwd="/", capture_output=True, text=True)

    assert (pasted.returncode, runs.effects()) == (0, ["one-v1", "two"]), pasted.stdout + pasted.stderr
    assert shlex.split(line)[:3] == ["tasker", "again", "-r"]


def test_an_unknown_outcome_in_a_run_that_ended_needs_a_word_too(runs: Runs) -> None:
    text = shell(0, "zero") + "task=1\nexec=dying\nhostname=127.0.0.1\ncommand=x\n\n" + shell(2, "two")
    runner = runs.folder / "runners"
    runner.mkdir()
    (runner / "dying").write_text(
        "#!/bin/sh\n"
        'echo \'{"tasker":1,"kind":"about","ok":true,"name":"dying","accepts":"request","returns":"result",'
        '"parallel":false}\'\n'
        '[ "$1" = --about ] && exit 0\nread -r line || exit 0\nexit 1\n'
    )
    (runner / "dying").chmod(0o755)
    environment = {"TASKER_PATH": str(runs.folder)}
    first = runs.place.run("-r", "-q", "-l", runs.place.base, runs.place.file(text), env=environment)
    assert first.returncode == 75, first.stdout + first.stderr
    assert "again -r" in first.stdout and "--unknown=WORD" in first.stdout
    runs.new_effects()

    call = ("again", "-r", "-l", runs.place.base, "last")
    assert runs.place.run(*call, env=environment).returncode == 75
    assert runs.place.run(*call, "--unknown=skip", env=environment).returncode == 0
    assert runs.effects() == ["two"]


def test_a_running_run_cannot_be_continued(runs: Runs) -> None:
    process = runs.place.begin(shell(0, "zero", ends="touch cut; sleep 30"))
    eventually((runs.folder / "cut").exists)

    refused = runs.again("-r")

    assert (refused.returncode, "it is running" in refused.stderr) == (12, True)
    process.terminate()
    finished(process)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "no run is named"),
        (("last", "other"), 2, "one run at a time"),
        (("last", "--from", "x"), 2, "--from takes the number of a task"),
        (("last", "--hosts"), 2, "--hosts needs a value"),
        (("last", "-t", "ssh"), 12, "--type cannot be given with tasker again"),
        (("last", "-r", "-n"), 2, "leave one out"),
        (("nothing",), 12, "cannot continue: there is no run 'nothing'"),
        (("last", "--unknown=maybe"), 2, "--unknown takes"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(runs: Runs, words: tuple[str, ...], code: int, said: str) -> None:
    done = runs.place.run("again", "-l", runs.place.base, *words)

    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_help_lists_its_options(runs: Runs) -> None:
    shown = runs.place.run("again", "--help").stdout

    assert all(word in shown for word in ("--from TASK", "--hosts HOSTS", "--file FILE", "--once-more", "--set NAME"))
    assert runs.place.run("help", "again").stdout == shown


def test_report_plan_and_summary_say_what_is_inherited(runs: Runs) -> None:
    runs.first(HOSTS, "--skip-host-validation")
    runs.fix()
    (old,) = runs.ids()

    shown = runs.again("--show-plan").stdout
    assert f"Continues run {old} from task 1; what comes before it is inherited" in " ".join(shown.split())
    assert shown.count("inherited: not executed again") == 1

    summary = json.loads(runs.again("-r", "--output", "json").stdout)
    assert (summary["continues"], summary["inherited"], summary["commands"]) == (old, 3, 2)

    text = runs.place.run("report", "-l", runs.place.base, "last").stdout
    assert f"continues run {old} from task 1" in text
    assert re.search(r"^0 +ok, inherited ", text, re.MULTILINE)
    assert re.search(r"^1 +ok  ", text, re.MULTILINE)
    cases = runs.place.run("report", "--junit", "-l", runs.place.base, "last").stdout
    assert cases.count(f'<skipped message="inherited from run {old}: ok"/>') == 3
    report = json.loads(runs.place.run("report", "--json", "-l", runs.place.base, "last").stdout)
    assert report["continues"] == {"run": old, "task": 1}
    assert [one.get("inherited") for one in report["attempts"]].count(old) == 3
    explained = json.loads(runs.place.run("explain", "--json", "-l", runs.place.base, "last", "0").stdout)
    assert [one["inherited"] for one in explained["moments"] if one["what"] == "result"] == [old]


def test_secrets_are_read_again_and_stay_masked(runs: Runs) -> None:
    text = "secret=TOKEN\nTOKEN=env:MYTOKEN\n" + shell(0, "@TOKEN@") + shell(1, "one-@TOKEN@", ends=RERUN_ONCE)
    environment = {"MYTOKEN": "a-long-secret"}
    assert runs.place.run("-r", "-l", runs.place.base, runs.place.file(text), env=environment).returncode == 10
    runs.fix()
    runs.new_effects()

    refused = runs.again("-r")
    assert (refused.returncode, "MYTOKEN is not set" in refused.stderr, len(runs.ids())) == (12, True, 1)

    assert runs.place.run("again", "-r", "-l", runs.place.base, "last", env=environment).returncode == 0
    assert runs.effects() == ["one-a-long-secret"]
    kept = b"".join(path.read_bytes() for path in runs.place.base.rglob("*") if path.is_file())
    assert b"a-long-secret" not in kept


def test_a_run_that_continues_another_is_not_pruned_before_it(runs: Runs) -> None:
    killed(runs, shell(0, "zero") + shell(1, "one", ends=CUT))
    runs.fix()
    assert runs.again("-r", "--unknown=rerun").returncode == 0
    old, new = runs.ids()
    kept = runs.place.base / "kept"
    (runs.place.base / "runs" / old).rename(kept)
    (runs.place.base / "runs" / old).mkdir()
    (kept / "journal.jsonl").rename(runs.place.base / "runs" / old / "journal.jsonl")  # without its continued_by

    pruned = runs.place.run("runs", "--prune", "0d", "-l", runs.place.base).stdout
    assert f"kept: {new} is finished, and continues {old}" in pruned

    (kept / "continued_by").rename(runs.place.base / "runs" / old / "continued_by")
    assert "2 runs removed" in runs.place.run("runs", "--prune", "0d", "-l", runs.place.base).stdout


def test_a_new_run_without_all_that_it_inherits_is_refused_and_does_not_count(runs: Runs) -> None:
    runs.first(SEQUENCE)
    runs.fix()
    assert runs.again("-r").returncode == 0
    old, new = runs.ids()
    path = runs.place.base / "runs" / new / "journal.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])  # as a loss of power can leave it
    runs.new_effects()

    refused = runs.place.run("--resume", "-l", runs.place.base, new)
    assert (refused.returncode, runs.effects()) == (12, [])
    assert f"it ended before it began: nothing was executed; tasker again {old}" in refused.stderr

    assert (runs.again("-r", run=old).returncode, runs.effects()) == (0, ["one-v1", "two"])


def test_the_project_gets_a_row_for_each_run(runs: Runs) -> None:
    runs.first(SEQUENCE, "-p", "P")
    runs.fix()
    assert runs.again("-r").returncode == 0

    assert [row.split("\t")[-1] for row in runs.place.rows()[1:]] == runs.ids()


def test_hosts_that_the_edited_file_adds_run_only_if_they_are_chosen(runs: Runs) -> None:
    runs.first(HOSTS, "--skip-host-validation")
    runs.fix()
    runs.new_effects()
    edited = runs.place.file(HOSTS.replace("hosts=a,b,c", "hosts=b,c,d,e"), "new.txt")

    done = runs.again("-r", "--file", edited, "--hosts", "b,d", "--skip-host-validation")

    assert (done.returncode, sorted(runs.effects())) == (10, ["b", "d"])
    assert "3 of 4 hosts succeeded; not started: e" in done.stdout


# -- chains

CHAIN = "task=10\ntype=chain\nhosts=127.0.0.[1-2]\ntasks=11,12\nmax_parallel=1\n\n" + (
    shell(11, "drain-@host@") + shell(12, "check-@host@", ends="test @host@ = 127.0.0.1 || test -e fixed")
)


def test_a_chain_before_the_fork_is_inherited(runs: Runs) -> None:
    runs.first(CHAIN.replace("@host@ = 127.0.0.1 ||", "@host@ != x ||") + shell(20, "end", ends=RERUN_ONCE))
    runs.fix()
    runs.new_effects()
    done = runs.again("-r")

    assert (done.returncode, runs.new_effects()) == (0, ["end"]), done.stdout + done.stderr


def test_a_chain_in_which_ctrl_c_ran_finally_is_inherited(runs: Runs) -> None:
    chain = CHAIN.replace("tasks=11,12", "tasks=11,12\nfinally=13").replace("test @host@ = 127.0.0.1 ||", "sleep 1;")
    chain = chain.replace("test -e fixed", "true") + shell(13, "enable-@host@")
    process = runs.place.begin(chain + shell(20, "end", ends=RERUN_ONCE))
    eventually(lambda: "check-127.0.0.1" in runs.effects())
    process.send_signal(signal.SIGINT)
    assert finished(process)[0] == 130
    resumed = runs.place.run("--resume", "-l", runs.place.base)
    assert resumed.returncode == 10, resumed.stdout + resumed.stderr
    runs.fix()
    runs.new_effects()
    done = runs.again("-r")

    assert (done.returncode, runs.new_effects()) == (0, ["end"]), done.stdout + done.stderr


def test_hosts_that_a_rollback_came_to_are_named(runs: Runs) -> None:
    text = "task=1\nhosts=127.0.0.[1-3]\nexec=shell\ncommand=test -e fixed -o @host@ != 127.0.0.2\non_failure=9\n\n"
    text += "task=2\nexec=shell\ncommand=true\nnext=never\n\n"
    text += "task=9\nhosts=@1_success_hosts@\nexec=shell\ncommand=true\nreturn=1\n"
    runs.first(text, code=1)

    what = (
        "task 1 is inherited on 127.0.0.[1,3], and task 9 ran on them afterwards: if that undid it, run the file again"
    )
    assert f"[WARN] {what}" in runs.again().stdout
    runs.first(text.replace("1_success_hosts", "1_failed_hosts"), code=1)
    assert "afterwards" not in runs.again().stdout
