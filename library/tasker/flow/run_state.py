"""The state of one run, how it ends, and what its coroutines can do with it."""

from __future__ import annotations

from tasker.flow.coroutines import Scheduler, Stopped
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.discovery import OWN_RUNNERS, exec_type_in
from tasker.protocol.exit_codes import STOPPED, SUCCESS, UNHANDLED
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol, TypeAlias, Unpack

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.inherited_units import InheritedUnits
    from tasker.flow.types import LastStarted, NoteFacts, Place, TaskRecord
    from tasker.protocol.types import KnownAbout, Request, Settings, Task, Workflow

    # (run, task, iteration); of a task also block and slots, of a block in_handler
    Engine: TypeAlias = Callable[..., CoroutineOf[TaskRecord]]

    class RequestSlots(Protocol):
        """What flow/runner_slots.py has, which imports this module."""

        @property
        def waiting(self) -> Mapping[str, object]: ...
        def take(self, run: RunState, exec_type: str, request: Request) -> CoroutineOf[None]: ...
        def take_for_question(
            self,
            run: RunState,
            exec_type: str,
            question: Request,
            lost: str,
            goes_on: Callable[[RunState], bool] | None = None,
        ) -> CoroutineOf[None]: ...
        def all_waiting(self) -> list[tuple[Request, str]]: ...
        def admit(self, identity: str) -> None: ...
        def end(self, scheduler: Scheduler, identity: str, coroutine: object) -> None: ...
        def give(self, scheduler: Scheduler, identity: str) -> None: ...
        def change(self, scheduler: Scheduler, numbers: Mapping[str, int | None]) -> None: ...
        def follow_pace(self) -> None: ...


RETURN, NEVER = "return", "never"


class FlowEnd(NamedTuple):
    """How a run ends. by: RETURN, which keeps its exit code whatever else happened, NEVER, or ''. failed: the task
    whose unhandled failure this is, or None."""

    code: int
    reason: str
    by: str = ""
    failed: int | None = None


def code_after_failures(end: FlowEnd, failures_stop: bool) -> int:
    """The exit code of a run that ends like this after a failure that nothing handled."""
    if end.code != SUCCESS or end.by == RETURN:
        return end.code
    if end.by == NEVER:
        return STOPPED if failures_stop else SUCCESS
    return UNHANDLED


class Finished(Exception):
    """Ends the workflow from anywhere: from a sequence, a branch, a block in a block."""

    def __init__(self, end: FlowEnd) -> None:
        super().__init__(end.reason)
        self.end = end


class RunState:
    """The state of a run. engines: kind of task -> the coroutine that runs it. index: if it was read before."""

    def __init__(self, workflow: Workflow, engines: Mapping[str, Engine], index: WorkflowIndex | None = None) -> None:
        self.engines = engines
        self.index = WorkflowIndex(workflow) if index is None else index
        self.settings: Settings = workflow.get("settings", {})
        self.dry_run = bool(self.settings.get("dry_run"))
        self.host_variables = workflow.get("host_variables", {})
        limit = workflow.get("limit", {})
        self.left_out: dict[str, str] = limit.get("skip", {})  # number of a task -> why it is skipped
        self.limit_names: list[str] | None = limit.get("names")
        self.limit_places = limit.get("places", {})  # number of a task -> the places of its hosts in the whole list
        self.exec_types: dict[str, str] = {}  # as tasks write it -> the exec type that is meant
        self.places: dict[int, dict[str, int]] = {}  # task -> host -> its place, of tasks that read it
        self.host_connections = workflow.get("host_connections", {})  # for the plan
        self.records: dict[int, TaskRecord] = {}  # the values of the variables of each task
        self.in_handler = False
        self.failed: dict[int, str] = {}  # tasks with an unhandled failure: the reason
        self.unknown: list[int] = []  # tasks with an attempt whose outcome is unknown
        self.last: LastStarted | None = None
        self.started = self.checked = 0  # commands, and host checks
        self.visited: list[int] = []  # the tasks that the flow came to, in order; not those inside blocks
        self.turned: int | None = None  # in a handler: the number of the visit whose on_failure led there, from 1
        self.inherited: InheritedUnits | None = None  # of a run that continues another one
        self.known: set[int] = set()  # in a dry run: the tasks whose values are those of the run that it would continue
        self.stopping: FlowEnd | None = None  # once the run was interrupted
        self.on_pace: dict[int, Callable[[], None]] = {}  # of each block: called when its pace has changed
        self.on_caught: dict[
            tuple[int, str], Callable[[], None]
        ] = {}  # of each (chain, host) on its way: chain_host.py
        self.scheduler = Scheduler()
        self.slots: RequestSlots | None = None  # where a runner has a number of them
        self.emit, self.new_id = self.scheduler.emit, self.scheduler.new_id

    def is_guessed(self, number: int) -> bool:
        """Is it a dry run, in which this task has no values?"""
        return self.dry_run and number not in self.known

    @property
    def host(self) -> str | None:
        """The host that the running coroutine is for: that of a fan-out or a chain; None elsewhere."""
        current = getattr(self.scheduler, "current", None)  # a plan asks before anything runs
        return None if current is None else current.host

    @host.setter
    def host(self, name: str) -> None:
        self.scheduler.current.host = name

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        """Report what happened, for the log and for `explain`."""
        self.emit(do="note", level=level, what=what, text=text, **facts)

    def called(self, number: int) -> str:
        """A task in the log."""
        return f"Task {number}"

    def place(self, block: int | None) -> Place:
        """Where a member of this block runs, or a task that is in no block."""
        return {} if block is None else {"block": block}

    def task_here(self, task: Task) -> Task:
        """A task as it is run here: in a chain, with the host of the chain."""
        return task

    def pause(self, seconds: float, asleep: bool = False) -> CoroutineOf[None]:
        """Wait. A coroutine. asleep: no timeout of a block ends it."""
        if not asleep:
            self.check()
        if seconds and not self.dry_run:
            identity = self.new_id("timer")
            if asleep:
                self.scheduler.sleeping.add(identity)
            self.emit(do="timer", id=identity, seconds=seconds)
            yield identity

    def yield_when_long(self, most: int) -> CoroutineOf[None]:
        """Give the driver the steps if there are more than `most`. A coroutine."""
        if len(self.scheduler.steps) > most:
            identity = self.new_id("timer")
            self.emit(do="timer", id=identity, seconds=0)
            yield identity

    def check(self) -> None:
        """Raise Stopped if the coroutine was stopped while it waited for a result."""
        reason = "interrupt" if self.stopping else self.scheduler.current.stopped
        if reason:
            raise Stopped(reason)

    def words_of(self, exec_type: str) -> str:
        """The form in which the runner of an exec type takes a command: argv, shell or script."""
        return self.about_runner(exec_type).get("words", "argv")

    def exec_type(self, task: Task) -> str:
        """The exec type of a task."""
        written = self.index.text(task, "exec")
        found = self.exec_types.get(written)
        if found is None:
            found = self.exec_types[written] = exec_type_in(self.settings, written)
        return found

    def about_runner(self, exec_type: str) -> KnownAbout:
        """What is known of the runner of an exec type."""
        about: KnownAbout = self.settings.get("runners", {}).get(exec_type) or OWN_RUNNERS.get(exec_type, {})
        return about
