#!/usr/bin/env python3
"""Run a script with bash on this machine.

Command line: `bash -c` with the text of command and arguments as written.

Outputs of other tasks reach the script as environment variables, so they stay data.
"""

from tasker.command import serve

COMMAND = ["bash", "-c", "--", "{script}"]  # without "--", a script that begins with "-" would be options

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, host="none"))
