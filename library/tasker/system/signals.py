"""Signals: their names, and how a loop that waits for descriptors is woken by them."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)  # those that end a run


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; `signal 40` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def wakeup_pipe(numbers: Iterable[int]) -> int:
    """Have these signals written to a pipe, each as a byte with its number. Returns the end to read.

    A signal that our caller ignored (nohup) stays ignored, but for SIGCHLD, without which no child could be reaped.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in numbers:
        if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    return reader
