#!/usr/bin/env python3
"""Run a command on another host through pbrun.

Command line: `pbrun -n -h HOST COMMAND ARGUMENTS…`.
Connection test: `pbrun -n -h HOST pbtest`.

Each word arrives on the host as it is: no shell reads it again. `-n`: there is no input. pbrun takes a host alone,
without a user or a port.
"""

from tasker.command import serve

COMMAND = ["pbrun", "-n", "-h", "{hostname}", "{words}"]
CHECK = ["pbrun", "-n", "-h", "{hostname}", "pbtest"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, host="required", port=24345))
