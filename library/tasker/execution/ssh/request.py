"""What the runner `ssh` makes of a request."""

from importlib.util import find_spec

from tasker.execution.ssh import client, remote_script, target
from tasker.execution.ssh.command import SshCommand, refusal_result
from tasker.execution.ssh.faults import Fault
from tasker.execution.template_runner import TemplateRunner
from tasker.protocol.results import not_started


class SshRunner(TemplateRunner):
    """A Runner whose attempts are commands on far sides."""

    logins = True
    options = target.NAMES

    def missing(self):
        if find_spec("paramiko"):
            return ""
        return "cannot find the library 'paramiko': pip install 'tasker[ssh]'"

    def made(self, request, argv, marker, timeout):
        client.load()
        options = request.get("options", {})
        words = ["true"] if request.get("check") is True else request["words"]
        made = SshCommand(request, argv, words, None, marker, timeout)
        try:
            made.place = target.resolve(request["hostname"], options)
        except Fault as fault:
            return refusal_result(made, fault.name, fault.reason)
        if (size := len(remote_script.wrap(words, marker, made.opening.token).encode())) > remote_script.LONGEST:
            why = f"the command is {size} bytes with its quotes: a far side takes {remote_script.LONGEST} at most"
            return not_started(request, argv, why)
        made.budget = min(options.get("connect_timeout", target.CONNECT_TIMEOUT), timeout)
        made.at_once = options.get("max_connecting", target.MAX_CONNECTING)
        return made
