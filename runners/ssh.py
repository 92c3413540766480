#!/usr/bin/env python3
"""Run a command on another host over SSH, with paramiko: known hosts required, one connection a host."""

from tasker.command import serve
from tasker.ssh.requests import Requests
from tasker.ssh.sessions import Sessions

COMMAND = ["ssh", "{hostname}", "{words:shell}"]  # as one would type it: no such program is started
CHECK = ["ssh", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, runner=Requests, over=Sessions))
