"""The runners of a run: which of them has what, and until when.

A runner may lie, babble, hang or die. Whatever it does, each request ends as one checked result.
"""

import heapq
import time

from tasker.driver import prefork
from tasker.protocol import discovery
from tasker.protocol.document import Problem, document
from tasker.protocol.results import InvalidResult, check_output, check_result
from tasker.protocol.stage_process import Broken, read_greeting
from tasker.system import processes, resources
from tasker.system.digest import sha256

RESPONSE_GRACE = 5.0  # seconds that a runner gets beyond the time-out of its request
QUEUE_TIMEOUT = 3600.0  # seconds that a request may wait for the machine
SHUTDOWN_GRACE = 1.5  # seconds for all runners together, to end what they have


class InFlight:
    """A request that a runner has. due: when it is overdue; latest: what `due` never goes beyond."""

    __slots__ = ("due", "latest", "request", "stage")

    def __init__(self, stage, request):
        self.stage, self.request = stage, request
        self.due = time.monotonic() + request["timeout"] + RESPONSE_GRACE
        self.latest = self.due + QUEUE_TIMEOUT


class RunnerPool:
    """landed(request, result): called once for each request. broken(reason, idle): a runner broke its contract, and
    idle says that nothing of it was in flight. secrets: put into requests on their way out (secret.Secrets).
    mapped: see find.runner."""

    def __init__(self, runners, landed, broken, dry_run, secrets, mapped=None):
        self.runners = {name: [runner] for name, runner in runners.items()}
        self.landed, self.broken, self.dry_run, self.secrets = landed, broken, dry_run, secrets
        self.mapped, self.fills = mapped, True
        self.follow = None  # called with (request, event) for the output of commands that run, where it was asked for
        for runner in runners.values():
            runner.mask = secrets.text
        self.flights, self._deadlines = {}, []

    def stages(self):
        return [stage for stages in self.runners.values() for stage in stages]

    def launch(self, exec_type, request):
        """Give a request to a runner."""
        try:
            stage = self._free(exec_type)
        except (Broken, Problem) as problem:
            return self._fail(request, "not_started", 126, str(problem))
        self.flights[request["id"]] = InFlight(stage, request)
        self._expect(request["id"])
        return stage.send(request if self.dry_run or not self.fills else self.secrets.filled(request))

    def _free(self, exec_type):
        """A runner that can take a request: the one that serves all at once, or one that has nothing."""
        stages = self.runners.setdefault(exec_type, [])
        alone = stages and not stages[0].about.get("parallel")
        busy = {flight.stage for flight in self.flights.values()} if alone else ()
        for stage in stages:
            if stage not in busy:
                return stage
        stages.append(start_runner(exec_type, mapped=self.mapped))
        stages[-1].mask = self.secrets.text
        return stages[-1]

    def cancel(self, identity, reason):
        """End a request; its result comes all the same. False when no runner has it."""
        flight = self.flights.get(identity)
        if flight is None:
            return False
        if not flight.stage.about.get("watches_input"):
            self._end_with_runner(flight, reason)
            return True
        self._expect(identity, min(flight.due, time.monotonic() + RESPONSE_GRACE))
        flight.stage.send(document("cancel", id=identity, reason=reason))
        return True

    def take(self, stage):
        """Read what a runner says."""
        try:
            for doc in stage.receive():
                self._answer(stage, doc)
        except (Broken, InvalidResult) as broken:
            self.bury(stage, str(broken))

    def _answer(self, stage, doc):
        identity = doc.get("id")
        flight = self.flights.get(identity) if isinstance(identity, str) else None
        if flight is None or flight.stage is not stage:
            if doc["kind"] == "error":
                raise InvalidResult(f"{stage.name} cannot answer: {doc.get('message', 'no reason given')}")
            raise InvalidResult(f"{stage.name} broke its contract: it answered '{identity}', which nobody asked")
        if doc["kind"] == "event" and doc.get("event") == "queued":
            self._expect(identity, flight.latest)
        elif doc["kind"] == "event" and doc.get("event") == "started":
            self._expect(identity, min(flight.latest, time.monotonic() + flight.request["timeout"] + RESPONSE_GRACE))
        elif doc["kind"] == "event" and doc.get("event") == "output" and self.follow is not None:
            self.follow(flight.request, check_output(stage.name, doc))
        else:
            result = check_result(stage.name, doc, self.dry_run)
            del self.flights[identity]
            self.landed(flight.request, result)

    def _expect(self, identity, due=None):
        flight = self.flights[identity]
        flight.due = flight.due if due is None else due
        heapq.heappush(self._deadlines, (flight.due, identity))

    def due(self):
        """When to call `expire` (monotonic seconds); nothing when no runner has anything."""
        while self._deadlines and self._deadlines[0][1] not in self.flights:
            heapq.heappop(self._deadlines)
        return [self._deadlines[0][0]] if self._deadlines else []

    def expire(self):
        """End the runners that should have answered by now."""
        while (due := self.due()) and due[0] <= time.monotonic():
            due, identity = heapq.heappop(self._deadlines)
            flight = self.flights[identity]
            if flight.due <= due:  # else it was put off
                task = flight.request.get("task")
                self.bury(flight.stage, f"{flight.stage.name} is silent about task {task}, which should have ended")

    def bury(self, stage, reason):
        """End a runner that broke its contract. Of what it had in flight nobody knows what became."""
        lost = self._remove(stage)
        self.broken(reason, not lost)
        for request in lost:
            self._fail(request, "unknown", None, reason)

    def _end_with_runner(self, flight, reason):
        """Cancel a request of a runner that does not read its input while it is busy: it is ended with its group."""
        for request in self._remove(flight.stage):
            if request is not flight.request:
                self._fail(request, "unknown", None, "its runner was ended for the sake of another request")
            elif reason == "timeout":
                self._fail(request, "timeout", 124, "its time was up: ended with its runner")
            else:
                self._fail(request, "signalled", 137, "cancelled: ended with its runner")

    def _remove(self, stage):
        """End a runner and what it has started; the requests that it had."""
        for stages in self.runners.values():
            if stage in stages:
                stages.remove(stage)
        lost = [flight.request for flight in self.flights.values() if flight.stage is stage]
        for request in lost:
            del self.flights[request["id"]]
        stage.end(grace=0)
        self._end_commands(lost)
        return lost

    def _end_commands(self, requests):
        if requests and not self.dry_run:
            processes.end_attempts([request["marker"] for request in requests], grace=1.0)

    def _fail(self, request, outcome, code, reason):
        keys = {"outcome": outcome, "exit_code": code, "reason": reason, "stdout": "", "stderr": reason}
        self.landed(request, document("result", False, id=request["id"], **keys))

    def end(self):
        """End every runner, and with it what it still has."""
        until = time.monotonic() + SHUTDOWN_GRACE
        for stage in self.stages():
            stage.finish_input()
        for stage in self.stages():
            stage.end(grace=max(0.0, until - time.monotonic()))
        self._end_commands([flight.request for flight in self.flights.values()])


def start_runner(exec_type, also=(), mapped=None):
    """The runner of an exec type, which has greeted. also: see call.ask; mapped: see find.runner. Raises Broken,
    Problem, Interrupted."""
    path = discovery.find_runner(exec_type, mapped)
    stage = prefork.take_stage(f"runner '{exec_type}'", [*discovery.start_command(path), "--lines"])
    try:
        about = read_greeting(stage, also)
        if about.get("accepts") != "request" or about.get("words", "argv") not in ("argv", "shell", "script"):
            raise Broken(f"{stage.name} is no runner: it accepts '{about.get('accepts')}'")
        stage.file = {"runner": path, "sha256": _sha256(path)}
    except BaseException:
        stage.end(grace=0)
        raise
    return stage


def _sha256(path):
    try:
        with open(resources.file_on_disk(path), "rb") as file:
            return sha256(file.read()).hexdigest()
    except OSError:  # a program may be started by who may not read it
        return ""
