"""The only import of paramiko, when the first connection is made, and what we add to its Transport."""

from __future__ import annotations

import functools
import gc
import sys

from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, TypeAlias

    # paramiko comes without types
    Transport: TypeAlias = Any
    Channel: TypeAlias = Any
    Key: TypeAlias = Any
    Message: TypeAlias = Any


@functools.cache
def load() -> ModuleType:
    """The library, silent. Raises Problem with what to do when it is not installed."""
    # it would import invoke for `Match exec`, which we refuse, and that takes as long as all the rest
    sys.modules.setdefault("invoke", None)  # type: ignore[arg-type] # None: cannot be imported
    import logging

    try:
        import paramiko
    except ImportError:
        message = "exec=ssh needs the library 'paramiko': pip install 'tasker[ssh]', or use exec=openssh"
        raise Problem("missing_library", message) from None
    gc.freeze()  # connections end as garbage in circles, which is found sooner where all that stays is not looked at
    gc.set_threshold(700)  # Python's own: 20,000 objects, as cli.py has it, are several connections
    logging.disable(logging.CRITICAL)  # what it would log is in our results, and each line costs time
    module: ModuleType = paramiko
    return module


@functools.cache
def transport() -> type[Transport]:
    """Our Transport: it keeps what paramiko hears and drops.

    A channel gets `signal`, the name of the one that ended the command, and `refused` when the command was; its `bell`
    is rung when something has happened to the command.
    """
    paramiko = load()
    from paramiko.common import MSG_CHANNEL_FAILURE, MSG_CHANNEL_REQUEST

    def request(channel: Channel, message: Message) -> None:
        place = message.packet.tell()
        kind = message.get_text()
        if kind == "exit-signal":
            message.get_boolean()
            channel.signal = message.get_text()
        else:
            message.packet.seek(place)
            paramiko.Channel._handle_request(channel, message)
        if bell := getattr(channel, "bell", None):
            bell.ring()

    def failure(channel: Channel, message: Message) -> None:
        channel.refused = True
        paramiko.Channel._request_failed(channel, message)

    class RecordingTransport(paramiko.Transport):  # type: ignore[name-defined,misc] # a module that is loaded late
        farewell = ""  # what the server said when it hung up

        _channel_handler_table = {
            **paramiko.Transport._channel_handler_table,
            MSG_CHANNEL_REQUEST: request,
            MSG_CHANNEL_FAILURE: failure,
        }

        def _parse_disconnect(self, message: Message) -> None:
            place = message.packet.tell()
            message.get_int()
            self.farewell = message.get_text()
            message.packet.seek(place)
            super()._parse_disconnect(message)

    return RecordingTransport


def execute(channel: Channel, line: str) -> None:
    """Have this command line run, without waiting for the word that it will be: one that is refused ends at once."""
    _request(channel, "exec", True, line)


def send_signal(channel: Channel, name: str) -> None:
    """Ask the far side to send its command a signal. Servers may ignore it, and nobody says whether they did."""
    _request(channel, "signal", False, name)


def _request(channel: Channel, kind: str, reply: bool, text: str) -> None:
    """A channel request as RFC 4254 has it. reply: is the far side to say whether it does that?"""
    paramiko = load()
    from paramiko.common import cMSG_CHANNEL_REQUEST

    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string(kind)
    message.add_boolean(reply)
    message.add_string(text)
    channel.transport._send_user_message(message)
