"""An ended run as flow has it, and where a run that continues it forks (`tasker again`).

The events of the old run are played to flow again, in this process, so flow itself says to which tasks it came and what
of a block succeeded. Nothing is written and nothing is started.

Approvals are never inherited. The old answers only lead flow to the task at which the run forks. There each of them is
asked for again before anything starts, and only those answers count.
"""

from __future__ import annotations

from tasker.flow.inherited import Differs
from tasker.flow.preconditions import require_shape
from tasker.flow.run import FlowRun
from tasker.flow.run_state import RETURN
from tasker.journal.flow_replay import DRIVER_KEYS, FlowReplay, RecordedEvents, as_event
from tasker.journal.format import Unreadable
from tasker.language.fields import CHAIN
from tasker.protocol.exit_codes import NOT_POSSIBLE, OUTCOME_UNKNOWN, STOPPED, SUCCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tasker.journal.format import Record
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Workflow


class ForkRefused(Exception):
    """A run cannot be continued like this: an exit code and the reason."""

    def __init__(self, reason: str, code: int = NOT_POSSIBLE) -> None:
        super().__init__(reason)
        self.code = code


class PastRun:
    """A run that ended, as flow has it. Raises Unreadable, Disagreement."""

    def __init__(self, history: RunHistory) -> None:
        self.history = history
        self.recorded = RecordedEvents(history)
        self.workflow: Workflow = history.newest("workflow")
        self.flow = TracedFlow(self.workflow)
        self.replay = FlowReplay(self.flow.answer, self.recorded).go({"kind": "workflow"})
        self.results: dict[str, tuple[Document, Record]] = {}
        for event, record in self.recorded.events:
            if event["event"] in ("result", "skip", "inherit"):
                self.results[event["id"]] = (event, record)

    # -- where it forks

    def fork_visit(self, start_from: int | None) -> int:
        """Which task that the flow came to, counted from 1, is the one at which a new run forks. Raises ForkRefused."""
        run, visited = self.flow.run, self.flow.run.visited
        if run.inherited is not None and run.inherited.asking:
            first = run.inherited.again["run"]
            why = f"its approvals were not given again, and nothing ran in it: tasker again {first} --once-more"
            raise ForkRefused(why if self.replay.exit else f"{why}, or tasker --resume {self.history.run}")
        if start_from is not None:
            return self._first_visit(start_from)
        if not visited:
            raise ForkRefused("it ended before its first task: start its task file again")
        if run.in_handler and run.turned:
            return run.turned
        if self.replay.exit is None or run.end is None:
            return len(visited)  # it was cut short there
        stopped = run.end.code == STOPPED or (run.end.by == RETURN and run.end.code != SUCCESS)
        found = [self._last_visit(number) for number in run.failed] + [len(visited)] * stopped
        if not found and self.replay.exit["code"] == OUTCOME_UNKNOWN:
            found = [self._last_visit(number) for number in run.unknown]
        if not found and self.replay.exit["code"] != SUCCESS:
            found = [len(visited)]
        if not found:
            raise ForkRefused("it ended well: --from TASK names the task from which to run it again")
        return min(found)

    def _first_visit(self, number: int) -> int:
        if number not in self.flow.run.index.tasks:
            raise ForkRefused(f"--from {number}: its task file has no such task")
        if number not in self.flow.run.visited:
            block = self.flow.run.index.owned.get(number)
            inside = f"it belongs to block {block}: --from {block}" if block is not None else "the run never came to it"
            if block is not None and (chain := self._chain_around(number)) is not None:
                inside = f"it is a member of chain {chain}, in which each host goes on where it failed: --from {chain}"
                inside += ", and --hosts for some of them"
            raise ForkRefused(f"--from {number}: {inside}")
        return self.flow.run.visited.index(number) + 1

    def _chain_around(self, number: int | None) -> int | None:
        index = self.flow.run.index
        while number is not None and index.kind(index.tasks[number]) != CHAIN:
            number = index.owned.get(number)
        return number

    def _last_visit(self, number: int) -> int:
        """Of a task, or of the block that it is in."""
        visited, owned = self.flow.run.visited, self.flow.run.index.owned
        while number not in visited and number in owned:
            number = owned[number]
        places = [place for place, one in enumerate(visited, 1) if one == number]
        return places[-1] if places else len(visited)

    # -- what it has

    def tasks_before(self, visit: int) -> list[int]:
        """The tasks that the flow came to before this visit, members of blocks too."""
        return sorted({step["task"] for one in range(1, visit) for step in self.flow.tasks_in(one)})

    def source(self, record: Record) -> Document:
        """Where a record is from: of an inherited one, the run in which it happened."""
        doc = record["doc"]
        if record["what"] == "inherited":
            return {"run": doc["run"], "record": doc["record"], "at": doc.get("at", record["at"])}
        return {"run": self.history.run, "record": record["hash"], "at": record["at"]}

    def request_of(self, identity: str) -> Document:
        """The request with this id, as flow asked for it. Empty for one that was never sent."""
        record = self.recorded.asked.get(identity)
        found = record["doc"]["request"] if record is not None else self.recorded.inherited.get(identity, {})
        return {key: value for key, value in found.items() if key not in DRIVER_KEYS}


class TracedFlow:
    """Flow in this process, which knows what it did at each task that it came to. Raises Problem.

    began: for each of these visits, how many events flow had when it came there.
    """

    def __init__(self, workflow: Workflow) -> None:
        require_shape(workflow)
        tasks = [task.copy() for task in workflow["tasks"]]  # copies, which an event `pace` changes
        self.run = FlowRun({**workflow, "tasks": tasks, "settings": workflow["settings"].copy()})
        self.began: list[int] = []
        self.fed = 0
        self._steps: dict[int, list[Document]] = {}
        self._emit = self.run.scheduler.emit
        self.run.emit = self.run.scheduler.emit = self._note  # type: ignore[method-assign]  # it hands each on

    def _note(self, **step: Any) -> None:  # Any: the keys of a step
        if self.run.inherited is not None and self.run.inherited.asking:
            self._emit(**step)  # an approval before this task, which is asked again
            return
        self._steps.setdefault(len(self.run.visited), []).append(step)
        self._emit(**step)

    def answer(self, doc: Document) -> Document:
        """What a FlowReplay asks. Raises Unreadable, Differs."""
        event = as_event(doc)
        before = len(self.run.visited)
        try:
            if doc["kind"] == "event":
                self.fed += 1
                steps = self.run.feed(event)
            else:
                steps = self.run.start()
        except Differs:
            raise
        except ValueError as unfit:
            raise Unreadable(f"its journal is not as TASKER writes it: {unfit}") from None
        self.began += [self.fed] * (len(self.run.visited) - before)
        return {"steps": steps}

    def steps_of(self, visit: int) -> list[Document]:
        return self._steps.get(visit, [])

    def tasks_in(self, visit: int) -> Iterator[Document]:
        return (step for step in self.steps_of(visit) if step["do"] == "note" and "task" in step)
