"""What happens to a run, as events for flow: results, signals, timers, host checks, runners that fail."""

from __future__ import annotations

import errno
import signal

from tasker.journal.format import without_stored_streams
from tasker.protocol.results import without_unread_streams
from tasker.text.masking import RESULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.driver.write_ahead import WriteAhead
    from tasker.protocol.types import Request, Result


class RunEvents:
    """Each is masked, kept for flow and the journal, and shown as soon as it is on the disk.

    interrupted: see RunOutcome.
    """

    __slots__ = ("ahead", "context", "interrupted", "observers")

    def __init__(self, context: RunContext, observers: Observers, ahead: WriteAhead) -> None:
        self.context, self.observers, self.ahead = context, observers, ahead
        self.interrupted = False

    def on_result(self, request: Request, result: Result) -> None:
        """A request has ended."""
        result = self.context.secrets.document(result, RESULT)  # before anything sees it, flow too
        identity, ahead = request["id"], self.ahead
        for_flow = without_unread_streams(result, request.get("needs"))
        ahead.keep("result", without_stored_streams(result), id=identity, result=for_flow)
        if ahead.lost:
            self.observers.on_unrecorded_result(identity, result)
            return
        if result.get("storage") and self.context.journal:
            reason = result.get("lost", "no reason given")
            ahead.lost_output = OSError(errno.EIO, reason, self.context.output_folder)
        if self.context.recording:
            self.context.recording.add(request, result)
        ahead.show_later(lambda: self.observers.on_result(result, request), identity, result)

    def on_failure(self, reason: str, idle: bool) -> None:
        """A runner broke its contract. idle: it had nothing in flight, so no result will show that."""
        reason = self.context.secrets.text(reason)
        if idle:
            self.interrupted = True
            self.ahead.keep_failure(reason)
        if not self.ahead.lost:
            self.ahead.show_later(lambda: self.observers.report("ERROR", reason))

    def on_signal(self, number: int) -> None:
        name = signal.Signals(number).name
        self.interrupted = True
        self.ahead.keep("signal", {"signal": name}, signal=name)

    def on_timer(self, identity: str) -> None:
        self.ahead.keep("fired", {"id": identity}, id=identity)

    def on_host(self, identity: str, ok: bool, message: str) -> None:
        """A host name was checked: may it be used, and why not."""
        kept = {"id": identity, "ok": ok, "message": message}
        self.ahead.keep("host", kept, **kept)
