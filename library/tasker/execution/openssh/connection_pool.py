"""The connections to one host with one set of options, and the commands that wait for them.

Commands wait for the first connection, which is set up once, whether one or fifty of them do: a wrong key or password
is tried once. When all sessions of a connection are taken, another one is set up.
"""

from __future__ import annotations

import collections

from tasker.execution.openssh import key_exchange, ssh_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.openssh.command import OpensshCommand
    from tasker.execution.openssh.ssh_options import Destination
    from tasker.protocol.types import RunnerOptions

SESSIONS = 10  # on one connection: sshd's default (MaxSessions); fewer if it refuses
# what makes a shared connection of any configuration, and nothing else
_MASTER = ["ControlMaster=yes", "ControlPersist=no", "PermitLocalCommand=no", "RemoteCommand=none", "RequestTTY=no"]
_MASTER += ["ClearAllForwardings=yes", "LogLevel=ERROR", "ServerAliveInterval=10", "ServerAliveCountMax=3"]


class Connection:
    """A master. path: of its socket. serial: of its attempt. busy: sessions that it has; room: how many it can have.

    given: sessions that the host ever gave on it. asked: those that it has not answered yet.
    """

    __slots__ = ("asked", "busy", "given", "is_ready", "number", "path", "pool", "room", "serial")

    def __init__(self, pool: ConnectionPool, number: int, path: str) -> None:
        self.pool, self.number, self.path = pool, number, path
        self.busy, self.room, self.serial, self.is_ready = 0, SESSIONS, 0, False
        self.given = self.asked = 0

    def argv(self, preferences: tuple[str, ...] = ()) -> list[str]:
        host, arguments = self.pool.destination
        own = [word for option in _MASTER for word in ("-o", option)]
        return ["ssh", "-M", "-N", "-n", "-S", self.path, *own, *preferences, *arguments, "--", host]


class ConnectionPool:
    """destination: with which it is one. options: of the first request for it."""

    def __init__(self, destination: Destination, options: RunnerOptions) -> None:
        self.destination = destination
        self.connect_timeout = ssh_options.connect_timeout(options)
        self.max_connecting = ssh_options.max_connecting(options)
        self.config = options.get("config")
        self.key_exchange = options.get("key_exchange", key_exchange.FAST)
        self.waiting: collections.deque[OpensshCommand] = collections.deque()
        self.ready: list[Connection] = []
        self.is_connecting = False  # or about to
        self.is_full = False  # the host has refused a further connection, or all sessions on one

    @property
    def host(self) -> str:
        return self.destination[0]

    def free(self) -> Connection | None:
        """A connection with room for a session."""
        return next((one for one in self.ready if one.busy < one.room), None)

    def needs_connection(self) -> bool:
        if not self.waiting or self.is_connecting or (self.is_full and self.ready):
            return False
        return self.free() is None
