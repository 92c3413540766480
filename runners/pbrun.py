#!/usr/bin/env python3
"""Run a command on another host through pbrun."""

from tasker.command import serve

COMMAND = ["pbrun", "-n", "-h", "{hostname}", "{words}"]
CHECK = ["pbrun", "-n", "-h", "{hostname}", "pbtest"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK))
