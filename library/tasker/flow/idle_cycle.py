"""Cycles of tasks, and loops, in which no command starts: the flow would repeat them until a limit.

Only results and host checks bring anything new into a run. Without them, the same state leads to the same turn of the
cycle again, without end. Sleeps and retry delays change nothing.
"""

from __future__ import annotations

from tasker.language import template
from tasker.language.fields import FIELDS, MEMBERS
from tasker.language.variables import Missing
from tasker.text.host_ranges import number_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.language.workflow_index import WorkflowIndex

    Arrival: TypeAlias = tuple[int, int, bool]  # commands started, hosts checked, in a handler?

MOST_TURNS = 10_000  # of one cycle without a command


class IdleCycle:
    """Detects that the flow repeats a cycle without starting a command. Made when a run comes to a task again."""

    def __init__(self, run: RunState) -> None:
        self.run = run
        self._turns: dict[int, int] = {}  # task -> arrivals since the last command
        # The state that later ones are compared with: (task, in a handler?, records). By Brent's algorithm it is
        # replaced after `_patience` arrivals, because the first one may lie before the cycle.
        self._state: tuple[int, bool, dict[int, TaskRecord]] | None = None
        self._age, self._patience = 0, 1

    def stop_reason(self, number: int, arrivals: Mapping[int, Arrival]) -> str:
        """Why the run must end when the flow comes to this task again, or ''.

        arrivals: the last one at each task, the oldest first, without this one.
        """
        started, checked, in_handler = arrivals[number]
        if started != self.run.started:
            self._turns, self._state = {}, None
            return ""
        turns = self._turns[number] = self._turns.get(number, 0) + 1
        tasks = list(arrivals)
        tasks = tasks[tasks.index(number) :]
        if turns >= MOST_TURNS:
            return f"{turns:,} turns of the {self._named(tasks)} without a command{self._cause(tasks)}"
        if checked != self.run.checked:  # the next answer may differ
            self._state = None
            return ""
        state = (number, self.run.in_handler, self.run.records)
        if state == self._state or (self._state is None and self._repeats(tasks, in_handler)):
            return f"the {self._named(tasks)} would never end, since no command in it can start{self._cause(tasks)}"
        if self._state is None or self._age == self._patience:
            self._state = (number, self.run.in_handler, dict(self.run.records))
            self._age, self._patience = 0, 2 * self._patience
        self._age += 1
        return ""

    def _repeats(self, tasks: Sequence[int], in_handler: bool) -> bool:
        """Is the next turn the same as the last, because the last changed nothing that the tasks read?"""
        index = self.run.index
        if in_handler != self.run.in_handler and any(index.after(one) != index.after(one, True) for one in tasks):
            return False
        inside = with_members(index, tasks)
        try:
            read = {ref.task for number in inside for ref in read_by(index, number)}
        except Missing:
            return False
        return read.isdisjoint(inside)

    def _named(self, tasks: Sequence[int]) -> str:
        return f"cycle of task{'s' if len(tasks) > 1 else ''} {number_ranges(sorted(tasks))}"

    def _cause(self, tasks: Sequence[int]) -> str:
        """Why a task of the cycle was not started or failed, in parentheses, or ''."""
        records = [(number, self.run.records.get(number, {})) for number in with_members(self.run.index, tasks)]
        for outcome, words in (("not_started", "was not started"), (None, "failed")):
            for number, record in records:
                if record.get("outcome") == outcome and record.get("reason"):
                    return f" (task {number} {words}: {record['reason']})"
        return ""


class IdleLoop:
    """Detects that a loop repeats a run in which nothing started and nothing changed. Made after a run without a
    command."""

    def __init__(self, run: RunState, number: int) -> None:
        self.run = run
        self._state: dict[int, dict[str, object]] | None = None  # the records after the run before
        try:
            read = [ref for one in with_members(run.index, [number]) for ref in read_by(run.index, one)]
        except Missing:
            read = []
        self._counts = any(ref.field == "iteration" for ref in read)  # then each run is another one

    def repeats(self) -> bool:
        """Was this run the same as the one before, so that the next one would be as well?"""
        scheduler = self.run.scheduler
        if self._counts or scheduler.running or scheduler.ready or scheduler.without_request():
            self._state = None  # something else goes on at the same time, and may change what is read
            return False
        before, self._state = self._state, {number: dict(one) for number, one in self.run.records.items()}
        for record in self._state.values():
            record.pop("iteration", None)
        return before == self._state


def read_by(index: WorkflowIndex, number: int) -> list[template.Ref]:
    """The variables in the fields of a task. Raises Missing."""
    texts = [str(value) for field, value in index.tasks[number].items() if field in FIELDS]
    parts = [part for text in texts for part in index.globals.expand(template.parse_template(text))]
    return [part for part in parts if isinstance(part, template.Ref)]


def with_members(index: WorkflowIndex, tasks: Sequence[int]) -> list[int]:
    """The tasks, and all members of those that are blocks."""
    todo = list(reversed(tasks))
    inside: dict[int, None] = {}
    while todo:
        number = todo.pop()
        if number not in inside and number in index.tasks:
            inside[number] = None
            todo += [member for field in MEMBERS for member in index.members(index.tasks[number], field)]
    return list(inside)
