#!/usr/bin/env python3
"""Run a command on another host through p7s: `p7s HOST COMMAND ARGUMENTS…`.

Each word arrives on the host as it is: no shell reads it again. The connection test runs the site's `pbtest`.
p7s takes a host alone, without a user or a port.
"""

from tasker.command import serve

COMMAND = ["p7s", "{hostname}", "{words}"]
CHECK = ["p7s", "{hostname}", "pbtest"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, host="required"))
