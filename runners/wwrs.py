#!/usr/bin/env python3
"""Run a command on another host through wwrs.

Command line: `wwrs_cli HOST "COMMAND ARGUMENTS…"`, one argument, each word quoted for the remote shell; `wwrs_clir`
where only that is installed.
Connection test: `wwrs_clir HOST wwrs_test`.

The remote shell is a POSIX shell. wwrs takes a host alone, without a user or a port.
"""

from tasker.command import serve

PROGRAM = ("wwrs_cli", "wwrs_clir")  # the first that is installed
COMMAND = (PROGRAM, "{hostname}", "{words:shell}")
CHECK = ["wwrs_clir", "{hostname}", "wwrs_test"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, host="required"))
