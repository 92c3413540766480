"""Signals as bytes in a pipe, so that a loop which waits for descriptors hears of them too."""

import os
import signal


def watch_children(ends) -> tuple[int, list, set]:
    """Have SIGCHLD and the signals `ends` written to a pipe, one byte each, and ignore SIGINT if it is none of them.

    Returns the end to read, the signals that commands must not find ignored as we do, and those that were blocked.
    A signal that our caller had ignored (nohup) stays ignored.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *ends):
        if number == signal.SIGCHLD or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    changed = []
    if signal.SIGINT not in ends and signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        changed.append(signal.SIGINT)
    return reader, changed, signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD, *ends))


def reap_children() -> list[tuple[int, int]]:
    """(pid, status) of each child that has ended, which then is no more."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))
