"""What the runner `openssh` makes of a request: the options of ssh, and the command for the far side."""

from tasker.execution import connection_faults
from tasker.execution.openssh import remote_script, ssh_options
from tasker.execution.openssh.command import OpensshCommand
from tasker.execution.openssh.mux import LONGEST
from tasker.execution.template_runner import TemplateRunner
from tasker.language import hostname
from tasker.protocol.results import not_started


class OpensshRunner(TemplateRunner):
    """A Runner whose attempts are commands over shared connections."""

    logins = True
    options = ssh_options.NAMES

    def filled(self, template, request) -> list[str]:
        name, options = request.get("hostname", ""), request.get("options", {})
        if hostname.hostname_problem(name, authored=True) or ssh_options.option_problem(options):
            return super().filled(template, request)
        host, flags = _route(name, options)
        argv = super().filled(template, {**request, "hostname": host})
        return [argv[0], *flags, *argv[1:]]

    def attempt(self, request):
        options = request.get("options", {})
        if isinstance(options, dict) and (faults := ssh_options.option_problem(options)):
            doc = not_started(request, [], "bad_setting: " + "; ".join(faults))
            return doc | connection_faults.result_keys("bad_setting")
        return super().attempt(request)

    def made(self, request, argv, marker, timeout):
        options = request.get("options", {})
        text = argv[-1].encode() if request.get("check") is True else remote_script.command(request["words"])
        if len(text) > LONGEST:
            return not_started(request, argv, f"the command is {len(text)} bytes: a far side takes {LONGEST} at most")
        return OpensshCommand(request, argv, marker, timeout, text, _route(request["hostname"], options), options)


def _route(name, options):
    user, host, port = hostname.split_hostname(name)
    return host, tuple(ssh_options.ssh_arguments(options, user, port))
