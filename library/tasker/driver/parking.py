"""Leave a run to a resume (`--park`): where it waits for people, and where no wave may begin any more."""

from __future__ import annotations

from tasker.driver.run_context import RunOutcome, identity_of
from tasker.protocol.exit_codes import WAITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.driver.run_context import RunContext
    from tasker.driver.write_ahead import WriteAhead
    from tasker.protocol.types import Document, Step


def park(context: RunContext, ahead: WriteAhead, why: str, record: Document) -> RunOutcome:
    """Write that the run is parked; how this session of it ends. record: `id` and `task`. Raises OSError."""
    assert context.journal is not None  # a dry run waits for nothing
    if context.settings.get("instance_lock"):
        from tasker.driver import instance_lock  # here: few runs have one

        instance_lock.keep_for(context.folder)  # first: it holds from the moment when the journal says that we parked
    context.journal.add("parked", record)
    ahead.sync()
    return RunOutcome(WAITING, why)


def park_at_window(context: RunContext, ahead: WriteAhead, step: Step) -> RunOutcome:
    """Flow begins nothing more until a resume. Raises OSError."""
    why = f"task {step['task']} waits to be resumed: {step['reason']}"
    made = park(context, ahead, why, {"id": identity_of(step), "task": step["task"], "reason": step["reason"]})
    ahead.show()
    return made
