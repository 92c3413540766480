"""The slots of a block: how many of its members may run at once (`max_parallel`)."""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule

MOST = 10_000  # at once, when max_parallel is not given


class Slots:
    """How many may run at once. Who waits is served in order, unless the brake is on."""

    def __init__(self, number: int, brake: StopRule) -> None:
        self.free, self.brake = number, brake
        self.queue: deque[str] = deque()  # ids that the members wait for

    def take(self, run: RunState) -> CoroutineOf[None]:
        """Wait for a slot. An activity."""
        if self.free:
            self.free -= 1
            return
        identity = run.identity("slot")
        self.queue.append(identity)
        yield identity

    def give(self, run: RunState) -> None:
        """Give a slot back: to the first who still waits."""
        while self.queue and not self.brake.why:
            if run.machine.fire(self.queue.popleft(), None):
                return
        self.free += 1
