"""The slots of a block: how many of its members may run at once (`max_parallel`)."""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule
    from tasker.protocol.types import Task


class Slots:
    """Limits how many members run at once. Members get slots in order, until the stop rule applies."""

    def __init__(self, number: int, stop_rule: StopRule) -> None:
        self.number, self.free, self.stop_rule = number, number, stop_rule  # free: below 0 after there became fewer
        self.queue: deque[str] = deque()  # ids that the members wait for

    def take(self, run: RunState) -> CoroutineOf[None]:
        """Wait for a slot. A coroutine."""
        if self.free > 0:
            self.free -= 1
            return
        identity = run.new_id("slot")
        self.queue.append(identity)
        yield identity

    def give(self, run: RunState) -> None:
        """Give a slot back. The first member that still waits gets it."""
        while self.free >= 0 and self.queue and not self.stop_rule.reason:
            if run.scheduler.deliver(self.queue.popleft(), None):
                return
        self.free += 1

    def follow_pace(self, run: RunState, task: Task) -> None:
        """Take `max_parallel` and `stop_on` of the block as they are whenever they change. What runs keeps its slot."""
        run.on_pace[task["task"]] = lambda: self._read_pace(run, task)

    def _read_pace(self, run: RunState, task: Task) -> None:
        self.stop_rule.read_rule(task)
        number = run.index.at_once(task)
        more, self.number = number - self.number, number
        self.free += min(more, 0)
        for _ in range(more):
            self.give(run)
