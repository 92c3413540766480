"""fold.py: equal results of many hosts are told together, and never late."""

import pytest

from tasker.fold import Folds, outcome


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
    return Folds(told.append, clock)


OK = {"outcome": "ok", "exit_code": 0}


def test_equal_results_are_one_line_and_the_largest_group_comes_first(folds, told):
    folds.add(7, "web3", {"outcome": "failed", "exit_code": 1}, [])
    for number in (1, 2, 4):
        folds.add(7, f"web{number}", OK, ["stdout: active"])
    folds.flush()

    assert told == ["Task 7 on web[1-2,4]: ok", "Task 7 on web[1-2,4] stdout: active", "Task 7 on web3: exit 1"]


def test_equal_exit_codes_with_different_outputs_are_apart(folds, told):
    folds.add(7, "a", OK, ["stdout: 1"])
    folds.add(7, "b", OK, ["stdout: 2"])
    folds.flush()

    assert told == ["Task 7 on a: ok", "Task 7 on a stdout: 1", "Task 7 on b: ok", "Task 7 on b stdout: 2"]


def test_nothing_waits_longer_than_the_window(folds, told, clock):
    assert folds.due() == []
    folds.add(7, "a", OK, [])
    clock.now += 1.5
    folds.add(7, "b", OK, [])
    assert folds.due() == [102.0]

    folds.tick()
    assert told == []
    clock.now += 0.5
    folds.tick()

    assert told == ["Task 7 on a,b: ok"]
    assert folds.due() == []


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (("ok", 0), "ok"),
        (("failed", 3), "exit 3"),
        (("signalled", 137), "signal 9"),
        (("timeout", 124), "timed out"),
        (("not_started", 127), "not started"),
        (("unknown", None), "unknown"),
    ],
)
def test_each_outcome_has_a_word(result, word):
    assert outcome(dict(zip(("outcome", "exit_code"), result))) == word
