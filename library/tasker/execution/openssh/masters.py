"""ControlMaster processes: each logs in once and serves sessions over its control socket.

A master is ready when its socket is there, which is after the login. What it prints until then is about the login
alone: nothing of a command can be among it.
"""

from __future__ import annotations

import contextlib
import os

from tasker.execution.connection_faults import CLASSES
from tasker.execution.local.attempt import Attempt
from tasker.execution.local.supervisor import Supervisor
from tasker.execution.openssh import key_exchange, mux
from tasker.execution.openssh.connection_pool import Connection
from tasker.execution.openssh.ssh_errors import error_class, last_error_line
from tasker.execution.openssh.watchdog import Watchdog
from tasker.protocol.document import PROTOCOL
from tasker.protocol.exit_codes import CANNOT_START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.openssh.connection_pool import ConnectionPool
    from tasker.protocol.types import Result

LOOK = 0.005  # seconds between two looks for the sockets of masters that are connecting: nothing else reports them
KEPT = 250  # connections: each is a process of 1.6 MB; beyond that, an unused one is ended for each new one
_QUESTION = 0  # number of the process that prints the settings of ssh; connections count from 1
_ANSWER_IN = 2.0  # seconds


class ControlMasters:
    """serve(pool): a connection is ready, or one is gone.

    refuse(pool, reason, class, exit code): there will be no connection for the commands that wait there.
    """

    def __init__(
        self,
        loop: EventLoop,
        serve: Callable[[ConnectionPool], object],
        refuse: Callable[[ConnectionPool, str, str, int], object],
    ) -> None:
        self._loop, self._serve, self._refuse = loop, serve, refuse
        self._supervisor = Supervisor(loop, self._ended)
        self._all: dict[int, Connection] = {}  # number: connection
        self._connecting: dict[int, Connection] = {}
        self._wanting: list[ConnectionPool] = []
        self._preferences: dict[str | None, tuple[str, ...]] = {}  # `config` of the options: arguments of ssh
        self._asking: list[str | None] = []  # the one about which ssh is being asked
        self._watchdog: Watchdog | None = None
        self._timer: Timer | None = None
        self._count = 0

    def want(self, pool: ConnectionPool) -> None:
        """Set up another connection, as soon as there are not too many on their way."""
        pool.is_connecting = True
        self._wanting.append(pool)
        self._connect()

    def retire(self, connection: Connection) -> None:
        """End a connection that is of no use any more."""
        if connection in connection.pool.ready:
            connection.pool.ready.remove(connection)
        self._supervisor.cancel(connection.serial, "of no use")

    def end_everything(self) -> None:
        self._supervisor.end_everything()
        if self._watchdog:
            self._watchdog.close()
            self._watchdog = None

    def _connect(self) -> None:
        while self._wanting and len(self._connecting) < self._wanting[0].max_connecting:
            if self._wanting[0].waiting and not self._knows_preferences(self._wanting[0]):
                return  # until ssh has answered
            pool = self._wanting.pop(0)
            if not pool.waiting:  # cancelled meanwhile
                pool.is_connecting = False
                continue
            try:
                self._watchdog = self._watchdog or Watchdog()
            except OSError as error:
                self._failed(pool, f"cannot begin: {error.strerror or error}")
                continue
            self._dial(pool, self._watchdog)

    def _knows_preferences(self, pool: ConnectionPool) -> bool:
        """Is it known which arguments prefer a cheap key exchange? If not, ssh is asked: once for a configuration."""
        config = pool.config
        if pool.key_exchange == key_exchange.SSH or config in self._preferences:
            return True
        if self._asking:
            return False
        self._preferences[config] = ()
        if key_exchange.is_left_to_ssh(config):
            return True
        host, arguments = pool.destination
        marker = f"{pool.waiting[0].marker.partition(':')[0]}:{os.getpid()}.{_QUESTION}"
        self._asking.append(config)
        self._supervisor.start(
            Attempt(
                {"tasker": PROTOCOL, "kind": "request", "id": _QUESTION},
                ["ssh", "-G", *arguments, "--", host],
                marker,
                _ANSWER_IN,
            )
        )
        return False

    def _answered(self, result: Result) -> None:
        """ssh has printed its settings, or could not."""
        settings = result.get("stdout", "") if result.get("ok") else ""
        self._preferences[self._asking.pop()] = key_exchange.arguments(settings)
        self._connect()

    def _dial(self, pool: ConnectionPool, watchdog: Watchdog) -> None:
        if len(self._all) >= KEPT:
            self._dismiss_one()
        self._count += 1
        number = self._count
        connection = Connection(pool, number, f"{watchdog.folder}/{number}")
        run = pool.waiting[0].marker.partition(":")[0]
        marker = f"{run}:{os.path.basename(watchdog.folder)}.{number}"
        watchdog.watch(marker)
        self._all[number] = self._connecting[number] = connection
        preferences = () if pool.key_exchange == key_exchange.SSH else self._preferences[pool.config]
        argv = connection.argv(preferences)
        master = Attempt({"tasker": PROTOCOL, "kind": "request", "id": number}, argv, marker, pool.connect_timeout)
        connection.serial = self._supervisor.start(master)
        self._timer = self._timer or self._loop.after(LOOK, self._look)

    def _dismiss_one(self) -> None:
        """End the oldest unused connection by its own protocol: that needs no scan of all processes."""
        for one in self._all.values():
            if one in one.pool.ready and not one.busy:
                one.pool.ready.remove(one)
                with contextlib.suppress(OSError):
                    mux.terminate(one.path)
                return

    def _look(self) -> None:
        """Look which masters are ready."""
        self._timer = None
        for connection in [one for one in self._connecting.values() if os.path.exists(one.path)]:
            self._connected(connection)
        if self._connecting and self._timer is None:
            self._timer = self._loop.after(LOOK, self._look)

    def _connected(self, connection: Connection) -> None:
        del self._connecting[connection.number]
        connection.is_ready, connection.pool.is_connecting = True, False
        connection.pool.ready.append(connection)
        self._supervisor.lift_deadline(connection.serial)
        self._serve(connection.pool)
        self._connect()

    def _ended(self, result: Result) -> None:
        """A connection is lost, or could not be set up."""
        number = result.get("id")
        assert isinstance(number, int)  # that of our own request
        if number == _QUESTION:
            return self._answered(result)
        connection = self._all.pop(number)
        pool = connection.pool
        if connection.is_ready:
            if connection in pool.ready:
                pool.ready.remove(connection)
        else:
            del self._connecting[connection.number]
            self._failed(pool, *_reason(pool, result))
        with contextlib.suppress(OSError):
            os.unlink(connection.path)
        self._serve(pool)
        self._connect()

    def _failed(self, pool: ConnectionPool, why: str, name: str = "", code: int = CANNOT_START) -> None:
        pool.is_connecting = False
        if pool.ready:  # some sessions are better than none
            pool.is_full = True
        else:
            self._refuse(pool, why, name, code)


def _reason(pool: ConnectionPool, result: Result) -> tuple[str, str, int]:
    """(reason, class, exit code) of a master that never was ready."""
    if result.get("outcome") == "not_started":  # no such program
        return result.get("reason", ""), "", result.get("exit_code") or CANNOT_START
    if result.get("outcome") == "timeout":
        name, detail = "connect_timeout", f"{pool.connect_timeout:g} seconds"
    else:
        stderr = result.get("stderr", "")
        name, detail = error_class(stderr), last_error_line(stderr)
    why = f"{name}: no connection to '{pool.host}': {CLASSES[name]}" + (f" ({detail})" if detail else "")
    return why, name, CANNOT_START
