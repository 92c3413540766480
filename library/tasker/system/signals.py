"""Signals: their names, which processes ignore them, and how a loop that waits for descriptors is woken by them."""

from __future__ import annotations

import os

from tasker.system.signal_calls import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ENDING: tuple[int, ...] = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)  # those that end a run
# what this process ignores and its caller did not: what it starts for the caller must not inherit that
ignored_here: list[int] = []


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; `signal 40` for a number without a name."""
    from signal import Signals  # here, as few runs name a signal

    try:
        return Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def ignore_signals(numbers: Iterable[int] = ENDING) -> None:
    """Ignore these from now on, also where they wait already, because they were blocked."""
    for number in numbers:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.SIG_IGN)
            if number not in ignored_here:
                ignored_here.append(number)


def ignore_as_stage(lines: bool) -> None:
    """In a stage that a driver started, or that stays open (`lines`) with a stdin that is not a terminal: ignore what
    ends a run. The end of its input ends it, so a signal to every process of a run does what one to the driver does.

    Our driver starts a stage with these signals blocked: none may end it before it comes here.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ()).issuperset(ENDING)
    if blocked or (lines and not os.isatty(0)):
        ignore_signals()
    if blocked:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def wakeup_pipe(numbers: Iterable[int]) -> int:
    """Have these signals written to a pipe, each as a byte with its number. Returns the end to read.

    A signal that our caller ignored (nohup) stays ignored, but for SIGCHLD, without which no child could be reaped.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in numbers:
        if number == signal.SIGCHLD or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    return reader
