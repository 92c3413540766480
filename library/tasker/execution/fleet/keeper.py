"""The process on a gateway that outlives its link: it starts the runner there, and keeps what it says.

A relay connects to its socket, and says `hello GOT`; the answer is `hello GOT FOLDER`, and from then on frames go both
ways (mailbox.py). Lines to here are documents for the runner, or `end`. Lines from here are documents of the runner,
`chunk ID STREAM BASE64` for the streams of a result that are too long for it, before that result, or `ended WHY`.
"""

from __future__ import annotations

import base64
import collections
import os
import select
import shutil
import socket
import subprocess
import sys
import time

from tasker.execution.event_loop import EventLoop
from tasker.execution.fleet.mailbox import InvalidFrame, Lines, Mailbox
from tasker.protocol.document import LARGEST
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.text.json_codec import decode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.execution.event_loop import Timer

PIECE = 192 * 1024  # bytes of a chunk
MOST_KEPT = 4 * 1024 * 1024  # bytes that wait for the other end; beyond them files are not read on
GOODBYE = 4.0  # seconds for the runner to end its commands
OLD = 60.0  # seconds
TICKS = 3  # notes that are sent in the seconds of silence that end a link
STREAMS = ("stdout", "stderr")
_AT_ONCE = 1 << 16


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
        self._connection: socket.socket | None = None
        self._lines, self._to_link = Lines(LARGEST), DocumentOutput(-1, shared=False)
        self._greeted, self._quiet = False, 0
        self._alone: Timer | None = self.loop.after(linger, self.finish)
        self._listener = socket.socket(socket.AF_UNIX)
        self._runner = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[descriptor] if descriptor >= 0 else [],
            start_new_session=True,
        )
        assert self._runner.stdin and self._runner.stdout
        self._reads = DocumentInput(self._runner.stdout.fileno())
        os.set_blocking(self._runner.stdin.fileno(), False)
        self._writes = DocumentOutput(self._runner.stdin.fileno(), shared=False)
        self.loop.watch(self._reads.descriptor, select.EPOLLIN, self._runner_says)

    def serve(self) -> None:
        """Returns when all is over and removed."""
        remove_dead(self.folder)
        path = os.path.join(self.folder, "socket")
        self._listener.bind(path)
        self._listener.listen(4)
        self.loop.watch(self._listener.fileno(), select.EPOLLIN, self._accept)
        self._tick()
        while not (self.is_over or self.loop.signalled):
            self._flush()
            self.loop.turn()
        self._end_runner()
        self._drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def finish(self) -> None:
        self.is_over = True

    # -- the link

    def _accept(self, _events: int) -> None:
        connection, _ = self._listener.accept()
        self._drop()
        connection.setblocking(False)
        self._connection, self._lines, self._greeted, self._quiet = connection, Lines(LARGEST), False, 0
        self._to_link = DocumentOutput(connection.fileno(), shared=False)
        self.loop.cancel(self._alone)
        self.loop.watch(connection.fileno(), select.EPOLLIN, self._link_says)

    def _drop(self) -> None:
        """The link has ended; another one may come."""
        if self._connection is None:
            return
        self.loop.forget(self._connection.fileno())
        self._connection.close()
        self._connection = None
        self._alone = self.loop.after(self.linger, self.finish)

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
        except (OSError, InvalidFrame, ValueError):
            self._drop()

    def _line(self, line: bytes) -> None:
        if not self._greeted:
            word, got = line.split(b" ")
            frames = b"".join(self.mailbox.again(int(got)))
            self._greeted = word == b"hello"
            self._to_link.send_bytes(b"hello %d %b\n" % (self.mailbox.got, os.fsencode(self.output)) + frames)
            return
        text = self.mailbox.take(line)
        if text == b"end":
            self.finish()
        elif text:
            self._writes.send_bytes(text + b"\n")

    def _tick(self) -> None:
        self._quiet += 1
        if self._connection is not None and self._quiet > TICKS:
            self._drop()
        if self._greeted and self._connection is not None:
            self._to_link.send_bytes(self.mailbox.note())
        self.loop.after(self.silence / TICKS, self._tick)

    # -- the runner

    def _runner_says(self, _events: int) -> None:
        for line in self._reads.read():
            if self._connection is None and line.startswith(b'{"tasker":1,"kind":"event","ok":true,"event":"output"'):
                continue  # it is for people who look at it now
            self._outbox.append(self._parts(line))
        if self._reads.ended:
            self.loop.forget(self._reads.descriptor)
            status = self._runner.wait()
            self._outbox.append(iter([b"ended it ended with status %d" % status]))

    def _parts(self, line: bytes) -> Iterator[bytes]:
        """The line, after the files that it names."""
        if b'_file"' in line:
            doc = decode_json(line.decode())
            for stream in STREAMS:
                name = doc.get(f"{stream}_file")
                if isinstance(name, str) and "/" not in name:
                    yield from self._chunks(str(doc.get("id")), stream, os.path.join(self.output, name))
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
            self._runner.kill()
            self._runner.wait()

    # -- both

    def _flush(self) -> None:
        while self._outbox and self.mailbox.kept < MOST_KEPT:
            line = next(self._outbox[0], None)
            if line is None:
                self._outbox.popleft()
                continue
            frame = self.mailbox.post(line)
            if self._connection is not None and self._greeted:
                self._to_link.send_bytes(frame)
        if not self._writes.flush():
            self.loop.watch(self._writes.descriptor, select.EPOLLOUT, lambda events: None)
        else:
            self.loop.forget(self._writes.descriptor)
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
            self._want(select.EPOLLIN if done else select.EPOLLIN | select.EPOLLOUT)

    def _want(self, events: int) -> None:
        assert self._connection is not None
        self.loop.forget(self._connection.fileno())
        self.loop.watch(self._connection.fileno(), events, self._link_says)


def remove_dead(folder: str) -> None:
    """Remove the folders next to this one whose keepers were killed: their sockets refuse."""
    top, name = os.path.split(folder)
    for other in os.listdir(top):
        path = os.path.join(top, other)
        if other == name or not other.startswith(name.rpartition("-")[0] + "-"):
            continue
        try:
            if time.time() - os.lstat(path).st_mtime > OLD:  # one that has just been made may not listen yet
                with socket.socket(socket.AF_UNIX) as found:
                    found.connect(os.path.join(path, "socket"))
        except ConnectionRefusedError:
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue


def main(folder: str, leaf: str, linger: float, silence: float, descriptor: int) -> int:
    """descriptor: TASKER as one file, also the first place where modules are looked for."""
    words = [sys.executable, "-I", f"/proc/self/fd/{descriptor}", "runner", f"{leaf}.py", "--lines"]
    Keeper(folder, words, linger, silence, descriptor).serve()
    return 0
