"""Forked workers that share one queue of numbered jobs, and never outlive the stage that started them.

Fork without exec: a worker starts in a millisecond and imports nothing. That is safe, as the stage has one thread.
"""

from __future__ import annotations

import fcntl
import os
import select

from tasker.hosts import waiting
from tasker.system.private_files import write_some
from tasker.system.signal_calls import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn, Self

NUMBER = 4  # bytes of a job's number: written and read in one piece
CHUNK = 4096  # bytes that a pipe takes in one piece (PIPE_BUF), a multiple of NUMBER


class Workers:
    """A `with` block in which processes do `work(job)` for each job. It returns one line of less than 4,000 bytes."""

    def __init__(self, jobs: Sequence[str], work: Callable[[str], str]) -> None:
        self.jobs, self.work = jobs, work
        self.pids: list[int] = []
        self.partial_line = b""
        self.unsent = b"".join(number.to_bytes(NUMBER, "little") for number in range(len(jobs)))
        self.job_reader, job_writer = os.pipe()
        self.result_reader, self.result_writer = os.pipe()
        self.lifeline, self.lifeline_end = os.pipe()
        self.job_writer: int | None = job_writer  # until all jobs are in the queue
        os.set_blocking(job_writer, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)
        for end in (
            self.job_reader,
            self.job_writer,
            self.result_reader,
            self.result_writer,
            self.lifeline,
            self.lifeline_end,
        ):
            if end is not None:
                os.close(end)

    @property
    def count(self) -> int:
        return len(self.pids)

    def start(self, more: int) -> None:
        """Start this many more workers. Raises OSError if not even one could be started."""
        for _ in range(more):
            try:
                pid = os.fork()
            except OSError:
                if not self.pids:
                    raise
                return  # the workers that exist do the work
            if pid == 0:
                self._be_worker()
            self.pids.append(pid)

    def results(self, until: float, watch: int | None = None) -> list[tuple[int, str]]:
        """(number of the job, result of `work`) for each job that is done; waits for the first until `until`."""
        poll = waiting.poller(watch)
        poll.register(self.result_reader, select.POLLIN)
        if self.job_writer is not None:
            poll.register(self.job_writer, select.POLLOUT)
        ready = waiting.wait_until(poll, until, watch)
        if self.job_writer is not None and self.job_writer in ready:
            self._hand_out(self.job_writer)
        if self.result_reader not in ready:
            return []
        *lines, self.partial_line = (self.partial_line + os.read(self.result_reader, 1 << 20)).split(b"\n")
        parts = [line.decode().partition(" ") for line in lines]
        return [(int(number), text) for number, _, text in parts]

    def _hand_out(self, job_writer: int) -> None:
        """Write as many jobs into the queue as it takes. Close it after the last, so that the workers end."""
        try:
            while self.unsent:
                self.unsent = self.unsent[write_some(job_writer, self.unsent[:CHUNK]) :]
        except BlockingIOError:
            return
        os.close(job_writer)
        self.job_writer = None

    def _be_worker(self) -> NoReturn:
        """In the child: work until the queue is empty, then exit."""
        try:
            _close_all_but(self.job_reader, self.result_writer, self.lifeline)
            _end_with(self.lifeline)
            while number_bytes := os.read(self.job_reader, NUMBER):
                number = int.from_bytes(number_bytes, "little")
                os.write(self.result_writer, f"{number} {self.work(self.jobs[number])}\n".encode())
        finally:
            os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Close all other descriptors: a worker that hangs must not keep a pipe open whose reader waits for its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _end_with(lifeline: int) -> None:
    """Have the kernel end this process, even during a lookup, when the stage at the other end dies."""
    own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY)  # opened again: the owner belongs to the open file
    fcntl.fcntl(own, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([own], [], [], 0)[0]:  # it died before this was set
        os._exit(0)
