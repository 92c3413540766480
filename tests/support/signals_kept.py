"""What an event loop changes in the program that runs the tests, as it was before."""

import contextlib
import resource
import signal
from collections.abc import Iterator

NUMBERS = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def signals_kept() -> Iterator[None]:
    """Handlers, wake-up descriptor, blocked signals and limit of descriptors are afterwards what they were before."""
    before, limit = [signal.getsignal(number) for number in NUMBERS], resource.getrlimit(resource.RLIMIT_NOFILE)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in zip(NUMBERS, before, strict=True):
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)
