"""What the runner `ssh` makes of a request."""

from tasker.children.attempt import not_started
from tasker.runner import Runner
from tasker.ssh import client, place, remote
from tasker.ssh.command import Command, refused
from tasker.ssh.fault import Fault


class Requests(Runner):
    """A Runner whose attempts are commands on far sides."""

    logins = True

    def about(self):
        return {**super().about(), "options": sorted(place.FORMS)}

    def made(self, request, argv, marker, timeout):
        client.load()
        options = request.get("options", {})
        words = ["true"] if request.get("check") is True else request["words"]
        made = Command(request, argv, words, None, marker, timeout)
        try:
            made.place = place.resolved(request["hostname"], options)
        except Fault as fault:
            return refused(made, fault.name, fault.reason)
        if (size := len(remote.wrapped(words, marker, made.opening.token).encode())) > remote.LONGEST:
            why = f"the command is {size} bytes with its quotes: a far side takes {remote.LONGEST} at most"
            return not_started(request, argv, why)
        made.budget = min(options.get("connect_timeout", place.CONNECT_TIMEOUT), timeout)
        made.at_once = options.get("max_connecting", place.MAX_CONNECTING)
        return made
