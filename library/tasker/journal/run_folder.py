"""The folders of runs: making, finding and trusting them."""

import errno
import fcntl
import os
import stat
import time

from tasker.journal.format import NAME, Unreadable
from tasker.system.digest import sha256
from tasker.system.private_files import private_folder
from tasker.text.lazy_regex import Pattern

_IDENTITY = Pattern(r"[0-9A-Za-z_]{1,64}")
_TAIL = 1024  # bytes: more than the last record of a finished run has
LAST = "last"  # what stands for the newest run; ids begin with a digit


def new_run(base):
    """(run id, its folder): a new folder under runs/, with `output` in it."""
    runs = private_folder(base, "runs")
    while True:
        identity = f"{time.strftime('%Y%m%d_%H%M%S')}_{os.urandom(3).hex()}"
        path = os.path.join(runs, identity)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        os.chmod(path, 0o700)  # whatever the umask
        private_folder(path, "output")
        return identity, path


def list_run_ids(base):
    """The ids of the runs below a folder, the oldest first."""
    try:
        names = os.listdir(os.path.join(base, "runs"))
    except OSError:
        return []
    return sorted(name for name in names if _IDENTITY.fullmatch(name) and os.path.exists(journal_path(base, name)))


def journal_path(base, run):
    """Where the journal of a run is."""
    return os.path.join(base, "runs", run, NAME)


def run_folder_of(base, word):
    """The folder of the run that a person means: by its id, the beginning of it, a path, or `last` for the newest.
    Raises Unreadable."""
    if os.sep in word:
        folder = os.path.abspath(word.removesuffix(NAME))
        if os.path.exists(os.path.join(folder, NAME)):
            return folder
        raise Unreadable(f"there is no journal in '{folder}'")
    known = list_run_ids(base)
    if word == LAST and known:
        return os.path.join(base, "runs", known[-1])
    meant = [word] if word in known else [run for run in known if run.startswith(word)]
    if len(meant) > 1:
        raise Unreadable(f"'{word}' can mean {len(meant)} runs, from {meant[0]} to {meant[-1]}")
    if not meant or not word:
        raise Unreadable(f"there is no run '{word}' in '{os.path.join(base, 'runs')}'; tasker runs lists them")
    return os.path.join(base, "runs", meant[0])


def open_journal(folder, write=False):
    """A descriptor of the journal in a folder, which has to be a file of the user's own. Raises OSError."""
    flags = (os.O_RDWR | os.O_APPEND) if write else os.O_RDONLY
    descriptor = os.open(os.path.join(folder, NAME), flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.getuid()) or (write and found.st_nlink != 1):
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "its journal is no file of yours")
    return descriptor


def require_private(folder):
    """Raises OSError where somebody else could put a journal, or output, into the folder of a run."""
    found = os.lstat(folder)
    if stat.S_ISLNK(found.st_mode):
        raise PermissionError(errno.EPERM, "its folder is a symbolic link", folder)
    if found.st_uid not in (0, os.getuid()) or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "somebody else may change its folder", folder)


def is_closed(folder):
    """Does the last record say that there is nothing to go on with? Cheap: nothing else is read."""
    try:
        descriptor = open_journal(folder)
    except OSError:
        return False
    try:
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, _TAIL, max(0, size - _TAIL))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    body, _, end = tail[tail.rfind(b"\n", 0, -1) + 1 :].rpartition(b',"hash":"')
    says = b'"what":"closed","doc":{"finished":true}' in body
    return says and end == sha256(body).hexdigest().encode() + b'"}\n'


def is_running(folder):
    """Does somebody drive this run now? The kernel knows: the journal is locked as long as they live."""
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
