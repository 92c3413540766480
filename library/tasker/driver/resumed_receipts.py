"""What a resume does first: it asks for the receipt of each delivery that has no result.

Nothing is decided before all have answered, and nothing of the run continues. What runs counts as answered; its result
comes later, like that of any command.
"""

from __future__ import annotations

from tasker.driver.receipts import END, ENDED, NEVER_STARTED, RUNNING, SETTLE, Question
from tasker.driver.run_context import RunRefused
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tasker.driver.conversation import Conversation
    from tasker.driver.receipts import Receipts
    from tasker.journal.format import Record
    from tasker.protocol.types import Step


class ResumedReceipts:
    """steps: id → the step of flow with that request. ended_first: ids of those whose result flow does not take yet, so
    their end is waited for. proceed: called once, when each has answered; it may raise RunRefused.
    """

    __slots__ = ("_conversation", "_ended_first", "_proceed", "_receipts", "steps")

    def __init__(
        self,
        conversation: Conversation,
        receipts: Receipts,
        steps: Mapping[str, Step],
        ended_first: Collection[str],
        proceed: Callable[[], None],
    ) -> None:
        self._conversation, self._receipts, self.steps = conversation, receipts, steps
        self._ended_first, self._proceed = ended_first, proceed

    def begin(self, intents: Mapping[str, Record], kill: bool) -> None:
        """intents: id → the record that it was sent with. kill: end what runs."""
        conversation = self._conversation
        for identity, step in self.steps.items():
            request = conversation.requests.completed(step)
            request["receipt"] = intents[identity]["doc"]["request"]["receipt"]
            question = Question((step["exec"], intents[identity]["at"]), request, None, END if kill else SETTLE)
            question.again = self._taker(step)
            self._receipts.ask(question)
        what = count_of(len(self.steps), "command")
        conversation.observers.report("INFO", f"{what} without a result: asking for receipts")
        self._receipts.on_news = self._on_news

    def _taker(self, step: Step) -> Callable[[], None]:
        return lambda: self._conversation.take(step)

    def _on_news(self) -> None:
        events = self._conversation.events
        if not events.signal and not all(map(self._has_answered, self.steps)):
            return
        self._receipts.on_news = None
        self._proceed()

    def _has_answered(self, identity: str) -> bool:
        question = self._receipts.questions[identity]
        return question.answer is not None or (question.running and identity not in self._ended_first)

    def unanswered(self) -> list[str]:
        """Those that somebody else has to decide about, as they cannot be asked about.

        Raises RunRefused where one runs and cannot be waited for.
        """
        found = []
        for identity in self.steps:
            answer = self._receipts.questions[identity].answer
            if answer is not None and answer.settled == RUNNING:
                where = f"task {self.steps[identity]['request']['task']}"
                why = answer.result.get("reason") or "its end was not seen"
                raise RunRefused(OUTCOME_UNKNOWN, f"{where} still runs on the far side ({why}): resume again later")
            if answer is not None and answer.settled not in (ENDED, NEVER_STARTED):
                found.append(identity)
        return found

    def forget(self, identity: str) -> None:
        self._receipts.forget(identity)

    def release(self, identity: str) -> None:
        """Act upon what the receipt says: its result, another delivery, or waiting."""
        self._conversation.observers.progress.on_taken_over(self._receipts.questions[identity].request)
        self._receipts.release(identity)
