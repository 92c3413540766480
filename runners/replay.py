#!/usr/bin/env python3
"""Run nothing: play back the recording of an earlier run (docs/REFERENCE.md).

Command line: none: the results are those of a [recording](REFERENCE.md#recording-and-playback).
"""

from tasker.execution.playback import PlaybackRunner
from tasker.execution.request_server import serve_runner

if __name__ == "__main__":
    raise SystemExit(serve_runner(PlaybackRunner()))
