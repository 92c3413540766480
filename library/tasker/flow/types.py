"""The types of flow. Import from here under TYPE_CHECKING only, so that a start pays nothing."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

Stream: TypeAlias = Literal["stdout", "stderr"]
# The keys of a result that a record keeps as they are, besides those of its streams.
Kept: TypeAlias = Literal["outcome", "exit_code", "reason", "retryable", "decided", "settled"]
# The fields of a task that are filled with values at run time.
FilledField: TypeAlias = Literal[
    "hostname", "hosts", "command", "arguments", "timeout", "sleep", "return", "probe", "put", "get", "to", "validate"
]


class TaskRecord(TypedDict, total=False):
    """What the last run of a task left, under the names of its variables: @7_exit_code@ is record["exit_code"]."""

    iteration: int
    attempts: int
    hostname: str
    command: str
    outcome: str
    exit_code: int | None
    success: bool
    reason: str
    inherited: bool  # from the run that this one continues: nothing was started
    because: str  # why its own `success` or `failure` says that it failed
    loop_met: bool  # its loop was ended by its own condition
    retryable: bool
    decided: str  # who decided about an outcome: probe, reboot, operator, receipt
    settled: str  # what its receipt says: ended, never_started, running
    already: bool  # nothing ran, because its probe said before that the effect is there
    duration: str
    stdout: str
    stdout_end: str
    stdout_lines: int
    stdout_cut: bool
    stdout_escaped: bool
    stdout_unsplit: bool
    stdout_file: str  # the path of the whole stream, if something reads it
    stderr: str
    stderr_end: str
    stderr_lines: int
    stderr_cut: bool
    stderr_escaped: bool
    stderr_unsplit: bool
    stderr_file: str
    success_count: int
    failed_count: int
    not_started_count: int
    skipped_count: int
    total_count: int
    in_handler: bool  # of a block: is the flow in a handler after it, since a branch in it holds one?
    timeout_count: int
    failed_tasks: str
    failed_hosts: str
    success_hosts: str
    failed_at: str
    touched_hosts: str


class Place(TypedDict, total=False):
    """Which attempt this is: keys of a request, and facts of a note."""

    block: int
    host: str
    iteration: int
    attempt: int
    attempts: int
    inherited: str  # id of the unit that stands for the command (flow/inherited.py)


class NoteFacts(Place, total=False):
    """What a note says besides its text, for programs."""

    task: int
    because: str
    outcome: str
    exit_code: int | None
    success: bool
    seconds: float
    members: list[int]
    hosts: int
    branch: list[str]
    field: str
    decided: str
    already: bool
    probe: str
    truth: bool | None
    to: int
    wave: int
    waves: int
    failed_at: int


class LastStarted(TypedDict):
    """The last command that was started, for the exit step."""

    task: int
    hostname: str
    command: str
