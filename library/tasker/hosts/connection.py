"""Connection tests: each runner tests its hosts, many at once (docs/language.md §8)."""

from __future__ import annotations

from tasker.hosts import waiting
from tasker.language.runner_options import options_for
from tasker.protocol import discovery
from tasker.protocol.document import PROTOCOL, Problem
from tasker.protocol.stage_process import Broken, StageProcess, read_greeting
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from tasker.protocol.discovery import Served
    from tasker.protocol.types import Document, HostConnection, Request, SettingsOption

    Asked: TypeAlias = list[tuple[str, Request]]  # exec type, and the request to its runner
    Ask: TypeAlias = Callable[[Asked], Sequence[Document]]  # gives their answers, in their order

SECONDS = 10.0  # timeout of one test
RESPONSE_GRACE = 5.0  # seconds beyond its timeout in which a test may still be answered
QUEUED = 600.0  # seconds that a test may wait in the queue of its runner
AT_ONCE = 250  # tests in flight at one runner


def test_connections(places: Iterable[tuple[str, str]], ask: Ask) -> dict[tuple[str, str], str]:
    """Run connection tests: (exec type, host name) -> the failure, or "" if it passed.

    places: (exec type, host name) each; duplicates are tested once.
    ask: takes a list of (exec type, request document) and returns the list of their answers.
    """
    distinct = list(dict.fromkeys(places))
    test: Request = {"tasker": PROTOCOL, "kind": "request", "check": True, "timeout": SECONDS}
    requests: Asked = [
        (exec_type, {**test, "id": str(number), "hostname": name}) for number, (exec_type, name) in enumerate(distinct)
    ]
    return dict(zip(distinct, map(_failure, ask(requests)), strict=True))


def ask_runners(
    requests: Asked,
    watch: int | None = None,
    start: Callable[[str], StageProcess] | None = None,
    mapped: Mapping[str, Served] | None = None,
    rules: Sequence[SettingsOption] = (),
    connections: Mapping[str, HostConnection] | None = None,
) -> list[Document]:
    """Send requests to their runners and return the answers, in order; an error document for a missing one.

    watch: see waiting.poller. start: gives a greeted StageProcess for an exec type, for tests. mapped: see
    discovery.find_runner. rules, connections: see runner_options.options_for.
    """
    talks: list[RunnerTalk] = []
    answers: dict[str, Document] = {}
    if rules or connections:
        requests = [
            (exec_type, _with_options(request, rules, discovery.served_by(exec_type, mapped), connections))
            for exec_type, request in requests
        ]
    try:
        for exec_type in dict.fromkeys(exec_type for exec_type, _ in requests):
            of_type = [request for other, request in requests if other == exec_type]
            try:
                talks.append(
                    RunnerTalk(start(exec_type) if start else start_runner(exec_type, mapped), of_type, answers)
                )
            except (Broken, Problem) as problem:
                answers |= {_id_of(request): _no_answer(str(problem)) for request in of_type}
        while open_talks := [talk for talk in talks if talk.turn()]:
            _wait(open_talks, watch)
    finally:
        for talk in talks:
            talk.stage.end()
    return [answers[_id_of(request)] for _, request in requests]


def _with_options(
    request: Request,
    rules: Sequence[SettingsOption],
    runner: str,
    connections: Mapping[str, HostConnection] | None,
) -> Request:
    given = options_for(rules, runner, request["hostname"], connections)
    if not given:
        return request
    return {**request, "options": given}  # type: ignore[typeddict-item] # a runner may have options of its own


def _id_of(request: Request) -> str:
    return str(request.get("id"))


def start_runner(exec_type: str, mapped: Mapping[str, Served] | None = None) -> StageProcess:
    """Start the runner of an exec type and read its greeting. Raises Broken or Problem."""
    stage = StageProcess(exec_type, [*discovery.runner_command(exec_type, mapped), "--lines"])
    try:
        read_greeting(stage)
    except Broken:
        stage.end()
        raise
    return stage


class RunnerTalk:
    """A runner with its unsent requests, and the deadlines of those in flight."""

    def __init__(self, stage: StageProcess, requests: Sequence[Request], answers: dict[str, Document]) -> None:
        self.stage, self.answers = stage, answers
        self.unsent = list(requests)[::-1]
        self.due: dict[str, float] = {}
        self.capacity = AT_ONCE if stage.about is not None and stage.about.get("parallel") else 1

    def turn(self) -> bool:
        """Read answers, give up late requests, send more while there is capacity. True while answers are missing."""
        try:
            self._read()
        except Broken as broken:
            self._give_up([*self.due, *map(_id_of, self.unsent)], str(broken))
            self.unsent = []
        self._give_up(
            [one for one, due in self.due.items() if due <= waiting.now()], "the runner did not answer in time"
        )
        while self.unsent and len(self.due) < self.capacity:
            request = self.unsent.pop()
            self.due[_id_of(request)] = waiting.now() + request["timeout"] + RESPONSE_GRACE
            self.stage.send(request)
        return bool(self.due)

    def _read(self) -> None:
        if self.stage.stderr_open:
            self.stage.listen()
        for doc in self.stage.receive():
            identity = doc.get("id")
            if not isinstance(identity, str):  # not one of our ids, and maybe not hashable
                continue
            if doc["kind"] == "event" and identity in self.due:  # not an answer: it was queued, or starts now
                self.due[identity] = waiting.now() + (
                    QUEUED if doc.get("event") == "queued" else SECONDS + RESPONSE_GRACE
                )
            elif self.due.pop(identity, None):
                self.answers[identity] = doc

    def _give_up(self, identities: Iterable[str], why: str) -> None:
        for identity in identities:
            self.due.pop(identity, None)
            self.answers[identity] = _no_answer(why)


def _wait(talks: Sequence[RunnerTalk], watch: int | None) -> None:
    poll = waiting.poller(watch)
    for talk in talks:
        talk.stage.watch(poll)
    waiting.wait_until(poll, min(due for talk in talks for due in talk.due.values()), watch)


def _no_answer(why: str) -> Document:
    return {"tasker": PROTOCOL, "kind": "error", "ok": False, "code": "no_answer", "message": why}


def _failure(doc: Document) -> str:
    """Why a connection test failed, from the answer of its runner; "" if it passed."""
    if doc["kind"] == "result" and doc.get("ok") is True:
        return ""
    reason = doc.get("message") if doc["kind"] == "error" else doc.get("reason")
    if not reason:
        lines = str(doc.get("stderr") or doc.get("stdout") or "").strip().splitlines()
        reason = f"exit code {doc.get('exit_code')}" + (f": {lines[-1]}" if lines else "")
    return printable(shorten(str(reason), 200))
