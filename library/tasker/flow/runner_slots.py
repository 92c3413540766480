"""The slots of runners: how many requests a runner has at a time (`at_once` of its `about`, docs/PROTOCOL.md).

What finds no slot waits here and not in the runner, so that a signal, a timeout and a stop rule keep it from being
started. A request gets its id before it waits: ids do not depend on who waits, and a resume can have another number.

Nothing waits for a slot while it has one, and a request that has one ends: so everything that waits gets one.
"""

from __future__ import annotations

from collections import deque

from tasker.flow.coroutines import Stopped
from tasker.flow.request import request_timeout
from tasker.language.runner_options import options_for
from tasker.language.variables import Missing
from tasker.protocol.discovery import served_by
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from tasker.flow.coroutines import CoroutineOf, Scheduler
    from tasker.flow.run_state import RunState
    from tasker.protocol.types import About, AboutAtOnceBy, HostConnection, Request, Settings

    Place: TypeAlias = tuple[str, int]  # its name, and how many requests it has at a time; 0: as many as `at_once`
    Places: TypeAlias = tuple[Place, ...]


class Queue:
    """What waits for a slot at any of these places: (order, id) each."""

    __slots__ = ("places", "waiting")

    def __init__(self, places: Places) -> None:
        self.places = places
        self.waiting: deque[tuple[int, str]] = deque()


class Runner:
    """The runner of one exec type. at_once: slots of each place, None: no limit. used: place -> slots that are taken.

    It has one place, or those that the options of a host name: see `at_once_by` in docs/PROTOCOL.md.
    """

    def __init__(
        self, exec_type: str, about: About, settings: Settings, connections: Mapping[str, HostConnection]
    ) -> None:
        self.exec_type = exec_type
        self.at_once: int | None = about["at_once"]
        self.by: AboutAtOnceBy = about.get("at_once_by", {})
        self.served_by = served_by(exec_type, settings.get("runners_map"))
        self.rules, self.connections = settings.get("options", []), connections
        self.used: dict[Place, int] = {}
        self.queues: dict[Places, Queue] = {}
        self._of_hosts: dict[str | None, Queue] = {}

    def queue(self, hostname: str | None) -> Queue:
        """The queue of requests for this host."""
        if not self.by:
            hostname = None
        if hostname not in self._of_hosts:
            places = self._places(hostname)
            self._of_hosts[hostname] = self.queues.setdefault(places, Queue(places))
        return self._of_hosts[hostname]

    def _places(self, hostname: str | None) -> Places:
        """None where the options are invalid: then the runner refuses the request."""
        options = options_for(self.rules, self.served_by, hostname, self.connections) if self.by else {}
        number, names = options.get(self.by.get("number", ""), 0), options.get(self.by.get("each", ""), [""])
        if type(number) is not int or number < 0 or not isinstance(names, list):
            return ()
        return tuple(dict.fromkeys((name, number) for name in names if isinstance(name, str)))

    def slots_of(self, place: Place) -> int:
        return place[1] or self.at_once or 1

    def free_place(self, places: Places) -> Place | None:
        """The emptiest of these places that has a free slot."""
        place = self.emptiest(places)
        return place if self.used.get(place, 0) < self.slots_of(place) else None

    def in_words(self, places: Places) -> str:
        """What a request waits for if these places have no room."""
        taken = [
            f"{self.used.get(one, 0)} of {self.slots_of(one)} slots" + f" of {one[0]}" * bool(one[0]) for one in places
        ]
        return f"for a slot of exec type '{self.exec_type}': {', '.join(taken)} are taken"

    def emptiest(self, places: Places) -> Place:
        return min(places, key=lambda one: self.used.get(one, 0) / self.slots_of(one))


class Waiting(NamedTuple):
    """A request that waits. order: its place in the order of all."""

    order: int
    runner: Runner
    queue: Queue
    run: RunState
    request: Request


class Taken(NamedTuple):
    """The slot of a request."""

    runner: Runner
    place: Place
    request: Request


class RunnerSlots:
    """Of all runners of a run whose `about` has `at_once`. waiting: id -> what waits.

    ended: while flow does what follows from the end of a request: the coroutine that had it, and its slot.
    """

    def __init__(
        self, settings: Settings, connections: Mapping[str, HostConnection], is_past: Callable[[], bool] = bool
    ) -> None:
        """is_past: is flow at what another run has done, whose numbers were others?"""
        self._is_past = is_past
        self.runners = {
            name: Runner(name, about, settings, connections)
            for name, about in settings.get("runners", {}).items()
            if "at_once" in about
        }
        self.waiting: dict[str, Waiting] = {}
        self.ended: tuple[object, Taken] | None = None
        self._taken: dict[str, Taken] = {}  # by the id of the request
        self._order = 0

    def take(
        self,
        run: RunState,
        exec_type: str,
        request: Request,
        goes_on: Callable[[RunState], bool] | None = None,
    ) -> CoroutineOf[None]:
        """Wait for a slot for this request. A coroutine. Raises Stopped, without a slot, if it may not be sent.

        goes_on: does it still wait when it is stopped?
        """
        runner, identity = self.runners.get(exec_type), str(request["id"])
        if runner is None or not (queue := runner.queue(request.get("hostname"))).places:
            return
        while True:
            place = self._kept_place(run, runner, queue, request) or runner.free_place(queue.places)
            if place is not None or runner.at_once is None or self._is_past():
                self._occupy(runner, place or runner.emptiest(queue.places), request)
                return
            self._order += 1
            self.waiting[identity] = Waiting(self._order, runner, queue, run, request)
            queue.waiting.append((self._order, identity))
            try:
                yield identity
                if goes_on is None:
                    run.check()
                return
            except Stopped:
                self.waiting.pop(identity, None)
                self.give(run.scheduler, identity)
                if goes_on is None or not goes_on(run):
                    raise

    def _kept_place(self, run: RunState, runner: Runner, queue: Queue, request: Request) -> Place | None:
        """The place of what has just ended, if this follows it at once: so a host that has begun comes to its end
        before another one begins. The next run of a loop does not: what it waits for may wait here."""
        if self.ended is None or self.ended[0] is not run.scheduler.current:
            return None
        had = self.ended[1]
        same = had.request["task"] == request["task"] and "probe" not in had.request
        return None if same or had.runner is not runner or had.place not in queue.places else had.place

    def end(self, scheduler: Scheduler, identity: str, coroutine: object) -> None:
        """This request of a coroutine has ended. First what follows from that happens, as a stop rule may keep the next
        one from starting; then its slot is free."""
        if (slot := self._taken.get(identity)) is not None:
            self.ended = coroutine, slot
        scheduler.advance()
        self.ended = None
        self.give(scheduler, identity)

    def give(self, scheduler: Scheduler, identity: str) -> None:
        """Give the slot of this request back, if it has one. What waits first for that place gets it."""
        slot = self._taken.pop(identity, None)
        if slot is not None:
            slot.runner.used[slot.place] -= 1
            self._grant(scheduler, slot.runner, slot.place)

    def all_waiting(self) -> list[tuple[Request, str]]:
        """The requests that wait, each with what it waits for, in words."""
        return [(one.request, one.runner.in_words(one.queue.places)) for one in self.waiting.values()]

    def admit(self, identity: str) -> None:
        """A request that waits was sent, as the journal of the run has it: it need not find a free slot."""
        one = self.waiting.pop(identity)
        self._occupy(one.runner, one.runner.emptiest(one.queue.places), one.request)
        one.run.scheduler.deliver(identity, None)

    def take_for_question(
        self,
        run: RunState,
        exec_type: str,
        question: Request,
        lost: str,
        goes_on: Callable[[RunState], bool] | None = None,
    ) -> CoroutineOf[None]:
        """The same for a question, such as a probe. A coroutine.

        lost: id of the same question, whose answer was lost: this one has its slot. A question about a command that has
        just ended, or whose result was lost, does not wait either: of both one is with the runner.
        """
        identity = str(question["id"])
        if lost:
            if lost in self._taken:
                self._taken[identity] = self._taken.pop(lost)
        elif (slot := self._taken.get(question.get("of", ""))) is not None:
            self._occupy(slot.runner, slot.place, question)
        else:
            yield from self.take(run, exec_type, question, goes_on)

    def change(self, scheduler: Scheduler, numbers: Mapping[str, int | None]) -> None:
        """From now on runners have these slots: exec type -> number, None: no limit. What has one keeps it."""
        for exec_type, number in numbers.items():
            if (runner := self.runners.get(exec_type)) is not None:
                runner.at_once = number
                for place in {place for queue in runner.queues.values() for place in queue.places}:
                    self._grant(scheduler, runner, place)

    def follow_pace(self) -> None:
        """Give what waits the timeouts that tasks have now."""
        for one in self.waiting.values():
            task = one.run.index.tasks[one.request["task"]]
            if "probe" not in one.request and "@" not in one.run.index.text(task, "timeout"):
                try:
                    one.request["timeout"] = request_timeout(one.run, task)
                except (Missing, ValueError):
                    pass  # as it was when the request was made

    def _occupy(self, runner: Runner, place: Place, request: Request) -> None:
        self._taken[str(request["id"])] = Taken(runner, place, request)
        runner.used[place] = runner.used.get(place, 0) + 1

    def _grant(self, scheduler: Scheduler, runner: Runner, place: Place) -> None:
        queues = [queue for queue in runner.queues.values() if place in queue.places]
        while runner.at_once is None or runner.used.get(place, 0) < runner.slots_of(place):
            first: Queue | None = None
            for queue in queues:
                self._drop_gone(scheduler, queue)
                if queue.waiting and (first is None or queue.waiting[0] < first.waiting[0]):
                    first = queue
            if first is None:
                return
            identity = first.waiting.popleft()[1]
            self._occupy(runner, place, self.waiting.pop(identity).request)
            scheduler.deliver(identity, None)

    def _drop_gone(self, scheduler: Scheduler, queue: Queue) -> None:
        """Remove what is first in a queue and waits no more."""
        while queue.waiting:
            order, identity = queue.waiting[0]
            if identity in self.waiting and self.waiting[identity].order == order and identity in scheduler.waiting:
                return
            queue.waiting.popleft()
