"""The runner under test, and how a check talks to it. Every wait has a deadline."""

import contextlib
import os
import select
import signal
import threading
import time

from tasker.conformance.check import Fault, Inapplicable
from tasker.protocol.document import document, encode
from tasker.protocol.stage_process import Broken, Ended, StageProcess
from tasker.system.processes import VARIABLE

ANSWER = 10.0  # seconds for an answer to something that takes no time
HERE = ("localhost", "127.0.0.1", "::1", os.uname().nodename)


class Subject:
    """command: how the runner is started. environment: what it gets. host: where its commands are to run. patience:
    seconds for an answer to something that takes no time."""

    def __init__(self, name: str, command: list[str], host: str = "localhost", environment=None, patience=ANSWER):
        self.name, self.command, self.host, self.patience = name, command, host, patience
        given = os.environ if environment is None else environment
        self.environment = {key: value for key, value in given.items() if key != VARIABLE}
        self.about: dict = {}
        self.heard: list[dict] = []  # every document that it said
        self.tokens: list[str] = []  # in the command line of what checks start and may have to bury
        self._markers = 0
        self._stages: list[StageProcess] = []  # that were started
        self._over = False
        self._lock = threading.RLock()  # a signal may come to the thread that has it
        self.run = f"kit-{os.urandom(6).hex()}"

    @property
    def here(self) -> bool:
        """Do its commands run where we can see them?"""
        return self.host in HERE

    @property
    def far(self) -> bool:
        """Does it start its commands on another host? One that shows no template is taken at its word: it may."""
        return "{hostname}" in "".join(map(str, self.about.get("argv") or ["{hostname}"]))

    def request(self, words, **keys) -> dict:
        """A request for these words, in the form that this runner takes."""
        self._markers += 1
        doc = {"tasker": 1, "kind": "request", "id": "kit", "hostname": self.host, "timeout": 20}
        doc |= {"marker": f"{self.run}:{self._markers}", "needs": ["stdout", "stderr"]}
        if self.about.get("words") == "script":
            values = {f"W{number}": word for number, word in enumerate(words)}
            doc |= {"script": " ".join(f'"${name}"' for name in values), "environment": values}
        else:
            doc["words"] = list(words)
        return {key: value for key, value in {**doc, **keys}.items() if value is not ...}

    def token(self) -> str:
        """A number of seconds that no other `sleep` is asked for."""
        self.tokens.append(str(10**8 + int.from_bytes(os.urandom(4), "big")))
        return self.tokens[-1]

    def started(self, arguments) -> StageProcess:
        with self._lock:
            if self._over:
                raise Fault("it was interrupted")
            try:
                self._stages.append(StageProcess(self.name, [*self.command, *arguments], self.environment))
            except Broken as broken:
                raise Fault(str(broken)) from None
            return self._stages[-1]

    def stop(self) -> None:
        """Kill what was started; nothing more will be. What it has started in turn is left: see work.bury."""
        with self._lock:
            self._over = True
        for pid in [stage.pid for stage in self._stages if stage.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def open(self) -> "Talk":
        return Talk(self)

    def once(self, doc, seconds: float | None = None) -> tuple[dict, int]:
        """(the one document, the exit status) of a call with this document, or these bytes, on stdin."""
        data = doc if isinstance(doc, bytes) else encode(doc)
        docs, status = self._called(data, [], seconds or self.patience)
        if len(docs) != 1:
            raise Fault(f"{len(docs)} documents on stdout (exit status {status}) instead of one")
        return docs[0], status

    def said(self, *arguments: str) -> tuple[list[dict], int]:
        """(documents, exit status) of a call without input."""
        return self._called(b"", arguments, self.patience)

    def _called(self, data, arguments, seconds):
        stage = self.started(arguments)
        until, docs = time.monotonic() + seconds, []
        try:
            stage.send_bytes(data)
            while True:
                wait(stage, until, f"no end within {seconds:g} s", last=True)
                docs += stage.receive()
        except Ended as ended:
            if "in the middle of a line" in str(ended):
                raise Fault("a document without a newline behind it") from None
        except Broken as broken:
            raise Fault(str(broken)) from None
        finally:
            self.heard += docs
            stage.end(grace=0)
        return docs, exit_status(stage)

    def do(self, words, seconds: float | None = None, **keys) -> dict:
        """The result of a command, asked once."""
        return self.once(self.request(words, **keys), seconds)[0]

    def sh(self, script: str, *words: str, **keys) -> dict:
        return self.do(["sh", "-c", script, *words], **keys)


def exit_status(stage) -> int:
    """As a shell gives it; -1 when the process is still there."""
    if stage.status is None:
        return -1
    code = os.waitstatus_to_exitcode(stage.status)
    return 128 - code if code < 0 else code


def wait(stage, until, missing, last=False) -> None:
    """Until there is something to receive. Raises Fault with `missing` when it is too late."""
    while True:
        poll = select.poll()
        stage.watch(poll)
        if last:
            stage.finish_input()
        left = until - time.monotonic()
        if left <= 0:
            raise Fault(missing)
        ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
        if stage.errors in ready:
            stage.listen()
        if stage.outlet in ready:
            return


class Talk:
    """A runner that is kept open with --lines, as a context; it has greeted."""

    def __init__(self, subject):
        self.subject, self._docs = subject, []
        self.stage = subject.started(["--lines"])
        self.events: list[dict] = []

    def __enter__(self):
        try:
            self.about = self.hear()
        except BaseException:
            self.stage.end(grace=0)
            raise
        return self

    def __exit__(self, *_):
        self.stage.end(grace=0.3)

    def send(self, *docs) -> None:
        for doc in docs:
            self.stage.send_bytes(doc if isinstance(doc, bytes) else encode(doc))

    def hear(self, seconds: float | None = None) -> dict:
        """The next document that is no event."""
        seconds = seconds or self.subject.patience
        until = time.monotonic() + seconds
        while True:
            while self._docs:
                doc = self._docs.pop(0)
                if doc["kind"] != "event":
                    return doc
                self.events.append(doc)
            wait(self.stage, until, f"no answer within {seconds:g} s")
            try:
                for doc in self.stage.receive():
                    self._docs.append(doc)
                    self.subject.heard.append(doc)
            except Broken as broken:
                if not self._docs:
                    raise Fault(str(broken)) from None

    def ask(self, doc, seconds: float | None = None) -> dict:
        self.send(doc)
        return self.hear(seconds)

    def cancel(self, identity, reason="interrupt") -> None:
        self.send(document("cancel", id=identity, reason=reason))

    def leave(self, seconds: float) -> int:
        """End its input; the exit status, -1 when it stays."""
        until = time.monotonic() + seconds
        while not self.stage.flush() and time.monotonic() < until:
            time.sleep(0.01)
        self.stage.finish_input()
        while self.stage.wait(0.0) is None and time.monotonic() < until:
            self._drain()
            time.sleep(0.005)
        return exit_status(self.stage)

    def _drain(self):
        """What it says on its way out may be more than the pipe holds."""
        try:
            list(self.stage.receive())
        except Broken:
            pass


def only_here(subject) -> None:
    if not subject.here:
        raise Inapplicable(f"what runs on {subject.host} cannot be seen from here")


def living_processes(token: str) -> list[int]:
    """Processes, not zombies, with this text in their command line."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if token.encode() in file.read():
                        found.append(int(name))
            except OSError:
                continue
    return found


def wait_until_there(token: str, count: int, within: float = ANSWER) -> None:
    """Wait until so many processes with this text are there."""
    until = time.monotonic() + within
    while len(living_processes(token)) < count:
        if time.monotonic() > until:
            raise Fault(f"the command was not started within {within:g} s")
        time.sleep(0.02)


def wait_until_gone(token: str, within: float) -> None:
    """Wait until there is none any more. Raises Fault."""
    until = time.monotonic() + within
    while left := living_processes(token):
        if time.monotonic() > until:
            raise Fault(f"{len(left)} of its processes still run {within:g} s later")
        time.sleep(0.02)
