#!/usr/bin/env python3
"""Run a command on another host through the system's ssh.

Command line: `ssh -- HOST "COMMAND ARGUMENTS…"`, one argument, each word quoted for the remote shell; one connection
per host.
Connection test: `ssh -- HOST true`.

The user's own configuration counts. Each host is logged in to once a run; commands are sessions of that connection
(docs/openssh.md). The remote shell has to be a POSIX shell: words are quoted for it.
A host may be user@host:port.
"""

from tasker.command import serve
from tasker.execution.openssh.request import OpensshBackend

COMMAND = ["ssh", "--", "{hostname}", "{words:shell}"]
CHECK = ["ssh", "--", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, backend=OpensshBackend(), host="required", port=22))
