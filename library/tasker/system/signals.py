"""Names of signals."""

from __future__ import annotations

import signal


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; `signal 40` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
