"""The main loop of a runner: requests in, attempts started, results out."""

from __future__ import annotations

import os
import select
import sys

from tasker.execution.event_loop import ENDING, LONGEST, EventLoop
from tasker.protocol.document import Problem, decode, document, shallow
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.protocol.exit_codes import GOOD, WRONG
from tasker.protocol.stage_io import Output, print_usage, read_once
from tasker.system.signal_calls import signal
from tasker.system.signals import ignore_as_stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from tasker.execution.executor import Runner, Startable
    from tasker.execution.local.live_output import LiveOutput
    from tasker.protocol.types import Document, Request, Result

_MOST_WAITING = 1 << 20  # bytes for a driver that is slow to read: above, output of running commands is left out
_USAGE = """
usage: {name} [--lines | --about]
  one request document on stdin, its result on stdout; with --lines, any number of them, many at once
  echo '{{"tasker":1,"kind":"request","words":["echo","hello"],"dry_run":true}}' | {name}
"""


def serve_runner(runner: Runner, arguments: Sequence[str] | None = None) -> int:
    """Serve this runner as a program. arguments: of the command line, by default our own. Returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    about = runner.about()
    text = _USAGE.format(name=about.get("name"))
    if arguments in (["-h"], ["--help"]):
        from tasker.system.standard_output import print_text

        print_text(text.strip())
        return GOOD
    if arguments not in ([], ["--lines"], ["--about"]):
        return print_usage(text)
    output = Output()
    if arguments == ["--about"]:
        return output.say(about)
    return serve_lines(runner, output) if arguments else serve_once(runner, output, text)


def serve_once(runner: Runner, output: Output, text: str) -> int:
    """Answer the one request on stdin. The end of stdin ends the document, nothing else."""
    asked: Document = {}
    answers: list[Mapping[str, object]] = []
    try:
        asked = read_once(text)
        attempt = runner.attempt(asked)
    except Problem as problem:
        return output.say(problem.document(**_same_id(asked)))
    if isinstance(attempt, dict):
        return output.say(attempt)
    loop = EventLoop((*ENDING, signal.SIGINT))  # called by hand, so Ctrl-C reaches only us
    executor = runner.executor(loop, answers.append, lambda request, event, seconds=None: None)
    executor.start(attempt)
    while not answers:
        loop.turn()
        if loop.signalled:
            executor.end_everything()
            return 128 + loop.signalled
    executor.end_everything()
    return output.say(answers[0])


def serve_lines(runner: Runner, output: Output) -> int:
    """Answer requests as they come, until the end of stdin, which ends everything: our driver is gone."""
    if sys.stdin is None:
        return output.say(runner.about())
    ignore_as_stage(True)
    return RequestServer(runner, DocumentInput(os.dup(0)), DocumentOutput(output.descriptor)).serve()


class RequestServer:
    """Receives requests, and keeps in mind which one is in flight under which id."""

    def __init__(self, runner: Runner, incoming: DocumentInput, outgoing: DocumentOutput) -> None:
        self.runner, self.incoming, self.outgoing = runner, incoming, outgoing
        self.loop = EventLoop()
        self.executor = runner.executor(self.loop, self.answer, self.notify)
        self._in_flight: dict[Hashable, int] = {}  # id: number of its attempt
        self._live: LiveOutput | None = None  # output of running commands, once a request has asked for it
        self._status = GOOD

    def serve(self) -> int:
        """Returns the exit status, at the end of input or after a signal."""
        self.outgoing.send(self.runner.about())
        self.outgoing.flush()
        watched = self.loop.watch(self.incoming.descriptor, select.EPOLLIN, self._read)
        while not (self.incoming.ended or self.outgoing.broken or self.loop.signalled):
            self.loop.turn(self._patience() if watched else 0.0)
            if not watched:
                self._read()
            if self._live is not None:
                self._live.flush()
            if self.outgoing.flush():
                self.loop.forget(self.outgoing.descriptor)
            else:
                self.loop.watch(self.outgoing.descriptor, select.EPOLLOUT, lambda events: self.outgoing.flush())
        if watched:
            self.loop.forget(self.incoming.descriptor)  # its end is ready to be read for ever: turns would never wait
        self.executor.end_everything()
        self.outgoing.flush()
        return 128 + self.loop.signalled if self.loop.signalled else self._status

    def _patience(self) -> float:
        """Seconds until output of running commands is to be sent."""
        return LONGEST if self._live is None else self._live.patience(LONGEST)

    def _read(self, _events: int = 0) -> None:
        try:
            for line in self.incoming.read():
                if line.strip():
                    self.received(line)
        except Problem as problem:  # a line without end: what follows it cannot be told apart
            self.outgoing.send(problem.document())
            self._status = WRONG

    def received(self, line: bytes) -> None:
        asked: Document = {}
        try:
            asked = decode(line)
            if asked["kind"] == "cancel":
                self._cancel(asked)
            else:
                self._request(asked)
        except Problem as problem:
            self.outgoing.send(problem.document(**_same_id(asked or _readable(line))))

    def _request(self, asked: Document) -> None:
        key = key_of(asked)
        if key is not None and key in self._in_flight:
            raise Problem("duplicate_id", f"cannot take the request: its id {asked['id']!a} is in flight already")
        attempt = self.runner.attempt(asked)
        if isinstance(attempt, dict):
            self.outgoing.send(attempt)
            return
        if asked.get("follow") and key is not None:
            self._follow(attempt, key, asked["id"])
        self._in_flight[key] = self.executor.start(attempt)

    def _follow(self, attempt: Startable, key: Hashable, identity: object) -> None:
        if self._live is None:
            from tasker.execution.local.live_output import LiveOutput  # here: few runs need it

            self._live = LiveOutput(self.outgoing.send, lambda: self.outgoing.waiting < _MOST_WAITING)
        attempt.follow = self._live.follow(key, identity)

    def _cancel(self, asked: Document) -> None:
        if "id" not in asked:
            raise Problem("bad_request", "cannot cancel: which request? give its 'id'")
        if number := self._in_flight.get(key_of(asked)):  # else its result is on its way already
            self.executor.cancel(number, "timeout" if asked.get("reason") == "timeout" else "interrupt")

    # -- for the executor

    def answer(self, result: Result) -> None:
        key = key_of(result)
        self._in_flight.pop(key, None)
        if self._live is not None:
            self._live.ended(key)
        self.outgoing.send(result)

    def notify(self, request: Request, event: str, seconds: float | None = None) -> None:
        """event: "queued", "started", or "running": for that many seconds."""
        since: Document = {} if seconds is None else {"seconds": seconds}
        self.outgoing.send(document("event", event=event, **since, **_same_id(request)))


def key_of(doc: Mapping[str, object]) -> Hashable:
    """Equal for equal ids: any JSON value can be one. None without an id."""
    if "id" not in doc:
        return None
    if type(doc["id"]) is str:
        return doc["id"]
    import json  # here: our own driver uses texts

    return (json.dumps(doc["id"], sort_keys=True),)


def _same_id(asked: Mapping[str, object]) -> Document:
    return {"id": asked["id"]} if "id" in asked else {}


def _readable(line: bytes) -> Document:
    """What can be read of an invalid document, so that the error has the id of its sender."""
    import json  # here: our own driver sends valid ones

    try:
        doc = json.loads(line)
        json.dumps(doc, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return doc if isinstance(doc, dict) and shallow(doc) else {}
