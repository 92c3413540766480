#!/usr/bin/env python3
"""Run a command on another host through p7s."""

from tasker.command import serve

COMMAND = ["p7s", "{hostname}", "{words}"]
CHECK = ["p7s", "{hostname}", "pbtest"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK))
