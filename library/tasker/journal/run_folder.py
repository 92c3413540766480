"""The folders of runs: creating, finding and trusting them."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time

from tasker.journal.format import (
    BEGINNING_SIZE,
    NAME,
    OUTPUT,
    Unreadable,
    time_of_beginning,
)
from tasker.system.private_files import private_folder
from tasker.system.trust import is_own, require_trust
from tasker.text.lazy_regex import Pattern

_IDENTITY = Pattern(r"[0-9A-Za-z_]{1,64}")
LAST = "last"  # what stands for the newest run; ids begin with a digit


def new_run(base: str) -> tuple[str, str]:
    """(run id, its folder): a new folder below runs/, with `output` in it. Raises OSError."""
    while True:
        identity, path = free_run(base)
        try:
            make_run(path)
        except FileExistsError:
            continue
        return identity, path


def free_run(base: str) -> tuple[str, str]:
    """(run id, its folder) of a run that is not there. Raises OSError."""
    runs = private_folder(base, "runs", kept=True)
    while True:
        identity = f"{time.strftime('%Y%m%d_%H%M%S')}_{os.urandom(3).hex()}"
        path = os.path.join(runs, identity)
        if not os.path.lexists(path):
            return identity, path


def make_run(path: str) -> None:
    """Make the folder of a run, with `output` in it. Raises OSError."""
    os.mkdir(path, 0o700)
    os.chmod(path, 0o700)  # whatever the umask
    private_folder(path, OUTPUT)


def list_run_ids(base: str) -> list[str]:
    """The ids of the runs below a folder, the oldest first: by the time in the first record of each.

    The names do not tell: two runs can begin within a second, and clocks of people are set back. Of equal times the
    name decides. Raises Unreadable if the folder cannot be listed: none of its runs may be overlooked.
    """
    beginnings = [(_began(f"{base}/runs/{run}"), run) for run in _names_of_runs(base)]
    return [run for began, run in sorted(one for one in beginnings if one[0] is not None)]


def _run_ids(base: str) -> list[str]:
    return [name for name in _names_of_runs(base) if os.path.lexists(journal_path(base, name))]


def _names_of_runs(base: str) -> list[str]:
    """The names below a folder that can be those of runs. Raises Unreadable."""
    path = os.path.join(base, "runs")
    try:
        names = os.listdir(path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unreadable(f"cannot list '{path}': {error.strerror}") from None
    return list(filter(_IDENTITY.fullmatch, names))


def _began(folder: str) -> float | None:
    """When a run began; without a first record, when its journal was changed last. None where there is no journal."""
    try:
        descriptor = open_journal(folder)
    except (FileNotFoundError, NotADirectoryError):
        return 0.0 if os.path.lexists(os.path.join(folder, NAME)) else None
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):  # then the newest run is not known
            raise Unreadable(f"cannot read '{os.path.join(folder, NAME)}': {error.strerror}") from None
        return 0.0
    try:
        began = time_of_beginning(os.pread(descriptor, BEGINNING_SIZE, 0))
        return os.fstat(descriptor).st_mtime if began is None else began
    except OSError:
        return 0.0
    finally:
        os.close(descriptor)


def journal_path(base: str, run: str) -> str:
    """Where the journal of a run is."""
    return os.path.join(base, "runs", run, NAME)


def run_folder_of(base: str, word: str) -> str:
    """The folder of the run that a person means: by its id, the beginning of it, a path, or `last` for the newest.
    Raises Unreadable."""
    if os.sep in word:
        folder = os.path.abspath(word.removesuffix(NAME))
        if os.path.exists(os.path.join(folder, NAME)):
            return folder
        raise Unreadable(f"there is no journal in '{folder}'")
    if word == LAST and (known := list_run_ids(base)):
        return os.path.join(base, "runs", known[-1])
    names = _run_ids(base)
    meant = [word] if word in names else [run for run in names if run.startswith(word)]
    if len(meant) > 1:
        raise Unreadable(f"'{word}' can mean {len(meant)} runs, from {min(meant)} to {max(meant)}")
    if not meant or not word:
        raise Unreadable(f"there is no run '{word}' in '{os.path.join(base, 'runs')}'; tasker runs lists them")
    return os.path.join(base, "runs", meant[0])


def open_journal(folder: str, write: bool = False) -> int:
    """A descriptor of the journal in a folder, which has to be a regular file of the user's own. Raises OSError."""
    flags = (os.O_RDWR | os.O_APPEND) if write else os.O_RDONLY
    descriptor = os.open(os.path.join(folder, NAME), flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or not is_own(found) or (write and found.st_nlink != 1):
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "its journal is not a file of yours")
    return descriptor


def require_private(folder: str) -> None:
    """Raises OSError if another user could put a journal, or output, into the folder of a run."""
    if os.path.islink(folder):
        raise PermissionError(errno.EPERM, "its folder is a symbolic link", folder)
    require_trust(os.path.join(folder, NAME), missing=True, shared=False)


def is_running(folder: str) -> bool:
    """Does a process drive this run now? The kernel knows: the journal is locked as long as that process lives."""
    try:
        descriptor = open_journal(folder)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)
