"""The connections: one per target, kept for the run; more if a server limits the sessions of one.

Everything but `_connect` happens in the thread of the loop. A client asks for a connection with `want`. It is called
with `begin()` when a set-up starts, `pause()` when that is over and served others, then `use(link)` or `fail(fault)`,
and gives the connection back with `release`.
"""

from __future__ import annotations

import collections

from tasker.execution.ssh import transport as wire
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.jump_hosts import JumpHosts
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.ssh.client import Transport
    from tasker.execution.ssh.jump_hosts import After
    from tasker.execution.ssh.target import Target

    class Plug(Protocol):
        """What ends a set-up, or a connection, at once."""

        @property
        def greeting_seen(self) -> str: ...
        def close(self) -> None: ...

    class Client(Protocol):
        """Wants a connection: a command, or a connection that goes through a jump host."""

        @property
        def budget(self) -> float: ...  # seconds for the whole set-up
        def begin(self) -> None: ...
        def use(self, link: SshConnection) -> None: ...
        def pause(self) -> None: ...
        def fail(self, fault: Fault) -> None: ...

    class Run(Protocol):
        """Calls something in another thread. Raises RuntimeError if the machine has no thread left."""

        def __call__(self, call: Callable[..., object], /, *arguments: object) -> None: ...


KEPT = 128  # idle connections that are kept: each costs a thread and some 250 KiB


class SshConnection:
    """One connection. If it goes through a jump host, it is a client of the connection to that host."""

    def __init__(self, place: Target, links: ConnectionPool, budget: float) -> None:
        """budget: seconds for the whole set-up."""
        self.place, self.links, self.budget = place, links, budget
        self.way = place  # the same, with the jump host that was chosen of several
        self.tried: dict[Target, str] = {}  # of several jump hosts those that were of no use for it, and why
        self.transport: Transport | None = None
        self.plug: Plug | None = None
        self.jump: SshConnection | None = None
        self.step = "waiting for its turn"
        self.users: set[Client] = set()
        self.room: int | None = None  # sessions, if it has fewer than the server gives on others
        self.ready = self.over = False
        self.begun = False  # is it, or its jump host, being connected?
        self.slot = False  # does it hold one of the slots for set-ups?
        self.open = False  # does it cost a descriptor?
        self.served = False  # has it been used before?
        self.redone = False  # was its jump host's connection found dead once?

    def use(self, link: SshConnection) -> None:
        self.jump = link
        self.links.line_up(self)

    def pause(self) -> None:
        """It has no clock."""

    def fail(self, fault: Fault) -> None:
        if self.place.jumps:
            self.links.jump_hosts.is_refused(self, fault)
        else:
            self.links.failed(self, fault)

    def begin(self) -> None:
        if self.place.jumps and not self.jump:
            return  # the connection to a jump host of several has a clock of its own
        self.begun = True
        for client in self.links.host(self.place).waiting:
            client.begin()

    def note(self, step: str, plug: Plug | None = None, /) -> float:
        """Called in the connecting thread before each step. Returns the seconds for the whole set-up."""
        self.step = step
        self.plug = plug or self.plug
        if self.over:
            raise Fault("connect_timeout")
        return self.budget

    def sessions(self) -> int:
        """How many of its users have a session or ask for one. Connections through it need none."""
        return sum(not _needs_no_session(user) for user in self.users)

    def gave_sessions(self) -> bool:
        """Has the server ever given a session on it?"""
        return self.transport is not None and self.transport.sessions.given > 0

    # -- for jump_hosts.py

    def wait_for(self, jump: Target) -> None:
        self.links.want(jump, self, first=True)  # it needs no session

    def drop(self) -> None:
        self.links.drop(self)

    def give_up(self, fault: Fault) -> None:
        self.links.failed(self, fault)

    def replace(self, tried: dict[Target, str], redone: bool) -> None:
        self.links.replace(self, tried, redone)

    def unused_by(self, client: Client) -> None:
        self.users.discard(client)

    def cut(self) -> None:
        """Close it now, and wake whatever waits for it. Does not block."""
        self.over = True
        if self.plug:
            self.plug.close()
        if self.jump:
            self.links.release(self.jump, self)
            self.jump = None


class HostConnections:
    """The connections to one target, and the clients that wait for one."""

    def __init__(self) -> None:
        self.links: list[SshConnection] = []
        self.waiting: collections.deque[Client] = collections.deque()
        self.room: int | None = None  # sessions per connection, once the server has refused one
        self.full = False  # has the server refused a further connection, or all sessions on one?

    def ready(self) -> bool:
        return any(link.ready for link in self.links)


class ConnectionPool:
    """run: calls in a new thread. tell: calls in the thread of the loop. after: calls there in that many seconds."""

    def __init__(self, run: Run, tell: Run, after: After = lambda _seconds, _call: None) -> None:
        self._run, self._tell = run, tell
        self.jump_hosts = JumpHosts(self, run, tell, after)
        self._hosts: dict[Target, HostConnections] = {}
        self._line: collections.deque[SshConnection] = collections.deque()  # to be connected
        self._idle: dict[SshConnection, None] = {}  # ready and unused; longest idle first
        self._connecting = self._open_now = 0
        self.at_once, self.most = 1, 10_000  # connections: being set up, and in all

    def host(self, place: Target) -> HostConnections:
        if (found := self._hosts.get(place)) is None:
            found = self._hosts[place] = HostConnections()
        return found

    def want(self, place: Target, client: Client, first: bool = False) -> None:
        waiting = self.host(place).waiting
        waiting.appendleft(client) if first else waiting.append(client)
        if any(link.begun and not link.ready for link in self.host(place).links):
            client.begin()
        self._serve(place)

    def leave(self, place: Target, client: Client) -> str:
        """Stop waiting. Returns the step that its connection was in, in words."""
        host = self.host(place)
        if client not in host.waiting:
            return ""
        host.waiting.remove(client)
        step = next((self._step(link) for link in host.links if not link.ready), "")
        if not host.waiting:
            for link in [link for link in host.links if not link.ready]:
                self.drop(link)
        return step

    def _step(self, link: SshConnection) -> str:
        jump = link.way.jump
        steps = [one.step for one in self.host(jump).links if not one.ready] if jump else []
        if jump and steps and not link.jump:
            return f"the jump host {jump.path()}: {steps[0]}"
        keys = link.step == wire.GREETING and link.plug is not None and link.plug.greeting_seen == "ssh"
        return ("exchanging keys" if keys else link.step) + self.jump_hosts.tried_in_words(link)

    def drop(self, link: SshConnection) -> None:
        """Give it to no further client; close it once it has no users."""
        host = self.host(link.place)
        if link in host.links:
            host.links.remove(link)
        if not link.over and not link.users:
            if not link.ready and link.way.jump and not link.jump:
                self.leave(link.way.jump, link)
            link.cut()
            self._idle.pop(link, None)
            self._open_now -= link.open
            link.open = False
            self._free_slot(link)  # its thread may be stuck in the resolver or the agent, where nothing wakes it
            self._start_connecting()

    def release(self, link: SshConnection, client: Client) -> None:
        link.users.discard(client)
        if link not in self.host(link.place).links:
            self.drop(link)
            self._serve(link.place)
        else:
            link.served = True
            self._serve(link.place)
            self._keep_idle(link)

    def line_up(self, link: SshConnection) -> None:
        self._line.append(link)
        self._start_connecting()

    def failed(self, link: SshConnection, fault: Fault) -> None:
        """Its set-up failed: all clients that wait for this target fail, unless it has other connections."""
        host = self.host(link.place)
        self.drop(link)
        if not host.links:
            waiting, host.waiting = list(host.waiting), collections.deque()
            for client in waiting:
                client.fail(fault)

    def refused(self, link: SshConnection, client: Client, again: bool) -> bool:
        """The server refused this client a session. It is the first in the line for another one.

        Returns False if the server gives none at all: then the client does not wait any more.

        again: has the client been refused on this connection before? Once may be because the server had not yet
        cleared away a session that has ended here; twice means that it counts sessions that we do not know of.
        Call it before the client releases the connection.
        """
        host = self.host(link.place)
        if not link.gave_sessions():
            self.drop(link)
            host.full = any(one.gave_sessions() for one in host.links)  # then a session of another one has to do
            if not host.full:
                return False
        else:
            host.room = max(host.room or 1, link.transport.sessions.most if link.transport else 1)
        if again:
            link.room = link.sessions() - (client in link.users)
            if not link.room:
                self.drop(link)
        # after those that need no session: if it were first, they would wait for a session too
        host.waiting.insert(sum(map(_needs_no_session, host.waiting)), client)
        if any(one.begun and not one.ready for one in host.links):
            client.begin()
        return True

    def has_ready(self, place: Target) -> bool:
        return self.host(place).ready()

    def connecting(self, place: Target) -> SshConnection | None:
        """A connection that is being set up."""
        return next((link for link in self.host(place).links if not link.ready), None)

    def tunnels(self, jump: Target) -> list[SshConnection]:
        """The connections that wait for this one of several jump hosts."""
        return [one for one in self.host(jump).waiting if isinstance(one, SshConnection) and one.place.jumps]

    def stop_connecting(self, place: Target) -> None:
        """A further connection takes too long: the clients that wait get sessions of those that there are."""
        host = self.host(place)
        host.full = True
        for link in [link for link in host.links if not link.ready]:
            self.drop(link)
        for client in host.waiting:
            client.pause()

    def all(self) -> list[SshConnection]:
        return [link for host in self._hosts.values() for link in host.links]

    def _serve(self, place: Target) -> None:
        host = self.host(place)
        for link in [link for link in host.links if link.transport is not None and not link.transport.is_active()]:
            self.drop(link)
        while host.waiting:
            tunnel = _needs_no_session(host.waiting[0])
            ready = next((one for one in host.links if one.ready and (tunnel or self._has_room(one, host))), None)
            if ready is None:
                break
            client = host.waiting.popleft()
            self._idle.pop(ready, None)
            ready.users.add(client)
            client.use(ready)
        coming = sum(not link.ready for link in host.links)
        if host.full and host.ready():
            return
        if len(host.waiting) > coming * (host.room or len(host.waiting)):
            self._open(place, host)

    def _has_room(self, link: SshConnection, host: HostConnections) -> bool:
        if host.room is None:
            return True
        return link.sessions() < (host.room if link.room is None else min(host.room, link.room))

    def _open(self, place: Target, host: HostConnections) -> None:
        link = SshConnection(place, self, max(client.budget for client in host.waiting))
        host.links.append(link)
        if place.jumps:
            self.jump_hosts.choose(link)
        elif place.jump:
            self.want(place.jump, link, first=True)  # it needs no session
        else:
            self.line_up(link)

    def _start_connecting(self) -> None:
        while self._line and self._connecting < self.at_once:
            if self._line[0].over:
                self._line.popleft()
                continue
            if self._open_now >= self.most and not self._line[0].jump:
                if self._idle:
                    self.drop(next(iter(self._idle)))  # which calls this again
                return
            link = self._line.popleft()
            self._connecting += 1
            link.slot, link.open = True, not link.jump
            self._open_now += link.open
            link.begin()
            if link.place.jumps:
                self.jump_hosts.connects(link)
            through = link.jump.transport if link.jump else None
            try:
                self._set_up(link, through)
            except RuntimeError as error:
                self._connected(link, None, Fault("connect_failed", str(error)))

    def _set_up(self, link: SshConnection, through: Transport | None) -> None:
        """Start its set-up, which ends in `_connected`. Raises RuntimeError if the machine has no thread left."""
        self._run(self._connect, link, through)

    def _connect(self, link: SshConnection, through: Transport | None) -> None:
        transport: Transport | None = None
        fault: Fault | None = None
        try:
            transport = wire.connect(link.way, through, link.note)
        except Fault as error:
            fault = error
        except Problem as problem:
            fault = Fault("bad_setting", problem.message)
        except Exception as error:  # a bug, ours or paramiko's, must not leave clients waiting
            fault = Fault("connect_failed", f"{type(error).__name__}: {error}")
        self._tell(self._connected, link, transport, fault)

    def _connected(self, link: SshConnection, transport: Transport | None, fault: Fault | None) -> None:
        self._free_slot(link)
        if link.over:
            if transport:
                transport.close()
        elif fault and link.place.jumps and self.jump_hosts.moves(link, fault):
            pass  # another connection takes its place
        elif fault and link.jump and self._died_meanwhile(link.jump) and not link.redone:
            self._reach_jump_again(link, link.jump)
        elif fault:
            self.failed(link, fault)
        else:
            link.transport, link.ready, link.step = transport, True, ""
            self.jump_hosts.is_connected(link)
            self._serve(link.place)
            self._pause_waiting(link.place)
            self._keep_idle(link)
        self._start_connecting()

    def replace(self, link: SshConnection, tried: dict[Target, str], redone: bool) -> None:
        """Give up this set-up, and begin another one by way of the next jump host. tried, redone: see SshConnection."""
        host = self.host(link.place)
        self.drop(link)
        if not host.waiting:
            return
        other = SshConnection(link.place, self, link.budget)
        other.tried, other.redone = tried, redone
        host.links.append(other)
        self._pause_waiting(link.place)
        self.jump_hosts.choose(other)

    def _died_meanwhile(self, link: SshConnection) -> bool:
        """Is it a kept connection that is dead?"""
        return link.served and link.transport is not None and not link.transport.is_active()

    def _reach_jump_again(self, link: SshConnection, jump: SshConnection) -> None:
        link.jump, link.plug, link.redone = None, None, True
        self._open_now -= link.open
        link.open = False
        self.drop(jump)
        self.release(jump, link)
        self.want(jump.place, link, first=True)

    def _pause_waiting(self, place: Target) -> None:
        """The clients that it could not serve wait for the next connection: what the last one took is not theirs."""
        host = self.host(place)
        connecting = any(link.begun and not link.ready for link in host.links)
        for client in host.waiting:
            client.pause()
            if connecting:
                client.begin()

    def _free_slot(self, link: SshConnection) -> None:
        self._connecting -= link.slot
        link.slot = False

    def _keep_idle(self, link: SshConnection) -> None:
        """Keep an unused connection; not too many of them, and none whose descriptor another target needs."""
        if link.users or link.over:
            return
        self._idle[link] = None
        if len(self._idle) > KEPT:
            self.drop(next(iter(self._idle)))
        elif self._line:
            self._start_connecting()


def _needs_no_session(client: Client) -> bool:
    """Is this client a connection to another host, through this one?"""
    return isinstance(client, SshConnection)
