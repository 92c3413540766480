"""The session of one command on a shared connection: its messages and its streams."""

from __future__ import annotations

import contextlib
import os
import select
import time

from tasker.execution.openssh import mux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.local.stream_capture import CapturedStream
    from tasker.execution.openssh.command import OpensshCommand
    from tasker.execution.openssh.connection_pool import Connection

    class SessionOwner(Protocol):
        """What a session reports to."""

        def session_changed(self, command: OpensshCommand, /) -> None:
            """Output came, or the command or one of its streams has ended."""

        def session_refused(self, command: OpensshCommand, why: str, /) -> None: ...

        def session_ended(self, command: OpensshCommand, /) -> None:
            """All its output is in our pipes. Without a status of the command the session was lost."""


class Session:
    """Asks the master of the connection for a session. Raises OSError: no master, no answer, or no descriptor left.

    The session's own stdin stays open for as long as the command is wanted: its end has the host end the command.
    """

    def __init__(self, loop: EventLoop, command: OpensshCommand, connection: Connection, owner: SessionOwner) -> None:
        self._loop, self._command, self.connection, self._owner = loop, command, connection, owner
        self._is_answered = False
        command.began = time.monotonic()
        ends: list[int] = []
        try:
            for _ in range(3):
                ends += os.pipe()
            self._channel = mux.Channel(connection.path, command.remote, (ends[0], ends[3], ends[5]))
        except OSError:
            for end in ends:
                os.close(end)
            raise
        for end in (ends[0], ends[3], ends[5]):
            os.close(end)
        self._stdin = ends[1]
        connection.asked += 1
        if command.sudo:
            command.sudo.send, command.sudo.end, command.sudo.later = self._send, self.hang_up, loop.after
        command.capture((ends[2], ends[4]), command.far.filters if command.far else None)
        self._loop.watch(self._channel.fileno(), select.EPOLLIN, self._hear)
        for stream in command.streams:
            self._watch(stream)

    def _send(self, data: bytes) -> None:
        if self._stdin >= 0:
            with contextlib.suppress(OSError):  # it has ended
                os.write(self._stdin, data)

    def hang_up(self) -> None:
        """Have the host end the command."""
        if self._stdin >= 0:
            if self._command.far and (words := self._command.far.last_words(self._command.why)):
                with contextlib.suppress(OSError):  # it has ended
                    os.write(self._stdin, words)
            os.close(self._stdin)
            self._stdin = -1

    def close_streams(self) -> None:
        """Take what the pipes still hold, and close them."""
        for stream in self._command.streams:
            stream.drain(to_the_end=True)
            self._close(stream)

    def close(self) -> None:
        self._answered()
        self.hang_up()
        self._loop.forget(self._channel.fileno())
        self._channel.close()

    def _watch(self, stream: CapturedStream) -> None:
        if stream.descriptor is not None:
            os.set_blocking(stream.descriptor, False)
            self._loop.watch(stream.descriptor, select.EPOLLIN, lambda events: self._read(stream))

    def _read(self, stream: CapturedStream) -> None:
        if not stream.drain():
            self._close(stream)
        self._owner.session_changed(self._command)

    def _close(self, stream: CapturedStream) -> None:
        if stream.descriptor is not None:
            self._loop.forget(stream.descriptor)
            os.close(stream.descriptor)
            stream.descriptor = None

    def _answered(self) -> None:
        if not self._is_answered:
            self._is_answered = True
            self.connection.asked -= 1

    def _hear(self, _events: int) -> None:
        """Act on messages of the master."""
        for message in self._channel.messages():
            if message is None:
                self._owner.session_ended(self._command)
                return
            kind, number, text = message
            if kind in (mux.OPENED, mux.DENIED, mux.FAILURE):  # there is a greeting before
                self._answered()
            if kind == mux.OPENED:
                self.connection.given += 1
            elif kind == mux.EXIT:
                self._command.ended(min(number, 255) << 8)
                self.hang_up()
                self._owner.session_changed(self._command)
            elif kind in (mux.DENIED, mux.FAILURE):
                self._owner.session_refused(self._command, text)
                return
