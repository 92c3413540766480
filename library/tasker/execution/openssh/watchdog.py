"""A process that ends our masters if we are killed before we could; and the private directory for their sockets.

It is forked from the runner, which has no thread: that takes a millisecond once a run, and no new program.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal

from tasker.system import processes

_LONGEST = 70  # bytes of its path: a socket's may have 104, with what ssh adds for a moment
_DONE = b"done"
_NAME, _LOCK = "tasker-ssh-", "lock"  # the lock is held for as long as the runner lives


class Watchdog:
    """folder: the directory, for this run. `watch` each master; `close` when all of them are gone. Raises OSError."""

    def __init__(self) -> None:
        self.folder = _private_folder()
        try:
            self._lock = _lock(self.folder)
        except OSError:
            _remove(self.folder)
            raise
        remove_dead()
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
        os.close(self._lock)
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


def remove_dead() -> None:
    """Remove the directories whose runners were killed together with their watchdogs."""
    for base in {base for base in _bases() if base.startswith("/")}:
        with contextlib.suppress(OSError):
            for name in os.listdir(base):
                if name.startswith(_NAME) and _is_dead(path := os.path.join(base, name)):
                    _remove(path)


def _bases() -> tuple[str, ...]:
    return os.environ.get("TMPDIR", ""), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"


def _private_folder() -> str:
    for base in _bases():
        path = f"{base}/{_NAME}{os.urandom(6).hex()}"
        if base.startswith("/") and len(path.encode()) <= _LONGEST and not set('%"~ ') & set(path):
            with contextlib.suppress(OSError):
                os.mkdir(path, 0o700)
                return path
    raise OSError("no directory for the sockets of ssh: neither TMPDIR nor /tmp can be written")


def _lock(folder: str) -> int:
    """A descriptor with the lock of a new directory, which is not seen before it is locked."""
    path = os.path.join(folder, _LOCK)
    descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.rename(f"{path}.new", path)
    return descriptor


def _is_dead(folder: str) -> bool:
    try:
        if os.lstat(folder).st_uid != os.getuid():
            return False
        descriptor = os.open(os.path.join(folder, _LOCK), os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # none: of another version, or new
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
