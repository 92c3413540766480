"""What execnet executes on a gateway: it starts a keeper, or finds the one of before, and carries bytes to and from it.

Nothing of TASKER can be imported here: only this text is sent. Any Python from 3.8 on has to read it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from importlib.util import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Channel(Protocol):
        """Of execnet, which puts one here as `channel`."""

        def receive(self) -> tuple[str, bytes | None, str, float, float]: ...
        def send(self, data: bytes, /) -> None: ...
        def setcallback(self, call: Callable[[bytes | None], object], endmarker: None) -> None: ...

    channel: Channel

START = (
    "import sys; sys.path.insert(0, '/proc/self/fd/%d'); from tasker.execution.fleet.keeper import main; "
    "raise SystemExit(main(%r, %r, %r, %r, %r))"
)
PATIENCE = 20.0  # seconds for a keeper to listen
AT_ONCE = 65536
LONGEST = 99  # bytes of a folder: the path of a socket in it may have 107


def folders_of(token: str) -> list[str]:
    """Where the folder of a keeper can be, the best first. It is private, and its name cannot be guessed.

    No place is tried by writing there, as tempfile does: a disk that has become full would hide the folder.
    """
    places = [os.environ.get("XDG_RUNTIME_DIR", ""), os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp"]
    made = [os.path.join(at, f"tasker-fleet-{os.getuid()}-{token}") for at in places if at.startswith("/")]
    return [path for path in made if len(os.fsencode(path)) <= LONGEST]


def make_folder(folders: list[str]) -> str:
    """The first that can be made. Raises OSError."""
    error = OSError("no folder for it")
    for folder in folders:
        try:
            os.mkdir(folder, 0o700)
            return folder
        except OSError as one:
            error = one
    raise error


def start(folder: str, program: bytes, leaf: str, linger: float, silence: float) -> subprocess.Popen[bytes]:
    """Start a keeper. program: TASKER as one file, compressed; it is never written to a disk."""
    descriptor = os.memfd_create("tasker", 0)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(zlib.decompress(program))
    os.fchmod(descriptor, 0o500)
    text = START % (descriptor, folder, leaf, linger, silence, descriptor)
    with open(os.path.join(folder, "errors"), "wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[descriptor],
            start_new_session=True,
            cwd="/",
        )


def connect(folder: str, keeper: subprocess.Popen[bytes] | None) -> socket.socket | None:
    """A connection to the keeper, or None. keeper: its process, if we have started it."""
    until = time.monotonic() + (PATIENCE if keeper else 0.0)
    while True:
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(os.path.join(folder, "socket"))
            return made
        except OSError:
            made.close()
        if time.monotonic() >= until or keeper is None or keeper.poll() is not None:
            return None
        time.sleep(0.01)


def last_words(folder: str) -> bytes:
    try:
        with open(os.path.join(folder, "errors"), "rb") as file:
            return file.read(4000).strip().split(b"\n")[-1][:300]
    except OSError as error:
        return str(error).encode("utf-8", "replace")


def end_in_silence(silence: float) -> Callable[[], None]:
    """To be called whenever something has come. Without that for longer than `silence`, this process ends: sshd does
    not end it when the network is cut without a word."""
    last = [time.monotonic()]

    def watch() -> None:
        while time.monotonic() < last[0] + silence * 1.5:
            time.sleep(silence / 2)
        os._exit(1)  # a thread may be stuck in a write

    threading.Thread(target=watch, daemon=True).start()
    return lambda: last.__setitem__(0, time.monotonic())


def main(channel: Channel) -> None:
    channel.send(MAGIC_NUMBER)  # the byte code that Python here can read
    token, program, leaf, linger, silence = channel.receive()
    if sys.version_info < (3, 11):  # noqa: UP036 # this runs where an older Python may be
        channel.send(b"no Python there is %d.%d; 3.11 or later is needed\n" % sys.version_info[:2])
        return
    folders, keeper = folders_of(token), None
    folder = next(filter(os.path.isdir, folders), "")
    try:
        if program:
            folder = make_folder(folders)
            keeper = start(folder, program, leaf, linger, silence)
    except (OSError, AttributeError, zlib.error) as error:
        channel.send(b"no " + str(error).replace("\n", " ").encode("utf-8", "replace") + b"\n")
        return
    found = connect(folder, keeper) if folder else None
    if found is None:
        channel.send(b"no " + last_words(folder) + b"\n" if program else b"gone\n")
        return

    came = end_in_silence(silence)

    def to_keeper(data: bytes | None) -> None:
        came()
        try:
            if data is None:  # the link has ended
                found.shutdown(socket.SHUT_RDWR)
            else:
                found.sendall(data)
        except OSError:
            pass

    channel.setcallback(to_keeper, endmarker=None)
    try:
        while True:
            data = found.recv(AT_ONCE)
            if not data:
                break
            channel.send(data)
    except (OSError, EOFError):
        pass
    found.close()


if __name__ == "__channelexec__":
    main(channel)  # noqa: F821 # execnet puts it there
