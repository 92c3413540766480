"""A run of 3.0.0.dev1 can be resumed although its timeout was changed to the nearest limit then."""

from types import SimpleNamespace

import pytest

from tasker.journal.flow_replay import Disagreement, FlowReplay


def replayed(sent: float, asked: float) -> FlowReplay:
    """The replay of a journal with one request, whose timeout was `sent` and would now be `asked`."""
    past = SimpleNamespace(first={}, events=[], asked={"0.1": {"doc": {"request": {"id": "0.1", "timeout": sent}}}})
    step = {"do": "run", "request": {"id": "0.1", "timeout": asked}}
    return FlowReplay(lambda _: {"steps": [step]}, past).go({})  # type: ignore[arg-type]  # all that it reads


@pytest.mark.parametrize(("sent", "asked"), [(5, 2), (1000, 5000), (5, 5), (30, 30), (1000.0, 1000.5)])
def test_what_was_changed_to_a_limit_is_what_is_written_now(sent: float, asked: float) -> None:
    assert list(replayed(sent, asked).requests) == ["0.1"]


@pytest.mark.parametrize(("sent", "asked"), [(30, 31), (5, 6), (1000, 999), (2, 5), (5, 5000)])
def test_any_other_difference_is_one(sent: float, asked: float) -> None:
    with pytest.raises(Disagreement, match="'timeout' of task None was"):
        replayed(sent, asked)
