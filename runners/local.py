#!/usr/bin/env python3
"""Run a command on this machine."""

from tasker.command import serve

COMMAND = ["{words}"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND))
