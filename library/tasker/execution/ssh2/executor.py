"""Run commands on many hosts at once over libssh2; over `ssh` where libssh2 cannot, and that is allowed."""

from __future__ import annotations

import functools
import time

from tasker.execution.local.termination import AT_ONCE
from tasker.execution.ssh.command import refusal_result
from tasker.execution.ssh.command_state import CommandState
from tasker.execution.ssh.executor import SshExecutor
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.threads import ThreadPool
from tasker.execution.ssh2 import channel
from tasker.execution.ssh2.command import Ssh2Command
from tasker.execution.ssh2.connections import Ssh2ConnectionPool
from tasker.execution.ssh2.login import Unable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.ssh.command import SshCommand
    from tasker.execution.ssh.command_state import Way
    from tasker.execution.ssh.connections import SshConnection
    from tasker.execution.ssh.target import Target
    from tasker.protocol.types import Result


class Ssh2Executor(SshExecutor):
    """The executor of exec=ssh2 (execution/executor.py)."""

    way: Way = channel

    def __init__(self, loop: EventLoop, answer: Answer, notify: Notify) -> None:
        super().__init__(loop, answer, notify)
        self._others: Fallback | None = None
        self._moved: dict[int, int] = {}  # number here: number in the other one
        self._unable: set[Target] = set()  # targets that libssh2 could not log in to

    def _prepare(self) -> None:
        self.run = _call
        self.links = Ssh2ConnectionPool(self.clock, ThreadPool().run, self.call, super().call)

    # -- for its owner

    def start(self, command: SshCommand) -> int:
        assert isinstance(command, Ssh2Command)  # Ssh2Backend makes no others
        if not command.obstacle and not (command.falls_back and command.place in self._unable):
            return super().start(command)
        self._serial += 1
        if command.falls_back:
            self._start_other(self._serial, command)
        else:
            why = f"libssh2 cannot use {command.obstacle}, and 'fallback' is false: use exec=ssh"
            result = refusal_result(command, "bad_setting", Fault("bad_setting", why).reason)
            self.call(self.answer, result)
        return self._serial

    def cancel(self, serial: int, why: str) -> None:
        if self._others is not None and (moved := self._moved.get(serial)) is not None:
            self._others.cancel(moved, why)
        else:
            super().cancel(serial, why)

    def end_everything(self) -> None:
        """KILL all that has no answer yet, as far as the hosts report that within a second."""
        groups: dict[SshConnection, list[SshCommand]] = {}
        for state in self._states.values():
            if state.command.sent and not state.command.spoken and state.link and not state.command.far:
                groups.setdefault(state.link, []).append(state.command)
        self.answer = _nothing
        waiting = set(groups)

        def report(link: SshConnection, word: str | None) -> None:
            if word != "begun":
                waiting.discard(link)

        for link, commands in groups.items():
            if link.transport is not None:
                channel.end_command(commands, link.transport, 0.0, functools.partial(report, link))
        until = time.monotonic() + AT_ONCE
        while waiting and (left := until - time.monotonic()) > 0:
            self.loop.turn(left)
        for link in self.links.all():
            link.cut()
        if self._others is not None:
            self._others.end_everything()

    # -- for its commands

    def call(self, call: Callable[..., object], *arguments: object) -> None:
        """Have this called in the next turn of the loop: nothing but look-ups of names is in a thread."""
        self.loop.after(0.0, functools.partial(call, *arguments))

    def _state_of(self, command: SshCommand) -> CommandState:
        return Ssh2State(command, self)

    def move(self, command: Ssh2Command) -> None:
        """Give it to `ssh`, as libssh2 could not log in."""
        self._unable.add(command.place)
        if command.serial is not None and self._states.pop(command.serial, None) is not None:
            self._start_other(command.serial, command)

    def _start_other(self, serial: int, command: Ssh2Command) -> None:
        if self._others is None:
            self._others = Fallback(self.loop, self.answer, self.notify)
            self._others.forget = self._forget_moved
        command.number = serial
        self._moved[serial] = self._others.start(command)

    def _forget_moved(self, command: SshCommand) -> None:
        if isinstance(command, Ssh2Command):
            self._moved.pop(command.number, None)


class Ssh2State(CommandState):
    """A command that `ssh` takes over where libssh2 could not log in."""

    def __init__(self, command: SshCommand, executor: Ssh2Executor) -> None:
        super().__init__(command, executor)
        self._executor = executor

    def fail(self, fault: Fault) -> None:
        command = self.command
        if isinstance(fault, Unable) and isinstance(command, Ssh2Command) and command.falls_back:
            self.pause()
            self._executor.move(command)
        else:
            super().fail(fault)


class Fallback(SshExecutor):
    """What runs over paramiko after all."""

    forget: Callable[[SshCommand], object]

    def done(self, command: SshCommand, result: Result) -> None:
        self.forget(command)
        super().done(command, result)


def _call(call: Callable[..., object], *arguments: object) -> None:
    """What needs a thread in `ssh` waits for nothing here."""
    call(*arguments)


def _nothing(_result: Result) -> None:
    """Takes an answer that comes too late."""
