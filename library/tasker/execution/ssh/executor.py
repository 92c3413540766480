"""Run commands on many far sides at once: what the Supervisor is for local ones, with the same face (command.py).

One thread decides, in `turn`, and never waits for a far side. Others only wait, and `tell` it what they have heard.
"""

import collections
import contextlib
import os
import resource
import select
import signal
import threading
import time

from tasker.execution.local.attempt import INTERRUPT, TIMEOUT
from tasker.execution.local.child_signals import watch_children
from tasker.execution.local.supervisor import PATIENT
from tasker.execution.local.termination import AT_ONCE
from tasker.execution.ssh import channel
from tasker.execution.ssh.command_state import CommandState
from tasker.execution.ssh.connections import ConnectionPool
from tasker.execution.ssh.threads import Deadline, ThreadPool


class SshExecutor:
    """answer, ends, tell, signalled: as of the Supervisor."""

    def __init__(self, answer, ends=(signal.SIGTERM, signal.SIGHUP), tell=None):
        self.answer, self.tell = answer, tell or (lambda request, event: None)
        self.signalled = None
        self._wake, _, _ = watch_children(ends)
        self._calls: collections.deque = collections.deque()  # of other threads, for us
        self._rung = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll = select.epoll()
        self._watched = {self._wake: self._signal, self._bell: self._hear}
        for descriptor in self._watched:
            self._epoll.register(descriptor, select.EPOLLIN)
        self.clock, self.run = Deadline(), ThreadPool().run
        self.links = ConnectionPool(self.run, self.call)
        self._lives: dict[int, CommandState] = {}  # serial: of each command without an answer
        self._serial = 0
        # each costs a descriptor; as many again are for agents, long streams and files of settings
        self.links.most = max(1, (_raised_limit() - 20) // 2)

    def start(self, command) -> int:
        self._serial += 1
        command.serial = self._serial
        life = self._lives[command.serial] = CommandState(command, self)
        if command.follow:
            command.follow.live.wake = lambda: self.call(int)  # its output comes in another thread
        self.links.at_once = command.at_once
        self.clock.after(min(PATIENT, command.timeout), self._late, command)
        self.links.want(command.place, life)
        return self._serial

    def cancel(self, serial: int, why: str) -> None:
        if (life := self._lives.get(serial)) and not life.cancel():
            life.end(TIMEOUT if why == TIMEOUT else INTERRUPT)

    def watch(self, descriptor: int, events: int, call) -> bool:
        """Call `call()` whenever this is ready. False when it is always ready, as files are."""
        try:
            if descriptor not in self._watched:
                self._epoll.register(descriptor, events)
        except PermissionError:
            return False
        self._watched[descriptor] = call
        return True

    def forget(self, descriptor: int) -> None:
        if self._watched.pop(descriptor, None):
            self._epoll.unregister(descriptor)

    def turn(self, longest: float = 3600.0) -> None:
        """Wait until something happens, at most `longest` seconds, and deal with it."""
        due = self.clock.due()
        patience = longest if due is None else max(0.0, min(longest, due - time.monotonic()))
        for descriptor, _ in self._epoll.poll(patience):
            if descriptor in self._watched:
                self._watched[descriptor]()
        self.clock.strike()

    def call(self, call, *arguments) -> None:
        """From any thread: have this called in `turn`."""
        self._calls.append((call, arguments))
        if not self._rung:  # two may ring at once; what counts is that nobody relies on a bell that was heard before
            self._rung = True
            os.eventfd_write(self._bell, 1)

    def started(self, command) -> None:
        self.tell(command.request, "started")

    def done(self, command, doc: dict) -> None:
        if self._lives.pop(command.serial, None):
            self.answer(doc)

    def end_everything(self) -> None:
        """KILL all that has no answer yet, as far as the far sides say within a second. There will be no answers."""
        groups: dict = {}
        for life in self._lives.values():
            if life.command.sent and not life.command.spoken and life.link:
                groups.setdefault(life.link, []).append(life.command)
        heard = [threading.Event() for _ in groups]
        for (link, commands), event in zip(groups.items(), heard, strict=True):
            hear = lambda word, event=event: word == "begun" or event.set()  # noqa: E731
            with contextlib.suppress(RuntimeError):
                self.run(channel.end_command, commands, link.transport, 0.0, hear)
        until = time.monotonic() + AT_ONCE
        for event in heard:
            event.wait(max(0.0, until - time.monotonic()))
        for link in self.links.all():
            link.cut()

    def _late(self, command):
        with command.lock:  # who sends it meanwhile has to see that we have said so
            command.queued = command.serial in self._lives and not command.sent
        if command.queued:
            self.tell(command.request, "queued")

    def _signal(self):
        for number in os.read(self._wake, 4096):
            if number != signal.SIGCHLD:
                self.signalled = number

    def _hear(self):
        os.eventfd_read(self._bell)
        self._rung = False  # before the first call is taken: what is appended from now on rings, or is seen here
        while self._calls:
            call, arguments = self._calls.popleft()
            call(*arguments)


def _raised_limit():
    """How many descriptors we may have, after asking for as many as there can be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return 1 << 20 if soft == resource.RLIM_INFINITY else soft
