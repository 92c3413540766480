#!/usr/bin/env python3
"""Run a command on another host through wwrs."""

from tasker.command import serve

PROGRAM = ("wwrs_cli", "wwrs_clir")  # the first that is installed
COMMAND = [PROGRAM, "{hostname}", "{words:shell}"]  # the far side is a POSIX shell: one quoted word
CHECK = ["wwrs_clir", "{hostname}", "wwrs_test"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK))
