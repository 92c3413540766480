"""The bytes of a link, over execnet: ssh to the gateway, Python there, and relay.py in it. Nothing is installed there.

execnet blocks, so each carrier has a thread; what comes is handed to the event loop.
"""

from __future__ import annotations

import queue
import threading

from tasker.execution.fleet import relay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import execnet

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.fleet.settings import Gateway

CONNECT = 15  # seconds for ssh to connect
# no agent, no forwarding, and a process of its own, which can be killed
OPTIONS = (
    "-oBatchMode=yes -oForwardAgent=no -oClearAllForwardings=yes -oControlMaster=no -oControlPath=none "
    f"-oConnectTimeout={CONNECT} -oServerAliveInterval=5 -oServerAliveCountMax=3 -oLogLevel=ERROR -T"
)
KILLED_AFTER = 0.5  # seconds for a connection to end by itself


class ExecnetCarrier:
    """hello: what relay.py needs. received, closed: called in the loop, with bytes, and once with the reason."""

    def __init__(
        self,
        loop: EventLoop,
        gateway: Gateway,
        hello: tuple[str, bytes | None, str, float, float],
        received: Callable[[bytes], object],
        closed: Callable[[str], object],
    ) -> None:
        self._loop, self._gateway, self._hello = loop, gateway, hello
        self._received, self._closed = received, closed
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        loop.open_to_threads()
        threading.Thread(target=self._work, daemon=True).start()

    def send(self, data: bytes) -> None:
        self._queue.put(data)

    def close(self) -> None:
        """End it. `closed` is not called any more."""
        with self._lock:
            self._is_closed = True
        self._queue.put(None)

    def _work(self) -> None:
        group: execnet.Group | None = None
        try:
            import execnet

            group = execnet.Group()
            channel = self._connect(group).remote_exec(relay)
            channel.send(self._hello)
            channel.setcallback(self._came, endmarker=None)
            while (data := self._queue.get()) is not None:
                channel.send(data)
            self._end("")
        except Exception as error:  # what execnet raises has no common class; the link needs the reason, whatever it is
            self._end(_reason(self._gateway.name, error))
        if group is not None:
            group.terminate(timeout=KILLED_AFTER)

    def _connect(self, group: execnet.Group) -> execnet.Gateway:
        config = f"//ssh_config={self._gateway.config}" if self._gateway.config else ""
        way = ""
        for number, hop in enumerate(self._gateway.name.split(">")):
            group.makegateway(f"ssh={OPTIONS} {hop}//python={self._gateway.python}//id=hop{number}{config}{way}")
            config, way = "", f"//via=hop{number}"  # the next one is reached from there, with what is configured there
        return group[-1]

    def _came(self, data: bytes | None) -> None:
        if data is None:
            self._end("the connection ended")
        else:
            self._loop.call_from_thread(lambda: self._is_closed or self._received(data))

    def _end(self, reason: str) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._queue.put(None)
        self._loop.call_from_thread(lambda: self._closed(reason))


def _reason(name: str, error: BaseException) -> str:
    kind = type(error).__name__
    if kind == "HostNotFound":
        return f"ssh cannot connect to {name!r}"
    if isinstance(error, ImportError):
        return "cannot find the library 'execnet'"
    return f"no connection to {name!r}: {kind} {error}".strip().split("\n")[0][:300]
