"""The life of one command: waiting for a connection, sent, ended. It is a client of links.py.

It has one timer: setting up is bounded by its budget, the command by its time-out from when it is sent. What a thread
of conversation.py hears, it says to `Voice`, and that has it said here, in the loop's thread; but for `sent`.
"""

from __future__ import annotations

import time

from tasker.execution.local.attempt import TIMEOUT
from tasker.execution.local.termination import GRACE
from tasker.execution.ssh import channel
from tasker.execution.ssh.command import GONE, KILLED, LEFT, refusal_result
from tasker.execution.ssh.faults import Fault
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.ssh.command import SshCommand
    from tasker.execution.ssh.connections import ConnectionPool, Run, SshConnection
    from tasker.protocol.types import Result

    class Loop(Protocol):
        """What a command needs of the SshExecutor, which cannot be imported here."""

        @property
        def clock(self) -> EventLoop: ...
        @property
        def run(self) -> Run: ...
        @property
        def links(self) -> ConnectionPool: ...
        def call(self, call: Callable[..., object], /, *arguments: object) -> None: ...
        def started(self, command: SshCommand, /) -> None: ...
        def done(self, command: SshCommand, result: Result, /) -> None: ...


SILENT = 0.7  # seconds in which a far side has to say that it ends a command
STUBBORN = 4.0  # seconds beyond GRACE in which it has to say what came of it
ANOTHER = 5.0  # seconds to reach it over another connection, when this one gives no session
LAST = 0.2  # seconds that the output of what was ended may still take
REFUSALS = 20  # times that one command may be refused a session


class CommandState:
    """loop: the Sessions that it belongs to."""

    def __init__(self, command: SshCommand, loop: Loop) -> None:
        self.command, self.loop = command, loop
        self.link: SshConnection | None = None
        self._timer: Timer | None = None
        self._refusals, self._stale = 0, False
        self._status, self._signal, self._lost = -1, "", ""  # what its conversation has heard

    # a client of links.py
    def begin(self) -> None:
        """A connection is being set up for it."""
        if self._timer is None:
            self._set(self.command.budget, self._up)

    def use(self, link: SshConnection) -> None:
        self.link = link
        self.begin()
        try:
            self.loop.run(channel.run_command, self.command, link.transport, ChannelOutput(self))
        except RuntimeError as error:
            self._release()
            self.fail(Fault("connect_failed", str(error)))

    def fail(self, fault: Fault) -> None:
        if self.command.claim():
            self.done(refusal_result(self.command, fault.name, fault.reason))

    def cancel(self) -> bool:
        """Answer one that was not sent; False when it was."""
        if not self.command.claim(unsent=True):
            return False
        self.loop.links.leave(self.command.place, self)
        self.done(not_started(self.command.request, self.command.argv, "cancelled before it could start"))
        return True

    def _up(self) -> None:
        """Its time is up: to be sent, or, since nobody tells us when it is sent, to end."""
        if self.command.claim(unsent=True):
            self._too_late()
        elif not self.command.answered:
            left = self.command.began + self.command.timeout - time.monotonic()
            if left > 0:
                self._set(left, self._up)
            else:
                self.end(TIMEOUT)

    def _too_late(self) -> None:
        """It was not sent in time, and will not be."""
        why = f"not within {self.command.budget:g} seconds"
        step = self.loop.links.leave(self.command.place, self)
        if self.link:
            step = "opening a session"
            self.loop.links.drop(self.link)  # it does not answer, so nobody else should wait for it
            self._release()
        fault = Fault("connect_timeout", f"{why}: {step}" if step else why)
        self.done(refusal_result(self.command, fault.name, fault.reason))

    # what its conversation has heard
    def refused(self, text: str) -> None:
        """The server gives no session more on this connection."""
        if (link := self.link) is None:  # too late: it has its answer
            return
        self.loop.links.refused(link)
        self._release()
        self._refusals += 1
        if link.most and self._refusals <= REFUSALS:
            self._again()
        else:
            self.fail(Fault("session_refused", text))

    def not_opened(self, text: str) -> None:
        """The connection died before anything was sent. One that was kept may have been dead for long: once more."""
        if self.link is None:
            return
        kept, self._stale = self.link.served and not self._stale, True
        self.loop.links.drop(self.link)
        self._release()
        if kept:
            self._again()
        else:
            self.fail(Fault("closed", text))

    def answered(self, doc: Result, closed: bool) -> None:
        """It has ended by itself, and its conversation has claimed it."""
        self.command.spoken = True
        self.done(doc)
        if closed:
            self.closed()

    def heard(self, status: int, ended_by: str, lost: str) -> None:
        """Nothing more will come of it."""
        self._status, self._signal, self._lost = status, ended_by, lost
        self.command.spoken = True
        if self.command.why is None or self.command.end is not None:
            self._finish()

    def not_run(self) -> None:
        if self.command.claim():
            fault = Fault("session_refused", "it would not run a command")
            self.done(refusal_result(self.command, fault.name, fault.reason))

    def closed(self) -> None:
        if self.command.sent and self.link:
            self.link.gave()
        self._release()

    # ending it
    def end(self, why: str) -> None:
        """Have it ended on the far side, and answer when that is known, or cannot be known."""
        command = self.command
        if command.why is not None or command.spoken or command.answered:
            return
        command.why = why
        if command.channel is not None:
            command.channel.bell.often = True
            command.channel.bell.ring()  # what it has said so far belongs to its result, even where nothing more comes
        self._set(SILENT, self._ended, "it does not answer")
        if self.link is not None:
            self._ask(self.link)

    def _ask(self, link: SshConnection) -> None:
        try:
            self.loop.run(channel.end_command, [self.command], link.transport, GRACE, ChannelOutput(self).say)
        except RuntimeError as error:  # no thread is left
            self._ended(str(error))

    def say(self, word: str | None) -> None:
        """What the far side says of it: see conversation.end."""
        if self.command.end is not None:
            return
        if word == "begun":
            self._set(GRACE + STUBBORN, self._ended, "it did not say so")
        elif word is None:
            self._set(ANOTHER, self._ended, "it gives no session for that")
            if self.link is not None:
                self.loop.links.refused(self.link)
            self.loop.links.want(self.command.place, RemoteKill(self))
        else:
            self._ended(word)

    def _ended(self, word: str) -> None:
        self.command.end = word
        if self.link and word not in (GONE, KILLED, LEFT):
            self.loop.links.drop(self.link)  # nobody else should wait for it
        if self.command.spoken:
            self._finish()
        else:
            self._set(LAST, self._finish)

    def _finish(self) -> None:
        """Answer it; in a thread, since what is kept on disk has to be there before."""
        self.loop.clock.cancel(self._timer)
        if self.command.claim():
            try:
                self.loop.run(self._answer)
            except RuntimeError:  # no thread is left
                self._answer()

    def _answer(self) -> None:
        doc = self.command.result(self._status, self._signal, self._lost or "no_status")
        self.loop.call(self.done, doc)

    def done(self, doc: Result) -> None:
        self.loop.clock.cancel(self._timer)
        self.command.let_go = True
        if self.command.channel is not None and not self.command.spoken:
            # its thread is to close it, whatever it still waits for
            self.command.channel.bell.ring()
            self.command.channel.event.set()
        self.loop.done(self.command, doc)

    def _again(self) -> None:
        if not self.command.answered:
            self.loop.links.want(self.command.place, self, first=True)

    def _release(self) -> None:
        link, self.link = self.link, None
        if link:
            self.loop.links.release(link, self)

    def _set(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        self.loop.clock.cancel(self._timer)
        self._timer = self.loop.clock.after(seconds, lambda: call(*arguments))


class RemoteKill:
    """Another connection to the same place, to end a command whose own has no session free."""

    _link: SshConnection

    def __init__(self, life: CommandState) -> None:
        self._life = life

    def begin(self) -> None:
        """The command's own timer bounds this too."""

    def use(self, link: SshConnection) -> None:
        self._link = link
        try:
            self._life.loop.run(self._run)
        except RuntimeError as error:
            self._life.loop.links.release(link, self)
            self._life.say(str(error))

    def fail(self, fault: Fault) -> None:
        self._life.say(fault.reason)

    def _run(self) -> None:
        voice = ChannelOutput(self._life)
        channel.end_command(
            [self._life.command], self._link.transport, GRACE, lambda word: voice.say(word or "no session")
        )
        self._life.loop.call(self._life.loop.links.release, self._link, self)


class ChannelOutput:
    """What a thread may say to a life: each word is heard in the loop, but for one."""

    def __init__(self, life: CommandState) -> None:
        self._life = life

    def sent(self) -> None:
        """Heard at once, since it needs the loop for those alone that have waited."""
        if (link := self._life.link) is not None:
            link.took()
        if self._life.command.queued:
            self._life.loop.call(self._life.loop.started, self._life.command)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self._life.loop.call(getattr(self._life, name), *arguments)
