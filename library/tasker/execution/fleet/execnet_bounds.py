"""Bounds that execnet 2.1 has not: what another machine sends takes no more memory than these.

Written as upstream would have it: the limits belong into `Message.from_io`, `Unserializer.load_newlist` and the queue
of a channel. Remove this file once execnet has them.
"""

from __future__ import annotations

import functools
import queue
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from execnet.gateway_base import Message, ReadIO, Unserializer

LARGEST_MESSAGE = 1 << 20  # bytes; relay.py sends 64 KiB at once, and a hop adds a few
MOST_MESSAGES = 64  # of a channel that were not read: those of a hop have no callback


class MessageTooLarge(EOFError):
    """Nothing after it can be read."""


class BoundedQueues:
    """What `ExecModel.queue` gives."""

    Empty = queue.Empty

    @staticmethod
    def Queue() -> queue.Queue[object]:  # its name
        return queue.Queue(MOST_MESSAGES)


def apply() -> None:
    """To all connections of this process."""
    from execnet.gateway_base import Message, Unserializer, opcode

    type.__setattr__(Message, "from_io", staticmethod(functools.partial(bounded_from_io, Message)))
    Unserializer.num2func[opcode.NEWLIST] = refuse_list


def bounded_from_io(message: Callable[[int, int, bytes], Message], io: ReadIO) -> Message:
    """As Message.from_io, without a message over LARGEST_MESSAGE. Raises EOFError."""
    try:
        header = io.read(9)  # type 1, channel 4, payload 4
    except EOFError as error:
        raise EOFError(f"couldn't load message header, {error.args[0]}") from None
    if len(header) < 9:
        raise EOFError("empty read")
    kind, channel, size = struct.unpack("!bii", header)
    if size > LARGEST_MESSAGE:
        raise MessageTooLarge(f"a message of {size} bytes, over {LARGEST_MESSAGE}")
    return message(kind, channel, io.read(size))


def refuse_list(_unserializer: Unserializer) -> None:
    """A list is made as long as its header says, before its items are there."""
    from execnet.gateway_base import LoadError

    raise LoadError("no list is sent to this end")
