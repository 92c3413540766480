"""The connections of `ssh2`: those of ssh/connections.py, set up in turns of the event loop."""

from __future__ import annotations

from tasker.execution.ssh.connections import ConnectionPool
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh2 import set_up
from tasker.execution.ssh2.transport import Ssh2Transport
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.ssh.client import Transport
    from tasker.execution.ssh.connections import Run, SshConnection
    from tasker.execution.ssh2.set_up import Address
    from tasker.execution.ssh2.transport import Work


class Ssh2ConnectionPool(ConnectionPool):
    """look_up: calls in a thread, for look-ups of names. tell, tell_from_thread: call in the next turn of the loop."""

    def __init__(self, clock: EventLoop, look_up: Run, tell: Run, tell_from_thread: Run) -> None:
        super().__init__(look_up, tell)
        self._clock, self._tell_from_thread = clock, tell_from_thread

    def _set_up(self, link: SshConnection, _through: Transport | None) -> None:
        transport = Ssh2Transport(self._clock)
        try:
            link.note("looking up its address", transport)
            self._found(link, transport, set_up.look_up(link.place, numeric=True))
        except Fault:
            self._run(self._look_up, link, transport)

    def _look_up(self, link: SshConnection, transport: Ssh2Transport) -> None:
        try:
            self._tell_from_thread(self._found, link, transport, set_up.look_up(link.place, numeric=False))
        except Fault as fault:
            self._tell_from_thread(self._connected, link, None, fault)

    def _found(self, link: SshConnection, transport: Ssh2Transport, found: list[Address]) -> None:
        transport.start(self._steps(link, transport, found))

    def _steps(self, link: SshConnection, transport: Ssh2Transport, found: list[Address]) -> Work:
        fault: Fault | None = None
        try:
            yield from set_up.connect(transport, link.place, found, link.note)
        except Fault as error:
            fault = error
        except Problem as problem:
            fault = Fault("bad_setting", problem.message)
        except Exception as error:  # a bug, ours or the library's, must not leave clients waiting
            fault = Fault("connect_failed", f"{type(error).__name__}: {error}")
        if fault:
            transport.close()
        self._tell(self._connected, link, None if fault else transport, fault)
