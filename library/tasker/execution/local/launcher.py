"""Start commands as their caller would have: its directory, environment, limits and signals; no terminal, stdin empty
unless an attempt has an input.

Two things are added: the marker in the environment, and the mark among the limits (system/processes.py). The limit of
descriptors is raised for ourselves, since each command in flight takes two, and lowered around each start.
"""

from __future__ import annotations

import errno
import os
import resource
import select

from tasker.protocol.exit_codes import CANNOT_START, NOT_FOUND
from tasker.system.executables import has_executable
from tasker.system.processes import VARIABLE, may_mark, new_mark
from tasker.system.signal_calls import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
    from typing import TypeAlias, TypedDict

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.local.attempt import Attempt
    from tasker.execution.local.stream_capture import CapturedStream

    Read: TypeAlias = Callable[[Attempt, CapturedStream, int], object]

    class SpawnSignals(TypedDict, total=False):
        """Arguments of posix_spawn."""

        setsigdef: list[int]
        setsigmask: set[int]
else:
    from _collections import deque  # the C part: `collections` takes 2 ms of the start


# what may be there again in a moment: processes, memory, descriptors, and room in epoll
SCARCE = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC)
BURST = 16  # commands that are started before those that run get their turn
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 1.0  # seconds before a start is tried again that the machine refused
_REASONS = {
    errno.EACCES: "permission denied",
    errno.ENOEXEC: "not a program; a script needs a first line like '#!/bin/sh'",
    errno.E2BIG: "its arguments and environment are larger than the system allows",
}


class Launcher:
    """Makes descriptors 0, 1 and 2 of this process those of each command: 0 is empty, 1 and 2 only while it starts.

    Numbers above the commands' limit could not be passed to posix_spawn (glibc checks them), 0 to 2 always can.
    Everything else of ours is closed on exec. The request server has moved its documents to other descriptors before.
    """

    def __init__(self, loop: EventLoop) -> None:
        self._signals: SpawnSignals = {"setsigdef": _default_signals(loop.unlike_caller)}
        if loop.blocked:
            self._signals["setsigmask"] = loop.blocked
        self._environment = dict(os.environb)
        self._inherited = self._environment.get(VARIABLE.encode(), b"")
        self._stderr = os.dup(2)  # of this process
        _empty_stdin()
        self._loop, self._limit = loop, loop.limit
        # the numbers above are for files of long streams, and for /proc
        self._room = loop.limit.most - max(16, min(loop.limit.most // 8, 1024))
        self._real_time = resource.getrlimit(resource.RLIMIT_RTTIME)
        self._marks = may_mark(self._real_time)  # can commands have a mark?

    def start(self, attempt: Attempt, read: Read) -> None:
        """Start a command, and have `read(attempt, stream, events)` called whenever one of its streams is ready.

        Raises OSError, with a number of SCARCE when it may work later.
        """
        pipes = self._pipes()
        attempt.capture(reader for reader, _ in pipes)
        try:
            for stream in attempt.streams:  # before the start, since there may be no room for that either
                self._watch(attempt, stream, read)
            self._spawn(attempt, *(writer for _, writer in pipes))
        except BaseException:
            for stream in attempt.streams:
                self.close(stream)
            if attempt.sudo:
                attempt.sudo.end()
            raise
        finally:
            for _, writer in pipes:
                os.close(writer)

    def _watch(self, attempt: Attempt, stream: CapturedStream, read: Read) -> None:
        if stream.descriptor is not None:
            self._loop.watch(stream.descriptor, select.EPOLLIN, lambda events: read(attempt, stream, events))

    def close(self, stream: CapturedStream) -> None:
        """Read no more of it."""
        if stream.descriptor is not None:
            self._loop.forget_closed(stream.descriptor)
            os.close(stream.descriptor)
            stream.descriptor = None

    def _pipes(self) -> list[tuple[int, int]]:
        """(end to read, end to write) for stdout and for stderr."""
        made: list[tuple[int, int]] = []
        try:
            for _ in range(2):
                made.append(self._pipe())
        except OSError:
            for ends in made:
                _close(ends)
            raise
        return made

    def _pipe(self) -> tuple[int, int]:
        reader, writer = os.pipe()
        if writer >= self._room:
            _close((reader, writer))
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        os.set_blocking(reader, False)
        return reader, writer

    def _spawn(self, attempt: Attempt, stdout: int, stderr: int) -> None:
        """Start the command as the leader of a session, and note its pid and mark in the attempt."""
        argv = [word.encode() for word in (attempt.sudo.words if attempt.sudo else attempt.argv)]
        if not argv[0]:  # Python has another exception for it than for other names that lead nowhere
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        extra = {name.encode(): value.encode() for name, value in attempt.environment.items()}
        marker = attempt.marker.encode()
        extra[VARIABLE.encode()] = self._inherited + b" " + marker if self._inherited else marker
        attempt.mark = new_mark() if self._marks else 0
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        try:
            if attempt.sudo:
                from tasker.execution.become.local_input import hold_stdin  # here: few commands run as another user

                hold_stdin(attempt.sudo, self._loop)
            elif attempt.input:
                _fill_stdin(attempt.input)
            self._set_limits(self._limit.caller, (attempt.mark or self._real_time[0], self._real_time[1]))
            environment = {**self._environment, **extra}
            attempt.pid = os.posix_spawnp(argv[0], argv, environment, setsid=True, **self._signals)
        finally:
            self._set_limits(self._limit.own, self._real_time)
            if attempt.input or attempt.sudo:
                _empty_stdin()
            os.dup2(self._stderr, 1)
            os.dup2(self._stderr, 2)

    def _set_limits(self, descriptors: tuple[int, int], real_time: tuple[int, int]) -> None:
        if self._limit.own != self._limit.caller:
            resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)
        if self._marks:
            resource.setrlimit(resource.RLIMIT_RTTIME, real_time)


class StartQueue:
    """Attempts that wait to be started. begin(attempt): False if the machine has no room for it now."""

    def __init__(self, loop: EventLoop, begin: Callable[[Attempt], bool]) -> None:
        self._loop, self._begin = loop, begin
        self._queue: deque[Attempt] = deque()
        self._pause = 0.0  # seconds, after the last start that was refused
        self._timer: Timer | None = None

    def add(self, attempt: Attempt) -> None:
        self._queue.append(attempt)
        if self._timer is None:
            self._timer = self._loop.at(0.0, self._start_some)

    def freed(self) -> None:
        """A command has ended, so there may be room."""
        if self._queue and self._pause:
            self._loop.cancel(self._timer)
            self._timer = self._loop.at(0.0, self._start_some)

    def _start_some(self) -> None:
        self._timer = None
        for _ in range(BURST):
            if not self._queue:
                return
            attempt = self._queue.popleft()
            if self._begin(attempt):
                self._pause = 0.0
                continue
            self._queue.appendleft(attempt)
            self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self._timer = self._loop.after(self._pause, self._start_some)
            return
        self._timer = self._loop.at(0.0, self._start_some)


def refusal_reason(error: OSError, program: str) -> tuple[int, str]:
    """Exit code and reason, for people, of a command that could not be started."""
    if error.errno == errno.ENOENT:
        if not has_executable(program):
            return NOT_FOUND, f"cannot find '{program}'"
        return CANNOT_START, f"cannot start '{program}': what its first line or its loader names is not there"
    number = error.errno or 0
    return CANNOT_START, f"cannot start '{program}': {_REASONS.get(number) or os.strerror(number).lower()}"


def _default_signals(unlike_caller: Iterable[int]) -> list[int]:
    """The signals with their default action in a command: all but those that our caller ignores. Python ignores SIGPIPE
    and SIGXFSZ.

    Signals that we handle get it anyway. But glibc asks the kernel about each signal that is not named.
    """
    ours = {signal.SIGPIPE, signal.SIGXFSZ, *unlike_caller}
    return [one for one in signal.valid_signals() if one in ours or signal.getsignal(one) != signal.SIG_IGN]


def _empty_stdin() -> None:
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)


def _fill_stdin(data: bytes) -> None:
    """Have these bytes as our stdin: a file in memory, which has no name and takes any number of them at once."""
    file = os.memfd_create("stdin")
    try:
        with open(file, "wb", closefd=False) as writer:
            writer.write(data)
        os.lseek(file, 0, os.SEEK_SET)
        os.dup2(file, 0)
    finally:
        os.close(file)


def _close(ends: tuple[int, int]) -> None:
    for end in ends:
        os.close(end)
