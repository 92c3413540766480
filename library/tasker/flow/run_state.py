"""The state of one run, how it ends, and what its activities do with it."""

from __future__ import annotations

from tasker.flow.coroutines import Scheduler, Stopped
from tasker.language.workflow_index import WorkflowIndex
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias, Unpack

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.types import LastStarted, NoteFacts, TaskRecord
    from tasker.protocol.types import Settings, Workflow

    Engine: TypeAlias = Callable[..., CoroutineOf[TaskRecord]]  # (run, task, iteration); of a task also block and slots


class FlowEnd(NamedTuple):
    """returned: by a `return`, which keeps its code whatever else happened."""

    code: int
    reason: str
    returned: bool = False


class Finished(Exception):
    """The workflow ends here, wherever here is: in a sequence, in a branch, in a block in a block."""

    def __init__(self, end: FlowEnd) -> None:
        super().__init__(end.reason)
        self.end = end


class RunState:
    """What is known in a run. engines: kind of task -> the activity that runs it. book: when the caller has read it."""

    def __init__(self, workflow: Workflow, engines: Mapping[str, Engine], book: WorkflowIndex | None = None) -> None:
        self.engines = engines
        self.book = WorkflowIndex(workflow) if book is None else book
        self.settings: Settings = workflow.get("settings", {})
        self.dry_run = bool(self.settings.get("dry_run"))
        self.records: dict[int, TaskRecord] = {}  # the values of the variables of each task
        self.in_handler = False
        self.failed: dict[int, str] = {}  # tasks whose last run failed and that nothing handles, with the reason
        self.unknown: list[int] = []  # tasks with an attempt of which nobody knows what became
        self.last: LastStarted | None = None
        self.stopping: FlowEnd | None = None  # once the run was interrupted
        self.machine = Scheduler()
        self.emit, self.identity = self.machine.emit, self.machine.identity

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        """Tell what happened, for the log, the journal and whoever asks why."""
        self.emit(do="note", level=level, what=what, text=text, **facts)

    def pause(self, seconds: float, asleep: bool = False) -> CoroutineOf[None]:
        """Wait; an activity. asleep: no time-out of a block ends it."""
        if not asleep:
            self.check()
        if seconds and not self.dry_run:
            identity = self.identity("timer")
            if asleep:
                self.machine.sleeping.add(identity)
            self.emit(do="timer", id=identity, seconds=seconds)
            yield identity

    def breathe(self, most: int) -> CoroutineOf[None]:
        """Let the driver take the steps once there are more than that; an activity."""
        if len(self.machine.steps) > most:
            identity = self.identity("timer")
            self.emit(do="timer", id=identity, seconds=0)
            yield identity

    def check(self) -> None:
        """Raise Stopped where the activity was told to stop while it waited for a result."""
        reason = "interrupt" if self.stopping else self.machine.current.stopped
        if reason:
            raise Stopped(reason)

    def words_of(self, exec_type: str) -> str:
        """How the runner of an exec type takes what is to be run: argv, shell or script."""
        about = self.settings.get("runners", {}).get(exec_type)
        return about.get("words", "argv") if about else "script" if exec_type == "shell" else "argv"
