"""What has happened in a run so far: what runs, how the rest ended, how far each block is.

The driver reports to it (`on_request`, `on_result`, `on_note`); the live view and the end of a run read it. Times are
monotonic seconds.
"""

from __future__ import annotations

import time

from tasker.console.note_words import ENDED, meaning_of, outcome_text
from tasker.language.fields import BOOT, SETTLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable
    from typing import TypeAlias

    from tasker.protocol.types import DriftAnswer, Request, Result, Step

    Place: TypeAlias = tuple[int, str | None]  # task, and host where the task has many

RAN = ("ok", "failed", "unknown")  # states
_LONGEST = 200  # characters of the last line of stderr


class BlockProgress:
    """A block, or a task on many hosts, on its way. states: member or host -> running or one of ENDED; absent: waiting.
    counts: the same, counted."""

    def __init__(self, called: str, total: int, since: float) -> None:
        self.called, self.total, self.since = called, total, since
        self.states: dict[Hashable, str] = {}
        self.counts: dict[str, int] = {}
        self.wave = ""  # which of how many, where it has waves
        self.is_chain = False  # do its members run for each host?
        self.decided: dict[str, int] = {}  # outcomes that were open: who decided about them -> how many
        self.before = 0  # of those that ran: in an earlier session; its pace is not that of this one

    def set(self, key: Hashable, state: str) -> None:
        before = self.states.get(key)
        if before is not None:
            self.counts[before] -= 1
        self.states[key] = state
        self.counts[state] = self.counts.get(state, 0) + 1

    def count(self, state: str) -> int:
        if state == "waiting":
            return max(0, self.total - sum(self.counts.get(one, 0) for one in (*ENDED, "running")))
        return self.counts.get(state, 0)

    def take_decider(self, note: Step) -> None:
        """Somebody or something has decided about an outcome that was open, or about what follows from it."""
        who = note.get("decided")
        has_said = who not in SETTLED or note.get("outcome") != "unknown"
        if who is not None and has_said and not note.get("already"):
            self.decided[who] = self.decided.get(who, 0) + 1

    def left(self, now: float) -> float | None:
        """Seconds until its end if it continues like this; None where too little is known."""
        ran = self.ran() - self.before  # what was skipped or not started took no time
        if ran < 2 or now <= self.since:
            return None
        return (now - self.since) / ran * (self.total - sum(map(self.count, ENDED)))

    def ran(self) -> int:
        """How many came to an end of their own."""
        return sum(map(self.count, RAN))


class CommandState:
    """A command and its last outcome."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.state, self.word, self.why = "running", "", ""
        self.hostname = self.stderr_last = ""  # where it ran, the last line of its stderr
        self.outcome = "running"
        self.exit_code: int | None = None
        self.request: Request | None = None  # of its last attempt, unless that went well
        self.answered = False  # has a runner sent a result of it?
        self.session = 1  # in which it came to its last result

    def take_next(self, note: Step) -> None:
        """A host of a chain failed at this member: where its command was a success, its `next` was not satisfied."""
        if self.state == "ok":
            self.state = self.outcome = "failed"
            self.word = self.why = note.get("because", "").removeprefix(f"at task {self.place[0]}: ")


class Progress:
    """clock: monotonic seconds. Results have to be masked by now: they name hosts and have outputs.
    may_be_down: tasks with this field."""

    may_be_down: Collection[int] = ()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.began, self.session = clock, clock(), 1
        # id of a request, or the place of one whose host reboots -> it, since when
        self.running: dict[object, tuple[Request, float]] = {}
        self.blocks: dict[int, BlockProgress] = {}  # those on their way, by number
        self.members: dict[int, int] = {}  # number of a task -> that of the block on its way that it is a member of
        self.units: dict[Place, CommandState] = {}  # those that failed last stand last
        self.commands: dict[int, int] = {}  # session -> commands that ran in it, with each run of a loop and each retry
        self.hosts: set[str] = set()
        self.skipped: set[int] = set()
        self.inherited = (0, "")  # results from the run that this one continues, and its id
        self.last_ended: int | None = None  # of the tasks and blocks that stand in no block
        self.titles: dict[int, str] = {}
        self.answers: list[DriftAnswer] = []  # of `tasker drift`: of the probes, in the order in which they came
        self.resting: tuple[str, float] | None = None  # flow's note of its waiting, since when, while nothing runs

    def on_request(self, request: Request) -> None:
        """A request goes out. One that is delivered again was counted before."""
        if request.get("probe") == BOOT:  # it is a part of the waiting for a host that reboots
            return
        again = request["id"] in self.running
        self.running[request["id"]] = (request, self.clock())
        if again or "probe" in request:  # a probe asks about a command, and is none
            return
        self._count(1)
        self._unit(request["task"], request.get("host"))

    def on_taken_over(self, request: Request) -> None:
        """A command of an earlier session still runs on the far side, or has ended there."""
        self.running[request["id"]] = (request, self.clock())

    def on_result(self, result: Result, request: Request) -> None:
        """Its result came."""
        before = self.running.pop(request["id"], None)
        was_counted = before is not None  # else it is of an earlier session
        if "probe" in request:
            return
        if before is not None and "reboot" in request:  # its host is still to come back: until flow notes its end
            self.running[request["task"], request.get("host")] = before
        unit = self._unit(request["task"], request.get("host"))
        unit.stderr_last, unit.answered, unit.request = _last_line(result), True, request
        has_run = result.get("outcome") != "not_started"
        self._count(has_run - was_counted)
        if has_run and (host := request.get("hostname") or request.get("host")):  # a local command is for a host too
            self.hosts.add(host)
        unit.hostname = request.get("hostname", "")

    def on_note(self, note: Step) -> None:
        """Flow reports what happened."""
        number, take = note.get("task"), _NOTES.get(note.get("what", ""))
        if take is not None and number is not None:
            _take_decider(self, note, number)
            take(self, note, number)

    def begin_session(self, session: int, commands: dict[int, int]) -> None:
        """Everything until now was in earlier sessions of the run. commands: session -> commands started in it."""
        self.began, self.session, self.commands = self.clock(), session, commands
        for block in self.blocks.values():
            block.since, block.before = self.began, block.ran()

    def _count(self, more: int) -> None:
        self.commands[self.session] = self.commands.get(self.session, 0) + more

    def _unit(self, task: int, host: str | None) -> CommandState:
        return self.units.setdefault((task, host), CommandState((task, host)))

    def _start(self, note: Step, number: int) -> None:
        self.resting = None
        called = note["text"].removeprefix("Executing ")
        self.titles[number] = called
        total = note["hosts"] if "hosts" in note else len(note["members"]) if "members" in note else None
        if "host" in note and "members" in note:  # a block that is a member of a chain: its tasks are the chain's
            self.members.update(dict.fromkeys(note["members"], self.members.get(number, number)))
        elif total is not None:
            block = self.blocks[number] = BlockProgress(called, total, self.clock())
            block.is_chain = "hosts" in note and "members" in note
            for member in note.get("members", ()):
                self.members[member] = number
        self._mark(number, note.get("host"), "running")

    def _end(self, note: Step, number: int) -> None:
        state, self.resting = meaning_of(note), None
        if not self._is_step(note, number):  # the host is on its way to the next one
            self._mark(number, note.get("host"), state)
        self.titles.setdefault(number, f"Task {number}")  # also of one that was not started
        if "host" not in note and number not in self.members:
            self.last_ended = number
        if "outcome" not in note:  # a block: its members have outcomes
            self.blocks.pop(number, None)
            return
        key = (number, note.get("host"))
        self.running.pop(key, None)  # of a command that rebooted its host
        if "inherited" in note and state == "ok":
            return  # it ran in another run
        unit = self.units.pop(key) if key in self.units else CommandState(key)
        self.units[key] = unit  # last
        unit.state, unit.word, unit.why = state, outcome_text(note), note.get("because", "")
        unit.outcome, unit.exit_code = note.get("outcome", state), note.get("exit_code")
        if state == "ok":
            unit.request = None  # there may be thousands
        unit.session = self.session
        self.skipped.discard(number)

    def _probed(self, note: Step, number: int) -> None:
        answer: DriftAnswer = {"task": number, "verdict": note.get("probe", ""), "because": note.get("because", "")}
        if "host" in note:
            answer["host"] = note["host"]
        self.answers.append(answer)

    def _skip(self, note: Step, number: int) -> None:
        if not self._is_step(note, number):
            self._mark(number, note.get("host"), "skipped")
        if (number, note.get("host")) not in self.units and not ("host" in note and number in self.titles):
            self.skipped.add(number)

    def _retry(self, note: Step, number: int) -> None:
        if not self._is_step(note, number):
            self._mark(number, note.get("host"), "waiting")

    def _host_end(self, note: Step, number: int) -> None:
        """A chain has ended on a host. It is no command, so it counts for its block alone."""
        self.units.pop((number, note.get("host")), None)  # not begun in an earlier run of a loop
        self._mark(number, note.get("host"), "skipped" if note.get("outcome") == "skipped" else meaning_of(note))
        unit = self.units.get((note.get("failed_at", -1), note.get("host")))
        if unit is not None and "inherited" not in note:
            unit.take_next(note)

    def _wave(self, note: Step, number: int) -> None:
        if (block := self.blocks.get(number)) is not None:
            block.wave = f"wave {note.get('wave')} of {note.get('waves')}"

    def _is_step(self, note: Step, number: int) -> bool:
        """Is this about a member of a chain on one of its hosts?"""
        block = self.blocks.get(self.members.get(number, -1)) if "host" in note else None
        return block is not None and block.is_chain

    def _rest(self, note: Step, number: int) -> None:
        self.resting = (note["text"], self.clock())

    def _mark(self, task: int, host: str | None, state: str) -> None:
        block = _block_of(self, task, host)
        if block is not None:
            block.set(task if host is None else host, state)


def _block_of(progress: Progress, task: int, host: str | None) -> BlockProgress | None:
    """The block on its way that a command belongs to."""
    is_own = host is not None and task in progress.blocks
    return progress.blocks.get(task if is_own else progress.members.get(task, -1))


def _take_decider(progress: Progress, note: Step, number: int) -> None:
    if "decided" in note and (block := _block_of(progress, number, note.get("host"))) is not None:
        block.take_decider(note)


_NOTES = {
    "start": Progress._start,
    "end": Progress._end,
    "host_end": Progress._host_end,
    "wave": Progress._wave,
    "skip": Progress._skip,
    "retry": Progress._retry,
    "probed": Progress._probed,
    "sleep": Progress._rest,
    "ask": Progress._rest,
}


def _last_line(result: Result) -> str:
    text = (result.get("stderr_end") or result.get("stderr") or "").rstrip()
    line = text[text.rfind("\n") + 1 :].strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
