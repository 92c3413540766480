#!/usr/bin/env python3
"""Run a command on another host through p7s.

Command line: `p7s HOST COMMAND ARGUMENTS…`.
Connection test: `p7s HOST pbtest`.

Each word arrives on the host as it is: no shell reads it again.
p7s takes a host alone, without a user or a port.
"""

from tasker.command import serve

COMMAND = ["p7s", "{hostname}", "{words}"]
CHECK = ["p7s", "{hostname}", "pbtest"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, host="required"))
