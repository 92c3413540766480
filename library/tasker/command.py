"""The skeleton of a runner that is only a command line: it says how to start the client, this does the rest.

`serve(COMMAND, CHECK)` takes requests, starts what the template COMMAND makes of them (CHECK for a connection test),
many at once, and answers each with a result (docs/PROTOCOL.md). A program that goes by several names is a tuple of
them in the template: the first that is installed is used.
"""

import os
import sys

from tasker.execution.local.supervisor import Supervisor
from tasker.execution.request_server import serve_runner
from tasker.execution.template_runner import TemplateRunner


def serve(
    command, check=None, arguments=None, runner=TemplateRunner, over=Supervisor, host="required", port=None
) -> int:
    """Be the runner of the calling file. Returns the exit status.

    runner: makes attempts of requests. over: runs these attempts. host: "none" where commands run on this machine, and
    "optional" where they may; else each task needs a host. port: where the far side listens, to test whether it answers.
    """
    # the caller's file, since argv[0] is the launcher's when a stage is started by its name
    name = os.path.splitext(os.path.basename(sys._getframe(1).f_globals["__file__"]))[0]
    return serve_runner(runner(name, command, check, host, port), arguments, over)
