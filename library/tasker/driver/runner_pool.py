"""The requests of a run: those that are pending, those in flight at a runner, and until when.

A runner may lie, babble, hang or die. Whatever it does, each request ends as one checked result.
"""

from __future__ import annotations

import _heapq as heapq  # the C part: `heapq` takes 0.3 ms of the start

from tasker.driver.run_context import identity_of
from tasker.driver.stages import record_runners, start_runner
from tasker.protocol.discovery import served_by
from tasker.protocol.document import Problem, document
from tasker.protocol.exit_codes import CANNOT_START, TIMED_OUT
from tasker.protocol.results import InvalidResult, check_output, check_runner_result
from tasker.protocol.stage_process import Broken
from tasker.system import processes
from tasker.system.signal_calls import signal
from tasker.text.json_codec import encode_json
from tasker.text.printable import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tasker.driver.run_context import RunContext
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Document, Event, Receipt, Request, Result, RunnerOptions, Step
    from tasker.system.clock import Clock

RESPONSE_GRACE = 5.0  # seconds that a runner gets beyond the timeout of its request
QUEUE_TIMEOUT = 3600.0  # seconds that a request may wait for the machine
SHUTDOWN_GRACE = 1.5  # seconds for all runners together, to end what they have


def made_result(request: Request, outcome: str, code: int | None, reason: str, stderr: str = "") -> Result:
    """The result of a request that no runner has answered."""
    keys = {"outcome": outcome, "exit_code": code, "reason": reason, "stdout": "", "stderr": stderr}
    made: Result = document("result", False, id=request["id"], **keys)  # type: ignore[assignment]  # a result, made here
    return made


def flush_runners(pool: RunnerPool) -> None:
    """Write to each runner what it was given."""
    for stage in pool.stages():
        stage.flush()


def _says(runner: StageProcess, key: str) -> bool:
    """Does its `about` say this of itself?"""
    return runner.about is not None and bool(runner.about.get(key))


def _id_text(identity: object) -> str:
    """What a runner sent as an id, for a message: anything of any size."""
    return shorten(identity if isinstance(identity, str) else encode_json(identity))


class PendingRequests:
    """Requests of flow that no runner has yet, with what the driver adds to them.

    files: exec type -> path and hash of its runner, for the journal. follow: are outputs followed? receipt_for(exec
    type, request): the receipt of a delivery, where a runner can keep one.
    """

    __slots__ = ("_requests", "added", "connections", "files", "mapped", "receipt_for", "rules")

    def __init__(self, context: RunContext, files: Mapping[str, Mapping[str, str]], follow: bool) -> None:
        settings = context.workflow["settings"]
        self.mapped, self.rules, self.files = settings.get("runners_map", {}), settings.get("options", []), files
        self.connections = context.workflow.get("host_connections")
        self._requests: list[tuple[str, Request]] = []
        self.receipt_for: Callable[[str, Request], Receipt | None] | None = None
        self.added: Document = {"dry_run": True}
        if context.run_id:
            self.added = {"run": context.run_id, "output": context.output_folder}
            if context.playback:
                loose = bool(context.settings.get("replay_loose"))
                self.added["options"] = {"record": context.playback.path, "loose": loose}
            if follow:
                self.added["follow"] = True

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, step: Step) -> None:
        """The request of a step of flow."""
        self.add_again(step["exec"], self.completed(step))

    def completed(self, step: Step) -> Request:
        """The request of a step of flow, with everything that the driver adds but its receipt."""
        request: Request = {**step["request"], **self.added}  # type: ignore[typeddict-item]  # keys of a request
        exec_type = step["exec"]
        if given := self._options_for(exec_type, request):
            options: RunnerOptions = {**given, **self.added.get("options", {})}  # type: ignore[typeddict-item]  # keys of those
            request["options"] = options  # a replay's own win
        if "run" in self.added:
            request["marker"] = f"{self.added['run']}:{request['id']}"
        return request

    def _options_for(self, exec_type: str, request: Request) -> Document:
        if not (self.rules or self.connections):
            return {}
        from tasker.language.runner_options import options_for  # here: most runs have no configuration

        return options_for(self.rules, served_by(exec_type, self.mapped), request.get("hostname"), self.connections)

    def add_again(self, exec_type: str, request: Request) -> None:
        """A request with everything that the driver adds, for another delivery."""
        receipt = self.receipt_for(exec_type, request) if self.receipt_for else None
        if "receipt" in request:  # of the delivery before
            request = request.copy()
            del request["receipt"]
        if receipt is not None:
            request["receipt"] = receipt
        self._requests.append((exec_type, request))

    def take(self) -> list[tuple[str, Request]]:
        """(exec type, request) of all, which are pending no more."""
        requests, self._requests = self._requests, []
        return requests

    def withdraw(self, identity: str) -> Request | None:
        """The request with this id, which is pending no more; None where there is none."""
        for place, (_, request) in enumerate(self._requests):
            if request["id"] == identity:
                del self._requests[place]
                return request
        return None

    def intent(self, exec_type: str, request: Request) -> Document:
        """What the journal keeps of a request before it is sent."""
        return {"exec": exec_type, **self.files.get(exec_type, {}), "request": request}


class Flight:
    """A request that a runner has. due: when it is overdue (monotonic seconds); latest: what `due` never exceeds.

    queued: None before the runner sent `queued`, True while it waits, False from then on. Each of `queued` and
    `started` counts once, since a runner could put off its deadline with more of them.
    """

    __slots__ = ("due", "latest", "queued", "request", "stage")

    def __init__(self, stage: StageProcess, request: Request, now: float) -> None:
        self.stage, self.request = stage, request
        self.due = now + request["timeout"] + RESPONSE_GRACE
        self.latest = self.due + QUEUE_TIMEOUT
        self.queued: bool | None = None


class InFlight:
    """The requests that runners have, by id."""

    __slots__ = ("_deadlines", "_flights", "clock")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._flights: dict[str, Flight] = {}
        self._deadlines: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Iterator[str]:
        return iter(self._flights)

    def add(self, stage: StageProcess, request: Request) -> None:
        flight = self._flights[identity_of(request)] = Flight(stage, request, self.clock.monotonic())
        self._expect(flight, flight.due)

    def get(self, identity: str) -> Flight | None:
        return self._flights.get(identity)

    def remove(self, identity: str) -> None:
        del self._flights[identity]

    def requests(self, stage: StageProcess | None = None) -> list[Request]:
        """The requests that this runner has, or all of them."""
        return [flight.request for flight in self._flights.values() if stage is None or flight.stage is stage]

    def busy(self) -> set[StageProcess]:
        return {flight.stage for flight in self._flights.values()}

    def queued(self, flight: Flight) -> None:
        """It waits for the machine to have room."""
        if flight.queued is None:
            flight.queued = True
            self._expect(flight, flight.latest)

    def started(self, flight: Flight) -> None:
        """Its time begins now."""
        if flight.queued:
            flight.queued = False
            due = self.clock.monotonic() + flight.request["timeout"] + RESPONSE_GRACE
            self._expect(flight, min(flight.latest, due))

    def cancelled(self, flight: Flight) -> None:
        """Its runner has to answer soon."""
        flight.queued = False
        self._expect(flight, min(flight.due, self.clock.monotonic() + RESPONSE_GRACE))

    def _expect(self, flight: Flight, due: float) -> None:
        flight.due = due
        heapq.heappush(self._deadlines, (due, identity_of(flight.request)))

    def due(self) -> list[float]:
        """When to look for what is overdue (monotonic seconds); empty when nothing is in flight."""
        while self._deadlines and self._deadlines[0][1] not in self._flights:
            heapq.heappop(self._deadlines)
        return [self._deadlines[0][0]] if self._deadlines else []

    def overdue(self) -> Iterator[Flight]:
        """Those that should have been answered by now. They may be removed meanwhile."""
        while (due := self.due()) and due[0] <= self.clock.monotonic():
            at, identity = heapq.heappop(self._deadlines)
            flight = self._flights[identity]
            if flight.due <= at:  # else it was put off
                yield flight


class RunnerPool:
    """on_result(request, result): called once for each request. on_failure(reason, idle): a runner broke its contract;
    idle: it had nothing in flight. follow(request, event): called for the output of running commands, with --follow.
    on_running(request): called where a question about a delivery finds its command running."""

    __slots__ = ("context", "dry_run", "flights", "follow", "on_failure", "on_result", "on_running", "runners")

    def __init__(
        self,
        context: RunContext,
        runners: Mapping[str, StageProcess],
        on_result: Callable[[Request, Result], None],
        on_failure: Callable[[str, bool], None],
    ) -> None:
        self.context, self.dry_run = context, not context.run_id
        self.on_result, self.on_failure = on_result, on_failure
        self.follow: Callable[[Request, Event], None] | None = None
        self.on_running: Callable[[Request], None] | None = None
        self.flights = InFlight(context.clock)
        self.runners = {name: [runner] for name, runner in runners.items()}

    def stages(self) -> list[StageProcess]:
        return [stage for stages in self.runners.values() for stage in stages]

    def launch(self, exec_type: str, request: Request) -> None:
        """Give a request to a runner, when that is flushed or waited for; where that fails, that is its result."""
        try:
            stage = self._free_runner(exec_type)
        except (Broken, Problem) as problem:
            self._fail(request, "not_started", CANNOT_START, str(problem))
            return
        self.flights.add(stage, request)
        # a recording has no values of secrets, and its runner needs none
        with_secrets = not self.dry_run and not self.context.playback
        stage.queue(self.context.secrets.filled(request) if with_secrets else request)

    def _free_runner(self, exec_type: str) -> StageProcess:
        """A runner that can take a request: the one that serves all at once, or one that has nothing."""
        stages = self.runners.setdefault(exec_type, [])
        busy = self.flights.busy() if stages and not _says(stages[0], "parallel") else set()
        for stage in stages:
            if stage not in busy:
                return stage
        mapped = self.context.workflow["settings"].get("runners_map")
        stages.append(start_runner(exec_type, mapped=mapped, mask=self.context.secrets.text))
        record_runners(self.context.journal, {exec_type: stages[-1]}, sync=True)
        return stages[-1]

    def cancel(self, identity: str, reason: str) -> bool:
        """End a request; its result comes all the same. False when no runner has it."""
        flight = self.flights.get(identity)
        if flight is None:
            return False
        if not _says(flight.stage, "watches_input"):
            self._end_with_runner(flight, reason)
            return True
        self.flights.cancelled(flight)
        flight.stage.send(document("cancel", id=identity, reason=reason))
        return True

    def receive(self, stage: StageProcess) -> None:
        """Read what a runner sends."""
        try:
            for doc in stage.receive():
                self._take(stage, doc)
        except (Broken, InvalidResult) as broken:
            self._end_failed(stage, str(broken))

    def _take(self, stage: StageProcess, doc: Document) -> None:
        identity = doc.get("id")
        flight = self.flights.get(identity) if isinstance(identity, str) else None
        if not isinstance(identity, str) or flight is None or flight.stage is not stage:
            if doc["kind"] == "error":
                message = doc.get("message")
                reason = message if isinstance(message, str) else "no reason given"
                raise InvalidResult(f"{stage.name} cannot answer: {reason}")
            raise InvalidResult(
                f"{stage.name} broke its contract: it answered '{_id_text(identity)}', a request that it does not have"
            )
        event = doc.get("event") if doc["kind"] == "event" else None
        if event == "queued":
            self.flights.queued(flight)
        elif event == "started":
            self.flights.started(flight)
        elif event == "running" and self.on_running is not None and "ask" in flight.request:
            self.on_running(flight.request)
        elif event == "output" and self.follow is not None:
            self.follow(flight.request, check_output(stage.name, doc))
        else:
            result = check_runner_result(stage.name, doc, self.dry_run, flight.request.get("output"))
            self.flights.remove(identity)
            self.on_result(flight.request, result)

    def due(self) -> list[float]:
        """When to call `expire` (monotonic seconds)."""
        return self.flights.due()

    def expire(self) -> None:
        """End the runners that should have answered by now."""
        for flight in self.flights.overdue():
            task = flight.request.get("task")
            self._end_failed(flight.stage, f"{flight.stage.name} is silent about task {task}, which should have ended")

    def _end_failed(self, stage: StageProcess, reason: str) -> None:
        """End a runner that broke its contract. The outcome of what it had in flight is unknown."""
        lost = self._remove(stage)
        self.on_failure(reason, not lost)
        for request in lost:
            self._fail(request, "unknown", None, reason)

    def _end_with_runner(self, flight: Flight, reason: str) -> None:
        """Cancel a request of a runner that does not read its input while it is busy: it is ended with its group."""
        for request in self._remove(flight.stage):
            if request is not flight.request:
                self._fail(request, "unknown", None, "its runner was ended to cancel another request")
            elif reason == "timeout":
                self._fail(request, "timeout", TIMED_OUT, "its timeout has passed: ended with its runner")
            else:
                self._fail(request, "signalled", 128 + signal.SIGKILL, "cancelled: ended with its runner")

    def _remove(self, stage: StageProcess) -> list[Request]:
        """End a runner and what it has started; the requests that it had."""
        for stages in self.runners.values():
            if stage in stages:
                stages.remove(stage)
        lost = self.flights.requests(stage)
        for request in lost:
            self.flights.remove(identity_of(request))
        stage.end(grace=0)
        self._end_commands(lost)
        return lost

    def _end_commands(self, requests: Iterable[Request]) -> None:
        markers = [request["marker"] for request in requests] if not self.dry_run else []
        if markers:
            processes.end_attempts(markers, grace=1.0)

    def _fail(self, request: Request, outcome: str, code: int | None, reason: str) -> None:
        reason = self.context.secrets.shortened(reason)
        self.on_result(request, made_result(request, outcome, code, reason, stderr=reason))

    def end(self) -> None:
        """End every runner, and with it what it still has."""
        clock = self.context.clock
        until = clock.monotonic() + SHUTDOWN_GRACE
        for stage in self.stages():
            stage.finish_input()
        for stage in self.stages():
            stage.end(grace=max(0.0, until - clock.monotonic()))
        self._end_commands(self.flights.requests())
