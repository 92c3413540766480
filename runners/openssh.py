#!/usr/bin/env python3
"""Run a command on another host through the system's ssh, with the user's configuration, over one connection a host."""

from tasker.command import serve
from tasker.openssh.over import Over
from tasker.openssh.requests import Requests

COMMAND = ["ssh", "--", "{hostname}", "{words:shell}"]  # the far side is a POSIX shell: one quoted word
CHECK = ["ssh", "--", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, runner=Requests, over=Over))
