"""The driver's loop: it carries documents between flow and the runners, and decides nothing.

What came in is on the disk before anybody acts upon it: before a runner gets what flow wants next, and before people
are told. Flow is pure and acts on nothing, so the journal is written while it thinks, and a result shares its sync with
what follows from it (decision 0021). What people are told, they are told while the runners work.
"""

import contextlib
import errno
import heapq
import os
import select
import signal
import time
from collections import deque

from tasker.configuration.model import options_for
from tasker.driver import prefork
from tasker.driver.host_lookups import HostLookups
from tasker.driver.runner_pool import RunnerPool
from tasker.journal.format import without_stored_streams
from tasker.protocol.discovery import served_by
from tasker.protocol.document import document
from tasker.protocol.results import without_unread_streams
from tasker.protocol.stage_process import Broken
from tasker.text.masking import RESULT

ANSWER = 20.0  # seconds for flow
EVENT_HANDLERS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
REPORTED_FAILURE = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed"}
REPORTED_FAILURE |= {"decided": "fail", "stdout": "", "stderr": ""}


class Conversation:
    """Carries one run from its first step to its exit.

    drive: who hears of it (`tell`, `asked`, `noted`, `heard`, `rescued`), with the stages `flow` and `runners`, which
    have greeted, and `wake`, where signals arrive. journal: None in a dry run. mark: keys for every request. record:
    what keeps requests with their results (record.py), or None.
    """

    def __init__(self, drive, journal, mark, record=None):
        self.drive, self.flow, self.wake = drive, drive.flow, drive.wake
        settings = drive.workflow["settings"]
        self.mapped, self.rules = settings.get("runners_map", {}), settings.get("options", [])
        self.secrets = drive.secrets
        self.pool = RunnerPool(
            drive.runners, self._landed, self._broken, mark.get("dry_run", False), drive.secrets, mapped=self.mapped
        )
        self.pool.fills = not drive.replay  # a record has no values, and needs none
        self.follow = drive.follow
        self.pool.follow = self.follow and self.follow.heard
        self.journal, self.mark, self.record = journal, mark, record
        self.timers, self.lookups = [], HostLookups(settings)
        self.events, self.requests = [], []  # for flow, for runners: each with what the journal keeps of it
        self.unsynced = []  # events that flow has, and the disk perhaps not yet
        self.words = deque()  # what people are to be told: (function of drive, its arguments)
        self.owed, self.since = 0, 0.0  # answers that flow owes, and since when
        self.exit, self.lost = None, False
        self.cut_short = False  # did a signal come, or a stage break: is the end none that the task file leads to?
        self.unkept = None  # the OSError because of which the output of a command is not in output/

    def go(self, workflow, begun=None):
        """Run; gives the exit step. Raises Broken when flow broke, OSError when journal or log cannot be written.

        begun: makes the journal of a real run, which takes three syncs: flow reads the workflow meanwhile.
        """
        self._to_flow(workflow)
        if begun:
            self.journal = begun()
        return self._on()

    def go_on(self, replay, decided, elapsed):
        """Go on where a Replay ends, as `go` does.

        decided: id -> what the operator says of a request whose outcome is unknown. elapsed: record -> seconds since.
        """
        self.exit = replay.exit
        for identity, step in replay.requests.items():
            word = decided.get(identity, "rerun")
            if word == "rerun":
                self._run(step)
            elif word == "skip":
                self._event("skip", {"id": identity}, id=identity)
            else:
                result = document("result", False, id=identity, **REPORTED_FAILURE)
                self._event("result", result, id=identity, result=result)
        for step, record in replay.timers.values():
            self._timer({**step, "seconds": max(0.0, step["seconds"] - elapsed(record))})
        for step in replay.checks.values():
            self._check_host(step)
        return self._on()

    def _on(self):
        while self.exit is None:
            self._wait()
            self._settle()
            self._clock()
        for stage in (self.flow, *self.pool.stages()):
            stage.finish_input()  # they may end while the end is told
        return self.exit

    def close(self, exit_step):
        """Keep the last record, and tell what is still to be told. Raises OSError."""
        if self.journal:
            self.journal.add("exit", exit_step)
            self._sync()
        self._tell()

    def drain(self):
        """The record is lost: start nothing more, and let what runs finish, with its result on stderr. A signal ends
        it at once."""
        self.lost = True
        for identity, result in self._untold().items():
            self.drive.rescued(identity, result)
        self._rescue()
        while self.pool.flights:
            self._wait()
            self._clock()
            self._rescue()

    def _untold(self):
        """{id: result} of what no log or no journal has."""
        untold = {what[1]["id"]: what[0] for say, what in self.words if say == self.drive.heard}
        return untold | {event["id"]: doc for what, event, doc in self.unsynced + self.events if what == "result"}

    def _keep(self):
        if self.journal and self.exit is None:  # nothing stands behind the exit
            for what, _, kept in self.events:
                self.journal.add(what, kept)
        self._sync()

    def _rescue(self):
        """Where it is the log that cannot be written, the journal still takes what is known: a resume needs it."""
        events, self.events = self.events, []
        if self.journal and not self.journal.failed:
            for what, _, kept in events:
                self.journal.add(what, kept)
            with contextlib.suppress(OSError):
                self.journal.sync()

    # -- in

    def _wait(self):
        poll, owners = select.poll(), {}
        stages = self.pool.stages()
        if not self.lost:
            stages += [self.flow, *self.lookups.asked]
        for stage in stages:
            stage.watch(poll)
            if stage in self.lookups.asked:
                stage.finish_input()
            owners[stage.outlet] = owners[stage.errors] = stage
        poll.register(self.wake, select.POLLIN)
        for end, _ in poll.poll(self._patience()):
            if end == self.wake:
                self._signals()
            elif end in owners and owners[end].outlet is not None:  # else it was buried a moment ago
                self._take(owners[end], end)

    def _patience(self):
        """Milliseconds until something is due, or None."""
        if (self.events or self.requests) and not self.lost:
            return 0
        due = self.pool.due()
        if not self.lost:
            due += [self.timers[0][0]] if self.timers else []
            due += self.lookups.due()
            due += [self.since + ANSWER] if self.owed else []
            due += self.drive.folds.due() + self.drive.view.due()
            due += self.follow.due() if self.follow else []
        return max(0.0, min(due) - time.monotonic()) * 1000 + 1 if due else None

    def _take(self, stage, end):
        if end == stage.errors:
            stage.listen()
        elif stage is self.flow:
            for doc in stage.receive():
                self._step(doc)
        elif stage in self.lookups.asked:
            for identity, ok, message in self.lookups.take(stage):
                kept = {"id": identity, "ok": ok, "message": message}
                self._event("host", kept, **kept)
        else:
            self.pool.take(stage)

    def _landed(self, request, result):
        result = self.secrets.document(result, RESULT)  # whatever its runner did: before anything sees it, flow too
        heard = without_unread_streams(result, request.get("needs"))
        self._event("result", without_stored_streams(result), id=request["id"], result=heard)
        if self.lost:
            self.drive.rescued(request["id"], result)
            return
        if result.get("storage") and self.journal:
            self.unkept = OSError(errno.EIO, result.get("lost", "no reason given"), self.mark["output"])
        if self.record:
            self.record.add(request, result)
        self.words.append((self.drive.heard, (result, request)))

    def _broken(self, reason, idle):
        reason = self.secrets.text(reason)
        if idle:
            self.cut_short = True
            self._event("broken", {"message": reason}, message=reason)
            self.events.insert(0, self.events.pop())  # flow must not end well on a result that came just before
        if not self.lost:
            self.words.append((self.drive.tell, ("ERROR", reason)))

    def _signals(self):
        for number in os.read(self.wake, 64):
            name = signal.Signals(number).name
            if number not in EVENT_HANDLERS:
                continue  # of the terminal: that we woke up is all
            self.cut_short = True
            self._event("signal", {"signal": name}, signal=name)
            if self.lost:
                for identity in list(self.pool.flights):
                    self.pool.cancel(identity, "interrupt")

    def _clock(self):
        prefork.reap()
        now = time.monotonic()
        self.pool.expire()
        if not self.lost:
            self.drive.folds.tick()
            self.drive.view.tick()
            if self.follow:
                self.follow.tick()
        while self.timers and self.timers[0][0] <= now:
            identity = heapq.heappop(self.timers)[1]
            self._event("fired", {"id": identity}, id=identity)
        if self.lost:
            return
        self.lookups.expire()
        if self.owed and self.since + ANSWER <= now:
            raise Broken(f"{self.flow.name} did not answer within {ANSWER:g} s")

    def _event(self, event, kept, **keys):
        """Something happened that flow has to hear; kept: what the journal keeps of it."""
        self.events.append((event, document("event", event=event, **keys), kept))

    # -- out

    def _settle(self):
        """What was heard goes to flow and into the journal; what flow wants goes to the disk, then to the runners."""
        if self.events:
            self._pass_on()
        if self.exit is None and (self.requests or not self.owed):
            requests, self.requests = self.requests, []
            if self.journal:
                for _, request, kept in requests:
                    self.journal.add("intent", {**kept, "request": request})
            self._sync()
            known = len(self.words)
            for exec_type, request, _ in requests:
                self.drive.asked(request)
                self.pool.launch(exec_type, request)  # which may fail, and that is on no disk yet
            self._tell(known)

    def _pass_on(self):
        events, self.events = self.events, []
        self.unsynced += events
        for _, event, _ in () if self.unkept else events:
            self._to_flow(event)
        if self.journal:
            for what, _, kept in events:
                self.journal.add(what, kept)
            self.journal.write()
        if self.unkept:  # what is in the record is not all that there was: nobody may take the run for a good one
            self.requests = []  # a resume comes to them again
            self._sync()
            raise self.unkept

    def _sync(self):
        if self.journal:
            self.journal.sync()
        self.unsynced = []

    def _tell(self, count=None):
        """Tell people what is on the disk by now: the first so many words, or all of them."""
        for _ in range(len(self.words) if count is None else count):
            say, what = self.words[0]
            say(*what)
            self.words.popleft()  # behind it, since what could not be told is told elsewhere

    def _to_flow(self, doc):
        self.flow.send(doc)
        self.owed, self.since = self.owed + 1, time.monotonic()

    def _step(self, doc):
        self.owed, self.since = self.owed - 1, time.monotonic()
        if doc["kind"] != "step" or self.owed < 0:
            raise Broken(f"{self.flow.name} broke its contract: {doc.get('message', 'a ' + doc['kind'])}")
        for step in doc["steps"]:
            _DO[step["do"]](self, step)

    def _note(self, step):
        self.words.append((self.drive.noted, (step,)))

    def _run(self, step):
        request = {**step["request"], **self.mark}
        if given := options_for(self.rules, served_by(step["exec"], self.mapped), request.get("hostname")):
            request["options"] = {**given, **self.mark.get("options", {})}  # a replay's own win
        if "run" in self.mark:
            request["marker"] = f"{self.mark['run']}:{request['id']}"
        self.requests.append((step["exec"], request, {"exec": step["exec"], **self.drive.files.get(step["exec"], {})}))

    def _cancel(self, step):
        self._sync()
        if self.pool.cancel(step["id"], step["reason"]):
            return
        for place, (_, request, _) in enumerate(self.requests):
            if request["id"] == step["id"]:  # it never left
                del self.requests[place]
                keys = {"outcome": "not_started", "exit_code": 126, "reason": "cancelled before it was started"}
                self._landed(request, document("result", False, id=step["id"], stdout="", stderr="", **keys))
                return

    def _timer(self, step):
        heapq.heappush(self.timers, (time.monotonic() + step["seconds"], step["id"]))

    def _check_host(self, step):
        self._sync()
        self.lookups.add(step["id"], step["hostname"], step["exec"])

    def _exit(self, step):
        self.exit = step

    def end(self):
        """End every stage of the run but flow. What came in and nobody has heard yet, since flow broke, is kept."""
        if not self.lost:
            try:
                self._keep()
                self._tell()
            except OSError:
                for identity, result in self._untold().items():
                    self.drive.rescued(identity, result)
        self.lookups.end()
        self.pool.end()


_DO = {
    "note": Conversation._note,
    "run": Conversation._run,
    "cancel": Conversation._cancel,
    "timer": Conversation._timer,
    "check_host": Conversation._check_host,
    "exit": Conversation._exit,
}
