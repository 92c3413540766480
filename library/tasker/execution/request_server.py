"""The main loop of a runner: requests in, attempts started, results out."""

import os
import select
import signal
import sys

from tasker.execution.local.supervisor import Supervisor
from tasker.protocol.document import Problem, decode, document, shallow
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.protocol.exit_codes import GOOD, WRONG
from tasker.protocol.stage_io import Output, print_usage, read_once

_MOST_WAITING = 1 << 20  # bytes for a driver that is slow to take them: then what commands say is left out
_USAGE = """
usage: {name} [--lines | --about]
  one request document on stdin, its result on stdout; with --lines, any number of them, many at once
  echo '{{"tasker":1,"kind":"request","words":["echo","hello"],"dry_run":true}}' | {name}
"""


def serve_runner(runner, arguments=None, over=Supervisor) -> int:
    """Be this runner: it has `about()`, and `attempt(request)`, which gives an Attempt or the answer at once."""
    arguments = sys.argv[1:] if arguments is None else arguments
    about = runner.about()
    text = _USAGE.format(name=about["name"])
    if arguments in (["-h"], ["--help"]):
        from tasker.system.standard_output import print_text

        print_text(text.strip())
        return GOOD
    if arguments not in ([], ["--lines"], ["--about"]):
        return print_usage(text)
    output = Output()
    if arguments == ["--about"]:
        return output.say(about)
    return serve_lines(runner, output, over) if arguments else serve_once(runner, output, text, over)


def serve_once(runner, output, text, over=Supervisor):
    """Answer the one request on stdin. The end of stdin ends the document, nothing else."""
    asked, answers = {}, []
    try:
        asked = read_once(text)
        attempt = runner.attempt(asked)
    except Problem as problem:
        return output.say(problem.document(**_same_id(asked)))
    if isinstance(attempt, dict):
        return output.say(attempt)
    # called by hand, so Ctrl-C reaches nobody but us
    supervisor = over(answers.append, (signal.SIGTERM, signal.SIGHUP, signal.SIGINT))
    supervisor.start(attempt)
    while not answers:
        supervisor.turn()
        if supervisor.signalled:
            supervisor.end_everything()
            return 128 + supervisor.signalled
    supervisor.end_everything()
    return output.say(answers[0])


def serve_lines(runner, output, over=Supervisor):
    """Answer requests as they come, until the end of stdin, which ends everything: our driver is gone."""
    if sys.stdin is None:
        return output.say(runner.about())
    incoming, outgoing = DocumentInput(os.dup(0)), DocumentOutput(output.descriptor)
    post = RequestServer(runner, outgoing, over)
    outgoing.say(runner.about())
    outgoing.flush()
    status = GOOD

    def take():
        nonlocal status
        try:
            for line in incoming.read():
                post.received(line)
        except Problem as problem:  # a line without end: what follows it cannot be told apart any more
            outgoing.say(problem.document())
            status = WRONG

    supervisor = post.supervisor
    watched = supervisor.watch(incoming.descriptor, select.EPOLLIN, take)
    while not (incoming.ended or outgoing.broken or supervisor.signalled):
        supervisor.turn(post.patience() if watched else 0.0)
        if not watched:
            take()
        post.pass_on()
        if outgoing.flush():
            supervisor.forget(outgoing.descriptor)
        else:
            supervisor.watch(outgoing.descriptor, select.EPOLLOUT, outgoing.flush)
    supervisor.end_everything()
    outgoing.flush()
    return 128 + supervisor.signalled if supervisor.signalled else status


class RequestServer:
    """Knows which request is in flight under which id."""

    def __init__(self, runner, outgoing, over):
        self.runner, self.outgoing = runner, outgoing
        self.supervisor = over(self.done, tell=self.tell)
        self._in_flight = {}  # id: number of its attempt
        self._live = None  # what says output as it comes, once somebody has asked for that

    def received(self, line: bytes) -> None:
        asked = {}
        try:
            asked = decode(line)
            if asked["kind"] == "cancel":
                self._cancel(asked)
            else:
                self._request(asked)
        except Problem as problem:
            self.outgoing.say(problem.document(**_same_id(asked or _readable(line))))

    def done(self, doc: dict) -> None:
        key = _key(doc)
        self._in_flight.pop(key, None)
        if self._live is not None:
            self._live.ended(key)
        self.outgoing.say(doc)

    def patience(self) -> float:
        """Seconds until `pass_on` is due."""
        return 3600.0 if self._live is None else self._live.patience(3600.0)

    def pass_on(self) -> None:
        """What commands have said meanwhile, for who follows them."""
        if self._live is not None:
            self._live.flush()

    def tell(self, request: dict, event: str) -> None:
        self.outgoing.say(document("event", event=event, **_same_id(request)))

    def _request(self, asked):
        key = _key(asked)
        if key is not None and key in self._in_flight:
            raise Problem("duplicate_id", f"cannot take the request: its id {asked['id']!a} is in flight already")
        attempt = self.runner.attempt(asked)
        if isinstance(attempt, dict):
            self.outgoing.say(attempt)
        else:
            if asked.get("follow") and key is not None:
                self._follow(attempt, key, asked["id"])
            self._in_flight[key] = self.supervisor.start(attempt)

    def _follow(self, attempt, key, identity):
        if self._live is None:
            from tasker.execution.local.live_output import LiveOutput  # here: few runs need it

            self._live = LiveOutput(self.outgoing.say, lambda: self.outgoing.waiting < _MOST_WAITING)
        attempt.follow = self._live.follow(key, identity)

    def _cancel(self, asked):
        if "id" not in asked:
            raise Problem("bad_request", "cannot cancel: which request? give its 'id'")
        if number := self._in_flight.get(_key(asked)):  # else its result is on its way already
            self.supervisor.cancel(number, "timeout" if asked.get("reason") == "timeout" else "interrupt")


def _key(doc):
    """What tells ids apart: any JSON value can be one. None without an id."""
    if "id" not in doc:
        return None
    if type(doc["id"]) is str:
        return doc["id"]
    import json

    return (json.dumps(doc["id"], sort_keys=True),)


def _same_id(asked):
    return {"id": asked["id"]} if "id" in asked else {}


def _readable(line):
    """What can be read of a document that is none, so that its sender hears which one it was."""
    import json

    try:
        doc = json.loads(line)
        json.dumps(doc, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return doc if isinstance(doc, dict) and shallow(doc) else {}
