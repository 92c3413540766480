"""Copy files over a shared connection of the system's ssh: its SFTP subsystem is a session; a thread speaks with it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time

from tasker.execution.become import copying
from tasker.execution.copying.specification import SILENCE, CopyFault, Silent
from tasker.execution.openssh import mux
from tasker.execution.openssh.remote_script import SCRIPT
from tasker.execution.openssh.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.copying.sftp_client import Line
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.openssh.command import OpensshCommand
    from tasker.execution.openssh.connection_pool import Connection
    from tasker.execution.openssh.session import SessionOwner

LONGEST_OUTPUT = 64 * 1024  # bytes of a command that belongs to a copy
GOODBYE = 5.0  # seconds for the exit code of a command whose output has ended
REMOVAL = 30.0  # seconds for each step of removing the new file of a copy that was ended
STACK = 512 * 1024  # bytes of address space for a thread
BUFFER = 1 << 20  # bytes of a socket to the master


class Wire:
    """Bytes to and from a session of the master. `end` wakes whoever waits for it, from any thread."""

    def __init__(self, path: str, command: bytes, subsystem: bool) -> None:
        """Raises OSError: see mux.Channel."""
        ours: list[socket.socket] = []
        theirs: list[socket.socket] = []
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for _ in range(2):  # a pair for each direction: the end of one is not the end of the other
                one, other = socket.socketpair()
                ours.append(one)
                theirs.append(other)
                for end in (one, other):
                    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                        end.setsockopt(socket.SOL_SOCKET, option, BUFFER)
            descriptors = (theirs[0].fileno(), theirs[1].fileno(), null)
            self.channel = mux.Channel(path, command, descriptors, subsystem)
        except BaseException:
            for end in ours:
                end.close()
            raise
        finally:
            for end in theirs:
                end.close()
            os.close(null)
        self._out, self._in = ours
        self.ended = False

    def settimeout(self, seconds: float | None) -> None:
        self._out.settimeout(seconds)
        self._in.settimeout(seconds)

    def send(self, data: bytes) -> None:
        try:
            self._out.sendall(data)
        except TimeoutError:
            raise CopyFault(f"the host took no byte for {SILENCE:g} seconds") from None
        except OSError as error:
            raise CopyFault(f"the line is lost: {error.strerror}") from None

    def receive(self, most: int, seconds: float | None = None) -> bytes:
        """Raises Silent where no byte comes within these seconds; None: as long as `settimeout` has it."""
        before = self._in.gettimeout()
        try:
            if seconds is not None:
                self._in.settimeout(seconds)
            return self._in.recv(most)
        except TimeoutError:
            raise Silent(f"the host sent no byte for {seconds or SILENCE:g} seconds") from None
        except OSError as error:
            raise CopyFault(f"the line is lost: {error.strerror}") from None
        finally:
            if seconds is not None:
                self._in.settimeout(before)

    def end_input(self) -> None:
        with contextlib.suppress(OSError):
            self._out.shutdown(socket.SHUT_WR)

    def has_more(self) -> bool:
        poll = select.poll()
        poll.register(self._in, select.POLLIN)
        return bool(poll.poll(0))

    def end(self) -> None:
        self.ended = True
        for end in (self._out, self._in):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._out.close()
        self._in.close()


class CopySession(Session):
    """Asks the master for a session of SFTP, and starts the thread that copies. Raises OSError, as Session does."""

    def __init__(self, loop: EventLoop, command: OpensshCommand, connection: Connection, owner: SessionOwner) -> None:
        self._loop, self._command, self.connection, self._owner = loop, command, connection, owner
        command.began = time.monotonic()
        loop.open_to_threads()
        ends: list[int] = []
        try:
            for _ in range(2):
                ends += os.pipe()
            self._sudo = command.sudo if isinstance(command.sudo, copying.CopyDialogue) else None
            remote = command.remote if self._sudo is None else self._sudo.text()
            self._wire = Wire(connection.path, remote, subsystem=self._sudo is None)
        except OSError:
            for end in ends:
                os.close(end)
            raise
        self._channel, self._stdin = self._wire.channel, -1
        self._is_answered = False
        connection.asked += 1
        self._others: list[Wire] = []
        self._lock = threading.Lock()
        self._over = self._is_closed = False
        self._server_ended = threading.Event()
        command.capture((ends[0], ends[2]))
        self._loop.watch(self._channel.fileno(), select.EPOLLIN, self._hear)
        for stream in command.streams:
            self._watch(stream)
        threading.stack_size(STACK)
        threading.Thread(target=self._work, args=(ends[1], ends[3]), daemon=True).start()

    # -- in the loop

    def hang_up(self) -> None:
        """End the copy: its thread finds that its line is lost."""
        with self._lock:
            for wire in (self._wire, *self._others):
                wire.end()

    def close(self) -> None:
        self.hang_up()
        self._server_ended.set()
        if not self._is_closed:
            self._is_closed = True
            self._answered()
            self._loop.forget(self._channel.fileno())
            self._channel.close()

    def _hear(self, _events: int) -> None:
        """Act on messages of the master: the end of the SFTP server is no end of the copy, which sees it by itself."""
        for message in self._channel.messages():
            if message is None or message[0] in (mux.EXIT, mux.DENIED, mux.FAILURE):
                self._server_ended.set()
            if message is None:
                self._wire.end()
                self._loop.forget(self._channel.fileno())
            elif message[0] == mux.OPENED:
                self._answered()
                self.connection.given += 1
            elif message[0] in (mux.DENIED, mux.FAILURE):
                self._answered()
                self._over = True
                self._wire.end()
                self._owner.session_refused(self._command, message[2])
                return

    def _ended(self, code: int) -> None:
        """The thread has ended."""
        self._wire.close()
        if self._over or self._is_closed:
            return
        if code and not self._command.why and not mux.answers(self.connection.path):
            self.close_streams()
            self._owner.session_ended(self._command)
            return
        self._command.ended(code << 8)
        self._owner.session_ended(self._command)

    # -- in the thread

    def _work(self, out: int, errors: int) -> None:
        code = 1
        try:
            from tasker.execution.copying.over_sftp import copy_over_sftp

            host = self._command.destination[0]
            done = copy_over_sftp(
                self._command.request["copy"], self._command.marker, host, self._begin_line, self._run_line, self._sudo
            )
            code = done.code
            with contextlib.suppress(BrokenPipeError):  # it has its answer already
                os.write(out, done.stdout)
                os.write(errors, done.stderr)
            if done.unfinished and self._wire.ended:
                # the request to make the new file may still be on its way, and would make it after its removal
                self._server_ended.wait(REMOVAL)
                self._remove(done.unfinished)
        finally:
            os.close(out)
            os.close(errors)
            self._loop.call_from_thread(lambda: self._ended(code))

    def _begin_line(self) -> Line:
        self._wire.settimeout(SILENCE)
        return self._wire if self._sudo is None else copying.start(self._wire, self._sudo)

    def _run_line(self, line: bytes) -> tuple[int, bytes]:
        """Run a command line on the host: (exit code, what it printed on stdout). Raises CopyFault.

        It is ended when its session is, as each command is (remote_script.py).
        """
        from tasker.execution.copying.sftp_tree import quoted

        text = b"sh -c " + quoted(SCRIPT.encode()) + b" sh sh -c " + quoted(line)
        dialogue = None if self._sudo is None else self._sudo.user_of_copy.command(line)
        if dialogue is not None:
            text = dialogue.text()
        try:
            wire = Wire(self.connection.path, text, subsystem=False)
        except OSError as error:
            raise CopyFault(f"a command that belongs to the copy cannot be run: {error.strerror}") from None
        with self._lock:
            self._others.append(wire)
            if self._wire.ended:
                wire.end()
        try:
            printed = b""
            started: Line = wire if dialogue is None else copying.start(wire, dialogue)
            while piece := started.receive(LONGEST_OUTPUT):
                printed = (printed + piece)[-LONGEST_OUTPUT:]
            if wire.ended:
                raise CopyFault("it was ended")
            return _status(wire.channel), printed
        finally:
            with self._lock:
                self._others.remove(wire)
            wire.close()
            wire.channel.close()

    def _remove(self, path: bytes) -> None:
        """Remove the new file of a copy that was ended, which its own session can no longer do."""
        from tasker.execution.copying.sftp_tree import quoted
        from tasker.execution.copying.tree import no_option

        with contextlib.suppress(OSError, CopyFault):
            line = b"rm -f " + quoted(no_option(path))
            dialogue = None if self._sudo is None else self._sudo.user_of_copy.command(line)
            wire = Wire(self.connection.path, line if dialogue is None else dialogue.text(), subsystem=False)
            wire.settimeout(REMOVAL)
            if dialogue is not None:
                copying.start(wire, dialogue)
            wire.receive(1)
            wire.close()
            wire.channel.close()


def _status(channel: mux.Channel) -> int:
    """The exit code of a command whose output has ended. Raises CopyFault."""
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    while poll.poll(GOODBYE * 1000):
        for message in channel.messages():
            if message is None:
                raise CopyFault("the line is lost, or the host gives no second session")
            if message[0] == mux.EXIT:
                return message[1]
            if message[0] in (mux.DENIED, mux.FAILURE):
                raise CopyFault("the host gives no second session, for a command that belongs to the copy")
    raise CopyFault("a command that belongs to the copy does not end")
