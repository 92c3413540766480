#!/usr/bin/env python3
"""Run a command on another host through wwrs: `wwrs_cli HOST "COMMAND ARGUMENTS…"`.

The remote shell is a POSIX shell: the words are one argument, each quoted for it. The connection test is
`wwrs_clir HOST wwrs_test`. wwrs takes a host alone, without a user or a port.
"""

from tasker.command import serve

PROGRAM = ("wwrs_cli", "wwrs_clir")  # the first that is installed
COMMAND = (PROGRAM, "{hostname}", "{words:shell}")
CHECK = ["wwrs_clir", "{hostname}", "wwrs_test"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, host="required"))
