"""A process that ends our masters when we have been killed before we could; a folder for their sockets.

It is forked from the runner, which has no thread: it costs a millisecond once a run, and needs nothing started.
"""

import contextlib
import os
import signal

from tasker.system import processes

_LONGEST = 70  # bytes of the folder: with what ssh adds for a moment, a socket's path may have 104
_DONE = b"done"


class Watchdog:
    """folder: private, for this run. `watch` each master; `close` when all of them are gone."""

    def __init__(self):
        self.folder = _private_folder()
        reader, self._writer = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                os.dup2(reader, 0)
                _be(self.folder)
            finally:
                os._exit(0)
        os.close(reader)

    def watch(self, marker: str) -> None:
        with contextlib.suppress(OSError):  # somebody has ended the guard: then there is none
            os.write(self._writer, marker.encode() + b" ")

    def close(self) -> None:
        _remove(self.folder)
        with contextlib.suppress(OSError):
            os.write(self._writer, _DONE)
        os.close(self._writer)
        with contextlib.suppress(OSError):
            os.waitpid(self._pid, 0)


def _be(folder):
    """Wait until the runner has gone, however it went. Descriptor 0 is the pipe; nothing else of the runner is kept."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    os.closerange(1, os.sysconf("SC_OPEN_MAX"))
    told = b""
    while piece := os.read(0, 65536):
        told += piece
    if not told.endswith(_DONE):
        processes.end_attempts(told.decode().split(), grace=1.0)
        _remove(folder)


def _private_folder():
    for base in (os.environ.get("TMPDIR", ""), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"):
        path = f"{base}/tasker-ssh-{os.urandom(6).hex()}"
        if base.startswith("/") and len(path.encode()) <= _LONGEST and not set('%"~ ') & set(path):
            with contextlib.suppress(OSError):
                os.mkdir(path, 0o700)
                return path
    raise OSError("no folder for the sockets of ssh: neither TMPDIR nor /tmp can be written")


def _remove(folder):
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
