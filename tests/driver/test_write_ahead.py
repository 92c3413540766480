"""The order on disk of a run, piece by piece: events, records, syncs and what people see (docs/decisions/0021)."""

from __future__ import annotations

import errno
import signal
from typing import Any

import pytest

from tasker.driver import secrets as secret
from tasker.driver.run_context import RunContext
from tasker.driver.write_ahead import RunEvents, WriteAhead

VALUE = "s3cr3t-and-long"


class Log:
    """Journal, observers and recording of a run: all that is called, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.flushes: list[int] = []  # how many events flow had got in each
        self.failed = False
        self.error: OSError | None = None
        self.context = RunContext({"file": "t.txt"}, wake=0)  # type: ignore[typeddict-item]
        self.context.journal = self  # type: ignore[assignment]
        self.context.folder = "/base/runs/1"
        self.ahead = WriteAhead(self.context, self)  # type: ignore[arg-type]
        self.events = RunEvents(self.context, self, self.ahead)  # type: ignore[arg-type]

    def add(self, what: Any, doc: Any) -> None:
        self.calls.append(("add", what, doc.get("id") or doc.get("signal") or doc.get("message")))

    def write(self) -> None:
        self.calls.append(("write",))

    def sync(self) -> None:
        self.calls.append(("sync",))
        if self.error:
            raise self.error

    def on_unrecorded_result(self, identity: str, result: Any) -> None:
        self.calls.append(("unrecorded", identity, result.get("stdout")))

    def on_result(self, result: Any, request: Any) -> None:
        self.calls.append(("shown", request["id"], result.get("stdout")))

    def hold_lines(self) -> None:
        pass

    def release_lines(self) -> None:
        pass

    def report(self, level: str, text: str, quiet: bool = False) -> None:
        self.calls.append((level, text))

    def said(self) -> list[tuple[Any, ...]]:
        """The calls since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def result(self, identity: str = "0.1", **keys: Any) -> None:
        request = {"id": identity, "task": 0, "needs": []}
        result = {"id": identity, "outcome": "ok", "exit_code": 0, "stdout": f"out {identity}", **keys}
        self.events.on_result(request, result)  # type: ignore[arg-type]

    def passed(self) -> list[tuple[str, object]]:
        """(kind, what it is about) of the events that flow gets now."""
        made: list[tuple[str, object]] = []
        keys = ("id", "signal", "message")

        def take(event: Any) -> None:
            made.append((event["event"], next(event[k] for k in keys if k in event)))

        self.ahead.pass_on(take, lambda: self.flushes.append(len(made)))
        return made


@pytest.fixture
def log() -> Log:
    return Log()


def test_what_came_in_goes_to_flow_then_to_the_journal_and_is_shown_after_a_sync(log: Log) -> None:
    log.result()
    log.events.on_timer("timer.2")
    log.events.on_host("host.3", False, "no such host", [])
    assert log.said() == []

    assert log.passed() == [("result", "0.1"), ("fired", "timer.2"), ("host", "host.3")]
    assert log.said() == [("add", "result", "0.1"), ("add", "fired", "timer.2"), ("add", "host", "host.3"), ("write",)]
    assert log.flushes == [3]
    assert len(log.ahead.unsynced) == 3
    log.ahead.sync_intents([{"id": "1.2"}, {"id": "2.3"}])
    assert log.said() == [("add", "intent", "1.2"), ("add", "intent", "2.3"), ("sync",)]
    assert log.ahead.unsynced == []
    log.ahead.show()
    log.ahead.show()
    assert log.said() == [("shown", "0.1", "out 0.1")]
    assert log.passed() == []


def test_signals_come_before_results_in_their_order_and_failures_before_all(log: Log) -> None:
    log.result("0.1")
    log.events.on_signal(signal.SIGINT)
    log.result("1.2")
    log.events.on_signal(signal.SIGTERM)
    log.events.on_failure("the runner is gone", idle=True)

    kinds = [("broken", "the runner is gone"), ("signal", "SIGINT"), ("signal", "SIGTERM")]
    assert log.passed() == [*kinds, ("result", "0.1"), ("result", "1.2")]
    assert (log.events.interrupted, log.events.struck) == (True, True)
    log.said()
    log.ahead.show()
    assert log.said() == [("shown", "0.1", "out 0.1"), ("shown", "1.2", "out 1.2"), ("ERROR", "the runner is gone")]


def test_a_signal_alone_and_a_failure_that_results_will_show(log: Log) -> None:
    log.events.on_signal(signal.SIGHUP)
    assert (log.events.interrupted, log.events.struck) == (True, False)
    other = Log()
    other.events.on_failure("gone", idle=False)

    assert (other.events.interrupted, other.events.struck) == (False, True)
    assert log.passed() == [("signal", "SIGHUP")]
    assert other.passed() == []


@pytest.mark.parametrize(
    ("keys", "struck"),
    [
        ({}, False),
        ({"outcome": "failed", "exit_code": 143}, False),
        ({"outcome": "signalled", "exit_code": 137}, False),
        ({"outcome": "signalled", "exit_code": 143}, True),
        ({"outcome": "signalled", "exit_code": 130}, True),
        ({"outcome": "signalled", "exit_code": 129}, True),
        ({"outcome": "unknown", "exit_code": None}, True),
    ],
)
def test_what_a_signal_to_all_would_have_ended(log: Log, keys: dict[str, Any], struck: bool) -> None:
    log.result(**keys)
    assert log.events.struck is struck
    log.result("1.2")
    assert log.events.struck is struck


def test_only_some_of_it_is_shown_and_what_failed_to_be_shown_is_kept(log: Log) -> None:
    for identity in ("0.1", "1.2", "2.3"):
        log.result(identity)
    log.ahead.show(2)
    assert [call[1] for call in log.said()] == ["0.1", "1.2"]

    def fail() -> None:
        raise OSError(errno.EPIPE, "gone")

    log.ahead.show()
    log.ahead.show_later(fail)
    log.ahead.show_later(lambda: None)
    with pytest.raises(OSError, match="gone"):
        log.ahead.show()
    assert len(log.ahead.to_show) == 2


def test_an_output_that_is_not_stored_ends_the_run_after_its_record(log: Log) -> None:
    log.result(storage=True, lost="cannot keep stdout: no space left on device")

    sent: list[object] = []
    with pytest.raises(OSError, match="cannot keep stdout") as raised:
        log.ahead.pass_on(sent.append, lambda: None)
    assert (raised.value.errno, sent) == (errno.EIO, [])
    assert raised.value.filename == log.context.output_folder
    assert log.said() == [("add", "result", "0.1"), ("write",), ("sync",)]


def test_without_a_journal_nothing_is_stored(log: Log) -> None:
    log.context.journal = None
    log.result(storage=True, lost="x")
    assert log.passed() == [("result", "0.1")]
    log.ahead.sync_intents([{"id": "1.2"}])
    assert log.said() == []


def test_the_end_is_recorded_synced_and_shown(log: Log) -> None:
    log.result()
    log.ahead.close({"do": "exit", "code": 0})  # type: ignore[typeddict-item]

    assert log.said() == [("add", "exit", None), ("sync",), ("shown", "0.1", "out 0.1")]


def test_what_flow_did_not_get_is_kept_unless_the_exit_is_recorded(log: Log) -> None:
    for after_exit, added in ((False, [("add", "result", "0.1")]), (True, [])):
        log = Log()
        log.result()
        log.ahead.keep_rest(after_exit)
        assert log.said() == [*added, ("sync",), ("shown", "0.1", "out 0.1")]
    log = Log()
    log.result()
    log.error = OSError(errno.ENOSPC, "full")
    log.ahead.keep_rest(False)
    assert log.said() == [("add", "result", "0.1"), ("sync",), ("unrecorded", "0.1", "out 0.1")]
    log.ahead.lost = True
    log.ahead.keep_rest(False)
    assert log.said() == []


def test_when_the_log_fails_results_go_to_stderr_once_and_to_the_journal(log: Log) -> None:
    log.result("0.1")
    log.passed()
    log.result("1.2")
    log.events.on_timer("timer.9")
    log.said()
    log.error = OSError(errno.ENOSPC, "full")
    log.ahead.give_up()

    unrecorded = [("unrecorded", "0.1", "out 0.1"), ("unrecorded", "1.2", "out 1.2")]
    assert log.said() == [*unrecorded, ("add", "result", "1.2"), ("add", "fired", "timer.9"), ("sync",)]
    log.result("2.3")
    assert log.said() == [("unrecorded", "2.3", "out 2.3")]
    log.events.on_failure("gone", idle=True)
    assert len(log.ahead.to_show) == 2
    log.failed = True
    log.ahead.rescue()
    assert (log.said(), log.ahead.events) == ([], [])


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_where_a_stream_was_cut_half_a_secret_is_masked_at_both_sides(log: Log, stream: str) -> None:
    log.context.secrets = secret.Secrets({"TOKEN": VALUE})
    text, end = f"a {VALUE} b {VALUE[:9]}", f"{VALUE[6:]} c {VALUE} d"
    log.result(**{stream: text, f"{stream}_end": end, f"{stream}_cut": True})
    log.result(**{stream: text, f"{stream}_end": end})
    log.result(**{stream: text, f"{stream}_cut": True})
    seen: list[Any] = [result for _, _, result in log.ahead.to_show]
    cut, whole, endless = seen

    assert VALUE not in str(seen)
    assert (VALUE[:9] in cut[stream], VALUE[6:] in cut[f"{stream}_end"]) == (False, False)
    assert cut[stream].startswith("a **** b ")
    assert cut[f"{stream}_end"].endswith(" c **** d")
    assert (whole[stream], whole[f"{stream}_end"]) == (f"a **** b {VALUE[:9]}", f"{VALUE[6:]} c **** d")
    assert endless[f"{stream}_end"] == ""
