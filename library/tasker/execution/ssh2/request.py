"""What the runner `ssh2` makes of a request."""

from __future__ import annotations

from tasker.execution.receipts.executor import ReceiptExecutor
from tasker.execution.ssh import target
from tasker.execution.ssh.command import SshCommand, refusal_result
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.request import SshBackend
from tasker.execution.ssh2 import abilities, library
from tasker.execution.ssh2.command import Ssh2Command, line_of
from tasker.execution.ssh2.executor import Ssh2Executor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.ssh.target import Target
    from tasker.execution.template_runner import Words
    from tasker.protocol.types import Request, Result


class Ssh2Backend(SshBackend):
    """Commands are channels of libssh2's connections (execution/executor.py)."""

    options = (*target.NAMES, "fallback")
    copies = ()

    def missing(self, _program: Words) -> str:
        if library.is_installed():
            return ""
        from tasker.system.missing_library import install_command

        return f"cannot find the library 'ssh2-python': {install_command('ssh2-python')}"

    def refusal(self, request: Request) -> Result | None:
        if isinstance(request.get("options", {}).get("fallback", True), bool):
            return None
        fault = Fault("bad_setting", "'fallback' has to be true or false")
        return refusal_result(SshCommand(request, [], [], "", 1.0), fault.name, fault.reason)

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> ReceiptExecutor:
        return ReceiptExecutor(loop, answer, notify, Ssh2Executor, loop.call_from_thread)

    def _load(self) -> None:
        library.load()

    def _new(self, request: Request, argv: list[str], words: list[str], marker: str, timeout: float) -> Ssh2Command:
        return Ssh2Command(request, argv, words, marker, timeout)

    def _aim(self, made: SshCommand, place: Target) -> None:
        super()._aim(made, place)
        assert isinstance(made, Ssh2Command)  # `_new` makes no others
        made.falls_back = made.request.get("options", {}).get("fallback", True) is True
        made.obstacle = abilities.obstacle(place)
        if not made.obstacle and (size := len(line_of(made).encode())) > abilities.LONGEST_LINE:
            made.obstacle = f"a command line of {size} bytes"
