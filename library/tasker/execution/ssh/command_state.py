"""The state of one command: waiting for a connection, sent, ended. It is a client of connections.py.

It has one timer: its budget bounds the connection set-up, its timeout the command from when it is sent. What runs it on
its connection reports to a ChannelOutput, which calls the methods here in a turn of the loop (except `sent`).
"""

from __future__ import annotations

import signal
import time

from tasker.execution.local.attempt import TIMEOUT
from tasker.execution.local.termination import GRACE
from tasker.execution.ssh.command import GONE, KILLED, LEFT, refusal_result
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.jump_hosts import is_over, pieces_of
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.ssh.channel import Report
    from tasker.execution.ssh.client import Channel, Transport
    from tasker.execution.ssh.command import SshCommand
    from tasker.execution.ssh.connections import ConnectionPool, Run, SshConnection
    from tasker.protocol.types import Result

    class Way(Protocol):
        """How commands run on connections: in threads (channel.py), or in the turns of the loop (ssh2/channel.py).

        A transport and a channel are of the library that the way belongs to.
        """

        def run_command(self, command: SshCommand, transport: Transport, tell: Report, /) -> object: ...
        def end_far_command(self, command: SshCommand, channel: Channel, /) -> object: ...
        def take_rest(self, channel: Channel, /) -> object: ...
        def let_go(self, channel: Channel, /) -> object: ...
        def end_command(
            self,
            commands: Sequence[SshCommand],
            transport: Transport,
            grace: float,
            report: Callable[[str | None], object],
            /,
        ) -> object: ...

    class Loop(Protocol):
        """What a command needs of the SshExecutor, which cannot be imported here."""

        @property
        def clock(self) -> EventLoop: ...
        @property
        def run(self) -> Run: ...
        @property
        def way(self) -> Way: ...
        @property
        def links(self) -> ConnectionPool: ...
        def call(self, call: Callable[..., object], /, *arguments: object) -> None: ...
        def started(self, command: SshCommand, /) -> None: ...
        def done(self, command: SshCommand, result: Result, /) -> None: ...


SILENT = 0.7  # seconds in which a host must confirm that it is ending a command
STUBBORN = 4.0  # seconds beyond GRACE in which it must report the outcome
ANOTHER = 5.0  # seconds to reach it over another connection, if this one gives no session
FAR_GOODBYE = GRACE + 4.0  # seconds to end a command with a receipt, which is written first
DOUBT, MOST_DOUBTS = 0.5, 60  # seconds for a jump host to answer, and how often it gets them: it is given up before
LAST = 0.2  # seconds in which output of an ended command may still come


class CommandState:
    """loop: the executor that it belongs to."""

    def __init__(self, command: SshCommand, loop: Loop) -> None:
        self.command, self.loop = command, loop
        self.link: SshConnection | None = None
        self._timer: Timer | None = None
        self._refused_by: set[SshConnection] = set()
        self._asked: tuple[SshConnection, int] | None = None  # a jump host, and what had come from it by then
        self._doubts = self._jumps_lost = 0
        self._status, self._signal, self._lost = -1, "", ""  # what its thread has reported

    # -- as a client of connections.py
    @property
    def budget(self) -> float:
        return self.command.budget

    def begin(self) -> None:
        """A connection is being set up for it."""
        if self._timer is None:
            self._set_timer(self.command.budget, self._on_timer)

    def pause(self) -> None:
        """Its time is for one connection, not for waiting until another one is set up."""
        self.loop.clock.cancel(self._timer)
        self._timer = None

    def use(self, link: SshConnection) -> None:
        self.link = link
        self.command.jump = link.way.jump.path() if link.way.jump else ""
        self.begin()
        if self.command.sudo:
            self.command.sudo.later = self._later
        try:
            work = self.command.work or self.loop.way.run_command
            self.loop.run(work, self.command, link.transport, ChannelOutput(self))
        except RuntimeError as error:
            self._release()
            self.fail(Fault("connect_failed", str(error)))

    def fail(self, fault: Fault) -> None:
        if self.command.claim():
            self.done(refusal_result(self.command, fault.name, fault.reason))

    def cancel(self) -> bool:
        """Answer a command that was not sent. False if it was sent."""
        if not self.command.claim(unsent=True):
            return False
        self.loop.links.leave(self.command.place, self)
        self.done(not_started(self.command.request, self.command.argv, "cancelled before it could start"))
        return True

    def _on_timer(self) -> None:
        """Its budget or its timeout may be over. Sets the timer again: the loop does not notice when it is sent."""
        if self.link is None and self.loop.links.has_ready(self.command.place):
            self.loop.links.stop_connecting(self.command.place)  # some sessions are better than none
        elif self._awaits_jump_host():
            self._set_timer(DOUBT, self._on_timer)
        elif self.command.claim(unsent=True):
            self._give_up_unsent()
        elif not self.command.answered:
            left = self.command.began + self.command.timeout - time.monotonic()
            if left > 0:
                self._set_timer(left, self._on_timer)
            else:
                self.end(TIMEOUT)

    def _awaits_jump_host(self) -> bool:
        """Is it the jump host that does not answer? Then the command goes through another one once that is certain."""
        command = self.command
        link = self.link or self.loop.links.connecting(command.place)
        if command.sent or command.answered or link is None or not link.place.jumps or link.jump is None:
            return False
        if self._asked is None or self._asked[0] is not link.jump:
            self._asked = link.jump, self.loop.links.jump_hosts.ask(link.jump)
            return True
        self._doubts += 1
        return self._asked[1] == pieces_of(link.jump) and self._doubts <= MOST_DOUBTS

    def _give_up_unsent(self) -> None:
        """It was not sent in time: answer it."""
        why = f"not within {self.command.budget:g} seconds"
        step = self.loop.links.leave(self.command.place, self)
        if self.link:
            step = "opening a session"
            self.loop.links.drop(self.link)  # it does not answer, so no other command should wait for it
            self._release()
        fault = Fault("connect_timeout", f"{why}: {step}" if step else why)
        self.done(refusal_result(self.command, fault.name, fault.reason))

    # -- reports of its thread
    def refused(self, text: str) -> None:
        """The server gives no further session on this connection."""
        if (link := self.link) is None:  # too late: it has its answer
            return
        self.pause()
        if not self.command.answered and not self.loop.links.refused(link, self, again=link in self._refused_by):
            self.fail(Fault("session_refused", text))
        self._refused_by.add(link)
        self._release()

    def not_opened(self, text: str) -> None:
        """The connection failed before anything was sent. One that was of use may have been dead for long: try others.

        There may be several of that kind. A new one that fails is the end.
        """
        if self.link is None:
            return
        jump = self.link.jump if self.link.place.jumps else None
        kept = self.link.served or self.link.gave_sessions()
        if not kept and jump is not None and is_over(jump):
            kept, self._jumps_lost = self._jumps_lost < len(self.link.place.jumps), self._jumps_lost + 1
            if not jump.served:  # not one that may have been dead for long: others are better
                self.loop.links.jump_hosts.lost(jump)
        self.loop.links.drop(self.link)
        self._release()
        if kept:
            self._again()
        else:
            self.fail(Fault("closed", text))

    def answered(self, doc: Result, closed: bool) -> None:
        """It has ended by itself, and its thread has claimed it."""
        self.command.spoken = True
        self.done(doc)
        if closed:
            self.closed()

    def heard(self, status: int, ended_by: str, lost: str) -> None:
        """Its channel has ended."""
        self._status, self._signal, self._lost = status, ended_by, lost
        self.command.spoken = True
        if self.command.far and self.command.why is not None:
            self.command.end = self.command.end or GONE  # its report says more
        if self._is_held and self.command.why is not None and self.command.end is None and lost != "lost":
            self.command.end = KILLED if status == 128 + signal.SIGKILL else GONE  # the script of the other user did it
        if self.command.why is None or self.command.end is not None:
            self._finish()

    def not_run(self) -> None:
        if self.command.claim():
            fault = Fault("session_refused", "it would not run a command")
            self.done(refusal_result(self.command, fault.name, fault.reason))

    def closed(self) -> None:
        self._release()

    # -- ending it
    def end(self, why: str) -> None:
        """End it on its host. It is answered when the outcome is known, or cannot be known any more."""
        command = self.command
        if command.why is not None or command.spoken or command.answered:
            return
        command.why = why
        if command.channel is not None:
            self.loop.way.take_rest(command.channel)
        self._set_timer(SILENT, self._on_ended, "it does not answer")
        if self.link is not None:
            self._start_ending(self.link)

    @property
    def _is_held(self) -> bool:
        """Does its input hold it, so that its end has the script of another user end it? (execution/become)"""
        return self.command.sudo is not None and self.command.sudo.holds

    def _start_ending(self, link: SshConnection) -> None:
        if self._is_held and self.command.sudo:
            self.command.sudo.end()
            self._set_timer(GRACE + STUBBORN, self._on_ended, "it did not say so")
            return
        try:
            if self.command.far:
                self._set_timer(FAR_GOODBYE, self._on_ended, "it did not report that")
                self.loop.run(self.loop.way.end_far_command, self.command, self.command.channel)
            else:
                self.loop.run(self.loop.way.end_command, [self.command], link.transport, GRACE, ChannelOutput(self).say)
        except RuntimeError as error:  # no thread is left
            self._on_ended(str(error))

    def say(self, word: str | None) -> None:
        """A report of channel.end_command."""
        if self.command.end is not None:
            return
        if word == "begun":
            self._set_timer(GRACE + STUBBORN, self._on_ended, "it did not say so")
        elif word is None:
            self._set_timer(ANOTHER, self._on_ended, "it gives no session for that")
            self.loop.links.want(self.command.place, RemoteKill(self), first=True)
        else:
            self._on_ended(word)

    def _on_ended(self, word: str) -> None:
        self.command.end = word
        if self.link and word not in (GONE, KILLED, LEFT):
            self.loop.links.drop(self.link)  # no other command should wait for it
        if self.command.spoken:
            self._finish()
        else:
            self._set_timer(LAST, self._finish)

    def _finish(self) -> None:
        """Answer it; in a thread, as this writes files to disk."""
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
            self.loop.way.let_go(self.command.channel)
        self.loop.done(self.command, doc)

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
        """For the thread of its channel."""
        self.loop.call(self.loop.clock.after, seconds, call)

    def _again(self) -> None:
        if not self.command.answered:
            self.pause()
            self.loop.links.want(self.command.place, self, first=True)

    def _release(self) -> None:
        link, self.link = self.link, None
        if link:
            self.loop.links.release(link, self)

    def _set_timer(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        self.loop.clock.cancel(self._timer)
        self._timer = self.loop.clock.after(seconds, lambda: call(*arguments))


class RemoteKill:
    """A client that ends a command over another connection, if its own gives no session."""

    _link: SshConnection
    budget = ANOTHER

    def __init__(self, state: CommandState) -> None:
        self._state = state
        self._refused_by: set[SshConnection] = set()
        self._voice = ChannelOutput(state)

    def begin(self) -> None:
        """The command's own timer bounds this too."""

    def pause(self) -> None:
        """As for begin."""

    def use(self, link: SshConnection) -> None:
        self._link = link
        try:
            loop = self._state.loop
            loop.run(loop.way.end_command, [self._state.command], link.transport, GRACE, self._report)
        except RuntimeError as error:
            self._state.loop.links.release(link, self)
            self._state.say(str(error))

    def fail(self, fault: Fault) -> None:
        self._state.say(fault.reason)

    def _report(self, word: str | None) -> None:
        if word is None:
            self._state.loop.call(self._refused)
            return
        self._voice.say(word)
        if word != "begun":
            self._state.loop.call(self._release)

    def _release(self) -> None:
        self._state.loop.links.release(self._link, self)

    def _refused(self) -> None:
        links, link = self._state.loop.links, self._link
        if self._state.command.end is None and not links.refused(link, self, again=link in self._refused_by):
            self._state.say("no session")
        self._refused_by.add(link)
        links.release(link, self)


class ChannelOutput:
    """Passes the reports of a thread to a CommandState, in the thread of the loop; `sent` alone acts at once."""

    def __init__(self, state: CommandState) -> None:
        self._state = state

    def sent(self) -> None:
        """At once: only commands that were reported as queued need the loop."""
        if self._state.command.queued:
            self._state.loop.call(self._state.loop.started, self._state.command)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self._state.loop.call(getattr(self._state, name), *arguments)
