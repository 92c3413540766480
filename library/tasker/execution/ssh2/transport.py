"""One connection, turned by the event loop. What has to wait for the socket is a generator that yields meanwhile.

A generator (`Work`) yields True if it got further since it last yielded, else False. It is resumed when the socket is
ready, and with `Gone` raised in it once the connection is over.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket

from tasker.execution.ssh2 import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias, TypeVar

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.ssh2.library import Channel, Session

    Made = TypeVar("Made")
    Steps: TypeAlias = Generator[bool, None, Made]
    Work: TypeAlias = Steps[None]

_GONE = select.EPOLLRDHUP  # all that is waited for before there was a channel: libssh2 reads in calls for one alone


class Gone(Exception):
    """The connection is over."""


class Refused(Exception):
    """The server gives no further session on this connection."""


class SessionCount:
    """The sessions that a server has given on one connection. most: at the same time."""

    def __init__(self) -> None:
        self.given = self.most = self._open = 0

    def opened(self) -> None:
        self.given += 1
        self._open += 1
        self.most = max(self.most, self._open)

    def closed(self) -> None:
        self._open -= 1


class Ssh2Transport:
    """sock, made (of libssh2): set while it is set up. greeting_seen: "", "something" or "ssh", for ssh/connections.py.

    wanted: what to wait for in place of what libssh2 waits for. events: what epoll had for the turn that is going on; 0
    if it has another reason. spare: a channel that was closed, through which to read what the server sends meanwhile.
    """

    def __init__(self, loop: EventLoop) -> None:
        self.loop = loop
        self.sock: socket.socket | None = None
        self.made: Session | None = None
        self.sessions = SessionCount()
        self.greeting_seen = ""
        self.spare: Channel | None = None
        self.events = self.wanted = 0
        self._still: socket.socket | None = None  # the other end of what took the place of the socket
        self._works: list[Work] = []
        self._stuck: Work | None = None  # libssh2 has a part of its packet to send, and takes no other one meanwhile
        self._opening = False  # libssh2 opens one channel at a time
        self._watched = 0
        self._turning = self._over = self._called = self._resting = False

    # -- for ssh/connections.py

    def is_active(self) -> bool:
        return not self._over

    def close(self) -> None:
        """End it now. Does not block, and resumes nothing: what runs on it ends in a turn of its own.

        The descriptor is closed with the last reference: libssh2 still writes to it when a session is freed.
        """
        if self._over:
            return
        self._over = True
        self._watch(0)
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
        self.soon()

    def has_hung_up(self) -> bool:
        """Has the server closed the connection, with nothing left to read? libssh2 has other errors for that too."""
        try:
            return self.sock is None or self.sock.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def still(self) -> None:
        """Once it is closed: have libssh2 find a socket without data, not one that has ended.

        It reports an ended socket before it hands out what had come until then.
        """
        if self._still is None and self.sock is not None and self._over:
            near, self._still = socket.socketpair()
            near.setblocking(False)
            os.dup2(near.fileno(), self.sock.fileno(), inheritable=False)
            near.close()

    # -- for what runs on it

    @property
    def session(self) -> Session:
        assert self.made is not None  # nothing runs on it before
        return self.made

    def start(self, work: Work) -> None:
        self._works.append(work)
        self.turn()

    def soon(self) -> None:
        """Have a turn, in the next turn of the loop."""
        if not self._called:
            self._called = True
            self.loop.after(0.0, self._turn_called)

    def attach(self, sock: socket.socket) -> None:
        self._watch(0)
        self.sock = sock

    def rest_for(self, seconds: float) -> None:
        """Do not look at the socket for a while: what it has is not enough."""
        self._resting = True
        self.loop.after(seconds, self._rested)

    def _rested(self) -> None:
        self._resting = False
        self.turn()

    def again(self, call: Callable[..., Made], *arguments: object) -> Steps[Made]:
        """Make a call of libssh2 until it need not wait."""
        while (found := call(*arguments)) == library.EAGAIN or (
            found is None and self.session.last_errno() == library.EAGAIN
        ):
            yield False
        return found

    def open_session(self) -> Steps[Channel]:
        """Raises Refused, and exceptions of libssh2."""
        while self._opening:
            yield False
        self._opening = True
        try:
            channel = yield from self.again(self.session.open_session)
        except library.errors().ChannelFailure:
            raise Refused(self.session.last_error().strip() or "no reason given") from None
        finally:
            self._opening = False
        self.sessions.opened()
        return channel

    def turn(self, events: int = 0) -> None:
        """Resume what runs on it, until all of it waits for the socket."""
        if self._turning:
            return self.soon()
        self._turning, self.events = True, events
        try:
            if not self._works and events and not self._over:
                self._read_idle()
            if self._resume_all() and not self._over and self._stuck is None:
                self.soon()  # others have their turn first
        finally:
            self._turning = False
        if not self._over:
            self._watch(self._to_watch())
        elif not self._works:
            self.made = self.sock = self.spare = None

    def _read_idle(self) -> None:
        """Answer what a server asks of a connection that is not used, or find that it has hung up."""
        try:
            if self.spare is None or self.spare.read(1)[0] not in (0, library.EAGAIN):
                self.close()
        except library.errors().SSH2Error:
            self.close()

    def _resume_all(self) -> bool:
        """Returns whether there has to be another round: what one has read may be for another one."""
        moved, works = False, [self._stuck] if self._stuck is not None else list(self._works)
        several = len(self._works) > 1
        for work in works:
            self._stuck = None
            try:
                if self._over:
                    work.throw(Gone())
                    self._forget(work)  # it waits all the same
                    work.close()
                    continue
                moved |= next(work)
            except (StopIteration, Gone):
                self._forget(work)
                moved = True
                continue
            if self.made is not None and self.made.block_directions() & library.OUTBOUND:
                self._stuck = work
                return False
        return moved and several

    def _forget(self, work: Work) -> None:
        if work in self._works:
            self._works.remove(work)

    def _turn_called(self) -> None:
        self._called = False
        self.turn()

    def _to_watch(self) -> int:
        if self.wanted:
            return self.wanted
        if self._resting:
            return 0
        if not self._works and self.spare is None:
            return _GONE
        return select.EPOLLIN | (select.EPOLLOUT if self._stuck is not None else 0)

    def _watch(self, events: int) -> None:
        if self.sock is None or events == self._watched:
            return
        if not events:
            self.loop.forget(self.sock.fileno())
        elif self._watched:
            self.loop.change(self.sock.fileno(), events)
        else:
            self.loop.watch(self.sock.fileno(), events, self.turn)
        self._watched = events
