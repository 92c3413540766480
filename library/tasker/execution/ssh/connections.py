"""The connections: one per target, kept for the run; more if a server limits the sessions of one.

Everything but `_connect` happens in the thread of the loop. A client asks for a connection with `want`. It is called
with `begin()` when the set-up starts, then `use(link)` or `fail(fault)`, and gives the connection back with `release`.
"""

from __future__ import annotations

import collections
import threading

from tasker.execution.ssh import transport as wire
from tasker.execution.ssh.fault_exception import Fault
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.ssh.client import Transport
    from tasker.execution.ssh.target import Target
    from tasker.execution.ssh.transport import GuardedSocket

    class Client(Protocol):
        """Wants a connection: a command, or a connection that goes through a jump host."""

        def begin(self) -> None: ...
        def use(self, link: SshConnection) -> None: ...
        def fail(self, fault: Fault) -> None: ...

    class Run(Protocol):
        """Calls something in another thread. Raises RuntimeError if the machine has no thread left."""

        def __call__(self, call: Callable[..., object], /, *arguments: object) -> None: ...


KEPT = 128  # idle connections that are kept: each costs a thread and some 250 KiB


class SshConnection:
    """One connection. If it goes through a jump host, it is a client of the connection to that host."""

    def __init__(self, place: Target, links: ConnectionPool) -> None:
        self.place, self.links = place, links
        self.transport: Transport | None = None
        self.plug: GuardedSocket | None = None
        self.jump: SshConnection | None = None
        self.step = "waiting for its turn"
        self.users: set[Client] = set()
        self.taken = self.most = 0  # open sessions: now, and the most at the same time
        self._lock = threading.Lock()
        self.ready = self.over = False
        self.begun = False  # is it, or its jump host, being connected?
        self.slot = False  # does it hold one of the slots for set-ups?
        self.open = False  # does it cost a descriptor?
        self.served = False  # has it been used before?
        self.budget = 0.0

    def use(self, link: SshConnection) -> None:
        self.jump = link
        self.links.line_up(self)

    def fail(self, fault: Fault) -> None:
        self.links.failed(self, fault)

    def begin(self) -> None:
        self.begun = True
        for client in self.links.host(self.place).waiting:
            client.begin()

    def note(self, step: str, plug: GuardedSocket | None = None, /) -> float:
        """Called in the connecting thread before each step. Returns the seconds for the whole set-up."""
        self.step = step
        self.plug = plug or self.plug
        if self.over:
            raise Fault("connect_timeout")
        return self.budget

    def session_opened(self) -> None:
        """From any thread."""
        with self._lock:
            self.taken += 1
            self.most = max(self.most, self.taken)

    def session_closed(self) -> None:
        """From the thread of the loop."""
        with self._lock:
            self.taken -= 1

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


class ConnectionPool:
    """run: calls in a new thread. tell: calls in the thread of the loop."""

    def __init__(self, run: Run, tell: Run) -> None:
        self._run, self._tell = run, tell
        self._hosts: dict[Target, HostConnections] = {}
        self._line: collections.deque[SshConnection] = collections.deque()  # to be connected
        self._idle: dict[SshConnection, None] = {}  # ready and unused; longest idle first
        self._connecting = self._open_now = 0
        self.at_once, self.most = 1, 10_000  # connections: being set up, and in all

    def host(self, place: Target) -> HostConnections:
        return self._hosts.setdefault(place, HostConnections())

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
        jump = link.place.jump
        steps = [one.step for one in self.host(jump).links if not one.ready] if jump else []
        if jump and steps and not link.jump:
            return f"the jump host {jump.name}: {steps[0]}"
        keys = link.step == wire.GREETING and link.plug is not None and link.plug.greeting_seen == "ssh"
        return "exchanging keys" if keys else link.step

    def drop(self, link: SshConnection) -> None:
        """Give it to no further client; close it once it has no users."""
        host = self.host(link.place)
        if link in host.links:
            host.links.remove(link)
        if not link.over and not link.users:
            if not link.ready and link.place.jump and not link.jump:
                self.leave(link.place.jump, link)
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

    def refused(self, link: SshConnection) -> None:
        """The server refused a further session."""
        self.host(link.place).room = max(1, link.most)

    def all(self) -> list[SshConnection]:
        return [link for host in self._hosts.values() for link in host.links]

    def _serve(self, place: Target) -> None:
        host = self.host(place)
        for link in [link for link in host.links if link.transport is not None and not link.transport.is_active()]:
            self.drop(link)
        while host.waiting:
            ready = next((one for one in host.links if one.ready and self._has_room(one, host)), None)
            if ready is None:
                break
            client = host.waiting.popleft()
            self._idle.pop(ready, None)
            ready.users.add(client)
            client.use(ready)
        coming = sum(not link.ready for link in host.links)
        if len(host.waiting) > coming * (host.room or len(host.waiting)):
            self._open(place, host)

    def _has_room(self, link: SshConnection, host: HostConnections) -> bool:
        return host.room is None or len(link.users) < host.room

    def _open(self, place: Target, host: HostConnections) -> None:
        link = SshConnection(place, self)
        host.links.append(link)
        if place.jump:
            self.want(place.jump, link)
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
            through = link.jump.transport if link.jump else None
            try:
                self._run(self._connect, link, through)
            except RuntimeError as error:
                self._connected(link, None, Fault("connect_failed", str(error)))

    def _connect(self, link: SshConnection, through: Transport | None) -> None:
        transport: Transport | None = None
        fault: Fault | None = None
        try:
            transport = wire.connect(link.place, through, link.note)
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
        elif fault:
            self.failed(link, fault)
        else:
            link.transport, link.ready, link.step = transport, True, ""
            self._serve(link.place)
            self._keep_idle(link)
        self._start_connecting()

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
