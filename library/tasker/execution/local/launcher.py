"""Start commands as their caller would have: its folder, environment, limits and signals; stdin empty, no terminal.

Two things are added: the marker in the environment, and the mark among the limits (system/processes.py).
The limits are raised for ourselves, since each command in flight costs descriptors, and lowered around each start.
"""

import contextlib
import errno
import os
import resource
import signal

from tasker.protocol.exit_codes import CANNOT_START, NOT_FOUND
from tasker.system.executables import has_executable
from tasker.system.processes import VARIABLE, may_mark

# what may be there again in a moment: processes, memory, descriptors, and room in epoll
SCARCE = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC)
_REASONS = {
    errno.EACCES: "permission denied",
    errno.ENOEXEC: "not a program; a script needs a first line like '#!/bin/sh'",
    errno.E2BIG: "its arguments and environment are larger than the system allows",
}


class Launcher:
    """Makes descriptors 0, 1 and 2 of this process those of each command: 0 is empty, 1 and 2 only while it starts.

    Numbers above the commands' limit could not be handed to posix_spawn (glibc checks them), 0 to 2 always can.
    Everything else of ours is closed on exec. `serve` has moved its documents away before.
    """

    def __init__(self, defaults=(), blocked=()):
        """defaults: signals that we treat otherwise than our caller did; blocked: what our caller had blocked."""
        self.signals = {"setsigdef": [signal.SIGPIPE, signal.SIGXFSZ, *defaults]}  # Python ignores these two
        if blocked:
            self.signals["setsigmask"] = blocked
        self.environment = dict(os.environb)
        self.inherited = self.environment.get(VARIABLE.encode(), b"")
        self.people = os.dup(2)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        self._raise_limit()
        self.real_time = resource.getrlimit(resource.RLIMIT_RTTIME)
        self.marks = may_mark(self.real_time)  # can what is started be given a mark?

    def _raise_limit(self):
        self.old = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.raised = None
        if soft != hard:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                self.raised = (hard, hard)
        most = (self.raised or self.old)[0]
        most = 1 << 20 if most == resource.RLIM_INFINITY else most
        self.room = most - max(16, min(most // 8, 1024))  # what is above is for files of long streams, and for /proc

    def start(
        self, argv: list[bytes], marker: str, mark: int, extra: dict[bytes, bytes], register
    ) -> tuple[int, list[int]]:
        """Start a command, leader of a session of its own: its pid, and what to read its stdout and stderr from.

        extra: added to the environment. register: called with both descriptors before the start, since it may fail too.
        Raises OSError, with a number of SCARCE when it may work later.
        """
        if not argv[0]:  # Python has another exception for it than for other names that lead nowhere
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        pipes = []
        try:
            pipes.append(self._pipe())
            pipes.append(self._pipe())
            readers = [reader for reader, _ in pipes]
            for reader in readers:
                register(reader)
            return self._spawn(argv, marker, mark, extra, *(writer for _, writer in pipes)), readers
        except BaseException:
            for reader, _ in pipes:
                os.close(reader)
            raise
        finally:
            for _, writer in pipes:
                os.close(writer)

    def _pipe(self):
        reader, writer = os.pipe()
        if writer >= self.room:
            os.close(reader)
            os.close(writer)
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        os.set_blocking(reader, False)
        return reader, writer

    def _spawn(self, argv, marker, mark, extra, stdout, stderr):
        carried = self.inherited + b" " + marker.encode() if self.inherited else marker.encode()
        environment = {**self.environment, **extra, VARIABLE.encode(): carried}
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        try:
            if self.raised:
                resource.setrlimit(resource.RLIMIT_NOFILE, self.old)
            if mark:
                resource.setrlimit(resource.RLIMIT_RTTIME, (mark, self.real_time[1]))
            return os.posix_spawnp(argv[0], argv, environment, setsid=True, **self.signals)
        finally:
            if self.raised:
                resource.setrlimit(resource.RLIMIT_NOFILE, self.raised)
            if mark:
                resource.setrlimit(resource.RLIMIT_RTTIME, self.real_time)
            os.dup2(self.people, 1)
            os.dup2(self.people, 2)


def refusal_reason(error: OSError, program: str) -> tuple[int, str]:
    """Exit code and reason, for people, of a command that could not be started."""
    if error.errno == errno.ENOENT:
        if not has_executable(program):
            return NOT_FOUND, f"cannot find '{program}'"
        return CANNOT_START, f"cannot start '{program}': what its first line or its loader names is not there"
    number = error.errno or 0
    return CANNOT_START, f"cannot start '{program}': {_REASONS.get(number) or os.strerror(number).lower()}"
