"""What happened to a command, or in one run of a block, in the task at which a run forks (journal/forking.py)."""

from __future__ import annotations

from tasker.language.fields import SETTLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.protocol.types import Document


class Node:
    """A command with its attempts (a leaf), or one run of a block, in the visit at which a run forks."""

    __slots__ = (
        *("attempt", "children", "ended", "host", "identity", "inherited", "loop_failed"),
        *("decided", "out_of_time", "reason", "settled", "skipped", "success", "task"),
    )

    def __init__(self, task: int, host: str | None = None) -> None:
        self.task, self.host = task, host
        self.children: list[Node] = []
        self.identity = ""  # of the request of its last attempt
        self.inherited = ""  # id of the unit that stood for it
        self.attempt = 0
        self.ended = self.success = self.skipped = self.loop_failed = False
        self.out_of_time = False  # of a block: were members not started because of that?
        self.reason = ""  # why it was never started
        self.settled: Document = {}  # what of its result a probe or a boot id has decided
        self.decided = ""  # which of them

    def leaves(self) -> Iterator[Node]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def take_end(self, step: Document) -> None:
        """Take a note about its end."""
        because = step.get("because", "")
        self.ended, self.inherited = True, step.get("inherited", "")
        self.success, self.reason = bool(step.get("success")), because
        self.attempt = self.attempt or step.get("attempt", 1)
        if step.get("decided") in SETTLED:
            self.decided = step["decided"]
            self.settled = {"ok": self.success, "outcome": step["outcome"], "exit_code": step["exit_code"]}
            self.settled["reason"] = because
