"""Activities that wait for events: a trampoline for generators, without a clock and without a thread.

An activity is a generator. It yields the id that it waits for and is resumed with the event of that id; or it yields
a Family and is resumed with what the next of its children came to. All that an activity wants to have done it says
through `emit`, as steps. Given the same events, everything here happens in the same order.
"""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, TypeAlias, TypeVar, Unpack

    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Event, Request, Step

    T = TypeVar("T")
    # Any: what resumes it depends on what it yields: an id gives its event, a group (key, value) of a child
    CoroutineOf: TypeAlias = Generator["str | TaskGroup", Any, T]


class Stopped(Exception):
    """Thrown into an activity whose waiting is over: the run was interrupted, or its block's time is."""

    def __init__(self, reason: str, waiting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason  # "interrupt" or "timeout"
        self.waiting = waiting  # for a slot, so that there is none to give back
        self.record: TaskRecord | None = None  # of the attempts that there were, when a task was stopped between two


class Coroutine:
    """A generator on its way. key: what its family calls it."""

    __slots__ = ("family", "generator", "key", "stopped", "waits")

    def __init__(self, generator: CoroutineOf[object], family: TaskGroup | None = None, key: object = None) -> None:
        self.generator, self.family, self.key = generator, family, key
        self.waits: str | TaskGroup | None = None
        self.stopped: str | None = None  # why it was told to stop, once it was


class TaskGroup:
    """The children of an activity; yielded, it gives (key, value) of the next that came to an end.

    A timer can join under its id, so that whoever waits for children hears of it too.
    """

    def __init__(self, machine: Scheduler) -> None:
        self.machine = machine
        self.over: deque[tuple[object, object]] = deque()
        self.parent: Coroutine | None = None
        self.stopped: str | None = None
        self.children: dict[object, Coroutine] = {}  # those still on their way

    def start(self, key: object, generator: CoroutineOf[object]) -> None:
        child = self.children[key] = Coroutine(generator, self, key)
        self.machine.ready.append((child, None, None))

    def join(self, identity: str) -> None:
        self.machine.waiting[identity] = self

    def stop(self, reason: str) -> None:
        """End every child: what runs is cancelled and answers with its result, what waits is stopped."""
        self.stopped = reason
        for child in list(self.children.values()):
            self.machine.stop(child, reason)

    def hold(self, reason: str) -> None:
        """Start no more: what runs goes on to its end, what waits is stopped."""
        for child in list(self.children.values()):
            self.machine.hold(child, reason)

    def ended(self, key: object, value: object) -> None:
        self.children.pop(key, None)
        self.over.append((key, value))
        if self.parent is not None:
            parent, self.parent = self.parent, None
            self.machine.ready.append((parent, self.over.popleft(), None))


class Scheduler:
    """Resumes activities as events come, and collects the steps that they emit."""

    def __init__(self) -> None:
        self.waiting: dict[str, Coroutine | TaskGroup] = {}
        self.ready: deque[tuple[Coroutine, object, Exception | None]] = deque()  # value to send, exception to throw
        self.steps: list[Step] = []
        self.running: dict[str, str] = {}  # id of a request -> the runner that has it
        self.cancelled: set[str] = set()  # ids of requests that were told to end
        self.current: Coroutine  # the one that is being resumed
        self.serial = 0
        self.sleeping: set[str] = set()  # ids of timers that no time-out ends
        self.outcome: tuple[object, Exception | None] | None = None  # of the first activity, once it is over

    def emit(self, **step: Unpack[Step]) -> None:
        self.steps.append(step)

    def identity(self, kind: str) -> str:
        """A new id. Only its being new matters; the front is for people."""
        self.serial += 1
        return f"{kind}.{self.serial}"

    def send(self, identity: str, exec_type: str, request: Request) -> None:
        """A request goes out; whoever yields its id gets its result."""
        self.running[identity] = exec_type
        self.emit(do="run", exec=exec_type, request=request)

    def cancel(self, identity: str, reason: str) -> None:
        """End a request, once: its result comes all the same."""
        if identity not in self.cancelled:
            self.cancelled.add(identity)
            self.emit(do="cancel", id=identity, exec=self.running[identity], reason=reason)

    def begin(self, generator: CoroutineOf[object]) -> list[Step]:
        self.ready.append((Coroutine(generator), None, None))
        return self.turn()

    def fire(self, identity: str, event: Event | None) -> bool:
        """Resume whoever waits for this id. False when nobody does: a late or repeated answer."""
        waiter = self.waiting.pop(identity, None)
        self.running.pop(identity, None)
        self.cancelled.discard(identity)
        self.sleeping.discard(identity)
        if isinstance(waiter, TaskGroup):
            waiter.ended(identity, event)
        elif waiter is not None:
            self.ready.append((waiter, event, None))
        return waiter is not None

    def stop(self, activity: Coroutine, reason: str) -> None:
        """End an activity. One whose request is out gets its result first, so that nothing is lost.

        One that cannot be told now finds out from `stopped` before it goes on.
        """
        waits, activity.stopped = activity.waits, activity.stopped or reason
        if isinstance(waits, TaskGroup):
            waits.parent = None
            self.ready.append((activity, None, Stopped(reason)))
        elif waits in self.running:
            self.cancel(waits, reason)
        elif reason == "timeout" and waits in self.sleeping:
            return
        elif waits is not None and self.waiting.pop(waits, None) is not None:
            self.ready.append((activity, None, Stopped(reason, waits.startswith("slot."))))

    def hold(self, activity: Coroutine, reason: str) -> None:
        """Keep an activity from starting anything more. A block inside goes on, and so does a sleep."""
        waits = activity.waits
        if isinstance(waits, TaskGroup) or waits in self.sleeping:
            return
        if waits in self.running:
            activity.stopped = activity.stopped or reason
        else:
            self.stop(activity, reason)

    def idle(self) -> list[Coroutine]:
        """Everyone who waits for a timer or a host instead of a result."""
        return [one for name, one in self.waiting.items() if isinstance(one, Coroutine) and name not in self.running]

    def turn(self) -> list[Step]:
        """Resume all who are ready, and take away the steps."""
        while self.ready:
            self._advance(*self.ready.popleft())
        steps, self.steps = self.steps, []
        return steps

    def _advance(self, activity: Coroutine, value: object, error: Exception | None) -> None:
        activity.waits, self.current = None, activity
        while True:
            try:
                wanted = activity.generator.throw(error) if error else activity.generator.send(value)
            except StopIteration as end:
                return self._over(activity, end.value, None)
            except Exception as failure:
                if activity.family is not None:
                    raise
                return self._over(activity, None, failure)
            error = None
            activity.waits = wanted
            if not isinstance(wanted, TaskGroup):
                self.waiting[wanted] = activity
                return None
            if not wanted.over:
                wanted.parent = activity
                return None
            value = wanted.over.popleft()

    def _over(self, activity: Coroutine, value: object, failure: Exception | None) -> None:
        if activity.family is not None:
            activity.family.ended(activity.key, value)
        else:
            self.outcome = (value, failure)
