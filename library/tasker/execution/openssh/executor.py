"""Run many commands at once over shared connections, in one thread: what `Supervisor` is for commands of this machine.

Commands wait for a connection to their host (masters.py), are sessions of it (command.py), and end by its messages.
"""

import os
import select
import signal
import time

from tasker.execution import connection_faults
from tasker.execution.local.attempt import CAP, TIMEOUT
from tasker.execution.local.launcher import SCARCE
from tasker.execution.local.queues import Timers
from tasker.execution.local.supervisor import LARGEST_STREAM, PATIENT
from tasker.execution.local.termination import GRACE
from tasker.execution.openssh import mux
from tasker.execution.openssh.connection_pool import ConnectionPool
from tasker.execution.openssh.masters import ControlMasters
from tasker.protocol.exit_codes import CANNOT_START
from tasker.protocol.results import not_started

HELD = 3.0  # seconds without output, behind the end of a command: a network is slower than pipes
GOODBYE = GRACE + 1.0  # seconds for the far side to end a command and to say so
_TRY_AGAIN = 0.05  # seconds, where this machine has no descriptor left


class OpensshExecutor:
    """The face of Supervisor. answer, ends, tell: as there. Attempts are `Command`s."""

    def __init__(self, answer, ends=(signal.SIGTERM, signal.SIGHUP), largest=LARGEST_STREAM, tell=None):
        self.answer, self.tell, self.largest = answer, tell or (lambda request, event: None), largest
        self._masters = ControlMasters(ends, self._serve, self._refuse_waiting)
        self.watch, self.forget = self._masters.supervisor.watch, self._masters.supervisor.forget
        self._commands, self._routes = {}, {}  # serial: command without an answer; key: route
        self._timers = Timers(self._commands)
        self._serial, self._try_again = 0, 0.0

    @property
    def signalled(self):
        return self._masters.supervisor.signalled

    def start(self, command) -> int:
        self._serial += 1
        command.serial = self._serial
        self._commands[command.serial] = command
        self._timers.set(command, command.received + min(PATIENT, command.timeout))
        route = self._routes.get(command.route)
        if route is None:
            route = self._routes[command.route] = ConnectionPool(command.route, command.options)
        route.waiting.append(command)
        self._serve(route)
        return command.serial

    def cancel(self, serial: int, why: str) -> None:
        command = self._commands.get(serial)
        if command is None or command.why is not None:
            return
        if command.channel is None:
            self._refuse(command, f"cancelled before it could start: {why}")
        elif command.status is None:
            self._end(command, why)

    def turn(self, longest: float = 3600.0) -> None:
        due = [*self._timers.due(), *([self._try_again] if self._try_again else [])]
        self._masters.turn(max(0.0, min([longest, *(when - time.monotonic() for when in due)])))
        for command in self._timers.expired():
            self._time_is_up(command)
        if self._try_again and self._try_again <= time.monotonic():
            self._try_again = 0.0
            for route in self._routes.values():
                self._serve(route)

    def end_everything(self) -> None:
        """End the connections, which ends what runs over them. There will be no answers."""
        self._masters.end()

    def _serve(self, route):
        """Give sessions to the commands that wait, and ask for another connection where there are too few."""
        while route.waiting and (connection := route.free()):
            command = route.waiting.popleft()
            if command.serial in self._commands and not self._begin(command, connection):
                return
        while route.waiting and route.waiting[0].serial not in self._commands:  # cancelled meanwhile
            route.waiting.popleft()
        if route.wants_another():
            self._masters.want(route)

    def _refuse_waiting(self, route, why, name, code):
        while route.waiting:
            command = route.waiting.popleft()
            if command.serial in self._commands:
                self._refuse(command, why, code, name)

    def _begin(self, command, connection):
        """Ask for a session. False when this machine has no room for it now."""
        try:
            command.begin(connection.path)
        except OSError as error:
            connection.route.waiting.appendleft(command)
            if error.errno in SCARCE:
                self._try_again = time.monotonic() + _TRY_AGAIN
                return False
            if isinstance(error, TimeoutError):  # it lives, and has others' sessions: they shall go on
                connection.room = connection.busy
            else:
                self._masters.retire(connection)
            return True
        connection.busy += 1
        command.connection = connection
        if command.queued:
            self.tell(command.request, "started")
        self._timers.set(command, command.began + command.timeout)
        self.watch(command.channel.fileno(), select.EPOLLIN, lambda: self._hear(command))
        for stream in command.streams:
            self.watch(stream.descriptor, select.EPOLLIN, lambda stream=stream: self._read(command, stream))
        return True

    def _hear(self, command):
        if command.channel is None:
            return
        for message in command.channel.messages():
            if message is None:
                self._hung_up(command)
                return
            kind, number, text = message
            if kind == mux.EXIT:
                command.ended(min(number, 255) << 8)
                command.hang_up()
                self._settle(command)
            elif kind in (mux.DENIED, mux.FAILURE):
                self._refused(command, text)
                return

    def _hung_up(self, command):
        """The session is over: all its output is in our pipes."""
        if command.serial in self._commands:
            if command.status is None:
                command.seconds = time.monotonic() - command.began
                lost = not mux.answers(command.connection.path)
                command.silent = lost and command.why is not None
                command.gone = "" if command.why is not None else "lost" if lost else "no_status"
            self._finish(command)
        self._release(command)

    def _refused(self, command, text):
        """No session there: to a connection that has room, or to a new one."""
        connection, route = command.connection, command.connection.route
        connection.room = connection.busy - 1
        command.refusals += not connection.room
        if not connection.room:
            self._masters.retire(connection)
        self._shut(command)
        command.streams = []
        if command.refusals > 1 or command.why is not None:
            host = route.key[0]
            name = "session_refused"
            why = f"{name}: '{host}': {connection_faults.CLASSES[name]} ({text})"
            self._refuse(command, why, name=name)
        else:
            route.waiting.appendleft(command)
        self._release(command)

    def _release(self, command):
        """Its place on the connection is free."""
        if command.channel is None or command.connection is None:
            return
        self.forget(command.channel.fileno())
        command.channel.close()
        command.channel, connection = None, command.connection
        command.hang_up()
        connection.busy -= 1
        self._serve(connection.route)

    def _read(self, command, stream):
        if stream.descriptor is None:
            return
        if not stream.drain():
            self._close(command, stream)
        if command.status is not None:
            self._settle(command)
        elif stream.size > self.largest and command.why is None:
            stream.lose(f"{stream.name} is over {self.largest} bytes")
            self._end(command, CAP)

    def _settle(self, command):
        """Its command or one of its streams has ended: is there an answer yet?"""
        if command.serial not in self._commands:
            return
        if not command.open:
            self._finish(command)
        elif command.why is None:
            self._timers.set(command, time.monotonic() + HELD)

    def _end(self, command, why):
        command.why = why
        command.hang_up()
        self._timers.set(command, time.monotonic() + GOODBYE)

    def _time_is_up(self, command):
        if command.channel is None:
            command.queued = True
            self.tell(command.request, "queued")
        elif command.status is None and command.why is None:
            self._end(command, TIMEOUT)
        else:
            command.silent = command.status is None
            command.held = command.status is not None and command.why is None
            command.left = int(command.held)
            command.seconds = command.seconds or time.monotonic() - command.began
            self._finish(command)
            self._release(command)

    def _finish(self, command):
        self._shut(command)
        command.due = None
        del self._commands[command.serial]
        self.answer(command.result())

    def _shut(self, command):
        for stream in command.streams:
            if stream.descriptor is not None:
                stream.drain(to_the_end=True)
                self._close(command, stream)

    def _close(self, command, stream):
        self.forget(stream.descriptor)
        os.close(stream.descriptor)
        stream.descriptor = None
        command.open -= 1

    def _refuse(self, command, why, code=CANNOT_START, name=""):
        command.due = None
        del self._commands[command.serial]
        doc = not_started(command.request, command.argv, why, code)
        self.answer(doc | connection_faults.result_keys(name))
