"""All states that a run can be in between two tasks, and how it gets from one to the next, by flow's own engine.

Each command may do well or fail (by an exit code, a time-out or not being started: to the flow it is the same), each
condition may come out either way, whatever is written in it. So all that a state has to know is the task that the flow
comes to, whether it is in a handler, and whether a failure is left that nothing handles: there are few, and each is
visited with every combination of choices.
"""

from __future__ import annotations

import re
from collections import deque

from tasker.flow import preconditions
from tasker.language.variables import Missing
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import Problem
from tasker.simulation.skeleton import skeleton
from tasker.simulation.trial import Trial
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.flow.run_state import FlowEnd
    from tasker.protocol.types import SimulationExit, SimulationExitPath, Task, Workflow
    from tasker.simulation.guessing import Answer, Choice, Key
    from tasker.simulation.trial import Seen

MOST_CHOICES = 100_000  # answers that are given to all questions together
COMBINED = 16  # trials of one visit with all combinations of choices; beyond that, each choice once
_ENDED = re.compile(r"task (\d+): return=")
_STOPPED = re.compile(r"stopped at task \d+")


class WalkState(NamedTuple):
    """Where a run is between two tasks. failed: is there a failure that nothing handles?"""

    task: int
    handler: bool
    failed: bool


class PossibleExit(NamedTuple):
    """code: None where an output decides it. because: why, with the task. last: the state that it was reached from,
    and words: what happened there."""

    code: int | None
    because: str
    last: WalkState
    words: str


class Simulation:
    """Every path of a workflow. Raises Problem for one that flow cannot walk.

    start: the first State, or None, and refusal: the End where there is nothing to begin with. arrived: the tasks that
    the flow can come to. after: State -> the states that can follow. exits: all ends. cut: why not everything was
    looked at, or ''. unhandled: the tasks whose failure, when nothing handles it, is told at the end.
    """

    def __init__(self, workflow: Workflow, most: int = MOST_CHOICES) -> None:
        preconditions.require_shape(workflow)
        self.book, self.most, self.cut = WorkflowIndex(workflow), most, ""
        preconditions.require_sense(_hosted(self.book, workflow))
        self.after: dict[WalkState, list[WalkState]] = {}
        self.exits: list[PossibleExit] = []
        self.unhandled: set[int] = set()
        self._came: dict[WalkState, tuple[WalkState, str] | None] = {}
        self._told: set[tuple[int | None, str]] = set()
        self._left = most
        self._handlers: dict[int, set[bool]] | None = None
        asked = workflow.get("settings", {}).get("start_from")
        self.refusal = preconditions.refusal(self.book, asked)
        number = self.book.start() if asked is None else asked
        self.start = (
            None if self.refusal else WalkState(number, asked is not None and asked in self.book.handlers, False)
        )
        try:
            bare, alike = skeleton(workflow, self.book)
            self._trial = Trial(bare, self.book)
            self._walk()
        except (ValueError, LookupError, Missing) as error:
            raise Problem("bad_workflow", f"cannot walk the workflow: {error}; {preconditions.FIX}") from None
        self.arrived = self._trial.guessing.arrived
        self.arrived.update(*(others for first, others in alike.items() if first in self.arrived))

    def _walk(self) -> None:
        todo = deque([] if self.start is None else [self.start])
        self._came = dict.fromkeys(todo)
        arrived: set[WalkState] = set()  # states that lead to the normal end
        failures: set[tuple[int, WalkState]] = set()  # (task that failed, state behind it)
        while todo and self._left > 0:
            state = todo.popleft()
            following = self.after[state] = []
            for seen in self._visits(state):
                words = _words(state.task, seen.choices)
                failed = state.failed or seen.failed
                if seen.end is not None or seen.to is None:
                    self._end(state, words, seen.end, failed)
                    if seen.end is None:
                        arrived.add(state)
                        self.unhandled.update([state.task] if seen.failed else ())
                    continue
                other = WalkState(seen.to, seen.handler, failed)
                failures.update([(state.task, other)] if seen.failed else ())
                if other not in self._came:
                    self._came[other] = (state, words)
                    todo.append(other)
                if other not in following:
                    following.append(other)
        if todo:
            self.cut = f"more than {self.most} choices: {len(todo)} places were not looked at"

        before: dict[WalkState, list[WalkState]] = {}
        for state, following in self.after.items():
            for other in following:
                before.setdefault(other, []).append(state)
        lead = list(arrived)
        for state in lead:
            lead += [one for one in before.get(state, ()) if one not in arrived]
            arrived.update(before.get(state, ()))
        self.unhandled.update(task for task, behind in failures if behind in arrived)

    def _visits(self, state: WalkState) -> Iterator[Seen]:
        """What each combination of choices leads to."""
        todo: deque[tuple[list[Choice], int, tuple[Key, Answer] | None]]
        tried: set[tuple[Key, Answer]]
        todo, begun, tried = deque([([], 0, None)]), 1, set()
        while todo and self._left > 0:
            before, count, other = todo.popleft()
            script = {choice.key: choice.answer for choice in before[:count]}
            if other is not None:
                script[other[0]] = other[1]
            seen = self._trial.visit(state.task, state.handler, script)
            self._left -= 1 + len(seen.choices)
            yield seen
            for place, choice in enumerate(seen.choices[len(script) :], len(script)):
                for answer in choice.answers[1:]:
                    new = (choice.key, answer)
                    if begun < COMBINED or new not in tried:
                        begun += 1
                        tried.add(new)
                        todo.append((seen.choices, place, new))

    def _end(self, state: WalkState, words: str, end: FlowEnd | None, failed: bool) -> None:
        code: int | None
        code, because = (1 if failed else 0, "reached the end") if end is None else (end.code, end.reason)
        if end is None:
            pass
        elif found := _ENDED.match(because):
            task = self.book.tasks[int(found[1])]
            code, because = _returned(self.book, task), f"task {found[1]}: return={task['return']}"
        elif found := _STOPPED.match(because):
            because = found[0]
        if (code, because) not in self._told:
            self._told.add((code, because))
            self.exits.append(PossibleExit(code, because, state, words))

    def handlers(self, number: int) -> set[bool]:
        """Can the flow be in a handler when it comes to this task? {False}, {True}, both, or none."""
        if self._handlers is None:
            self._handlers = {}
            for state in self.after:
                self._handlers.setdefault(state.task, set()).add(state.handler)
        return self._handlers.get(number, set())

    def path(self, state: WalkState, words: str = "") -> list[SimulationExitPath]:
        """How a run can get to a state, and what happened there: [{"task": …, "when": …}, …]."""
        way: list[SimulationExitPath] = []
        while True:
            way.append({"task": state.task, "when": words} if words else {"task": state.task})
            before = self._came[state]
            if before is None:
                return way[::-1]
            state, words = before

    def exit_codes(self) -> list[SimulationExit]:
        """Exit codes in order, each with its reasons and one path: [{"code", "because", "path"}, …]; the code that an
        output decides comes last, as None."""
        made: dict[int | None, SimulationExit] = {}
        for one in self.exits:
            if one.code not in made:
                made[one.code] = {"code": one.code, "because": [], "path": self.path(one.last, one.words)}
            made[one.code]["because"].append(self._why(one))
        if self.refusal is not None:
            made[self.refusal.code] = {"code": self.refusal.code, "because": [self.refusal.reason], "path": []}
        return [made[code] for code in sorted(made, key=lambda code: (code is None, code or 0))]

    def _why(self, one: PossibleExit) -> str:
        if one.code != 1 or one.because != "reached the end":
            return one.because
        tasks = sorted(self.unhandled)
        named = ", ".join(map(str, tasks[:8])) + (", …" if len(tasks) > 8 else "")
        return f"reached the end after a failure that nothing handles: task {named}"


def _hosted(book: WorkflowIndex, workflow: Workflow) -> WorkflowIndex:
    """The same book, as if somebody had looked up all hosts."""
    if not any("hosts" in task for task in workflow["tasks"]):
        return book
    known = workflow.copy()
    known["tasks"] = [one | {"targets": one.get("targets", [])} if "hosts" in one else one for one in workflow["tasks"]]
    return WorkflowIndex(known)


def _returned(book: WorkflowIndex, task: Task) -> int | None:
    """The exit code of a `return`; None where an output decides it."""
    try:
        text = book.globals.text(task["return"])
    except Missing:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) <= 255 else 1


def _words(task: int, choices: Sequence[Choice]) -> str:
    """What happened in a visit, as far as it does not go without saying: 'failed, 12: condition false'."""
    said = []
    for choice in choices:
        words = choice.words()
        if words:
            said.append(words if choice.task == task else f"{choice.task}: {words}")
    more = len(said) - 3
    return ", ".join(said[:3]) + (f", and {more} more" if more > 0 else "")
