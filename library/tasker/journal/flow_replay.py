"""Replays a journal: feeds the events that it has to flow, which is then in the state that it was in.

Signals, and stages that broke, are not events of a run that is resumed: what they made flow do is left out. Commands
that the end of the run cut short count as without a result: it is not known how far they came.
"""

from __future__ import annotations

import signal

from tasker.journal.format import RECORD_KINDS, Unreadable, event_keys, event_name, recorded_result
from tasker.journal.record_store import facts_of, whole_record
from tasker.journal.stored_streams import with_stored_streams, without_stream_hashes
from tasker.protocol.document import PROTOCOL, document
from tasker.protocol.results import without_unread_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Any, Self

    from tasker.flow.run import FlowRun
    from tasker.journal.format import Record
    from tasker.journal.reader import RunHistory
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Document, Event, Result, Workflow

# keys of a request that the driver adds to what flow asked for
DRIVER_KEYS = ("run", "output", "marker", "dry_run", "options", "secrets", "record", "follow", "receipt")
_DRIVER_KEYS = frozenset(DRIVER_KEYS)
EVENTS = {"question": "void"}  # kind of a record -> the event that flow gets of it, where it has another name
_CUT_SHORT = ("signalled", "timeout", "not_started", "unknown")  # outcomes of a command that was ended with its run


def leaves_open(event: Document) -> bool:
    """Does the request of this event still wait for its result?"""
    kind: str = event["event"]
    return kind == "lost" or (kind == "settled" and bool(event["verdict"] == "rerun"))


def _lane_of(identity: str) -> str:
    """Of the id of a request on a host of a chain: what all ids of that host have."""
    return identity.partition(".")[2].rpartition(".")[0]


class Disagreement(Exception):
    """The workflow does not lead where the journal says that the run has been; the text says where they differ."""


class RecordedEvents:
    """The events of a journal, in order, and the requests that were sent.

    sessions: use only that many of the first ones. to_the_end: take everything that happened in the last of them, also
    its end. events: (event document, the record that it comes from) each. asked: id → record of its intent. inherited:
    id → the request that an inherited result answers, which was sent in another run. deliveries: id → how often its
    request was delivered. receipts: (exec type, host name) → record of an intent with a receipt there. tasks: those of
    the requests. probes: the ids of those that are probes. first: the first record. on_record: called with each record
    of these sessions, in their order.

    Raises Unreadable if a stream that flow needs cannot be read any more, or a record is of an unknown kind.
    """

    def __init__(
        self,
        history: RunHistory,
        sessions: int | None = None,
        to_the_end: bool = False,
        on_record: Callable[[Record], object] | None = None,
    ) -> None:
        self.history, self._on_record = history, on_record
        self.events = _Events()
        self.asked: dict[str, Record] = {}
        self.deliveries: dict[str, int] = {}
        self.receipts: dict[tuple[str, str], Record] = {}
        self.inherited: dict[str, Document] = {}
        self.tasks: set[int] = set()
        self.probes: set[str] = set()
        self._open: set[str] = set()
        self._boots: list[tuple[int, object]] = []  # seq of the first record of a session, boot id of the machine
        self._index: WorkflowIndex | None = None
        history.require_records()
        self.first = history.records[0]
        if unknown := next((one["what"] for one in history.rare() if one["what"] not in RECORD_KINDS), None):
            # it says what happened to the run: without it, the position of the run is not known
            raise Unreadable(f"its journal has a '{unknown}', which this version of TASKER does not know")
        taken = history.sessions()[:sessions]
        for session in taken:
            if to_the_end and session is taken[-1]:
                self._take_all(session)
            else:
                self._take_continued(session)

    @classmethod
    def of_events(cls, history: RunHistory, events: list[Document]) -> Self:
        """Events that are in no journal yet, of a run that would continue the one of this history."""
        made = cls.__new__(cls)
        made.history, made.first = history, history.records[0]
        made.events, made._boots = _Events(), []
        for event in events:
            made.events.append(event, made.first)
        made.asked, made.inherited, made.deliveries, made.receipts = {}, {}, {}, {}
        made.tasks, made.probes, made._open = set(), set(), set()
        return made

    def open(self) -> list[str]:
        """The ids of the requests that were sent and have no result."""
        return [identity for identity in self.asked if identity in self._open]

    def sent_before(self, seq: int) -> set[str]:
        """The ids of the requests that were first sent before this record."""
        return {facts_of(record)[0] for record in self.history.records[:seq] if record["what"] == "intent"}

    def boot_of(self, record: Record) -> object:
        """The boot id of the machine at this record of a session that ended before its time; None if not known."""
        return next((boot for first, boot in reversed(self._boots) if first <= record["seq"]), None)

    def _take_all(self, session: list[Record]) -> None:
        for record in session:
            if self._on_record is not None:
                self._on_record(record)
            if record["what"] == "intent":
                self._add_intent(record)
            elif record["what"] == "never_started":
                self._take_back(record["doc"]["id"])
            elif RECORD_KINDS[record["what"]].event is not None:
                self._add_event(record)

    def _take_continued(self, session: list[Record]) -> None:
        """Take a session as the next one sees it: without its end before time, and without what that cut short."""
        boot, ending, signals = session[0]["doc"].get("boot"), False, 0
        codes: set[int] = set()  # of commands that were ended by a signal that the run also got
        sent: set[str] = set()  # ids of the requests of this session
        self._boots.append((session[0]["seq"], boot))
        for place, record in enumerate(session):
            if self._on_record is not None:
                self._on_record(record)
            kind = RECORD_KINDS[record["what"]]
            if record["what"] == "intent":
                sent.add(self._add_intent(record))
            elif record["what"] == "never_started":  # it is delivered again, if nothing comes between
                self._take_back(record["doc"]["id"])
                sent.discard(record["doc"]["id"])
            elif record["what"] == "signal":
                signals += 1
                if signals == 1 and (lanes := self._caught(session[place:])):
                    caught = document("event", event="caught", lanes=lanes)
                    if held := self._held_back(session[place:], lanes):
                        caught["held"] = held
                    self.events.append(caught, record)
                codes.add(128 + signal.Signals[record["doc"]["signal"]])
                ending = ending or record["doc"]["signal"] != "SIGINT" or signals > 1
            elif (
                kind.event is not None and not kind.cuts_short and not self._was_cut_short(record, ending, codes, sent)
            ):
                self._add_event(record)

    def _add_intent(self, record: Record) -> str:
        """The id of its request."""
        identity, facts = facts_of(record)
        self.asked[identity] = record
        self._open.add(identity)
        self.tasks.add(facts.task)
        if facts.probe:
            self.probes.add(identity)
        count = self.deliveries.get(identity, 0) + 1
        if facts.receipt:
            doc = record["doc"]
            count = max(count, doc["request"]["receipt"].get("delivery", 0))
            self.receipts[doc.get("exec", ""), doc["request"].get("hostname", "")] = record
        self.deliveries[identity] = count
        return identity

    def _take_back(self, identity: str) -> None:
        """The request with this id never started: nothing of it is known."""
        if self.asked.pop(identity, None) is not None:
            self.tasks = {facts_of(record)[1].task for record in self.asked.values()}

    def _caught(self, records: list[Record]) -> list[list[object]]:
        """[[chain, host], …] of the hosts that ran `finally` because of a Ctrl-C, of which these are the records.

        What else the signal made flow do is left out, but these commands were started.
        """
        found: dict[tuple[int, str], None] = {}
        for record in records:
            request = record["doc"]["request"] if record["what"] == "intent" else {}
            block, host = request.get("block"), request.get("host")
            if block is not None and host is not None and request["task"] in self._tasks_of_finally(block):
                found[block, host] = None
        return [[block, host] for block, host in found]

    def _held_back(self, records: list[Record], lanes: list[list[object]]) -> list[str]:
        """The ids of what these hosts had asked for and the driver did not send, because a Ctrl-C came before.

        The ids of one host have a part in common (0037), also those of its `finally`.
        """
        own = {(block, host) for block, host in lanes}
        sent: set[str] = set(self.asked)
        parts: set[str] = set()
        for record in records:
            request = record["doc"]["request"] if record["what"] == "intent" else {}
            if request:
                sent.add(request["id"])
            if (request.get("block"), request.get("host")) in own:
                parts.add(_lane_of(request["id"]))
        return [
            record["doc"]["id"]
            for record in records
            if record["what"] == "result"
            and record["doc"].get("outcome") == "not_started"
            and record["doc"]["id"] not in sent
            and _lane_of(record["doc"]["id"]) in parts
        ]

    def _tasks_of_finally(self, chain: int) -> list[int]:
        from tasker.language.workflow_index import WorkflowIndex  # here: few runs are interrupted in a chain

        if self._index is None:
            self._index = WorkflowIndex(self.history.newest("workflow"))
        return self._index.members(self._index.tasks[chain], "finally") if chain in self._index.tasks else []

    def _add_event(self, record: Record) -> None:
        what = record["what"]
        if what == "result":
            identity, facts = facts_of(record)
            if not facts.stored:
                intent = self.asked.get(identity)
                self.events.add_result(record, facts_of(intent)[1].needs if intent is not None else None)
                self._open.discard(identity)
                return
        doc = record["doc"]
        if (what == "question" and not doc["void"]) or (what == "answer" and not doc["counts"]):
            return  # flow did not get it
        if what == "inherited" and "request" in doc:
            self.inherited[doc["id"]] = doc["request"]
        if (recorded := recorded_result(record)) is not None:
            result = result_for_flow(self.history.folder, recorded, self._needs(what, doc))
            doc = {**doc, "id": doc["id"], "result": result}
        name = event_name(what, doc)
        keys = {key: doc[key] for key in event_keys(what, doc) or () if key in doc}
        event = document("event", event=EVENTS.get(name, name), **keys)
        self.events.append(event, record)
        if not leaves_open(event):
            self._open.discard(event.get("id", ""))

    def _needs(self, what: str, doc: Document) -> Collection[str] | None:
        """The streams that flow needs of a recorded result; None if that is not known."""
        if what == "inherited":
            request = doc.get("request") or doc.get("unit", {}).get("request")
        else:
            intent = self.asked.get(doc["id"])
            request = intent["doc"]["request"] if intent else None
        needs: Collection[str] | None = request.get("needs") if request else None
        return needs

    def _was_cut_short(self, record: Record, ending: bool, codes: Collection[int], sent: Collection[str]) -> bool:
        """Is this the result of a command that was ended because the run was? codes: exit codes that say so, even while
        what runs may finish: the signal was sent to every process of the run. sent: ids of the requests that were sent;
        others were held back."""
        if record["what"] != "result" or not (ending or codes):
            return False
        outcome = record["doc"].get("outcome")
        held_back = outcome == "not_started" and record["doc"]["id"] not in sent
        if not ending and not held_back:
            return outcome == "signalled" and record["doc"].get("exit_code") in codes
        if outcome == "not_started":
            self._take_back(record["doc"]["id"])  # it never ran: it may be asked for again
        return outcome in _CUT_SHORT


class _Events:
    """(event, its record) each, in order. Those of results are made when they are asked for, since there are many."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        # (event, record), or of a result (the streams that flow needs of it, its record)
        self._entries: list[tuple[Document | tuple[str, ...] | None, Record]] = []

    def append(self, event: Document, record: Record) -> None:
        self._entries.append((event, record))

    def add_result(self, record: Record, needs: tuple[str, ...] | None) -> None:
        """The event of a result whose streams are all in its record."""
        self._entries.append((needs, record))

    def pop(self) -> tuple[Document, Record]:
        """Forget the last."""
        return self._made(self._entries.pop())

    def has_pace(self) -> bool:
        """Did a resume change how many may run at once?"""
        return any(isinstance(what, dict) and what["event"] == "pace" for what, _ in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> tuple[Document, Record]:
        return self._made(self._entries[place])

    def __iter__(self) -> Iterator[tuple[Document, Record]]:
        return map(self._made, self._entries)

    def first(self, count: int) -> Iterator[tuple[Document, Record]]:
        """The first of them."""
        return map(self._made, self._entries[:count])

    def later(self, count: int) -> Iterator[tuple[Document, Record]]:
        """Those after the first."""
        return map(self._made, self._entries[count:])

    @staticmethod
    def _made(entry: tuple[Document | tuple[str, ...] | None, Record]) -> tuple[Document, Record]:
        what, record = entry
        if isinstance(what, dict):
            return what, record
        doc = record["doc"]
        result = result_for_flow("", doc, what)  # no stream of it is in a file
        return {
            "tasker": PROTOCOL,
            "kind": "event",
            "ok": True,
            "event": "result",
            "id": doc["id"],
            "result": result,
        }, record


def as_event(doc: Document) -> Event:
    """What flow is fed with, by its type."""
    return doc  # type: ignore[return-value]  # only events are fed


def result_for_flow(folder: str, recorded: Document, needs: Collection[str] | None) -> Result:
    """A recorded result as flow gets it. folder: of its run. needs: the streams that flow reads; None: not known.

    Raises Unreadable."""
    stored = recorded
    if "stdout_file" in recorded or "stderr_file" in recorded:
        stored = without_stream_hashes(with_stored_streams(folder, recorded, needs or ()))
    result: Result = stored  # type: ignore[assignment]  # it was checked before it was recorded
    return without_unread_streams(result, needs)


def replay_in_process(workflow: Workflow) -> Callable[[Document], Document]:
    """What a FlowReplay can ask if flow is not a stage of its own: a new run of this workflow. Raises Problem.

    What it returns raises Unreadable."""
    return answers_of(new_run(workflow))


def new_run(workflow: Workflow) -> FlowRun:
    """A new run of this workflow, which stays as it is. Raises Problem."""
    from tasker.flow.preconditions import require_shape  # here: the driver asks a stage
    from tasker.flow.run import FlowRun

    require_shape(workflow)
    # copies, which an event `pace` changes
    tasks = [task.copy() for task in workflow["tasks"]]
    made: Workflow = {**workflow, "tasks": tasks}
    if "settings" in workflow:
        made["settings"] = workflow["settings"].copy()
    return FlowRun(made)


def answers_of(run: FlowRun) -> Callable[[Document], Document]:
    """What a FlowReplay can ask, of this run. It raises Unreadable."""

    def answer(doc: Document) -> Document:
        event = as_event(doc)
        try:
            return {"steps": run.feed(event) if doc["kind"] == "event" else run.start()}
        except ValueError as unfit:  # of a workflow that no validator has seen, or an event that is not one
            raise Unreadable(f"its journal is not as TASKER writes it: {unfit}") from None

    return answer


def _ignore(doc: Document, record: Record) -> None:
    """What a FlowReplay calls if nothing else was given."""


class FlowReplay:
    """Takes flow through recorded events, and knows what is open where they end.

    ask: gives flow's answer (a `step` document) to a document. on_step: called with each step, and the record of the
    event that led to it; on_event: with each event and its record, before that. past: the events. ask_all: gives the
    answers to several documents, in their order, where that is faster than to ask for each.

    After `go`: requests, timers, checks, questions, windows: id → what of it has no answer yet (a step; of a timer also
    the record that led to it). exit: the exit step, or None. tasks: the numbers of all tasks that flow came to. last:
    the task that it came to last, as `{"task": number}`, or empty.
    """

    def __init__(
        self,
        ask: Callable[[Document], Document],
        past: RecordedEvents,
        on_step: Callable[[Document, Record], object] = _ignore,
        on_event: Callable[[Document, Record], object] = _ignore,
        ask_all: Callable[[Iterable[Document]], Iterator[Document]] | None = None,
    ) -> None:
        self.ask, self.past, self.on_step, self.on_event = ask, past, on_step, on_event
        self.ask_all = ask_all
        self.requests: dict[str, Document] = {}
        self.timers: dict[str, tuple[Document, Record]] = {}
        self.checks: dict[str, Document] = {}
        self.questions: dict[str, Document] = {}
        self.windows: dict[str, Document] = {}
        self.exit: Document | None = None
        self.tasks: set[int] = set()
        self.last: dict[str, int] = {}
        self._seen: set[str] = set()

    def go(self, workflow: Document) -> Self:
        """Replay everything; return itself. Raises Disagreement."""
        self._take(self.ask(workflow), self.past.first)
        for event, record, answer in self._answered():
            self._answer_came(event)
            self._take(answer, record)
            if event.get("id") in self.requests or "held" in event:  # it waited until then: see _send_waiting
                self._answer_came(event)
        self._send_waiting()
        if missing := next((one for one in self.past.asked if one not in self._seen), None):
            task = self.past.asked[missing]["doc"]["request"].get("task")
            raise Disagreement(f"task {task} was started, and now the flow does not come to it")
        return self

    def _send_waiting(self, before: int | None = None) -> None:
        """Tell flow of each request that was sent and has not been seen here: it waits for a slot of its runner, since
        signals are left out, and with them who was stopped. before: seq of a record; those sent later are left."""
        sent = None if before is None else self.past.sent_before(before)
        for identity in self.past.asked:
            if identity not in self._seen and (sent is None or identity in sent):
                self._take(self.ask(document("event", event="sent", id=identity)), self.past.asked[identity])

    def _answered(self) -> Iterator[tuple[Document, Record, Document]]:
        """(event, its record, flow's answer) of each event."""
        if self.ask_all is None or self.past.events.has_pace():
            for event, record in self.past.events:
                if event["event"] == "pace":  # which reaches what waits, and not what was sent before
                    self._send_waiting(record["seq"])
                self.on_event(event, record)
                yield event, record, self.ask(event)
            return
        from collections import deque  # here: a new run replays nothing

        sent: deque[tuple[Document, Record]] = deque()  # events without an answer yet

        def events() -> Iterator[Document]:
            for event, record in self.past.events:
                sent.append((event, record))
                yield event

        for answer in self.ask_all(events()):
            event, record = sent.popleft()
            self.on_event(event, record)
            yield event, record, answer

    def _answer_came(self, event: Document) -> None:
        for held in event.get("held", ()):
            self.requests.pop(held, None)
        identity = event.get("id", "")
        if leaves_open(event) and "probe" not in self.requests.get(identity, {}).get("request", {}):
            return  # a probe is asked again as another request
        for waiting in (self.requests, self.timers, self.checks, self.windows):
            waiting.pop(identity, None)

    def _take(self, answer: Document, record: Record) -> None:
        for step in answer["steps"]:
            self.on_step(step, record)
            if "task" in step:
                self.tasks.add(step["task"])
            if step["do"] == "note":
                if step.get("what") == "start":
                    self.last = {"task": step["task"]}
            elif step["do"] == "run":
                self._require_same(step["request"])
                self.requests[step["request"]["id"]] = step
            elif step["do"] == "timer":
                self.timers[step["id"]] = (step, record)
            elif step["do"] == "check_host":
                self.checks[step["id"]] = step
            elif step["do"] == "park":
                self.windows[step["id"]] = step
            elif step["do"] == "ask":
                self.questions[step["id"]] = step
            elif step["do"] == "close":
                self.questions.pop(step["id"], None)
            elif step["do"] == "exit":
                self.exit = step

    def _require_same(self, request: Document) -> None:
        """Raises Disagreement if another request was sent under this id."""
        self._seen.add(request["id"])
        record = self.past.asked.get(request["id"])
        asked = self.past.inherited.get(request["id"]) if record is None else whole_record(record)["doc"]["request"]
        if asked is None:
            return
        if (
            request.items() <= asked.items()
            and asked.keys() - request.keys() <= _DRIVER_KEYS
            and _DRIVER_KEYS.isdisjoint(request)
        ):
            return
        sent: dict[str, Any]  # Any: a value of any key of a request
        sent = {key: value for key, value in asked.items() if key not in DRIVER_KEYS}
        if differing := [key for key in {**sent, **request} if sent.get(key) != request.get(key)]:
            task, key = request.get("task"), differing[0]
            raise Disagreement(f"'{key}' of task {task} was {sent.get(key)!r} and would now be {request.get(key)!r}")

    def unknown(self) -> dict[str, Record]:
        """id → the record of its intent, of each request that was sent and whose outcome is unknown."""
        return {identity: self.past.asked[identity] for identity in self.requests if identity in self.past.asked}
