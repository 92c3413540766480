"""The order of a chain: which member comes after which (docs/language.md §6): for flow, checks and the plan."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Task


class ChainOrder:
    """members: the tasks of a chain, in order. jumps: those that an on_failure of a member names, which are reached by
    jumps alone; handlers: those of them that a member which is no decision names. first: where a host begins. last:
    the tasks of `finally`. Numbers without a task are left out."""

    def __init__(self, index: WorkflowIndex, task: Task) -> None:
        self.members = [one for one in dict.fromkeys(index.members(task, "tasks")) if one in index.tasks]
        self.last = [one for one in dict.fromkeys(index.members(task, "finally")) if one in index.tasks]
        named = {index.number(index.tasks[one], "on_failure") for one in self.members}
        plain = [one for one in self.members if not index.is_decision(one)]
        self.handlers = {index.number(index.tasks[one], "on_failure") for one in plain}
        self.jumps = {one for one in self.members if one in named}
        self._following: dict[int, int | None] = {}
        following: int | None = None
        for one in reversed(self.members):
            self._following[one] = following
            following = following if one in self.jumps else one
        self.first = following

    def after(self, number: int) -> int | None:
        """The next member that is reached without a jump; None at the end of the chain."""
        return self._following[number]
