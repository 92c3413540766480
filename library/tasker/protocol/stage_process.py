"""Start a stage, ask it, end it.

A stage is a process in a session of its own, without a terminal, that reads and writes one document a line. Nothing
here ever blocks on a write, and every wait has a deadline. docs/PROTOCOL.md describes the documents.
"""

from __future__ import annotations

import itertools
import os
import select
import time

from tasker.protocol.document import PROTOCOL, Problem, decode, decode_own
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.system.signal_calls import signal
from tasker.text.json_codec import encode_json
from tasker.text.printable import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from tasker.protocol.types import About, Document
    from tasker.system.poll import Poll

    Ends: TypeAlias = tuple[int, int, int]  # of pipes: for stdin, stdout and stderr
    Start: TypeAlias = Callable[[Sequence[str], Mapping[str, str], Ends], int]

GREETING = 20.0  # seconds for the first line of a stage: a cold disk is slow, a stage that prints nothing is broken
_READS = 16  # of stdout in a row: a busy stage must not starve the others
_QUEUED = 1 << 13  # bytes that wait for more: a stage that gets many documents begins with the first of them
_STDERR = 1 << 18  # bytes of one read of it
_KEPT = 1 << 17  # bytes of stderr that are kept: more than a secret is long
LARGEST_ABOUT = 1 << 20  # bytes, as it is sent on: ASCII, with escapes
_OF_EVERY_ABOUT = ("tasker", "kind", "ok")
_LONGEST_WORDS = 4096  # characters of the last line of stderr


class Broken(Exception):
    """A stage broke its contract. The text names the stage and says how."""


class Ended(Broken):
    """A stage closed its output."""


class Interrupted(Exception):
    """A signal came while a stage was asked."""


class StageProcess:
    """A running stage. `inlet`, `outlet` and `errors` are our ends of its stdin, stdout and stderr; None when closed.

    start: starts a process with this command, environment and ends for its standard streams, and returns its pid.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        start: Start | None = None,
    ) -> None:
        self.name = name
        self.about: About | None = None
        self.is_ours = False  # is it a program of TASKER, which writes what `encode` makes?
        self.status: int | None = None  # the wait status, once it has ended
        self.stderr_open = True
        self.mask: Callable[[str], str] = str  # takes secrets out of what the stage prints
        self.pid: int | None
        self.inlet: int | None
        self.outlet: int | None
        self.errors: int | None
        self._stderr = bytearray()
        (theirs_in, inlet), (outlet, theirs_out), (errors, theirs_err) = self._pipes(3)
        theirs, ours = (theirs_in, theirs_out, theirs_err), (inlet, outlet, errors)
        try:
            self.pid = (start or _spawn)(command, os.environ if environment is None else environment, theirs)
        except OSError as error:
            for end in ours:
                os.close(end)
            raise Broken(f"cannot start {name}: {error.strerror}: '{command[0]}'") from None
        finally:
            for end in theirs:
                os.close(end)
        for end in ours:
            os.set_blocking(end, False)
        self.inlet, self.outlet, self.errors = ours
        self._input, self._output = DocumentOutput(inlet, shared=False), DocumentInput(outlet, _READS)

    def _pipes(self, count: int) -> list[tuple[int, int]]:
        """All of them, or none. Raises Broken."""
        made: list[tuple[int, int]] = []
        try:
            while len(made) < count:
                made.append(os.pipe())
        except OSError as error:
            for end in itertools.chain(*made):
                os.close(end)
            raise Broken(f"cannot start {self.name}: {error.strerror}") from None
        return made

    def send(self, doc: Mapping[str, object]) -> None:
        """Queue a document, and write as much as the pipe takes now. Raises Broken."""
        self.queue(doc)
        self.flush()

    def queue(self, doc: Mapping[str, object]) -> None:
        """Queue a document, which `flush` or `watch` writes with what else is queued. Raises Broken."""
        self._require_input()
        self._input.send(doc)
        if self._input.waiting > _QUEUED:
            self.flush()

    def send_all(self, docs: Iterable[Mapping[str, object]]) -> int:
        """The same for several documents, with one write; how many they were."""
        self._require_input()
        count = 0
        for doc in docs:
            self._input.send(doc)
            count += 1
        self.flush()
        return count

    def send_bytes(self, data: bytes) -> None:
        """The same for bytes that need not be a document."""
        self._require_input()
        self._input.send_bytes(data)
        self.flush()

    def _require_input(self) -> None:
        if self.inlet is None:  # the number of the descriptor may be that of another file by now
            raise Broken(f"cannot write to {self.name}: its input has been closed")

    def flush(self) -> bool:
        """Write what is queued; True when nothing is left. A stage that reads no more is no error here: the end of its
        output has the reason. Raises Broken."""
        try:
            return self._input.flush()
        except OSError as error:
            raise Broken(f"cannot write to {self.name}: {error.strerror}") from None

    def finish_input(self) -> None:
        """End the input once nothing is queued: a stage that is asked once then begins to answer."""
        if self.inlet is not None and not self._input.waiting:
            os.close(self.inlet)
            self.inlet = None

    def receive(self) -> Iterator[Document]:
        """Read what is available, and yield each complete document. Raises Broken, after the valid ones, for a line
        that is not a document, and Ended at the end of output."""
        came = False
        try:
            for line in self._output.read():
                came = True
                yield self._document(line)
        except Problem as problem:
            raise Broken(f"{self.name} broke its contract: {problem.message}") from None
        if self._output.ended and not came:
            raise Ended(self._last_words())

    def _document(self, line: bytes) -> Document:
        try:
            return decode_own(line) if self.is_ours else decode(line)
        except Problem as problem:
            start = shorten(self.mask(line[:_KEPT].decode("utf-8", "backslashreplace")))
            raise Broken(f"{self.name} broke its contract: {problem.message}: '{start}'") from None

    def listen(self) -> bool:
        """Read from stderr what is available, and keep the last of it; False at its end."""
        if self.errors is None:
            return False
        try:
            data = os.read(self.errors, _STDERR)
        except BlockingIOError:
            return True
        self._stderr += data
        del self._stderr[:-_KEPT]
        self.stderr_open = bool(data)
        return self.stderr_open

    def last_stderr_line(self) -> str:
        """The last line that the stage wrote to stderr; the end of it, if it is long."""
        lines = self.mask(self._stderr.decode("utf-8", "backslashreplace")).strip().splitlines()
        last = lines[-1].strip() if lines else ""
        return last if len(last) <= _LONGEST_WORDS else f"…{last[-_LONGEST_WORDS:]}"

    def _last_words(self) -> str:
        status = self.wait(1.0)
        self.listen()
        if status is None:
            how = "closed its output"
        elif os.WIFSIGNALED(status):
            from tasker.system.signals import signal_name  # here: few stages are killed

            how = f"was killed by {signal_name(os.WTERMSIG(status))}"
        else:
            how = f"ended with exit status {os.WEXITSTATUS(status)}"
        begun = " in the middle of a line" if self._output.has_partial_line else ""
        line = self.last_stderr_line()
        return f"{self.name} {how}{begun} instead of answering" + (f": {line}" if line else "")

    def wait(self, seconds: float) -> int | None:
        """The wait status of the process, or None when it still runs after this time."""
        until = time.monotonic() + seconds
        while self.pid is not None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid, self.status = None, status
                return status
            left = until - time.monotonic()
            if left <= 0:
                return None
            _await_end(self.pid, left)
        return None

    def hang_up(self) -> None:
        """Close its input and output: it gets no more questions, and its answers are not read."""
        self._input.clear()
        self.finish_input()
        if self.outlet is not None:
            os.close(self.outlet)  # a stage that is asked once has no other sign that its answer is not wanted
            self.outlet = None

    def end(self, grace: float = 1.0) -> None:
        """Close its input and output, and kill its process group if it is still there after `grace` seconds. Safe to
        call twice."""
        self.hang_up()
        self._end_process(grace)
        self.close_errors()

    def _end_process(self, grace: float) -> None:
        if self.pid is not None and self.wait(grace) is None and self.pid is not None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.wait(5.0)

    def close_errors(self) -> None:
        """Close its stderr: nothing more is said of it."""
        if self.errors is not None:
            os.close(self.errors)
            self.errors = None

    def watch(self, poll: Poll) -> None:
        """Register our ends with a poll object: for reading, and for writing while something is queued."""
        if self.outlet is not None:
            poll.register(self.outlet, select.POLLIN)
        if self.stderr_open and self.errors is not None:
            poll.register(self.errors, select.POLLIN)
        if self._input.waiting and self.inlet is not None and not self.flush():
            poll.register(self.inlet, select.POLLOUT)


def _await_end(pid: int, seconds: float) -> None:
    """Wait until this child has ended, at most these seconds; a moment, where the kernel cannot notify us."""
    try:
        descriptor = os.pidfd_open(pid)
    # before Linux 5.3, or no descriptor is left; a Python that was built with older headers does not have the call
    except (OSError, AttributeError):
        time.sleep(0.001)
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(seconds * 1000)
    finally:
        os.close(descriptor)


def _spawn(command: Sequence[str], environment: Mapping[str, str], ends: Ends) -> int:
    from tasker.protocol.discovery import stage_words  # here: most stages are forked
    from tasker.system.signals import ENDING, ignored_here

    # a stage of ours unblocks them when it ignores them; another program would not
    blocked = {*signal.pthread_sigmask(signal.SIG_BLOCK, ()), *(ENDING if stage_words(command) else ())}
    return os.posix_spawnp(
        command[0],
        tuple(command),
        environment,
        file_actions=[(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)],
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, *ignored_here],  # Python ignores the first two
        setsigmask=blocked,
    )


def ask(
    stage: StageProcess,
    doc: Mapping[str, object] | None = None,
    seconds: float = GREETING,
    last: bool = False,
    also: Collection[int] = (),
) -> Document:
    """Send a document (or nothing, to wait for the greeting) and return the next that comes back.

    last: end the input after it. also: descriptors at whose first byte to give up, with Interrupted.
    Raises Broken when there is no answer in time.
    """
    if doc is not None:
        stage.send(doc)
    docs = _receive(stage, seconds, last, also)
    if len(docs) > 1:
        raise Broken(f"{stage.name} broke its contract: {len(docs)} answers to one document")
    return docs[0]


def _receive(stage: StageProcess, seconds: float, last: bool = False, also: Collection[int] = ()) -> list[Document]:
    """What comes back, one document at least; the rest as for `ask`."""
    until = time.monotonic() + seconds
    docs: list[Document] = []
    while not docs:
        poll = select.poll()
        stage.watch(poll)
        if last:
            stage.finish_input()  # after `watch`, which may have written the last of it
        for descriptor in also:
            poll.register(descriptor, select.POLLIN)
        left = until - time.monotonic()
        if left <= 0:
            raise Broken(f"{stage.name} did not answer within {seconds:g} s")
        ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
        if ready.intersection(also):
            raise Interrupted
        if stage.errors in ready:
            stage.listen()
        if stage.outlet in ready:
            docs = list(stage.receive())
    return docs


def ask_all(
    stage: StageProcess,
    docs: Iterable[Mapping[str, object]],
    seconds: float,
    also: Collection[int] = (),
    at_once: int = 128,
) -> Iterator[Document]:
    """Send documents, and yield the answers in their order. The next documents are sent before the answers that have
    come are yielded, so the stage works while the caller does.

    seconds: for each answer. at_once: documents that may wait for their answers. also, and what it raises: see `ask`.
    """
    rest = iter(docs)
    waiting = stage.send_all(itertools.islice(rest, at_once))
    while waiting:
        answers = _receive(stage, seconds, also=also)
        waiting -= len(answers)
        if waiting < 0:
            raise Broken(f"{stage.name} broke its contract: more answers than documents")
        if waiting <= at_once // 2:  # several with one write
            waiting += stage.send_all(itertools.islice(rest, at_once - waiting))
        yield from answers


def read_greeting(stage: StageProcess, also: Collection[int] = (), seconds: float = GREETING) -> About:
    """Read the `about` line of a stage that was started with --lines. Raises Broken, Interrupted."""
    stage.about = check_about(stage.name, ask(stage, seconds=seconds, also=also))
    return stage.about


def check_about(name: str, doc: Document) -> About:
    """What a stage says of itself, with each key of the type that it has to be, and without those that no `about` has.
    Raises Broken.

    It becomes a part of other documents, of the workflow and of the journal's first record: hence the bounds.
    name: of the stage, for messages.
    """
    if doc["kind"] != "about":
        raise Broken(f"{name} broke its contract: it began with '{shorten(doc['kind'])}' instead of 'about'")
    for key, (fits, what) in _ABOUT.items():
        if key in doc and not fits(doc[key]):
            raise Broken(f"{name} broke its contract: '{key}' of its 'about' has to be {what}")
    if PROTOCOL not in doc.get("protocols", [PROTOCOL]):
        raise Broken(f"{name} speaks protocol {shorten(str(doc['protocols']))}, and not {PROTOCOL}")
    kept = {key: value for key, value in doc.items() if key in _ABOUT or key in _OF_EVERY_ABOUT}
    if (size := len(encode_json(kept))) > LARGEST_ABOUT:
        raise Broken(f"{name} broke its contract: an 'about' of {size} bytes, over {LARGEST_ABOUT}")
    return kept  # type: ignore[return-value] # a document of this kind that was checked


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_receipts(value: object) -> bool:
    seconds = value.get("from") if isinstance(value, dict) else None
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= 2_592_000


def _are_option_names(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(value.get(key, "")) for key in ("number", "each"))


_ABOUT: dict[str, tuple[Callable[[object], bool], str]] = {
    "protocols": (
        lambda value: isinstance(value, list) and all(type(one) is int for one in value),
        "a list of numbers",
    ),
    "accepts": (lambda value: _is_text(value) or _are_texts(value), "a kind of document, or a list of them"),
    "returns": (lambda value: _is_text(value) or _are_texts(value), "a kind of document, or a list of them"),
    "name": (_is_text, "text"),
    "argv": (lambda value: bool(value) and _are_texts(value), "a list of words"),
    "options": (_are_texts, "a list of words"),
    "words": (lambda value: value in ("argv", "shell", "script"), "argv, shell or script"),
    "missing": (_is_text, "text"),
    "secrets": (lambda value: value in ("argv", "environment", "stdin"), "argv, environment or stdin"),
    "receipts": (_are_receipts, "an object with 'from', a number of seconds"),
    "at_once": (lambda value: type(value) is int and 0 < value <= 1_000_000, "a number from 1 to 1000000"),
    "at_once_by": (_are_option_names, "an object with 'number' and 'each', names of options"),
    "parallel": (_is_switch, "true or false"),
    "watches_input": (_is_switch, "true or false"),
    "host": (lambda value: value in ("none", "optional", "required"), "none, optional or required"),
    "port": (lambda value: type(value) is int and 0 < value < 65536, "a port from 1 to 65535"),
    "logins": (_is_switch, "true or false"),
    "copies": (
        lambda value: isinstance(value, list) and all(one in ("put", "get") for one in value),
        "a list of put and get",
    ),
    "become": (_is_switch, "true or false"),
    "resolve": (_is_switch, "true or false"),
    "timeout": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 2_592_000,
        "a number of seconds from 1 to 2592000",
    ),
}
