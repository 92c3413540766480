"""The seam between a runner and what runs its commands, as types: import from here under TYPE_CHECKING only.

A request takes one way: request_server → template_runner → backend.attempt → executor.start, and its result comes back
by `answer`. A backend and its executor belong together; there are four pairs:

local     template_runner.LocalBackend, local/supervisor.py: processes of this machine
openssh   openssh/request.py, openssh/executor.py: sessions of the system's ssh
ssh       ssh/request.py, ssh/executor.py: channels of paramiko
ssh2      ssh2/request.py, ssh2/executor.py: channels of libssh2
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from tasker.execution.become.dialogue import SudoDialogue
from tasker.execution.event_loop import EventLoop
from tasker.execution.local.live_output import FollowedAttempt
from tasker.protocol.types import About, Document, Request, Result

Answer: TypeAlias = Callable[[Result], object]  # takes the result of an attempt, as soon as it is known


class Notify(Protocol):
    """Takes a request and "queued", "started", or "running" with the seconds since it started (docs/PROTOCOL.md)."""

    def __call__(self, request: Request, event: str, seconds: float | None = None, /) -> object: ...


class Startable(Protocol):
    """An attempt: a request on its way to its result."""

    follow: FollowedAttempt | None  # takes its output as it comes, if anybody wants to see it


AttemptT = TypeVar("AttemptT", bound=Startable)
Attempt_contra = TypeVar("Attempt_contra", bound=Startable, contravariant=True)


class Executor(Protocol[Attempt_contra]):
    """Runs attempts, any number at once, in the turns of its event loop. Made with (loop, answer, notify).

    loop: waits for whatever the executor waits for. `turn` it; `watch` and `forget` what else is to be waited for;
    `signalled` is the signal that asked for the end.
    """

    @property
    def loop(self) -> EventLoop: ...

    def start(self, attempt: Attempt_contra, /) -> int:
        """Start it as soon as there is room for it. Returns its number, for `cancel`."""

    def cancel(self, serial: int, why: str, /) -> None:
        """End one attempt. It is answered all the same; one that is over or being ended is left alone."""

    def end_everything(self) -> None:
        """End all that has no answer yet, at once. There will be no answers."""


class Backend(Protocol[AttemptT]):
    """What differs between the runners that are made of a template."""

    @property
    def logins(self) -> bool:
        """Does it take user@host:port, where the author of the task file wrote it?"""

    @property
    def becomes(self) -> bool:
        """Can it run commands as another user? (execution/become)"""

    @property
    def receipts(self) -> bool:
        """Can its hosts keep receipts? Then it takes requests with `receipt` and with `ask` (execution/receipts)."""

    @property
    def options(self) -> Sequence[str]:
        """The `options` of a request that it can use."""

    @property
    def copies(self) -> Sequence[str]:
        """Which of `put` and `get` it can do."""

    def missing(self, program: str | tuple[str, ...], /) -> str:
        """What this machine lacks for the first word of the template, in words, or ""."""

    def refusal(self, request: Request, /) -> Result | None:
        """The answer to a request whose options cannot be used."""

    def command_line(self, template: list[list[str]], request: Request, argv: list[str], /) -> list[str]:
        """The argv as people see it. argv: as the template alone gives it."""

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None, /
    ) -> AttemptT | Result:
        """What to start, or the answer if it cannot be started. timeout: in seconds. sudo: its words are to be started
        instead of those of the request, and it has to hear what they say (execution/become)."""

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify, /) -> Executor[AttemptT]: ...


class Runner(Protocol):
    """What the request server serves."""

    def about(self) -> About: ...

    def attempt(self, request: Document, /) -> Startable | Result:
        """What to start for a request, or its answer. Raises Problem for a document that is not a valid request."""

    # Any: an executor takes the attempts of its own runner
    def executor(self, loop: EventLoop, answer: Answer, notify: Notify, /) -> Executor[Any]: ...  # Any: of its own kind
