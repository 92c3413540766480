"""What a resume does about requests that were sent and have no result, before anything else goes on.

Flow is asked what settles each of them (`lost`): it asks the probe of the task, and says so with a step `settle`. Only
for what neither a probe nor `idempotent` settles the operator is needed. Until all of them are settled, nothing of the
run continues, so that a resume that still has to ask a person has started nothing but probes.
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
    from tasker.journal.flow_replay import FlowReplay
    from tasker.journal.format import Record
    from tasker.protocol.types import Document, Step, Task

    Decide = Callable[[Mapping[str, Record]], dict[str, str]]  # a word for each, or it raises RunRefused

OPERATOR, RERUN, UNDECIDED = "operator", "rerun", "undecided"
DECIDED_FAILURE = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed"}
DECIDED_FAILURE |= {"decided": OPERATOR, "stdout": "", "stderr": ""}


class Settlement:
    """decide: asks the operator's words about these. elapsed: seconds since a record.

    lost: id → intent, of the requests that flow is asked about. probes: the same of probes without a result, which are
    asked again, as they only read. rest: for these there is only the operator. words: id → word, of the operator.
    """

    __slots__ = ("_conversation", "asking", "decide", "elapsed", "lost", "probes", "replay", "rest", "settled", "words")

    def __init__(
        self, replay: FlowReplay, tasks: Iterable[Task], decide: Decide, elapsed: Callable[[Record], float]
    ) -> None:
        settling = {task["task"] for task in tasks if any(field in task for field in SETTLING)}
        self.replay, self.decide, self.elapsed = replay, decide, elapsed
        self.lost: dict[str, Record] = {}
        self.probes: dict[str, Record] = {}
        self.rest: dict[str, Record] = {}
        for identity, record in replay.unknown().items():
            request = record["doc"]["request"]
            group = self.probes if "probe" in request else self.lost if request["task"] in settling else self.rest
            group[identity] = record
        # request → its probe, for which flow waits: a resume before this one has asked it, or was about to
        steps = {identity: step["request"] for identity, step in replay.requests.items()}
        self.asking = {one["of"]: identity for identity, one in steps.items() if one.get("of") in self.lost}
        self.words = decide(self.rest)
        self.settled: dict[str, Step] = {}
        self._conversation: Conversation

    def begin(self, conversation: Conversation) -> None:
        """Ask flow about what was lost; without that, continue at once."""
        self._conversation = conversation
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
            self._require_uninterrupted()
            undecided = [identity for identity, one in self.settled.items() if one["verdict"] == UNDECIDED]
            self.words |= self.decide({identity: self.lost[identity] for identity in undecided})
            self._continue()

    def _require_uninterrupted(self) -> None:
        """Raises RunRefused: a signal came, so that nothing is started again. Another resume asks again."""
        events = self._conversation.events
        if events.signal:
            raise RunRefused(SIGNAL_CODES[events.signal], f"interrupted by {events.signal}")
        if events.interrupted:
            raise RunRefused(STAGE_FAILED, "a stage broke while a probe was asked")

    def _continue(self) -> None:
        """Begin with what flow waits for where the replay ends. What is not lost was never sent."""
        conversation, replay = self._conversation, self.replay
        over = [one for one, (step, _) in replay.timers.items() if "until" in step and _is_over(step, conversation)]
        for identity in over:  # before what flow does next
            conversation.events.clocks.add(identity)
            conversation.events.on_timer(identity)
        for identity in self.probes:
            self._keep_lost(identity)
        for identity, step in replay.requests.items():
            if identity in self.words:
                self._take_word(identity, self.words[identity])
            elif identity in self.settled:
                self._keep_settled(identity, self.settled[identity]["by"], self.settled[identity])
            elif identity not in replay.past.asked and identity not in self.asking.values():
                conversation.take(as_step(step))
        for identity, (step, record) in replay.timers.items():
            if identity in over:
                continue
            conversation.take(as_step({**step, "seconds": max(0.0, step["seconds"] - self.elapsed(record))}))
        for step in replay.checks.values():
            conversation.take(as_step(step))
        for step in replay.questions.values():
            conversation.take(as_step(step))
        for identity in replay.windows:
            from tasker.driver.time_of_day import local_time  # here: few runs have a window

            conversation.events.on_window(identity, local_time(conversation.context.clock.wall()))
        if replay.exit is not None:
            conversation.take(as_step(replay.exit))

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
