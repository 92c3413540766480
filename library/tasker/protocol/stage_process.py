"""Start a stage, ask it, bury it.

A stage is a process of its own in its own session, without a terminal, that speaks one document a line. Nothing here
ever blocks on a write, and every wait has a deadline. docs/PROTOCOL.md describes the documents.
"""

import itertools
import os
import select
import signal
import time

from tasker.protocol.document import LARGEST, PROTOCOL, Problem, decode, encode

GREETING = 20.0  # seconds for a stage to say what it is: a cold disk is slow, a stage that says nothing is broken
_AT_ONCE = 1 << 18  # bytes of one read or write
_SAID = 1 << 17  # bytes that are kept of what a stage says to people: more than a secret is long
_TURNS = 16  # reads before somebody else gets a turn


class Broken(Exception):
    """A stage broke its contract. The text names the stage and says how."""


class Ended(Broken):
    """A stage said nothing more: the end of its output."""


class StageProcess:
    """A running stage. `inlet`, `outlet` and `errors` are our ends of its stdin, stdout and stderr.

    start: gives the pid of a process with such a command, environment, and ends for its standard streams.
    """

    def __init__(self, name, command, environment=None, start=None):
        self.name, self.about = name, None
        self.status = None  # the wait status, once it has ended
        self.heard = True  # may it still say something to people?
        self.mask = str  # what takes secrets out of what it says
        self._outgoing, self._incoming, self._said = bytearray(), bytearray(), bytearray()
        self._searched = 0
        (theirs_in, self.inlet), (self.outlet, theirs_out), (self.errors, theirs_err) = self._pipes(3)
        theirs = theirs_in, theirs_out, theirs_err
        try:
            self.pid = (start or _spawn)(command, os.environ if environment is None else environment, theirs)
        except OSError as error:
            for end in (self.inlet, self.outlet, self.errors):
                os.close(end)
            raise Broken(f"cannot start {name}: {error.strerror}: '{command[0]}'") from None
        finally:
            for end in theirs:
                os.close(end)
        for end in (self.inlet, self.outlet, self.errors):
            os.set_blocking(end, False)

    def _pipes(self, count):
        """So many, or none. Raises Broken."""
        made = []
        try:
            while len(made) < count:
                made.append(os.pipe())
        except OSError as error:
            for end in itertools.chain(*made):
                os.close(end)
            raise Broken(f"cannot start {self.name}: {error.strerror}") from None
        return made

    def send(self, doc):
        """Queue a document, and write as much as the pipe takes now."""
        self.send_bytes(encode(doc))

    def send_bytes(self, data):
        """The same for what need not be a document."""
        self._outgoing += data
        self.flush()

    def flush(self):
        """Write what is queued; True when nothing is left."""
        try:
            while self._outgoing:
                del self._outgoing[: os.write(self.inlet, self._outgoing[:_AT_ONCE])]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self._outgoing.clear()  # its end of output will tell why
        return True

    def finish_input(self):
        """Nothing more will be sent: a stage that is asked once begins to answer."""
        if self.inlet is not None and not self._outgoing:
            os.close(self.inlet)
            self.inlet = None

    def receive(self):
        """The documents that have come, one by one. Raises Broken, behind the good ones, for what is none, and Ended at
        the end of output."""
        ended, came = self._read(), False
        while (end := self._incoming.find(b"\n", self._searched)) >= 0:
            line = bytes(self._incoming[:end])
            del self._incoming[: end + 1]
            self._searched, came = 0, True
            yield self._document(line)
        self._searched = len(self._incoming)
        if len(self._incoming) > LARGEST:
            raise Broken(f"{self.name} broke its contract: a line over {LARGEST} bytes")
        if ended and not came:
            raise Ended(self._last_words())

    def _read(self):
        """Take in what is there, of who never stops not all at once; True at the end of output."""
        try:
            for _ in range(_TURNS):
                data = os.read(self.outlet, _AT_ONCE)
                self._incoming += data
                if len(data) < _AT_ONCE // 4:
                    return not data
        except BlockingIOError:
            pass
        return False

    def _document(self, line):
        try:
            return decode(line)
        except Problem as problem:
            start = self.mask(line[:_SAID].decode("utf-8", "backslashreplace"))[:60]
            raise Broken(f"{self.name} broke its contract: {problem.message}: '{start}'") from None

    def listen(self):
        """Take in what the stage says to people; False at its end. The last of it is kept."""
        try:
            data = os.read(self.errors, _AT_ONCE)
        except BlockingIOError:
            return True
        self._said += data
        del self._said[:-_SAID]
        self.heard = bool(data)
        return self.heard

    def said(self):
        """The last line that the stage wrote for people, of a long one its end."""
        lines = self.mask(self._said.decode("utf-8", "backslashreplace")).strip().splitlines()
        return lines[-1].strip()[-4096:] if lines else ""

    def _last_words(self):
        status = self.wait(1.0)
        self.listen()
        if status is None:
            how = "closed its output"
        elif os.WIFSIGNALED(status):
            how = f"was killed by {_signal_name(os.WTERMSIG(status))}"
        else:
            how = f"ended with exit status {os.WEXITSTATUS(status)}"
        begun = " in the middle of a line" if self._incoming else ""
        said = self.said()
        return f"{self.name} {how}{begun} instead of answering" + (f": {said}" if said else "")

    def wait(self, seconds):
        """The wait status of the process, or None when it is still there after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG) if self.pid else (0, None)
            if pid:
                self.pid, self.status = None, status
                return status
            if self.pid is None or time.monotonic() >= until:
                return None
            time.sleep(0.001)

    def hang_up(self):
        """End of its input and output: nobody asks, and nobody listens."""
        self._outgoing.clear()
        self.finish_input()
        if self.outlet is not None:
            os.close(self.outlet)  # one that is asked once has no other sign that nobody wants the answer
            self.outlet = None

    def end(self, grace=1.0):
        """End of its input and output, then, for one that stays, KILL of its process group. Safe to call twice."""
        self.hang_up()
        if self.pid and self.wait(grace) is None and self.pid:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.wait(5.0)
        if self.errors is not None:
            os.close(self.errors)
            self.errors = None

    def watch(self, poll):
        """Register with a poll object what this stage can be heard on, and written to while something is queued."""
        poll.register(self.outlet, select.POLLIN)
        if self.heard:
            poll.register(self.errors, select.POLLIN)
        if self._outgoing and self.inlet is not None and not self.flush():
            poll.register(self.inlet, select.POLLOUT)


def _spawn(command, environment, ends):
    return os.posix_spawnp(
        command[0],
        command,
        environment,
        file_actions=[(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)],
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # Python ignores these two
    )


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def ask(stage, doc=None, seconds=GREETING, last=False, also=()):
    """Send a document (or nothing, to wait for the greeting) and give the next that comes back.

    last: end the input behind it. also: descriptors at whose first byte to give up, with Interrupted.
    Raises Broken when there is no answer in time.
    """
    if doc is not None:
        stage.send(doc)
    until = time.monotonic() + seconds
    docs = []
    while not docs:
        poll = select.poll()
        stage.watch(poll)
        if last:
            stage.finish_input()  # behind `watch`, which may have written the last of it
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
    if len(docs) > 1:
        raise Broken(f"{stage.name} broke its contract: {len(docs)} answers to one document")
    return docs[0]


class Interrupted(Exception):
    """A signal came while a stage was asked."""


def read_greeting(stage, also=(), seconds=GREETING):
    """Read the `about` line of a stage that was started with --lines."""
    about = ask(stage, seconds=seconds, also=also)
    if about["kind"] != "about":
        raise Broken(f"{stage.name} broke its contract: it began with '{about['kind']}' instead of 'about'")
    if PROTOCOL not in about.get("protocols", [PROTOCOL]):
        raise Broken(f"{stage.name} speaks protocol {about['protocols']}, and not {PROTOCOL}")
    stage.about = about
    return about
