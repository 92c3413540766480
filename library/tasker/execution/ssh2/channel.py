"""Run a command, or end one, over a connection: the `Way` of ssh/command_state.py, in turns of the event loop."""

from __future__ import annotations

import contextlib
import time

from tasker.execution.local.attempt import CAP
from tasker.execution.local.supervisor import HELD, LARGEST_STREAM
from tasker.execution.ssh import remote_script
from tasker.execution.ssh.command import GONE, KILLED, LEFT, NAMES
from tasker.execution.ssh2 import closing_line, library
from tasker.execution.ssh2.command import line_of
from tasker.execution.ssh2.transport import Gone, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasker.execution.ssh.channel import Report
    from tasker.execution.ssh.command import SshCommand
    from tasker.execution.ssh2.library import Channel
    from tasker.execution.ssh2.transport import Ssh2Transport, Steps, Work

# bytes that are read from a host before others have their turn. Not less: libssh2 takes in all that has come before it
# hands out anything, and searches all that it holds for each packet
_AT_ONCE = 1 << 23
_TURN = 0.05  # seconds after which they have it all the same: on a busy machine that much takes several
_PIECE = 1 << 17
_WORDS = {b"gone": GONE, b"killed": KILLED, b"left": LEFT}


class FarCommand:
    """The channel of a command. text: bytes for its stdin that are still to be sent."""

    def __init__(self, channel: Channel, transport: Ssh2Transport) -> None:
        self.channel, self.transport = channel, transport
        self.text = b""
        self.ends = False  # is its stdin to be closed?
        self.ended = False  # has it been closed?

    def send(self, text: bytes) -> None:
        self.text += text
        self.transport.soon()

    def end_input(self) -> None:
        self.ends = True
        self.transport.soon()

    def flush(self) -> Steps[None]:
        """Send what is to be sent."""
        while self.text:
            code, size = self.channel.write(self.text)
            self.text = self.text[size:]
            if code == library.EAGAIN:
                yield False
        if self.ends and not self.ended:
            yield from self.transport.again(self.channel.send_eof)
            self.ended = True


def run_command(command: SshCommand, transport: Ssh2Transport, tell: Report) -> None:
    """Send a command and read its output until it has ended. tell: reports what happens."""
    if transport.is_active():
        transport.start(_run(command, transport, tell))
    else:
        tell.not_opened("the connection is over")


def end_far_command(command: SshCommand, far: FarCommand) -> None:
    """Have the script of receipts end what it runs, or end itself."""
    if command.far and (words := command.far.last_words(command.why)):
        far.send(words)
    far.end_input()


def take_rest(far: FarCommand) -> None:
    """Its output is read as it comes."""


def let_go(far: FarCommand) -> None:
    """Have its channel closed."""
    far.transport.soon()


def end_command(
    commands: Sequence[SshCommand],
    transport: Ssh2Transport,
    grace: float,
    report: Callable[[str | None], object],
) -> None:
    """End these commands on their host. report: called with "begun", then GONE, KILLED or LEFT, or why it is unknown.

    It is called with None if the server gives no session for this.
    """
    if transport.is_active():
        transport.start(_end(commands, transport, grace, report))
    else:
        report("the connection is lost")


def _run(command: SshCommand, transport: Ssh2Transport, tell: Report) -> Work:
    errors = library.errors()
    try:
        channel = yield from transport.open_session()
    except Refused as refusal:
        return tell.refused(str(refusal))
    except (Gone, errors.SSH2Error) as error:
        transport.close()
        return tell.not_opened(str(error))
    far = FarCommand(channel, transport)
    token = f"tasker-end-{command.sum}-"
    closing = closing_line.ClosingReader(token)
    if command.sudo:
        command.sudo.send, command.sudo.end = far.send, far.end_input
    if command.send(far):
        tell.sent()
        lost = "lost"
        try:
            line = closing_line.wrap(line_of(command), token)
            while channel.execute(line) == library.EAGAIN and not command.let_go:
                yield False
            far.ends = not (command.far or (command.sudo and command.sudo.holds))
            yield from _read(command, far, closing, tell)
            lost = "no_status"
        except errors.ChannelRequestDenied:
            tell.not_run()
            lost = ""
        except Exception:  # Gone, libssh2's, or a bug: what came so far shows what happened
            transport.close()
            transport.still()
            _read_rest(command, far, closing, tell)
        if lost:
            status = _status(channel, closing)
            if status < 0 and lost == "no_status" and command.far and not command.far.is_here:
                status = 0  # another program answers there, which writes no such line
            _answer(command, status, lost, closing.end(), tell)
    yield from _close(transport, channel)
    tell.closed()


def _status(channel: Channel, closing: closing_line.ClosingReader) -> int:
    """Its exit status; -1 if none came."""
    code: int = channel.get_exit_status()
    return code or (-1 if closing.status is None else closing.status)


def _answer(command: SshCommand, status: int, lost: str, rest: bytes, tell: Report) -> None:
    if rest and command.streams:
        command.take(1, rest)
    if command.why is None and command.claim():
        tell.answered(command.result(status, "", lost), False)
    else:
        tell.heard(status, "", lost)


def _read(command: SshCommand, far: FarCommand, closing: closing_line.ClosingReader, tell: Report) -> Work:
    channel, transport = far.channel, far.transport
    readers = (channel.read, channel.read_stderr)
    until: float | None = None  # when to stop reading from processes that keep its output open after its end
    while not command.let_go:
        yield from far.flush()
        size, moved, ends = 0, True, time.monotonic() + _TURN
        while moved and size < _AT_ONCE and time.monotonic() < ends:
            moved = False
            for number, read in enumerate(readers):
                length, piece = read(_PIECE)
                while length > 0:
                    moved, size = True, size + length
                    _take(command, number, closing.take(piece) if number else piece, tell)
                    length, piece = read(_PIECE) if size < _AT_ONCE and time.monotonic() < ends else (0, b"")
                if length not in (0, library.EAGAIN):
                    raise Gone
        if far.text or far.ends > far.ended:
            continue
        if moved:
            transport.soon()
        elif channel.eof() and (closing.status is not None or channel.wait_closed() != library.EAGAIN):
            return
        if closing.status is not None and until is None:  # and a process that it left keeps its output open
            until = time.monotonic() + HELD
            transport.loop.after(HELD, transport.soon)
        if until is not None and time.monotonic() >= until:
            return
        yield size > 0


def _read_rest(command: SshCommand, far: FarCommand, closing: closing_line.ClosingReader, tell: Report) -> None:
    """What had come before the connection ended."""
    with contextlib.suppress(library.errors().SSH2Error):
        for number, read in enumerate((far.channel.read, far.channel.read_stderr)):
            while (found := read(_PIECE))[0] > 0:
                _take(command, number, closing.take(found[1]) if number else found[1], tell)


def _take(command: SshCommand, number: int, piece: bytes, tell: Report) -> None:
    if piece and command.take(number, piece) > LARGEST_STREAM and not command.why:
        command.lose(number, f"{NAMES[number]} is over {LARGEST_STREAM} bytes")
        tell.end(CAP)


def _close(transport: Ssh2Transport, channel: Channel) -> Work:
    try:
        if transport.is_active():
            yield from transport.again(channel.close)
            transport.spare = channel
    except (Gone, library.errors().SSH2Error):
        transport.close()
    transport.sessions.closed()


def _end(
    commands: Sequence[SshCommand],
    transport: Ssh2Transport,
    grace: float,
    report: Callable[[str | None], object],
) -> Work:
    errors = library.errors()
    word = ""
    try:
        for command in commands:
            if isinstance(command.channel, FarCommand):
                yield from transport.again(command.channel.channel.signal, "TERM" if grace else "KILL")
        channel = yield from transport.open_session()
        pids = [command.opening.pid for command in commands if command.opening.pid]
        line = remote_script.kill_script(pids, [command.marker for command in commands], grace)
        yield from transport.again(channel.execute, line)
        yield from transport.again(channel.send_eof)
        text = b""
        while True:
            length, piece = channel.read(1024)
            if length > 0:
                text = (text + piece)[:100]
                if text == b"begun\n":
                    report("begun")
                transport.soon()
                yield True  # other connections first: a server may send without end
                continue
            if length != library.EAGAIN or channel.eof():
                break
            yield False
        words = text.split()
        word = _WORDS.get(words[-1] if words else b"", "it could not be asked")
        report(word)
        yield from _close(transport, channel)
    except Refused:
        report(None)
    except (Gone, errors.SSH2Error):
        transport.close()
        if not word:
            report("the connection is lost")
