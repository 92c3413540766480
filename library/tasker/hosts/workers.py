"""Forked workers that share one queue of numbered jobs, and never outlive the stage that started them.

Fork without exec: a worker is there in a millisecond and needs nothing imported. The stage has one thread, so
this is safe.
"""

import fcntl
import os
import select
import signal

from tasker.hosts import waiting
from tasker.system.private_files import write_some

NUMBER = 4  # bytes of a job's number: what is written at once is read at once
CHUNK = 4096  # bytes that a pipe takes whole (PIPE_BUF), a multiple of NUMBER


class Workers:
    """A `with` block in which processes do `work(job) -> str` (one line, under 4,000 bytes) for each of the jobs."""

    def __init__(self, jobs, work):
        self.jobs, self.work = jobs, work
        self.pids, self.rest = [], b""
        self.unsent = b"".join(number.to_bytes(NUMBER, "little") for number in range(len(jobs)))
        self.pipes = self.take, self.give, self.read, self.write, self.lifeline, self.alive = [
            end for _ in range(3) for end in os.pipe()
        ]
        os.set_blocking(self.give, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)
        for end in self.pipes:
            if end is not None:
                os.close(end)

    @property
    def count(self):
        return len(self.pids)

    def grow(self, more):
        """Start more workers. Raises OSError when there is not a single one."""
        for _ in range(more):
            try:
                pid = os.fork()
            except OSError:
                if not self.pids:
                    raise
                return  # those that there are do the work
            if pid == 0:
                self._be_worker()
            self.pids.append(pid)

    def results(self, until, watch=None):
        """(number of the job, what `work` gave) for each that is done, waiting for the first until that moment."""
        poll = waiting.poller(watch)
        poll.register(self.read, select.POLLIN)
        if self.give is not None:
            poll.register(self.give, select.POLLOUT)
        ready = waiting.wait_until(poll, until, watch)
        if self.give in ready:
            self._hand_out()
        if self.read not in ready:
            return []
        *lines, self.rest = (self.rest + os.read(self.read, 1 << 20)).split(b"\n")
        parts = [line.decode().partition(" ") for line in lines]
        return [(int(number), text) for number, _, text in parts]

    def _hand_out(self):
        """Put as much into the queue as it takes; when all is in, close it, so that the workers end."""
        try:
            while self.unsent:
                self.unsent = self.unsent[write_some(self.give, self.unsent[:CHUNK]) :]
        except BlockingIOError:
            return
        os.close(self.give)
        self.pipes[self.pipes.index(self.give)] = None
        self.give = None

    def _be_worker(self):
        """In the child: work until the queue is empty. Never returns into the code of the stage."""
        try:
            _leave_all_but(self.take, self.write, self.lifeline)
            _die_with(self.lifeline)
            while taken := os.read(self.take, NUMBER):
                number = int.from_bytes(taken, "little")
                os.write(self.write, f"{number} {self.work(self.jobs[number])}\n".encode())
        finally:
            os._exit(0)


def _leave_all_but(*kept):
    """Close what else is open, so that a worker that hangs holds no pipe of somebody who waits for its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _die_with(lifeline):
    """Have the kernel end this process, even in the middle of a look-up, when the stage at the other end dies."""
    own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY)  # opened anew, since the owner belongs to the opening
    fcntl.fcntl(own, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([own], [], [], 0)[0]:  # it had died before this was set
        os._exit(0)
