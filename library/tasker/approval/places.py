"""Where the socket of a waiting driver is, and which of those that are found can be trusted.

In the folder of the configuration (`[approval] folder`: root's, sticky) each user has a folder of their own, named by
their uid, with a socket for each run that waits. Without it the socket is in the folder of the run, which is private.
A folder is opened once, checked, and used by its descriptor: what is at its path later has no effect.
"""

from __future__ import annotations

import os
import socket
import stat
import time

from tasker.approval.who import peer_uid
from tasker.system.trust import distrust_reason
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".approval"
OWN = "answers" + SUFFIX  # the socket in the folder of a run
MOST = 10_000  # entries of a folder that are looked at


class Untrusted(OSError):
    """A folder or a socket that another user has made, or could replace."""


class Place(NamedTuple):
    """A folder for a socket. private: can only its owner answer there?"""

    folder: str
    name: str
    private: bool

    @property
    def path(self) -> str:
        return os.path.join(self.folder, self.name)


def shared_place(folder: str, run: str, uid: int) -> Place:
    """Where a user's run has its socket, below the folder of the configuration."""
    return Place(os.path.join(folder, str(uid)), run + SUFFIX, False)


def own_place(run_folder: str) -> Place:
    """Where only the owner can answer."""
    return Place(run_folder, OWN, True)


def shared_folder_fault(folder: str) -> str:
    """Why the folder of the configuration cannot be used, or "": it has to be root's, and sticky where others write."""
    try:
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode):
            return f"'{folder}' is not a folder"
        if found.st_uid != 0:
            return f"'{folder}' belongs to user {found.st_uid}, not to root"
        if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            return f"'{folder}' is not sticky: chmod 1777"
        return distrust_reason(folder)
    except OSError as error:
        return f"'{folder}': {(error.strerror or str(error)).lower()}"


def make_folder(folder: str) -> int:
    """A descriptor of the user's own folder below the shared one, made if it is missing. Raises OSError, Untrusted
    where another user has made it."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    descriptor = open_folder(folder, os.geteuid())
    os.fchmod(descriptor, 0o755)  # whatever the umask: others reach the socket through it
    return descriptor


def open_folder(folder: str, uid: int) -> int:
    """A descriptor of a folder that belongs to this user, and that only they can change. Raises OSError, Untrusted."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(folder, flags)
    except NotADirectoryError:
        raise Untrusted(f"'{folder}' is not a folder: user {os.lstat(folder).st_uid} has put it there") from None
    found = os.fstat(descriptor)
    if found.st_uid != uid or found.st_mode & 0o022:
        os.close(descriptor)
        why = f"belongs to user {found.st_uid}" if found.st_uid != uid else "can be changed by others"
        raise Untrusted(f"'{folder}' is not the folder of user {uid}: it {why}")
    return descriptor


def through(descriptor: int, name: str) -> str:
    """A path to a name in an open folder: short enough for a socket, and not to be redirected."""
    return f"/proc/self/fd/{descriptor}/{name}"


def connect(place: Place, uid: int, seconds: float) -> socket.socket:
    """A connection to the socket there, whose folder, file and server are of this user. Raises OSError, Untrusted."""
    folder = open_folder(place.folder, uid)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found = os.stat(place.name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != uid:
            raise Untrusted(f"'{place.path}' is not a socket of user {uid}")
        made.settimeout(seconds)
        _connect(made, through(folder, place.name), time.monotonic() + seconds)
        if (server := peer_uid(made)) != uid:
            raise Untrusted(f"the program that listens at '{place.path}' is of user {server}, not of user {uid}")
        return made
    except BaseException:
        made.close()
        raise
    finally:
        os.close(folder)


def _connect(made: socket.socket, path: str, until: float) -> None:
    """Connect, also where the queue of the server is full now. Raises OSError."""
    while True:
        try:
            return made.connect(path)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.05)


def waiting_runs(folder: str) -> Iterator[tuple[int, str, str]]:
    """(uid, run, why it cannot be trusted or "") of each socket below the folder of the configuration. Raises OSError
    where it cannot be listed."""
    for user in sorted(os.listdir(folder))[:MOST]:
        if not user.isascii() or not user.isdigit() or str(int(user)) != user:
            continue
        uid, why, names = int(user), "", []
        path = os.path.join(folder, user)
        try:
            descriptor = open_folder(path, uid)
        except Untrusted as untrusted:
            why = str(untrusted)
            try:
                names = sorted(os.listdir(path))[:MOST]
            except OSError:
                continue
        except OSError:
            continue
        else:
            try:
                names = sorted(os.listdir(descriptor))[:MOST]
            finally:
                os.close(descriptor)
        yield from ((uid, name.removesuffix(SUFFIX), why) for name in names if name.endswith(SUFFIX))
