"""Receipts: a far side that keeps what each delivery of a request came to, so that it can be asked.

A request with a `receipt` is started with one, or not at all. Where the result of such a request was lost, the driver
asks the far side before flow knows of it: what has ended has a result, what never started is void and is delivered
again, what runs is waited for. Flow gets nothing of this but the result (docs/decisions/0043).
"""

from __future__ import annotations

from tasker.driver.observers import titled
from tasker.driver.run_context import identity_of
from tasker.driver.runner_pool import made_result
from tasker.protocol.exit_codes import CANNOT_START
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from tasker.driver.runner_pool import PendingRequests, RunnerPool
    from tasker.driver.write_ahead import RunEvents
    from tasker.journal.flow_replay import RecordedEvents
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Receipt, Request, Result, Step
    from tasker.system.clock import Clock

    Place: TypeAlias = tuple[str, str]  # exec type and host name: where receipts are
    Sent: TypeAlias = tuple[str, float | None]  # exec type, and when (seconds since 1970)

ENDED, NEVER_STARTED, RUNNING = "ended", "never_started", "running"  # what a receipt says: `settled` of a result
SETTLE, END, CLOSE = "settle", "end", "close"  # what a question is for
NO_RECEIPTS = "no_receipts"  # class of a result: none can be kept there
RECEIPT = "receipt"  # who decided
MOST_TRIES = 3  # a runner that dies while it is asked, is asked again
PATIENCE = 30.0  # seconds in which a host has to answer on a resume
CLOSING = 5.0  # seconds in which a command is ended, or the receipts of a run that has ended are removed


class Question:
    """A delivery that is asked about. request: as it was sent. lost: the result for flow where the far side cannot be
    asked; None on a resume, which first hears all answers (`held`) and then acts upon them. at: when its intent was
    written (seconds since 1970), or None.

    id: of the question that a runner has; "" before that. running: the far side has said so. answer: the last word.
    again: delivers it again, where flow is to be asked how.
    """

    __slots__ = (
        *("again", "answer", "at", "cancelled", "do", "exec_type", "held", "id", "lost", "request", "running"),
        "tries",
    )

    def __init__(self, sent: Sent, request: Request, lost: Result | None, do: str = SETTLE) -> None:
        (self.exec_type, self.at), self.request, self.lost, self.do = sent, request, lost, do
        self.held, self.running, self.tries = lost is None, False, 0
        self.id = self.cancelled = ""
        self.answer: Answer | None = None
        self.again: Callable[[], None] | None = None

    def document(self, number: int, now: float) -> Request:
        """What the runner is asked. now: seconds since 1970."""
        self.id = f"ask.{number}.{self.request['id']}"
        patience = PATIENCE if self.lost is None else CLOSING if self.cancelled else self.request["timeout"]
        made, receipt = bare_request(self.request, self.id), self.request["receipt"]
        made["timeout"] = patience + (CLOSING if self.do == END else self.request["timeout"])
        made["ask"] = {"do": self.do, "run": receipt["run"], "request": receipt["request"]}
        made["ask"] |= {"delivery": receipt["delivery"], "timeout": self.request["timeout"], "patience": patience}
        if self.at is not None and self.at <= now:
            made["ask"]["since"] = round(now - self.at, 3)
        return made


class Answer(NamedTuple):
    """settled: what the receipt says, or "" where it cannot be asked. result: of the question."""

    settled: str
    result: Result


def bare_request(request: Request, identity: str) -> Request:
    """The same without a command: a request with this id that starts nothing."""
    made = request.copy()
    made.pop("words", None), made.pop("script", None), made.pop("environment", None), made.pop("hidden", None)
    made.pop("receipt", None), made.pop("follow", None)
    made["id"], made["marker"] = identity, f"{request['receipt']['run']}:{identity}"
    return made


def offers(about: Mapping[str, object] | None) -> float | None:
    """From which timeout on (seconds) a runner with this `about` keeps receipts by itself; None: it cannot."""
    found = about.get("receipts") if about else None
    seconds = found.get("from") if isinstance(found, dict) else None
    if not isinstance(seconds, int | float) or not (about and about.get("parallel") and about.get("watches_input")):
        return None
    return float(seconds)


def _default(about: Mapping[str, object] | None) -> str:
    found = about.get("receipts") if about else None
    return str(found.get("default", "auto")) if isinstance(found, dict) else "auto"


def place_of(exec_type: str, request: Request) -> Place:
    return exec_type, request.get("hostname", "")


# a probe and a copy can be repeated; another user has receipts of their own, if any; a boot id says more of a reboot
WITHOUT = ("probe", "copy", "become", "reboot")


class DeliveryBook:
    """Which request gets a receipt, and as which delivery. runners: those that the run began with.

    last: id of a request → the number of its last delivery, in any session. used: places with receipts of this run,
    each with a request that went there. unable: places that cannot keep any. done: receipts whose results are on disk.
    sent: of requests with a receipt that have no result, by id.
    """

    __slots__ = ("_defaults", "_starts", "clock", "done", "last", "run", "sent", "unable", "used")

    def __init__(self, run: str, runners: Mapping[str, StageProcess], clock: Clock) -> None:
        self.run, self.clock = run, clock
        starts = {exec_type: offers(stage.about) for exec_type, stage in runners.items()}
        self._defaults = {exec_type: _default(stage.about) for exec_type, stage in runners.items()}
        self._starts = {exec_type: seconds for exec_type, seconds in starts.items() if seconds is not None}
        self.last: dict[str, int] = {}
        self.sent: dict[str, Sent] = {}
        self.used: dict[Place, tuple[str, Request]] = {}
        self.unable: set[Place] = set()
        self.done: dict[Place, list[list[object]]] = {}

    def __bool__(self) -> bool:
        """Can any runner keep receipts?"""
        return bool(self._starts)

    def can_ask(self, exec_type: str, request: Request) -> bool:
        return exec_type in self._starts and "receipt" in request

    def receipt(self, exec_type: str, request: Request) -> Receipt | None:
        """The receipt that is asked for with a request; None: without one. Each call is another delivery."""
        identity = identity_of(request)
        number = self.last[identity] = self.last.get(identity, 0) + 1
        options = request.get("options", {})
        mode = options.get("receipts", self._defaults.get(exec_type, "auto"))
        starts, place = self._starts.get(exec_type), place_of(exec_type, request)
        if starts is None or mode == "never" or (place in self.unable and mode != "always"):
            return None
        if any(key in request for key in WITHOUT) or "become" in options:
            return None
        if mode != "always" and request["timeout"] < starts:
            return None
        made: Receipt = {"run": self.run, "request": identity, "delivery": number}
        if request.get("hidden"):
            made["output"] = False
        if done := self.done.pop(place, None):
            made["done"] = done
        self.used[place] = (exec_type, {**request, "receipt": made})
        self.sent[identity] = (exec_type, self.clock.wall())
        return made

    def refusal(self, exec_type: str, request: Request) -> str:
        """Why a request that must have a receipt can have none, or ""."""
        if exec_type not in self._starts or "probe" in request or not _must(request):
            return ""
        options = request.get("options", {})
        kinds = {"copy": "a copy of a file", "become": "a command of another user", "reboot": "a reboot"}
        found = [what for key, what in kinds.items() if key in request or (key == "become" and key in options)]
        return f'receipts = "always", and {found[0]} has no receipt' if found else ""

    def take_over(self, past: RecordedEvents) -> None:
        """What the sessions before this one have delivered."""
        self.last = dict(past.deliveries)
        for (exec_type, _), record in past.receipts.items():
            request = record["doc"]["request"]
            self.used[place_of(exec_type, request)] = (exec_type, request)

    def note_done(self, exec_type: str, request: Request) -> None:
        """The result of this delivery is on disk before anything else is sent."""
        receipt = request["receipt"]
        self.sent.pop(receipt["request"], None)
        self.done.setdefault(place_of(exec_type, request), []).append([receipt["request"], receipt["delivery"]])

    def closing(self) -> Iterator[tuple[str, Request]]:
        """(exec type, request) for each place: the run has ended, and its receipts may go."""
        for number, (exec_type, request) in enumerate(self.used.values()):
            made = bare_request(request, f"ask.close.{number}")
            made["timeout"], made["ask"] = CLOSING, {"do": CLOSE, "run": self.run}
            made.pop("needs", None)
            yield exec_type, made


class Outcomes:
    """What follows from what is known of a delivery: a result for flow, or another delivery."""

    __slots__ = ("book", "events", "requests")

    def __init__(self, book: DeliveryBook, requests: PendingRequests, events: RunEvents) -> None:
        self.book, self.requests, self.events = book, requests, events

    def act(self, question: Question, answer: Answer) -> None:
        """Do what follows from the answer to a question."""
        request, identity = question.request, identity_of(question.request)
        if answer.settled == ENDED:
            made: Result = {**answer.result, "id": identity, "decided": RECEIPT}
            self.take(question.exec_type, request, made)
        elif answer.settled == NEVER_STARTED:
            self._void(request, "it never started, says its receipt")
            self._deliver_again(question, "it never started, says its receipt: it is started now")
        elif answer.settled == RUNNING:
            why = answer.result.get("reason") or "its end was not seen"
            made = made_result(request, "unknown", None, f"it runs on the far side, says its receipt: {why}")
            made["settled"] = RUNNING
            self.events.on_result(request, made)
        elif question.lost is not None:
            why = answer.result.get("reason") or "no answer"
            if answer.result.get("class") == NO_RECEIPTS:
                self._cannot_keep(question, why)
            reason = f"{question.lost.get('reason', '')}; its receipt cannot be asked for: {why}"
            self.events.on_result(request, {**question.lost, "reason": reason})

    def take(self, exec_type: str, request: Request, result: Result) -> None:
        """A request with a receipt has a result."""
        self.events.on_result(request, result)
        if result["outcome"] != "unknown":
            self.book.note_done(exec_type, request)

    def _void(self, request: Request, because: str) -> None:
        kept = {"id": identity_of(request), "delivery": request["receipt"]["delivery"], "because": because}
        self.events.ahead.record("never_started", kept)

    def _deliver_again(self, question: Question, text: str) -> None:
        """A new delivery, unless nothing is to start any more."""
        why = "cancelled before it was started" if question.cancelled else ""
        if self.events.signal:
            why = f"{self.events.signal} came before it was started"
        elif self.events.ahead.lost:
            why = "the journal cannot be written"
        if why:
            self.events.on_result(question.request, made_result(question.request, "not_started", CANNOT_START, why))
            return
        self.report(question.request, text)
        if question.again is not None:
            question.again()
        else:
            self.requests.add_again(question.exec_type, question.request)

    def do_without(self, question: Question, result: Result) -> None:
        """No receipt can be kept there: the command runs as it would without them."""
        why = result.get("reason") or "no reason given"
        self._void(question.request, why)
        self._cannot_keep(question, why)
        self._deliver_again(question, "it is started without a receipt")

    def _cannot_keep(self, question: Question, why: str) -> None:
        """A line for each host. What comes after has no receipt there, unless it must have one."""
        place = place_of(question.exec_type, question.request)
        level = "DEBUG" if place in self.book.unable else "WARN"
        self.book.unable.add(place)
        self.report(question.request, f"no receipts on this host: {why}", level)

    def report(self, request: Request, text: str, level: str = "INFO") -> None:
        """A line about a request, after what came before it."""
        observers = self.events.observers
        self.events.ahead.show_later(lambda: observers.report(level, f"{titled(request)}: {text}"))


class Receipts:
    """Between the runners and flow: what was lost is asked about before flow gets it.

    on_news: called when a held question has an answer, or its command runs.
    """

    __slots__ = (
        "_asked",
        "_cancelled",
        "_queue",
        "_serial",
        "book",
        "events",
        "on_news",
        "outcomes",
        "pool",
        "questions",
    )

    def __init__(self, book: DeliveryBook, pool: RunnerPool, requests: PendingRequests, events: RunEvents) -> None:
        self.book, self.pool, self.events = book, pool, events
        self.outcomes = Outcomes(book, requests, events)
        self.questions: dict[str, Question] = {}  # by the id of the request
        self._asked: dict[str, Question] = {}  # by the id of the question that a runner has
        self._queue: list[Question] = []  # that no runner has yet
        self._cancelled: dict[str, str] = {}  # id of a request that flow wants to end -> why
        self._serial = 0
        self.on_news: Callable[[], None] | None = None
        pool.on_result, pool.on_running, requests.receipt_for = self.on_result, self.on_running, book.receipt

    def __len__(self) -> int:
        """Questions that no runner has yet."""
        return len(self._queue)

    # -- in

    def refuse(self, step: Step) -> None:
        """Hold back the request of a step that must have a receipt and can have none: it is not started."""
        requests = self.outcomes.requests
        why = self.book.refusal(step["exec"], requests.completed(step))
        if why and (request := requests.withdraw(identity_of(step["request"]))) is not None:
            self.events.on_result(request, made_result(request, "not_started", CANNOT_START, why))

    def on_result(self, request: Request, result: Result) -> None:
        """A runner has answered, or is gone."""
        if (question := self._asked.pop(identity_of(request), None)) is not None:
            self._answered(question, result)
            return
        if "ask" in request:  # of the end of the run
            return
        sent = self.book.sent.get(identity_of(request)) if "receipt" in request else None
        if sent is None or self.events.ahead.lost:
            self.events.on_result(request, result)
        elif result.get("outcome") == "not_started" and result.get("class") == NO_RECEIPTS and not _must(request):
            self.outcomes.do_without(self._question(sent, request, result), result)
        elif result.get("outcome") == "unknown" and "settled" not in result:
            why = result.get("reason") or "its result was lost"
            self.outcomes.report(request, f"{why}: asking for its receipt")
            self.ask(self._question(sent, request, result))
        else:
            self.outcomes.take(sent[0], request, result)

    def _question(self, sent: Sent, request: Request, lost: Result) -> Question:
        cancelled = self._cancelled.get(identity_of(request), "")
        made = Question(sent, request, lost, END if cancelled else SETTLE)
        made.cancelled = cancelled
        return made

    def on_running(self, request: Request) -> None:
        """The command of a question runs; its end is waited for."""
        question = self._asked.get(identity_of(request))
        if question is None or question.running:
            return
        question.running = True
        self.outcomes.report(question.request, "it still runs, says its receipt: waiting for its end")
        self._tell()

    def ask(self, question: Question) -> None:
        """Ask with the next `send`."""
        self.questions[identity_of(question.request)] = question
        self._queue.append(question)

    def cancel(self, identity: str, reason: str) -> bool:
        """End what a question is about. False: there is none about this request, now."""
        self._cancelled[identity] = reason
        question = self.questions.get(identity)
        if question is None:
            return False
        question.cancelled, question.do = reason, END
        if question.id in self._asked:
            self.pool.cancel(question.id, reason)
        return True

    def release(self, identity: str) -> None:
        """Act upon the answer to a held question, now or when it comes."""
        question = self.questions[identity]
        question.held = False
        if question.answer is not None:
            self._act(question, question.answer)

    def forget(self, identity: str) -> None:
        """Somebody else decides about a request that cannot be asked about."""
        del self.questions[identity]

    # -- out

    def send(self) -> None:
        """The questions go to their runners."""
        if self.events.signal:
            self._tell()
        queue, self._queue = self._queue, []
        for question in queue:
            self._serial, question.tries = self._serial + 1, question.tries + 1
            asked = question.document(self._serial, self.book.clock.wall())
            self._asked[question.id] = question
            self.pool.launch(question.exec_type, asked)

    def give_up(self) -> None:
        """The journal cannot be written: nothing more is asked."""
        queue, self._queue = self._queue, []
        for question in queue:
            if question.lost is not None:
                self.events.on_result(question.request, question.lost)

    # -- an answer

    def _answered(self, question: Question, result: Result) -> None:
        settled = result.get("settled", "")
        nothing = not settled and result.get("outcome") == "unknown" and "class" not in result
        if nothing and question.tries < MOST_TRIES and not question.cancelled and not self.events.ahead.lost:
            self._queue.append(question)
            return
        question.id = ""
        if not settled and question.running:
            settled = RUNNING
        question.answer = Answer(settled, result)
        if question.held:
            self._tell()
        else:
            self._act(question, question.answer)

    def _tell(self) -> None:
        if self.on_news is not None:
            self.on_news()

    def _act(self, question: Question, answer: Answer) -> None:
        del self.questions[identity_of(question.request)]
        self.outcomes.act(question, answer)


def _must(request: Request) -> bool:
    """Is a receipt required?"""
    return request.get("options", {}).get("receipts") == "always"
