"""What a resume does about requests that were sent and have no result, before anything else goes on.

Receipts are asked for first (`resumed_receipts.py`). Flow is asked what settles each of the others (`lost`): it asks
the probe of the task, and says so with a step `settle`. Only for what neither a probe nor `idempotent` settles the
operator is needed. Until all of them are settled, nothing of the run continues, so that a resume that still has to ask
a person has started nothing but probes.
"""

from __future__ import annotations

from tasker.driver import takeover
from tasker.driver.run_context import RunRefused, identity_of
from tasker.language.fields import SETTLING
from tasker.protocol.document import document
from tasker.protocol.exit_codes import SIGNAL_CODES, STAGE_FAILED
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tasker.driver.conversation import Conversation
    from tasker.driver.resumed_receipts import ResumedReceipts
    from tasker.driver.write_ahead import RunEvents
    from tasker.journal.flow_replay import FlowReplay
    from tasker.journal.format import Record
    from tasker.protocol.types import Document, Step, Task

    Decide = Callable[[Mapping[str, Record]], dict[str, str]]  # a word for each, or it raises RunRefused

OPERATOR, RERUN, UNDECIDED = "operator", "rerun", "undecided"
DECIDED_FAILURE = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed"}
DECIDED_FAILURE |= {"decided": OPERATOR, "stdout": "", "stderr": ""}


class Settlement:
    """decide: asks the operator's words about these. elapsed: seconds since a record. can_ask: can a delivery be asked
    about, of which this is the intent?

    receipted: id → intent, of the deliveries that are asked about first. lost: of the requests that flow is asked
    about. probes: the same of probes without a result, which are asked again, as they only read. rest: for these there
    is only the operator. words: id → word, of the operator.
    """

    __slots__ = (
        *("_conversation", "_pace", "asking", "decide", "elapsed", "lost", "probes", "receipted", "receipts"),
        *("replay", "rest", "settled", "settling", "words"),
    )

    def __init__(
        self,
        replay: FlowReplay,
        tasks: Iterable[Task],
        decide: Decide,
        elapsed: Callable[[Record], float],
        can_ask: Callable[[Record], bool] = lambda record: False,
    ) -> None:
        self.settling = {task["task"] for task in tasks if any(field in task for field in SETTLING)}
        self.replay, self.decide, self.elapsed = replay, decide, elapsed
        self.receipted: dict[str, Record] = {}
        self.receipts: ResumedReceipts | None = None
        self.lost: dict[str, Record] = {}
        self.probes: dict[str, Record] = {}
        self.rest: dict[str, Record] = {}
        for identity, record in replay.unknown().items():
            request = record["doc"]["request"]
            if "probe" in request:
                self.probes[identity] = record
            elif can_ask(record):
                self.receipted[identity] = record
            else:
                self._group(request)[identity] = record
        # request → its probe, for which flow waits: a resume before this one has asked it, or was about to
        steps = {identity: step["request"] for identity, step in replay.requests.items()}
        open_ones = self.lost.keys() | self.receipted.keys()
        self.asking = {one["of"]: identity for identity, one in steps.items() if one.get("of") in open_ones}
        self.words = decide(self.rest)
        self.settled: dict[str, Step] = {}
        self._conversation: Conversation
        self._pace: Document | None = None

    def _group(self, request: Document) -> dict[str, Record]:
        return self.lost if request["task"] in self.settling else self.rest

    def begin(self, conversation: Conversation, kill: bool = False, pace: Document | None = None) -> None:
        """Ask for receipts, then flow about what was lost; without that, continue at once. kill: end what runs. pace:
        what a resume changes for what has not started: it can start more."""
        self._conversation, self._pace = conversation, pace
        if (asker := conversation.receipts) is not None:
            asker.book.take_over(self.replay.past)
        if not self.receipted or asker is None:
            self._ask_flow()
            return
        from tasker.driver.resumed_receipts import ResumedReceipts  # here: few runs have receipts

        steps = {identity: as_step(self.replay.requests[identity]) for identity in self.receipted}
        self.receipts = ResumedReceipts(conversation, asker, steps, self.asking, self._after_receipts)
        self.receipts.begin(self.receipted, kill)

    def _after_receipts(self) -> None:
        """Each receipt has answered: what none knows of is for flow, or the operator."""
        assert self.receipts is not None
        _require_uninterrupted(self._conversation.events)
        rest: dict[str, Record] = {}
        for identity in self.receipts.unanswered():
            record = self.receipted.pop(identity)
            self.receipts.forget(identity)
            group = self._group(record["doc"]["request"])
            (rest if group is self.rest else group)[identity] = record
        for identity in self.asking.keys() & self.receipted.keys():  # flow waits for a probe, and takes nothing before
            self.lost[identity] = self.receipted[identity]
        self.words |= self.decide(rest)
        self._ask_flow()

    def _ask_flow(self) -> None:
        conversation = self._conversation
        if not self.lost:
            self._continue()
            return
        conversation.on_settle = self._on_settle
        what = count_of(len(self.lost), "command")
        conversation.observers.report("INFO", f"{what} without a result: asking what settles that")
        for identity in self.lost:
            waits = self.asking.get(identity, identity)
            self.probes.pop(waits, None)
            self._keep_lost(waits)

    def _on_settle(self, step: Step) -> None:
        self.settled[identity_of(step)] = step
        if self.settled.keys() >= self.lost.keys():
            self._conversation.on_settle = None
            _require_uninterrupted(self._conversation.events)
            undecided = [identity for identity, one in self.settled.items() if one["verdict"] == UNDECIDED]
            undecided = [identity for identity in undecided if identity not in self.receipted]
            self.words |= self.decide({identity: self.lost[identity] for identity in undecided})
            self._continue()

    def _continue(self) -> None:
        """Begin with what flow waits for where the replay ends. What is not lost was never sent."""
        conversation, replay = self._conversation, self.replay
        if self._pace:
            conversation.ahead.keep("pace", {"pace": self._pace}, pace=self._pace)
        over = [one for one, (step, _) in replay.timers.items() if "until" in step and _is_over(step, conversation)]
        for identity in over:  # before what flow does next
            conversation.events.clocks.add(identity)
            conversation.events.on_timer(identity)
        for identity in self.probes:
            self._keep_lost(identity)
        for identity, step in replay.requests.items():
            if self.receipts is not None and identity in self.receipted:
                self.receipts.release(identity)
            elif identity in self.words:
                self._take_word(identity, self.words[identity])
            elif identity in self.settled:
                self._keep_settled(identity, self.settled[identity]["by"], self.settled[identity])
            elif identity not in replay.past.asked and identity not in self.asking.values():
                conversation.take(as_step(step))
        for identity, (step, record) in replay.timers.items():
            if identity in over:
                continue
            conversation.take(as_step({**step, "seconds": max(0.0, step["seconds"] - self.elapsed(record))}))
        _take_rest(replay, conversation)

    def _take_word(self, identity: str, word: str) -> None:
        """What the operator has decided."""
        ahead = self._conversation.ahead
        if word == "skip":
            ahead.keep("skip", {"id": identity}, id=identity)
        elif word == "fail":
            result = document("result", False, id=identity, **DECIDED_FAILURE)
            ahead.keep("result", result, id=identity, result=result)
        elif identity in self.settled:
            self._keep_settled(identity, OPERATOR, {**self.settled[identity], "verdict": RERUN})
        else:
            self._conversation.take(as_step(self.replay.requests[identity]))

    def _keep_lost(self, identity: str) -> None:
        self._conversation.ahead.keep("lost", {"id": identity}, id=identity)

    def _keep_settled(self, identity: str, by: str, step: Step) -> None:
        verdict, because = step["verdict"], step["because"]
        keys = {"id": identity, "by": by, "verdict": verdict}
        self._conversation.ahead.keep("settled", {**keys, "because": because}, **keys)
        if verdict == RERUN:
            self._conversation.take(as_step(self.replay.requests[identity]))


def _require_uninterrupted(events: RunEvents) -> None:
    """Raises RunRefused: a signal came, so that nothing is started again. Another resume asks again."""
    if events.signal:
        raise RunRefused(SIGNAL_CODES[events.signal], f"interrupted by {events.signal}")
    if events.interrupted:
        raise RunRefused(STAGE_FAILED, "a stage broke while it was asked what settles lost results")


def _take_rest(replay: FlowReplay, conversation: Conversation) -> None:
    """What flow waits for besides requests and timers."""
    for step in (*replay.checks.values(), *replay.questions.values()):
        conversation.take(as_step(step))
    for identity in replay.windows:
        from tasker.driver.time_of_day import local_time  # here: few runs have a window

        conversation.events.on_window(identity, local_time(conversation.context.clock.wall()))
    if replay.exit is not None:
        conversation.take(as_step(replay.exit))


def operator_words(
    given: Mapping[str, str], report: Callable[[str, str], None], help_out: Callable[[Mapping[str, Record]], None]
) -> Decide:
    """What asks for the words of --unknown. help_out: reports the commands that help where one is missing."""

    def decide(unknown: Mapping[str, Record]) -> dict[str, str]:
        try:
            return takeover.decide_unknown(unknown, given, report)
        except RunRefused:
            help_out(unknown)
            raise

    return decide


def _is_over(step: Document, conversation: Conversation) -> bool:
    from tasker.driver.time_of_day import seconds_until  # here: few runs have such a time

    since = step.get("since", conversation.context.started)
    return seconds_until(step["until"], since, conversation.context.clock.wall()) <= 0


def as_step(doc: Document) -> Step:
    """A step of flow, by its type."""
    return doc  # type: ignore[return-value]  # FlowReplay has it from flow
