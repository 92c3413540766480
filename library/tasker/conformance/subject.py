"""The runner under test, and how a check talks to it. Every wait has a deadline."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time

from tasker.conformance.verdicts import Fault, Inapplicable
from tasker.protocol.document import document, encode
from tasker.protocol.stage_process import Broken, Ended, StageProcess
from tasker.system.processes import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tasker.protocol.types import Document

ANSWER = 10.0  # seconds for an answer to something that takes no time
LOCAL = ("localhost", "127.0.0.1", "::1", os.uname().nodename)


class Subject:
    """command: how the runner is started. environment: what it gets. host: where its commands are to run. patience:
    seconds for an answer to something that takes no time.

    What it answers is checked for its form by none of the methods: a runner under test may send any document.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        host: str = "localhost",
        environment: Mapping[str, str] | None = None,
        patience: float = ANSWER,
    ) -> None:
        self.name, self.command, self.host, self.patience = name, command, host, patience
        given = os.environ if environment is None else environment
        self.environment = {key: value for key, value in given.items() if key != VARIABLE}
        self.about: Document = {}
        self.received: list[Document] = []  # every document that it sent
        self.tokens: list[str] = []  # in the command line of what checks start and may have to reap
        self._markers = 0
        self._stages: list[StageProcess] = []  # that were started
        self._over = False
        self._lock = threading.RLock()  # a signal may come to the thread that has it
        self.run_id = f"kit-{os.urandom(6).hex()}"

    @property
    def is_local(self) -> bool:
        """Do its commands run where we can see them?"""
        return self.host in LOCAL

    @property
    def is_remote(self) -> bool:
        """Does it start its commands on another host? A runner without a template in its `about` may."""
        return "{hostname}" in "".join(map(str, self.about.get("argv") or ["{hostname}"]))

    def request(self, words: Iterable[str], **keys: object) -> Document:
        """A request for these words, in the form that this runner takes. A key whose value is ... is left out."""
        self._markers += 1
        doc: Document = {"tasker": 1, "kind": "request", "id": "kit", "hostname": self.host, "timeout": 20}
        doc |= {"marker": f"{self.run_id}:{self._markers}", "needs": ["stdout", "stderr"]}
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

    def start(self, arguments: Sequence[str]) -> StageProcess:
        """The runner with these arguments. Raises Fault."""
        with self._lock:
            if self._over:
                raise Fault("it was interrupted")
            try:
                self._stages.append(StageProcess(self.name, [*self.command, *arguments], self.environment))
            except Broken as broken:
                raise Fault(str(broken)) from None
            return self._stages[-1]

    def stop(self) -> None:
        """Kill what was started; nothing more will be. The commands that it has started are left to `reap`."""
        with self._lock:
            self._over = True
        for pid in [stage.pid for stage in self._stages if stage.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def open(self) -> Talk:
        """The runner, kept open with --lines."""
        return Talk(self)

    def once(self, doc: Document | bytes, seconds: float | None = None) -> tuple[Document, int]:
        """(the one document, the exit status) of a call with this document, or these bytes, on stdin."""
        data = doc if isinstance(doc, bytes) else encode(doc)
        docs, status = self._called(data, [], seconds or self.patience)
        if len(docs) != 1:
            raise Fault(f"{len(docs)} documents on stdout (exit status {status}) instead of one")
        return docs[0], status

    def call(self, *arguments: str) -> tuple[list[Document], int]:
        """(documents, exit status) of a call without input."""
        return self._called(b"", arguments, self.patience)

    def _called(self, data: bytes, arguments: Sequence[str], seconds: float) -> tuple[list[Document], int]:
        stage = self.start(arguments)
        until = time.monotonic() + seconds
        docs: list[Document] = []
        try:
            stage.send_bytes(data)
            while True:
                wait(stage, until, f"no end within {seconds:g} s", last=True)
                docs += stage.receive()
        except Ended as ended:
            if "in the middle of a line" in str(ended):
                raise Fault("a document without a newline after it") from None
        except Broken as broken:
            raise Fault(str(broken)) from None
        finally:
            self.received += docs
            stage.end(grace=0)
        return docs, exit_status(stage)

    def execute(self, words: Iterable[str], seconds: float | None = None, **keys: object) -> Document:
        """The result of a command, asked once."""
        return self.once(self.request(words, **keys), seconds)[0]

    def shell(self, script: str, *words: str, seconds: float | None = None, **keys: object) -> Document:
        """The result of a script of sh."""
        return self.execute(["sh", "-c", script, *words], seconds, **keys)


def exit_status(stage: StageProcess) -> int:
    """As a shell gives it; -1 when the process still runs."""
    if stage.status is None:
        return -1
    code = os.waitstatus_to_exitcode(stage.status)
    return 128 - code if code < 0 else code


def wait(stage: StageProcess, until: float, missing: str, last: bool = False) -> None:
    """Wait until there is something to receive. last: end the input. Raises Fault (`missing`) when it is too late."""
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

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.stage = subject.start(["--lines"])
        self.events: list[Document] = []
        self._docs: list[Document] = []

    def __enter__(self) -> Talk:
        try:
            self.about = self.receive()
        except BaseException:
            self.stage.end(grace=0)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.end(grace=0.3)

    def send(self, *docs: Document | bytes) -> None:
        for doc in docs:
            self.stage.send_bytes(doc if isinstance(doc, bytes) else encode(doc))

    def receive(self, seconds: float | None = None) -> Document:
        """The next document that is not an event."""
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
                    self.subject.received.append(doc)
            except Broken as broken:
                if not self._docs:
                    raise Fault(str(broken)) from None

    def ask(self, doc: Document | bytes, seconds: float | None = None) -> Document:
        """Send a document, and return the next that is not an event."""
        self.send(doc)
        return self.receive(seconds)

    def cancel(self, identity: object, reason: str = "interrupt") -> None:
        self.send(document("cancel", id=identity, reason=reason))

    def leave(self, seconds: float) -> int:
        """End its input; the exit status, -1 if it still runs after this time."""
        until = time.monotonic() + seconds
        while not self.stage.flush() and time.monotonic() < until:
            time.sleep(0.01)
        self.stage.finish_input()
        while self.stage.wait(0.0) is None and time.monotonic() < until:
            self._drain()
            time.sleep(0.005)
        return exit_status(self.stage)

    def _drain(self) -> None:
        """What it sends on its way out may be more than the pipe holds."""
        try:
            list(self.stage.receive())
        except Broken:
            pass


def require_local(subject: Subject) -> None:
    if not subject.is_local:
        raise Inapplicable(f"what runs on {subject.host} cannot be seen from here")


def living_processes(token: str) -> list[int]:
    """The pids of processes, not zombies, with this text in their command line."""
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
    """Wait until this many processes with this text run. Raises Fault."""
    until = time.monotonic() + within
    while len(living_processes(token)) < count:
        if time.monotonic() > until:
            raise Fault(f"the command was not started within {within:g} s")
        time.sleep(0.02)


def wait_until_gone(token: str, within: float) -> None:
    """Wait until no process has this text. Raises Fault."""
    until = time.monotonic() + within
    while left := living_processes(token):
        if time.monotonic() > until:
            raise Fault(f"{len(left)} of its processes still run {within:g} s later")
        time.sleep(0.02)
