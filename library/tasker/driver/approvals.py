"""The open question of a run, and the answers to it: the one place where answers come in.

The order on disk: the record of a question is synced before anyone sees it or can answer; that of an answer before
flow gets it, and before the one who answered gets a reply. An answer is weighed only while flow owes nothing and
nothing is on its way to it, so flow's `close` always comes in time: what is late is recorded, and counts for nothing.
"""

from __future__ import annotations

import errno
import os
from collections import deque

from tasker.approval.answer import STOP, TERMINAL, YES, Who, answer_of_record
from tasker.approval.question import Question, question_text, text_hash
from tasker.approval.rules import Weighed, weigh
from tasker.driver import answer_sources
from tasker.driver.parking import park
from tasker.driver.run_context import identity_of
from tasker.driver.run_end import notify_waiting
from tasker.journal import reader
from tasker.journal.format import Unreadable
from tasker.journal.recording import TIMEOUT
from tasker.language.durations import write_duration
from tasker.system.login_names import login_of, user_text
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.approval.answer import Answer
    from tasker.driver.answer_sources import Source
    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunOutcome
    from tasker.driver.write_ahead import WriteAhead
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Event, Step
    from tasker.system.poll import Poll

NONCE = 16  # bytes


class Approvals:
    """The question that is open (None: none is), the answers to it that count, and what has come in.

    since: when it was asked (monotonic seconds). starter: the login name of who started the run.
    """

    __slots__ = (
        *("ahead", "context", "counted", "inbox", "observers", "question", "shown", "since", "sources", "starter"),
        "step",
    )

    def __init__(self, context: RunContext, observers: Observers, ahead: WriteAhead) -> None:
        self.context, self.observers, self.ahead = context, observers, ahead
        self.question: Question | None = None
        self.step: Step | None = None
        self.counted: list[Answer] = []
        self.inbox: deque[tuple[Source, Answer]] = deque()
        self.sources: list[Source] = []
        self.since, self.shown, self.starter = 0.0, True, ""

    # -- flow asks

    def ask(self, step: Step) -> None:
        """Flow asks a question. Raises OSError."""
        self.step, self.since, self.shown = step, self.context.clock.monotonic(), False
        self.ahead.sync()
        history = _own_journal(self.context)
        self.question, self.counted, void = made_question(self.context, step, history)
        question = self.question
        self.starter = login_of(question.starter.person, history.start.get("host"))
        record = question_record(question, step, void)
        if void:
            event: Event = {"tasker": 1, "kind": "event", "event": "void", "id": question.id}
            self.ahead.events.append(("question", event, record))
        elif self.context.journal:
            self.context.journal.add("question", record)
            self.ahead.sync()
        self.ahead.show_later(self._open)

    def on_timer(self, identity: str) -> None:
        """A timer has expired; a recording has which question was not answered in time."""
        if self.context.recording and self.step is not None and self.step.get("timer") == identity:
            self.context.recording.add_answer(dict(self.step), {"answer": TIMEOUT, "by": "", "reason": ""})

    def _open(self) -> None:
        """The question is on the disk: show it, and take answers."""
        if self.question is None or self.step is None:
            return  # a signal has ended it meanwhile
        if self.sources:  # of the question before, to which these answers come late: they get their replies first
            while self.inbox:
                self._weigh(*self.inbox.popleft())
            self.ahead.show_later(self.end)
            self.ahead.show_later(self._open)
            return
        self.shown = True
        self.sources = answer_sources.open_sources(self.context, self.observers, self.question)
        for source in self.sources:
            if source.fileno() is None:  # what was left before the question was asked
                self.receive(source)
            if isinstance(source, answer_sources.RecordedAnswers) and source.timed_out:
                timer = self.step.get("timer", "")
                self.ahead.keep("fired", {"id": timer}, id=timer)
        _announce(self.context, self.observers, self.question, self.counted)

    def close(self, step: Step) -> None:
        """Flow takes no more answers to it."""
        if self.question is not None and self.question.id == identity_of(step):
            for source in self.sources:
                self.receive(source)  # what has come by now is late, and gets a reply all the same
            self.question = self.step = None

    # -- answers come in

    def watch(self, poll: Poll) -> dict[int, Source]:
        """The descriptors to poll, each with its source."""
        ready = [source for source in self.sources if source.is_ready_to_ask()]
        found = {end: source for source in ready if (end := source.fileno()) is not None}
        for end in found:
            poll.register(end, answer_sources.READABLE)
        return found

    def due(self) -> list[float]:
        """When to look again (monotonic seconds)."""
        now = self.context.clock.monotonic()
        return [now + answer_sources.LOOK for source in self.sources if not source.is_ready_to_ask()]

    def receive(self, source: Source) -> None:
        """Something can be read from it."""
        _put(self.inbox, source)

    def has_work(self, idle: bool) -> bool:
        """Is there something to do without waiting? idle: does flow owe nothing, and is nothing on its way to it?"""
        return bool(self.inbox and (idle or self.question is None)) or (idle and not self.shown)

    def settle(self, idle: bool) -> None:
        """Weigh what has come in: one answer to the open question, as flow then has to say whether it is still open."""
        while self.inbox and (idle or self.question is None):
            idle = False
            self._weigh(*self.inbox.popleft())
        if self.question is None and self.sources and not self.inbox:
            self.ahead.show_later(self.end)  # after the replies to those that came late

    def _weigh(self, source: Source, answer: Answer) -> None:
        known = self.context.workflow["settings"].get("approval", {})
        answer = answer._replace(reason=self.context.secrets.text(answer.reason))
        signed_only = bool(known.get("signed_only"))
        weighed = weigh(self.question, self.counted, answer, signed_only, self.starter)
        if answer.via == answer_sources.RECORDING and self.question is not None:  # it counted then
            weighed = Weighed(True, "")
        waited = round(self.context.clock.monotonic() - self.since, 3)
        record = {**answer.record(weighed.counts, weighed.why), "seconds": float(waited)}
        more, task = 0, self.question.task if self.question else None
        if weighed.counts and self.question is not None:
            self.counted.append(answer)
            more = max(0, self.question.approvals - len(self.counted)) if answer.answer == YES else 0
            keys = {key: record[key] for key in ("id", "answer", "by", "reason", "seconds")}
            self.ahead.keep("answer", record, **keys)
            if self.context.recording and self.step is not None:
                self.context.recording.add_answer(dict(self.step), keys)
        else:
            self.ahead.record("answer", record)
        place: Document = {} if task is None else {"task": task}
        self.ahead.show_later(lambda: _reply(self.observers, source, answer, weighed, more, {**record, **place}))

    # -- the end

    def may_park(self) -> bool:
        """Is the run to be left, as it waits for people alone? The caller makes sure that nothing else happens."""
        is_open = self.question is not None and self.shown and not self.inbox
        return is_open and answer_sources.parks(self.context.settings)

    def park(self) -> RunOutcome:
        """Leave the run to a resume. Raises OSError."""
        assert self.question is not None  # may_park
        return _parked(self.context, self.ahead, self.question, self.counted)

    def finish(self) -> None:
        """Flow has ended the run: what has come in by now is late."""
        for source in self.sources:
            self.receive(source)
        self.question = None
        while self.inbox:
            self._weigh(*self.inbox.popleft())
        self.ahead.write_records()

    def end(self) -> None:
        """Take no more answers."""
        for source in self.sources:
            source.close()
        self.sources = []


def _put(inbox: deque[tuple[Source, Answer]], source: Source) -> None:
    """Add what has come. A `stop` of the terminal goes before all that was not weighed."""
    for answer in source.answers():
        is_stop = answer.answer == STOP and answer.via == TERMINAL
        (inbox.appendleft if is_stop else inbox.append)((source, answer))


def _own_journal(context: RunContext) -> RunHistory:
    """What the journal of this run has by now. Raises OSError where it is not what was written."""
    try:
        return reader.read_journal(context.folder)
    except Unreadable as unreadable:
        raise OSError(errno.EIO, str(unreadable), context.folder) from None


def _announce(context: RunContext, observers: Observers, question: Question, counted: Sequence[Answer]) -> None:
    """A question is open: programs that follow the run, and whoever is to be notified, hear of it."""
    names = ("id", "task", "title", "approvals")
    asked = {name: getattr(question, name) for name in names} | {"approvers": list(question.approvers)}
    observers.screen.event({"do": "question", **asked})
    notify_waiting(f"task {question.task} waits for {waits_for(question, counted)}", context, observers)


def _reply(observers: Observers, source: Source, answer: Answer, weighed: Weighed, more: int, record: Document) -> None:
    """An answer is on the disk: show it, and tell the one who gave it. record: that of the answer, with its task."""
    level, line = _line(answer, record.get("task"), weighed.why, more)
    observers.report(level, line)
    names = ("task", "id", "answer", "by", "via", "reason", "counts", "why")
    observers.screen.event({"do": "answer", **{name: record[name] for name in names if name in record}})
    source.reply(answer, weighed, more)


def _parked(context: RunContext, ahead: WriteAhead, question: Question, counted: Sequence[Answer]) -> RunOutcome:
    """Write that the run is parked; how this session of it ends. Raises OSError."""
    why = f"task {question.task} waits for {waits_for(question, counted)}"
    return park(context, ahead, why, {"id": question.id, "task": question.task})


def made_question(context: RunContext, step: Step, history: RunHistory) -> tuple[Question, list[Answer], bool]:
    """(the question of a step, the answers that count already, are they void because the text has changed?).

    After a resume it is the same question, with the same nonce, as long as it shows the same text: an answer to one of
    them is an answer to both. Otherwise it has a new nonce, so that nothing that was signed for the old text counts.
    """
    start, identity = history.start, identity_of(step)
    asked = [record["doc"] for record in history.rare() if record["what"] == "question"]
    before = next((doc for doc in reversed(asked) if doc["id"] == identity), None)
    numbers = list(dict.fromkeys(doc["id"] for doc in asked))
    number = numbers.index(identity) + 1 if identity in numbers else len(numbers) + 1
    within = (
        [f"no answer within {write_duration(step['seconds'])}: as if it were rejected"] if "seconds" in step else []
    )
    text = question_text(
        context.run_id,
        task := int(step["task"] or 0),
        step["title"],
        file=context.file,
        file_hash=str(context.workflow.get("sha256", "")),
        owner=user_text(start.get("user"), start.get("host")),
        started=float(history.records[0]["at"]),
        follows=[f"if approved: {step['yes']}", f"if rejected: {step['no']}", *within],
        so_far=step["results"],
        approvals=step["approvals"],
        approvers=step["approvers"],
    )
    text = context.secrets.text(text)
    shown = text_hash(text)
    same = before is not None and before["shown"] == shown
    nonce = before["nonce"] if before is not None and same else os.urandom(NONCE).hex()
    uid, login = start.get("user"), start.get("login_uid")
    starter = Who(uid if isinstance(uid, int) else os.getuid(), login if isinstance(login, int) else None)
    made = Question(
        run=context.run_id,
        id=identity,
        task=task,
        number=number,
        nonce=nonce,
        title=context.secrets.text(step["title"]),
        text=text,
        shown=shown,
        approvals=step["approvals"],
        approvers=tuple(step["approvers"]),
        asked=context.clock.wall(),
        owner=os.geteuid(),
        starter=starter,
    )
    counted = [answer_of_record(doc) for doc in counting_answers(history, identity)]
    return made, counted if same else [], bool(counted) and not same


def counting_answers(history: RunHistory, identity: str) -> list[Document]:
    """The records of the answers to a question that count, since its answers were void last."""
    made: list[Document] = []
    for record in history.rare():
        doc = record["doc"]
        if doc.get("id") == identity:
            if record["what"] == "question" and doc.get("void"):
                made = []
            elif record["what"] == "answer" and doc["counts"]:
                made.append(doc)
    return made


def question_record(question: Question, step: Step, void: bool) -> Document:
    """What the journal keeps of a question. void: answers to it until now do not count."""
    names = ("id", "task", "number", "nonce", "title", "text", "shown", "approvals")
    made: Document = {name: getattr(question, name) for name in names}
    made |= {"approvers": list(question.approvers), "asked": round(question.asked, 3), "void": void}
    made |= {"starter": {"uid": question.starter.uid, "login_uid": question.starter.login_uid}}
    return made | ({"timer": step["timer"], "seconds": step["seconds"]} if "timer" in step else {})


def waits_for(question: Question, counted: Sequence[Answer]) -> str:
    """What is missing, in words: '1 more approval of alice, bob'."""
    missing = question.approvals - len(counted)
    people = f" of {', '.join(question.approvers)}" if question.approvers else ""
    return f"{f'{missing} more' if counted else missing} {'approval' if missing == 1 else 'approvals'}{people}"


def _line(answer: Answer, task: int | None, why: str, more: int) -> tuple[str, str]:
    """(level, text) of the log line about an answer."""
    called = f"Task {task}: " if task is not None else ""
    said = f"'{answer.answer}' from {answer.by} ({answer.via})"
    if why:
        return "WARN", f"{called}{said} does not count: {why}"
    level = "INFO" if answer.answer == YES else "WARN"
    rest = f"; {count_of(more, 'approval')} missing" if more else ", which ends the run" * (answer.answer == STOP)
    return level, f"{called}{said}{rest}"
