"""What has happened in a run so far: what runs, what became of what ran, how far each block is.

Told by the driver as it hears it (`asked`, `heard`, `noted`); read by the live view and by the end of a run. Times are
monotonic seconds.
"""

import time

from tasker.console.note_words import meaning_of, outcome_text

DONE = ("ok", "failed", "unknown", "skipped")
_LONGEST = 200  # characters of the last line of stderr


class BlockProgress:
    """A block, or a task on many hosts, on its way. states: member or host -> running or one of DONE; absent: waiting.
    counts: the same, counted."""

    def __init__(self, called, total, since):
        self.called, self.total, self.since = called, total, since
        self.states, self.counts = {}, {}
        self.before = 0  # of those that are done: by an earlier session, whose pace says nothing

    def set(self, key, state):
        before = self.states.get(key)
        if before is not None:
            self.counts[before] -= 1
        self.states[key] = state
        self.counts[state] = self.counts.get(state, 0) + 1

    def count(self, state):
        if state == "waiting":
            return max(0, self.total - sum(self.counts.get(one, 0) for one in (*DONE, "running")))
        return self.counts.get(state, 0)

    def left(self, now):
        """Seconds until its end if it goes on like this; None where too little is known."""
        done = sum(map(self.count, DONE))
        if done - self.before < 2 or now <= self.since:
            return None
        return (now - self.since) / (done - self.before) * (self.total - done)


class CommandState:
    """A command and what became of it last. place: its task, and its host where the task has many."""

    def __init__(self, place):
        self.place = place
        self.state, self.word, self.why = "running", "", ""
        self.hostname = self.said = ""  # where it ran, the last line of its stderr
        self.answered = False  # has a runner said what became of it?
        self.session = 1  # in which it came to its last result


class Progress:
    """secrets: what masks (secret.Secrets), since results name hosts and say things."""

    def __init__(self, clock=time.monotonic):
        self.clock, self.began, self.session = clock, clock(), 1
        self.running = {}  # id of a request -> (request, since)
        self.blocks = {}  # number -> Block, those on their way
        self.members = {}  # number of a task -> that of the block on its way that it is a member of
        self.units = {}  # (task, host or None) -> Unit; those that failed last stand last
        self.hosts, self.skipped, self.titles = set(), set(), {}
        self.resting = None  # (what flow said of its waiting, since), while nothing runs

    def asked(self, request):
        """A request goes out."""
        self.running[request["id"]] = (request, self.clock())
        self._unit(request["task"], request.get("host"))

    def heard(self, result, request):
        """Its result came."""
        self.running.pop(request["id"], None)
        unit = self._unit(request["task"], request.get("host"))
        unit.said, unit.answered = _last_line(result), True
        if result.get("outcome") != "not_started" and "hostname" in request:
            self.hosts.add(request["hostname"])
        unit.hostname = request.get("hostname", "")

    def noted(self, note):
        """Flow says what happened."""
        if (tell := _TOLD.get(note.get("what"))) and "task" in note:
            tell(self, note)

    def resumed(self, session):
        """What was told until now was of earlier sessions of the run."""
        self.began, self.session = self.clock(), session
        for block in self.blocks.values():
            block.since, block.before = self.began, sum(map(block.count, DONE))

    def _unit(self, task, host):
        return self.units.setdefault((task, host), CommandState((task, host)))

    def _start(self, note):
        number, self.resting = note["task"], None
        called = note["text"].removeprefix("Executing ")
        self.titles[number] = called
        total = note["hosts"] if "hosts" in note else len(note["members"]) if "members" in note else None
        if total is not None:
            self.blocks[number] = BlockProgress(called, total, self.clock())
            self.members |= dict.fromkeys(note.get("members", ()), number)
        self._mark(note, "running")

    def _end(self, note):
        state = meaning_of(note)
        self._mark(note, state)
        if "outcome" not in note:  # a block, of which its members have told
            self.blocks.pop(note["task"], None)
            return
        key = (note["task"], note.get("host"))
        unit = self.units[key] = self.units.pop(key, None) or CommandState(key)
        unit.state, unit.word, unit.why = state, outcome_text(note), note.get("because", "")
        unit.session = self.session
        self.skipped.discard(note["task"])

    def _skip(self, note):
        self._mark(note, "skipped")
        if (note["task"], note.get("host")) not in self.units:
            self.skipped.add(note["task"])

    def _retry(self, note):
        self._mark(note, "waiting")

    def _sleep(self, note):
        self.resting = (note["text"], self.clock())

    def _mark(self, note, state):
        host = note.get("host")
        number = note["task"] if host is not None else self.members.get(note["task"])
        if (block := self.blocks.get(number)) is not None:
            block.set(note["task"] if host is None else host, state)


_TOLD = {
    "start": Progress._start,
    "end": Progress._end,
    "skip": Progress._skip,
    "retry": Progress._retry,
    "sleep": Progress._sleep,
}


def _last_line(result):
    text = (result.get("stderr_end") or result.get("stderr") or "").rstrip()
    line = text[text.rfind("\n") + 1 :].strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
