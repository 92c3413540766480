"""The connections: one a place, kept for the run; more when a server gives no more sessions on one.

All of it happens in the loop's own thread, but for `_connect`. Who wants a connection is a client, with `use(link)`,
`fail(fault)` and `begin()`, which says that the connection is being set up now; it gives it back with `release`.
"""

import collections
import threading

from tasker.execution.ssh import transport as wire
from tasker.execution.ssh.faults import Fault
from tasker.protocol.document import Problem

KEPT = 128  # connections without any use: each costs a thread and some 250 KiB


class SshConnection:
    """One connection. As a client it is one that leads on through a jump host."""

    def __init__(self, place, links):
        self.place, self.links = place, links
        self.transport = self.plug = self.jump = None
        self.step = "waiting for its turn"
        self.users: set = set()
        self.taken = self.most = 0  # sessions that the server has given: now, and at most at once
        self._lock = threading.Lock()
        self.ready = self.over = False
        self.begun = False  # is it, or its jump host, being connected?
        self.slot = False  # is it one of those that are being connected now?
        self.open = False  # does it cost a descriptor?
        self.served = False  # has it been used before?
        self.budget = 0.0

    def use(self, link):
        self.jump = link
        self.links.line_up(self)

    def fail(self, fault):
        self.links.failed(self, fault)

    def begin(self):
        self.begun = True
        for client in self.links.host(self.place).waiting:
            client.begin()

    def note(self, step, plug=None):
        """In the connecting thread, before each step. How many seconds there are at most."""
        self.step = step
        self.plug = plug or self.plug
        if self.over:
            raise Fault("connect_timeout")
        return self.budget

    def took(self):
        """In whatever thread: the server has given a session."""
        with self._lock:
            self.taken += 1
            self.most = max(self.most, self.taken)

    def gave(self):
        """A session is over."""
        with self._lock:
            self.taken -= 1

    def cut(self):
        """End it now, whoever waits for it. Never waits itself."""
        self.over = True
        if self.plug:
            self.plug.close()
        if self.jump:
            self.links.release(self.jump, self)
            self.jump = None


class HostConnections:
    """What there is of one place."""

    def __init__(self):
        self.links: list[SshConnection] = []
        self.waiting: collections.deque = collections.deque()
        self.room: int | None = None  # sessions that the server gives on one connection, once it has refused one


class ConnectionPool:
    """run: starts a thread. tell: has a call made in the loop's thread."""

    def __init__(self, run, tell):
        self._run, self._tell = run, tell
        self._hosts: dict = {}  # place: Host
        self._line: collections.deque[SshConnection] = collections.deque()  # to be connected
        self._idle: dict[SshConnection, None] = {}  # ready, without a user; the one that is idle for longest first
        self._connecting = self._open_now = 0
        self.at_once, self.most = 1, 10_000  # connections: being set up, and in all

    def host(self, place) -> HostConnections:
        return self._hosts.setdefault(place, HostConnections())

    def want(self, place, client, first=False) -> None:
        waiting = self.host(place).waiting
        waiting.appendleft(client) if first else waiting.append(client)
        if any(link.begun and not link.ready for link in self.host(place).links):
            client.begin()
        self._serve(place)

    def leave(self, place, client) -> str:
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

    def _step(self, link):
        steps = [one.step for one in self.host(link.place.jump).links if not one.ready] if link.place.jump else []
        if steps and not link.jump:
            return f"the jump host {link.place.jump.name}: {steps[0]}"
        return "exchanging keys" if link.step == wire.GREETING and link.plug.heard == "ssh" else link.step

    def drop(self, link) -> None:
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

    def release(self, link, client) -> None:
        link.users.discard(client)
        if link not in self.host(link.place).links:
            self.drop(link)
        else:
            link.served = True
            self._serve(link.place)
            self._rest(link)

    def line_up(self, link) -> None:
        self._line.append(link)
        self._dial()

    def failed(self, link, fault) -> None:
        """It could not be had: whoever waits for this place hears why, unless others still serve it."""
        host = self.host(link.place)
        self.drop(link)
        if not host.links:
            waiting, host.waiting = list(host.waiting), collections.deque()
            for client in waiting:
                client.fail(fault)

    def refused(self, link) -> None:
        """The server would not give one session more."""
        self.host(link.place).room = max(1, link.most)

    def all(self):
        return [link for host in self._hosts.values() for link in host.links]

    def _serve(self, place):
        host = self.host(place)
        for link in [link for link in host.links if link.ready and not link.transport.is_active()]:
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

    def _has_room(self, link, host):
        return host.room is None or len(link.users) < host.room

    def _open(self, place, host):
        link = SshConnection(place, self)
        host.links.append(link)
        if place.jump:
            self.want(place.jump, link)
        else:
            self.line_up(link)

    def _dial(self):
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

    def _connect(self, link, through):
        try:
            transport, fault = wire.connect(link.place, through, link.note), None
        except Fault as error:
            transport, fault = None, error
        except Problem as problem:
            transport, fault = None, Fault("bad_setting", problem.message)
        except Exception as error:  # a bug, of ours or paramiko's, must not leave anybody waiting
            transport, fault = None, Fault("connect_failed", f"{type(error).__name__}: {error}")
        self._tell(self._connected, link, transport, fault)

    def _connected(self, link, transport, fault):
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

    def _free(self, link):
        self._connecting -= link.slot
        link.slot = False

    def _rest(self, link):
        """Keep it for later if nobody uses it; not too many of those, and none that another place waits for."""
        if link.users or link.over:
            return
        self._idle[link] = None
        if len(self._idle) > KEPT:
            self.drop(next(iter(self._idle)))
        elif self._line:
            self._dial()
