"""How many commands each session of a run has started, as a resume counts them."""

from types import SimpleNamespace

from tasker.driver.recorded_run import RecordedRun

INTENT = {"what": "intent", "doc": {"request": {"id": "0.1", "task": 0}}}
NOT_STARTED = {"what": "result", "doc": {"id": "0.1", "outcome": "not_started"}}


def counted(*sessions):
    recorded = object.__new__(RecordedRun)
    recorded.history = SimpleNamespace(sessions=lambda: sessions)
    return recorded.commands()


def test_what_its_runner_did_not_start_does_not_count():
    assert counted([INTENT, NOT_STARTED]) == {1: 0}


def test_what_a_signal_held_back_takes_nothing_from_an_earlier_session():
    assert counted([INTENT], [NOT_STARTED]) == {1: 1, 2: 0}
    assert counted([INTENT, NOT_STARTED], [NOT_STARTED]) == {1: 0, 2: 0}
