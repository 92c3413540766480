"""One host of a chain: its own state, and its way through the members (docs/language.md §6, chains).

The members run with a HostState in place of the run's state: their records, and whether the flow is in a handler, are
those of the host. Everything else is the run's.
"""

from __future__ import annotations

from tasker.flow import sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import NEVER, Finished, FlowEnd, RunState
from tasker.flow.task_result import SKIPPED, WHY
from tasker.language.chains import ChainOrder
from tasker.language.fields import TASK, has_command
from tasker.protocol.discovery import OWN_RUNNERS, exec_type_in
from tasker.protocol.exit_codes import CANNOT_START
from tasker.protocol.exit_codes import SKIPPED as SKIPPED_CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.slots import Slots
    from tasker.flow.types import LastStarted, NoteFacts, Place, TaskRecord
    from tasker.protocol.types import Task

HOST_END = "host_end"  # the kind of note when a chain has ended on a host; of one that did not begin it is "end"
MOST_IDLE_TURNS = 100  # of a cycle among the members without a command
GOOD: TaskRecord = {"outcome": "ok", "success": True, "exit_code": 0}
LEFT_OUT: TaskRecord = {"outcome": SKIPPED, "success": False, "exit_code": SKIPPED_CODE}


class HostRecords(dict[int, "TaskRecord"]):
    """The records of one host's members; others are looked up in those of the run."""

    __slots__ = ("outer",)

    def __init__(self, outer: dict[int, TaskRecord]) -> None:
        super().__init__()
        self.outer = outer

    def __missing__(self, number: int) -> TaskRecord:
        return self.outer[number]

    def get(self, number: int, default: TaskRecord | None = None) -> TaskRecord | None:  # type: ignore[override]  # no other default is used
        return self[number] if number in self or number in self.outer else default


class HostState(RunState):
    """The state of a run for one host of a chain.

    lane: begins the ids of what the host asks for, so that they are the same whatever other hosts do meanwhile.
    """

    def __init__(self, run: RunState, chain: int, host: str, lane: str = "") -> None:  # not super(): nothing twice
        self.outer, self.chain, self.name = run, chain, host
        self.host_variables, self.host_connections = run.host_variables, run.host_connections
        self.left_out: dict[str, str] = {}  # members run for each host that --limit keeps, wherever they run
        self.limit_names, self.limit_places, self.places = run.limit_names, run.limit_places, run.places
        self.index, self.settings, self.dry_run, self.engines = run.index, run.settings, run.dry_run, run.engines
        self.scheduler, self.emit, self.slots = run.scheduler, run.emit, run.slots
        self.exec_types = run.exec_types
        self.unknown, self.on_pace, self.on_caught = run.unknown, run.on_pace, run.on_caught
        self.records = HostRecords(run.records)
        self.records[chain] = {"hostname": host}
        self.failed: dict[int, str] = {}
        self.in_handler = self.cleaning_up = False
        self.caught: FlowEnd | None = None  # once a resume has the host where a Ctrl-C had it
        self.commands = 0  # that were started on this host
        self.visited, self.turned = run.visited, None
        self.inherited, self.known = None, run.known
        self._lane, self._serial = lane, 0

    def new_id(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}.{self._lane}.{self._serial}"

    @property
    def host(self) -> str:
        """The host of the chain, in every member, wherever that runs."""
        return self.name

    @host.setter
    def host(self, name: str) -> None:
        self.name = name

    @property
    def started(self) -> int:
        return self.outer.started

    @started.setter
    def started(self, number: int) -> None:
        self.commands += number - self.outer.started
        self.outer.started = number

    @property
    def checked(self) -> int:
        return self.outer.checked

    @checked.setter
    def checked(self, number: int) -> None:
        self.outer.checked = number

    @property
    def last(self) -> LastStarted | None:
        return self.outer.last

    @last.setter
    def last(self, started: LastStarted | None) -> None:
        self.outer.last = started

    @property
    def stopping(self) -> FlowEnd | None:
        """Once the run was interrupted. What cleans up is not stopped by a first Ctrl-C."""
        return None if self.cleaning_up and not self.scheduler.hurried else self.outer.stopping or self.caught

    @stopping.setter
    def stopping(self, end: FlowEnd | None) -> None:
        self.outer.stopping = end

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        facts["host"] = self.name
        if "task" in facts and "block" not in facts and facts["task"] != self.chain:
            facts["block"] = self.index.owned.get(facts["task"], self.chain)
        self.outer.note(level, text, what, **facts)

    def called(self, number: int) -> str:
        return f"Task {self.index.owned.get(number, self.chain)}-{number} on {self.name}"

    def place(self, block: int | None) -> Place:
        return {"block": self.chain if block is None else block, "host": self.name}

    def task_here(self, task: Task) -> Task:
        if "hostname" in task or self.index.kind(task) != TASK or not has_command(task):
            return task
        exec_type = exec_type_in(self.settings, self.index.text(task, "exec"))
        about = self.settings.get("runners", {}).get(exec_type) or OWN_RUNNERS.get(exec_type, {})
        if about.get("host") == "none":  # it runs here
            return task
        made = task.copy()
        made["hostname"] = self.name
        return made


class ChainPlan(ChainOrder):
    """What all hosts of a chain share. slots: of the members that have max_parallel."""

    def __init__(self, run: RunState, task: Task, slots: dict[int, Slots]) -> None:
        super().__init__(run.index, task)
        self.number, self.slots = task["task"], slots
        self.lane = run.new_id("chain").partition(".")[2]  # of this run of the chain
        # are its hosts looked at as they begin? Not where the first member does so itself, perhaps in a loop
        first = run.index.tasks.get(self.first) if self.first is not None else None
        own = first is not None and run.index.text(first, "may_be_down") == "true"
        self.may_be_down = run.index.text(task, "may_be_down") == "true" and not own


class HostEnd:
    """How a host ended. failed_at: the member that failed first, of a host that failed. touched: was a command of any
    member started? record: what the block counts."""

    __slots__ = ("failed_at", "record", "touched", "why")

    def __init__(self) -> None:
        self.failed_at: int | None = None
        self.record: TaskRecord = GOOD
        self.touched = False
        self.why = ""


def run_host(run: RunState, plan: ChainPlan, host: str, place: int) -> CoroutineOf[HostEnd]:
    """Run the members on one host, then `finally`; return how it ended. A coroutine. place: of the host, from 1."""
    way = HostWay(HostState(run, plan.number, host, f"{plan.lane}.{place}"), plan)
    if run.inherited is not None:
        way.state.inherited = run.inherited.open_lane(len(run.visited), plan.number, host)
        way.state.known = set(run.known)
    run.on_caught[plan.number, host] = way.on_caught
    run.scheduler.current.host = host  # also of what it starts: see on_caught
    begun: TaskRecord | None = None
    while True:
        try:
            yield from way.walk(begun)
        except Stopped as stopped:
            if way.is_caught(stopped):
                begun = yield from way.clean_up_and_continue(stopped)
                continue
            way.on_stop(stopped)
        except Finished as finished:  # next=never in a branch of a member, or a sleep that cannot be read
            if finished.end.by != NEVER:
                way.fail(way.here, finished.end.reason, None)
        break
    if plan.last and way.state.commands:
        yield from way.clean_up()
    del run.on_caught[plan.number, host]
    return way.end()


def catch_hosts(run: RunState, lanes: object, held: object = ()) -> None:
    """A resume comes to where a Ctrl-C had these hosts run `finally`: they run it, and then continue.

    lanes: [[chain, host], …]. held: ids of what they had asked for and the driver never sent: it is asked for again.
    Raises ValueError for anything else.
    """
    if not isinstance(lanes, list) or not all(isinstance(one, list) and len(one) == 2 for one in lanes):
        raise ValueError("the event 'caught' has no lanes")
    for chain, host in lanes:
        if (on_caught := run.on_caught.get((chain, host))) is not None:
            on_caught()
    if not isinstance(held, (list, tuple)):
        raise ValueError("the event 'caught' has no list of what was held back")
    for identity in held:
        waiter = run.scheduler.take_back(str(identity))
        if waiter is not None and run.slots is not None:
            run.slots.end(run.scheduler, str(identity), waiter)


class HostWay:
    """The way of one host through the members. here: the member that it is at; coming: the next one, while it sleeps
    before it. ran: was any member not skipped? turned: was an on_failure followed, and no on_success after it? broken:
    what nothing can make good."""

    def __init__(self, state: HostState, plan: ChainPlan) -> None:
        self.state, self.plan = state, plan
        self.here: int = plan.number
        self.coming: int | None = plan.first
        self.before: TaskRecord | None = None  # the record of the member where the host is, when it came there
        self.ran = self.turned = self.broken = self.looked = self.caught_again = False
        self.failed_at: int | None = None
        self.why, self.outcome = "", "failed"
        self._turns: dict[int, tuple[int, int]] = {}  # member -> (commands at its last arrival, turns without one)

    def walk(self, begun: TaskRecord | None = None) -> CoroutineOf[None]:
        """From member to member, until the chain ends. A coroutine.

        begun: the record of the member where the host is, if it has run and is not left yet.
        """
        state, index = self.state, self.state.index
        if self.plan.may_be_down and not (yield from self._is_up()):
            return
        number = self.coming if begun is None else self.here
        while number is not None:
            if begun is None:
                state.check()
                self.here, self.before = number, dict.get(state.records, number)
                if self._is_idle(number):
                    return
            task = index.tasks[number]
            record = yield from self._member(number, begun)
            begun = None
            if record.get("outcome") == SKIPPED:
                number = self.coming = self._next(number)
                continue
            self.ran = True
            self.coming = self._route(task, record)
            if self.coming is not None or index.next_kind(task) != "never":
                yield from sequence.sleep_after(state, task, record)
            number = self.coming

    def _is_up(self) -> CoroutineOf[bool]:
        """May members be started on this host? A coroutine. One that was down before the run is looked at, once."""
        from tasker.flow import down_hosts  # here: few chains have such hosts

        state, chain = self.state, self.state.index.tasks[self.plan.number]
        if self.looked or not down_hosts.is_looked_at(state, chain, state.name):
            return True
        exec_type = exec_type_in(state.settings)
        why = yield from down_hosts.look_at(state, chain, state.name, exec_type)
        self.looked = True
        if why:
            self.broken, self.ran, self.why = True, True, why
        return not why

    def on_caught(self) -> None:
        """See `catch_hosts`."""
        state = self.state
        if state.cleaning_up:
            self.caught_again = state.caught is not None  # it would continue after `finally`
            return
        state.caught = FlowEnd(0, WHY["interrupt"])
        for coroutine in state.scheduler.without_request():
            if coroutine.host == state.name:
                state.scheduler.stop(coroutine, "interrupt")

    def is_caught(self, stopped: Stopped) -> bool:
        """Does the host continue, once it has run `finally`?"""
        return self.state.caught is not None and not self._ended_here(stopped)

    def clean_up_and_continue(self, stopped: Stopped) -> CoroutineOf[TaskRecord | None]:
        """Run `finally` as after a Ctrl-C; return the record of a member that has run and is not left yet. A coroutine.

        Nothing that happened in it counts for the host: `finally` runs again at its end.
        """
        state = self.state
        kept = self.broken, self.turned, self.failed_at, self.why, self.outcome
        here, record = self.here, dict.get(state.records, self.here)
        yield from self.clean_up()
        self.broken, self.turned, self.failed_at, self.why, self.outcome = kept
        self.here, state.cleaning_up = here, False
        state.caught, self.caught_again = (state.caught if self.caught_again else None), False
        state.scheduler.current.shielded, state.scheduler.current.stopped = False, None
        state.note("WARN", f"Task {self.plan.number} on {state.name} continues after finally has run", "route")
        if self.coming != here:  # it was on its way to the next one
            return None
        if stopped.record is not None or record is None or record is self.before:
            return None  # it has not run, or waited for a retry: it runs
        return record

    def _member(self, number: int, begun: TaskRecord | None = None) -> CoroutineOf[TaskRecord]:
        """Run a member, once it has a slot if it has max_parallel. A coroutine. begun: see sequence.run_with_loop."""
        state, plan = self.state, self.plan
        task = state.index.tasks[number]
        left = sequence.record_without_run(state, task, plan.number) if begun is None else None
        if left is not None:
            return left
        slots = plan.slots.get(number)
        if slots is None:
            return (yield from sequence.run_with_loop(state, task, plan.number, None, state.in_handler, begun))
        has_slot = False
        try:
            yield from slots.take(state)
            has_slot = True
            return (yield from sequence.run_with_loop(state, task, plan.number, slots, state.in_handler, begun))
        except Stopped as stopped:
            has_slot = has_slot and not stopped.waiting_for_slot
            raise
        finally:
            if has_slot:
                slots.give(state)

    def _leads_to(self, task: Task, record: TaskRecord) -> tuple[int | None, str, bool]:
        """(the member after this one or None at the end of the chain, why the flow does not go on or '', has it failed
        unhandled?)."""
        state, index, number = self.state, self.state.index, task["task"]
        why, never = sequence.stop_reason(state, task, record), index.next_kind(task) == "never"
        unhandled = sequence.is_unhandled(state, task, record)
        if unhandled and index.failures_stop:
            goes_on = state.in_handler and not never and not index.is_decision(number)
            return (self.plan.after(number) if goes_on else None), why, True
        if why:
            return index.number(task, "on_failure"), why, unhandled
        target = None if never else index.number(task, "on_success")
        return (target if never or target is not None else self.plan.after(number)), "", unhandled

    def _route(self, task: Task, record: TaskRecord) -> int | None:
        """The member after this one, or None at the end of the chain. Notes why."""
        state, index, number = self.state, self.state.index, task["task"]
        target, why, unhandled = self._leads_to(task, record)
        if unhandled:
            self.fail(number, sequence.failure_text(record), record)
        if unhandled and index.failures_stop:
            if target is not None or (state.in_handler and not index.is_decision(number)):
                text = f"{state.called(number)}: {why}; the flow continues, because it is in a handler"
                state.note("WARN", text, "route", task=number)
            state.in_handler = False
        elif why and target is None:
            self.fail(number, why, record)
        elif index.is_decision(number) and target is not None and (why or "on_success" in task):
            field = "on_failure" if why else "on_success"  # no failure, and no end of one
            state.note(
                "INFO", f"{state.called(number)}: on to task {target} ({field})", "route", task=number, to=target
            )
        elif why:
            if self.failed_at is None:
                self.failed_at, self.outcome = number, record.get("outcome") or "failed"
                self.why = why.removeprefix("it failed: ")
            self.turned = state.in_handler = True
            text = f"{state.called(number)}: on to task {target} (on_failure): {why}"
            state.note("INFO", text, "route", task=number, to=target or 0, field="on_failure")
        elif target is not None and target == index.number(task, "on_success"):
            self.turned = state.in_handler = False
            if not self.broken:
                self.failed_at, self.why = None, ""
            text = f"{state.called(number)}: on to task {target} (on_success)"
            state.note("DEBUG", text, "route", task=number, to=target, field="on_success")
        else:
            state.in_handler = False
        return target

    def _next(self, number: int) -> int | None:
        """The next ordinary member, which is in no handler."""
        self.state.in_handler = False
        return self.plan.after(number)

    def _is_idle(self, number: int) -> bool:
        """Would the flow repeat a cycle among the members in which no command starts? Then the chain has failed."""
        if self.state.dry_run and number in self._turns:
            return True  # a dry run shows each task once
        commands, turns = self._turns.get(number, (-1, 0))
        turns = turns + 1 if commands == self.state.commands else 0
        self._turns[number] = (self.state.commands, turns)
        if turns < MOST_IDLE_TURNS:
            return False
        why = f"{turns} turns of a cycle of its members without a command"
        self.fail(number, why, None)
        self.ran = True
        return True

    def fail(self, number: int, why: str, record: TaskRecord | None) -> None:
        """The chain has failed on this host, whatever comes later. The first failure is the one that is reported."""
        if not (self.broken or self.turned):
            self.failed_at, self.why = number, why
            self.outcome = (record or {}).get("outcome") or "failed"
        self.broken = True

    def on_stop(self, stopped: Stopped) -> None:
        """The run or a block around ended the chain here."""
        record, reason = dict.get(self.state.records, self.here), stopped.reason
        if self.state.caught or self._ended_here(stopped):
            return
        if self.turned or self.broken:
            self.broken = True
        elif record and not record.get("success") and record.get("outcome") != SKIPPED:
            self.fail(self.here, sequence.failure_text(record), record)
        else:
            self.broken, self.why = True, WHY.get(reason, reason)
        self.ran = True

    def _ended_here(self, stopped: Stopped) -> bool:
        """Had the chain come to its end on this host when it was stopped? Then it ends as if nothing had happened."""
        if self.coming is None:  # it slept after its last member
            return True
        index, record = self.state.index, dict.get(self.state.records, self.here)
        if stopped.record is not None or record is None or record is self.before or self.coming != self.here:
            return False  # it waited for a retry, had not run, or was on its way to the next member
        task = index.tasks[self.here]
        if index.next_kind(task) == "loop" or self._leads_to(task, record)[0] is not None:
            return False
        self.ran = True
        self._route(task, record)
        return True

    def clean_up(self) -> CoroutineOf[None]:
        """Run the tasks of `finally`, whatever happened before. A coroutine.

        A first Ctrl-C and the timeout of a block do not stop them; a second Ctrl-C does.
        """
        state = self.state
        state.cleaning_up, state.in_handler = True, False
        state.scheduler.current.shielded, state.scheduler.current.stopped = True, None
        for number in self.plan.last:
            task = state.index.tasks[number]
            self.here = number
            try:
                state.check()
                record = yield from self._member(number)
                if record.get("outcome") == SKIPPED:
                    continue
                why = sequence.stop_reason(state, task, record)
                if sequence.is_unhandled(state, task, record):
                    why = sequence.failure_text(record)
                if why:
                    self._fail_finally(number, why, record)
                yield from sequence.sleep_after(state, task, record)
            except Stopped as stopped:
                self._fail_finally(number, f"not finished: {WHY.get(stopped.reason, stopped.reason)}", None)
                state.note("WARN", f"{state.called(number)} was not finished: a second signal", "route", task=number)
                return
            except Finished as finished:
                self._fail_finally(number, finished.end.reason, None)

    def _fail_finally(self, number: int, why: str, record: TaskRecord | None) -> None:
        if self.broken or self.turned:
            self.why = f"{self.why}; and task {number}: {why}"
            self.failed_at = number if self.failed_at is None else self.failed_at
            self.broken = True
        else:
            self.fail(number, why, record)

    def end(self) -> HostEnd:
        """How the host ended, with a note for the log."""
        made, state, number = HostEnd(), self.state, self.plan.number
        made.touched = state.commands > 0
        called = f"Task {number} on {state.name}"
        if state.dry_run or (self.ran and not (self.broken or self.turned)):
            made.record = GOOD
        elif not self.ran:
            made.record = LEFT_OUT
        else:
            made.why, made.failed_at = self.why, self.failed_at
            outcome = self.outcome if self.outcome in ("timeout", "unknown") else "failed"
            if self.failed_at is None and not made.touched:
                outcome = "not_started"
            code = CANNOT_START if outcome == "not_started" else 1
            made.record = {"outcome": outcome, "success": False, "exit_code": code}
        if not state.dry_run:
            self._note_end(called, made)
        return made

    def _note_end(self, called: str, made: HostEnd) -> None:
        state, record = self.state, made.record
        facts: NoteFacts = {"task": self.plan.number, "success": record["success"], "exit_code": record["exit_code"]}
        facts["outcome"], facts["because"] = record["outcome"], made.why
        if record is LEFT_OUT:
            facts["because"] = "all of its members were skipped"
            state.note("INFO", f"{called} skipped: all of its members were skipped", HOST_END, **facts)
        elif record["success"]:
            state.note("INFO", f"{called} completed successfully (exit_code=0)", HOST_END, **facts)
        elif record["outcome"] == "not_started":
            state.note("ERROR", f"{called} was not started (exit_code=126): {made.why}", "end", **facts)
        else:
            if made.failed_at is not None:
                facts["because"], facts["failed_at"] = f"at task {made.failed_at}: {made.why}", made.failed_at
            state.note("WARN", f"{called} failed (exit_code=1): {facts['because']}", HOST_END, **facts)
