"""Copy files over a connection of paramiko: SFTP in one channel, in the thread that another command has for its own."""

from __future__ import annotations

import contextlib
import threading

from tasker.execution.ssh import client
from tasker.execution.ssh.command import SshCommand
from tasker.execution.ssh.transport import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.copying import CopyDialogue, CopyUser
    from tasker.execution.copying.over_sftp import CopyDone
    from tasker.execution.copying.sftp_client import Line
    from tasker.execution.ssh.channel import Report
    from tasker.execution.ssh.client import Channel, Transport
    from tasker.protocol.types import Request

GOODBYE = 5.0  # seconds for the SFTP server to end before the answer
REMOVAL = 30.0  # seconds for each step of removing the new file of a copy that was ended
LONGEST_OUTPUT = 64 * 1024  # bytes of a command that belongs to a copy


class SshCopy(SshCommand):
    """A copy: a command without words."""

    def __init__(self, request: Request, argv: list[str], marker: str, timeout: float) -> None:
        super().__init__(request, argv, ["true"], marker, timeout)
        self.work = run_copy


class CopyBell:
    """Wakes the thread of a copy: it has been ended, so its channels give and take nothing more."""

    def __init__(self, command: SshCommand) -> None:
        self._command, self.often = command, True
        self.channels: list[Channel] = []
        self.rung = False
        self._lock = threading.Lock()

    def add(self, channel: Channel) -> Channel:
        with self._lock:
            self.channels.append(channel)
            if self.rung:
                _silence(channel)
        channel.bell = self
        return channel

    def ring(self) -> None:
        """The connection rings too, for messages of a channel: that is no end."""
        if self._command.why is None and not self._command.let_go:
            return
        with self._lock:
            self.rung = True
            for channel in self.channels:
                _silence(channel)


def _silence(channel: Channel) -> None:
    """Have whoever waits for this channel stop waiting. Sends nothing, so it does not block."""
    with channel.lock:
        channel.eof_sent = True
        channel.in_buffer.close()
        channel.out_buffer_cv.notify_all()


class ChannelLine:
    """A channel as sftp_client.Line. Raises CopyFault."""

    def __init__(self, channel: Channel) -> None:
        from tasker.execution.copying.specification import SILENCE

        self._channel = channel
        channel.settimeout(SILENCE)

    def send(self, data: bytes) -> None:
        from tasker.execution.copying.specification import SILENCE, CopyFault

        try:
            while data:
                sent = self._channel.send(data)
                if not sent:
                    raise CopyFault("the line is lost")
                data = data[sent:] if sent < len(data) else b""
        except TimeoutError:
            raise CopyFault(f"the host took no byte for {SILENCE:g} seconds") from None
        except (OSError, EOFError) as error:
            raise CopyFault(f"the line is lost: {error}") from None

    def receive(self, most: int, seconds: float | None = None) -> bytes:
        """Raises Silent where no byte comes within these seconds; None: as long as a copy may be silent."""
        from tasker.execution.copying.specification import SILENCE, CopyFault, Silent

        wait = SILENCE if seconds is None else seconds
        try:
            if seconds is not None:
                self._channel.settimeout(seconds)
            piece: bytes = self._channel.recv(most)
        except TimeoutError:
            raise Silent(f"the host sent no byte for {wait:g} seconds") from None
        except (OSError, EOFError) as error:
            raise CopyFault(f"the line is lost: {error}") from None
        finally:
            if seconds is not None:
                self._channel.settimeout(SILENCE)
        return piece

    def end_input(self) -> None:
        with contextlib.suppress(Exception):  # paramiko's: the connection is gone
            self._channel.shutdown_write()

    def has_more(self) -> bool:
        return bool(self._channel.recv_ready())


def run_copy(command: SshCommand, transport: Transport, tell: Report) -> None:
    """Do a copy, and report it as `channel.run_command` reports a command. tell: see there."""
    paramiko = client.load()
    try:
        channel = transport.open_session(timeout=NEVER)
    except paramiko.ChannelException as error:
        return tell.refused(error.text)
    except (paramiko.SSHException, EOFError, OSError) as error:
        return tell.not_opened(str(error))
    bell = CopyBell(command)
    bell.add(channel)
    unfinished = b""
    if command.send(channel):
        tell.sent()
        done = _copy(command, transport, channel, bell)
        code, unfinished = done.code, done.unfinished
        if command.why is None:
            _leave(channel)
        command.take(0, done.stdout)
        command.take(1, done.stderr)
        lost = "lost" if not transport.is_active() else "no_status"
        status = -1 if code and lost == "lost" else code
        if command.why is None and command.claim():
            tell.answered(command.result(status, "", lost), False)
        else:
            tell.heard(status, "", lost)
    if unfinished and transport.is_active():
        _await_server(channel)
    for one in bell.channels:
        with contextlib.suppress(Exception):
            one.close()
    if unfinished and transport.is_active():
        _remove(transport, unfinished, _user_of(command))
    tell.closed()


def _leave(channel: Channel) -> None:
    """Have the SFTP server end before the answer: a host that gives one session has room for the next command then."""
    with contextlib.suppress(Exception):
        channel.shutdown_write()
        channel.status_event.wait(GOODBYE)
        channel.close()


def _await_server(channel: Channel) -> None:
    """Wait until the SFTP server has ended: the request to make the new file may still be on its way to it, and would
    make the file after it was removed."""
    with contextlib.suppress(Exception):
        with channel.lock:
            channel.eof_sent = False  # so `_silence` has it, and nothing was sent
        channel.shutdown_write()
        channel.status_event.wait(REMOVAL)


def _sudo_of(command: SshCommand) -> CopyDialogue | None:
    """The sudo of a copy as another user; None: it is one of the login."""
    if command.sudo is None:
        return None
    from tasker.execution.become.copying import CopyDialogue  # here: few copies are done as another user

    return command.sudo if isinstance(command.sudo, CopyDialogue) else None


def _user_of(command: SshCommand) -> CopyUser | None:
    """As whom a copy is done; None: the login."""
    sudo = _sudo_of(command)
    return None if sudo is None else sudo.user_of_copy


def _remove(transport: Transport, path: bytes, user: CopyUser | None) -> None:
    """Remove the new file of a copy that was ended, which its own channel can no longer do."""
    from tasker.execution.copying.sftp_tree import quoted
    from tasker.execution.copying.tree import no_option

    with contextlib.suppress(Exception):
        channel = transport.open_session(timeout=REMOVAL)
        _start_line(channel, b"rm -f " + quoted(no_option(path)), user).receive(1)
        channel.close()


def _start_line(channel: Channel, line: bytes, user: CopyUser | None) -> Line:
    """Run a command line on the host, as this user. Raises CopyFault, and what paramiko does."""
    if user is None:
        channel.exec_command(line)
        made = ChannelLine(channel)
        made.end_input()
        return made
    from tasker.execution.become import copying

    dialogue = user.command(line)
    channel.exec_command(dialogue.text())
    return copying.start(ChannelLine(channel), dialogue)


def _copy(command: SshCommand, transport: Transport, channel: Channel, bell: CopyBell) -> CopyDone:
    from tasker.execution.copying.over_sftp import NO_SFTP, copy_over_sftp
    from tasker.execution.copying.specification import CopyFault

    paramiko = client.load()

    sudo = _sudo_of(command)

    def open_line() -> Line:
        if sudo is not None:
            from tasker.execution.become import copying

            try:
                channel.exec_command(sudo.text())
            except (paramiko.SSHException, EOFError, OSError):
                raise CopyFault("it runs no command, so not sudo either") from None
            return copying.start(ChannelLine(channel), sudo)
        try:
            channel.invoke_subsystem("sftp")
        except (paramiko.SSHException, EOFError, OSError):
            raise CopyFault(NO_SFTP) from None
        return ChannelLine(channel)

    def shell(line: bytes) -> tuple[int, bytes]:
        return _run_line(command, transport, bell, line)

    return copy_over_sftp(command.request["copy"], command.marker, command.place.name, open_line, shell, sudo)


def _run_line(command: SshCommand, transport: Transport, bell: CopyBell, line: bytes) -> tuple[int, bytes]:
    """Run a command line on the host: (exit code, what it printed on stdout). Raises CopyFault."""
    from tasker.execution.copying.specification import CopyFault
    from tasker.language.quoting import quote
    from tasker.system.processes import VARIABLE

    paramiko = client.load()
    try:
        channel = bell.add(transport.open_session(timeout=NEVER))
    except (paramiko.SSHException, EOFError, OSError):
        raise CopyFault(
            f"{command.place.name} gives no second session, for a command that belongs to the copy"
        ) from None
    try:
        user = _user_of(command)
        if user is None:
            line = f"{VARIABLE}={quote(command.marker)}; export {VARIABLE}; ".encode() + line
        started, printed = _start_line(channel, line, user), b""
        channel.settimeout(None)
        while piece := started.receive(LONGEST_OUTPUT):
            printed = (printed + piece)[-LONGEST_OUTPUT:]
        if bell.rung:
            raise CopyFault("it was ended")
        return int(channel.recv_exit_status()), printed
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise CopyFault(f"a command that belongs to the copy cannot be run: {error}") from None
    finally:
        with contextlib.suppress(Exception):
            channel.close()
        bell.channels.remove(channel)
