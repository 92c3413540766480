#!/usr/bin/env python3
"""Run nothing: play back the recording of an earlier run (docs/REFERENCE.md)."""

from tasker.execution.playback import PlaybackRunner
from tasker.execution.request_server import serve_runner

if __name__ == "__main__":
    raise SystemExit(serve_runner(PlaybackRunner()))
