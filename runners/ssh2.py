#!/usr/bin/env python3
"""Run a command on another host over SSH, with the library libssh2: `pip install ssh2-python`.

Command line: none: libssh2 sends the quoted words over SSH; needs `pip install ssh2-python`.
Connection test: logs in and runs `true`.

It is `ssh` (runners/ssh.py) with less CPU for each host. What libssh2 cannot do (certificates, keys of an agent, keys
with a passphrase, jump hosts, very long commands) goes over `ssh`, unless the option `fallback` is false (docs/ssh.md).
The remote shell has to be a POSIX shell: words are quoted for it.
A host may be user@host:port.
"""

from tasker.command import serve
from tasker.execution.ssh2.request import Ssh2Backend

COMMAND = ["ssh", "{hostname}", "{words:shell}"]  # as one would type it: no such program is started
CHECK = ["ssh", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve(COMMAND, CHECK, backend=Ssh2Backend(), host="required", port=22))
