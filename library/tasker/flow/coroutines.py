"""Coroutines that wait for events: a trampoline for generators, without a clock and without threads.

A coroutine is a generator. It yields an id and is resumed with the event of that id, or it yields a TaskGroup and is
resumed with (key, value) of the next child that ended. It asks for actions with `emit`, as steps. Given the same
events, everything here happens in the same order.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Generator
    from typing import Any, TypeAlias, TypeVar, Unpack

    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Event, Request, Step

    T = TypeVar("T")
    # Any: the type of what resumes a coroutine depends on what it yielded: an id or a group
    CoroutineOf: TypeAlias = Generator["str | TaskGroup", Any, T]
else:
    from _collections import deque  # the C part: `collections` takes 2 ms of the start


class Stopped(Exception):
    """Thrown into a coroutine that must not continue: the run was interrupted, or its block timed out."""

    def __init__(self, reason: str, waiting_for_slot: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason  # "interrupt" or "timeout"
        self.waiting_for_slot = waiting_for_slot  # then it has no slot to give back
        self.record: TaskRecord | None = None  # of the last attempt, if a task was stopped before a retry


class Coroutine:
    """A generator that is being run. key: its name in its group. host: what it runs is for this host (`@host@`); what
    it starts is too."""

    __slots__ = ("generator", "group", "host", "key", "shielded", "stopped", "waits")
    waits: str | TaskGroup | None
    stopped: str | None  # why it must not continue

    def __init__(self, generator: CoroutineOf[object], group: TaskGroup | None = None, key: object = None) -> None:
        self.generator, self.group, self.key, self.waits = generator, group, key, None
        self.stopped = None
        self.shielded = False  # it cleans up: only a run that is in a hurry stops it
        self.host: str | None = None


class TaskGroup:
    """The children of a coroutine. A coroutine that yields it is resumed with (key, value) of the next that ended.

    A timer can be added: it then ends like a child, with its id as key.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.finished: deque[tuple[object, object]] = deque()
        self.parent: Coroutine | None = None
        self.stopped: str | None = None
        self.children: dict[object, Coroutine] = {}  # those that have not ended

    def start(self, key: object, generator: CoroutineOf[object]) -> None:
        child = self.children[key] = Coroutine(generator, self, key)
        child.host = self.scheduler.current.host
        self.scheduler.ready.append((child, None, None))

    def add_timer(self, identity: str) -> None:
        self.scheduler.waiting[identity] = self

    def stop(self, reason: str) -> None:
        """End every child: a running command is cancelled, and its result is awaited; anything else stops now."""
        self.stopped = reason
        for child in list(self.children.values()):
            self.scheduler.stop(child, reason)

    def start_nothing_more(self, reason: str) -> None:
        """Start nothing more: a running command continues to its end; what waits stops now."""
        for child in list(self.children.values()):
            self.scheduler.start_nothing_more(child, reason)

    def on_end(self, key: object, value: object) -> None:
        self.children.pop(key, None)
        self.finished.append((key, value))
        if self.parent is not None:
            parent, self.parent = self.parent, None
            self.scheduler.ready.append((parent, self.finished.popleft(), None))


class Scheduler:
    """Resumes coroutines when their events arrive, and collects the steps that they emit."""

    def __init__(self) -> None:
        self.waiting: dict[str, Coroutine | TaskGroup] = {}
        self.ready: deque[tuple[Coroutine, object, Exception | None]] = deque()  # value to send, exception to throw
        self.steps: list[Step] = []
        self.running: dict[str, str] = {}  # id of a request in flight -> its exec type
        self.cancelled: set[str] = set()  # ids of requests that were cancelled
        self.current: Coroutine  # the one that is running
        self.serial = 0
        self.sleeping: set[str] = set()  # ids of timers that no timeout ends
        self.enduring: set[str] = set()  # ids of timers that only a timeout ends, or a run that is in a hurry
        self.hurried = False  # nothing may be cleaned up any more: a second signal, or a stage that broke
        self.outcome: tuple[object, Exception | None] | None = None  # of the first coroutine, once it has ended

    def emit(self, **step: Unpack[Step]) -> None:
        self.steps.append(step)

    def new_id(self, kind: str) -> str:
        """An id that is not in use. Its first part is for people."""
        self.serial += 1
        return f"{kind}.{self.serial}"

    def send(self, identity: str, exec_type: str, request: Request) -> None:
        """Send a request. The coroutine that yields its id is resumed with its result."""
        self.running[identity] = exec_type
        self.emit(do="run", exec=exec_type, request=request)

    def cancel(self, identity: str, reason: str) -> None:
        """Ask for the end of a request, once. Its result follows all the same."""
        if identity not in self.cancelled:
            self.cancelled.add(identity)
            self.emit(do="cancel", id=identity, exec=self.running[identity], reason=reason)

    def begin(self, generator: CoroutineOf[object]) -> list[Step]:
        self.ready.append((Coroutine(generator), None, None))
        return self.turn()

    def deliver(self, identity: str, event: Event | None) -> bool:
        """Resume what waits for this id. Return False if nothing does: the answer is late or repeated."""
        waiter = self.waiting.pop(identity, None)
        self.running.pop(identity, None)
        self.cancelled.discard(identity)
        self.sleeping.discard(identity)
        self.enduring.discard(identity)
        if isinstance(waiter, TaskGroup):
            waiter.on_end(identity, event)
        elif waiter is not None:
            self.ready.append((waiter, event, None))
        return waiter is not None

    def stop(self, coroutine: Coroutine, reason: str) -> None:
        """End a coroutine. One with a request in flight is resumed with the result first, so that nothing is lost.

        Where it cannot be ended now, it reads `stopped` before it continues.
        """
        if coroutine.shielded and not self.hurried:
            return
        waits, coroutine.stopped = coroutine.waits, coroutine.stopped or reason
        if isinstance(waits, TaskGroup):
            waits.parent = None
            self.ready.append((coroutine, None, Stopped(reason)))
        elif waits in self.running:
            self.cancel(waits, reason)
        elif waits in (self.sleeping if reason == "timeout" else () if self.hurried else self.enduring):
            return
        elif waits is not None and self.waiting.pop(waits, None) is not None:
            self.ready.append((coroutine, None, Stopped(reason, waits.startswith("slot."))))

    def take_back(self, identity: str) -> Coroutine | None:
        """A request that was never sent: what waits for its result is stopped now. Return that, if there is any."""
        waiter = self.waiting.get(identity)
        if not isinstance(waiter, Coroutine) or self.running.pop(identity, None) is None:
            return None
        del self.waiting[identity]
        self.ready.append((waiter, None, Stopped("interrupt")))
        return waiter

    def start_nothing_more(self, coroutine: Coroutine, reason: str) -> None:
        """Keep a coroutine from starting anything more. A block in it continues, and so does a sleep."""
        waits = coroutine.waits
        if isinstance(waits, TaskGroup) or waits in self.sleeping or coroutine.shielded:
            return
        if waits in self.running:
            coroutine.stopped = coroutine.stopped or reason
        else:
            self.stop(coroutine, reason)

    def without_request(self) -> list[Coroutine]:
        """The coroutines that wait for a timer or a host check, not for a result."""
        return [one for name, one in self.waiting.items() if isinstance(one, Coroutine) and name not in self.running]

    def turn(self) -> list[Step]:
        """Resume all coroutines that are ready; return the steps, and forget them."""
        self.advance()
        steps, self.steps = self.steps, []
        return steps

    def advance(self) -> None:
        """Resume all coroutines that are ready."""
        while self.ready:
            self._advance(*self.ready.popleft())

    def _advance(self, coroutine: Coroutine, value: object, error: Exception | None) -> None:
        coroutine.waits, self.current = None, coroutine
        while True:
            try:
                wanted = coroutine.generator.throw(error) if error else coroutine.generator.send(value)
            except StopIteration as end:
                return self._finish(coroutine, end.value, None)
            except Exception as failure:
                if coroutine.group is not None:  # no branch: members return what ends them
                    raise
                return self._finish(coroutine, None, failure)
            error = None
            coroutine.waits = wanted
            if not isinstance(wanted, TaskGroup):
                self.waiting[wanted] = coroutine
                return None
            if not wanted.finished:
                wanted.parent = coroutine
                return None
            value = wanted.finished.popleft()

    def _finish(self, coroutine: Coroutine, value: object, failure: Exception | None) -> None:
        if coroutine.group is not None:
            coroutine.group.on_end(coroutine.key, value)
        else:
            self.outcome = (value, failure)
