"""The bytes of a link, over execnet: ssh to the gateway, Python there, and relay.py in it. Nothing is installed there.

execnet blocks, so each carrier has a thread; what comes is handed to the event loop.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading

from tasker.execution.fleet import relay
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    import execnet
    from execnet.gateway_base import ExecModel

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.fleet.link import Hello
    from tasker.execution.fleet.settings import Gateway

CONNECT = 15  # seconds for ssh to connect
# no agent, no forwarding, and a process of its own, which can be killed
OPTIONS = (
    "-oBatchMode=yes -oForwardAgent=no -oClearAllForwardings=yes -oControlMaster=no -oControlPath=none "
    f"-oConnectTimeout={CONNECT} -oServerAliveInterval=5 -oServerAliveCountMax=3 -oLogLevel=ERROR -T"
)
KILLED_AFTER = 0.5  # seconds for a connection to end by itself
STUCK = 2.0  # seconds for its thread to end
NOT_CONNECTED = 255  # exit code of ssh
PIECES = 65536  # bytes of a read
MOST_PIECES = 64  # that came and were not read


class ExecnetCarrier:
    """hello: what relay.py needs. received, closed: called in the loop, with bytes, and once with the reason."""

    def __init__(
        self,
        loop: EventLoop,
        gateway: Gateway,
        hello: Hello,
        received: Callable[[bytes], object],
        closed: Callable[[str], object],
    ) -> None:
        self._loop, self._gateway, self._hello = loop, gateway, hello
        self._received, self._closed = received, closed
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._room = threading.Semaphore(MOST_PIECES)  # so that a gateway cannot fill our memory
        self._is_closed = False  # by its owner
        self._has_ended = False  # by itself: nothing more comes, and what has come is still to be read
        self._started: list[subprocess.Popen[bytes]] = []  # ssh
        self._errors: list[Words] = []  # of each of them
        self._group: execnet.Group | None = None
        loop.open_to_threads()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        self._queue.put(data)

    def close(self) -> None:
        """End it: soon, and at once if it is stuck. `closed` is not called any more."""
        with self._lock:
            self._is_closed = True
        self._queue.put(None)
        self._room.release(MOST_PIECES)
        self._loop.after(STUCK, self._kill)

    def kill(self) -> None:
        """End it now."""
        self.close()
        self._kill()

    def _kill(self) -> None:
        """A thread that writes to a connection that takes nothing, or waits for one, has to be freed."""
        if self._thread.is_alive():
            for process in self._started:
                process.kill()

    def _work(self) -> None:
        group: execnet.Group | None = None
        try:
            import execnet

            from tasker.execution.fleet import execnet_bounds

            execnet_bounds.apply()
            group = execnet.Group()
            group._execmodel = self._processes()
            self._group = group
            gateway = self._connect(group)
            if self._is_closed:
                raise ConnectionAbortedError
            channel = gateway.remote_exec(relay)
            token, program, *rest = self._hello
            magic = channel.receive()  # of the Python there
            channel.send((token, program(magic) if program else None, *rest))
            channel.setcallback(self._came, endmarker=None)
            while (data := self._queue.get()) is not None:
                channel.send(data)
            self._end("")
        except Exception as error:  # what execnet raises has no common class; the link needs the reason, whatever it is
            said = ": ".join(filter(None, (words.last() for words in self._errors)))
            reason = _reason(
                self._gateway.name, error, isinstance(error, BrokenPipeError) and self._has_not_connected()
            )
            self._end(self._broken() or reason + (f": {said}" if said else ""))
        if group is not None:
            group.terminate(timeout=KILLED_AFTER)

    def _has_not_connected(self) -> bool:
        """Did ssh not connect? By chance, execnet raises HostNotFound or BrokenPipeError for that."""
        try:
            return any(process.wait(KILLED_AFTER) == NOT_CONNECTED for process in self._started)
        except subprocess.TimeoutExpired:
            return False

    def _processes(self) -> ExecModel:
        """How execnet starts processes: so that those are known here while it waits for them."""
        from execnet.gateway_base import ThreadExecModel

        from tasker.execution.fleet.execnet_bounds import BoundedQueues

        started, errors = self._started, self._errors

        class Kept:
            PIPE = subprocess.PIPE

            @staticmethod
            def Popen(words: list[str], stdin: int, stdout: int) -> subprocess.Popen[bytes]:  # its name
                words = [word for word in words if word != "-C"]  # compression is for your ssh_config to say
                started.append(subprocess.Popen(words, PIECES, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE))
                errors.append(Words(started[-1].stderr))
                return started[-1]

        class Model(ThreadExecModel):
            @property
            def subprocess(self) -> type[Kept]:
                return Kept

            @property
            def queue(self) -> type[BoundedQueues]:
                return BoundedQueues

        return Model()

    def _connect(self, group: execnet.Group) -> execnet.Gateway:
        config = f"//ssh_config={self._gateway.config}" if self._gateway.config else ""
        way = ""
        for number, hop in enumerate(self._gateway.name.split(">")):
            group.makegateway(f"ssh={OPTIONS} {hop}//python={self._gateway.python}//id=hop{number}{config}{way}")
            config, way = "", f"//via=hop{number}"  # the next one is reached from there, with what is configured there
        return group[-1]

    def _came(self, data: object) -> None:
        if self._has_ended:
            return
        if not isinstance(data, bytes):  # execnet brings other values too
            broken = "it broke the protocol: what it sent is no bytes"
            self._end((self._broken() or "the connection ended") if data is None else broken)
            return
        self._room.acquire()
        self._loop.call_from_thread(lambda: self._arrived(data))

    def _broken(self) -> str:
        """What it sent that was too much, in words, or ""."""
        if self._group is None:
            return ""
        from tasker.execution.fleet.execnet_bounds import MessageTooLarge

        errors = [getattr(gateway, "_error", None) for gateway in self._group]
        return next((f"it broke the protocol: {one}" for one in errors if isinstance(one, MessageTooLarge)), "")

    def _arrived(self, data: bytes) -> None:
        self._room.release()
        if not self._is_closed:
            self._received(data)

    def _end(self, reason: str) -> None:
        with self._lock:
            if self._is_closed or self._has_ended:
                return
            self._has_ended = True
        self._queue.put(None)
        self._loop.call_from_thread(lambda: self._is_closed or self._closed(reason))


class Words:
    """What ssh, and whoever is at its other end, says on stderr: it never gets to a terminal as it is."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        self._stream, self._end = stream, b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while piece := os.read(self._stream.fileno(), 4096):
            self._end = (self._end + piece)[-4096:]
        self._stream.close()

    def last(self) -> str:
        """The last line, once ssh has ended; "" if there is none."""
        self._thread.join(KILLED_AFTER)
        lines = self._end.decode("utf-8", "backslashreplace").split("\n")
        return printable(next((line.strip() for line in reversed(lines) if line.strip()), ""))[:300]


def _reason(name: str, error: BaseException, has_not_connected: bool) -> str:
    kind = type(error).__name__
    if has_not_connected or kind == "HostNotFound":
        return f"ssh cannot connect to {name!r}"
    if isinstance(error, ImportError):
        return "cannot find the library 'execnet'"
    return f"no connection to {name!r}: {kind} {error}".strip().split("\n")[0][:300]
