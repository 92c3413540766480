#!/usr/bin/env python3
"""Run nothing: answer from the record of an earlier run (docs/REFERENCE.md)."""

from tasker.command import be
from tasker.execution.playback import Replay

if __name__ == "__main__":
    raise SystemExit(be(Replay()))
