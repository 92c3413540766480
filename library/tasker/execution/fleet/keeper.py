"""The process on a gateway that outlives its link: it starts the runner there, and keeps what it says.

A relay connects to its socket, and says `hello GOT`; the answer is `hello GOT FOLDER`, and from then on frames go both
ways (mailbox.py). Lines to here are documents for the runner, or `end`. Lines from here are documents of the runner,
`chunk ID STREAM BASE64` for the streams of a result that are too long for it, before that result, or `ended WHY`.
"""

from __future__ import annotations

import base64
import collections
import fcntl
import os
import platform
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

from tasker import __version__
from tasker.execution.event_loop import EventLoop
from tasker.execution.fleet.mailbox import InvalidFrame, Lines, Mailbox, is_number
from tasker.execution.openssh import watchdog
from tasker.protocol.document import LARGEST, encode
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.system import processes
from tasker.text.json_codec import decode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.execution.event_loop import Timer
    from tasker.protocol.types import Document

PIECE = 192 * 1024  # bytes of a chunk
MOST_KEPT = 4 * 1024 * 1024  # bytes that wait for the other end; beyond them files are not read on
GOODBYE = 4.0  # seconds for the runner to end its commands
KILLED_AFTER = 2.0  # seconds for what is left of a runner that was killed
UNUSED = 3.0  # seconds without a link, of a keeper that nothing can have been given to
OLD = 60.0  # seconds
TICKS = 3  # notes that are sent in the seconds of silence that end a link
STREAMS = ("stdout", "stderr")
_AT_ONCE = 1 << 16
_LONGEST_GREETING = 64
_MANY = 1000  # lines that wait


class Keeper:
    """folder: ours alone; it is removed at the end. linger: seconds without a link. silence: seconds without a byte
    after which a link has ended."""

    def __init__(self, folder: str, words: list[str], linger: float, silence: float, descriptor: int = -1) -> None:
        self.folder, self.linger, self.silence = folder, linger, silence
        self.output = os.path.join(folder, "output")
        os.mkdir(self.output, 0o700)
        self.loop = EventLoop()
        self.mailbox = Mailbox()
        self.is_over = False
        self._outbox: collections.deque[Iterator[bytes]] = collections.deque()
        self._lock = locked(folder)  # for as long as we live: see remove_dead
        self._connection: socket.socket | None = None
        self._newcomer: socket.socket | None = None  # connected, and has not greeted
        self._lines, self._to_link = Lines(LARGEST), DocumentOutput(-1, shared=False)
        self._quiet = 0
        self._has_spoken = False  # a line went over a link
        self._watched = 0  # events of the connection
        self._alone: Timer | None = self.loop.after(max(linger, UNUSED), self.finish)
        self._listener = socket.socket(socket.AF_UNIX)
        self._runner = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[descriptor] if descriptor >= 0 else [],
            start_new_session=True,
            env={**os.environ, processes.VARIABLE: self._marker()},
        )
        assert self._runner.stdin and self._runner.stdout
        self._reads = DocumentInput(self._runner.stdout.fileno())
        os.set_blocking(self._runner.stdin.fileno(), False)
        self._writes = DocumentOutput(self._runner.stdin.fileno(), shared=False)
        self._waits_to_write = False
        self.loop.watch(self._reads.descriptor, select.EPOLLIN, self._runner_says)

    def serve(self) -> None:
        """Returns when all is over and removed."""
        remove_dead(self.folder)
        path = os.path.join(self.folder, "socket")
        self._listener.bind(path)
        self._listener.listen(4)
        self.loop.watch(self._listener.fileno(), select.EPOLLIN, self._accept)
        self._tick()
        self._flush()
        while not (self.is_over or self.loop.signalled):
            self.loop.turn()
            self._flush()
        if self._connection is not None:  # that it has our goodbye
            self._to_link.send_bytes(self.mailbox.note())
            self._flush()
        self._end_runner()
        self._drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def finish(self) -> None:
        self.is_over = True

    # -- the link

    def _accept(self, _events: int) -> None:
        """It is the link once it has greeted: until then the one that there is stays."""
        connection, _ = self._listener.accept()
        self._turn_away()
        connection.setblocking(False)
        self._newcomer = connection
        self.loop.watch(connection.fileno(), select.EPOLLIN, lambda events: self._greeting())

    def _turn_away(self) -> None:
        if self._newcomer is not None:
            self.loop.forget(self._newcomer.fileno())
            self._newcomer.close()
            self._newcomer = None

    def _greeting(self) -> None:
        found = self._newcomer
        assert found is not None
        try:
            data = found.recv(_AT_ONCE, socket.MSG_PEEK)
            first, end, _ = data.partition(b"\n")
            if not end and data and len(data) < _LONGEST_GREETING:
                return
            word, _, got = first.partition(b" ")
            if not end or word != b"hello" or not is_number(got):
                raise InvalidFrame("no greeting")
            frames = b"".join(self.mailbox.again(int(got)))
            found.recv(len(first) + 1)
        except (OSError, InvalidFrame):
            self._turn_away()
            return
        self.loop.forget(found.fileno())
        self._newcomer = None
        self._drop()
        self.loop.cancel(self._alone)
        self._connection, self._lines, self._quiet = found, Lines(LARGEST), 0
        self._to_link = DocumentOutput(found.fileno(), shared=False)
        self._to_link.send_bytes(b"hello %d %b\n" % (self.mailbox.got, os.fsencode(self.output)) + frames)
        self._has_spoken |= bool(frames)
        self._watch_link(select.EPOLLIN)

    def _drop(self) -> None:
        """The link has ended; another one may come."""
        if self._connection is None:
            return
        self._watch_link(0)
        self._connection.close()
        self._connection = None
        is_counted_on = self.mailbox.got or self._has_spoken  # it may have been given commands that are on their way
        self._alone = self.loop.after(self.linger if is_counted_on else UNUSED, self.finish)

    def _watch_link(self, events: int) -> None:
        assert self._connection is not None
        if events != self._watched:
            self.loop.forget(self._connection.fileno())
            self._watched = events
            if events:
                self.loop.watch(self._connection.fileno(), events, self._link_says)

    def _link_says(self, events: int) -> None:
        if self._connection is None:
            return
        try:
            if events & ~select.EPOLLOUT:
                data = self._connection.recv(_AT_ONCE)
                if not data:
                    self._drop()
                    return
                self._quiet = 0
                for line in self._lines.add(data):
                    self._line(line)
        except BlockingIOError:
            pass
        except (OSError, InvalidFrame):
            self._drop()

    def _line(self, line: bytes) -> None:
        text = self.mailbox.take(line)
        if text == b"end":
            self.finish()
        elif text and not self.is_over:
            self._writes.send_bytes(text + b"\n")

    def _tick(self) -> None:
        self._quiet += 1
        if self._connection is not None and self._quiet > TICKS:
            self._drop()
        if self._connection is not None:
            self._to_link.send_bytes(self.mailbox.note())
        self.loop.after(self.silence / TICKS, self._tick)

    # -- the runner

    def _runner_says(self, _events: int) -> None:
        for line in self._reads.read():
            is_full = self._connection is None or self.mailbox.kept > MOST_KEPT // 2 or len(self._outbox) > _MANY
            if is_full and line.startswith(b'{"tasker":1,"kind":"event","ok":true,"event":"output"'):
                continue  # it is for people who look at it now
            self._outbox.append(self._parts(line))
        if self._reads.ended:
            self.loop.forget(self._reads.descriptor)
            status = self._runner.wait()
            self._outbox.append(iter([b"ended it ended with status %d" % status]))

    def _parts(self, line: bytes) -> Iterator[bytes]:
        """The line, after the files that it names."""
        if line.startswith(b'{"tasker":1,"kind":"about"'):
            line = encode({**decode_json(line.decode()), **facts()})[:-1]
        if b'_file"' in line:
            doc = decode_json(line.decode())
            for stream in STREAMS:
                name = doc.get(f"{stream}_file")
                if isinstance(name, str) and "/" not in name:
                    try:
                        yield from self._chunks(str(doc.get("id")), stream, os.path.join(self.output, name))
                    except OSError as error:
                        del doc[f"{stream}_file"]
                        doc["lost"] = f"cannot read {stream} on its gateway: {(error.strerror or str(error)).lower()}"
                        line = encode(doc)[:-1]
        yield line

    def _chunks(self, identity: str, stream: str, path: str) -> Iterator[bytes]:
        with open(path, "rb") as file:
            os.unlink(path)
            while piece := file.read(PIECE):
                yield f"chunk {identity} {stream} ".encode() + base64.b64encode(piece)

    def _end_runner(self) -> None:
        """Its end of input makes it end its commands."""
        assert self._runner.stdin
        self._runner.stdin.close()
        try:
            self._runner.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            os.killpg(self._runner.pid, signal.SIGKILL)  # its session has its commands
            self._runner.wait()
        if self._runner.returncode < 0:  # it was killed, perhaps together with what would end its connections
            processes.end_attempts([self._marker()], grace=KILLED_AFTER)
            watchdog.remove_dead()

    def _marker(self) -> str:
        return f"{os.path.basename(self.folder)}:runner"

    # -- both

    def _flush(self) -> None:
        while self._outbox and self.mailbox.kept < MOST_KEPT:
            parts = self._outbox.popleft()
            line = next(parts, None)
            if line is None:
                continue
            if line.startswith(b"chunk "):
                self._outbox.append(parts)  # the results of others do not wait for a long stream
            else:
                self._outbox.appendleft(parts)
            frame = self.mailbox.post(line)
            if self._connection is not None:
                self._to_link.send_bytes(frame)
                self._has_spoken = True
        if self._writes.flush() is self._waits_to_write:
            self._waits_to_write = not self._waits_to_write
            if self._waits_to_write:
                self.loop.watch(self._writes.descriptor, select.EPOLLOUT, lambda events: None)
            else:
                self.loop.forget(self._writes.descriptor)
        if self._reads.ended and not self._outbox and not self.mailbox.kept:
            self.finish()  # all that it left is known
        if self._connection is None:
            return
        try:
            done = self._to_link.flush()
        except OSError:
            self._drop()
            return
        if self._to_link.broken:
            self._drop()
        else:
            self._watch_link(select.EPOLLIN if done else select.EPOLLIN | select.EPOLLOUT)


def facts() -> Document:
    """What this gateway is, for `tasker gateways`."""
    load = os.getloadavg()[0]
    return {"version": __version__, "python": platform.python_version(), "cores": os.cpu_count() or 1, "load": load}


def locked(folder: str) -> int:
    """A descriptor that has the lock of a folder. Raises BlockingIOError if another process has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def remove_dead(folder: str) -> None:
    """Remove the folders next to this one whose keepers were killed: those have no lock."""
    top, name = os.path.split(folder)
    for other in os.listdir(top):
        path = os.path.join(top, other)
        if other == name or not other.startswith(name.rpartition("-")[0] + "-"):
            continue
        try:
            found = os.lstat(path)
            # one that has just been made may not be locked yet
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > OLD:
                descriptor = locked(path)
                shutil.rmtree(path, ignore_errors=True)
                os.close(descriptor)
        except OSError:
            continue


def main(folder: str, leaf: str, linger: float, silence: float, descriptor: int) -> int:
    """descriptor: TASKER as one file, also the first place where modules are looked for."""
    words = [sys.executable, "-I", f"/proc/self/fd/{descriptor}", "runner", f"{leaf}.py", "--lines"]
    Keeper(folder, words, linger, silence, descriptor).serve()
    return 0
