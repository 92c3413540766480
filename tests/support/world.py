"""A simulated world for the real driver: its clock, its disk, its pipes, its flow and runners, and the commands.

The driver, its pool, journal and resume, and flow are those of the library. Everything that happens comes from one
seed: the order in which pipes are ready, how long things take, what dies when. Nothing here waits: the clock jumps.
What may fail is in `Faults`; docs/how-it-is-tested.md says what this can find and what it cannot.
"""

from __future__ import annotations

import errno
import hashlib
import heapq
import json
import math
import os
import random
import select
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from signal import SIGINT
from typing import Any

from tasker.modules.flow import Flow

from tasker.journal.format import NAME
from tasker.protocol import document as documents
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, SIGNAL_CODES, STAGE_FAILED, STORAGE_FAILED
from tasker.protocol.stage_process import Broken, Ended, Interrupted
from tasker.system import disk
from tasker.system.processes import Process

WALL = 1_750_000_000.0  # what the calendar shows when a world begins
SOON = 6.0  # seconds in which a signal has ended what runs, also where the runner does not answer
ON_ITS_WAY = 0.2  # seconds in which a signal that the driver has seen is at flow
FAR = "client"  # exec type of commands behind a client
SLOTS = " slots"  # the seeds of worlds whose runners run only some requests at a time end with it
MOST_STEPS = 60_000  # calls of one session into the world: more means that it turns in a circle
TAILS = ("kept", "none", "half", "zeros", "half zeros")  # what becomes of bytes that were not synced
READABLE = 1  # select.POLLIN
Doc = dict[str, Any]


class Killed(BaseException):
    """The driver was killed at this point. Not an Exception: nothing may catch it."""


class Stuck(AssertionError):
    """Nothing can happen any more, and the driver waits all the same; or it does not stop."""


class Wrong(AssertionError):
    """A promise was broken."""


@dataclass
class Faults:
    """What goes wrong in one world. Times are seconds after the session began; None: it does not happen."""

    kill_at: int | None = None  # the driver dies at this call into the world
    power: bool = False  # with it everything else dies, and the disk loses what was not synced
    all_die: bool = False  # with it the runners die, without ending their commands
    runner_dies: float | None = None
    flow_dies: float | None = None
    signals: list[tuple[float, int]] = field(default_factory=list)
    signals_at: list[tuple[int, int]] = field(default_factory=list)  # (call of the driver into the world, signal)
    full_at: int | None = None  # this write finds no room
    unsynced_at: int | None = None  # this sync fails
    babble: str = ""  # what the runner does wrong, once: twice, stranger, garbage, silent
    state: int | None = None  # which of the legal states the disk has after a loss of power; None: by chance
    second: float | None = None  # another driver tries to resume the run while this one drives it


@dataclass
class Effect:
    """A command that was started. how: ended, or cut short by a kill; code: the exit code that a runner would see."""

    request: str
    marker: str
    task: int
    began: float
    code: int
    text: str
    session: int
    ended: float | None = None
    how: str = ""
    place: tuple[int, str | None, int] = (0, None, 1)  # task, host, iteration
    far: bool = False  # does it run behind a client, which can end without it?
    until: float = 0.0  # when it ends by itself
    lands: float = float("inf")  # when what it is for is there, if it lives until then
    probe: bool = False
    remote: bool = False  # is it on a far side that nothing of this machine ends?

    def has_landed(self, now: float) -> bool:
        alive = self.far or self.ended is None or self.ended >= self.lands
        return not self.probe and self.lands <= now and alive


class Clock:
    """The clock of a world. `system.clock.Clock` is the real one."""

    def __init__(self, world: World) -> None:
        self.world = world

    def monotonic(self) -> float:
        return self.world.now

    def wall(self) -> float:
        return WALL + self.world.now

    def since_boot(self) -> float:
        return self.world.now

    def sleep(self, seconds: float) -> None:
        self.world.step("sleep")
        self.world.advance(self.world.now + seconds)

    def local(self, form: str) -> str:
        import time

        return time.strftime(form, time.gmtime(self.wall()))


class Poll:
    """What the driver waits with."""

    def __init__(self, world: World) -> None:
        self.world, self.ends = world, []  # type: ignore[var-annotated]

    def register(self, descriptor: int, eventmask: int = READABLE) -> None:
        if eventmask & READABLE:
            self.ends.append(descriptor)

    def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
        world = self.world
        world.step("poll")
        until = None if milliseconds is None else world.now + max(0.0, milliseconds) / 1000
        while True:
            if ready := [end for end in self.ends if world.is_readable(end)]:
                world.chance.shuffle(ready)
                ready = ready[: world.chance.randint(1, len(ready))]
                if world.wake[0] in ready:
                    world.see_signal()
                return [(end, READABLE) for end in ready]
            following = world.next_event()
            if following is None and until is None:
                raise Stuck(f"at {world.now:.3f} nothing can happen, and the driver waits")
            if following is None or (until is not None and until < following):
                world.advance(until)  # type: ignore[arg-type]  # one of both is there
                return []
            world.advance(following)


class Disk(disk.Disk):
    """Real files, in a folder of the world; it knows what of them would survive a loss of power."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.paths: dict[int, str] = {}
        self.writes = self.syncs = 0
        methods = ("create", "open_own", "write", "open", "close", "truncate", "sync")
        self.real = {name: getattr(disk.Disk, name) for name in methods}

    def create(self, folder: str, name: str, ending: str, data: bytes = b"") -> tuple[str, int]:
        self.world.step("create")
        path, descriptor = self.real["create"](folder, name, ending, data)
        self.paths[descriptor] = path
        self.world.opened.append(descriptor)
        return path, descriptor

    def open_own(self, path: str, flags: int) -> int:
        return self._opened(path, self.real["open_own"](path, flags))

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        self.world.step("open")
        return self._opened(path, self.real["open"](path, flags, mode))

    def close(self, descriptor: int) -> None:
        self.world.step("close")
        if descriptor in self.world.opened:
            self.world.opened.remove(descriptor)
        self.real["close"](descriptor)

    def _opened(self, path: str, descriptor: int) -> int:
        self.paths[descriptor] = path
        self.world.opened.append(descriptor)
        return descriptor

    def adopt(self, descriptor: int) -> None:
        """A descriptor that was opened without this disk."""
        if descriptor not in self.paths:
            self._opened(os.readlink(f"/proc/self/fd/{descriptor}"), descriptor)

    def write(self, descriptor: int, data: bytes, path: str) -> None:
        self.writes += 1
        dies = self.world.step("write", may_die=False)
        if self.world.faults.full_at == self.writes or dies:
            data = data[: self.world.chance.randint(0, len(data))]
        self.real["write"](descriptor, data, path)
        if dies:
            self.world.die()
        if self.world.faults.full_at == self.writes:
            raise OSError(errno.ENOSPC, "No space left on device", path)

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        self.world.step("sync")
        if self.world.faults.unsynced_at == self.syncs:
            raise OSError(errno.EIO, "Input/output error")
        self.adopt(descriptor)
        self.world.synced(self.paths[descriptor], os.fstat(descriptor).st_size)

    def sync_folder(self, path: str) -> None:
        self.world.sync_folder(path)

    def truncate(self, descriptor: int, size: int) -> None:
        self.world.step("truncate")
        self.real["truncate"](descriptor, size)
        self.adopt(descriptor)
        path = self.paths[descriptor]
        self.world.durable[path] = min(self.world.durable.get(path, 0), size)
        if path.endswith(NAME):
            self.world.parsed = min(self.world.parsed, size)


class Stage:
    """A stage as the driver has it (`protocol.stage_process.StageProcess`), at the other end of pipes of this world."""

    def __init__(self, world: World, name: str, about: Doc) -> None:
        self.world, self.name, self.about = world, name, about
        self.status = self.pid = self.errors = None
        self.stderr_open = False
        self.mask: Callable[[str], str] = str
        self.outlet: int | None = world.new_end(self)
        self.inlet = self.outlet
        self.answers: list[tuple[float, Doc | bytes | None]] = []  # (when it can be read, document; None: the end)
        self.alive, self.last_arrival = True, 0.0
        self.stopped_until = 0.0  # it gets no time on the machine before

    # -- the driver's side

    def send(self, doc: Doc) -> None:
        self.world.step(f"send {self.name}")
        if self.inlet is None:
            raise Broken(f"cannot write to {self.name}: its input has been closed")
        copy = documents.decode(documents.encode(doc))
        self.arrive(lambda: self.take(copy))

    def queue(self, doc: Doc) -> None:
        self.send(doc)

    def arrive(self, do: Callable[[], object]) -> None:
        """At the other end of the pipe, after all that was written before."""
        self.last_arrival = max(self.last_arrival, self.world.now + self.world.latency())
        self.world.at(self.last_arrival, lambda: self.alive and self.see(do))

    def see(self, do: Callable[[], object]) -> None:
        if self.world.now < self.stopped_until:
            self.world.at(self.stopped_until, lambda: self.alive and do())
        else:
            do()

    def flush(self) -> bool:
        return True

    def watch(self, poll: Poll) -> None:
        if self.outlet is not None:
            poll.register(self.outlet)

    def receive(self) -> Iterator[Doc]:
        self.world.step(f"receive {self.name}")
        while self.answers and self.answers[0][0] <= self.world.now:
            _, doc = self.answers[0]
            if doc is None:
                raise Ended(f"{self.name} ended instead of answering")
            self.answers.pop(0)
            if isinstance(doc, bytes):
                raise Broken(f"{self.name} broke its contract: not JSON")
            yield documents.decode(documents.encode(doc))

    def readable(self) -> bool:
        return bool(self.answers) and self.answers[0][0] <= self.world.now

    def listen(self) -> bool:
        return False

    def wait(self, seconds: float) -> int | None:
        return None if self.alive else 0

    def finish_input(self) -> None:
        if self.inlet is not None:
            self.inlet = None
            self.arrive(self.at_end_of_input)

    def hang_up(self) -> None:
        self.finish_input()
        self.outlet = None

    def end(self, grace: float = 1.0) -> None:
        if self.world.dead:
            return  # what a dead driver does in its `finally`
        self.hang_up()
        if grace:
            self.world.advance(self.world.now + min(grace, 0.2))
        self.die()

    # -- its own side

    def answer(self, doc: Doc | bytes | None) -> None:
        """Write a document, after the ones before it."""
        when = self.world.now + self.world.latency()
        self.answers.append((max(when, self.answers[-1][0] if self.answers else 0.0), doc))
        self.world.at(self.answers[-1][0], lambda: None)

    def take(self, doc: Doc) -> None:
        """A document has come."""
        raise NotImplementedError

    def at_end_of_input(self) -> None:
        self.die()

    def die(self) -> None:
        if self.alive:
            self.alive = False
            self.answer(None)


class FlowStage(Stage):
    """The real flow, at the other end of a pipe."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "stage 'flow'", {"accepts": "workflow"})
        self.flow = Flow()
        self.has_signal = False  # has flow got one?

    def take(self, doc: Doc) -> None:
        self.has_signal = self.has_signal or doc.get("event") == "signal"
        self.answer(self.reply(doc))

    def reply(self, doc: Doc) -> Doc:
        """What flow says to a document."""
        try:
            made = self.flow.answer(documents.decode(documents.encode(doc)))
        except documents.Problem as problem:
            return problem.document()
        if not self.has_signal and any(step["do"] == "exit" for step in made.get("steps", ())):
            self.world.ended_at = self.world.now
        return made

    def receive(self) -> Iterator[Doc]:
        for doc in super().receive():
            if any(step.get("what") == "signal" for step in doc.get("steps", ())):
                self.world.stopping = True
            yield doc

    def ask(self, doc: Doc) -> Doc:
        """The same, as the driver's `ask` has it: at once, unless a signal comes first."""
        self.world.step("ask flow")
        if self.world.is_readable(self.world.wake[0]):
            self.world.see_signal()
            raise Interrupted
        return documents.decode(documents.encode(self.reply(doc)))


class RunnerStage(Stage):
    """A runner that serves all its requests at once, and ends its commands when its input ends."""

    def __init__(self, world: World, name: str) -> None:
        about = {"accepts": "request", "words": "argv", "parallel": True, "watches_input": True, "host": "none"}
        self.far = FAR in name
        about["argv"] = ["client", "{words}"] if self.far else ["{words}"]
        if world.has_slots and (number := world.draw("at once", name, world.driven).choice((1, 1, 2, 3))):
            about["at_once"] = number
        super().__init__(world, name, about)
        self.pid: int = self.outlet  # type: ignore[assignment]  # a number of its own
        self.running: dict[str, Effect] = {}
        self.queued: dict[str, Doc] = {}  # requests that wait for room
        world.slots[name] = max(world.slots.get(name, 0), about.get("at_once", 0))

    def send(self, doc: Doc) -> None:
        world = self.world
        if doc["kind"] == "request" and world.stopping and not world.starts_after_a_signal:
            raise Wrong(f"{doc['id']} was started after flow had stopped the run because of a signal")
        failing = world.faults.full_at or world.faults.unsynced_at  # then a signal ends what runs all the same
        if doc.get("reason") == "interrupt" and not world.durable_signals and not failing:
            raise Wrong(f"{doc['id']} was ended because of a signal that is not on the disk")
        super().send(doc)

    def take(self, doc: Doc) -> None:
        identity = doc["id"]
        if doc["kind"] == "cancel":
            if identity in self.running:
                self.stop(identity, "timeout" if doc["reason"] == "timeout" else "signalled")
            elif self.queued.pop(identity, None):
                self.refuse(identity)
            return
        if (most := self.world.slots[self.name]) and len(self.running) + len(self.queued) >= most:
            raise Wrong(f"{self.name} got {identity}, and had {[*self.running, *self.queued]}, of {most} at once")
        if self.world.chance.random() < 0.1:
            self.queued[identity] = doc
            self.event(identity, "queued")
            self.world.after(self.world.chance.random() * 3, lambda: self.leave_queue(identity))
        else:
            self.start(doc)

    def leave_queue(self, identity: str) -> None:
        if self.alive and (request := self.queued.pop(identity, None)):
            self.start(request)

    def refuse(self, identity: str) -> None:
        """A command that is not started any more."""
        keys = {"exit_code": 126, "outcome": "not_started", "stdout": "", "stderr": "", "reason": "cancelled"}
        self.answer(documents.document("result", False, id=identity, **keys))

    def event(self, identity: str, what: str) -> None:
        self.answer(documents.document("event", event=what, id=identity))

    def start(self, request: Doc) -> None:
        effect = self.world.start_effect(request, self.far)
        self.running[request["id"]] = effect
        self.event(request["id"], "started")
        lasts = effect.until - self.world.now
        if lasts > request["timeout"]:
            self.world.after(request["timeout"], lambda: self.is_mine(effect) and self.stop(effect.request, "timeout"))
        else:
            self.world.after(lasts, lambda: self.finish(effect))

    def is_mine(self, effect: Effect) -> bool:
        return self.alive and self.running.get(effect.request) is effect

    def finish(self, effect: Effect) -> None:
        """The command has ended by itself; a runner that is gone does not see it."""
        if effect.probe and effect.ended is None:
            effect.code = self.world.probe_code(effect)
        self.world.end_effect(effect, "ended")
        if not self.is_mine(effect):
            return
        del self.running[effect.request]
        keys = {"exit_code": effect.code, "stdout": effect.text, "stderr": "", "seconds": 0.1}
        self.report(effect, documents.document("result", effect.code == 0, id=effect.request, **keys))

    def stop(self, identity: str, outcome: str) -> None:
        """End a command before its time."""
        effect = self.running.pop(identity)
        self.world.end_effect(effect, outcome)
        code = 124 if outcome == "timeout" else 143
        keys = {"exit_code": code, "outcome": outcome, "stdout": "", "stderr": "", "reason": outcome}
        self.report(effect, documents.document("result", False, id=identity, **keys))

    def report(self, effect: Effect, result: Doc) -> None:
        wrong, self.world.faults.babble = self.world.faults.babble, ""
        self.world.note(f"result {effect.request} {result['exit_code']} {wrong}")
        if wrong == "silent":
            return
        if wrong == "stranger":
            self.answer({**result, "id": "nobody.1"})
            return
        if wrong == "garbage":
            self.answer(b"{")
            return
        self.answer(result)
        if wrong == "twice":
            self.answer(result)
        if wrong not in ("silent", "stranger", "garbage"):
            self.world.sent_result(effect, result)

    def at_end_of_input(self) -> None:
        """The driver is gone, or wants no more: end what runs, report it, and end."""
        for identity in list(self.running):
            self.stop(identity, "signalled")
        for identity in list(self.queued):
            self.refuse(identity)
        self.die()

    def die(self, tidy: bool = True) -> None:
        """tidy: its commands are ended with it; if not, they live on."""
        if self.alive and tidy:
            for effect in self.running.values():
                self.world.end_effect(effect, "cut")
        if not tidy:
            self.running.clear()
        super().die()


class World:
    """One seed. folder: where its files are. faults: of the session that runs now."""

    def __init__(self, seed: int | str, folder: str) -> None:
        self.seed, self.folder = seed, folder
        self.chance = random.Random(f"world {seed}")
        self.now, self.serial = 100.0, 0
        self.queue: list[tuple[float, int, Callable[[], object]]] = []
        self.faults = Faults()
        self.steps, self.dead = 0, False
        self.trace: list[str] = []
        self.said: list[str] = []  # what the driver wrote to the terminal
        self.ends: dict[int, Stage] = {}
        self.opened: list[int] = []
        self.names: set[str] = set()  # paths that survive a loss of power
        self.given: set[str] = set()  # files of other people
        self.states = 1  # that the disk could have had after the last loss of power
        self.holes = False  # has the journal lost bytes in front of others that are there?
        self.points: list[int] = []  # the steps of this session at which something was synced
        self.durable: dict[str, int] = {}  # path -> bytes that survive a loss of power
        self.durable_records: dict[str, set[str]] = {"intent": set(), "result": set()}
        self.last_outcome: dict[str, str] = {}  # request -> that of its last result on the disk, since its last intent
        self.final_results: dict[str, str] = {}  # request -> outcome, of those that a loss of power does not take
        self.parsed = 0
        self.effects: list[Effect] = []
        self.results: dict[str, tuple[Effect, Doc]] = {}  # marker and start -> what a runner has sent
        self.allowed: dict[str, int] = {}  # request -> how often it may be started
        self.idempotent: set[int] = set()  # tasks
        self.lost: set[str] = set()  # requests whose result is lost, and which nothing has settled
        # of this session:
        self.came: list[tuple[float, int]] = []  # signals, and when
        self.seen_at: float | None = None  # when the driver was first shown that one is there
        self.ended_at: float | None = None  # when flow came to the end of the run without a signal
        self.stopping = False  # has the driver got what flow says to a signal?
        self.durable_signals = 0  # of the session that the journal has last
        # does the task file have what is run at the end in any case?
        self.starts_after_a_signal = str(seed).startswith("chain ")
        self.has_slots = str(seed).endswith(SLOTS)  # do runners run only some requests at a time?
        self.slots: dict[str, int] = {}  # name of a runner -> how many, at most in all sessions
        self.wake: tuple[int, int] = (-1, -1)
        self.stages: list[Stage] = []
        self.salt: tuple[object, ...] = ()  # what else the result of a command depends on
        self.far_side: Any = None  # with receipts (world_receipts.py)
        self.driven = 0  # how often the journal says that the run was begun or resumed

    # -- time

    def note(self, text: str) -> None:
        self.trace.append(f"{self.now:.6f} {text}")

    def at(self, when: float, do: Callable[[], object]) -> None:
        self.serial += 1
        heapq.heappush(self.queue, (max(when, self.now), self.serial, do))

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        self.at(self.now + seconds, do)

    def next_event(self) -> float | None:
        return self.queue[0][0] if self.queue else None

    def advance(self, until: float) -> None:
        """Let everything happen that happens until then."""
        while self.queue and self.queue[0][0] <= until:
            when, _, do = heapq.heappop(self.queue)
            self.now = max(self.now, when)
            do()
        self.now = max(self.now, until)

    def latency(self) -> float:
        return self.chance.choice((0.0, 0.0, 0.0001, 0.001, 0.003, 0.05))

    # -- the driver

    def step(self, what: str, may_die: bool = True) -> bool:
        """The driver calls into the world. Whether it dies here, if the caller sees to that."""
        if self.dead:
            raise Killed
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Stuck(f"more than {MOST_STEPS} calls in one session, the last of them {what}")
        for when, number in self.faults.signals_at:
            if when == self.steps:
                self.signal(number, self.wake[1])
        if self.faults.kill_at == self.steps:
            if may_die:
                self.die()
            return True
        return False

    def die(self) -> None:
        """kill -9 of the driver, here."""
        self.note("driver killed" + " with the power" * self.faults.power + " with all" * self.faults.all_die)
        self.dead = True
        raise Killed

    def new_end(self, stage: Stage) -> int:
        end = 1_000_000 + len(self.ends)
        self.ends[end] = stage
        return end

    def is_readable(self, end: int) -> bool:
        if end == self.wake[0]:
            return bool(self.came) and bool(select.select([end], [], [], 0)[0])  # until it was read
        return self.ends[end].readable()

    def signal(self, number: int, end: int) -> None:
        """end: of the driver that it is for, which may be gone by now."""
        if not self.dead and end == self.wake[1] >= 0:
            self.note(f"signal {number}")
            os.write(end, bytes([number]))
            self.came.append((self.now, number))

    def begin_session(self, fault: Faults) -> None:
        self.faults, self.steps, self.dead = fault, 0, False
        self.came, self.seen_at, self.ended_at, self.stopping = [], None, None, False
        self.points.clear()
        self.note(f"session {fault}")

    def see_signal(self) -> None:
        self.seen_at = self.now if self.seen_at is None else self.seen_at

    def check_signals(self, code: int) -> None:
        """A session that was not killed has ended with this exit code: because of a signal, if one came in time."""
        if self.came and self.seen_at is None and self.ended_at is not None and self.came[0][0] < self.ended_at:
            raise Wrong(f"the driver never looked at signal {self.came[0][1]}")
        if self.seen_at is None or (self.ended_at is not None and self.ended_at < self.seen_at + ON_ITS_WAY):
            return
        ending = next((at for place, (at, number) in enumerate(self.came) if place or number != SIGINT), None)
        late = [
            one.request for one in self.effects if ending and not one.remote and ending + SOON < (one.ended or self.now)
        ]
        if late and code in SIGNAL_CODES.values():
            raise Wrong(f"{late} went on after a signal that ends what runs")
        first = 128 + self.came[0][1]
        if code not in (first, STAGE_FAILED, STORAGE_FAILED, OUTCOME_UNKNOWN):
            raise Wrong(f"a session that got signal {self.came[0][1]} ended with {code}")

    # -- the disk

    def synced(self, path: str, size: int) -> None:
        self.durable[path] = size
        self.points.append(self.steps)
        if path.endswith(NAME):
            with open(path, "rb") as file:
                file.seek(self.parsed)
                data = file.read(size - self.parsed)
            for line in data.split(b"\n")[:-1]:
                record = json.loads(line)
                doc = record["doc"]
                if record["what"] in ("start", "resume"):
                    self.driven, self.durable_signals = self.driven + 1, 0
                self.note_lost(record["what"], doc)
                if record["what"] == "intent":
                    self.durable_records["intent"].add(doc["request"]["id"])
                    self.last_outcome.pop(doc["request"]["id"], None)
                elif record["what"] == "signal":
                    self.durable_signals += 1
                elif record["what"] == "exit" and doc["code"] in SIGNAL_CODES.values() and not self.durable_signals:
                    raise Wrong(f"the run ended with {doc['code']}, and its journal has no signal")
                elif record["what"] == "result":
                    self.durable_records["result"].add(doc["id"])
                    self.last_outcome[doc["id"]] = doc["outcome"]
                    if doc["outcome"] in ("ok", "failed"):
                        self.final_results[doc["id"]] = doc["outcome"]
            self.parsed += data.rfind(b"\n") + 1

    def note_lost(self, what: str, doc: Doc) -> None:
        """Keep in mind which results are lost and not settled."""
        if what == "lost" and "probe" not in doc["id"]:
            self.lost.add(doc["id"])
        elif what in ("settled", "skip", "result", "intent"):
            self.lost.discard(doc["request"]["id"] if what == "intent" else doc["id"])

    def sync_folder(self, path: str) -> None:
        """The entries that a folder has now survive a loss of power."""
        self.step("sync folder")
        self.names.update(os.path.join(path, name) for name in os.listdir(path))
        self.points.append(self.steps)

    def unsynced(self) -> list[tuple[str, int]]:
        """(path, bytes that survive) of what a loss of power can take: bytes of files, and new names (-1)."""
        found = []
        for folder, folders, files in os.walk(self.folder):
            paths = [os.path.join(folder, name) for name in sorted(folders) + sorted(files)]
            found += [(path, -1) for path in paths if path not in self.names]
            sizes = [(path, self.durable.get(path, 0)) for path in paths if path not in self.given]
            found += [(path, size) for path, size in sizes if os.path.isfile(path) and os.path.getsize(path) > size]
        return sorted(found)

    def tails(self, path: str) -> tuple[str, ...]:
        """What may become of unsynced bytes. Without TASKER_SWEEP less is tried of files that nothing rests on."""
        return TAILS if path.endswith(NAME) or "TASKER_SWEEP" in os.environ else ("kept", "half zeros")

    def legal_state(self) -> list[tuple[str, int, str]]:
        """What the disk has after a loss of power now: for each that was not synced, what became of it. Of all legal
        states, which can be millions, one is drawn, in the order of itertools.product."""
        choices = [
            [(path, size, how) for how in (("kept", "gone") if size < 0 else self.tails(path))]
            for path, size in self.unsynced()
        ]
        self.states = math.prod(map(len, choices))
        wanted = self.faults.state
        place = self.chance.randrange(self.states) if wanted is None else wanted % self.states
        made = []
        for some in reversed(choices):
            place, which = divmod(place, len(some))
            made.append(some[which])
        return made[::-1]

    def lose_power(self) -> None:
        """What was not synced is gone, wholly, in part, or with zeros where its beginning was."""
        state = self.legal_state()
        for path, size, how in reversed(state):  # what is in a folder before the folder
            self.holes = self.holes or (how == "half zeros" and path.endswith(NAME))
            self.note(f"power: {os.path.relpath(path, self.folder)} {how}")
            if not os.path.lexists(path) or how == "kept":
                continue
            if size < 0:
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
                continue
            now = os.path.getsize(path)
            half = (size + now) // 2
            if how in ("none", "half"):
                os.truncate(path, size if how == "none" else half)
            else:
                with open(path, "r+b") as file:
                    file.seek(size)
                    file.write(bytes((now if how == "zeros" else half) - size))
        for effect in self.effects:
            if effect.ended is None and not effect.remote:
                self.end_effect(effect, "cut")
        self.durable = {path: os.path.getsize(path) for path in self.durable if os.path.exists(path)}

    # -- commands

    def draw(self, *words: object) -> random.Random:
        """Chance that is the same for the same words, whatever happened before."""
        return random.Random(hashlib.sha256(f"{self.seed} {words}".encode()).digest())

    def duration(self, request: Doc) -> float:
        return self.draw("lasts", request["id"]).choice((0.0, 0.001, 0.01, 0.1, 0.5, 2.0, 20.0, 45.0))

    def start_effect(self, request: Doc, far: bool = False) -> Effect:
        identity = request["id"]
        self.note(f"start {identity}")
        if identity not in self.durable_records["intent"]:
            raise Wrong(f"{identity} was started before its intent was on the disk")
        begun = sum(one.marker == request["marker"] for one in self.effects)
        place = (request["task"], request.get("host"), request["iteration"])
        if begun >= self.allowed.get(identity, 1) and request["task"] not in self.idempotent:
            raise Wrong(f"{identity} was started {begun + 1} times")
        chance = self.draw("result", identity, *self.salt)
        code, text = chance.choice((0, 0, 0, 1, 2)), chance.choice(("yes", "no", "5"))
        effect = Effect(identity, request["marker"], request["task"], self.now, code, text, self.driven - 1)
        effect.place, effect.far, effect.probe = place, far, "probe" in request
        if effect.probe and self.draw("hangs", identity).random() < 0.1:
            effect.until = self.now + 100.0
        else:
            effect.until = self.now + self.duration(request)
        if code == 0:
            effect.lands = effect.until if far else self.now + (effect.until - self.now) * chance.random()
        if not effect.probe:
            self.require_alone(effect)
        self.effects.append(effect)
        return effect

    def require_alone(self, effect: Effect) -> None:
        """No second start of a task that is not idempotent while an earlier one may still have its effect; nothing at
        all before what was lost is settled."""
        if self.lost:
            raise Wrong(f"{effect.request} was started before {sorted(self.lost)} was settled")
        for one in self.effects:
            same = one.request != effect.request and one.place == effect.place and not one.probe
            same = same and one.marker.partition(":")[0] == effect.marker.partition(":")[0]  # of one run
            runs = one.far and one.until > self.now and effect.task not in self.idempotent
            if same and runs and self.allowed.get(one.request, 1) == 1 and effect.request not in self.allowed:
                raise Wrong(f"{effect.request} was started while {one.request} still runs behind its client")

    def probe_code(self, effect: Effect) -> int:
        """What a probe says now: the truth, or nothing (127)."""
        if self.draw("missing", effect.request).random() < 0.1:
            return 127
        same = [one for one in self.effects if one.place[:2] == effect.place[:2]]
        return 0 if any(one.has_landed(self.now) for one in same) else 1

    def end_effect(self, effect: Effect, how: str) -> None:
        if effect.ended is None:
            effect.ended, effect.how = self.now, how
            self.note(f"end {effect.request} {how}")

    def sent_result(self, effect: Effect, result: Doc) -> None:
        self.results[f"{effect.request} {effect.began}"] = (effect, result)

    # -- system.processes, of this world

    def find_marked(self, markers: Collection[str]) -> dict[str, list[Any]]:
        alive = [one for one in self.effects if one.ended is None and not one.remote]
        found = {
            name: [one for one in alive if one.marker == name or (name.endswith(":") and one.marker.startswith(name))]
            for name in markers
        }
        return {name: [Process(self.effects.index(one), 0) for one in effects] for name, effects in found.items()}

    def process_of(self, pid: int) -> Process | None:
        return Process(pid, pid)

    def in_sessions(self, leaders: Collection[Process]) -> list[Process]:
        return [Process(one.pid, one.pid) for one in self.runners_alive() if (one.pid, one.pid) in leaders]

    def kill_sessions(self, leaders: Collection[Process]) -> None:
        self.step("kill runners")
        for one in self.runners_alive():
            if (one.pid, one.pid) in leaders:
                one.die(tidy=False)

    def runners_alive(self) -> list[RunnerStage]:
        return [one for one in self.ends.values() if isinstance(one, RunnerStage) and one.alive]

    def end_attempts(self, markers: Collection[str], grace: float = 2.0) -> list[Any]:
        self.step("end attempts")
        for one in self.effects:
            if (
                one.ended is None
                and not one.remote
                and any(one.marker == name or name.endswith(":") for name in markers)
            ):
                self.end_effect(one, "cut")
        return []

    def end_run(self, run: str, grace: float = 2.0) -> list[Any]:
        return self.end_attempts([f"{run}:"], grace)
