"""Runs of one seed in a simulated world: task file, what goes wrong, resumes, and what has to hold (world.py)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # by hand: as pytest has it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import conftest  # noqa: F401

from tasker.modules import expand, verify
from world import FAR, WALL, Clock, Disk, Effect, Faults, FlowStage, Killed, Poll, RunnerStage, Stuck, World, Wrong
from world_chains import MARK, chain_file, check_chains, settling
from world_decisions import MARK as DECIDING
from world_decisions import decision_file
from world_receipts import REMOTE, FarSide, RemoteStage, check_receipts, has_receipts, remote_fields

from tasker.console.screen import Screen
from tasker.driver import observers, resumed_run, run, runner_pool, takeover
from tasker.driver.run_context import RunContext, RunStages
from tasker.journal import reader, run_folder
from tasker.journal.format import NAME, Damaged, Unreadable
from tasker.journal.trace import Trace, TracedAttempt, TraceEvent
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol.exit_codes import NOT_POSSIBLE, OUTCOME_UNKNOWN, STORAGE_FAILED
from tasker.system import private_files, processes

RUN = "20250615_150640_000001"
SIGNALS = (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SESSIONS = 8
ORDINARY = (0, 1, 7, 10)  # exit codes that the task files lead to


def task_file(world: World) -> str:
    """A few tasks: a sequence, a block, many hosts, with routes, retries, loops, sleeps, timeouts."""
    chance = world.chance
    tasks: list[str] = []
    inner = iter(range(100, 200))

    def plain(number: int, *fields: str) -> None:
        limits: list[str] = chance.choice(([], [], [f"timeout={chance.choice((1, 5, 30))}"], ["sleep=0.5"]))
        reads = chance.choice(("", "", "", " @0_stdout@")) if number else ""
        head = [f"task={number}", f"command=do {number}{reads}", *_settling(world, number)]
        if any(one.startswith("probe=") for one in head) and world.draw("retries", number).random() < 0.5:
            head += ["retry_failed=true", "retry_count=2", "retry_delay=0"]
        tasks.append("\n".join([*head, *limits, *fields]))

    def retries() -> list[str]:
        if chance.random() < 0.5:
            return []
        return ["retry_failed=true", f"retry_count={chance.randint(1, 3)}", f"retry_delay={chance.choice((0, 1))}"]

    for number in range(chance.choice((1, 2, 2, 3, 3, 4, 5))):
        kind = chance.choice(("task", "task", "task", "parallel", "hosts", "conditional")) if number else "task"
        routes = chance.choice((["next=always"], ["next=always"], [], ["next=success", "on_failure=90"]))
        if kind == "task" and chance.random() < 0.2:
            routes = ["next=loop", f"loop={chance.randint(1, 2)}"]
        if kind == "task":
            plain(number, *routes)
        elif kind == "hosts":
            count = chance.randint(1, 5)
            fields = [
                f"hosts={','.join(f'127.0.0.{one}' for one in range(1, count + 1))}",
                "command=do it",
                *_settling(world, number),
            ]
            fields += chance.choice(([], ["max_parallel=2"], ["canary=1"]))
            tasks.append("\n".join([f"task={number}", *fields, *retries(), *_block_routes(routes)]))
        else:
            members = [next(inner) for _ in range(chance.randint(1, 4))]
            names = ",".join(map(str, members))
            if kind == "parallel":
                fields = ["type=parallel", f"tasks={names}"]
                fields += chance.choice(
                    ([], ["max_parallel=1"], ["max_parallel=2", "timeout=5"], ["stop_on=min_failed=1"])
                )
                tasks.append("\n".join([f"task={number}", *fields, *retries(), *_block_routes(routes)]))
            else:
                fields = ["type=conditional", "condition=@0_stdout@~yes", f"if_true_tasks={names}"]
                tasks.append("\n".join([f"task={number}", *fields, *_block_routes(routes)]))
            for member in members:
                plain(member)
    plain(90, "return=7")
    return "\n\n".join(tasks) + "\n"


def _settling(world: World, number: int) -> list[str]:
    """Where a task runs, and its fields that say what settles an open outcome. Only in some worlds, and without a draw
    from their chance: the other worlds stay as they are."""
    if has_receipts(world):
        return remote_fields(world, number)
    if not isinstance(world.seed, int) or world.seed % 7 not in (2, 4):
        return ["exec=local"]
    return settling(world, number)


def _block_routes(routes: list[str]) -> list[str]:
    return ["next=all_success" if one == "next=success" else one for one in routes if one != "next=always"]


def faults(world: World) -> Faults:
    """What goes wrong in one session: most often one thing."""
    chance = world.chance
    made = Faults()
    for _ in range(chance.choice((1, 1, 1, 1, 2, 3))):
        kind = chance.choice(
            ("kill", "kill", "kill", "all", "power", "power", "runner", "flow", "signal", "full", "unsynced", "babble")
            + ("second",)
        )
        when = chance.choice((0.0, 0.001, 0.01, 0.1, 0.6, 2.5, 21.0)) + chance.random() * 0.01
        if kind in ("kill", "all", "power"):
            made.kill_at = int(chance.choice((40, 80, 160)) * chance.random()) + 8
            made.all_die, made.power = kind != "kill", kind == "power"
        elif kind == "runner":
            made.runner_dies = when
        elif kind == "flow":
            made.flow_dies = when
        elif kind == "signal":
            _interrupt(made, world.draw("signal", when), when, chance.choice(SIGNALS))
        elif kind == "full":
            made.full_at = chance.randint(1, 40)
        elif kind == "unsynced":
            made.unsynced_at = chance.randint(1, 12)
        elif kind == "babble":
            made.babble = chance.choice(("twice", "stranger", "garbage", "silent"))
        else:
            made.second = when
    if isinstance(world.seed, int) and world.seed % 11 == 5:  # and without a draw from the chance of the world
        draw = world.draw("interrupted", world.now)
        _interrupt(made, draw, draw.choice((0.001, 0.1, 0.6, 2.5, 21.0)) * draw.random(), draw.choice(SIGNALS))
    return made


def _interrupt(made: Faults, draw: random.Random, when: float, number: int) -> None:
    """A signal comes after these seconds, or at any call of the driver; perhaps a second one soon after it."""
    second = draw.choice((number, number, signal.SIGTERM, signal.SIGHUP)) if draw.random() < 0.4 else None
    if draw.random() < 0.5:
        at = int(draw.choice((20, 60, 200)) * draw.random()) + 1
        made.signals_at.append((at, number))
        if second is not None:
            made.signals_at.append((at + draw.choice((0, 1, 2, 5, 20)), second))
        return
    made.signals.append((when, number))
    if second is not None:
        made.signals.append((when + draw.choice((0.0, 0.001, 0.003, 0.1, 3.0)), second))


class Life:
    """A run from its start to its end, through everything that happens to it. text: the task file."""

    def __init__(self, seed: int | str, folder: str, text: str = "") -> None:
        self.world = world = World(seed, folder)
        self.is_chain = str(seed).startswith(MARK)
        makes = chain_file if self.is_chain else decision_file if str(seed).startswith(DECIDING) else task_file
        self.text = text or makes(world)
        self.path = os.path.join(folder, "t.txt")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.text)
        world.given.add(self.path)
        world.names.update((self.path, folder))
        self.workflow = expand.expand(parse_workflow(self.text.encode(), self.path))
        if not self.workflow["ok"]:
            raise AssertionError(self.workflow["findings"])
        self.codes: list[int | None] = []  # of each session; None: killed
        self.base = os.path.join(folder, "new/deep")  # which TASKER makes
        self.run = RUN
        self.run_folder = os.path.join(self.base, "runs", RUN)
        self.flow: FlowStage
        self.runners: list[RunnerStage] = []
        world.far_side = FarSide(world)

    # -- one session

    def settings(self, **more: Any) -> dict[str, Any]:
        made = {"file": self.path, "folder": self.base, "level": "INFO", "output": "text", "run": True}
        return {"quiet": True, "given": (), **made, **more}

    def context(self, **settings: Any) -> RunContext:
        world = self.world
        world.wake = os.pipe()
        world.opened += world.wake
        return RunContext(
            self.settings(**settings),
            world.wake[0],
            Clock(world),  # type: ignore[arg-type]  # the clock of the world
            lambda: Poll(world),
            Disk(world),
        )

    def stages(self, context: RunContext, _: object = None) -> RunStages:
        """Flow and the runner, with what happens to them in this session."""
        world = self.world
        self.flow = FlowStage(world)
        made = context.stages = RunStages(self.flow)  # type: ignore[arg-type]  # a stage of the world
        for name in ("local", *(one for one in (FAR, REMOTE) if f"exec={one}" in self.text)):
            made.runners[name] = self.new_runner(name)  # type: ignore[assignment]  # the same
            context.workflow["settings"].setdefault("runners", {}).setdefault(name, dict(self.runners[-1].about))
        fault = world.faults
        if fault.flow_dies is not None:
            world.after(fault.flow_dies, self.flow.die)
        if fault.runner_dies is not None:
            runner = self.runners[-1]
            world.after(fault.runner_dies, lambda: runner.die(tidy=False))
        for when, number in fault.signals:
            end = world.wake[1]
            world.after(when, lambda number=number, end=end: world.signal(number, end))
        if fault.second is not None:
            wake = world.wake
            world.after(fault.second, lambda: world.wake is wake and not world.dead and self.somebody_else())
        return made

    def new_runner(self, name: str, **_: object) -> RunnerStage:
        made = RemoteStage if name == REMOTE else RunnerStage
        self.runners.append(made(self.world, f"runner '{name}'"))
        return self.runners[-1]

    def somebody_else(self) -> None:
        """Another driver tries to take the run over while this one has it."""
        world = self.world
        if not os.path.exists(os.path.join(self.run_folder, NAME)):
            return
        before = len(world.effects)
        settings = self.settings(resume=True, word=self.run)
        context = RunContext(settings, world.wake[0], _Patient(world), lambda: Poll(world))  # type: ignore[arg-type]
        try:
            resumed_run.RunTakeover(context, observers.Observers(context))
        except takeover.RunRefused as refused:
            world.note("second driver refused")
            if refused.code != NOT_POSSIBLE:
                raise Wrong(f"the second driver was refused with {refused.code}") from None
        else:
            if self.has_run_its_course():
                return  # it is over: there is nothing to keep others from
            raise Wrong("two drivers have one run")
        assert len(world.effects) == before

    def has_run_its_course(self) -> bool:
        return reader.read_journal(self.run_folder).exit() is not None

    def session(self, fault: Faults, begin: Callable[[], int]) -> int | None:
        """The exit code of a driver, or None if it was killed."""
        world = self.world
        world.begin_session(fault)
        try:
            code = begin()
        except Killed:
            code = None
        if world.dead:
            code = None
        if code is not None:
            world.check_signals(code)
        self.after_session(code is None)
        world.note(f"exit code {code}")
        self.codes.append(code)
        return code

    def after_session(self, killed: bool) -> None:
        """What remains when the driver is gone."""
        world = self.world
        fault, world.faults = world.faults, Faults()
        for descriptor in world.opened:
            with contextlib.suppress(OSError):
                os.close(descriptor)  # locks go with it
        world.opened.clear()
        world.wake = (-1, -1)
        if killed and fault.power:
            world.queue.clear()
            world.far_side.plan_again()
            for runner in self.runners:
                runner.alive = False
            world.lose_power()
        elif killed and fault.all_die:
            for runner in self.runners:
                runner.die(tidy=False)  # its commands live on
        elif killed:
            for runner in self.runners:
                runner.finish_input()  # at some time they see that the driver is gone
                if world.chance.random() < 0.2:
                    runner.stopped_until = world.now + world.chance.choice((1.0, 10.0, 100.0))
        self.runners.clear()
        world.dead = False
        world.advance(world.now + world.chance.choice((0.0, 0.01, 1.0, 60.0)))
        path = os.path.join(self.run_folder, NAME)
        world.parsed = world.durable.get(path, 0)
        if killed and fault.power and os.path.exists(path):  # what was not synced may have been kept
            world.driven, world.lost = 0, set()
            with open(path, "rb") as file:
                lines = file.read(world.parsed).split(b"\n")
            for line in lines:
                with contextlib.suppress(ValueError):  # what the loss of power has left of a line
                    record = json.loads(line)
                    world.driven += record["what"] in ("start", "resume")
                    world.note_lost(record["what"], record["doc"])

    def start(self) -> int:
        return run.Run(self.context(), ()).execute()

    def resume(self, **settings: Any) -> int:
        return resumed_run.ResumedRun(
            self.context(resume=True, word=self.run, **settings, given=tuple(settings))
        ).execute()

    # -- all of them

    def cut_off(self, step: int, state: int | None) -> int:
        """Lose the power at a step of the first session, with one of the legal states of the disk, and resume until the
        end; how many legal states there are. step 0: never. Raises Wrong, Stuck."""
        world = self.world
        with patched(self):
            code = self.session(Faults(kill_at=step or None, power=True, all_die=True, state=state), self.start)
            while self.is_open(code):
                if len(self.codes) > SESSIONS:
                    raise Wrong(f"after {self.codes} the run is still not at its end")
                code = self.session(Faults(), lambda: self.resume(unknown=["rerun"]))
            self.check()
        return world.states

    def live(self) -> World:
        """Everything, until the run has ended; what was promised is checked. Raises Wrong, Stuck."""
        world = self.world
        with patched(self):
            code = self.session(self.first_faults(), self.start)
            while self.is_open(code):
                if len(self.codes) > SESSIONS:
                    raise Wrong(f"after {self.codes} the run is still not at its end")
                code = self.session(self.next_faults(), self.next_resume())
            self.check()
        return world

    def first_faults(self) -> Faults:
        world = self.world
        if self.is_chain and world.chance.random() < 0.6:  # a Ctrl-C has hosts run finally, and a resume goes on
            made = Faults()
            made.signals.append((world.chance.choice((0.005, 0.02, 0.1, 0.5)) * world.chance.random(), signal.SIGINT))
            return made
        return faults(world) if world.chance.random() < 0.95 else Faults()

    def next_faults(self) -> Faults:
        world = self.world
        return faults(world) if len(self.codes) < 3 and world.chance.random() < 0.4 else Faults()

    def next_resume(self) -> Callable[[], int]:
        last = self.codes[-1] == OUTCOME_UNKNOWN or self.world.chance.random() < 0.5
        words = [self.world.chance.choice(("rerun", "skip", "fail"))] if last else []
        kill = self.world.chance.random() < 0.3 or self.codes[-2:] == [NOT_POSSIBLE] * 2
        return lambda: self.resume(unknown=words, kill_left=kill)

    def is_open(self, code: int | None) -> bool:
        """May the run be resumed?"""
        if not os.path.exists(os.path.join(self.run_folder, NAME)):
            return False  # it ended before it began
        try:
            history = reader.read_journal(self.run_folder)
        except Damaged:
            if not self.world.holes:
                raise
            return self.codes[-1] != NOT_POSSIBLE  # whatever is missing there: nothing may be started
        if not history.records:
            return False
        return not (history.finished() and history.closed())

    def check(self) -> None:
        """What holds of a run that has ended."""
        world, last = self.world, self.codes[-1]
        world.advance(world.now + 100.0)
        if any(one.ended is None for one in world.effects):
            raise Wrong("a command is still running")
        try:
            history = reader.read_journal(self.run_folder)
        except Damaged:
            return  # see is_open
        except Unreadable:
            history = reader.RunHistory(self.run_folder, [], 0, 0)
        if not history.records:
            if world.effects:
                raise Wrong("commands ran, and there is no journal")
            return
        if last not in (*ORDINARY, OUTCOME_UNKNOWN, STORAGE_FAILED, NOT_POSSIBLE):
            raise Wrong(f"the run ended with {last}, after {self.codes}")
        good, message = verify.verify_run(self.run_folder)
        if not good:
            raise Wrong(f"verify: {message}")
        asked = {one["doc"]["request"]["id"] for one in history.records if one["what"] == "intent"}
        if lost := [one.request for one in world.effects if one.request not in asked]:
            raise Wrong(f"the journal does not know of {lost}")
        self.check_results(history)
        check_chains(self.workflow, history.records, last)
        check_receipts(history)
        self.check_decisions(history)

    def check_decisions(self, history: reader.RunHistory) -> None:
        """What a probe has decided is so: it asked about that task on that host, when it was asked."""
        trace = Trace(history)
        asked = [one for one in trace.attempts if one.is_probe]
        for event in trace.events:
            if event.what != "end" or event.facts.get("decided") != "probe":
                continue
            same = [one for one in self.world.effects if one.place[:2] == (event.task, event.host)]
            where = f"task {event.task} on {event.host}"
            if event.facts["outcome"] == "ok":
                if not any(one.has_landed(event.at - WALL + 0.001) for one in same):
                    raise Wrong(f"a probe has settled {where} as ok, and its effect is not there")
                continue
            before = [one.intent["at"] for one in asked if one.intent["at"] <= event.at and _is_of(one, event)]
            if not before:
                raise Wrong(f"a probe has settled {where} as failed, and was not asked")
            if any(one.has_landed(before[-1] - WALL) for one in same):
                raise Wrong(f"a probe has settled {where} as failed, and its effect is there")

    def check_results(self, history: reader.RunHistory) -> None:
        """Each result in the journal is that of the command, or says that nobody saw it."""
        begun: dict[str, list[Effect]] = {}
        for effect in self.world.effects:
            begun.setdefault(effect.request, []).append(effect)
        for number, session in enumerate(history.sessions()):
            asked = {one["doc"]["request"]["id"] for one in session if one["what"] == "intent"}
            for doc in (one["doc"] for one in session if one["what"] == "result"):
                identity, outcome, effects = doc["id"], doc["outcome"], begun.get(doc["id"], [])
                seen = (doc["exit_code"], doc["stdout"])
                if outcome in ("ok", "failed") and not any(
                    one.how == "ended" and (one.code, one.text) == seen for one in effects
                ):
                    raise Wrong(f"{identity} has the result {outcome}, and its command {[one.how for one in effects]}")
                if outcome == "not_started" and any(one.session == number for one in effects):
                    raise Wrong(f"{identity} was started, and its result says that it was not")
            if early := [
                one.request for one in self.world.effects if one.session == number and one.request not in asked
            ]:
                raise Wrong(f"{early} ran without an intent in session {number}")

    def has_open_intent(self, identity: str) -> bool:
        """Does an intent follow the last result of this request, perhaps one whose sync failed?"""
        about = [
            one["what"]
            for one in reader.read_journal(self.run_folder).records
            if one["what"] in ("intent", "result") and one["doc"].get("request", one["doc"])["id"] == identity
        ]
        return about[-1] == "intent"

    def decided(self, unknown: dict[str, Any], made: dict[str, str]) -> None:
        """The operator has decided about commands whose outcome is unknown."""
        for identity in unknown:
            self.world.far_side.require_unknown(identity, unknown[identity])
            known = self.world.final_results.get(identity)
            if known is not None:
                raise Wrong(f"the result of {identity} was on the disk ({known}), and a resume calls it unknown")
            if self.world.last_outcome.get(identity) == "not_started" and not self.has_open_intent(identity):
                raise Wrong(f"{identity} was not started, and a resume calls it unknown")
        for identity, word in made.items():
            if word == "rerun":
                self.world.allowed[identity] = sum(one.request == identity for one in self.world.effects) + 1


def _is_of(attempt: TracedAttempt, event: TraceEvent) -> bool:
    return (attempt.request["task"], attempt.request.get("host")) == (event.task, event.host)


class _Patient(Clock):
    """The clock of somebody else: while they wait, the world goes on without them."""

    def sleep(self, seconds: float) -> None:
        self.world.now += seconds


@contextlib.contextmanager
def patched(life: Life) -> Iterator[None]:
    """The places where the driver reaches out of its arguments: they lead into the world."""
    world = life.world
    at = os.getcwd()
    undo: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, value: Any) -> None:
        undo.append((owner, name, owner.__dict__[name]))
        setattr(owner, name, value)

    def new_run(base: str) -> tuple[str, str]:
        os.mkdir(os.path.join(private_files.private_folder(base, "runs", kept=True), life.run), 0o700)
        private_files.private_folder(life.run_folder, "output")
        return life.run, life.run_folder

    def open_journal(folder: str, write: bool = False, real: Any = run_folder.open_journal) -> int:
        descriptor: int = real(folder, write)
        if write:
            world.opened.append(descriptor)  # the kernel closes it when the driver is gone, and with it the lock
        return descriptor

    def prepare(context: RunContext, seen: observers.Observers, _: object) -> bytes:
        seen.open_log()
        context.workflow = {**life.workflow, "settings": {"dry_run": False, "available": ["local", FAR, REMOTE]}}
        return life.text.encode()

    def decide(unknown: Any, given: Any, report: Any, real: Any = takeover.decide_unknown) -> dict[str, str]:
        made: dict[str, str] = real(unknown, given, report)
        life.decided(dict(unknown), made)
        return made

    def shown(seen: Any, result: Any, request: Any, real: Any = observers.Observers.on_result) -> None:
        if not world.dead and request["id"] not in world.durable_records["result"]:
            raise Wrong(f"the result of {request['id']} is shown before it is on the disk")
        real(seen, result, request)

    put(private_files, "sync_folder", world.sync_folder)
    put(run, "prepare", prepare)
    put(run, "start_stages", life.stages)
    put(run_folder, "new_run", new_run)
    put(run_folder, "open_journal", open_journal)
    put(runner_pool, "start_runner", life.new_runner)
    put(resumed_run, "start_stages", life.stages)
    put(resumed_run, "start_stage", lambda *_: life.stages_for_counting())
    put(resumed_run, "read_greeting", lambda *_, **__: {})
    put(resumed_run, "ask", lambda stage, doc, *_, **__: stage.ask(doc))
    put(resumed_run, "ask_all", lambda stage, docs, *_, **__: map(stage.ask, docs))
    put(takeover, "decide_unknown", decide)
    put(observers.Observers, "on_result", shown)
    put(Screen, "_write", lambda _, __, text, *___: world.said.append(text))
    for name in ("find_marked", "end_attempts", "end_run", "process_of", "in_sessions", "kill_sessions"):
        put(processes, name, getattr(world, name))
    try:
        yield
    finally:
        for owner, name, value in reversed(undo):
            setattr(owner, name, value)
        for descriptor in world.opened:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        os.chdir(at)


def lived(seed: int | str, planted: Callable[[], contextlib.AbstractContextManager[None]] | None = None) -> World:
    """The world of a seed, after everything that happened in it. planted: a fault in the real code."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = tempfile.mkdtemp(prefix="tasker-world-", dir=memory)
    try:
        with (planted or contextlib.nullcontext)():
            return Life(seed, folder).live()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown(seed: str) -> str:
    """What happens in the world of a seed, for people."""
    folder = tempfile.mkdtemp(prefix="tasker-world-")
    life = Life(seed if not seed.isdigit() else int(seed), folder)
    end = "whole"
    try:
        life.live()
    except (Wrong, Stuck) as broken:
        end = f"{type(broken).__name__}: {broken}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "\n".join([life.text, *life.world.trace, "", *life.world.said, "", f"exit codes {life.codes}: {end}"])


def digest(seed: int) -> str:
    """Of everything that happened in the world of a seed."""
    return f"{seed} {hashlib.sha256(repr(lived(seed).trace).encode()).hexdigest()}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--digest"]:
        print("\n".join(digest(int(seed)) for seed in sys.argv[2:]))
    else:
        print(shown(sys.argv[1]))
