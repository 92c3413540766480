"""Run commands on many hosts at once over paramiko's connections.

One thread decides, in the turns of the event loop, and never waits for a host. Other threads only wait, and have the
loop call what follows from what they received.
"""

from __future__ import annotations

import contextlib
import threading
import time

from tasker.execution.local.attempt import INTERRUPT, TIMEOUT
from tasker.execution.local.supervisor import PATIENT
from tasker.execution.local.termination import AT_ONCE
from tasker.execution.ssh import channel
from tasker.execution.ssh.command_state import CommandState
from tasker.execution.ssh.connections import ConnectionPool
from tasker.execution.ssh.threads import ThreadPool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.ssh.command import SshCommand
    from tasker.execution.ssh.command_state import Way
    from tasker.execution.ssh.connections import Run
    from tasker.protocol.types import Result

_OTHERS = 20  # descriptors that are not for connections


class SshExecutor:
    """The executor of exec=ssh (execution/executor.py). ssh2 has another `way`, and another `_prepare`."""

    way: Way = channel
    run: Run
    links: ConnectionPool

    def __init__(self, loop: EventLoop, answer: Answer, notify: Notify) -> None:
        self.loop, self.answer, self.notify = loop, answer, notify
        loop.open_to_threads()
        self.clock = loop
        self._prepare()
        # each costs a descriptor; as many again are for agents, long streams and files of settings
        self.links.most = max(1, (loop.limit.most - _OTHERS) // 2)
        self._states: dict[int, CommandState] = {}  # serial: of each command without an answer
        self._serial = 0

    def _prepare(self) -> None:
        self.run = ThreadPool().run
        self.links = ConnectionPool(self.run, self.call, self.clock.after)

    # -- for its owner

    def start(self, command: SshCommand) -> int:
        self._serial += 1
        command.serial = self._serial
        state = self._states[command.serial] = self._state_of(command)
        if command.follow:  # its output comes in another thread
            command.follow.live.wake = lambda: self.call(_nothing)
        self.links.at_once = command.at_once
        self.loop.after(min(PATIENT, command.timeout), lambda: self._report_queued(command))
        self.links.want(command.place, state)
        return self._serial

    def cancel(self, serial: int, why: str) -> None:
        if (state := self._states.get(serial)) and not state.cancel():
            state.end(TIMEOUT if why == TIMEOUT else INTERRUPT)

    def end_everything(self) -> None:
        """KILL all that has no answer yet, as far as the hosts report that within a second."""
        groups: dict[Any, list[SshCommand]] = {}  # Any: a link of ssh/connections.py
        for state in self._states.values():
            if state.command.sent and not state.command.spoken and state.link and not state.command.far:
                groups.setdefault(state.link, []).append(state.command)
        ended = [threading.Event() for _ in groups]
        for (link, commands), event in zip(groups.items(), ended, strict=True):
            with contextlib.suppress(RuntimeError):  # no thread is left
                self.run(channel.end_command, commands, link.transport, 0.0, _until_ended(event))
        until = time.monotonic() + AT_ONCE
        for event in ended:
            event.wait(max(0.0, until - time.monotonic()))
        for link in self.links.all():
            link.cut()

    def _state_of(self, command: SshCommand) -> CommandState:
        return CommandState(command, self)

    # -- for its commands and their threads

    def call(self, call: Callable[..., object], *arguments: object) -> None:
        """From any thread: have this called in the loop."""
        self.loop.call_from_thread(lambda: call(*arguments))

    def started(self, command: SshCommand) -> None:
        self.notify(command.request, "started")

    def done(self, command: SshCommand, result: Result) -> None:
        if self._states.pop(command.serial or 0, None):
            self.answer(result)

    def _report_queued(self, command: SshCommand) -> None:
        with command.lock:  # the thread that sends it meanwhile has to see that we have reported this
            command.queued = command.serial in self._states and not command.sent
        if command.queued:
            self.notify(command.request, "queued")


def _until_ended(event: threading.Event) -> Callable[[str | None], None]:
    def hear(word: str | None) -> None:
        if word != "begun":
            event.set()

    return hear


def _nothing() -> None:
    """To wake the loop."""
