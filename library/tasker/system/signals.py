"""Names of signals, and the signals that end a run as bytes in a pipe."""

from __future__ import annotations

import os
import signal

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; `signal 40` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def listen_to_signals() -> int:
    """A descriptor on which the numbers of the signals that end a run arrive, a byte each."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, lambda *_: None)
    return reading
