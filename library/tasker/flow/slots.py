"""The slots of a block: how many of its members may run at once (`max_parallel`)."""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule


class Slots:
    """Limits how many members run at once. Members get slots in order, until the stop rule applies."""

    def __init__(self, number: int, stop_rule: StopRule) -> None:
        self.free, self.stop_rule = number, stop_rule
        self.queue: deque[str] = deque()  # ids that the members wait for

    def take(self, run: RunState) -> CoroutineOf[None]:
        """Wait for a slot. A coroutine."""
        if self.free:
            self.free -= 1
            return
        identity = run.new_id("slot")
        self.queue.append(identity)
        yield identity

    def give(self, run: RunState) -> None:
        """Give a slot back. The first member that still waits gets it."""
        while self.queue and not self.stop_rule.reason:
            if run.scheduler.deliver(self.queue.popleft(), None):
                return
        self.free += 1
