"""Run many commands at once over shared connections, in one thread.

Commands wait for a connection to their host (masters.py), are sessions of it (session.py), and end by its messages.
"""

from __future__ import annotations

import time

from tasker.execution import connection_faults
from tasker.execution.local.attempt import CAP, TIMEOUT
from tasker.execution.local.launcher import SCARCE
from tasker.execution.local.supervisor import LARGEST_STREAM, PATIENT
from tasker.execution.local.termination import GRACE
from tasker.execution.openssh import mux
from tasker.execution.openssh.connection_pool import ConnectionPool
from tasker.execution.openssh.masters import ControlMasters
from tasker.execution.openssh.session import Session
from tasker.protocol.exit_codes import CANNOT_START
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.openssh.command import OpensshCommand
    from tasker.execution.openssh.connection_pool import Connection
    from tasker.execution.openssh.ssh_options import Destination

HELD = 3.0  # seconds without output, after the end of a command: a network is slower than pipes
GOODBYE = GRACE + 1.0  # seconds for the host to end a command and to report that
FAR_GOODBYE = GRACE + 4.0  # the same with a receipt, which is written first
_TRY_AGAIN = 0.05  # seconds, if this machine has no descriptor left


class OpensshExecutor:
    """The executor of exec=openssh (execution/executor.py).

    Over 150 lines, since it is the whole way of a command, in order: it waits, starts, reports, ends.
    """

    def __init__(self, loop: EventLoop, answer: Answer, notify: Notify, largest: int = LARGEST_STREAM) -> None:
        self.loop, self.answer, self.notify, self.largest = loop, answer, notify, largest
        self._masters = ControlMasters(loop, self._serve, self._refuse_waiting)
        self._commands: dict[int, OpensshCommand] = {}  # serial: command without an answer
        self._sessions: dict[int, Session] = {}  # serial: of the command, until the connection is free of it
        self._pools: dict[Destination, ConnectionPool] = {}
        self._serial = 0
        self._trying_again: Timer | None = None

    # -- for its owner

    def start(self, command: OpensshCommand) -> int:
        self._serial += 1
        command.serial = self._serial
        self._commands[command.serial] = command
        self._wait(command, command.received + min(PATIENT, command.timeout), self._report_queued)
        pool = self._pools.get(command.destination)
        if pool is None:
            pool = self._pools[command.destination] = ConnectionPool(command.destination, command.options)
        pool.waiting.append(command)
        self._serve(pool)
        return command.serial

    def cancel(self, serial: int, why: str) -> None:
        command = self._commands.get(serial)
        if command is None or command.why:
            return
        if serial not in self._sessions:
            self._refuse(command, f"cancelled before it could start: {why}")
        elif command.status is None:
            self._end(command, why)

    def end_everything(self) -> None:
        """End the connections, which ends what runs over them."""
        self._masters.end_everything()

    # -- to start a command

    def _serve(self, pool: ConnectionPool) -> None:
        """Give sessions to the commands that wait, and ask for another connection if there are too few."""
        while pool.waiting and (connection := pool.free()):
            command = pool.waiting.popleft()
            if command.serial in self._commands and not self._begin(command, connection):
                return
        while pool.waiting and pool.waiting[0].serial not in self._commands:  # cancelled meanwhile
            pool.waiting.popleft()
        if pool.needs_connection():
            self._masters.want(pool)

    def _begin(self, command: OpensshCommand, connection: Connection) -> bool:
        """Ask for a session. False when this machine has no room for it now."""
        try:
            self._sessions[command.serial] = self._new_session(command, connection)
        except OSError as error:
            connection.pool.waiting.appendleft(command)
            if error.errno in SCARCE:
                self._trying_again = self._trying_again or self.loop.after(_TRY_AGAIN, self._try_again)
                return False
            if (
                isinstance(error, TimeoutError) and connection.busy
            ):  # it lives, and has the sessions of others, which shall not end
                connection.room = connection.busy
            else:
                self._masters.retire(connection)
            return True
        connection.busy += 1
        if command.queued:
            self.notify(command.request, "started")
        self._wait(command, command.began + command.timeout, self._time_is_up)
        return True

    def _new_session(self, command: OpensshCommand, connection: Connection) -> Session:
        if "copy" not in command.request:
            return Session(self.loop, command, connection, self)
        from tasker.execution.openssh.copying import CopySession  # here, as few tasks copy files

        return CopySession(self.loop, command, connection, self)

    def _try_again(self) -> None:
        self._trying_again = None
        for pool in self._pools.values():
            self._serve(pool)

    def _report_queued(self, command: OpensshCommand) -> None:
        command.queued = True
        self.notify(command.request, "queued")

    def _refuse_waiting(self, pool: ConnectionPool, why: str, name: str, code: int) -> None:
        while pool.waiting:
            command = pool.waiting.popleft()
            if command.serial in self._commands:
                self._refuse(command, why, code, name)

    def _refuse(self, command: OpensshCommand, why: str, code: int = CANNOT_START, name: str = "") -> None:
        """name: class of what is wrong with the connection."""
        self.loop.cancel(command.timer)
        del self._commands[command.serial]
        result = not_started(command.request, command.argv, why, code)
        self.answer(connection_faults.with_class(result, name))

    # -- for its session

    def session_changed(self, command: OpensshCommand) -> None:
        if command.serial not in self._commands:
            return
        if command.status is not None:
            if not command.is_open():
                self._finish(command)
            elif not command.why:
                self._wait(command, time.monotonic() + HELD, self._give_up)
            return
        for stream in command.streams:
            if stream.size > self.largest and not command.why:
                stream.lose(f"{stream.name} is over {self.largest} bytes")
                self._end(command, CAP)

    def session_refused(self, command: OpensshCommand, why: str) -> None:
        """No session there: take a connection that has room, or a new one."""
        session = self._sessions[command.serial]
        connection = session.connection
        pool = connection.pool
        session.close_streams()
        command.streams = []
        name = "session_refused"
        reason = f"{name}: '{pool.host}': {connection_faults.CLASSES[name]} ({why})"
        if command.why:
            self._refuse(command, reason, name=name)
        else:
            pool.waiting.appendleft(command)
            self._limit_sessions(command, connection)
            if not (connection.given or connection.asked or pool.is_full):
                self._refuse_waiting(pool, reason, name, CANNOT_START)
        self._release(command)

    def _limit_sessions(self, command: OpensshCommand, connection: Connection) -> None:
        """What a refusal means for the connection. Answers to others may be unread, so only `asked` tells the last one.

        A connection that gave sessions can refuse one when it has none here, as the host has not yet cleared away one
        that has ended: it is tried again. When it refuses the same command twice, the host counts others.
        """
        others = connection.busy - 1
        connection.room = max(1, others)
        if not connection.given and not connection.asked:
            self._masters.retire(connection)
            connection.pool.is_full = bool(connection.pool.ready)
        elif not others and command.refused_by is connection:
            self._masters.retire(connection)
        command.refused_by = connection

    def session_ended(self, command: OpensshCommand) -> None:
        if command.serial in self._commands:
            if command.status is None:
                command.seconds = time.monotonic() - command.began
                is_lost = not mux.answers(self._sessions[command.serial].connection.path)
                command.silent = is_lost and command.why != ""
                command.gone = "" if command.why else "lost" if is_lost else "no_status"
            self._finish(command)
        self._release(command)

    # -- its end

    def _end(self, command: OpensshCommand, why: str) -> None:
        command.why = why
        if session := self._sessions.get(command.serial):
            session.hang_up()
        self._wait(command, time.monotonic() + (FAR_GOODBYE if command.far else GOODBYE), self._give_up)

    def _time_is_up(self, command: OpensshCommand) -> None:
        if command.serial not in self._sessions:  # a connection has refused it, and it waits for another
            self._report_queued(command)
        else:
            self._end(command, TIMEOUT)

    def _give_up(self, command: OpensshCommand) -> None:
        """Answer, whatever still holds its output open or does not report its end."""
        command.silent = command.status is None
        command.held = command.status is not None and not command.why
        command.left = int(command.held)
        command.seconds = command.seconds or time.monotonic() - command.began
        self._finish(command)
        self._release(command)

    def _finish(self, command: OpensshCommand) -> None:
        if session := self._sessions.get(command.serial):
            session.close_streams()
        self.loop.cancel(command.timer)
        del self._commands[command.serial]
        self.answer(command.result())

    def _release(self, command: OpensshCommand) -> None:
        """Free its place on the connection."""
        if session := self._sessions.pop(command.serial, None):
            session.close()
            session.connection.busy -= 1
            self._serve(session.connection.pool)

    def _wait(self, command: OpensshCommand, when: float, call: Callable[[OpensshCommand], object]) -> None:
        """A command waits for one time at most."""
        self.loop.cancel(command.timer)
        command.timer = self.loop.at(when, lambda: call(command))
