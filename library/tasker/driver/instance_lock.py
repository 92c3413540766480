"""One run at a time of a task file and project (`--instance-lock`).

The kernel holds the lock, so it ends with its holder. The file of a lock stays where it is: unlinking it would let two
runs hold two files of one name.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time

from tasker.driver.run_context import RunRefused
from tasker.protocol.exit_codes import LOCKED
from tasker.system import private_files
from tasker.system.digest import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.journal.run_list import RunEntry

_held = -1  # the descriptor of the lock that this process holds


def lock(base: str, file: str, project: str, run_folder: str = "") -> int:
    """Hold the lock of this file and project until this process ends; its descriptor. Raises OSError; RunRefused, with
    the holder, where another run has it, also one that is parked. run_folder: of the run that is resumed, or ""."""
    global _held
    path = os.path.join(private_files.private_folder(base, "locks"), _name(file, project))
    descriptor = private_files.open_own(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        what = f"'{file}'" + (f" of project '{project}'" if project else "")
        raise RunRefused(LOCKED, f"{what} is running already ({_holder(descriptor)}): nothing was executed") from None
    parked = _parked(descriptor)
    if parked and not (run_folder and os.path.realpath(parked) == os.path.realpath(run_folder)):
        what = f"'{file}'" + (f" of project '{project}'" if project else "")
        run = os.path.basename(parked)
        waits = "to be resumed" if _waits_to_be_resumed(parked) else "for an approval"
        raise RunRefused(LOCKED, f"{what} waits {waits} in run {run}: nothing was executed; resume that first")
    os.ftruncate(descriptor, 0)  # ours now: what it holds is of a run that has ended
    facts = {"pid": os.getpid(), "user": os.getuid(), "host": os.uname().nodename, "since": int(time.time())}
    private_files.write_all(descriptor, json.dumps(facts).encode() + b"\n", path)
    _held = descriptor
    return descriptor


def keep_for(run_folder: str) -> None:
    """The run that holds the lock is about to be parked: keep the lock for it by a record. Raises OSError."""
    if _held < 0:
        return
    doc = {"pid": os.getpid(), "user": os.getuid(), "host": os.uname().nodename, "since": int(time.time())}
    os.ftruncate(_held, 0)
    data = json.dumps({**doc, "parked": os.path.abspath(run_folder)}).encode() + b"\n"
    os.pwrite(_held, data, 0)
    os.fsync(_held)


def _parked(descriptor: int) -> str:
    """The folder of the run for which the lock is kept, if that is still parked; else ""."""
    try:
        folder = str(json.loads(os.pread(descriptor, 4096, 0)).get("parked", ""))
    except (OSError, ValueError, AttributeError):
        return ""
    if not folder:
        return ""
    return folder if _entry(folder).state == "parked" else ""


def _waits_to_be_resumed(folder: str) -> bool:
    return "waits to be resumed" in _entry(folder).reason


def _entry(folder: str) -> RunEntry:
    from tasker.journal.run_list import RunEntry  # here: few locks are kept like this

    return RunEntry(os.path.dirname(os.path.dirname(folder)), os.path.basename(folder))


def _name(file: str, project: str) -> str:
    """The name of the lock's file: the same for every way to write the path of the task file."""
    what = os.fsencode(os.path.realpath(file)) + b"\0" + (project or "").encode()
    return f"{sha256(what).hexdigest()[:32]}.lock"


def _holder(descriptor: int) -> str:
    """Who holds the lock, in words, as far as they have written it."""
    try:
        doc = json.loads(os.pread(descriptor, 4096, 0))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(doc["since"]))
        from tasker.system.login_names import user_text  # here: few runs find a lock taken

        return f"pid {doc['pid']}, {user_text(doc['user'], doc['host'])} on {doc['host']}, since {since}"
    except (OSError, ValueError, KeyError, TypeError):
        return "the lock does not say by whom"
