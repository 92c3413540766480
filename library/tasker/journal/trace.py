"""What happened in a run, in order, from its journal alone.

Flow is fed with the events again, and gives the same notes once more: what it did, and why. What happened from outside
(signals, resumes, results) comes from the records.
"""

from __future__ import annotations

from array import array
from sys import intern

from tasker.journal.flow_replay import FlowReplay, RecordedEvents, answers_of, new_run
from tasker.journal.record_store import StoredRecord, whole_record
from tasker.journal.stored_streams import changed_streams
from tasker.system.login_names import user_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from tasker.journal.format import Record
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Task, Workflow

    Facts: TypeAlias = Document | StoredRecord | tuple[tuple[str, ...], tuple[object, ...]]


class TraceEvent:
    """One thing that happened.

    at: seconds since 1970. what: the kind of a note of flow (start, end, skip, route, verdict, retry, …), or began,
    result, signal, resume, broken, fired, host, exit, closed. task, block, host: where, or None. text: for people.
    facts: the note, or the document of the record. attempt: of a result the command that it is of, if that is known.
    """

    __slots__ = ("_facts", "at", "attempt", "block", "host", "task", "text", "what")

    def __init__(
        self,
        at: float,
        what: str,
        task: int | None,
        block: int | None,
        host: str | None,
        text: str,
        facts: Facts,
        attempt: TracedAttempt | None = None,
    ) -> None:
        """facts: also a record instead of its document, and a note of a host as (keys, values): of 100,000 hosts, both
        take a fifth of the memory of a document."""
        self.at, self.what, self.task, self.block, self.host = at, what, task, block, host
        self.text, self._facts, self.attempt = text, facts, attempt

    @property
    def facts(self) -> Document:
        """The note, or the document of the record. It may be another object each time."""
        found = self._facts
        if isinstance(found, dict):
            return found
        if isinstance(found, StoredRecord):
            document: Document = found["doc"]
            return document
        return dict(zip(*found, strict=True))

    def is_arrival(self) -> bool:
        """Did the flow come to a task with this `start` or `skip`? Not with a retry or an iteration, or in a block."""
        repeated = self.facts.get("attempt", 1) > 1 or self.facts.get("iteration", 1) > 1
        return self.block is None and self.host is None and not repeated


class TracedAttempt:
    """A command, or a probe, that was sent to a runner. intent, result: its records; without a result yet, None.
    inherited: the id of the run in which it was sent, and where it ended `happened` (seconds since 1970), or "". Then
    both records are that of what was inherited. decided: who decided about it, where its result was lost: probe,
    reboot, idempotent, operator; else "". began, ended: when its records were written (seconds since 1970). task,
    block, host: of its request. is_probe: does it only ask about a command? outcome: of its result."""

    # kept, since a record of a large journal is decoded each time that it is used
    __slots__ = (
        *("began", "block", "decided", "ended", "happened", "host", "inherited", "intent", "is_probe", "outcome"),
        *("result", "task"),
    )

    def __init__(self, intent: Record, inherited: str = "", happened: float = 0.0) -> None:
        whole = whole_record(intent)
        request = whole["doc"]["request"]
        self.intent, self.inherited, self.happened = intent, inherited, happened
        self.began: float = whole["at"]
        self.task: int = request.get("task", 0)
        self.block: int | None = request.get("block")
        self.host: str | None = request.get("host")
        self.is_probe = "probe" in request
        self.result: Record | None = None
        self.ended, self.outcome = 0.0, "unknown"
        self.decided = ""

    def take_result(self, record: Record) -> None:
        """This record has its result."""
        whole = whole_record(record)
        self.result, self.ended = record, whole["at"]
        self.outcome = intern(whole["doc"].get("outcome") or "unknown")

    @property
    def request(self) -> Document:
        """What was asked of the runner."""
        found: Document = self.intent["doc"]["request"]
        return found


class Trace:
    """events: what happened, in order. workflow: what was run. tasks: number → task. attempts: in order of their start.
    waiting: requests that wait for a slot of their runner, each with what it waits for, in words.

    Raises Unreadable, Disagreement; NothingRecorded, which is Unreadable, for a run that ended before it began.
    """

    def __init__(self, history: RunHistory, starts_on_hosts: bool = True) -> None:
        """starts_on_hosts: also the notes that a task starts on one of its hosts, of which a report needs none?"""
        self._starts_on_hosts = starts_on_hosts
        history.require_records()
        self.history = history
        self.workflow: Workflow = history.newest("workflow")
        self.tasks: dict[int, Task] = {task["task"]: task for task in self.workflow.get("tasks", ())}
        self.attempts: list[TracedAttempt] = []
        self.events: list[TraceEvent] = []
        self._places = array("q")  # of each event in the order: those of one place stand as they came
        self._keys: dict[tuple[str, ...], tuple[str, ...]] = {}  # of notes: each once
        self._open_attempts: dict[str, TracedAttempt] = {}
        self._removed: set[TracedAttempt] = set()  # which never started
        self._asked: dict[object, int] = {}  # id of a question -> its task
        # each host name once, the text that flow has: each decoded record has texts of its own
        self._hosts = {host: host for task in self.tasks.values() for host in task.get("targets", ())}
        self._take_all_inherited()
        recorded = RecordedEvents(history, to_the_end=True, on_record=self._take_record)
        if self._removed:
            self.attempts = [attempt for attempt in self.attempts if attempt not in self._removed]
        self._hosts, self._removed, self._open_attempts = {}, set(), {}
        run = new_run(self.workflow)
        FlowReplay(answers_of(run), recorded, self._take_step).go({"kind": "workflow"})
        self.waiting = [] if run.slots is None or history.exit() else run.slots.all_waiting()
        events, places = self.events, self._places
        self.events = [events[one] for one in sorted(range(len(events)), key=places.__getitem__)]
        self._places = array("q")

    def events_of(self, task: int, host: str | None = None) -> list[TraceEvent]:
        """The events of one task, also those of its members if it is a block. host: only of this host."""
        return [
            event
            for event in self.events
            if task in (event.task, event.block) and (host is None or event.host in (host, None))
        ]

    def changed_streams(self, result: Document) -> list[tuple[str, str, str]]:
        """(stream, path, what is wrong in words) of each file of a recorded result that was changed since."""
        return changed_streams(self.history.folder, result)

    def line_of(self, event: TraceEvent) -> int | None:
        """The line of the task file with the condition that a verdict is about; None for what is not a verdict."""
        task = self.tasks.get(event.task) if event.task is not None else None
        place = task.get("at", {}).get(str(event.facts.get("field"))) if task is not None else None
        return place[0] if place and isinstance(place[0], int) else None

    def path(self, most: int | None = None) -> list[int]:
        """The tasks that the flow came to, in order, in the first `most` events; not those inside blocks."""
        gone: list[int] = []
        for event in self.events[:most]:
            cut_short = event.what == "skip" and gone[-1:] == [event.task]  # it had begun: the operator skipped it
            if event.task is not None and event.what in ("start", "skip") and event.is_arrival() and not cut_short:
                gone.append(event.task)
        return gone

    def _add(self, seq: int, part: int, event: TraceEvent) -> None:
        self._places.append(2 * seq + part)
        self.events.append(event)

    def _take_step(self, step: Document, record: Record) -> None:
        if step["do"] == "note":
            where = (step.get("task"), step.get("block"), step.get("host"))
            # a note of flow comes after the event that led to it, and before what it made the driver do
            facts: Facts = step
            if "host" in step:
                if (
                    not self._starts_on_hosts
                    and step["what"] == "start"
                    and "hosts" in self.tasks.get(where[0] or 0, ())
                ):
                    return
                keys = tuple(step)
                facts = (self._keys.setdefault(keys, keys), tuple(step.values()))
            whole = whole_record(record)
            self._add(whole["seq"], 1, TraceEvent(whole["at"], step["what"], *where, step["text"], facts))

    def _take_all_inherited(self) -> None:
        count = self.history.start.get("again", {}).get("events", 0)
        inherited = self.history.records[1 : 1 + count]
        # what it has inside the task at which it forks comes first in the journal, and happens after the rest of it
        for record in sorted(inherited, key=lambda one: "unit" in one["doc"]):
            self._take_inherited(record, count if "unit" in record["doc"] else record["seq"])

    def _take_record(self, record: Record) -> None:
        """Take what a record says itself, and the attempts."""
        open_attempts, asked = self._open_attempts, self._asked
        whole = whole_record(record)
        what, doc, seq, at = whole["what"], whole["doc"], whole["seq"], whole["at"]
        where: tuple[int | None, int | None, str | None] = (None, None, None)
        answered: TracedAttempt | None = None
        if what == "intent":
            attempt = open_attempts[doc["request"]["id"]] = TracedAttempt(record)
            if attempt.host is not None:
                attempt.host = self._hosts.setdefault(attempt.host, attempt.host)
            self.attempts.append(attempt)
            return
        if what == "inherited":
            return
        if what == "result" and doc["id"] in open_attempts:
            attempt = answered = open_attempts.pop(doc["id"])
            attempt.take_result(record)
            where = (attempt.task, attempt.block, attempt.host)
        if what == "never_started" and doc["id"] in open_attempts:
            attempt = open_attempts.pop(doc["id"])
            self._removed.add(attempt)
            where = (attempt.task, attempt.block, attempt.host)
        if what in ("question", "answer", "parked"):
            asked.setdefault(doc["id"], doc.get("task", 0))
            where = (asked[doc["id"]], None, None)
        if what == "resume":
            for identity in doc.get("decided", {}).keys() & open_attempts.keys():
                open_attempts[identity].decided = "operator"
        if what == "settled" and doc["id"] in open_attempts:
            open_attempts[doc["id"]].decided = doc["by"]
        if what in ("skip", "lost", "settled"):  # flow has a note of it
            return
        kind = "began" if what == "start" else what  # flow says `start` of each task
        facts: Facts = record if isinstance(record, StoredRecord) else doc
        self._add(seq, 0, TraceEvent(at, kind, *where, _text(what, doc), facts, answered))

    def _take_inherited(self, record: Record, seq: int) -> None:
        """Take a command that ran in another run, with its result, if the record has one. seq: its place."""
        doc = record["doc"]
        request = doc.get("request") or doc.get("unit", {}).get("request")
        if request and doc["event"] == "settled":
            attempt = TracedAttempt({**record, "doc": {"request": request}}, doc["run"], doc.get("at", record["at"]))
            attempt.decided = doc["by"]
            self.attempts.append(attempt)
        if not request or "result" not in doc:
            return
        attempt = TracedAttempt({**record, "doc": {"request": request}}, doc["run"], doc.get("at", record["at"]))
        attempt.take_result({**record, "what": "result", "doc": doc["result"]})
        self.attempts.append(attempt)
        where = (request.get("task"), request.get("block"), request.get("host"))
        self._add(seq, 0, TraceEvent(record["at"], "result", *where, "", doc["result"], attempt))


def answer_text(doc: Document) -> str:
    """An answer to a question, in words."""
    signed = f", signed by {doc['principal']}" if doc.get("principal") else ""
    reason = f": {doc['reason']}" if doc.get("reason") else ""
    counts = "" if doc["counts"] else f"; it does not count: {doc.get('why', '')}"
    return f"'{doc['answer']}' from {doc['by']} ({doc.get('via', '')}{signed}){reason}{counts}"


def _text(what: str, doc: Document) -> str:
    """A record in words, if its kind has any."""
    if what == "result":
        return ""
    if what == "start" and "again" in doc:
        again = doc["workflow"]["settings"].get("again", {})
        by = f"{user_text(doc.get('user'), doc.get('host'))} on {doc.get('host')}"
        return f"started by {by}: {doc.get('file')}, continues run {again.get('run')} from task {again.get('task')}"
    if what == "start":
        return f"started by {user_text(doc.get('user'), doc.get('host'))} on {doc.get('host')}: {doc.get('file')}"
    if what == "resume":
        words = ", ".join(dict.fromkeys(doc.get("decided", {}).values()))
        decided = f", with --unknown={words} for what was cut short" if words else ""
        return f"resumed by {user_text(doc.get('user'), doc.get('host'))}{decided}"
    if what == "never_started":
        return f"delivery {doc['delivery']}: {doc['because']}"
    if what == "signal":
        return f"{doc['signal']} came"
    if what == "pace":
        changes = [f"the pace of task {number}" for number in doc["pace"].get("tasks", {})]
        changes += ["the default timeout"] if "timeout" in doc["pace"] else []
        changes += [f"how many requests '{one}' has at a time" for one in doc["pace"].get("at_once", {})]
        return f"changed for what had not started: {', '.join(changes)}"
    if what == "broken":
        return str(doc["message"])
    if what == "question":
        void = ", with another text, so no answer until now counts" if doc["void"] else ""
        return f"question {doc.get('number', '')} was asked{void}: {doc.get('title', '')}"
    if what == "answer":
        return answer_text(doc)
    if what == "parked":
        return (
            f"parked: the driver ended, and the run waits {'to be resumed' if 'reason' in doc else 'for an approval'}"
        )
    if what == "exit":
        return f"finished with exit code {doc['code']}: {doc['reason']}"
    return ""
