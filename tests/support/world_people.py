"""People in a simulated world (world.py): runs with approvals, whose answers come at any moment.

An answer may come twice, from the same person, for another question, at the moment of a kill or of another answer.
Whoever answers is in the end of one mind, so no question stays open. What has to hold is in `check_people`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from world import FlowStage, World, Wrong
from world_faults import put
from world_receipts import FarSide
from world_runs import Life

from tasker.approval import rules
from tasker.approval.answer import SOCKET, Answer
from tasker.driver import answer_sources, approvals, resumed_run, run, write_ahead
from tasker.driver.approvals import Approvals
from tasker.driver.write_ahead import WriteAhead
from tasker.journal import reader
from tasker.journal.flow_replay import RecordedEvents
from tasker.journal.format import NAME, Damaged, Unreadable
from tasker.protocol.exit_codes import STOPPED

PEOPLE = {"alice": 2001, "bob": 2002, "carol": 2003}
AT_LAST = 200.0  # seconds after which everybody says yes


@dataclass
class Told:
    """What the one who answered was told."""

    answer: Answer
    counts: bool


@dataclass
class Crowd:
    """All that people have said and heard in one world. asked: (id, nonce, shown) of each question that was seen."""

    serial: int = 0
    told: list[Told] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    durable: dict[str, bool] = field(default_factory=dict)  # reason, which is its name -> counts, of those on the disk
    questions: set[tuple[str, str]] = field(default_factory=set)  # id and nonce, of those on the disk


class Door:
    """Where answers to one question come in."""

    def __init__(self, world: AskedWorld, question: Any) -> None:
        self.world, self.question = world, question
        self.end: int = world.new_end(self)  # type: ignore[arg-type]  # something that is readable, as a stage is
        self.waiting: list[tuple[float, Answer]] = []
        self.is_open = True
        self._schedule()

    def _schedule(self) -> None:
        chance, world = self.world.chance, self.world
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3, 4))):
            delay = chance.choice((0.0, 0.0, 0.001, 0.05, 0.5, 3.0, 3.0, 20.0)) + chance.choice((0.0, 0.0, 0.003))
            word = chance.choice(("yes", "yes", "yes", "yes", "no", "stop"))
            stale = bool(world.crowd.asked[:-1]) and chance.random() < 0.15
            nonce = world.crowd.asked[0][1] if stale else self.question.nonce
            self._expect(delay, chance.choice(tuple(PEOPLE)), word, nonce)
        for place, name in enumerate(PEOPLE):
            self._expect(AT_LAST + place * 0.001, name, "yes", self.question.nonce)

    def _expect(self, delay: float, by: str, word: str, nonce: str) -> None:
        world, one = self.world, self.question
        world.crowd.serial += 1
        name = f"answer {world.crowd.serial}"
        # only the terminal may stop a run
        via = "terminal" if word == "stop" else SOCKET
        answer = Answer(word, name, by, PEOPLE[by], None, via, one.id, nonce, one.shown)
        self.waiting.append((world.now + delay, answer))
        world.at(world.now + delay, lambda: None)

    def readable(self) -> bool:
        return self.is_open and any(when <= self.world.now for when, _ in self.waiting)

    def fileno(self) -> int | None:
        return self.end

    def is_ready_to_ask(self) -> bool:
        return True

    def answers(self) -> Iterator[Answer]:
        self.world.step("receive answers")
        for one in sorted(self.waiting, key=lambda one: one[0]):
            if one[0] <= self.world.now:
                self.waiting.remove(one)
                self.world.note(f"answer {one[1].answer} of {one[1].by} to {one[1].id}: {one[1].reason}")
                yield one[1]

    def reply(self, answer: Answer, weighed: Any, more: int) -> None:
        self.world.step("reply")
        if self.world.crowd.durable.get(answer.reason) is not weighed.counts:
            raise Wrong(f"{answer.reason} got its reply before it was on the disk")
        self.world.note(f"reply to {answer.reason}: {weighed.counts} {weighed.why}")
        self.world.crowd.told.append(Told(answer, weighed.counts))

    def close(self) -> None:
        self.is_open = False


class AskedWorld(World):
    """A world with people in it."""

    def __init__(self, seed: int | str, folder: str) -> None:
        super().__init__(seed, folder)
        self.crowd = Crowd()

    def take_record(self, what: str, doc: Any) -> None:
        """A record is on the disk."""
        if what == "answer":
            self.crowd.durable[doc["reason"]] = doc["counts"]
        elif what == "question":
            self.crowd.questions.add((doc["id"], doc["nonce"]))


class ListeningFlow(FlowStage):
    """Flow, which sees to it that each answer was on the disk before."""

    def take(self, doc: Any) -> None:
        world = self.world
        assert isinstance(world, AskedWorld)
        if doc.get("event") == "answer" and world.crowd.durable.get(doc["reason"]) is not True:
            raise Wrong(f"flow got {doc['reason']} before it was on the disk")
        super().take(doc)


def task_file(world: World) -> str:
    """A few tasks and approvals: each approval N is followed by task N + 1, which needs it."""
    chance = world.chance
    plain = "task={}\ncommand=do {}\nexec=local\nnext=always"
    tasks = [plain.format(0, 0)]
    for number in range(10, 10 * chance.choice((2, 2, 3, 4)), 10):
        limits = chance.choice(([], [], ["timeout=2"], ["timeout=40"])) + chance.choice(([], [], ["approvals=2"]))
        routes = chance.choice(([], ["on_failure=90"], ["on_failure=90"]))
        asked = [f"# Question {number}?", f"task={number}", "type=approval", *limits]
        if chance.random() < 0.25:
            block = [f"task={number}", "type=conditional", "condition=true", f"if_true_tasks={number + 5},{number + 6}"]
            tasks += ["\n".join([*block, *routes])]
            asked[1] = f"task={number + 5}"
            tasks += ["\n".join(asked), plain.format(number + 6, number + 6), plain.format(number + 1, number + 1)]
        else:
            tasks += ["\n".join([*asked, *routes]), plain.format(number + 1, number + 1)]
    tasks.append(plain.format(90, 90) + "\nreturn=7")
    return "\n\n".join(tasks) + "\n"


class AskingLife(Life):
    """A run whose file has approvals. codes: see Life."""

    def __init__(self, seed: int | str, folder: str, text: str = "") -> None:
        self.crowded = AskedWorld(f"asks {seed}", folder)
        super().__init__(f"asks {seed}", folder, text or task_file(self.crowded))
        self.crowded.given, self.crowded.names = self.world.given, self.world.names
        self.world = self.crowded
        self.crowded.far_side = FarSide(self.crowded)

    def stages(self, context: Any, _: object = None) -> Any:
        made = super().stages(context)
        heard = ListeningFlow(self.world)
        for name in ("outlet", "inlet"):
            setattr(heard, name, getattr(self.flow, name))
        self.world.ends[self.flow.outlet] = heard  # type: ignore[index]  # it has one
        if self.world.faults.flow_dies is not None:
            self.world.after(self.world.faults.flow_dies, heard.die)
        self.flow = made.flow = heard
        return made

    def open_sources(self, context: Any, observers: Any, question: Any) -> list[Any]:
        crowd = self.crowded.crowd
        if (question.id, question.nonce) not in crowd.questions:
            raise Wrong(f"question {question.id} was shown before it was on the disk")
        crowd.asked.append((question.id, question.nonce, question.shown))
        self.crowded.note(f"asked {question.id}")
        return [] if answer_sources.parks(context.settings) else [Door(self.crowded, question)]

    def start(self) -> int:
        parks = self.world.chance.random() < 0.2
        return run.Run(self.context(**({"park": True} if parks else {})), ()).execute()

    def next_resume(self) -> Callable[[], int]:
        plain = super().next_resume()
        if len(self.codes) < 3 and self.world.chance.random() < 0.2:
            return lambda: self.resume(unknown=["rerun"], park=True)
        return plain

    def live(self) -> World:
        with _answering(self):
            return super().live()

    def check(self) -> None:
        super().check()
        self.check_people()

    def check_people(self) -> None:
        """What people were told holds, and nothing ran that they did not approve."""
        try:
            history = reader.read_journal(self.run_folder)
        except (Damaged, Unreadable):
            return
        crowd, records = self.crowded.crowd, history.records
        known = {one["doc"]["reason"]: one["doc"]["counts"] for one in records if one["what"] == "answer"}
        if lost := [told.answer.reason for told in crowd.told if known.get(told.answer.reason) is not told.counts]:
            raise Wrong(f"people got replies to {lost}, and the journal has something else")
        nonces: dict[tuple[str, str], set[str]] = {}
        for identity, nonce, shown in crowd.asked:
            nonces.setdefault((identity, shown), set()).add(nonce)
        if any(len(found) > 1 for found in nonces.values()):
            raise Wrong("the same question was asked again under another nonce")
        questions = {one["doc"]["id"]: one["doc"] for one in records if one["what"] == "question"}
        for identity, question in questions.items():
            counted = [
                one
                for one in records
                if one["what"] == "answer" and one["doc"]["id"] == identity and one["doc"]["counts"]
            ]
            yes = [one["doc"]["by"] for one in counted if one["doc"]["answer"] == "yes"]
            if len(set(yes)) != len(yes):
                raise Wrong(f"{identity}: {yes} approved, one of them twice")
            if any(one["doc"]["nonce"] != question["nonce"] for one in counted):
                raise Wrong(f"{identity}: an answer to another question counts")
            against = [one for one in counted if one["doc"]["answer"] != "yes"]
            approved = len(yes) >= question["approvals"] and not against
            following = question["task"] + 1
            ran = [one for one in self.world.effects if one.task == following]
            if ran and not approved:
                raise Wrong(f"task {following} ran, and {identity} was not approved")
            # one with an intent may have been skipped by the operator
            sent = any(one["what"] == "intent" and one["doc"]["request"]["task"] == following for one in records)
            if approved and not sent and self.codes[-1] in (0, 1):
                raise Wrong(f"{identity} was approved, and task {following} did not run")
            if any(one["doc"]["answer"] == "stop" for one in counted):
                if self.codes[-1] not in (STOPPED, 74, 75, 12):
                    raise Wrong(f"{identity} was answered with stop, and the run ended with {self.codes[-1]}")
                last = counted[-1]["seq"]
                if any(one["what"] == "intent" and one["seq"] > last for one in records):
                    raise Wrong(f"something was started after {identity} was answered with stop")


@contextlib.contextmanager
def _answering(life: AskingLife) -> Iterator[None]:
    real = answer_sources.open_sources
    answer_sources.open_sources = life.open_sources  # type: ignore[assignment]  # of the world
    synced = life.crowded.synced

    def take(path: str, size: int) -> None:
        before = life.crowded.parsed
        synced(path, size)
        if path.endswith(NAME):
            with open(path, "rb") as file:
                file.seek(before)
                for line in file.read(life.crowded.parsed - before).split(b"\n")[:-1]:
                    record = json.loads(line)
                    life.crowded.take_record(record["what"], record["doc"])

    life.crowded.synced = take  # type: ignore[method-assign]  # it sees more
    try:
        yield
    finally:
        answer_sources.open_sources = real


def asked(seed: int | str, planted: Callable[[], contextlib.AbstractContextManager[None]] | None = None) -> World:
    """The world of a seed, with people in it, after everything that happened. planted: a fault in the real code."""
    folder = tempfile.mkdtemp(prefix="tasker-world-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        with (planted or contextlib.nullcontext)():
            return AskingLife(seed, folder).live()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- faults planted into the real code: a world with people has to find each


def answer_before_sync() -> contextlib.AbstractContextManager[None]:
    """Flow gets an answer, and acts on it, before its record is on the disk."""
    return put(write_ahead, "BEFORE_FLOW", ())


def reply_before_sync() -> contextlib.AbstractContextManager[None]:
    """Who answers is told so before the answer is on the disk."""
    return put(Approvals, "_weigh", _at_once(Approvals._weigh))


def asked_before_sync() -> contextlib.AbstractContextManager[None]:
    """A question is shown before its record is on the disk."""
    return put(Approvals, "ask", _at_once(Approvals.ask))


def _at_once(real: Any) -> Any:
    """The same, with nothing synced, and shown at once."""

    def changed(one: Approvals, *more: Any) -> None:
        with put(WriteAhead, "sync", lambda ahead: None), put(WriteAhead, "show_later", lambda ahead, show: show()):
            real(one, *more)

    return changed


def forgotten_answers() -> contextlib.AbstractContextManager[None]:
    """A resume does not know who has answered already, so the same person counts twice."""
    return put(approvals, "counting_answers", lambda history, identity: [])


def new_nonce() -> contextlib.AbstractContextManager[None]:
    """A resume asks the same question under another nonce."""
    real = approvals.made_question

    def made(context: Any, step: Any, history: Any) -> Any:
        question, counted, void = real(context, step, history)
        return question._replace(nonce=os.urandom(4).hex()), counted, void

    return put(approvals, "made_question", made)


def any_nonce() -> contextlib.AbstractContextManager[None]:
    """An answer to an earlier question counts for this one."""
    real = rules.weigh
    return put(approvals, "weigh", lambda one, counted, answer, *more: real(one, counted, _fitting(one, answer), *more))


def _fitting(question: Any, answer: Answer) -> Answer:
    return answer._replace(nonce=question.nonce) if question else answer


def stop_is_lost() -> contextlib.AbstractContextManager[None]:
    """A resume does not hear a stop."""
    real = RecordedEvents._add_event

    def add(events: RecordedEvents, record: Any) -> None:
        if record["doc"].get("answer") != "stop":
            real(events, record)

    return put(RecordedEvents, "_add_event", add)


def answer_is_lost() -> contextlib.AbstractContextManager[None]:
    """A resume does not hear a rejection."""
    real = RecordedEvents._add_event

    def add(events: RecordedEvents, record: Any) -> None:
        if record["doc"].get("answer") != "no":
            real(events, record)

    return put(RecordedEvents, "_add_event", add)


def all_answers_count() -> contextlib.AbstractContextManager[None]:
    """A resume takes the answers that did not count for some that did."""

    def add(events: RecordedEvents, record: Any, real: Any = RecordedEvents._add_event) -> None:
        if record["what"] == "answer":
            record = {**record, "doc": {**record["doc"], "counts": True}}
        real(events, record)

    return put(RecordedEvents, "_add_event", add)


def late_is_unrecorded() -> contextlib.AbstractContextManager[None]:
    """An answer that does not count is not in the journal."""
    return put(WriteAhead, "record", lambda ahead, what, doc: None)


def question_is_forgotten() -> contextlib.AbstractContextManager[None]:
    """A resume does not ask again."""

    def repeat(one: Any, replay: Any, decided: Any, elapsed: Any, real: Any = resumed_run.repeat_open_steps) -> None:
        replay.questions.clear()
        real(one, replay, decided, elapsed)

    return put(resumed_run, "repeat_open_steps", repeat)


PEOPLE_FAULTS: tuple[Callable[[], contextlib.AbstractContextManager[None]], ...] = (
    answer_before_sync,
    reply_before_sync,
    asked_before_sync,
    forgotten_answers,
    new_nonce,
    any_nonce,
    stop_is_lost,
    answer_is_lost,
    all_answers_count,
    late_is_unrecorded,
    question_is_forgotten,
)
