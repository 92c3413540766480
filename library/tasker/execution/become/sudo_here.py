"""A copy on this machine as another user, for the program of copying/here.py: sudo is started over a pipe."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess

from tasker.execution.become import copying
from tasker.execution.become.settings import Becoming, read_password
from tasker.execution.copying.over_sftp import CopyDone, copy_over_sftp
from tasker.execution.copying.sftp_tree import quoted
from tasker.execution.copying.specification import SILENCE, CopyFault, Silent
from tasker.execution.copying.tree import no_option
from tasker.protocol.exit_codes import CANNOT_START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from tasker.execution.become.copying import CopyDialogue, StartedLine
    from tasker.protocol.types import Copy

LONGEST_OUTPUT = 64 * 1024  # bytes of a command that belongs to a copy


class Pipe:
    """What sudo reads and writes, as copying.SudoLine."""

    def __init__(self, dialogue: CopyDialogue) -> None:
        """Raises CopyFault."""
        try:
            self.process = subprocess.Popen(
                dialogue.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
            )
        except OSError as error:
            raise CopyFault(f"cannot start sudo: {(error.strerror or '').lower()}") from None
        assert self.process.stdin and self.process.stdout
        self._in, self._out = self.process.stdin, self.process.stdout
        self.is_ended = False  # since the copy was: half a request may have been sent, so no other can follow

    def send(self, data: bytes) -> None:
        try:
            while data:
                self._require_open()
                data = data[self._in.write(data) or 0 :]
        except (OSError, ValueError):
            raise CopyFault("the SFTP server of sudo has ended") from None

    def receive(self, most: int, seconds: float = SILENCE) -> bytes:
        self._require_open()
        if not self._is_ready(seconds):
            raise Silent(f"sudo sent no byte for {seconds:g} seconds")
        return os.read(self._out.fileno(), most)

    def _require_open(self) -> None:
        if self.is_ended:
            raise CopyFault("it was ended")

    def has_more(self) -> bool:
        return self._is_ready(0)

    def _is_ready(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def end_input(self) -> None:
        with contextlib.suppress(OSError):
            self._in.close()

    def close(self) -> int:
        """The exit status of sudo, which ends with its input."""
        self.end_input()
        self._out.close()
        return self.process.wait()


def copy_through_sudo(copy: Copy, token: str, user: str, source: str) -> CopyDone:
    """Copy as another user. source: of the password, or ""."""
    becoming, pipes = Becoming(user, source, False), list[Pipe]()

    def leave(_number: int, _frame: FrameType | None) -> None:
        for pipe in pipes:
            pipe.is_ended = True
        raise CopyFault("it was ended")

    signal.signal(signal.SIGTERM, leave)
    sudo = copying.CopyDialogue(becoming, read_password(source) if source else "", token, [])

    def open_line() -> StartedLine:
        pipes.append(Pipe(sudo))
        return copying.start(pipes[-1], sudo)

    def shell(line: bytes) -> tuple[int, bytes]:
        dialogue = sudo.user_of_copy.command(line)
        pipe = Pipe(dialogue)
        pipes.append(pipe)
        try:
            started, printed = copying.start(pipe, dialogue), b""
            while piece := _receive(pipe, started):
                printed = (printed + piece)[-LONGEST_OUTPUT:]
        except BaseException:
            pipe.close()
            raise
        finally:
            pipes.remove(pipe)
        return pipe.close(), printed

    done = copy_over_sftp(copy, token, "", open_line, shell, sudo)
    for pipe in pipes:
        pipe.close()  # the request to make the new file may still be on its way
    if done.unfinished:
        with contextlib.suppress(CopyFault):
            shell(b"rm -f " + quoted(no_option(done.unfinished)))
    if done.code and not sudo.started:
        why = sudo.denial(done.stderr.decode("utf-8", "replace"), "")
        return CopyDone(CANNOT_START, b"", f"{why}\n".encode(), b"")
    return done


def _receive(pipe: Pipe, started: StartedLine) -> bytes:
    """A piece of output of a command, which may take its time: the deadline of the copy is not ours to keep."""
    while not started.has_more() and pipe.process.poll() is None:
        try:
            return started.receive(LONGEST_OUTPUT)
        except Silent:
            continue
    return started.receive(LONGEST_OUTPUT)
