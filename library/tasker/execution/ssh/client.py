"""Import paramiko, when the first connection is made, and extend its Transport."""

from __future__ import annotations

import functools
import gc
import sys
import threading
import weakref

from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, TypeAlias

    # paramiko comes without types
    Transport: TypeAlias = Any  # paramiko has no types
    Channel: TypeAlias = Any  # paramiko has no types
    Key: TypeAlias = Any  # paramiko has no types
    Message: TypeAlias = Any  # paramiko has no types


class SessionCount:
    """The sessions that a server has given on one connection, counted in the order of its messages.

    given: all of them. most: at the same time; never more than the server allows. Only the thread that reads the
    messages may count: threads that wait for a session run in any order, so a refusal can be handled before the
    sessions that were given before it.
    """

    def __init__(self) -> None:
        self.given = self.most = 0
        self._open: weakref.WeakSet[Channel] = weakref.WeakSet()  # paramiko too drops a channel that nothing refers to

    def opened(self, channel: Channel) -> None:
        self.given += 1
        self._open.add(channel)
        self.most = max(self.most, len(self._open))

    def closed(self, channel: Channel) -> None:
        self._open.discard(channel)


@functools.cache
def load() -> ModuleType:
    """Import the library, with its logging off. Raises Problem, with the fix, if it is not installed."""
    # paramiko would import invoke for `Match exec`, which we refuse; that takes as long as all the rest
    sys.modules.setdefault("invoke", None)  # type: ignore[arg-type] # None: cannot be imported
    import logging

    try:
        import paramiko
    except ImportError:
        from tasker.system.missing_library import install_command

        message = f"exec=ssh needs the library 'paramiko': {install_command('paramiko')}; or use exec=openssh"
        raise Problem("missing_library", message) from None
    gc.freeze()  # connections end as cyclic garbage, which is found sooner if permanent objects are not scanned
    gc.set_threshold(700)  # Python's own: 20,000 objects, as cli.py has it, are several connections
    logging.disable(logging.CRITICAL)  # what it would log is in our results; each line costs time
    module: ModuleType = paramiko
    return module


@functools.cache
def transport() -> type[Transport]:
    """A Transport that records messages which paramiko drops, and gives each thread the refusal of its own channel.

    A channel gets `signal`, the name of the signal that ended its command, and `refused` if the server refused it. Its
    `bell` is rung when something has happened to the command. `sessions` is a SessionCount.
    """
    paramiko = load()
    from paramiko.common import MSG_CHANNEL_CLOSE, MSG_CHANNEL_FAILURE, MSG_CHANNEL_REQUEST

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

    def close(channel: Channel, message: Message) -> None:
        channel.transport.sessions.closed(channel)
        paramiko.Channel._handle_close(channel, message)

    class RecordingTransport(paramiko.Transport):  # type: ignore[name-defined,misc] # a module that is loaded late
        farewell = ""  # text of the server's disconnect message
        # those that need no HMAC first: it costs a third of the time of a long copy
        _preferred_ciphers = tuple(sorted(paramiko.Transport._preferred_ciphers, key=lambda name: "-gcm@" not in name))

        _channel_handler_table = {
            **paramiko.Transport._channel_handler_table,
            MSG_CHANNEL_REQUEST: request,
            MSG_CHANNEL_FAILURE: failure,
            MSG_CHANNEL_CLOSE: close,
        }

        def __init__(self, sock: object) -> None:
            self.sessions = SessionCount()
            self._asking = threading.local()  # kind, number: of the channel that this thread asks for
            self._sessions_asked: set[int] = set()
            self._refusals: dict[int, Exception] = {}
            super().__init__(sock)

        def is_active(self) -> bool:
            """False as soon as its socket has ended: paramiko wakes those that wait for channels before it says so."""
            return self.active and not getattr(self.sock, "ended", False)

        def open_channel(self, kind: str, *arguments: object, **keys: object) -> Channel:
            self._asking.kind = kind
            return super().open_channel(kind, *arguments, **keys)

        def _next_channel(self) -> int:
            number: int = super()._next_channel()
            self._asking.number = number
            if getattr(self._asking, "kind", "") == "session":
                self._sessions_asked.add(number)
            return number

        def _parse_channel_open_success(self, message: Message) -> None:
            place = message.packet.tell()
            number = message.get_int()
            message.packet.seek(place)
            channel = self._channels.get(number)
            if channel is not None and number in self._sessions_asked:
                self._sessions_asked.discard(number)
                self.sessions.opened(channel)
            super()._parse_channel_open_success(message)

        def _parse_channel_open_failure(self, message: Message) -> None:
            """Keep the refusal by channel. paramiko keeps the last one alone, and whichever thread asks first gets it:
            of two refusals at a time, the other thread would take a refusal for a broken connection."""
            number, reason = message.get_int(), message.get_int()
            text = paramiko.common.CONNECTION_FAILED_CODE.get(reason, "(unknown code)")
            with self.lock:
                self._sessions_asked.discard(number)
                if event := self.channel_events.pop(number, None):
                    self._refusals[number] = paramiko.ChannelException(reason, text)
                    self._channels.delete(number)
                    event.set()

        def get_exception(self) -> Exception | None:
            own = self._refusals.pop(getattr(self._asking, "number", -1), None)
            return own or super().get_exception()

        def _parse_disconnect(self, message: Message) -> None:
            place = message.packet.tell()
            message.get_int()
            self.farewell = message.get_text()
            message.packet.seek(place)
            super()._parse_disconnect(message)

    return RecordingTransport


def execute(channel: Channel, line: str) -> None:
    """Run this command line, without waiting for the confirmation: a refused one ends at once."""
    _request(channel, "exec", True, line)


def ask_for_answer(transport: Transport) -> None:
    """Have the server send something, whatever it is: it refuses a request that it does not know. May block."""
    paramiko = load()
    from paramiko.common import cMSG_GLOBAL_REQUEST

    message = paramiko.Message()
    message.add_byte(cMSG_GLOBAL_REQUEST)
    message.add_string("keepalive@openssh.com")
    message.add_boolean(True)
    transport._send_user_message(message)


def send_signal(channel: Channel, name: str) -> None:
    """Ask the server to send a signal to the command. It may ignore this, and does not report whether it did."""
    _request(channel, "signal", False, name)


def _request(channel: Channel, kind: str, reply: bool, text: str) -> None:
    """A channel request (RFC 4254). reply: should the server confirm it?"""
    paramiko = load()
    from paramiko.common import cMSG_CHANNEL_REQUEST

    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string(kind)
    message.add_boolean(reply)
    message.add_string(text)
    channel.transport._send_user_message(message)
