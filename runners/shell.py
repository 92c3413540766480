#!/usr/bin/env python3
"""Run a script with bash on this machine. Values reach it as environment variables, so they stay data."""

from tasker.command import serve

COMMAND = ["bash", "-c", "--", "{script}"]  # without "--", a script that begins with "-" would be options

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND))
