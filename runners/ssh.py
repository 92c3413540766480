#!/usr/bin/env python3
"""Run a command on another host over SSH, with the library paramiko: `pip install paramiko`.

Command line: none: the library paramiko sends the quoted words over SSH; needs `pip install paramiko`.
Connection test: logs in and runs `true`.

Its host key has to be known. Each host is logged in to once a run; commands are sessions of that connection
(docs/ssh.md). The remote shell has to be a POSIX shell: words are quoted for it.
A host may be user@host:port.
"""

from tasker.command import serve
from tasker.execution.ssh.request import SshBackend

COMMAND = ["ssh", "{hostname}", "{words:shell}"]  # as one would type it: no such program is started
CHECK = ["ssh", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, backend=SshBackend(), host="required", port=22))
