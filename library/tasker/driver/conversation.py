"""The driver's conversation: it carries documents between flow and the runners, and decides nothing.

What has to be on the disk before what is in `write_ahead.py`; which runner has which request is in `runner_pool.py`.
"""

from __future__ import annotations

import _heapq as heapq  # the C part: `heapq` takes 0.3 ms of the start
import select

from tasker.driver import prefork
from tasker.driver.run_context import RunOutcome, ending_signals, identity_of, interrupted_by
from tasker.driver.runner_pool import PendingRequests, RunnerPool, flush_runners, made_result
from tasker.driver.write_ahead import RunEvents, WriteAhead
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import CANNOT_START, OUTCOME_UNKNOWN, STAGE_FAILED, STORAGE_FAILED
from tasker.protocol.stage_process import Broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tasker.driver.answer_sources import Source
    from tasker.driver.approvals import Approvals
    from tasker.driver.host_lookups import HostLookups
    from tasker.driver.observers import Observers
    from tasker.driver.receipts import Receipts
    from tasker.driver.run_context import RunContext, RunStages
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Event, Step, Workflow
    from tasker.system.clock import Clock

FLOW_TIMEOUT = 20.0  # seconds for flow to answer
AGAIN = 1.0  # seconds until the driver waits again for a signal that may have ended something
MOST_MILLISECONDS = 86_400_000  # that poll waits: it takes 31 bits, and a timeout may be longer


def converse(
    context: RunContext, observers: Observers, stages: RunStages, begin: Callable[[Conversation], None]
) -> RunOutcome:
    """The run itself, until flow ends it, or a stage or the disk fails. begin: does what the run begins with."""
    if context.run_id:
        observers.start_views()
    conversation = Conversation(context, observers, stages)
    try:
        begin(conversation)
        return _carry(conversation, context)
    except (Broken, Problem) as broken:
        if numbers := ending_signals(context):
            return interrupted_by(numbers)
        # the outcome of a command is unknown when its result was not taken
        reason = context.secrets.shortened(str(broken))
        return RunOutcome(OUTCOME_UNKNOWN if conversation.pool.flights else STAGE_FAILED, reason)
    except OSError as error:
        reason = observers.on_storage_failure(error)
        _drain(conversation, observers, reason)
        return RunOutcome(STORAGE_FAILED, reason)
    finally:
        observers.stop_view()
        prefork.end_waiting()
        conversation.end()


def _carry(conversation: Conversation, context: RunContext) -> RunOutcome:
    """Until the exit step. Raises Broken when flow broke, OSError when journal or log cannot be written."""
    while conversation.exit is None:
        conversation.wait()
        conversation.settle()
        conversation.pass_time()
        if (approvals := conversation.approvals) and conversation.is_idle() and approvals.may_park():
            return approvals.park()
        if (closed := conversation.events.closed_window) is not None and conversation.is_idle():
            from tasker.driver.parking import park_at_window  # here: few runs have one

            return park_at_window(context, conversation.ahead, closed)
    if conversation.approvals:
        conversation.approvals.finish()
    step = context.secrets.document(conversation.exit)
    interrupted = conversation.events.interrupted
    if conversation.receipts is None or interrupted:
        conversation.finish_input()  # the stages may end while the end is reported
        conversation.ahead.close(step)
    else:
        conversation.ahead.close(step)
        _close_receipts(conversation, conversation.receipts)
        conversation.finish_input()
    return RunOutcome(step["code"], step["reason"], step, interrupted)


def _drain(conversation: Conversation, observers: Observers, reason: str) -> None:
    """Log or journal cannot be written: start nothing more, and let what runs finish. A signal ends it at once."""
    count = len(conversation.pool.flights)
    observers.screen.problem(f"{reason}: nothing more is started, {count} running may finish")
    conversation.ahead.give_up()
    if conversation.receipts is not None:
        conversation.receipts.give_up()
    while conversation.pool.flights:
        conversation.wait()
        conversation.pass_time()
        conversation.ahead.rescue()


def _host_lookups(context: RunContext) -> HostLookups | None:
    """None where no host name can come from an output, and no host has to be looked at again."""
    tasks = context.workflow["tasks"]
    if not any(
        "@" in task.get("hostname", "") or ("hosts" in task and "targets" not in task) or "down" in task
        for task in tasks
    ):
        return None
    from tasker.driver.host_lookups import HostLookups  # here: few runs need it

    connections = context.workflow.get("host_connections")
    return HostLookups(context.workflow["settings"], clock=context.clock, connections=connections)


def _receipts(conversation: Conversation, stages: RunStages) -> Receipts | None:
    """None where no runner of this run can keep receipts, or nothing is executed."""
    context = conversation.context
    runners = stages.runners.values()
    if not context.run_id or context.playback or not any("receipts" in (one.about or ()) for one in runners):
        return None
    from tasker.driver.receipts import DeliveryBook, Receipts  # here: few runners can

    book = DeliveryBook(context.run_id, stages.runners, context.clock)
    return Receipts(book, conversation.pool, conversation.requests, conversation.events) if book else None


def _close_receipts(conversation: Conversation, receipts: Receipts) -> None:
    """The run has ended, which is on the disk: remove its receipts. What cannot be reached keeps them."""
    pool = conversation.pool
    for exec_type, request in receipts.book.closing():
        pool.launch(exec_type, request)
    while pool.flights:
        poll = conversation.context.poll()
        owners: dict[int, StageProcess] = {}
        for stage in pool.stages():
            stage.watch(poll)
            owners |= {end: stage for end in (stage.outlet, stage.errors) if end is not None}
        poll.register(conversation.context.wake, select.POLLIN)
        seconds = max(0.0, min(pool.due()) - conversation.context.clock.monotonic())
        ready = [end for end, _ in poll.poll(seconds * 1000 + 1)]
        if conversation.context.wake in ready:
            return
        for end in ready:  # an input that takes more again has no owner
            if end in owners and owners[end].outlet is not None:
                conversation.receive(owners[end], end)
        pool.expire()


class FlowLink:
    """The stage flow, which owes an answer to each document. since: when that number changed last. before_signal: how
    many answers are still to come before that to the first signal; negative from that one on, None without a signal.
    """

    __slots__ = ("before_signal", "clock", "owed", "since", "stage")

    def __init__(self, stage: StageProcess, clock: Clock) -> None:
        self.stage, self.clock = stage, clock
        self.owed, self.since = 0, 0.0
        self.before_signal: int | None = None

    def send(self, doc: Workflow | Event) -> None:
        self.queue(doc)
        self.flush()

    def queue(self, doc: Workflow | Event) -> None:
        """The same, with what else goes to it until `flush`."""
        if self.before_signal is None and doc.get("event") == "signal":
            self.before_signal = self.owed
        self.stage.queue(doc)
        self.owed, self.since = self.owed + 1, self.clock.monotonic()

    def flush(self) -> None:
        self.stage.flush()

    def receive(self) -> Iterator[Step]:
        """The steps that have come. Raises Broken."""
        for doc in self.stage.receive():
            self.owed, self.since = self.owed - 1, self.clock.monotonic()
            if self.before_signal is not None:
                self.before_signal -= 1
            if doc["kind"] != "step" or self.owed < 0:
                raise Broken(f"{self.stage.name} broke its contract: {doc.get('message', 'a ' + doc['kind'])}")
            yield from doc["steps"]

    def knows_signal(self) -> bool:
        """Was what flow says now said after it got a signal?"""
        return self.before_signal is not None and self.before_signal < 0

    def due(self) -> list[float]:
        """Until when flow has to answer (monotonic seconds)."""
        return [self.since + FLOW_TIMEOUT] if self.owed else []

    def expire(self) -> None:
        """Raises Broken when flow is late."""
        if self.owed and self.since + FLOW_TIMEOUT <= self.clock.monotonic():
            raise Broken(f"{self.stage.name} did not answer within {FLOW_TIMEOUT:g} s")


class Conversation:
    """One run, from what it begins with to the exit step. requests: those that no runner has."""

    __slots__ = (
        *("context", "observers", "flow", "pool", "lookups", "ahead", "events"),
        *("timers", "requests", "receipts", "exit", "hesitated", "on_settle", "approvals"),
    )

    def __init__(self, context: RunContext, observers: Observers, stages: RunStages) -> None:
        self.context, self.observers = context, observers
        self.ahead = WriteAhead(context, observers)
        self.events = RunEvents(context, observers, self.ahead)
        self.flow = FlowLink(stages.flow, context.clock)
        self.pool = RunnerPool(context, stages.runners, self.events.on_result, self.events.on_failure)
        self.requests = PendingRequests(context, stages.files, follow=observers.follow is not None)
        self.receipts = _receipts(self, stages)
        if observers.follow:
            self.pool.follow = observers.follow.heard
        self.lookups = _host_lookups(context)
        self.timers: list[tuple[float, str]] = []
        self.exit: Step | None = None
        self.on_settle: Callable[[Step], None] | None = None  # of a resume that asks what settles a lost result
        self.approvals: Approvals | None = None  # from the first question on
        self.hesitated = float("-inf")

    def finish_input(self) -> None:
        """Nothing more will be sent."""
        for stage in (self.flow.stage, *self.pool.stages()):
            stage.finish_input()

    def end(self) -> None:
        """End every stage of the run but flow. What came in after flow broke is kept and shown."""
        self.ahead.keep_rest(after_exit=self.exit is not None)
        if self.approvals:
            self.approvals.end()
        if self.lookups:
            self.lookups.end()
        self.pool.end()

    # -- in

    def wait(self) -> None:
        """Until something comes in, or is due; take it in."""
        poll = self.context.poll()
        owners: dict[int, StageProcess] = {}
        lookups = self.lookups.asked if self.lookups else {}
        stages = self.pool.stages()
        if not self.ahead.lost:
            stages += [self.flow.stage, *lookups]
        for stage in stages:
            stage.watch(poll)
            if stage in lookups:
                stage.finish_input()
            owners |= {end: stage for end in (stage.outlet, stage.errors) if end is not None}
        asked: dict[int, Source] = self.approvals.watch(poll) if self.approvals and not self.ahead.lost else {}
        poll.register(self.context.wake, select.POLLIN)
        ready = [end for end, _ in poll.poll(_patience(self))]
        if self.context.wake in ready:  # before what the same signal may have ended
            self.take_signals(ending_signals(self.context, 0.0))
        for end in ready:
            if end in owners and owners[end].outlet is not None:  # else it was ended a moment ago
                self.receive(owners[end], end)
            elif end in asked and self.approvals:
                self.approvals.receive(asked[end])
        if self.events.struck:
            _expect_signal(self)

    def receive(self, stage: StageProcess, end: int) -> None:
        if end == stage.errors:
            stage.listen()
        elif stage is self.flow.stage:
            for step in self.flow.receive():
                self.take(step)
        elif self.lookups and stage in self.lookups.asked:
            for answer in self.lookups.receive(stage):
                self.events.on_host(*answer)
        else:
            self.pool.receive(stage)

    def take_signals(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.events.on_signal(number)
            _hold_back(self)
            if self.ahead.lost:
                for identity in list(self.pool.flights):
                    self.pool.cancel(identity, "interrupt")

    def pass_time(self) -> None:
        """Do what is due by now."""
        prefork.reap()
        now = self.context.clock.monotonic()
        self.pool.expire()
        if not self.ahead.lost:
            self.observers.tick()
        _fire_timers(self, now)
        if self.ahead.lost:
            return
        if self.lookups:
            self.lookups.expire()
        self.flow.expire()

    # -- out

    def settle(self) -> None:
        """What came in goes to flow and into the journal; what flow wants goes to the disk, then to the runners."""
        if self.ahead.events:
            self.ahead.pass_on(self.flow.queue, self.flow.flush)
        if self.exit is None and (self.requests or not self.flow.owed):
            requests = self.requests.take()
            self.ahead.sync_intents(self.requests.intent(*request) for request in requests)
            on_disk = len(self.ahead.to_show)
            for exec_type, request in requests:
                self.observers.on_request(request)
                self.pool.launch(exec_type, request)  # which may fail, and that is on no disk yet
            flush_runners(self.pool)
            self.ahead.show(on_disk)
        if self.receipts is not None and self.exit is None:
            self.receipts.send()
        if self.approvals and not self.ahead.lost:
            self.approvals.settle(self.is_idle())

    def is_idle(self) -> bool:
        """Does flow owe nothing, and is nothing on its way to it?"""
        busy = self.flow.owed or self.ahead.events or self.requests or self.pool.flights or self.receipts
        return not (busy or self.ahead.lost)

    def take(self, step: Step) -> None:
        """Do what a step of flow asks for. Raises OSError, Broken."""
        what = step["do"]
        if what == "note":
            self.ahead.show_later(lambda: self.observers.on_note(step))
        elif what == "run":
            self.requests.add(step)
            if self.receipts is not None:
                self.receipts.refuse(step)
            _hold_back(self)
        elif what == "cancel":
            _cancel(self, step)
        elif what == "timer":
            _set_timer(self, step)
        elif what == "check_host":
            _check_host(self, step)
        elif what == "settle":
            _settle(self, step)
        elif what in ("ask", "close"):
            _ask(self, step)
        elif what == "park":
            self.events.closed_window = step
        else:
            self.exit = step


def _expect_signal(conversation: Conversation) -> None:
    """A signal has ended a command or a runner: it may have been sent to every process of the run, and be on its way to
    us. Then flow gets it before what it has ended."""
    conversation.events.struck = False
    now = conversation.context.clock.monotonic()
    if now - conversation.hesitated >= AGAIN:
        conversation.hesitated = now
        conversation.take_signals(ending_signals(conversation.context))


def _hold_back(conversation: Conversation) -> None:
    """A signal has come, and nothing is started after it: not what flow has asked for before it knew of the signal."""
    events = conversation.events
    if not events.signal or conversation.flow.knows_signal() or conversation.ahead.lost:
        return
    for _, request in conversation.requests.take():
        reason = f"{events.signal} came before it was started"
        events.on_result(request, made_result(request, "not_started", CANNOT_START, reason))


def _settle(conversation: Conversation, step: Step) -> None:
    if conversation.on_settle is None:
        raise Broken(f"{conversation.flow.stage.name} broke its contract: it settles what was not lost")
    conversation.on_settle(step)


def _patience(conversation: Conversation) -> float | None:
    """Milliseconds until something is due, or None."""
    one, approvals = conversation, conversation.approvals
    due = one.pool.due()
    if not one.ahead.lost:
        if one.ahead.events or one.requests or one.receipts or (approvals and approvals.has_work(one.is_idle())):
            return 0
        due += approvals.due() if approvals else []
        due += [one.timers[0][0]] if one.timers else []
        due += one.lookups.due() if one.lookups else []
        due += one.flow.due() + one.observers.due()
    if not due:
        return None
    return min(max(0.0, min(due) - one.context.clock.monotonic()) * 1000 + 1, MOST_MILLISECONDS)


def _cancel(conversation: Conversation, step: Step) -> None:
    conversation.ahead.sync()
    if conversation.receipts is not None and conversation.receipts.cancel(identity_of(step), step["reason"]):
        return
    if conversation.pool.cancel(identity_of(step), step["reason"]):
        return
    if request := conversation.requests.withdraw(identity_of(step)):
        reason = "cancelled before it was started"
        conversation.events.on_result(request, made_result(request, "not_started", CANNOT_START, reason))


def _set_timer(conversation: Conversation, step: Step) -> None:
    """Flow wants to hear when some time has passed, or when a time of day comes."""
    context, seconds = conversation.context, step["seconds"]
    if "until" in step:
        from tasker.driver.time_of_day import seconds_until  # here: few runs have such a time

        seconds = seconds_until(step["until"], step.get("since", context.started), context.clock.wall())
        conversation.events.clocks.add(identity_of(step))
    heapq.heappush(conversation.timers, (context.clock.monotonic() + seconds, identity_of(step)))


def _fire_timers(conversation: Conversation, now: float) -> None:
    """The timers of flow that are due by now."""
    while conversation.timers and conversation.timers[0][0] <= now:
        identity = heapq.heappop(conversation.timers)[1]
        conversation.events.on_timer(identity)
        if conversation.approvals:
            conversation.approvals.on_timer(identity)


def _ask(conversation: Conversation, step: Step) -> None:
    """A question for people is asked, or takes no more answers."""
    if conversation.approvals is None:
        from tasker.driver.approvals import Approvals  # here: few runs ask

        conversation.approvals = Approvals(conversation.context, conversation.observers, conversation.ahead)
    if step["do"] == "ask":
        conversation.approvals.ask(step)
    else:
        conversation.approvals.close(step)


def _check_host(conversation: Conversation, step: Step) -> None:
    if conversation.lookups is None:
        name = conversation.flow.stage.name
        raise Broken(f"{name} broke its contract: it checks a host name that came from no output")
    conversation.ahead.sync()
    names, may_be_down = step.get("hostnames"), step.get("may_be_down", False)
    conversation.lookups.add(identity_of(step), step["hostname"], step["exec"], names, may_be_down)
