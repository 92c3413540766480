"""The masters: processes of `ssh` that log in, stay, and give sessions to who asks behind their sockets.

That one is ready shows by its socket, which is there when the login has succeeded; until then its messages say what is
wrong, and nothing of a command can be among them.
"""

import contextlib
import os

from tasker.execution.connection_faults import CLASSES
from tasker.execution.local.attempt import Attempt
from tasker.execution.local.supervisor import Supervisor
from tasker.execution.openssh import mux
from tasker.execution.openssh.connection_pool import Connection
from tasker.execution.openssh.ssh_errors import error_class, last_error_line
from tasker.execution.openssh.watchdog import Watchdog
from tasker.protocol.exit_codes import CANNOT_START

LOOK = 0.005  # seconds between two looks for the sockets of masters that are connecting: nothing else would tell
FOREVER = 10.0**9  # seconds: a master lives as long as we do, if there are not too many
KEPT = 250  # connections: each is a process of 1.6 MB; beyond that, one that has nothing to do goes for each new one


class ControlMasters:
    """ends: signals, see Supervisor. serve(route): a connection is ready, or one is gone.

    refuse(route, reason, class, exit code): there will be none for what waits there.
    """

    def __init__(self, ends, serve, refuse):
        self.serve, self.refuse = serve, refuse
        self.supervisor = Supervisor(self._ended, ends)
        self._all = {}  # number: connection
        self._wanting, self._connecting = [], {}  # routes; number: connection
        self._guard, self._count = None, 0

    def want(self, route) -> None:
        """Set up another connection, as soon as there are not too many on their way."""
        route.connecting = True
        self._wanting.append(route)
        self._connect()

    def retire(self, connection) -> None:
        """It is of no use any more."""
        if connection in connection.route.ready:
            connection.route.ready.remove(connection)
        self.supervisor.cancel(connection.serial, "of no use")

    def turn(self, longest: float) -> None:
        """Supervisor.turn, which also hears of all that is watched."""
        self.supervisor.turn(min(longest, LOOK) if self._connecting else longest)
        for connection in [one for one in self._connecting.values() if os.path.exists(one.path)]:
            self._connected(connection)

    def end(self) -> None:
        self.supervisor.end_everything()
        if self._guard:
            self._guard.close()
            self._guard = None

    def _connect(self):
        while self._wanting and len(self._connecting) < self._wanting[0].at_once:
            route = self._wanting.pop(0)
            if not route.waiting:  # cancelled meanwhile
                route.connecting = False
                continue
            try:
                self._guard = self._guard or Watchdog()
            except OSError as error:
                self._none(route, f"cannot begin: {error.strerror or error}")
                continue
            self._dial(route)

    def _dial(self, route):
        if len(self._all) >= KEPT:
            self._dismiss_one()
        self._count += 1
        number = self._count
        connection = Connection(route, number, f"{self._guard.folder}/{number}")
        run = route.waiting[0].marker.partition(":")[0]
        marker = f"{run}:{os.path.basename(self._guard.folder)}.{number}"
        self._guard.watch(marker)
        self._all[number] = self._connecting[number] = connection
        master = Attempt({"id": number}, connection.argv(), {}, marker, route.connect_timeout)
        connection.serial = self.supervisor.start(master)

    def _dismiss_one(self):
        """End the oldest connection that nobody uses, by its own protocol: that costs no look at all processes."""
        for one in self._all.values():
            if one in one.route.ready and not one.busy:
                one.route.ready.remove(one)
                with contextlib.suppress(OSError):
                    mux.terminate(one.path)
                return

    def _connected(self, connection):
        del self._connecting[connection.number]
        connection.ready, connection.route.connecting = True, False
        connection.route.ready.append(connection)
        self.supervisor.allow(connection.serial, FOREVER)
        self.serve(connection.route)
        self._connect()

    def _ended(self, doc):
        """A connection that is lost, or that could not be set up."""
        connection = self._all.pop(doc["id"])
        route = connection.route
        if connection.ready:
            if connection in route.ready:
                route.ready.remove(connection)
        else:
            del self._connecting[connection.number]
            self._none(route, *_reason(route, doc))
        with contextlib.suppress(OSError):
            os.unlink(connection.path)
        self.serve(route)
        self._connect()

    def _none(self, route, why, name="", code=CANNOT_START):
        route.connecting = False
        if route.ready:  # some sessions are better than none
            route.alone = True
        else:
            self.refuse(route, why, name, code)


def _reason(route, doc):
    """(reason, class, exit code) of a master that never was ready."""
    host = route.key[0]
    if doc["outcome"] == "not_started":  # no such program
        return doc["reason"], "", doc["exit_code"]
    if doc["outcome"] == "timeout":
        name, said = "connect_timeout", f"{route.connect_timeout:g} seconds"
    else:
        name, said = error_class(doc["stderr"]), last_error_line(doc["stderr"])
    why = f"{name}: no connection to '{host}': {CLASSES[name]}" + (f" ({said})" if said else "")
    return why, name, CANNOT_START
