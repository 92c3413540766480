"""A bad network between ssh here and the sshd of a gateway: slow, with pauses, or cut.

The kernels that tests run on have no netem. What TCP makes of a lost packet is a pause, which doubles with each packet
that is lost again; that is what comes out here.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time

AT_ONCE = 16384
RETRANSMISSION = 0.2  # seconds after a lost packet
LONGEST_PAUSE = 1.6


class Proxy:
    """port: its own. delay: seconds for each piece. loss: how likely it is that a piece has to be sent again."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, 0
        self.delay = self.loss = 0.0
        self._random = random.Random(target)
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.heal()

    def heal(self) -> None:
        self.delay = self.loss = 0.0
        self._flows.set()
        if self._listener is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
            self._listener.listen(50)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def hold(self) -> None:
        """No byte passes any more, and nothing says so. What was on its way comes when it heals."""
        self._flows.clear()

    def cut(self) -> None:
        """All connections end, and no new one can be made."""
        with self._lock:
            if self._listener is not None:
                _end(self._listener)
                self._listener = None
            for one in self._sockets:
                _end(one)
            self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(listener, near), daemon=True).start()

    def _connect(self, listener: socket.socket, near: socket.socket) -> None:
        try:
            self._travel()
            far = socket.create_connection(("127.0.0.1", self.target), 20)
            far.settimeout(None)
        except OSError:
            _end(near)
            return
        with self._lock:
            if listener is not self._listener:  # cut meanwhile
                _end(near)
                _end(far)
                return
            self._sockets |= {near, far}
        threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
        self._carry(far, near)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(AT_ONCE):
                self._travel()
                sink.sendall(data)
            self._travel()
        except OSError:
            pass
        with contextlib.suppress(OSError):  # each way ends by itself
            sink.shutdown(socket.SHUT_WR)
        with self._lock:
            self._sockets.discard(source)

    def _travel(self) -> None:
        self._flows.wait()
        if self.delay:
            time.sleep(self.delay * self._random.uniform(0.5, 1.5))
        pause = RETRANSMISSION
        while self._random.random() < self.loss:
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._flows.wait()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
