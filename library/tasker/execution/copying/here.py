"""The program that copies files on this machine, for exec=local: a request's `copy` on stdin, its result in words."""

from __future__ import annotations

import json
import os
import signal
import sys

from tasker.execution.copying.copier import Copier
from tasker.execution.copying.local_tree import LocalTree
from tasker.execution.copying.specification import CopyFault, specification_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from tasker.protocol.types import Document

# the interpreter that runs us, isolated; {} is where this package is, a folder or the archive
START = "import sys; sys.path.insert(0, {!r}); from tasker.execution.copying.here import main; main()"


def main() -> None:
    """Copy, print `changed` or `unchanged`, and leave; what was copied, and why it was not, go to stderr."""
    signal.signal(signal.SIGTERM, _leave)
    asked = json.loads(sys.stdin.buffer.read())
    if "become" in asked:
        return _copy_as_another_user(asked)
    copier = Copier(specification_of(asked["copy"], asked["token"]), LocalTree(), LocalTree())
    try:
        changed = copier.run()
    except CopyFault as fault:
        _end(f"{fault}\n", "", 1)
    except OSError as error:  # none is expected here, and half a traceback helps less than this line
        _end(f"{error}\n", "", 1)
    _end(copier.summary() + "\n", "changed\n" if changed else "unchanged\n", 0)


def _copy_as_another_user(asked: Document) -> None:
    """The same, through an SFTP server of that user."""
    from tasker.execution.become.sudo_here import copy_through_sudo  # here: few copies are done as another user

    done = copy_through_sudo(asked["copy"], asked["token"], asked["become"]["user"], asked["become"]["source"])
    _end(done.stderr.decode("utf-8", "backslashreplace"), done.stdout.decode(), done.code)


def _end(errors: str, output: str, code: int) -> None:
    os.write(2, errors.encode("utf-8", "backslashreplace"))
    os.write(1, output.encode())
    sys.exit(code)


def _leave(number: int, _frame: FrameType | None) -> None:
    """Leave through the `except` clauses, which remove the new file."""
    sys.exit(128 + number)
