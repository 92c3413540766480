"""The order on disk of a run (docs/decisions/0021): whatever is acted upon or shown was synced before.

1. keep: an event has come in.
2. pass_on: flow gets it, and while flow works, it is written to the journal. Flow is pure, so it acts on nothing.
3. sync_intents, sync: results and the requests that follow from them are on the disk, in one sync.
4. Only then the conversation sends requests, cancels, looks up a host.
5. show: people see what happened, while the runners work.

When log or journal fails, `give_up` and `rescue`: results go to stderr, and to whichever file still takes them.
"""

from __future__ import annotations

import errno

from tasker.driver.run_context import identity_of
from tasker.journal.format import without_stored_streams
from tasker.protocol.document import document
from tasker.protocol.results import without_unread_streams
from tasker.system.signals import ENDING, signal_name
from tasker.text.masking import RESULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
    from typing import Any

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.protocol.types import Document, Event, Request, Result, Step
    from tasker.text.masking import Masker

    # kind of the record, the event for flow (None: it gets none), what the journal keeps of it
    Kept = tuple[str, Event | None, Document]
    Shown = tuple[Callable[[], None], str, Result | None]  # the show, the identity and the result that it is about
else:
    from _collections import deque  # the C part: `collections` takes 2 ms of the start


# what is on the disk before flow gets it: whoever has asked or answered was promised so
BEFORE_FLOW = ("answer", "question")
STRUCK = tuple(128 + number for number in ENDING)  # exit codes of what such a signal has ended


class WriteAhead:
    """Events from when they come in until they are on the disk, and what people see of them after that.

    lost: log or journal failed. lost_output: the error because of which an output is not stored as a whole.
    """

    __slots__ = ("context", "events", "lost", "lost_output", "observers", "to_show", "unsynced")

    def __init__(self, context: RunContext, observers: Observers) -> None:
        self.context, self.observers = context, observers
        self.events: list[Kept] = []  # that flow does not have
        self.unsynced: list[Kept] = []  # that flow has, and the disk perhaps not
        self.to_show: deque[Shown] = deque()
        self.lost = False
        self.lost_output: OSError | None = None

    # -- in

    def keep(self, event: str, kept: Document, **keys: Any) -> None:  # Any: the keys of an event
        """Something happened that flow has to know. kept: what the journal keeps of it; keys: of the event."""
        made: Event = document("event", event=event, **keys)  # type: ignore[assignment]  # an event, made here
        self.events.append((event, made, kept))

    def record(self, what: str, doc: Document) -> None:
        """Something happened that flow does not get, but the journal."""
        self.events.append((what, None, doc))

    def keep_failure(self, reason: str) -> None:
        """A stage broke its contract: before all other events, as flow must not end well on a result just before."""
        self.keep("broken", {"message": reason}, message=reason)
        self.events.insert(0, self.events.pop())

    def keep_signal(self, name: str) -> None:
        """A signal came: before all results, which it may have caused, and after the signals before it."""
        self.keep("signal", {"signal": name}, signal=name)
        place = next(place for place, one in enumerate(self.events) if one[0] != "signal" or one is self.events[-1])
        self.events.insert(place, self.events.pop())

    def show_later(self, show: Callable[[], None], identity: str = "", result: Result | None = None) -> None:
        """Call `show` as soon as everything that came before it is on the disk. result: what it shows."""
        self.to_show.append((show, identity, result))

    # -- to flow, and to the disk

    def pass_on(self, send: Callable[[Event], None], flush: Callable[[], None]) -> None:
        """The events go to flow (`send` each, then `flush`) and into the journal. Raises OSError."""
        events, self.events = self.events, []
        self.unsynced += events
        early = any(what in BEFORE_FLOW for what, _, _ in events)
        if early:
            self._add(events)
            self.sync()
        for _, event, _ in () if self.lost_output else events:
            if event is not None:
                send(event)
        flush()
        if not early:
            self._add(events)
        if self.context.journal:
            self.context.journal.write()
        if self.lost_output:  # the journal is not whole: the run must not be taken for a good one
            self.sync()
            raise self.lost_output

    def sync_intents(self, intents: Iterable[Document]) -> None:
        """Bring these intents to the disk, with all that came before. Raises OSError."""
        if self.context.journal:
            for intent in intents:
                self.context.journal.add("intent", intent)
        self.sync()

    def sync(self) -> None:
        """Bring everything that flow has to the disk. Raises OSError."""
        if self.context.journal:
            self.context.journal.sync()
        self.unsynced = []

    def _add(self, events: Iterable[Kept]) -> None:
        if self.context.journal:
            for what, _, kept in events:
                self.context.journal.add(what, kept)

    def write_records(self) -> None:
        """Flow has ended the run: add what it does not get anyway. No event follows the exit."""
        self._add([one for one in self.events if one[1] is None])
        self.events = [one for one in self.events if one[1] is not None]

    # -- to people

    def show(self, count: int | None = None) -> None:
        """Show what is on the disk by now: the first `count` of it, or all. Raises OSError."""
        if not (shown := [show for show, _, _ in self.to_show][:count]):
            return
        self.observers.hold_lines()
        try:
            for show in shown:
                show()
        finally:
            self.observers.release_lines()
        for _ in shown:
            self.to_show.popleft()  # after it: what could not be shown is shown elsewhere

    # -- the end

    def close(self, exit_step: Step) -> None:
        """The last record, and the last of what is to be shown. Raises OSError."""
        if self.context.journal:
            self.context.journal.add("exit", dict(exit_step))
            self.sync()
        self.show()

    def keep_rest(self, after_exit: bool) -> None:
        """What came in and was not passed on, because flow broke, is kept and shown. No event follows the exit."""
        if self.lost:
            return
        try:
            self._add(() if after_exit else self.events)
            self.sync()
            self.show()
        except OSError:
            self._show_unrecorded()

    # -- when log or journal fails

    def give_up(self) -> None:
        """From now on results go to stderr."""
        self.lost = True
        self._show_unrecorded()
        self.rescue()

    def _show_unrecorded(self) -> None:
        results = {identity: result for _, identity, result in self.to_show if result is not None}
        for what, event, kept in self.unsynced + self.events:
            if what == "result" and event is not None:
                results[identity_of(event)] = kept  # type: ignore[assignment]  # the journal keeps a result of it
        for identity, result in results.items():
            self.observers.on_unrecorded_result(identity, result)

    def rescue(self) -> None:
        """Where only the log fails, the journal still takes what is known: a resume needs it."""
        events, self.events = self.events, []
        if self.context.journal and not self.context.journal.failed:
            self._add(events)
            try:
                self.context.journal.sync()
            except OSError:
                pass


def _masked(secrets: Masker, result: Result) -> Result:
    """The result without secrets, and without parts of one where its runner has cut a stream."""
    result = secrets.document(result, RESULT)
    if secrets and result.get("stdout_cut"):
        result = {**result, "stdout": secrets.cut_text(result["stdout"], back=True)}
        result["stdout_end"] = secrets.cut_text(result.get("stdout_end", ""), front=True)
    if secrets and result.get("stderr_cut"):
        result = {**result, "stderr": secrets.cut_text(result["stderr"], back=True)}
        result["stderr_end"] = secrets.cut_text(result.get("stderr_end", ""), front=True)
    return result


class RunEvents:
    """What happens to a run: each is masked, kept for flow and the journal, and shown as soon as it is on the disk.

    clocks: ids of the timers that are a time of day. closed_window: the step of flow that begins nothing more until a
    resume. interrupted: see RunOutcome. struck: has a command or a runner ended as a signal that ends a run would end
    it?
    """

    __slots__ = ("ahead", "clocks", "closed_window", "context", "interrupted", "observers", "signal", "struck")

    def __init__(self, context: RunContext, observers: Observers, ahead: WriteAhead) -> None:
        self.context, self.observers, self.ahead = context, observers, ahead
        self.interrupted = self.struck = False
        self.signal = ""  # the first that came
        self.clocks: set[str] = set()
        self.closed_window: Step | None = None

    def on_result(self, request: Request, result: Result) -> None:
        """A request has ended."""
        result = _masked(self.context.secrets, result)  # before anything sees it, flow too
        if "keep" in request and self.context.run_id:
            from tasker.journal.kept_streams import with_kept_streams  # here: few outputs are used by their path

            result = with_kept_streams(self.context.output_folder, request, result)
        identity, ahead = identity_of(request), self.ahead
        outcome, code = result.get("outcome"), result.get("exit_code")
        self.struck = self.struck or outcome == "unknown" or (outcome == "signalled" and code in STRUCK)
        for_flow = without_unread_streams(result, request.get("needs"))
        ahead.keep("result", without_stored_streams(dict(result)), id=identity, result=for_flow)
        if ahead.lost:
            self.observers.on_unrecorded_result(identity, result)
            return
        if result.get("storage") and self.context.journal:
            reason = result.get("lost", "no reason given")
            ahead.lost_output = OSError(errno.EIO, reason, self.context.output_folder)
        if self.context.recording:
            self.context.recording.add(dict(request), dict(result))
        ahead.show_later(lambda: self.observers.on_result(result, request), identity, result)

    def on_failure(self, reason: str, idle: bool) -> None:
        """A runner broke its contract. idle: it had nothing in flight, so no result will show that."""
        reason = self.context.secrets.shortened(reason)
        self.struck = True
        if idle:
            self.interrupted = True
            self.ahead.keep_failure(reason)
        if not self.ahead.lost:
            self.ahead.show_later(lambda: self.observers.report("ERROR", reason))

    def on_signal(self, number: int) -> None:
        name = signal_name(number)
        self.interrupted = True
        self.signal = self.signal or name
        self.ahead.keep_signal(name)

    def on_timer(self, identity: str) -> None:
        """A timer has expired. With a time of day flow gets to know whether this session parks."""
        kept: Document = {"id": identity}
        if identity in self.clocks:
            from tasker.driver.answer_sources import parks  # here: few runs have such a time

            kept |= {"parks": True} if parks(self.context.settings) else {}
        self.ahead.keep("fired", kept, **kept)

    def on_window(self, identity: str, since: str) -> None:
        """A resume opens a new window to a run that was parked at its `start_until`. since: see time_of_day.BEGAN."""
        kept = {"id": identity, "since": since}
        self.ahead.keep("window", kept, **kept)

    def on_host(self, identity: str, ok: bool, message: str, down: list[str]) -> None:
        """A host name was checked: may it be used, and why not. down: those of a list that may be down, and are."""
        kept: Document = {"id": identity, "ok": ok, "message": message}
        kept |= {"down": down} if down else {}
        self.ahead.keep("host", kept, **kept)
