"""The connections: one a place, kept for the run; more when a server gives no more sessions on one.

All of it happens in the loop's own thread, but for `_connect`. Who wants a connection is a client, with `use(link)`,
`fail(fault)` and `begin()`, which says that the connection is being set up now; it gives it back with `release`.
"""

from __future__ import annotations

import collections
import threading

from tasker.execution.ssh import transport as wire
from tasker.execution.ssh.faults import Fault
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.ssh.client import Transport
    from tasker.execution.ssh.target import Target
    from tasker.execution.ssh.transport import GuardedSocket

    class Client(Protocol):
        """Who wants a connection: a command, or a connection through a jump host."""

        def begin(self) -> None: ...
        def use(self, link: SshConnection) -> None: ...
        def fail(self, fault: Fault) -> None: ...

    class Run(Protocol):
        """Calls something in a thread of its own. Raises RuntimeError when the machine has none left."""

        def __call__(self, call: Callable[..., object], /, *arguments: object) -> None: ...


KEPT = 128  # connections without any use: each costs a thread and some 250 KiB


class SshConnection:
    """One connection. As a client it is one that leads on through a jump host."""

    def __init__(self, place: Target, links: ConnectionPool) -> None:
        self.place, self.links = place, links
        self.transport: Transport | None = None
        self.plug: GuardedSocket | None = None
        self.jump: SshConnection | None = None
        self.step = "waiting for its turn"
        self.users: set[Client] = set()
        self.taken = self.most = 0  # sessions that the server has given: now, and at most at once
        self._lock = threading.Lock()
        self.ready = self.over = False
        self.begun = False  # is it, or its jump host, being connected?
        self.slot = False  # is it one of those that are being connected now?
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
        """In the connecting thread, before each step. How many seconds there are at most."""
        self.step = step
        self.plug = plug or self.plug
        if self.over:
            raise Fault("connect_timeout")
        return self.budget

    def took(self) -> None:
        """In whatever thread: the server has given a session."""
        with self._lock:
            self.taken += 1
            self.most = max(self.most, self.taken)

    def gave(self) -> None:
        """A session is over."""
        with self._lock:
            self.taken -= 1

    def cut(self) -> None:
        """End it now, whoever waits for it. Never waits itself."""
        self.over = True
        if self.plug:
            self.plug.close()
        if self.jump:
            self.links.release(self.jump, self)
            self.jump = None


class HostConnections:
    """What there is of one place."""

    def __init__(self) -> None:
        self.links: list[SshConnection] = []
        self.waiting: collections.deque[Client] = collections.deque()
        self.room: int | None = None  # sessions that the server gives on one connection, once it has refused one


class ConnectionPool:
    """run: starts a thread. tell: has a call made in the loop's thread."""

    def __init__(self, run: Run, tell: Run) -> None:
        self._run, self._tell = run, tell
        self._hosts: dict[Target, HostConnections] = {}
        self._line: collections.deque[SshConnection] = collections.deque()  # to be connected
        self._idle: dict[SshConnection, None] = {}  # ready, without a user; the one that is idle for longest first
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
        """It waits no longer. What its connection was about to do, for people."""
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
        keys = link.step == wire.GREETING and link.plug is not None and link.plug.heard == "ssh"
        return "exchanging keys" if keys else link.step

    def drop(self, link: SshConnection) -> None:
        """Nobody is to use it any more; it is cut as soon as nobody does."""
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
            self._free(link)  # its thread may be in a resolver, or with an agent, where nothing wakes it
            self._dial()

    def release(self, link: SshConnection, client: Client) -> None:
        link.users.discard(client)
        if link not in self.host(link.place).links:
            self.drop(link)
        else:
            link.served = True
            self._serve(link.place)
            self._rest(link)

    def line_up(self, link: SshConnection) -> None:
        self._line.append(link)
        self._dial()

    def failed(self, link: SshConnection, fault: Fault) -> None:
        """It could not be had: whoever waits for this place hears why, unless others still serve it."""
        host = self.host(link.place)
        self.drop(link)
        if not host.links:
            waiting, host.waiting = list(host.waiting), collections.deque()
            for client in waiting:
                client.fail(fault)

    def refused(self, link: SshConnection) -> None:
        """The server would not give one session more."""
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

    def _dial(self) -> None:
        while self._line and self._connecting < self.at_once:
            if self._line[0].over:
                self._line.popleft()
                continue
            if self._open_now >= self.most and not self._line[0].jump:
                if self._idle:
                    self.drop(next(iter(self._idle)))  # which comes back here
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
        except Exception as error:  # a bug, of ours or paramiko's, must not leave anybody waiting
            fault = Fault("connect_failed", f"{type(error).__name__}: {error}")
        self._tell(self._connected, link, transport, fault)

    def _connected(self, link: SshConnection, transport: Transport | None, fault: Fault | None) -> None:
        self._free(link)
        if link.over:
            if transport:
                transport.close()
        elif fault:
            self.failed(link, fault)
        else:
            link.transport, link.ready, link.step = transport, True, ""
            self._serve(link.place)
            self._rest(link)
        self._dial()

    def _free(self, link: SshConnection) -> None:
        self._connecting -= link.slot
        link.slot = False

    def _rest(self, link: SshConnection) -> None:
        """Keep it for later if nobody uses it; not too many of those, and none that another place waits for."""
        if link.users or link.over:
            return
        self._idle[link] = None
        if len(self._idle) > KEPT:
            self.drop(next(iter(self._idle)))
        elif self._line:
            self._dial()
