"""The connections to one host with one set of settings, and the commands that wait for them.

Commands wait for the first connection, which is set up once, whether one or fifty of them do: a wrong key or password
is tried once. Where all sessions of a connection are taken, another one is set up.
"""

import collections

from tasker.execution.openssh import ssh_options

SESSIONS = 10  # on one connection: sshd's default (MaxSessions); fewer where it refuses
# what makes a shared connection of any configuration, and nothing else
_MASTER = ["ControlMaster=yes", "ControlPersist=no", "PermitLocalCommand=no", "RemoteCommand=none", "RequestTTY=no"]
_MASTER += ["ClearAllForwardings=yes", "LogLevel=ERROR", "ServerAliveInterval=10", "ServerAliveCountMax=3"]


class Connection:
    """A master. path: of its socket. serial: of its attempt. busy: sessions that it has; room: how many it can have."""

    __slots__ = ("route", "number", "path", "busy", "room", "serial", "ready")

    def __init__(self, route, number, path):
        self.route, self.number, self.path = route, number, path
        self.busy, self.room, self.serial, self.ready = 0, SESSIONS, 0, False

    def argv(self) -> list[str]:
        host, flags = self.route.key
        own = [word for option in _MASTER for word in ("-o", option)]
        return ["ssh", "-M", "-N", "-n", "-S", self.path, *own, *flags, "--", host]


class ConnectionPool:
    """key: (host, flags of ssh)."""

    def __init__(self, key, options):
        self.key = key
        self.connect_timeout, self.at_once = ssh_options.connect_timeout(options), ssh_options.max_connecting(options)
        self.waiting = collections.deque()  # commands
        self.ready = []  # connections
        self.connecting = False  # or about to
        self.alone = False  # the host has refused a further connection

    def free(self) -> Connection | None:
        return next((one for one in self.ready if one.busy < one.room), None)

    def wants_another(self) -> bool:
        return bool(self.waiting) and not self.connecting and not (self.alone and self.ready) and self.free() is None
