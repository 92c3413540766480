"""A task file that comes on our own stdin: `generate | tasker -`."""

from __future__ import annotations

import os
import select

from tasker.language.parse.source import LARGEST
from tasker.protocol.stage_process import Interrupted

PIECE = 1 << 20  # bytes of one read


def read_standard_input(wake: int) -> bytes:
    """All of it; of what is too large for a task file one byte too many, which the parser refuses. wake: a descriptor
    at whose first byte to give up, with Interrupted. Raises OSError."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(wake, select.POLLIN)
    pieces: list[bytes] = []
    while sum(map(len, pieces)) <= LARGEST:
        if any(descriptor == wake for descriptor, _ in poll.poll()):
            raise Interrupted
        try:
            piece = os.read(0, PIECE)
        except BlockingIOError:  # it is shared with another process
            continue
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)[: LARGEST + 1]
