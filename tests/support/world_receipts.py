"""A runner with receipts in a simulated world: its far side outlives drivers, runners and losses of power here.

The seeds are texts, `receipts 7`. What the far side does to a delivery is drawn from the seed: the line is lost before
it comes over, or after; it comes over late; no receipt can be kept. Whoever decides first, starts or voids it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from world import Doc, Effect, RunnerStage, World, Wrong
from world_faults import put

from tasker.driver import resumed_receipts, settlement
from tasker.driver.receipts import DeliveryBook, Outcomes, Receipts
from tasker.journal.reader import RunHistory
from tasker.protocol import document as documents

MARK = "receipts "
REMOTE = "remote"  # exec type of the commands with receipts
FATES = ("well", "well", "well", "well", "dropped", "lost", "lost", "late", "stuck")


def has_receipts(world: World) -> bool:
    return str(world.seed).startswith(MARK)


def remote_fields(world: World, number: int) -> list[str]:
    """Where a task runs, and what else settles it."""
    draw = world.draw("remote", number)
    fields = [f"exec={draw.choice((REMOTE, REMOTE, REMOTE, 'local'))}"]
    if draw.random() < 0.2:
        fields += [f"probe=ask {number}"]
    if draw.random() < 0.1:
        fields += ["idempotent=true"]
        world.idempotent.add(number)
    return fields


@dataclass
class Delivered:
    """What the far side has of a delivery. decision: "" before the first of both comes."""

    decision: str = ""
    effect: Effect | None = None
    outcome: str = ""  # how it was ended before its time


class FarSide:
    """The receipts of a host, by the ids of requests and the numbers of their deliveries."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[tuple[str, int], Delivered] = {}
        self.silent: set[str] = set()  # requests that the far side could not be asked about, the last time
        self.closed = False
        self.plans: list[tuple[float, Callable[[], object]]] = []  # what happens there, whatever happens here

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        self.plans.append((self.world.now + seconds, do))
        self.world.after(seconds, do)

    def plan_again(self) -> None:
        """The world has forgotten what was to happen here."""
        self.plans = [(when, do) for when, do in self.plans if when > self.world.now]
        for when, do in self.plans:
            self.world.at(when, do)

    def of(self, request: str, delivery: int) -> Delivered:
        return self.known.setdefault((request, delivery), Delivered())

    def start(self, request: Doc, session: int, late: bool = False) -> None:
        """A delivery has come over: it runs, unless it was decided before, which only a late one can be."""
        receipt = request["receipt"]
        found = self.of(receipt["request"], receipt["delivery"])
        self.world.note(f"delivery {receipt['request']}.{receipt['delivery']} {found.decision or 'start'}")
        if self.closed:
            raise Wrong(f"{request['id']} came over after the receipts of its run were removed")
        if found.decision and not late:
            raise Wrong(f"delivery {receipt['delivery']} of {request['id']} was sent twice")
        if found.decision:
            return
        found.decision = "start"
        lost, self.world.lost = self.world.lost, set()  # it was sent before a resume asked about anything
        effect = found.effect = self.world.start_effect(request)
        self.world.lost = lost
        effect.remote, effect.session = True, session
        lasts = effect.until - self.world.now
        if lasts > request["timeout"]:
            self.after(request["timeout"], lambda: self.end(found, "timeout"))
        else:
            self.after(lasts, lambda: self.world.end_effect(effect, "ended"))

    def end(self, found: Delivered, outcome: str) -> None:
        if found.effect is not None and found.effect.ended is None:
            found.outcome = outcome
            self.world.end_effect(found.effect, outcome)

    def require_unknown(self, identity: str, record: Doc) -> None:
        """A person may be asked about a delivery with a receipt only where the far side had no answer."""
        if "receipt" in record["doc"]["request"] and identity not in self.silent:
            raise Wrong(f"a person is asked about {identity}, and its receipt could have been")


def check_receipts(history: RunHistory) -> None:
    """A delivery follows another one of its session only if that never started, which is on disk. Raises Wrong."""
    for session in history.sessions():
        sent: set[str] = set()
        for what, doc in ((one["what"], one["doc"]) for one in session):
            if what == "never_started":
                sent.discard(doc["id"])
            elif what == "intent":
                identity = doc["request"]["id"]
                if identity in sent:
                    raise Wrong(f"{identity} was delivered again, and the journal does not say why")
                if "receipt" in doc["request"]:
                    sent.add(identity)


class RemoteStage(RunnerStage):
    """A runner with receipts. What it has started is not its own: it waits for its end."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.about = {**self.about, "argv": ["remote", "{words}"], "receipts": {"from": 0}}
        self.waiting: dict[str, tuple[Doc, Delivered]] = {}
        self.held: set[str] = set()  # requests that have not come over yet
        self.cancelled: set[str] = set()

    def send(self, doc: Doc) -> None:
        if "ask" in doc:  # which starts nothing, so it may go out at any time
            self.world.step(f"send {self.name}")
            copy = documents.decode(documents.encode(doc))
            self.arrive(lambda: self.take(copy))
        else:
            super().send(doc)

    def take(self, doc: Doc) -> None:
        if doc["kind"] == "cancel":
            self.cancel(doc)
        elif "ask" in doc:
            self.question(doc)
        elif "receipt" in doc:
            self.deliver(doc)
        else:
            self.start(doc)

    def cancel(self, doc: Doc) -> None:
        identity = doc["id"]
        self.cancelled.add(identity)
        if identity in self.held:
            self.held.discard(identity)
            self.say(doc, "unknown", None, **{"class": "connection_lost"})
        elif (one := self.waiting.get(identity)) is not None:
            self.world.far_side.end(one[1], "timeout" if doc["reason"] == "timeout" else "signalled")

    def deliver(self, doc: Doc) -> None:
        if doc["id"] in self.cancelled:
            raise Wrong(f"{doc['id']} was delivered again after flow had cancelled it")
        world, receipt = self.world, doc["receipt"]
        draw = world.draw("fate", receipt["request"], receipt["delivery"], world.driven)
        fate, session = draw.choice(FATES), world.driven - 1
        if draw.random() < 0.05:
            self.say(doc, "not_started", 126, **{"class": "no_receipts"})
            return
        found = world.far_side.of(receipt["request"], receipt["delivery"])
        if fate == "stuck":  # on its way until somebody cancels it, or for some time
            self.held.add(doc["id"])
            world.after(draw.choice((3.0, 20.0)), lambda: self.give_up(doc))
            return
        if fate in ("dropped", "late"):
            if fate == "late":
                world.far_side.after(draw.choice((0.1, 3.0, 30.0)), lambda: self.come_late(doc, session))
            self.say(doc, "unknown", None, **{"class": "connection_lost"})
            return
        world.far_side.start(doc, session)
        self.event(doc["id"], "started")
        if fate == "lost":
            self.say(doc, "unknown", None, **{"class": "connection_lost"})
            return
        self.wait_for(doc, found)

    def give_up(self, doc: Doc) -> None:
        if self.alive and doc["id"] in self.held:
            self.held.discard(doc["id"])
            self.say(doc, "unknown", None, **{"class": "connection_lost"})

    def come_late(self, doc: Doc, session: int) -> None:
        if not self.world.far_side.closed:
            self.world.far_side.start(doc, session, late=True)

    def question(self, doc: Doc) -> None:
        ask, world = doc["ask"], self.world
        if ask["do"] == "close":
            world.far_side.closed = True
            self.say(doc, "ok", 0)
            return
        side, draw = world.far_side, world.draw("asked", ask["request"], doc["id"], world.driven, world.steps)
        side.silent.discard(ask["request"])
        if draw.random() < 0.1:
            side.silent.add(ask["request"])
            if draw.random() < 0.5:
                self.die()
            else:
                self.say(doc, "unknown", None, **{"class": "unreachable"})
            return
        found = side.of(ask["request"], ask["delivery"])
        if not found.decision:
            found.decision = "void"
        if found.decision == "void":
            self.say(doc, "not_started", 126, settled="never_started")
            return
        if ask["do"] == "end":
            side.end(found, "signalled")
        if found.effect is not None and found.effect.ended is None:
            self.event(doc["id"], "running")
        self.wait_for(doc, found)

    def wait_for(self, doc: Doc, found: Delivered) -> None:
        self.waiting[doc["id"]] = (doc, found)
        self.look(doc["id"])

    def look(self, identity: str) -> None:
        """Answer when it has ended."""
        if not self.alive or identity not in self.waiting:
            return
        doc, found = self.waiting[identity]
        effect = found.effect
        assert effect is not None
        if effect.ended is None:
            self.world.after(0.05, lambda: self.look(identity))
            return
        del self.waiting[identity]
        code = {"timeout": 124, "signalled": 143}.get(found.outcome, effect.code)
        text = "" if found.outcome else effect.text
        outcome = found.outcome or ("failed" if code else "ok")
        keys = {"exit_code": code, "outcome": outcome, "stdout": text, "stderr": "", "seconds": 0.1}
        self.report(effect, documents.document("result", code == 0, id=identity, settled="ended", **keys))

    def say(self, doc: Doc, outcome: str, code: int | None, **keys: Any) -> None:
        made = {"exit_code": code, "outcome": outcome, "stdout": "", "stderr": "", "reason": outcome, **keys}
        self.answer(documents.document("result", code == 0, id=doc["id"], **made))

    def at_end_of_input(self) -> None:
        super().at_end_of_input()
        self.waiting.clear()


# -- faults planted into the driver


def resends_what_was_lost() -> contextlib.AbstractContextManager[None]:
    """A lost line is taken for never started."""
    real = Outcomes.act

    def act(outcomes: Outcomes, question: Any, answer: Any) -> None:
        real(outcomes, question, answer._replace(settled=answer.settled or "never_started"))

    return put(Outcomes, "act", act)


def void_is_sent_again() -> contextlib.AbstractContextManager[None]:
    """Each delivery of a request has the same number."""
    real = DeliveryBook.receipt

    def receipt(book: DeliveryBook, exec_type: str, request: Any) -> Any:
        made = real(book, exec_type, request)
        return made and {**made, "delivery": 1}

    return put(DeliveryBook, "receipt", receipt)


def numbers_begin_again() -> contextlib.AbstractContextManager[None]:
    """A resume does not know which deliveries there were."""
    return put(DeliveryBook, "take_over", lambda book, past: None)


def running_is_run_again() -> contextlib.AbstractContextManager[None]:
    """What runs on the far side is for the operator to decide."""
    real = resumed_receipts.ResumedReceipts.unanswered

    def unanswered(asked: Any) -> list[str]:
        running = [one for one in asked.steps if asked._receipts.questions[one].answer is None]
        return list(real(asked)) + running

    return put(resumed_receipts.ResumedReceipts, "unanswered", unanswered)


def void_is_not_on_disk() -> contextlib.AbstractContextManager[None]:
    """The journal does not have what never started."""
    return put(Outcomes, "_void", lambda outcomes, request, because: None)


def started_after_a_signal() -> contextlib.AbstractContextManager[None]:
    """What never started is delivered again although the run is to end."""

    def again(outcomes: Outcomes, question: Any, text: str) -> None:
        outcomes.requests.add_again(question.exec_type, question.request)

    return put(Outcomes, "_deliver_again", again)


def cancel_is_forgotten() -> contextlib.AbstractContextManager[None]:
    """What flow has cancelled before its line was lost is delivered again where it never started."""
    real = Receipts._question

    def question(receipts: Receipts, sent: Any, request: Any, lost: Any) -> Any:
        receipts._cancelled.clear()
        return real(receipts, sent, request, lost)

    return put(Receipts, "_question", question)


def operator_first() -> contextlib.AbstractContextManager[None]:
    """A resume asks no receipts."""
    real = settlement.Settlement.__init__

    def init(one: Any, replay: Any, tasks: Any, decide: Any, elapsed: Any, can_ask: Any) -> None:
        real(one, replay, tasks, decide, elapsed)

    return put(settlement.Settlement, "__init__", init)


RECEIPT_FAULTS: list[Callable[[], contextlib.AbstractContextManager[None]]] = [
    *(resends_what_was_lost, void_is_sent_again, numbers_begin_again, running_is_run_again, started_after_a_signal),
    *(operator_first, void_is_not_on_disk, cancel_is_forgotten),
]
