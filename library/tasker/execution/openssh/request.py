"""What the runner `openssh` makes of a request: arguments of ssh, and the command for the host."""

from __future__ import annotations

import os

from tasker.execution import connection_faults
from tasker.execution.openssh import remote_script, ssh_options
from tasker.execution.openssh.command import OpensshCommand
from tasker.execution.openssh.executor import OpensshExecutor
from tasker.execution.openssh.mux import LONGEST
from tasker.execution.receipts.executor import ReceiptExecutor
from tasker.execution.template_runner import LocalBackend, fill
from tasker.language import hostname
from tasker.language.quoting import quote
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.openssh.ssh_options import Destination
    from tasker.execution.receipts.attempts import Delivery, Question
    from tasker.execution.receipts.far_call import FarCall
    from tasker.execution.template_runner import Template, Words
    from tasker.protocol.types import Request, Result, RunnerOptions


class OpensshBackend:
    """Commands are sessions of shared connections (execution/executor.py)."""

    logins = becomes = True
    options = ssh_options.NAMES
    copies = ("put", "get")
    receipts = True

    def missing(self, program: Words) -> str:
        return LocalBackend().missing(program)

    def refusal(self, request: Request) -> Result | None:
        faults = ssh_options.option_problems(request.get("options", {}))
        if not faults:
            return None
        result = not_started(request, [], "bad_setting: " + "; ".join(faults))
        return connection_faults.with_class(result, "bad_setting")

    def command_line(self, template: Template, request: Request, _argv: list[str]) -> list[str]:
        host, arguments = destination_of(request)
        program, *rest = fill(template, request, host)
        return [program, *arguments, *rest]

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None
    ) -> OpensshCommand | Delivery | Question | Result:
        options = request.get("options", {})
        if why := _distrust_reason(options):
            return connection_faults.with_class(not_started(request, argv, f"bad_setting: {why}"), "bad_setting")
        if "copy" in request:
            made = OpensshCommand(request, argv, marker, timeout, b"sftp", destination_of(request), options)
            made.sudo = sudo
            return made
        if "receipt" in request or "ask" in request:
            return self._with_receipt(request, argv, marker)
        if request.get("check") is True:
            text = argv[-1].encode()
        elif sudo and sudo.holds:  # its own script ends the command when we hang up
            text = " ".join(map(quote, sudo.words)).encode()
        else:
            text = remote_script.command(sudo.words if sudo else request["words"])
        if len(text) > LONGEST:
            return not_started(request, argv, f"the command is {len(text)} bytes: ssh takes {LONGEST} at most")
        made = OpensshCommand(request, argv, marker, timeout, text, destination_of(request), options)
        made.sudo = sudo
        return made

    def _with_receipt(self, request: Request, argv: list[str], marker: str) -> Delivery | Question:
        from tasker.execution.receipts.attempts import attempt_for  # here, as few commands have one

        def session(call: FarCall, timeout: float) -> OpensshCommand:
            options = request.get("options", {})
            made = OpensshCommand(request, argv, marker, timeout, call.text.encode(), destination_of(request), options)
            made.far = call
            return made

        return attempt_for(request, argv, marker, session)

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> ReceiptExecutor:
        return ReceiptExecutor(loop, answer, notify, OpensshExecutor)


def _distrust_reason(options: RunnerOptions) -> str:
    """Why a file that these options name can be changed by others, or "". ssh itself looks at ~/.ssh/config alone."""
    config = options.get("config", "none")
    if config == "none" and not options.get("known_hosts"):
        return ""
    from tasker.execution.ssh.ssh_config import require_trusted_files  # here: few hosts have these options
    from tasker.system.private_files import is_null_device
    from tasker.system.trust import require_trust

    path = config
    try:
        if config != "none" and os.path.exists(path := os.path.expanduser(config)):
            require_trusted_files(path)
        for name in options.get("known_hosts", ()):
            # up to what ssh fills in itself: %h, ${HOME}
            path = os.path.expanduser(name.partition("%")[0].partition("${")[0])
            if not is_null_device(path):
                require_trust(path, missing=True)
    except NotADirectoryError:  # it is not there, and ssh says so
        return ""
    except (OSError, UnicodeError) as error:
        return f"cannot use '{path}': {getattr(error, 'strerror', None) or error}"
    return ""


def destination_of(request: Request) -> Destination:
    user, host, port = hostname.split_hostname(request["hostname"])
    options = request.get("options", {})
    return options.get("address", host), tuple(ssh_options.ssh_arguments(options, user, port))
