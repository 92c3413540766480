#!/usr/bin/env python3
"""Run a command on this machine, without a shell, in the folder where tasker was started.

Command line: `COMMAND ARGUMENTS…`.
"""

from tasker.command import serve
from tasker.execution.template_runner import LocalBackend

COMMAND = ["{words}"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, backend=LocalBackend(copies=("put", "get")), host="none"))
