"""The stdin of a sudo of this machine: a pipe, held open for as long as the command is wanted."""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.event_loop import EventLoop


def hold_stdin(sudo: SudoDialogue, loop: EventLoop) -> None:
    """Have a pipe as our stdin, for the start of this sudo, and give it the other end."""
    reader, writer = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)
    ends = [writer]

    def send(data: bytes) -> None:
        if ends:
            with contextlib.suppress(OSError):  # it has ended
                os.write(ends[0], data)  # a password is less than any pipe takes at once

    def end() -> None:
        if ends:
            os.close(ends.pop())

    sudo.send, sudo.end, sudo.later = send, end, loop.after
