"""Faults planted into the real driver, pool, journal and resume: a simulated world has to find each (world_runs.py)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from tasker.driver import conversation, takeover
from tasker.driver.runner_pool import InFlight, RunnerPool, made_result
from tasker.driver.settlement import Settlement
from tasker.driver.write_ahead import RunEvents, WriteAhead
from tasker.flow import settling
from tasker.flow.run import FlowRun
from tasker.journal.flow_replay import RecordedEvents
from tasker.journal.writer import Journal
from tasker.protocol.exit_codes import CANNOT_START


@contextlib.contextmanager
def put(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def send_before_sync() -> contextlib.AbstractContextManager[None]:
    """A request goes to its runner before its intent is on the disk."""

    def sync_intents(ahead: WriteAhead, intents: Any) -> None:
        if ahead.context.journal:
            for intent in intents:
                ahead.context.journal.add("intent", intent)

    return put(WriteAhead, "sync_intents", sync_intents)


def no_sync() -> contextlib.AbstractContextManager[None]:
    """The journal is written and not synced."""
    return put(Journal, "sync", lambda journal: journal.write())


def sync_of_what_waits_alone() -> contextlib.AbstractContextManager[None]:
    """What was written before is not synced when nothing new waits."""
    real = Journal.sync
    return put(Journal, "sync", lambda journal: real(journal) if journal._waiting else None)


def show_before_sync() -> contextlib.AbstractContextManager[None]:
    """People see a result before it is on the disk."""
    return put(WriteAhead, "show_later", lambda ahead, show, identity="", result=None: show())


def dropped_on_death() -> contextlib.AbstractContextManager[None]:
    """The requests of a runner that died get no result."""
    return put(RunnerPool, "_end_failed", lambda pool, stage, reason: pool.on_failure(reason, not pool._remove(stage)))


def sent_twice() -> contextlib.AbstractContextManager[None]:
    """A request is sent, and sent again."""
    real = RunnerPool.launch

    def launch(pool: RunnerPool, exec_type: str, request: Any) -> None:
        real(pool, exec_type, request)
        if flight := pool.flights.get(request["id"]):
            flight.stage.send(request)

    return put(RunnerPool, "launch", launch)


def answered_twice() -> contextlib.AbstractContextManager[None]:
    """A flight stays after its result."""
    return put(InFlight, "remove", lambda flights, identity: None)


def cancelled_is_not_started() -> contextlib.AbstractContextManager[None]:
    """What is cancelled counts as not started, though a runner has it."""

    def cancel(pool: RunnerPool, identity: str, reason: str) -> bool:
        if flight := pool.flights.get(identity):
            pool.flights.remove(identity)
            pool.on_result(flight.request, made_result(flight.request, "not_started", CANNOT_START, reason))
        return flight is not None

    return put(RunnerPool, "cancel", cancel)


def waits_for_ever() -> contextlib.AbstractContextManager[None]:
    """A runner that does not answer is waited for."""
    return put(RunnerPool, "expire", lambda pool: None)


def wrong_result() -> contextlib.AbstractContextManager[None]:
    """Of two results that come in together each gets the text of the first."""
    real, texts = RunEvents.on_result, {}  # type: ignore[var-annotated]

    def on_result(events: RunEvents, request: Any, result: Any) -> None:
        first = texts.setdefault((id(events), events.context.clock.monotonic()), result["stdout"])
        real(events, request, {**result, "stdout": first})

    return put(RunEvents, "on_result", on_result)


def resume_repeats() -> contextlib.AbstractContextManager[None]:
    """A resume runs again what the operator wants to be skipped, or to count as failed."""
    return put(Settlement, "_take_word", lambda one, identity, _: one._conversation.take(one.replay.requests[identity]))


def timers_are_lost() -> contextlib.AbstractContextManager[None]:
    """A resume forgets what was asleep."""
    real = Settlement._continue

    def go_on(settlement: Settlement) -> None:
        settlement.replay.timers.clear()
        real(settlement)

    return put(Settlement, "_continue", go_on)


def answer_for_another() -> contextlib.AbstractContextManager[None]:
    """The answer of one probe of a task is used for another attempt."""
    real, answers = settling._answer, {}  # type: ignore[var-annotated]

    def answer(run: Any, task: Any, result: Any) -> Any:
        return answers.setdefault((id(run), task["task"]), real(run, task, result))

    return put(settling, "_answer", answer)


def second_start_behind_a_client() -> contextlib.AbstractContextManager[None]:
    """A probe that says "not there" counts as proof that the command has ended."""
    return put(settling, "has_ended", lambda run, task, result: True)


def verdict_is_lost() -> contextlib.AbstractContextManager[None]:
    """What settled a lost result is not in the journal: a second kill takes it."""
    real = WriteAhead._add
    return put(WriteAhead, "_add", lambda ahead, events: real(ahead, [one for one in events if one[0] != "settled"]))


def resume_starts_what_is_not_there() -> contextlib.AbstractContextManager[None]:
    """A resume starts again what a probe says is not there."""
    real = Settlement._on_settle

    def on_settle(settlement: Settlement, step: Any) -> None:
        real(settlement, {**step, "verdict": "rerun"} if step["verdict"] == "absent" else step)

    return put(Settlement, "_on_settle", on_settle)


def rest_goes_on_before_it_is_settled() -> contextlib.AbstractContextManager[None]:
    """A resume continues while its probes are asked."""
    real = Settlement.begin

    def begin(settlement: Settlement, conversation: Any, kill: bool = False) -> None:
        real(settlement, conversation, kill)
        if settlement.lost:
            settlement._continue()

    return put(Settlement, "begin", begin)


def torn_line_stays() -> contextlib.AbstractContextManager[None]:
    """A resume writes after half a line."""
    real = takeover.RunTakeover.journal

    def journal(taken: Any) -> Journal:
        taken.history.torn = 0
        return real(taken)

    return put(takeover.RunTakeover, "journal", journal)


def no_lock() -> contextlib.AbstractContextManager[None]:
    """Whoever wants to may resume a run that is driven."""
    return put(takeover, "lock_journal", lambda *_, **__: True)


def chain_begins_again() -> contextlib.AbstractContextManager[None]:
    """The first record of a resume does not follow the last one before."""
    real = Journal.resumed.__func__  # type: ignore[attr-defined]

    def resumed(cls: Any, path: str, descriptor: int, seq: int, before: str, *seams: Any) -> Journal:
        made: Journal = real(cls, path, descriptor, seq - 1, before, *seams)
        return made

    return put(Journal, "resumed", classmethod(resumed))


def never_ran_is_unknown() -> contextlib.AbstractContextManager[None]:
    """A resume takes for unknown what was not started when the run was interrupted."""

    def was_cut_short(events: RecordedEvents, record: Any, *_: object) -> bool:
        return record["what"] == "result" and record["doc"]["outcome"] in (
            "signalled",
            "timeout",
            "not_started",
            "unknown",
        )

    return put(RecordedEvents, "_was_cut_short", was_cut_short)


def result_is_lost() -> contextlib.AbstractContextManager[None]:
    """One result of those that come in together is not in the journal."""
    real = WriteAhead._add

    def add(ahead: WriteAhead, events: Any) -> None:
        listed = list(events)
        real(ahead, listed[:-1] if len(listed) > 1 else listed)

    return put(WriteAhead, "_add", add)


def signal_is_lost() -> contextlib.AbstractContextManager[None]:
    """Flow gets a signal, and the journal does not."""
    real = WriteAhead._add
    return put(WriteAhead, "_add", lambda ahead, events: real(ahead, [one for one in events if one[0] != "signal"]))


def signal_is_not_passed_on() -> contextlib.AbstractContextManager[None]:
    """A signal is read and forgotten."""
    return put(RunEvents, "on_signal", lambda events, number: None)


def started_after_a_signal() -> contextlib.AbstractContextManager[None]:
    """What flow asked for before it knew of a signal is started all the same."""
    return put(conversation, "_hold_back", lambda _: None)


def goes_on_after_a_signal() -> contextlib.AbstractContextManager[None]:
    """Flow says that it stops, and takes the next task."""
    return put(FlowRun, "_stop", lambda *_, **__: None)


def second_signal_ends_nothing() -> contextlib.AbstractContextManager[None]:
    """After a second Ctrl-C what runs may finish all the same."""
    real = FlowRun._on_signal

    def on_signal(run: FlowRun, signal: str) -> None:
        if not run.signals:
            real(run, signal)

    return put(FlowRun, "_on_signal", on_signal)


def runners_are_forgotten() -> contextlib.AbstractContextManager[None]:
    """A resume does not look whether a runner of the dead run lives on."""
    return put(takeover.RunTakeover, "_runners", lambda taken: [])


FAULTS: tuple[Callable[[], contextlib.AbstractContextManager[None]], ...] = (
    send_before_sync,
    no_sync,
    sync_of_what_waits_alone,
    show_before_sync,
    dropped_on_death,
    sent_twice,
    answered_twice,
    cancelled_is_not_started,
    waits_for_ever,
    wrong_result,
    resume_repeats,
    timers_are_lost,
    answer_for_another,
    second_start_behind_a_client,
    verdict_is_lost,
    resume_starts_what_is_not_there,
    rest_goes_on_before_it_is_settled,
    torn_line_stays,
    no_lock,
    chain_begins_again,
    never_ran_is_unknown,
    result_is_lost,
    signal_is_lost,
    signal_is_not_passed_on,
    started_after_a_signal,
    goes_on_after_a_signal,
    second_signal_ends_nothing,
    runners_are_forgotten,
)
