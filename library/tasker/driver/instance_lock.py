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


def lock(base: str, file: str, project: str) -> int:
    """Hold the lock of this file and project until this process ends; its descriptor. Raises OSError; RunRefused, with
    the holder, where another run has it."""
    path = os.path.join(private_files.private_folder(base, "locks"), _name(file, project))
    descriptor = private_files.open_own(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        what = f"'{file}'" + (f" of project '{project}'" if project else "")
        raise RunRefused(LOCKED, f"{what} is running already ({_holder(descriptor)}): nothing was executed") from None
    os.ftruncate(descriptor, 0)  # ours now: what it holds is of a run that has ended
    facts = {"pid": os.getpid(), "user": os.getuid(), "host": os.uname().nodename, "since": int(time.time())}
    private_files.write_all(descriptor, json.dumps(facts).encode() + b"\n", path)
    return descriptor


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
