"""The public face for runners: a command line, and all that a runner has to do comes with it.

`serve(COMMAND, CHECK)` receives requests, starts what the template COMMAND makes of them (CHECK for a connection test),
many at once, and answers each with a result (docs/PROTOCOL.md). A program that has several names is a tuple of them in
the template: the first that is installed is used.
"""

from __future__ import annotations

import os
import sys

from tasker.execution.request_server import serve_runner
from tasker.execution.template_runner import TemplateRunner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tasker.execution.executor import Backend
    from tasker.execution.template_runner import Words


def serve(
    command: Sequence[Words],
    check: Sequence[Words] | None = None,
    arguments: Sequence[str] | None = None,
    backend: Backend[Any] | None = None,  # Any: its attempts go to its own executor
    host: str = "required",
    port: int | None = None,
) -> int:
    """Be the runner of the calling file. Returns the exit status.

    arguments: of the command line, by default our own. backend: what runs the commands, by default processes here.
    host: "none" if commands run on this machine, "optional" if a task may name a host, or "required".
    port: where the hosts listen, to test whether they answer.
    """
    # the caller's file, since argv[0] is the launcher's when a stage is started by its name
    name = os.path.splitext(os.path.basename(sys._getframe(1).f_globals["__file__"]))[0]
    return serve_runner(TemplateRunner(name, command, check, backend, host, port), arguments)
