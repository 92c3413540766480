"""Run a command, or end one, over an established connection; each in a thread of its own.

These threads wait without a deadline, except for the second in which processes that a command left may still write.
The event loop keeps the time, answers in their place, and ends them by ringing the bell or cutting the connection.
"""

from __future__ import annotations

import contextlib
import threading
import time

from tasker.execution.local.attempt import CAP
from tasker.execution.local.stream_capture import PIECE
from tasker.execution.local.supervisor import HELD, LARGEST_STREAM
from tasker.execution.ssh import client, remote_script
from tasker.execution.ssh.command import GONE, KILLED, LEFT
from tasker.execution.ssh.transport import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from tasker.execution.ssh.client import Channel, Transport
    from tasker.execution.ssh.command import SshCommand
    from tasker.protocol.types import Result

    class Report(Protocol):
        """What the thread of a command reports to the loop: see command_state.ChannelOutput."""

        def sent(self) -> None: ...
        def refused(self, text: str) -> None: ...
        def not_opened(self, text: str) -> None: ...
        def not_run(self) -> None: ...
        def answered(self, doc: Result, closed: bool) -> None: ...
        def heard(self, status: int, ended_by: str, lost: str) -> None: ...
        def closed(self) -> None: ...
        def end(self, why: str) -> None: ...


MANY = 8  # pieces of output, 32 KiB each at most, that may wait: a server sends up to 2 MiB without an acknowledgement
_WORDS = {b"gone": GONE, b"killed": KILLED, b"left": LEFT}


class Doorbell(threading.Event):
    """Wakes the thread of a command: at the end, when much output has come, or, with `often`, at each piece.

    Each wake-up costs a switch of threads, and most commands print one line. paramiko calls `set` for each piece, with
    the locks of its buffers held, and when a stream ends.
    """

    def __init__(self, channel: Channel, often: bool) -> None:
        super().__init__()
        self._channel, self.often, self._pieces = channel, often, 0

    def set(self) -> None:
        self._pieces += 1
        if self.often or self._pieces >= MANY or self._channel.eof_received or self._channel.closed:
            self.ring()

    def ring(self) -> None:
        super().set()

    def clear(self) -> None:
        """Does nothing: two streams share it, so paramiko must not reset it."""

    def wait_rung(self, seconds: float | None = None) -> bool:
        """Wait for a ring. False if there was none within `seconds`."""
        rung = self.wait(seconds)
        super().clear()
        self._pieces = 0
        return rung


def run_command(command: SshCommand, transport: Transport, tell: Report) -> None:
    """Send a command and read its output until it has ended. tell: reports what happens to the loop."""
    paramiko = client.load()
    try:
        channel = transport.open_session(timeout=NEVER)
    except paramiko.ChannelException as error:
        return tell.refused(error.text)
    except (paramiko.SSHException, EOFError, OSError) as error:
        return tell.not_opened(str(error))
    far = command.far
    often = command.follow is not None or command.sudo is not None or (far is not None and far.is_question)
    bell = channel.bell = Doorbell(channel, often=often)
    channel.in_buffer.set_event(bell)
    channel.in_stderr_buffer.set_event(bell)
    if command.sudo:
        command.sudo.send, command.sudo.end = channel.sendall, lambda: _end_input(channel)
    if command.send(channel):
        tell.sent()
        try:
            if far:
                client.execute(channel, far.text)
            else:
                client.execute(channel, remote_script.wrap(command.words, command.marker, command.opening.token))
            if not (far or (command.sudo and command.sudo.holds)):
                channel.shutdown_write()
            _read(command, channel, bell, tell)
        except Exception:  # paramiko's, or a bug: the state of the channel shows what happened
            pass
        if hasattr(channel, "refused"):
            tell.not_run()
        else:
            lost = "no_status" if transport.is_active() else "lost"
            if _answer(command, (channel.exit_status, getattr(channel, "signal", ""), lost), tell, channel.closed):
                return
    with contextlib.suppress(Exception):
        channel.close()
    tell.closed()


def _end_input(channel: Channel) -> None:
    with contextlib.suppress(Exception):  # paramiko's: the connection is gone, and the input with it
        channel.shutdown_write()


def _answer(command: SshCommand, ending: tuple[int, str, str], tell: Report, closed: bool) -> bool:
    """Report the result, unless the command is being ended. Made in this thread, as it writes files to disk.

    closed: is the channel closed, so that nothing is left to do? Returns True if that was reported as well.
    """
    if command.why is None and command.claim():
        tell.answered(command.result(*ending), closed)
        return closed
    tell.heard(*ending)
    return False


def _read(command: SshCommand, channel: Channel, bell: Doorbell, tell: Report) -> None:
    until: float | None = None  # when to stop reading from processes that keep its output open after its end
    rung = True
    while rung and not command.let_go:
        rung = bell.wait_rung(None if until is None else max(0.0, until - time.monotonic()))
        over = channel.closed or channel.eof_received
        while _read_piece(command, 0, channel.recv_ready, channel.recv, tell) | _read_piece(
            command, 1, channel.recv_stderr_ready, channel.recv_stderr, tell
        ):
            pass
        ended = channel.exit_status != -1 or hasattr(channel, "signal")
        if channel.closed or (ended and over):
            return
        if ended and until is None:  # and a process that it left keeps its output open
            until = time.monotonic() + HELD
        rung = rung and (until is None or time.monotonic() < until)


def _read_piece(
    command: SshCommand, number: int, ready: Callable[[], bool], receive: Callable[[int], bytes], tell: Report
) -> bool:
    if not ready():
        return False
    piece = receive(PIECE)
    if command.take(number, piece) > LARGEST_STREAM and not command.why:
        command.lose(number, f"{('stdout', 'stderr')[number]} is over {LARGEST_STREAM} bytes")
        tell.end(CAP)
    return bool(piece)


def end_far_command(command: SshCommand, channel: Channel) -> None:
    """Have the script of receipts end what it runs, or end itself."""
    with contextlib.suppress(Exception):  # paramiko's: the connection is gone
        if command.far and (words := command.far.last_words(command.why)):
            channel.sendall(words)
        channel.shutdown_write()


def take_rest(channel: Channel) -> None:
    """Its output so far belongs to the result, even if no more comes."""
    channel.bell.often = True
    channel.bell.ring()


def let_go(channel: Channel) -> None:
    """Wake its thread, which closes the channel."""
    channel.bell.ring()
    channel.event.set()


def end_command(
    commands: Sequence[SshCommand], transport: Transport, grace: float, report: Callable[[str | None], object]
) -> None:
    """End these commands on their host. report: called with "begun", then GONE, KILLED or LEFT, or why it is unknown.

    It is called with None if the server gives no session for this.
    """
    paramiko = client.load()
    try:
        for command in commands:
            client.send_signal(command.channel, "TERM" if grace else "KILL")
        channel = transport.open_session(timeout=NEVER)
    except paramiko.ChannelException:
        report(None)
        return
    except (paramiko.SSHException, EOFError, OSError):
        report("the connection is lost")
        return
    try:
        pids = [command.opening.pid for command in commands if command.opening.pid]
        channel.exec_command(remote_script.kill_script(pids, [command.marker for command in commands], grace))
        channel.shutdown_write()
        text = b""
        while piece := channel.recv(1024):
            text = (text + piece)[:100]
            if text == b"begun\n":
                report("begun")
        words = text.split()
        report(_WORDS.get(words[-1] if words else b"", "it could not be asked"))
        channel.close()
    except (paramiko.SSHException, EOFError, OSError):
        report("the connection is lost")
