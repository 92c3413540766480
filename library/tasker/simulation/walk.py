"""All states of a run between two tasks, and how it gets from one to the next, by flow's own engine.

A command succeeds or fails (an exit code, a timeout and not being started are the same to the flow). A condition can
have any verdict, whatever is written in it. So a state is the task that the flow comes to, whether it is in a handler,
and whether there is an unhandled failure. These are few, and each is visited with every combination of choices.
"""

from __future__ import annotations

import re
from collections import deque

from tasker.flow import preconditions
from tasker.flow.passed_approvals import passed_approvals
from tasker.flow.run_state import FlowEnd, code_after_failures
from tasker.language.variables import Missing
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import STOPPED, SUCCESS
from tasker.simulation.skeleton import skeleton
from tasker.simulation.trial import Trial
from tasker.text.named_tuple import NamedTuple
from tasker.text.plural import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.protocol.types import SimulationExit, SimulationExitPath, Task, Workflow
    from tasker.simulation.guessing import Answer, Choice, Key
    from tasker.simulation.trial import Visit

MOST_CHOICES = 100_000  # in all visits together
COMBINED = 16  # visits of one state with all combinations of choices; after that, each answer once
_ENDED = re.compile(r"task (\d+): return=")
_STOPPED = re.compile(r"stopped at task \d+")


class WalkState(NamedTuple):
    """A state between two tasks. failed: is there an unhandled failure?"""

    task: int
    in_handler: bool
    failed: bool


class PossibleExit(NamedTuple):
    """code: None if an output decides it. because: why, with the task. last: the state before it; words: the choices
    there."""

    code: int | None
    because: str
    last: WalkState
    words: str


class Simulation:
    """Every path of a workflow. Raises Problem for one that flow cannot walk.

    start: the first state, or None if the run cannot start; then refusal is its end. reached: the tasks that the flow
    can come to. successors: state -> the states that can follow. exits: all ends. cut: why some states were not
    visited, or ''. unhandled: the tasks whose failure can be unhandled at the normal end. index: of the workflow.
    """

    def __init__(self, workflow: Workflow, most: int = MOST_CHOICES) -> None:
        preconditions.require_shape(workflow)
        self.index, self.most, self.cut = WorkflowIndex(workflow), most, ""
        preconditions.require_sense(_hosted(self.index, workflow))
        self.successors: dict[WalkState, list[WalkState]] = {}
        self.exits: list[PossibleExit] = []
        self.unhandled: set[int] = set()
        self._reached_from: dict[WalkState, tuple[WalkState, str] | None] = {}
        self._reported: set[tuple[int | None, str]] = set()
        self._choices_left = most
        self._handlers: dict[int, set[bool]] | None = None
        asked = workflow.get("settings", {}).get("start_from")
        self.refusal = preconditions.refusal(self.index, asked)
        number = self.index.start() if asked is None else asked
        in_handler = asked is not None and asked in self.index.handlers
        self.start = None if self.refusal or number is None else WalkState(number, in_handler, False)
        try:
            bare, represented = skeleton(workflow, self.index)
            self._trial = Trial(bare, self.index)
            self._walk()
        except (ValueError, LookupError, Missing) as error:
            raise Problem("bad_workflow", f"cannot walk the workflow: {error}; {preconditions.FIX}") from None
        if asked is not None and self.start is not None and passed_approvals(self.index, asked):
            self.exits.append(PossibleExit(STOPPED, f"stopped before task {asked}", self.start, "not approved"))
        self.reached = self._trial.guessing.reached
        self.reached.update(*(others for first, others in represented.items() if first in self.reached))
        del self._trial  # with its skeleton of the workflow

    def _walk(self) -> None:
        todo = deque([] if self.start is None else [self.start])
        self._reached_from = dict.fromkeys(todo)
        to_end: set[WalkState] = set()  # states that lead to the normal end
        failures: set[tuple[int, WalkState]] = set()  # (task that failed, state after it)
        while todo and self._choices_left > 0:
            state = todo.popleft()
            following = self.successors[state] = []
            for visit in self._visits(state):
                words = _words(state.task, visit.choices)
                failed = state.failed or visit.failed
                if visit.end is not None or visit.to is None:
                    self._end(state, words, visit.end, failed)
                    if visit.end is None:
                        to_end.add(state)
                        self.unhandled.update([state.task] if visit.failed else ())
                    continue
                other = WalkState(visit.to, visit.in_handler, failed)
                failures.update([(state.task, other)] if visit.failed else ())
                if other not in self._reached_from:
                    self._reached_from[other] = (state, words)
                    todo.append(other)
                if other not in following:
                    following.append(other)
        if todo:
            self.cut = f"more than {self.most} choices: {len(todo)} states were not visited"

        before: dict[WalkState, list[WalkState]] = {}
        for state, following in self.successors.items():
            for other in following:
                before.setdefault(other, []).append(state)
        lead = list(to_end)
        for state in lead:
            lead += [one for one in before.get(state, ()) if one not in to_end]
            to_end.update(before.get(state, ()))
        self.unhandled.update(task for task, after in failures if after in to_end)

    def _visits(self, state: WalkState) -> Iterator[Visit]:
        """Visit a state with each combination of choices."""
        todo: deque[tuple[list[Choice], int, tuple[Key, Answer] | None]]
        tried: set[tuple[Key, Answer]]
        todo, begun, tried = deque([([], 0, None)]), 1, set()
        while todo and self._choices_left > 0:
            before, count, other = todo.popleft()
            script = {choice.key: choice.answer for choice in before[:count]}
            if other is not None:
                script[other[0]] = other[1]
            visit = self._trial.visit(state.task, state.in_handler, script)
            self._choices_left -= 1 + len(visit.choices)
            yield visit
            for place, choice in enumerate(visit.choices[len(script) :], len(script)):
                for answer in choice.answers[1:]:
                    new = (choice.key, answer)
                    if begun < COMBINED or new not in tried:
                        begun += 1
                        tried.add(new)
                        todo.append((visit.choices, place, new))

    def _end(self, state: WalkState, words: str, end: FlowEnd | None, failed: bool) -> None:
        code: int | None
        end = FlowEnd(SUCCESS, "reached the end") if end is None else end
        code, because = end.code, end.reason
        if failed:
            code = code_after_failures(end, self.index.failures_stop)
        if found := _ENDED.match(because):
            task = self.index.tasks[int(found[1])]
            code, because = _returned(self.index, task), f"task {found[1]}: return={task['return']}"
        elif found := _STOPPED.match(because):
            because = found[0]
        if (code, because) not in self._reported:
            self._reported.add((code, because))
            self.exits.append(PossibleExit(code, because, state, words))

    def handlers(self, number: int) -> set[bool]:
        """Can the flow be in a handler when it comes to this task? {False}, {True}, both, or none."""
        if self._handlers is None:
            self._handlers = {}
            for state in self.successors:
                self._handlers.setdefault(state.task, set()).add(state.in_handler)
        return self._handlers.get(number, set())

    def path(self, state: WalkState, words: str = "") -> list[SimulationExitPath]:
        """One path to a state, with the choices on it: [{"task": …, "when": …}, …]. words: the choices in the state."""
        way: list[SimulationExitPath] = []
        while True:
            way.append({"task": state.task, "when": words} if words else {"task": state.task})
            before = self._reached_from[state]
            if before is None:
                return way[::-1]
            state, words = before

    def exit_codes(self) -> list[SimulationExit]:
        """Exit codes in order, each with its reasons and one path: [{"code", "because", "path"}, …].

        The code is None, and comes last, where an output decides it.
        """
        made: dict[int | None, SimulationExit] = {}
        for one in self.exits:
            if one.code not in made:
                made[one.code] = {"code": one.code, "because": [], "path": self.path(one.last, one.words)}
            made[one.code]["because"].append(self._reason(one))
        if self.refusal is not None:
            made[self.refusal.code] = {"code": self.refusal.code, "because": [self.refusal.reason], "path": []}
        return [made[code] for code in sorted(made, key=lambda code: (code is None, code or 0))]

    def _reason(self, one: PossibleExit) -> str:
        if one.code != 1 or one.because != "reached the end":
            return one.because
        tasks = sorted(self.unhandled)
        named = ", ".join(map(str, tasks[:8])) + (", …" if len(tasks) > 8 else "")
        return f"reached the end after a failure that nothing handles: {plural(len(tasks), 'task')} {named}"


def _hosted(index: WorkflowIndex, workflow: Workflow) -> WorkflowIndex:
    """An index in which all hosts count as expanded."""
    if not any("hosts" in task for task in workflow["tasks"]):
        return index
    known = workflow.copy()
    known["tasks"] = [one | {"targets": one.get("targets", [])} if "hosts" in one else one for one in workflow["tasks"]]
    return WorkflowIndex(known)


def _returned(index: WorkflowIndex, task: Task) -> int | None:
    """The exit code of a `return`; None if an output decides it."""
    try:
        text = index.globals.text(task["return"])
    except Missing:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) <= 255 else 1


def _words(task: int, choices: Sequence[Choice]) -> str:
    """The choices of a visit, without the usual ones: 'failed, 12: condition false'."""
    shown: list[str] = []
    for choice in choices:
        words = choice.text()
        if words:
            shown.append(words if choice.task == task else f"{choice.task}: {words}")
    more = len(shown) - 3
    return ", ".join(shown[:3]) + (f", and {more} more" if more > 0 else "")
