"""fold.py: equal results of many hosts are told together, and never late."""

import pytest

from tasker.console.colours import MEANS
from tasker.console.folded_results import MOST_LINES, Folds
from tasker.console.note_words import LEVELS, outcome_text
from tasker.text.host_ranges import fold_hosts


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def folds(told, clock):
    return Folds(lambda line, means: told.append(line), clock)


def ended(host, exit_code=0, outcome="ok", **keys):
    return {"task": 7, "host": host, "outcome": outcome, "exit_code": exit_code, "success": exit_code == 0, **keys}


def test_equal_results_are_one_line_and_the_largest_group_comes_first(folds, told):
    folds.judged(ended("web3", 1, "failed"))
    for number in (1, 2, 4):
        folds.heard(7, f"web{number}", ["stdout: active"])
        folds.judged(ended(f"web{number}"))
    folds.flush()

    assert told == ["Task 7 on web[1-2,4]: ok, stdout: active", "Task 7 on web3: exit 1"]


def test_several_lines_stand_below_the_outcome(folds, told):
    folds.heard(7, "a", ["stdout: one", "stderr: two"])
    folds.judged(ended("a"))
    folds.flush()

    assert told == ["Task 7 on a: ok", "Task 7 on a stdout: one", "Task 7 on a stderr: two"]


def test_an_output_that_is_the_reason_stands_there_once(folds, told):
    folds.heard(7, "a", ["stderr: cannot find 'x'"])
    folds.judged(ended("a", 127, "not_started", because="cannot find 'x'"))
    folds.flush()

    assert told == ["Task 7 on a: not started: cannot find 'x'"]


def test_the_command_lines_of_a_dry_run_are_one_line(folds, told):
    for number in (1, 2, 10):
        folds.planned(7, f"10.0.0.{number}", f"ssh 10.0.0.{number} 'echo 10.0.0.{number}' 210.0.0.{number}0")
    folds.planned(8, "web1", "ssh web1 true")
    folds.flush()

    assert told == [
        "Task 7 on 10.0.0.1: ssh 10.0.0.1 'echo 10.0.0.1' 210.0.0.10",
        "Task 7 on 10.0.0.2: ssh 10.0.0.2 'echo 10.0.0.2' 210.0.0.20",
        "Task 7 on 10.0.0.10: ssh 10.0.0.10 'echo 10.0.0.10' 210.0.0.100",
        "Task 8 on web1: ssh web1 true",
    ]

    told.clear()
    for number in (10, 1, 2):
        folds.planned(7, f"10.0.0.{number}", f"ssh 10.0.0.{number} 'echo 10.0.0.{number}'")
    folds.flush()

    assert told == ["Task 7 on 10.0.0.[1-2,10]: ssh HOST 'echo HOST'"]


def test_equal_commands_are_one_line_also_where_they_name_one_of_their_hosts() -> None:
    told: list[str] = []
    folds = Folds(lambda line, means: told.append(line))
    for host in ("web1", "web2", "web3"):
        folds.planned(7, host, "sh -c 'case $H in web2) exit 3;; esac'")
    folds.flush()

    assert told == ["Task 7 on web[1-3]: sh -c 'case $H in web2) exit 3;; esac'"]


def test_equal_exit_codes_with_different_outputs_are_apart(folds, told):
    for host in "ab":
        folds.heard(7, host, [f"stdout: {host}"])
        folds.judged(ended(host))
    folds.flush()

    assert told == ["Task 7 on a: ok, stdout: a", "Task 7 on b: ok, stdout: b"]


def test_what_nobody_judged_any_more_is_told_all_the_same(folds, told):
    folds.heard(7, "a", ["stdout: important"])
    folds.flush()

    assert told == ["Task 7 on a: ended, stdout: important"]


def test_nothing_waits_longer_than_the_window(folds, told, clock):
    assert folds.due() == []
    folds.judged(ended("a"))
    clock.now += 1.5
    folds.judged(ended("b"))
    assert folds.due() == [102.0]

    folds.tick()
    assert told == []
    clock.now += 0.5
    folds.tick()

    assert told == ["Task 7 on a,b: ok"]
    assert folds.due() == []


def test_a_result_that_flow_has_not_judged_yet_waits_for_it(folds, told, clock):
    folds.judged(ended("a"))
    folds.heard(7, "b", ["stdout: late"])
    clock.now += 2.0
    folds.tick()
    assert (told, folds.due()) == (["Task 7 on a: ok"], [104.0])

    folds.judged(ended("b"))
    clock.now += 2.0
    folds.tick()
    assert told[1:] == ["Task 7 on b: ok, stdout: late"]


def test_a_line_has_the_colour_of_what_became_of_its_hosts(clock):
    told = []
    folds = Folds(lambda line, means: told.append(means), clock)
    for host, code, what in (("a", 0, "ok"), ("b", 1, "failed"), ("c", None, "unknown"), ("d", 126, "not_started")):
        folds.judged(ended(host, code, what))
    folds.flush()

    assert told == ["ok", "failed", "unknown", "not_started"]
    assert set(told) <= set(MEANS)
    assert [LEVELS.get(meaning, "INFO") for meaning in told] == ["INFO", "WARN", "WARN", "WARN"]


def test_what_a_probe_has_decided_is_not_shown_as_an_exit_code_of_the_command(folds, told):
    folds.judged(ended("a", 124, "failed", decided="probe", because="its effect is not there"))
    folds.judged(ended("b", decided="probe", because="its effect is there"))
    folds.judged(ended("c", decided="probe", because="its effect is there", already=True))
    folds.flush()

    assert sorted(told) == [
        "Task 7 on a: exit 124: its effect is not there",
        "Task 7 on b: ok: its effect is there",
        "Task 7 on c: already",
    ]


@pytest.mark.parametrize(
    ("note", "word"),
    [
        (ended("a"), "ok"),
        (ended("a", 3, "failed", success=True), "ok (exit 3)"),
        (ended("a", 0, success=False), "failed (exit 0)"),
        (ended("a", 3, "failed"), "exit 3"),
        (ended("a", 137, "signalled"), "signal 9"),
        (ended("a", 124, "timeout"), "timed out"),
        (ended("a", 126, "not_started", because="a canary failed"), "not started: a canary failed"),
        (ended("a", None, "unknown"), "unknown"),
    ],
)
def test_what_became_of_an_attempt_is_what_flow_says(note, word):
    assert outcome_text(note) == word


def test_a_number_0_is_no_padded_number():
    assert fold_hosts([f"web{number}" for number in range(12)]) == "web[0-11]"
    assert fold_hosts(["web00", "web01", "web1"]) == "web1,web[00-01]"


def test_attempts_that_are_retried_are_seen_as_such():
    told = []
    folds = Folds(lambda line, meaning: told.append((line, meaning)), lambda: 0.0)
    for attempt, success in ((1, False), (2, False), (3, True)):
        for host in ("web1", "web2"):
            note = {"task": 7, "host": host, "success": success, "exit_code": 0 if success else 3}
            folds.judged({**note, "outcome": "ok" if success else "failed", "attempt": attempt, "attempts": 3})
    folds.judged({"task": 7, "host": "web3", "success": True, "exit_code": 0, "outcome": "ok", "attempts": 3})
    folds.flush()

    assert told == [
        ("Task 7 on web[1-2]: exit 3, attempt 1 of 3", "failed"),
        ("Task 7 on web[1-2]: exit 3, attempt 2 of 3", "failed"),
        ("Task 7 on web[1-2]: ok, attempt 3 of 3", "ok"),
        ("Task 7 on web3: ok", "ok"),
    ]


def test_of_many_different_results_the_screen_has_some_and_a_line_about_the_rest():
    told, hidden = [], []
    folds = Folds(lambda line, _: told.append(line), lambda: 0.0, lambda line, _: hidden.append(line), "/logs/a.log")
    for number in range(1000):
        bad = number % 4 == 0
        folds.heard(7, f"web{number}", [f"stdout: {number}"])
        note = {"task": 7, "host": f"web{number}", "success": not bad, "exit_code": int(bad)}
        folds.judged({**note, "outcome": "failed" if bad else "ok"})
    folds.flush()

    assert len(told) == 2 * MOST_LINES + 2
    assert sum("exit 1" in line for line in told) == MOST_LINES  # what goes well leaves room for what does not
    assert told[-2:] == [
        "Task 7 on 600 more hosts: 550 ok, 50 failed",
        "  not shown, after 200 lines about this task: see /logs/a.log",
    ]
    assert len(hidden) == 600
    folds.judged({"task": 8, "host": "web1", "success": True, "exit_code": 0, "outcome": "ok"})
    folds.flush()
    assert told[-1] == "Task 8 on web1: ok"
