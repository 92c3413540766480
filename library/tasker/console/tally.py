"""What the live view and the end of a run read of a run so far. For type checkers only: the driver counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from typing import Protocol

from tasker.protocol.types import DriftAnswer, Request


class CommandState(Protocol):
    """A command, and its outcome."""

    @property
    def place(self) -> tuple[int, str | None]:
        """Its task, and its host where the task has many."""

    state: str  # running, ok, failed, unknown, not_started, skipped
    word: str  # the outcome in words
    why: str
    hostname: str  # where it ran
    stderr_last: str  # the last line
    outcome: str  # as flow notes it: timeout and signalled too
    exit_code: int | None
    request: Request | None  # of its last attempt, unless that went well
    answered: bool
    session: int


class BlockProgress(Protocol):
    """A block, or a task on many hosts, that runs."""

    called: str
    total: int
    since: float
    wave: str  # "wave 2 of 5", or ""
    decided: dict[str, int]  # outcomes that were open: who decided about them -> how many

    def count(self, state: str) -> int: ...

    def left(self, now: float) -> float | None: ...


class Tally(Protocol):
    """What has happened so far. Times are monotonic seconds."""

    clock: Callable[[], float]
    session: int
    resting: tuple[str, float] | None
    inherited: tuple[int, str]  # results from the run that this one continues, and its id
    answers: list[DriftAnswer]  # of `tasker drift`: what the probes said
    may_be_down: Collection[int]  # tasks whose failure is expected
    last_ended: int | None  # the last task or block to end of those that stand in no block

    @property
    def running(self) -> Mapping[object, tuple[Request, float]]: ...

    @property
    def blocks(self) -> Mapping[int, BlockProgress]: ...

    @property
    def members(self) -> Mapping[int, int]: ...

    @property
    def units(self) -> Mapping[tuple[int, str | None], CommandState]: ...

    @property
    def commands(self) -> Mapping[int, int]:
        """Session -> commands that were started in it: each run of a loop and each retry counts."""

    @property
    def hosts(self) -> Set[str]: ...

    @property
    def skipped(self) -> Set[int]: ...

    @property
    def titles(self) -> Mapping[int, str]: ...
