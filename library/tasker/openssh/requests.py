"""What the runner `openssh` makes of a request: the options of ssh, and the command for the far side."""

from tasker import hostname, ssh_classes
from tasker.children.attempt import not_started
from tasker.openssh import far, setting
from tasker.openssh.command import Command
from tasker.openssh.mux import LONGEST
from tasker.runner import Runner


class Requests(Runner):
    """A Runner whose attempts are commands over shared connections."""

    logins = True
    options = setting.NAMES

    def filled(self, template, request) -> list[str]:
        name, options = request.get("hostname", ""), request.get("options", {})
        if hostname.problem(name, authored=True) or setting.wrong(options):
            return super().filled(template, request)
        host, flags = _route(name, options)
        argv = super().filled(template, {**request, "hostname": host})
        return [argv[0], *flags, *argv[1:]]

    def attempt(self, request):
        options = request.get("options", {})
        if isinstance(options, dict) and (faults := setting.wrong(options)):
            doc = not_started(request, [], "bad_setting: " + "; ".join(faults))
            return doc | ssh_classes.keys("bad_setting")
        return super().attempt(request)

    def made(self, request, argv, marker, timeout):
        options = request.get("options", {})
        text = argv[-1].encode() if request.get("check") is True else far.command(request["words"])
        if len(text) > LONGEST:
            return not_started(request, argv, f"the command is {len(text)} bytes: a far side takes {LONGEST} at most")
        return Command(request, argv, marker, timeout, text, _route(request["hostname"], options), options)


def _route(name, options):
    user, host, port = hostname.split(name)
    return host, tuple(setting.flags(options, user, port))
