"""Runs of one seed that are continued by `tasker again`, in a simulated world (world.py): each is killed at any step,
resumed, continued, continued again; and what has to hold of it.

Nothing that is inherited is executed again. `continued_by` is on the disk before a command of the new run starts. A run
that is continued is not resumed, nor continued a second time. Its journal stays as it was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # by hand: as pytest has it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import conftest  # noqa: F401

from tasker.modules import verify
from world import Effect, Faults, Stuck, World, Wrong
from world_chains import LAST, MARK
from world_runs import Life, faults, patched

from tasker.driver import again_run, takeover
from tasker.driver.write_ahead import WriteAhead
from tasker.flow.inherited_units import InheritedUnits
from tasker.journal import continued, flow_replay, reader, run_folder
from tasker.journal.forked_chain import ForkedChain, HostLane
from tasker.journal.forking import ForkedVisit
from tasker.journal.format import NAME, Damaged, Unreadable
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.exit_codes import NOT_POSSIBLE

RUNS = 5  # of one life
FIRST = 100  # the first member of a chain
CALLS = 24  # of the program in one life
Key = tuple[int, str | None]  # task, host


class Book:
    """What a world knows of one run."""

    KEYS = ("durable_records", "last_outcome", "final_results", "allowed", "parsed", "driven", "salt", "lost")

    def __init__(self, number: int) -> None:
        self.durable_records: dict[str, set[str]] = {"intent": set(), "result": set()}
        self.last_outcome: dict[str, str] = {}
        self.final_results: dict[str, str] = {}
        self.allowed: dict[str, int] = {}
        self.lost: set[str] = set()
        self.parsed = self.driven = 0
        self.salt = (number,) if number else ()
        self.before: bytes | None = None  # the journal, once another run continues this one


class AgainLife(Life):
    """A run, and those that continue it."""

    def __init__(self, seed: int | str, folder: str) -> None:
        is_chain = str(seed).startswith(MARK)
        super().__init__(f"{MARK}again {str(seed)[len(MARK) :]}" if is_chain else f"again {seed}", folder)
        self.books: dict[str, Book] = {}
        self.parents: dict[str, str] = {}
        self.old = ""  # the run that a call of `again` is about
        self.index = WorkflowIndex(self.workflow)
        self.turn_to(self.name(0))
        world, start_effect = self.world, self.world.start_effect

        def checked_start(request: dict[str, Any], far: bool = False) -> Effect:
            run, now = request["marker"].partition(":")[0], self.run
            if run != now:  # a runner of a run that has died has it
                self.turn_to(run)
            try:
                effect = start_effect(request, far)
            finally:
                if run != now:
                    self.turn_to(now)
            self.check_start(effect)
            return effect

        world.start_effect = checked_start  # type: ignore[method-assign]  # with what holds here
        synced = world.synced

        def noted(path: str, size: int) -> None:
            if path.endswith(NAME) and path != os.path.join(self.run_folder, NAME):
                world.durable[path] = size  # the old journal, before the new one relies on it
            else:
                synced(path, size)

        world.synced = noted  # type: ignore[method-assign]  # the same

    # -- runs

    def name(self, number: int) -> str:
        return f"20250615_150640_{number:06x}"

    def folder_of(self, run: str) -> str:
        return os.path.join(self.base, "runs", run)

    def turn_to(self, run: str) -> None:
        """From now on the world is about this run."""
        world = self.world
        if self.run in self.books:
            for key in Book.KEYS:
                setattr(self.books[self.run], key, getattr(world, key))
        book = self.books.setdefault(run, Book(len(self.books)))
        for key in Book.KEYS:
            setattr(world, key, getattr(book, key))
        self.run, self.run_folder = run, self.folder_of(run)
        world.parsed = min(world.parsed, world.durable.get(os.path.join(self.run_folder, NAME), 0))  # if power was lost

    def history(self, run: str) -> reader.RunHistory | None:
        """None where nothing was recorded, or where a loss of power has made a hole."""
        try:
            found = reader.read_journal(self.folder_of(run))
        except (Damaged, Unreadable):
            return None
        return found if found.records else None

    def has_begun(self, run: str) -> bool:
        """Was everything recorded that it inherits? Read here in another way than in journal/continued.py."""
        history = self.history(run)
        if history is None:
            return False
        wanted = history.start.get("again", {}).get("events", 0)
        return sum(one["what"] == "inherited" for one in history.records) == wanted

    @property
    def lost_power(self) -> bool:
        """Then the last record of a journal, which is not synced, can be gone."""
        return any("killed with the power" in line for line in self.world.trace)

    # -- calls

    def again(self, **settings: Any) -> int:
        context = self.context(word=self.old, given=("run", *settings), **settings)
        return again_run.AgainRun(context).execute()

    def continue_run(self, fault: Faults, **settings: Any) -> int | None:
        """One call of `tasker again -r`: its exit code. The world is about the new run, if there is one then."""
        self.old = self.run
        self.turn_to(self.name(len(self.books)))
        code = self.session(fault, lambda: self.again(**settings))
        if self.has_begun(self.run):
            self.parents[self.run] = self.old
            return code
        if any(one.marker.startswith(f"{self.run}:") for one in self.world.effects):
            raise Wrong(f"{self.run} has run commands, and has not all that it inherits")
        if self.history(self.run) is not None:  # it has a beginning: nothing may run in it
            self.expect_refusal("a run without all that it inherits", lambda: self.resume(unknown=["rerun"]))
        self.turn_to(self.old)
        return code

    def expect_refusal(self, what: str, call: Callable[[], int]) -> None:
        count = len(self.world.effects)
        code = self.session(Faults(), call)
        started = [one for one in self.world.effects[count:] if one.marker.startswith(f"{self.run}:")]
        if code != NOT_POSSIBLE or started:
            raise Wrong(f"{what} ended with {code}, and {len(started)} commands were started")

    def live(self) -> World:
        """Everything, until nothing is left to do; what was promised is checked. Raises Wrong, Stuck."""
        world = self.world
        with patched(self), patched_again(self):
            code = self.session(faults(world) if world.chance.random() < 0.7 else Faults(), self.start)
            while len(self.codes) < CALLS and self.history(self.run) is not None and code != 0:
                self.try_what_is_refused()
                is_open = self.is_open(code)
                fault = faults(world) if len(self.codes) < 6 and world.chance.random() < 0.5 else Faults()
                if is_open and world.chance.random() < 0.5:
                    code = self.session(fault, self.next_resume())
                elif len(self.books) < RUNS:
                    words = [] if world.chance.random() < 0.3 else [world.chance.choice(("rerun", "skip", "fail"))]
                    code = self.continue_run(fault, unknown=words, kill_left=world.chance.random() < 0.5)
                elif is_open:
                    code = self.session(Faults(), lambda: self.resume(unknown=["rerun"], kill_left=True))
                else:
                    break
            self.check_all()
        return world

    def try_what_is_refused(self) -> None:
        """A run that another one continues can be neither resumed nor continued once more."""
        run = self.run
        old = self.parents.get(run)
        if old is None or self.world.chance.random() < 0.5:
            return
        self.turn_to(old)
        if self.world.chance.random() < 0.5:
            self.expect_refusal("a resume of a continued run", lambda: self.resume(unknown=["rerun"], kill_left=True))
        else:
            self.old = old
            self.turn_to(self.name(99))
            self.expect_refusal("a second again", lambda: self.again(unknown=["rerun"], kill_left=True))
            self.turn_to(run)
            del self.books[self.name(99)]
        self.turn_to(run)

    # -- what has to hold

    def check_start(self, effect: Effect) -> None:
        """A command starts. Of one in a run that continues another: may it?"""
        run = effect.marker.partition(":")[0]
        key = effect.place[:2]
        alive = [one for one in self.world.effects if one.ended is None and one is not effect]
        if any(one.place[:2] == key and not one.marker.startswith(f"{run}:") for one in alive):
            raise Wrong(f"task {effect.task} is started in {run} while it runs in another run")
        if run == self.name(0):
            return
        old = self.parents.get(run, self.old)
        path = os.path.join(self.folder_of(old), continued.NAME)
        size = self.world.durable.get(path, 0)
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            if path in self.world.names and f'"{run}"'.encode() in file.read(size):
                self.check_not_inherited(run, old, key)
                if self.is_chain and effect.task not in (0, 30, 90) and not effect.probe:
                    self.check_chain(run, old, effect.place)
                return
        raise Wrong(f"a command of {run} starts before '{continued.NAME}' of {old} is on the disk")

    def check_not_inherited(self, run: str, old: str, key: Key) -> None:
        history = self.history(run)
        assert history is not None
        fork = history.start["workflow"]["settings"]["again"]["task"]
        top = self.index.owned.get(key[0], key[0])
        if top < fork:
            raise Wrong(f"task {key[0]} of {run} is executed, and it forks at {fork}")
        task = self.index.tasks[key[0]]
        if self.is_chain and top == fork == 10:
            return  # see check_chain
        as_a_whole = self.index.next_kind(task) == "loop" or "return" in task  # a run of a loop, or what ended the run
        if top == fork and not as_a_whole and key in self.succeeded(old):
            raise Wrong(f"task {key[0]} of {run} is executed again, and it had succeeded in {old}")

    def check_chain(self, run: str, old: str, place: tuple[int, str | None, int]) -> None:
        """A command of a chain starts. Nothing runs on a host that keeps its end, nor a command that is inherited;
        where no `finally` has begun, no command that had succeeded."""
        history = self.history(run)
        assert history is not None
        if history.start["workflow"]["settings"]["again"]["task"] < 10:
            return  # it forks before the chain, all of which runs
        units = [one["doc"]["unit"] for one in history.records if one["what"] == "inherited" and "unit" in one["doc"]]
        if any("end" in unit and unit["host"] == place[1] for unit in units):
            raise Wrong(f"{place} is started in {run}, in which the host keeps its end")
        taken = {(unit["task"], unit.get("host"), unit.get("request", {}).get("iteration")) for unit in units}
        if place in taken:
            raise Wrong(f"{place} is started in {run}, which has inherited it")
        before = self.history(old)
        assert before is not None
        good, cleaned = set(), False
        asked: dict[str, Any] = {}
        for record in before.records:
            doc = record["doc"]
            unit = doc.get("unit", {}) if record["what"] == "inherited" else {}
            request = doc["request"] if record["what"] == "intent" else unit.get("request", {})
            cleaned = cleaned or (request.get("task") in LAST and request.get("host") == place[1])
            if record["what"] == "intent":
                asked[request["id"]] = request
            elif record["what"] == "result" or "result" in doc:
                result = doc if record["what"] == "result" else doc["result"]
                request = request or asked.get(doc["id"], {})
                if result["outcome"] == "ok" and "probe" not in request:
                    good.add((request.get("task"), request.get("host"), request.get("iteration")))
        sent = [one["doc"]["request"] for one in history.records if one["what"] == "intent"]
        first = next((one["task"] for one in sent if one.get("host") == place[1]), FIRST)
        here = [one["doc"] for one in history.records if one["what"] == "inherited" and "unit" in one["doc"]]
        here = [doc for doc in here if doc["unit"].get("host") == place[1]]  # and settled by a word of the operator
        settled = {doc["unit"]["task"] for doc in here if "skip" in doc["unit"] or "decided" in doc.get("result", {})}
        sent_ids = {one["id"] for one in sent}
        # of which a signal kept the first member: flow had asked for it, and `finally` runs
        settled |= {
            FIRST
            for one in history.records
            if one["what"] == "result" and one["doc"]["outcome"] == "not_started" and one["doc"]["id"] not in sent_ids
        }
        if cleaned and first != FIRST and FIRST not in settled:
            raise Wrong(f"{place[1]} goes on at {first} in {run}, and finally has run there in {old}")
        if place in good and not cleaned:
            raise Wrong(f"{place} is started in {run}, and had succeeded in {old}")

    def succeeded(self, run: str) -> set[Key]:
        """What ended well in a run, by its journal: there or inherited."""
        history = self.history(run)
        made: dict[Key, bool] = {}
        asked: dict[str, Any] = {}
        for record in history.records if history else ():
            doc = record["doc"]
            if record["what"] == "intent":
                asked[doc["request"]["id"]] = doc["request"]
            elif record["what"] == "result" and "probe" not in (request := asked.get(doc["id"], {"probe": ""})):
                made[request["task"], request.get("host")] = doc["outcome"] == "ok"
            elif record["what"] == "inherited" and "result" in doc:
                unit = doc.get("unit") or doc["request"]
                if "probe" in unit:
                    continue
                made[unit["task"], unit.get("host")] = doc["result"]["outcome"] == "ok"
        return {key for key, good in made.items() if good}

    def check_all(self) -> None:
        """What holds of every run in the end."""
        world = self.world
        world.advance(world.now + 100.0)
        everything = world.effects
        for run in list(self.books):
            history = self.history(run)
            if history is None:
                continue
            good, message = verify.verify_run(self.folder_of(run))
            if not good:
                raise Wrong(f"verify of {run}: {message}")
            inherited = [one["doc"] for one in history.records if one["what"] == "inherited"]
            again = {one["request"] for one in map(vars, everything) if one["marker"].startswith(f"{run}:")}
            if twice := again & {doc["id"] for doc in inherited if "id" in doc}:
                raise Wrong(f"{sorted(twice)} are inherited by {run}, and executed in it")
            known = {record["hash"] for other in self.books for record in self.records_of(other)}
            if lost := [doc["record"] for doc in inherited if doc["record"] not in known]:
                raise Wrong(f"{run} inherits {lost}, which no run has recorded")
            before, now = self.books[run].before, self.bytes_of(run)
            if before is not None and now != before and len(now) >= len(before) and not self.lost_power:
                raise Wrong(f"the journal of {run} was written to after it was continued")
            world.effects = [one for one in everything if one.marker.startswith(f"{run}:")]
            try:
                self.check_results(history)
            finally:
                world.effects = everything

    def records_of(self, run: str) -> list[Any]:
        history = self.history(run)
        return list(history.records) if history is not None else []

    def bytes_of(self, run: str) -> bytes:
        with open(os.path.join(self.folder_of(run), NAME), "rb") as file:
            return file.read()

    def decided(self, unknown: dict[str, Any], made: dict[str, str]) -> None:
        if not self.old or self.run == self.old or self.run in self.parents:
            super().decided(unknown, made)
            return
        book = self.books[self.old]  # of the run that is continued: nothing of it may be started any more
        for identity in unknown:
            if identity in book.final_results:
                raise Wrong(f"the result of {identity} was on the disk, and `again` calls it unknown")

    def has_run_its_course(self) -> bool:
        history = self.history(self.run)
        return history is None or history.exit() is not None


@contextlib.contextmanager
def patched_again(life: AgainLife) -> Iterator[None]:
    """The places where `again` reaches out of its arguments: they lead into the world."""
    world = life.world
    undo: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, value: Any) -> None:
        undo.append((owner, name, owner.__dict__[name]))
        setattr(owner, name, value)

    def free_run(base: str) -> tuple[str, str]:
        return life.run, life.run_folder

    def make_run(path: str, real: Any = run_folder.make_run) -> None:
        world.step("make run")
        real(path)

    def let_go(taken: Any, real: Any = takeover.RunTakeover.let_go) -> None:
        life.books[taken.run].before = life.bytes_of(taken.run)
        real(taken)

    put(run_folder, "free_run", free_run)
    put(run_folder, "make_run", make_run)
    put(takeover.RunTakeover, "let_go", let_go)
    put(again_run, "start_stages", life.stages)
    put(again_run, "ask", lambda stage, doc, *_, **__: stage.ask(doc))
    try:
        yield
    finally:
        for owner, name, value in reversed(undo):
            setattr(owner, name, value)


# -- faults that are planted into the real code


@contextlib.contextmanager
def put(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def inherited_runs_again() -> contextlib.AbstractContextManager[None]:
    """What had succeeded in the task at which a run forks is executed again."""
    return put(ForkedVisit, "inherited", lambda visit, decided, whole: [])


def host_of_a_chain_begins_at_its_first_member() -> contextlib.AbstractContextManager[None]:
    """A host goes on from its first member, whatever it has done."""
    return put(ForkedChain, "_first", lambda chains, lane, commands: 0)


def ended_hosts_of_a_chain_run_again() -> contextlib.AbstractContextManager[None]:
    """Flow takes no host for one that has ended."""
    return put(InheritedUnits, "ended_lane", lambda units, visit, chain, host: [])


def host_of_a_chain_goes_on_after_finally() -> contextlib.AbstractContextManager[None]:
    """A host goes on where it failed although `finally` has run there: its commands are taken twice."""
    return put(HostLane, "undone", property(lambda lane: False, lambda lane, value: None))


def inherited_is_forgotten_by_a_resume() -> contextlib.AbstractContextManager[None]:
    """A resume of the new run takes a result that it inherited for one that it has to get."""
    real = flow_replay.RecordedEvents._add_event

    def add(events: Any, record: Any) -> None:
        real(events, record)
        if record["what"] == "inherited" and events.events[-1][0]["event"] == "result":
            events.events.pop()

    return put(flow_replay.RecordedEvents, "_add_event", add)


@contextlib.contextmanager
def continued_by_is_late() -> Iterator[None]:
    """`continued_by` is written when the first intent of the new run is on the disk already."""
    real, later = continued.note_continued, []  # type: ignore[var-annotated]
    show = WriteAhead.show

    def shown(ahead: WriteAhead, count: int | None = None) -> None:
        while later:
            real(*later.pop())
        show(ahead, count)

    with put(continued, "note_continued", lambda *given: later.append(given)), put(WriteAhead, "show", shown):
        yield


def continued_by_is_not_synced() -> contextlib.AbstractContextManager[None]:
    """`continued_by` is written, and a loss of power takes it."""

    def note(folder: str, run: str, where: str, clock: Any, disk: Any) -> None:
        with open(os.path.join(folder, continued.NAME), "a", encoding="ascii") as file:
            file.write(f'{{"run":"{run}","folder":"../{run}"}}\n')

    return put(continued, "note_continued", note)


def continued_run_is_resumed() -> contextlib.AbstractContextManager[None]:
    """A resume does not look whether another run continues the one that it resumes; nor does `again`."""
    return put(takeover.RunTakeover, "continued_by", lambda taken: [])


def half_of_what_is_inherited_counts() -> contextlib.AbstractContextManager[None]:
    """A run whose journal has lost a part of what it inherits is resumed."""
    return put(continued, "incomplete", lambda records: "")


def survivors_are_forgotten() -> contextlib.AbstractContextManager[None]:
    """`again` does not look whether commands of the old run still run."""
    return put(takeover.RunTakeover, "require_no_survivors", lambda *_: None)


def old_journal_is_written_to() -> contextlib.AbstractContextManager[None]:
    """The old journal gets a record of what continues it."""
    real = takeover.RunTakeover.let_go

    def let_go(taken: Any) -> None:
        real_journal = taken.journal()
        descriptor = os.dup(taken.descriptor)
        real(taken)
        os.write(descriptor, b"x")
        os.close(descriptor)
        del real_journal

    return put(takeover.RunTakeover, "let_go", let_go)


FAULTS: tuple[Callable[[], contextlib.AbstractContextManager[None]], ...] = (
    inherited_runs_again,
    inherited_is_forgotten_by_a_resume,
    continued_by_is_late,
    continued_by_is_not_synced,
    continued_run_is_resumed,
    half_of_what_is_inherited_counts,
    survivors_are_forgotten,
    old_journal_is_written_to,
)


CHAIN_FAULTS: tuple[Callable[[], contextlib.AbstractContextManager[None]], ...] = (
    host_of_a_chain_begins_at_its_first_member,
    ended_hosts_of_a_chain_run_again,
    host_of_a_chain_goes_on_after_finally,
)


def lived(seed: int | str, planted: Callable[[], contextlib.AbstractContextManager[None]] | None = None) -> AgainLife:
    """The life of a seed, after everything that happened in it. planted: a fault in the real code."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = tempfile.mkdtemp(prefix="tasker-world-", dir=memory)
    try:
        with (planted or contextlib.nullcontext)():
            life = AgainLife(seed, folder)
            life.live()
            return life
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown(seed: str) -> str:
    """What happens in the life of a seed, for people."""
    folder = tempfile.mkdtemp(prefix="tasker-world-")
    life = AgainLife(seed if not seed.isdigit() else int(seed), folder)
    end = "whole"
    try:
        life.live()
    except (Wrong, Stuck) as broken:
        end = f"{type(broken).__name__}: {broken}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "\n".join([life.text, *life.world.trace, "", *life.world.said, "", f"exit codes {life.codes}: {end}"])


if __name__ == "__main__":
    print(shown(sys.argv[1]))
