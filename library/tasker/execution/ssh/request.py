"""What the runner `ssh` makes of a request."""

from __future__ import annotations

from importlib.util import find_spec

from tasker.execution.receipts.executor import ReceiptExecutor
from tasker.execution.ssh import client, remote_script, target
from tasker.execution.ssh.command import SshCommand, refusal_result
from tasker.execution.ssh.executor import SshExecutor
from tasker.execution.ssh.fault_exception import Fault
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.receipts.attempts import Delivery, Question
    from tasker.execution.receipts.far_call import FarCall
    from tasker.execution.ssh.target import Target
    from tasker.execution.template_runner import Template, Words
    from tasker.protocol.types import Request, Result


class SshBackend:
    """Commands are channels of paramiko's connections (execution/executor.py)."""

    logins = becomes = True
    options: tuple[str, ...] = target.NAMES
    copies: tuple[str, ...] = ("put", "get")
    receipts = True

    def missing(self, _program: Words) -> str:
        if find_spec("paramiko"):
            return ""
        from tasker.system.missing_library import install_command

        return f"cannot find the library 'paramiko': {install_command('paramiko')}"

    def refusal(self, _request: Request) -> Result | None:
        return None  # `attempt` finds what is wrong with the options, when it looks for the target

    def command_line(self, _template: Template, _request: Request, argv: list[str]) -> list[str]:
        return argv

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None
    ) -> SshCommand | Delivery | Question | Result:
        self._load()
        options = request.get("options", {})
        if "receipt" in request or "ask" in request:
            return self._with_receipt(request, argv, marker)
        asks_nothing = request.get("check") is True or "copy" in request
        words = ["true"] if asks_nothing else sudo.words if sudo else request["words"]
        made = self._command(request, argv, words, marker, timeout)
        made.sudo = sudo
        try:
            self._aim(made, target.resolve(request["hostname"], options))
        except Fault as fault:
            return refusal_result(made, fault.name, fault.reason)
        if (size := len(remote_script.wrap(words, marker, made.opening.token).encode())) > remote_script.LONGEST:
            why = f"the command is {size} bytes with its quotes: a far side takes {remote_script.LONGEST} at most"
            return not_started(request, argv, why)
        return made

    def _load(self) -> None:
        client.load()

    def _new(self, request: Request, argv: list[str], words: list[str], marker: str, timeout: float) -> SshCommand:
        return SshCommand(request, argv, words, marker, timeout)

    def _aim(self, made: SshCommand, place: Target) -> None:
        """Set where it runs, and what goes with that."""
        options = made.request.get("options", {})
        made.place = place
        made.budget = min(options.get("connect_timeout", target.CONNECT_TIMEOUT), made.timeout)
        made.at_once = options.get("max_connecting", target.MAX_CONNECTING)

    def _command(self, request: Request, argv: list[str], words: list[str], marker: str, timeout: float) -> SshCommand:
        if "copy" not in request:
            return self._new(request, argv, words, marker, timeout)
        from tasker.execution.ssh.copying import SshCopy  # here, as few tasks copy files

        return SshCopy(request, argv, marker, timeout)

    def _with_receipt(self, request: Request, argv: list[str], marker: str) -> Delivery | Question | Result:
        from tasker.execution.receipts.attempts import attempt_for  # here, as few commands have one

        options = request.get("options", {})
        try:
            place = target.resolve(request["hostname"], options)
        except Fault as fault:
            return refusal_result(SshCommand(request, argv, [], marker, 1.0), fault.name, fault.reason)

        def session(call: FarCall, timeout: float) -> SshCommand:
            made = self._new(request, argv, [], marker, timeout).is_sent_far(call)
            self._aim(made, place)
            return made

        return attempt_for(request, argv, marker, session)

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> ReceiptExecutor:
        return ReceiptExecutor(loop, answer, notify, SshExecutor, loop.call_from_thread)
