"""A process that ends our masters if we are killed before we could; and the private directory for their sockets.

It is forked from the runner, which has no thread: that takes a millisecond once a run, and no new program.
"""

from __future__ import annotations

import contextlib
import os
import signal

from tasker.system import processes

_LONGEST = 70  # bytes of its path: a socket's may have 104, with what ssh adds for a moment
_DONE = b"done"


class Watchdog:
    """folder: the directory, for this run. `watch` each master; `close` when all of them are gone. Raises OSError."""

    def __init__(self) -> None:
        self.folder = _private_folder()
        reader, self._writer = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                os.dup2(reader, 0)
                _stand_guard(self.folder)
            finally:
                os._exit(0)
        os.close(reader)

    def watch(self, marker: str) -> None:
        with contextlib.suppress(OSError):  # the watchdog was ended from outside
            os.write(self._writer, marker.encode() + b" ")

    def close(self) -> None:
        _remove(self.folder)
        with contextlib.suppress(OSError):
            os.write(self._writer, _DONE)
        os.close(self._writer)
        with contextlib.suppress(OSError):
            os.waitpid(self._pid, 0)


def _stand_guard(folder: str) -> None:
    """Wait until the runner has ended, in whatever way. Descriptor 0 is the pipe; all others are closed."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    os.closerange(1, os.sysconf("SC_OPEN_MAX"))
    markers = b""
    while piece := os.read(0, 65536):
        markers += piece
    if not markers.endswith(_DONE):
        processes.end_attempts(markers.decode().split(), grace=1.0)
        _remove(folder)


def _private_folder() -> str:
    for base in (os.environ.get("TMPDIR", ""), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"):
        path = f"{base}/tasker-ssh-{os.urandom(6).hex()}"
        if base.startswith("/") and len(path.encode()) <= _LONGEST and not set('%"~ ') & set(path):
            with contextlib.suppress(OSError):
                os.mkdir(path, 0o700)
                return path
    raise OSError("no directory for the sockets of ssh: neither TMPDIR nor /tmp can be written")


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
