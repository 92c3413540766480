"""Receipts through the whole program: what a lost line or a dead driver leaves is asked for, and nothing runs twice.

The runner is tests/data/runners/receipted.py, with a far side that outlives it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_resume import Runs
from whole_program import Place, children, eventually, finished

from tasker.driver import conversation
from tasker.journal import run_folder


@pytest.fixture
def runs(place: Place) -> Runs:
    (place.folder / "far").mkdir()
    return Runs(place)


def plant(runs: Runs, **faults: int) -> None:
    (runs.place.folder / "far/plan.json").write_text(json.dumps({"": faults}))


def task(command: str, number: int = 0, more: str = "") -> str:
    return f"task={number}\nexec=receipted\ntimeout=20\ncommand={command}\n{more}\n"


def effect(word: str) -> str:
    return f'sh -c "echo {word} >>effects; echo printed {word}"'


def waiting(word: str) -> str:
    """Its effect comes when the file `go` is there."""
    return f'sh -c "echo >>began; until test -e go; do sleep 0.01; done; echo {word} >>effects; echo printed {word}"'


def records(runs: Runs, what: str) -> list[dict]:
    return [one["doc"] for one in runs.place.journal() if one["what"] == what]


def asked(runs: Runs) -> list[str]:
    path: Path = runs.place.folder / "far/asked"
    return [line for line in path.read_text().splitlines() if not line.startswith("close")] if path.exists() else []


def killed_while_it_runs(runs: Runs, text: str, *arguments: str) -> None:
    """Kill the driver when its first command runs; the command goes on."""
    process = runs.place.begin(text, *arguments)
    eventually((runs.place.folder / "began").exists)
    process.kill()
    finished(process)
    # what it had forked may still be ending, and holds the lock of the run until then
    eventually(lambda: not run_folder.is_running(str(runs.place.base / "runs" / runs.run())))


# -- live


def test_nothing_is_asked_where_nothing_was_lost_and_the_receipts_are_removed_at_the_end(runs: Runs) -> None:
    done = runs.place.really(task(effect("one")) + task(effect("two"), 1))

    assert (done.returncode, runs.effects()) == (0, ["one", "two"]), done.stderr
    intents = [one["request"]["receipt"] for one in records(runs, "intent")]
    assert [(one["request"], one["delivery"]) for one in intents] == [("0.1", 1), ("1.2", 1)]
    assert intents[1]["done"] == [["0.1", 1]]
    assert (runs.place.folder / "far/asked").read_text() == f"close {runs.run()} \n"


class SlowReader:
    """A runner with a request in flight, whose input is full at first."""

    def __init__(self) -> None:
        (self.outlet, self.answer), (_, self.inlet), self.errors = os.pipe(), os.pipe(), None
        self.flights, self.runners = [self], [self]

    def watch(self, poll: select.poll) -> None:
        poll.register(self.inlet, select.POLLOUT)  # it takes more now
        poll.register(self.outlet, select.POLLIN)
        os.write(self.answer, b"x")

    def receive(self, _stage: object, _end: int) -> None:
        self.flights.clear()


def test_receipts_of_more_hosts_than_a_pipe_takes_are_removed() -> None:
    runner, (wake, _) = SlowReader(), os.pipe()
    clock = SimpleNamespace(monotonic=time.monotonic)
    pool = SimpleNamespace(
        flights=runner.flights, stages=lambda: runner.runners, due=lambda: [time.monotonic() + 9], expire=lambda: None
    )
    context = SimpleNamespace(poll=select.poll, wake=wake, clock=clock)
    talk: Any = SimpleNamespace(pool=pool, context=context, receive=runner.receive)
    receipts: Any = SimpleNamespace(book=SimpleNamespace(closing=list))

    conversation._close_receipts(talk, receipts)

    assert runner.flights == []


def test_a_short_command_has_a_receipt_only_where_it_must(runs: Runs) -> None:
    text = task(effect("one")).replace("timeout=20", "timeout=2")
    runs.place.really(text)

    assert "receipt" not in records(runs, "intent")[0]["request"]


@pytest.mark.parametrize(("mode", "kept"), [("always", True), ("never", False), ("auto", False)])
def test_the_option_of_the_runner_says_which_commands_have_a_receipt(runs: Runs, mode: str, kept: bool) -> None:
    (runs.place.folder / "tasker.toml").write_text(f'[runner.receipted]\nreceipts = "{mode}"\n')
    done = runs.place.really(task(effect("one")).replace("timeout=20", "timeout=2"))

    assert done.returncode == 0, done.stderr
    assert ("receipt" in records(runs, "intent")[0]["request"]) == kept


def test_a_lost_line_is_asked_about_and_the_command_is_taken_over(runs: Runs) -> None:
    plant(runs, lost=1)
    process = runs.place.begin(task(waiting("one")) + task(effect("two"), 1))
    eventually(lambda: asked(runs))
    (runs.place.folder / "go").touch()
    code, out, _ = finished(process)

    assert (code, runs.effects(), asked(runs)) == (0, ["one", "two"], ["settle 0.1 1"])
    assert "connection_lost: the connection ended: asking for its receipt" in out
    assert "it still runs, says its receipt: waiting for its end" in out
    (result, _) = records(runs, "result")
    assert (result["decided"], result["settled"], result["stdout"]) == ("receipt", "ended", "printed one\n")
    runs.place.verify()


def test_what_never_started_is_void_and_delivered_once_more(runs: Runs) -> None:
    plant(runs, dropped=2)
    done = runs.place.really(task(effect("one")), "--output", "json")

    assert (done.returncode, runs.effects()) == (0, ["one"])
    assert [one["request"]["receipt"]["delivery"] for one in records(runs, "intent")] == [1, 2, 3]
    assert [(one["id"], one["delivery"]) for one in records(runs, "never_started")] == [("0.1", 1), ("0.1", 2)]
    assert json.loads(done.stdout)["commands"] == 1
    runs.place.verify()


def test_a_delivery_that_comes_late_does_not_start(runs: Runs) -> None:
    plant(runs, late=1)
    done = runs.place.really(task(effect("one")) + task('sh -c "sleep 0.2"', 1))

    assert (done.returncode, runs.effects()) == (0, ["one"])


def test_a_runner_that_dies_leaves_its_command_which_the_next_one_takes_over(runs: Runs) -> None:
    plant(runs, die=1)
    (runs.place.folder / "go").touch()
    done = runs.place.really(task(waiting("one")))

    assert (done.returncode, runs.effects(), asked(runs)) == (0, ["one"], ["settle 0.1 1"])


def test_a_host_that_cannot_keep_receipts_runs_the_command_without(runs: Runs) -> None:
    plant(runs, untrusted=1)
    done = runs.place.really(task(effect("one")) + task(effect("two"), 1))

    assert (done.returncode, runs.effects()) == (0, ["one", "two"])
    assert ["receipt" in one["request"] for one in records(runs, "intent")] == [True, False, False]
    assert done.stdout.count("no receipts on this host: the home there is not private") == 1
    runs.place.verify()


def test_a_command_that_must_have_a_receipt_does_not_start_without(runs: Runs) -> None:
    (runs.place.folder / "tasker.toml").write_text('[runner.receipted]\nreceipts = "always"\n')
    plant(runs, untrusted=1)
    done = runs.place.really(task(effect("one")))

    assert (done.returncode, runs.effects()) == (10, [])
    assert "Task 0 was not started (exit_code=126): the home there is not private" in done.stdout


def test_a_command_of_another_user_does_not_start_where_it_must_have_a_receipt(runs: Runs) -> None:
    (runs.place.folder / "tasker.toml").write_text('[runner.openssh]\nreceipts = "always"\n')
    text = "task=0\nexec=openssh\nhostname=127.0.0.1\ntimeout=20\ncommand=true\nbecome=nobody\n"
    done = runs.place.really(text, "--skip-host-validation")

    assert done.returncode == 10, done.stderr
    assert 'receipts = "always", and a ' in records(runs, "result")[0]["reason"]
    assert not records(runs, "intent")


def test_a_copy_does_not_start_where_it_must_have_a_receipt(runs: Runs) -> None:
    (runs.place.folder / "tasker.toml").write_text('[runner.openssh]\nreceipts = "always"\n')
    text = "task=0\nexec=openssh\nhostname=127.0.0.1\ntimeout=20\nput=t.txt\nto=/nowhere/\n"
    done = runs.place.really(text, "--skip-host-validation")

    assert done.returncode == 10, done.stderr
    assert "a copy of a file has no receipt" in records(runs, "result")[0]["reason"]
    assert not records(runs, "intent")


def test_a_runner_that_dies_while_it_is_asked_is_asked_again(runs: Runs) -> None:
    plant(runs, dropped=1, silent=2)
    done = runs.place.really(task(effect("one")))

    assert (done.returncode, runs.effects(), len(asked(runs))) == (0, ["one"], 3)


def test_after_three_questions_without_an_answer_the_outcome_is_unknown(runs: Runs) -> None:
    plant(runs, dropped=1, silent=3)
    done = runs.place.really(task(effect("one")))

    assert (done.returncode, runs.effects(), len(asked(runs))) == (75, [], 3)
    assert "its receipt cannot be asked for" in done.stdout
    runs.place.verify()


@pytest.mark.parametrize(
    "lie",
    [
        {"outcome": "ok", "exit_code": 0},  # without a receipt that says so
        {"outcome": "not_started", "exit_code": 126},
        {"outcome": "ok", "exit_code": 0, "settled": "never_started"},
        {"outcome": "unknown", "exit_code": None, "settled": "ended"},
        {"outcome": "failed", "exit_code": 1, "settled": "running"},
        {"outcome": "ok", "exit_code": 0, "settled": "nothing"},
        {"outcome": "ok", "exit_code": 0, "settled": "ended", "decided": "receipt"},
        {"kind": "error", "message": "what is ask?", "code": "bad_request"},
    ],
)
def test_what_is_no_answer_settles_nothing(runs: Runs, lie: dict[str, object]) -> None:
    plant(runs, dropped=1, lie=3)
    (runs.place.folder / "far/lie.json").write_text(json.dumps({"kind": "result", **lie}))
    done = runs.place.really(task(effect("one")))

    assert (done.returncode, runs.effects()) == (75, []), done.stdout
    assert not records(runs, "never_started")
    runs.place.verify()


# -- on a resume


def test_a_resume_takes_over_what_runs(runs: Runs) -> None:
    killed_while_it_runs(runs, task(waiting("one")) + task(effect("two"), 1))
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually(lambda: asked(runs))
    (runs.place.folder / "go").touch()
    code, out, err = finished(process)

    assert (code, runs.effects(), asked(runs)) == (0, ["one", "two"], ["settle 0.1 1"]), err
    assert "it still runs, says its receipt" in out
    (first, _) = records(runs, "result")
    assert (first["decided"], first["stdout"]) == ("receipt", "printed one\n")
    runs.place.verify()


def test_a_resume_takes_the_result_of_what_has_ended(runs: Runs) -> None:
    killed_while_it_runs(runs, task(waiting("one")) + task(effect("two"), 1))
    (runs.place.folder / "go").touch()
    eventually(runs.effects)
    done = runs.resume("--output", "json")

    assert (done.returncode, runs.effects()) == (0, ["one", "two"]), done.stderr
    assert json.loads(done.stdout)["commands"] == 2
    attempts = json.loads(runs.place.run("report", "--json", "-l", runs.place.base, "last").stdout)["attempts"]
    assert [one.get("decided") for one in attempts] == ["receipt", None]
    report = runs.place.run("report", "-l", runs.place.base, "last").stdout
    assert "settled: 1 by a receipt" in report and "ok, decided by a receipt" in report
    explained = runs.place.run("explain", "-l", runs.place.base, "last", "0").stdout
    assert "completed successfully (exit_code=0), says its receipt" in explained
    assert ", decided by a receipt" in explained
    shown = runs.place.run("report", "--html", "-l", runs.place.base, "last").stdout
    pages = "".join(path.read_text() for path in runs.place.folder.rglob("*.html"))
    assert "decided by a receipt" in pages + shown


def test_the_receipt_is_asked_before_the_probe_and_the_operator(runs: Runs) -> None:
    text = task(waiting("one"), more="probe=false\nidempotent=true") + task(effect("two"), 1)
    killed_while_it_runs(runs, text)
    (runs.place.folder / "go").touch()
    eventually(runs.effects)
    done = runs.resume("--unknown=rerun")

    assert (done.returncode, runs.effects()) == (0, ["one", "two"])
    assert not [one for one in records(runs, "intent") if "probe" in one["request"]]


@pytest.mark.parametrize("fault", ["gone", "closed"])
def test_where_no_receipt_can_be_asked_the_next_decider_is(runs: Runs, fault: str) -> None:
    killed_while_it_runs(runs, task(waiting("one")) + task(effect("two"), 1))
    plant(runs, **{fault: 1})
    refused = runs.resume()
    assert (refused.returncode, runs.effects()) == (75, [])
    assert "Unknown outcome: task 0" in refused.stdout

    (runs.place.folder / "go").touch()
    done = runs.resume("--unknown=skip")  # now the receipt can be asked
    assert (done.returncode, runs.effects()) == (0, ["one", "two"])


def test_the_deadline_counts_on_over_there_and_its_end_allows_a_retry(runs: Runs) -> None:
    (runs.place.folder / "work").write_text("echo >>began; test -e again || exec sleep 60; echo one >>effects\n")
    more = "probe=false\nretry_failed=true\nretry_count=1\nretry_delay=0"
    killed_while_it_runs(runs, task("sh work", more=more).replace("timeout=20", "timeout=5"))
    (runs.place.folder / "again").touch()
    done = runs.resume()

    assert (done.returncode, runs.effects(), asked(runs)) == (0, ["one"], ["settle 0.1 1"]), done.stdout
    assert records(runs, "result")[0]["outcome"] == "timeout"


def test_kill_left_ends_what_the_receipt_says_is_running(runs: Runs) -> None:
    killed_while_it_runs(runs, task(waiting("one"), more="next=always") + task(effect("two"), 1))
    done = runs.resume("--kill-left")

    assert (runs.effects(), asked(runs)) == (["two"], ["end 0.1 1"])
    assert records(runs, "result")[0]["outcome"] == "signalled"
    assert done.returncode == 0


def test_a_signal_while_receipts_are_asked_leaves_everything_as_it_was(runs: Runs) -> None:
    killed_while_it_runs(runs, task(waiting("one"), more="probe=false"))
    plant(runs, mute=1)
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually(lambda: asked(runs))
    process.terminate()
    assert finished(process)[0] == 143

    (runs.place.folder / "go").touch()
    assert (runs.resume().returncode, runs.effects()) == (0, ["one"])


def test_a_signal_ends_what_was_taken_over(runs: Runs) -> None:
    killed_while_it_runs(runs, task(waiting("one")) + task(effect("two"), 1))
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually(lambda: "waiting for its end" in runs.place.log())
    process.terminate()
    code, out, _ = finished(process)

    assert (code, runs.effects()) == (143, [])
    assert records(runs, "result")[0]["outcome"] == "signalled"
    (runs.place.folder / "go").touch()
    assert (runs.resume().returncode, runs.effects()) == (10, [])  # ended, says its receipt: by a signal


def test_two_resumes_one_with_a_copy_of_the_run_start_each_command_once(runs: Runs) -> None:
    """The decision over there is for one of them; both take its result."""
    killed_while_it_runs(runs, task(waiting("one")) + task(effect("two"), 1) + task(effect("three"), 2))
    copy = runs.place.folder / "copy"
    shutil.copytree(runs.place.base, copy)
    both = [runs.place.start("--resume", "-l", base) for base in (runs.place.base, copy)]
    (runs.place.folder / "go").touch()
    codes = [finished(process)[0] for process in both]

    assert (codes, runs.effects()) == ([0, 0], ["one", "two", "three"])


def test_what_comes_over_after_the_driver_was_killed_is_void(runs: Runs) -> None:
    plant(runs, late=1)
    process = runs.place.begin(task(effect("one")))
    eventually((runs.place.folder / "far/late").exists)
    process.kill()
    finished(process)
    done = runs.resume()

    assert (done.returncode, runs.effects()) == (0, ["one"])


def test_a_receipt_that_answers_after_its_probe_was_asked_decides_all_the_same(runs: Runs) -> None:
    """Flow waits for the probe, and takes no result before it."""
    probe = 'probe=sh -c "echo >>probed; until test -e answer; do sleep 0.01; done; false"'
    killed_while_it_runs(runs, task(waiting("one"), more=f"{probe}\nidempotent=true") + task(effect("two"), 1))
    plant(runs, gone=1)
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually((runs.place.folder / "probed").exists)
    process.kill()
    finished(process)
    for name in ("go", "answer"):
        (runs.place.folder / name).touch()
    done = runs.resume()

    assert (done.returncode, runs.effects(), asked(runs)) == (0, ["one", "two"], ["settle 0.1 1"] * 2), done.stderr
    assert records(runs, "result")[-2]["decided"] == "receipt"
    runs.place.verify()


def test_a_run_of_an_older_version_is_resumed_as_it_was(runs: Runs) -> None:
    """Its journal has no deliveries."""
    (runs.place.folder / "tasker.toml").write_text('[runner.receipted]\nreceipts = "never"\n')
    killed_while_it_runs(runs, task('sh -c "echo >>began; sleep 20"'))
    (runs.place.folder / "tasker.toml").unlink()
    done = runs.resume("--kill-left")

    assert (done.returncode, asked(runs)) == (75, [])
    assert "Unknown outcome: task 0" in done.stdout


SAMPLES = min(int(os.environ.get("TASKER_SWEEP", "8")), 200)


@pytest.mark.parametrize("sample", range(SAMPLES))
def test_whatever_is_killed_and_when_each_command_runs_once(runs: Runs, sample: int) -> None:
    chance = random.Random(f"receipts {sample}")
    names = [f"w{number}" for number in range(3)]
    text = "".join(
        task(f'sh -c "sleep 0.{chance.randint(0, 3)}; echo {name} >>effects"', number)
        for number, name in enumerate(names)
    )
    plant(runs, **{fault: 1 for fault in ("lost", "dropped", "die", "silent") if chance.random() < 0.4})
    process = runs.place.begin(text)
    eventually(lambda: any(path.stat().st_size for path in runs.place.base.glob("runs/*/journal.jsonl")))
    for _ in range(3):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.choice((0.3, 0.8, 1.2)) + chance.random())
        for runner in [pid for pid, line in children(process.pid).items() if "receipted" in line]:
            if chance.random() < 0.5:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(runner, signal.SIGKILL)
        process.kill()
        process.communicate()
        process = runs.place.start("--resume", "-l", runs.place.base)
    last = process.communicate()
    done = runs.resume()

    assert (sorted(runs.effects()), done.returncode) in [(names, 12), (names, 0)], (last, done.stderr)
    assert records(runs, "exit")[-1]["code"] == 0
    runs.place.verify()
